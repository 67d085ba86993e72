"""The audit finds what is wrong, and nothing else."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import shapely
from conftest import ROOT, a_record, made_region, write_region
from hypothesis import given, settings
from hypothesis import strategies as st

import regionmap as rm
from regionmap import crs
from regionmap.cli import main
from regionmap.plans.apart import farthest_m, nearest_m
from regionmap.plans.audit import audit
from regionmap.plans.conflicts import FIELDS
from regionmap.plans.findings import CHECKS, LEVELS


def hits(found: Any, check: str) -> list[str]:
    """Ids (or names, where there is no id) that a check found."""
    rows = found.findings[found.findings["check"] == check]
    return [row.id or row.name for row in rows.itertuples(index=False)]


LON, LAT = st.floats(118.0, 126.0), st.floats(38.5, 43.5)
LINES = st.lists(st.tuples(LON, LAT), min_size=2, max_size=5, unique=True).map(shapely.LineString)


@settings(max_examples=25, deadline=None)
@given(LINES, LINES)
def test_distances_agree_with_the_exact_ones(a: Any, b: Any) -> None:
    """Against a brute-force search over densely set points."""
    dense = [shapely.get_coordinates(crs.densify(g, 4_000)) for g in (a, b)]
    every = crs.distance_m(*(dense[0][:, None, i] for i in (0, 1)), *(dense[1][None, :, i] for i in (0, 1)))
    assert nearest_m(a, b) == pytest.approx(every.min(), rel=0.02, abs=4_100)
    assert farthest_m(a, b) == pytest.approx(every.min(axis=1).max(), rel=0.02, abs=4_100)


def test_a_sound_region_has_no_contradiction(tiny: Any) -> None:
    found = audit(tiny)
    assert found.contradictions.empty
    assert found.findings.to_dict("records") == [
        {"level": "note", "check": "unplaced", "plan": "p1", "id": "p1/nowhere", "name": "无处项目", "text": "unknown"}
    ]


PROVOKED: dict[str, tuple[list[dict[str, str]], dict[str, Any], list[str]]] = {
    "fault": ([a_record("p1/a", "某厂", "丙镇")], {}, ["p1/a"]),
    "dead_link": ([a_record("p1/a", "某厂", "甲县", part_of="p1/b"), a_record("p1/b", "某园", "甲县", part_of="p1/a")],
                  {}, ["p1/a", "p1/b"]),
    "outside_unit": ([a_record("p1/a", "某厂", "甲厂")],
                     {"places": [("甲厂", "", "plant", "990101", 100.6, 40.2, 100, "")]}, ["甲厂"]),
    "on_the_edge": ([a_record("p1/a", "某厂", "甲厂")],
                    {"places": [("甲厂", "", "plant", "990101", 99.98, 40.2, 100, ""),
                                ("边厂", "", "plant", "990101", 100.501, 40.2, 100, "")]}, ["甲厂", "边厂"]),
    "two_positions": ([], {"lines": [{"name": "甲线", "class": "rail", "nodes": "甲镇@100.5,40.2 > 乙站@100.8,40.3",
                                      "accuracy_m": "500"}]}, ["甲镇"]),
    "misses": (
        [a_record("p1/a", "某段", "甲线[甲镇..路边站]", "corridor")],
        {
            "places": [("路边站", "", "station", "990101", 100.4, 40.3, 100, "")],  # 6 km off
            "lines": [
                {"name": "甲线", "class": "rail", "nodes": "甲镇@100.2,40.2 > 乙站@100.8,40.3", "accuracy_m": "500"}
            ],
        },
        ["p1/a"],
    ),
    "twin": ([a_record("p1/a", "“某厂”", "甲县"), a_record("p2/a", "某厂", "东市"), a_record("p2/b", "某厂", "丁县"),
              a_record("p1/b", "别厂", "甲镇", aliases="某厂")], {}, ["p1/b", "p2/a", "p2/a", "p2/b"]),
    "doubled": ([a_record("p1/a", "某厂", "甲县"), a_record("p1/b", "某工厂", "甲县", same_as="p1/a")], {}, ["p1/b"]),
    "perhaps_same": ([a_record("p1/a", "某厂", "甲县", aliases="厂"), a_record("p2/a", "某工厂", "甲镇", aliases="厂")],
                     {}, ["p2/a"]),
    "part_outside": ([a_record("p1/z", "某区", "甲县 + 乙县", "zone"), a_record("p1/a", "某厂", "丁园", part_of="p1/z"),
                      a_record("p1/y", "小区", "丙县 + 丁县 + 甲县", "zone", part_of="p1/z")], {}, ["p1/a", "p1/y"]),
    "name_elsewhere": ([a_record("p1/a", "丙县热电厂", "乙站")], {}, ["p1/a"]),
    "no_reason": ([a_record("p1/a", "某厂", "")], {}, ["p1/a"]),
    "unplaced": ([a_record("p1/a", "某厂", "", note="abroad")], {}, ["p1/a"]),
    "leaves_unit": ([a_record("p1/a", "某线", "甲县 > 乙站", "corridor")],
                    {"places": [("甲县政府驻地", "", "seat", "990101", 100.1, 40.2, 100, "")]}, ["p1/a"]),
    "leaves_area": ([a_record("p1/a", "某线", "甲镇 > 外站", "corridor"), a_record("p1/b", "外厂", "外站")],
                    {"places": [("外站", "", "station", "", 101.5, 40.2, 100, "")]}, ["p1/a", "p1/b"]),
}  # fmt: skip


@pytest.mark.parametrize("check", PROVOKED)
def test_each_check_finds_what_it_is_for(check: str, tmp_path: Path) -> None:
    records, more, expected = PROVOKED[check]
    region = made_region(tmp_path, *records, **more)
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
    region = made_region(tmp_path, a_record("p1/a", "某厂", "乙站", clause="二(一);三"), targets=targets)
    found = audit(region, texts={"p1": TEXT})
    assert hits(found, "no_record") == ["一(一)"]
    assert hits(found, "unknown_clause") == ["p1/a"]
    assert hits(found, "uncited") == ["甲县", "丁园"]
    table = found.clauses.set_index("clause")
    assert table.loc["二(一)", ["records", "targets"]].tolist() == [1, 0]
    assert table.loc["二(二)", ["records", "targets"]].tolist() == [0, 1]
    assert set(PROVOKED) | {"no_record", "unknown_clause", "uncited"} == set(CHECKS)


def test_a_name_inside_a_records_name_is_cited(tmp_path: Path) -> None:
    region = made_region(tmp_path, a_record("p1/a", "甲县大桥", "丁园", aliases="乙站大桥"))
    assert hits(audit(region, texts={"p1": "修甲县大桥,乙站大桥,也修甲城路"}), "uncited") == ["甲城"]


def test_counts_add_up(tiny: Any) -> None:
    counts = audit(tiny).counts
    for by in ("kind", "precision"):
        totals = counts[counts["by"] == by].groupby("plan")["records"].sum()
        assert totals.to_dict() == tiny.records["plan"].value_counts().to_dict()
    p1 = counts[(counts["plan"] == "p1") & (counts["by"] == "clause")]
    assert list(zip(p1["value"], p1["records"], strict=True)) == [("一(一)1", 1), ("一(一)2", 1), ("二", 2), ("三", 2)]


def test_one_plan_alone(tmp_path: Path) -> None:
    region = made_region(tmp_path, a_record("p1/a", "某厂", ""), a_record("p2/b", "别厂", ""),
                  places=[("野厂", "", "plant", "990101", 100.9, 40.9, 100, "")])  # fmt: skip
    assert hits(audit(region, plan="p2"), "no_reason") == ["p2/b"]
    assert hits(audit(region, plan="p2"), "outside_unit") == []  # no record of p2 names the place
    assert hits(audit(region), "outside_unit") == ["野厂"]
    with pytest.raises(rm.errors.NotFoundError, match="no plan 'p3'"):
        audit(region, plan="p3")
    with pytest.raises(rm.errors.NotFoundError, match="no plan 'p3'"):
        audit(region, texts={"p3": ""})


def test_tables_that_do_not_load_give_their_faults(tmp_path: Path) -> None:
    wrong = a_record("p1/a", "某厂", "甲县", part_of="p1/none"), a_record("p1/b", "别厂", "甲县", kind="thing")
    region = made_region(tmp_path, *wrong)
    found = audit(region)
    assert found.contradictions["check"].tolist() == ["fault", "dead_link"]
    assert found.counts.empty
    assert "no such id" in found.contradictions["text"].iloc[1]


def test_an_island_stays_off_its_unit_where_the_table_says_why(tmp_path: Path) -> None:
    spot = ("甲岛", "", "port", "990101", 99.7, 40.2, 100)
    assert hits(audit(made_region(tmp_path / "a", places=[(*spot, "")])), "outside_unit") == ["甲岛"]
    assert audit(made_region(tmp_path / "b", places=[(*spot, "island")])).findings.empty


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    records = [r for rows, _, _ in PROVOKED.values() for r in rows]
    records = [{**r, "id": f"{r['id'][:3]}{n}", "part_of": "", "same_as": ""} for n, r in enumerate(records)]
    places = [p for _, more, _ in PROVOKED.values() for p in more.get("places", ())]

    def found(folder: Path, rows: list[dict[str, str]]) -> set[tuple[str, str, frozenset[str]]]:
        table = audit(made_region(folder, *rows, places=places)).findings
        return {(f.level, f.check, frozenset([f.id, *f.text.split()[-1:]] if f.check in ("twin", "perhaps_same")
                                             else [f.id, f.name])) for f in table.itertuples()}  # fmt: skip

    assert found(tmp_path / "a", records) == found(tmp_path / "b", random.Random(1).sample(records, len(records)))


def test_audit_exits_one_on_a_contradiction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    write_region(good)
    made_region(bad, *PROVOKED["twin"][0])
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
        assert {row["check"] for row in found["findings"]} == {"no_record", "unknown_clause", "uncited", "unplaced"}


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


def test_the_shipped_region_contradicts_itself_nowhere(region: Any) -> None:
    found = audit(region)
    assert found.contradictions.empty, found.contradictions.to_string()
    assert hits(found, "no_reason") == []
    assert hits(found, "doubled") == []


def test_every_check_is_explained() -> None:
    for page in ("audit.md", "audit.zh.md"):
        text = (ROOT / "docs" / page).read_text("utf-8")
        assert [c for c in CHECKS if f"`{c}`" not in text] == []
        assert [f for f in FIELDS if f"`{f}`" not in text] == []
