"""What a user adds to a map is exported offline: folium's own elements and plugins, each seen working in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import folium
import pytest
from folium import plugins

import regionmap as rm
from regionmap.maps import assets

RECIPE = {"title": "试验", "layer": [{"show": "all"}]}
SPOT = [40.3, 100.3]
POINTS = [[40.1 + n / 100, 100.8] for n in range(30)]
FEATURE = {"type": "Feature", "properties": {"名": "甲"}, "geometry": {"type": "Point", "coordinates": [100.4, 40.6]}}


def cluster(chart: Any) -> None:
    group = plugins.MarkerCluster().add_to(chart)
    for point in POINTS:
        folium.Marker(point).add_to(group)


def geojson(chart: Any) -> None:
    tip, card = folium.GeoJsonTooltip(["名"]), folium.GeoJsonPopup(["名"])
    folium.GeoJson({"type": "FeatureCollection", "features": [FEATURE]}, tooltip=tip, popup=card).add_to(chart)


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
    assert page.errors == [] and page.requests == []
    broken = page.run("[...document.querySelectorAll('.folium-map img')].filter(i => i.complete && !i.naturalWidth).map(i => i.src)")
    assert broken == []


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
    ],
    ids=["tiles", "picture", "icon", "popup", "script"],
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
