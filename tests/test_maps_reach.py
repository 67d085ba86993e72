"""The page's reach: what the recipe may say, and that the page shows what rm.reach answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from conftest import a_record, made_region

import regionmap as rm
from regionmap.maps import recipe

LINES = [{"name": "南北线", "class": "rail", "speed_kmh": "100", "accuracy_m": "500", "source": "made in code",
          "nodes": "甲站@100.2,40.1 > 戊站@100.2,40.64"}]  # fmt: skip
PLACES = [("甲站", "", "station", "990101", 100.2, 40.1, 100, ""), ("戊站", "", "station", "990201", 100.2, 40.64, 100, ""),
          ("己站", "", "station", "990202", 100.75, 40.75, 100, "")]  # fmt: skip
RECORDS = [
    a_record("p1/new", "新线", "戊站 > 己站", "corridor", sector="rail", status="planned"),
    a_record("p1/plant", "己厂<b>", "己站"),
    a_record("p1/near", "甲厂", "甲站"),
]  # fmt: skip
RAW = {
    "title": "可达", "units": "county", "layer": [{"show": "all"}],
    "reach": {
        "origin": "甲站", "minutes": 60, "max_minutes": 120, "step": 30,
        "scenario": [{"title": "现状", "modes": ["rail"]}, {"title": "有新线", "title_en": "with", "modes": ["rail"], "with": ["新线"]}],
        "assume": {"board_minutes": {"rail": 10}},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One for all tests here: none changes it."""
    return made_region(tmp_path_factory.mktemp("reach") / "geodata", *RECORDS, places=PLACES, lines=LINES)


def changed(**reach: Any) -> dict[str, Any]:
    return {**RAW, "reach": {**RAW["reach"], **reach}}


BAD = [
    (changed(origin=""), "reach.origin", "is needed"),
    (changed(origin="没有站"), "reach.scenario 1", "unknown name"),
    (changed(minutes=0), "reach.minutes", "from 1 to 600"),
    (changed(max_minutes=30), "reach.max_minutes", "from 60 to 600"),
    (changed(shown=3), "reach.shown", "allowed are 1, 2"),
    (changed(orign="x"), "reach.orign", "did you mean origin"),
    (changed(assume={"local": {"sped_kmh": 3}}), "reach.assume", "nearest: local.speed_kmh"),
    (changed(scenario=[{"modes": ["ship"]}]), "reach.scenario 1.modes", "allowed are rail, road"),
    (changed(scenario=[{"with": ["没有线"]}]), "reach.scenario 1", "no record"),
    (changed(scenario=[{"without": ["没有线"]}]), "reach.scenario 1", "nearest names"),
    (changed(scenario="x"), "reach.scenario", "must be list"),
    ({**RAW, "channels": {"names": ["没有道"]}}, "channels.names", "no channel"),
]


@pytest.mark.parametrize(("raw", "column", "text"), BAD, ids=[f"{b[1]} {b[2]}" for b in BAD])
def test_faults_name_the_key_and_the_remedy(small: Any, raw: dict[str, Any], column: str, text: str) -> None:
    with pytest.raises(rm.errors.RecipeError) as error:
        recipe.read(raw, small)
    assert column in {f.column for f in error.value.faults} and text in str(error.value)


def test_the_payload_is_what_reach_answers(small: Any) -> None:
    data = rm.render(small, RAW).data
    assert data["reach"]["steps"] == [30, 60, 90, 120]
    for own, options in zip(data["reach"]["scenarios"], ({}, {"scenario": ["新线"]}), strict=True):
        found = rm.reach(small, "甲站", minutes=120, modes=["rail"], bands=[30, 60, 90, 120], assume={"board_minutes.rail": 10}, **options)
        for n, f in enumerate(data["features"]):
            minutes = found.features["minutes"].get(f["id"], np.inf)
            assert own["features"][n] == (round(minutes, 1) if np.isfinite(minutes) else None)
        assert own["units"][0] == [round(m, 1) if np.isfinite(m) else None for m in found.units["minutes"]]
        assert dict(zip(own["ledger"], own["values"], strict=True)) == dict(zip(found.ledger["key"], found.ledger["value"], strict=True))
        for way, row in zip(own["ways"], found.units.itertuples(), strict=True):
            assert (way is not None) == (row.minutes <= 120)
            if way:
                assert sum(leg[4] for leg in way["legs"]) == pytest.approx(row.minutes, abs=0.1 * len(way["legs"]) + 0.05)


def test_switch_and_slider(small: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    rm.save_html(rm.render(small, RAW), tmp_path / "x.html")
    page = open_page(tmp_path / "x.html")
    assert page.run("document.querySelector('.rm-tabs [aria-selected=true]').dataset.tab") == "reach"

    def at(minutes: int, scenario: int) -> tuple[str, int, list[str]]:
        page.tab.check(f"input[name=rm-scenario][value='{scenario}']")
        page.run("m => { const r = document.getElementById('rm-minutes'); r.value = m; r.dispatchEvent(new Event('input')); }", minutes)
        page.tab.wait_for_timeout(250)
        things = page.run("regionmap.state.reach.rows.things.map(r => r.f.id)")
        pixels = page.run(
            "(() => { const s = regionmap.state, c = document.createElement('canvas'); c.width = 400; c.height = 400; const m = s.data.shapes,"
            " n = s.data.reach.scenarios[s.reach.s].areas[s.data.reach.steps.indexOf(s.reach.m)]; return n === null ? 0 :"
            " m[n].areas.reduce((sum, rings) => sum + rings[0].length, 0); })()"
        )
        return page.run("document.querySelector('#rm-reach .rm-sum').textContent"), pixels, things

    text, _, few = at(30, 0)
    assert text.startswith("30 ")
    for minutes in (60, 90, 120):
        _, corners, more = at(minutes, 0)
        assert set(few) <= set(more) and corners > 0, "more time never reaches less"
        few = more
    _, _, then = at(120, 1)
    assert set(few) <= set(then) and "p1/plant" in set(then), "a line that is added makes nobody later"
    assert "现状" in page.run("document.querySelector('.rm-reach-key').textContent")
    assert "假设" in page.run("document.querySelector('.rm-reach-key').textContent")
    ledger = page.run("[...document.querySelectorAll('.rm-ledger tbody tr')].map(r => r.textContent)")
    assert any("10 min" in row and "配方指定" in row for row in ledger)
    csv = page.run("RM.reach.csv(regionmap.state)")
    assert "assumption,board_minutes.rail" in csv and "people,by_area" in csv and "feature,p1/plant" in csv
    page.tab.click("#rm-reach tbody button >> nth=0")
    assert page.run("document.querySelectorAll('.rm-way li').length") >= 1
    swatch = "document.querySelector('.rm-reach-key canvas').toDataURL()"
    light = page.run(swatch)
    page.run("regionmap.state.setTheme('dark')")
    assert page.run(swatch) != light, "the key follows the theme"
    page.run("regionmap.state.setTheme('light')")
    assert page.run(swatch) == light
    page.tab.click("#rm-lang")
    assert "From 甲站" in page.run("document.querySelector('#rm-reach').textContent")
    assert "with" in page.run("document.querySelector('#rm-reach').textContent")
    assert page.run("document.querySelectorAll('.rm-reach-key').length") == 1
    assert page.errors == [] and page.requests == []


def test_areas_on_the_page_hold_the_halls(small: Any) -> None:
    """Drawn a little rougher, an area still holds the halls well within its minutes."""
    data = rm.render(small, RAW).data
    found = rm.reach(small, "甲站", minutes=60, modes=["rail"], assume={"board_minutes.rail": 10})
    encoded = data["shapes"][data["reach"]["scenarios"][0]["areas"][1]]["a"]
    area = shapely.union_all([shapely.Polygon(np.cumsum(np.reshape(r[0], (-1, 2)), axis=0) / 1e5) for r in encoded])
    early = found.nodes[found.nodes["minutes"] <= 55]
    assert len(early) and shapely.covers(area, early.geometry.to_numpy()).all()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_picture_carries_areas_and_every_assumption(small: Any, lang: str) -> None:
    from regionmap.maps.picture import legend, scene

    raw = {**RAW, "reach": {**RAW["reach"], "shown": 2}}
    drawn = scene.build(small, recipe.read(raw, small), lang)
    assert [edge for edge, _, _ in drawn.reach.bands] == [15, 30, 45, 60] and drawn.reach.other is not None
    texts = [row.text for row in legend.rows(drawn, None)]
    found = rm.reach(small, "甲站", minutes=60, modes=["rail"], scenario=["新线"], assume={"board_minutes.rail": 10})
    word = "en" if lang == "en" else "zh"
    for row in found.ledger.itertuples():
        assert any(text.startswith(getattr(row, word)) and f"{row.value:g}" in text for text in texts), row.key
    assert "with" in texts if lang == "en" else "有新线" in texts
