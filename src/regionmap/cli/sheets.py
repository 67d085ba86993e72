"""Answers as Excel files: whole or not at all, cells that no spreadsheet takes for formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def write_xlsx(frame: Any, path: str | Path, title: str) -> None:
    """Write a table as one sheet, header frozen, columns as wide as their text.

    Raises
    ------
    InputError : the file name does not end in .xlsx.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    from regionmap.cli.common import _width, plain
    from regionmap.errors import InputError
    from regionmap.plans.stores import replacing, safe_cell

    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"{path.name}: an Excel file's name must end in .xlsx")
    book = Workbook()
    sheet = book.active
    sheet.title = "".join(c for c in title if c not in "[]:*?/\\")[:31] or "table"
    rows = [list(frame.columns), *(list(plain(row).values()) for row in frame.to_dict("records"))]
    for row in rows:
        sheet.append([safe_cell(v) for v in row])
    for n, column in enumerate(zip(*rows, strict=True), 1):
        sheet.cell(1, n).font = Font(bold=True)
        widest = max(_width(str(v)) for v in column if v is not None)
        sheet.column_dimensions[get_column_letter(n)].width = min(widest + 2, 60)
    sheet.freeze_panes = "A2"
    with replacing(path) as temporary:
        book.save(temporary)
    print(f"{path}: {len(rows) - 1} rows")
