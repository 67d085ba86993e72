"""The exceptions of regionmap: one tree, each class also a builtin.

::

    RegionmapError
    ├── InputError            (ValueError)   an argument or a cell is not what is allowed
    │   ├── TableError                       faults of a table, all at once
    │   ├── RecipeError                      faults of a map recipe, all at once
    │   ├── BadFileError                     a stored region that is not what it says, every reason at once
    │   └── ColumnClashError                 a result column that the caller's frame already has
    ├── ExpressionError       (ValueError)   a location expression that can't be resolved
    ├── NotFoundError         (LookupError)  no such record, plan or file entry
    │   └── AmbiguousNameError               two or more records fit
    ├── CRSError              (ValueError)   a coordinate reference system that can't be used
    │   ├── MissingCRSError
    │   └── DatumError                       GCJ-02, BD-09, Xian 80, Beijing 54, local grids
    ├── BoundaryError         (RuntimeError) the boundary data is not what was pinned
    ├── MissingExtraError     (ImportError)  an optional dependency is not installed
    ├── StoreError            (OSError)      a file or database that can't be read or written
    │   └── ConflictError                    records that somebody else changed meanwhile
    ├── PageError             (RuntimeError) a page that can't be written as one offline file
    └── PictureError          (RuntimeError) a picture that can't be drawn: no font has its characters
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class RegionmapError(Exception):
    """Base of every error that regionmap raises on purpose."""


class InputError(RegionmapError, ValueError):
    """An argument or a cell is not what is allowed."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in an input, and what would be right.

    Attributes
    ----------
    file : file name, as given.
    row : row number as a spreadsheet shows it (the header is row 1), or None.
    column : column name, or None.
    value : the offending text.
    reason : what is wrong and what is allowed.
    suggestions : nearest right names, best first.
    """

    file: str
    row: int | None
    column: str | None
    value: str
    reason: str
    suggestions: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        hint = f"; did you mean {', '.join(self.suggestions)}?" if self.suggestions else ""
        return f"{place}: {self.value!r}: {self.reason}{hint}"


class _Faults(InputError):
    """An InputError that carries all its faults."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class TableError(_Faults):
    """A table has faults; `.faults` lists them all."""


class RecipeError(_Faults):
    """A map recipe has faults; `.faults` lists them all."""


class BadFileError(_Faults):
    """A stored region that is not what it says; `.faults` lists every reason."""


class ColumnClashError(InputError):
    """A result column already exists in the caller's frame."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.columns = tuple(columns)
        super().__init__(
            f"the frame already has the result column(s) {', '.join(self.columns)}; "
            "rename them or pass suffix='_2' (any text) to tell the new ones apart"
        )


class ExpressionError(RegionmapError, ValueError):
    """A location expression can't be read or resolved.

    Attributes
    ----------
    text : the whole expression.
    position : 0-based offset of the offending word.
    word : the offending word.
    suggestions : nearest known names, with their units.
    """

    def __init__(self, text: str, position: int, word: str, reason: str, suggestions: Iterable[str] = ()) -> None:
        self.text, self.position, self.word, self.reason = text, position, word, reason
        self.suggestions = tuple(suggestions)
        message = f"{text!r}: {reason} at position {position + 1}: {word!r}"
        if self.suggestions:
            message += f"; nearest names: {', '.join(self.suggestions)}"
        super().__init__(message)


class NotFoundError(RegionmapError, LookupError):
    """No such record, plan or file entry."""


class AmbiguousNameError(NotFoundError):
    """Two or more records fit one name; `.ids` lists them."""

    def __init__(self, name: str, ids: Iterable[str]) -> None:
        self.ids = tuple(ids)
        super().__init__(f"{name!r} fits several records, name one by id: {', '.join(self.ids)}")


class CRSError(RegionmapError, ValueError):
    """A coordinate reference system that can't be used."""


class MissingCRSError(CRSError):
    """A frame has no CRS; regionmap never guesses one."""


class DatumError(CRSError):
    """A datum that must be converted on purpose first."""


class BoundaryError(RegionmapError, RuntimeError):
    """The boundary data is missing or not what was pinned."""


class MissingExtraError(RegionmapError, ImportError):
    """An optional dependency is needed here and not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs the package {package}: pip install 'regionmap[{extra}]'")


class StoreError(RegionmapError, OSError):
    """A file or database that can't be read or written: locked, read-only, full, no connection."""


@dataclass(frozen=True)
class Conflict:
    """A record or target that was changed in the database after it was read here.

    Attributes
    ----------
    table : `records` or `targets`.
    id : of the row.
    columns : where what is stored differs from what was to be saved.
    by, at : who changed it and when; empty where it is gone.
    gone : whether it was removed there.
    """

    table: str
    id: str
    columns: tuple[str, ...]
    by: str
    at: str
    gone: bool = False

    def __str__(self) -> str:
        if self.gone:
            return f"{self.table} {self.id}: was removed there"
        differs = ", ".join(self.columns) or "nothing"
        return f"{self.table} {self.id}: changed by {self.by} at {self.at}, differs in {differs}"


class ConflictError(StoreError):
    """Records that somebody else changed since they were read; nothing was saved, `.conflicts` lists them."""

    def __init__(self, conflicts: Iterable[Conflict]) -> None:
        self.conflicts = tuple(conflicts)
        listed = "\n".join(map(str, self.conflicts))
        super().__init__(
            f"{len(self.conflicts)} changed since they were read; nothing was saved. Open the region again and "
            f"repeat your change on what is there now:\n{listed}"
        )


class PageError(RegionmapError, RuntimeError):
    """A page that can't be written as one offline file."""


class PictureError(RegionmapError, RuntimeError):
    """A picture that can't be drawn: no installed font has its characters."""


def nearest_names(word: str, names: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The `count` names most like `word`, best first (difflib's ratio; ties by text)."""
    return tuple(difflib.get_close_matches(word, sorted(set(names)), n=count, cutoff=0.3))
