"""The verbs that ask and tabulate, as a user types them: the same answers as from Python."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import RECORDS, run, write_region

import regionmap as rm


@pytest.fixture
def data(tmp_path: Path) -> str:
    rows = [dict(r, investment="5亿元") if r["id"] == "p1/park" else r for r in RECORDS]
    rows = [dict(r, name="=cmd|x", investment="10-15亿元") if r["id"] == "p1/port" else r for r in rows]
    return str(write_region(tmp_path / "geodata", rows))


def rows_of(capsys: Any, *words: str) -> list[dict[str, Any]]:
    code, out, err = run(capsys, *words, "--json")
    assert code == 0, err
    return list(json.loads(out))


def test_near_gives_certain_first(capsys: Any, data: str) -> None:
    rows = rows_of(capsys, "near", "甲丁铁路", "--km", "40", "--data", data)
    assert rows and rows == sorted(rows, key=lambda r: (r["certainty"], r["distance_m"]))


def test_nearest(capsys: Any, data: str) -> None:
    rows = rows_of(capsys, "nearest", "丁园区", "p1/somewhere", "--k", "2", "--kind", "hub", "--data", data)
    assert [(r["of"], r["id"]) for r in rows] == [("丁园区", "p1/port"), ("乙县某项目", "p1/port")]
    region = rm.open(data)
    expected = rm.nearest(region.feature("丁园区"), region.candidates("p1/park", "hub"))["distance_m"].iloc[0]
    assert rows[0]["distance_m"] == pytest.approx(expected, abs=1e-3)


def test_chainage(capsys: Any, data: str) -> None:
    rows = rows_of(capsys, "chainage", "丁园区", "--along", "p1/line", "--data", data)
    region = rm.open(data)
    expected = rm.chainage(region.feature("丁园区"), region.feature("p1/line"))
    assert rows[0]["chainage_m"] == pytest.approx(expected["chainage_m"].iloc[0], abs=1e-3)
    assert rows[0]["stationing"].startswith("距起点")
    every = rows_of(capsys, "chainage", "--along", "p1/line", "--km", "30", "--data", data)
    assert [r["chainage_m"] for r in every] == sorted(r["chainage_m"] for r in every) and every[0]["certainty"]
    code, _, err = run(capsys, "chainage", "--along", "p1/line", "--data", data)
    assert code == 1 and "--km" in err


def test_a_whole_network_line_has_its_stationing(capsys: Any) -> None:
    rows = rows_of(capsys, "chainage", "--along", "沈大铁路", "--km", "1", "--kind", "hub")
    assert rows and all(r["stationing"].startswith("K") for r in rows)


def test_within(capsys: Any, data: str) -> None:
    rows = rows_of(capsys, "within", "100.7", "40.8", "--km", "1", "--data", data)
    assert rows[0]["id"] == "p1/park" and rows[0]["certainty"] == "certain"
    code, _, err = run(capsys, "within", "40.8", "100.7", "--km", "1", "--data", data)
    assert code == 1 and "longitude comes first" in err


def test_matrix(capsys: Any, data: str, tmp_path: Path) -> None:
    (row,) = rows_of(
        capsys, "matrix", "p1/line", "--data", data
    )  # fmt: skip
    assert row["甲丁铁路 (m)"] == pytest.approx(0, abs=1)
    file = tmp_path / "m.xlsx"
    code, out, _ = run(capsys, "matrix", "p1/line", "--kind", "hub", "--xlsx", str(file), "--data", data)
    sheet = openpyxl.load_workbook(file).active
    assert code == 0 and "1 rows" in out
    assert [c.value for c in sheet[1]] == ["id", "name", "accuracy_m", "甲丁铁路 (m)"]
    assert sheet["B2"].value == "'=cmd|x" and isinstance(sheet["D2"].value, float)
    code, _, err = run(capsys, "matrix", "p1/line", "--xlsx", str(tmp_path / "m.csv"), "--data", data)
    assert code == 1 and ".xlsx" in err


def test_overlay_balances(capsys: Any, data: str) -> None:
    rows = rows_of(capsys, "overlay", "东西合作区", "--data", data)
    assert {r["with"] for r in rows if r["part"] == "area"} == {"甲县", "乙县", "丙县"}
    assert sum(r["share"] for r in rows) == pytest.approx(1, abs=2e-3)
    rows = rows_of(capsys, "overlay", "--with", "甲丁铁路", "--km", "5", "--data", data)
    assert [r["part"] for r in rows] == ["area", "residual"] and 0 < rows[0]["share"] < 1
    code, _, err = run(capsys, "overlay", "丁园区", "--data", data)
    assert code == 1 and "no area" in err


def test_coverage(capsys: Any, data: str) -> None:
    (row,) = rows_of(capsys, "coverage", "--corridor", "甲丁铁路", "--km", "5", "--data", data)
    assert row["covered_share_min"] <= row["covered_share"] <= row["covered_share_max"]
    assert (row["towns"], row["towns_certain"], row["towns_possible"], row["towns_share"]) == (1, 0, 1, 0)
    _, out, _ = run(capsys, "coverage", "--corridor", "甲丁铁路", "--km", "5", "--data", data)
    assert "%" in out


def test_table(capsys: Any, data: str, tmp_path: Path) -> None:
    rows = rows_of(capsys, "table", "--by", "unit,status", "--data", data)
    assert sum(r["count"] for r in rows) == 6
    assert sum(r["investment_yi_cny"] or 0 for r in rows) == 5 and sum(r["investment_unread"] for r in rows) == 1
    _, out, _ = run(capsys, "table", "--by", "kind", "--csv", "--data", data)
    assert [r["kind"] for r in csv.DictReader(io.StringIO(out))] == ["zone", "corridor", "hub", "park", "project"]
    file = tmp_path / "t.xlsx"
    assert run(capsys, "table", "--by", "unit", "--xlsx", str(file), "--data", data)[0] == 0
    sheet = openpyxl.load_workbook(file).active
    assert sheet.freeze_panes == "A2" and sum(r[1] for r in sheet.iter_rows(min_row=2, values_only=True)) == 6
    code, _, err = run(capsys, "table", "--by", "colour", "--data", data)
    assert code == 1 and "colour" in err
    assert run(capsys, "table", "--data", data)[0] == 2
