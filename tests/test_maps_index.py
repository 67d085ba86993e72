"""The index page and its thumbnails: links, escapes, the same bytes, and what `build` does with them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, write_region

import regionmap as rm
from regionmap.cli import main
from regionmap.maps import index, thumbnail

HOSTILE = "<img src=x onerror=alert(1)>'\"&</svg></script><script>alert(2)</script>"


def recipe(folder: Path, name: str, **keys: Any) -> Path:
    import json

    lines = [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in {"title": name, **keys}.items()]
    path = folder / f"{name}.toml"
    path.write_text("\n".join([*lines, '[[layer]]\nshow = "all"\n']), "utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(write_region(tmp_path / "geodata"))


def test_more_than_one_page_gets_an_index(data: str, tmp_path: Path, capsys: Any) -> None:
    one, two = recipe(tmp_path, "甲 图#1", group="乙组", order=2), recipe(tmp_path, "b", group="甲组", order=1)
    assert main(["build", str(one), "--data", data, "--out", str(tmp_path / "x")]) == 0
    assert not (tmp_path / "x/index.html").exists()
    assert main(["build", str(one), str(two), "--data", data, "--out", str(tmp_path / "y")]) == 0
    text = (tmp_path / "y/index.html").read_text("utf-8")
    assert re.findall(r'<li><a href="([^"]+)"', text) == ["b.html", "%E7%94%B2%20%E5%9B%BE%231.html"]
    assert text.index("甲组") < text.index("乙组")
    assert (tmp_path / "y" / "甲 图#1.html").is_file()
    assert "index.html" in capsys.readouterr().out


def test_two_pages_of_one_name_are_wrong_usage(data: str, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "other").mkdir()
    same = recipe(tmp_path, "a"), recipe(tmp_path / "other", "a")
    assert main(["build", *map(str, same), "--data", data, "--out", str(tmp_path / "x")]) == 2
    assert "a.html" in capsys.readouterr().err and not (tmp_path / "x").exists()
    own = recipe(tmp_path, "index"), recipe(tmp_path, "a")
    assert main(["build", *map(str, own), "--data", data, "--out", str(tmp_path / "x")]) == 2


def test_nothing_from_a_recipe_runs(tmp_path: Path, chromium: Any) -> None:
    region = rm.open(write_region(tmp_path / "geodata", title=HOSTILE))
    raw = {"title": HOSTILE, "subtitle": HOSTILE, "group": HOSTILE, "footer": {"date": HOSTILE}, "layer": [{"show": "all"}]}
    data = rm.render(region, raw).data
    path = index.write([index.card("a'\"><b", data)], data, tmp_path)
    for policy in (True, False):
        if not policy:
            path.write_text(path.read_text("utf-8").replace("Content-Security-Policy", "X-Nothing"), "utf-8")
        tab, said = chromium.new_page(), []
        tab.on("dialog", lambda d, said=said: (said.append(d.message), d.dismiss()))
        tab.on("request", lambda r, said=said: said.append(r.url) if not r.url.endswith("index.html") else None)
        tab.goto(path.as_uri())
        assert tab.evaluate("document.querySelector('strong').textContent") == HOSTILE
        assert not tab.evaluate("!!document.querySelector('img, script')")
        assert said == []
        tab.close()


def test_same_input_same_bytes(tiny: Any, tmp_path: Path) -> None:
    raw = {"title": "t", "layer": [{"show": "all"}, {"show": "units", "level": "county", "count": {}}]}
    pages = []
    for _ in range(2):
        data = rm.render(tiny, raw).data
        pages.append(index.page([index.card("a", data), index.card("b", data)], data))
    assert pages[0] == pages[1]
    assert "style=" not in pages[0] and "<script" not in pages[0]


def test_an_index_of_english_maps_is_english(tiny: Any) -> None:
    data = rm.render(tiny, {"title": "t", "lang": "en", "layer": [{"show": "all"}]}).data
    assert '<html lang="en">' in index.page([index.card("a", data)], data)


@pytest.mark.parametrize("name", ["province-zones", "targets", "xiliu-channels", "shenyang-tieling"])
def test_thumbnails_are_small_and_whole(region: Any, name: str) -> None:
    data = rm.render(region, ROOT / "maps" / f"{name}.toml").data
    text = thumbnail.svg(data)
    assert len(text) < 60_000
    root = ET.fromstring(text)
    paper = data["style"]["paper"]
    fills = {e.get("fill") for e in root.iter()}
    assert {paper["sea"], paper["own"]} <= fills
    expected = {
        "province-zones": data["style"]["each"][:4],
        "targets": data["style"]["ramps"][4][2:],
        "xiliu-channels": [data["style"]["families"]["port"]["colour"]],
        "shenyang-tieling": [paper["accent"], paper["band"]],
    }[name]
    assert set(expected) <= {e.get(a) for e in root.iter() for a in ("fill", "stroke")}
    for number in re.findall(r"-?\d+\.\d", " ".join(e.get("d", "") for e in root.iter())):
        assert -5 <= float(number) <= thumbnail.WIDTH + 5
