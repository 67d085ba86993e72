"""Cases of other people's suites: GeographicLib (in its wheel), PROJ's gie, PostGIS. Facts with their sources."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from brute import frame, points
from geographiclib.geodesic import Geodesic
from geographiclib.test.test_geodesic import GeodesicTest

from regionmap import crs
from regionmap.queries.proximity import near, nearest


@pytest.mark.parametrize("case", GeodesicTest.testcases, ids=lambda c: f"{c[0]},{c[1]}")
def test_geographiclib_inverse_cases(case: list[float]) -> None:
    """The twenty cases of geographiclib/test/test_geodesic.py (Karney, MIT): lat1 lon1 azi1 lat2 lon2 azi2 s12."""
    lat1, lon1, _, lat2, lon2, _, metres = case[:7]
    assert crs.distance_m(lon1, lat1, lon2, lat2) == pytest.approx(metres, abs=1e-6)
    out = nearest(points([(lon1, lat1)]), points([(lon2, lat2)]))
    assert out["distance_m"].iloc[0] == pytest.approx(metres, abs=1e-6)


@pytest.mark.parametrize("metres", [0.5, 50, 5e3, 4.9e4, 9.9e4, 1.1e5, 1.5e6])
def test_point_to_point_at_every_distance(metres: float) -> None:
    """Against GeographicLib's direct problem, to 1e-6 m."""
    rng = np.random.default_rng(1)
    lon, lat, azimuth = rng.uniform(-180, 180, 50), rng.uniform(-89, 89, 50), rng.uniform(-180, 180, 50)
    x, y, _ = crs.GEOD.fwd(lon, lat, azimuth, np.full(50, metres))
    for one, two in zip(zip(lon, lat, strict=True), zip(x, y, strict=True), strict=True):
        out = nearest(points([one]), points([two]))
        assert out["distance_m"].iloc[0] == pytest.approx(metres, abs=1e-6)


GIE = [  # PROJ test/gie/builtins.gie, +proj=tmerc +ellps=GRS80, tolerance 50 nm there
    (2, 1, 222650.796797586, 110642.229411933),
    (2, -1, 222650.796797586, -110642.229411933),
    (-2, 1, -222650.796797586, 110642.229411933),
    (44.69, 35.37, 4168136.489446198, 4985511.302287407),
]


@pytest.mark.parametrize(("lon", "lat", "x", "y"), GIE)
def test_gie_transverse_mercator(lon: float, lat: float, x: float, y: float) -> None:
    base = pyproj.CRS("EPSG:4550").to_wkt()
    zero = pyproj.CRS(base.replace('"Longitude of natural origin",123', '"Longitude of natural origin",0')
                      .replace('"False easting",500000', '"False easting",0'))  # fmt: skip
    spot = crs.from_wgs84([shapely.Point(lon, lat)], zero)[0]
    assert (spot.x, spot.y) == (pytest.approx(x, abs=1e-6), pytest.approx(y, abs=1e-6))


POSTGIS_DISTANCES = [  # postgis/liblwgeom/cunit/cu_geodetic.c, test_spheroid_distance, tolerance 1 mm there
    ((0, 0), (0, 1), 110574.388615329),
    ((-10, 0), (0, 0), 1113194.90793274),
    ((-1, 0), (0, 0), 111319.490779),
    ((-180, 0), (0, 1), 19893357.0704483),
    ((-180, 0), (0, 90), 10001965.7295318),
]


@pytest.mark.parametrize(("one", "two", "metres"), POSTGIS_DISTANCES)
def test_postgis_spheroid_distance(one: tuple[float, float], two: tuple[float, float], metres: float) -> None:
    assert nearest(points([one]), points([two]))["distance_m"].iloc[0] == pytest.approx(metres, abs=1e-3)


LOT = (
    "POLYGON((-122.848227067007 42.5007249610493,-122.848309475585 42.5007179884263,-122.848327688675 42.500835880696,"
    "-122.848245279942 42.5008428533324,-122.848227067007 42.5007249610493))"
)
POLYGONS = [  # cu_geodetic.c, test_spheroid_area: a lot, and degrees beside and on the date line
    LOT,
    "POLYGON((-2 3, -2 4, -1 4, -1 3, -2 3))",
    "POLYGON((8.5 2,8.5 1,9.5 1,9.5 2,8.5 2))",
    "POLYGON((179.5 2,179.5 1,-179.5 1,-179.5 2,179.5 2))",
]


@pytest.mark.parametrize("wkt", POLYGONS)
def test_postgis_polygons_have_geographiclibs_area(wkt: str) -> None:
    """PostGIS's own numbers for the degrees are of its first release's integration, 3e-5 off; the lot's is right."""
    polygon = Geodesic.WGS84.Polygon()
    for lon, lat in shapely.from_wkt(wkt).exterior.coords[:-1]:
        polygon.AddPoint(lat, lon)
    assert crs.area_m2(shapely.from_wkt(wkt)) == pytest.approx(abs(polygon.Compute()[2]), rel=1e-9, abs=1e-5)
    if wkt == LOT:
        assert crs.area_m2(shapely.from_wkt(wkt)) == pytest.approx(89.8684316032, abs=1e-4)


@pytest.mark.parametrize("lat", [89, -89])
def test_geographiclib_planimeter_about_a_pole(lat: float) -> None:
    """PlanimeterTest.test_Planimeter0 of the wheel."""
    ring = shapely.Polygon([(0, lat), (90, lat), (180, lat), (270, lat)])
    assert crs.area_m2(ring) == pytest.approx(24952305678.0, abs=1)
    assert crs.length_m(ring) == pytest.approx(631819.8745, abs=1e-4)
    assert list(near(points([(45, lat), (10, np.sign(lat) * 90), (0, 0)]), frame([ring]), within_m=0).index) == [1]


def test_postgis_point_to_line() -> None:
    """The example of ST_Distance in the PostGIS manual; its foot is a sphere's, so it is 0.5 mm too long."""
    out = nearest(points([(-72.1235, 42.3521)]), frame(["LINESTRING(-72.1260 42.45, -72.123 42.1546)"]))
    assert out["distance_m"].iloc[0] == pytest.approx(123.802076746848, abs=1e-3)


@pytest.mark.parametrize(
    ("one", "two", "meets"),
    [  # cu_geodetic.c, test_lwgeom_distance_sphere and test_lwpoly_covers_point2d: what touches on the sphere does here
        ("LINESTRING(-30 10, -20 5, -10 3, 0 1)", "LINESTRING(-10 -5, -5 20, 5 0, 10 -5)", True),
        ("LINESTRING(-30 10, -20 5, -10 3, 0 1)", "LINESTRING(-10 -5, -5 0, 5 0, 10 -5)", False),
        ("POLYGON((-4 1, -3 5, 1 2, 1.5 -5, -4 1))", "POINT(-1 -1)", True),
        ("POLYGON((-4 -4, -4 4, 4 4, 4 -4, -4 -4), (-2 -2, -2 2, 2 2, 2 -2, -2 -2))", "POINT(-1 -1)", False),
        ("POLYGON((-4 -4, -4 4, 4 4, 4 -4, -4 -4), (-2 -2, -2 2, 2 2, 2 -2, -2 -2))", "POINT(2 2)", True),
        ("POLYGON((-9 50,51 -11,-10 50,-9 50))", "POINT(-10 50)", True),
        ("POLYGON((0 0, 0 10, 10 10, 10 0, 0 0))", "POINT(5 5)", True),
    ],
)
def test_postgis_touching(one: str, two: str, meets: bool) -> None:
    assert len(near(frame([one]), frame([two]), within_m=0)) == meets


def test_postgis_dwithin() -> None:
    """regress/core/geography.sql: POINT(10.01 5) is within 3000 m of the ten-degree square, not within 1000 m."""
    square, spot = frame(["POLYGON((0 0, 0 10, 10 10, 10 0, 0 0))"]), points([(10.01, 5)])
    assert len(near(spot, square, within_m=3000)) == 1
    assert len(near(spot, square, within_m=1000)) == 0
