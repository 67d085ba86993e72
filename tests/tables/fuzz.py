"""Tables that nobody would write: random grids, random text, and the corpus with bytes changed.

The tests draw a few hundred of each. A long run counts what it tried and logs it:

    PYTHONPATH=src:tests python tests/tables/fuzz.py 600
"""

from __future__ import annotations

import datetime
import faulthandler
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from corpus import CASES
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

import regionmap as rm
from regionmap.plans.reading import Examined, examine
from regionmap.plans.reading.book import write
from regionmap.plans.reading.formats import ADVICE, READ
from regionmap.plans.reading.words import tables

HEADERS = sorted(tables()["columns"])
COMMON = [
    "编号", "类别", "行业", "位置", "状态", "开工时间", "竣工时间", "建设年限", "责任单位", "投资(万元)", "精度", "备注", "经度", "纬度", "X", "Y", "东坐标", "北坐标", "坐标", "wkt",
    "坐标系", "县", "乡镇", "序号",
]  # fmt: skip
SCRAPS = [
    "甲园", "甲镇", "东市/甲县", "甲镇 > 丁园", "无处", "100.2", "40.2", "100°12′00″", "E100°12′N40°12′", "33602174", "4452427", "602174",
    "POINT (100.2 40.2)", "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))", "SRID=4521;POINT (33602174 4452427)", "2021-2025年", "十四五",
    "44197", "在建", "物流园区", "GCJ02", "西安80", "EPSG:4490", "#N/A", "合计", "注:略", "一、交通", "—", "", "9" * 400, "1e308",
    "-1e-320", "nan", "inf", "=1+1", "\x00", "\u202e", "\ud800", '"', "'", ",", "\n", "\r", "\t", "](", "[地块坐标]", "J1,1,2,3", "@",
    "((((((((((", "[" * 50, "~ 2 km", "x" * 5000, "²", "٣", "½", "°", "′", "N", "S", "E", "W", "d", "s",
]  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(SCRAPS),
    st.text(max_size=12),
    st.lists(st.sampled_from(SCRAPS), max_size=4).map("".join),
    st.floats(),
    st.integers(-(10**18), 10**18),
    st.floats(100, 101),
    st.floats(40, 41),
    st.booleans(),
    st.none(),
    st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1)),
)
GRIDS = st.builds(
    lambda above, header, rows: [*above, header, *rows],
    st.lists(st.lists(CELLS, max_size=4), max_size=2),
    st.one_of(
        st.lists(st.one_of(st.sampled_from(HEADERS), CELLS), max_size=9),
        st.lists(st.sampled_from(COMMON), min_size=2, max_size=9, unique=True),
        st.lists(st.sampled_from(COMMON), min_size=3, max_size=9, unique=True).map(lambda h: ["名称", *h]),
    ),
    st.lists(st.lists(CELLS, max_size=9), max_size=6),
)
SUFFIXES = sorted({*READ, *ADVICE, ".xyz"} - {".gdb"})
SYSTEMS = st.sampled_from([None, None, None, "EPSG:4490", "EPSG:4521", "EPSG:4542", "EPSG:32647", "EPSG:3857", "gcj02"])
FRAMES = {
    ".kml": "<kml><Placemark><name>甲</name><Point><coordinates>{}</coordinates></Point>{}</Placemark></kml>",
    ".geojson": '{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"a":"{}"}},"geometry":{}}}]}}',
    ".txt": "[属性描述]\n坐标系=2000国家大地坐标系\n带号=33\n[地块坐标]\n4,1,D1,甲,面,,,,@\nJ1,1,{}\nJ2,1,{}\n",
    ".csv": "名称,经度,纬度,坐标,位置\n甲,{}\n乙,,,{}\n",
    ".dxf": "0\nSECTION\n2\nENTITIES\n0\nPOINT\n10\n{}\n20\n{}\n0\nENDSEC\n0\nEOF\n",
}


def attempt(path: Path, region: Any, crs: str | None = None) -> list[Examined]:
    """Read a file and hold every promise against it; raises where one is broken."""
    found = examine(path, region=region, crs=crs)
    assert found
    for one in found:
        report = one.report
        assert report.rows_in == report.rows_tied + report.rows_reported
        json.dumps(report.to_dict(), ensure_ascii=False).encode()
        if one.frame is None:
            assert one.error is not None and str(one.error)
            continue
        tied = set(one.frame.index[one.frame.geometry.notna()])
        assert one.frame.index.is_unique and len(tied) == report.rows_tied
        assert not tied & set(report.reported)
        assert set(one.frame.index) <= tied | set(report.reported)
        assert not one.frame.geometry.dropna().is_empty.any()
    return found


@cache
def seeds() -> list[tuple[str, dict[str, bytes]]]:
    """The corpus as bytes: name of the file to read, and every file of it."""
    out = []
    for case in CASES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            path = case.make(folder)
            files = {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
            if sum(map(len, files.values())) < 400_000:
                out.append((path.name, files))
    return out


@st.composite
def mutants(draw: Any) -> tuple[str, dict[str, bytes]]:
    """A table of the corpus with some bytes of one of its files changed, cut out, put in or doubled."""
    name, files = draw(st.sampled_from(seeds()))
    assume(files)
    victim = draw(st.sampled_from(sorted(files)))
    content = bytearray(files[victim])
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        length = draw(st.sampled_from([1, 1, 1, 2, 4, 16, 200]))
        way = draw(st.sampled_from(["change", "cut", "put", "double"]))
        if way == "change":
            content[at : at + length] = draw(st.binary(min_size=1, max_size=4))
        elif way == "cut":
            del content[at : at + length]
        elif way == "put":
            content[at:at] = draw(st.one_of(st.binary(max_size=8), st.sampled_from(SCRAPS).map(_bytes)))
        else:
            content[at:at] = content[at : at + length]
    return name, {**files, victim: bytes(content)}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def workbook(path: Path, grid: list[list[Any]]) -> None:
    import openpyxl
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = openpyxl.Workbook()
    for r, row in enumerate(grid, 1):
        for c, value in enumerate(row, 1):
            try:
                book.active.cell(r, c, value.encode("utf-8", "ignore").decode() if isinstance(value, str) else value)
            except (IllegalCharacterError, ValueError):
                continue
    book.save(path)


def checks(region: Any, folder: Path, count: Counter[str], **options: Any) -> dict[str, Any]:
    """The four ways to fuzz, each a function of no arguments."""
    slow = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), **options)

    def fresh(name: str) -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / name).parent.mkdir(parents=True)
        return folder / name

    def tried(way: str, path: Path, crs: str | None = None) -> None:
        count[way] += 1
        faulthandler.dump_traceback_later(60, exit=True)  # a reader that never ends, in GDAL too, ends the run loudly
        found = attempt(path, region, crs)
        faulthandler.cancel_dump_traceback_later()
        if count[way] % 3 == 0 and not any(len(e.raw.grid) > 1000 for e in found if e.raw):
            write([(path, e) for e in found], path.with_name("marked copy.xlsx"))
            count["copies"] += 1
        for one in found:
            count["tables read" if one.frame is not None else "tables refused"] += 1
            count["rows"] += one.report.rows_in

    @slow
    @given(GRIDS, st.sampled_from(["utf-8", "gb18030", "utf-16", "xlsx"]), SYSTEMS)
    def grids(grid: list[list[Any]], form: str, crs: str | None) -> None:
        path = fresh("t.xlsx" if form == "xlsx" else "t.csv")
        if form == "xlsx":
            workbook(path, grid)
        else:
            lines = "\n".join(",".join("" if v is None else str(v) for v in row) for row in grid)
            path.write_bytes(lines.encode(form, "replace"))
        tried("grids", path, crs)

    @slow
    @given(mutants(), SYSTEMS)
    def mutated(mutant: tuple[str, dict[str, bytes]], crs: str | None) -> None:
        name, files = mutant
        target = fresh(name)
        for inner, content in files.items():
            (folder / inner).parent.mkdir(parents=True, exist_ok=True)
            (folder / inner).write_bytes(content)
        tried("mutants", target, crs)

    @slow
    @given(st.sampled_from(sorted(FRAMES)), st.lists(CELLS, min_size=2, max_size=2))
    def framed(suffix: str, cells: list[Any]) -> None:
        path = fresh("t" + suffix)
        path.write_bytes(_bytes(FRAMES[suffix].format(*cells)))
        tried("framed text", path)

    @slow
    @given(st.sampled_from(SUFFIXES), st.one_of(st.binary(max_size=400), st.text(max_size=200).map(_bytes)))
    def raw_bytes(suffix: str, content: bytes) -> None:
        path = fresh("t" + suffix)
        path.write_bytes(content)
        tried("raw bytes", path)

    return {f.__name__: f for f in (grids, mutated, framed, raw_bytes)}


def main(seconds: float) -> None:
    """Fuzz for so long, each way in turn, and print what was tried; stops at the first broken promise."""
    from conftest import write_region

    faulthandler.enable()
    count: Counter[str] = Counter()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        region = rm.open(write_region(Path(name) / "geodata"))
        phases = (Phase.generate, Phase.shrink)
        every = checks(region, Path(name) / "fuzz", count, max_examples=300, phases=phases)
        while time.monotonic() - began < seconds:
            for run in every.values():
                run()
            print(f"{time.monotonic() - began:6.0f} s  {dict(sorted(count.items()))}", flush=True)
    print("no crash")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
