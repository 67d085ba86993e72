"""The page on paper: one sheet of the asked size with title, legend and sources, the map sharp, planned lines told from existing ones without colour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from conftest import ROOT, a_record, made_region

import regionmap as rm

SHEETS = {"A4": (297, 210), "A3": (420, 297)}


def printed(page: Any, paper: str, path: Path) -> Any:
    """The page as Chromium prints it on `paper`."""
    page.run("paper => RM.print.paper(regionmap.state, paper)", paper)
    page.tab.pdf(path=path, prefer_css_page_size=True, print_background=True)
    return pypdfium2.PdfDocument(path)


def one_sheet(document: Any, paper: str) -> str:
    assert len(document) == 1, "one page"
    assert [round(points / 72 * 25.4) for points in document[0].get_size()] == list(SHEETS[paper])
    return document[0].get_textpage().get_text_range().replace("\r\n", "")


@pytest.fixture
def lines(tmp_path: Path) -> Any:
    """Two straight roads of one kind in a small region, one planned, one in use."""
    rows = [
        a_record("p1/planned", "规划公路甲", "100.1, 40.3 > 100.9, 40.3", "corridor", sector="road", status="planned"),
        a_record("p1/used", "现有公路乙", "100.1, 40.7 > 100.9, 40.7", "corridor", sector="road", status="operating"),
    ]
    region = made_region(tmp_path / "geodata", *rows)
    footer = {"approval": "试S(2026)1号", "date": "2026-01", "classification": "内部资料", "note": "附注"}
    recipe = {"title": "试验图", "subtitle": "副题", "frame": "试验省", "layer": [{"title": "公路", "show": "corridors", "labels": False}], "footer": footer}
    rm.save_html(rm.render(region, recipe), tmp_path / "page.html")
    return tmp_path / "page.html"


@pytest.mark.parametrize("paper", SHEETS)
def test_one_sheet_with_everything_on_it(paper: str, lines: Path, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(lines)
    page.run("regionmap.state.setTheme('dark')")
    before = page.run("(() => { const m = regionmap.state.map; return [m.getCenter().lat, m.getCenter().lng, m.getZoom()]; })()")
    document = printed(page, paper, tmp_path / "page.pdf")
    text = one_sheet(document, paper)
    for said in ("试验图", "副题", "图例", "公路 · 规划推进", "公路 · 已有运营", "规划p1", "审图号:试S(2026)1号", "资料截至 2026-01", "内部资料", "made in code", "km", "N", "附注", "比例尺以图幅中心为准"):
        assert said.replace(" ", "") in text.replace(" ", ""), said
    assert "筛选" not in text and "邻近查询" not in text, "nothing of the panel"
    grey = np.asarray(document[0].render(scale=150 / 72).to_pil().convert("L"), dtype=int)
    assert grey[:20, :20].min() == 255 and np.median(grey) > 225, "paper is white, whatever the screen's theme is"
    # the darkest pixel of each column near each road: without gaps where it is in use, with gaps where it is planned
    used, planned = road_rows(grey)
    assert solid(grey[used]) > 0.97 and 0.45 < solid(grey[planned]) < 0.85
    after = page.run("(() => { const m = regionmap.state.map; return [m.getCenter().lat, m.getCenter().lng, m.getZoom()]; })()")
    assert np.allclose(before, after, atol=1e-6) and page.run("document.documentElement.dataset.theme") == "dark"
    assert page.errors == [] and page.requests == []


def road_rows(grey: Any) -> tuple[slice, slice]:
    """The rows of pixels of the northern and of the southern road: a tenth of the map's height apart from its middle."""
    high, wide = grey.shape
    middle = grey[:, int(wide * 0.3) : int(wide * 0.55)]
    dark = (middle < 150).mean(axis=1)
    found = np.flatnonzero((dark > 0.4) & (np.arange(high) > high * 0.2) & (np.arange(high) < high * 0.8))
    cut = int(np.argmax(np.diff(found))) + 1
    north, south = found[:cut], found[cut:]
    return slice(north[0], north[-1] + 1), slice(south[0], south[-1] + 1)


def solid(strip: Any) -> float:
    """The share of columns in which the strip is dark somewhere."""
    wide = strip.shape[1]
    return float((strip[:, int(wide * 0.3) : int(wide * 0.55)].min(axis=0) < 150).mean())


def test_long_texts_leave_the_map_its_room(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    record = a_record("p1/a", "点" * 300, "100.3, 40.3")
    recipe = {"title": "题" * 300, "subtitle": "副" * 300, "layer": [{"title": "层" * 300, "show": "all"}], "view": [{"title": "图" * 100, "frame": "甲县"}] * 9,
              "footer": {"note": "注" * 300, "classification": "密" * 60}}  # fmt: skip
    rm.save_html(rm.render(made_region(tmp_path / "geodata", record), recipe), tmp_path / "page.html")
    page = open_page(tmp_path / "page.html")
    boxes = "['#rm-search', '.rm-views', '.leaflet-control-zoom', '.rm-stage'].map((s) => { const b = document.querySelector(s).getBoundingClientRect(); return [b.left, b.right, b.width, b.height]; })"
    search, views, zoom, stage = page.run(boxes)
    assert search[2] > 200 and views[1] < zoom[0] and stage[3] > 500
    page.run("RM.print.lay(regionmap.state)")
    *_, stage = page.run(boxes)
    assert stage[2] / 96 * 25.4 > 180 and stage[3] / 96 * 25.4 > 120
    document = printed(page, "A4", tmp_path / "page.pdf")
    one_sheet(document, "A4")
    assert page.errors == []


def test_map_is_painted_for_paper(lines: Path, open_page: Callable[..., Any]) -> None:
    """The canvas gets the resolution of print and takes the screen's again afterwards."""
    page = open_page(lines)
    size = "(() => { const c = document.querySelector('.leaflet-container canvas'); return c.width / parseFloat(c.style.width); })()"
    assert page.run(size) == 1
    page.run("RM.print.lay(regionmap.state)")
    assert page.run(size) == 4
    box = page.run("(() => { const b = document.querySelector('.rm-app').getBoundingClientRect(); return [b.width, b.height]; })()")
    assert np.allclose(np.array(box) / 96 * 25.4, [281, 193], atol=0.5)
    bar = page.run("RM.print.back(regionmap.state)") or page.run(size)
    assert bar == 1 and page.errors == []


def test_the_provinces_zones_at_a3(region: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """Names of zones are at least 4.5 mm high, all other names 3.5 mm: what the eye reads at 70 cm (17 minutes of arc)."""
    path = tmp_path / "page.html"
    rm.save_html(rm.render(region, ROOT / "maps" / "province-zones.toml"), path)
    page = open_page(path)
    page.run("RM.print.paper(regionmap.state, 'A3'); RM.print.lay(regionmap.state)")
    scale = page.run("document.querySelector('.rm-app').getBoundingClientRect().width / document.querySelector('.rm-app').offsetWidth")
    labels = page.run("regionmap.labels()")
    names = {"沈阳现代化都市圈", "辽宁沿海经济带", "辽东绿色经济区"}
    assert names <= {label["text"] for label in labels}
    for label in labels:
        if label["text"] in names:
            assert (label["box"][3] - label["box"][1]) / 1.25 * scale / 96 * 25.4 >= 4.5
    smallest = page.run("Math.min(...[...document.querySelectorAll('.rm-paper span, .rm-foot span')].map(e => parseFloat(getComputedStyle(e).fontSize)))")
    assert min(smallest, 12) * scale / 96 * 25.4 >= 3.4
    page.run("RM.print.back(regionmap.state)")
    document = printed(page, "A3", tmp_path / "page.pdf")
    text = one_sheet(document, "A3")
    assert "辽宁“一圈一带两区”区域格局" in text and "辽宁沿海经济带" in text
    assert (tmp_path / "page.pdf").stat().st_size < 12_000_000 and page.errors == []
