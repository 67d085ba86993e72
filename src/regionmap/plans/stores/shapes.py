"""Whether stored geometries are what their file says: type, box, longitude and latitude; every fault with its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import shapely

from regionmap.errors import Fault

SHOWN = 20
"""Faults of one sort that are listed; the rest is counted."""
NAMES = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
"""By shapely's type numbers."""


def read_wkb(blobs: np.ndarray, file: str, column: str) -> tuple[np.ndarray, list[Fault]]:
    """Geometries of WKB (None stays None), and what can't be read."""
    try:
        return shapely.from_wkb(blobs), []
    except (shapely.errors.GEOSException, TypeError, ValueError):
        pass
    shapes = shapely.from_wkb(blobs, on_invalid="ignore")
    broken = [b is not None and s is None for b, s in zip(blobs, shapes, strict=True)]
    rows = np.flatnonzero(broken)
    return shapes, listed(file, column, ((n, bytes(blobs[n][:12]).hex(), "no well-formed WKB") for n in rows))


def check(shapes: np.ndarray, file: str, column: str) -> list[Fault]:
    """Faults of geometries that are meant to be two-dimensional, valid and in EPSG:4326."""
    box = shapely.bounds(shapes)
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    outside = there & ~((box[:, 0] >= -180) & (box[:, 2] <= 180) & (box[:, 1] >= -90) & (box[:, 3] <= 90))
    deep, broken = shapely.has_z(shapes), there & ~shapely.is_valid(shapes)
    sorts: tuple[tuple[np.ndarray, Callable[[Any], str]], ...] = (
        (outside, lambda _: "is no longitude and latitude (axes swapped? another CRS?)"),
        (deep, lambda _: "has heights; a region is flat"),
        (broken & ~outside, lambda shape: f"is invalid: {shapely.is_valid_reason(shape)}"),
    )
    return [
        fault
        for rows, reason in sorts
        for fault in listed(file, column, ((n, _short(shapes[n]), reason(shapes[n])) for n in np.flatnonzero(rows)))
    ]


def boxes_hold(boxes: np.ndarray, shapes: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
    """Rows whose box (west, south, east, north) does not hold their geometry; none is right where there is none."""
    own = shapely.bounds(shapes)
    gone = np.isnan(own[:, 0])
    held = (boxes[:, :2] <= own[:, :2] + tolerance).all(axis=1) & (boxes[:, 2:] >= own[:, 2:] - tolerance).all(axis=1)
    return np.flatnonzero(np.where(gone, ~np.isnan(boxes).all(axis=1), ~held))


def around(shapes: np.ndarray) -> list[float] | None:
    """West, south, east, north of all geometries; None where there is none."""
    box = shapely.bounds(shapes)
    box = box[~np.isnan(box[:, 0])]
    return [*box[:, :2].min(axis=0).tolist(), *box[:, 2:].max(axis=0).tolist()] if len(box) else None


def types_in(shapes: np.ndarray) -> list[str]:
    """The geometry types that occur, in the order of their numbers."""
    kinds = np.unique(shapely.get_type_id(shapes))
    return [(*NAMES, "GeometryCollection")[k] for k in kinds if k >= 0]


def listed(file: str, column: str, rows: Iterable[tuple[Any, str, str]]) -> list[Fault]:
    """Faults of rows (number from 0, value, reason), the first SHOWN and a count of the rest."""
    return list(_listed(file, column, rows))


def _listed(file: str, column: str, rows: Iterable[tuple[Any, str, str]]) -> Iterator[Fault]:
    more = 0
    for count, (row, value, reason) in enumerate(rows):
        if count < SHOWN:
            yield Fault(file, int(row) + 1, column, value, reason)
        else:
            more += 1
    if more:
        yield Fault(file, None, column, f"{more} more", "have the same fault")


def _short(shape: Any) -> str:
    return str(shapely.to_wkt(shape, rounding_precision=4))[:60]
