"""A few hundred tables that nobody would write; the long run is `fuzz.py`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from conftest import write_region
from fuzz import checks

import regionmap as rm


@pytest.mark.parametrize("way", ["grids", "mutated", "framed", "raw_bytes"])
def test_nothing_crashes_the_reader(way: str, tmp_path: Path) -> None:
    count: Counter[str] = Counter()
    region = rm.open(write_region(tmp_path / "geodata"))
    checks(region, tmp_path / "fuzz", count, max_examples=120)[way]()
    assert count.total() >= 120
