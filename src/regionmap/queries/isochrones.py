"""From minutes at stops to minutes off the network, and to areas of equal time.

Off the network one goes straight at a stated speed, not over the water, and never farther than a stated limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from regionmap import crs
from regionmap.errors import InputError

CORNERS = 48  # of a disc; its edge lies within 0.2 % of the circle
HOLE_M = 500.0  # around a stop that can't be reached in time, in the middle of what can
SPOT_M = 100.0  # around a stop that is reached just in time
WATER_M = 3_000.0  # a straight way may cross this much water: coasts are generalised, rivers have bridges


def minutes_off(
    stops: gpd.GeoDataFrame, places: gpd.GeoDataFrame, /, *, kmh: float, max_km: float, limit: float, land: Any = None
) -> pd.DataFrame:
    """The least minutes to each place: to a stop, and straight on from there.

    Parameters
    ----------
    stops : points in EPSG:4326 with `minutes`.
    places : any geometries in EPSG:4326; one arrives at the nearest point of a line or area.
    kmh : speed off the network, as the crow flies. max_km : nobody goes farther than this.
    limit : minutes; what takes longer is not looked for.
    land : area that is no water; ways that cross more than 3 km of water are none.

    Returns
    -------
    DataFrame
        One row a place, in the places' order and index: `minutes` (infinite: none within `limit`), `stop` (index of
        `stops`, None likewise), `off_km`.
    """
    size = len(places)
    out = pd.DataFrame({"minutes": np.full(size, np.inf), "stop": None, "off_km": np.nan}, index=places.index)
    start = stops["minutes"].to_numpy(dtype=float)
    use = np.flatnonzero(start <= limit)
    if not len(use) or not size:
        return out
    spots = stops.geometry.to_numpy()[use]
    far_m = np.minimum((limit - start[use]) * kmh / 60 * 1000, max_km * 1000)
    shapes = places.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(_boxes(spots, far_m))
    least, most = _between(shapes, spots, one, two)
    begin = start[use][one]
    near = least <= far_m[one]
    one, two, begin, least, most = one[near], two[near], begin[near], least[near], most[near]
    best = np.full(size, np.inf)
    np.minimum.at(best, two, np.where(most <= far_m[one], begin + most / 1000 / kmh * 60, np.inf))
    worth = begin + least / 1000 / kmh * 60 <= best[two]
    done = np.zeros(size, dtype=bool)
    for chosen in (worth, ~worth):  # the second only where water parts all of the first from their place
        open_ = chosen & ~done[two]
        found = _exact(shapes, spots, one[open_], two[open_], begin[open_], far_m, kmh, limit, land)
        at = found["place"].to_numpy()
        out.iloc[at, 0] = found["minutes"].to_numpy()
        out.iloc[at, 1] = np.asarray(stops.index, dtype=object)[use[found["stop"].to_numpy()]]
        out.iloc[at, 2] = found["km"].to_numpy()
        done[at] = True
    return out


def _between(shapes: Any, spots: Any, one: np.ndarray, two: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres between pairs, at least and at most: from a plane whose scale is out by no more than it says."""
    if not len(one):
        return np.zeros(0), np.zeros(0)
    _, south, _, north = shapely.total_bounds([*shapes[np.unique(two)], *spots[np.unique(one)]])
    scale = np.cos(np.radians((south + north) / 2))
    off = 0.01 + max(abs(np.cos(np.radians(y)) / scale - 1) for y in (south, north))
    flat, points = (shapely.transform(g, lambda xy: xy * [scale, 1.0]) for g in (shapes, spots))
    shapely.prepare(flat)
    metres = shapely.distance(flat[two], points[one]) * 111_200
    return metres * (1 - off), metres * (1 + off)


def _exact(
    shapes: Any, spots: Any, one: np.ndarray, two: np.ndarray, begin: np.ndarray, far_m: np.ndarray, kmh: float,
    limit: float, land: Any,
) -> pd.DataFrame:  # fmt: skip
    """The quickest dry way to each place: place, stop, minutes, km."""
    ways = shapely.shortest_line(shapes[two], spots[one])
    metres = np.atleast_1d(crs.length_m(ways))
    total = begin + metres / 1000 / kmh * 60
    good = (metres <= far_m[one] + 1e-6) & (total <= limit + 1e-9)
    good[good] = _dry(ways[good], land) if land is not None else True
    rows = pd.DataFrame({"place": two, "stop": one, "minutes": total, "km": metres / 1000})[good]
    return rows.sort_values(["minutes", "stop"], kind="stable").drop_duplicates("place")


def links(stops: gpd.GeoDataFrame, /, *, kmh: float, max_km: float, land: Any = None) -> pd.DataFrame:
    """Edges between all stops that are near enough to go straight from one to the other: from, to, minutes, km."""
    spots = stops.geometry.to_numpy()
    one, two = shapely.STRtree(spots).query(_boxes(spots, np.full(len(spots), max_km * 1000)))
    one, two = one[one < two], two[one < two]
    xy = shapely.get_coordinates(spots)
    metres = np.atleast_1d(crs.distance_m(*xy[one].T, *xy[two].T))
    keep = metres <= max_km * 1000
    one, two, metres = one[keep], two[keep], metres[keep]
    if land is not None and len(one):
        dry = _dry(shapely.linestrings(np.stack([xy[one], xy[two]], axis=1)), land)
        one, two, metres = one[dry], two[dry], metres[dry]
    names = np.asarray(stops.index, dtype=object)
    return pd.DataFrame(
        {"from": names[one], "to": names[two], "minutes": metres / 1000 / kmh * 60, "km": metres / 1000}
    )


def _boxes(spots: Any, metres: np.ndarray) -> Any:
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    high = metres / 110_500
    wide = metres / (110_500 * np.cos(np.radians(np.minimum(np.abs(y) + high, 89))))
    return shapely.box(x - wide, y - high, x + wide, y + high)


def _dry(ways: Any, land: Any) -> np.ndarray:
    """Which straight ways stay on land, but for `WATER_M`."""
    shapely.prepare(land)
    dry = shapely.covers(land, ways)
    wet = np.flatnonzero(~dry)
    if len(wet):
        dry[wet] = crs.length_m(shapely.difference(ways[wet], land)) <= WATER_M
    return np.asarray(dry)


def isochrones(
    stops: gpd.GeoDataFrame, /, *, bands: Sequence[float], kmh: float, max_km: float, land: Any = None
) -> gpd.GeoDataFrame:
    """Areas within which one is after so many minutes.

    Around each stop that is reached, a disc of the time that is left; of it what lies on land and hangs together
    with the stop. A stop that is not reached in time is cut out, with a hole of at most 500 m. So an area contains
    every stop within its minutes and none beyond; of stops on one spot the earliest counts.

    Parameters
    ----------
    stops : points in EPSG:4326 with `minutes` (infinite: not reached).
    bands : minutes. kmh, max_km, land : as `minutes_off`.

    Returns
    -------
    GeoDataFrame
        One row a band: `minutes`, the area in EPSG:4326 (empty where no stop is reached).
    """
    if not kmh > 0 or not max_km > 0:
        raise InputError(f"kmh and max_km must be above 0, not {kmh} and {max_km}")
    spots = stops.geometry.to_numpy()
    xy = shapely.get_coordinates(spots)
    start = stops["minutes"].to_numpy(dtype=float)
    start = pd.Series(start).groupby([xy[:, 0], xy[:, 1]]).transform("min").to_numpy() if len(xy) else start
    areas = [_area(xy, start, float(band), kmh, max_km * 1000, land) for band in bands]
    return gpd.GeoDataFrame({"minutes": [float(b) for b in bands]}, geometry=areas, crs=4326)


def _area(xy: np.ndarray, start: np.ndarray, band: float, kmh: float, cap_m: float, land: Any) -> Any:
    within = start <= band
    if not within.any():
        return shapely.Polygon()
    here, there = xy[within], np.unique(xy[~within], axis=0)
    radius = np.minimum((band - start[within]) * kmh / 60 * 1000, cap_m)
    big = radius > SPOT_M
    whole = shapely.union_all(_on_land(discs(here[big], radius[big]), here[big], land))
    late = there[shapely.intersects_xy(whole, there)] if len(there) and not whole.is_empty else there[:0]
    if len(late):
        gap = np.minimum(HOLE_M, 0.4 * _nearest_m(late, here))
        whole = shapely.difference(whole, shapely.union_all(discs(late, gap)))
    tiny = np.minimum(SPOT_M, 0.4 * _nearest_m(here, there)) if len(there) else np.full(len(here), SPOT_M)
    return shapely.union_all([whole, *discs(here, tiny)])


def discs(xy: np.ndarray, metres: np.ndarray) -> Any:
    """Discs on the ellipsoid around points, as polygons of 48 corners that lie on the circle."""
    if not len(xy):
        return np.empty(0, dtype=object)
    azimuth = np.tile(np.linspace(0, 360, CORNERS, endpoint=False), len(xy))
    lon, lat = np.repeat(xy, CORNERS, axis=0).T
    x, y, _ = crs.GEOD.fwd(lon, lat, azimuth, np.repeat(metres, CORNERS))
    return shapely.polygons(np.column_stack([x, y]).reshape(len(xy), CORNERS, 2))


def _on_land(shapes: Any, xy: np.ndarray, land: Any) -> Any:
    """Of each disc the part on land that holds its middle, or lies nearest to it."""
    if land is None or not len(shapes):
        return shapes
    shapely.prepare(land)
    out = np.array(shapes, dtype=object)
    for n in np.flatnonzero(~shapely.contains_properly(land, shapes)):
        parts = shapely.get_parts(shapely.intersection(shapes[n], land))
        parts = parts[shapely.get_dimensions(parts) == 2]
        gaps = shapely.distance(parts, shapely.Point(xy[n]))
        out[n] = parts[gaps.argmin()] if len(parts) and gaps.min() < 0.04 else shapely.Polygon()
    return out


def _nearest_m(these: np.ndarray, those: np.ndarray) -> np.ndarray:
    """From each of these points, metres to the nearest of those, never overstated."""
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(_chords(those)).query(_chords(these))
    return np.asarray(distance) * 0.99


def _chords(xy: np.ndarray) -> np.ndarray:
    """Points on a sphere that is no larger than the ellipsoid, in metres: chords are shorter than the way."""
    lon, lat = np.radians(xy).T
    return 6_335_000.0 * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
