"""Layers of many things: hexagons against brute force, thinning by its rule, what is left out, and the refusal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h3
import mapclassify
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import made_region, run, write_region

import regionmap as rm
from regionmap import crs
from regionmap.maps import layers, limits, payload, recipe, summarise

COUNT = 3000
KINDS = ("facility", "park", "project")


def census() -> list[dict[str, str]]:
    """Points crowded around three towns; every tenth known to 3 km only, every hundredth without place; one line."""
    random = np.random.default_rng(9)
    towns = np.array([(100.2, 40.2), (100.8, 40.3), (100.6, 40.8)])
    at = np.clip(towns[random.integers(0, 3, COUNT)] + random.normal(0, 0.09, (COUNT, 2)), (100.01, 40.01), (100.99, 40.99))
    rows = [
        {"id": f"p1/{n:05d}", "name": f"地块{n}", "kind": KINDS[n % 3], "sector": "industry", "status": "operating", "clause": "一",
         "where": "" if n % 100 == 7 else f"{x:.6f}, {y:.6f}", "accuracy_m": "3000" if n % 10 == 3 else str(5 + n % 40),
         "note": "unknown" if n % 100 == 7 else ""}
        for n, (x, y) in enumerate(at)
    ]  # fmt: skip
    line = {"id": "p1/line", "name": "甲乙线", "kind": "corridor", "sector": "rail", "where": "甲镇 > 乙站", "status": "planned", "clause": "二"}
    return [*rows, line]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return rm.open(write_region(tmp_path_factory.mktemp("many") / "geodata", census()))


def layer(region: Any, **keys: Any) -> layers.Layer:
    return recipe.read({"title": "t", "layer": [{"title": "地块", "show": "all", **keys}]}, region).layers[0]


@pytest.mark.parametrize("resolution", [5, 6, 7])
def test_counts_are_those_of_points_in_polygons(many: Any, resolution: int) -> None:
    """Every hexagon against every point, with edges as geodesics; where the point is 10 m or more from an edge."""
    found = layer(many, summary="hex", resolution=resolution).filled
    rows = many.records[many.records["id"] != "p1/line"]
    edge = h3.average_hexagon_edge_length(resolution, unit="m")
    fine = rows[rows.geometry.notna() & (rows["accuracy_m"] <= edge)]
    points, outlines = fine.geometry.to_numpy(), crs.densify(np.array([c.shape for c in found.cells], object), 500.0)
    inside = np.array([shapely.contains(o, points) for o in outlines])
    near = np.array([shapely.distance(shapely.boundary(o), points) < 1e-4 for o in outlines])
    assert ((inside.sum(axis=0) == 1) | near.any(axis=0)).all()
    for cell, within, doubtful in zip(found.cells, inside, near, strict=True):
        assert (within & ~doubtful).sum() <= cell.value <= (within | doubtful).sum()
    assert near.any(axis=0).mean() < 0.1
    assert sum(c.value for c in found.cells) == len(fine)
    assert found.left_out == len(many.records) - len(fine)  # the line runs through several
    assert sum(c.value for c in found.cells) + found.left_out == len(many.records)


def test_what_is_known_more_coarsely_than_a_hexagon_is_left_out(many: Any) -> None:
    small, large = (layer(many, summary="hex", resolution=r).filled for r in (7, 5))  # edges of 1.4 and 9.9 km
    coarse, nowhere = COUNT // 10, COUNT // 100
    assert small.left_out == coarse + nowhere + 1
    assert large.left_out == nowhere + 1


def test_a_line_or_area_counts_where_nearly_all_of_it_lies(tmp_path: Path) -> None:
    cell = h3.latlng_to_cell(40.25, 100.25, 7)
    lat, lon = h3.cell_to_latlng(cell)
    inside = f"{lon:.6f}, {lat:.6f} > {lon + 0.003:.6f}, {lat:.6f}"
    out = f"{lon:.6f}, {lat:.6f} > {lon + 0.05:.6f}, {lat:.6f}"
    base = {"kind": "corridor", "sector": "rail", "status": "planned", "clause": "一", "accuracy_m": "10"}
    rows = [{**base, "id": "p1/in", "name": "内", "where": inside}, {**base, "id": "p1/out", "name": "外", "where": out}]
    rows.append({**base, "id": "p1/area", "name": "区", "kind": "zone", "sector": "region", "where": "甲县"})
    region = rm.open(write_region(tmp_path / "geodata", rows))
    assert not region.faults
    found = layer(region, summary="hex", resolution=7).filled
    assert [(c.hexagon, c.records) for c in found.cells] == [(cell, ("p1/in",))] and found.left_out == 2
    wide = layer(region, summary="hex", resolution=2).filled
    assert sum(c.value for c in wide.cells) == 3 and wide.left_out == 0


def test_the_size_follows_from_the_frame_or_the_recipe(many: Any) -> None:
    def width(**keys: Any) -> float:
        (name,) = {h3.get_resolution(c.hexagon) for c in layer(many, summary="hex", **keys).filled.cells}
        return name

    assert width(resolution=4) == 4
    assert width(hex_km=17) == 5 and width(hex_km=2.4) == 7  # 17.1 and 2.4 km from flat to flat
    assert width() == 7  # 111 km from north to south, a fortieth of it 2.8 km
    boxes = {"甲县": 7, "试验省": 7, "丁园": 10}  # 56 km: 1.4; 111 km: 2.8; a place: 1 km, 0.025
    got = {f: recipe.read({"title": "t", "frame": f, "layer": [{"show": "all", "summary": "hex"}]}, many).layers[0] for f in boxes}
    for frame, found in got.items():
        box = recipe.read({"title": "t", "frame": frame}, many).views[0][1]
        long = max(float(crs.distance_m(box[0], y, box[2], y)) for y in (box[1], box[3]))
        long = max(long, float(crs.distance_m(box[0], box[1], box[0], box[3])))
        ratio = {r: abs(np.log(np.sqrt(3) * h3.average_hexagon_edge_length(r, unit="m") / (long / 40))) for r in range(16)}
        assert {h3.get_resolution(c.hexagon) for c in found.filled.cells} == {min(ratio, key=ratio.get)}, frame


def test_too_many_hexagons(many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summarise, "MOST_CELLS", 100)
    chosen = layer(many, summary="hex").filled
    assert 0 < len(chosen.cells) <= 100  # the coarser, by itself
    with pytest.raises(rm.errors.RecipeError, match=r"at most 100 are drawn; say resolution = 8"):
        layer(many, summary="hex", resolution=9)


def test_classes_are_mapclassifys_quantiles(many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = layer(many, summary="hex").filled
    values = [c.value for c in found.cells]
    assert found.scheme == "Quantiles" and found.limits == tuple(np.unique(mapclassify.Quantiles(values, k=5).bins))
    monkeypatch.setattr(summarise, "MOST_FISHER", 10)
    with pytest.raises(rm.errors.RecipeError, match=r"FisherJenks.*too slow"):
        layer(many, summary="hex", scheme="FisherJenks")


def test_the_order_of_the_records_changes_nothing(many: Any, tmp_path: Path) -> None:
    order, rows = np.random.default_rng(1).permutation(COUNT), census()
    other = rm.open(write_region(tmp_path / "geodata", [rows[-1], *(rows[n] for n in order)]))
    assert list(other.records.index) != list(many.records.index)
    assert layer(other, summary="hex").filled == layer(many, summary="hex").filled
    assert set(layer(other, thin=400).ids) == set(layer(many, thin=400).ids)


def rule(rows: Any, count: int) -> set[str]:
    """The rule of thinning as docs/recipes.md words it, cell by cell."""
    points = rows[rows.geometry.notna() & (rows.geometry.geom_type == "Point")]
    x, y = points.geometry.x, points.geometry.y
    size = max(x.max() - x.min(), y.max() - y.min())
    ranked = points.assign(x=(x - x.min()) / size, y=(y - y.min()) / size).sort_values(["accuracy_m", "id"])
    kept: list[str] = []
    for side in 2 ** np.arange(17):
        column, line = ((ranked[c] * side).clip(upper=side - 1e-9).astype(int) for c in "xy")
        first = ranked[~pd.DataFrame({"c": column, "l": line}).duplicated()]
        kept += [i for i in first["id"] if i not in set(kept)]
        if len(kept) >= count:
            break
    return set(kept[:count])


@pytest.mark.parametrize("count", [1, 5, 77, 1000, 5000])
def test_thinning_follows_its_rule(many: Any, count: int) -> None:
    found = layer(many, thin=count)
    points = many.records.geometry.notna() & (many.records["id"] != "p1/line")
    others = set(many.records["id"][~points])
    assert others <= set(found.ids) and set(found.ids) - others == rule(many.records, count)
    assert len(found.ids) - len(others) == min(count, points.sum())
    assert found.left_out == len(many.records) - len(found.ids)
    assert list(found.ids) == [i for i in layer(many).ids if i in set(found.ids)]
    assert set(layer(many, thin=max(1, count // 2)).ids) <= set(found.ids)


def test_thinning_keeps_the_better_placed_of_a_cell(tmp_path: Path) -> None:
    spots = [("100.1", "40.1", "900"), ("100.1001", "40.1", "20"), ("100.9", "40.9", "500"), ("100.9001", "40.9", "500")]
    rows = [{"id": f"p1/{n}", "name": f"点{n}", "where": f"{x}, {y}", "kind": "park", "sector": "industry", "clause": "一", "accuracy_m": a}
            for n, (x, y, a) in enumerate(spots)]  # fmt: skip
    region = made_region(tmp_path / "geodata", *rows)
    assert layer(region, thin=2).ids == ("p1/1", "p1/2") and layer(region, thin=1).ids == ("p1/1",)


FAULTS = [
    ({"summary": "hexes"}, "layer 1.summary", "did you mean hex"),
    ({"summary": "hex", "thin": 5}, "layer 1.thin", "unknown key"),
    ({"summary": "hex", "colour": "each"}, "layer 1.colour", "unknown key"),
    ({"summary": "hex", "resolution": 16}, "layer 1.resolution", "0 to 15"),
    ({"summary": "hex", "resolution": 5, "hex_km": 3}, "layer 1.hex_km", "one of both"),
    ({"summary": "hex", "hex_km": 0}, "layer 1.hex_km", "from 0.001"),
    ({"summary": 3}, "layer 1.summary", "must be str"),
    ({"summary": "hex", "show": ["p1/00007"]}, "layer 1", "no hexagon holds any of 1"),
    ({"hex_km": 3}, "layer 1.hex_km", "unknown key"),
    ({"thin": 0}, "layer 1.thin", "1 or more"),
    ({"show": "units", "summary": "hex"}, "layer 1.summary", "unknown key"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "column", "text"), FAULTS, ids=[f"{f[1]} {f[2]}" for f in FAULTS])
def test_faults_name_the_key_and_the_remedy(many: Any, keys: dict[str, Any], column: str, text: str) -> None:
    with pytest.raises(rm.errors.RecipeError) as error:
        layer(many, **keys)
    assert column in {f.column for f in error.value.faults} and text in str(error.value)


def test_two_fills_are_not_on_at_once(many: Any) -> None:
    two = [{"show": "units", "count": {"kind": "park"}}, {"show": "parks", "summary": "hex"}]
    assert [la.visible for la in recipe.read({"title": "t", "layer": two}, many).layers] == [True, False]


def test_too_large_a_page_is_refused_and_a_summary_makes_it(many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_FEATURES", 2000)
    with pytest.raises(rm.errors.PageError) as error:
        rm.render(many, {"title": "t", "layer": [{"show": "all"}]})
    for word in ("3,001 features", "2,000", 'summary = "hex"', "thin = 5000", "rest = false", 'show = "units"'):
        assert word in str(error.value)
    for keys in ({"summary": "hex", "resolution": 5}, {"thin": 500}):
        data = rm.render(many, {"title": "t", "layer": [{"show": "all", **keys}]}).data
        assert len(data["features"]) + data["away"] == len(many.records)
        assert {f["id"] for f in data["features"]} <= set(many.records.index)


def test_a_record_that_another_layer_shows_stays(many: Any) -> None:
    both = [{"show": "all", "summary": "hex", "resolution": 5}, {"show": ["p1/00013"]}]
    data = payload.build(many, recipe.read({"title": "t", "layer": both}, many))
    assert "p1/00013" in {f["id"] for f in data["features"]}
    assert len(data["features"]) + data["away"] == len(many.records)


def test_the_best_placed_of_a_hexagon_come_along(many: Any) -> None:
    found = layer(many, summary="hex", resolution=5)
    accuracy = many.records["accuracy_m"]
    for cell in found.filled.cells:
        assert len(cell.records) == min(summarise.LISTED, cell.value)
        assert list(accuracy[list(cell.records)]) == sorted(accuracy[list(cell.records)])
    assert found.away == set(many.records.index) - {i for c in found.filled.cells for i in c.records}


def test_without_h3_the_extra_is_named(many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n == "h3" or n.startswith("h3.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "h3", None)
    with pytest.raises(rm.errors.MissingExtraError, match=r"pip install 'regionmap\[hex\]'"):
        layer(many, summary="hex")
    assert layer(many, thin=5).left_out  # needs none


def test_opening_and_rendering_do_not_load_h3() -> None:
    code = "import sys, regionmap, regionmap.maps.recipe; sys.exit('h3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_build_says_what_it_left_out(many: Any, tmp_path: Path, capsys: Any) -> None:
    recipe_file = tmp_path / "parcels.toml"
    recipe_file.write_text(
        'title = "地块"\n[[layer]]\ntitle = "密度"\nshow = "all"\nsummary = "hex"\nhex_km = 2.5\n'
        '[[layer]]\ntitle = "点"\nshow = "parks"\nthin = 100\n', "utf-8")  # fmt: skip
    code, _, said = run(capsys, "build", str(recipe_file), "--out", str(tmp_path), "--data", str(many.folder))
    assert code == 0
    assert "parcels: 密度: 331 left out of the hexagons of 2.44 km, H3 7" in said
    parks = many.records[(many.records["kind"] == "park") & many.records.geometry.notna()]
    assert f"parcels: 点: thinned, {len(parks) - 100} points left out" in said


BOTH = {
    "title": "地块密度", "title_en": "Parcels", "layer": [
        {"title": "密度", "show": "all", "summary": "hex", "unit": "项"}, {"title": "园区", "show": "parks", "thin": 150, "labels": False}],
    "question": {"corridor": "甲乙线", "within_km": 5},
}  # fmt: skip


def test_the_page_draws_hexagons_and_says_what_is_left_out(many: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    chart = rm.render(many, BOTH)
    rm.save_html(chart, tmp_path / "hex.html")
    page = open_page(tmp_path / "hex.html")
    filled = chart.data["layers"][0]["filled"]
    legend = page.run("document.getElementById('rm-layers').textContent")
    assert "宽约 2.44 km, H3 7" in legend and "另有 331 项无位置" in legend
    assert f"另有 {chart.data['layers'][1]['left_out']} 个点未画" in legend
    counts = page.run("RM.cells.classes(regionmap.state, regionmap.state.data.layers[0]).map(c => c.count)")
    values = [c["v"] for c in filled["cells"]]
    assert counts == mapclassify.UserDefined(values, filled["limits"]).counts.tolist()
    assert f"另有 {chart.data['away']:,} 项" in page.run("document.getElementById('rm-sum').textContent")
    most = max(range(len(values)), key=values.__getitem__)
    card = page.run("n => RM.cells.card(regionmap.state, regionmap.state.data.layers[0].filled.cells[n].f, () => 0).textContent", most)
    assert f"共 {values[most]:.0f} 项,列出位置最准的 5 项" in card and filled["cells"][most]["h"] in card
    hits = page.run("n => { const s = regionmap.state; RM.legend.show(s, s.data.layers[1], false); const c = s.data.layers[0].filled.cells[n]; const p = s.map.latLngToContainerPoint([c.at[0][1], c.at[0][0]]); return RM.draw.hit(s.canvas, s, p).map(f => f.cell && f.cell.h); }", most)
    assert filled["cells"][most]["h"] in hits
    assert page.errors == [] and page.requests == []


def test_pictures_and_slides_draw_the_same(many: Any, tmp_path: Path) -> None:
    from regionmap.maps.picture import classes, legend, scene
    from regionmap.maps.slides import tables

    made = scene.build(many, recipe.read({**BOTH, "question": {}}, many))
    notes = [row.text for row in legend.rows(made, None) if row.form == "note"]
    assert any("宽约 2.44 km, H3 7" in n and "331" in n for n in notes) and any("个点未画" in n for n in notes)
    filled = made.filled.filled
    assert classes.cell_label(made, filled.cells[0]).endswith(filled.cells[0].hexagon)
    table = next(iter(tables(made)))
    assert len(table.rows) == len(filled.cells) and len({name for name, _ in table.rows}) == len(table.rows)
    rm.picture(many, BOTH, tmp_path / "hex.png")
    assert (tmp_path / "hex.png").stat().st_size > 20_000
