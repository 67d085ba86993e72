"""Location expressions to geometry with an accuracy that follows from the parts.

The rules of accuracy stand in one table in docs/where.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import shapely
from lark import Token
from shapely.ops import substring

from regionmap import crs
from regionmap.errors import ExpressionError
from regionmap.kinds import precision_word
from regionmap.places import grammar
from regionmap.places.gazetteer import TOWN_KINDS, Entry, Gazetteer

SAG = 0.1  # a straight piece may lie this share of its length from the real line (see docs/where.md)
BARE_POINT_M = 1_500.0
NETWORK_CLASSES = {
    "rail": ("rail", "high_speed_rail"),
    "transit": ("rail", "high_speed_rail"),
    "road": ("expressway", "road"),
    "waterway": ("river",),
    "water": ("river",),
}


@dataclass(frozen=True)
class Located:
    """What a location expression became.

    Attributes
    ----------
    geometry : EPSG:4326.
    accuracy_m : radius that the true position exceeds in at most 5 % of cases.
    precision : the word for it.
    drawn : how a line or area was drawn: `traced`, `schematic`, `authored`; None for points.
    pieces : names and straight pieces used, in order.
    """

    geometry: Any
    accuracy_m: float
    precision: str
    drawn: str | None
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    geometry: Any
    accuracy_m: float
    drawn: str | None = None
    pieces: tuple[str, ...] = ()
    entry: Entry | None = None
    level: str | None = None


@dataclass(frozen=True)
class Where:
    """Resolves location expressions of one plan.

    Attributes
    ----------
    gazetteer : the names.
    area : code of the plan's own area, whose names come first.
    folder : where relative file references start.
    """

    gazetteer: Gazetteer
    area: str = ""
    folder: Path = field(default_factory=Path)

    def locate(self, text: str, *, extent: str = "", bare: str = "is", sector: str = "") -> Located:
        """The geometry of `text`.

        Parameters
        ----------
        extent : `is` or `within`, to overrule the rule; else a bare unit or town follows `bare` and any
            operator expression is the thing itself.
        sector : lines follow known network lines of this sector.

        Raises
        ------
        ExpressionError : unknown or ambiguous name, bad sign, empty result, unreadable file.
        """
        tree = grammar.parse(text, self.gazetteer.match, self.gazetteer.suggest).children[0]
        part = _Reader(self, text, sector).read(tree)
        alone = part.entry is not None
        if (extent or (bare if alone else "is")) == "within" and part.geometry.geom_type.endswith("Polygon"):
            if not (alone and part.entry and part.entry.tier == "area"):
                part = _within(part)
        if shapely.is_empty(part.geometry):
            raise ExpressionError(text, 0, text, "gives nothing: the parts do not meet")
        word = precision_word(part.accuracy_m, part.level)
        return Located(part.geometry, round(part.accuracy_m, 1), word, part.drawn, part.pieces)


def _within(part: _Part) -> _Part:
    """Somewhere within an area: its representative point, as accurate as the area is wide."""
    spot = shapely.point_on_surface(part.geometry)
    hull = shapely.get_coordinates(shapely.convex_hull(part.geometry))
    reach = float(crs.distance_m(spot.x, spot.y, hull[:, 0], hull[:, 1]).max())
    level = part.entry.kind if part.entry and part.entry.is_unit else part.level
    return replace(part, geometry=spot, accuracy_m=reach + part.accuracy_m, drawn=None, level=level)


class _Reader:
    """Evaluates one expression's tree, bottom up."""

    def __init__(self, where: Where, text: str, sector: str) -> None:
        self.where, self.text, self.sector = where, text, sector
        self.names = where.gazetteer

    def read(self, node: Any) -> _Part:
        return getattr(self, f"_{node.data}")(node.children)  # type: ignore[no-any-return]

    def fail(self, token: Token, reason: str, suggestions: tuple[str, ...] = ()) -> ExpressionError:
        return ExpressionError(self.text, token.start_pos or 0, str(token), reason, suggestions)

    def _name(self, path: list[Token]) -> _Part:
        inside: Entry | None = None
        for token in path:
            found = self.names.find(str(token), area=self.where.area, inside=inside)
            if not found:
                where = f"no such name in {inside.name}" if inside else "unknown name"
                raise self.fail(token, where, self.names.suggest(str(token)))
            if len(found) > 1:
                labels = tuple(f"{self.names.label(e)} ({e.unit})" for e in found)
                raise self.fail(token, "ambiguous name, put its unit before it", labels)
            inside = found[0]
        assert inside is not None
        entry = inside
        accuracy = entry.accuracy_m + (self.names.town_extent_m if entry.kind in TOWN_KINDS else 0.0)
        drawn = None if entry.geometry.geom_type == "Point" else "authored"
        return _Part(entry.geometry, accuracy, drawn, (self.names.label(entry),), entry)

    def _point(self, children: list[Token]) -> _Part:
        datum, lon, lat, decimals = grammar.point(str(children[0]))
        convert = {
            "wgs84": lambda x, y: (x, y),
            "cgcs2000": lambda x, y: (x, y),
            "gcj02": crs.gcj02_to_wgs84,
            "bd09": crs.bd09_to_wgs84,
        }.get(datum)
        if convert is None:
            raise self.fail(children[0], f"unknown datum {datum!r}; allowed: wgs84, cgcs2000, gcj02, bd09")
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise self.fail(children[0], "longitude -180..180 comes first, then latitude -90..90")
        x, y = convert(lon, lat)
        rounding = 0.5 * 10.0**-decimals * 111_320 * 2**0.5
        return _Part(shapely.Point(float(x), float(y)), max(BARE_POINT_M, rounding), None, (str(children[0]),))

    def _file(self, children: list[Token]) -> _Part:
        from regionmap.places.files import feature

        try:
            geometry, accuracy = feature(self.where.folder, *grammar.file(str(children[0])))
        except (ValueError, OSError, LookupError) as error:
            raise self.fail(children[0], str(error)) from error
        return _Part(geometry, accuracy, None if geometry.geom_type == "Point" else "authored", (str(children[0]),))

    def _sum(self, children: list[Any]) -> _Part:
        total = self.read(children[0])
        for sign, node in zip(children[1::2], children[2::2], strict=True):
            part = self.read(node)
            operation = shapely.union if sign.type == "PLUS" else shapely.difference
            total = _combine(total, part, operation(total.geometry, part.geometry))
        return total

    def _both(self, children: list[Any]) -> _Part:
        total = self.read(children[0])
        for node in children[1:]:
            part = self.read(node)
            total = _combine(total, part, shapely.intersection(total.geometry, part.geometry))
        return total

    def _near(self, children: list[Any]) -> _Part:
        part = self.read(children[0])
        for distance in children[1:]:
            shape = crs.buffer(part.geometry, float(distance))
            part = replace(part, geometry=shape, drawn=part.drawn or "schematic", entry=None)
        return part

    def _cut(self, children: list[Any]) -> _Part:
        line = self.read(children[0])
        if not line.geometry.geom_type.endswith("LineString"):
            raise ExpressionError(self.text, 0, self.text, "only a line can be cut with [ ]")
        ends = [self.read(node) for node in children[1:]]
        pieces = (*line.pieces, *(p for end in ends for p in end.pieces))
        if len(ends) == 1:
            if not ends[0].geometry.geom_type.endswith("Polygon"):
                raise ExpressionError(self.text, 0, self.text, "a line is cut by an area or between two places")
            shape = shapely.intersection(line.geometry, ends[0].geometry)
        else:
            spots = [self._node(end) for end in ends]
            shape = substring(line.geometry, *(line.geometry.project(s.geometry) for s in spots))
        accuracy = max(line.accuracy_m, ends[0].accuracy_m if len(ends) == 1 else 0.0)
        return replace(line, geometry=shape, accuracy_m=accuracy, pieces=pieces, entry=None)

    def _route(self, children: list[Any]) -> _Part:
        nodes = [self._node(self.read(node)) for node in children]
        coords: list[tuple[float, float]] = []
        pieces: list[str] = []
        accuracy, straight = max(n.accuracy_m for n in nodes), 0
        for a, b in zip(nodes, nodes[1:], strict=False):
            known = self._known_line(a, b)
            if known is not None:
                entry, shape = known
                accuracy = max(accuracy, entry.accuracy_m)
                pieces.append(f"{a.pieces[0]} > {b.pieces[0]}: {entry.name}")
                steps = list(shape.coords)
            else:
                straight += 1
                steps = [a.geometry.coords[0], b.geometry.coords[0]]
                sag = SAG * float(crs.distance_m(*steps[0], *steps[1]))
                accuracy = max(accuracy, sag)
                pieces.append(f"{a.pieces[0]} > {b.pieces[0]}: straight")
            coords.extend(steps if not coords else steps[1:])
        drawn = "schematic" if straight else "authored"
        return _Part(shapely.LineString(coords), accuracy, drawn, tuple(pieces))

    def _node(self, part: _Part) -> _Part:
        """A place that a line goes through: a point as it is, a unit at its seat."""
        if part.geometry.geom_type == "Point":
            return part
        if part.entry is not None and part.entry.is_unit:
            seat = self.names.seat(part.entry)
            if seat is None:
                return _within(part)
            accuracy = seat.accuracy_m + self.names.town_extent_m
            return replace(part, geometry=seat.geometry, accuracy_m=accuracy, drawn=None)
        raise ExpressionError(self.text, 0, part.pieces[0], "a line goes through places, not through this")

    def _known_line(self, a: _Part, b: _Part) -> tuple[Entry, Any] | None:
        """The shortest known line of the sector that names both nodes, cut between them."""
        classes = NETWORK_CLASSES.get(self.sector, ())
        if a.entry is None or b.entry is None or a.entry.is_unit or b.entry.is_unit:
            return None
        best: tuple[Entry, Any] | None = None
        for line in self.names.entries:
            if line.tier != "line" or line.kind not in classes:
                continue
            if a.entry.name in line.nodes and b.entry.name in line.nodes:
                i, j = line.nodes.index(a.entry.name), line.nodes.index(b.entry.name)
                steps = list(line.geometry.coords)[min(i, j) : max(i, j) + 1]
                shape = shapely.LineString(steps if i < j else steps[::-1])
                if best is None or shape.length < best[1].length:
                    best = line, shape
        return best


def _combine(a: _Part, b: _Part, shape: Any) -> _Part:
    drawn = "schematic" if "schematic" in (a.drawn, b.drawn) else a.drawn or b.drawn
    return _Part(shape, max(a.accuracy_m, b.accuracy_m), drawn, (*a.pieces, *b.pieces))
