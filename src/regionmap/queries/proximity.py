"""What is near what: `near` and `nearest`. The rules are written down in docs/queries.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from regionmap.errors import InputError
from regionmap.queries import _engine, _frames
from regionmap.queries._dask import partitioned
from regionmap.queries._frames import Read
from regionmap.queries._search import Pairs
from regionmap.queries._stored import stored

SIDES = pd.CategoricalDtype(["left", "on", "right"])
CERTAINTY = pd.CategoricalDtype(["certain", "possible"])


@stored
@partitioned
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
    return _near_frame(one, two, _engine.join([_engine.nothing(), *_engine.within(one, two, limit)]), limit, suffix)


def near_batches(a: Any, b: Any, /, *, within_m: float, suffix: str = "") -> Iterator[gpd.GeoDataFrame]:
    """`near` in batches of whole rows of `a`, one after the other, for answers that memory does not hold.

    Parameters, columns and errors as `near`; the batches put together are its answer.
    """
    limit = _frames.metres(within_m, "within_m")
    one, two = _frames.read(a, "a"), _frames.read(b, "b")
    for found in _engine.within(one, two, limit):
        yield _near_frame(one, two, found, limit, suffix)


def _near_frame(one: Read, two: Read, found: Pairs, limit: float, suffix: str) -> gpd.GeoDataFrame:
    slack = one.accuracy_m[found.a] + two.accuracy_m[found.b]
    sure = np.isfinite(slack) & (found.metres + slack <= limit)
    codes = np.where(sure, 0, 1).astype(np.int8)
    columns = _columns(two, found)
    columns["certainty"] = pd.Categorical.from_codes(codes, dtype=CERTAINTY)
    attrs = _frames.attrs_of(
        one, two, query="near", within_m=limit, unplaced=_frames.without_geometry(one),
        unplaced_to=_frames.without_geometry(two),
    )  # fmt: skip
    return _frames.result(one, found.a, columns, suffix=suffix, attrs=attrs)


def _columns(two: Read, found: Pairs) -> dict[str, Any]:
    side = np.array([2, 1, 0, -1], np.int8)[found.side + 1]  # right, on, left, none
    return {
        "to": _frames.labels(two.frame.index, found.b),
        "distance_m": found.metres,
        "side": pd.Categorical.from_codes(side, dtype=SIDES),
        "nearest_lon": found.lonlat[:, 0],
        "nearest_lat": found.lonlat[:, 1],
    }


@stored
@partitioned
def nearest(a: Any, b: Any, /, *, k: int = 1, within_m: float | None = None, suffix: str = "") -> gpd.GeoDataFrame:
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
    found = _engine.nearest(one, two, int(k), limit)
    filled = _engine.fill(found, len(one.frame))
    columns = _columns(two, filled)
    del columns["side"]
    attrs = _frames.attrs_of(
        one, two, query="nearest", k=int(k), within_m=within_m, unplaced=_frames.without_geometry(one),
        unplaced_to=_frames.without_geometry(two),
    )  # fmt: skip
    return _frames.result(one, filled.a, columns, suffix=suffix, attrs=attrs)
