"""`near` and `nearest`: what they promise, row by row. Rules: docs/queries.md."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from brute import GEOD, frame, point_to_line_m, points, wiggly

from regionmap.errors import ColumnClashError, DatumError, InputError, MissingCRSError
from regionmap.queries.proximity import near, near_batches, nearest

LINE = "LINESTRING (122 41, 123 41, 123 42)"


def north_of(lon: float, lat: float, metres: float) -> tuple[float, float]:
    x, y, _ = GEOD.fwd(lon, lat, 0, metres)
    return x, y


def test_columns_and_what_is_kept() -> None:
    a = points([(122.5, 41.05), (122.5, 40.95)], name=["n", "s"])
    a.index = ["x", "x"]
    a.attrs["edition"] = "tieling-2021@2022-02+abc"
    before = a.copy(deep=True)
    out = near(a, frame([LINE]), within_m=10_000)
    assert list(out.columns) == [
        "name", "geometry", "to", "distance_m", "side", "nearest_lon", "nearest_lat", "certainty",
    ]  # fmt: skip
    assert list(out.index) == ["x", "x"]
    assert list(out["side"]) == ["left", "right"]
    assert list(out["to"]) == [0, 0]
    assert out.crs == a.crs
    assert out.attrs["edition"] == ("tieling-2021@2022-02+abc", None)
    assert out.attrs["crs"] == "EPSG:4326" and "WGS 84" in out.attrs["method"]
    pd.testing.assert_frame_equal(a, before)
    assert list(a.columns) == ["name", "geometry"]


def test_the_nearest_point_is_at_the_distance() -> None:
    rng = np.random.default_rng(3)
    a = points(rng.uniform([121, 40], [124, 43], (60, 2)))
    lines = frame([wiggly(rng, 40, 0.02, (122.5, 41.5)), LINE])
    out = near(a, lines, within_m=80_000)
    back = GEOD.inv(out.geometry.x, out.geometry.y, out["nearest_lon"], out["nearest_lat"])[2]
    np.testing.assert_allclose(back, out["distance_m"], atol=2e-6)


@pytest.mark.parametrize(
    ("accuracy_a", "accuracy_b", "expected"),
    [
        (0, 0, ["certain"]),
        (200, 0, ["certain"]),
        (0, 600, ["possible"]),
        (500, 501, ["possible"]),
        (None, 0, ["possible"]),
        (0, None, ["possible"]),
    ],
)
def test_certain_and_possible(accuracy_a: float | None, accuracy_b: float | None, expected: list[str]) -> None:
    a = points([north_of(122.5, 41, 0)], accuracy_m=[accuracy_a])
    b = points([north_of(122.5, 41, 1500)], accuracy_m=[accuracy_b])
    assert list(near(a, b, within_m=2000)["certainty"]) == expected


@pytest.mark.parametrize(("within", "expected"), [(999, []), (1000, ["possible"]), (1999, ["possible"]), (2001, ["certain"])])
def test_the_formula_reaches_beyond_the_distance(within: float, expected: list[str]) -> None:
    a = points([(122.5, 41)], accuracy_m=[500.0])
    b = points([north_of(122.5, 41, 1500)])
    assert list(near(a, b, within_m=within)["certainty"]) == expected


def test_unknown_accuracy_is_possible_at_any_distance() -> None:
    a = points([(122.5, 41), (122.5, 41)], accuracy_m=[None, 10])
    b = points([(10, 50), (122.5, 41)])
    out = near(a, b, within_m=100)
    assert list(zip(out.index, out["to"], out["certainty"], strict=True)) == [
        (0, 1, "possible"), (0, 0, "possible"), (1, 1, "certain"),
    ]  # fmt: skip


def test_an_unknown_accuracy_is_never_certain_not_even_within_infinity() -> None:
    a = points([(122.5, 41), (122.5, 41)], accuracy_m=[np.inf, 10])
    assert list(near(a, points([(122.5, 42)]), within_m=np.inf)["certainty"]) == ["possible", "certain"]


def test_order_is_a_then_distance_then_label() -> None:
    a = points([(122, 41), (121, 41)])
    b = points([(122.1, 41), (122.05, 41), (122.05, 41)])
    b.index = ["far", "z", "c"]
    out = near(a, b, within_m=200_000)
    assert list(out["to"]) == ["c", "z", "far", "c", "z", "far"]
    assert list(out.index) == [0, 0, 0, 1, 1, 1]


def test_borders_and_zero_distance() -> None:
    square = frame(["POLYGON ((122 41, 123 41, 123 42, 122 42, 122 41))"])
    inside, border, corner = (122.5, 41.5), (122, 41.5), (123, 42)
    out = near(points([inside, border, corner]), square, within_m=0)
    assert list(out.index) == [0, 1, 2]
    assert (out["distance_m"] == 0).all() and out["side"].isna().all()
    np.testing.assert_allclose(out[["nearest_lon", "nearest_lat"]], [inside, border, corner], atol=1e-12)
    on = near(points([(123, 41.5)]), frame([LINE]), within_m=0)
    assert list(on["side"]) == ["on"]


def test_holes_are_outside() -> None:
    ring = frame(["POLYGON ((122 41, 123 41, 123 42, 122 42, 122 41), (122.4 41.4, 122.6 41.4, 122.6 41.6, 122.4 41.6, 122.4 41.4))"])
    out = nearest(points([(122.5, 41.5)]), ring)
    assert out["distance_m"].iloc[0] == pytest.approx(point_to_line_m((122.5, 41.5), ring.geometry[0].interiors[0]), abs=1e-5)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("LINESTRING (122 41, 123 42)", "LINESTRING (122 42, 123 41)"),
        ("POLYGON ((122 41, 123 41, 123 42, 122 42, 122 41))", "LINESTRING (122.4 41.4, 122.6 41.6)"),
        ("LINESTRING (122.4 41.4, 122.6 41.6)", "POLYGON ((122 41, 123 41, 123 42, 122 42, 122 41))"),
        ("POLYGON ((122 41, 123 41, 123 42, 122 42, 122 41))", "POINT (122.5 41.5)"),
        ("POLYGON ((122 41, 123 41, 123 42, 122 42, 122 41))", "POLYGON ((122.9 41.9, 124 41.9, 124 43, 122.9 41.9))"),
        ("MULTIPOINT (100 30, 122.5 41.5)", "POLYGON ((122 41, 123 41, 123 42, 122 42, 122 41))"),
        ("GEOMETRYCOLLECTION (POINT (100 30), LINESTRING (122 41, 123 42))", "LINESTRING (122 42, 123 41)"),
    ],
)
def test_what_meets_is_nought_apart(a: str, b: str) -> None:
    for one, two in ((a, b), (b, a)):
        out = near(frame([one]), frame([two]), within_m=0)
        assert list(out["distance_m"]) == [0]
        spot = shapely.Point(out["nearest_lon"].iloc[0], out["nearest_lat"].iloc[0])
        assert shapely.from_wkt(two).distance(spot) < 0.01  # in degrees, the border being a geodesic


def test_sides_at_a_bend_and_beyond_the_ends() -> None:
    sharp = frame(["LINESTRING (122 41, 123 41, 122 41.01)"])  # a hairpin, turning left
    out = near(points([(123.1, 41.0), (121.9, 41.0), (121.9, 40.99), (122.5, 41.003)]), sharp, within_m=1e5)
    assert list(out["side"]) == ["right", "left", "right", "left"]
    end = near(points([(121.5, 41.2)]), frame([LINE]), within_m=1e5)
    assert list(end["side"]) == ["left"]


def test_a_ring_has_sides_at_its_seam() -> None:
    ring = frame(["LINESTRING (122 41, 123 41, 123 42, 122 42, 122 41)"])  # anticlockwise
    out = nearest(points([(121.99, 40.99), (122.01, 41.01)]), ring)
    assert out["distance_m"].max() < 2000
    assert list(near(points([(121.99, 40.99), (122.01, 41.01)]), ring, within_m=2000)["side"]) == ["right", "left"]


def test_several_parts_and_mixed_types() -> None:
    b = frame(
        ["MULTILINESTRING ((122 41, 122.1 41), (124 41, 124.1 41))", "POINT (123 41)", None, "POLYGON EMPTY"], n=range(4)
    )
    out = nearest(points([(123.9, 41.0), (123.01, 41.0)]), b)
    assert list(out["to"]) == [0, 1]
    assert out.attrs["unplaced_to"] == [2, 3]


def test_null_geometry_ties_to_nothing_and_is_reported() -> None:
    a = points([(122, 41), (122, 41)])
    a.loc[0, "geometry"] = None
    out = near(a, points([(122, 41)]), within_m=10)
    assert list(out.index) == [1] and out.attrs["unplaced"] == [0]
    found = nearest(a, points([(122, 41)]))
    assert list(found.index) == [0, 1]
    assert found["to"].isna().tolist() == [True, False] and np.isnan(found["distance_m"].iloc[0])


@pytest.mark.parametrize("empty_a", [True, False])
def test_empty_frames(empty_a: bool) -> None:
    full, none = points([(122, 41)]), points(np.empty((0, 2)))
    a, b = (none, full) if empty_a else (full, none)
    assert len(near(a, b, within_m=1e9)) == 0
    assert "distance_m" in near(a, b, within_m=1)
    assert len(nearest(a, b)) == len(a)


def test_nearest_keeps_every_row_and_ties_go_to_the_smaller_label() -> None:
    a = points([(122, 41), (0, 0)])
    b = points([(122.1, 41), (121.9, 41), (122.1, 41)])
    b.index = [9, 5, 7]
    out = nearest(a, b, within_m=20_000)
    assert list(out["to"].astype(object)) == [5, pd.NA] or list(out["to"].isna()) == [False, True]
    assert out["to"].iloc[0] in (5, 7)
    three = nearest(a.iloc[[0]], b, k=3)
    same = three["distance_m"].round(6)
    assert list(three["to"]) == [5, 7, 9] if same.nunique() == 1 else list(three["to"])[-2:] == [7, 9]


def test_shared_borders_are_ties() -> None:
    west = shapely.Polygon([(122, 41), (123, 41.1), (123.2, 42), (122, 42)])
    east = shapely.Polygon([(124, 41), (124, 42), (123.2, 42), (123, 41.1)])
    b = frame([east, west])
    on_line = points([(123.1, 41.55), (123.05, 41.3), (123.4, 40.5)])
    lines = frame([shapely.LineString([(123, 41.1), (123.2, 42)]), shapely.LineString([(123.2, 42), (123, 41.1)])])
    assert (nearest(on_line, lines)["to"] == 0).all()
    assert len(nearest(on_line, b)) == 3


def test_wrong_arguments_say_what_is_wrong() -> None:
    a = points([(122, 41)])
    with pytest.raises(MissingCRSError, match="set_crs"):
        near(gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)]), a, within_m=1)
    with pytest.raises(InputError, match="0 or more"):
        near(a, a, within_m=-1)
    with pytest.raises(InputError, match="whole number"):
        nearest(a, a, k=0)
    with pytest.raises(InputError, match="set_geometry"):
        near(gpd.GeoDataFrame({"x": [1]}), a, within_m=1)
    with pytest.raises(InputError, match="GeoDataFrame"):
        near(pd.DataFrame(), a, within_m=1)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="accuracy_m"):
        near(points([(1, 1)], accuracy_m=["near"]), a, within_m=1)
    with pytest.raises(ColumnClashError, match="suffix="):
        near(points([(1, 1)], to=["x"]), a, within_m=1)
    with pytest.raises(ValueError, match="distance_m"):
        near(points([(1, 1)], distance_m=[1]), a, within_m=1)
    assert "to_2" in near(points([(122, 41)], to=["x"]), a, within_m=1, suffix="_2")
    with pytest.raises(DatumError, match="Xian"):
        near(a.set_crs("EPSG:4610", allow_override=True), a, within_m=1)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4550", "EPSG:4529", "EPSG:3857", "EPSG:32651"])
def test_any_crs_gives_the_same_metres(crs: str) -> None:
    rng = np.random.default_rng(5)
    a, b = points(rng.uniform([122, 41], [124, 42], (30, 2))), frame([LINE])
    plain = near(a, b, within_m=50_000)
    other = near(a.to_crs(crs) if crs != "EPSG:4490" else a.set_crs(crs, allow_override=True), b, within_m=50_000)
    assert list(other.index) == list(plain.index)
    np.testing.assert_allclose(other["distance_m"], plain["distance_m"], atol=1e-5)


def test_labels_of_several_levels_and_of_mixed_kinds() -> None:
    a = points([(122, 41)])
    b = points([(122, 41), (122.001, 41)])
    b.index = pd.MultiIndex.from_tuples([("p", 2), ("p", 1)])
    assert list(near(a, b, within_m=1000)["to"]) == [("p", 2), ("p", 1)]
    b.index = ["x", 1]
    assert list(near(a, b, within_m=1000)["to"]) == ["x", 1]


def test_batches_put_together_are_the_answer() -> None:
    rng = np.random.default_rng(6)
    a, b = points(rng.uniform([122, 41], [124, 42], (300, 2))), frame([LINE, wiggly(rng, 30, 0.02, (123, 41))])
    whole = near(a, b, within_m=30_000)
    parts: list[Any] = list(near_batches(a, b, within_m=30_000))
    together = pd.concat([p for p in parts if len(p)])
    pd.testing.assert_frame_equal(pd.DataFrame(together), pd.DataFrame(whole), check_categorical=False)
