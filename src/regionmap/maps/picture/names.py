"""Names on one view: of things, of filled regions, of units, of the areas around.

The ranks, sizes and colours are those of the page (`labels.js`).
"""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from regionmap.maps.picture import classes, labels
from regionmap.maps.picture.frame import Frame
from regionmap.maps.picture.labels import Spot, Wish
from regionmap.maps.picture.pen import PAPER, Box
from regionmap.maps.picture.scene import Item
from regionmap.maps.shapes import label_spots

_KIND_RANK = {"zone": 1, "corridor": 2, "hub": 3, "park": 4, "facility": 5, "project": 6}


def write(frame: Frame, boxes: Sequence[Box], limit: int) -> labels.Board:
    """Write up to `limit` names, off the marks and off `boxes` (scale bar, north arrow); returns where they stand."""
    board = labels.Board(frame.view.width, frame.view.height, [*boxes])
    for m in frame.marks:
        board.taken.append((m.x - m.r, m.y - m.r, m.x + m.r, m.y + m.r))
        if m.badge:
            board.taken.append(m.badge)
    labels.place(frame.pen, board, [*_wishes(frame), *_units(frame), *_neighbours(frame)], limit)
    return board


def _wishes(frame: Frame) -> list[Wish]:
    scene, out = frame.scene, []
    sure = scene.answer.certain if scene.answer else {}

    def rank(item: Item) -> float:
        return _KIND_RANK[item.kind] + (4 if item.context else 0) - (2 if sure.get(item.id) else 0)

    def named(item: Item) -> bool:
        return item.layer.labels or sure.get(item.id, False)

    sheet = shapely.box(0, 0, frame.view.width, frame.view.height)
    for item, shape in frame.zones:
        if named(item):
            spots = [Spot(*at) for at in label_spots(shapely.make_valid(shape).intersection(sheet))]
            out.append(Wish(1, item.name, 15, item.colour, True, spots))
    for item, shape in frame.drawn:
        if item.form == "line" and named(item):
            line = shapely.clip_by_rect(shape, 0, 0, frame.view.width, frame.view.height)
            out.append(Wish(rank(item), item.name, 12, item.colour, True, line=line))
    told: set[str] = set()  # a thing of several points is named at one of them
    for m in frame.marks:
        top = next((i for i in m.items if named(i) and i.id not in told), None)
        if top is None or (top.context and frame.zoom < 8):
            continue
        told.add(top.id)
        count, text = len(m.items), top.name
        if count > 1:
            stack = scene.strings["stack"].replace("{name}", labels.cut(text, 12))
            text = stack.replace("{n}", str(count)).replace("{more}", str(count - 1))
        beside = (m.x, m.y, m.r, m.badge[2] - m.x if m.badge else 0.0)
        out.append(Wish(rank(top) + (0.5 if count > 1 else 0), text, 12, PAPER["ink"], beside=beside))
    return out


def _units(frame: Frame) -> list[Wish]:
    """Names of cities and counties; of filled regions with their value."""
    scene, zoom, out = frame.scene, frame.zoom, []
    layer, taken = scene.filled, set()
    if layer is not None and layer.filled is not None and layer.labels and zoom >= 5:
        unit = "%" if layer.filled.unit == "%" else ""
        for cell, shape in frame.cells:
            if cell.value is not None:
                name = "" if cell.hexagon else classes.cell_label(scene, cell)
                taken.add(name)
                spots = [Spot(*at) for at in label_spots(shapely.make_valid(shape), 2)]
                text = f"{name} {classes.with_unit(cell.value, unit)}".lstrip()
                out.append(Wish(0.5, text, 13, PAPER["ink"], True, spots))
    if scene.recipe.units == "none" or zoom < 6 or not scene.base.units:
        return out
    where = frame.view.points([u.lon for u in scene.base.units], [u.lat for u in scene.base.units])
    for place, (x, y) in zip(scene.base.units, where, strict=True):
        city = place.level == "city"
        text = place.label(scene.lang)
        fits = zoom < 9.2 if city else scene.recipe.units == "county" and zoom >= 8.4
        if fits and text not in taken and frame.view.inside(x, y):
            out.append(Wish(1.5 if city else 7, text, 14 if city else 11, PAPER["quiet"], spots=[Spot(x, y)]))
    return out


def _neighbours(frame: Frame) -> list[Wish]:
    """Names of the areas around, where there is room."""
    around = frame.scene.region.boundaries.neighbours
    if not around or not 5 <= frame.zoom < 9 or frame.scene.lang != "zh":  # they have no Latin names
        return []
    sheet = shapely.box(0, 0, frame.view.width, frame.view.height)
    shapes = shapely.intersection(shapely.make_valid(frame.view.shapes(list(around.values()))), sheet)
    spots = [[Spot(*at) for at in label_spots(shape, 3)] for shape in shapes]
    return [Wish(8, text, 15, PAPER["city"], spots=s) for text, s in zip(around, spots, strict=True)]
