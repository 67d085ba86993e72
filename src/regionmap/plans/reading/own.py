"""A plan's own records as a workbook: `plans/<plan>/records.xlsx` instead of `records.csv`.

The same reader as for a colleague's table, so that Chinese headers, DMS coordinates and full-width digits do no harm;
what it refuses is a fault of the row, as in a CSV.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from regionmap.errors import Fault
from regionmap.plans.reading import formats, headers, rows, spots, systems
from regionmap.plans.reading.cleaning import Row
from regionmap.plans.reading.headers import UNIT_COLUMNS
from regionmap.plans.reading.mapping import Mapped
from regionmap.plans.reading.raw import Raw, UnreadableError
from regionmap.plans.reading.report import Log
from regionmap.plans.reading.words import as_text

SHEETS = ("records", "项目", "项目清单", "重点项目")


def read_own(path: Path, columns: Sequence[str], name: str) -> tuple[list[dict[str, str]], list[Fault]]:
    """Rows of a plan's workbook as `tables.read_table` gives those of a CSV: every column a text, and `row`.

    A row with coordinates and no `where` is located by them (WGS 84); one without an id gets one made of its name.
    The sheet is the one called `records` (or 项目 ...), else the first that has a header.
    """
    try:
        sheets = formats.tables(path)
    except (UnreadableError, OSError, ImportError) as error:
        return [], [Fault(name, None, None, path.name, str(error))]
    sheets.sort(key=lambda raw: raw.name not in SHEETS)
    for raw in sheets:
        header = headers.find(raw, {})
        if header is not None:
            return _rows(raw, header, columns, name)
    return [], [Fault(name, 1, "id", "", "no row is a header: 名称 and 位置 or name and where are needed at least")]


def _rows(
    raw: Raw, header: headers.Header, columns: Sequence[str], name: str
) -> tuple[list[dict[str, str]], list[Fault]]:
    log = Log({c.role or c.label: (c.label, c.index + 1) for c in reversed(header.columns)})
    data, _ = rows.read(raw, header, Mapped(), log)
    stated = systems.system(header.datum) if header.datum else None
    out: list[dict[str, str]] = []
    taken: set[str] = set()
    for row in data:
        values = {column: _text(row.values.get(column)) for column in columns}
        values["where"] = values.get("where") or _where(row, stated, log)
        values["id"] = values.get("id") or _id(row, Path(name).parent.name, taken)
        taken.add(values["id"])
        out.append({**values, "row": str(row.number)})
    return out, [refusal.fault(name) for refusal in log.refused]


def _text(value: Any) -> str:
    return as_text(value)


def _where(row: Row, stated: systems.System | None, log: Log) -> str:
    """The expression of a row that has none: its coordinates, else the unit that its columns name."""
    spot = spots.spot(row, stated, None, log)
    if spot is not None:
        shapes, faults = systems.to_wgs84(spot.key, [spot.geometry])
        if faults[0] or shapes[0].geom_type != "Point":
            why = faults[0] or "only a point can stand in a cell; keep other shapes in a file: own.gpkg#layer/fid"
            log.refuse(row.number, "wkt", row.values.get("wkt", ""), why)
            return ""
        return f"{shapes[0].x:.6f}, {shapes[0].y:.6f}"
    return "/".join(v for c in UNIT_COLUMNS[1:] if (v := row.values.get(c, "")))


def _id(row: Row, plan: str, taken: set[str]) -> str:
    """An id made of the name alone, so that it stays when rows move."""
    base = f"{plan}/{hashlib.sha256(as_text(row.values.get('name')).encode()).hexdigest()[:8]}"
    n, out = 2, base
    while out in taken:
        n, out = n + 1, f"{base}-{n}"
    return out
