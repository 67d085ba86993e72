"""The corpus of injections in every text that a page shows: nothing runs, nothing breaks, everything is shown as written."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import RECORDS, UNITS, a_record, write_csv, write_region
from injections import CATEGORIES, PAYLOADS

import regionmap as rm
from regionmap.maps import index

SHORT = [p for p in PAYLOADS if len(p) < 500]
ALL = " ".join(SHORT)
COLUMN = "<img src=x onerror=alert(1)>"
UNIT_COLUMNS = ["code", "names", "population", "year", "area_km2", "source", COLUMN]
# elements and attributes that only a text that was taken for markup could have brought
INTRUDERS = "[...document.querySelectorAll('*')].filter(e => /^(IFRAME|OBJECT|EMBED|BASE|FORM|MARQUEE|VIDEO|MATH|XMP|FOREIGNOBJECT|IMG|ANIMATE|SET|USE|TEMPLATE|NOSCRIPT)$/i.test(e.tagName) || [...e.attributes].some(a => /^on/i.test(a.name) || (/^(href|src|action)$/i.test(a.name) && /script:|evil/i.test(a.value)))).map(e => e.outerHTML.slice(0, 200))"


def name_of(text: str) -> str:
    """What may stand as a name: not only spaces."""
    return text if text.strip() else f"x{text}"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A region whose every text is hostile: records, plans, units, targets, sources."""
    folder, records, targets = tmp_path_factory.mktemp("hostile"), [], []
    for n, text in enumerate(PAYLOADS):
        inner = text.replace(";", ",") or "x"
        record = {**RECORDS[n % 5], "id": f"p1/h{n}", "name": name_of(text), "aliases": inner, "name_en": text, "note": text, "lead": text}
        record |= {"responsible": inner, "clause": inner, "investment": text, "scale": text, "status_text": text, "start": str(2020 + n % 9)}
        records.append(record)
        targets.append({"id": f"p1/t{n}", "indicator": name_of(text), "region": "甲县", "value": "", "comparator": "text", "value_text": name_of(text), "unit": text, "growth": text, "clause": inner})
    records.append(a_record("p1/zone", "合作区", "东市", kind="zone"))
    write_region(folder, records, targets, title=ALL)
    rows = [{"code": c, "names": f"{n};<svg onload=alert(1)>{c}", COLUMN: str(k)} for k, (c, n) in enumerate(UNITS.items())]
    write_csv(folder / "gazetteer/units.csv", UNIT_COLUMNS, rows)
    settings = (folder / "region.toml").read_text("utf-8").replace('source = "made in code"', f"source = {json.dumps(ALL, ensure_ascii=False)}")
    (folder / "region.toml").write_text(settings, "utf-8")
    for plan in ("p1", "p2"):
        path = folder / "plans" / plan / "plan.toml"
        fields = tomllib.loads(path.read_text("utf-8")) | {"title": ALL, "issuer": ALL, "number": ALL}
        path.write_text("\n".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in fields.items()), "utf-8")
    return rm.open(folder)


def recipe(title: str) -> dict[str, Any]:
    layers = [{"title": name_of(t), "title_en": name_of(t), "show": [f"p1/h{n}"], "visible": n % 3 == 0} for n, t in enumerate(PAYLOADS) if n % 2 and t in SHORT]
    filled = [{"title": title, "show": "targets"}, {"show": "units", "level": "county", "column": COLUMN, "visible": False, "unit": COLUMN}]
    footer = dict.fromkeys(("approval", "date", "classification", "note", "note_en"), title)
    views = [{"title": name_of(t), "title_en": name_of(t), "frame": "甲县"} for t in PAYLOADS[::2] if t in SHORT]
    return {"title": title, "title_en": title, "subtitle": " ".join(SHORT[::-1]), "subtitle_en": title, "frame": "试验省", "layer": filled + layers,
            "view": views, "question": {"corridor": "p1/h0", "within_km": 300}, "footer": footer}  # fmt: skip


@pytest.fixture(scope="module")
def pages(hostile: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The page as it is, and without its policy: it must be as safe without."""
    folder = tmp_path_factory.mktemp("pages")
    one, two = folder / "policy.html", folder / "bare.html"
    rm.save_html(rm.render(hostile, recipe(ALL)), one)
    two.write_text(one.read_text("utf-8").replace("Content-Security-Policy", "X-Nothing"), "utf-8")
    return [one, two]


def test_the_corpus_is_large() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 100 and len(CATEGORIES) >= 10


SEE_ALL = """async () => {
  const s = regionmap.state, bad = [], wait = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const named = (f) => (s.lang === "en" && f.en ? f.en : f.name), n = s.data.features.length;
  for (const lang of ["zh", "en"]) {
    s.setLang(lang);
    ["dark", "light"].forEach((theme) => s.setTheme(theme));
    s.data.layers.forEach((layer) => { layer.visible = !layer.filled; });
    s.build();
    for (let i = 0; i < n; i++) {   // every card
      const f = s.data.features[i];
      if (!/^p1\\/h/.test(f.id)) continue;
      const card = RM.popup.card(s, f, () => 0), said = card.textContent;
      if (card.querySelector("h3").textContent !== named(f)) bad.push(["card", f.id, said.slice(0, 99)]);
      [f.verb, f.note, f.scale, f.inv].forEach((t) => { if (t && !said.includes(t.replace(/knowledge/g, ""))) bad.push(["field", f.id, t.slice(0, 99)]); });
    }
    for (let i = 0; i < n; i += 25) { regionmap.open(s.data.features[i].id); await wait(); }
    s.map.closePopup();
    s.data.layers.filter((l) => l.filled).forEach((l) => l.filled.cells.forEach((cell) => document.body.append(RM.cells.card(s, cell.f, () => 0))));
    document.querySelectorAll("body > .rm-card").forEach((card) => card.remove());
    const box = document.getElementById("rm-search"), seen = new Set();   // search
    for (let i = 0; i < n; i += 4) {
      box.value = s.data.features[i].name.slice(0, 40);
      box.dispatchEvent(new Event("input"));
      if (box.value.trim() && !document.querySelector("#rm-found button")) bad.push(["search", box.value]);
    }
    box.value = ""; box.dispatchEvent(new Event("input"));
    const list = document.getElementById("rm-list");   // the list, row by row
    RM.tabs.show("ask");
    s.sort = { key: "name", down: false };
    RM.table.fill(s);
    for (let top = 0; top < list.scrollHeight; top += 200) { list.scrollTop = top; await wait(); document.querySelectorAll("#rm-rows button").forEach((b) => seen.add(b.textContent)); }
    s.answer.rows().forEach((r) => { if (!seen.has(named(r.f))) bad.push(["list", r.f.id]); });
    document.getElementById("rm-text").value = "alert"; document.getElementById("rm-text").dispatchEvent(new Event("input"));
    document.getElementById("rm-text").value = ""; document.getElementById("rm-text").dispatchEvent(new Event("input"));
    [...document.querySelectorAll("[role=tab]")].forEach((tab) => tab.click());
    document.querySelectorAll("details").forEach((d) => { d.open = true; });
    const at = s.map.getSize();   // tooltips
    for (let x = 40; x < at.x; x += 190) for (let y = 40; y < at.y; y += 190) { s.map.fire("mousemove", { containerPoint: L.point(x, y), latlng: s.map.containerPointToLatLng([x, y]) }); await wait(); }
    RM.question.choose(s, RM.question.made(s, "line", [[100.1, 40.1], [100.9, 40.9]]), false);
    s.ask(0, 300);
    window.dispatchEvent(new Event("beforeprint")); await wait(); window.dispatchEvent(new Event("afterprint"));
  }
  const plain = (text) => text.replace(/[\\s\\u0000-\\u001f]+/g, "");
  return { bad, title: plain(document.title) === plain(s.data.title), texts: document.body.innerText.length };
}"""


@pytest.mark.parametrize("which", [0, 1], ids=["policy", "without policy"])
def test_nothing_runs_and_everything_is_shown(which: int, pages: list[Path], open_page: Callable[..., Any]) -> None:
    page = open_page(pages[which], 1400, 800)
    seen = page.run(SEE_ALL)
    assert seen["bad"] == [] and seen["texts"] > 1000
    assert seen["title"], "the title is not what the recipe says"
    assert page.run(INTRUDERS) == []
    page.tab.wait_for_timeout(200)
    assert page.errors == [] and page.requests == []


def test_downloads_hold_the_texts_and_no_formula(hostile: Any, pages: list[Path], open_page: Callable[..., Any]) -> None:
    page = open_page(pages[0])
    page.run("() => { regionmap.state.ask(0, 1000); }")
    rows = list(csv.DictReader(io.StringIO(page.run("RM.download.csvText(regionmap.state, regionmap.state.listed)").removeprefix("\ufeff"), newline="")))
    geo = json.loads(page.run("RM.download.geojsonText(regionmap.state, regionmap.state.listed)"))
    names = hostile.records["name"].to_dict()
    assert len(rows) > 90 and [r["id"] for r in rows] == [f["id"] for f in geo["features"]]
    for row, feature in zip(rows, geo["features"], strict=True):
        assert row["name"].removeprefix("'") == names[row["id"]].removeprefix("'")
        assert feature["properties"]["name"] == names[row["id"]]
        for cell in row.values():
            text = cell.lstrip(" \ufeff\u00a0\u0085\u2028\u2029")
            assert not text.startswith(("=", "+", "@", "|", "\uff1d", "\uff0b", "\uff20")) and (not text.startswith("-") or text[1:].replace(".", "").isdigit())
    for name in page.run("regionmap.state.data.features.map(f => RM.download.safe(f.name))"):
        assert name and not set(name) & set('\\/:*?"<>|\u202e\u2066\u2028\r\n\t') and len(name) <= 80 and not name.startswith(".")


def test_the_address_is_data_from_strangers(pages: list[Path], chromium: Any) -> None:
    """Whatever stands behind the #, the page opens; nothing runs, nothing is loaded."""
    keys = ("v", "q", "km", "l", "off", "tab", "sort", "kind", "plan", "period", "text", "sure", "filter", "lang", "theme", "x")
    texts = [*SHORT[::6], "f:p1/h1", "p:1,2,3", "p:999,1", "d:1,1;nan,2", "d:" + "1,1;" * 900, "1e9", "-1", "NaN", "0~__proto__", "%E0%A4%A", "1" * 30000, ";" * 500]
    context = chromium.new_context()
    tab, wrong = context.new_page(), []
    own = pages[0].resolve().as_uri()
    tab.on("request", lambda r: wrong.append(r.url) if not r.url.startswith(own) else None)
    tab.on("pageerror", lambda e: wrong.append(str(e)))
    tab.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    tab.on("dialog", lambda d: (wrong.append(d.message), d.dismiss()))
    tab.goto(own + "#" + "&".join(f"{k}=%3Cimg src=x onerror=alert(1)%3E" for k in keys))
    tab.wait_for_selector("#rm-app[data-state=ready]", timeout=20_000)
    tab.evaluate(
        """async ([keys, texts]) => { for (const key of keys) for (const text of texts) {
          history.replaceState(null, "", "#" + key + "=" + (text.includes("%E0") ? text : encodeURIComponent(text)));
          regionmap.state.link.restore();
        } await new Promise((done) => setTimeout(done, 400)); }""",
        [list(keys), texts],
    )
    assert wrong == [] and tab.evaluate(INTRUDERS) == []
    assert tab.evaluate("document.querySelectorAll('.folium-map canvas').length") > 0
    context.close()


def test_the_index_shows_the_texts(hostile: Any, tmp_path: Path, chromium: Any) -> None:
    data = rm.render(hostile, recipe(ALL)).data
    index.write([index.card(f"m{n}", data | {"title": name_of(t), "subtitle": t}) for n, t in enumerate(SHORT)], data, tmp_path)
    context = chromium.new_context()
    tab, wrong = context.new_page(), []
    tab.on("request", lambda r: wrong.append(r.url))
    tab.on("dialog", lambda d: (wrong.append(d.message), d.dismiss()))
    tab.on("console", lambda m: wrong.append(m.text))
    tab.goto((tmp_path / "index.html").as_uri())
    said = tab.evaluate("document.body.textContent")
    assert all(name_of(t).strip() in said for t in SHORT) and len(wrong) == 1
    assert not tab.evaluate("!!document.querySelector('img, iframe, script, base, form')")
    context.close()
