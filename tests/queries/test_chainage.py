"""Chainage, stationing, points and stretches: identities, brute force on the ellipsoid, JTS's cases."""

from __future__ import annotations

import builtins
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from brute import points
from hypothesis import given, settings
from hypothesis import strategies as st

from regionmap import crs
from regionmap.errors import ColumnClashError, InputError, MissingCRSError, MissingExtraError
from regionmap.queries import chainage as ch
from regionmap.queries.chainage import chainage, point_at, stretch
from regionmap.queries.linref_tables import from_linref, to_linref
from regionmap.queries.proximity import near, nearest
from regionmap.queries.stationing import chainage_of, format_stationing, parse_stationing, stations

QUICK = settings(max_examples=20, deadline=None)


def frame(*shapes: Any, epsg: int | None = 4326, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=epsg)


def winding(seed: int = 1, n: int = 40, lon: float = 122.0, lat: float = 41.0) -> shapely.LineString:
    rng = np.random.default_rng(seed)
    return shapely.LineString(np.cumsum(rng.normal([0.02, 0.01], 0.02, (n, 2)), axis=0) + [lon, lat])


LINE = winding()
LENGTH = crs.length_m(LINE)


# --- stationing as text


@pytest.mark.parametrize(
    ("text", "metres"),
    [("K12+300", 12300), ("K0+005", 5), ("DK0+005.25", 5.25), (" k12 + 300 ", 12300), ("Ｋ12＋300", 12300),
     ("K12", 12000), ("K12+30", 12030), ("K12+1050", 13050), ("-K0+300", -300), ("YK3+450", 3450)],
)  # fmt: skip
def test_parse(text: str, metres: float) -> None:
    assert parse_stationing(text) == pytest.approx(metres, abs=1e-9)


@pytest.mark.parametrize("text", ["", "12+300", "K12.3", "K12+", "K12+30000", "12 km", "K1+200~K3+400", "KK+1"])
def test_what_is_no_stationing(text: str) -> None:
    with pytest.raises(InputError, match=r"K12\+300"):
        parse_stationing(text)


def test_prefixes_are_not_mixed() -> None:
    assert parse_stationing("dk1+000", prefix="DK") == 1000
    with pytest.raises(InputError, match="counts by DK"):
        parse_stationing("DK1+000", prefix="K")


@QUICK
@given(st.integers(-10_000_000, 10_000_000))
def test_parse_is_the_way_back_of_format(tenths: int) -> None:
    assert parse_stationing(format_stationing(tenths / 10, digits=1)) == pytest.approx(tenths / 10, abs=1e-6)


def test_rounding_carries_into_the_kilometres() -> None:
    assert format_stationing(12999.7) == "K13+000"
    assert format_stationing(-0.2) == "K0+000"
    assert format_stationing(float("nan")) == format_stationing(float("inf")) == ""


def test_station_equations() -> None:
    short = stations(0, "K12+300=K12+350")  # 短链: 50 m of stations are missing
    assert short.at(12_299) == 12_299 and short.at(12_300) == 12_350 and short.at(13_000) == 13_050
    assert chainage_of("K13+050", short, 20_000) == pytest.approx(13_000)
    with pytest.raises(InputError, match="not on the line"):
        chainage_of("K12+320", short, 20_000)
    long = stations(5_000, ["K12+350 = K12+300"])  # 长链: 50 m of stations occur twice
    assert long.at(7_349) == 12_349 and long.at(7_350) == 12_300 and long.at(7_400) == 12_350
    assert chainage_of("K12+400", long, 20_000) == pytest.approx(7_450)
    with pytest.raises(InputError, match="twice"):
        chainage_of("K12+320", long, 20_000)
    both = stations(0, "K1+000=K2+000;K3+000=K2+500")
    assert both.at(1_500) == 2_500 and both.at(2_000) == 2_500
    for wrong in ("K12+300", "K12+300=K12+350=K1", "K1=x"):
        with pytest.raises(InputError):
            stations(0, wrong)
    with pytest.raises(InputError, match="in front"):
        stations(0, "K2+000=K5+000;K4+000=K4+100")


def test_the_lines_own_letters_are_written_and_asked_for() -> None:
    line = frame(LINE, start_chainage_m=["DK12+000"])
    assert point_at(line, ["DK12+300", 400.0])["stationing"].tolist() == ["DK12+300", "DK12+400"]
    assert chainage(frame(shapely.Point(LINE.coords[20])), line)["stationing"].iloc[0].startswith("DK")
    with pytest.raises(InputError, match=r"DK12\+000 to DK"):
        point_at(line, "K12+300")
    assert point_at(stretch(line, "DK13+000", "DK14+000"), 100)["stationing"].iloc[0] == "DK13+100"
    number = frame(LINE, start_chainage_m=[12_000.0])  # says nothing of letters: any are read, K is written
    assert point_at(number, "DK12+300")["stationing"].iloc[0] == "K12+300"
    changes = stations("DK80+000", "DK80+100=D1K76+000")
    assert changes.prefix == ("DK", "D1K")
    assert (chainage_of("DK80+050", changes, 500), chainage_of("D1K76+050", changes, 500)) == (50, 150)
    with pytest.raises(InputError, match="counts by K, where the line counts by DK"):
        stations("DK0+000", "K1+000=K2+000")


@pytest.mark.parametrize("start", ["12+000", "abc", float("inf")])
def test_a_start_that_is_none_is_named(start: Any) -> None:
    with pytest.raises(InputError, match=str(start).replace("+", r"\+")):
        point_at(frame(LINE, start_chainage_m=[start]), 5)


def test_a_line_without_length_is_its_point() -> None:
    dot = shapely.LineString([(122, 41), (122, 41)])
    out = chainage(frame(shapely.Point(122.1, 41), shapely.Point(124, 41)), frame(dot, shapely.LineString([(124, 41), (125, 41)])))
    assert out["to"].tolist() == [0, 1] and out["chainage_m"].tolist() == [0, 0]
    assert out["offset_m"].iloc[0] == pytest.approx(crs.distance_m(122, 41, 122.1, 41), abs=1e-6)
    parts = frame(shapely.MultiLineString([[(124, 41), (125, 41)], [(122, 41), (122, 41)]]))
    at = chainage(frame(shapely.Point(122, 41.1)), parts)["chainage_m"].iloc[0]
    assert at == pytest.approx(crs.distance_m(124, 41, 125, 41), abs=1e-6)


@QUICK
@given(st.lists(st.tuples(st.floats(100, 5_000), st.floats(-90, 900)), max_size=4), st.floats(0, 25_000))
def test_a_station_leads_back_to_its_chainage(breaks: list[tuple[float, float]], at: float) -> None:
    texts, station = [], 1000.0
    for gap, jump in breaks:
        back = station + gap
        station = back + jump
        texts.append(f"{format_stationing(back, digits=3)}={format_stationing(station, digits=3)}")
    known = stations(1000.0, texts)
    assert any(abs(c - at) < 0.01 for c in known.find(known.at(at)))


# --- identities


@QUICK
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 5))
def test_chainage_of_point_at_is_the_identity(shares: list[float], seed: int) -> None:
    line = frame(shapely.LineString(np.array(winding(seed).coords)[np.argsort(np.array(winding(seed).coords)[:, 0])]))
    at = np.array(shares) * crs.length_m(line.geometry[0])
    back = chainage(point_at(line, at)[["geometry"]], line)
    assert np.abs(back["chainage_m"] - at).max() < 1e-4
    assert back["offset_m"].max() < 1e-3


@QUICK
@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999), st.floats(-180, 180))
def test_stretch_lengths_add_up_wherever_the_line_lies(one: float, two: float, turn: float) -> None:
    line = frame(shapely.transform(LINE, lambda xy: xy + [turn, 0]))
    a, b = sorted((one * LENGTH, two * LENGTH))
    cuts = [0, a, b, LENGTH]
    lengths = [float(stretch(line, u, v)["length_m"].iloc[0]) for u, v in zip(cuts, cuts[1:], strict=False) if v - u > 1e-3]
    assert sum(lengths) == pytest.approx(LENGTH, abs=3e-3)
    assert crs.length_m(stretch(line, 0, LENGTH).geometry.iloc[0]) == pytest.approx(LENGTH, abs=1e-6)


def brute(line: Any, lon: float, lat: float) -> tuple[float, float]:
    """Chainage and distance of the nearest place, by ternary search on every geodesic piece."""
    xy = np.array(line.coords)
    best, base = (np.inf, 0.0), 0.0
    for (x1, y1), (x2, y2) in zip(xy, xy[1:], strict=False):
        azimuth, _, length = crs.GEOD.inv(x1, y1, x2, y2)

        def far(s: float, x1: float = x1, y1: float = y1, azimuth: float = azimuth) -> float:
            x, y, _ = crs.GEOD.fwd(x1, y1, azimuth, s)
            return float(crs.GEOD.inv(x, y, lon, lat)[2])

        low, high = 0.0, length
        while high - low > 1e-4:
            a, b = low + (high - low) / 3, high - (high - low) / 3
            low, high = (low, b) if far(a) <= far(b) else (a, high)
        s = (low + high) / 2
        best = min(best, (far(s), base + s))
        base += length
    return best[1], best[0]


def test_brute_force_agrees() -> None:
    line = shapely.LineString(list(LINE.coords)[::5])
    rng = np.random.default_rng(3)
    spots = rng.uniform([122.0, 40.9], [122.9, 41.6], (25, 2))
    found = chainage(frame(*shapely.points(spots)), frame(line))
    for (lon, lat), at, offset in zip(spots, found["chainage_m"], found["offset_m"], strict=True):
        s, d = brute(line, lon, lat)
        assert offset == pytest.approx(d, abs=1e-3)
        # where the distance is flat the search can't tell places apart better than sqrt(d * rounding)
        assert at == pytest.approx(s, abs=0.05)


def test_the_foot_is_at_a_right_angle_to_the_micrometre() -> None:
    line = frame(shapely.LineString([(120, 40), (124, 42)]))
    spots = np.random.default_rng(2).uniform([121, 40], [123, 42], (200, 2))
    found = chainage(frame(*shapely.points(spots)), line)
    foot = point_at(line, found["chainage_m"].to_numpy()).geometry
    along = np.array(crs.GEOD.inv(foot.x, foot.y, [124.0] * 200, [42.0] * 200)[0])
    to, _, far = map(np.array, crs.GEOD.inv(foot.x, foot.y, *spots.T))
    assert np.abs(np.cos(np.radians(along - to)) * far).max() < 1e-5


def test_permuting_rows_changes_order_only_and_turning_nothing() -> None:
    rng = np.random.default_rng(5)
    spots = rng.uniform([122.0, 40.9], [122.9, 41.6], (60, 2))
    points = frame(*shapely.points(spots), name=np.arange(60))
    base = chainage(points, frame(LINE))
    mixed = chainage(points.sample(frac=1, random_state=1), frame(LINE)).sort_index()
    pd.testing.assert_series_equal(base["chainage_m"], mixed["chainage_m"])
    for turn in (57.5, 177.6, -300.0):
        moved = [shapely.transform(g, lambda xy, t=turn: xy + [t, 0]) for g in (*points.geometry, LINE)]
        turned = chainage(frame(*moved[:-1]), frame(moved[-1]))
        assert np.abs(turned["chainage_m"].to_numpy() - base["chainage_m"].to_numpy()).max() < 1e-4
        assert (turned["side"].to_numpy() == base["side"].to_numpy()).all()


# --- rules


def test_columns_index_crs_and_inputs_stay() -> None:
    points = frame(shapely.Point(122.3, 41.2), None, name=["a", "b"]).set_index(pd.Index(["x", "x"]))
    line = frame(LINE, start_chainage_m=[12_000.0], accuracy_m=[100.0]).to_crs(4549)
    before = points.copy(deep=True), line.copy(deep=True)
    out = chainage(points, line)
    assert list(out.index) == ["x", "x"] and out.crs == points.crs and list(out.columns[:2]) == ["name", "geometry"]
    assert out["stationing"].iloc[0] == format_stationing(12_000 + out["chainage_m"].iloc[0])
    assert out["chainage_accuracy_m"].iloc[0] == 100
    assert out.drop(columns=["name", "geometry"]).iloc[1].isna().all()
    assert out.attrs["unplaced"] == ["x"] and {"method", "crs", "edition"} <= set(out.attrs)
    pd.testing.assert_frame_equal(pd.DataFrame(points), pd.DataFrame(before[0]))
    pd.testing.assert_frame_equal(pd.DataFrame(line), pd.DataFrame(before[1]))
    with pytest.raises(ColumnClashError, match="suffix"):
        chainage(out[["name", "geometry", "chainage_m"]], line)
    assert "chainage_m_2" in chainage(out[["name", "geometry", "chainage_m"]], line, suffix="_2")


def test_no_start_no_stationing() -> None:
    spot = frame(shapely.Point(LINE.coords[20]))
    out = chainage(spot, frame(LINE))
    assert out["stationing"].iloc[0] == f"距起点 {out['chainage_m'].iloc[0] / 1000:.1f} km"
    assert chainage(spot, frame(LINE, start_chainage_m=["K5+000"]))["stationing"].iloc[0].startswith("K")
    broken = frame(LINE, start_chainage_m=[0.0], station_equations=["K1+000=K5+000"])
    assert parse_stationing(chainage(spot, broken)["stationing"].iloc[0]) == round(out["chainage_m"].iloc[0] + 4000)


def test_accuracy_follows_from_both_and_the_drawing() -> None:
    points = frame(*[shapely.Point(LINE.coords[20])] * 2, accuracy_m=[300.0, None])
    out = chainage(points, frame(LINE, accuracy_m=[50.0], drawn=["traced"]))
    assert out["chainage_accuracy_m"].iloc[0] == 350 and np.isnan(out["chainage_accuracy_m"].iloc[1])
    out = chainage(points, frame(LINE, accuracy_m=[50.0], drawn=["schematic"]))
    assert out["chainage_accuracy_m"].iloc[0] == pytest.approx(350 + 0.15 * out["chainage_m"].iloc[0])


def test_what_near_found_is_taken() -> None:
    rng = np.random.default_rng(6)
    points = frame(*shapely.points(rng.uniform([122.0, 40.9], [122.9, 41.6], (30, 2))))
    lines = frame(LINE, winding(9), winding(11, lat=41.3)).set_index(pd.Index(["a", "b", "c"]))
    pairs = near(points, lines, within_m=15_000)
    out = chainage(pairs, lines)
    assert len(out) == len(pairs) and (out["offset_m"] == pairs["distance_m"]).all()
    for (_, row), (_, pair) in zip(out.iterrows(), pairs.iterrows(), strict=True):
        alone = chainage(frame(pair.geometry), lines.loc[[pair["to"]]])
        assert row["chainage_m"] == pytest.approx(alone["chainage_m"].iloc[0], abs=1e-6)
    close = nearest(points, lines)
    assert np.allclose(chainage(close, lines)["chainage_m"], chainage(points, lines)["chainage_m"], atol=1e-6)
    with pytest.raises(InputError, match="no row of along"):
        chainage(pairs, lines.loc[["a"]].rename({"a": "z"}))


def test_lines_and_polygons_have_a_range() -> None:
    line = frame(shapely.LineString([(122, 41), (123, 41)]))
    box, apart = shapely.box(122.2, 40.9, 122.4, 41.1), shapely.box(122.6, 41.1, 122.7, 41.2)
    out = chainage(frame(box, apart, shapely.MultiPoint([(122.5, 41.1), (122.8, 41.1)])), line)
    per_degree = crs.length_m(line.geometry[0])
    assert out["chainage_from_m"].tolist() == pytest.approx(np.array([0.2, 0.6, 0.5]) * per_degree, abs=150)
    assert out["chainage_to_m"].tolist() == pytest.approx(np.array([0.4, 0.7, 0.8]) * per_degree, abs=150)
    assert out["chainage_m"].iloc[0] == pytest.approx(0.2 * per_degree, abs=1) and out["offset_m"].iloc[0] == 0
    assert (out["chainage_from_m"] <= out["chainage_m"]).all() and (out["chainage_m"] <= out["chainage_to_m"]).all()


def test_rings_parts_and_the_antimeridian() -> None:
    ring = frame(shapely.LineString([(179.5, 10), (180.5, 10), (180.5, 11), (179.5, 11), (179.5, 10)]))
    out = chainage(frame(shapely.Point(179.5, 10), shapely.Point(-179.5, 10.5), shapely.Point(180, 10)), ring)
    side = crs.distance_m(179.5, 10, 180.5, 10)
    assert out["chainage_m"].iloc[0] == 0
    assert out["chainage_m"].iloc[1] == pytest.approx(side + crs.distance_m(180.5, 10, 180.5, 10.5), abs=0.01)
    assert out["chainage_m"].iloc[2] == pytest.approx(side / 2, abs=0.01)
    parts = frame(shapely.MultiLineString([[(122, 41), (122.1, 41)], [(122.3, 41), (122.4, 41)]]))
    gap = chainage(frame(shapely.Point(122.35, 41.0)), parts)["chainage_m"].iloc[0]
    assert gap == pytest.approx(1.5 * crs.distance_m(122, 41, 122.1, 41), abs=0.01)
    piece = stretch(parts, 1_000, 12_000)
    assert piece.geometry.iloc[0].geom_type == "MultiLineString"
    assert crs.length_m(piece.geometry.iloc[0]) == pytest.approx(11_000, abs=1e-6)


def test_where_a_line_passes_twice_the_first_time_counts() -> None:
    """A figure of eight at its crossing and a ring at its seam, in many places so that rounding falls both ways."""
    for turn in range(30):
        west = 100 + turn * 0.37
        crossing = (west + 0.1, 40.1)
        eight = [(west, 40), crossing, (west + 0.2, 40.2), (west + 0.2, 40), crossing, (west, 40.2)]
        out = chainage(points([crossing]), frame(shapely.LineString(eight)))
        assert out["chainage_m"].iloc[0] == pytest.approx(crs.distance_m(*eight[0], *crossing), abs=1e-6)
        ring = frame(shapely.LineString([(west, 40), (west + 0.01, 40), (west + 0.01, 40.01), (west, 40)]))
        assert chainage(points([(west - 0.003, 39.999)]), ring)["chainage_m"].iloc[0] == 0


def test_doors() -> None:
    points, line = frame(shapely.Point(122, 41)), frame(LINE)
    with pytest.raises(MissingCRSError):
        chainage(points.set_crs(None, allow_override=True), line)
    with pytest.raises(InputError, match="lines, not Point"):
        chainage(points, points)
    with pytest.raises(InputError, match="boundary"):
        chainage(points, frame(shapely.box(0, 0, 1, 1)))
    with pytest.raises(InputError, match="exactly one line"):
        point_at(frame(LINE, LINE), 5)
    with pytest.raises(InputError, match="m long"):
        point_at(line, LENGTH + 1)
    assert point_at(line, [-5, LENGTH + 9], clip=True)["chainage_m"].tolist() == pytest.approx([0, LENGTH])
    with pytest.raises(InputError, match="point_at"):
        stretch(line, 5, 5)
    with pytest.raises(InputError, match="start_chainage_m"):
        point_at(line, "K1+000")
    assert len(chainage(points.iloc[:0], line)) == 0
    assert len(point_at(line, [])) == 0
    assert chainage(points, line.iloc[:0])["chainage_m"].isna().all()


def test_stretch_by_station_keeps_the_stationing() -> None:
    line = frame(LINE, start_chainage_m=[12_000.0])
    piece = stretch(line, "K15+000", "K20+500")
    assert piece["length_m"].iloc[0] == pytest.approx(5_500, abs=1e-6)
    assert point_at(piece, 100)["stationing"].iloc[0] == "K15+100"
    back = stretch(line, "K20+500", "K15+000")
    assert shapely.equals_exact(back.geometry.iloc[0].reverse(), piece.geometry.iloc[0], 1e-12)
    assert back["start_chainage_m"].isna().all()


# --- JTS: LengthIndexedLineTest.java (Vivid Solutions 2016, EPL-2.0 / EDL-1.0), its facts at 1 unit = 1e-5 degree
# on the equator, where lengths along it are proportional. What differs by rule is marked.

UNIT = 1e-5


def jts(wkt: str) -> gpd.GeoDataFrame:
    return frame(shapely.transform(shapely.from_wkt(wkt), lambda xy: xy * UNIT))


METRES = crs.distance_m(0, 0, UNIT, 0)
MULTI = "MULTILINESTRING ((0 0, 10 0), (20 0, 25 0, 30 0))"


@pytest.mark.parametrize(
    ("wkt", "start", "end", "expected"),
    [
        ("LINESTRING (0 0, 10 0)", -100, 100, "LINESTRING (0 0, 10 0)"),  # beyond range
        ("LINESTRING (0 0, 10 0)", 9, 1, "LINESTRING (9 0, 1 0)"),  # reverse
        (MULTI, 10, 19, "LINESTRING (20 0, 25 0, 29 0)"),  # index at endpoint (JTS writes -1 for 19)
        ("LINESTRING (0 0, 10 0)", 1, 9, "LINESTRING (1 0, 9 0)"),
        ("MULTILINESTRING ((0 0, 10 0), (10 0, 10 0), (20 0, 25 0, 30 0))", 10, 19, "LINESTRING (20 0, 25 0, 29 0)"),
        ("MULTILINESTRING ((0 0, 10 0), (10 0, 10 0), (20 0, 25 0, 30 0))", 5, 10, "LINESTRING (5 0, 10 0)"),
        # JTS keeps the order of the parts here; we turn the whole round, so that the parts follow each other
        (MULTI, 19, 1, "MULTILINESTRING ((29 0, 25 0, 20 0), (10 0, 1 0))"),
    ],
)
def test_jts_extract_line(wkt: str, start: float, end: float, expected: str) -> None:
    found = stretch(jts(wkt), start * METRES, end * METRES, clip=True).geometry.iloc[0]
    assert shapely.equals_exact(found, jts(expected).geometry.iloc[0], UNIT * 1e-6), found.wkt


def test_jts_points() -> None:
    cross = jts("MULTILINESTRING ((0 2, 0 0), (-1 1, 1 1))")  # GEOS ticket 323
    at = chainage(frame(shapely.Point(1 * UNIT, 0)), jts("MULTILINESTRING ((0 2, 0 0), (-1 1, 0.4 1))"))["chainage_m"]
    assert shapely.distance(point_at(cross, at.iloc[0]).geometry.iloc[0], shapely.Point(0, 0)) < UNIT * 1e-6
    twice = jts("LINESTRING (0 0, 10 0, 10 0, 20 0)")  # duplicate coordinates
    assert chainage(frame(shapely.Point(10 * UNIT, UNIT)), twice)["chainage_m"].iloc[0] == pytest.approx(10 * METRES)
    end = point_at(jts("LINESTRING (0 0, 10 10)"), 1e6, clip=True).geometry.iloc[0]
    assert shapely.equals_exact(end, shapely.Point(10 * UNIT, 10 * UNIT), 1e-15)


# --- linref


def test_linref_there_and_back() -> None:
    lines = frame(LINE, winding(8)).set_index(pd.Index(["a", "b"]))
    table = to_linref(lines)
    assert table.lr.lrs.key_col == ["route"] and list(table["route"]) == ["a", "b"]
    assert table["end_m"].iloc[0] == pytest.approx(LENGTH)
    events = pd.DataFrame({"route": ["a", "b", None], "beg_m": [100.0, 50.0, 1.0], "end_m": [900.0, 60.0, 2.0]})
    back = from_linref(events.lr.set_lrs(key_col=["route"], beg_col="beg_m", end_col="end_m"), lines)
    assert crs.length_m(back.geometry.iloc[:2].to_numpy()) == pytest.approx([800, 10], abs=1e-6)
    assert back.geometry.iloc[2] is None


def test_without_linref(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regionmap.queries.linref_tables.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"regionmap\[linref\]"):
        to_linref(frame(LINE))
    with pytest.raises(MissingExtraError):
        from_linref(pd.DataFrame(), frame(LINE))


def test_the_module_says_what_it_offers() -> None:
    assert all(hasattr(ch, name) for name in ch.__all__) and builtins.len(ch.__all__) == 6
