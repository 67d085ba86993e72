"""Recipes: what they may say, and every fault at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import regionmap as rm
from regionmap.maps import payload, recipe

BAD = [
    ({}, "title", "needs a title"),
    ({"title": "t", "frme": "x"}, "frme", "did you mean frame"),
    ({"title": 3}, "title", "must be str"),
    ({"title": "t", "frame": "没有县"}, "frame", "unknown name"),
    ({"title": "t", "lang": "de"}, "lang", "allowed are zh, en"),
    ({"title": "t", "units": "town"}, "units", "allowed are"),
    ({"title": "t", "layer": [{"show": "prks"}]}, "layer 1.show", "did you mean parks"),
    ({"title": "t", "layer": [{"show": ["甲丁铁"]}]}, "layer 1.show", "nearest names"),
    ({"title": "t", "layer": [{"show": {"near": "甲丁铁路"}}]}, "layer 1.show", "within_km"),
    ({"title": "t", "layer": [{"show": "all", "where": {"paln": "p1"}}]}, "layer 1.where", "did you mean plan"),
    ({"title": "t", "layer": [{"show": "all", "where": {"status": "plannd"}}]}, "layer 1.where.status", "planned"),
    ({"title": "t", "layer": [{"show": "all", "colour": "red"}]}, "layer 1.colour", "allowed are"),
    ({"title": "t", "layer": ["x"]}, "layer 1", "a table is needed"),
    ({"title": "t", "question": {"corridor": "甲丁铁", "within_km": 10}}, "question.corridor", "nearest names"),
    ({"title": "t", "question": {"within_km": 5000}}, "question.within_km", "0 to 1000"),
    ({"title": "t", "layer": [{"show": "parks", "where": {"plan": "p2"}}]}, "layer 1", "shows nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "column", "text"), BAD, ids=[b[1] + " " + b[2] for b in BAD])
def test_faults_name_the_key_and_the_remedy(tiny: Any, raw: dict[str, Any], column: str, text: str) -> None:
    with pytest.raises(rm.errors.RecipeError) as error:
        recipe.read(raw, tiny)
    assert column in {f.column for f in error.value.faults}
    assert text in str(error.value)


def test_all_faults_at_once(tiny: Any) -> None:
    with pytest.raises(rm.errors.RecipeError) as error:
        recipe.read({"lang": "de", "frame": "没有县", "layer": [{"show": "prks"}, {"shw": 1}]}, tiny)
    assert len(error.value.faults) >= 5


def test_files(tiny: Any, tmp_path: Path) -> None:
    with pytest.raises(rm.errors.NotFoundError, match="no recipe"):
        recipe.read(tmp_path / "none.toml", tiny)
    (tmp_path / "bad.toml").write_text("title = ", "utf-8")
    with pytest.raises(rm.errors.RecipeError, match="not valid TOML"):
        recipe.read(tmp_path / "bad.toml", tiny)


def test_a_thing_stands_once_with_all_citations(tiny: Any) -> None:
    data = payload.build(tiny, recipe.read({"title": "t", "layer": [{"show": "corridors"}]}, tiny))
    lines = [f for f in data["features"] if f["kind"] == "corridor"]
    assert [f["id"] for f in lines] == ["p2/line"]
    assert [(c[1], c[4]) for c in lines[0]["cites"]] == [("一(一)1", "p1/line"), ("4", "p2/line")]


def test_every_record_comes_along_unless_told(tiny: Any) -> None:
    raw = {"title": "t", "layer": [{"show": "parks"}]}
    ids = {f["id"] for f in payload.build(tiny, recipe.read(raw, tiny))["features"]}
    assert ids == {"p1/park", "p1/port", "p1/somewhere", "p1/nowhere", "p1/zone", "p2/line"}
    few = payload.build(tiny, recipe.read({**raw, "rest": False}, tiny))
    assert [f["id"] for f in few["features"]] == ["p1/park"]


def test_a_query_layer_holds_what_near_returns(tiny: Any) -> None:
    raw = {"title": "t", "layer": [{"show": {"near": "甲丁铁路", "within_km": 1}}]}
    near = rm.near(tiny.candidates("p2/line"), tiny.feature("甲丁铁路"), within_m=1000)
    assert set(recipe.read(raw, tiny).layers[0].ids) == set(near["id"])


def test_a_question_asks_of_the_latest_record_of_a_thing(tiny: Any) -> None:
    raw = {"title": "t", "question": {"corridor": "p1/line", "within_km": 1}}
    assert recipe.read(raw, tiny).corridor == "p2/line"
    ids = payload._rows(tiny, recipe.read(raw, tiny)).index
    assert "p2/line" in ids and "p1/line" not in ids
