"""The tables of a plan: rows as texts, and every fault of a table at once."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from regionmap import kinds
from regionmap.errors import Fault, nearest_names

_ID = re.compile(r"[a-z0-9-]+/[a-z0-9][a-z0-9._-]*")
_YEAR = re.compile(r"(\d{4})?")
_NUMBER = re.compile(r"(-?\d+(\.\d+)?)?")


def find(folder: Path, table: str) -> Path | None:
    """The file of a plan's table: the `.csv`, else (of records) the workbook of that name, else None."""
    endings = (".csv", ".xlsx") if table == "records" else (".csv",)
    return next((p for e in endings if (p := folder / f"{table}{e}").is_file()), None)


def read_table(path: Path, columns: Sequence[str], name: str) -> tuple[list[dict[str, str]], list[Fault]]:
    """Rows of one of our own tables (UTF-8, comma), every column present, every cell a stripped text.

    A workbook is read as reading/own.py says.

    Returns
    -------
    rows : one a data row, with `row` (as a spreadsheet numbers them) beside the columns; unknown columns
        and rows that are too long are faults, missing optional columns are empty.
    faults : what is wrong.
    """
    if path.suffix == ".xlsx":
        from regionmap.plans.reading.own import read_own

        return read_own(path, columns, name)
    faults: list[Fault] = []
    rows: list[dict[str, str]] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [Fault(name, None, None, str(error.object[error.start : error.start + 8]), "is not UTF-8")]
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for column in reader.fieldnames or ():
        if column not in columns:
            faults.append(Fault(name, 1, column, column, "unknown column", nearest_names(column, columns)))
    if "id" not in (reader.fieldnames or ()):
        return [], [*faults, Fault(name, 1, "id", "", "the table needs a column id")]
    for cells in reader:
        number = reader.line_num
        if None in cells:
            faults.append(Fault(name, number, None, str(cells[None]), "more cells than the header has"))
        row = {column: (cells.get(column) or "").strip() for column in columns}
        if any(row.values()):
            rows.append({**row, "row": str(number)})
    return rows, faults


def _one_of(name: str, row: dict[str, str], column: str, allowed: Iterable[str]) -> list[Fault]:
    value, allowed = row[column], list(allowed)
    if not value or value in allowed:
        return []
    reason = f"allowed are {', '.join(allowed)}"
    return [Fault(name, int(row["row"]), column, value, reason, nearest_names(value, allowed, 1))]


def _pattern(name: str, row: dict[str, str], columns: Iterable[str], regex: re.Pattern[str], what: str) -> list[Fault]:
    bad = (c for c in columns if not regex.fullmatch(row[c]))
    return [Fault(name, int(row["row"]), c, row[c], what) for c in bad]


def check_records(name: str, rows: Sequence[dict[str, str]], registry: kinds.Kinds = kinds.KINDS) -> list[Fault]:
    """Faults of a records table: ids, names, vocabularies, years, numbers. Locations are checked later."""
    faults = _check_ids(name, rows)
    for row in rows:
        if not row["name"]:
            faults.append(Fault(name, int(row["row"]), "name", "", "a record needs a name"))
        if not row["kind"]:
            faults.append(Fault(name, int(row["row"]), "kind", "", f"allowed are {', '.join(registry)}"))
        faults += _one_of(name, row, "kind", registry)
        faults += _one_of(name, row, "sector", kinds.SECTORS)
        faults += _one_of(name, row, "status", kinds.STATUSES)
        faults += _one_of(name, row, "extent", ("is", "within"))
        faults += _pattern(name, row, ("start", "end"), _YEAR, "a year of four digits, or empty")
        faults += _pattern(name, row, ("accuracy_m",), _NUMBER, "metres as a plain number, or empty")
    return faults


def check_targets(name: str, rows: Sequence[dict[str, str]]) -> list[Fault]:
    """Faults of a targets table."""
    faults = _check_ids(name, rows)
    for row in rows:
        if not row["indicator"]:
            faults.append(Fault(name, int(row["row"]), "indicator", "", "a target needs an indicator"))
        faults += _one_of(name, row, "comparator", kinds.COMPARATORS)
        faults += _one_of(name, row, "basis", kinds.BASES)
        faults += _pattern(name, row, ("value", "baseline"), _NUMBER, "a plain number, or empty")
        faults += _pattern(name, row, ("year", "baseline_year"), _YEAR, "a year of four digits, or empty")
    return faults


def _check_ids(name: str, rows: Sequence[dict[str, str]]) -> list[Fault]:
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for row in rows:
        value, number = row["id"], int(row["row"])
        if not _ID.fullmatch(value):
            faults.append(Fault(name, number, "id", value, "an id reads plan/slug in a-z, 0-9 and -"))
        if value in seen:
            faults.append(Fault(name, number, "id", value, f"is already the id of row {seen[value]}"))
        seen.setdefault(value, number)
    return faults
