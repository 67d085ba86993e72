"""Which points lie in which polygons, the edges being geodesics. A border belongs to its polygon."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.queries._pieces import Floats, Ints

Pairs = tuple[Ints, Ints]


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
    plane = crs.plane_for(np.vstack([points, shapely.get_coordinates(fine)]))
    if plane is not None:
        at, of = _in_plane(plane, points, fine)
        return at, areal[of]
    found = [_in_one(points, polygon) for polygon in fine]
    at = np.concatenate(found)
    return at, np.repeat(areal, [len(f) for f in found])


def _in_plane(plane: crs.Plane, points: Floats, polygons: Any) -> Pairs:
    flat = crs.onto(plane, points)
    whole = np.flatnonzero(np.isfinite(flat).all(axis=1))
    tree = shapely.STRtree(crs.shapes_onto(plane, polygons))
    at, of = tree.query(shapely.points(flat[whole]), predicate="intersects")
    return whole[at].astype(np.int64), of.astype(np.int64)


def _in_one(points: Floats, polygon: Any) -> Ints:
    plane = crs.plane_for(shapely.get_coordinates(polygon))
    if plane is not None:
        return _in_plane(plane, points, np.array([polygon], dtype=object))[0]
    held = np.zeros(len(points), bool)
    for turn in (-360.0, 0.0, 360.0):
        moved = shapely.points(points[:, 0] + turn, points[:, 1])
        held |= shapely.intersects(polygon, moved)
    return np.flatnonzero(held)
