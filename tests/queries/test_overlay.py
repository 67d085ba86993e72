"""Overlay, coverage, membership: shares that balance, areas like pyproj's, the rule of certain and possible."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regionmap import crs
from regionmap.errors import ColumnClashError, InputError, MissingCRSError
from regionmap.queries.membership import membership
from regionmap.queries.overlay import coverage, overlay

QUICK = settings(max_examples=15, deadline=None)
SUMS = ["area", "overlap", "residual"]


def frame(*shapes: Any, index: Any = None, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=index, crs=4326)


def areas(out: gpd.GeoDataFrame) -> pd.DataFrame:
    return out[out["part"].isin(SUMS)]


boxes = st.lists(
    st.tuples(st.floats(122, 123.5), st.floats(41, 42), st.floats(0.01, 1), st.floats(0.01, 0.8)), min_size=1, max_size=6
).map(lambda rows: [shapely.box(x, y, x + w, y + h) for x, y, w, h in rows])


@QUICK
@given(boxes, boxes, st.sampled_from([0.0, 57.0, -122.9, 57.5]))
@example(  # covered twice: the pieces united were larger than the zone
    [shapely.box(122, 41, 123, 41.5), shapely.box(123.001953125, 41.75, 123.095703125, 42)],
    [shapely.box(123, 41.5, 124, 42), shapely.box(122.0625, 41.5, 123.0625, 42)],
    0.0,
)
def test_shares_balance_wherever_they_lie(zones: list[Any], other: list[Any], turn: float) -> None:
    moved = [[shapely.transform(g, lambda xy: xy + [turn, 0]) for g in layer] for layer in (zones, other)]
    out = areas(overlay(frame(*moved[0]), frame(*moved[1])))
    for zone, shape in enumerate(moved[0]):
        rows = out[out.index == zone]
        whole = abs(crs.GEOD.geometry_area_perimeter(shape)[0]) / 1e6
        assert rows["share"].sum() == pytest.approx(1, abs=1e-9)
        assert rows["area_km2"].sum() == pytest.approx(whole, rel=1e-9)
        assert (rows["part"] == "residual").sum() == 1
        assert rows[rows["part"] == "area"]["area_km2"].ge(0).all() and rows["area_km2"][rows["part"] == "residual"].ge(0).all()


@QUICK
@given(boxes, boxes)
def test_pieces_are_what_pyproj_says(zones: list[Any], other: list[Any]) -> None:
    out = overlay(frame(*zones), frame(*other))
    drawn = out[out["part"] == "area"]
    for shape, area in zip(drawn.geometry, drawn["area_km2"], strict=True):
        assert area == pytest.approx(sum(abs(crs.GEOD.geometry_area_perimeter(p)[0]) for p in shapely.get_parts(shape)) / 1e6)
    assert out.attrs["mismatch"] < 1e-8


def test_against_the_plane_of_equal_area() -> None:
    """EPSG:6933 keeps areas; its straight lines between close points are nearly ours."""
    a = crs.densify(shapely.box(122, 41, 123, 42), 200)
    b = crs.densify(shapely.Polygon([(122.3, 40.8), (123.4, 41.3), (122.7, 42.4)]), 200)
    flat = gpd.GeoSeries([a, b], crs=4326).to_crs(6933)
    out = overlay(frame(a), frame(b))
    assert out["area_km2"].iloc[0] == pytest.approx(flat[0].intersection(flat[1]).area / 1e6, rel=1e-6)


def test_rows_and_rules() -> None:
    zones = frame(
        shapely.box(122, 41, 123, 42), shapely.box(123, 41, 124, 42), None, name=["a", "b", "c"], index=["w", "w", "y"]
    )
    other = frame(
        shapely.box(122.5, 41, 123.5, 41.5), shapely.box(122.6, 41.2, 122.8, 41.9), shapely.box(123.5, 41, 123.500001, 42),
        shapely.LineString([(121, 41.3), (125, 41.6)]), shapely.Point(122.1, 41.1), shapely.Point(123, 41.5), None,
        index=[3, 2, 1, 10, 11, 12, 13],
    )  # fmt: skip
    before = zones.copy(deep=True)
    out = overlay(zones.to_crs(4549), other)
    assert out.crs == 4549 and list(out.index.unique()) == ["w", "y"]
    a = out[out["name"] == "a"]
    assert a["part"].tolist() == ["area", "area", "overlap", "residual", "line", "points"]
    assert a["to"].tolist()[:2] == [2, 3]  # by label
    assert a["share"].iloc[:4].sum() == pytest.approx(1, abs=1e-9) and a["share"].iloc[2] < 0
    assert (a["count"].iloc[-1], a["possible"].iloc[-1]) == (1, 1)  # on the common border: possible in both
    b = out[out["name"] == "b"]
    assert (b["count"].iloc[-1], b["possible"].iloc[-1]) == (0, 1)
    assert b.loc[b["to"] == 1, "sliver"].all() and not b.loc[b["to"] == 3, "sliver"].any()
    assert out[out["name"] == "c"]["part"].tolist() == ["unplaced"]
    lines = out[out["part"] == "line"]["length_km"].sum()
    whole = crs.length_m(other.geometry[10]) / 1e3
    assert lines + out.attrs["outside_km"][10] == pytest.approx(whole, rel=1e-9)
    assert out.attrs["unplaced"] == ["y"] and out.attrs["unplaced_to"] == [13]
    assert {"method", "crs", "edition"} <= set(out.attrs)
    pd.testing.assert_frame_equal(pd.DataFrame(zones), pd.DataFrame(before))


def test_touching_neighbours_share_nothing() -> None:
    out = overlay(frame(shapely.box(122, 41, 123, 42)), frame(shapely.box(123, 41, 124, 42)))
    assert out["part"].tolist() == ["residual"] and out["share"].iloc[0] == pytest.approx(1, abs=1e-12)


def test_unions_multiparts_holes_rings_and_repairs() -> None:
    holed = shapely.box(122, 41, 123, 42).difference(shapely.box(122.2, 41.2, 122.4, 41.4))
    two = shapely.MultiPolygon([shapely.box(122.1, 41.1, 122.3, 41.3), shapely.box(122.6, 41.5, 122.7, 41.6)])
    out = areas(overlay(frame(holed, two), frame(two, holed)))
    assert out.groupby(level=0)["share"].sum().tolist() == pytest.approx([1, 1], abs=1e-9)
    assert out[(out.index == 1) & (out["to"] == 0)]["share"].iloc[0] == pytest.approx(1, abs=1e-9)
    bow = shapely.Polygon([(122, 41), (123, 42), (123, 41), (122, 42)])
    assert areas(overlay(frame(shapely.box(121, 40, 124, 43)), frame(bow)))["share"].sum() == pytest.approx(1, abs=1e-9)


def test_antimeridian() -> None:
    zones, other = frame(shapely.box(179, 10, 181, 12)), frame(shapely.box(-179.5, 10.5, -178, 11))
    out = overlay(zones, other)
    part = shapely.box(180.5, 10.5, 181, 11)
    assert out["area_km2"].iloc[0] == pytest.approx(crs.area_m2(part) / 1e6, rel=1e-3)
    assert membership(frame(shapely.Point(-179.5, 11)), zones)["certainty"].tolist() == ["certain"]


def test_doors() -> None:
    zone, clash = frame(shapely.box(122, 41, 123, 42)), frame(shapely.box(122, 41, 123, 42), share=[1])
    with pytest.raises(InputError, match="Point"):
        overlay(frame(shapely.Point(1, 1)), zone)
    with pytest.raises(ColumnClashError, match="suffix"):
        overlay(clash, zone)
    assert "share_x" in overlay(clash, zone, suffix="_x")
    with pytest.raises(MissingCRSError):
        overlay(zone, zone.set_crs(None, allow_override=True))
    with pytest.raises(InputError, match="130 degrees"):
        overlay(zone, frame(shapely.box(-60, -30, -50, -20), shapely.box(20, -30, 30, -20)))
    assert len(overlay(zone.iloc[:0], zone)) == 0
    assert overlay(zone, zone.iloc[:0]).empty


def test_permuting_other_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    corners = rng.uniform([122, 41], [123.5, 42], (12, 2))
    other = frame(*[shapely.box(x, y, x + 0.3, y + 0.2) for x, y in corners])
    zones = frame(shapely.box(122, 41, 123, 42), shapely.box(123, 41, 124, 42))
    one = overlay(zones, other).drop(columns="geometry")
    two = overlay(zones, other.sample(frac=1, random_state=2)).drop(columns="geometry")
    pd.testing.assert_frame_equal(one, two, check_exact=False, rtol=1e-9, atol=1e-9)


# --- membership


def test_membership_against_brute_force() -> None:
    rng = np.random.default_rng(7)
    zones = frame(shapely.box(122, 41, 122.5, 41.5), shapely.box(122.5, 41, 123, 41.5), accuracy_m=[100.0, 300.0])
    spots = rng.uniform([121.8, 40.8], [123.2, 41.7], (150, 2))
    accuracy = rng.choice([0.0, 1_000.0, 8_000.0], 150)
    out = membership(frame(*shapely.points(spots), accuracy_m=accuracy), zones)
    found = {(i, t): (c, b) for i, t, c, b in zip(out.index, out["to"], out["certainty"], out["border_m"], strict=True)}
    for n, (lon, lat) in enumerate(spots):
        for z, zone in enumerate(zones.geometry):
            rim = crs.densify(zone, 50).exterior
            xy = shapely.get_coordinates(rim)
            border = float(np.min(crs.distance_m(np.full(len(xy), lon), np.full(len(xy), lat), *xy.T)))
            inside = shapely.Polygon(rim).contains(shapely.Point(lon, lat))
            r = accuracy[n] + zones["accuracy_m"][z]
            if abs(border - r) < 5:
                continue
            wanted = "certain" if inside and border > r else "possible" if inside or border <= r else None
            assert found.get((n, z), (None, 0))[0] == wanted
            if wanted:
                assert found[n, z][1] == pytest.approx(border, abs=2)


def test_membership_rules() -> None:
    zones = frame(shapely.box(122, 41, 123, 42), shapely.box(123, 41, 124, 42), None, index=["a", "b", "c"])
    things = frame(
        shapely.Point(122.5, 41.5), shapely.Point(123, 41.5), shapely.Point(130, 50), shapely.Point(130, 50), None,
        shapely.LineString([(122.9, 41.5), (123.1, 41.5)]), shapely.box(122.1, 41.1, 122.2, 41.2),
        accuracy_m=[0, 0, 0, None, 0, 0, 0],
    )  # fmt: skip
    out = membership(things, zones)
    pairs = list(zip(out.index, out["to"], out["certainty"], strict=True))
    assert pairs == [
        (0, "a", "certain"), (1, "a", "possible"), (1, "b", "possible"), (3, "a", "possible"), (3, "b", "possible"),
        (5, "a", "possible"), (5, "b", "possible"), (6, "a", "certain"),
    ]  # fmt: skip
    assert out.attrs["nowhere"] == 1 and out.attrs["unplaced"] == [4] and out.attrs["unplaced_to"] == ["c"]
    quick = membership(things, zones, distances=False)
    assert "border_m" not in quick and list(quick["certainty"]) == list(out["certainty"])
    # the issue's own case: a town-level point 1 km inside a generalised boundary is only possible
    town = frame(shapely.Point(122.012, 41.5), accuracy_m=[6_000.0])
    assert membership(town, zones.iloc[:1])["certainty"].tolist() == ["possible"]


def test_what_goes_round_a_pole_crosses_itself_only_in_degrees() -> None:
    cap = shapely.Polygon([(x, 85) for x in range(0, 360, 10)])
    quarter = shapely.box(0, 86, 90, 89.999)
    out = overlay(frame(cap), frame(quarter))
    assert out["share"].sum() == pytest.approx(1, abs=1e-9) and 0.1 < out["share"].iloc[0] < 0.25
    assert out["area_km2"].sum() == pytest.approx(crs.area_m2(cap) / 1e6, rel=1e-9)
    spots = frame(shapely.Point(5, 90), shapely.Point(185, 86), shapely.Point(5, 84))
    assert membership(spots, frame(cap))["inside"].tolist() == [True, True]
    over = crs.buffer(shapely.LineString([(0, 89), (180, 89)]), 5_000)
    assert membership(spots, frame(over))["to"].tolist() == [0]
    bow = shapely.Polygon([(122, 41), (123, 42), (123, 41), (122, 42)])  # this one does cross itself
    assert membership(frame(shapely.Point(122.1, 41.2), shapely.Point(122.5, 41.2)), frame(bow)).index.tolist() == [0]


def test_what_only_the_drawing_parts_is_no_border() -> None:
    """Units side by side in one row, and a zone cut where the map ends: inside, far from the border."""
    town = frame(shapely.Point(123, 41.5), accuracy_m=[6_000.0])
    units = shapely.MultiPolygon([shapely.box(122, 41, 123, 42), shapely.box(123, 41, 124, 42)])
    assert membership(town, frame(units))["certainty"].tolist() == ["certain"]
    cut = shapely.MultiPolygon([shapely.box(179, 9, 180, 11), shapely.box(-180, 9, -179, 11)])
    spots = frame(shapely.Point(180, 10), shapely.Point(-179.99, 10), shapely.Point(179.01, 10), accuracy_m=[6_000.0] * 3)
    out = membership(spots, frame(cut))
    assert out["certainty"].tolist() == ["certain", "certain", "possible"]
    assert out["border_m"].iloc[0] == pytest.approx(crs.distance_m(180, 10, 179, 10), rel=1e-3)
    assert overlay(frame(cut), frame(shapely.box(179, 9, 181, 11)))["share"].tolist() == pytest.approx([1, 0], abs=1e-3)


# --- coverage


def test_coverage_of_a_straight_corridor() -> None:
    zone = frame(shapely.box(122, 41, 123, 42), None, name=["a", "b"])
    corridor = frame(shapely.LineString([(121, 41.5), (124, 41.5)]), accuracy_m=[2_000.0])
    towns = frame(shapely.Point(122.5, 41.51), shapely.Point(122.5, 41.615), shapely.Point(122.5, 41.9), shapely.Point(1, 1))
    out = coverage(zone, corridor, within_m=10_000, towns=towns)
    row = out.iloc[0]
    strip = shapely.intersection(shapely.box(122, 41, 123, 42), crs.buffer(corridor.geometry[0], 10_000))
    assert row["covered_km2"] == pytest.approx(crs.area_m2(strip) / 1e6, rel=2e-3)
    assert row["covered_share_min"] < row["covered_share"] < row["covered_share_max"]
    assert [row[c] for c in ("towns", "towns_certain", "towns_possible")] == [3, 1, 1]
    assert row["towns_share"] == pytest.approx(1 / 3)
    assert np.isnan(out["covered_share"].iloc[1]) and out["towns"].iloc[1] == 0
    everything = coverage(zone, corridor, within_m=300_000)
    assert everything["covered_share"].iloc[0] == pytest.approx(1, abs=1e-9)
    unknown = coverage(zone, corridor.assign(accuracy_m=np.nan), within_m=10_000).iloc[0]
    assert unknown["covered_share_min"] == 0 and unknown["covered_share_max"] == 1
    with pytest.raises(InputError, match="within_m"):
        coverage(zone, corridor, within_m=-1)
