"""Places on the ellipsoid as vectors, and a plane in which geodesics are straight.

`xyz` gives geocentric coordinates. A `Plane` is the central (gnomonic) projection of the ellipsoid from the
earth's centre: its straight lines are great ellipses, which leave the geodesic between the same two points
by less than 0.01 mm for pieces up to 10 km. So topology (inside, crossing, union) computed in it is topology
of geodesics. Lengths in it mean nothing. It holds less than one half of the earth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
A_M = 6378137.0
E2 = 0.0066943799901413165
B_M = A_M * float(np.sqrt(1 - E2))


class Plane(NamedTuple):
    """A central projection: unit vectors to its centre, and towards east and north there."""

    centre: Floats
    east: Floats
    north: Floats


def xyz(lon: ArrayLike, lat: ArrayLike) -> Floats:
    """Geocentric coordinates in metres, shape (n, 3), of points in degrees on the WGS 84 ellipsoid."""
    lam, phi = np.radians(np.asarray(lon, dtype=float)), np.radians(np.asarray(lat, dtype=float))
    s = np.sin(phi)
    n = A_M / np.sqrt(1 - E2 * s * s)
    r = n * np.cos(phi)
    return np.stack([r * np.cos(lam), r * np.sin(lam), n * (1 - E2) * s], axis=-1)


def lonlat_of(vectors: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude in degrees where the rays from the earth's centre meet the ellipsoid."""
    lon = np.degrees(np.arctan2(vectors[..., 1], vectors[..., 0]))
    lat = np.degrees(np.arctan2(vectors[..., 2], (1 - E2) * np.hypot(vectors[..., 0], vectors[..., 1])))
    return lon, lat


def plane_for(xy: Floats, reach_m: float = 0.0) -> Plane | None:
    """The plane about the middle of points in degrees, shape (n, 2); None where they are too wide for one.

    Parameters
    ----------
    reach_m : metres around the points that the plane must hold too.
    """
    if not len(xy):
        return None
    (west, south), (east, north) = xy.min(axis=0), xy.max(axis=0)
    if east - west < 60 and north - south < 60 and reach_m < 1e6:  # surely not too wide: 45 degrees at most
        xy = np.array([[west, south], [east, south], [east, north], [west, north]])
    v = xyz(xy[:, 0], xy[:, 1])
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    middle = (v.min(axis=0) + v.max(axis=0)) / 2
    size = float(np.linalg.norm(middle))
    if size < 1e-3:
        return None
    centre = middle / size
    widest = float(np.arccos(np.clip((v @ centre).min(), -1, 1))) + reach_m / B_M
    if widest > np.radians(65):
        return None
    right = np.array([-centre[1], centre[0], 0.0])
    long = float(np.linalg.norm(right))
    right = right / long if long > 1e-9 else np.array([0.0, 1.0, 0.0])
    return Plane(centre, right, np.cross(centre, right))


def onto(plane: Plane, xy: Floats) -> Floats:
    """Points in degrees, shape (n, 2), onto the plane, metres near its centre; NaN on the other half."""
    # the ratios of v . east and v . north to v . centre, v being the vector less its length
    lam = np.radians(xy[:, 0]) - np.arctan2(-plane.east[0], plane.east[1])
    phi = np.radians(xy[:, 1])
    level, up = np.cos(phi), (1 - E2) * np.sin(phi)
    forward = level * np.cos(lam)
    flat, steep = plane.north[2], plane.centre[2]
    depth = forward * flat + up * steep
    depth[depth < 0.016] = np.nan  # a little less than a right angle from the centre
    out = np.empty((len(xy), 2))
    np.divide(level * np.sin(lam) * A_M, depth, out=out[:, 0])
    np.divide((up * flat - forward * steep) * A_M, depth, out=out[:, 1])
    return out


def off(plane: Plane, xy: Floats) -> Floats:
    """Points of the plane back to degrees; longitudes run on past 180 instead of jumping."""
    v = plane.centre + (xy[:, :1] * plane.east + xy[:, 1:2] * plane.north) / A_M
    lon, lat = lonlat_of(v)
    middle = float(np.degrees(np.arctan2(plane.centre[1], plane.centre[0])))
    return np.column_stack([lon + 360 * np.round((middle - lon) / 360), lat])


def shapes_onto(plane: Plane, geometries: Any) -> Any:
    """Geometries in EPSG:4326, pieces at most 10 km, onto the plane."""
    return shapely.transform(geometries, lambda xy: onto(plane, xy))


def shapes_off(plane: Plane, geometries: Any) -> Any:
    """Geometries of the plane back to EPSG:4326."""
    return shapely.transform(geometries, lambda xy: off(plane, xy))


_COLLECT = {
    4: shapely.multipoints,
    5: shapely.multilinestrings,
    6: shapely.multipolygons,
    7: shapely.geometrycollections,
}


def rebuilt(shapes: Any, change: Callable[[Floats, Any], tuple[Floats, Any]]) -> Any:
    """Geometries, none empty, whose lines and rings get the vertices that `change(vertices, number)` gives."""
    types, out = shapely.get_type_id(shapes), shapes.copy()
    for single, build in ((1, shapely.linestrings), (2, shapely.linearrings)):
        if len(row := np.flatnonzero(types == single)):
            xy, of = change(*shapely.get_coordinates(shapes[row], return_index=True))
            out[row] = build(xy, indices=of)
    if len(row := np.flatnonzero(types == 3)):
        rings, of = shapely.get_rings(shapes[row], return_index=True)
        out[row] = shapely.polygons(rebuilt(rings, change), indices=of)
    for many in np.unique(types[types > 3]):
        row = np.flatnonzero(types == many)
        parts, of = shapely.get_parts(shapes[row], return_index=True)
        out[row] = _COLLECT[many](rebuilt(parts, change), indices=of)
    return out
