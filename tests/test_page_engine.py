"""The page's engine: its answers against `rm.near`, very many points, bytes, a save cut short, hostile networks."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import RECORDS, browser_path, write_region

import regionmap as rm
from regionmap import crs
from regionmap.maps import limits

POINTS = 5000
LAYERS = {
    "title": "试验",
    "layer": [{"title": "点", "show": "all"}],
    "question": {"corridor": "p2/line", "within_km": 5},
}


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A region of 5,000 points of every kind and accuracy, and its page."""
    folder, rng = tmp_path_factory.mktemp("crowd"), random.Random(11)
    rows = [dict(r) for r in RECORDS]
    for n in range(POINTS):
        lon, lat = 100 + rng.random(), 40 + rng.random()
        rows.append({
            "id": f"p1/{n:05d}", "name": f"第{n}号厂", "kind": rng.choice(["project", "park", "facility", "hub"]),
            "sector": rng.choice(["industry", "energy", "road"]), "status": rng.choice(["planned", "operating"]),
            "where": f"{lon:.6f}, {lat:.6f}", "accuracy_m": rng.choice(["", "20", "800", "9000"]), "clause": "一",
        })  # fmt: skip
    region = rm.open(write_region(folder / "geodata", rows))
    rm.save_html(rm.render(region, LAYERS), folder / "x.html")
    return region, folder / "x.html"


def test_random_lines_over_many_points_answer_as_near_does(crowd: Any, open_page: Callable[..., Any]) -> None:
    """Lines that no document holds, drawn through the page's own call: same sets, certainty, side, 1 m."""
    region, path = crowd
    page, rng = open_page(path), np.random.default_rng(2)
    rows = region.latest(region.features())
    rows = rows[(rows["kind"] != "zone") & rows.geometry.notna()]
    for n in range(8):
        count = int(rng.integers(2, 60))
        lonlat = rng.uniform((99.6, 39.6), (101.4, 41.4), (count, 2)).round(6)
        acc, km = float(rng.choice([0, 150, 4000])), float(rng.uniform(1, 40))
        line = crs.densify(shapely.LineString(lonlat), 10_000.0)
        b = gpd.GeoDataFrame({"accuracy_m": [acc]}, geometry=[line], crs=4326)
        every = rm.near(rows, b, within_m=90_000)
        slack = every["accuracy_m"] + acc
        limits_m = np.concatenate([every["distance_m"] - slack, every["distance_m"] + slack])
        while np.abs(limits_m - km * 1000).min() <= 1:
            km += 0.0021
        hit = (every["distance_m"] - slack <= km * 1000).to_numpy()
        certain = (every["distance_m"] + slack <= km * 1000)[hit]
        expected = dict(zip(every["id"][hit], certain, strict=True))
        got = page.run(
            "([line, acc, km]) => { const s = regionmap.state, t = RM.ask.adhoc('x', { lines: [line] }, acc), a = RM.ask.answer(s, t, km);"
            " const rows = a.rows(); if (rows.length !== a.certain + a.possible) throw new Error('count');"
            " return rows.map(r => [r.f.id, r.certain, r.d, r.side]); }",
            [lonlat.ravel().tolist(), acc, km],
        )
        assert {i: c for i, c, _, _ in got} == expected, f"line {n} at {km} km"
        metres, side = every.set_index("id")["distance_m"], every.set_index("id")["side"].astype(str)
        for record, _, distance, where in got:
            assert abs(distance - metres[record]) < 1
            if distance > 20:
                assert {1: "left", -1: "right", 0: "on"}[where] == side[record]


def test_zones_and_places_answer_as_near_does(crowd: Any, open_page: Callable[..., Any]) -> None:
    region, path = crowd
    page = open_page(path)
    zone = region.feature("东西合作区")
    rows = region.candidates("p1/zone")
    for km in (0.5, 12.0003):
        near = rm.near(rows, zone, within_m=km * 1000)
        got = page.run("([id, km]) => regionmap.ask(id, km)", ["p1/zone", km])
        edge = rm.near(rows, zone, within_m=km * 1000 + 200_000).set_index("id")
        slack = edge["accuracy_m"] + float(zone["accuracy_m"].iloc[0])
        close = {
            i
            for i in edge.index
            if min(abs(edge["distance_m"][i] - slack[i] - km * 1000), abs(edge["distance_m"][i] + slack[i] - km * 1000))
            < 1
        }
        want = {i: c for i, c in zip(near["id"], near["certainty"], strict=True) if i not in close}
        assert {r["id"]: r["certainty"] for r in got if r["id"] not in close} == want
    spot = gpd.GeoDataFrame({"accuracy_m": [0.0]}, geometry=[shapely.Point(100.3, 40.4)], crs=4326)
    near = rm.near(rows, spot, within_m=7000)
    got = page.run(
        "() => RM.ask.answer(regionmap.state, RM.ask.adhoc('x', { points: [[100.3, 40.4]] }, 0), 7).rows().map(r => r.f.id)"
    )
    assert set(got) == set(near["id"])


def test_many_points_are_painted_found_and_filtered(crowd: Any, open_page: Callable[..., Any]) -> None:
    _, path = crowd
    page = open_page(path)
    page.run("regionmap.view(0)")
    assert page.run("regionmap.state.crowd.count") > 4000
    inked = (
        "() => { const s = regionmap.state, c = s.canvas.ctx, a = c.getImageData(0, 0, s.canvas._container.width, s.canvas._container.height).data;"
        " let n = 0; const wanted = s.data.style.families.industry.colour.match(/\\w\\w/g).map(x => parseInt(x, 16));"
        " for (let i = 0; i < a.length; i += 4) if (a[i] === wanted[0] && a[i + 1] === wanted[1] && a[i + 2] === wanted[2]) n++; return n; }"
    )
    before = page.run(inked)
    assert before > 3000
    found = page.run(
        "() => { const s = regionmap.state, k = 7, c = s.crowd, p = s.map.layerPointToContainerPoint(L.point(c.x[k], c.y[k]).add(s.canvas._bounds.min));"
        " return [RM.draw.hit(s.canvas, s, p).map(f => f.n), c.n[k]]; }"
    )
    assert found[1] in found[0]
    page.run("() => { const s = regionmap.state; s.keep = new Uint8Array(s.data.features.length); s.canvas.paint(); }")
    assert page.run("regionmap.state.crowd === null") and page.run(inked) < before / 20
    page.run("() => { const s = regionmap.state; s.keep = null; s.map.setZoom(13, { animate: false }); }")
    assert page.run("regionmap.state.crowd === null")  # near enough to stand one by one, with names
    assert page.run("regionmap.labels().some(l => /第\\d+号厂/.test(l.text))")


def test_a_tick_paints_what_a_whole_painting_paints(crowd: Any, open_page: Callable[..., Any]) -> None:
    """Band and rings of a tick are those of the whole picture, but for names that wait."""
    _, path = crowd
    page = open_page(path)
    differ = page.run(
        "() => { const s = regionmap.state, v = s.canvas, p = v.view().port, get = () => v.ctx.getImageData(p[0], p[1], p[2] - p[0], p[3] - p[1]).data;"
        " const km = k => { s.answer = RM.ask.answer(s, s.asked.target, k); }; km(3); v.paint(); v.tick(); km(9); v.tick(); const a = get(); v.paint(); const b = get();"
        " km(3); v.paint(); const old = get(); let n = 0, far = 0; for (let i = 0; i < a.length; i += 4) { if (Math.abs(a[i] - b[i]) > 12) n++; if (Math.abs(old[i] - b[i]) > 12) far++; }"
        " return [n, far]; }"
    )
    assert differ[1] > 20 * differ[0], differ


def test_a_picture_painted_in_slices_is_the_one_painted_at_once(crowd: Any, open_page: Callable[..., Any]) -> None:
    """After wheel and drag: never less on the map than before, then what one painting shows; a change in between ends the slices."""
    _, path = crowd
    page = open_page(path)
    page.run("regionmap.view(0)")
    box = page.tab.locator(".folium-map").bounding_box()
    page.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.run(
        "() => { const v = regionmap.state.canvas, old = v.paintSlowly; window.slow = []; v.paintSlowly = function (next) { old.call(this, next);"
        " window.slow.push(!!this.pending && this._zoom !== next._zoom); }; }"
    )
    same = (
        "() => { const v = regionmap.state.canvas, get = () => v.ctx.getImageData(0, 0, v._container.width, v._container.height).data, a = get(),"
        " said = JSON.stringify(regionmap.labels()); v.paint(); const b = get(); let n = 0; for (let i = 0; i < a.length; i++) if (Math.abs(a[i] - b[i]) > 3) n++;"
        " return [n, said === JSON.stringify(regionmap.labels()), v._zoom === regionmap.state.map.getZoom()]; }"
    )
    for turn, wheel in enumerate((-400, -400, -400, 300), 1):
        page.tab.mouse.wheel(0, wheel)
        page.wait(f"() => window.slow.length === {turn} && !regionmap.state.canvas.pending")
        assert page.run(same) == [0, True, True], wheel
    assert page.run("window.slow") == [True] * 4, "the old picture stands while the new one is painted"
    assert page.run("regionmap.state.crowd === null && regionmap.labels().length > 5")
    page.tab.mouse.down()
    page.tab.mouse.move(box["x"] + 200, box["y"] + 200, steps=3)
    page.tab.mouse.up()
    page.wait("() => window.slow.length === 5 && !regionmap.state.canvas.pending")
    assert page.run(same)[:2] == [0, True]
    ended = page.run(
        "() => { const s = regionmap.state, v = s.canvas; v.byHand = true; s.map.setZoom(s.map.getZoom() - 1, { animate: false }); const was = !!v.pending;"
        " s.setTheme('dark'); return [was, !!v.pending, v._zoom === s.map.getZoom()]; }"
    )
    assert ended == [True, False, True]
    assert page.run(same) == [0, True, True]
    assert [e for e in page.errors if "readback" not in e] == []  # the pixels that this test reads


def test_names_stand_in_an_unbroken_halo(crowd: Any, open_page: Callable[..., Any]) -> None:
    """On black: every pixel beside the ink is halo, none farther than its width is touched; a full sheet begins anew."""
    page = open_page(crowd[1])
    bare, far, drawn = page.run(
        "() => { const c = document.createElement('canvas').getContext('2d'), font = '500 12px ' + RM.labels.FONT, name = (text, x, y) => { c.font = font;"
        " return { lines: [text], widths: [c.measureText(text).width], size: 15, font, colour: '#ff0000', x, y }; };"
        " c.canvas.width = 400; c.canvas.height = 60; c.fillRect(0, 0, 400, 60); const v = { ctx: c, ratio: 1 };"
        " for (let k = 0; k < 60; k++) RM.halo.lay(v, Array.from({ length: 40 }, (_, i) => name('第' + (40 * k + i) + '号加工项目', -500, -500)), '#00ff00');"
        " RM.halo.lay(v, [name('東北亞物流園', 200, 30)], '#00ff00'); const d = c.getImageData(0, 0, 400, 60).data, at = (x, y) => 4 * (400 * y + x);"
        " const ink = (x, y) => d[at(x, y)] > 150, lit = (x, y) => d[at(x, y)] + d[at(x, y) + 1] > 60; let bare = 0, far = 0, drawn = 0;"
        " for (let y = 4; y < 56; y++) for (let x = 4; x < 396; x++) { if (ink(x, y)) { drawn++; for (const [p, q] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) if (!lit(x + p, y + q)) bare++; }"
        " else if (lit(x, y)) { let near = false; for (let p = -4; p <= 4; p++) for (let q = -4; q <= 4; q++) near = near || d[at(x + p, y + q)] > 40; if (!near) far++; } }"
        " return [bare, far, drawn]; }"
    )
    assert drawn > 150 and (bare, far) == (0, 0)


def test_a_download_right_behind_a_tick_is_of_that_tick(crowd: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(crowd[1])
    page.run("() => { regionmap.state.ask(regionmap.state.data.question.corridors[0], 60); }")
    with page.tab.expect_download() as got:
        rows = page.run(
            """async () => { const km = document.getElementById("rm-km"); km.value = "3"; km.oninput(); await new Promise(requestAnimationFrame);
            document.getElementById("rm-csv").click(); return regionmap.state.answer.rows().length; }"""
        )
    assert Path(got.value.path()).read_text("utf-8").count("\n") == rows + 1 < 5000


def test_same_bytes_in_two_processes_with_an_added_marker(tmp_path: Path) -> None:
    write_region(tmp_path / "geodata")
    code = (
        "import sys, folium, regionmap as rm; c = rm.render(rm.open(sys.argv[1]), {'title': 't', 'layer': [{'show': 'all'}]});"
        "rm.save_html(c, sys.argv[2] + 'a.html'); folium.Marker([40.5, 100.5], popup='x').add_to(c); rm.save_html(c, sys.argv[2] + 'b.html', trust_added=True)"
    )
    sums = set()
    for seed in ("1", "2"):
        out = tmp_path / seed
        env = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "geodata"), str(out)], env=env, check=True)
        sums.add(tuple(hashlib.sha256((tmp_path / f"{seed}{x}.html").read_bytes()).hexdigest() for x in "ab"))
    assert len(sums) == 1


def test_killed_while_saving_leaves_the_old_file_whole(tmp_path: Path) -> None:
    """A process saves one page over and over and is killed at random moments: the file is one of the two, whole."""
    write_region(tmp_path / "geodata")
    target = tmp_path / "page.html"
    code = (
        "import sys, regionmap as rm; r = rm.open(sys.argv[1]); a, b = (rm.render(r, {'title': t, 'layer': [{'show': 'all'}]}) for t in ('old', 'new'))\n"
        "rm.save_html(a, sys.argv[2] + '.a'); rm.save_html(b, sys.argv[2] + '.b'); rm.save_html(a, sys.argv[2]); print('ready', flush=True)\n"
        "while True: rm.save_html(b, sys.argv[2]); rm.save_html(a, sys.argv[2])"
    )
    rng = random.Random()
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "geodata"), str(target)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.02, 0.4))
        process.kill()
        process.wait()
        whole = {Path(f"{target}.{x}").read_bytes() for x in "ab"}
        assert len(whole) == 2 and target.read_bytes() in whole


@pytest.mark.parametrize(
    "flags",
    [["--disable-3d-apis", "--disable-webgl"], ["--proxy-server=http://127.0.0.1:{port}"]],
    ids=["no WebGL", "network drops"],
)
def test_no_request_where_nothing_answers(flags: list[str], crowd: Any) -> None:
    """WebGL off; a network that takes connections and never answers. Nothing is asked for, nothing complains."""
    silent = socket.create_server(("127.0.0.1", 0))
    silent.settimeout(0.5)
    args = [f.format(port=silent.getsockname()[1]) for f in flags]
    script = (
        "import json, sys\nfrom playwright.sync_api import sync_playwright\nasked, said = [], []\n"
        "with sync_playwright() as p:\n"
        "    tab = p.chromium.launch(executable_path=sys.argv[1], args=['--no-sandbox', '--disable-gpu', *sys.argv[3:]]).new_page()\n"
        "    tab.on('request', lambda r: asked.append(r.url))\n"
        "    tab.on('console', lambda m: said.append(m.text)); tab.on('pageerror', lambda e: said.append(str(e)))\n"
        "    tab.goto(sys.argv[2]); tab.wait_for_selector('#rm-app[data-state=ready]', timeout=30000)\n"
        "    tab.evaluate(\"regionmap.ask('p2/line', 9)\"); tab.fill('#rm-search', '7'); tab.wait_for_timeout(300)\n"
        "print(json.dumps([len(asked), said]))"
    )
    own = crowd[1].as_uri()
    done = subprocess.run(
        [sys.executable, "-c", script, browser_path(), own, *args], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == "[1, []]", done.stdout + done.stderr
    silent.close()


def test_beyond_the_limit_the_page_says_what_to_do() -> None:
    limits.check(limits.MOST_FEATURES)
    with pytest.raises(rm.errors.PageError, match=r"200,001 features.*hexagons.*thin its points"):
        limits.check(limits.MOST_FEATURES + 1)
