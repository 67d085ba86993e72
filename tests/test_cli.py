"""The command line as a user types it: answers, exit codes, messages."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import RECORDS, ROOT, run, write_region

import regionmap as rm


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(write_region(tmp_path / "geodata"))


def test_near_equals_python(capsys: Any, data: str) -> None:
    code, out, _ = run(capsys, "near", "甲丁铁路", "--km", "20", "--json", "--data", data)
    rows = json.loads(out)
    region = rm.open(data)
    expected = rm.near(region.candidates("p2/line"), region.feature("甲丁铁路"), within_m=20_000)
    assert code == 0
    assert {r["id"]: r["certainty"] for r in rows} == dict(zip(expected["id"], expected["certainty"], strict=True))
    assert all({"id", "name", "distance_m", "certainty"} <= set(r) for r in rows)
    assert rows == sorted(rows, key=lambda r: (r["certainty"], r["distance_m"]))


def test_shipped_question(capsys: Any) -> None:
    code, out, _ = run(capsys, "near", "沈铁城际铁路", "--km", "10", "--kind", "park", "--json")
    rows = json.loads(out)
    assert code == 0 and rows and all(r["kind"] == "park" for r in rows)


def test_locate(capsys: Any, data: str) -> None:
    code, out, _ = run(capsys, "locate", "东市 + 丙县", "--json", "--data", data)
    feature = json.loads(out)
    assert code == 0 and out.count("\n") == 1
    assert feature["type"] == "Feature" and feature["geometry"]["type"] == "Polygon"
    assert {"precision", "accuracy_m"} <= set(feature["properties"])
    code, out, err = run(capsys, "locate", "东市 + 丙现", "--data", data)
    assert code == 1 and not out and "丙县" in err and "position" in err


def test_find_show_list(capsys: Any, data: str) -> None:
    _, out, _ = run(capsys, "find", "甲丁", "--json", "--data", data)
    assert {r["id"] for r in json.loads(out)} == {"p1/line", "p2/line"}
    _, out, _ = run(capsys, "show", "甲丁线", "--json", "--data", data)
    assert [r["clause"] for r in json.loads(out)] == ["4", "一(一)1"]
    _, out, _ = run(capsys, "show", "甲丁线", "--data", data)
    assert "一(一)1" in out and "规划p1" in out
    _, out, _ = run(capsys, "list", "--kind", "hub", "--status", "upgrading", "--csv", "--data", data)
    assert [r["id"] for r in csv.DictReader(io.StringIO(out))] == ["p1/port"]
    code, _, err = run(capsys, "show", "甲丁铁", "--data", data)
    assert code == 1 and "nearest names: 甲丁铁路" in err


@pytest.mark.parametrize("words", [["near", "x"], ["nothing"], [], ["near", "x", "--km", "-1"], ["list", "--status", "x"]])
def test_wrong_usage_is_2(capsys: Any, data: str, words: list[str]) -> None:
    code, _, err = run(capsys, *words, *(["--data", data] if words and words[0] != "nothing" else []))
    assert code == 2 and err


def test_export_reports_faults(capsys: Any, tmp_path: Path) -> None:
    rows = [dict(r, where="丁元") if r["id"] == "p1/park" else r for r in RECORDS]
    data = str(write_region(tmp_path / "geodata", rows))
    code, out, err = run(capsys, "export", str(tmp_path / "x.geojson"), "--data", data)
    assert code == 1 and "丁元" in err and "row 3" in err
    assert len(json.loads((tmp_path / "x.geojson").read_text("utf-8"))["features"]) == len(rows)


def test_build_from_any_folder(capsys: Any, data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps/over.toml").write_text('title = "总图"\n[[layer]]\nshow = "all"\n', "utf-8")
    monkeypatch.chdir(tmp_path)  # ./geodata and ./maps are found
    code, out, _ = run(capsys, "build", "--out", "here")
    assert code == 0 and (tmp_path / "here/over.html").is_file() and "here" in out


def test_terminal_tables_align_chinese(capsys: Any, data: str) -> None:
    from regionmap.cli.common import _width

    _, out, _ = run(capsys, "list", "--data", data)
    lines = out.splitlines()
    column = lines[0].index("kind")
    for line in lines[1:-1]:
        name = next(r["name"] for r in RECORDS if line.startswith(r["id"] + " "))
        start = line.index(name) + len(name)
        head = line[: len(line[:start]) + (column - _width(line[:start]))]
        assert _width(head) == column


def test_the_wheel_carries_data_and_recipes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "regionmap/_shipped/geodata/region.toml" in names
    assert "regionmap/_shipped/maps/shenyang-tieling.toml" in names
    assert "regionmap/maps/web/page.html" in names and "regionmap/py.typed" in names
    assert not [n for n in names if n.endswith(".html") and "_shipped" in n]
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    (tmp_path / "empty").mkdir()
    code = "import sys; sys.path.insert(0, sys.argv[1]); from regionmap.cli import main; sys.exit(main(['build', '--out', 'here']))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path / "site")],
        cwd=tmp_path / "empty", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "empty/here/shenyang-tieling.html").is_file()
