"""Questions to layers in the database: the same rows as of files, of frames, and of what PostGIS itself measures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dask
import dask_geopandas
import geopandas
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
from kept import a_region
from postgres import Database, admin, cluster

import regionmap as rm
from regionmap import crs
from regionmap.plans import stores


@pytest.fixture(scope="module")
def held(region: Any) -> Any:
    """The shipped region in a database."""
    base = Database(cluster())
    region.save(base.url)
    return base, rm.open(base.url)


@pytest.fixture(scope="module", params=stores.READABLE)
def filed(request: Any, region: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("filed") / f"x{request.param}"
    region.save(path)
    return rm.open(path)


def assert_same_answer(one: Any, two: Any) -> None:
    """The same rows in order, labels and words alike, distances to 1 mm, areas and lengths to 1e-9."""
    assert list(one.columns.drop("geometry")) == list(two.columns.drop("geometry")) and list(one.index) == list(two.index)
    for column in one.columns.drop("geometry"):
        a, b = one[column], two[column]
        if column.startswith("nearest_"):  # of things that meet in several places, any is the nearest
            a, b = a[one["distance_m"] > 0], b[two["distance_m"] > 0]
        if pd.api.types.is_float_dtype(a):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-3 if column == "distance_m" else 1e-9)
        else:
            assert list(a.astype(object).where(a.notna(), None)) == list(b.astype(object).where(b.notna(), None)), column
    for key in ("unplaced", "unplaced_to"):
        assert one.attrs.get(key) == two.attrs.get(key)
    assert one.attrs["edition"] == two.attrs["edition"]


LINE = "沈铁城际铁路"


@pytest.mark.parametrize("within_m", [0, 5_000, 60_000])
def test_near_is_the_same_on_folder_file_and_database(region: Any, filed: Any, held: Any, within_m: float) -> None:
    layer = held[1].stored("park")
    line = region.feature(LINE)
    here = rm.near(region.features("park"), line, within_m=within_m)
    assert_same_answer(here, rm.near(filed.features("park"), filed.feature(LINE), within_m=within_m))
    assert_same_answer(here, rm.near(layer, line, within_m=within_m))
    assert_same_answer(here, rm.near(layer, held[1].stored(ids=line.index), within_m=within_m))
    back = rm.near(line, region.features("park"), within_m=within_m)
    assert_same_answer(back, rm.near(line, layer, within_m=within_m))
    assert len(here) and set(here["certainty"]) <= {"certain", "possible"}


PARTED = {
    "near": (("park", "corridor"), lambda a, b: rm.near(a, b, within_m=20_000)),
    "nearest": (("hub", "zone"), lambda a, b: rm.nearest(a, b, k=2)),
    "overlay": (("zone", "corridor"), lambda a, b: rm.overlay(a, b, suffix="_2")),
}


@pytest.mark.parametrize("name", PARTED)
def test_the_same_rows_in_partitions(region: Any, filed: Any, held: Any, name: str) -> None:
    """Folder, file and database give Dask the same frames, and Dask gives the same rows."""
    kinds, ask = PARTED[name]

    def frames(one: Any) -> tuple[Any, Any]:
        first = one.features(kinds[0], plan="tieling-2021")
        return first[first.geom_type.isin(["Polygon", "MultiPolygon"])] if name == "overlay" else first, one.features(kinds[1])

    here = ask(*frames(region))
    assert len(here)
    with dask.config.set({"dataframe.convert-string": False, "scheduler": "synchronous"}):
        for one in (region, filed, held[1]):
            a, b = frames(one)
            there = ask(dask_geopandas.from_geopandas(a, npartitions=3, sort=False), b).compute()
            there.attrs = here.attrs  # those of parts are put together by Dask
            assert_same_answer(here, there)


def test_zones_with_corridors(region: Any, held: Any) -> None:
    """Points, lines and areas of every accuracy, and rows without geometry."""
    zones, corridors = region.features("zone", "tieling-2021"), region.features("corridor")
    here = rm.near(zones, corridors, within_m=3_000)
    assert_same_answer(here, rm.near(held[1].stored("zone", "tieling-2021"), held[1].stored("corridor"), within_m=3_000))


@pytest.mark.parametrize("options", [{}, {"k": 3}, {"k": 2, "within_m": 20_000}])
def test_nearest_is_the_same(region: Any, held: Any, options: Any) -> None:
    parks, corridors = region.features("park"), region.features("corridor")
    here = rm.nearest(parks, corridors, **options)
    assert_same_answer(here, rm.nearest(held[1].stored("park"), held[1].stored("corridor"), **options))
    assert_same_answer(here, rm.nearest(parks, held[1].stored("corridor"), **options))
    assert_same_answer(here, rm.nearest(held[1].stored("park"), corridors, **options))


def test_overlay_is_the_same(region: Any, held: Any) -> None:
    zones = region.features("zone", plan="tieling-2021")
    zones = zones[zones.geom_type.isin(["Polygon", "MultiPolygon"])]
    other = region.features(plan="tieling-2021")
    here = rm.overlay(zones, other, suffix="_2")
    for two in (rm.overlay(zones, held[1].stored(plan="tieling-2021"), suffix="_2"), rm.overlay(held[1].stored(ids=zones.index), other=other, suffix="_2")):
        assert_same_answer(here, two)
    there = rm.overlay(zones, held[1].stored("corridor"), suffix="_2")
    assert_same_answer(rm.overlay(zones, region.features("corridor"), suffix="_2"), there)
    outside = rm.overlay(zones, region.features("corridor"), suffix="_2").attrs["outside_km"]
    assert there.attrs["outside_km"].keys() == outside.keys()
    assert all(abs(there.attrs["outside_km"][k] - v) < 1e-6 for k, v in outside.items())


def test_postgis_itself_agrees_within_what_is_stated(held: Any, region: Any) -> None:
    """Its own distances: exact between points, off by the edges and by 0.7 % of the distance to lines and areas."""
    base, opened = held
    answer = rm.near(opened.stored("park"), opened.stored("corridor"), within_m=50_000)
    pairs = list(zip(answer.index, answer["to"], strict=True))
    asked = """SELECT a.id, b.id, ST_Distance(a.geom::geography, b.geom::geography), a.slack_m + b.slack_m FROM
        unnest(%s::text[], %s::text[]) AS p (a, b) JOIN regionmap.records a ON a.id = p.a JOIN regionmap.records b ON b.id = p.b"""
    found = {(a, b): (d, s) for a, b, d, s in base.run(asked, [p[0] for p in pairs], [p[1] for p in pairs])}
    off = np.array([abs(found[p][0] - d) for p, d in zip(pairs, answer["distance_m"], strict=True)])
    allowed = np.array([1e-3 + 0.0068 * d + found[p][1] for p, d in zip(pairs, answer["distance_m"], strict=True)])
    worst = int(np.argmax(off - allowed))
    assert len(off) > 100
    assert (off <= allowed).all(), (pairs[worst], off[worst], allowed[worst], answer["distance_m"].iloc[worst])
    spots = region.features("park")
    spots = spots[spots.geom_type == "Point"][:40]
    ends = np.array([[p.x, p.y] for p in spots.geometry])
    there = base.run("SELECT ST_Distance(a.geom::geography, b.geom::geography) FROM regionmap.records a, regionmap.records b"
                     " WHERE a.id = %s AND b.id = ANY(%s) ORDER BY array_position(%s, b.id)",
                     spots.index[0], list(spots.index), list(spots.index))  # fmt: skip
    np.testing.assert_allclose([r[0] for r in there], crs.distance_m(*ends[0], *ends.T), atol=1e-3)


def test_long_edges_lose_no_pair(tmp_path: Path) -> None:
    """A line of 1,500 km in one piece departs from PostGIS' great circle by some 150 m; pairs at the limit stay."""
    small = a_region(tmp_path)
    long = shapely.LineString([(90.0, 45.0), (109.0, 45.0)])
    random = np.random.default_rng(9)
    spots = shapely.points(random.uniform(91, 108, 300), random.uniform(44.9, 45.6, 300))
    frame = geopandas.GeoDataFrame(
        {"id": ["p1/long", *(f"p1/s{n}" for n in range(300))], "name": "甲", "kind": ["corridor"] + ["facility"] * 300, "accuracy_m": 0.0},
        geometry=[long, *spots], crs=4326,
    )  # fmt: skip
    made, base = small.edit(records=frame), Database(cluster())
    made.save(base.url)
    opened = rm.open(base.url)
    line, points = made.records.loc[["p1/long"]], made.features("facility")
    for limit in np.sort(rm.near(points, line, within_m=1e6)["distance_m"])[10:200:30] + 1e-3:
        here = rm.near(points, line, within_m=float(limit))
        assert_same_answer(here, rm.near(opened.stored("facility"), opened.stored(ids=["p1/long"]), within_m=float(limit)))
    assert_same_answer(rm.nearest(line, points), rm.nearest(line, opened.stored("facility")))


def test_the_database_does_the_narrowing(held: Any, region: Any) -> None:
    """It uses its index on geography, and only rows that may matter leave it."""
    base, opened = held
    with admin(base.port, base.name) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT id FROM regionmap.records WHERE ST_DWithin(geom::geography, ST_MakePoint(123, 42)::geography, 1000)"
        ).fetchall()
    assert "Index Scan using records_geom" in str(plan)
    seen: list[int] = []

    def spy(a: Any, b: Any, **options: Any) -> Any:
        seen.append(len(a))
        return rm.near(a, b, **options)

    spy.__name__ = "near"
    from regionmap.plans.postgis.ask import ask

    ask(spy, opened.stored("project"), region.feature(LINE), {"within_m": 100})
    assert 0 < seen[0] < len(region.features("project"))


def test_wrong_questions_are_refused_in_the_same_words(region: Any, held: Any) -> None:
    layer, parks = held[1].stored("park"), region.features("park")
    for call, words in (
        (lambda f: rm.near(f, parks, within_m=-1), "0 or more"),
        (lambda f: rm.nearest(f, parks, k=0), "1 or more"),
        (lambda f: rm.overlay(f, parks), "olygon"),
        (lambda f: rm.near(f, parks.set_crs(None, allow_override=True), within_m=1), "no CRS"),
    ):
        for frame in (parks, layer):
            with pytest.raises(ValueError, match=words):
                call(frame)
    with pytest.raises(rm.errors.InputError, match="unknown kind"):
        held[1].stored("prk")
    with pytest.raises(rm.errors.NotFoundError, match="nearest"):
        held[1].stored(plan="tieling")
    assert psycopg.__version__ >= "3"
