"""The legend's classes: one entry a class, never one a feature, in the page's order (`legend.js`, `cells.js`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regionmap.maps import style
from regionmap.maps.cells import Cell, Filled
from regionmap.maps.picture.scene import Item, Scene


@dataclass(frozen=True)
class Class:
    """One entry: how many things are of it, and `sign`, what its swatch is drawn from.

    sign : an Item, or for a filled layer's class its colour (None: no number).
    """

    key: str
    text: str
    count: int
    sign: Any


def key_of(item: Item) -> str:
    """The class of an item; a line's follows its status too."""
    if item.layer.colour == "each":
        return item.id
    if item.form == "line":
        return "|".join(["line", item.sector, item.status, "context" if item.context else ""])
    return "|".join([item.form, item.kind, item.family])


def of_layer(scene: Scene, members: Sequence[Item], seen: Collection[str] | None = None) -> list[Class]:
    """The classes of a layer of records in the order in which it first has one.

    Parameters
    ----------
    seen : ids that some frame shows; a class of none of them is left out. None for all.
    """
    found: dict[str, list[Item]] = {}
    for item in members:
        found.setdefault(key_of(item), []).append(item)
    return [
        Class(key, _name(scene, items[0]), len(items), items[0])
        for key, items in found.items()
        if seen is None or any(i.id in seen for i in items)
    ]


def _name(scene: Scene, item: Item) -> str:
    if item.layer.colour == "each":
        return item.name
    zh, en, *_ = style.FAMILIES[item.family]
    family = str(en if scene.lang == "en" else zh)
    if item.form != "line":
        return f"{scene.word('kind', item.kind)} · {family}"
    parts = [scene.word("sector", item.sector) if item.sector else family]
    parts += [scene.word("status", item.status)] if item.status else []
    parts += [scene.strings["context"]] if item.context else []
    return " · ".join(parts)


def class_of(filled: Filled, value: float | None) -> int:
    """The first class whose upper limit holds the value; -1 for none."""
    if value is None:
        return -1
    return next((n for n, limit in enumerate(filled.limits) if value <= limit), len(filled.limits) - 1)


def colour_of(filled: Filled, value: float | None) -> str | None:
    number = class_of(filled, value)
    return None if number < 0 else style.RAMPS[max(0, len(filled.limits) - 1)][number]


def of_filled(scene: Scene, filled: Filled) -> list[Class]:
    """One entry a class: from its smallest value to its limit."""
    out = []
    for n, limit in enumerate(filled.limits):
        values = [c.value for c in filled.cells if c.value is not None and class_of(filled, c.value) == n]
        low = min(values, default=limit)
        high = max(limit, low) if n == len(filled.limits) - 1 else limit
        text = with_unit(high, filled.unit)
        text = text if low == high else f"{number(low)} – {text}"
        out.append(Class(f"c{n}", text, len(values), colour_of(filled, limit)))
    none = sum(c.value is None for c in filled.cells)
    return [*out, Class("c-1", scene.strings["noNumber"], none, None)] if none else out


def number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def with_unit(value: float, unit: str) -> str:
    return number(value) + ("" if not unit else "%" if unit == "%" else f" {unit}")


def notes(scene: Scene, filled: Filled) -> list[str]:
    """What stands under a filled layer's classes: what is counted, whose numbers, how the limits were found."""
    s, out = scene.strings, []
    left = str(filled.left_out)
    if filled.measure == "targets":
        out.append(s["targetsPictured"] + (s["leftOutTargets"].replace("{}", left) if filled.left_out else ""))
    if filled.measure == "records":
        out.append(s["recordsCounted"] + (s["leftOut"].replace("{}", left) if filled.left_out else ""))
    if filled.measure == "hexagons":
        left = s["leftOutHex"].replace("{}", f"{filled.left_out:,}") if filled.left_out else ""
        out.append(s["hexCounted"].replace("{}", filled.grid) + left)
    if filled.measure == "indicator":
        rows = scene.region.targets.loc[[c.targets[0] for c in filled.cells]]
        cited = [f"{scene.region.plans[p].short} {c}" for p, c in zip(rows["plan"], rows["clause"], strict=True)]
        out.append(s["source"] + "; ".join(dict.fromkeys(cited)))
        if len(filled.cells) < 4:
            out.append(s["fewRegions"].replace("{}", str(len(filled.cells))))
    return [*out, s["scheme"] + s.get(f"scheme{filled.scheme}", filled.scheme)]


def cell_label(scene: Scene, cell: Cell) -> str:
    """A region's name as labels and tables give it; without the units that it leaves out."""
    if cell.hexagon:
        return f"{cell_label(scene, replace(cell, hexagon=''))} · {cell.hexagon}"
    names = {u.name: u.label(scene.lang) for u in scene.base.units}
    if cell.name in names:
        return names[cell.name]
    latin = {u.name: u.latin for u in scene.base.units if scene.lang == "en" and u.latin}
    return scene.strings["and"].join(latin.get(part, part) for part in cell.name.split("、"))
