"""Which points lie in which polygons, the edges being geodesics. A border belongs to its polygon."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.queries._pieces import Floats, Ints

Pairs = tuple[Ints, Ints]
GRID_FROM = 5000
"""Points from which sorting them pays."""


def inside(points: Floats, polygons: Any) -> Pairs:
    """Pairs (point, polygon) of points in degrees, shape (n, 2), and the polygons in EPSG:4326 that hold them.

    Notes
    -----
    Tested in a plane in which geodesics are straight. A polygon more than 130 degrees across is tested in
    longitude and latitude instead, its edges being straight there.
    """
    areal = np.flatnonzero(shapely.get_dimensions(polygons) == 2)
    if not len(areal) or not len(points):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    fine = crs.densify(shapely.force_2d(polygons[areal]), crs.MAX_EDGE_M)
    plane = crs.plane_for(shapely.get_coordinates(fine))
    if plane is not None:
        at, of = _in_plane(plane, points, fine)
        return at, areal[of]
    found = [_in_one(points, polygon) for polygon in fine]
    at = np.concatenate(found)
    return at, np.repeat(areal, [len(f) for f in found])


def _in_plane(plane: crs.Plane, points: Floats, polygons: Any) -> Pairs:
    flat = crs.onto(plane, points)
    whole = np.flatnonzero(np.isfinite(flat).all(axis=1))
    find = _by_tree if len(whole) < GRID_FROM else _by_grid
    at, of = find(flat[whole], crs.shapes_onto(plane, polygons))
    return whole[at].astype(np.int64), of.astype(np.int64)


def _by_tree(flat: Floats, polygons: Any) -> Pairs:
    at, of = shapely.STRtree(polygons).query(shapely.points(flat), predicate="intersects")
    return at, of


def _by_grid(flat: Floats, polygons: Any) -> Pairs:
    """Many points: sorted into cells, each polygon asks those of the cells that its box touches."""
    side = int(np.clip(np.sqrt(len(flat) / 4), 1, 1024))
    low = flat.min(axis=0)
    size = (flat.max(axis=0) - low) / side + 1e-6
    cell = ((flat - low) / size).astype(np.int64)
    order = np.argsort(cell[:, 1] * side + cell[:, 0], kind="stable")
    starts = np.searchsorted((cell[:, 1] * side + cell[:, 0])[order], np.arange(side * side + 1))
    shapely.prepare(polygons)
    boxes = np.clip((shapely.bounds(polygons).reshape(-1, 2, 2) - low) / size, 0, side - 1).astype(np.int64)
    west, south, east, north = boxes.reshape(-1, 4).T
    polygon, row = _runs(np.zeros(len(polygons), np.int64), north - south + 1)  # rows of cells of each polygon
    row = (row + south[polygon]) * side
    run, place = _runs(starts[row + west[polygon]], starts[row + east[polygon] + 1] - starts[row + west[polygon]])
    x, y = flat[order].T
    of = polygon[run]
    held = shapely.intersects_xy(polygons[of], x[place], y[place])
    return order[place[held]], of[held]


def _runs(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Whole numbers from `first` on, `count` of them: which run each is of, and the number."""
    of = np.repeat(np.arange(len(count)), count)
    return of, np.arange(len(of)) - np.repeat(np.cumsum(count) - count - first, count)


def _in_one(points: Floats, polygon: Any) -> Ints:
    plane = crs.plane_for(shapely.get_coordinates(polygon))
    if plane is not None:
        return _in_plane(plane, points, np.array([polygon], dtype=object))[0]
    held = np.zeros(len(points), bool)
    for turn in (-360.0, 0.0, 360.0):
        moved = shapely.points(points[:, 0] + turn, points[:, 1])
        held |= shapely.intersects(polygon, moved)
    return np.flatnonzero(held)
