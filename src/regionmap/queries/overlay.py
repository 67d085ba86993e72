"""Areas, lengths and counts of one layer in the zones of another. The rules are written down in docs/overlay.md."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from regionmap import crs
from regionmap.queries import _frames
from regionmap.queries import _plane_shapes as flat
from regionmap.queries._dask import partitioned
from regionmap.queries._frames import Read
from regionmap.queries._pieces import Floats, Ints
from regionmap.queries._stored import stored
from regionmap.queries.coverage import coverage
from regionmap.queries.membership import areas, membership

__all__ = ["coverage", "membership", "overlay"]

PARTS = pd.CategoricalDtype(["area", "overlap", "residual", "line", "points", "unplaced"])
SNAP = 1e-9
"""Shares below this are rounding of the cut and count as nothing."""


@stored
@partitioned
def overlay(zones: Any, other: Any, *, sliver_m: float | None = None, suffix: str = "") -> gpd.GeoDataFrame:
    """How much of each zone lies in each area of another layer, with rows that balance; lines and points counted.

    Parameters
    ----------
    zones : GeoDataFrame of polygons, any CRS.
    other : GeoDataFrame of polygons, lines and points, any CRS.
    sliver_m : mean width (2 area / perimeter) in metres below which a piece is called a sliver; None: the sum of
        both accuracies (`accuracy_m`, unknown: 0), at least 1 m. Slivers stay in the sums.
    suffix : text put behind the names of the result columns.

    Returns
    -------
    GeoDataFrame
        Rows in the order of `zones` (index, columns, CRS of `zones`; the geometry is the piece), by column `part`:

        - `area`, one row for each polygon of `other` that shares area with the zone: `to` (index of `other`),
          `area_km2` and `share` (of the zone's area). A common border shares no area.
        - `overlap`, if polygons of `other` overlap in the zone: what the rows above count more than once,
          negative, `to` empty. The geometry is where they overlap.
        - `residual`: what no polygon of `other` covers. The `area_km2` of `area`, `overlap` and `residual` add up
          to the zone's, the shares to 1 (within 1e-9). Not there if `other` has no polygon.
        - `line`, one row for each line with a length in the zone: `length_km`, and as `share` that of the line.
          A line along a common border lies in both zones.
        - `points`, one row a zone, if `other` has points: `count` (certainly in the zone) and `possible` (by the
          rule of `membership`).
        - `unplaced`: a zone without geometry, so that no zone is lost.

        `sliver` names pieces too thin to mean anything. `attrs`: `outside_km` (per line, the length in no zone),
        `unplaced_to`, and `mismatch`, the largest share by which the residual as cut differs from the balance.

    Raises
    ------
    InputError : a zone that is no polygon; data over more than 130 degrees; CRSError, ColumnClashError.
    """
    one, two = areas(zones, "zones"), _frames.read(other, "other")
    names = ("to", "part", "area_km2", "share", "length_km", "count", "possible", "sliver")
    _frames.check_clash(one.frame, [f"{n}{suffix}" for n in names])
    table = _Rows(one, two, sliver_m)
    kind = shapely.get_dimensions(two.shapes)
    plane = flat.plane_of(one.shapes, two.shapes[kind > 0])
    ground = flat.onto(plane, one.shapes)
    mismatch = _areas(table, plane, ground, np.flatnonzero(kind == 2))
    outside = _lines(table, plane, ground, np.flatnonzero(kind == 1))
    _points(table, np.flatnonzero(kind == 0))
    for zone in np.flatnonzero(shapely.is_missing(one.shapes)):
        table.add(zone, "unplaced")
    attrs = _frames.attrs_of(
        one, two, query="overlay", unplaced=_frames.without_geometry(one), unplaced_to=_frames.without_geometry(two),
        outside_km=outside, mismatch=mismatch,
    )  # fmt: skip
    return table.frame(suffix, attrs)


class _Rows:
    """Result rows in the making."""

    def __init__(self, one: Read, two: Read, sliver_m: float | None) -> None:
        self.one, self.two = one, two
        self.sliver_m = None if sliver_m is None else _frames.metres(sliver_m, "sliver_m")
        self.rows: list[tuple[int, str, int, dict[str, Any]]] = []

    def add(self, zone: Any, part: str, to: Any = -1, **values: Any) -> None:
        self.rows.append((int(zone), part, int(to), values))

    def thin(self, zone: Any, to: Any, shape: Any, km2: float) -> bool:
        """Whether a piece (EPSG:4326) is a sliver."""
        limit = self.sliver_m
        if limit is None:
            both = self.one.accuracy_m[zone], self.two.accuracy_m[to] if to >= 0 else 0.0
            limit = max(1.0, sum(r for r in both if np.isfinite(r)))
        around = crs.length_m(shape)
        return bool(around > 0 and 2 * km2 * 1e6 / around < limit)

    def frame(self, suffix: str, attrs: Any) -> gpd.GeoDataFrame:
        rank = {str(word): n for n, word in enumerate(PARTS.categories)}
        label = _frames.label_rank(self.two.frame.index)
        self.rows.sort(key=lambda r: (r[0], rank[r[1]], label[r[2]] if r[2] >= 0 else 0))
        zone = np.array([r[0] for r in self.rows], np.int64)
        to = np.array([r[2] for r in self.rows], np.int64)
        values = [r[3] for r in self.rows]
        columns: dict[str, Any] = {
            "to": _frames.labels(self.two.frame.index, to),
            "part": pd.Categorical([r[1] for r in self.rows], dtype=PARTS),
        }
        for name in ("area_km2", "share", "length_km"):
            columns[name] = np.array([v.get(name, np.nan) for v in values], dtype=float)
        for name in ("count", "possible"):
            columns[name] = pd.array([v.get(name) for v in values], dtype="Int64")
        columns["sliver"] = np.array([v.get("sliver", False) for v in values], dtype=bool)
        out = _frames.result(self.one, zone, columns, suffix=suffix, attrs=attrs)
        shapes = crs.from_wgs84([v.get("shape") for v in values], out.crs)
        out[out.geometry.name] = gpd.GeoSeries(shapes, index=out.index, crs=out.crs)
        out.attrs = dict(attrs)
        return out


def _cut(ground: Any, shapes: Any, dimension: int) -> tuple[Ints, Ints, Ints, Any]:
    """Zones, shapes, the number of what they share among the pieces; the pieces, of one dimension.

    Pairs that share nothing of it are left out. What lies in the other is its own piece, and two geometries are cut
    once, however often they meet.
    """
    zone, to = shapely.STRtree(shapes).query(ground, predicate="intersects")
    every = np.concatenate([ground, shapes])
    codes, _ = pd.factorize(shapely.to_wkb(every), use_na_sentinel=False)
    _, first = np.unique(codes, return_index=True)
    one, two = first[codes[zone]], first[codes[to + len(ground)]]
    one, two = _covered(every, two, one), _covered(every, one, two)
    pairs, piece = np.unique(np.sort(np.column_stack([one, two]), axis=1), axis=0, return_inverse=True)
    one, two = pairs.T
    pieces, apart = every[one], one != two
    pieces[apart] = shapely.intersection(every[one[apart]], every[two[apart]])
    pieces = flat.only(pieces, dimension)
    real = ~shapely.is_missing(pieces)[piece.ravel()]
    return zone[real], to[real], piece.ravel()[real], pieces


def _covered(shapes: Any, inner: Ints, outer: Ints) -> Ints:
    """Of each pair the outer shape, or the inner one where the outer covers it."""
    box, around = shapely.bounds(shapes[inner]), shapely.bounds(shapes[outer])
    held = (around[:, :2] <= box[:, :2]).all(axis=1) & (around[:, 2:] >= box[:, 2:]).all(axis=1) & (inner != outer)
    shapely.prepare(shapes[outer[held]])
    held[held] = shapely.covers(shapes[outer[held]], shapes[inner[held]])
    return np.where(held, inner, outer)


def shares(zones: Any, shapes: Any) -> tuple[Ints, Ints, Floats]:
    """Pairs (zone, shape) that share length or area, and the share of the line's length or the polygon's area.

    zones, shapes : polygons, and lines and polygons, arrays in EPSG:4326.
    """
    plane = flat.plane_of(zones, shapes)
    ground, drawn = flat.onto(plane, zones), flat.onto(plane, shapes)
    out = []
    for dimension, measure in ((1, flat.km), (2, flat.km2)):
        rows = np.flatnonzero(shapely.get_dimensions(drawn) == dimension)
        if len(rows):
            zone, to, piece, pieces = _cut(ground, drawn[rows], dimension)
            part = measure(plane, pieces)[piece] / measure(plane, drawn[rows])[to]
            out.append((zone[part > SNAP], rows[to[part > SNAP]], part[part > SNAP]))
    if not out:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    zone, to, part = (np.concatenate(column) for column in zip(*out, strict=True))
    return zone, to, part


def _areas(table: _Rows, plane: crs.Plane, ground: Any, polygons: Ints) -> float:
    if not len(polygons):
        return 0.0
    zone, to, piece, pieces = _cut(ground, flat.onto(plane, table.two.shapes[polygons]), 2)
    size, pieces = flat.km2(plane, pieces)[piece], pieces[piece]
    whole = np.asarray(crs.area_m2(table.one.shapes)) / 1e6
    mismatch = 0.0
    for z in np.flatnonzero(~shapely.is_missing(table.one.shapes)):
        mine = np.flatnonzero((zone == z) & (size > SNAP * whole[z]))
        for p in mine:
            shape = crs.shapes_off(plane, pieces[[p]])[0]
            thin = table.thin(z, polygons[to[p]], shape, size[p])
            table.add(
                z, "area", polygons[to[p]], area_km2=size[p], share=_share(size[p], whole[z]), shape=shape, sliver=thin
            )
        mismatch = max(mismatch, _balance(table, plane, int(z), ground[z], pieces[mine], size[mine], whole[z]))
    return float(mismatch)


def _balance(table: _Rows, plane: crs.Plane, z: int, ground: Any, pieces: Any, size: Floats, whole: float) -> float:
    """Add the overlap and residual rows of a zone; the share by which the residual as cut differs."""
    union = shapely.union_all(pieces)
    covered = float(flat.km2(plane, flat.only([union], 2))[0]) if len(pieces) else 0.0
    covered = min(covered, whole)  # uniting moves corners by nanometres
    twice = float(size.sum()) - covered
    if twice > SNAP * whole:
        area = flat.only([_overlaps(pieces)], 2)
        table.add(z, "overlap", area_km2=-twice, share=-_share(twice, whole), shape=crs.shapes_off(plane, area)[0])
    else:
        twice = 0.0
    rest = whole - float(size.sum()) + twice
    left = flat.only([shapely.difference(ground, union)], 2)
    drawn = float(flat.km2(plane, left)[0])
    shape = crs.shapes_off(plane, left)[0]
    if abs(rest) <= SNAP * whole:
        rest, shape = 0.0, None
    thin = shape is not None and table.thin(z, -1, shape, rest)
    table.add(z, "residual", area_km2=rest, share=_share(rest, whole), shape=shape, sliver=thin)
    return abs(drawn - rest) / whole if whole else 0.0


def _overlaps(pieces: Any) -> Any:
    """Where two or more pieces lie on each other."""
    one, two = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    pairs = one < two
    common = flat.only(shapely.intersection(pieces[one[pairs]], pieces[two[pairs]]), 2)
    return shapely.union_all(common[~shapely.is_missing(common)])


def _share(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


def _lines(table: _Rows, plane: crs.Plane, ground: Any, lines: Ints) -> dict[Any, float]:
    if not len(lines):
        return {}
    drawn = flat.onto(plane, table.two.shapes[lines])
    zone, to, piece, pieces = _cut(ground, drawn, 1)
    whole, length = flat.km(plane, drawn), flat.km(plane, pieces)[piece]
    for z, n, of, part in zip(zone, to, piece, length, strict=True):
        if part > SNAP * whole[n]:
            shape = crs.shapes_off(plane, pieces[[of]])[0]
            table.add(z, "line", lines[n], length_km=part, share=_share(part, whole[n]), shape=shape)
    land = shapely.union_all(ground[~shapely.is_missing(ground)])
    outside = flat.km(plane, flat.only(shapely.difference(drawn, land), 1))
    outside[outside <= SNAP * whole] = 0.0
    return dict(zip(table.two.frame.index[lines], outside.tolist(), strict=True))


def _points(table: _Rows, points: Ints) -> None:
    if not len(points):
        return
    spots = gpd.GeoDataFrame(
        {"accuracy_m": np.where(np.isinf(table.two.accuracy_m[points]), np.nan, table.two.accuracy_m[points])},
        geometry=table.two.shapes[points], crs=crs.WGS84,
    )  # fmt: skip
    known = np.where(np.isinf(table.one.accuracy_m), np.nan, table.one.accuracy_m)
    zones = gpd.GeoDataFrame({"accuracy_m": known}, geometry=table.one.shapes, crs=crs.WGS84)
    pairs = membership(spots, zones, distances=False)
    for z in np.flatnonzero(~shapely.is_missing(table.one.shapes)):
        words = pairs["certainty"][(pairs["to"] == z).to_numpy()]
        table.add(z, "points", count=int((words == "certain").sum()), possible=int((words == "possible").sum()))
