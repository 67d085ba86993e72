"""Distances against brute force on the ellipsoid, near and far, on both engines."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from brute import frame, point_to_line_m, points, wiggly

from regionmap import crs
from regionmap.queries import _fast
from regionmap.queries.proximity import near, nearest


@pytest.fixture(params=["numpy", "numba"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(_fast, "FAST_FROM", 1 if request.param == "numba" else 10**12)
    return str(request.param)


@pytest.mark.parametrize(("lat", "span"), [(41, 0.05), (41, 3), (0, 3), (70, 3), (88, 1.5), (-41, 20)])
@pytest.mark.parametrize(("vertices", "step"), [(4, 1.0), (150, 0.004)])
def test_point_to_line(engine: str, lat: float, span: float, vertices: int, step: float) -> None:
    rng = np.random.default_rng(int(abs(lat) * 10 + vertices))
    start = (rng.uniform(-180, 180), lat)
    line = wiggly(rng, vertices, step, start)
    xy = shapely.get_coordinates(line)
    line = shapely.LineString(xy[np.abs(xy[:, 1]) < 89.9])
    spots = np.column_stack([
        start[0] + rng.uniform(-span, span, 12) / np.cos(np.radians(lat)),
        np.clip(start[1] + rng.uniform(-span, span, 12), -89.9, 89.9),
    ])  # fmt: skip
    out = nearest(points(spots), frame([line]))
    for spot, found in zip(spots, out["distance_m"], strict=True):
        truth = point_to_line_m(spot, line)
        assert abs(found - truth) <= (2e-6 if truth <= 50_000 else 1e-8 * truth)


def test_choice_between_lines_far_off(engine: str) -> None:
    """The ellipsoid orders distances otherwise than chords do; the answer must be the least."""
    rng = np.random.default_rng(8)
    for far in (0.4, 2.0, 6.0):
        turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        ring = [crs.GEOD.fwd(123, 41, np.degrees(t), far * 111_000)[:2] for t in turn]
        spots = np.array([(123, 41)]) + rng.normal(0, 1e-5, (5, 2))
        out = nearest(points(spots), points(ring))
        for spot, found in zip(spots, out["distance_m"], strict=True):
            truth = min(crs.distance_m(*spot, *p) for p in ring)
            assert abs(found - truth) <= (1e-3 if truth <= 50_000 else 1e-6 * truth)


def test_long_straight_pieces_are_geodesics(engine: str) -> None:
    line = shapely.LineString([(120, 41), (126, 41)])
    lon, lat, _ = crs.GEOD.fwd(*(120, 41), crs.GEOD.inv(120, 41, 126, 41)[0], 250_000)
    out = nearest(points([(lon, lat)]), frame([line]))
    assert out["distance_m"].iloc[0] <= 1e-5
    # the parallel between the ends is another line, 4 km south of the geodesic's middle
    assert nearest(points([(123, 41)]), frame([line]))["distance_m"].iloc[0] > 4_000


def test_polygons_have_geodesic_borders(engine: str) -> None:
    box = frame([shapely.box(120, 38, 126, 41)])
    out = near(points([(123, 41.03), (123, 41.09)]), box, within_m=10_000)
    assert out["distance_m"].iloc[0] == 0  # north of the parallel, south of the geodesic
    assert 0 < out["distance_m"].iloc[1] < 6_000
    truth = point_to_line_m((123, 41.09), box.geometry[0].exterior)
    assert out["distance_m"].iloc[1] == pytest.approx(truth, abs=2e-6)


def test_the_antimeridian_and_the_poles_are_nothing_special(engine: str) -> None:
    a = points([(179.9, 10.0), (-179.9, 10.0), (100, 89.99)])
    b = frame(["LINESTRING (179.95 9, -179.95 11)", "POINT (-80 89.99)"])
    out = nearest(a, b)
    assert list(out["to"]) == [0, 0, 1]
    assert out["distance_m"].iloc[2] == pytest.approx(2233.9, abs=1)
    for i, spot in enumerate([(179.9, 10.0), (-179.9, 10.0)]):
        assert out["distance_m"].iloc[i] == pytest.approx(point_to_line_m(spot, b.geometry[0]), abs=2e-6)
    across = frame([shapely.Polygon([(179, -1), (181, -1), (181, 1), (179, 1)])])
    assert list(near(points([(-179.5, 0), (179.5, 0), (178, 0)]), across, within_m=0).index) == [0, 1]


def test_lines_and_polygons_against_brute_force() -> None:
    rng = np.random.default_rng(9)
    a = frame([wiggly(rng, 12, 0.05, rng.uniform([121, 40], [122, 41])) for _ in range(6)])
    b = frame([shapely.box(x, y, x + 0.2, y + 0.3) for x, y in rng.uniform([123, 41.5], [125, 43], (6, 2))])
    out = near(a, b, within_m=1e6)
    assert len(out) == 36
    for shape, to, metres in zip(out.geometry, out["to"], out["distance_m"], strict=True):
        ring = b.geometry[to].exterior
        ends = [point_to_line_m(p, ring) for p in shape.coords] + [point_to_line_m(p, shape) for p in ring.coords]
        assert metres == pytest.approx(min(ends), rel=1e-8)


def test_a_polygon_wider_than_any_plane() -> None:
    """Its edges are geodesics of ten degrees; one longer than 180 degrees would be taken the short way round."""
    world = frame([shapely.segmentize(shapely.box(-170, -60, 170, 60), 10)])
    out = near(points([(0, 0), (100, 59), (0, 80), (175, 0)]), world, within_m=0)
    assert list(out.index) == [0, 1]
