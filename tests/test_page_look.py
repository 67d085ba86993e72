"""How the page looks: every state as a reference picture, the legend true to the frame, the scale bar true to the ellipsoid."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import RECORDS, ROOT, a_record, write_region
from PIL import Image
from pyproj import Geod

import regionmap as rm
from regionmap.maps import style

PICTURES = ROOT / "tests" / "pictures"
STATES = {
    # name: size, what is done after opening
    "opening": ((1000, 640), "RM.tabs.show('layers')"),
    "question": ((1000, 640), "regionmap.ask('p2/line', 15)"),
    "popup": ((1000, 640), "regionmap.open('p1/park')"),
    "filter": ((1000, 640), "RM.tabs.show('layers'); document.querySelector('.rm-filter').open = true; RM.filter.read(regionmap.state, 'planned')"),
    "table": ((1000, 640), "RM.tabs.show('sums')"),
    "dark": ((1000, 640), "RM.tabs.show('layers'); regionmap.state.setTheme('dark')"),
    "english": ((1000, 640), "RM.tabs.show('layers'); regionmap.state.setLang('en')"),
    "print": ((1100, 760), "RM.print.lay(regionmap.state)"),
    "phone": ((390, 700), "1"),
    "phone-panel": ((390, 700), "RM.tabs.show('layers'); RM.tabs.menu(regionmap.state, true)"),
}


STILL = (
    "() => { const m = regionmap.state.map; return !(m._panAnim && m._panAnim._inProgress) && [...document.querySelectorAll('.leaflet-popup')]"
    ".every(p => getComputedStyle(p).opacity === '1'); }"
)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("look")
    rows = [
        *RECORDS,
        a_record("p1/road", "甲乙公路", "100.1, 40.1 > 100.5, 40.2 > 100.9, 40.1", "corridor", sector="road", status="operating", name_en="A-B road"),
        a_record("p1/west", "西部农业区", "甲县 + 丙县", "zone", sector="agriculture", name_en="Western farming area"),
        a_record("p1/east", "东部工业区", "乙县 + 丁县", "zone", sector="industry", name_en="Eastern industrial area"),
    ]
    recipe = {
        "title": "试验省规划图", "title_en": "Plan of Testland", "subtitle": "分区与通道", "frame": "试验省", "units": "county",
        "layer": [
            {"title": "分区", "title_en": "Areas", "show": ["p1/west", "p1/east"], "colour": "each"},
            {"title": "通道", "title_en": "Corridors", "show": "corridors"},
            {"title": "园区、枢纽与项目", "title_en": "Parks, hubs, projects", "show": ["p1/park", "p1/port", "p1/somewhere"]},
        ],
        "view": [{"title": "甲县", "frame": "甲县"}], "question": {"corridor": "p2/line", "within_km": 15},
        "footer": {"approval": "试S(2026)1号", "date": "2026-01", "classification": "内部资料"},
    }  # fmt: skip
    rm.save_html(rm.render(rm.open(write_region(folder / "geodata", rows)), recipe), folder / "page.html")
    return folder / "page.html"


def coarse(picture: Image.Image) -> Any:
    """A third of the size: fonts of another machine may differ in hinting, not in place or colour."""
    return np.asarray(picture.convert("RGB").resize((picture.width // 3, picture.height // 3), Image.Resampling.BOX), dtype=int)


@pytest.mark.parametrize("name", STATES)
def test_looks_as_it_did(name: str, page_file: Path, open_page: Callable[..., Any], tmp_path: Path, request: Any) -> None:
    """At most 1 % of the picture differs by more than a sixth of the scale from its reference."""
    size, script = STATES[name]
    page = open_page(page_file, *size)
    page.run(f"(() => {{ {script}; }})()")
    page.tab.wait_for_timeout(250)
    page.wait(STILL)
    picture = Image.open(io.BytesIO(page.tab.screenshot()))
    reference = PICTURES / f"{name}.png"
    if request.config.getoption("--renew"):
        picture.convert("RGB").quantize(64).save(reference, optimize=True)
    assert reference.is_file(), f"no reference picture {name}: pytest tests/test_page_look.py --renew"
    wanted = Image.open(reference)
    assert wanted.size == picture.size
    differs = (np.abs(coarse(picture) - coarse(wanted)).max(axis=2) > 42).mean()
    if differs > 0.01:
        picture.save(tmp_path / f"{name}.png")
    assert differs <= 0.01, f"{differs:.1%} of {name} differs: compare {tmp_path / name}.png with {reference}"
    assert page.errors == []


def test_pictures_tell_states_apart() -> None:
    """The tolerance is narrower than any difference that matters."""
    pictures = {n: coarse(Image.open(PICTURES / f"{n}.png")) for n, (size, _) in STATES.items() if size == (1000, 640)}
    for one, a in pictures.items():
        for two, b in pictures.items():
            assert one == two or (np.abs(a - b).max(axis=2) > 42).mean() > 0.02, f"{one} looks like {two}"


SHOWN = (
    "(() => { const s = regionmap.state, out = {}; s.data.layers.filter(l => l.visible && !l.filled).forEach(l => l.rows.forEach(r => { if (!r.el.hidden)"
    " out[l.title + '/' + r.text] = Number(r.count.textContent); })); return out; })()"
)


def test_legend_holds_what_the_frame_holds(region: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """In each frame: one entry for each class that is drawn, none for others, and its number of features."""
    path = tmp_path / "page.html"
    rm.save_html(rm.render(region, ROOT / "maps" / "transport-2025.toml"), path)
    page = open_page(path)
    seen = []
    for view in range(page.run("regionmap.state.data.views.length")):
        page.run("n => { regionmap.view(n); RM.legend.update(regionmap.state); }", view)
        shown = page.run(SHOWN)
        bounds = page.run("(() => { const b = regionmap.state.map.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; })()")
        titles = page.run("regionmap.state.data.layers.filter(l => l.visible).map(l => [l.title, l.features.map(n => regionmap.state.data.features[n].id)])")
        total = 0
        for title, ids in titles:
            rows = region.records.loc[ids]
            rows = rows[~rows.geometry.is_empty & rows.geometry.notna()]
            box = rows.geometry.bounds
            held = rows[(box["minx"] < bounds[2]) & (box["maxx"] > bounds[0]) & (box["miny"] < bounds[3]) & (box["maxy"] > bounds[1])]
            counted = sum(n for key, n in shown.items() if key.startswith(title + "/"))
            assert counted == len(held), f"{title} in view {view}"
            total += counted
        assert len(shown) < total, "one entry a class, not one a feature"
        seen.append(tuple(shown))
    assert len(set(seen)) > 1, "other frames have other legends"
    assert page.errors == []


def test_scale_bar_is_true_at_the_centre(page_file: Path, open_page: Callable[..., Any]) -> None:
    """Within half a per mille of the geodesic along the centre's parallel, at several latitudes and zooms; no 1:N."""
    page, geod = open_page(page_file), Geod(ellps="GRS80")
    for lat, zoom in ((40.5, 8), (0, 4), (60, 11), (52.3, 15)):
        bar = page.run(
            "([lat, zoom]) => { const m = regionmap.state.map; m.setView([lat, 100], zoom, {animate: false}); const el = regionmap.state.bar,"
            " w = el.querySelector('.rm-bar').getBoundingClientRect().width, c = m.getSize().divideBy(2), at = x => { const p = m.containerPointToLatLng([c.x + x, c.y]);"
            " return [p.lng, p.lat]; }; return [Number(el.dataset.metres), at(-0.5), at(0.5), w, el.textContent]; }",
            [lat, zoom],
        )
        metres, west, east, width, text = bar
        pixel = geod.inv(*west, *east)[2]
        assert abs(pixel * width / metres - 1) < 0.0005 + 0.5 / width
        assert "1:" not in text and (" km" in text or " m" in text)


def test_kinds_by_shape_and_statuses_by_line(page_file: Path, open_page: Callable[..., Any]) -> None:
    """Without any colour: all in black, each kind's symbol and each status' line differs from every other."""
    page = open_page(page_file)
    script = (
        "what => { const el = RM.symbols.swatch((c, w, h) => { if (what.shape) { c.translate(w / 2, h / 2); RM.symbols.symbol(c, what.shape, '#000000', 'site', 8); }"
        " else RM.symbols.line(c, () => { c.beginPath(); c.moveTo(0, h / 2); c.lineTo(w, h / 2); }, {status: what.status, kind: 'corridor', sector: 'road'}, '#000000', 3,"
        " regionmap.state.data.style.dashes[what.status]); }, 60, 24); const d = el.getContext('2d').getImageData(0, 0, el.width, el.height).data, out = [];"
        " for (let i = 0; i < d.length; i += 4) out.push(d[i + 3] > 128 && d[i] < 128 ? 1 : 0); return out; }"
    )
    shapes = {k: np.array(page.run(script, {"shape": v})) for k, v in style.SYMBOLS.items()}
    dashes = {k: np.array(page.run(script, {"status": k})) for k in style.DASHES if k}
    for drawn in (shapes, dashes):
        for one, a in drawn.items():
            for two, b in drawn.items():
                assert one == two or (a != b).sum() > 0.12 * max(a.sum(), b.sum()), (one, two)
