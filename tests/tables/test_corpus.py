"""The corpus of bad tables: every one gives the report that is expected, and none a traceback."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import shapely
from conftest import write_region
from corpus import CASES, Case, Found

import regionmap as rm
from regionmap.cli import main
from regionmap.plans.reading import Examined, examine
from regionmap.plans.reading.book import write
from regionmap.plans.reading.chinese import chinese


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return rm.open(write_region(tmp_path_factory.mktemp("region") / "geodata"))


def ids(case: Case) -> str:
    return case.id


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_report(case: Case, region: Any, tmp_path: Path) -> None:
    found = examine(case.make(tmp_path), region=region, **case.options)
    assert len(found) == case.tables
    one = found[0]
    report = one.report
    assert (report.rows_in, report.rows_tied) == (case.rows, case.tied), report
    assert report.rows_in == report.rows_tied + report.rows_reported
    assert set(report.reported) == set(case.reported)
    for row, why in case.reported.items():
        assert why in report.reported[row]
    same(case.repaired, [(r.row, r.column, f"{r.new} {r.why}") for r in report.repaired])
    texts = [(r.row, r.column, " ".join((r.value, r.why, r.allowed, *r.suggestions))) for r in report.refused]
    same(case.refused, texts)
    for name, value in case.read.items():
        assert getattr(report, name) == value
    check_frame(one, case)
    json.dumps(report.to_dict(), ensure_ascii=False).encode()


def same(expected: tuple[Found, ...], found: list[tuple[int | None, str | None, str]]) -> None:
    """Every finding is expected and every expectation found, once."""
    left = list(found)
    for row, column, part in expected:
        hit = next((f for f in left if f[:2] == (row, column) and part in f[2]), None)
        assert hit is not None, f"{(row, column, part)} is not among {left}"
        left.remove(hit)
    assert not left, f"not expected: {left}"


def check_frame(one: Examined, case: Case) -> None:
    """The frame has every data row once, null geometry where it is reported, and the first row where it belongs."""
    if one.frame is None:
        assert one.error is not None
        return
    report, frame = one.report, one.frame
    assert frame.crs == "EPSG:4326" and frame.index.is_unique
    tied = frame[frame.geometry.notna()]
    assert len(tied) == report.rows_tied
    assert set(frame.index[frame.geometry.isna()]) <= set(report.reported)
    assert not set(tied.index) & set(report.reported)
    assert (tied["accuracy_m"] > 0).all() and (tied["precision"] != "unplaced").all()
    if case.near is not None and len(tied):
        gap = shapely.distance(tied.geometry.iloc[0], shapely.Point(case.near))
        assert gap < 0.01, f"{tied.geometry.iloc[0]} is {gap} degrees from {case.near}"


def test_our_own_tables_need_no_repair() -> None:
    """The shipped plans through the same reader: as many rows tied as the region itself places, nothing changed."""
    shipped = rm.open()
    for plan in shipped.plans:
        (one,) = examine(shipped.folder / "plans" / plan / "records.csv", region=shipped)
        own = shipped.records[shipped.records["plan"] == plan]
        assert not one.report.repaired and not one.report.refused, one.report.refused
        assert (one.report.rows_in, one.report.rows_tied) == (len(own), own.geometry.notna().sum())


def test_it_is_a_corpus() -> None:
    assert len(CASES) >= 60
    assert len({c.id for c in CASES}) == len(CASES)


def test_every_case_goes_back_to_its_sender(region: Any, tmp_path: Path) -> None:
    """All tables into one workbook: every finding that has a cell marks and comments it."""
    import openpyxl

    examined = []
    for case in CASES:
        folder = tmp_path / case.id
        folder.mkdir()
        path = case.make(folder)
        examined += [
            (path, one)
            for one in examine(path, region=region, **case.options)
            if len(one.raw.grid if one.raw else ()) < 1000
        ]
    write(examined, tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    sheets = [s for s in book.worksheets if s.title not in ("findings", "files")]
    assert len(sheets) == len(examined)
    for sheet, (_, one) in zip(sheets, examined, strict=True):
        for entry in one.report.refused:
            row, column = entry.cell or (entry.row or 1, 1)
            comment = sheet.cell(row, column).comment
            assert comment is not None and entry.why[:40].split("\n")[0] in comment.text
        assert not any(c.data_type == "f" for cells in sheet.iter_rows() for c in cells)
    assert book["findings"].max_row == 1 + sum(
        len(e.report.refused) + len(e.report.repaired) + len(e.report.reported) for _, e in examined
    )


def test_every_sentence_has_its_chinese(region: Any, tmp_path: Path) -> None:
    """No sentence that a table of the corpus brings up is left in English."""
    english = re.compile(r"\b(the|is|was|has|no|a|and|which|not)\b")
    for case in CASES:
        (tmp_path / case.id).mkdir()
        for one in examine(case.make(tmp_path / case.id), region=region, **case.options):
            texts = [*one.report.reported.values(), *one.report.notes]
            for entry in (*one.report.refused, *one.report.repaired):
                texts += [entry.why, getattr(entry, "allowed", "")]
            for text in filter(None, texts):
                said = chinese(text)
                assert said != text or not english.search(text), text
                assert "planned" not in said and "corridor" not in said
                foreign = re.sub(r"\([^()]*(\([^()]*\))?[^()]*\)", "", said)  # what a library said of a broken file
                assert not english.search(foreign), said
            for entry in one.report.refused:  # what was found stays in the sentence
                for number in re.findall(r"\d{3,}", entry.why):
                    assert number in chinese(entry.why)


def test_sentences_have_as_many_gaps_in_chinese() -> None:
    from importlib import resources

    file = resources.files("regionmap.plans.reading") / "chinese.toml"
    for english, there in tomllib.loads(file.read_text("utf-8"))["sentences"].items():
        assert english.count("{}") == there.count("{}"), english


def test_on_the_command_line(region: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = []
    for case in CASES:
        if not case.options:
            folder = tmp_path / case.id
            folder.mkdir()
            files.append((case, str(case.make(folder))))
    assert main(["check", "--data", str(region.folder), *(f for _, f in files)]) == 1
    plain = capsys.readouterr()
    assert "Traceback" not in plain.out + plain.err and "\x1b" not in plain.out
    assert main(["check", "--json", "--data", str(region.folder), *(f for _, f in files)]) == 1
    reports = json.loads(capsys.readouterr().out)
    assert len(reports) == sum(case.tables for case, _ in files)
    for report in reports:
        assert (
            report["rows_in"]
            == report["rows_tied"] + report["rows_reported"]
            == report["rows_tied"] + len(report["reported"])
        )
