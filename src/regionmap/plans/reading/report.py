"""What was read how, what was repaired, what was refused: the record of one table's reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from regionmap.errors import Fault
from regionmap.plans.reading.words import INVISIBLE

LEFT_OUT = "left out: "
Cell = tuple[int, int]
"""Row and column of a cell, both from 1, as a spreadsheet counts them."""


@dataclass(frozen=True)
class Repair:
    """A value that was read differently from how it stands.

    Attributes
    ----------
    row : as a spreadsheet shows it; of a file of features, the header counts as row 1.
    column : the header as the file writes it.
    old, new : the value before and after.
    why : what was wrong with it.
    cell : where it stands in the copy that `regionmap check --fixed` writes, or None.
    fix : whether the copy takes the new value (an address or a date says more than what was read of it).
    """

    row: int
    column: str
    old: str
    new: str
    why: str
    cell: Cell | None = None
    fix: bool = True


@dataclass(frozen=True)
class Refusal:
    """A value that could not be used; None as `row` or `column` where all are meant.

    Attributes
    ----------
    value : as it stands.
    why : what is wrong.
    allowed : what would be right.
    suggestions : nearest right values, best first.
    """

    row: int | None
    column: str | None
    value: str
    why: str
    allowed: str = ""
    suggestions: tuple[str, ...] = ()
    cell: Cell | None = None

    def fault(self, file: str) -> Fault:
        """The same as an entry of a `TableError`."""
        reason = f"{self.why}; {self.allowed}" if self.allowed else self.why
        return Fault(file, self.row, self.column, self.value, reason, self.suggestions)


@dataclass(frozen=True)
class Report:
    """How one table was read. Rows in = rows tied + rows reported, always.

    Attributes
    ----------
    file, table : file name; sheet or layer, empty where a file is one table.
    format, encoding : what the file is, and how its text was read.
    header_row : rows of the header, first and last, or None.
    columns : each header of the file and the column that it became.
    crs : the CRS that coordinates were read in, and who said so.
    rows_in : rows that hold anything, below the header.
    rows_tied : rows of the frame that have a geometry.
    reported : row -> why it has no geometry, for every other row.
    words : for each column the words that were taken for another: `{"status": {"在建": ("under_construction", 12)}}`.
    """

    file: str
    table: str = ""
    format: str = ""
    encoding: str = ""
    header_row: tuple[int, int] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    crs: str = ""
    rows_in: int = 0
    rows_tied: int = 0
    reported: Mapping[int, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, tuple[str, int]]] = field(default_factory=dict)
    repaired: tuple[Repair, ...] = ()
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rows_in != self.rows_tied + len(self.reported):
            raise AssertionError(
                f"{self.file}: {self.rows_in} rows in, {self.rows_tied} tied, {len(self.reported)} reported"
            )

    def __str__(self) -> str:
        name = f"{self.file} [{self.table}]" if self.table else self.file
        rows = f"rows in {self.rows_in} = tied {self.rows_tied} + reported {self.rows_reported}"
        return f"{name}: {rows}; {len(self.repaired)} repaired, {len(self.refused)} refused"

    @property
    def rows_reported(self) -> int:
        return len(self.reported)

    @property
    def ok(self) -> bool:
        """Whether nothing was refused and every data row was tied (totals and notes are left out, and no fault)."""
        return not self.refused and all(why.startswith(LEFT_OUT) for why in self.reported.values())

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was refused, as a `TableError` carries it."""
        return tuple(r.fault(self.file) for r in self.refused)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON can hold it."""
        return {
            "file": self.file,
            "table": self.table,
            "format": self.format,
            "encoding": self.encoding,
            "header_row": list(self.header_row) if self.header_row else None,
            "columns": dict(self.columns),
            "crs": self.crs,
            "rows_in": self.rows_in,
            "rows_tied": self.rows_tied,
            "rows_reported": self.rows_reported,
            "reported": [{"row": row, "why": why} for row, why in sorted(self.reported.items())],
            "words": {
                column: [{"word": w, "read_as": to, "rows": n} for w, (to, n) in found.items()]
                for column, found in self.words.items()
            },
            "repaired": [_plain(r) for r in self.repaired],
            "refused": [_plain(r) | {"suggestions": list(r.suggestions)} for r in self.refused],
            "notes": list(self.notes),
        }


def _plain(entry: Repair | Refusal) -> dict[str, Any]:
    return {k: v for k, v in vars(entry).items() if k not in ("cell", "fix")}


class Log:
    """Collects a report's entries while a table is read.

    Parameters
    ----------
    headers : column of regionmap -> (header as the file writes it, number of its column from 1).
    """

    def __init__(self, headers: Mapping[str, tuple[str, int]] | None = None) -> None:
        self.headers = dict(headers or {})
        self.repaired: list[Repair] = []
        self.refused: list[Refusal] = []
        self.reported: dict[int, str] = {}
        self.words: dict[str, dict[str, tuple[str, int]]] = {}
        self.notes: list[str] = []

    def repair(self, row: int, column: str, old: object, new: object, why: str, *, fix: bool = True) -> None:
        header, cell = self._place(row, column)
        self.repaired.append(Repair(row, header, shown(old), shown(new), why, cell, fix))

    def refuse(
        self,
        row: int | None,
        column: str | None,
        value: object,
        why: str,
        allowed: str = "",
        suggestions: Iterable[str] = (),
    ) -> None:
        header, cell = self._place(row, column) if column is not None else (None, (row, 1) if row else None)
        self.refused.append(Refusal(row, header, shown(value), why, allowed, tuple(suggestions), cell))

    def untied(self, row: int, why: str) -> None:
        """`row` has no geometry; the first reason counts."""
        self.reported.setdefault(row, why)

    def word(self, column: str, word: str, meaning: str) -> None:
        """`word` in `column` was read as `meaning`."""
        found = self.words.setdefault(self._place(None, column)[0], {})
        found[word] = (meaning, found.get(word, ("", 0))[1] + 1)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _place(self, row: int | None, column: str) -> tuple[str, Cell | None]:
        header, number = self.headers.get(column, (column, 0))
        return header, (row, number) if row and number else None


def shown(value: object) -> str:
    """A value as a report shows it: one line, at most 200 characters, nothing that a terminal obeys."""
    text = "" if value is None else INVISIBLE.sub("", " ".join(str(value).split()))
    return text if len(text) <= 200 else text[:199] + "…"
