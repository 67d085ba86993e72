"""`regionmap check` and `regionmap new`, as they are typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import ROOT, write_region
from makers import HEADER, text, xlsx
from openpyxl.styles import Font

import regionmap as rm
from regionmap.cli import main
from regionmap.errors import TableError


@pytest.fixture
def data(tmp_path: Path) -> list[str]:
    return ["--data", str(write_region(tmp_path / "geodata"))]


def test_a_good_table(data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = text(HEADER + "甲园,100.2000,40.2000\n合计,,\n")(tmp_path)
    assert main(["check", str(path), *data]) == 0
    out = capsys.readouterr().out
    assert "rows in 2 = tied 1 + reported 1" in out and "left out: a total" in out
    assert "refused" not in out


def test_faults_are_said_and_counted(data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = text("名称,位置,状态\n甲,甲真,在建\n乙,甲 镇,某态\n")(tmp_path)
    assert main(["check", str(path), *data]) == 1
    out = capsys.readouterr().out
    for part in (
        "rows in 2 = tied 1 + reported 1",
        "在建 = under_construction (1)",
        "甲县/甲镇",
        "spaces inside a name",
    ):
        assert part in out
    assert main(["check", str(path), "--json", *data]) == 1
    (report,) = json.loads(capsys.readouterr().out)
    assert report["refused"][0] == {
        "row": 2,
        "column": "位置",
        "value": "甲真",
        "why": "unknown name at position 1: '甲真'",
        "allowed": "a known name or a location expression",
        "suggestions": report["refused"][0]["suggestions"],
    }
    assert report["repaired"][0] == {
        "row": 3,
        "column": "位置",
        "old": "甲 镇",
        "new": "甲镇",
        "why": "spaces inside a name",
    }
    assert report["reported"] == [{"row": 2, "why": "位置: unknown name at position 1: '甲真'"}]
    assert report["words"] == {"状态": [{"word": "在建", "read_as": "under_construction", "rows": 1}]}


def test_several_files_one_of_them_missing(data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = text(HEADER + "甲园,100.2,40.2\n")(tmp_path)
    assert main(["check", str(path), str(tmp_path / "no.csv"), *data]) == 1
    out = capsys.readouterr().out
    assert "tied 1" in out and "no file" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--crs", "EPSG:no"], "names no CRS"),
        (["--mapping", "no.toml"], "no.toml"),
        (["--layer", "x"], "has no table 'x'"),
        (["--crs", "EPSG:4610"], "Xian 80"),
    ],
)
def test_wrong_usage(
    options: list[str], said: str, data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = text(HEADER + "甲园,100.2,40.2\n")(tmp_path)
    assert main(["check", str(path), *options, *data]) == 2
    assert said in capsys.readouterr().err


def test_old_datums_on_terms(data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(text(HEADER + "甲园,100.200000,40.200000\n")(tmp_path))
    assert main(["check", path, "--crs", "北京54", "--accuracy", "150", *data]) == 0
    assert "EPSG:4214 Beijing 1954, taken as it is within 150 m (stated)" in capsys.readouterr().out
    assert main(["check", path, "--crs", "西安80", "--parameters=-24,1.5,3", *data]) == 0
    assert "moved with the parameters given" in capsys.readouterr().out
    assert main(["check", path, "--crs", "西安80", "--accuracy", "100", *data]) == 2
    assert "off by up to 150 m, not 100" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["check", path, "--parameters", "a,b", *data])


def test_a_report_and_a_copy_in_chinese(data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = xlsx([["名称", "位置", "经度", "纬度"], ["甲", "甲真"], ["乙", None, "100°12′", "40°12′"], ["丙"]])(tmp_path)
    out = tmp_path / "退回.xlsx"
    assert main(["check", str(path), "--lang", "zh", "--fixed", str(out), *data]) == 1
    said = capsys.readouterr().out
    for part in ("读入 3 行 = 落图 1 行 + 报告 2 行", "拒绝: 1", "修正: 2", "未落图: 2", "第 1 字起不认识:'甲真'", "既无坐标,也无位置文字", "标注副本:"):
        assert part in said
    copy = openpyxl.load_workbook(out)
    assert copy.sheetnames[1:] == ["问题清单", "文件汇总"]
    assert "第 1 字起不认识" in copy.worksheets[0]["B2"].comment.text and "是否为" in copy.worksheets[0]["B2"].comment.text
    assert copy.worksheets[0]["C3"].comment.text == "原值:100°12′\n度分,已换算"
    assert copy.worksheets[0]["A4"].comment.text == "未落图:既无坐标,也无位置文字"
    assert [c.value for c in copy["问题清单"][1]][:4] == ["工作表", "行", "列", "处理"]
    assert main(["check", str(path), "--lang", "zh", "--json", *data]) == 1
    assert "unknown name" in capsys.readouterr().out  # what programs read stays as it is


def test_the_copy_has_to_be_a_workbook(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["check", "a.csv", "--fixed", str(tmp_path / "out.csv")])
    assert caught.value.code == 2


def test_the_copy_never_replaces_a_table(data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = xlsx([["名称", "位置"], ["甲", "甲镇"]])(tmp_path)
    before = path.read_bytes()
    assert main(["check", str(path), "--fixed", str(path.parent / "." / path.name), *data]) == 2
    assert "a name of its own" in capsys.readouterr().err and path.read_bytes() == before


def test_long_reports_are_cut_on_the_terminal_only(
    data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = text(HEADER + "甲园,x,y\n" * 100)(tmp_path)
    assert main(["check", str(path), *data]) == 1
    assert "... and 70 more (--json lists all)" in capsys.readouterr().out
    main(["check", str(path), "--json", *data])
    assert len(json.loads(capsys.readouterr().out)[0]["refused"]) == 100


def test_the_copy_keeps_the_looks_of_a_workbook(data: list[str], tmp_path: Path) -> None:
    rows = [
        ["项目表"],
        ["名称", "坐标", None, "备注"],
        [None, "经度", "纬度"],
        ["甲", 40.2, 100.2, "x"],
        ["乙", "错", 40.3],
    ]
    path = xlsx({"项目": rows, "其他": [["随便"]]}, ["A1:D1", "B2:C2"])(tmp_path)
    book = openpyxl.load_workbook(path)
    book["项目"]["A1"].font = Font(size=20)
    book["项目"].column_dimensions["A"].width = 33
    book.save(path)
    out = tmp_path / "out.xlsx"
    assert main(["check", str(path), "--fixed", str(out), *data]) == 1
    copy = openpyxl.load_workbook(out)
    assert copy.sheetnames == ["项目", "其他", "findings", "files"]
    sheet = copy["项目"]
    assert sheet["A1"].font.size == 20 and sheet.column_dimensions["A"].width == 33
    assert "A1:D1" in {str(m) for m in sheet.merged_cells.ranges}
    assert sheet["B4"].fill.start_color.rgb.endswith("FFF2CC") and "swapped" in sheet["B4"].comment.text
    assert sheet["B5"].fill.start_color.rgb.endswith("F8CBAD") and "is no angle" in sheet["B5"].comment.text
    assert sheet["B5"].value == "错" and sheet["D4"].comment is None
    assert copy["其他"]["A1"].value == "随便"
    found = [[c.value for c in row] for row in copy["findings"].iter_rows(min_row=2)]
    assert ["项目", 5, "经度", "refused"] in [row[:4] for row in found]


def test_the_copy_holds_what_was_repaired(data: list[str], tmp_path: Path) -> None:
    path = text("名称,经度,纬度\n=1+1,100°12′00″,40.2\n甲 园,40.2,100.2\n")(tmp_path)
    main(["check", str(path), "--fixed", str(tmp_path / "out.xlsx"), *data])
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0]
    assert sheet["B2"].value == pytest.approx(100.2) and "was: 100°12" in sheet["B2"].comment.text
    assert sheet["A3"].value == "甲园"
    assert sheet["A2"].data_type == "s" and sheet["A2"].value == "'=1+1"


def test_a_broken_copy_leaves_the_old_one(data: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out.xlsx"
    out.write_bytes(b"old")
    monkeypatch.setattr(openpyxl.Workbook, "save", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    path = text(HEADER + "甲园,100.2,40.2\n")(tmp_path)
    assert main(["check", str(path), "--fixed", str(out), *data]) == 1
    assert out.read_bytes() == b"old" and not list(tmp_path.glob(".*"))


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "REGIONMAP_DATA"} | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "regionmap", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment, check=False)


def test_a_new_region_builds_at_once(tmp_path: Path) -> None:
    assert run("new", "my-region/", cwd=tmp_path).returncode == 0
    inside = run("build", cwd=tmp_path / "my-region")
    assert inside.returncode == 0, inside.stderr
    page = tmp_path / "my-region/maps/overview.html"
    assert "<title>示例省" in page.read_text("utf-8")
    outside = run("build", "--data", "my-region/geodata", "--out", "here", cwd=tmp_path)
    assert outside.returncode == 0 and (tmp_path / "here/overview.html").read_bytes() == page.read_bytes()
    region = rm.open(tmp_path / "my-region/geodata")
    assert region.feature("示例合作区").geometry.iloc[0].geom_type.endswith("Polygon")
    assert not region.faults and set(region.records["kind"]) == {"zone", "project", "park", "corridor"}


def test_the_template_is_read_like_any_table(tmp_path: Path) -> None:
    main(["new", str(tmp_path / "r")])
    region = rm.open(tmp_path / "r/geodata")
    frame, report = rm.read_table(tmp_path / "r/geodata/plans/my-plan/records.xlsx", region=region)
    assert report.ok and report.table == "records"
    assert frame["name"].tolist() == region.records["name"].tolist()


@pytest.mark.parametrize("unit", ["370000", "210381", "110000"])
def test_a_new_region_of_a_real_unit(unit: str, tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "r"), "--unit", unit, "--title", '某"地']) == 0
    region = rm.open(tmp_path / "r/geodata")
    assert region.title == '某"地' and not region.faults
    assert region.records.geometry.notna().all()
    assert region.gazetteer.units[unit].name in {"山东省", "海城市", "北京市"}


def test_new_never_writes_over_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r/mine.txt").write_text("mine", "utf-8")
    assert main(["new", str(tmp_path / "r")]) == 1
    assert "is in use" in capsys.readouterr().err
    assert [p.name for p in (tmp_path / "r").iterdir()] == ["mine.txt"]
    assert main(["new", str(tmp_path / "s"), "--unit", "999999"]) == 1
    assert not (tmp_path / "s").exists()


def test_a_plan_may_be_a_workbook(tmp_path: Path) -> None:
    """Rows without id or place words: the id comes from the name, the place from coordinates or unit columns."""
    folder = write_region(tmp_path / "geodata")
    (folder / "plans/p1/records.csv").unlink()
    rows: list[list[Any]] = [
        ["某规划项目表"],
        ["名称", "类别", "县", "经度", "纬度", "状态", "建设年限"],
        ["甲园", "园区", None, "100°12′", "40°12′", "在建", "十四五"],
        ["甲园", "项目", "乙县", None, None, "规划", 2021],
    ]
    xlsx(rows, name="records.xlsx")(folder / "plans/p1")
    (folder / "plans/p2/records.csv").unlink()
    region = rm.open(folder)
    assert not region.faults and len(set(region.records.index)) == 2
    assert region.records["where"].tolist() == ["100.200000, 40.200000", "乙县"]
    assert region.records["precision"].tolist() == ["site", "county"]
    assert region.records["status"].tolist() == ["under_construction", "planned"]
    first = list(region.records.index)
    xlsx([*rows[:2], rows[3], rows[2]], name="records.xlsx")(folder / "plans/p1")
    again = rm.open(folder)
    assert again.edition != region.edition
    assert list(again.records["name"]) == ["甲园", "甲园"] and set(first) == set(again.records.index)


def test_faults_of_a_workbook_are_faults_of_the_region(tmp_path: Path) -> None:
    folder = write_region(tmp_path / "geodata")
    (folder / "plans/p1/records.csv").unlink()
    xlsx([["名称", "类别", "位置"], ["甲园", "某类", "甲镇"]], name="records.xlsx")(folder / "plans/p1")
    with pytest.raises(TableError) as caught:
        len(rm.open(folder).records)
    assert "plans/p1/records.xlsx, row 2, column 类别" in str(caught.value)
