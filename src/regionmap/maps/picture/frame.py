"""Paints one view: base map, filled regions, zones, the question, corridors, marks; `names.py` writes the names.

The order, widths and colours are those of the page (`draw.js`, `base.js`, `cells.js`, `answer.js`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.maps import style
from regionmap.maps.cells import Cell
from regionmap.maps.picture import classes, reach
from regionmap.maps.picture.pen import PAPER, Box, Pen
from regionmap.maps.picture.scene import Item, Scene
from regionmap.maps.picture.view import View

_SMALL = 10  # an area of fewer pixels is drawn and named as a point


@dataclass
class Mark:
    """One sign on the map and the things behind it, the most important first."""

    x: float
    y: float
    items: list[Item]
    r: float = 0.0
    badge: Box | None = None


@dataclass
class Frame:
    """One view being painted.

    Attributes
    ----------
    drawn, zones, cells : what is in sight, with its shape in pixels.
    """

    scene: Scene
    view: View
    pen: Pen
    drawn: list[tuple[Item, Any]] = field(default_factory=list)
    zones: list[tuple[Item, Any]] = field(default_factory=list)
    cells: list[tuple[Cell, Any]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def zoom(self) -> float:
        return self.view.zoom


def paint(frame: Frame) -> None:
    """Paint everything but the names."""
    scene, view = frame.scene, frame.view
    _base(frame)
    frame.cells = _cells(frame)
    if scene.reach is not None:
        reach.paint(frame.pen, view, scene.reach)
    shown = [i for i in (*scene.items, *scene.extra) if not (i.context and frame.zoom < 6)]
    frame.drawn = _in_sight(view, shown)
    frame.zones = [(i, s) for i, s in frame.drawn if i.form == "area" and not _tiny(s)]
    for item, shape in sorted(frame.zones, key=lambda z: -z[0].area_km2):
        _zone(frame, item, shape)
    if scene.answer:
        _band(frame)
    _corridors(frame)
    _marks(frame)
    _rings(frame)


def _in_sight(view: View, items: Sequence[Item]) -> list[tuple[Item, Any]]:
    shapes = view.shapes([i.shape for i in items]) if items else []
    frame = shapely.box(0, 0, view.width, view.height)
    return [(i, s) for i, s in zip(items, shapes, strict=True) if not s.is_empty and shapely.intersects(s, frame)]


def _tiny(shape: Any) -> bool:
    west, north, east, south = shapely.bounds(shape)
    return bool(east - west < _SMALL and south - north < _SMALL)


# ---- base map ------------------------------------------------------------------------------------------
def _base(frame: Frame) -> None:
    pen, view, base = frame.pen, frame.view, frame.scene.base
    pen.fill(shapely.box(0, 0, view.width, view.height), PAPER["beyond"])  # where the base map ends, the map ends
    known = shapely.union_all([shapely.box(*g.bounds) for g in (base.own, base.land, *base.around) if g is not None])
    west, south, east, north = shapely.bounds(known)
    sea, land = shapely.segmentize([shapely.box(west, south, east, north), base.land or shapely.Polygon()], 0.5)
    sea, land, own, *around = view.shapes([sea, land, base.own, *base.around])
    pen.fill(sea, PAPER["sea"])
    for shape in (land, *around):
        pen.fill(shape, PAPER["land"])
    if "around" in base.edges and frame.zoom >= 5:
        pen.stroke(view.shapes([base.edges["around"]])[0], PAPER["county"], 1)
    pen.fill(own, PAPER["own"])
    for water in view.shapes([w.geometry for w in base.waters]) if base.waters else ():
        if shapely.get_dimensions(water) == 2:
            pen.fill(water, PAPER["water"])
        else:
            pen.stroke(water, PAPER["water"], 1.1 if frame.zoom < 8 else 1.8)
    _borders(frame)


def _borders(frame: Frame) -> None:
    """Boundaries by level; they stand over filled regions, too."""
    pen, units = frame.pen, frame.scene.recipe.units
    edges = frame.scene.base.edges
    shapes = dict(zip(edges, frame.view.shapes(list(edges.values())), strict=True))
    if units == "county" and frame.zoom >= 7:
        pen.stroke(shapes["county"], PAPER["county"], 0.8)
    if units != "none":
        pen.stroke(shapes["city"], PAPER["city"], 0.7 if frame.zoom < 7 else 1.1)
    pen.stroke(shapes["province"], PAPER["province"], 7, alpha=0.16)
    pen.stroke(shapes["province"], PAPER["province"], 1.3, (9, 3, 2, 3))
    if "state" in shapes:
        pen.stroke(shapes["state"], PAPER["state"], 1.8, (10, 3, 2, 3))


def _cells(frame: Frame) -> list[tuple[Cell, Any]]:
    """Regions filled with classes; returns each with its shape."""
    layer = frame.scene.filled
    if layer is None or layer.filled is None:
        return []
    pen, filled = frame.pen, layer.filled
    shapes = frame.view.shapes(crs.densify(np.array([c.shape for c in filled.cells], dtype=object), 10_000.0))
    for cell, shape in zip(filled.cells, shapes, strict=True):
        colour = classes.colour_of(filled, cell.value)
        pen.fill(shape, colour or PAPER["face"], 0.82)
        if colour is None:
            pen.hatch(shape, PAPER["quiet"], 0)
        pen.stroke(shape, PAPER["face"], 0.7 if cell.hexagon else 1.6)
    _borders(frame)
    return [(c, s) for c, s in zip(filled.cells, shapes, strict=True) if not s.is_empty]


# ---- layers --------------------------------------------------------------------------------------------
def _zone(frame: Frame, item: Item, shape: Any) -> None:
    pen = frame.pen
    pen.fill(shape, item.colour, 0.13)
    if item.layer.colour == "each":
        pen.hatch(shape, item.colour, item.number % 4)
    pen.stroke(shape, PAPER["halo"], 3.4)
    pen.stroke(shape, item.colour, 1.7, (7, 3))


def _corridors(frame: Frame) -> None:
    pen, scene = frame.pen, frame.scene
    only = {i.id for i in scene.extra}
    lines = [(i, s) for i, s in frame.drawn if i.form == "line" and i.id not in only]
    grow = 0.75 if frame.zoom < 6 else 1.0 if frame.zoom < 9 else 1.25
    for item, shape in sorted(lines, key=lambda x: not x[0].context):
        pen.line(shape, item, (1.9 if item.context else 2.9) * grow, 0.62 if item.context else 1.0)
    for item, shape in frame.drawn:
        if item.form == "line" and item.id in only:
            pen.line(shape, item, 2.0)
    if scene.answer:
        (target,) = frame.view.shapes([scene.answer.target.shape])
        pen.stroke(target, PAPER["accent"], 2, alpha=0.85)


def _band(frame: Frame) -> None:
    """All within the asked distance, on the ellipsoid."""
    answer = frame.scene.answer
    assert answer is not None
    if answer.km:
        (shape,) = frame.view.shapes([crs.buffer(answer.target.shape, answer.km * 1000)])
        frame.pen.fill(shape, PAPER["band"], 0.2)


def _marks(frame: Frame) -> None:
    """Things on one spot, or so near that their marks would lie on each other, become one mark with their number."""
    r = 4.0 if frame.zoom < 6 else 5.0 if frame.zoom < 8 else 6.2
    spots: dict[tuple[int, int], Mark] = {}
    for item, shape in frame.drawn:
        small = item.form == "area" and _tiny(shape)
        if item.form != "point" and not small:
            continue
        for x, y in shapely.get_coordinates(shapely.centroid(shape) if small else shape):
            if frame.view.inside(x, y):
                spots.setdefault((round(x * 2), round(y * 2)), Mark(x, y, [])).items.append(item)
    for mark in spots.values():
        mark.items.sort(key=lambda i: i.rank)
        _disc(frame, mark)
    frame.marks = sorted(_merged(list(spots.values()), r * 2.1), key=lambda m: m.y)
    for m in frame.marks:
        top = m.items[0]
        m.r = r
        frame.pen.symbol(m.x, m.y, style.SYMBOLS[top.kind], top.colour, top.precision, r)
        if len(m.items) > 1:
            m.badge = frame.pen.badge(m.x, m.y, len(m.items), r, frame.view.width)


def _disc(frame: Frame, mark: Mark) -> None:
    town = next((i for i in mark.items if i.precision == "town"), None)
    if town is not None:
        r = town.accuracy_m / frame.view.scale()
        if 9 <= r <= 0.6 * max(frame.view.width, frame.view.height):
            frame.pen.disc(mark.x, mark.y, r, town.colour)


def _merged(spots: list[Mark], gap: float) -> list[Mark]:
    """The marks that matter most keep their place; those within `gap` pixels join them."""
    kept: list[Mark] = []
    for m in sorted(spots, key=lambda m: (m.items[0].rank, -len(m.items), m.y, m.x)):
        home = next((k for k in kept if (k.x - m.x) ** 2 + (k.y - m.y) ** 2 < gap * gap), None)
        if home is None:
            kept.append(m)
        else:
            have = {i.id for i in home.items}
            home.items += [i for i in m.items if i.id not in have]
    for m in kept:
        m.items.sort(key=lambda i: i.rank)
    return kept


def _rings(frame: Frame) -> None:
    """A ring around each mark that holds an answer: closed where one is certain."""
    sure = frame.scene.answer.certain if frame.scene.answer else {}
    for m in frame.marks:
        hits = [sure[i.id] for i in m.items if i.id in sure]
        if hits:
            ring = shapely.Point(m.x, m.y).buffer(m.r + (4 if any(hits) else 3), quad_segs=16).exterior
            if any(hits):
                frame.pen.stroke(ring, PAPER["accent"], 2.2)
            else:
                frame.pen.stroke(ring, PAPER["quiet"], 1.1, (2.5, 2.5))
