"""What a user adds to a map is exported offline: folium's own elements and plugins, each seen working in the browser."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pytest
from folium import plugins
from PIL import Image

import regionmap as rm
from regionmap.maps import assets

RECIPE = {"title": "试验", "layer": [{"show": "all"}]}
SPOT = [40.3, 100.3]
POINTS = [[40.1 + n / 100, 100.8] for n in range(30)]
FEATURE = {"type": "Feature", "properties": {"名": "甲"}, "geometry": {"type": "Point", "coordinates": [100.4, 40.6]}}
AREA = {"type": "Feature", "id": "a", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [[[100.1, 40.1], [100.6, 40.1], [100.6, 40.6], [100.1, 40.1]]]}}
DAYS = {"a": {str(86400 * day): {"color": "#f00", "opacity": 0.5} for day in (1, 2, 3)}}


def cluster(chart: Any) -> None:
    group = plugins.MarkerCluster().add_to(chart)
    for point in POINTS:
        folium.Marker(point).add_to(group)


def geojson(chart: Any) -> None:
    tip, card = folium.GeoJsonTooltip(["名"]), folium.GeoJsonPopup(["名"])
    folium.GeoJson({"type": "FeatureCollection", "features": [FEATURE]}, tooltip=tip, popup=card).add_to(chart)


def striped(chart: Any) -> None:
    stripes = plugins.pattern.StripePattern(angle=-45).add_to(chart)
    folium.GeoJson(AREA, style_function=lambda feature: {"fillPattern": stripes}).add_to(chart)


# what is added, what is clicked, and what must then be in the page
CASES: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "marker with popup": (lambda m: folium.Marker(SPOT, popup="弹窗文字").add_to(m), ".leaflet-marker-icon", ".leaflet-popup-content"),
    "glyph icon": (lambda m: folium.Marker(SPOT, icon=folium.Icon(color="red")).add_to(m), "", ".awesome-marker i.glyphicon"),
    "font awesome icon": (lambda m: folium.Marker(SPOT, icon=folium.Icon(icon="train", prefix="fa")).add_to(m), "", ".awesome-marker i.fa-train"),
    "geojson": (geojson, ".leaflet-marker-icon", ".leaflet-popup-content td"),
    "clusters": (cluster, ".marker-cluster", ".marker-cluster, .leaflet-marker-icon"),
    "heat map": (lambda m: plugins.HeatMap([[*p, 1] for p in POINTS]).add_to(m), "", "canvas.leaflet-heatmap-layer"),
    "full screen": (lambda m: plugins.Fullscreen().add_to(m), "", ".leaflet-control-fullscreen a, .fullscreen-icon, .leaflet-control-zoom-fullscreen"),
    "small map": (lambda m: plugins.MiniMap().add_to(m), "", ".leaflet-control-minimap canvas"),
    "draw": (lambda m: plugins.Draw().add_to(m), ".leaflet-draw-draw-polyline", ".leaflet-draw-actions a"),
    "measure": (lambda m: plugins.MeasureControl().add_to(m), "", ".leaflet-control-measure"),
    "mouse position": (lambda m: plugins.MousePosition().add_to(m), "", ".leaflet-control-mouseposition"),
    "layer control": (lambda m: (folium.FeatureGroup("我的图层").add_to(m), folium.LayerControl(collapsed=False).add_to(m)), "", ".leaflet-control-layers-overlays label"),
    "arrows on a line": (lambda m: plugins.PolyLineTextPath(folium.PolyLine([SPOT, [40.7, 100.7]]).add_to(m), "→").add_to(m), "", "textPath"),
    "ants": (lambda m: plugins.AntPath([SPOT, [40.7, 100.7]]).add_to(m), "", "path.leaflet-ant-path"),
    "heat map in time": (lambda m: plugins.HeatMapWithTime([[[*p, 1]] for p in POINTS]).add_to(m), "", ".leaflet-bar-timecontrol"),
    "time slider": (lambda m: plugins.TimeSliderChoropleth({"type": "FeatureCollection", "features": [AREA]}, DAYS).add_to(m), "", "path.leaflet-interactive"),
    "stripes": (striped, "", "pattern"),
    "drawing tools that hook into new maps": (lambda m: plugins.GeoMan().add_to(m), "", ".leaflet-pm-toolbar"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_works_offline(name: str, tiny: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    add, click, there = CASES[name]
    chart = rm.render(tiny, RECIPE)
    add(chart)
    rm.save_html(chart, tmp_path / "x.html", trust_added=True)
    page = open_page(tmp_path / "x.html", 1000, 700)
    if click:
        page.tab.click(f".folium-map {click} >> nth=0")
    page.tab.wait_for_selector(f".folium-map {there.replace(', ', ', .folium-map ')}", timeout=5_000, state="attached")
    assert [e for e in page.errors if "L.Mixin.Events" not in e] == [] and page.requests == []
    broken = page.run("[...document.querySelectorAll('.folium-map img')].filter(i => i.complete && !i.naturalWidth).map(i => i.src)")
    assert broken == []


RED = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
SEEN: dict[str, tuple[Callable[[Any], Any], str]] = {
    "heat map": (CASES["heat map"][0], "canvas.leaflet-heatmap-layer"),
    "heat map in time": (CASES["heat map in time"][0], "canvas.heatmap-canvas"),
    "picture": (lambda m: folium.raster_layers.ImageOverlay(RED, [[40.2, 100.2], [40.6, 100.6]]).add_to(m), "img.leaflet-image-layer"),
    "tiles": (lambda m: folium.TileLayer(RED, attr="© who made them").add_to(m), "img.leaflet-tile"),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_what_is_added_lies_over_our_map_and_tiles_take_its_place(name: str, tiny: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    add, there = SEEN[name]
    chart = rm.render(tiny, RECIPE)
    add(chart)
    rm.save_html(chart, tmp_path / "x.html", trust_added=True, online=name == "tiles")
    page = open_page(tmp_path / "x.html", 1000, 700)
    page.tab.wait_for_selector(there, state="attached")
    page.tab.wait_for_timeout(500)
    one = page.tab.screenshot()
    page.run("(there) => { document.querySelectorAll(there).forEach((el) => { el.style.visibility = 'hidden'; }); }", there)
    two = page.tab.screenshot()
    first, second = (np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int) for shot in (one, two))
    assert (np.abs(first - second).sum(axis=2) > 30).sum() > 100, "not seen"
    if name == "tiles":
        assert "© who made them" in page.tab.inner_text(".leaflet-control-attribution")
        assert (np.abs(first - second).sum(axis=2) == 0)[60:, 372:].any(), "our things do not lie over them"


def test_same_additions_same_bytes(tiny: Any, tmp_path: Path) -> None:
    for n in (1, 2):
        chart = rm.render(tiny, RECIPE)
        for add, _, _ in CASES.values():
            add(chart)
        chart.save(tmp_path / f"{n}.html", trust_added=True)
    assert (tmp_path / "1.html").read_bytes() == (tmp_path / "2.html").read_bytes()


def test_without_the_packages_the_error_names_file_and_remedy(tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "_file", lambda module, path: None)
    assets._bundled.cache_clear()
    chart = rm.render(tiny, RECIPE)
    cluster(chart)
    try:
        with pytest.raises(rm.errors.PageError) as failed:
            rm.save_html(chart, tmp_path / "x.html", trust_added=True)
        text = str(failed.value)
        assert "leaflet.markercluster.js" in text and "MarkerCluster.Default.css" in text
        assert "pip install XStatic-Leaflet-MarkerCluster" in text and "online=True" in text
        assert not (tmp_path / "x.html").exists()
        rm.save_html(chart, tmp_path / "x.html", trust_added=True, online=True)
        assert re.search(r'<script src="https://[^"]+/leaflet.markercluster.js">', (tmp_path / "x.html").read_text("utf-8"))
    finally:
        assets._bundled.cache_clear()


@pytest.mark.parametrize(
    ("add", "url"),
    [
        (lambda m: folium.TileLayer("https://tiles.example/{z}/{x}/{y}.png", attr="x").add_to(m), "https://tiles.example/{z}"),
        (lambda m: folium.raster_layers.ImageOverlay("https://pictures.example/a.png", [[40, 100], [41, 101]]).add_to(m), "https://pictures.example/a.png"),
        (lambda m: folium.Marker(SPOT, icon=folium.CustomIcon("https://icons.example/a.png")).add_to(m), "https://icons.example/a.png"),
        (lambda m: folium.Marker(SPOT, popup="<img src='https://spy.example/a.gif'>").add_to(m), "https://spy.example/a.gif"),
        (lambda m: m.get_root().header.add_child(folium.JavascriptLink("https://own.example/x.js")), "https://own.example/x.js"),
        (lambda m: plugins.Realtime("https://now.example/a.json").add_to(m), "https://now.example/a.json"),
        (lambda m: plugins.Geocoder().add_to(m), "the search service of Geocoder"),
        (lambda m: folium.TileLayer("tiles/{z}/{x}/{y}.png", attr="x").add_to(m), "tiles/{z}/{x}/{y}.png"),
        (lambda m: folium.Marker(SPOT, popup="<img src='photo.jpg'>").add_to(m), "photo.jpg"),
        (lambda m: m.get_root().header.add_child(folium.Element("<style>body { background: url(https://css.example/a.png) }</style>")), "https://css.example/a.png"),
    ],
    ids=["tiles", "picture", "icon", "popup", "script", "live data", "search service", "tiles on disk", "picture on disk", "style"],
)  # fmt: skip
def test_what_would_load_from_the_network_is_named(add: Any, url: str, tiny: Any, tmp_path: Path) -> None:
    chart = rm.render(tiny, RECIPE)
    add(chart)
    with pytest.raises(rm.errors.PageError, match=r"online=True") as failed:
        rm.save_html(chart, tmp_path / "x.html", trust_added=True)
    assert url in str(failed.value) and not (tmp_path / "x.html").exists()


def test_a_link_in_a_text_is_no_load(tiny: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    chart = rm.render(tiny, RECIPE)
    folium.Marker(SPOT, popup="<a href='https://www.example.org/'>see</a>", tooltip="https://www.example.org/a.png").add_to(chart)
    rm.save_html(chart, tmp_path / "x.html", trust_added=True)
    assert open_page(tmp_path / "x.html").requests == []


def test_even_added_script_reaches_no_network(tiny: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """Added scripts run, but the page's policy still keeps them from loading anything."""
    chart = rm.render(tiny, RECIPE)
    chart.get_root().script.add_child(folium.Element("window.ran = 1;"))
    rm.save_html(chart, tmp_path / "x.html", trust_added=True)
    page = open_page(tmp_path / "x.html")
    refused = page.run(
        """async () => { const found = []; document.addEventListener('securitypolicyviolation', (e) => found.push(e.effectiveDirective));
        new Image().src = 'https://spy.example/a.gif'; await fetch('https://spy.example/b').catch(() => 0);
        await new Promise((done) => setTimeout(done, 100)); return found.sort(); }"""
    )
    assert page.run("window.ran") == 1 and refused == ["connect-src", "img-src"]


def test_a_notebook_runs_what_was_added_in_a_frame_of_its_own_origin(tiny: Any, chromium: Any) -> None:
    chart = rm.render(tiny, RECIPE)
    folium.Circle(SPOT, radius=3000).add_to(chart)
    tab, said = chromium.new_page(), []
    tab.on("console", lambda m: said.append(m.text))
    tab.set_content(chart._repr_html_())
    inner = tab.frames[1]
    inner.wait_for_selector("#rm-app[data-state=ready]", timeout=20_000)
    inner.wait_for_selector("path.leaflet-interactive", state="attached")
    assert inner.evaluate("window.origin") == "null" and said == []
    tab.close()
