"""The page in a real browser, offline: it paints, answers as Python does, and runs nothing from data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pytest
from conftest import RECIPES, ROOT
from injections import PAYLOADS

import regionmap as rm

SIZES = [(1600, 900), (390, 844)]
NAMES = [r.stem for r in RECIPES]


def resize(page: Any, size: tuple[int, int]) -> None:
    page.tab.set_viewport_size({"width": size[0], "height": size[1]})
    page.run("() => { regionmap.state.map.invalidateSize({animate: false}); regionmap.view(0); }")


def check_labels(page: Any, where: str) -> int:
    """No two label boxes overlap, none is cut off or lies under a control; returns how many there are."""
    labels = page.run("regionmap.labels()")
    width, height = page.run("(() => { const s = regionmap.state.map.getSize(); return [s.x, s.y]; })()")
    controls = page.run(
        "(() => { const m = regionmap.state.map.getContainer().getBoundingClientRect(); return [...document"
        ".querySelectorAll('.folium-map .leaflet-control')].map(e => e.getBoundingClientRect())"
        ".map(r => [r.left - m.left, r.top - m.top, r.right - m.left, r.bottom - m.top]); })()"
    )
    boxes = np.array([label["box"] for label in labels] or np.empty((0, 4)))
    assert (boxes[:, :2] >= 0).all() and (boxes[:, 2] <= width).all() and (boxes[:, 3] <= height).all(), where
    every = np.vstack([boxes, np.array(controls)])
    for n, a in enumerate(boxes):
        rest = every[n + 1 :]
        hit = (a[0] < rest[:, 2]) & (a[2] > rest[:, 0]) & (a[1] < rest[:, 3]) & (a[3] > rest[:, 1])
        assert not hit.any(), f"{where}: {labels[n]['text']} overlaps another label or a control"
    return len(labels)


@pytest.mark.parametrize("name", NAMES)
def test_every_page_paints_offline_with_labels_apart(
    name: str, built: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    """At both sizes each visible layer paints, and labels keep apart at three zooms and in each view."""
    page = open_page(built[name], *SIZES[0])
    assert built[name].stat().st_size <= 1_500_000
    for size in SIZES:
        resize(page, size)
        drawn = set(page.run("regionmap.state.screen.flatMap(s => (s.all || [s.f]).map(f => f.n))"))
        for layer in page.run("regionmap.state.data.layers.map(l => [l.title, l.visible, l.features, l.filled ? l.filled.cells.map(c => c.f.n) : []])"):
            title, visible, features, cells = layer
            assert not visible or drawn & {*features, *cells}, f"layer {title} paints nothing at {size}"
        colours = page.run(
            "(() => { const from = document.querySelector('.folium-map canvas'), c = document.createElement('canvas');"
            " c.width = from.width; c.height = from.height; const x = c.getContext('2d', {willReadFrequently: true});"
            " x.drawImage(from, 0, 0); const d = x.getImageData(0, 0, c.width, c.height).data, s = new Set(); for (let i = 0;"
            " i < d.length; i += 400) s.add(d[i] << 16 | d[i+1] << 8 | d[i+2]); return s.size; })()"
        )
        assert colours > 10
        for zoom in (0, 1, 2):
            page.run("z => { const m = regionmap.state.map; m.setZoom(m.getZoom() + z, {animate: false}); }", min(zoom, 1))
            assert check_labels(page, f"{name} {size} zoom {zoom}") or zoom, "no label at all"
        for view in range(page.run("regionmap.state.data.views.length")):
            page.run("n => { regionmap.view(n); }", view)
            assert check_labels(page, f"{name} {size} view {view}"), f"no label in view {view}"
    assert page.requests == [] and page.errors == []


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_opens_at_its_size(size: tuple[int, int], built: dict[str, Path], open_page: Callable[..., Any]) -> None:
    """What a resized page shows is what a page shows that opens at that size."""
    fresh, other = open_page(built["province-zones"], *size), open_page(built["province-zones"], 800, 700)
    resize(other, size)
    one, two = fresh.run("regionmap.labels()"), other.run("regionmap.labels()")
    assert [label["text"] for label in one] == [label["text"] for label in two]
    gaps = np.array([a["box"] for a in one]) - np.array([b["box"] for b in two])
    assert np.abs(gaps).max() <= 3
    assert fresh.errors == [] and fresh.requests == []


def test_the_index_leads_to_every_page_offline(built: dict[str, Path], chromium: Any) -> None:
    folder = built["targets"].parent
    for size in SIZES:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
        tab, asked, said = context.new_page(), [], []
        tab.on("request", lambda r, asked=asked: asked.append(r.url))
        tab.on("console", lambda m, said=said: said.append(m.text))
        tab.goto((folder / "index.html").as_uri())
        links = tab.evaluate("[...document.querySelectorAll('main ul a')].map(a => a.getAttribute('href'))")
        assert sorted(links) == sorted(f"{name}.html" for name in NAMES)
        assert all((folder / link).is_file() for link in links)
        assert tab.evaluate("[...document.querySelectorAll('main ul a svg')].every(s => s.querySelectorAll('path').length > 3)")
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the screen"
        assert len(asked) == 1 and not said
        tab.click(f"a[href='{links[0]}']")
        tab.wait_for_selector("#rm-app[data-state=ready]", timeout=20_000)
        assert tab.url == (folder / links[0]).as_uri() and not said
        context.close()


@pytest.mark.parametrize("name", NAMES)
def test_no_card_is_empty(name: str, built: dict[str, Path], open_page: Callable[..., Any]) -> None:
    """Every record's and every region's card has a name and says where it comes from; no blank or broken field."""
    page = open_page(built[name])
    bad = page.run(
        """() => { const s = regionmap.state, bad = [];
        const cells = [].concat(...s.data.layers.filter(l => l.filled).map(l => l.filled.cells.map(c => c.f)));
        s.data.features.concat(cells).forEach(f => {
          const el = f.cell ? RM.cells.card(s, f, () => 0) : RM.popup.card(s, f), text = el.textContent;
          const fields = [...el.querySelectorAll('h3, dd, li')].map(e => e.textContent.trim());
          if (fields.includes('') || /undefined|null|NaN|\\[object|\\bknowledge\\b/.test(text)) bad.push([f.name, text]);
          if (!f.cell && !el.querySelector('section li') && !text.includes(s.strings.noDocument)) bad.push([f.name, 'no source']);
        }); return bad; }"""
    )
    assert not bad


def test_answers_equal_near(region: Any, built: dict[str, Path], open_page: Callable[..., Any]) -> None:
    """For each corridor and three distances, none within 1 m of a pair's own: the same rows, the same certainty.

    `rm.near` is asked once a corridor, at a distance that holds the three, and its rule gives their rows; for
    every tenth corridor it is asked at each of them, and the page through its own controls.
    """
    page = open_page(built["shenyang-tieling"])
    random = np.random.default_rng(7)
    asked = page.run("regionmap.corridors()")
    assert len(asked) > 50
    ask = (
        "([id, kms]) => { const s = regionmap.state, t = s.data.features.find(f => f.id === id); return JSON.stringify(kms.map(km => RM"
        ".ask.answer(s, t, km).rows().map(r => ({id: r.f.id, distance_m: r.d, certainty: r.certain ? 'certain' : 'possible'})))); }"
    )
    for number, corridor in enumerate(asked):
        line = region.records.loc[[corridor]]
        candidates = region.candidates(corridor)
        every = rm.near(candidates, line, within_m=62_000)
        slack = every["accuracy_m"] + float(line["accuracy_m"].iloc[0])
        least, most = every["distance_m"] - slack, every["distance_m"] + slack
        limits = np.concatenate([least, most, [-1e9]])
        kms = []
        for km in random.uniform([1, 5, 20], [5, 20, 60]):
            while np.abs(limits - km * 1000).min() <= 1:
                km += 0.0021
            kms.append(float(km))
        distances = dict(zip(every["id"], every["distance_m"], strict=True))
        for km, rows in zip(kms, json.loads(page.run(ask, [corridor, kms])), strict=True):
            hit = (least <= km * 1000).to_numpy()
            certainty = np.where(most[hit] <= km * 1000, "certain", "possible")
            expected = dict(zip(every["id"][hit], certainty, strict=True))
            if number % 10 == 0:
                answer = rm.near(candidates, line, within_m=km * 1000)
                assert expected == dict(zip(answer["id"], answer["certainty"], strict=True))
                rows = page.run("([id, km]) => regionmap.ask(id, km)", [corridor, km])
            assert {r["id"]: r["certainty"] for r in rows} == expected, f"{corridor} at {km} km"
            for row in rows:
                if row["distance_m"] <= 50_000:
                    assert abs(row["distance_m"] - distances[row["id"]]) < 1
    assert page.errors == []


def test_same_input_same_bytes(region: Any, tmp_path: Path) -> None:
    recipe = ROOT / "maps" / "province-zones.toml"
    for n in (1, 2):
        rm.render(rm.open(), recipe).save(tmp_path / f"{n}.html")
    rm.save_html(rm.render(region, recipe), tmp_path / "3.html")
    first = (tmp_path / "1.html").read_bytes()
    assert first == (tmp_path / "2.html").read_bytes() == (tmp_path / "3.html").read_bytes()


def test_is_a_folium_map_to_add_to(tiny: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    chart = rm.render(tiny, {"title": "试验", "layer": [{"show": "all"}]})
    assert isinstance(chart, folium.Map)
    folium.Circle([40.5, 100.5], radius=3000, tooltip="added").add_to(chart)
    with pytest.raises(rm.errors.PageError, match="trust_added=True"):
        rm.save_html(chart, tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()
    rm.save_html(chart, tmp_path / "x.html", trust_added=True)
    page = open_page(tmp_path / "x.html")
    assert page.run("document.querySelectorAll('.folium-map path.leaflet-interactive').length") == 1
    assert page.errors == [] and page.requests == []


def test_plain_folium_maps_are_refused(tmp_path: Path) -> None:
    with pytest.raises(rm.errors.InputError, match=r"regionmap\.render"):
        rm.save_html(folium.Map(), tmp_path / "x.html")


def test_popup_and_search_tell_the_sources(region: Any, built: dict[str, Path], open_page: Callable[..., Any]) -> None:
    page = open_page(built["shenyang-tieling"])
    page.tab.fill("#rm-search", "沈铁城际")
    page.tab.click("#rm-found button")
    card = page.run("document.querySelector('.rm-card').textContent")
    for plan in ("tieling-2021", "liaoning-2022"):
        assert region.plans[plan].short in card
    assert "二(四)13" in card and "95%" in card
    page.tab.click("[data-tab=sources]")
    assert region.boundaries.source in page.run("document.querySelector('#rm-sources').textContent")
    foot = page.run("document.querySelector('.rm-foot').textContent")
    assert region.boundaries.source in foot and "审图号" in foot


def test_planned_and_existing_towns_and_sites_look_different(built: dict[str, Path], open_page: Callable[..., Any]) -> None:
    page = open_page(built["shenyang-tieling"])
    draw = (
        "([kind, precision, status]) => { const el = RM.symbols.swatch((c, w, h) => { if (kind === 'line') RM.symbols.line("
        "c, () => { c.beginPath(); c.moveTo(2, h / 2); c.lineTo(w - 2, h / 2); }, {sector: 'road', kind: 'corridor', status},"
        " '#333', 3, regionmap.state.data.style.dashes[status]); else { c.translate(w / 2, h / 2);"
        " RM.symbols.symbol(c, 'circle', '#333', precision, 6); } }); return el.toDataURL(); }"
    )
    statuses = ["operating", "under_construction", "planned", "proposed", "upgrading"]
    lines = {page.run(draw, ["line", "", status]) for status in statuses}
    assert len(lines) == 5
    marks = {page.run(draw, ["point", precision, ""]) for precision in ("site", "town", "county")}
    assert len(marks) == 3


def test_payload_json_can_not_end_its_element(tiny: Any) -> None:
    from regionmap.maps import packing

    text = packing.dumps({"a": PAYLOADS})
    assert "<" not in text and "\u2028" not in text
    assert json.loads(text)["a"] == PAYLOADS
