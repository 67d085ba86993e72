"""Shared fixtures: the shipped region, a small region made in code, a headless browser.

Nothing here skips: a missing browser or font is a failure that names what to install.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import regionmap as rm
from regionmap import kinds
from regionmap.cli import main

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--renew", action="store_true", help="write the reference pictures of tests/pictures anew; look at them")


# Four counties of 0.5 x 0.5 degrees in two cities; codes like China's, the province is 990000.
COUNTIES = {"990101": ("甲县", 100.0, 40.0), "990102": ("乙县", 100.5, 40.0),
            "990201": ("丙县", 100.0, 40.5), "990202": ("丁县", 100.5, 40.5)}  # fmt: skip
UNITS = {"990000": "试验省;Testland", "990100": "东市;East", "990200": "西市;West",
         "990101": "甲县;甲", "990102": "乙县;乙", "990201": "丙县;丙", "990202": "丁县;丁"}  # fmt: skip
PLACES = [
    ("甲镇", "甲城", "town", "990101", 100.2, 40.2, 3000),
    ("乙站", "", "station", "990102", 100.8, 40.3, 200),
    ("丙港", "", "port", "990201", 100.1, 40.9, 500),
    ("丁园", "", "park", "990202", 100.7, 40.8, 300),
]
RECORDS = [
    {"id": "p1/line", "name": "甲丁铁路", "aliases": "甲丁线", "kind": "corridor", "sector": "rail",
     "where": "甲镇 > 乙站 > 丁园", "status": "planned", "status_text": "规划", "clause": "一(一)1"},
    {"id": "p1/park", "name": "丁园区", "kind": "park", "sector": "industry", "where": "丁园",
     "status": "operating", "status_text": "依托", "lead": "市工信局", "clause": "一(一)2"},
    {"id": "p1/port", "name": "丙港区", "kind": "hub", "sector": "port", "where": "丙港", "status": "upgrading", "clause": "二"},
    {"id": "p1/somewhere", "name": "乙县某项目", "kind": "project", "sector": "energy", "where": "乙县", "clause": "二"},
    {"id": "p1/zone", "name": "东西合作区", "kind": "zone", "sector": "region", "where": "东市 + 丙县", "clause": "三"},
    {"id": "p1/nowhere", "name": "无处项目", "kind": "project", "sector": "energy", "where": "", "note": "unknown", "clause": "三"},
    {"id": "p2/line", "name": "甲丁城际", "kind": "corridor", "sector": "rail", "where": "甲镇 > 丁园",
     "status": "proposed", "status_text": "研究", "clause": "4", "same_as": "p1/line"},
]  # fmt: skip


def write_csv(path: Path, columns: Any, rows: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_region(folder: Path, records: Any = None, targets: Any = (), title: str = "试验省") -> Path:
    """A region made in code: four square counties, four places, two plans. Returns its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    square = [(0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5), (0, 0)]
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name},
         "geometry": {"type": "Polygon", "coordinates": [[(x + dx, y + dy) for dx, dy in square]]}}
        for code, (name, x, y) in COUNTIES.items()
    ]  # fmt: skip
    (folder / "units.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    (folder / "region.toml").write_text(
        f'title = {json.dumps(title, ensure_ascii=False)}\nunit = "990000"\nframe = [100.0, 40.0, 101.0, 41.0]\n'
        '[boundaries]\nfile = "units.geojson"\ncrs = "EPSG:4326"\ncode = "code"\nname = "name"\nselect = "99"\n'
        'accuracy_m = 100\noffshore_m = 3000\nsource = "made in code"\n',
        "utf-8",
    )
    write_csv(folder / "gazetteer/units.csv", ["code", "names", "population", "year", "area_km2", "source"],
              [{"code": c, "names": n} for c, n in UNITS.items()])  # fmt: skip
    columns = ("name", "aliases", "kind", "unit", "lon", "lat", "accuracy_m", "offshore", "source")
    rows = [dict(zip(columns, (*place, "", "made in code"), strict=True)) for place in PLACES]
    write_csv(folder / "gazetteer/places.csv", columns, rows)
    for plan, date in (("p1", "2021-01-01"), ("p2", "2022-02-02")):
        where = folder / "plans" / plan
        where.mkdir(parents=True, exist_ok=True)
        (where / "plan.toml").write_text(
            f'title = "规划{plan}"\nissuer = "某府"\nnumber = ""\ndate = "{date}"\nperiod = "2021-2025"\n'
            'area = "试验省"\nlanguage = "zh"\n',
            "utf-8",
        )
        mine = [r for r in (RECORDS if records is None else records) if r["id"].startswith(plan + "/")]
        write_csv(where / "records.csv", kinds.RECORD_COLUMNS, mine)
        write_csv(where / "targets.csv", kinds.TARGET_COLUMNS, [t for t in targets if t["id"].startswith(plan + "/")])
    return folder


PLACE_COLUMNS = ("name", "aliases", "kind", "unit", "lon", "lat", "accuracy_m", "offshore", "source")
LINE_COLUMNS = ("name", "aliases", "class", "nodes", "speed_kmh", "opened", "start_chainage_m", "accuracy_m", "source")


def a_record(key: str, name: str, where: str, kind: str = "facility", **cells: str) -> dict[str, str]:
    """A row of records.csv."""
    return {"id": key, "name": name, "where": where, "kind": kind, "sector": "energy", "clause": "一", **cells}


def made_region(folder: Path, *records: Any, places: Any = (), lines: Any = (), targets: Any = ()) -> Any:
    """The small region with these records, more places (name .. offshore) and lines, and one official area."""
    write_region(folder, list(records), targets)
    rows = [(*place, "", "made in code") for place in PLACES] + [(*place, "made in code") for place in places]
    write_csv(folder / "gazetteer/places.csv", PLACE_COLUMNS, [dict(zip(PLACE_COLUMNS, r, strict=True)) for r in rows])
    areas = [{"code": c, "names": n, "area_km2": "2350" if c == "990101" else ""} for c, n in UNITS.items()]
    write_csv(folder / "gazetteer/units.csv", ["code", "names", "population", "year", "area_km2", "source"], areas)
    write_csv(folder / "networks/lines.csv", LINE_COLUMNS, lines)
    return rm.open(folder)


@pytest.fixture(scope="session")
def region() -> Any:
    """The shipped region. Do not change it."""
    return rm.open()


@pytest.fixture
def tiny(tmp_path: Path) -> Any:
    """A small region made in code (see RECORDS)."""
    return rm.open(write_region(tmp_path / "geodata"))


def run(capsys: Any, *words: str) -> tuple[int, str, str]:
    """One call of the command line: exit code, what it printed, what it complained of."""
    try:
        code = main(list(words))
    except SystemExit as stop:
        code = int(stop.code or 0)
    out = capsys.readouterr()
    return code, out.out, out.err


RECIPES = sorted((ROOT / "maps").glob("*.toml"))


@pytest.fixture(scope="session")
def built(region: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every shipped recipe, rendered once, and the index beside them."""
    from regionmap.maps import index

    out, cards = tmp_path_factory.mktemp("maps"), []
    for recipe in RECIPES:
        chart = rm.render(region, recipe)
        rm.save_html(chart, out / f"{recipe.stem}.html")
        cards.append(index.card(recipe.stem, chart.data))
    index.write(cards, chart.data, out)
    return {r.stem: out / f"{r.stem}.html" for r in RECIPES}


def browser_path() -> str:
    """The Chromium to test with: CHROME_PATH, or the first that is installed."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
    found = os.environ.get("CHROME_PATH") or next((p for n in names if (p := shutil.which(n))), None)
    if not found:
        pytest.fail("no Chromium found: apt-get install chromium, or set CHROME_PATH", pytrace=False)
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium that the whole session shares."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Page:
    """A page opened from disk with every request refused; remembers requests and console errors."""

    def __init__(self, context: Any, path: Path) -> None:
        self.tab = context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        own = path.resolve().as_uri()
        self.tab.route("**/*", lambda route: route.continue_() if route.request.url == own else route.abort())
        self.tab.on("request", lambda r: self.requests.append(r.url) if r.url != own else None)
        self.tab.on("console", lambda m: self.errors.append(m.text) if m.type in ("error", "warning") else None)
        self.tab.on("pageerror", lambda e: self.errors.append(str(e)))
        self.tab.on("dialog", lambda d: (self.errors.append(f"dialog {d.message}"), d.dismiss()))
        self.tab.goto(own)
        self.tab.wait_for_selector("#rm-app[data-state=ready]", timeout=20_000)

    def run(self, script: str, argument: Any = None) -> Any:
        return self.tab.evaluate(script, argument)

    def wait(self, script: str) -> None:
        """Until `script` says yes; playwright's own waiting evaluates text, which the page's policy forbids."""
        for _ in range(400):
            if self.run(script):
                return
            self.tab.wait_for_timeout(25)
        pytest.fail(f"after 10 s still not: {script}", pytrace=False)


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Page]]:
    """Open a saved page: `open_page(path, width=1600, height=900)`."""
    contexts = []

    def opened(path: Path, width: int = 1600, height: int = 900) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        return Page(context, path)

    yield opened
    for context in contexts:
        context.close()
