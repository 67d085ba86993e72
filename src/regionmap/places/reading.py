"""The tree of a location expression, read bottom up: each operator's geometry, accuracy and pieces.

The numbers in the comments are the rules of docs/where.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import shapely
from lark import Token

from regionmap import crs
from regionmap.errors import ExpressionError
from regionmap.places import accuracy, grammar, lines
from regionmap.places.gazetteer import TOWN_KINDS, Entry
from regionmap.places.lines import Run

if TYPE_CHECKING:
    from regionmap.places.where import Where

_AREAS = ("Polygon", "MultiPolygon")
_LINES = ("LineString", "MultiLineString")
_OPERATORS: dict[str, Callable[..., Any]] = {"PLUS": shapely.union, "MINUS": shapely.difference}


@dataclass(frozen=True)
class Part:
    """What a part of an expression became; `entry` while it is a plain name, `runs` while it is one line."""

    geometry: Any
    accuracy_m: float
    drawn: str | None = None
    pieces: tuple[str, ...] = ()
    entry: Entry | None = None
    level: str | None = None
    runs: tuple[Run, ...] = ()


def within(part: Part) -> Part:
    """Somewhere within an area: its representative point, as accurate as the area is wide (4)."""
    spot = shapely.point_on_surface(part.geometry)
    radius = accuracy.within_m(part.geometry, spot, part.accuracy_m)
    level = part.entry.kind if part.entry and part.entry.is_unit else part.level
    return replace(part, geometry=spot, accuracy_m=radius, drawn=None, level=level)


class Reader:
    """Evaluates one expression's tree.

    Parameters
    ----------
    where : the names, the plan's area and folder.
    text : the expression, for messages.
    sector, built : as in `Where.locate`.
    """

    def __init__(self, where: Where, text: str, sector: str, built: bool) -> None:
        self.where, self.text, self.sector, self.built = where, text, sector, built
        self.names = where.gazetteer

    def read(self, node: Any) -> Part:
        """The part that a tree stands for."""
        return getattr(self, f"_{node.data}")(node.children)

    def fail(self, node: Any, reason: str, suggestions: tuple[str, ...] = ()) -> ExpressionError:
        """A fault at the first word of a tree."""
        position, word = grammar.position(node)
        return ExpressionError(self.text, position, word, reason, suggestions)

    def _name(self, path: list[Token]) -> Part:
        inside: Entry | None = None
        for token in path:
            found = self.names.find(str(token), area=self.where.area, inside=inside)
            if not found:
                where = f"no such name in {inside.name}" if inside else "unknown name"
                raise self.fail(token, where, self.names.suggest(str(token)))
            if len(found) > 1:
                labels = tuple(f"{self.names.label(e)} ({e.unit or e.source})" for e in found)
                raise self.fail(token, "ambiguous name, put its unit before it", labels)
            inside = found[0]
        assert inside is not None
        return self._entry(inside)

    def _entry(self, entry: Entry) -> Part:
        spread = self.names.town_extent_m if entry.kind in TOWN_KINDS else 0.0  # 2
        drawn = None if entry.geometry.geom_type == "Point" else entry.drawn
        runs = lines.runs_of(entry.legs, entry.name) if entry.tier == "line" else ()
        label = self.names.label(entry)
        pieces = (label,) if drawn != "schematic" or not runs else lines.pieces(runs)
        return Part(entry.geometry, entry.accuracy_m + spread, drawn, pieces, entry, runs=runs)

    def _point(self, children: list[Token]) -> Part:
        datum, lon, lat, decimals = grammar.point(str(children[0]))
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            swapped = (f"{lat:g}, {lon:g}",) if abs(lat) <= 180 and abs(lon) <= 90 else ()
            raise self.fail(children[0], "longitude -180..180 comes first, then latitude -90..90", swapped)
        x, y = {"gcj02": crs.gcj02_to_wgs84, "bd09": crs.bd09_to_wgs84}.get(datum, lambda x, y: (x, y))(lon, lat)
        spot = shapely.Point(float(x), float(y))
        return Part(spot, accuracy.point_m(decimals), None, (str(children[0]),))  # 5

    def _file(self, children: list[Token]) -> Part:
        from regionmap.places.files import feature

        try:
            geometry, radius = feature(self.where.folder, *grammar.file(str(children[0])))
        except (ValueError, OSError, LookupError, RuntimeError) as error:
            raise self.fail(children[0], str(error)) from error
        drawn = None if geometry.geom_type == "Point" else "authored"
        return Part(geometry, radius, drawn, (str(children[0]),))  # 6

    def _sum(self, children: list[Any]) -> Part:
        total = self.read(children[0])
        terms = [(sign.type, self.read(node)) for sign, node in zip(children[1::2], children[2::2], strict=True)]
        for sign, run in itertools.groupby(terms, key=lambda term: term[0]):
            total = _combine(total, [part for _, part in run], _OPERATORS[sign])
        return total

    def _both(self, children: list[Any]) -> Part:
        total = self.read(children[0])
        for node in children[1:]:
            total = _combine(total, [self.read(node)], shapely.intersection)
        return total

    def _near(self, children: list[Any]) -> Part:
        part = self.read(children[0])
        for distance in children[1:]:  # 7
            shape = crs.buffer(part.geometry, float(distance))
            part = replace(part, geometry=shape, drawn=part.drawn or "schematic", entry=None, runs=())
        return part

    def _cut(self, children: list[Any]) -> Part:
        part = self._line(children[0])
        for stretch in children[1:]:
            if part.geometry.geom_type not in _LINES:
                raise self.fail(children[0], "only a line can be cut with [ ]")
            ends = [self.read(node) for node in stretch.children]
            if len(ends) == 1:
                part = self._cut_by_area(part, ends[0], stretch)
            else:
                part = self._cut_between(part, ends, stretch)
            part = replace(part, pieces=(*part.pieces, *(p for end in ends for p in end.pieces)), entry=None)
        return part

    def _line(self, node: Any) -> Part:
        """What is cut: of all that a name means, the line."""
        found = self.names.lines(str(node.children[0])) if node.data == "name" and len(node.children) == 1 else []
        return self._entry(found[0]) if len(found) == 1 else self.read(node)

    def _cut_by_area(self, line: Part, area: Part, node: Any) -> Part:
        if area.geometry.geom_type not in _AREAS:
            raise self.fail(node, "a line is cut by an area or between two places")
        shape = lines.inside(line.geometry, area.geometry)
        used = [run for run in line.runs if shapely.intersects(shapely.LineString(run.coords), area.geometry)]
        radius = accuracy.widest([area.accuracy_m, *(r.accuracy_m for r in used or line.runs)])  # 10
        if not line.runs:
            radius = max(radius, line.accuracy_m)
        drawn = _worst(*(r.drawn for r in used)) if used else line.drawn
        return replace(line, geometry=shape, accuracy_m=radius, drawn=drawn, runs=())

    def _cut_between(self, line: Part, ends: list[Part], node: Any) -> Part:
        whole = shapely.line_merge(line.geometry) if line.geometry.geom_type != "LineString" else line.geometry
        if whole.geom_type != "LineString":
            raise self.fail(node, "the line lies in several parts; cut it between places first, then by an area")
        spots = [self._on_line(line, end, at) for end, at in zip(ends, node.children, strict=True)]
        coords = shapely.get_coordinates(whole)
        runs = line.runs or (Run("", "", "", coords, line.accuracy_m, line.drawn or "authored"),)
        kept = lines.between(runs, *spots)
        if not kept:
            raise self.fail(node, "both places lie at the same end of the line")
        radius = accuracy.widest(r.accuracy_m for r in kept)  # 10
        shape = shapely.LineString(lines.coords_of(kept))
        return replace(line, geometry=shape, accuracy_m=radius, drawn=_worst(*(r.drawn for r in kept)), runs=kept)

    def _on_line(self, line: Part, end: Part, node: Any) -> Any:
        """Where a place lies on a line: at its own node, else at the nearest point."""
        if line.entry is not None and end.entry is not None:
            spot = lines.own_node(line.entry, end.entry)
            if spot is not None:
                return spot
        place = self._node(end, node)
        gap = lines.gap_m(line.geometry, place.geometry)
        passes = end.geometry.geom_type in _AREAS and shapely.intersects(end.geometry, line.geometry)
        if not passes and gap > place.accuracy_m + line.accuracy_m + lines.BESIDE_M:
            raise self.fail(node, f"lies {gap / 1000:.0f} km from the line that it shall cut")
        return place.geometry

    def _node(self, part: Part, node: Any) -> Part:
        """A place that a line goes through: a point as it is, a unit at its seat."""
        if part.geometry.geom_type == "Point":
            return part
        if part.entry is not None and part.entry.is_unit:
            seat = self.names.seat(part.entry)
            if seat is None:
                return within(part)
            radius = seat.accuracy_m + self.names.town_extent_m
            return replace(part, geometry=seat.geometry, accuracy_m=radius, drawn=None)
        raise self.fail(node, "a line goes through places, not through this")

    def stops(self, children: list[Any]) -> list[lines.Stop]:
        """The places that the nodes of a route mean."""
        places = [self._node(self.read(node), node) for node in children]
        return [lines.Stop(p.pieces[0], p.geometry, p.accuracy_m, p.entry) for p in places]

    def _route(self, children: list[Any]) -> Part:
        stops = self.stops(children)
        if all(stop.spot.equals(stops[0].spot) for stop in stops):
            raise self.fail(children[-1], "the line begins and ends at the same place")
        runs, nodes = lines.route(self.names, stops, self.sector, self.built)
        radius = accuracy.widest([*nodes, *(r.accuracy_m for r in runs)])  # 8, 9, 11
        shape = shapely.LineString(lines.coords_of(runs))
        return Part(shape, radius, _worst(*(r.drawn for r in runs)), lines.pieces(runs), runs=runs)


def _worst(*drawn: str | None) -> str | None:
    """How a whole was drawn: as its least exact part."""
    return next((word for word in ("schematic", "authored", "traced") if word in drawn), None)


def _combine(first: Part, others: list[Part], operator: Callable[..., Any]) -> Part:
    """A part united with others at once, or cut by all of them."""
    parts = [first, *others]
    if operator is shapely.union:
        shape = shapely.union_all([p.geometry for p in parts])
    else:
        other = others[0].geometry if len(others) == 1 else shapely.union_all([p.geometry for p in others])
        shape = operator(first.geometry, other)
        if {p.geometry.geom_type for p in parts} <= set(_AREAS):
            shape = lines.highest(shape)  # areas that only touch share nothing
    radius = accuracy.widest(p.accuracy_m for p in parts)  # 7
    return Part(shape, radius, _worst(*(p.drawn for p in parts)), tuple(x for p in parts for x in p.pieces))
