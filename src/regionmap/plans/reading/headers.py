"""Which rows are the header, and which column is what.

A header is one to three rows. Of all blocks of such rows near the top the one wins whose labels mean the most columns;
what stands above it are titles. Merged cells count for every cell they cover, and where a CSV lost its merges, an
empty label takes the one to its left if there is a second label below it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from regionmap import kinds
from regionmap.plans.reading.raw import Raw, Span
from regionmap.plans.reading.words import as_text, key, narrow, number, tables, unit

_LOOK = 40  # rows to look for a header in
_DEEP = 3  # rows a header may have
SPOT_COLUMNS = ("lon", "lat", "x", "y", "east", "north", "coords", "wkt", "datum")
UNIT_COLUMNS = ("unit_code", "unit_city", "unit_county", "unit_town")
KNOWN = (*kinds.RECORD_COLUMNS, "period", *SPOT_COLUMNS, *UNIT_COLUMNS, "number")
_DATUM_HINTS = {"gcj": "gcj02", "火星": "gcj02", "高德": "gcj02", "腾讯": "gcj02", "bd09": "bd09", "百度": "bd09"}


@dataclass(frozen=True)
class Column:
    """One column of a table: its number (from 0), its label, what it is, and the unit its label names."""

    index: int
    label: str
    role: str
    unit: str = ""


@dataclass(frozen=True)
class Header:
    """The header of a table.

    Attributes
    ----------
    first, last : its rows, from 0.
    columns : one entry a column that has a label or is known.
    titles : what stands above it.
    datum : the datum that a coordinate's label names (`经度(GCJ02)`), or empty.
    notes : what the reader of the report should know of it.
    """

    first: int
    last: int
    columns: tuple[Column, ...]
    titles: tuple[str, ...] = ()
    datum: str = ""
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of `columns` as `key` folds them."""
        return tuple(key(c.label) for c in self.columns)

    def of(self, role: str) -> Column | None:
        return next((c for c in self.columns if c.role == role), None)


def find(raw: Raw, mapping: Mapping[str, str], header_row: int | None = None) -> Header | None:
    """The header of a table, or None if no row means at least two known columns.

    Parameters
    ----------
    mapping : header as the file writes it -> column of regionmap, or empty to leave it as it is.
    header_row : its last row, from 1, where the caller knows it.
    """
    own = {key(label): column for label, column in mapping.items()}
    fixed = raw.header if header_row is None else header_row - 1
    if fixed is not None:
        return _header(raw, fixed, fixed, own) if fixed < len(raw.grid) else None
    filled = _filled(raw.grid[: _LOOK + _DEEP], raw.merges)
    best, score = None, 1.5
    for first in range(min(_LOOK, len(filled))):
        for last in range(first, min(first + _DEEP, len(filled))):
            if _is_data(filled[last]):
                break
            labels = _labels(filled[first : last + 1], own)
            points = len({_role(t, own) for t in labels} - {"", "number"}) - 0.1 * (last - first)
            if points > score:
                best, score = (first, last), points
    if best is None:
        return None
    first, last = best
    while first > 0 and last - first + 1 < _DEEP and any(r0 < first <= r1 for r0, _, r1, _ in raw.merges):
        first -= 1
    while last + 1 < len(filled) and last - first + 1 < _DEEP and _goes_on(raw, filled, last):
        last += 1
    return _header(raw, first, last, own)


def _filled(rows: Sequence[Sequence[Any]], merges: Sequence[Span]) -> list[list[str]]:
    """The rows as texts, merged cells repeated in every cell they cover."""
    texts = [[as_text(v) for v in row] for row in rows]
    for r0, c0, r1, c1 in merges:
        if r0 >= len(texts) or c0 >= len(texts[r0]) or c1 - c0 > 500:
            continue
        for r in range(r0, min(r1 + 1, len(texts))):
            texts[r].extend([""] * (c1 + 1 - len(texts[r])))
            texts[r][c0 : c1 + 1] = [texts[r0][c0]] * (c1 + 1 - c0)
    return texts


def _is_data(row: Sequence[str]) -> bool:
    """Whether a row has a number that is no year: no header has."""
    found = [number(t) for t in row if t]
    return any(n is not None and not (1990 <= n <= 2100 and n == int(n)) for n in found) or not found


def _goes_on(raw: Raw, rows: Sequence[Sequence[str]], last: int) -> bool:
    """Whether the row below `last` belongs to the header: a merged cell reaches into it from above, or it only has
    texts below empty labels and right below the label to their left."""
    if any(r0 <= last < r1 for r0, _, r1, _ in raw.merges):
        return True
    upper, lower = rows[last], rows[last + 1]
    filled = [c for c, t in enumerate(lower) if t]
    if not filled or _is_data(lower) or not any(c >= len(upper) or not upper[c] for c in filled):
        return False
    free = {c for c in range(max(len(upper), len(lower))) if c >= len(upper) or not upper[c]}
    return all(c in free or c + 1 in free for c in filled) and len(filled) < len([t for t in upper if t]) + len(free)


def _labels(rows: Sequence[Sequence[str]], own: Mapping[str, str]) -> list[str]:
    """One label a column: the lowest text that is known, else all texts of the column joined."""
    width = max(map(len, rows), default=0)
    grid = [[*row, *[""] * (width - len(row))] for row in rows]
    for above, below in itertools.pairwise(grid):
        for c in range(1, width):
            if not above[c] and below[c] and above[c - 1]:
                above[c] = above[c - 1]
    labels = []
    for c in range(width):
        stack = list(dict.fromkeys(row[c] for row in grid if row[c]))
        known = next((t for t in reversed(stack) if _role(t, own)), None)
        labels.append(known or "/".join(stack))
    return labels


def _role(label: str, own: Mapping[str, str]) -> str:
    folded = key(label)
    if folded in own:
        return own[folded]
    found = tables()["columns"].get(folded, "")
    return str(found) or str(tables()["columns"].get(_without_hint(folded), ""))


def _without_hint(folded: str) -> str:
    for hint in _DATUM_HINTS:
        folded = folded.replace(hint, "")
    return folded


def _header(raw: Raw, first: int, last: int, own: Mapping[str, str]) -> Header:
    rows = _filled(raw.grid[: last + 1], raw.merges)
    labels = _labels(rows[first : last + 1], own)
    columns: list[Column] = []
    notes: list[str] = []
    taken: dict[str, str] = {}
    seen: set[str] = set()
    datum = ""
    for index, label in enumerate(labels):
        role = _role(label, own)
        if role in taken:
            notes.append(f"column {label!r} could be {role} too, which is {taken[role]!r}; kept under its own name")
            role = ""
        if not role and not label:
            continue
        if role:
            taken[role] = label
        if role in ("lon", "lat", "coords", "x", "y"):
            plain = narrow(label).lower()
            datum = next((d for hint, d in _DATUM_HINTS.items() if hint in plain), datum)
        name, n = label, 2
        while name in seen:
            name, n = f"{label}_{n}", n + 1
        seen.add(name)
        columns.append(Column(index, name, role, unit(label)))
    above = " ".join(narrow(cell) for row in rows[:first] for cell in row)
    money = re.search(r"单位\s*:?\s*([百千万亿]*元)", above)
    if money:
        columns = [replace(c, unit=money[1]) if c.role == "investment" and not c.unit else c for c in columns]
    titles = tuple(t for row in rows[:first] if (t := " ".join(dict.fromkeys(c for c in row if c))))
    return Header(first, last, tuple(columns), titles, datum, tuple(notes))
