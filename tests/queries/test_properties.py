"""Laws that hold for any input, and the two engines held against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from brute import frame, points, wiggly
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regionmap import progress
from regionmap.queries import _fast, _inside, _search
from regionmap.queries.proximity import near, nearest

SETTINGS = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
degree = st.floats(-1.5, 1.5).map(lambda v: round(v, 3))
spot = st.tuples(degree, degree)


def shape_of(kind: str, spots: list[tuple[float, float]]) -> Any:
    xy = np.asarray(spots) + (123, 41)
    if kind == "point":
        return shapely.Point(xy[0])
    if kind == "line" and len(np.unique(xy, axis=0)) > 1:
        return shapely.LineString(xy)
    hull = shapely.MultiPoint(xy).convex_hull
    return hull if kind == "polygon" and hull.geom_type == "Polygon" else shapely.MultiPoint(xy)


shapes = st.builds(
    shape_of, st.sampled_from(["point", "line", "polygon", "points"]), st.lists(spot, min_size=2, max_size=5)
)
frames = st.lists(st.one_of(shapes, st.none()), min_size=1, max_size=6).map(lambda s: frame(s, n=range(len(s))))


def pairs(found: gpd.GeoDataFrame) -> dict[tuple[Any, Any], float]:
    return dict(zip(zip(found.index, found["to"], strict=True), found["distance_m"], strict=True))


def turned(f: gpd.GeoDataFrame, degrees: float) -> gpd.GeoDataFrame:
    return f.set_geometry(shapely.transform(np.array(f.geometry.array), lambda xy: xy + (degrees, 0)), crs=f.crs)


@SETTINGS
@given(frames, frames)
def test_turning_about_the_pole_keeps_every_distance(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> None:
    here, there = near(a, b, within_m=1e6), near(turned(a, 57.3), turned(b, 57.3), within_m=1e6)
    one, two = pairs(here), pairs(there)
    assert one.keys() == two.keys()
    np.testing.assert_allclose([one[k] for k in one], [two[k] for k in one], atol=3e-6)


@SETTINGS
@given(frames, frames, st.randoms(use_true_random=False))
def test_permuting_rows_changes_the_order_only(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame, random: Any) -> None:
    order_a, order_b = list(range(len(a))), list(range(len(b)))
    random.shuffle(order_a)
    random.shuffle(order_b)
    for query in (lambda x, y: near(x, y, within_m=50_000), lambda x, y: nearest(x, y, k=2)):
        straight, mixed = query(a, b), query(a.iloc[order_a], b.iloc[order_b])
        for label in a.index:
            one, two = straight[straight.index == label], mixed[mixed.index == label]
            assert list(one["to"].astype(object).fillna(-1)) == list(two["to"].astype(object).fillna(-1))
            np.testing.assert_allclose(one["distance_m"], two["distance_m"], atol=3e-6)


@SETTINGS
@given(frames, frames, st.integers(1, 3))
def test_nearest_k_is_a_prefix_of_the_next(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame, k: int) -> None:
    less, more = nearest(a, b, k=k), nearest(a, b, k=k + 1)
    pd.testing.assert_frame_equal(
        pd.DataFrame(less).reset_index(), pd.DataFrame(more.groupby(level=0).head(k)).reset_index(), check_dtype=False
    )


@SETTINGS
@given(frames, frames, st.floats(0, 1e5), st.floats(0, 1e5))
def test_near_grows_with_the_distance_and_agrees_with_nearest(
    a: gpd.GeoDataFrame, b: gpd.GeoDataFrame, one: float, two: float
) -> None:
    low, high = pairs(near(a, b, within_m=min(one, two))), pairs(near(a, b, within_m=max(one, two)))
    assert low.items() <= high.items()
    first = near(a, b, within_m=max(one, two)).groupby(level=0).head(1)
    found = nearest(a, b, within_m=max(one, two)).dropna(subset="distance_m")
    assert pairs(first) == pairs(found)


@SETTINGS
@given(frames, frames)
def test_distance_is_the_same_both_ways(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> None:
    one, two = pairs(near(a, b, within_m=1e6)), pairs(near(b, a, within_m=1e6))
    assert {(j, i) for i, j in one} == two.keys()
    np.testing.assert_allclose([one[i, j] for i, j in one], [two[j, i] for i, j in one], atol=3e-6)


def world(seed: int, kind: str) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    start = rng.uniform([121, 40], [125, 43], (60, 2))
    lines = [wiggly(rng, int(rng.integers(2, 60)), 0.01, s) for s in start]
    if kind == "points":
        return points(start)
    if kind == "polygons":
        return frame([line.convex_hull.buffer(0.01) for line in lines])
    mixed = [*lines[:40], *(line.convex_hull.buffer(0.01) for line in lines[40:50]), *shapely.points(start[50:])]
    return frame(lines if kind == "lines" else [*mixed, None])


QUERIES: dict[str, Callable[[Any, Any], gpd.GeoDataFrame]] = {
    "near": lambda a, b: near(a, b, within_m=20_000),
    "far": lambda a, b: near(a, b, within_m=250_000),
    "nearest": lambda a, b: nearest(a, b),
    "nearest 4": lambda a, b: nearest(a, b, k=4, within_m=90_000),
}


@pytest.mark.parametrize("kind", ["points", "lines", "polygons", "mixed"])
@pytest.mark.parametrize("name", QUERIES)
def test_both_engines_answer_alike(name: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(11)
    b = world(12, kind)
    b["accuracy_m"] = rng.uniform(0, 3000, len(b))
    # far from each other, and so dense that the compiled loops answer neighbours together
    spots = np.vstack([rng.uniform([121, 40], [125, 43], (400, 2)), rng.uniform([122.5, 41], [122.8, 41.3], (400, 2))])
    a = points(spots, accuracy_m=rng.uniform(0, 3000, len(spots)))
    a.loc[a.index[::50], "geometry"] = None
    plain = QUERIES[name](a, b)
    monkeypatch.setattr(_fast, "FAST_FROM", 1)
    fast = QUERIES[name](a, b)
    assert list(plain.index) == list(fast.index)
    assert list(plain["to"].astype(object).fillna(-1)) == list(fast["to"].astype(object).fillna(-1))
    np.testing.assert_allclose(plain["distance_m"], fast["distance_m"], atol=3e-6)
    np.testing.assert_allclose(plain[["nearest_lon", "nearest_lat"]], fast[["nearest_lon", "nearest_lat"]], atol=1e-9)
    for column in {"side", "certainty"} & set(plain):
        assert list(plain[column].astype(str)) == list(fast[column].astype(str))


def test_small_batches_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world(13, "mixed"), world(14, "mixed")
    whole = near(a, b, within_m=100_000)
    monkeypatch.setattr(_search, "BATCH", 50)
    monkeypatch.setattr(_search, "SLICE", 100)
    pd.testing.assert_frame_equal(near(a, b, within_m=100_000), whole)


def test_small_rooms_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(15)
    a, b = points(rng.uniform([121, 40], [125, 43], (3000, 2))), world(16, "lines")
    monkeypatch.setattr(_fast, "FAST_FROM", 1)
    whole = near(a, b, within_m=50_000)
    monkeypatch.setattr(_fast, "ROOM", 10)
    monkeypatch.setattr(_fast, "CHUNK", 700)
    pd.testing.assert_frame_equal(near(a, b, within_m=50_000), whole)


def test_both_engines_with_unknown_accuracies_and_far_off(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(21)
    a = points(
        rng.uniform([121, 40], [125, 43], (300, 2)), accuracy_m=[None if i % 60 == 7 else 10.0 for i in range(300)]
    )
    a.loc[[5, 299], "geometry"] = shapely.points([(10, 50), (-70, -30)])
    b = world(22, "mixed")
    queries = (lambda: near(a, b, within_m=3_000), lambda: nearest(a, b, k=2))
    plain = [q() for q in queries]
    monkeypatch.setattr(_fast, "FAST_FROM", 1)
    monkeypatch.setattr(_fast, "CHUNK", 64)
    monkeypatch.setattr(_fast, "ROOM", 400)
    for one, two in zip(plain, [q() for q in queries], strict=True):
        assert list(one.index) == list(two.index)
        assert list(one["to"]) == list(two["to"])
        np.testing.assert_allclose(one["distance_m"], two["distance_m"], atol=3e-6)


@pytest.mark.parametrize("from_rows", [1, 10**9])
def test_a_listener_hears_of_every_row(from_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world(13, "points"), world(14, "lines")
    monkeypatch.setattr(_fast, "FAST_FROM", from_rows)
    monkeypatch.setattr(_fast, "CHUNK", 64)
    heard: list[int] = []

    @contextmanager
    def listener(what: str, total: int | None) -> Iterator[Callable[..., None]]:
        heard.append(-(total or 0))
        yield lambda steps=1: heard.append(steps)

    with progress.listening(listener):
        near(a, b, within_m=10_000)
    assert heard[0] == -len(a) and sum(heard) == 0 and min(heard[1:]) >= 0


def test_compiled_code_is_kept_apart_for_other_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from regionmap.queries import _kernels

    monkeypatch.setattr(_kernels.config, "CACHE_DIR", str(tmp_path))
    for _ in range(2):
        assert _kernels.compiled()(_fast.measure_far)  # any function: it is not called
        monkeypatch.setattr(_kernels.Path, "read_bytes", lambda self: b"other")
    assert len(list(tmp_path.glob("loops-*"))) == 2 and str(tmp_path) == _kernels.config.CACHE_DIR


def test_where_nothing_can_be_kept_loops_still_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from regionmap.queries import _kernels

    def njit(cache: bool = False, **_: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(_kernels, "njit", njit)
    assert _kernels.compiled()(len)("abc") == 3


def test_without_numba_the_plain_engine_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world(17, "points"), world(18, "lines")
    monkeypatch.setattr(_fast, "FAST_FROM", 1)
    monkeypatch.setattr(_fast, "find_spec", lambda name: None)
    monkeypatch.setattr(_fast, "nearest", lambda *args: pytest.fail("the compiled loops were asked"))
    assert len(nearest(a, b)) == len(a)


def test_both_ways_of_finding_points_in_polygons_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(19)
    b = np.array(world(20, "polygons").geometry.array)
    spots = np.vstack([rng.uniform([121, 40], [125, 43], (3000, 2)), shapely.get_coordinates(b)])
    plain = set(zip(*_inside.inside(spots, b), strict=True))
    monkeypatch.setattr(_inside, "GRID_FROM", 0)
    assert set(zip(*_inside.inside(spots, b), strict=True)) == plain
    assert len(plain) > 500
