"""Names and aliases to places, administrative units, network lines and waters.

A name may mean several things; `Gazetteer.find` narrows it by the area that the asker works in
and by tier (units, then authored places, then lines and waters, then the GeoNames extract), and
says so when two are left.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.errors import Fault, InputError, TableError, nearest_names
from regionmap.places.boundaries import Boundaries

TOWN_KINDS = frozenset({"town", "village", "seat"})
PLACE_COLUMNS = ("name", "aliases", "kind", "unit", "lon", "lat", "accuracy_m", "offshore", "source")


@dataclass(frozen=True)
class Entry:
    """One thing that a name may mean.

    Attributes
    ----------
    name : full name; with its unit in front where `label` is asked for.
    tier : `unit`, `place`, `line`, `area`, `geonames`, `record` for a thing of a plan, or `leg` for a track without
        a name.
    kind : `province`, `city`, `county` for units, else the table's word.
    unit : 6-digit code of the unit that it is or lies in; empty abroad.
    geometry : EPSG:4326; a unit's polygon, a place's point, a line, an area.
    accuracy_m : radius that the true position exceeds in at most 5 % of cases.
    """

    name: str
    tier: str
    kind: str
    unit: str
    geometry: Any
    accuracy_m: float
    aliases: tuple[str, ...] = ()
    offshore: str = ""
    source: str = ""
    nodes: tuple[str, ...] = field(default=(), compare=False)
    legs: tuple[Any, ...] = field(default=(), compare=False)  # of a line: networks.Leg, in order
    drawn: str = "authored"

    @property
    def is_unit(self) -> bool:
        return self.tier == "unit"


@dataclass(frozen=True)
class Gazetteer:
    """All names of a region.

    Attributes
    ----------
    entries : everything that has a name.
    town_extent_m : how far a township extends around its seat (95 %).
    """

    entries: tuple[Entry, ...]
    town_extent_m: float = 6_000.0

    @cached_property
    def _index(self) -> dict[str, list[Entry]]:
        index: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.tier == "leg":  # a track without a name
                continue
            keys = {entry.name, *entry.aliases}
            if entry.is_unit:
                keys.add(entry.unit)
            for key in keys:
                index.setdefault(fold(key), []).append(entry)
        return index

    @cached_property
    def _by_first(self) -> dict[str, list[str]]:
        """Folded names by first character, longest first: the reader's longest-name-first rule."""
        starts: dict[str, list[str]] = {}
        for name in self._index:
            starts.setdefault(name[0], []).append(name)
        return {first: sorted(names, key=len, reverse=True) for first, names in starts.items()}

    @cached_property
    def units(self) -> dict[str, Entry]:
        """Units by code."""
        return {entry.unit: entry for entry in self.entries if entry.is_unit}

    @cached_property
    def networks(self) -> dict[tuple[str, ...], Any]:
        """The graphs of `places/graph.py` by classes of lines, made on first use."""
        return {}

    def match(self, text: str, start: int) -> str | None:
        """The longest known name that `text` (already folded) holds at `start`, or None."""
        for name in self._by_first.get(text[start : start + 1], ()):
            if text.startswith(name, start):
                return name
        return None

    def find(self, name: str, *, area: str = "", inside: Entry | None = None) -> list[Entry]:
        """What `name` may mean, narrowed; one entry where it is clear, none where unknown.

        Parameters
        ----------
        area : code of the unit whose names come first; its zeros at the end are ignored.
        inside : only entries within this unit (the left side of `海城市/西柳镇`).
        """
        found = self._index.get(fold(name), [])
        if inside is not None:
            return _best_tier([e for e in found if e is not inside and self.within(e, inside.unit)])
        exact = [e for e in found if fold(e.name) == fold(name)] or found
        for pool in (exact, found):
            for head in _widening(area):
                near = [e for e in pool if e.unit.startswith(head)] if head else pool
                if near:
                    best = _best_tier(near)
                    if len(best) == 1:
                        return best
                    break
        return _best_tier(exact)

    def lines(self, name: str) -> list[Entry]:
        """The lines that `name` may mean, whatever else it means."""
        return [e for e in self._index.get(fold(name), ()) if e.tier == "line"]

    def within(self, entry: Entry, code: str) -> bool:
        """Whether `entry` is or lies in the unit `code`."""
        head = stem(code)
        if entry.unit:
            return entry.unit.startswith(head)
        unit = self.units.get(code)
        return unit is not None and bool(shapely.intersects(unit.geometry, entry.geometry))

    def label(self, entry: Entry) -> str:
        """Name with its unit in front, as a path that `find` understands."""
        if entry.is_unit and entry.kind == "province":
            return entry.name
        holder = self.units.get(entry.unit[:4] + "00" if entry.is_unit else entry.unit)
        return f"{holder.name}/{entry.name}" if holder and holder is not entry else entry.name

    def suggest(self, word: str, count: int = 3) -> tuple[str, ...]:
        """The nearest known names, each with its unit."""
        keys = nearest_names(fold(word), self._index, count * 3)
        labels = (self.label(entry) for key in keys for entry in self._index[key])
        return tuple(dict.fromkeys(labels))[:count]

    def seat(self, unit: Entry) -> Entry | None:
        """The seat of a unit, where the places know it; of a city not that of a district named after it."""
        return min(self._seats.get(unit.unit, ()), key=lambda entry: len(entry.name), default=None)

    @cached_property
    def _seats(self) -> dict[str, list[Entry]]:
        seats: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.tier == "place" and entry.kind == "seat":
                county, city = self.units.get(entry.unit), self.units.get(entry.unit[:4] + "00")
                for unit in (county, city):
                    heads = (unit.name, city.name + unit.name) if unit and city else (unit.name,) if unit else ()
                    if unit and entry.name.startswith(heads):
                        seats.setdefault(unit.unit, []).append(entry)
        return seats

    def locate_unit(self, lon: float, lat: float, *, offshore_m: float = 0.0) -> Entry | None:
        """The county that a point lies in, or the nearest one within `offshore_m`."""
        counties = [u for u in self.units.values() if u.kind == "county"]
        shapes = np.array([u.geometry for u in counties], dtype=object)
        point = shapely.Point(lon, lat)
        hits = np.flatnonzero(shapely.covers(shapes, point))
        if len(hits):
            return counties[int(hits[0])]
        nearest = int(np.argmin(shapely.distance(shapes, point)))
        shore = shapely.get_coordinates(shapely.shortest_line(shapes[nearest], point))
        gap = float(crs.distance_m(*shore[0], *shore[1]))
        return counties[nearest] if gap <= offshore_m else None


def fold(text: str) -> str:
    """A name without differences that readers do not see (width, case, dashes); same length, always."""
    return text.translate(_FOLD)


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_FOLD: dict[int, int | str] = {
    **_LOWER,
    **{0xFF01 + i: _LOWER.get(0x21 + i, 0x21 + i) for i in range(94)},
    **dict.fromkeys(map(ord, "—–‐‑―"), "-"),
    **dict.fromkeys(map(ord, "·・•"), "·"),
    0x3000: " ",
}


def stem(code: str) -> str:
    """A unit code without the zeros that mean 'all of it': 210300 -> 2103, 210000 -> 21."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def _widening(area: str) -> Iterator[str]:
    """The prefixes to look in, from the narrow area outwards to everywhere."""
    head = stem(area) if area else ""
    yield from dict.fromkeys([head, head[:4], head[:2], ""])


_TIERS = ("unit", "place", "line", "area", "geonames", "record")


def _best_tier(entries: Iterable[Entry]) -> list[Entry]:
    pool = list(entries)
    for tier in _TIERS:
        best = [e for e in pool if e.tier == tier]
        if best:
            if tier == "unit" and len(best) > 1:  # a city before a county of the same short name
                widest = min(len(stem(e.unit)) for e in best)
                best = [e for e in best if len(stem(e.unit)) == widest]
            return best
    return []


def unit_entries(boundaries: Boundaries, table: Path) -> Iterator[Entry]:
    """Units with the names, short names and English names of `units.csv`."""
    named: dict[str, tuple[str, ...]] = {}
    if table.is_file():
        for row in read_rows(table):
            named[row["code"]] = tuple(n for n in row["names"].split(";") if n)
    for code, name, level, shape in zip(
        boundaries.codes, boundaries.names, boundaries.levels, boundaries.geometries, strict=True
    ):
        names = dict.fromkeys([*([name] if name else []), *named.get(code, ())])
        if not names:
            raise InputError(f"{table}: no name for the {level} {code}")
        first, *others = names
        yield Entry(first, "unit", level, code, shape, boundaries.accuracy_m, tuple(others))


def place_entries(table: Path, tier: str) -> Iterator[Entry]:
    """Places of a `places.csv`.

    Raises
    ------
    TableError : listing every row whose coordinates or accuracy are no numbers.
    """
    faults = []
    for number, row in enumerate(read_rows(table), 2):
        try:
            lon, lat, accuracy = float(row["lon"]), float(row["lat"]), float(row["accuracy_m"])
        except ValueError:
            value = f"{row['lon']},{row['lat']},{row['accuracy_m']}"
            faults.append(Fault(table.name, number, "lon,lat,accuracy_m", value, "three numbers are needed"))
            continue
        yield Entry(
            row["name"],
            tier,
            row["kind"],
            row["unit"],
            shapely.Point(lon, lat),
            accuracy,
            tuple(a for a in row["aliases"].split(";") if a),
            row["offshore"],
            row["source"],
        )
    if faults:
        raise TableError(faults)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of one of our own UTF-8 tables; every cell a stripped text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{k: (v or "").strip() for k, v in row.items() if k} for row in csv.DictReader(file)]
