"""What a page carries: the things in columns (table.py), every geometry once, the rest plain values.

Coordinates are whole numbers (shapes.py); those of the base map ten-thousandths of a degree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from regionmap import kinds
from regionmap.maps import limits, outlines, reach, style, summaries
from regionmap.maps import table as tables
from regionmap.maps.cells import Cell, Filled, region_name
from regionmap.maps.layers import Layer
from regionmap.maps.recipe import Recipe
from regionmap.maps.shapes import Shapes, deltas, geodesic, label_spots
from regionmap.places import networks
from regionmap.plans.region import CONTEXT, Region

_TARGET = ("indicator", "baseline", "baseline_year", "value", "comparator", "value_text", "unit", "year",
           "growth", "basis", "clause")  # fmt: skip


def build(region: Region, recipe: Recipe) -> dict[str, Any]:
    """Everything the page of `recipe` shows and asks: `features` a Table, the rest values that JSON can hold."""
    rows, shapes = _rows(region, recipe), Shapes()
    limits.check(len(rows))
    place = {record_id: n for n, record_id in enumerate(rows.index)}
    used = {i for layer in recipe.layers for i in layer.ids}
    table = tables.of_rows(region, rows, shapes, used)
    targets = _targets(region, recipe)
    layers = [_layer(layer, place, list(targets), shapes) for layer in recipe.layers]
    others = [n for (i, n), kind in zip(place.items(), rows["kind"], strict=True) if i not in used and kind != "zone"]
    if others:
        layers.append({"title": "", "visible": False, "labels": False, "colour": "sector", "features": others})
    placed = table.is_point | (table.shape >= 0)
    corridors = np.flatnonzero((rows["kind"] == "corridor").to_numpy(bool) & placed).tolist()
    return {
        "title": recipe.title,
        "subtitle": recipe.subtitle,
        "lang": recipe.lang,
        "region": region.settings.get("title_en", region.title) if recipe.lang == "en" else region.title,
        "index": {"group": recipe.group, "order": recipe.order},
        "views": [{"title": title, "box": [round(v, 5) for v in box]} for title, box in recipe.views],
        "units": recipe.units,
        "footer": {**recipe.footer, "boundary": (boundary := _sources(region, "zh"))},
        "english": {boundary: _sources(region, "en"), **recipe.english},
        "plans": [_plan(plan) for plan in region.plans.values() if plan.id != CONTEXT],
        "words": _words(),
        "style": style.payload(),
        "shapes": shapes.encoded,
        "features": table,
        "targets": list(targets.values()),
        "layers": layers,
        "away": len({i for layer in recipe.layers for i in layer.away}.difference(place)),
        "question": {
            "corridor": place.get(recipe.corridor or ""),
            "km": recipe.within_km,
            "corridors": corridors,
            "parts": _parts(region, place),
        },
        **reach.payloads(region, recipe.reach, recipe.channels, place, shapes),
        "base": _base(region),
        "sums": summaries.build(region, rows),
    }


def _sources(region: Region, lang: str) -> str:
    """What the footer must print: where the boundaries and the traced lines come from."""
    source = region.boundaries.source
    if lang == "en":
        source = str(region.settings["boundaries"].get("source_en", source))
    return "; ".join([source, *networks.attributions(region.gazetteer.entries)])


def _rows(region: Region, recipe: Recipe) -> Any:
    """The records of the page, one a thing: those of the layers and, unless the recipe says no, all others that
    questions are asked of or that lie in them (zones), without those that a layer sums up or thins away."""
    ids = dict.fromkeys(i for layer in recipe.layers for i in layer.ids)
    ids.update(dict.fromkeys(i for cell in _cells(recipe) for i in cell.records))
    if recipe.corridor:
        ids[recipe.corridor] = None
    if recipe.rest:
        away = {i for layer in recipe.layers for i in layer.away}
        ids.update(dict.fromkeys(i for i in region.latest(region.features()).index if i not in away))
    return tables.arranged(region.records.loc[list(ids)])


def _layer(layer: Layer, place: Mapping[str, int], targets: Sequence[str], shapes: Shapes) -> dict[str, Any]:
    numbers = [place[i] for i in layer.ids]
    entry: dict[str, Any] = {
        "title": layer.title,
        "visible": layer.visible,
        "labels": layer.labels,
        "colour": layer.colour,
        "features": numbers if len(numbers) <= tables.MANY else sorted(numbers),
    }
    if layer.left_out:
        entry["left_out"] = layer.left_out
    if layer.filled is not None:
        entry["filled"] = _filled(layer.filled, place, {t: n for n, t in enumerate(targets)}, shapes)
    return entry


def _filled(filled: Filled, place: Mapping[str, int], target: Mapping[str, int], shapes: Shapes) -> dict[str, Any]:
    cells = []
    for cell, shape in zip(filled.cells, geodesic([c.shape for c in filled.cells]), strict=True):
        spots = [_rounded(*shape.centroid.coords[0])] if cell.hexagon else label_spots(shape, 2)
        entry = {"name": cell.name, "g": shapes.add(shape), "at": spots, "v": cell.value}
        if cell.hexagon:
            entry["h"] = cell.hexagon
        lists = {"but": list(cell.but), "t": [target[i] for i in cell.targets], "f": [place[i] for i in cell.records]}
        cells.append({**entry, **{k: v for k, v in lists.items() if v}})
    fields = {k: getattr(filled, k) for k in ("measure", "indicator", "unit", "scheme", "left_out", "grid")}
    return {**fields, "limits": list(filled.limits), "cells": cells}


def _cells(recipe: Recipe) -> list[Cell]:
    return [cell for layer in recipe.layers if layer.filled is not None for cell in layer.filled.cells]


def _targets(region: Region, recipe: Recipe) -> dict[str, dict[str, Any]]:
    """The targets that filled layers stand for, by id."""
    ids = dict.fromkeys(i for cell in _cells(recipe) for i in cell.targets)
    if not ids:
        return {}
    number = tables.plan_numbers(region)
    rows = region.targets.loc[list(ids)].to_dict("index")
    return {
        i: {
            "plan": number[row["plan"]],
            "at": region_name(region, row),
            **{c: v for c in _TARGET if (v := _value(row[c])) is not None},
        }
        for i, row in rows.items()
    }


def _value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return list(value) or None
    if value is None or value == "" or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _plan(plan: Any) -> dict[str, Any]:
    fields = ("id", "title", "short", "issuer", "number", "date", "period", "edition", "inferred")
    return {f: getattr(plan, f) for f in fields}


def _words() -> dict[str, Mapping[str, tuple[str, str]]]:
    return {
        "kind": {k.id: (k.zh, k.en) for k in kinds.KINDS.values()},
        "sector": dict(kinds.SECTORS),
        "status": dict(kinds.STATUSES),
        "precision": dict(kinds.PRECISIONS),
        "drawn": {k: (zh, k) for k, zh in kinds.DRAWN.items()},
        **reach.WORDS,
    }


def _parts(region: Region, place: Mapping[str, int]) -> dict[str, list[int]]:
    """Numbers of the parts of everything on the page that has parts: no question about it asks of them."""
    records = region.records
    group = dict(zip(*(records[c].to_numpy(object) for c in ("id", "group")), strict=True))
    holders = {group[p] for p in records["part_of"].to_numpy(object) if p in group}
    ids = [i for i in place if group[i] in holders]
    return {str(place[i]): sorted(place[p] for p in region.parts(i) if p in place) for i in ids}


def _base(region: Region) -> dict[str, Any]:
    base = outlines.of(region)
    return {
        "own": _rings(base.own),
        "around": [ring for shape in base.around for ring in _rings(shape)],
        "edges": {level: _lines(shape) for level, shape in base.edges.items()},
        "units": [
            {"name": u.name, "short": u.short, "en": u.latin, "level": u.level, "at": _rounded(u.lon, u.lat)}
            for u in base.units
        ],
        "waters": [
            {"name": w.name, "l" if w.tier == "line" else "a": deltas(shapely.get_coordinates(w.geometry), 1e4)}
            for w in base.waters
        ],
        "land": _rings(base.land) if base.land is not None else [],
    }


def _rounded(lon: float, lat: float) -> list[float]:
    return [round(lon, 4), round(lat, 4)]


def _rings(shape: Any) -> list[list[int]]:
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return [deltas(shapely.get_coordinates(r), 1e4) for p in parts for r in (p.exterior, *p.interiors)]


def _lines(shape: Any) -> list[list[int]]:
    return [deltas(shapely.get_coordinates(p), 1e4) for p in shapely.get_parts(shape)]
