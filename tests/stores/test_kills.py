"""A kill -9 at any moment of a save leaves the old file or the new one; locks and read-only folders are said."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import RECORDS, write_region
from kept import TARGETS, a_region

import regionmap as rm
from regionmap.plans import stores
from regionmap.plans.stores import atomic

KILLS = int(os.environ.get("REGIONMAP_KILLS", "20"))  # `make soak` asks for 200
MANY = [{"id": f"p1/more-{n}", "name": f"第{n}项", "kind": "project", "sector": "energy", "where": "乙县", "clause": "五"} for n in range(300)]


@pytest.fixture(scope="module")
def saver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Ask to save region 0 or 1 to a path and kill after some seconds (never: -1)."""
    folder = tmp_path_factory.mktemp("saver")
    for name, rows in (("old", RECORDS), ("new", [*RECORDS, *MANY])):
        write_region(folder / name, rows, TARGETS)
    command = [sys.executable, str(Path(__file__).with_name("saver.py")), str(folder / "old"), str(folder / "new")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def ask(number: int, path: Path, seconds: float) -> str:
            process.stdin.write(f"{number}\t{path}\t{seconds}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield ask
        process.stdin.close()


def test_a_kill_leaves_the_old_file_or_the_new(saver: Any, tmp_path: Path) -> None:
    chance, ends = random.Random(9), Counter()
    sizes = (len(RECORDS), len(RECORDS) + len(MANY))
    endings = [*stores.READABLE, *stores.READABLE, ".geojson"]
    lasts, old = {}, {}
    for ending in dict.fromkeys(endings):
        path = tmp_path / f"x{ending}"
        assert saver(0, path, -1) == "saved 0"
        old[ending], start = path.read_bytes(), time.perf_counter()
        assert saver(1, path, -1) == "saved 0"
        lasts[ending] = time.perf_counter() - start
    for number in range(KILLS):
        ending = endings[number % len(endings)]
        path = tmp_path / f"x{ending}"
        path.write_bytes(old[ending])
        ended = saver(1, path, chance.uniform(0, 1.2 * lasts[ending]))
        rows = len(rm.open(path).records) if ending in stores.READABLE else path.read_text("utf-8").count('"Feature"') - len(TARGETS)
        assert rows in sizes if ended == "killed" else rows == sizes[1]
        ends[ended, sizes.index(rows)] += 1
    print(dict(ends))
    assert sum(ends.values()) == KILLS and ends["killed", 0]  # some were hit before the end
    for ending in dict.fromkeys(endings):  # the next save clears away what the killed ones left
        assert saver(0, tmp_path / f"x{ending}", -1) == "saved 0"
    assert {p.name for p in tmp_path.iterdir()} == {f"x{e}" for e in dict.fromkeys(endings)}


def test_a_geopackage_that_is_open_elsewhere_is_not_replaced(tmp_path: Path) -> None:
    small, path = a_region(tmp_path), tmp_path / "x.gpkg"
    small.save(path)
    before = path.read_bytes()
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(rm.errors.StoreError, match=r"another program.*has the file open"):
            small.save(path)
        writer.rollback()
    with closing(sqlite3.connect(path)) as reader:  # as QGIS holds it
        reader.execute("PRAGMA journal_mode = WAL").fetchall()
        reader.execute("SELECT count(*) FROM records").fetchall()
        with pytest.raises(rm.errors.StoreError, match="close it there"):
            small.save(path)
        reader.execute("PRAGMA journal_mode = DELETE").fetchall()
    assert path.read_bytes()[100:] == before[100:]
    small.save(path)


@pytest.mark.parametrize("ending", stores.FORMATS)
def test_a_read_only_share_is_a_clear_error(tmp_path: Path, ending: str) -> None:
    folder = tmp_path / "share"
    a_region(tmp_path).save(tmp_path / "x.parquet")
    small = rm.open(tmp_path / "x.parquet")
    small.save(folder / f"x{ending}")
    before = (folder / f"x{ending}").read_bytes()
    for each in (tmp_path, folder):
        each.chmod(0o555)
    root = os.geteuid() == 0
    if root:  # whom no permission stops
        os.seteuid(65534)
    try:
        with pytest.raises(rm.errors.StoreError, match="read-only"):
            small.save(folder / f"x{ending}")
    finally:
        if root:
            os.seteuid(0)
        for each in (tmp_path, folder):
            each.chmod(0o755)
    assert (folder / f"x{ending}").read_bytes() == before and len(list(folder.iterdir())) == 1


def test_a_file_marked_read_only_and_a_wrong_path_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, path = a_region(tmp_path), tmp_path / "x.parquet"
    small.save(path)
    monkeypatch.setattr(atomic.os, "access", lambda p, how: Path(p) != path)  # root may write everything
    with pytest.raises(rm.errors.StoreError, match=r"x\.parquet was not written.*read-only"):
        small.save(path)
    monkeypatch.undo()
    with pytest.raises(rm.errors.StoreError, match="part of the path is a file"):
        small.save(path / "y.gpkg")
    (tmp_path / "z.gpkg").mkdir()
    with pytest.raises(rm.errors.StoreError, match="folder of that name"):
        small.save(tmp_path / "z.gpkg")


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, path = a_region(tmp_path), tmp_path / "x.geojson"
    small.save(path)
    before = path.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(rm.errors.StoreError, match="disk is full"):
        small.save(path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.glob(".*")] == []
