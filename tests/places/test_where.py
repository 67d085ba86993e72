"""What expressions become: operators and their laws, lines along the network, stretches, within, faults."""

from __future__ import annotations

import itertools
import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from conftest import RECORDS, write_region
from hypothesis import given, settings
from hypothesis import strategies as st
from made import LINES, PLACES, names, where

import regionmap as rm
from regionmap import crs
from regionmap.errors import ExpressionError
from regionmap.places.where import Where


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Where:
    return where(tmp_path_factory.mktemp("names"))


# --- single words -----------------------------------------------------------------------------------------------


def test_a_unit_is_itself_or_lies_within(at: Where) -> None:
    area = at.locate("甲县")
    assert area.geometry.equals(shapely.box(100, 40, 100.5, 40.5))
    assert (area.accuracy_m, area.drawn, area.precision) == (100.0, "authored", "traced")
    spot = at.locate("甲县", bare="within")
    assert spot.geometry.geom_type == "Point"
    corners = shapely.get_coordinates(area.geometry)
    farthest = crs.distance_m(spot.geometry.x, spot.geometry.y, corners[:, 0], corners[:, 1]).max()
    assert spot.accuracy_m == pytest.approx(farthest + 100, abs=0.1)
    assert spot.precision == "county"
    assert at.locate("甲县 + 乙县", bare="within").geometry.geom_type == "Polygon"  # an operator: the thing itself
    assert at.locate("甲县 + 乙县", extent="within").geometry.geom_type == "Point"


def test_a_town_is_as_wide_as_a_town(at: Where) -> None:
    assert at.locate("甲镇").accuracy_m == 500 + 6000
    assert at.locate("甲县/甲镇") == at.locate("甲镇")


@pytest.mark.parametrize(
    ("text", "accuracy"),
    [("100.624, 40.849", 1500), ("100.6, 40.8", 7871.5), ("101, 40", 78715.1), ("100.62412, 40.84911", 1500)],
)
def test_bare_coordinates_are_no_better_than_they_are_written(at: Where, text: str, accuracy: float) -> None:
    assert at.locate(text).accuracy_m == pytest.approx(accuracy, abs=0.1)


def test_named_datums_are_converted(at: Where) -> None:
    for word, change in (("gcj02", crs.wgs84_to_gcj02), ("bd09", crs.wgs84_to_bd09)):
        x, y = change(100.5, 40.25)
        spot = at.locate(f"{word}: {x:.9f}, {y:.9f}").geometry
        assert crs.distance_m(spot.x, spot.y, 100.5, 40.25) < 0.001
    with pytest.raises(ExpressionError, match=r"longitude -180\.\.180 comes first.*100.5, 40.25"):
        at.locate("40.25, 100.5")


# --- operators and their laws -----------------------------------------------------------------------------------

AREAS = ["甲县", "乙县", "丙县", "丁县", "东市", "甲镇 ~ 9 km", "中城 ~ 12 km", "东河 ~ 4 km"]
area = st.sampled_from(AREAS)


def shape(at: Where, text: str) -> Any:
    try:
        return at.locate(text).geometry
    except ExpressionError as fault:
        assert "gives nothing" in fault.reason
        return shapely.Polygon()


def same(a: Any, b: Any) -> bool:
    return float(shapely.symmetric_difference(a, b).area) < 1e-9


@settings(max_examples=40, deadline=None)
@given(area, area, area)
def test_union_difference_and_intersection_obey_their_laws(a: str, b: str, c: str) -> None:
    at = _WHERE
    assert same(shape(at, f"{a} + {b}"), shape(at, f"{b} + {a}"))
    assert same(shape(at, f"{a} + {b} + {c}"), shape(at, f"{c} + {a} + {b}"))
    assert same(shape(at, f"{a} & {b}"), shape(at, f"{b} & {a}"))
    assert shape(at, f"{a} - {a}").is_empty
    assert same(shape(at, f"{a} - {b} - {c}"), shapely.difference(shape(at, a), shape(at, f"{b} + {c}")))
    rest, both = shape(at, f"{a} - {b}"), shape(at, f"{a} & {b}")
    assert float(shapely.intersection(rest, both).area) < 1e-9
    assert same(shapely.union(rest, both), shape(at, a))
    one, two, sides = (at.locate(t).accuracy_m for t in (a, b, f"{a} + {b}"))
    assert sides == max(one, two)


def test_areas_that_only_touch_share_nothing(at: Where) -> None:
    with pytest.raises(ExpressionError, match="do not meet"):
        at.locate("甲县 & 乙县")


def test_signs_read_from_the_left(at: Where) -> None:
    assert same(at.locate("东市 - 甲县 + 甲县").geometry, at.locate("东市").geometry)
    assert same(at.locate("甲县 + 甲县 - 甲县 + 乙县").geometry, at.locate("乙县").geometry)


def test_all_within_a_distance(at: Where) -> None:
    around = at.locate("丁园 ~ 3 km")
    rim = shapely.get_coordinates(around.geometry)
    assert crs.distance_m(rim[:, 0], rim[:, 1], 100.7, 40.8) == pytest.approx(np.full(len(rim), 3000.0), rel=1e-3)
    assert (around.accuracy_m, around.drawn) == (500.0, "schematic")


# --- lines ------------------------------------------------------------------------------------------------------


def test_a_line_follows_the_network_across_lines_and_says_so(at: Where) -> None:
    line = at.locate("乙站 > 丙港", sector="rail")
    assert line.drawn == "schematic" and line.pieces[-1].startswith("乙县/乙站 > 丙县/丙港: straight")
    line = at.locate("甲镇 > 丁园", sector="rail")  # a town's station: 甲镇站; a park has none
    assert "straight" in line.pieces[0]
    found = at.locate("甲镇 > 中城 > 乙站", sector="rail")
    assert [p.partition(" (")[0] for p in found.pieces] == ["甲县/甲镇 > 乙县/乙站: 甲乙线"]
    assert found.drawn == "authored"
    assert found.geometry.coords[0] == (100.21, 40.21)  # at the station, not at the town's point
    assert found.accuracy_m == 6500  # the town counts, the track is not a real one


def test_kilometres_of_the_pieces_add_up(at: Where) -> None:
    line = at.locate("100.0, 40.0 > 甲镇 > 中城 > 乙站 > 100.9, 40.9", sector="rail")
    ends = [p[p.rindex("(") + 1 : -4].split("-") for p in line.pieces]
    assert [e[0] for e in ends[1:]] == [e[1] for e in ends[:-1]]
    assert float(ends[-1][1]) == pytest.approx(crs.length_m(line.geometry) / 1000, abs=0.1)
    assert [p.split(": ")[1].split(" (")[0] for p in line.pieces] == ["straight", "甲乙线", "straight"]


def test_what_is_not_built_follows_one_line_only(tmp_path: Path) -> None:
    at = where(
        tmp_path, lines=LINES.replace("丁站@100.71,40.79 > 丙站", "丁园@100.7,40.8 > 丙站").replace("丁站", "丁园")
    )
    built = at.locate("中城 > 丁园", sector="rail")
    assert [p.split(": ")[1].split(" (")[0] for p in built.pieces] == ["甲乙线", "乙丁线"]
    assert built.pieces[0].startswith("乙县/中城 > 乙站: ")
    planned = at.locate("中城 > 丁园", sector="rail", built=False)
    assert planned.drawn == "schematic" and len(planned.geometry.coords) == 2
    assert at.locate("乙站 > 丁园", sector="rail", built=False).drawn == "authored"


def test_a_way_too_far_round_is_no_line_between(at: Where) -> None:
    # 甲镇站 to 丙站 by 远环线 is one line and may be long; by way of 乙 and 丁 it would be 2.4 times as far
    assert at.locate("甲镇 > 丙港", sector="rail").drawn == "schematic"  # 丙港 is no station
    text = at.locate("甲镇 > 100.11, 40.89", sector="rail")
    assert text.drawn == "schematic"


@pytest.mark.parametrize("sector", ["energy", "logistics", "road"])
def test_other_sectors_run_straight(at: Where, sector: str) -> None:
    line = at.locate("甲镇 > 乙站", sector=sector)
    assert len(line.geometry.coords) == 2 and line.drawn == "schematic"
    assert line.accuracy_m == pytest.approx(0.21 * crs.distance_m(100.2, 40.2, 100.8, 40.3), abs=0.1)


def test_without_a_sector_railways_come_first(at: Where) -> None:
    assert "甲乙线" in at.locate("甲镇 > 乙站").pieces[0]


def test_a_stretch_between_places_keeps_the_direction_as_written(at: Where) -> None:
    forth, back = at.locate("甲乙线[中城..乙站]"), at.locate("甲乙线[乙站..中城]")
    assert forth.geometry.equals(back.geometry)
    assert forth.geometry.coords[0] == back.geometry.coords[-1] == (100.55, 40.05)
    assert forth.pieces == ("甲乙线", "乙县/中城", "乙县/乙站")
    assert forth.accuracy_m == 2000


def test_a_stretch_inside_an_area_in_the_order_of_the_line(at: Where) -> None:
    inside = at.locate("甲乙线[甲县]").geometry
    assert shapely.covers(shapely.box(100, 40, 100.5, 40.5).buffer(1e-9), inside)
    assert inside.coords[0] == (100.21, 40.21)
    parts = at.locate("远环线[东市 + 西市]")
    assert parts.geometry.geom_type in ("LineString", "MultiLineString")


def test_of_all_that_a_name_means_the_line_is_cut(at: Where) -> None:
    assert at.locate("东河").geometry.geom_type == "Point"  # a village
    assert at.locate("东河[甲县]").geometry.geom_type == "LineString"  # the river


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("甲乙线[丙港..乙站]", "km from the line", 4),
        ("甲乙线[甲镇 ~ 1 km..乙站]", "goes through places", 4),
        ("甲乙线[甲镇]", "cut by an area or between two places", 4),
        ("甲县[乙县]", "only a line can be cut", 0),
        ("甲镇 > 甲镇", "begins and ends at the same place", 5),
        ("甲镇 > 甲县 ~ 3 km", "goes through places", 5),
        ("甲乙线[丁县]", "do not meet", 0),
        ("乙县/甲镇", "no such name in 乙县", 3),
        ("甲乙线[乙站..乙站]", "same end of the line", 4),
    ],
)
def test_faults_of_meaning(at: Where, text: str, reason: str, position: int) -> None:
    with pytest.raises(ExpressionError, match=reason) as caught:
        at.locate(text)
    assert caught.value.position == position


def test_an_ambiguous_name_lists_what_it_may_mean(tmp_path: Path) -> None:
    from dataclasses import replace

    base = names(tmp_path)
    twin = replace(
        next(e for e in base.entries if e.name == "甲镇"), unit="990202", geometry=shapely.Point(100.6, 40.6)
    )
    at = Where(replace(base, entries=(*base.entries, twin)), "990000")
    with pytest.raises(ExpressionError, match="put its unit before it") as caught:
        at.locate("乙站 > 甲镇")
    assert caught.value.suggestions == ("甲县/甲镇 (990101)", "丁县/甲镇 (990202)")
    assert at.locate("丁县/甲镇").geometry.x == 100.6


# --- moving, permuting ------------------------------------------------------------------------------------------

EXPRESSIONS = [
    "甲县", "东市 - 甲县 + 丁县", "甲镇 > 中城 > 乙站", "甲镇 > 丁园", "乙站 ~ 3 km", "甲乙线[中城..乙站]", "甲乙线[乙县]",
    "甲乙线[甲县] ~ 2 km & 甲县", "甲镇 ~ 9 km + 丙港", "甲—乙产业园", "戊镇至己镇公路", "戊镇至己镇公路 > 乙站", "远环线",
]  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.floats(-99, 20).map(lambda v: round(v, 6)), st.sampled_from(EXPRESSIONS))
def test_moving_all_names_east_moves_every_answer(dx: float, text: str) -> None:
    moved = where(_TMP, dx).locate(text, sector="rail")
    still = _WHERE.locate(text, sector="rail")
    assert moved.accuracy_m == pytest.approx(still.accuracy_m, abs=0.2)
    assert (moved.precision, moved.drawn, moved.pieces) == (still.precision, still.drawn, still.pieces)
    back = shapely.transform(moved.geometry, lambda xy: xy - [dx, 0])
    assert shapely.hausdorff_distance(back, still.geometry) < 1e-6


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(len(PLACES) + 7 + 6)), st.sampled_from(EXPRESSIONS))
def test_the_order_of_the_tables_does_not_matter(order: list[int], text: str) -> None:
    mixed = where(_TMP, order=order).locate(text, sector="rail")
    still = _WHERE.locate(text, sector="rail")
    assert (mixed.accuracy_m, mixed.drawn, mixed.pieces) == (still.accuracy_m, still.drawn, still.pieces)
    assert shapely.hausdorff_distance(mixed.geometry, still.geometry) < 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_a_plan_s_rows_changes_nothing(tmp_path: Path, seed: int) -> None:
    mixed = random.Random(seed).sample(RECORDS, len(RECORDS))
    one, two = (rm.open(write_region(tmp_path / n, rows)).records for n, rows in (("a", RECORDS), ("b", mixed)))
    two = two.loc[one.index]
    columns = ["precision", "accuracy_m", "drawn", "group", "length_km", "area_km2"]
    assert one[columns].equals(two[columns])
    assert shapely.equals_exact(one.geometry.to_numpy(), two.geometry.to_numpy()).sum() == one.geometry.notna().sum()


def test_pairs_of_expressions_do_not_disturb_each_other(at: Where) -> None:
    alone = {t: at.locate(t) for t in EXPRESSIONS}
    for a, b in itertools.permutations(EXPRESSIONS[:5], 2):
        at.locate(a), at.locate(b)
    assert alone == {t: at.locate(t) for t in EXPRESSIONS}


_KEPT = tempfile.TemporaryDirectory()
_TMP = Path(_KEPT.name)  # hypothesis and function fixtures do not go together
_WHERE = where(_TMP)
