"""Names: units with codes and short names, homonyms by the plan's area, paths, suggestions."""

from __future__ import annotations

from typing import Any

import pytest

import regionmap as rm
from regionmap.places.gazetteer import fold


def one(region: Any, name: str, area: str = "") -> Any:
    (entry,) = region.gazetteer.find(name, area=area)
    return entry


def test_a_unit_by_name_short_name_and_code(region: Any) -> None:
    assert {one(region, name).unit for name in ("海城市", "海城", "210381", "Haicheng")} == {"210381"}
    assert one(region, "沈阳").kind == "city" and one(region, "辽宁").kind == "province"


@pytest.mark.parametrize(
    ("name", "area", "unit"),
    [
        ("铁西区", "210100", "210106"),
        ("铁西区", "210381", "210303"),  # a county's homonyms are looked for in its city next
        ("海州区", "210900", "210902"),
        ("海州管理区", "210381", "210381"),
        ("清河区", "211200", "211204"),
    ],
)
def test_homonyms_are_resolved_by_the_area(region: Any, name: str, area: str, unit: str) -> None:
    assert one(region, name, area).unit == unit


def test_a_homonym_without_an_area_is_a_fault_that_lists_both(region: Any) -> None:
    with pytest.raises(rm.errors.ExpressionError) as error:
        region.locate("铁西区")
    assert set(error.value.suggestions) == {"沈阳市/铁西区 (210106)", "鞍山市/铁西区 (210303)"}
    assert region.locate("鞍山市/铁西区")["accuracy_m"].iloc[0] == region.boundaries.accuracy_m


def test_two_taipingwan(region: Any) -> None:
    west = region.locate("瓦房店市/太平湾").geometry.iloc[0]
    assert region.gazetteer.locate_unit(west.x, west.y, offshore_m=3000).name == "瓦房店市"
    east = [e for e in region.gazetteer.find("太平湾", area="210600") if e.unit.startswith("2106")]
    assert east, "Dandong has a 太平湾 of its own"


def test_width_case_and_dashes_do_not_matter() -> None:
    assert fold("铁岭—淮安产业园区") == fold("铁岭-淮安产业园区") == fold("铁岭－淮安产业园区")
    assert fold("ＡＢＣ(1)") == "abc(1)"
    for text in ("İstanbul", "ß—·", "营口(鲅鱼圈)"):
        assert len(fold(text)) == len(text)


def test_suggestions_carry_their_unit(region: Any) -> None:
    with pytest.raises(rm.errors.ExpressionError) as error:
        region.locate("海城市/西流镇")
    assert error.value.position == 4 and error.value.word == "西流镇"
    assert error.value.suggestions[0] == "海城市/西柳镇"


def test_a_point_offshore_belongs_to_the_nearest_county(region: Any) -> None:
    locate = region.gazetteer.locate_unit
    assert locate(122.74, 40.85).name == "海城市"
    assert locate(121.0, 39.9) is None
    assert locate(121.0, 39.9, offshore_m=100_000) is not None
