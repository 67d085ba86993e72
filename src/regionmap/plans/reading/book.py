"""The Excel copy that goes back to the colleague: faulty cells marked and commented, every finding in a list.

A workbook that was .xlsx keeps its looks; everything else is written anew, cell for cell in the same place. Repaired
cells hold the new value on yellow, refused cells keep theirs on red, rows that are nowhere on the map have a red first
cell; the comment says what was, what is wrong and what would be right.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from regionmap.plans.reading.chinese import Say, plain
from regionmap.plans.reading.examine import Examined
from regionmap.plans.reading.raw import Raw
from regionmap.plans.reading.report import LEFT_OUT, Cell, Refusal, Repair
from regionmap.plans.reading.words import INVISIBLE, number
from regionmap.plans.stores import replacing, safe_cell

_YELLOW, _RED = "FFF2CC", "F8CBAD"
_AUTHOR = "regionmap"
_FINDINGS = ("sheet", "row", "column", "finding", "value", "read as / allowed", "why", "suggestions")
_COUNTS = ("file", "table", "rows in", "rows tied", "rows reported", "repaired", "refused", "encoding", "CRS")
_MAX_TEXT = 32_000


def write(examined: Sequence[tuple[Path, Examined]], path: str | Path, *, tell: Say = plain) -> None:
    """Write one workbook: a sheet a table, then `findings` and `files`.

    Parameters
    ----------
    examined : each table with the path of its file.
    path : `.xlsx`; replaced whole or not at all.
    tell : the language that comments and lists are in: one of `chinese.LANGUAGES`.
    """
    import openpyxl

    files = {p for p, _ in examined}
    book = _original(next(iter(files))) if len(files) == 1 else None
    kept = set(book.sheetnames) if book is not None else set()
    if book is None:
        book = openpyxl.Workbook()
        book.remove(book.active)
    rows: list[tuple[Any, ...]] = []
    for source, one in examined:
        name = one.report.table
        if name not in kept:
            name = _sheet_name(one.report.table or source.stem, book.sheetnames, tell)
            sheet = book.create_sheet(name)
            _fill(sheet, one.raw)
        _mark(book[name], one, tell)
        rows += [(name, *row) for row in _findings(one, tell)]
    _list(book, "findings", _FINDINGS, rows, tell)
    _list(book, "files", _COUNTS, [_counts(source, one) for source, one in examined], tell)
    with replacing(Path(path)) as temporary:
        book.save(temporary)


def _original(path: Path) -> Any:
    """The workbook itself where it is one that openpyxl writes back, else None."""
    import openpyxl

    if path.suffix.lower() != ".xlsx":
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return openpyxl.load_workbook(path, keep_links=False)
        except Exception:  # whatever openpyxl stumbles over: then the cells are written anew
            return None


def _sheet_name(name: str, taken: Iterable[str], tell: Say) -> str:
    kept = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", name).strip("'")[:25] or "table"
    used = {t.lower() for t in taken} | {tell("findings"), tell("files")}
    n, out = 2, kept
    while out.lower() in used:
        n, out = n + 1, f"{kept} {n}"
    return out


def _fill(sheet: Any, raw: Raw | None) -> None:
    for r, row in enumerate(raw.grid if raw else (), 1):
        for c, value in enumerate(row, 1):
            if value not in (None, ""):
                sheet.cell(r, c).value = _value(value)
    for r0, c0, r1, c1 in raw.merges if raw else ():
        sheet.merge_cells(start_row=r0 + 1, start_column=c0 + 1, end_row=r1 + 1, end_column=c1 + 1)


def _value(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return value if value == value and abs(value) < 1e300 else str(value)
    if hasattr(value, "year") and getattr(value, "tzinfo", None) is None and value.year >= 1900:
        return value
    text = _plain(str(value))[:_MAX_TEXT]
    return text if number(text) is not None else safe_cell(text)


def _mark(sheet: Any, one: Examined, tell: Say) -> None:
    """Colour and comment every cell that has a finding; the refusals of a cell count more than its repairs."""
    texts: dict[Cell, list[str]] = {}
    colours: dict[Cell, str] = {}
    for repair in one.report.repaired:
        if repair.cell:
            texts.setdefault(repair.cell, []).append(f"{tell(f'was: {repair.old}')}\n{tell(repair.why)}")
            colours[repair.cell] = _YELLOW
    _mend(sheet, one.report.repaired)
    for refusal in one.report.refused:
        cell = refusal.cell or ((refusal.row, 1) if refusal.row else (1, 1))
        texts.setdefault(cell, []).append(_said(refusal, tell))
        colours[cell] = _RED
    for row, why in one.report.reported.items():
        if not why.startswith(LEFT_OUT) and not any(r.row == row for r in one.report.refused):
            texts.setdefault((row, 1), []).append(tell(f"not on the map: {tell(why)}"))
            colours[row, 1] = _RED
    for cell, lines in texts.items():
        _comment(sheet, cell, "\n\n".join(lines), colours[cell])


def _said(refusal: Refusal, tell: Say) -> str:
    parts = [tell(refusal.why), tell(refusal.allowed)]
    if refusal.suggestions:
        parts.append(tell(f"did you mean {', '.join(refusal.suggestions)}?"))
    return "\n".join(p for p in parts if p)


def _mend(sheet: Any, repairs: Iterable[Repair]) -> None:
    """Put the new values in, where one cell was repaired by itself and once."""
    found: dict[Cell, list[Repair]] = {}
    for repair in repairs:
        if repair.cell:
            found.setdefault(repair.cell, []).append(repair)
    for cell, (first, *more) in found.items():
        if first.fix and not more and "|" not in first.old + first.new and not first.old.endswith("…") and first.column:
            target = sheet.cell(*cell)
            if not hasattr(target, "value") or type(target).__name__ == "MergedCell":
                continue
            number = re.fullmatch(r"-?\d{1,15}(\.\d+)?", first.new)
            target.value = float(first.new) if number and "." in first.new else safe_cell(first.new)


def _comment(sheet: Any, cell: Cell, text: str, colour: str) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    target = sheet.cell(*cell)
    if type(target).__name__ == "MergedCell":  # only the first cell of a merge can be written to
        merge = next(m for m in sheet.merged_cells.ranges if target.coordinate in m)
        target = sheet.cell(merge.min_row, merge.min_col)
    target.fill = PatternFill("solid", start_color=colour, end_color=colour)
    before = f"{target.comment.text}\n\n" if target.comment else ""
    note = Comment((before + _plain(text))[:2000], _AUTHOR)
    note.width, note.height = 320, 120
    target.comment = note


def _plain(text: str) -> str:
    return INVISIBLE.sub("", text)


def _findings(one: Examined, tell: Say) -> Iterable[tuple[Any, ...]]:
    for r in one.report.refused:
        yield r.row, r.column, tell("refused"), r.value, tell(r.allowed), tell(r.why), "; ".join(r.suggestions)
    for p in one.report.repaired:
        yield p.row, p.column, tell("repaired"), p.old, p.new, tell(p.why), ""
    for row, why in sorted(one.report.reported.items()):
        yield row, None, tell("not on the map"), "", "", tell(why), ""


def _counts(source: Path, one: Examined) -> tuple[Any, ...]:
    report = one.report
    numbers = (report.rows_in, report.rows_tied, report.rows_reported, len(report.repaired), len(report.refused))
    return source.name, report.table, *numbers, report.encoding, report.crs


def _list(book: Any, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], tell: Say) -> None:
    from openpyxl.styles import Font

    name = tell(name)
    title = name if name not in book.sheetnames else _sheet_name(f"regionmap {name}", book.sheetnames, tell)
    sheet = book.create_sheet(title)
    sheet.append([tell(title) for title in header])
    for row in rows:
        sheet.append([v if isinstance(v, int) or v is None else safe_cell(_plain(str(v)))[:_MAX_TEXT] for v in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGHI", (18, 12, 16, 12, 28, 36, 48, 28, 24), strict=False):
        sheet.column_dimensions[column].width = width
