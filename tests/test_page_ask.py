"""The page asks back: every kind of target equals `rm.near`; list, filters, downloads, address, keyboard, old browsers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import a_record, made_region

import regionmap as rm

ROWS = "Object.fromEntries(regionmap.state.answer.rows().map(r => [r.f.id, [r.d, r.certain]]))"


@pytest.fixture(scope="module")
def path(region: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ask")
    recipe = {"title": "t", "frame": "沈阳市 + 铁岭市", "layer": [{"title": "园区", "show": "parks"}, {"title": "走廊", "show": "corridors"}],
              "question": {"corridor": "沈铁城际铁路", "within_km": 10}}  # fmt: skip
    rm.save_html(rm.render(region, recipe), folder / "x.html")
    return folder / "x.html"


def expected(region: Any, target: Any, km: float, leave: Any = ()) -> Any:
    """What `rm.near` gives for what the page asks of: placed, named by a plan, no zones, each thing once."""
    things = region.latest(region.features())
    things = things[(things["kind"] != "zone") & things.geometry.notna() & ~things.index.isin(list(leave))]
    return rm.near(things, target, within_m=km * 1000)


def same(found: dict[str, Any], truth: Any, km: float) -> None:
    rows = {k: (d, c, s) for k, d, c, s in zip(truth.index, truth["distance_m"], truth["certainty"], truth["accuracy_m"], strict=True)}
    for key in found.keys() | rows.keys():
        if key in rows and min(abs(rows[key][0] + sign * rows[key][2] - km * 1000) for sign in (1, -1)) < 5:
            continue  # at the limit itself
        assert key in found and key in rows, key
        assert found[key][1] == (rows[key][1] == "certain"), key
        assert abs(found[key][0] - rows[key][0]) < max(1.0, rows[key][0] * 1e-5), key


def frame(shape: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"accuracy_m": [0.0]}, geometry=[shape], crs=4326)


def test_every_target_equals_near(region: Any, path: Path, open_page: Callable[..., Any]) -> None:
    page, random = open_page(path), np.random.default_rng(3)
    for _ in range(3):
        line = np.column_stack([random.uniform(122.5, 124.5, 3), random.uniform(41, 42.8, 3)]).round(5).tolist()
        km = round(float(random.uniform(3, 40)), 2)
        page.run("([p, km]) => { const s = regionmap.state; s.asked.km = km; RM.question.choose(s, RM.question.made(s, 'line', p), false); }", [line, km])
        same(page.run(ROWS), expected(region, frame(shapely.LineString(line)), km), km)
        page.run("([p, km]) => { const s = regionmap.state; RM.question.choose(s, RM.question.made(s, 'place', p), false); }", [line[:1], km])
        same(page.run(ROWS), expected(region, frame(shapely.Point(line[0])), km), km)
    every = region.latest(region.features())
    zone = every[(every["kind"] == "zone") & (every.geometry.geom_type == "Polygon")].iloc[[0, 5]]
    park = every[(every["kind"] == "park") & every.geometry.notna()].iloc[[2]]
    for key, row in [*zone.iterrows(), *park.iterrows()]:
        page.run("([id, km]) => { const s = regionmap.state; s.asked.km = km; RM.question.choose(s, s.data.features.find(f => f.id === id), true); }", [key, 7.31])
        leave = [key, *region.parts(key)]
        same(page.run(ROWS), expected(region, region.records.loc[[key]], 7.31, leave), 7.31)
        assert page.run("document.querySelector('#rm-corridor').selectedOptions[0].textContent") == row["name"]
    assert page.errors == []


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_a_line_is_drawn_by_hand(touch: bool, path: Path, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844} if touch else {"width": 1200, "height": 800}, has_touch=touch)
    tab = context.new_page()
    tab.goto(path.as_uri())
    tab.wait_for_selector("#rm-app[data-state=ready]", timeout=20_000)
    if touch:
        tab.tap("#rm-menu")
    (tab.tap if touch else tab.click)("#rm-draw")
    box = tab.query_selector(".folium-map").bounding_box()
    for x, y in ((0.3, 0.3), (0.5, 0.45), (0.7, 0.35)):
        (tab.touchscreen.tap if touch else tab.mouse.click)(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        tab.wait_for_timeout(350)
    assert tab.evaluate("regionmap.state.sketch.points.length") == 3
    (tab.tap if touch else tab.click)(".rm-sketch button >> nth=1")
    assert tab.evaluate("regionmap.state.sketch.points.length") == 2
    (tab.tap if touch else tab.click)(".rm-sketch button >> nth=0")
    assert tab.evaluate("[regionmap.state.sketch, regionmap.state.answer.target.shape.lines.length, document.querySelectorAll('.rm-sketch').length]") == [None, 1, 0]
    assert tab.is_visible("#rm-rows tr")
    context.close()


def test_a_line_is_drawn_by_keyboard_and_escape_gives_up(path: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(path)
    before = page.run("regionmap.state.answer.target.id")
    page.tab.focus("#rm-draw")
    page.tab.keyboard.press("Enter")
    for key in (" ", "ArrowRight", "ArrowRight", " ", "Backspace", "ArrowDown", " "):
        page.tab.keyboard.press(key)
        page.tab.wait_for_timeout(400)  # the map glides
    page.tab.keyboard.press("Escape")
    assert page.run("[regionmap.state.sketch, regionmap.state.answer.target.id]") == [None, before]
    page.tab.focus("#rm-draw")
    page.tab.keyboard.press("Enter")
    for key in (" ", "ArrowRight", "ArrowRight", " ", "Enter"):
        page.tab.keyboard.press(key)
        page.tab.wait_for_timeout(400)
    given = page.run("regionmap.state.answer.target.given")
    assert len(given) == 2 and given[1][0] > given[0][0] and abs(given[1][1] - given[0][1]) < 0.01


def test_the_list_sorts_filters_and_holds_only_what_is_in_sight(region: Any, path: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(path)
    total = page.run("() => { regionmap.state.ask(regionmap.state.answer.target.n, 900); return regionmap.state.listed.length; }")
    assert total > 800 and page.run("document.querySelectorAll('#rm-rows tr').length") < 80
    assert page.run("document.querySelector('#rm-table').getAttribute('aria-rowcount')") == str(total + 1)
    page.run("() => { const b = document.getElementById('rm-list'); b.scrollTop = b.scrollHeight; }")
    page.wait(f"!!document.querySelector('#rm-rows tr[aria-rowindex=\"{total + 1}\"]')")
    page.tab.click("#rm-wide")
    keys = {"d": "regionmap.state.measured.d[k]", "kind": "regionmap.state.data.columns.kind.codes[regionmap.state.measured.n[k]]",
            "status": "regionmap.state.data.columns.status.codes[regionmap.state.measured.n[k]]"}  # fmt: skip
    for key, value in keys.items():
        for word in ("ascending", "descending"):
            page.tab.click(f"[data-sort={key}]")
            assert page.run(f"document.querySelector('[data-sort={key}]').closest('th').getAttribute('aria-sort')") == word
            values = page.run(f"Array.from(regionmap.state.listed, (k) => {value})")
            assert values == sorted(values, reverse=word == "descending")
    every = region.latest(region.features())
    page.tab.select_option("#rm-by-kind", "project")
    page.tab.select_option("#rm-by-period", "2021-2025")
    start, end = every["start"].fillna(every["end"]), every["end"].fillna(every["start"])
    wanted = every[(every["kind"] == "project") & (start <= 2025) & (end >= 2021)].index
    ids = "Array.from(regionmap.state.listed, (k) => regionmap.state.data.features[regionmap.state.measured.n[k]].id)"
    shown = page.run(ids)
    assert shown and set(shown) == set(wanted) & set(page.run(f"Object.keys({ROWS})"))
    page.tab.fill("#rm-text", every.loc[shown[0], "name"][:3])
    assert shown[0] in page.run(ids) and len(page.run(ids)) < len(shown)
    assert page.errors == []


def test_a_plan_keeps_what_it_names_though_a_later_one_does_too(region: Any, path: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(path)
    page.run("() => { regionmap.state.ask(regionmap.state.answer.target.n, 900); }")
    every = region.latest(region.features())
    wanted = {key for key in every.index if "tieling-2021" in set(region.same(key)["plan"])}
    assert wanted - set(every.index[every["plan"] == "tieling-2021"]), "no thing that a later plan names again"
    page.tab.select_option("#rm-by-plan", region.plans["tieling-2021"].short)
    shown = page.run("Array.from(regionmap.state.listed, (k) => regionmap.state.data.features[regionmap.state.measured.n[k]].id)")
    assert set(shown) == wanted & set(page.run(f"Object.keys({ROWS})"))
    page.tab.click("#rm-wide")
    cells = page.run("[...document.querySelectorAll('#rm-rows tr[data-n]')].map(tr => tr.children[4].textContent)")
    assert cells and all(region.plans["tieling-2021"].short in cell for cell in cells)


def test_the_distance_box_takes_what_is_typed(path: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(path)
    page.tab.fill("#rm-km", "")
    page.tab.wait_for_timeout(100)
    assert page.run("regionmap.state.answer.km") == 10
    page.tab.fill("#rm-km", "-5")
    page.tab.press("#rm-km", "Tab")
    assert page.run("[regionmap.state.asked.km, document.getElementById('rm-km').value]") == [0, "0"]
    page.tab.fill("#rm-km", "1.23456789012345")
    page.wait("location.hash.includes('km=')")
    assert open_page(path).run("(hash) => { location.replace(hash); return RM.link.number(hash.split('km=')[1], 0, 1000); }", page.run("location.hash")) == 1.23456789012345


def test_the_band_of_a_zone_covers_what_lies_in_it(tiny: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    rm.save_html(rm.render(tiny, {"title": "t", "layer": [{"show": "zones", "labels": False}]}), tmp_path / "x.html")
    page = open_page(tmp_path / "x.html")
    colour = """([lon, lat]) => { const s = regionmap.state, p = s.map.latLngToLayerPoint([lat, lon]).subtract(s.canvas._bounds.min), r = s.canvas.ratio;
      return Array.from(s.canvas._container.getContext('2d').getImageData(p.x * r, p.y * r, 1, 1).data); }"""
    places = [[100.4, 40.7], [100.6, 40.15], [100.75, 40.8]]  # two in the zone, one outside; none near a border
    before = [page.run(colour, place) for place in places]
    page.run("() => { regionmap.state.ask(regionmap.state.data.features.findIndex((f) => f.id === 'p1/zone'), 1); }")
    after = [page.run(colour, place) for place in places]
    assert [a != b for a, b in zip(before, after, strict=True)] == [True, True, False]


def test_a_list_of_nothing_has_its_heads(path: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(path)
    page.tab.fill("#rm-text", "没有这样的事项")
    with page.tab.expect_download() as got:
        page.tab.click("#rm-csv")
    text = Path(got.value.path()).read_text("utf-8")
    assert text.startswith("\ufeffid,name,") and text.endswith(",citations\n") and text.count("\n") == 1


def test_downloads_say_what_near_says(region: Any, path: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(path)
    page.run("() => { regionmap.state.ask(regionmap.state.answer.target.n, 12.34); }")
    key = page.run("regionmap.state.answer.target.id")
    truth = expected(region, region.records.loc[[key]], 12.34, [key, *region.parts(key)])
    with page.tab.expect_download() as got:
        page.tab.click("#rm-geojson")
    geo = json.loads(Path(got.value.path()).read_text("utf-8"))
    with page.tab.expect_download() as got:
        page.tab.click("#rm-csv")
    rows = list(csv.DictReader(io.StringIO(Path(got.value.path()).read_text("utf-8-sig"), newline="")))
    assert {r["id"]: r["certainty"] for r in rows} == dict(zip(truth.index, truth["certainty"], strict=True))
    assert geo["type"] == "FeatureCollection" and "crs" not in geo and geo["question"]["within_km"] == 12.34
    points = region.records.loc[[r["id"] for r in rows if r["chainage_m"]]].loc[lambda t: t.geometry.geom_type == "Point"].iloc[:30]
    along = rm.chainage(points, region.records.loc[[key]])
    metres = dict(zip(along["id"], along["chainage_m"], strict=True))
    for row, feature in zip(rows, geo["features"], strict=True):
        shape, said = shapely.geometry.shape(feature["geometry"]), feature["properties"]
        assert shapely.is_valid(shape) or shape.geom_type.endswith("LineString")
        for part in shapely.get_parts(shape):
            assert part.geom_type != "Polygon" or part.exterior.is_ccw
        assert shapely.distance(shape, region.records.loc[row["id"]].geometry) < 1e-4
        assert float(row["distance_m"]) == said["distance_m"] and said["citations"]
        if row["id"] in metres:
            assert abs(float(row["chainage_m"]) - metres[row["id"]]) < 3


def test_the_address_brings_everything_back(path: Path, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 1200, "height": 800})
    tab = context.new_page()
    tab.goto(path.as_uri())
    tab.wait_for_selector("#rm-app[data-state=ready]", timeout=20_000)
    tab.evaluate(
        """() => { const s = regionmap.state; s.map.setView([42.1, 123.9], 9, { animate: false }); s.map.fire("dragstart");
        RM.question.choose(s, RM.question.made(s, "line", [[123.4, 41.9], [124.1, 42.3]]), false);
        s.asked.km = 22; document.getElementById("rm-km").value = 22; document.getElementById("rm-km").dispatchEvent(new Event("input")); }"""
    )
    tab.select_option("#rm-by-kind", "project")
    tab.click("[data-sort=d]")
    tab.click("[data-tab=layers]")
    tab.click("#rm-layer-0")
    tab.wait_for_timeout(600)
    see = """() => { const s = regionmap.state, c = s.map.getCenter(); return [Number(c.lat.toFixed(3)), Number(c.lng.toFixed(3)), s.map.getZoom(), s.data.layers.map(l => l.visible),
      s.answer.target.given, s.answer.km, s.answer.certain, s.answer.possible, s.listed.length, s.sort, RM.tabs.shown()]; }"""
    one, address = tab.evaluate(see), tab.evaluate("location.href")
    assert "#" in address and address.startswith("file://")
    other = context.new_page()
    other.goto(address)
    other.wait_for_selector("#rm-app[data-state=ready]", timeout=20_000)
    assert other.evaluate(see) == one
    other.goto(path.as_uri() + "#km=22")  # another address in the open page: no filter, the first target
    other.wait_for_selector("#rm-app[data-state=ready]", timeout=20_000)
    assert other.evaluate("[regionmap.state.asked.km, regionmap.state.sought.kind, !regionmap.state.asked.target.made]") == [22, "", True]
    context.close()


def test_a_card_says_no_more_than_is_known(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """No chainage where two lines cross (which of their places?), three figures of a length or an area, small ones too."""
    records = [a_record("p1/one", "甲线", "甲镇 > 丁园", kind="corridor"), a_record("p1/two", "乙线", "丙港 > 乙站", kind="corridor"), a_record("p1/park", "小园", "丙港 ~ 200 m", kind="park")]
    recipe = {"title": "t", "layer": [{"show": "all"}], "question": {"corridor": "p1/one", "within_km": 9}}
    rm.save_html(rm.render(made_region(tmp_path / "g", *records), recipe), tmp_path / "x.html")
    page = open_page(tmp_path / "x.html")
    card = "(id) => RM.popup.card(regionmap.state, regionmap.state.data.features.find((f) => f.id === id)).textContent"
    assert "距甲线 0 m" in page.run(card, "p1/two") and "K0" not in page.run(card, "p1/two") and "约 89.2 km" in page.run(card, "p1/two")
    assert "约 0.126 km²" in page.run(card, "p1/park")


def test_search_works_by_keyboard(path: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(path)
    page.tab.click("#rm-search")
    page.tab.keyboard.type("铁路")
    page.tab.keyboard.press("ArrowDown")
    page.tab.keyboard.press("ArrowDown")
    second = page.run("[...document.querySelectorAll('#rm-found button')].indexOf(document.activeElement)")
    page.tab.keyboard.press("ArrowUp")
    page.tab.keyboard.press("ArrowUp")
    assert second == 1 and page.run("document.activeElement.id") == "rm-search"
    page.tab.keyboard.press("ArrowDown")
    name = page.run("document.activeElement.querySelector('span').textContent")
    page.tab.keyboard.press("Enter")
    assert page.run("document.querySelector('.leaflet-popup h3').textContent") == name


@pytest.mark.parametrize("broken", ["delete window.Promise", "delete window.URLSearchParams", "HTMLCanvasElement.prototype.getContext = () => null", "delete window.TextDecoder"])
def test_an_older_browser_says_so_in_chinese(broken: str, path: Path, chromium: Any) -> None:
    context = chromium.new_context()
    context.add_init_script(broken)
    tab = context.new_page()
    tab.goto(path.as_uri())
    tab.wait_for_timeout(300)
    assert "浏览器版本过低" in tab.inner_text("body") and not tab.is_visible("#rm-app")
    context.close()


def test_without_script_the_page_says_so(path: Path, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(path.as_uri())
    assert "禁用了脚本" in tab.inner_text("body")
    context.close()
