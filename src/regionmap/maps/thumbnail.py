"""A small picture of a page, drawn from what the page carries: inline SVG in the map's own colours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely

WIDTH, HEIGHT = 320, 200
_PAD = 8
_BASE, _AREA, _LINE = 1e4, 1e5, 1e6
_POINTS = 160  # more would be a grey cloud


def svg(data: Mapping[str, Any]) -> str:
    """The first view of `data` (what `payload.build` made) as one `svg` element, 320 x 200."""
    paper, frame = data["style"]["paper"], _Frame(data["views"][0]["box"])
    base = data["base"]
    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{paper["sea"]}"/>']
    parts += [_area(frame, [ring], paper["land"]) for ring in (*base["land"], *base["around"])]
    parts.append(_area(frame, base["own"], paper["own"]))
    parts += [_area(frame, [w["a"]], paper["water"]) for w in base["waters"] if "a" in w]
    parts += _filled(frame, data)
    if data["units"] != "none":
        parts.append(_line(frame, base["edges"].get("city", ()), _BASE, paper["city"], 0.6))
    parts.append(_line(frame, base["edges"].get("province", ()), _BASE, paper["province"], 1.1))
    parts.append(_line(frame, base["edges"].get("state", ()), _BASE, paper["state"], 1.1))
    items = list(_visible(data))
    parts += _zones(frame, data, items)
    parts += _question(frame, data)
    parts += _corridors(frame, data, items)
    parts += _points(frame, data, items)
    body = "".join(parts)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false">{body}</svg>'


class _Frame:
    """Web Mercator, fitted to the picture."""

    def __init__(self, box: Iterable[float]) -> None:
        west, south, east, north = box
        x0, y0, x1, y1 = west, _merc(north), east, _merc(south)
        self.scale = min((WIDTH - 2 * _PAD) / max(x1 - x0, 1e-6), (HEIGHT - 2 * _PAD) / max(y1 - y0, 1e-6))
        self.dx = WIDTH / 2 - (x0 + x1) / 2 * self.scale
        self.dy = HEIGHT / 2 - (y0 + y1) / 2 * self.scale

    def pixels(self, deltas: Iterable[int], unit: float) -> np.ndarray:
        at = np.cumsum(np.asarray(list(deltas), dtype=float).reshape(-1, 2), axis=0) / unit
        y = -np.degrees(np.arcsinh(np.tan(np.radians(at[:, 1]))))
        return np.column_stack([at[:, 0] * self.scale + self.dx, y * self.scale + self.dy])


def _merc(lat: float) -> float:
    return -math.degrees(math.asinh(math.tan(math.radians(lat))))


def _path(shape: Any) -> str:
    """Path data of what of `shape` lies in the picture, to a tenth of a pixel."""
    shape = shapely.simplify(shapely.clip_by_rect(shape, -4, -4, WIDTH + 4, HEIGHT + 4), 0.6)
    text = []
    for part in shapely.get_parts(shape):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            at = shapely.get_coordinates(ring)
            if len(at) > 1 and np.ptp(at, axis=0).max() > 1.5:
                text.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in at) + ("Z" if ring.is_ring else ""))
    return "".join(text)


def _rings(frame: _Frame, rings: Iterable[Iterable[int]], unit: float) -> Any:
    """Rings as one area: what lies in an even number of them is a hole."""
    whole = shapely.Polygon()
    for ring in rings:
        at = frame.pixels(ring, unit)
        if len(at) > 3:
            whole = shapely.symmetric_difference(whole, shapely.make_valid(shapely.Polygon(at)))
    return whole


def _area(frame: _Frame, rings: Iterable[Iterable[int]], fill: str, unit: float = _BASE, more: str = "") -> str:
    path = _path(_rings(frame, rings, unit))
    return f'<path d="{path}" fill="{fill}" fill-rule="evenodd"{more}/>' if path else ""


def _line(frame: _Frame, lines: Iterable[Iterable[int]], unit: float, stroke: str, width: float, more: str = "") -> str:
    shapes = [shapely.LineString(at) for line in lines if len(at := frame.pixels(line, unit)) > 1]
    path = "".join(_path(shape) for shape in shapes)
    return f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{width}"{more}/>' if path else ""


def _visible(data: Mapping[str, Any]) -> Iterable[tuple[dict[str, Any], dict[str, Any], str]]:
    """Feature, shape and colour of what the page shows first, each thing once."""
    style, done = data["style"], set()
    for layer in data["layers"]:
        for k, n in enumerate(layer["features"] if layer["visible"] else ()):
            feature = data["features"][n]
            if n in done or not ("g" in feature or "xy" in feature):
                continue
            done.add(n)
            family = style["sectors"].get(feature.get("sector", ""), "region")
            each = style["each"][k % len(style["each"])]
            colour = each if layer["colour"] == "each" else style["families"][family]["colour"]
            yield feature, {"p": [feature["xy"]]} if "xy" in feature else data["shapes"][feature["g"]], colour


def _filled(frame: _Frame, data: Mapping[str, Any]) -> list[str]:
    layer = next((e for e in data["layers"] if "filled" in e and e["visible"]), None)
    if layer is None:
        return []
    limits = layer["filled"]["limits"]
    ramp = data["style"]["ramps"][max(0, len(limits) - 1)]
    parts = []
    for cell in layer["filled"]["cells"]:
        rings = [ring for area in data["shapes"][cell["g"]].get("a", ()) for ring in area]
        n = None if cell["v"] is None else min(sum(cell["v"] > limit for limit in limits), len(limits) - 1)
        fill = "#ffffff" if n is None else ramp[n]
        parts.append(_area(frame, rings, fill, _AREA, ' fill-opacity="0.85" stroke="#ffffff" stroke-width="0.8"'))
    return parts


def _zones(frame: _Frame, data: Mapping[str, Any], items: Any) -> list[str]:
    zones = [(f, s, c) for f, s, c in items if "a" in s]
    parts = []
    for _, shape, colour in sorted(zones, key=lambda i: -float(i[0].get("km2", 0))):
        rings = [ring for area in shape["a"] for ring in area]
        more = f' fill-opacity="0.2" stroke="{colour}" stroke-width="1"'
        parts.append(_area(frame, rings, colour, _AREA, more))
    return parts


def _corridors(frame: _Frame, data: Mapping[str, Any], items: Any) -> list[str]:
    parts = []
    for feature, shape, colour in sorted(items, key=lambda i: "ctx" not in i[0]):
        dash = [round(d * 0.5, 1) for d in data["style"]["dashes"].get(feature.get("status", ""), ())]
        more = f' stroke-dasharray="{" ".join(map(str, dash))}"' if dash else ""
        more += ' stroke-opacity="0.45"' if "ctx" in feature else ""
        parts.append(_line(frame, shape.get("l", ()), _LINE, colour, 0.9 if "ctx" in feature else 1.5, more))
    return parts


def _question(frame: _Frame, data: Mapping[str, Any]) -> list[str]:
    """The corridor that the page opens with, and the band of its distance."""
    number = data["question"]["corridor"]
    if number is None or "g" not in data["features"][number]:
        return []
    lines = data["shapes"][data["features"][number]["g"]].get("l", ())
    _, south, _, north = data["views"][0]["box"]
    metre = frame.scale / (111_320 * math.cos(math.radians((south + north) / 2)))
    paper, width = data["style"]["paper"], round(2000 * data["question"]["km"] * metre, 1)
    round_ends = ' stroke-linecap="round" stroke-linejoin="round"'
    return [
        _line(frame, lines, _LINE, paper["band"], width, ' stroke-opacity="0.22"' + round_ends),
        _line(frame, lines, _LINE, paper["accent"], 2.4, round_ends),
    ]


def _points(frame: _Frame, data: Mapping[str, Any], items: Any) -> list[str]:
    spots: dict[tuple[int, int], str] = {}
    for feature, shape, colour in items:
        for point in () if "ctx" in feature else shape.get("p", ()):
            x, y = frame.pixels(point, _LINE)[0]
            if 0 < x < WIDTH and 0 < y < HEIGHT:
                spots.setdefault((round(x / 3) * 3, round(y / 3) * 3), colour)
    return [
        f'<circle cx="{x}" cy="{y}" r="2.6" fill="{colour}" stroke="#ffffff" stroke-width="0.8"/>'
        for (x, y), colour in list(spots.items())[:_POINTS]
    ]
