"""Datums, zones, measures and shapes on the ellipsoid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from regionmap import crs
from regionmap.errors import CRSError, DatumError, InputError, MissingCRSError

GEOD = pyproj.Geod(ellps="WGS84")
SPOT = shapely.Point(123.4, 41.8)
GCJ = (
    'GEOGCRS["{0}",DATUM["{0}",ELLIPSOID["Krassowsky 1940",6378245,298.3]],CS[ellipsoidal,2],'
    'AXIS["lon",east],AXIS["lat",north],ANGLEUNIT["degree",0.0174532925199433]]'
)
LOCAL = 'ENGCRS["site grid",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'


def one(where: str | None, shape: shapely.Geometry = SPOT) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"n": [1]}, geometry=[shape], crs=where, index=["x"])


def test_a_missing_crs_is_an_error_with_the_remedy() -> None:
    for ask in (crs.require_crs, crs.to_wgs84):
        with pytest.raises(MissingCRSError, match=r"set_crs\('EPSG:4326'\)"):
            ask(one(None))
    assert issubclass(MissingCRSError, CRSError) and issubclass(CRSError, ValueError)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("EPSG:4610", r"Xian 80 .*datums\.to_wgs84 .*parameters=.*accuracy_m=150"), ("EPSG:2333", "Xian 80"), ("EPSG:4214", "Beijing 54"), ("EPSG:2433", "Beijing 54"),
        ("EPSG:4555", "New Beijing"), (GCJ.format("GCJ-02"), r"datums\.to_wgs84"), (GCJ.format("BD-09"), r"datums\.to_wgs84"),
        (LOCAL, "control points"), ("+proj=tmerc +lon_0=123 +ellps=GRS80 +x_0=500000", "ballpark"),
    ],
)  # fmt: skip
def test_refused_datums_say_how_to_convert(where: str, words: str) -> None:
    with pytest.raises(DatumError, match=words):
        crs.to_wgs84(one(where))


# zone width 3 degrees: EPSG code without and with zone prefix, central meridian, zone number
ZONES = [(4549, 4528, 120, 40), (4550, 4529, 123, 41), (4551, 4530, 126, 42)]


@pytest.mark.parametrize(("plain", "prefixed", "meridian", "zone"), ZONES)
def test_cgcs2000_zones(plain: int, prefixed: int, meridian: int, zone: int) -> None:
    for code, easting in ((plain, 500_000), (prefixed, zone * 1_000_000 + 500_000)):
        parameters = {p.name: p.value for p in pyproj.CRS(code).coordinate_operation.params}
        assert parameters["Longitude of natural origin"] == meridian and parameters["False easting"] == easting
        there = crs.from_wgs84([shapely.Point(meridian, 41)], f"EPSG:{code}")[0]
        assert (there.x, there.y) == (pytest.approx(easting, abs=1e-6), pytest.approx(4540573.291, abs=1e-3))
        back = crs.to_wgs84(one(f"EPSG:{code}", there)).geometry.iloc[0]
        assert back.distance(shapely.Point(meridian, 41)) < 1e-12


@pytest.mark.parametrize("where", ["EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:32651", "OGC:CRS84", "EPSG:4979", "EPSG:4258"])
def test_to_wgs84_keeps_rows_and_leaves_the_input(where: str) -> None:
    frame = one(where, crs.from_wgs84([SPOT], where)[0] if where != "EPSG:4258" else shapely.Point(10, 50))
    before = frame.copy(deep=True)
    out = crs.to_wgs84(frame)
    assert out.crs == "EPSG:4326" and list(out.index) == ["x"] and list(out["n"]) == [1]
    assert frame.crs == before.crs and frame.geometry.iloc[0].equals_exact(before.geometry.iloc[0])
    if where != "EPSG:4258":
        assert out.geometry.iloc[0].distance(SPOT) < 1e-9


def test_heights_and_empty_cells_stay() -> None:
    frame = gpd.GeoSeries([shapely.Point(500_000, 4_540_573, 12), None], crs="EPSG:4550")
    out = crs.to_wgs84(frame)
    assert out.iloc[0].z == 12 and out.iloc[1] is None


def test_coordinates_that_are_none_are_refused() -> None:
    with pytest.raises(CRSError, match="axes swapped"):
        crs.to_wgs84(one("EPSG:4326", shapely.Point(41.8, 123.4)))
    with pytest.raises(CRSError, match="no longitude and latitude"):
        crs.to_wgs84(one("EPSG:4490", shapely.Point(500_000, 4_540_573)))


def test_lengths_and_areas_are_geodesic() -> None:
    box = shapely.box(120, 40, 122, 42).difference(shapely.box(120.5, 40.5, 121, 41))
    many = [box, shapely.LineString([(120, 40), (121, 41), (123, 41)]), SPOT, None,
            shapely.GeometryCollection([box, shapely.LineString([(0, 0), (1, 1)])])]  # fmt: skip
    area, length = abs(GEOD.geometry_area_perimeter(shapely.geometry.polygon.orient(box))[0]), GEOD.geometry_length(many[1])
    np.testing.assert_allclose(crs.area_m2(many), [area, 0, 0, 0, area], rtol=1e-9)
    lengths = crs.length_m(many)
    assert lengths[1] == pytest.approx(length, abs=1e-6)
    assert list(lengths[2:4]) == [0, 0]
    assert lengths[4] == pytest.approx(lengths[0] + GEOD.line_length([0, 1], [0, 1]))
    assert isinstance(crs.length_m(many[1]), float) and isinstance(crs.area_m2(box), float)
    assert isinstance(crs.distance_m(0, 0, 1, 1), float)
    assert crs.distance_m([0, 0], [0, 0], [1, 2], 0).shape == (2,)


@pytest.mark.parametrize(
    "wkt",
    ["LINESTRING (120 41, 126 41)", "POLYGON ((120 41, 122 41, 122 42, 120 41))", "MULTILINESTRING ((0 0, 1 1), (5 5, 5 6))",
     "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (120 41, 121 41))", "LINESTRING (179 10, 181 11)"],
)  # fmt: skip
def test_densify_puts_points_on_geodesics(wkt: str) -> None:
    shape = shapely.from_wkt(wkt)
    fine = crs.densify(shape, 10_000)
    assert fine.geom_type == shape.geom_type
    assert crs.length_m(fine) == pytest.approx(crs.length_m(shape), rel=1e-12)
    xy, of = shapely.get_coordinates(shapely.get_parts(fine), return_index=True)
    steps = crs.distance_m(*xy[:-1].T, *xy[1:].T)[of[1:] == of[:-1]]
    assert steps.max() <= 10_000 + 1e-6
    old = {tuple(p) for p in shapely.get_coordinates(shape)}
    assert old <= {tuple(p) for p in shapely.get_coordinates(fine)}
    assert np.abs(np.diff(xy[:, 0]))[of[1:] == of[:-1]].max() < 1
    with pytest.raises(InputError, match="above 0"):
        crs.densify(shape, 0)


@pytest.mark.parametrize("metres", [50, 5_000, 200_000])
@pytest.mark.parametrize(
    "wkt",
    ["POINT (123 41)", "POINT (179.99 -10)", "LINESTRING (120 40, 123 42, 123.1 40.5)", "POLYGON ((120 40, 123 40, 123 42, 120 40))",
     "MULTIPOINT (120 40, 120.5 41)", "LINESTRING (10 70, 30 71)"],
)  # fmt: skip
def test_buffer_lies_within_a_thousandth(wkt: str, metres: float) -> None:
    from regionmap.queries.proximity import nearest

    shape = shapely.from_wkt(wkt)
    rim = crs.buffer(shape, metres).boundary
    spots = gpd.GeoDataFrame(geometry=shapely.points(shapely.get_coordinates(crs.densify(rim, metres / 7))), crs="EPSG:4326")
    source = shape.boundary if shape.geom_type == "Polygon" else shape
    away = nearest(spots, gpd.GeoDataFrame(geometry=[source], crs="EPSG:4326"))["distance_m"]
    assert abs(away / metres - 1).max() <= 1e-3


def test_buffer_of_polygons_grows_and_shrinks() -> None:
    box = shapely.box(120, 40, 121, 41)
    grown, shrunk = crs.buffer([box, box], 1000)[0], crs.buffer(box, -1000)
    assert crs.area_m2(shrunk) < crs.area_m2(box) < crs.area_m2(grown)
    assert crs.buffer(box, -100_000).is_empty and crs.buffer(SPOT, -5).is_empty and crs.buffer(None, 5).is_empty
    assert crs.area_m2(crs.buffer(box, 0)) == pytest.approx(crs.area_m2(box), rel=1e-9)
    hole = shapely.box(120, 40, 121, 41).difference(shapely.box(120.4, 40.4, 120.6, 40.6))
    assert crs.area_m2(crs.buffer(hole, 2000)) == pytest.approx(crs.area_m2(crs.buffer(box, 2000)) - crs.area_m2(
        crs.buffer(shapely.box(120.4, 40.4, 120.6, 40.6), -2000)), rel=1e-6)  # fmt: skip
    with pytest.raises(InputError, match="finite"):
        crs.buffer(box, float("nan"))


def test_collections_of_any_depth_are_measured_and_buffered() -> None:
    boxes = shapely.MultiPolygon([shapely.box(122.1, 41, 122.2, 41.1), shapely.box(122.4, 41, 122.5, 41.1)])
    lines = shapely.MultiLineString([[(122, 41), (122, 41.1)], [(123, 41), (123, 41.1)]])
    deep = shapely.GeometryCollection([boxes, shapely.GeometryCollection([lines])])
    assert crs.area_m2(deep) == crs.area_m2(boxes)
    assert crs.length_m(deep) == pytest.approx(crs.length_m(boxes) + crs.length_m(lines), abs=1e-6)
    apart = shapely.union_all([crs.buffer(boxes, 1_000), crs.buffer(lines, 1_000)])
    assert crs.area_m2(crs.buffer(deep, 1_000)) == pytest.approx(crs.area_m2(apart), rel=1e-6)
    with pytest.raises(InputError, match="half of the earth"):
        crs.buffer(boxes, 2e7)


def test_gcj02_and_bd09_published_values() -> None:
    """The examples printed in wandergis/coordtransform's README (MIT), 116.404, 39.915."""
    np.testing.assert_allclose(crs.wgs84_to_gcj02(116.404, 39.915), (116.41024449916938, 39.91640428150164), atol=1e-9)
    np.testing.assert_allclose(crs.gcj02_to_bd09(116.404, 39.915), (116.41036949371029, 39.92133699351021), atol=1e-9)
    # its inverses are one step of ours: right to some decimetres
    np.testing.assert_allclose(crs.gcj02_to_wgs84(116.404, 39.915), (116.39775550083061, 39.91359571849836), atol=1e-5)
    np.testing.assert_allclose(crs.bd09_to_gcj02(116.404, 39.915), (116.39762729119315, 39.90865673957631), atol=1e-5)


@pytest.mark.parametrize("there, back", [(crs.wgs84_to_gcj02, crs.gcj02_to_wgs84), (crs.gcj02_to_bd09, crs.bd09_to_gcj02),
                                         (crs.wgs84_to_bd09, crs.bd09_to_wgs84)])  # fmt: skip
def test_shifted_datums_round_trip(there, back) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(73, 135, 20_000), rng.uniform(4, 53, 20_000)
    x, y = back(*there(lon, lat))
    assert crs.distance_m(lon, lat, x, y).max() < 1e-6
    assert crs.distance_m(lon, lat, *there(lon, lat)).min() > 1
    assert back(*there(120.0, 40.0))[0] == pytest.approx(120, abs=1e-11)


def test_outside_china_gcj02_is_wgs84() -> None:
    assert [float(v) for v in crs.wgs84_to_gcj02(2.35, 48.85)] == [2.35, 48.85]
    assert [float(v) for v in crs.gcj02_to_wgs84(2.35, 48.85)] == [2.35, 48.85]
