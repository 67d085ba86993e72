"""Cleaned rows and where they lie, as a GeoDataFrame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas
import pandas as pd

from regionmap import kinds
from regionmap.plans.reading.cleaning import Row
from regionmap.plans.reading.headers import SPOT_COLUMNS, UNIT_COLUMNS, Header
from regionmap.plans.reading.tying import Tied
from regionmap.plans.reading.words import as_text

_OWN = ("accuracy_m", "precision", "drawn", "geometry")


def to_frame(rows: Sequence[Row], tied: Mapping[int, Tied], header: Header) -> geopandas.GeoDataFrame:
    """One row a data row, in EPSG:4326; a row that could not be tied has a null geometry.

    The columns are regionmap's that any row fills, then the file's own, then `accuracy_m`, `precision`, `drawn`.
    The position's own cells (经度, 纬度 ...) became the geometry and are not kept.
    """
    index = pd.Index([row.number for row in rows], name="row", dtype="int64")
    data: dict[str, Any] = {}
    for column in kinds.RECORD_COLUMNS:
        values = [row.values.get(column) for row in rows]
        if column == "accuracy_m" or not any(v not in (None, "") for v in values):
            continue
        if column in ("start", "end"):
            data[column] = pd.array([v or None for v in values], dtype="Int64")
        elif column == "aliases":
            data[column] = [[a for a in (v or "").split(";") if a] for v in values]
        else:
            data[column] = [v or None for v in values]
    for column in UNIT_COLUMNS:
        if any(row.values.get(column) for row in rows):
            data[column] = [row.values.get(column) or None for row in rows]
    labels = [c.label for c in header.columns if c.role in ("", "number")]
    for label in dict.fromkeys([*labels, *(k for row in rows for k in row.extras)]):
        name = label
        while name in data or name in _OWN or name in SPOT_COLUMNS:
            name += "_"
        data[name] = _plain([row.extras.get(label) for row in rows])
    spots = [tied.get(row.number) for row in rows]
    data["accuracy_m"] = [s.accuracy_m if s else float("nan") for s in spots]
    data["precision"] = [s.precision if s else "unplaced" for s in spots]
    data["drawn"] = [s.drawn if s else None for s in spots]
    shapes = geopandas.array.from_shapely([s.geometry if s else None for s in spots], crs="EPSG:4326")
    frame = pd.DataFrame({k: pd.Series(v, index=index, dtype=_dtype(v)) for k, v in data.items()}, index=index)
    return geopandas.GeoDataFrame(frame, geometry=geopandas.GeoSeries(shapes, index=index))


def _dtype(values: Any) -> Any:
    numeric = bool(values) and all(isinstance(v, float) for v in values)
    return None if numeric or hasattr(values, "dtype") else object


def _plain(values: list[Any]) -> list[Any]:
    """Values of one type as they are, of several as texts, so that every writer takes the column."""
    held = {type(v) for v in values if v not in (None, "")}
    if len(held) <= 1 and not held & {list, dict, set}:
        return [None if v == "" else v for v in values]
    if held <= {int, float}:
        return [None if v in (None, "") else float(v) for v in values]
    return [None if v in (None, "") else as_text(v) for v in values]
