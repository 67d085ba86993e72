"""The rows below a header: which are data and which are not.

Rows that are no data (totals, notes, section titles, a repeated header, column numbers) are left out and reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from regionmap.plans.reading.cleaning import Row, clean, unique_ids
from regionmap.plans.reading.headers import Header
from regionmap.plans.reading.mapping import Mapped
from regionmap.plans.reading.raw import Raw
from regionmap.plans.reading.report import LEFT_OUT, Log
from regionmap.plans.reading.words import ERRORS, as_text, key, narrow, number
from regionmap.progress import track

_TOTAL = re.compile(r"(合计|小计|总计|共计|累计|subtotal|total)[::]?(\(?\d*[个项]?\)?)?", re.IGNORECASE)
_NOTED = "注|备注|说明|附注|数据来源|资料来源|填表人|填报人|填报单位|制表|制表人|审核人|联系人|联系电话|填表日期|单位"
_NOTE = re.compile(rf"({_NOTED})\s*[\d.、]*\s*[::].*", re.DOTALL)
_SECTION = re.compile(
    r"[((]\s*[一二三四五六七八九十百]+\s*[))].*|([一二三四五六七八九十百]+|[ⅠⅡⅢⅣⅤⅥ]+)\s*[、..,::\s].*"
    r"|第[一二三四五六七八九十]+[章节类部].*|[一二三四五六七八九十]+"
)


def read(raw: Raw, header: Header, mapped: Mapped, log: Log) -> tuple[list[Row], int]:
    """The data rows of a table, cleaned, and how many rows hold anything at all below the header."""
    filled = _merged_values(raw, header)
    width = max([len(raw.grid[r]) for r in range(header.first, header.last + 1)], default=0)
    unnamed = sorted(set(range(width)) - {c.index for c in header.columns})
    rows: list[Row] = []
    count = 0
    for index in track(range(header.last + 1, len(raw.grid)), "reading rows"):
        cells, shape = raw.grid[index], None
        if raw.geometries is not None:
            shape = raw.geometries[index - header.last - 1]
        texts = [as_text(v) for v in cells]
        lost = any((index, c) in raw.formulas for c in range(width))
        if raw.geometries is None and not any(texts) and not lost:
            continue
        count += 1
        why = _no_data(texts, header, first=not rows) if raw.geometries is None and not lost else ""
        if why:
            log.untied(index + 1, LEFT_OUT + why)
            continue
        row = Row(index + 1, shape=shape)
        _fill(row, cells, header, filled, raw, log)
        beyond = [t for t in texts[width:] if t]
        if beyond and raw.format == "text table":
            row.broken = f"has {len(texts)} cells where the header has {width}"
            allowed = 'quotes around a text that holds the sign between cells: "甲,乙"'
            log.refuse(row.number, None, ",".join(texts), row.broken, allowed)
        elif beyond:
            row.extras["beyond"] = "; ".join(beyond)
            log.note("cells right of the last header were kept in the column 'beyond'")
        row.extras |= {f"column {c + 1}": cells[c] for c in unnamed if c < len(texts) and texts[c]}
        rows.append(row)
    for row in track(rows, "cleaning rows"):
        clean(row, header, mapped, log)
    unique_ids(rows, log)
    return rows, count


def _merged_values(raw: Raw, header: Header) -> dict[tuple[int, int], Any]:
    """Values of merged data cells, for every cell of the merge but the first."""
    out: dict[tuple[int, int], Any] = {}
    for r0, c0, r1, c1 in raw.merges:
        if r0 <= header.last or (r1 == r0) or r0 >= len(raw.grid) or c0 >= len(raw.grid[r0]) or c1 > c0:
            continue
        for r in range(r0 + 1, min(r1 + 1, len(raw.grid))):
            out[r, c0] = raw.grid[r0][c0]
    return out


def _no_data(texts: list[str], header: Header, *, first: bool) -> str:
    """Why a row is no data row, or empty."""
    held = [t for t in texts if t]
    plain = [narrow(t).replace(" ", "") for t in held]
    if any(_TOTAL.fullmatch(t) for t in plain[:2]):
        return "a total"
    if _NOTE.fullmatch(plain[0]) and len(set(plain)) <= 2:
        return "a note"
    numbering = {c.index for c in header.columns if c.role == "number"}
    words = [t for c, t in enumerate(texts) if t and c not in numbering]
    alone = len(set(held)) == 1 or (len(words) == 1 and len(held) <= 2)
    if alone and len(header.columns) > 2 and _SECTION.fullmatch(plain[0]):
        return "a section title"
    pairs = zip(header.columns, header.labels, strict=True)
    same = sum(c.index < len(texts) and key(texts[c.index]) == label != "" for c, label in pairs)
    if same >= 2 and same * 2 >= len(held):
        return "the header again"
    numbers = [number(t) for t in plain]
    if first and len(numbers) > 2 and numbers in ([*range(1, len(numbers) + 1)], [*range(len(numbers))]):
        return "column numbers"
    return ""


def _fill(
    row: Row, cells: list[Any], header: Header, filled: Mapping[tuple[int, int], Any], raw: Raw, log: Log
) -> None:
    index = row.number - 1
    for column in header.columns:
        value = cells[column.index] if column.index < len(cells) else None
        role = column.role or column.label
        if value in (None, "") and filled.get((index, column.index)) not in (None, ""):
            value = filled[index, column.index]
            log.repair(row.number, role, "", value, "a merged cell: the value stands for every row it covers")
        text = as_text(value)
        if (index, column.index) in raw.formulas:
            why, allowed = "a formula that was never calculated", "a value: open the file in Excel or WPS and save it"
            log.refuse(row.number, role, "", why, allowed)
            value = None
        elif text in ERRORS:
            log.refuse(row.number, role, text, "a spreadsheet's error, no value", "the value itself")
            value = None
        if column.role in ("", "number"):
            row.extras[column.label] = value
        else:
            row.values[column.role] = value
