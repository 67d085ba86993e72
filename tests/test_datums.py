"""Datums by name, zones of any meridian, published GCJ-02 values, and the shift detector on Liaoning's towns."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

import regionmap as rm
from regionmap import crs, datums
from regionmap.errors import DatumError, InputError, MissingCRSError

# --- GCJ-02 and BD-09 -------------------------------------------------------------------------------------------

# printed in the README of wandergis/coordtransform (MIT)
PUBLISHED = [
    (crs.bd09_to_gcj02, (116.404, 39.915), (116.39762729119315, 39.90865673957631)),
    (crs.gcj02_to_bd09, (116.404, 39.915), (116.41036949371029, 39.92133699351021)),
    (crs.wgs84_to_gcj02, (116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    (crs.gcj02_to_wgs84, (116.404, 39.915), (116.39775550083061, 39.91359571849836)),
]


@pytest.mark.parametrize(("change", "given_", "expected"), PUBLISHED, ids=lambda v: getattr(v, "__name__", ""))
def test_published_values(change: Any, given_: tuple[float, float], expected: tuple[float, float]) -> None:
    if change is crs.gcj02_to_wgs84:  # theirs is one step of the iteration: the shift at the point itself
        x, y = crs.wgs84_to_gcj02(*given_)
        assert (2 * given_[0] - x, 2 * given_[1] - y) == pytest.approx(expected, abs=1e-6)
    else:
        assert change(*given_) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.floats(73, 135), st.floats(4, 54))
@example(105.0, 41.0)  # the published shift has a root of |lon - 105|, which has no slope there
@example(np.nextafter(105.0, 0), 30.0)
@example(105 + 1e-12, 20.0)
@example(105 - 3e-8, 50.0)
def test_there_and_back_within_a_thousandth_of_a_millimetre(lon: float, lat: float) -> None:
    for there, back in ((crs.wgs84_to_gcj02, crs.gcj02_to_wgs84), (crs.wgs84_to_bd09, crs.bd09_to_wgs84)):
        x, y = back(*there(lon, lat))
        assert crs.distance_m(lon, lat, x, y) < 1e-6


def shift_as_published(lon: float, lat: float) -> tuple[float, float]:
    """The formulas of coordtransform written out with the math module, term by term."""
    a, ee, x, y = 6378245.0, 0.00669342162296594323, lon - 105.0, lat - 35.0
    wave = lambda v, terms: sum(n * math.sin(v * math.pi * k) for n, k in terms) * 2 / 3  # noqa: E731
    both = ((20, 6), (20, 2))
    dlat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    dlat += wave(x, both) + wave(y, ((20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30)))
    dlon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    dlon += wave(x, both) + wave(x, ((20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30)))
    magic = 1 - ee * math.sin(math.radians(lat)) ** 2
    dlat = dlat * 180 / (a * (1 - ee) / (magic * math.sqrt(magic)) * math.pi)
    return lon + dlon * 180 / (a / math.sqrt(magic) * math.cos(math.radians(lat)) * math.pi), lat + dlat


@settings(max_examples=200, deadline=None)
@given(st.floats(72.01, 137.8), st.floats(0.9, 55.8))
def test_the_shift_is_the_published_formula(lon: float, lat: float) -> None:
    """Ours takes every wave from two tangents; it must be the same to a millionth of a metre and far below."""
    assert np.ravel(crs.wgs84_to_gcj02(lon, lat)) == pytest.approx(shift_as_published(lon, lat), abs=1e-12)


@pytest.mark.parametrize("change", [crs.wgs84_to_gcj02, crs.gcj02_to_wgs84, crs.gcj02_to_bd09, crs.bd09_to_gcj02, crs.bd09_to_wgs84])
def test_scalars_and_arrays_of_any_shape_and_length(change: Any) -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(73, 135, (3, 6001)), rng.uniform(4, 54, (3, 6001))  # more than one block
    x, y = change(lon, lat)
    assert x.shape == y.shape == (3, 6001)
    assert (float(change(lon[2, 5999], lat[2, 5999])[0]), float(change(lon[0, 1], lat[0, 1])[1])) == pytest.approx((x[2, 5999], y[0, 1]), abs=1e-11)
    assert change(120.0, [30.0, 40.0])[0].shape == (2,) and change([], [])[0].shape == (0,)
    broken = change([np.nan, 120.0, np.inf], [40.0, 40.0, 40.0])
    assert np.isnan(broken[0][0]) and float(broken[0][1]) == pytest.approx(float(change(120.0, 40.0)[0]), abs=1e-12)


# --- zones ------------------------------------------------------------------------------------------------------


def test_zones_agree_with_the_registry() -> None:
    for number in range(25, 46):
        meridian = datums.zone_meridian(number)
        assert datums.zone_number(meridian) == number
        assert datums.zone_of(4513 + number - 25) == (meridian, number)
        assert datums.zone_of(4534 + number - 25) == (meridian, None)
    for number in range(13, 24):
        assert datums.zone_of(4491 + number - 13) == (datums.zone_meridian(number), number)
        assert datums.zone_number(datums.zone_meridian(number), 6) == number
    for wrong in (0, 12, 24, 46):
        with pytest.raises(InputError, match="25 to 45, of 6 degrees 13 to 23"):
            datums.zone_meridian(wrong)


@pytest.mark.parametrize(
    ("code", "meridian", "prefix"), [(4550, 123, None), (4529, 123, 41), (4498, 117, 20), (4509, 117, None)]
)
def test_a_zone_made_here_is_the_registry_s(code: int, meridian: int, prefix: int | None) -> None:
    lon, lat = np.array([meridian - 1.0, meridian + 1.2]), np.array([38.5, 43.2])
    own, theirs = (
        pyproj.Transformer.from_crs(4490, c, always_xy=True).transform(lon, lat)
        for c in (datums.zone_crs(meridian, prefix=prefix), code)
    )
    assert np.allclose(own, theirs, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(75, 135).map(lambda m: round(m, 2)), st.sampled_from([None, 41]), st.floats(-1.5, 1.5), st.floats(18, 53)
)
def test_any_central_meridian_there_and_back(meridian: float, prefix: int | None, off: float, lat: float) -> None:
    point = geopandas.GeoSeries([shapely.Point(meridian + off, lat)], crs=4490)
    grid = geopandas.GeoSeries(crs.from_wgs84(point.to_numpy(), datums.zone_crs(meridian, prefix=prefix)))
    back = crs.to_wgs84(grid.set_crs(datums.zone_crs(meridian, prefix=prefix)))
    assert crs.distance_m(back.iloc[0].x, back.iloc[0].y, meridian + off, lat) < 1e-6
    x, y = grid.iloc[0].x - (prefix or 0) * 1e6, grid.iloc[0].y
    assert np.allclose(np.ravel(datums.from_zone(x, y, meridian)), (meridian + off, lat), atol=1e-9)
    assert datums.zone_of(datums.zone_crs(meridian, prefix=prefix)) == (meridian, prefix)


# --- families ---------------------------------------------------------------------------------------------------


def points(lon: Any, lat: Any, system: Any, **columns: Any) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(columns, geometry=geopandas.points_from_xy(lon, lat), crs=system)


@pytest.mark.parametrize(
    ("system", "family"),
    [(4326, "wgs84"), (4490, "wgs84"), (4550, "wgs84"), (32651, "wgs84"), (3857, "wgs84"), (datums.GCJ02, "gcj02"), (datums.BD09, "bd09"),
     (4610, "xian80"), (2365, "xian80"), (4214, "beijing54"), (2436, "beijing54"), (4301, "other")],
)  # fmt: skip
def test_a_layer_knows_its_datum(system: Any, family: str) -> None:
    frame = points([123.0], [41.0], system)
    assert datums.family(frame) == datums.family(frame.geometry) == datums.family(system) == family


def test_a_label_changes_no_coordinate_and_survives_a_file(tmp_path: Path) -> None:
    frame = datums.label(points([123.0], [41.0], 4326), "gcj02")
    assert datums.family(frame) == "gcj02" and frame.geometry.x[0] == 123
    frame.to_file(tmp_path / "web.gpkg")
    assert datums.family(geopandas.read_file(tmp_path / "web.gpkg")) == "gcj02"
    with pytest.raises(InputError, match="convert it instead"):
        datums.label(points([5e5], [4.6e6], 4550), "gcj02")
    with pytest.raises(InputError, match="unknown datum 'mars'"):
        datums.label(frame, "mars")
    with pytest.raises(MissingCRSError, match=r"datums\.label"):
        datums.family(points([1], [2], None))


def test_families_that_differ_do_not_mix() -> None:
    web, own = datums.label(points([123.0], [41.0], None), "bd09"), points([123.0], [41.0], 4326)
    assert datums.require_one_family(own, points([5e5], [4.6e6], 4550)) == "wgs84"
    with pytest.raises(DatumError, match=r"layer 1 is in WGS 84 / CGCS2000 and layer 2 in BD-09: .*datums\.to_wgs84"):
        datums.require_one_family(own, web)
    with pytest.raises(DatumError, match="convert on purpose"):
        rm.near(own, web, within_m=1000)
    assert len(rm.near(own, datums.to_wgs84(web), within_m=5000)) == 1


@pytest.mark.parametrize(("datum", "there"), [("gcj02", crs.wgs84_to_gcj02), ("bd09", crs.wgs84_to_bd09)])
def test_web_maps_are_converted_exactly(datum: str, there: Any) -> None:
    lon, lat = np.array([121.0, 123.4]), np.array([39.0, 41.8])
    back = datums.to_wgs84(datums.label(points(*there(lon, lat), 4326, accuracy_m=[5.0, 6.0]), datum))
    assert np.abs(crs.distance_m(lon, lat, back.geometry.x, back.geometry.y)).max() < 1e-6
    assert back.crs == "EPSG:4326" and back["accuracy_m"].tolist() == [5, 6]


@pytest.mark.parametrize("system", [4610, 2365, 4214, 2436, 4555])
def test_old_datums_are_refused_without_parameters(system: int) -> None:
    frame = points(
        [41_500_000.0] if system in (2365,) else [123.0], [4_600_000.0] if system == 2365 else [41.0], system
    )
    for refuse in (crs.to_wgs84, datums.to_wgs84):
        with pytest.raises(DatumError, match=r"parameters|survey"):
            refuse(frame)
    with pytest.raises(InputError, match="off by up to 150 m, not 149"):
        datums.to_wgs84(frame, accuracy_m=149)
    with pytest.raises(InputError, match="3 or 7 parameters"):
        datums.to_wgs84(frame, parameters=(1, 2))


def test_accepting_150_metres_takes_degrees_as_they_are_and_says_so() -> None:
    frame = points([123.0, 123.5], [41.0, 42.0], 4610, accuracy_m=[10.0, 20.0])
    taken = datums.to_wgs84(frame, accuracy_m=150)
    assert taken.geometry.x.tolist() == [123, 123.5] and taken["accuracy_m"].tolist() == [160, 170]
    assert frame["accuracy_m"].tolist() == [10, 20]  # the caller's frame is as it was


def test_seven_parameters_do_what_the_published_formula_does() -> None:
    """Position vector transformation, EPSG guidance note 7-2, section 4.3.3.1, written out."""
    seven = (24.0, -123.0, -94.0, 0.02, -0.25, 0.13, 1.1)
    frame = points([123.4, 118.9], [41.8, 39.1], 4610)
    moved = datums.to_wgs84(frame, parameters=datums.Helmert(*seven, accuracy_m=5.0))
    cart = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +a=6378140 +rf=298.257"
    )
    back = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=cart +ellps=WGS84 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    for old, new in zip(frame.geometry, moved.geometry, strict=True):
        rx, ry, rz = np.radians(np.array(seven[3:6]) / 3600)
        turn = np.array([[1, -rz, ry], [rz, 1, -rx], [-ry, rx, 1]])
        xyz = np.array(seven[:3]) + (1 + seven[6] * 1e-6) * turn @ np.array(cart.transform(old.x, old.y, 0.0))
        lon, lat, _ = back.transform(*xyz)
        assert crs.distance_m(new.x, new.y, lon, lat) < 1e-4
    assert moved["accuracy_m"].tolist() == [5, 5]
    turned = datums.Helmert(*seven[:3], *(-r for r in seven[3:6]), seven[6], convention="coordinate_frame")
    other = datums.to_wgs84(frame, parameters=turned)
    assert np.allclose(
        crs.distance_m(moved.geometry.x, moved.geometry.y, other.geometry.x, other.geometry.y), 0, atol=1e-4
    )
