"""The legend of a sheet: visible layers and their classes, the question, precision, boundaries. Never over the map."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from regionmap.maps import style
from regionmap.maps.picture import classes, reach
from regionmap.maps.picture.fonts import Fonts
from regionmap.maps.picture.labels import wrapped
from regionmap.maps.picture.pen import PAPER, Pen
from regionmap.maps.picture.scene import Item, Scene

Sign = Callable[[Pen, float, float, float], None]  # pen, left, middle, scale
WIDE, HIGH = 34.0, 18.0  # of a swatch, pixels, as on the page
_SIZES = {"head": 14.0, "entry": 13.0, "note": 11.0}
_INDENT, _ABOVE, _BETWEEN = WIDE + 10, 9.0, 8.0


@dataclass(frozen=True)
class Row:
    """A heading, an entry with its sign, or a note."""

    form: str
    text: str
    sign: Sign | None = None


def rows(scene: Scene, seen: Collection[str] | None) -> list[Row]:
    """The legend of what the frames show; `seen` as `classes.of_layer`."""
    out: list[Row] = []
    layers = [layer for layer in scene.recipe.layers if layer.visible]
    for layer, members in zip(layers, scene.members, strict=True):
        if layer.filled is not None:
            entries = [Row("entry", c.text, _cell(c.sign)) for c in classes.of_filled(scene, layer.filled)]
            entries += [Row("note", text) for text in classes.notes(scene, layer.filled)]
        else:
            entries = [Row("entry", c.text, _sign(c.sign)) for c in classes.of_layer(scene, members, seen)]
            entries += [Row("note", scene.strings["thinned"].replace("{}", f"{n:,}"))] if (n := layer.left_out) else []
        if entries:
            out += [Row("head", layer.title), *entries]
    out += [Row(*row) for row in reach.rows(scene)]
    return [*out, *_question(scene), *_key(scene, seen), *_borders(scene)]


def _question(scene: Scene) -> list[Row]:
    answer, s = scene.answer, scene.strings
    if answer is None:
        return []
    certain = int((answer.rows["certainty"] == "certain").sum())
    counts = (("certain", certain, True), ("possible", len(answer.rows) - certain, False))
    rings = [
        Row("entry", s["ringOf"].replace("{word}", s[w]).replace("{n}", str(n)), _ring(sure)) for w, n, sure in counts
    ]
    within = s["withinOf"].replace("{name}", answer.target.name).replace("{km}", f"{answer.km:g}")
    return [Row("head", s["question"]), Row("entry", within, _band), *rings]


def _key(scene: Scene, seen: Collection[str] | None) -> list[Row]:
    s = scene.strings
    points = [i for i in (*scene.items, *scene.extra) if i.form == "point" and (seen is None or i.id in seen)]
    known = {"site" if i.precise else "town" if i.precision == "town" else "county" for i in points}
    if not known:
        return []
    texts = (("site", s["keySite"]), ("town", s["keyTown"]), ("county", s["keyCounty"]))
    entries = [Row("entry", text, _point("circle", "#38424f", p)) for p, text in texts if p in known]
    entries += [Row("entry", s["keyDisc"], _disc)] if "town" in known else []
    return [Row("head", s["keyPrecision"]), *entries, Row("entry", s["keyBadge"], _badge)]


def _borders(scene: Scene) -> list[Row]:
    s, edges, units = scene.strings, scene.base.edges, scene.recipe.units
    out = [Row("entry", s["keyState"], _edge("state", 1.8, (10, 3, 2, 3)))] if "state" in edges else []
    out += [Row("entry", s["keyProvince"], _edge("province", 1.3, (9, 3, 2, 3)))]
    out += [Row("entry", s["keyCity"], _edge("city", 1.1))] if units != "none" else []
    out += [Row("entry", s["keyCountyLine"], _edge("county", 1.4))] if units == "county" else []
    out += [Row("entry", s["keyWater"], _edge("water", 1.8))] if scene.base.waters else []
    return [Row("head", s["boundaries"]), *out]


# ---- laying out ----------------------------------------------------------------------------------------
def width(fonts: Fonts, rows: Sequence[Row]) -> float:
    """What the headings and entries take where no line is broken."""
    return max((fonts.width(r.text, _SIZES[r.form], r.form == "head") + (_INDENT if r.form == "entry" else 0)
                for r in rows if r.form != "note"), default=0.0) + 2 + _BETWEEN  # fmt: skip


def fitting(fonts: Fonts, rows: Sequence[Row], wide: float, high: float, columns: int) -> float | None:
    """The largest scale, from 1 down to 0.55, at which the rows fit into so many columns; None where none does."""
    for step in range(10):
        if _columns(fonts, rows, wide / columns, high, 1 - 0.05 * step, columns) is not None:
            return 1 - 0.05 * step
    return None


def _columns(
    fonts: Fonts, rows: Sequence[Row], wide: float, high: float, scale: float, count: int
) -> list[list[Row]] | None:
    """The rows in columns, each block (a heading and what stands under it) kept whole; None where they don't fit."""
    blocks: list[list[Row]] = []
    for row in rows:
        if row.form == "head" or not blocks:
            blocks.append([])
        blocks[-1].append(row)
    out: list[list[Row]] = [[]]
    used = 0.0
    for block in blocks:
        tall = sum(_row_height(fonts, row, wide - _BETWEEN, scale) for row in block)
        if used + tall > high and out[-1]:
            out.append([])
            used = 0.0
        used += tall
        if used > high:
            return None
        out[-1] += block
    return out if len(out) <= count else None


def draw(pen: Pen, rows: Sequence[Row], x: float, y: float, wide: float, high: float, columns: int) -> None:
    """Draw the rows at the largest scale that fits; at the smallest in any case."""
    scale = fitting(pen.fonts, rows, wide, high, columns) or 0.55
    each = wide / columns
    for n, column in enumerate(_columns(pen.fonts, rows, each, high, scale, columns) or [list(rows)]):
        _draw_column(pen, column, x + n * each, y, each - _BETWEEN, scale)


def _draw_column(pen: Pen, rows: Sequence[Row], x: float, y: float, wide: float, scale: float) -> None:
    for row in rows:
        size, lines = _SIZES[row.form] * scale, _lines(pen.fonts, row, wide, scale)
        top = y + (_ABOVE * scale if row.form == "head" else 0)
        left = x + (0 if row.form == "head" else _INDENT * scale)
        for n, line in enumerate(lines):
            at = top + (n + 0.5) * size * 1.3 + 2 * scale
            colour = PAPER["quiet"] if row.form == "note" else PAPER["ink"]
            pen.text(left, at, line, size, colour, bold=row.form == "head", align="left")
        if row.sign is not None:
            row.sign(pen, x, top + 0.65 * size + 2 * scale, scale)
        y += _row_height(pen.fonts, row, wide, scale)


def _lines(fonts: Fonts, row: Row, wide: float, scale: float) -> list[str]:
    room = wide - (0 if row.form == "head" else _INDENT * scale)
    return wrapped(fonts, row.text, _SIZES[row.form] * scale, room, row.form == "head")


def _row_height(fonts: Fonts, row: Row, wide: float, scale: float) -> float:
    text = len(_lines(fonts, row, wide, scale)) * _SIZES[row.form] * 1.3 * scale + 5 * scale
    return max(text, (HIGH + 3) * scale if row.sign else 0) + (_ABOVE * scale if row.form == "head" else 0)


# ---- signs ---------------------------------------------------------------------------------------------
def _across(x: float, y: float, scale: float) -> Any:
    return shapely.LineString([(x + 2 * scale, y), (x + (WIDE - 2) * scale, y)])


def _area(x: float, y: float, scale: float) -> Any:
    return shapely.box(x + 2 * scale, y - 7 * scale, x + (WIDE - 2) * scale, y + 7 * scale)


def _sign(item: Item) -> Sign:
    if item.form == "point":
        return _point(style.SYMBOLS[item.kind], item.colour, "site")

    def draw(pen: Pen, x: float, y: float, scale: float) -> None:
        if item.form == "line":
            pen.line(_across(x, y, scale), item, 2.9)
            return
        shape = _area(x, y, scale)
        pen.fill(shape, item.colour, 0.16)
        if item.layer.colour == "each":
            pen.hatch(shape, item.colour, item.number % 4)
        pen.stroke(shape, item.colour, 1.6, (7, 3))

    return draw


def _cell(colour: str | None) -> Sign:
    def draw(pen: Pen, x: float, y: float, scale: float) -> None:
        shape = _area(x, y, scale)
        pen.fill(shape, colour or PAPER["face"])
        if colour is None:
            pen.hatch(shape, PAPER["quiet"], 0)
        pen.stroke(shape, PAPER["city"], 0.8)

    return draw


def _point(shape: str, colour: str, precision: str) -> Sign:
    return lambda pen, x, y, scale: pen.symbol(x + WIDE * scale / 2, y, shape, colour, precision, 6 * scale)


def _edge(role: str, width: float, dash: Sequence[float] = ()) -> Sign:
    return lambda pen, x, y, scale: pen.stroke(_across(x, y, scale), PAPER[role], width, dash)


def _band(pen: Pen, x: float, y: float, scale: float) -> None:
    pen.fill(_area(x, y, scale), PAPER["band"], 0.2)
    pen.stroke(_across(x, y, scale), PAPER["accent"], 2, alpha=0.85)


def _ring(certain: bool) -> Sign:
    def draw(pen: Pen, x: float, y: float, scale: float) -> None:
        ring = shapely.Point(x + WIDE * scale / 2, y).buffer(7 * scale, quad_segs=16).exterior
        pen.stroke(
            ring, PAPER["accent" if certain else "quiet"], 2.2 if certain else 1.1, () if certain else (2.5, 2.5)
        )

    return draw


def _disc(pen: Pen, x: float, y: float, scale: float) -> None:
    for _ in range(3):  # alone on white paper it would be too faint
        pen.disc(x + WIDE * scale / 2, y, 9 * scale, "#38424f")


def _badge(pen: Pen, x: float, y: float, scale: float) -> None:
    _point("circle", "#38424f", "site")(pen, x - 4 * scale, y + 3 * scale, scale)
    pen.badge(x + WIDE * scale / 2 - 4 * scale, y + 3 * scale, 3, 6 * scale)
