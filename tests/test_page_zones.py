"""Which zones a place or a thing lies in: the page against `rm.membership`, for every shipped zone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

import regionmap as rm

AWAY_M = 3.0  # the page's borders are rounded to a metre: what lies nearer to a limit may differ
ASK = """(list) => { const s = regionmap.state; return JSON.stringify(list.map(([lon, lat, acc]) => {
  const shape = { points: [new Float64Array([lon, lat])], lines: [], areas: [] };
  return RM.zones.of(s, shape, acc, -1).map((z) => [z.f.id, z.certain]); })); }"""


@pytest.fixture(scope="module")
def zones(region: Any) -> Any:
    every = region.latest(region.features(kind="zone"))
    return every[every.geometry.notna() & every.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]


@pytest.fixture(scope="module")
def zoned(region: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that shows parks: the zones come along all the same."""
    path = tmp_path_factory.mktemp("zones") / "x.html"
    rm.save_html(rm.render(region, {"title": "t", "frame": "沈阳市", "layer": [{"show": "parks"}]}), path)
    return path


def same(found: list[Any], truth: Any, slack: float) -> None:
    """The same certainty, but for what lies within a few metres of a limit."""
    if len(truth) and (abs(truth["border_m"].iloc[0] - slack) <= AWAY_M or truth["border_m"].iloc[0] <= AWAY_M):
        return
    assert ["certain" if z[1] else "possible" for z in found] == list(truth["certainty"]), (found, truth)


def test_random_places_and_every_zone(region: Any, zones: Any, zoned: Path, open_page: Callable[..., Any]) -> None:
    assert len(zones) > 100
    random = np.random.default_rng(20)
    west, south, east, north = zones.total_bounds
    places = np.column_stack([random.uniform(west - 0.2, east + 0.2, 60), random.uniform(south - 0.2, north + 0.2, 60)]).round(5)
    edges = shapely.line_interpolate_point(shapely.boundary(zones.geometry.to_numpy()), random.uniform(0, 1, len(zones)), normalized=True)
    near = shapely.get_coordinates(edges) + random.normal(0, 0.01, (len(zones), 2))
    places = np.vstack([places, near.round(5)])
    limits = np.where(np.arange(len(places)) % 3 == 0, 0.0, random.uniform(50, 20_000, len(places))).round(1)
    page = open_page(zoned)
    found = json.loads(page.run(ASK, [[*map(float, p), float(a)] for p, a in zip(places, limits, strict=True)]))
    points = gpd.GeoDataFrame({"accuracy_m": limits}, geometry=shapely.points(places), crs=4326)
    truth = rm.membership(points, zones)
    accuracy = zones["accuracy_m"].to_dict()
    assert sum(map(len, found)) > 300
    for n, mine in enumerate(found):
        theirs = truth[truth.index == n]
        for key in {z[0] for z in mine} | set(theirs["to"]):  # each zone has a limit of its own
            same([z for z in mine if z[0] == key], theirs[theirs["to"] == key], limits[n] + accuracy[key])
    assert page.errors == []


def test_things_lie_in_the_same_zones(region: Any, zones: Any, zoned: Path, open_page: Callable[..., Any]) -> None:
    things = region.features(plan="tieling-2021")
    things = things[things.geometry.notna() & (things["kind"] != "zone")].iloc[::4]
    truth = rm.membership(things, zones)
    page = open_page(zoned)
    found = page.run(
        """(ids) => { const s = regionmap.state, by = new Map(s.data.features.map((f) => [f.id, f]));
        return ids.map((id) => { const f = by.get(id); return f ? RM.zones.of(s, f.shape, f.acc, f.n).map((z) => [z.f.id, z.certain]) : null; }); }""",
        list(things.index),
    )
    accuracy, asked = zones["accuracy_m"].to_dict(), 0
    for key, mine in zip(things.index, found, strict=True):
        if mine is None:  # another plan's record stands for it
            continue
        theirs, asked = truth.loc[[key]] if key in truth.index else truth.iloc[:0], asked + 1
        for zone in {z[0] for z in mine} | set(theirs["to"]):
            same([z for z in mine if z[0] == zone], theirs[theirs["to"] == zone], things.loc[key, "accuracy_m"] + accuracy[zone])
    assert asked > 20


def test_a_click_and_a_card_name_the_zones_with_their_clauses(region: Any, zoned: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(zoned)
    page.run("() => RM.popup.open(regionmap.state, [], [41.8, 123.43], true)")
    card = page.run("document.querySelector('.leaflet-popup .rm-card').textContent")
    zones = page.run("[...document.querySelectorAll('.leaflet-popup .rm-zones li')].map(li => [li.querySelector('button').textContent, li.querySelector('small').textContent])")
    assert "41.8000°N" in card and len(zones) > 5
    assert any("沈阳" in name for name, _ in zones) and all(clauses for _, clauses in zones)
    page.tab.click(".leaflet-popup .rm-zones button >> nth=0")
    assert page.run("document.querySelector('.leaflet-popup h3').textContent") == zones[0][0]
    page.tab.click(".leaflet-popup .rm-back")
    assert "41.8000°N" in page.run("document.querySelector('.leaflet-popup .rm-card').textContent")


def test_a_region_says_how_far_it_lies_and_a_tap_leaves_no_tooltip(tiny: Any, tmp_path: Path, chromium: Any) -> None:
    recipe = {"title": "t", "layer": [{"show": "units", "level": "county", "count": {}}], "question": {"corridor": "甲丁城际", "within_km": 5}}
    rm.save_html(rm.render(tiny, recipe), tmp_path / "x.html")
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    tab = context.new_page()
    tab.goto((tmp_path / "x.html").as_uri())
    tab.wait_for_selector("#rm-app[data-state=ready]", timeout=20_000)
    county = tiny.locate("乙县")
    truth = rm.near(county, tiny.records.loc[["p2/line"]], within_m=1e6)["distance_m"].iloc[0]
    box = tab.query_selector(".folium-map").bounding_box()
    x, y = tab.evaluate("(() => { const p = regionmap.state.map.latLngToContainerPoint([40.1, 100.9]); return [p.x, p.y]; })()")
    tab.touchscreen.tap(box["x"] + x, box["y"] + y)
    tab.wait_for_selector(".leaflet-popup h3")
    tab.wait_for_timeout(300)
    card = tab.inner_text(".leaflet-popup .rm-card")
    assert "乙县" in card and f"距甲丁城际 {truth / 1000:.1f} km" in card
    assert not tab.is_visible("#rm-tip")
    context.close()
