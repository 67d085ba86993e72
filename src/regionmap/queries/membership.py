"""Which things lie in which zones, certainly or only possibly. The rules are written down in docs/overlay.md."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from regionmap import crs
from regionmap.errors import InputError
from regionmap.queries import _engine, _frames
from regionmap.queries._frames import Read
from regionmap.queries._pieces import Floats, Ints
from regionmap.queries.proximity import CERTAINTY


def membership(points: Any, zones: Any, *, distances: bool = True, suffix: str = "") -> gpd.GeoDataFrame:
    """The pairs of things and zones in which they lie, or may lie.

    Parameters
    ----------
    points : GeoDataFrame
        Points, lines and polygons in any CRS. `accuracy_m` (metres; empty: unknown) is respected.
    zones : GeoDataFrame
        Polygons in any CRS, with an `accuracy_m` of their boundary or without.
    distances : give `border_m` for every pair; without, the answer is quicker for very many points.
    suffix : text put behind the names of the result columns.

    Returns
    -------
    GeoDataFrame
        One row a pair, in the order of `points`, then certain before possible, then the label of the zone: the
        columns, index and CRS of `points`; `to` (index of `zones`); `inside` (lies in the zone, its border
        included, wholly or in part); `border_m` (metres to the zone's border; 0 for what crosses it);
        `certainty`. With r = points.accuracy_m + zones.accuracy_m: certain if it is inside and farther than r
        from the border, possible if it is inside or at most r from the border. So what lies on a common border
        is possible in both zones and certain in none. An unknown accuracy makes every zone possible.
        `attrs["nowhere"]` counts the rows that are in no zone, `attrs["unplaced"]` lists those without geometry.

    Raises
    ------
    InputError : a zone that is no polygon; MissingCRSError, DatumError, ColumnClashError.
    """
    one, two = _frames.read(points, "points"), areas(zones, "zones")
    found = _engine.join([_engine.nothing(), *_engine.within(one, two, 0.0)])
    rims = two._replace(shapes=shapely.boundary(two.shapes))
    close = _engine.join([_engine.nothing(), *_engine.within(one, rims, 0.0)])
    width = max(len(two.shapes), 1)
    key, rim_key = found.a * width + found.b, close.a * width + close.b
    inside = found.metres == 0
    certain = inside & ~np.isin(key, rim_key)
    columns: dict[str, Any] = {"to": _frames.labels(two.frame.index, found.b), "inside": inside}
    if distances:
        columns["border_m"] = _border(one, rims, found.a, found.b, certain, found.metres, key, rim_key, close.metres)
    columns["certainty"] = pd.Categorical.from_codes(np.where(certain, 0, 1).astype(np.int8), dtype=CERTAINTY)
    order = np.lexsort((_frames.label_rank(two.frame.index)[found.b], ~certain, found.a))
    columns = {name: values[order] for name, values in columns.items()}
    placed = ~shapely.is_missing(one.shapes)
    placed[found.a] = False
    attrs = _frames.attrs_of(
        one, two, query="membership", nowhere=int(placed.sum()), unplaced=_frames.without_geometry(one),
        unplaced_to=_frames.without_geometry(two),
    )  # fmt: skip
    return _frames.result(one, found.a[order], columns, suffix=suffix, attrs=attrs)


def areas(frame: Any, name: str) -> Read:
    """Read polygons; those that cross themselves are repaired, those cut at the antimeridian are joined.

    Raises
    ------
    InputError : a geometry that is no polygon.
    """
    read = _frames.read(frame, name)
    wrong = np.flatnonzero(~shapely.is_missing(read.shapes) & ~np.isin(shapely.get_type_id(read.shapes), (3, 6)))
    if len(wrong):
        label, shape = read.frame.index[wrong[0]], read.shapes[wrong[0]]
        raise InputError(
            f"{name} must be polygons, but row {label!r} is a {shape.geom_type}: buffer it or leave it out"
        )
    west, _, east, _ = shapely.bounds(read.shapes).T
    cut = (west == -180) & (east == 180) & (shapely.get_type_id(read.shapes) == 6)
    bad = ~shapely.is_valid(read.shapes) & ~shapely.is_missing(read.shapes)
    if not (bad | cut).any():
        return read
    shapes = read.shapes.copy()
    shapes[bad] = [_repaired(g) for g in shapes[bad]]
    shapes[cut] = [_joined(g) for g in shapes[cut]]
    return read._replace(shapes=shapes)


def _repaired(shape: Any) -> Any:
    """The polygon, repaired where geodesics are straight: what goes round a pole crosses itself only in degrees."""
    plane = crs.plane_for(shapely.get_coordinates(shape))
    flat = shape if plane is None else crs.shapes_onto(plane, shape)
    if plane is not None and shapely.is_valid(flat):
        return shape
    parts, _ = crs.singles([shapely.make_valid(flat)])
    whole = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return whole if plane is None else crs.shapes_off(plane, whole)


def _joined(shape: Any) -> Any:
    """A polygon whose parts meet at 180 and -180 degrees without that border."""
    parts = shapely.get_parts(shape)
    west, _, east, _ = shapely.bounds(parts).T
    if (east - west > 180).any():
        return shape
    return shapely.union_all(
        [shapely.transform(p, lambda xy: xy + (360, 0)) if x < 0 else p for p, x in zip(parts, west, strict=True)]
    )


def _border(
    one: Read, rims: Read, a: Ints, b: Ints, certain: Any, metres: Floats, key: Ints, rim_key: Ints, rim_m: Floats
) -> Floats:
    """Metres to the border of the zone of each pair: known for what is outside or near it, else asked zone by zone."""
    out = metres.copy()
    order = np.argsort(rim_key, kind="stable")
    if len(order):
        at = order[np.minimum(np.searchsorted(rim_key[order], key), len(order) - 1)]
        out = np.where(rim_key[at] == key, rim_m[at], out)
    for zone in np.unique(b[certain]):
        pairs = np.flatnonzero(certain & (b == zone))
        mine = one._replace(shapes=one.shapes[a[pairs]], accuracy_m=np.zeros(len(pairs)))
        rim = Read(rims.frame.iloc[[zone]], rims.shapes[[zone]], rims.accuracy_m[[zone]])
        near = _engine.nearest(mine, rim, 1, np.inf)
        out[pairs[near.a]] = near.metres
    return out
