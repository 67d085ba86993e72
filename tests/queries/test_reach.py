"""Reach: shortest paths against brute force, symmetry, monotony, and what areas of equal time contain."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from regionmap import crs
from regionmap.errors import InputError, NotFoundError
from regionmap.queries.isochrones import isochrones, links, minutes_off
from regionmap.queries.reach import graph, reach, way


def brute(count: int, edges: list[tuple[int, int, float, bool]], origin: int) -> list[float]:
    """Bellman and Ford's relaxation, edge by edge."""
    found = [math.inf] * count
    found[origin] = 0.0
    for _ in range(count):
        for a, b, minutes, oneway in edges:
            found[b] = min(found[b], found[a] + minutes)
            if not oneway:
                found[a] = min(found[a], found[b] + minutes)
    return found


def frame(edges: list[tuple[int, int, float, bool]]) -> pd.DataFrame:
    return pd.DataFrame(edges, columns=["from", "to", "minutes", "oneway"]).astype({"minutes": float, "oneway": bool})


@st.composite
def networks(draw: Any, oneway: bool = True) -> tuple[int, list[tuple[int, int, float, bool]]]:
    count = draw(st.integers(1, 12))
    node, cost = st.integers(0, count - 1), st.sampled_from([0.0, 0.5, 1.0, 2.0, 2.5, 7.0, 30.0]) | st.floats(0, 100)
    one = st.booleans() if oneway else st.just(False)
    return count, draw(st.lists(st.tuples(node, node, cost, one), max_size=30))


@settings(max_examples=300, deadline=None)
@given(networks(), st.data())
def test_agrees_with_brute_force_and_the_way_adds_up(network: Any, data: Any) -> None:
    count, edges = network
    origin = data.draw(st.integers(0, count - 1))
    table = frame(edges)
    found = reach(pd.RangeIndex(count), table, origin=origin)
    np.testing.assert_allclose(found["minutes"], brute(count, edges, origin), atol=1e-9)
    for node in range(count):
        if not math.isfinite(found.at[node, "minutes"]):
            with pytest.raises(NotFoundError, match="not reached"):
                way(found, node)
            continue
        at, minutes = origin, 0.0
        for number in way(found, node):
            a, b, cost, oneway = edges[number]
            assert at == a or (at == b and not oneway)
            at, minutes = (b if at == a else a), minutes + cost
        assert at == node
        assert minutes == pytest.approx(found.at[node, "minutes"])


@settings(max_examples=100, deadline=None)
@given(networks(oneway=False))
def test_symmetric_networks_give_symmetric_times(network: Any) -> None:
    count, edges = network
    net = graph(pd.RangeIndex(count), frame(edges))
    times = np.array([reach(net, origin=n)["minutes"] for n in range(count)])
    np.testing.assert_allclose(times, times.T, atol=1e-9)


@settings(max_examples=100, deadline=None)
@given(networks(), st.data())
def test_more_time_never_reaches_less_and_an_edge_makes_nobody_later(network: Any, data: Any) -> None:
    count, edges = network
    nodes, before = pd.RangeIndex(count), None
    for limit in (0.0, 3.0, 10.0, 60.0, math.inf):
        reached = set(np.flatnonzero(np.isfinite(reach(nodes, frame(edges), origin=0, minutes=limit)["minutes"])))
        assert before is None or before <= reached
        before = reached
    extra = data.draw(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), st.floats(0, 50), st.booleans()))
    old, new = (reach(nodes, frame(e), origin=0)["minutes"].to_numpy() for e in (edges, [*edges, extra]))
    assert (new <= old + 1e-9).all()


def test_several_origins_begin_at_their_own_time() -> None:
    net = graph(pd.Index(["a", "b", "c"]), pd.DataFrame({"from": ["a", "b"], "to": ["c", "c"], "minutes": [10.0, 1.0]}))
    assert list(reach(net, origin={"a": 0.0, "b": 20.0})["minutes"]) == [0.0, 11.0, 10.0]


@pytest.mark.parametrize(
    ("edges", "origin", "text"),
    [
        ({"from": ["a"], "to": ["b"]}, "a", "lack the column.*minutes"),
        ({"from": ["a"], "to": ["x"], "minutes": [1.0]}, "a", "'to' is 'x', which is no node"),
        ({"from": ["a"], "to": ["b"], "minutes": [-1.0]}, "a", "takes -1.0 minutes"),
        ({"from": ["a"], "to": ["b"], "minutes": [math.nan]}, "a", "takes nan minutes"),
        ({"from": ["a"], "to": ["b"], "minutes": [1.0]}, "沈阳", "origin '沈阳' is no node"),
    ],
)
def test_faults_say_what_is_allowed(edges: Any, origin: str, text: str) -> None:
    with pytest.raises((InputError, NotFoundError), match=text):
        reach(pd.Index(["a", "b"]), pd.DataFrame(edges), origin=origin)


spots = st.tuples(st.integers(0, 120), st.integers(0, 120)).map(lambda p: (123 + p[0] / 100, 41 + p[1] / 100))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(spots, st.floats(0, 90) | st.just(math.inf)), min_size=1, max_size=12), st.booleans())
def test_areas_contain_every_stop_within_and_none_beyond(raw: Any, coast: bool) -> None:
    seen = dict(raw)  # one time a spot
    stops = gpd.GeoDataFrame({"minutes": list(seen.values())}, geometry=[shapely.Point(p) for p in seen], crs=4326)
    land = shapely.box(122, 40, 123.6, 43) if coast else None
    found = isochrones(stops, bands=[0, 15, 60], kmh=30, max_km=40, land=land)
    before = shapely.Polygon()
    for band, area in zip(found["minutes"], found.geometry, strict=True):
        inside = shapely.covers(area, stops.geometry.to_numpy())
        assert (inside == (stops["minutes"] <= band).to_numpy()).all()
        assert area.is_valid
        dry = shapely.difference(area, shapely.buffer(stops.geometry.union_all(), 0.01))
        assert not coast or shapely.difference(dry, land).area < 1e-9
        assert shapely.difference(shapely.difference(before, area), shapely.buffer(stops.geometry.union_all(), 0.01)).area < 1e-9
        before = area


def test_no_blob_across_the_bay() -> None:
    """Two shores 20 km apart: who stands on one does not reach the other on foot."""
    land = shapely.union(shapely.box(123, 41, 123.2, 42), shapely.box(123.44, 41, 124, 42))
    stops = gpd.GeoDataFrame({"minutes": [0.0]}, geometry=[shapely.Point(123.15, 41.5)], crs=4326)
    area = isochrones(stops, bands=[60], kmh=40, max_km=40, land=land).geometry.iloc[0]
    assert shapely.bounds(area)[2] == pytest.approx(123.2)
    places = gpd.GeoDataFrame(geometry=[shapely.Point(123.5, 41.5), shapely.Point(123.1, 41.6)], crs=4326)
    off = minutes_off(stops, places, kmh=40, max_km=40, limit=60, land=land)
    assert off["minutes"].tolist()[0] == math.inf and off["stop"].tolist()[1] == 0
    both = gpd.GeoDataFrame({"minutes": [0.0, 9.0]}, geometry=[stops.geometry[0], places.geometry[0]], crs=4326)
    assert links(both, kmh=40, max_km=40, land=land).empty and len(links(both, kmh=40, max_km=40)) == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(spots, st.floats(0, 90)), min_size=1, max_size=8), st.lists(spots, min_size=1, max_size=8))
def test_minutes_off_the_network_by_a_double_loop(raw: Any, places: Any) -> None:
    stops = gpd.GeoDataFrame({"minutes": [m for _, m in raw]}, geometry=[shapely.Point(p) for p, _ in raw], crs=4326)
    there = gpd.GeoDataFrame(geometry=[shapely.Point(p) for p in places], crs=4326)
    found = minutes_off(stops, there, kmh=30, max_km=40, limit=60)
    for n, (x, y) in enumerate(places):
        best = math.inf
        for (a, b), minutes in raw:
            km = crs.distance_m(a, b, x, y) / 1000
            total = minutes + km / 30 * 60
            if km <= 40 and total <= 60:
                best = min(best, total)
        assert found["minutes"].iloc[n] == pytest.approx(best)


def test_one_arrives_at_the_near_side_of_an_area() -> None:
    stops = gpd.GeoDataFrame({"minutes": [5.0]}, geometry=[shapely.Point(123.0, 41.0)], crs=4326)
    area = gpd.GeoDataFrame(geometry=[shapely.box(123.1, 40.9, 123.3, 41.1)], crs=4326)
    off = minutes_off(stops, area, kmh=30, max_km=40, limit=60)
    assert off["off_km"].iloc[0] == pytest.approx(crs.distance_m(123.0, 41.0, 123.1, 41.0) / 1000, rel=1e-3)
