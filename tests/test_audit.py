"""The audit finds what is wrong and nothing else; conflicts are what plans say differently; both are counted over."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from conftest import PLACES, RECORDS, ROOT, UNITS, write_csv, write_region
from hypothesis import given, settings
from hypothesis import strategies as st

import regionmap as rm
from regionmap import crs, kinds
from regionmap.cli import main
from regionmap.plans import clauses
from regionmap.plans.apart import farthest_m, nearest_m
from regionmap.plans.audit import audit
from regionmap.plans.conflicts import FIELDS, conflicts
from regionmap.plans.findings import CHECKS, LEVELS
from regionmap.plans.stores import export

PLACE_COLUMNS = ("name", "aliases", "kind", "unit", "lon", "lat", "accuracy_m", "offshore", "source")
LINE_COLUMNS = ("name", "aliases", "class", "nodes", "speed_kmh", "opened", "start_chainage_m", "accuracy_m", "source")


def record(key: str, name: str, where: str, kind: str = "facility", **cells: str) -> dict[str, str]:
    return {"id": key, "name": name, "where": where, "kind": kind, "sector": "energy", "clause": "一", **cells}


def made(folder: Path, *records: dict[str, str], places: Any = (), lines: Any = (), targets: Any = ()) -> Any:
    """The small region of conftest.py with these records, and more places and lines."""
    write_region(folder, list(records), targets)
    rows = [(*place, "", "made in code") for place in PLACES] + [(*place, "made in code") for place in places]
    write_csv(folder / "gazetteer/places.csv", PLACE_COLUMNS, [dict(zip(PLACE_COLUMNS, r, strict=True)) for r in rows])
    areas = [{"code": c, "names": n, "area_km2": "2350" if c == "990101" else ""} for c, n in UNITS.items()]
    write_csv(folder / "gazetteer/units.csv", ["code", "names", "population", "year", "area_km2", "source"], areas)
    write_csv(folder / "networks/lines.csv", LINE_COLUMNS, lines)
    return rm.open(folder)


def hits(found: Any, check: str) -> list[str]:
    """Ids (or names, where there is no id) that a check found."""
    rows = found.findings[found.findings["check"] == check]
    return [row.id or row.name for row in rows.itertuples(index=False)]


# ---------------------------------------------------------------- clauses

OUTLINE = """关于某事的意见
一、总的想法
(一)怎么想
1.先想。其余不是标题
(二)为什么
二、做什么
(一)修路
1、修一条
2.修两条
１０．修十条
12.5公里不是条
(十一)收尾
"""
CHAPTERS = """目录
第一篇 开头
第一章 过去
第一节 很久以前
第二节 不久以前
第十二章 将来
第一节 明天
"""
SCANNED = """1、一份扫描件L想法。第一段,约有3.5万人。2 .目标。到2030年
2、后面8的话。3.修路(甲局)5.架桥Il跑偏 IL不对7 .收尾。100.00元 99.乱码
"""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (OUTLINE, ["一", "一(一)", "一(一)1", "一(二)", "二", "二(一)", "二(一)1", "二(一)2", "二(一)10", "二(十一)"]),
        (CHAPTERS, ["第一章", "第一章第一节", "第一章第二节", "第十二章", "第十二章第一节"]),
        (SCANNED, ["1", "2", "3", "5", "7"]),
        ("没有编号的话", []),
        ("", []),
    ],
    ids=["outline", "chapters", "scanned", "none", "empty"],
)
def test_clauses_of_a_text(text: str, numbers: list[str]) -> None:
    found = [c.number for c in clauses.headings(text)]
    assert found == numbers
    shuffled = random.Random(4).sample(numbers, len(numbers))
    assert sorted(shuffled, key=clauses.order) == numbers


def test_clauses_run_on_in_a_scan_where_eleven_is_letters() -> None:
    text = "".join(f"{n}.某事。" for n in range(1, 11)) + "IL又一事。12 .末事"
    assert [c.number for c in clauses.headings(text)] == [str(n) for n in range(1, 13)]


def test_titles_stop_at_the_sentence_and_lines_count_from_one() -> None:
    by_number = {c.number: c for c in clauses.headings(OUTLINE)}
    assert by_number["一(一)1"].title == "先想"
    assert by_number["二(一)10"].line == 10


def test_leaves_hold_nothing() -> None:
    assert [c.number for c in clauses.leaves(clauses.headings(OUTLINE))] == [
        "一(一)1", "一(二)", "二(一)1", "二(一)2", "二(一)10", "二(十一)"]  # fmt: skip
    assert clauses.holds("三(二)", "三(二)1")
    assert not clauses.holds("1", "11")
    assert not clauses.holds("二", "二十(一)")


def test_texts_in_gb18030_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(OUTLINE.encode("gb18030"))
    (tmp_path / "b.txt").write_bytes(OUTLINE.encode("utf-8-sig"))
    assert clauses.read_text(tmp_path / "a.txt") == clauses.read_text(tmp_path / "b.txt") == OUTLINE


# ---------------------------------------------------------------- how far apart

LON, LAT = st.floats(118.0, 126.0), st.floats(38.5, 43.5)
LINES = st.lists(st.tuples(LON, LAT), min_size=2, max_size=5, unique=True).map(shapely.LineString)


@settings(max_examples=40, deadline=None)
@given(LINES, LINES)
def test_distances_agree_with_the_exact_ones(a: Any, b: Any) -> None:
    """Against a brute-force search over densely set points."""
    dense = [shapely.get_coordinates(crs.densify(g, 2_000)) for g in (a, b)]
    every = crs.distance_m(*(dense[0][:, None, i] for i in (0, 1)), *(dense[1][None, :, i] for i in (0, 1)))
    assert nearest_m(a, b) == pytest.approx(every.min(), rel=0.01, abs=2_100)
    assert farthest_m(a, b) == pytest.approx(every.min(axis=1).max(), rel=0.01, abs=2_100)


# ---------------------------------------------------------------- each check, provoked


def test_a_sound_region_has_no_contradiction(tiny: Any) -> None:
    found = audit(tiny)
    assert found.contradictions.empty
    assert found.findings.to_dict("records") == [
        {"level": "note", "check": "unplaced", "plan": "p1", "id": "p1/nowhere", "name": "无处项目", "text": "unknown"}
    ]


PROVOKED: dict[str, tuple[list[dict[str, str]], dict[str, Any], list[str]]] = {
    "fault": ([record("p1/a", "某厂", "丙镇")], {}, ["p1/a"]),
    "dead_link": ([record("p1/a", "某厂", "甲县", part_of="p1/b"), record("p1/b", "某园", "甲县", part_of="p1/a")],
                  {}, ["p1/a", "p1/b"]),
    "outside_unit": ([record("p1/a", "某厂", "甲厂")],
                     {"places": [("甲厂", "", "plant", "990101", 100.6, 40.2, 100, "")]}, ["甲厂"]),
    "on_the_edge": ([record("p1/a", "某厂", "甲厂")],
                    {"places": [("甲厂", "", "plant", "990101", 99.98, 40.2, 100, ""),
                                ("边厂", "", "plant", "990101", 100.501, 40.2, 100, "")]}, ["甲厂", "边厂"]),
    "two_positions": ([], {"lines": [{"name": "甲线", "class": "rail", "nodes": "甲镇@100.5,40.2 > 乙站@100.8,40.3",
                                      "accuracy_m": "500"}]}, ["甲镇"]),
    "misses": ([record("p1/a", "某段", "甲线[甲镇..丁园]", "corridor")],
               {"lines": [{"name": "甲线", "class": "rail", "nodes": "甲镇@100.2,40.2 > 乙站@100.8,40.3",
                           "accuracy_m": "500"}]}, ["p1/a"]),
    "twin": ([record("p1/a", "“某厂”", "甲县"), record("p2/a", "某厂", "东市"), record("p1/b", "别厂", "甲镇", aliases="某厂"),
              record("p2/b", "某厂", "丁县")], {}, ["p1/b", "p2/a", "p2/a", "p2/b"]),
    "doubled": ([record("p1/a", "某厂", "甲县"), record("p1/b", "某工厂", "甲县", same_as="p1/a")], {}, ["p1/b"]),
    "perhaps_same": ([record("p1/a", "某厂", "甲县", aliases="厂"), record("p2/a", "某工厂", "甲镇", aliases="厂")],
                     {}, ["p2/a"]),
    "part_outside": ([record("p1/z", "某区", "甲县 + 乙县", "zone"), record("p1/a", "某厂", "丁园", part_of="p1/z"),
                      record("p1/y", "小区", "丙县 + 丁县 + 甲县", "zone", part_of="p1/z")], {}, ["p1/a", "p1/y"]),
    "name_elsewhere": ([record("p1/a", "丙县热电厂", "乙站")], {}, ["p1/a"]),
    "no_reason": ([record("p1/a", "某厂", "")], {}, ["p1/a"]),
    "unplaced": ([record("p1/a", "某厂", "", note="abroad")], {}, ["p1/a"]),
    "leaves_unit": ([record("p1/a", "某线", "甲县 > 丁县", "corridor")], {}, ["p1/a"]),
    "leaves_area": ([record("p1/a", "某线", "甲镇 > 外站", "corridor"), record("p1/b", "外厂", "外站")],
                    {"places": [("外站", "", "station", "", 101.5, 40.2, 100, "")]}, ["p1/a", "p1/b"]),
}  # fmt: skip


@pytest.mark.parametrize("check", PROVOKED)
def test_each_check_finds_what_it_is_for(check: str, tmp_path: Path) -> None:
    records, more, expected = PROVOKED[check]
    region = made(tmp_path, *records, **more)
    found = audit(region)
    assert sorted(hits(found, check)) == sorted(expected)
    assert set(found.findings["check"]) - {check} <= {"unplaced", "leaves_unit", "leaves_area"}
    assert found.contradictions.empty == (CHECKS[check][0] != LEVELS[0])
    assert all(found.findings["level"] == [CHECKS[c][0] for c in found.findings["check"]])


TEXT = """一、想法
(一)在甲县修路
二、做法
(一)在乙站旁建厂
(二)丁园
"""


def test_a_text_is_compared_with_the_records(tmp_path: Path) -> None:
    targets = [{"id": "p1/t", "indicator": "产值", "region": "东市", "clause": "二(二)"}]
    region = made(tmp_path, record("p1/a", "某厂", "乙站", clause="二(一);三"), targets=targets)
    found = audit(region, texts={"p1": TEXT})
    assert hits(found, "no_record") == ["一(一)"]
    assert hits(found, "unknown_clause") == ["p1/a"]
    assert hits(found, "uncited") == ["甲县", "丁园"]
    table = found.clauses.set_index("clause")
    assert table.loc["二(一)", ["records", "targets"]].tolist() == [1, 0]
    assert table.loc["二(二)", ["records", "targets"]].tolist() == [0, 1]
    assert set(PROVOKED) | {"no_record", "unknown_clause", "uncited"} == set(CHECKS)


def test_a_name_inside_a_records_name_is_cited(tmp_path: Path) -> None:
    region = made(tmp_path, record("p1/a", "甲县大桥", "丁园", aliases="乙站大桥"))
    assert hits(audit(region, texts={"p1": "修甲县大桥,乙站大桥,也修甲城路"}), "uncited") == ["甲城"]


def test_counts_add_up(tiny: Any) -> None:
    counts = audit(tiny).counts
    for by in ("kind", "precision"):
        totals = counts[counts["by"] == by].groupby("plan")["records"].sum()
        assert totals.to_dict() == tiny.records["plan"].value_counts().to_dict()
    p1 = counts[(counts["plan"] == "p1") & (counts["by"] == "clause")]
    assert list(zip(p1["value"], p1["records"], strict=True)) == [("一(一)1", 1), ("一(一)2", 1), ("二", 2), ("三", 2)]


def test_one_plan_alone(tmp_path: Path) -> None:
    region = made(tmp_path, record("p1/a", "某厂", ""), record("p2/b", "别厂", ""),
                  places=[("野厂", "", "plant", "990101", 100.9, 40.9, 100, "")])  # fmt: skip
    assert hits(audit(region, plan="p2"), "no_reason") == ["p2/b"]
    assert hits(audit(region, plan="p2"), "outside_unit") == []  # no record of p2 names the place
    assert hits(audit(region), "outside_unit") == ["野厂"]
    with pytest.raises(rm.errors.NotFoundError, match="no plan 'p3'"):
        audit(region, plan="p3")
    with pytest.raises(rm.errors.NotFoundError, match="no plan 'p3'"):
        audit(region, texts={"p3": ""})


def test_tables_that_do_not_load_give_their_faults(tmp_path: Path) -> None:
    region = made(tmp_path, record("p1/a", "某厂", "甲县", part_of="p1/none"), record("p1/b", "别厂", "甲县", kind="thing"))
    found = audit(region)
    assert found.contradictions["check"].tolist() == ["fault", "dead_link"]
    assert found.counts.empty
    assert "no such id" in found.contradictions["text"].iloc[1]


def test_an_island_stays_off_its_unit_where_the_table_says_why(tmp_path: Path) -> None:
    spot = ("甲岛", "", "port", "990101", 99.7, 40.2, 100)
    assert hits(audit(made(tmp_path / "a", places=[(*spot, "")])), "outside_unit") == ["甲岛"]
    assert audit(made(tmp_path / "b", places=[(*spot, "island")])).findings.empty


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    records = [r for rows, _, _ in PROVOKED.values() for r in rows]
    records = [{**r, "id": f"{r['id'][:3]}{n}", "part_of": "", "same_as": ""} for n, r in enumerate(records)]
    places = [p for _, more, _ in PROVOKED.values() for p in more.get("places", ())]

    def found(folder: Path, rows: list[dict[str, str]]) -> set[tuple[str, str, frozenset[str]]]:
        table = audit(made(folder, *rows, places=places)).findings
        return {(f.level, f.check, frozenset([f.id, *f.text.split()[-1:]] if f.check in ("twin", "perhaps_same")
                                             else [f.id, f.name])) for f in table.itertuples()}  # fmt: skip

    assert found(tmp_path / "a", records) == found(tmp_path / "b", random.Random(1).sample(records, len(records)))


# ---------------------------------------------------------------- conflicts

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
    record("p1/zone", "大区", "东市", "zone"),
    record("p2/zone", "另区", "西市", "zone"),
    record("p1/inner", "小区", "甲县", "zone", part_of="p1/zone"),
)
MIDDLE = [("丙站", "", "station", "990201", 100.45, 40.5, 200, "")]


def pair(folder: Path, field: str, one: dict[str, str], two: dict[str, str]) -> Any:
    kind = {"route": "corridor", "a stop more": "corridor", "one route backwards": "corridor",
            "area": "zone", "units in another order": "zone"}.get(field, "facility")  # fmt: skip
    where = {"corridor": "甲镇 > 丁园", "zone": "甲县", "facility": "甲县"}[kind]
    rows = (record("p1/a", "某物", **{"where": where, "kind": kind, **one}),
            record("p2/a", "某物改", **{"where": where, "kind": kind, "clause": "二", **two}, same_as="p1/a"))  # fmt: skip
    return made(folder, *rows, *ZONES, places=MIDDLE)


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
    region = made(tmp_path, record("p1/a", "某物", "甲县", status="planned"),
                  record("p1/b", "某物甲", "甲县", status="operating", same_as="p1/a"))  # fmt: skip
    assert conflicts(region).empty
    folder = tmp_path / "plans" / "context"
    folder.mkdir()
    (folder / "plan.toml").write_text('title = "context"\narea = "试验省"\n', "utf-8")
    row = record("context/a", "某物", "丁县", status="operating", same_as="p1/a", clause="")
    write_csv(folder / "records.csv", kinds.RECORD_COLUMNS, [row])
    assert conflicts(rm.open(tmp_path)).empty


# ---------------------------------------------------------------- area beside the official figure


def test_areas_say_that_they_are_approximate_and_what_is_official(tmp_path: Path) -> None:
    folder = tmp_path / "geodata"
    region = made(
        folder,
        record("p1/unit", "甲区", "甲县", "zone"),
        record("p1/other", "乙区", "乙县", "zone"),
        record("p1/two", "两区", "甲县 + 乙县", "zone"),
        record("p1/around", "外圈", "甲县 ~ 1 km", "zone"),
        record("p1/line", "某线", "甲镇 > 乙站", "corridor"),
        record("p1/known", "测线", "甲镇 > 乙站", "corridor", accuracy_m="60"),
        record("p1/point", "某厂", "甲县"),
    )
    export(region, folder / "all.csv")
    with (folder / "all.csv").open(encoding="utf-8-sig") as file:
        cells = {row["id"]: (row["approximate"], row["official_km2"]) for row in csv.DictReader(file)}
    assert cells == {
        "p1/unit": ("True", "2350.0"), "p1/other": ("True", ""), "p1/two": ("True", ""), "p1/around": ("True", ""),
        "p1/line": ("True", ""), "p1/known": ("False", ""), "p1/point": ("", "")}  # fmt: skip
    again = rm.open(folder).records  # from the cache
    assert again["official_km2"].dropna().to_dict() == {"p1/unit": 2350.0}
    for ending in ("geojson", "parquet", "gpkg", "xlsx"):
        export(region, folder / f"all.{ending}")


def test_an_official_area_that_is_no_number_is_an_error(tmp_path: Path) -> None:
    made(tmp_path, record("p1/unit", "甲区", "甲县", "zone"))
    table = tmp_path / "gazetteer/units.csv"
    table.write_text(table.read_text("utf-8").replace("2350", "about 2350"), "utf-8")
    with pytest.raises(rm.errors.InputError, match="area_km2.*about 2350"):
        rm.open(tmp_path).records.head()


# ---------------------------------------------------------------- the command line


def test_audit_exits_one_on_a_contradiction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    write_region(good)
    made(bad, *PROVOKED["twin"][0])
    assert main(["audit", "--data", str(good)]) == 0
    assert "p1  规划p1: 6 records, 0 targets" in capsys.readouterr().out
    assert main(["audit", "--data", str(bad)]) == 1
    out = capsys.readouterr().out
    assert "contradiction: twin (4)" in out
    assert out.splitlines()[-1].startswith("4 contradictions")


def test_audit_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_region(tmp_path / "geodata")
    (tmp_path / "p1.txt").write_text(TEXT, "utf-8")
    argv = ["audit", "--data", str(tmp_path / "geodata"), "--plan", "p1", "--json", "--text"]
    for text in (f"p1={tmp_path / 'p1.txt'}", str(tmp_path / "p1.txt")):
        assert main([*argv, text]) == 0
        found = json.loads(capsys.readouterr().out)
        assert list(found) == ["counts", "clauses", "findings"]
        assert {row["plan"] for row in found["counts"]} == {"p1"}
        assert [row["clause"] for row in found["clauses"]] == ["一", "一(一)", "二", "二(一)", "二(二)"]
        assert {row["check"] for row in found["findings"]} == {"no_record", "unknown_clause", "unplaced"}


def test_audit_of_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(write_region(tmp_path / "geodata"))
    assert main(["audit", "--data", folder, "--plan", "p9"]) == 1
    assert main(["audit", "--data", folder, "--text", f"p1={tmp_path / 'none.txt'}"]) == 1
    capsys.readouterr()
    for text in ("p9=a.txt", "a.txt"):
        with pytest.raises(SystemExit) as stop:
            main(["audit", "--data", folder, "--text", text])
        assert stop.value.code == 2
        assert "the plans are p1, p2" in capsys.readouterr().err


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


# ---------------------------------------------------------------- the shipped region


def test_the_shipped_region_contradicts_itself_nowhere(region: Any) -> None:
    found = audit(region)
    assert found.contradictions.empty, found.contradictions.to_string()
    assert hits(found, "no_reason") == []
    assert hits(found, "doubled") == []


def test_the_shipped_plans_disagree_where_their_documents_do(region: Any) -> None:
    rows = conflicts(region)
    assert set(rows["field"]) <= set(FIELDS)
    joined = region.records["group"].value_counts()
    status = rows[(rows["field"] == "status") & rows["id"].isin(["tieling-2021/shentie-intercity"])]
    assert status["value"].tolist() == ["under_construction"]
    same = region.records.loc[rows["id"], "group"]
    assert (joined[same] > 1).all()
    assert not np.any(rows["value"] == "")


def test_every_check_is_explained() -> None:
    for page in ("audit.md", "audit.zh.md"):
        text = (ROOT / "docs" / page).read_text("utf-8")
        assert [c for c in CHECKS if f"`{c}`" not in text] == []
        assert [f for f in FIELDS if f"`{f}`" not in text] == []


def test_the_made_region_is_what_the_tests_think() -> None:
    assert {r["id"] for r in RECORDS} >= {"p1/line", "p2/line"}
