"""What stands in a frame beside the map: a scale bar true at its middle, a north arrow or a graticule, its caption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from regionmap.maps.picture.labels import Board
from regionmap.maps.picture.pen import PAPER, Box, Pen
from regionmap.maps.picture.scene import Scene
from regionmap.maps.picture.view import View

NORTH_UP = 5.0  # degrees: beyond this one arrow would lie
_STEPS = (0.25, 0.5, 1, 2, 5, 10, 20, 30)


def scale_bar(pen: Pen, scene: Scene, view: View, longest: float, printed: int | None) -> Box:
    """A bar of a round length at the lower left, with the printed scale 1:N under it; returns the box it takes."""
    metre, parts = view.scale(), 4 if longest > 120 else 2
    length = _round_length(metre * longest)
    wide, x, y = length / metre, 18.0, view.height - (34.0 if printed else 17.0)
    unit = scene.strings["km"] if length >= 1000 else scene.strings["m"]
    last = f"{length / (1000 if length >= 1000 else 1):g} {unit}"
    number = f"1:{printed:,}".replace(",", " ") if printed else ""
    right = x + wide + pen.fonts.width(last, 11) / 2 + 8
    box = (8.0, y - 22, max(right, x + pen.fonts.width(number, 11) + 8), view.height - 6)
    pen.fill(shapely.box(*box), PAPER["face"], 0.82)
    for n in range(parts):
        piece = shapely.box(x + wide * n / parts, y, x + wide * (n + 1) / parts, y + 5)
        pen.fill(piece, PAPER["ink"] if n % 2 == 0 else PAPER["face"])
        pen.stroke(piece, PAPER["ink"], 0.8)
    half = length / 2 / (1000 if length >= 1000 else 1)
    for at, text in ((0.0, "0"), (wide / 2, f"{half:g}" if parts == 4 else ""), (wide, last)):
        pen.text(x + at, y - 9, text, 11)
    if printed:
        pen.text(x, y + 16, number, 11, align="left")
    return box


def _round_length(most_m: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is not above `most_m`."""
    power = 10 ** math.floor(math.log10(most_m))
    return max(step * power for step in (1, 2, 5) if step * power <= most_m)


def north_arrow(pen: Pen, scene: Scene, view: View) -> Box:
    x, y = view.width - 26.0, 16.0
    box = (x - 18, 6.0, view.width - 8, 70.0)
    pen.fill(shapely.box(*box), PAPER["face"], 0.82)
    tip, foot = (x, y), (x, y + 26)
    left, right = shapely.Polygon([tip, (x - 9, y + 34), foot]), shapely.Polygon([tip, (x + 9, y + 34), foot])
    pen.fill(left, PAPER["ink"])
    pen.fill(right, PAPER["face"])
    for half in (left, right):
        pen.stroke(half, PAPER["ink"], 1)
    pen.text(x, y + 44, scene.strings["northSign"], 13, bold=True)
    return box


def graticule(pen: Pen, view: View, taken: Sequence[Box]) -> list[Box]:
    """Meridians and parallels; their degrees at the lower and left edge, off `taken`."""
    west, south, east, north = view.window
    step = next((s for s in _STEPS if (north - south) / s <= 9), _STEPS[-1])
    boxes: list[Box] = []
    low, high = max(south, -85.0), min(north, 85.0)
    for lon in np.arange(math.ceil(west / step) * step, east, step):
        line = shapely.LineString([(lon, low), (lon, high)])
        boxes += _degree(
            pen, view, line, f"{abs(lon):g}°{'E' if lon >= 0 else 'W'}", view.height - 11, [*taken, *boxes]
        )
    for lat in np.arange(math.ceil(low / step) * step, high, step):
        line = shapely.LineString([(west, lat), (east, lat)])
        boxes += _degree(pen, view, line, f"{abs(lat):g}°{'N' if lat >= 0 else 'S'}", None, [*taken, *boxes])
    return boxes


def _degree(pen: Pen, view: View, line: Any, text: str, bottom: float | None, taken: Sequence[Box]) -> list[Box]:
    shape = view.shapes([shapely.segmentize(line, 1.0)])[0]
    pen.stroke(shape, PAPER["city"], 0.6, alpha=0.55)
    edge = [(0, bottom), (view.width, bottom)] if bottom else [(4, 0), (4, view.height)]
    hits = shapely.get_coordinates(shapely.intersection(shape, shapely.LineString(edge)))
    wide = pen.fonts.width(text, 10)
    if len(hits) != 1:
        return []
    x, y = hits[0] if bottom else (8 + wide / 2, hits[0][1])
    box = (float(x - wide / 2 - 2), float(y - 7), float(x + wide / 2 + 2), float(y + 7))
    if not Board(view.width, view.height, [*taken]).free(box):
        return []
    pen.text(x, y, text, 10, PAPER["quiet"], halo=3)
    return [box]


def caption(pen: Pen, text: str, letter: str) -> Box:
    """The title of a further frame, at its upper left."""
    wide = pen.fonts.width(text, 13, True) + (20 if letter else 0)
    box = (0.0, 0.0, wide + 18, 26.0)
    pen.fill(shapely.box(*box), PAPER["face"], 0.9)
    pen.stroke(shapely.LineString([(0, 26), (wide + 18, 26), (wide + 18, 0)]), PAPER["quiet"], 0.6)
    if letter:
        _letter(pen, 17, 13, letter)
    pen.text(28 if letter else 9, 13, text, 13, bold=True, align="left")
    return box


def extent(pen: Pen, main: View, part: View, letter: str) -> Box:
    """Where a further frame lies in the main one."""
    west, south, east, north = part.box
    (shape,) = main.shapes([shapely.segmentize(shapely.box(west, south, east, north), (east - west) / 20)])
    x0, y0, x1, y1 = shapely.bounds(shape)
    if x1 - x0 < 12:
        shape = shapely.box(x0 - 6, y0 - 6, x1 + 6, y1 + 6)
        x0, y0, x1, y1 = shapely.bounds(shape)
    pen.stroke(shape, PAPER["face"], 3, alpha=0.8)
    pen.stroke(shape, PAPER["ink"], 1.1)
    _letter(pen, x1, y0, letter)
    return (x1 - 9, y0 - 9, x1 + 9, y0 + 9)


def _letter(pen: Pen, x: float, y: float, letter: str) -> None:
    pen.fill(shapely.Point(x, y).buffer(8.5), PAPER["ink"])
    pen.text(x, y, letter, 11, PAPER["face"], bold=True)
