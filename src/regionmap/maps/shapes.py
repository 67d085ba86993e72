"""Geometries as the page gets them: whole numbers, each the difference from the one before.

Features in millionths of a degree (0.1 m), areas in hundred-thousandths. Straight pieces are geodesics, so
long ones get points on them; the page may then draw and measure them as straight.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely

from regionmap import crs

PIECE_M = 10_000.0  # a straight piece of this length is within 0.2 m of its geodesic
_SCALE = {"point": 1e6, "line": 1e6, "area": 1e5}


class Shapes:
    """Encoded geometries, each once; `add` returns the number of one."""

    def __init__(self) -> None:
        self.encoded: list[dict[str, Any]] = []
        self._number: dict[str, int] = {}

    def add(self, shape: Any) -> int:
        key = shapely.to_wkb(shape, hex=True)
        if key not in self._number:
            self._number[key] = len(self.encoded)
            self.encoded.append(encode(shape))
        return self._number[key]


def label_spots(shape: Any, count: int = 6) -> list[list[float]]:
    """Where a zone's name may stand, the roomiest place first: centres of inscribed circles."""
    spots, rest = [], shape
    for _ in range(count):
        parts = [p for p in shapely.get_parts(rest) if p.geom_type == "Polygon" and not p.is_empty]
        if not parts:
            break
        radius = shapely.maximum_inscribed_circle(max(parts, key=lambda p: p.area), tolerance=0.01)
        spots.append([round(v, 4) for v in radius.coords[0]])
        rest = shapely.difference(rest, shapely.buffer(shapely.Point(radius.coords[0]), max(radius.length, 0.02)))
    return spots


def geodesic(shapes: Iterable[Any]) -> list[Any]:
    return [None if s is None else s if s.geom_type == "Point" else crs.densify(s, PIECE_M) for s in shapes]


def encode(shape: Any) -> dict[str, Any]:
    """A geometry as `{"p": [...], "l": [...], "a": [...]}`: points, lines, areas (rings) as difference lists."""
    entry: dict[str, Any] = {}
    for part in shapely.get_parts(shapely.get_parts(shape)):
        if part.geom_type == "Point":
            entry.setdefault("p", []).append(deltas(shapely.get_coordinates(part), _SCALE["point"]))
        elif part.geom_type in ("LineString", "LinearRing"):
            entry.setdefault("l", []).append(deltas(shapely.get_coordinates(part), _SCALE["line"]))
        elif part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
            entry.setdefault("a", []).append([deltas(shapely.get_coordinates(r), _SCALE["area"]) for r in rings])
    return entry


def deltas(coordinates: Any, scale: float) -> list[int]:
    """x0, y0, dx1, dy1, ... as whole numbers of 1/scale degree; repeated points left out."""
    whole = np.rint(np.asarray(coordinates)[:, :2] * scale).astype(np.int64)
    steps = np.diff(whole, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    return [int(v) for v in np.vstack([whole[:1], steps]).ravel()]
