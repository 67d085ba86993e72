"""A whole sheet: title block, main frame, further frames, legend column, sources and marks below.

Everything is laid out in pixels of the page; a size says how long one is on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import shapely

from regionmap.maps.picture import fonts as fonts_of
from regionmap.maps.picture import frame as frames
from regionmap.maps.picture import furniture, labels, legend, names
from regionmap.maps.picture.pen import PAPER, Pen
from regionmap.maps.picture.pen import Box as PixelBox
from regionmap.maps.picture.scene import Scene
from regionmap.maps.picture.view import Box, View, fit


class Size(NamedTuple):
    """Millimetres of the sheet and of a pixel; `paper` where a printed scale 1:N holds."""

    width_mm: float
    height_mm: float
    pixel_mm: float
    legend: float
    paper: bool


SIZES = {
    "A3": Size(420.0, 297.0, 0.25, 320.0, True),
    "A4": Size(297.0, 210.0, 0.19, 300.0, True),
    "16:9": Size(338.667, 190.5, 0.24, 280.0, False),
    "slide": Size(316.0, 147.0, 0.24, 280.0, False),  # what the title and the sources of a slide leave free
}
_MARGIN, _PAD, _GAP = 26.0, 14.0, 10.0


class Rect(NamedTuple):
    x: float
    y: float
    width: float
    height: float


@dataclass
class Sheet:
    """A drawn sheet.

    Attributes
    ----------
    frames : each view with its place on the sheet and its names; the main one first.
    rows : what the legend says.
    """

    figure: Any
    width: float
    height: float
    frames: list[tuple[View, Rect, labels.Board]]
    rows: list[legend.Row]


def compose(scene: Scene, size: Size, *, bare: bool = False) -> Sheet:
    """Draw the sheet; `bare` leaves out title block and footer, for slides and notebooks."""
    from matplotlib.figure import Figure

    fonts = fonts_of.find(fonts_of.plain(text) for text in scene.texts())
    width, height = size.width_mm / size.pixel_mm, size.height_mm / size.pixel_mm
    figure = Figure(figsize=(size.width_mm / 25.4, size.height_mm / 25.4), facecolor="#ffffff")
    points = size.pixel_mm / 25.4 * 72
    whole = Pen(_axes(figure, Rect(0, 0, width, height), width, height, zorder=1), points, fonts)
    margin = 4.0 if bare else _MARGIN
    foot = [] if bare else _footer(scene, whole, width - 2 * margin)
    top = margin if bare else margin + _head_height(scene)
    body = Rect(margin, top, width - 2 * margin, height - top - margin - (17 * len(foot) + 6 if foot else 0))
    places, key, columns = _layout(scene, size, body, fonts)
    found, letters = [], _letters(places)
    for n, (view, place) in enumerate(places):
        pen = Pen(_axes(figure, place, width, height), points, fonts)
        others = [] if n else [(part, sign) for (part, _), sign in zip(places, letters, strict=True) if sign]
        found.append(_frame(scene, size, pen, view, letters[n], others))
    seen = {item.id for frame, _ in found for item, _ in frame.drawn}
    rows = legend.rows(scene, seen)
    legend.draw(whole, rows, *key, columns)
    _lines(whole, body, [place for _, place in places])
    if not bare:
        _head(scene, whole, width)
        _foot(scene, whole, foot, body)
    drawn = [(view, place, board) for (view, place), (_, board) in zip(places, found, strict=True)]
    return Sheet(figure, width, height, drawn, rows)


def _axes(figure: Any, at: Rect, width: float, height: float, zorder: int = 0) -> Any:
    place = (at.x / width, 1 - (at.y + at.height) / height, at.width / width, at.height / height)
    axes = figure.add_axes(place, zorder=zorder)
    axes.set_xlim(0, at.width)
    axes.set_ylim(at.height, 0)
    axes.set_axis_off()
    return axes


# ---- layout --------------------------------------------------------------------------------------------
def _layout(scene: Scene, size: Size, body: Rect, fonts: Any) -> tuple[list[tuple[View, Rect]], Rect, int]:
    """Where the frames stand, and what is left for the legend in how many columns: of several ways the one that
    draws the main frame largest while the legend keeps readable."""
    every, best = legend.rows(scene, None), None
    views = _telling(scene.recipe.views, Rect(*body[:2], body.width - size.legend, body.height), size)
    least = 0.7 if len(views) == 1 else 0.95  # further frames may stand under the legend
    natural = min(size.legend, max(least * size.legend, legend.width(fonts, every) + 2 * _PAD))
    for columns in (1, 2):
        wide = natural if columns == 1 else 2 * min(natural, 0.76 * size.legend)
        column = Rect(body.x + body.width - wide, body.y, wide, body.height)
        left = Rect(body.x, body.y, body.width - wide, body.height)
        for main, others, key in _ways(left, column, len(views) - 1):
            room = Rect(key.x + _PAD, key.y + 4, key.width - 2 * _PAD, key.height - 8)
            scale = legend.fitting(fonts, every, room.width, room.height, columns) or 0.3
            view = fit(*views[0], main.width, main.height, round_to=size.pixel_mm if size.paper else 0.0)
            cost = view.metres * (1 + 2 * max(0.0, 0.8 - scale))  # a slightly smaller legend costs nothing
            if best is None or cost < best[0]:
                further = [(fit(*v, r.width, r.height), r) for v, r in zip(views[1:], others, strict=True)]
                best = (cost, [(view, main), *further], room, columns)
    assert best is not None
    return best[1:]


def _telling(views: Sequence[tuple[str, Box]], left: Rect, size: Size) -> list[tuple[str, Box]]:
    """The main view and those further ones that show more: what lies in the main one must be drawn larger."""
    main = fit("", views[0][1], left.width, left.height)
    kept = [("", views[0][1])]
    for title, box in views[1:]:
        part = fit(title, box, size.legend, 0.7 * size.legend)
        if part.metres < 0.8 * main.metres or not _holds(main, box):
            kept.append((title, box))
    return kept


def _holds(main: View, box: Box) -> bool:
    west, south, east, north = box
    return all(main.inside(x, y) for x, y in main.points([west, east, west, east], [south, south, north, north]))


def _ways(left: Rect, column: Rect, count: int) -> Iterable[tuple[Rect, list[Rect], Rect]]:
    """Main frame, further frames and legend: frames under the legend, in a strip below, in a column beside."""
    if not count:
        yield left, [], column
        return
    high = min(column.width * 0.72, column.height * 0.26)
    key = Rect(*column[:3], column.height - count * high)
    yield left, [Rect(column.x, key.y + key.height + n * high, column.width, high) for n in range(count)], key
    strip = left.height * 0.28
    low = left.y + left.height - strip
    wide = left.width / count
    yield (
        Rect(*left[:3], left.height - strip),
        [Rect(left.x + n * wide, low, wide, strip) for n in range(count)],
        column,
    )
    side, tall = left.width * 0.27, left.height / max(count, 2)
    beside = [Rect(left.x + left.width - side, left.y + n * tall, side, tall) for n in range(count)]
    if count == 1:
        beside = [Rect(left.x + left.width - side, left.y, side, left.height)]
    yield Rect(left.x, left.y, left.width - side, left.height), beside, column


def _letters(places: Sequence[tuple[View, Rect]]) -> list[str]:
    """A letter for each further frame that lies in the main one, and is named there."""
    out, number, main = [""], 0, places[0][0]
    for view, _ in places[1:]:
        inside = _holds(main, view.box)
        out.append("ABCDEFGH"[number] if inside else "")
        number += inside
    return out


def _frame(
    scene: Scene, size: Size, pen: Pen, view: View, letter: str, others: Iterable[tuple[View, str]]
) -> tuple[frames.Frame, labels.Board]:
    """One frame with its furniture; names keep off it."""
    main = not view.title
    frame = frames.Frame(scene, view, pen)
    frames.paint(frame)
    printed = round(view.metres * 1000 / size.pixel_mm) if main and size.paper and view.spread() < 0.01 else None
    boxes = _furnish(pen, scene, view, letter, others, printed)
    return frame, names.write(frame, boxes, 150 if main else 40)


def _furnish(
    pen: Pen, scene: Scene, view: View, letter: str, others: Iterable[tuple[View, str]], printed: int | None
) -> list[PixelBox]:
    main, turned = not view.title, view.north() > furniture.NORTH_UP
    boxes = [furniture.scale_bar(pen, scene, view, 170 if main else 100, printed)]
    if not main:
        boxes.append(furniture.caption(pen, view.title, letter))
    elif not turned:
        boxes.append(furniture.north_arrow(pen, scene, view))
    if turned:
        boxes += furniture.graticule(pen, view, boxes)
    return [*boxes, *(furniture.extent(pen, view, part, sign) for part, sign in others)]


# ---- title block and footer ----------------------------------------------------------------------------
def _head_height(scene: Scene) -> float:
    return 84.0 if scene.recipe.subtitle else 58.0


def _head(scene: Scene, pen: Pen, width: float) -> None:
    recipe = scene.recipe
    mark = recipe.footer["classification"]
    room = width - 2 * _MARGIN - (pen.fonts.width(mark, 20, True) + 30 if mark else 0)
    size = min(36.0, 36.0 * room / max(pen.fonts.width(recipe.title, 36, True), 1))
    pen.text(_MARGIN, _MARGIN + 20, recipe.title, size, bold=True, align="left")
    if recipe.subtitle:
        small = min(17.0, 17.0 * room / max(pen.fonts.width(recipe.subtitle, 17), 1))
        pen.text(_MARGIN + 1, _MARGIN + 58, recipe.subtitle, small, PAPER["quiet"], align="left")
    if mark:
        pen.text(width - _MARGIN, _MARGIN + 20, mark, 20, PAPER["accent"], bold=True, align="right")


def _footer(scene: Scene, pen: Pen, room: float) -> list[tuple[str, str]]:
    """Lines under the frame, left and right: plans and boundaries, then method, date and approval number."""
    s, footer = scene.strings, scene.recipe.footer
    shown = {i.id for i in (*scene.items, *scene.extra) if not i.context}
    records = scene.region.records
    groups = set(records["group"].reindex(sorted(shown)))
    plans = set(records["plan"][records["group"].isin(groups)])
    cells = [
        t
        for layer in scene.recipe.layers
        if layer.visible and layer.filled
        for c in layer.filled.cells
        for t in c.targets
    ]
    plans |= set(scene.region.targets["plan"].reindex(cells)) if cells else set()
    cited = [plan.title for plan in scene.region.plans.values() if plan.id in plans and plan.id != "context"]
    sources = [s["plansCited"] + s["and"].join(cited)] if cited else []
    date = f"{s['date']}{footer['date']}" if footer["date"] else ""
    texts = [*sources, scene.sources(), *([footer["note"]] if footer["note"] else [])]
    left = [line for text in texts for line in labels.wrapped(pen.fonts, text, 11.5, room * 0.72)]
    right = [t for t in (date, f"{s['approval']}{footer['approval'] or '________'}", s["projection"]) if t]
    count = max(len(left), len(right))
    return [(left[n] if n < len(left) else "", right[n] if n < len(right) else "") for n in range(count)]


def _foot(scene: Scene, pen: Pen, lines: Sequence[tuple[str, str]], body: Rect) -> None:
    y = body.y + body.height + 15
    for n, (left, right) in enumerate(lines):
        pen.text(body.x, y + 17 * n, left, 11.5, PAPER["quiet"], align="left")
        pen.text(body.x + body.width, y + 17 * n, right, 11.5, PAPER["ink"], align="right")


def _lines(pen: Pen, body: Rect, places: Sequence[Rect]) -> None:
    for r in places:
        pen.stroke(shapely.box(r.x, r.y, r.x + r.width, r.y + r.height), PAPER["ink"], 0.9)
    outer = shapely.box(body.x, body.y, body.x + body.width, body.y + body.height)
    pen.stroke(outer, PAPER["ink"], 1.0)
    pen.stroke(outer.buffer(4, join_style="mitre"), PAPER["ink"], 2.2)
