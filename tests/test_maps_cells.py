"""Filled layers: values, classes and names against independent definitions, and every fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapclassify
import numpy as np
import pytest
import shapely
from conftest import RECORDS, ROOT, write_region

import regionmap as rm
from regionmap.maps import cells, payload, recipe

TARGETS = [
    {"id": "p1/t1", "indicator": "占比", "region": "东市", "value": "30", "comparator": "=", "unit": "%", "year": "2025", "clause": "一"},
    {"id": "p1/t2", "indicator": "占比", "region": "丙县", "value": "35", "comparator": ">=", "unit": "%", "year": "2025", "clause": "一"},
    {"id": "p1/t3", "indicator": "占比", "region": "丁县", "comparator": "text", "value_text": "高于平均", "unit": "%", "year": "2025", "clause": "一"},
    {"id": "p1/t4", "indicator": "产值", "region": "试验省", "value": "100", "comparator": "about", "unit": "亿元", "year": "2025", "clause": "二"},
    {"id": "p2/t5", "indicator": "产值", "region": "甲县", "value": "7", "comparator": "=", "unit": "万元", "year": "2025", "clause": "三"},
    {"id": "p2/t6", "indicator": "人数", "region": "甲县", "value": "7", "comparator": "=", "unit": "人", "year": "2025", "clause": "三"},
    {"id": "p2/t7", "indicator": "人数", "region": "甲县", "value": "9", "comparator": "=", "unit": "人", "year": "2030", "clause": "三"},
]  # fmt: skip


@pytest.fixture
def planned(tmp_path: Path) -> Any:
    """The small region with targets."""
    return rm.open(write_region(tmp_path / "geodata", targets=TARGETS))


def filled(region: Any, **layer: Any) -> cells.Filled:
    found = recipe.read({"title": "t", "layer": [layer]}, region).layers[0].filled
    assert found is not None
    return found


def test_an_indicator_fills_the_regions_that_the_document_names(planned: Any) -> None:
    found = filled(planned, show="targets", indicator="占比")
    assert {c.name: c.value for c in found.cells} == {"东市": 30.0, "丙县": 35.0, "丁县": None}
    assert found.unit == "%" and found.limits == (30.0, 35.0) and found.scheme == "FisherJenks"
    assert {c.name: c.targets for c in found.cells}["丁县"] == ("p1/t3",)


def test_targets_that_apply_cut_the_region_up(planned: Any) -> None:
    found = filled(planned, show="targets")
    assert {(c.name, c.but): set(c.targets) for c in found.cells} == {
        ("甲县", ()): {"p1/t1", "p1/t4", "p2/t5", "p2/t6", "p2/t7"},
        ("乙县", ()): {"p1/t1", "p1/t4"},
        ("丙县", ()): {"p1/t2", "p1/t4"},
        ("丁县", ()): {"p1/t3", "p1/t4"},
    }
    areas = [shapely.area(c.shape) for c in found.cells]
    assert sum(areas) == pytest.approx(shapely.area(planned.gazetteer.units["990000"].geometry))


def test_a_target_of_a_small_place_counts_in_its_county(tmp_path: Path) -> None:
    more = [{**TARGETS[0], "id": "p1/a", "region": "丁园"}, {**TARGETS[0], "id": "p1/b", "region": "110.0, 45.0"},
            {**TARGETS[0], "id": "p1/c", "region": "丁园 + 乙站"}]  # fmt: skip
    found = filled(rm.open(write_region(tmp_path / "geodata", targets=more)), show="targets")
    assert [(c.name, c.targets) for c in found.cells] == [("丁县", ("p1/a",))] and found.left_out == 2


def test_a_whole_city_under_the_same_targets_is_one_cell(tmp_path: Path) -> None:
    region = rm.open(write_region(tmp_path / "geodata", targets=[TARGETS[0], TARGETS[3]]))
    assert [(c.name, c.but, c.value) for c in filled(region, show="targets").cells] == [("东市", (), 2.0), ("西市", (), 1.0)]


def test_counts_are_those_of_a_double_loop(region: Any) -> None:
    for level, coarse in (("city", {"province", "unplaced"}), ("county", {"city", "province", "unplaced"})):
        found = filled(region, show="units", level=level, count={"plan": "liaoning-2022", "kind": ["hub", "park", "facility", "project"]})
        rows = region.records
        mine = rows[(rows["plan"] == "liaoning-2022") & rows["kind"].isin(["hub", "park", "facility", "project"])]
        latest = region.latest(rows[rows["group"].isin(mine["group"])])
        names = {u.unit: cells.unit_name(region, u) for u in region.gazetteer.units.values()}
        held = {c.name: set() for c in found.cells}
        assert len(held) == len(found.cells)
        for unit in region.gazetteer.units.values():
            if unit.kind == level:
                for i, shape, precision in zip(latest.index, latest.geometry, latest["precision"], strict=True):
                    points = shapely.get_parts(shape) if shape is not None and "Point" in shape.geom_type else []
                    if precision not in coarse and len(points) and all(unit.geometry.covers(p) for p in points):
                        held[names[unit.unit]].add(i)
        inland = {c.name: set(c.records) for c in found.cells}
        for name, ids in held.items():  # the layer also knows what lies just off the coast
            assert ids <= inland[name], name
            assert len(inland[name] - ids) <= 6, name
        assert sum(c.value for c in found.cells) + found.left_out == len(latest)
        assert all(c.value == len(c.records) for c in found.cells)


def test_a_record_known_too_coarsely_is_left_out(tiny: Any) -> None:
    county = filled(tiny, show="units", level="county", count={"kind": ["park", "hub", "project"]})
    assert {c.name: c.value for c in county.cells} == {"甲县": 0, "乙县": 1, "丙县": 1, "丁县": 1}
    assert county.left_out == 1  # p1/nowhere
    lines = filled(tiny, show="units", level="city", count={"kind": "corridor"})
    assert [c.value for c in lines.cells] == [0, 0] and lines.left_out == 1  # it runs through both


def test_a_column_of_the_units_table(tmp_path: Path) -> None:
    folder = write_region(tmp_path / "geodata")
    table = folder / "gazetteer/units.csv"
    lines = table.read_text("utf-8").splitlines()
    lines[1:] = [line.replace(",,,,", f",{n * 1000},2020,,", 1) if line.startswith("9901") else line for n, line in enumerate(lines[1:])]
    table.write_text("\n".join(lines) + "\n", "utf-8")
    found = filled(rm.open(folder), show="units", level="county", column="population", unit="人")
    assert {c.name for c in found.cells if c.value is None} == {"丙县", "丁县"}
    assert len(found.limits) == 2 and found.unit == "人"


@pytest.mark.parametrize("scheme", cells.SCHEMES)
@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_limits_are_mapclassifys(scheme: str, count: int) -> None:
    random = np.random.default_rng(count)
    for size in (8, 14, 100):
        values = random.gamma(2.0, 20.0, size).round(1)
        own = cells.limits(list(values), scheme, count)
        theirs = getattr(mapclassify, scheme)(values, k=count)
        assert own == tuple(np.unique(theirs.bins))
        assert own[-1] >= values.max()
    assert cells.limits([5.0, 5.0], scheme, 5) == (5.0,)
    assert cells.limits([5.0, 9.0, 5.0], scheme, 5)[-1] == 9.0 and len(cells.limits([5.0, 9.0], scheme, 5)) == 2


FAULTS = [
    ({"show": "targets", "indicator": "占不"}, "layer 1.indicator", "did you mean 占比"),
    ({"show": "targets", "indicator": "产值"}, "layer 1.indicator", "narrow by where = {unit"),
    ({"show": "targets", "indicator": "人数"}, "layer 1.indicator", "two values for 甲县"),
    ({"show": "targets", "where": {"sector": "rail"}}, "layer 1.where", "allowed are plan, unit"),
    ({"show": "targets", "where": {"plan": "p9"}}, "layer 1", "shows nothing"),
    ({"show": "targets", "scheme": "Jenks"}, "layer 1.scheme", "did you mean FisherJenks"),
    ({"show": "targets", "classes": 9}, "layer 1.classes", "from 1 to 7"),
    ({"show": "targets", "limits": [3, 2]}, "layer 1.limits", "ascending"),
    ({"show": "targets", "limits": [1]}, "layer 1.limits", "largest value, 5"),
    ({"show": "targets", "colour": "each"}, "layer 1.colour", "unknown key"),
    ({"show": "units"}, "layer 1", "either count"),
    ({"show": "units", "level": "town", "count": {}}, "layer 1.level", "city, county"),
    ({"show": "units", "column": "rain"}, "layer 1.column", "units.csv has"),
    ({"show": "units", "column": "source"}, "layer 1.column", "units.csv has"),
    ({"show": "units", "count": {"kind": "prk"}}, "layer 1.count.kind", "park"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "column", "text"), FAULTS, ids=[f[1] + " " + f[2] for f in FAULTS])
def test_faults_name_the_key_and_the_remedy(planned: Any, layer: dict[str, Any], column: str, text: str) -> None:
    with pytest.raises(rm.errors.RecipeError) as error:
        recipe.read({"title": "t", "layer": [layer]}, planned)
    assert column in {f.column for f in error.value.faults}
    assert text in str(error.value)


def test_only_one_fill_is_on_at_first(planned: Any) -> None:
    two = [{"show": "targets"}, {"show": "targets", "indicator": "占比"}]
    assert [layer.visible for layer in recipe.read({"title": "t", "layer": two}, planned).layers] == [True, False]
    with pytest.raises(rm.errors.RecipeError, match="another filled layer is on"):
        recipe.read({"title": "t", "layer": [two[0], {**two[1], "visible": True}]}, planned)


def test_the_page_draws_mapclassifys_classes(region: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """The class and colour of each region in the browser, the legend's counts, one fill at a time."""
    chart = rm.render(region, ROOT / "maps" / "targets.toml")
    rm.save_html(chart, tmp_path / "targets.html")
    page = open_page(tmp_path / "targets.html")
    layers = [e for e in chart.data["layers"] if "filled" in e]
    assert len(layers) > 2
    for n, layer in enumerate(layers):
        fill = layer["filled"]
        values = np.array([c["v"] for c in fill["cells"] if c["v"] is not None])
        k = min(5, len(np.unique(values)))
        theirs = getattr(mapclassify, fill["scheme"])(values, k=k) if k > 1 else None
        if theirs is not None:
            assert fill["limits"] == list(theirs.bins)
        ask = "n => { const l = regionmap.state.data.layers.filter(l => l.filled)[n]; RM.legend.show(regionmap.state, l, true); "
        drawn = page.run(ask + "return l.filled.cells.map(c => RM.cells.classOf(l.filled, c.v)); }", n)
        assert drawn == (theirs.yb.tolist() if theirs is not None else [0] * len(values))
        counts = page.run(ask + "return RM.cells.classes(regionmap.state, l).map(c => c.count); }", n)
        assert counts == (theirs.counts.tolist() if theirs is not None else [len(values)])
        assert page.run("regionmap.state.data.layers.filter(l => l.filled && l.visible).length") == 1
        spots = page.run(
            "n => { const s = regionmap.state, l = s.data.layers.filter(l => l.filled)[n]; return l.filled.cells.map(c => {"
            " const p = s.map.latLngToContainerPoint([c.at[0][1], c.at[0][0]]); return RM.draw.hit(s.canvas, s, p).map(f => f.cell && f.cell.name); }); }",
            n,
        )
        for cell, hits in zip(fill["cells"], spots, strict=True):
            assert cell["name"] in hits  # a click on a region finds it
    card = page.run("(() => { const c = regionmap.state.data.layers[0].filled.cells.find(c => c.name === '海城市'); return RM.cells.card(regionmap.state, c.f, () => 0).textContent; })()")
    assert "一般公共预算收入 48 亿元" in card and "第三章第二节" in card and "2020: 34.2 亿元" in card
    assert page.errors == [] and page.requests == []


def test_search_finds_a_target_by_its_indicator(region: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    rm.save_html(rm.render(region, ROOT / "maps" / "targets.toml"), tmp_path / "targets.html")
    page = open_page(tmp_path / "targets.html")
    page.tab.fill("#rm-search", "科技型中小企业")
    page.tab.click("#rm-found button")
    assert "9,000" in page.run("document.querySelector('.leaflet-popup').textContent") or "6,000" in page.run(
        "document.querySelector('.leaflet-popup').textContent"
    )


def test_hostile_targets_are_inert(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    text = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    row = {**TARGETS[0], "indicator": text, "value_text": text, "unit": text, "growth": text, "clause": text}
    region = rm.open(write_region(tmp_path / "geodata", RECORDS, [row]))
    rm.save_html(rm.render(region, {"title": "t", "layer": [{"title": text, "show": "targets"}]}), tmp_path / "t.html")
    page = open_page(tmp_path / "t.html")
    shown = page.run("(() => { const c = regionmap.state.data.layers[0].filled.cells[0]; RM.popup.open(regionmap.state, [c.f], [40.2, 100.2]); return document.querySelector('.leaflet-popup').textContent; })()")
    assert text in shown and not page.run("!!document.querySelector('img[src=x]')")
    assert page.errors == [] and page.requests == []


def test_records_behind_a_count_come_along(tiny: Any) -> None:
    raw = {"title": "t", "rest": False, "layer": [{"show": "units", "level": "county", "count": {"kind": "park"}}]}
    data = payload.build(tiny, recipe.read(raw, tiny))
    (cell,) = [c for c in data["layers"][0]["filled"]["cells"] if c["v"]]
    assert [data["features"][n]["id"] for n in cell["f"]] == ["p1/park"]
