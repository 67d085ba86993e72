"""What plans say differently about one thing, and the official figures beside the measured ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import a_record, made_region, write_csv, write_region

import regionmap as rm
from regionmap import kinds
from regionmap.cli import main
from regionmap.plans.conflicts import FIELDS, conflicts

DIFFERING: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "status": ({"status": "planned", "status_text": "规划"}, {"status": "operating", "status_text": "依托"}),
    "start": ({"start": "2021"}, {"start": "2023"}),
    "end": ({"end": "2025"}, {"end": "2030"}),
    "lead": ({"lead": "甲局;乙局"}, {"lead": "丙局"}),
    "membership": ({"part_of": "p1/zone"}, {"part_of": "p2/zone"}),
    "place": ({"where": "甲镇"}, {"where": "乙站"}),
    "route": ({"where": "甲镇 > 乙站 > 丁园"}, {"where": "甲镇 > 丁园"}),
    "area": ({"where": "甲县 + 乙县"}, {"where": "甲县"}),
}
AGREEING = {
    "silence": ({"status": "planned", "start": "2021", "lead": "甲局", "part_of": "p1/zone"}, {}),
    "lead in another order": ({"lead": "甲局;乙局"}, {"lead": "乙局; 甲局"}),
    "a place within its unit": ({"where": "甲镇"}, {"where": "甲县"}),
    "a stop more": ({"where": "甲镇 > 丁园"}, {"where": "甲镇 > 丙站 > 丁园"}),
    "one route backwards": ({"where": "甲镇 > 丁园"}, {"where": "丁园 > 甲镇"}),
    "units in another order": ({"where": "甲县 + 乙县"}, {"where": "乙县 + 甲县"}),
    "a zone in a zone": ({"part_of": "p1/zone"}, {"part_of": "p1/inner"}),
}
ZONES = (
    a_record("p1/zone", "大区", "东市", "zone"),
    a_record("p2/zone", "另区", "西市", "zone"),
    a_record("p1/inner", "小区", "甲县", "zone", part_of="p1/zone"),
)
MIDDLE = [("丙站", "", "station", "990201", 100.45, 40.5, 200, "")]


def pair(folder: Path, field: str, one: dict[str, str], two: dict[str, str]) -> Any:
    kind = {"route": "corridor", "a stop more": "corridor", "one route backwards": "corridor",
            "area": "zone", "units in another order": "zone"}.get(field, "facility")  # fmt: skip
    where = {"corridor": "甲镇 > 丁园", "zone": "甲县", "facility": "甲县"}[kind]
    cells = {"where": where, "kind": kind}
    old = a_record("p1/a", "某物", **{**cells, **one})
    new = a_record("p2/a", "某物改", **{**cells, "clause": "二", "same_as": "p1/a", **two})
    return made_region(folder, old, new, *ZONES, places=MIDDLE)


@pytest.mark.parametrize("field", FIELDS)
def test_each_difference_is_a_conflict(field: str, tmp_path: Path) -> None:
    rows = conflicts(pair(tmp_path, field, *DIFFERING[field]))
    assert rows["field"].tolist() == [field, field]
    assert rows["plan"].tolist() == ["p1", "p2"]
    assert rows["thing"].tolist() == ["某物改"] * 2
    assert rows["clause"].tolist() == ["一", "二"]
    assert rows["value"].nunique() == 2
    if field == "status":
        assert rows[["value", "detail"]].to_numpy().tolist() == [["planned", "规划"], ["operating", "依托"]]


@pytest.mark.parametrize("case", AGREEING)
def test_what_is_no_conflict(case: str, tmp_path: Path) -> None:
    assert conflicts(pair(tmp_path, case, *AGREEING[case])).empty


def test_an_area_may_differ_by_one_percent(tmp_path: Path) -> None:
    def rows(km: float) -> Any:
        buffered = {"where": "甲镇 ~ 20 km"}, {"where": f"甲镇 ~ {km} km"}
        return conflicts(pair(tmp_path / str(km), "area", *buffered))

    assert rows(20.09).empty  # 0.9 % more area
    assert rows(20.12)["field"].tolist() == ["area", "area"]  # 1.2 %


def test_records_of_one_plan_or_of_the_context_are_no_conflict(tmp_path: Path) -> None:
    region = made_region(tmp_path, a_record("p1/a", "某物", "甲县", status="planned"),
                  a_record("p1/b", "某物甲", "甲县", status="operating", same_as="p1/a"))  # fmt: skip
    assert conflicts(region).empty
    folder = tmp_path / "plans" / "context"
    folder.mkdir()
    (folder / "plan.toml").write_text('title = "context"\narea = "试验省"\n', "utf-8")
    row = a_record("context/a", "某物", "丁县", status="operating", same_as="p1/a", clause="")
    write_csv(folder / "records.csv", kinds.RECORD_COLUMNS, [row])
    assert conflicts(rm.open(tmp_path)).empty


def test_conflicts_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(write_region(tmp_path / "geodata"))
    assert main(["conflicts", "--data", folder, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(r["field"], r["plan"], r["value"], r["clause"]) for r in rows if r["field"] == "status"] == [
        ("status", "p1", "planned", "一(一)1"),
        ("status", "p2", "proposed", "4"),
    ]
    assert main(["conflicts", "--data", folder, "--csv"]) == 0
    assert len(list(csv.DictReader(capsys.readouterr().out.splitlines()))) == len(rows)
    assert main(["conflicts", "--data", folder]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 things, values that differ: 4"


def test_the_shipped_plans_disagree_where_their_documents_do(region: Any) -> None:
    rows = conflicts(region)
    assert set(rows["field"]) <= set(FIELDS)
    joined = region.records["group"].value_counts()
    status = rows[(rows["field"] == "status") & rows["id"].isin(["tieling-2021/shentie-intercity"])]
    assert status["value"].tolist() == ["under_construction"]
    same = region.records.loc[rows["id"], "group"]
    assert (joined[same] > 1).all()
    assert not np.any(rows["value"] == "")


def test_areas_say_that_they_are_approximate_and_what_is_official(tmp_path: Path) -> None:
    folder = tmp_path / "geodata"
    made_region(
        folder,
        a_record("p1/unit", "甲区", "甲县", "zone"),
        a_record("p1/other", "乙区", "乙县", "zone"),
        a_record("p1/two", "两区", "甲县 + 乙县", "zone"),
        a_record("p1/around", "外圈", "甲县 ~ 1 km", "zone"),
        a_record("p1/line", "某线", "甲镇 > 乙站", "corridor"),
        a_record("p1/known", "测线", "甲镇 > 乙站", "corridor", accuracy_m="60"),
        a_record("p1/point", "某厂", "甲县"),
    )
    settings_file = folder / "region.toml"  # boundaries that are generalised, as most are
    settings_file.write_text(settings_file.read_text("utf-8").replace("accuracy_m = 100", "accuracy_m = 1500"), "utf-8")
    region = rm.open(folder)
    region.save(folder / "all.csv")
    with (folder / "all.csv").open(encoding="utf-8-sig") as file:
        cells = {row["id"]: (row["approximate"], row["official_km2"]) for row in csv.DictReader(file)}
    assert cells == {
        "p1/unit": ("True", "2350.0"), "p1/other": ("True", ""), "p1/two": ("True", ""), "p1/around": ("True", ""),
        "p1/line": ("True", ""), "p1/known": ("False", ""), "p1/point": ("", "")}  # fmt: skip
    again = rm.open(folder).records  # from the cache
    assert again["official_km2"].dropna().to_dict() == {"p1/unit": 2350.0}
    for ending in ("geojson", "parquet", "gpkg", "xlsx"):
        region.save(folder / f"all.{ending}")


def test_an_official_area_that_is_no_number_is_an_error(tmp_path: Path) -> None:
    made_region(tmp_path, a_record("p1/unit", "甲区", "甲县", "zone"))
    table = tmp_path / "gazetteer/units.csv"
    table.write_text(table.read_text("utf-8").replace("2350", "about 2350"), "utf-8")
    with pytest.raises(rm.errors.InputError, match=r"area_km2.*about 2350"):
        rm.open(tmp_path).records.head()
