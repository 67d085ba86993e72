"""Where along a line: `chainage`, and back: `point_at`, `stretch`. The rules are written down in docs/chainage.md."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from regionmap import crs
from regionmap.errors import InputError
from regionmap.queries import _engine, _frames, _linear, _lines
from regionmap.queries._frames import Read
from regionmap.queries._pieces import Floats, Ints
from regionmap.queries.proximity import SIDES
from regionmap.queries.stationing import (
    Stations,
    chainage_of,
    format_stationing,
    parse_stationing,
    station_texts,
    stations,
)

__all__ = ["chainage", "format_stationing", "parse_stationing", "point_at", "stations", "stretch"]

FROM_TO_PIECE_M = 500.0
SHARP_FROM_M = 500.0  # a foot found nearer is right to 1e-7 m
FOUND = ("to", "distance_m", "nearest_lon", "nearest_lat")


def chainage(features: Any, along: Any, *, suffix: str = "") -> gpd.GeoDataFrame:
    """How far along a line features lie, and how far off it.

    Parameters
    ----------
    features : GeoDataFrame
        Points, lines and polygons in any CRS. The result of `near` or `nearest` (columns `to`, `distance_m`,
        `nearest_lon`, `nearest_lat`) is taken as found: each row against its own `to`, without a new search.
    along : GeoDataFrame
        Lines in any CRS; with several, each feature is measured along the nearest. Columns that are looked at:
        `start_chainage_m` (station of the first point, metres), `station_equations` (see `stations`),
        `accuracy_m`, `drawn`. Rows that are no lines are left out; `attrs["not_lines"]` names them.
    suffix : text put behind the names of the result columns.

    Returns
    -------
    GeoDataFrame
        The rows, index, columns and CRS of `features`, and (as far as not there from `near`) `to` (index of
        `along`), `chainage_m` (metres along the drawn line from its first point to the nearest point, parts in
        their order, gaps not counted), `offset_m` (0 or more), `side` (left, on, right of the line's direction),
        `stationing` (`K12+300`, or `距起点 12.3 km` where no start is known), `chainage_from_m` and
        `chainage_to_m` (the smallest and largest chainage of a line's or polygon's outline and of where the line
        meets it; `chainage_m` of what the line meets is where it first does), `nearest_lon`,
        `nearest_lat` (EPSG:4326), `chainage_accuracy_m` (metres, empty: unknown): the sum of both accuracies,
        and 15 % of the chainage on a line whose `drawn` is schematic or authored. Rows without geometry, and all
        if `along` has no line, are there with empty results.

    Raises
    ------
    MissingCRSError, DatumError, InputError, ColumnClashError
    """
    one, two = _frames.read(features, "features"), _lines.read_lines(along)
    given = set(FOUND) <= set(one.frame.columns)
    rows, to, metres, lonlat, side, place = _given(one, two) if given else _searched(one, two)
    n = len(one.shapes)
    at, offset, foot = np.full(n, np.nan), np.full(n, np.nan), np.full((n, 2), np.nan)
    low, high, row_to = at.copy(), at.copy(), np.full(n, -1)
    if len(rows):
        (pieces,) = _frames.pieces(two)
        line = _linear.measured(pieces)
        at[rows], foot[rows] = _along(line, one, two, rows, to, lonlat, metres, place)
        low[rows], high[rows] = at[rows], at[rows]
        touching = (shapely.get_type_id(one.shapes[rows]) > 0) & (metres == 0)
        for row, first, last, spot in _meetings(line, one, two, rows, to, touching):
            at[row], low[row], high[row], foot[row] = first, first, last, spot
        _from_to(line, one, two, rows, to, low, high)
        offset[rows], row_to[rows] = metres, to
    columns = {
        "to": _frames.labels(two.frame.index, row_to),
        "chainage_m": at,
        "offset_m": offset,
        "side": _sides(side, rows, n),
        "stationing": _lines.texts(two, row_to, at),
        "chainage_from_m": low,
        "chainage_to_m": high,
        "nearest_lon": foot[:, 0],
        "nearest_lat": foot[:, 1],
        "chainage_accuracy_m": _lines.accuracy(one, two, row_to, at),
    }
    if given:
        columns = {k: v for k, v in columns.items() if k not in (*FOUND, "side") or f"{k}{suffix}" not in one.frame}
    attrs = _frames.attrs_of(
        one, two, query="chainage", schematic_share=_lines.SCHEMATIC_SHARE, unplaced=_frames.without_geometry(one),
        not_lines=_frames.without_geometry(two),
    )  # fmt: skip
    return _frames.result(one, np.arange(n), columns, suffix=suffix, attrs=attrs)


Found = tuple[Ints, Ints, Floats, Floats, Any, Floats | None]
"""Rows, their lines, metres, feet, sides and, after a search, places along the vertices."""


def _searched(one: Read, two: Read) -> Found:
    found = _engine.nearest(one, two, 1, np.inf)
    return found.a, found.b, found.metres, found.lonlat, found.side, found.place


def _given(one: Read, two: Read) -> Found:
    """Rows, their lines and feet as `near` or `nearest` found them."""
    frame = one.frame
    if not two.frame.index.is_unique:
        raise InputError("along must have a unique index, for the column `to` of near or nearest names its rows")
    wanted = frame["to"].notna().to_numpy()
    to = np.full(len(frame), -1)
    to[wanted] = two.frame.index.get_indexer(pd.Index(frame["to"][wanted]))
    if (to[wanted] < 0).any():
        label = frame["to"][wanted][to[wanted] < 0].iloc[0]
        raise InputError(f"`to` names {label!r}, which is no row of along: pass the frame that near was asked with")
    rows = np.flatnonzero((to >= 0) & ~np.isin(to, np.flatnonzero(shapely.is_missing(two.shapes))))
    lonlat = frame[["nearest_lon", "nearest_lat"]].to_numpy(float)[rows]
    metres = frame["distance_m"].to_numpy(float)[rows]
    side = pd.Series(frame["side"]).map({"left": 1, "on": 0, "right": -1}).astype(float) if "side" in frame else None
    kept = None if side is None else side.fillna(2).to_numpy(int)[rows]
    return rows, to[rows], metres, lonlat, kept, None


def _sides(side: Any, rows: Ints, n: int) -> Any:
    codes = np.full(n, -1, np.int8)
    if side is not None and len(rows):
        codes[rows] = np.array([2, 1, 0, -1], np.int8)[np.asarray(side) + 1]
    return pd.Categorical.from_codes(codes, dtype=SIDES)


def _along(
    line: _linear.Measured, one: Read, two: Read, rows: Ints, to: Ints, lonlat: Floats, metres: Floats,
    known: Floats | None,
) -> tuple[Floats, Floats]:  # fmt: skip
    points = shapely.get_type_id(one.shapes[rows]) == 0
    ask = np.ones(len(rows), bool)
    if known is not None:  # a place that the line may pass twice is looked for again: the first time counts
        simple = shapely.is_simple(two.shapes)
        ask = ~points | ~simple[to] | (np.abs(known - np.round(known)) < 1e-6)
    place = _linear.Place(np.empty(len(rows)), np.empty(len(rows), np.int64))
    if known is not None and not ask.all():
        place.chainage_m[~ask], place.vertex[~ask] = _linear.placed(line, known[~ask])
    place.chainage_m[ask], place.vertex[ask] = _linear.locate(line, to[ask], lonlat[ask])
    if np.isnan(place.chainage_m).any():
        label = one.frame.index[rows[np.isnan(place.chainage_m)][0]]
        raise InputError(f"nearest_lon, nearest_lat of {label!r} is no place on its line: has the line changed since?")
    at, foot = place.chainage_m.copy(), lonlat.copy()
    far = points & (metres > SHARP_FROM_M)
    if far.any():
        picked = _linear.Place(*(field[far] for field in place))
        at[far], foot[far] = _linear.sharpen(line, picked, shapely.get_coordinates(one.shapes[rows[far]]))
    return at, foot


def _from_to(line: _linear.Measured, one: Read, two: Read, rows: Ints, to: Ints, low: Floats, high: Floats) -> None:
    """The range of chainages of the outlines of lines and polygons, in place."""
    wide = shapely.get_type_id(one.shapes[rows]) > 0
    for n in np.unique(to[wide]):
        mine = rows[wide & (to == n)]
        xy, of = shapely.get_coordinates(crs.densify(one.shapes[mine], FROM_TO_PIECE_M), return_index=True)
        picked = Read(two.frame.iloc[[n]], two.shapes[[n]], two.accuracy_m[[n]])
        spots = Read(two.frame, shapely.points(xy), np.zeros(len(xy)))
        found = _engine.nearest(spots, picked, 1, np.inf)
        at = _linear.locate(line, np.full(len(found.a), n), found.lonlat).chainage_m
        np.fmin.at(low, mine[of[found.a]], at)
        np.fmax.at(high, mine[of[found.a]], at)


def _meetings(
    line: _linear.Measured, one: Read, two: Read, rows: Ints, to: Ints, touching: Any
) -> list[tuple[int, float, float, Floats]]:
    """Rows of lines and polygons that the line meets, with the chainages and places where it first does and the last.

    Computed in a plane in which geodesics are straight; what is too wide for one is left out.
    """
    out: list[tuple[int, float, float, Floats]] = []
    for n in np.unique(to[touching]):
        mine = rows[touching & (to == n)]
        fine = crs.densify(np.array([two.shapes[n], *one.shapes[mine]], dtype=object), crs.MAX_EDGE_M)
        plane = crs.plane_for(shapely.get_coordinates(fine))
        if plane is None:
            continue
        flat = crs.shapes_onto(plane, fine)
        met = crs.shapes_off(plane, shapely.intersection(flat[0], flat[1:]))
        xy, of = shapely.get_coordinates(met, return_index=True)
        at = _linear.locate(line, np.full(len(xy), n), xy).chainage_m
        for k in np.unique(of[~np.isnan(at)]):
            here = np.flatnonzero((of == k) & ~np.isnan(at))
            first = here[np.argmin(at[here])]
            out.append((int(mine[k]), float(at[first]), float(at[here].max()), xy[first]))
    return out


def point_at(along: Any, chainage_m: Any, *, clip: bool = False) -> gpd.GeoDataFrame:
    """The places at chainages of one line.

    Parameters
    ----------
    along : GeoDataFrame with one line, any CRS.
    chainage_m : metres along the drawn line from its first point, or a stationing (`K12+300`); one or several.
    clip : take the line's ends for what lies beyond them, instead of an error.

    Returns
    -------
    GeoDataFrame
        One row a chainage, in the CRS of `along`: `to` (its index), `chainage_m`, `stationing`, `accuracy_m`
        (the line's, and 15 % of the chainage on a schematic line; empty: unknown), geometry. Where a gap between
        two parts has one chainage: the end of the first part.

    Raises
    ------
    InputError : not one line; a chainage beyond its ends; a stationing that is not on it or twice on it.
    """
    two, line, known = _one_line(along)
    several = not isinstance(chainage_m, str) and np.ndim(chainage_m) > 0
    wanted = list(chainage_m) if several else [chainage_m]
    at = np.array([_linear.onto_vertex(line, _on(w, line, known, clip)) for w in wanted])
    xy, _ = _linear.points_at(line, at) if len(at) else (np.empty((0, 2)), None)
    rows = np.zeros(len(at), np.int64)
    nowhere = Read(two.frame, two.shapes, np.zeros(len(at)))
    columns = {
        "to": _frames.labels(two.frame.index, rows),
        "chainage_m": at,
        "stationing": station_texts(at, known),
        "accuracy_m": _lines.accuracy(nowhere, two, rows, at),
    }
    shapes = crs.from_wgs84(shapely.points(xy), two.frame.crs)
    out = gpd.GeoDataFrame(columns, geometry=shapes, crs=two.frame.crs)
    out.attrs = _frames.attrs_of(two, query="point_at")
    return out


def stretch(along: Any, from_m: Any, to_m: Any, *, clip: bool = False) -> gpd.GeoDataFrame:
    """The part of one line between two chainages.

    Parameters
    ----------
    along : GeoDataFrame with one line, any CRS.
    from_m, to_m : metres along the drawn line from its first point, or stationings; from > to turns the
        direction round. A ring is cut at its first vertex like every line.
    clip : take the line's ends for what lies beyond them, instead of an error.

    Returns
    -------
    GeoDataFrame
        One row: the index, columns and CRS of `along`, with `chainage_from_m`, `chainage_to_m`, `length_m` (on
        the ellipsoid) and the stretch as geometry, of several parts where it runs over a gap. Where the line
        has a `start_chainage_m` the new row's is the station of `from_m` (empty if turned round, or if the
        stretch holds a station equation).

    Raises
    ------
    InputError : not one line; a chainage beyond its ends; an empty stretch; ColumnClashError.
    """
    two, line, known = _one_line(along)
    start, end = _on(from_m, line, known, clip), _on(to_m, line, known, clip)
    if abs(start - end) <= 1e-9:
        raise InputError(f"the stretch from {from_m!r} to {to_m!r} is a point: ask point_at")
    shape = _linear.cut(line, min(start, end), max(start, end))
    shape = shape if start < end else shape.reverse()
    if start > end and hasattr(shape, "geoms"):
        shape = shapely.MultiLineString(list(shape.geoms)[::-1])
    columns = {"chainage_from_m": [start], "chainage_to_m": [end], "length_m": [crs.length_m(shape)]}
    out = _frames.result(two, np.array([0]), columns, suffix="", attrs=_frames.attrs_of(two, query="stretch"))
    out[out.geometry.name] = gpd.GeoSeries(crs.from_wgs84([shape], out.crs), index=out.index, crs=out.crs)
    if "start_chainage_m" in out.columns:
        broken = known is not None and any(start < c < end for c in known.chainage_m[1:])
        ask = known and (known.text if isinstance(out["start_chainage_m"].iloc[0], str) else known.at)
        out["start_chainage_m"] = [ask(start) if ask and start < end and not broken else None]
        if "station_equations" in out.columns:
            out["station_equations"] = [""]
    return out


def _one_line(along: Any) -> tuple[Read, _linear.Line, Stations | None]:
    two = _lines.read_lines(along)
    if len(two.frame) != 1:
        raise InputError(f"along must hold exactly one line, not {len(two.frame)} rows: pick one, frame.iloc[[0]]")
    line = _linear.line_of(two.shapes[0])
    if not line.length_m:
        raise InputError("the line has no length")
    return two, line, _lines.stations_of(two, 0)


def _on(wanted: Any, line: _linear.Line, known: Stations | None, clip: bool) -> float:
    if isinstance(wanted, str):
        return float(np.clip(chainage_of(wanted, known, line.length_m), 0, line.length_m))
    if isinstance(wanted, bool) or not isinstance(wanted, (int, float, np.number)) or not np.isfinite(wanted):
        raise InputError(f"a chainage must be metres or a stationing such as K12+300, not {wanted!r}")
    if not clip and not -1e-3 <= wanted <= line.length_m + 1e-3:
        raise InputError(
            f"{wanted} m is not on the line, which is {line.length_m:.3f} m long; clip=True (--clip) takes its end"
        )
    return float(np.clip(wanted, 0, line.length_m))
