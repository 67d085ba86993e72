"""The page of 10,000 and 100,000 points beside those of other packages: size, build, first paint, pan, question.

`python benchmarks/page.py [--points 10000 100000] [--rivals PYTHON]`: PYTHON is an interpreter with `folium
folium-offline geopandas mapclassify matplotlib swiftmap` (folium-offline brings another branca). Headless Chromium, no
GPU, every request refused, the middle of three runs. Writes page.json (`table.py` makes README.md of it), whose
rows stay that were not asked again. A rival's page that paints nothing
within a minute is blank.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import page_data

HERE = Path(__file__).parent
RIVALS = {
    "folium": "import folium; m = folium.Map(prefer_canvas=True); folium.GeoJson(g, marker=folium.CircleMarker(radius=3),"
    " popup=folium.GeoJsonPopup(A)).add_to(m); m.fit_bounds([[39, 119], [44, 124]]); m.save(out)",
    "folium-offline": "import offlinefolium as folium; m = folium.Map(prefer_canvas=True, tiles=None); folium.GeoJson(g,"
    " marker=folium.CircleMarker(radius=3), popup=folium.GeoJsonPopup(A)).add_to(m);"
    " m.fit_bounds([[39, 119], [44, 124]]); m.save(out)",
    "geopandas.explore": "g.explore(prefer_canvas=True).save(out)",
    "swiftmap": "import swiftmap; m = swiftmap.Map(); m.add_geojson(json.loads(g.to_json())); m.save(out)",
}
_RIVAL = "import json, sys, time, geopandas\ng = geopandas.read_file(sys.argv[1]); A = [c for c in g if c != 'geometry']; out = sys.argv[2]\n"
_FRAMES = """window.rmFrames = []; (() => { let last = performance.now(); const step = t => { window.rmFrames.push(t - last); last = t;
  requestAnimationFrame(step); }; requestAnimationFrame(step); })();"""
_ASK = """async () => { const s = regionmap.state, out = {}, line = s.data.features.find(f => f.id === 'p1/line1');
  const took = f => { const t = performance.now(); f(); return performance.now() - t; }, frame = () => new Promise(requestAnimationFrame);
  const middle = list => list.sort((a, b) => a - b)[list.length >> 1];
  const measured = () => took(() => { s.measured = null; RM.ask.measure(s, line); });
  out.choose_first_ms = measured(); out.choose_line_ms = middle([measured(), measured(), measured()]);
  let km = 5; out.tick_ms = middle(Array.from({ length: 30 }, () => took(() => { s.answer = RM.ask.answer(s, line, km += 0.5); })));
  regionmap.ask('p1/line1', 5);
  const range = document.getElementById('rm-range'), deltas = []; let last = await frame();
  for (let k = 0; k < 120; k++) { range.value = 400 + 2 * k; range.dispatchEvent(new Event('input')); const t = await frame(); deltas.push(t - last); last = t; }
  deltas.sort((a, b) => a - b); out.drag_p95_ms = deltas[Math.floor(deltas.length * 0.95)];
  out.search_first_ms = took(() => RM.store.find(s, '港', 30));
  out.search_ms = Math.max(...['镇', '码头', 'p1/0', '变电站', '第12条', '不在'].map(w => took(() => RM.store.find(s, w, 30))));
  let low = 0.1, high = 500; for (let k = 0; k < 40; k++) { const m = (low + high) / 2, a = RM.ask.answer(s, line, m); if (a.certain + a.possible < 6000) low = m; else high = m; }
  s.answer = RM.ask.answer(s, line, high); const list = []; s.measured.n.forEach((n, k) => { if (s.answer.level[n]) list.push(k); });
  out.csv_rows = list.length; out.csv_ms = middle([1, 2, 3].map(() => took(() => RM.download.csvText(s, list)))); return out; }"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rivals", default=sys.executable, help="interpreter that has the rivals")
    parser.add_argument("--without", nargs="*", default=[], choices=list(RIVALS), help="rivals left out")
    args = parser.parse_args()
    results, before = [], round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        for count in args.points:
            results += _of(count, Path(folder), args.rivals, set(args.without))
    asked = {(row["package"], row["points"]) for row in results}
    target = HERE / "page.json"
    old = json.loads(target.read_text("utf-8"))["rows"] if target.exists() else []
    rows = [*results, *(row for row in old if (row["package"], row["points"]) not in asked)]
    rows.sort(key=lambda row: row["points"])
    found = {"load": [before, round(os.getloadavg()[0], 1)], "rows": rows}
    target.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _of(count: int, folder: Path, python: str, without: set[str]) -> list[dict[str, Any]]:
    out = [{"package": "regionmap", "points": count, **_own(count, folder)}]
    table = folder / f"{count}.geojson"
    page_data.points(count).to_file(table, driver="GeoJSON")
    for name, code in RIVALS.items():
        if name in without:
            continue
        page = folder / f"{name}-{count}.html"
        timed = f"t = time.process_time()\n{code}\nprint(time.process_time() - t)"
        done = subprocess.run(
            [python, "-c", _RIVAL + timed, str(table), str(page)], capture_output=True, text=True, check=False
        )
        entry: dict[str, Any] = {"package": name, "points": count}
        if done.returncode:
            entry["error"] = done.stderr.strip().splitlines()[-1]
        else:
            entry |= {"build_cpu_s": float(done.stdout.split()[-1]), "mb": page.stat().st_size / 1e6, **_often(page)}
        out.append(entry)
        print(entry, flush=True)
    return out


def _own(count: int, folder: Path) -> dict[str, Any]:
    import regionmap as rm

    region = rm.open(page_data.region(folder / str(count), count))
    region.records  # noqa: B018 - opened, not built, is what the build starts from
    recipe = {
        "title": "试验",
        "layer": [{"title": "点", "show": "all"}],  # the 100 boundaries are its base map, as in the rivals' pages
        "question": {"corridor": "p1/line1", "within_km": 5},
    }
    page, start, cpu = folder / f"regionmap-{count}.html", time.perf_counter(), time.process_time()
    rm.save_html(rm.render(region, recipe), page)
    built = {"build_s": time.perf_counter() - start, "build_cpu_s": time.process_time() - cpu}
    found = {**built, "mb": page.stat().st_size / 1e6, **_often(page, _ASK)}
    print(found, flush=True)
    return found


def _often(page: Path, ask: str = "") -> dict[str, Any]:
    """The middle of three runs of `_shown`, each measure by itself; a blank page is not looked at again."""
    runs = [_shown(page, ask)]
    if runs[0]["first_paint_s"] is not None:
        runs += [_shown(page, ask) for _ in range(2)]
    return {measure: sorted(run[measure] for run in runs)[len(runs) // 2] for measure in runs[0]}


def _shown(page: Path, ask: str = "") -> dict[str, Any]:
    """First paint of features, the worst frame of panning and zooming, requests, and what `ask` measures."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chrome = shutil.which("chromium") or shutil.which("google-chrome")
        browser = play.chromium.launch(executable_path=chrome, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_context(viewport={"width": 1600, "height": 900}).new_page()
        asked: list[str] = []
        own = page.as_uri()
        tab.route("**/*", lambda route: route.continue_() if route.request.url == own else route.abort())
        tab.on(
            "request", lambda r: asked.append(r.url) if r.url != own and r.url[:5] not in ("data:", "blob:") else None
        )
        tab.add_init_script(_FRAMES)
        seen: list[tuple[float, str]] = []
        cast = tab.context.new_cdp_session(tab)

        def frame(found: dict[str, Any]) -> None:
            seen.append((found["metadata"]["timestamp"], found["data"]))
            cast.send("Page.screencastFrameAck", {"sessionId": found["sessionId"]})

        cast.on("Page.screencastFrame", frame)
        cast.send("Page.startScreencast", {"format": "png"})
        start = time.time()
        tab.goto(own, wait_until="commit", timeout=60_000)
        found: dict[str, Any] = {"requests": 0, "first_paint_s": _first_paint(tab, seen, start)}
        cast.send("Page.stopScreencast")
        if found["first_paint_s"] is not None:
            tab.wait_for_timeout(1500)
            found["worst_frame_ms"] = _moved(tab)
            if ask:
                found |= tab.evaluate(ask)
        found["requests"] = len(asked)
        browser.close()
    return found


def _first_paint(tab: Any, frames: list[tuple[float, str]], start: float) -> float | None:
    """Seconds until a frame was presented in which a 25th of the middle is something else than its ground (borders are a hundredth);
    None: a minute did not do. Frames come from Chromium's screencast, which waits for nothing that a script still does."""
    from PIL import Image

    done = 0
    while time.time() - start < 60:
        tab.wait_for_timeout(100)
        for at, raw in frames[done:]:
            done += 1
            picture = Image.open(io.BytesIO(base64.b64decode(raw))).convert("RGB").crop((850, 250, 1150, 550))
            pixels = np.asarray(picture, np.int32).reshape(-1, 3) @ (65536, 256, 1)
            if np.unique(pixels, return_counts=True)[1].max() < len(pixels) * 24 / 25:
                return at - start
    return None


def _moved(tab: Any) -> float:
    tab.evaluate("window.rmFrames.length = 0")
    tab.mouse.move(1000, 450)
    for dx, dy in ((-200, -80), (150, 60), (90, -120)):
        tab.mouse.down()
        tab.mouse.move(1000 + dx, 450 + dy, steps=8)
        tab.mouse.up()
        tab.wait_for_timeout(400)
        tab.mouse.move(1000, 450)
    for wheel in (-240, -240, 240, 240):
        tab.mouse.wheel(0, wheel)
        tab.wait_for_timeout(700)
    return float(tab.evaluate("Math.max(...window.rmFrames)"))


if __name__ == "__main__":
    main()
