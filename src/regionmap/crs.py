"""Datums, zones and measures: the only place of regionmap that reprojects or measures.

Every measure is metres on the WGS 84 ellipsoid (CGCS2000 differs from it by under a tenth of a millimetre in
shape and by less than 1 m in place). A piece between two vertices is the shortest geodesic between them.
"""

from __future__ import annotations

# ruff: noqa: I001
import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj.exceptions import ProjError

# passed on to the layers above
from regionmap._gcj import bd09_to_gcj02, bd09_to_wgs84, gcj02_to_bd09  # noqa: F401
from regionmap._gcj import gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02  # noqa: F401
from regionmap._planes import A_M, E2, Plane, lonlat_of, off, onto, xyz  # noqa: F401
from regionmap._planes import plane_for, rebuilt, shapes_off, shapes_onto
from regionmap.errors import CRSError, DatumError, InputError, MissingCRSError

Floats = NDArray[np.float64]
WGS84 = "EPSG:4326"
GEOD = pyproj.Geod(ellps="WGS84")
MAX_EDGE_M = 10_000.0
"""Up to here a straight piece in `plane` departs from its geodesic by less than 0.01 mm."""

WIDEST_BUFFER_M = 9e6

_CGCS2000 = {"china 2000", "cgcs2000", "cgcs 2000", "china geodetic coordinate system 2000"}
_SURVEY = (
    "has no exact published shift to WGS 84: regionmap.datums.to_wgs84 and read_table take the parameters of your "
    "survey office (parameters=, --parameters), or take it as it is within accuracy_m=150 (--accuracy 150)"
)
_WEB = "is a shifted web-map datum; convert on purpose with regionmap.datums.to_wgs84"
_REFUSED = {
    "xian 1980": f"Xian 80 {_SURVEY}",
    "beijing 1954": f"Beijing 54 {_SURVEY}",
    "new beijing": f"New Beijing 54 {_SURVEY}",
    "gcj": f"GCJ-02 {_WEB}",
    "bd-09": f"BD-09 {_WEB}",
    "bd09": f"BD-09 {_WEB}",
}


def _plain(name: str) -> str:
    return name.lower().removeprefix("d_").replace("_", " ").strip()


def require_crs(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> pyproj.CRS:
    """The frame's CRS, if regionmap can measure in it.

    Raises
    ------
    MissingCRSError
        The frame has no CRS.
    DatumError
        GCJ-02, BD-09, Xian 80, Beijing 54, a local grid, an unknown datum; the text says how to convert.
    """
    if frame.crs is None:
        raise MissingCRSError(
            "the frame has no CRS and regionmap never guesses one; if its coordinates are longitude and "
            "latitude on WGS 84 or CGCS2000 say so with frame.set_crs('EPSG:4326'), else name their CRS"
        )
    _to_lonlat(frame.crs.to_wkt())
    return cast(pyproj.CRS, frame.crs)


@lru_cache(maxsize=64)
def _to_lonlat(wkt: str) -> tuple[pyproj.Transformer | None, tuple[float, ...]]:
    """The transformer from a CRS to EPSG:4326 (x = longitude; None: no change) and where it may be used."""
    crs = pyproj.CRS.from_wkt(wkt)
    base = crs.geodetic_crs
    datum = _plain(base.datum.name) if base is not None and base.datum is not None else ""
    for sign, remedy in _REFUSED.items():
        if sign in datum or sign in _plain(crs.name):
            raise DatumError(f"CRS {crs.name!r}: {remedy}")
    if base is None:
        raise DatumError(f"CRS {crs.name!r} is a local grid; bring it to EPSG:4490 with control points first")
    everywhere = (-180.0, -90.0, 180.0, 90.0)
    try:
        if datum in _CGCS2000 or datum.removesuffix(" ensemble") == "world geodetic system 1984":
            plain = (
                crs.is_geographic and base.prime_meridian and base.prime_meridian.longitude == 0 and not crs.is_derived
            )
            if plain and crs.axis_info[0].unit_name == "degree":
                return None, everywhere
            return pyproj.Transformer.from_crs(crs, base.to_2d(), always_xy=True), everywhere
        change = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True, allow_ballpark=False)
        return change, base.area_of_use.bounds if base.area_of_use else everywhere
    except ProjError as fault:
        raise DatumError(
            f"CRS {crs.name!r} has no transformation to WGS 84 that is better than a ballpark; convert it to "
            "EPSG:4490 or EPSG:4326 with known parameters first"
        ) from fault


def lonlat(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> NDArray[np.object_]:
    """The frame's geometries in EPSG:4326, x = longitude; the frame itself is not changed.

    Raises
    ------
    CRSError
        Coordinates that are no longitude and latitude after the transformation; and as `require_crs`.
    """
    require_crs(frame)
    geometries = np.array(frame.geometry.array, dtype=object)
    change, (west, south, east, north) = _to_lonlat(frame.crs.to_wkt())
    if change is not None:
        for z in (False, True):
            chosen = shapely.has_z(geometries) == z
            if chosen.any():
                geometries[chosen] = shapely.transform(geometries[chosen], _mover(change), include_z=z)
    xy = shapely.get_coordinates(geometries)
    if west == -180 or west > east:
        west, east = -540.0, 540.0
    low, high = (west - 1, south - 1e-9), (east + 1, north + 1e-9)
    if len(xy) and not all(w <= v.min() and v.max() <= e for v, w, e in zip(xy.T, low, high, strict=True)):
        x, y = xy[~((xy >= low) & (xy <= high)).all(axis=1)][0]
        raise CRSError(
            f"x={x:.6g}, y={y:.6g} is no longitude and latitude where CRS {frame.crs.name!r} may be used: "
            "are the axes swapped, or is another CRS meant?"
        )
    return geometries


def _mover(change: pyproj.Transformer, way: str = "FORWARD") -> Callable[[Floats], Floats]:
    def move(points: Floats) -> Floats:
        out = points.copy()
        out[:, 0], out[:, 1] = change.transform(points[:, 0], points[:, 1], direction=way)
        return out

    return move


def to_wgs84(frame: Any) -> Any:
    """The frame (or GeoSeries) in EPSG:4326, same index and columns; CGCS2000 is taken as WGS 84.

    Raises
    ------
    MissingCRSError, DatumError, CRSError
        As `require_crs` and `lonlat`: nothing is guessed and no ballpark transformation is used.
    """
    geometries = lonlat(frame)
    if isinstance(frame, gpd.GeoSeries):
        return gpd.GeoSeries(geometries, index=frame.index, crs=WGS84, name=frame.name)
    out = frame.copy(deep=False)
    out[frame.geometry.name] = gpd.GeoSeries(geometries, index=frame.index, crs=WGS84)
    return out


def from_wgs84(geometries: Sequence[Any], crs: Any) -> NDArray[np.object_]:
    """Geometries in EPSG:4326 brought to `crs` (the way back of `lonlat`)."""
    change, _ = _to_lonlat(pyproj.CRS.from_user_input(crs).to_wkt())
    array = np.array(geometries, dtype=object)
    return array if change is None else np.asarray(shapely.transform(array, _mover(change, "INVERSE")))


def distance_m(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Any:
    """Geodesic distance in metres between points in degrees (Karney 2013); a float for scalars."""
    one, two, three, four = np.broadcast_arrays(lon1, lat1, lon2, lat2)
    out = np.asarray(GEOD.inv(one, two, three, four)[2], dtype=float)
    return float(out) if out.ndim == 0 else out


def _flat(geometries: Any) -> tuple[NDArray[np.object_], bool]:
    if geometries is None or isinstance(geometries, shapely.Geometry):
        return np.array([geometries], dtype=object), True
    return np.array(geometries, dtype=object), False


def singles(geometries: Any) -> tuple[Any, Any]:
    """The points, lines and polygons of geometries, out of collections of any depth, and the row of each."""
    parts, row = shapely.get_parts(geometries, return_index=True)
    while (shapely.get_type_id(parts) > 3).any():
        parts, of = shapely.get_parts(parts, return_index=True)
        row = row[of]
    return parts, row


def length_m(geometries: Any) -> Any:
    """Length in metres of geometries in EPSG:4326 (a polygon's: its boundary); a float for one geometry."""
    flat, one = _flat(geometries)
    lines, row = singles(flat)
    areal = shapely.get_dimensions(lines) == 2
    rings, ring_row = shapely.get_rings(lines[areal], return_index=True)
    lines, row = np.concatenate([lines[~areal], rings]), np.concatenate([row[~areal], row[areal][ring_row]])
    xy, of = shapely.get_coordinates(lines, return_index=True)
    joined = of[1:] == of[:-1]
    pieces = distance_m(xy[:-1][joined, 0], xy[:-1][joined, 1], xy[1:][joined, 0], xy[1:][joined, 1])
    out = np.bincount(row[of[1:][joined]], weights=np.atleast_1d(pieces), minlength=len(flat))
    return float(out[0]) if one else out


def area_m2(geometries: Any) -> Any:
    """Area in square metres of geometries in EPSG:4326, edges geodesic (Karney 2013, section 6), 0 for lines.

    A ring encloses the smaller of the two sides. Orientation does not matter.
    """
    flat, one = _flat(geometries)
    out = np.zeros(len(flat))
    for part, of in zip(*singles(flat), strict=True):
        if part.geom_type == "Polygon" and not part.is_empty:
            out[of] += _ring_m2(part.exterior) - sum(map(_ring_m2, part.interiors))
    return float(out[0]) if one else out


def _ring_m2(ring: Any) -> float:
    xy = shapely.get_coordinates(ring)
    return abs(GEOD.polygon_area_perimeter(xy[:, 0], xy[:, 1])[0])


def densify(geometry: Any, max_piece_m: float) -> Any:
    """The geometry (or array of geometries) in EPSG:4326 with points put on its geodesics.

    Parameters
    ----------
    max_piece_m : longest piece allowed, metres. Vertices stay; heights are dropped where points are put in.
    """
    if not max_piece_m > 0:
        raise InputError(f"max_piece_m must be above 0, not {max_piece_m}")
    flat, one = _flat(geometry)
    xy, of = shapely.get_coordinates(flat, return_index=True)
    long = np.unique(of[1:][_long(xy, of, max_piece_m)])
    out = flat.copy()
    out[long] = rebuilt(flat[long], lambda xy, of: with_points(xy, of, max_piece_m))
    return out[0] if one else out


def _long(xy: Floats, of: Any, piece: float) -> NDArray[np.bool_]:
    """Which steps may be longer than a piece; a cheap bound, one degree is under 111.7 km."""
    x, y = xy[:, 0], xy[:, 1]
    return (np.abs(x[1:] - x[:-1]) + np.abs(y[1:] - y[:-1]) > piece / 111_700) & (of[1:] == of[:-1])


def with_points(xy: Floats, of: Any, piece: float) -> tuple[Floats, Any]:
    """Vertices in degrees of lines and rings, numbered by `of`, with points put on pieces longer than `piece`."""
    at = np.flatnonzero(_long(xy, of, piece))
    if not len(at):
        return xy, of
    azimuth, _, metres = (np.asarray(v) for v in GEOD.inv(*xy[at].T, *xy[at + 1].T))
    count = np.ones(len(xy), np.int64)
    count[at] = np.maximum(np.ceil(metres / piece - 1e-9), 1)
    out = np.repeat(xy, count, axis=0)
    new = np.repeat(np.arange(len(at)), count[at] - 1)
    nth = np.arange(len(new)) - np.repeat(np.cumsum(count[at] - 1) - count[at] + 1, count[at] - 1) + 1
    step = (metres / count[at])[new] * nth
    out[(np.cumsum(count) - count)[at][new] + nth] = _forward(xy[at][new], azimuth[new], step)
    return out, np.repeat(of, count)


def _forward(start: Floats, azimuth: Floats, metres: Floats) -> Floats:
    """Points at azimuth (degrees) and distance; longitudes run on past 180 on the caller's side."""
    lon, lat, _ = GEOD.fwd(start[:, 0], start[:, 1], azimuth, metres)
    return np.column_stack([np.asarray(lon) + 360 * np.round((start[:, 0] - np.asarray(lon)) / 360), lat])


def buffer(geometries: Any, distance_m: float) -> Any:
    """All within `distance_m` metres of geometries in EPSG:4326, on the ellipsoid.

    The boundary lies within 0.1 % of the asked distance. A negative distance shrinks polygons. Longitudes run
    on past 180 where a result crosses the antimeridian. None and empty geometries give an empty polygon.

    Notes
    -----
    Runs of at most 50 km are buffered in an azimuthal equidistant plane about their middle and united in a
    plane whose straight lines are geodesics.
    """
    if not np.isfinite(distance_m):
        raise InputError(f"distance_m must be a finite number of metres, not {distance_m}")
    if abs(distance_m) > WIDEST_BUFFER_M:
        raise InputError(f"distance_m is {distance_m:g}; beyond {WIDEST_BUFFER_M:g} m a buffer is half of the earth")
    flat, one = _flat(geometries)
    out = np.array([_buffered(g, float(distance_m)) for g in flat], dtype=object)
    return out[0] if one else out


def _buffered(g: Any, metres: float) -> Any:
    if g is None or g.is_empty:
        return shapely.Polygon()
    fine = densify(shapely.force_2d(g), MAX_EDGE_M)
    parts, _ = singles(np.array([fine], dtype=object))
    areas = [p for p in parts if p.geom_type == "Polygon"]
    plane = plane_for(shapely.get_coordinates(fine), abs(metres))
    strips = [_strip(run, abs(metres)) for p in parts for run in _runs(p)] if metres else []
    shapes = np.array([*areas, *strips], dtype=object)
    if plane is not None:
        shapes = shapes_onto(plane, shapes)
    if metres < 0:
        whole, rim = shapely.union_all(shapes[: len(areas)]), shapely.union_all(shapes[len(areas) :])
        united = shapely.difference(whole, rim)
    else:
        united = shapely.union_all(shapes)
    united = shapes_off(plane, united) if plane is not None else united
    return united if shapely.get_dimensions(united) == 2 else shapely.Polygon()


def _runs(part: Any) -> list[Floats]:
    """The vertices of a part (a polygon's rings) in runs of at most 50 km that share their ends."""
    runs = []
    for line in shapely.get_rings(part) if part.geom_type == "Polygon" else [part]:
        xy = shapely.get_coordinates(line)
        metres = np.concatenate([[0.0], np.cumsum(np.atleast_1d(distance_m(*xy[:-1].T, *xy[1:].T)))])
        cuts = np.searchsorted(metres, np.arange(0, metres[-1], 40_000.0))
        ends = np.unique([*cuts, len(xy) - 1])
        runs += [xy[a : b + 1] for a, b in itertools.pairwise(ends)] or [xy]
    return runs


def _strip(xy: Floats, metres: float) -> Any:
    middle = xy[len(xy) // 2]
    azimuth, _, far = GEOD.inv(*np.broadcast_to(middle, xy.shape).T, *xy.T)
    local = np.column_stack([far * np.sin(np.radians(azimuth)), far * np.cos(np.radians(azimuth))])
    shape = (shapely.LineString(local) if len(xy) > 1 else shapely.Point(local[0])).buffer(metres, quad_segs=32)

    def back(p: Floats) -> Floats:
        to = np.degrees(np.arctan2(p[:, 0], p[:, 1]))
        return _forward(np.broadcast_to(middle, p.shape), to, np.hypot(p[:, 0], p[:, 1]))

    return shapely.transform(shape, back)
