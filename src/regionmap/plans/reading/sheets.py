"""Excel workbooks, .xlsx and .xls, as they stand: cells, merges, hidden sheets, formulas without a saved value."""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

from regionmap.errors import MissingExtraError
from regionmap.plans.reading.raw import Raw, UnreadableError

_AGAIN = "open it in Excel or WPS and save it again as .xlsx"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_MAX_CELLS = 20_000_000
_EPOCH = datetime.datetime(1899, 12, 30)


def xlsx(path: Path) -> list[Raw]:
    """Every sheet of an .xlsx workbook that holds anything.

    Raises
    ------
    UnreadableError : not a workbook, or a broken one.
    """
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of what it will not write back; nothing is written back
        try:
            book = openpyxl.load_workbook(path, data_only=True, keep_links=False)
            plain = openpyxl.load_workbook(path, keep_links=False) if _has_formulas(path) else None
        except Exception as error:  # whatever openpyxl stumbles over in a broken file
            raise UnreadableError(f"is no readable .xlsx ({type(error).__name__}: {error}); {_AGAIN}") from None
    tables = []
    for sheet in book.worksheets:
        cells = {at: cell.value for at, cell in sheet._cells.items() if cell.value is not None}
        lost = frozenset[tuple[int, int]]()
        if plain is not None:
            formulas = {at for at, cell in plain[sheet.title]._cells.items() if cell.data_type == "f"}
            lost = frozenset((r - 1, c - 1) for r, c in formulas if (r, c) not in cells)
        merges = [(m.min_row - 1, m.min_col - 1, m.max_row - 1, m.max_col - 1) for m in sheet.merged_cells.ranges]
        rows = max([r for r, _ in cells] + [r + 1 for r, _ in lost], default=0)
        grid: list[list[Any]] = [[] for _ in range(rows)]
        for (r, c), value in cells.items():
            row = grid[r - 1]
            row.extend([None] * (c - len(row)))
            row[c - 1] = value
        hidden = sheet.sheet_state != "visible"
        tables.append(Raw(grid, sheet.title, "Excel .xlsx", merges=merges, formulas=lost, hidden=hidden))
    return [t for t in tables if _holds(t.grid) or t.formulas]


def _holds(grid: list[list[Any]]) -> bool:
    return any(value not in (None, "") for row in grid for value in row)


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as file:
        return any(
            re.search(rb"<(\w+:)?f[ >/]", file.read(name))
            for name in file.namelist()
            if name.startswith("xl/worksheets/") and file.getinfo(name).file_size < 500_000_000
        )


def xls(path: Path) -> list[Raw]:
    """Every sheet of an .xls workbook that holds anything.

    Raises
    ------
    UnreadableError : not a workbook, a broken or a locked one.
    MissingExtraError : the package xlrd is not installed.
    """
    try:
        import xlrd
    except ImportError:
        raise MissingExtraError("xlrd", "xls", "reading an .xls workbook") from None
    content = path.read_bytes()
    if _LOCKED in content:
        raise UnreadableError("is locked with a password; save it without one")
    book = None
    for formatting in (True, False):  # merged cells come only with the formatting, which is what breaks most often
        try:
            book = xlrd.open_workbook(file_contents=content, formatting_info=formatting, logfile=io.StringIO())
            break
        except Exception as error:  # xlrd trips over broken files in many ways, asserts among them
            fault = f"{type(error).__name__}: {error}"
    if book is None:
        raise UnreadableError(f"is no readable .xls ({fault}); {_AGAIN}")
    tables = []
    for sheet in book.sheets():
        if sheet.nrows * max(sheet.ncols, 1) > _MAX_CELLS:
            raise UnreadableError(f"sheet {sheet.name!r} claims {sheet.nrows} x {sheet.ncols} cells; {_AGAIN}")
        grid = [[_xls_value(cell, book.datemode, xlrd) for cell in sheet.row(r)] for r in range(sheet.nrows)]
        merges = [(r0, c0, r1 - 1, c1 - 1) for r0, r1, c0, c1 in sheet.merged_cells]
        tables.append(Raw(grid, sheet.name, "Excel .xls", merges=merges, hidden=sheet.visibility != 0))
    return [t for t in tables if _holds(t.grid)]


def _xls_value(cell: Any, datemode: int, xlrd: Any) -> Any:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(cell.value, datemode)
        except (ValueError, OverflowError):
            return cell.value
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#N/A")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    return None if cell.value == "" else cell.value


def serial(value: datetime.date) -> float:
    """The number that a spreadsheet keeps for a date (1900 system)."""
    moment = value if isinstance(value, datetime.datetime) else datetime.datetime(value.year, value.month, value.day)
    days = (moment.replace(tzinfo=None) - _EPOCH) / datetime.timedelta(days=1)
    return round(days - (days < 61), 9)  # before March 1900 spreadsheets count a day that never was
