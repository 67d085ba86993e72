"""What is near what: `near` and `nearest`. The rules are written down in docs/queries.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from regionmap.errors import InputError
from regionmap.queries import _frames
from regionmap.queries._frames import Read
from regionmap.queries._inside import inside
from regionmap.queries._pieces import Floats, Ints, Pieces
from regionmap.queries._search import Pairs, ceiling, search

SIDES = pd.CategoricalDtype(["left", "on", "right"])
CERTAINTY = pd.CategoricalDtype(["certain", "possible"])


def near(a: Any, b: Any, /, *, within_m: float, suffix: str = "") -> gpd.GeoDataFrame:
    """The pairs of rows of `a` and `b` that are, or may be, within a distance of each other.

    Parameters
    ----------
    a, b : GeoDataFrame
        Points, lines and polygons in any CRS. A column `accuracy_m` (metres; empty: unknown) is respected.
    within_m : distance in metres on the ellipsoid.
    suffix : text put behind the names of the result columns.

    Returns
    -------
    GeoDataFrame
        One row a pair, in the order of `a`, then `distance_m`, then `to`: the columns, index and CRS of `a`;
        `to` (index of `b`); `distance_m`; `side` of the line's direction (left, on, right; empty where `b` is
        no line); `nearest_lon`, `nearest_lat` (the point of `b`, EPSG:4326); `certainty`. With
        r = a.accuracy_m + b.accuracy_m a pair is there if distance_m - r <= within_m, and certain if
        distance_m + r <= within_m. An unknown accuracy makes every pair possible at any distance. Rows
        without geometry are in no pair; `attrs` lists them under `unplaced` and `unplaced_to`.

    Raises
    ------
    MissingCRSError, DatumError, InputError, ColumnClashError
    """
    limit = _frames.metres(within_m, "within_m")
    one, two = _frames.read(a, "a"), _frames.read(b, "b")
    batches = list(_near(one, two, limit))
    found = Pairs(*(np.concatenate(field) for field in zip(*batches, strict=True)))
    return _near_frame(one, two, found, limit, suffix)


def _near(one: Read, two: Read, limit: float) -> Iterator[Pairs]:
    """Pairs within the limit and the accuracies, sorted, in batches of whole rows; the first may be empty."""
    a, b = _frames.pieces(one, two)
    rank = _frames.label_rank(two.frame.index)
    yield Pairs(*(np.empty(0, np.int64),) * 2, np.empty(0), np.empty((0, 2)), np.empty(0, np.int8))
    for found in _all_pairs(one, two, a, b, limit + one.accuracy_m, two.accuracy_m):
        slack = one.accuracy_m[found.a] + two.accuracy_m[found.b]
        yield _sorted(_only(found, found.metres - slack <= limit), rank)


def _all_pairs(
    one: Read, two: Read, a: Pieces, b: Pieces, reach_a: Floats, reach_b: Floats
) -> Iterator[Pairs]:
    """Pairs within reach, those inside a polygon (distance 0) included, in batches of whole rows of `a`."""
    held = _held(one, two, a, b)
    done = np.zeros(len(a.kind), bool)
    for found in search(a, b, reach_a, reach_b):
        rows = np.unique(found.a)
        done[rows] = True
        yield _with_held(found, _only(held, np.isin(held.a, rows)), len(b.kind))
    rest = _only(held, ~done[held.a])
    if len(rest.a):
        yield rest


def _held(one: Read, two: Read, a: Pieces, b: Pieces) -> Pairs:
    """Pairs of which a part of one begins inside a polygon of the other; the nearest point is that beginning."""
    va, vb = a.part_start[:-1], b.part_start[:-1]
    at, row_b = inside(a.lonlat[va], two.shapes)
    to, row_a = inside(b.lonlat[vb], one.shapes)
    rows = np.concatenate([a.part_row[at], row_a]), np.concatenate([row_b, b.part_row[to]])
    places = np.vstack([a.lonlat[va[at]], b.lonlat[vb[to]]])
    _, first = np.unique(rows[0] * max(len(b.kind), 1) + rows[1], return_index=True)
    row_a, row_b = rows[0][first], rows[1][first]
    side = np.where(b.kind[row_b] == 1, 0, 2).astype(np.int8)
    return Pairs(row_a, row_b, np.zeros(len(first)), places[first], side)


def _with_held(found: Pairs, held: Pairs, width: int) -> Pairs:
    if not len(held.a):
        return found
    apart = ~np.isin(found.a * width + found.b, held.a * width + held.b)
    return Pairs(*(np.concatenate(pair) for pair in zip(_only(found, apart), held, strict=True)))


def _only(pairs: Pairs, chosen: Any) -> Pairs:
    return Pairs(*(field[chosen] for field in pairs))


def _sorted(pairs: Pairs, rank: Ints) -> Pairs:
    return _only(pairs, np.lexsort((rank[pairs.b], pairs.metres, pairs.a)))


def _near_frame(one: Read, two: Read, found: Pairs, limit: float, suffix: str) -> gpd.GeoDataFrame:
    slack = one.accuracy_m[found.a] + two.accuracy_m[found.b]
    codes = np.where(found.metres + slack <= limit, 0, 1).astype(np.int8)
    columns = _columns(two, found)
    columns["certainty"] = pd.Categorical.from_codes(codes, dtype=CERTAINTY)
    attrs = _frames.attrs_of(
        one, two, query="near", within_m=limit, unplaced=_frames.without_geometry(one),
        unplaced_to=_frames.without_geometry(two),
    )  # fmt: skip
    return _frames.result(one, found.a, columns, suffix=suffix, attrs=attrs)


def _columns(two: Read, found: Pairs) -> dict[str, Any]:
    side = np.array([1, 0, -1, 2], np.int8)  # codes of side -1, 0, 1, 2
    side = np.array([2, 1, 0, -1], np.int8)[found.side + 1] if len(found.side) else side[:0]
    return {
        "to": _frames.labels(two.frame.index, found.b),
        "distance_m": found.metres,
        "side": pd.Categorical.from_codes(side, dtype=SIDES),
        "nearest_lon": found.lonlat[:, 0],
        "nearest_lat": found.lonlat[:, 1],
    }


def nearest(
    a: Any, b: Any, /, *, k: int = 1, within_m: float | None = None, suffix: str = ""
) -> gpd.GeoDataFrame:
    """The `k` rows of `b` nearest to each row of `a`.

    Parameters
    ----------
    a, b : GeoDataFrame
        Points, lines and polygons in any CRS.
    k : how many, 1 or more; fewer come where `b` has fewer.
    within_m : metres on the ellipsoid beyond which nothing counts; None: no limit.
    suffix : text put behind the names of the result columns.

    Returns
    -------
    GeoDataFrame
        In the order and with the index, columns and CRS of `a`, nearest first: `to` (index of `b`),
        `distance_m`, `nearest_lon`, `nearest_lat` (EPSG:4326). Of equal distances (to 1e-6 m) the smaller label
        of `b` comes first. A row that has no geometry, or nothing within `within_m`, is there once with `to`
        empty. Accuracies are not looked at.

    Raises
    ------
    MissingCRSError, DatumError, InputError, ColumnClashError
    """
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise InputError(f"k must be a whole number, 1 or more, not {k!r}")
    limit = np.inf if within_m is None else _frames.metres(within_m, "within_m")
    one, two = _frames.read(a, "a"), _frames.read(b, "b")
    found = _nearest(one, two, int(k), limit)
    rows = np.concatenate([found.a, np.setdiff1d(np.arange(len(one.frame)), found.a)])
    order = np.argsort(rows, kind="stable")
    missing = len(rows) - len(found.a)
    filled = Pairs(
        rows, np.r_[found.b, np.full(missing, -1)], np.r_[found.metres, np.full(missing, np.nan)],
        np.vstack([found.lonlat, np.full((missing, 2), np.nan)]), np.r_[found.side, np.full(missing, 2, np.int8)],
    )  # fmt: skip
    filled = _only(filled, order)
    columns = _columns(two, filled)
    del columns["side"]
    attrs = _frames.attrs_of(
        one, two, query="nearest", k=int(k), within_m=within_m, unplaced=_frames.without_geometry(one),
        unplaced_to=_frames.without_geometry(two),
    )  # fmt: skip
    return _frames.result(one, filled.a, columns, suffix=suffix, attrs=attrs)


def _nearest(one: Read, two: Read, k: int, limit: float) -> Pairs:
    a, b = _frames.pieces(one, two)
    rank = _frames.label_rank(two.frame.index)
    reach = np.minimum(ceiling(a, b, k), limit)
    empty = Pairs(*(np.empty(0, np.int64),) * 2, np.empty(0), np.empty((0, 2)), np.empty(0, np.int8))
    kept = [empty]
    for found in _all_pairs(one, two, a, b, reach, np.zeros(len(b.kind))):
        found = _sorted(_only(found, found.metres <= limit), rank)
        first = np.flatnonzero(np.r_[True, found.a[1:] != found.a[:-1]]) if len(found.a) else found.a
        nth = np.arange(len(found.a)) - np.repeat(first, np.diff(np.r_[first, len(found.a)]))
        kept.append(_only(found, nth < k))
    return _sorted(Pairs(*(np.concatenate(field) for field in zip(*kept, strict=True))), rank)


def placed(read: Read) -> Any:
    """Which rows have a geometry."""
    return ~shapely.is_missing(read.shapes)
