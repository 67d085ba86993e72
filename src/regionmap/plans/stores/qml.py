"""Styles for QGIS (QML) made of the values that pages are drawn with, so that a file opens looking like the map.

One style serves points, lines and areas of a layer: QGIS splits a layer of several geometry types and applies
a style that names none to each; rules keep symbols to the type that they can draw.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from xml.etree import ElementTree as xml

from regionmap import kinds, looks

_MARKS = {shape: shape for shape in looks.SYMBOLS.values()} | {"bar": "rectangle"}
_MM = 0.2646
"""Millimetres of a pixel at 96 to the inch: QGIS' unit."""
_PALE, _FAINT, _CLEAR = "10", "08", "00"  # how much a fill covers; zones lie many deep
_OTHER = looks.FAMILIES["region"][2]


@functools.cache
def style(layer: str) -> str:
    """The QML of a layer."""
    rules, symbols = xml.Element("rules", key="all"), xml.Element("symbols")
    made = {"records": _records, "targets": _targets, "units": _units, "around": _around}[layer]()
    for number, (label, filter_, symbol) in enumerate(made):
        attributes = {"key": f"r{number}", "symbol": str(number), "label": label, "filter": filter_}
        xml.SubElement(rules, "rule", attributes)
        symbol.set("name", str(number))
        symbols.append(symbol)
    root = xml.Element("qgis", version="3.22", styleCategories="Symbology|Labeling", labelsEnabled="0")
    renderer = xml.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0")
    renderer.extend([rules, symbols])
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + xml.tostring(root, encoding="unicode")


def _is(*types: str) -> str:
    return "geometry_type($geometry) = '{}'".format("' or geometry_type($geometry) = '".join(types))


def _records() -> list[tuple[str, str, xml.Element]]:
    """Areas by family; lines by family and status; points by family and kind."""
    made: list[tuple[str, str, xml.Element]] = []
    families = [(zh, colour, _in("sector", sectors)) for zh, _, colour, sectors in looks.FAMILIES.values()]
    for zh, colour, filter_ in [*families, ("其他", _OTHER, "ELSE")]:
        if filter_ == "ELSE":
            known = [s for *_, sectors in looks.FAMILIES.values() for s in sectors]
            filter_ = f'("sector" is null or not {_in("sector", known)})'
        made.append((zh, f"{_is('Polygon')} and {filter_}", _area(colour + _PALE, colour, 0.9)))
        for dashes, statuses in _dashes().items():
            words = "、".join(kinds.STATUSES[s][0] for s in statuses if s) or "现状未载"
            chosen = f"coalesce(\"status\", '') in ({', '.join(map(_quoted, statuses))})"
            made.append((f"{zh} · {words}", f"{_is('Line')} and {filter_} and {chosen}", _line(colour, 2.2, dashes)))
        for kind, shape in looks.SYMBOLS.items():
            chosen = f'"kind" = {_quoted(kind)}'
            made.append(
                (f"{zh} · {kinds.KINDS[kind].zh}", f"{_is('Point')} and {filter_} and {chosen}", _mark(shape, colour))
            )
    return made


def _dashes() -> dict[tuple[int, ...], list[str]]:
    """Statuses by dash pattern."""
    found: dict[tuple[int, ...], list[str]] = {}
    for status, pattern in looks.DASHES.items():
        found.setdefault(pattern, []).append(status)
    return found


def _targets() -> list[tuple[str, str, xml.Element]]:
    return [
        ("指标区域", _is("Polygon"), _area(_OTHER + _FAINT, _OTHER, 0.6)),
        ("指标地点", _is("Point"), _mark("circle", _OTHER)),
    ]


def _units() -> list[tuple[str, str, xml.Element]]:
    widths = {"county": 0.7, "city": 1.1, "province": 1.8}
    names = {"county": "县级", "city": "市级", "province": "省级"}
    return [
        (names[k], f'"level" = {_quoted(k)}', _area(looks.PAPER["own"] + _CLEAR, looks.PAPER[k], w))
        for k, w in widths.items()
    ]


def _around() -> list[tuple[str, str, xml.Element]]:
    return [
        ("邻区", _is("Polygon"), _area(looks.PAPER["beyond"], looks.PAPER["county"], 0.5)),
        ("国界", _is("Line"), _line(looks.PAPER["state"], 1.6, (10, 3, 2, 3))),
    ]


def _in(column: str, values: Sequence[str]) -> str:
    return f'"{column}" in ({", ".join(map(_quoted, values))})'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _symbol(kind: str, layer: str, options: dict[str, str]) -> xml.Element:
    symbol = xml.Element("symbol", type=kind, alpha="1", clip_to_extent="1", force_rhr="0")
    inside = xml.SubElement(symbol, "layer", {"class": layer, "enabled": "1", "locked": "0", "pass": "0"})
    held = xml.SubElement(inside, "Option", type="Map")
    for name, value in options.items():
        xml.SubElement(held, "Option", name=name, type="QString", value=value)
    for name, value in options.items():  # for QGIS before 3.26
        xml.SubElement(inside, "prop", k=name, v=value)
    return symbol


def _rgba(colour: str) -> str:
    """`#rrggbb` or `#rrggbbaa` as QGIS writes it."""
    digits = colour.lstrip("#").ljust(8, "f")
    return ",".join(str(int(digits[n : n + 2], 16)) for n in (0, 2, 4, 6))


def _area(fill: str, outline: str, width_px: float) -> xml.Element:
    return _symbol(
        "fill",
        "SimpleFill",
        {
            "color": _rgba(fill), "style": "solid", "outline_color": _rgba(outline), "outline_style": "solid",
            "outline_width": f"{width_px * _MM:.3f}", "outline_width_unit": "MM", "joinstyle": "round",
        },
    )  # fmt: skip


def _line(colour: str, width_px: float, dashes: Sequence[int]) -> xml.Element:
    pattern = ";".join(f"{d * _MM:.3f}" for d in dashes)
    return _symbol(
        "line",
        "SimpleLine",
        {
            "line_color": _rgba(colour), "line_style": "solid",
            "line_width": f"{width_px * _MM:.3f}", "line_width_unit": "MM",
            "use_custom_dash": "1" if dashes else "0", "customdash": pattern or "5;2", "customdash_unit": "MM",
            "capstyle": "flat", "joinstyle": "round",
        },
    )  # fmt: skip


def _mark(shape: str, colour: str) -> xml.Element:
    return _symbol(
        "marker",
        "SimpleMarker",
        {
            "name": _MARKS[shape], "color": _rgba(colour), "size": f"{9 * _MM:.3f}", "size_unit": "MM",
            "outline_color": "255,255,255,255", "outline_width": f"{1.2 * _MM:.3f}", "outline_width_unit": "MM",
            "outline_style": "solid",
        },
    )  # fmt: skip
