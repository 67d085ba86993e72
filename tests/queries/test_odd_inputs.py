"""Every question with every odd input: empty, one row, no geometry, mixed types, repeated labels, huge polygons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from brute import frame, points, wiggly

import regionmap as rm
from regionmap import crs

Ask = Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], gpd.GeoDataFrame]
ANY: dict[str, Ask] = {  # things of any kind, against things of any kind
    "near": lambda a, b: rm.near(a, b, within_m=30_000),
    "nearest": lambda a, b: rm.nearest(a, b, k=2),
    "buffer": lambda a, b: rm.buffer(a, distance_m=500),
}
LINES: dict[str, Ask] = {
    "chainage": lambda a, b: rm.chainage(a, b),
    "matrix": lambda a, b: rm.matrix(a, b.reset_index(drop=True)),
}
ZONES: dict[str, Ask] = {
    "membership": lambda a, b: rm.membership(a, b),
    "overlay": lambda a, b: rm.overlay(b, a),
    "coverage": lambda a, b: rm.coverage(b, a, within_m=5_000, features=a),
}


def things() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(5)
    line = wiggly(rng, 20, 0.01, (122.2, 41.2))
    return frame([
        shapely.Point(122.1, 41.1), line, line.buffer(0.02), None, shapely.MultiPoint([(122.3, 41), (122.5, 41.4)]),
        shapely.MultiLineString([[(122, 41), (122.1, 41.1)], [(122.4, 41.4), (122.5, 41.5)]]), shapely.Point(),
        shapely.MultiPolygon([shapely.box(122, 41, 122.1, 41.1), shapely.box(122.7, 41.2, 122.8, 41.3)]),
    ], what=list("abcdefgh"))  # fmt: skip


def lines() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(6)
    return frame([wiggly(rng, 30, 0.01, s) for s in rng.uniform([122, 41], [123, 42], (5, 2))])


def zones() -> gpd.GeoDataFrame:
    return frame([shapely.box(x, 41, x + 0.3, 41.5) for x in (122.0, 122.3, 122.5)])


def pairs() -> list[Any]:
    cases = [
        (name, ask, other)
        for asks, other in ((ANY, things), (LINES, lines), (ZONES, zones))
        for name, ask in asks.items()
    ]
    return [pytest.param(ask, other, id=name) for name, ask, other in cases]


@pytest.mark.parametrize(("ask", "other"), pairs())
def test_mixed_types_missing_geometry_and_repeated_labels(ask: Ask, other: Callable[[], gpd.GeoDataFrame]) -> None:
    a, b = things(), other()
    plain = ask(a, b)
    again = a.set_axis(["x"] * len(a)), b.set_axis([7] * len(b)) if ask is not LINES["chainage"] else b
    before = [f.copy(deep=True) for f in again]
    out = ask(*again)
    for was, now in zip(before, again, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(was), pd.DataFrame(now))
    assert len(out) == len(plain), "labels have no say in what is found"
    for column in {"distance_m", "chainage_m", "border_m", "area_km2", "covered_km2"} & set(plain):
        np.testing.assert_allclose(np.sort(out[column]), np.sort(plain[column]), atol=1e-6)


@pytest.mark.parametrize(("ask", "other"), pairs())
def test_one_row_and_none(ask: Ask, other: Callable[[], gpd.GeoDataFrame]) -> None:
    a, b = things(), other()
    one = ask(a.iloc[:1], b.iloc[:1])
    assert isinstance(one, gpd.GeoDataFrame) and one.crs == a.crs
    assert list(ask(a.iloc[:0], b).columns) == list(ask(a, b).columns)
    assert len(ask(a.iloc[:0], b)) <= 3 * len(b)
    gone = a.iloc[[3, 6]]  # nothing but rows without geometry
    assert list(ask(gone, b).columns) == list(ask(a, b).columns)


def test_no_second_frame() -> None:
    a = things()
    assert rm.near(a, a.iloc[:0], within_m=1e6).empty
    assert rm.nearest(a, a.iloc[:0])["to"].isna().all()
    assert rm.chainage(a, lines().iloc[:0])["chainage_m"].isna().all()
    assert rm.membership(a, zones().iloc[:0]).empty
    assert rm.overlay(zones(), a.iloc[:0])["part"].eq("residual").all()
    assert rm.coverage(zones(), lines().iloc[:0], within_m=10)["covered_share"].eq(0).all()
    assert list(rm.matrix(a, lines().iloc[:0]).columns) == list(a.columns)


def test_a_huge_polygon() -> None:
    """200,000 vertices, a coast of bays: as right and as quick as a small one."""
    turn = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    radius = 1 + 0.05 * np.sin(40 * turn) + 0.001 * np.sin(9000 * turn)
    coast = shapely.Polygon(np.column_stack([122 + radius * np.cos(turn), 41 + radius * np.sin(turn)]))
    rng = np.random.default_rng(7)
    spots = rng.uniform([120.5, 39.5], [123.5, 42.5], (400, 2))
    zone = frame([coast])
    found = rm.near(points(spots), zone, within_m=1e6)
    inside = shapely.contains_xy(coast, *spots.T)  # the pieces are 30 m long: straight to less than a millimetre
    assert ((found["distance_m"] == 0).to_numpy() == inside).all()
    for n in np.flatnonzero(~inside)[:20]:
        truth = crs.distance_m(*spots[n], *shapely.get_coordinates(coast).T).min()
        assert truth - 20 < found["distance_m"].iloc[n] <= truth + 1e-6
    assert rm.membership(points(spots), zone)["inside"].sum() == inside.sum()
    halves = frame([shapely.box(120, 39, 122, 43), shapely.box(122, 39, 124, 43)])
    assert rm.overlay(zone, halves)["share"].sum() == pytest.approx(1, abs=1e-9)
