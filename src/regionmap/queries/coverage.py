"""How much of a zone a corridor serves: of its area, its towns and its features. Rules: docs/overlay.md."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from regionmap import crs
from regionmap.queries import _engine, _frames
from regionmap.queries import _plane_shapes as flat
from regionmap.queries._frames import Read
from regionmap.queries._pieces import Floats
from regionmap.queries.membership import areas, membership


def coverage(
    zones: Any, corridor: Any, *, within_m: float, towns: Any = None, features: Any = None, suffix: str = ""
) -> gpd.GeoDataFrame:
    """The share of each zone's area, towns and features within a distance of a corridor.

    Parameters
    ----------
    zones : GeoDataFrame of polygons, any CRS.
    corridor : GeoDataFrame, any CRS; several rows count as one corridor.
    within_m : distance in metres on the ellipsoid.
    towns, features : GeoDataFrames, any CRS, or None. A thing belongs to each zone in which it lies as drawn
        (`inside` of `membership`).
    suffix : text put behind the names of the result columns.

    Returns
    -------
    GeoDataFrame
        One row a zone, index, columns, CRS and geometry of `zones`: `zone_km2`, `covered_km2`, `covered_share`
        (of what is drawn), `covered_share_min` and `covered_share_max` (with the corridor's `accuracy_m` taken
        from and added to the distance; 0 and 1 where it is unknown). For towns and for features: how many are
        in the zone (`towns`), how many of these are `towns_certain` and `towns_possible` within the distance by
        the rule of `near`, and `towns_share`, the certain ones' share (empty where there are none).

    Raises
    ------
    InputError : a zone that is no polygon; data over more than 130 degrees; CRSError, ColumnClashError.
    """
    limit = _frames.metres(within_m, "within_m")
    one, two = areas(zones, "zones"), _frames.read(corridor, "corridor")
    known = np.isfinite(two.accuracy_m).all()
    slack = np.where(np.isfinite(two.accuracy_m), two.accuracy_m, 0)
    whole = np.asarray(crs.area_m2(one.shapes)) / 1e6
    middle = _covered(one, two, np.full(len(slack), limit))
    least = _covered(one, two, limit - slack) if known and slack.any() else middle
    most = _covered(one, two, limit + slack) if known and slack.any() else middle
    placed = ~shapely.is_missing(one.shapes) & (whole > 0)
    size = np.where(placed, whole, np.nan)
    columns: dict[str, Any] = {
        "zone_km2": size,
        "covered_km2": np.where(placed, middle, np.nan),
        "covered_share": middle / size,
        "covered_share_min": (least if known else np.zeros(len(whole))) / size,
        "covered_share_max": (most if known else whole) / size,
    }
    for word, things in (("towns", towns), ("features", features)):
        if things is not None:
            columns |= _counts(word, _frames.read(things, word), one, two, limit)
    attrs = _frames.attrs_of(
        one, two, query="coverage", within_m=limit, unplaced=_frames.without_geometry(one),
        unplaced_to=_frames.without_geometry(two),
    )  # fmt: skip
    return _frames.result(one, np.arange(len(whole)), columns, suffix=suffix, attrs=attrs)


def _covered(one: Read, two: Read, metres: Floats) -> Floats:
    """Square kilometres of each zone within distances of the corridor's rows; below 0 a row covers nothing."""
    rows = np.flatnonzero((metres >= 0) & ~shapely.is_missing(two.shapes))
    strips = np.array([crs.buffer(two.shapes[n], metres[n]) for n in rows], dtype=object)
    strips = strips[shapely.get_dimensions(strips) == 2] if len(strips) else strips
    out = np.zeros(len(one.shapes))
    if not len(strips):
        return out
    plane = flat.plane_of(one.shapes, strips)
    served = shapely.union_all(flat.onto(plane, strips))
    whole = np.asarray(crs.area_m2(one.shapes)) / 1e6
    covered = flat.km2(plane, flat.only(shapely.intersection(flat.onto(plane, one.shapes), served), 2))
    return np.minimum(covered, whole)


def _counts(word: str, things: Read, one: Read, two: Read, limit: float) -> dict[str, Any]:
    """How many things lie in each zone, and how many of them certainly and possibly within the distance."""
    found = _engine.join([_engine.nothing(), *_engine.within(things, two, limit)])
    slack = things.accuracy_m[found.a] + two.accuracy_m[found.b]
    certain, possible = np.zeros(len(things.shapes), bool), np.zeros(len(things.shapes), bool)
    possible[found.a] = True
    certain[found.a[np.isfinite(slack) & (found.metres + slack <= limit)]] = True
    spots = gpd.GeoDataFrame(geometry=things.shapes, crs=crs.WGS84)
    zones = gpd.GeoDataFrame(geometry=one.shapes, crs=crs.WGS84)
    pairs = membership(spots, zones, distances=False)
    zone = pairs["to"].to_numpy(int)
    thing = pairs.index.to_numpy(int)
    n = len(one.shapes)
    total = np.bincount(zone, minlength=n)
    sure = np.bincount(zone, weights=certain[thing], minlength=n).astype(int)
    maybe = np.bincount(zone, weights=(possible & ~certain)[thing], minlength=n).astype(int)
    share = np.full(n, np.nan)
    np.divide(sure, total, out=share, where=total > 0)
    return {word: total, f"{word}_certain": sure, f"{word}_possible": maybe, f"{word}_share": share}
