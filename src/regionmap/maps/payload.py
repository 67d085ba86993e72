"""What a page carries: plain JSON, one entry a thing, every geometry once.

Coordinates are whole numbers, each the difference from the one before: features in millionths of a
degree (0.1 m), areas in hundred-thousandths, the base map in ten-thousandths. Straight pieces are
geodesics, so long ones get points on them; the page may then draw and measure them as straight.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from regionmap import crs, kinds
from regionmap.maps import style
from regionmap.maps.recipe import Recipe
from regionmap.places.boundaries import Boundaries
from regionmap.plans.region import CONTEXT, Region

PIECE_M = 10_000.0  # a straight piece of this length is within 0.2 m of its geodesic
_SCALE = {"point": 1e6, "line": 1e6, "area": 1e5}
_FIELDS = {
    # page: record column, left out where empty
    "id": "id", "name": "name", "en": "name_en", "aliases": "aliases", "kind": "kind", "sector": "sector",
    "status": "status", "verb": "status_text", "start": "start", "end": "end", "lead": "lead",
    "resp": "responsible", "inv": "investment", "scale": "scale", "precision": "precision",
    "acc": "accuracy_m", "drawn": "drawn", "km": "length_km", "km2": "area_km2", "note": "note",
    "where": "where",
}  # fmt: skip


def build(region: Region, recipe: Recipe) -> dict[str, Any]:
    """Everything the page of `recipe` shows and asks, as values that JSON can hold."""
    rows = _rows(region, recipe)
    place = {record_id: n for n, record_id in enumerate(rows.index)}
    features, shapes = _features(region, rows)
    layers = [
        {
            "title": layer.title,
            "visible": layer.visible,
            "labels": layer.labels,
            "colour": layer.colour,
            "features": [place[i] for i in layer.ids],
        }
        for layer in recipe.layers
    ]
    used = {i for layer in recipe.layers for i in layer.ids}
    others = [n for i, n in place.items() if i not in used]
    if others:
        layers.append({"title": "", "visible": False, "labels": False, "colour": "sector", "features": others})
    corridors = [n for n, kind in enumerate(rows["kind"]) if kind == "corridor" and "g" in features[n]]
    bounds = [v[1] for v in recipe.views]
    return {
        "title": recipe.title,
        "subtitle": recipe.subtitle,
        "lang": recipe.lang,
        "region": region.title,
        "views": [{"title": title, "box": [round(v, 5) for v in box]} for title, box in recipe.views],
        "units": recipe.units,
        "footer": {**recipe.footer, "boundary": region.boundaries.source},
        "plans": [_plan(plan) for plan in region.plans.values() if plan.id != CONTEXT],
        "words": _words(),
        "style": style.payload(),
        "shapes": shapes,
        "features": features,
        "layers": layers,
        "question": {
            "corridor": place.get(recipe.corridor or ""),
            "km": recipe.within_km,
            "corridors": corridors,
            "parts": {str(n): _parts(region, rows.index[n], place) for n in corridors},
        },
        "base": _base(region, _far(region, bounds)),
    }


def dumps(value: Any) -> str:
    """JSON that may stand in a script element: no `<`, no line separators, stable order."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _rows(region: Region, recipe: Recipe) -> Any:
    """The records of the page, one a thing: those of the layers and, unless the recipe says no, all others
    that questions are asked of."""
    ids = dict.fromkeys(i for layer in recipe.layers for i in layer.ids)
    if recipe.corridor:
        ids[recipe.corridor] = None
    if recipe.rest:
        everything = region.latest(region.features())
        ids.update(dict.fromkeys(everything.index[everything["kind"] != "zone"]))
    return region.records.loc[list(ids)]


def _features(region: Region, rows: Any) -> tuple[list[dict[str, Any]], list[Any]]:
    plan_number = {plan: n for n, plan in enumerate(p for p in region.plans if p != CONTEXT)}
    citations: dict[str, list[list[Any]]] = {}
    named = region.records[region.records["plan"] != CONTEXT]
    for group, plan, clause, status, verb, record_id in zip(
        *(named[c] for c in ("group", "plan", "clause", "status", "status_text", "id")), strict=True
    ):
        citations.setdefault(group, []).append([plan_number[plan], clause, status, verb, record_id])
    shapes: dict[str, int] = {}
    encoded: list[Any] = []
    features = []
    geometries = _geodesic(rows.geometry.to_numpy())
    for row, shape in zip(rows.to_dict("records"), geometries, strict=True):
        entry = {key: v for key, column in _FIELDS.items() if (v := _value(row[column])) is not None}
        entry["cites"] = citations.get(row["group"], [])
        if row["plan"] == CONTEXT:
            entry["ctx"] = 1
        if row["kind"] == "zone" and shape is not None and shape.geom_type.endswith("Polygon"):
            entry["at"] = _label_spots(shape)
        if shape is not None:
            key = shapely.to_wkb(shape, hex=True)
            if key not in shapes:
                shapes[key] = len(encoded)
                encoded.append(encode(shape))
            entry["g"] = shapes[key]
        features.append(entry)
    return features, encoded


def _label_spots(shape: Any, count: int = 4) -> list[list[float]]:
    """Where a zone's name may stand, the roomiest place first: centres of inscribed circles."""
    spots, rest = [], shape
    for _ in range(count):
        radius = shapely.maximum_inscribed_circle(max(shapely.get_parts(rest), key=lambda p: p.area), tolerance=0.02)
        spots.append([round(v, 4) for v in radius.coords[0]])
        rest = shapely.difference(rest, shapely.buffer(shapely.Point(radius.coords[0]), max(radius.length, 0.02)))
        if shapely.is_empty(rest):
            break
    return spots


def _geodesic(shapes: Iterable[Any]) -> list[Any]:
    return [None if s is None else s if s.geom_type == "Point" else crs.densify(s, PIECE_M) for s in shapes]


def encode(shape: Any) -> dict[str, Any]:
    """A geometry as `{"p": [...], "l": [...], "a": [...]}`: points, lines, areas (rings) as difference lists."""
    entry: dict[str, Any] = {}
    for part in shapely.get_parts(shapely.get_parts(shape)):
        if part.geom_type == "Point":
            entry.setdefault("p", []).append(deltas(shapely.get_coordinates(part), _SCALE["point"]))
        elif part.geom_type in ("LineString", "LinearRing"):
            entry.setdefault("l", []).append(deltas(shapely.get_coordinates(part), _SCALE["line"]))
        elif part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
            entry.setdefault("a", []).append([deltas(shapely.get_coordinates(r), _SCALE["area"]) for r in rings])
    return entry


def deltas(coordinates: Any, scale: float) -> list[int]:
    """x0, y0, dx1, dy1, ... as whole numbers of 1/scale degree; repeated points left out."""
    whole = np.rint(np.asarray(coordinates)[:, :2] * scale).astype(np.int64)
    steps = np.diff(whole, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    return [int(v) for v in np.vstack([whole[:1], steps]).ravel()]


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
    }


def _parts(region: Region, record_id: str, place: Mapping[str, int]) -> list[int]:
    return sorted(place[i] for i in region.parts(record_id) if i in place)


def _far(region: Region, boxes: list[tuple[float, float, float, float]]) -> bool:
    """Whether a view reaches beyond the neighbours that the boundaries hold."""
    clip = region.settings["boundaries"].get("neighbours", {}).get("clip", region.settings["frame"])
    return any(b[0] < clip[0] or b[1] < clip[1] or b[2] > clip[2] or b[3] > clip[3] for b in boxes)


def _base(region: Region, far: bool) -> dict[str, Any]:
    base = dict(_base_units(region.boundaries))
    names = region.gazetteer
    base["units"] = [
        {"name": u.name, "short": _short(u), "level": u.kind, "at": [round(v, 4) for v in spot]}
        for u in names.units.values()
        if u.kind != "province"
        for spot in [_label_spot(names.seat(u), u)]
    ]
    base["waters"] = [
        {"name": e.name, **({"l": deltas(shapely.get_coordinates(e.geometry), 1e4)} if e.tier == "line" else
                            {"a": deltas(shapely.get_coordinates(e.geometry), 1e4)})}
        for e in names.entries
        if (e.tier == "line" and e.kind == "river") or e.tier == "area"
    ]  # fmt: skip
    land = _land(region.folder / "base" / "land.geojson", region.boundaries)
    if not far and land is not None:
        clip = region.settings["boundaries"].get("neighbours", {}).get("clip", region.settings["frame"])
        land = shapely.clip_by_rect(land, *clip)
    base["land"] = _rings(land) if land is not None else []
    return base


def _short(unit: Any) -> str:
    return min((a for a in unit.aliases if any(c >= "\u4e00" for c in a)), key=len, default=unit.name)


def _label_spot(seat: Any, unit: Any) -> tuple[float, float]:
    point = seat.geometry if seat is not None else shapely.point_on_surface(unit.geometry)
    return (point.x, point.y)


@functools.cache
def _base_units(boundaries: Boundaries) -> dict[str, Any]:
    """Our own area as one fill, its inner edges each once by the highest level, and the areas around."""
    levels = np.array(boundaries.levels)
    edges: dict[str, Any] = {}
    above = shapely.union_all([])
    for level in ("province", "city", "county"):
        lines = shapely.union_all(shapely.boundary(boundaries.geometries[levels == level]))
        edges[level] = shapely.difference(lines, above)
        above = shapely.union(above, lines)
    if boundaries.state_border is not None:
        edges["state"] = boundaries.state_border
    own = shapely.union_all(boundaries.geometries[levels == "province"])
    around = list(boundaries.neighbours.values())
    if around:  # inner edges only: where they were clipped there is no boundary
        frame = shapely.boundary(shapely.box(*shapely.total_bounds(around)))
        edges["around"] = shapely.difference(shapely.union_all(shapely.boundary(around)), shapely.buffer(frame, 0.02))
    return {
        "own": _rings(own),
        "around": [ring for shape in around for ring in _rings(shape)],
        "edges": {level: _lines(shape) for level, shape in edges.items()},
    }


def _rings(shape: Any) -> list[list[int]]:
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return [deltas(shapely.get_coordinates(r), 1e4) for p in parts for r in (p.exterior, *p.interiors)]


def _lines(shape: Any) -> list[list[int]]:
    merged = shapely.line_merge(shape) if shape.geom_type != "LineString" else shape
    return [deltas(shapely.get_coordinates(p), 1e4) for p in shapely.get_parts(merged)]


@functools.cache
def _land(path: Path, boundaries: Boundaries) -> Any:
    """Far land without a second coastline: what our own and the neighbours' outlines cover is cut out, and
    what is then left as a narrow strip beside them is dropped."""
    if not path.is_file():
        return None
    features = json.loads(path.read_text("utf-8"))["features"]
    land = shapely.make_valid(shapely.union_all([shapely.geometry.shape(f["geometry"]) for f in features]))
    levels = np.array(boundaries.levels)
    covered = shapely.union_all([*boundaries.geometries[levels == "province"], *boundaries.neighbours.values()])
    rest = shapely.difference(land, covered)
    near = shapely.box(*shapely.bounds(covered)).buffer(0.5)
    inside, outside = shapely.intersection(rest, near), shapely.difference(rest, near)
    inside = shapely.buffer(shapely.buffer(inside, -0.12), 0.13)
    return shapely.union(shapely.difference(inside, covered), outside)
