"""Foreign places that have a prescribed Chinese form bear it wherever a map may show them."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from conftest import ROOT

# Specification for the content of public maps (Ministry of Natural Resources, 2023), places in Russia
PRESCRIBED = (
    "符拉迪沃斯托克(海参崴)", "乌苏里斯克(双城子)", "哈巴罗夫斯克(伯力)", "布拉戈维申斯克(海兰泡)", "萨哈林岛(库页岛)",
    "涅尔琴斯克(尼布楚)", "尼古拉耶夫斯克(庙街)", "斯塔诺夫山脉(外兴安岭)",
)  # fmt: skip
TABLES = sorted((ROOT / "geodata").rglob("*.csv"))


@pytest.mark.parametrize("path", TABLES, ids=lambda p: str(p.relative_to(ROOT / "geodata")))
def test_prescribed_forms(path: Path) -> None:
    halves = {half: full for full in PRESCRIBED for half in re.split("[()]", full) if half}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            for column, text in row.items():
                if column == "aliases":  # other names are there to be found by, not to be shown
                    continue
                rest = text or ""
                for full in PRESCRIBED:
                    rest = rest.replace(full, "").replace(full.replace("(", "(").replace(")", ")"), "")
                found = [full for half, full in halves.items() if half in rest]
                assert not found, f"{path.name} row {number}, {column}: write {found[0]}"
