"""CSV and Excel: for people and spreadsheets, with formulas quoted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from regionmap.errors import InputError
from regionmap.plans.stores.everything import DECIMALS, everything, is_outline, safe_cell
from regionmap.plans.stores.whole import Whole

MAX_ROWS = 1_048_575
"""Of a sheet below its header."""


def write_csv(parts: Whole, path: Path) -> None:
    """One table: shapes in the column `wkt`, and on rows that show an area the notice of the outlines."""
    frame = everything(parts)
    wkt = shapely.to_wkt(frame.geometry, rounding_precision=DECIMALS)
    notice = np.where(is_outline(frame.geometry), "; ".join(parts.meta["notice"]), "")
    flat = pd.DataFrame(frame.drop(columns="geometry")).assign(wkt=wkt, notice=notice)
    flat.map(safe_cell).to_csv(path, index=False, encoding="utf-8-sig")


def write_xlsx(parts: Whole, path: Path) -> None:
    """Sheets of records, targets, plans and notices; a point on each feature in `lon`, `lat`."""
    if (rows := max(len(parts.frames[n]) for n in ("records", "targets"))) > MAX_ROWS:
        raise InputError(f"a sheet holds {MAX_ROWS:,} rows, not {rows:,}; save a GeoPackage or GeoParquet")
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        for sheet in ("records", "targets"):
            frame = parts.frames[sheet]
            spot = shapely.point_on_surface(frame.geometry.to_numpy())
            flat = pd.DataFrame(frame.drop(columns="geometry"))
            flat = flat.assign(lon=np.round(shapely.get_x(spot), 6), lat=np.round(shapely.get_y(spot), 6))
            flat.map(safe_cell).to_excel(book, sheet_name=sheet, index=False, freeze_panes=(1, 2))
        plans = pd.DataFrame(parts.meta["plans"]).drop(columns="digest", errors="ignore")
        plans.map(safe_cell).to_excel(book, sheet_name="plans", index=False, freeze_panes=(1, 1))
        about = pd.DataFrame({"notice": [parts.meta["title"], *parts.meta["notice"]]})
        about.map(safe_cell).to_excel(book, sheet_name="notice", index=False)
