"""The ledger: every number that an answer about time rests on and that no line states, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from regionmap.errors import Fault, InputError, NotFoundError, TableError, nearest_names
from regionmap.places.gazetteer import read_rows

if TYPE_CHECKING:
    from regionmap.plans.region import Region

FILE = "assumptions.csv"
COLUMNS = ("key", "value", "unit", "zh", "en", "basis", "source")
BASES = ("assumed", "published", "timetable", "document", "yours", "computed")
ZERO = ("board_minutes", "exit_minutes", "end_minutes", "stop_minutes", "stopping_share", "transfer_minutes", "channel")


@dataclass(frozen=True, eq=False)
class Ledger:
    """Assumptions by key; asking for one notes that the answer rests on it.

    Attributes
    ----------
    rows : key -> value, unit, zh, en, basis (assumed, published, timetable, document, yours, computed), source.
    used : keys that were asked for, in order.
    """

    rows: dict[str, dict[str, Any]]
    used: dict[str, None] = field(default_factory=dict)

    def number(self, *keys: str) -> float:
        """The value of the first of `keys` that there is.

        Raises
        ------
        NotFoundError : none of them.
        """
        for key in keys:
            if key in self.rows:
                self.used[key] = None
                return float(self.rows[key]["value"])
        raise NotFoundError(f"no assumption {' or '.join(keys)}; add a row to networks/{FILE}")

    def note(self, key: str, value: float, unit: str, zh: str, en: str, basis: str = "computed") -> None:
        """Add what the network itself says, such as how much of it is schematic."""
        self.rows[key] = {"value": value, "unit": unit, "zh": zh, "en": en, "basis": basis, "source": ""}
        self.used[key] = None

    def frame(self) -> pd.DataFrame:
        """What the answer rests on: one row an assumption, in the order of the table."""
        kept = [{"key": k, **row} for k, row in self.rows.items() if k in self.used]
        return pd.DataFrame(kept, columns=list(COLUMNS))


def read(region: Region, assume: Mapping[str, float] | None = None) -> Ledger:
    """The assumptions of a region (`networks/assumptions.csv`, else the shipped ones), some of them overruled.

    Parameters
    ----------
    assume : key -> value of your own.

    Raises
    ------
    TableError : a value that is no number or not allowed. InputError : an unknown key, a value not allowed.
    """
    path = region.folder / "networks" / FILE
    if not path.is_file():
        from regionmap.plans.opening import shipped

        path = shipped("geodata") / "networks" / FILE
    rows = _read(path)
    wrong = []
    for key, value in (assume or {}).items():
        base = key if key in rows else _line_key(key, region)
        if base is None:
            near = ", ".join(nearest_names(key, rows))
            wrong.append(f"no assumption {key!r}; nearest: {near}")
        elif not _allowed(key, value):
            wrong.append(f"{key} = {value!r}: {_words(key)}")
        else:
            rows[key] = {**rows[base], "value": float(value), "basis": "yours", "source": ""}
    if wrong:
        raise InputError("; ".join(wrong))
    return Ledger(rows)


def _line_key(key: str, region: Region) -> str | None:
    """`speed_kmh.` with a record's id or a network line's name is allowed though the table has no such row."""
    head, _, name = key.partition(".")
    if head == "speed_kmh" and (name in region.names or region.gazetteer.lines(name)):
        return "speed_kmh.planned_rail"
    return None


def _allowed(key: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < 1e5 if key.startswith(ZERO) else 0 < value < 1e5


def _words(key: str) -> str:
    return "a number of 0 or more" if key.startswith(ZERO) else "a number above 0"


def _read(path: Path) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    faults = []
    for number, row in enumerate(read_rows(path), 2):
        try:
            value = float(row["value"])
        except ValueError:
            value = -1.0
        if not _allowed(row["key"], value):
            faults.append(Fault(path.name, number, "value", row["value"], _words(row["key"])))
        if row["basis"] not in BASES:
            faults.append(Fault(path.name, number, "basis", row["basis"], f"allowed are {', '.join(BASES)}"))
        if row["key"] in rows:
            faults.append(Fault(path.name, number, "key", row["key"], "stands there twice"))
        rows[row["key"]] = {**{k: row[k] for k in COLUMNS[2:]}, "value": value}
    if faults:
        raise TableError(faults)
    return rows
