"""An independent definition of distance: golden-section search along every geodesic piece with PROJ's geodesics."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

GEOD = pyproj.Geod(ellps="WGS84")
GOLD = (5**0.5 - 1) / 2


def frame(shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    """A frame in EPSG:4326 of shapes or WKT texts."""
    shapes = [shapely.from_wkt(s) if isinstance(s, str) else s for s in shapes]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def points(xy: Any, **columns: Any) -> gpd.GeoDataFrame:
    """A frame in EPSG:4326 of points in degrees, shape (n, 2)."""
    return gpd.GeoDataFrame(columns, geometry=shapely.points(np.asarray(xy, float)), crs="EPSG:4326")


def wiggly(rng: np.random.Generator, vertices: int, step_deg: float, start: Any) -> shapely.LineString:
    """A line of random bends."""
    turn = np.cumsum(rng.normal(0, 0.4, vertices)) + rng.uniform(0, 6.28)
    step = np.column_stack([np.cos(turn) / np.cos(np.radians(start[1])), np.sin(turn)]) * step_deg
    return shapely.LineString(np.asarray(start) + np.cumsum(step, axis=0))


def point_to_line_m(point: Any, line: Any) -> float:
    """Metres from (lon, lat) to the nearest place of a line's or ring's geodesics."""
    xy = shapely.get_coordinates(line)
    if len(xy) == 1:
        return float(GEOD.inv(*point, *xy[0])[2])
    start, end = xy[:-1], xy[1:]
    azimuth, _, length = map(np.asarray, GEOD.inv(*start.T, *end.T))
    x, y = np.full(len(length), point[0]), np.full(len(length), point[1])

    def away(s: Any) -> Any:
        lon, lat, _ = GEOD.fwd(*start.T, azimuth, s)
        return np.asarray(GEOD.inv(x, y, lon, lat)[2])

    low, high = np.zeros(len(length)), length.copy()
    for _ in range(60):
        one, two = high - GOLD * (high - low), low + GOLD * (high - low)
        left = away(one) < away(two)
        low, high = np.where(left, low, one), np.where(left, two, high)
    return float(min(away((low + high) / 2).min(), away(np.zeros(len(length))).min(), away(length).min()))
