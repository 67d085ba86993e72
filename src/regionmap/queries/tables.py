"""Tables for a briefing: `matrix` of distances, `buffer`, `summary` of counts and sums. Rules: docs/overlay.md."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from regionmap import crs
from regionmap.errors import InputError
from regionmap.queries import _engine, _frames
from regionmap.queries.summary import summary

__all__ = ["buffer", "matrix", "summary"]


def matrix(
    features: Any, corridors: Any, *, within_m: float | None = None, name: str = "name", suffix: str = ""
) -> gpd.GeoDataFrame:
    """The distance table: one row a feature, one column a corridor.

    Parameters
    ----------
    features, corridors : GeoDataFrames of points, lines and polygons in any CRS.
    within_m : metres on the ellipsoid beyond which a cell stays empty; None: no limit.
    name : column of `corridors` that names the result columns; where it is missing, empty or not unique, the
        label of the row does.
    suffix : text put behind the names of the result columns.

    Returns
    -------
    GeoDataFrame
        The rows, index, columns and CRS of `features`, and for each corridor the distance in metres, empty where
        either has no geometry. Accuracies are not looked at; `attrs["columns"]` gives for each new column the
        corridor's label and `accuracy_m`.

    Raises
    ------
    MissingCRSError, DatumError, InputError, ColumnClashError
    """
    limit = np.inf if within_m is None else _frames.metres(within_m, "within_m")
    one, two = _frames.read(features, "features"), _frames.read(corridors, "corridors")
    titles = _titles(two.frame, name)
    cells = np.full((len(one.shapes), len(titles)), np.nan)
    if len(titles):
        found = _engine.nearest(one, two, len(titles), limit)
        cells[found.a, found.b] = found.metres
    columns = {f"{title}{suffix}": (two.frame.index[n], two.accuracy_m[n]) for n, title in enumerate(titles)}
    attrs = _frames.attrs_of(
        one, two, query="matrix", within_m=within_m, columns=columns, unplaced=_frames.without_geometry(one),
        unplaced_to=_frames.without_geometry(two),
    )  # fmt: skip
    values = {title: cells[:, n] for n, title in enumerate(titles)}
    return _frames.result(one, np.arange(len(one.shapes)), values, suffix=suffix, attrs=attrs)


def _titles(frame: Any, name: str) -> list[str]:
    labels = [str(label) for label in frame.index]
    if len(set(labels)) < len(labels):
        raise InputError("corridors must have a unique index: every one gets a column of its own")
    if name not in frame.columns:
        return labels
    words = [str(w) if isinstance(w, str) and w else None for w in frame[name]]
    return [w if w and words.count(w) == 1 and w not in labels else x for w, x in zip(words, labels, strict=True)]


def buffer(frame: Any, *, distance_m: Any) -> gpd.GeoDataFrame:
    """All within a distance of each row, on the ellipsoid.

    Parameters
    ----------
    frame : GeoDataFrame in any CRS.
    distance_m : metres; one number, or one a row. Below 0 polygons shrink (to nothing, at last).

    Returns
    -------
    GeoDataFrame
        The same rows, index, columns and CRS, with polygons as geometry, whose boundary lies within 0.1 % of the
        distance. Rows without geometry stay without. Columns that measure the old geometry are not touched.

    Raises
    ------
    InputError : a distance that is no number, or not one a row; MissingCRSError, DatumError.
    """
    one = _frames.read(frame, "frame")
    try:
        metres = np.broadcast_to(np.asarray(distance_m, dtype=float), len(one.shapes))
    except (TypeError, ValueError) as fault:
        raise InputError(f"distance_m must be metres, one number or one for each of {len(one.shapes)} rows") from fault
    if not np.isfinite(metres).all():
        raise InputError("distance_m must be finite numbers of metres")
    placed = np.flatnonzero(~shapely.is_missing(one.shapes))
    shapes: Any = np.full(len(one.shapes), None, dtype=object)
    for distance in np.unique(metres[placed]):
        rows = placed[metres[placed] == distance]
        shapes[rows] = crs.buffer(one.shapes[rows], float(distance))
    out = one.frame.copy(deep=False)
    back = crs.from_wgs84(shapes, out.crs)
    out[out.geometry.name] = gpd.GeoSeries(back, index=out.index, crs=out.crs)
    out.attrs = _frames.attrs_of(one, query="buffer")
    return out
