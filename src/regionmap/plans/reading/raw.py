"""A table as its file holds it, before anyone knows what its columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from regionmap.errors import InputError
from regionmap.plans.reading.report import Refusal, Repair

Span = tuple[int, int, int, int]
"""First row, first column, last row, last column, all from 0."""


@dataclass
class Raw:
    """One sheet, layer or text table.

    Attributes
    ----------
    grid : rows of cells, the file's first row first; of a file of features, row 0 holds the field names.
    name : sheet or layer; empty where the file is one table.
    format, encoding : for the report.
    merges : merged cells.
    header : number of the header row (from 0) where the format says so, else None.
    geometries : of a file of features, one a row below the header; None where a feature has none.
    crs : what the file says its CRS is (anything geopandas takes); None: it says nothing.
    crs_needed : whether geometries without a stated CRS are refused at the door.
    hidden : whether the workbook hides the sheet.
    accuracy_m : how far a position in such a file may be off, where it does not say.
    formulas : cells (row, column from 0) whose formula has no saved value.
    repaired, refused, notes : what came up while the file was read.
    """

    grid: list[list[Any]]
    name: str = ""
    format: str = ""
    encoding: str = ""
    merges: Sequence[Span] = ()
    header: int | None = None
    geometries: list[Any] | None = None
    crs: Any = None
    crs_needed: bool = False
    hidden: bool = False
    accuracy_m: float | None = None
    formulas: frozenset[tuple[int, int]] = frozenset()
    repaired: list[Repair] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class UnreadableError(InputError):
    """A file that can't be read as a table; the text says what to do."""
