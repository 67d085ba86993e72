"""The verbs that answer with shapes and places, and what JSON and CSV keep of numbers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from conftest import RECORDS, a_record, made_region, run, write_region

import regionmap as rm
from regionmap import crs
from regionmap.cli import parser


@pytest.fixture
def data(tmp_path: Path) -> str:
    rows = [dict(r, investment="312.5万元") if r["id"] == "p1/park" else r for r in RECORDS]
    return str(write_region(tmp_path / "geodata", rows))


def rows_of(capsys: Any, *words: str) -> list[dict[str, Any]]:
    code, out, err = run(capsys, *words, "--json")
    assert code == 0, err
    return list(json.loads(out))


def test_every_question_has_a_verb_with_json_and_csv() -> None:
    (verbs,) = (a.choices for a in parser()._actions if isinstance(a.choices, dict))
    for name in ("near", "nearest", "chainage", "point-at", "stretch", "overlay", "coverage", "matrix", "buffer", "table",
                 "membership"):  # fmt: skip
        options = {o for action in verbs[name]._actions for o in action.option_strings}
        assert {"--json", "--csv"} <= options, name


def test_buffer(capsys: Any, data: str) -> None:
    (row,) = rows_of(capsys, "buffer", "p1/line", "--km", "5", "--data", data)
    expected = rm.buffer(rm.open(data).feature("p1/line"), distance_m=5_000).geometry.iloc[0]
    drawn = shapely.from_geojson(json.dumps(row["geometry"]))
    assert shapely.equals_exact(drawn, expected, 1e-9) and row["area_km2"] == pytest.approx(crs.area_m2(expected) / 1e6)
    _, out, _ = run(capsys, "buffer", "p1/line", "--km", "5", "--csv", "--data", data)
    (cells,) = csv.DictReader(io.StringIO(out))
    assert shapely.equals_exact(shapely.from_wkt(cells["wkt"]), expected, 1e-8)
    _, out, _ = run(capsys, "buffer", "p1/line", "--km", "5", "--data", data)
    assert "p1/line" in out and "POLYGON" not in out
    code, _, err = run(capsys, "buffer", "p1/line", "--km", "20000", "--data", data)
    assert code == 1 and "half of the earth" in err


def test_point_at_and_stretch(capsys: Any) -> None:
    (row,) = rows_of(capsys, "point-at", "沈大铁路", "K12+300")
    back = rm.chainage(rm.locate(f"{row['lon']}, {row['lat']}"), rm.open().feature("沈大铁路"))
    assert row["stationing"] == "K12+300" and back["chainage_m"].iloc[0] == pytest.approx(row["chainage_m"], abs=1e-3)
    (piece,) = rows_of(capsys, "stretch", "沈大铁路", "K12+300", "15000")
    assert piece["length_m"] == pytest.approx(2_700, abs=1e-3) and piece["geometry"]["type"] == "LineString"
    assert piece["geometry"]["coordinates"][0] == pytest.approx([row["lon"], row["lat"]], abs=1e-9)
    code, _, err = run(capsys, "point-at", "沈大铁路", "K9999+000")
    assert code == 1 and "not on the line" in err
    code, _, err = run(capsys, "stretch", "沈大铁路", "0", "1e9")
    assert code == 1 and "--clip" in err
    (whole,) = rows_of(capsys, "stretch", "沈大铁路", "0", "1e9", "--clip")
    assert whole["length_m"] == pytest.approx(crs.length_m(rm.open().feature("沈大铁路").geometry.iloc[0]), abs=1e-3)
    code, _, err = run(capsys, "stretch", "沈大铁路", "abc", "5")
    assert code == 1 and "K12+300" in err


def test_membership(capsys: Any, data: str) -> None:
    rows = rows_of(capsys, "membership", "丁园区", "--units", "--data", data)
    region = rm.open(data)
    expected = rm.membership(region.feature("丁园区"), rm.answers.units(region))
    assert [r["certainty"] for r in rows] == list(expected["certainty"]) and rows[0]["in"] == "丁县"
    inside = rows_of(capsys, "membership", "--in", "东西合作区", "--data", data)
    assert inside and {r["in"] for r in inside} == {"东西合作区"} and all(r["kind"] != "zone" for r in inside)
    _, out, _ = run(capsys, "membership", "--kind", "park", "--data", data)
    assert "in none:" in out


def test_shares_still_add_up_and_small_sums_stay(capsys: Any, data: str) -> None:
    rows = rows_of(capsys, "overlay", "东西合作区", "--data", data)
    assert sum(r["share"] for r in rows) == pytest.approx(1, abs=1e-9)
    (row,) = (r for r in rows_of(capsys, "table", "--by", "kind", "--data", data) if r["kind"] == "park")
    assert row["investment_yi_cny"] == pytest.approx(0.03125, abs=1e-12)


def test_a_network_line_may_state_its_start_as_text(capsys: Any, tmp_path: Path) -> None:
    line = {"name": "甲乙线", "class": "rail", "nodes": "甲镇@100.2,40.2 > 乙站@100.8,40.3", "start_chainage_m": "DK12+000", "accuracy_m": "500"}
    made_region(tmp_path / "geodata", a_record("p1/ab", "甲乙线", "甲乙线", "corridor", sector="rail"), lines=[line])
    (row,) = rows_of(capsys, "point-at", "p1/ab", "DK12+300", "--data", str(tmp_path / "geodata"))
    assert row["chainage_m"] == 300 and row["stationing"] == "DK12+300"
