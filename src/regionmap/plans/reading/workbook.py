"""The template workbook: Chinese headers that the reader knows, lists to choose from, a sheet that explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regionmap import kinds

# column of regionmap: header, what it takes, width
COLUMNS: Mapping[str, tuple[str, str, int]] = {
    "id": ("编号", "plan/slug in a-z, 0-9 and -; made of the name if empty · 小写字母、数字和连字符;可留空", 24),
    "name": ("名称", "as the document writes it · 文件中的名称", 24),
    "aliases": ("别名", "parted by ; · 用分号隔开", 16),
    "kind": ("类别", "choose · 选一项", 10),
    "sector": ("行业", "choose · 选一项", 12),
    "where": ("位置", "海城市 · 海城市/西柳镇 · A市 + B县 · 沈阳 > 四平 · 辽河[铁岭市] · 海城河 ~ 2 km", 28),
    "lon": ("经度", "WGS 84 or CGCS2000 degrees, if 位置 is empty · 度,或 122°37′26″", 12),
    "lat": ("纬度", "as 经度 · 同上", 12),
    "status": ("状态", "choose, or the document's word · 选一项,或文件原词", 12),
    "period": ("建设年限", "2024-2026 · 2024 · 十四五", 12),
    "lead": ("牵头单位", "parted by ; · 用分号隔开", 18),
    "responsible": ("责任单位", "parted by ; · 用分号隔开", 18),
    "investment": ("投资", "with its unit · 带单位", 12),
    "scale": ("规模", "with its unit · 带单位", 12),
    "clause": ("条款", "the document's own numbering · 文件条款号,如 二(四)13", 14),
    "accuracy_m": ("精度", "metres, only to overrule · 米,仅用于更正", 8),
    "note": ("备注", "in own words · 其他", 24),
}
_ROWS = 2000  # rows that offer the lists


def workbook(plan: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    """A workbook for the records of `plan`, with `rows` (column of regionmap -> value) filled in."""
    import openpyxl
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "records"
    sheet.append([header for header, _, _ in COLUMNS.values()])
    for row in rows:
        sheet.append([row.get(column) for column in COLUMNS])
    for number, (column, (_, _, width)) in enumerate(COLUMNS.items(), 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = width
        sheet.cell(1, number).font = Font(bold=True)
        sheet.cell(1, number).fill = PatternFill("solid", start_color="DDEBF7", end_color="DDEBF7")
        words = _choices(column)
        if words:
            listed = DataValidation("list", formula1=f"lists!${letter}$1:${letter}${len(words)}", allow_blank=True)
            listed.showErrorMessage = column != "status"
            sheet.add_data_validation(listed)
            listed.add(f"{letter}2:{letter}{_ROWS}")
    sheet.freeze_panes = "C2"
    _explain(book.create_sheet("说明"), plan, Font(bold=True), Alignment(wrap_text=True, vertical="top"))
    lists = book.create_sheet("lists")
    for number, column in enumerate(COLUMNS, 1):
        for row_number, word in enumerate(_choices(column), 1):
            lists.cell(row_number, number, word)
    lists.sheet_state = "hidden"
    return book


def _choices(column: str) -> list[str]:
    if column == "kind":
        return [kind.zh for kind in kinds.KINDS.values()]
    table = {"sector": kinds.SECTORS, "status": kinds.STATUSES}.get(column, {})
    return [zh for zh, _ in table.values()]


def _explain(sheet: Any, plan: str, bold: Any, wrapped: Any) -> None:
    sheet.append([f"{plan}: one row a thing · 一行一项"])
    for column, (header, text, _) in COLUMNS.items():
        sheet.append([header, column, text, "、".join(_choices(column))])
    for row in sheet.iter_rows():
        row[0].font = bold
        for cell in row:
            cell.alignment = wrapped
    for letter, width in zip("ABCD", (14, 14, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
