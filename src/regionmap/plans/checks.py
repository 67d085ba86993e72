"""The checks of an audit: each a pure function of what is audited, yielding findings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import shapely

from regionmap.errors import Fault
from regionmap.places.gazetteer import Entry, fold
from regionmap.plans.apart import farthest_m, named, nearest_m, related
from regionmap.plans.region import Region

LEVELS = ("contradiction", "check", "note")
CHECKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "fault": ("contradiction", "a cell that can't be read or a location that can't be resolved"),
        "dead_link": ("contradiction", "part_of or same_as leads nowhere, or back to its start"),
        "outside_unit": ("contradiction", "a place lies outside the unit that its row states"),
        "two_positions": ("contradiction", "a line passes a place of its own name somewhere else"),
        "misses": ("contradiction", "a line does not reach what its location expression names"),
        "twin": ("contradiction", "two records of one name that neither same_as nor part_of joins"),
        "doubled": ("check", "same_as joins two records of one plan"),
        "perhaps_same": ("check", "records of two plans share an alias and may lie in one place"),
        "part_outside": ("check", "a part lies off the area that it is part of"),
        "name_elsewhere": ("check", "the name holds a unit's name, but the record lies elsewhere"),
        "no_reason": ("check", "a record without geometry, and no note says why"),
        "unknown_clause": ("check", "a record cites a clause that the text does not have"),
        "unplaced": ("note", "a record without geometry, with its reason"),
        "on_the_edge": ("note", "a place just outside its unit, within the accuracy of the boundary or off the coast"),
        "leaves_unit": ("note", "a line leaves the units that it names"),
        "leaves_area": ("note", "a record lies outside its plan's area, or leaves it"),
        "no_record": ("note", "a clause of the text without any record or target"),
        "uncited": ("note", "a name that the gazetteer knows stands in the text, and no record cites it"),
    }
)
_QUOTES = str.maketrans("", "", "“”\"「」'‘’")
_UNIT_NAME_LENGTH = 3  # shorter unit names also stand for other things


class Finding(NamedTuple):
    """One thing that an audit found; `plan` and `id` are empty for what belongs to no plan."""

    level: str
    check: str
    plan: str
    id: str
    name: str
    text: str


def finding(check: str, plan: str, record: str, name: str, text: str) -> Finding:
    return Finding(CHECKS[check][0], check, plan, record, name, text)


@dataclass(frozen=True)
class Subject:
    """What is audited.

    Attributes
    ----------
    region : the whole.
    plans : ids of the plans asked for.
    whole : nothing is left out, so that places that no record names are looked at too.
    """

    region: Region
    plans: tuple[str, ...]
    whole: bool

    @cached_property
    def rows(self) -> Any:
        """Records of these plans."""
        records = self.region.records
        return records[records["plan"].isin(self.plans)]

    @cached_property
    def slack_m(self) -> float:
        """How far the drawn boundaries may lie from the true ones."""
        return self.region.boundaries.accuracy_m

    @cached_property
    def offshore_m(self) -> float:
        return float(self.region.settings["boundaries"].get("offshore_m", 0))

    @cached_property
    def areas(self) -> dict[str, Entry | None]:
        """The unit that each plan is about."""
        names = self.region.gazetteer
        found = {p.id: names.find(p.area) if p.area else [] for p in self.region.plans.values()}
        return {plan: entries[0] if len(entries) == 1 else None for plan, entries in found.items()}

    @cached_property
    def names(self) -> dict[str, list[Entry]]:
        """What each record's location expression names, for every plan."""
        records, default = self.region.records, str(self.region.settings.get("unit", ""))
        return {
            key: named(self.region.gazetteer, text, area.unit if (area := self.areas[plan]) else default)
            for key, plan, text in zip(records.index, records["plan"], records["where"], strict=True)
        }

    @cached_property
    def holders(self) -> dict[str, list[str]]:
        """Ids that a record is part of, the nearest first; itself at the end where the links run in a circle."""
        part_of = dict(zip(self.region.records.index, self.region.records["part_of"], strict=True))
        chains: dict[str, list[str]] = {}
        for start in part_of:
            chain: list[str] = []
            at = part_of[start]
            while at and at not in chain:
                chain.append(at)
                at = part_of[at] if at != start else ""
            chains[start] = chain
        return chains


def check_faults(of: Subject) -> Iterator[Finding]:
    """Locations that could not be resolved."""
    ids = {(f"plans/{p}/records.csv", w): (p, i, n) for i, p, w, n in _columns(of.rows, "plan", "where", "name")}
    for fault in of.region.faults:
        plan, record, name = ids.get((fault.file, fault.value), ("", "", ""))
        if plan or _plan_of(fault) in of.plans:
            yield finding("fault", plan or _plan_of(fault), record, name, str(fault))


def of_tables(faults: tuple[Fault, ...]) -> Iterator[Finding]:
    """Faults that keep a region from loading at all."""
    for fault in faults:
        link = fault.column in ("part_of", "same_as")
        yield finding("dead_link" if link else "fault", _plan_of(fault), "", "", str(fault))


def check_links(of: Subject) -> Iterator[Finding]:
    """Links that come back to their start, and records of one plan that are one thing."""
    group = dict(zip(of.region.records.index, of.region.records["group"], strict=True))
    for record, plan, name, same in _columns(of.rows, "plan", "name", "same_as"):
        if record == same or group[record] in {group[h] for h in of.holders[record]}:
            yield finding("dead_link", plan, record, name, "is the same as, or part of, itself")
    for (plan, _), rows in of.rows.groupby(["plan", "group"], sort=False):
        if len(rows) > 1:
            others = ", ".join(rows.index[:-1])
            yield finding("doubled", plan, rows.index[-1], rows["name"].iloc[-1], f"same_as also joins {others}")


def check_places(of: Subject) -> Iterator[Finding]:
    """Places that lie outside the unit of their row, and nodes of lines that lie off the place of their name."""
    names, used = of.region.gazetteer, {id(e) for r in of.rows.index for e in of.names[r]}
    spots: dict[str, Entry] = {}
    for entry in names.entries:
        if entry.tier in ("place", "geonames"):
            spots.setdefault(entry.name, entry)
            if of.whole or id(entry) in used:
                yield from _outside(of, entry)
    for line in names.entries:
        if line.tier == "line" and (of.whole or id(line) in used):
            for node, (lon, lat) in zip(line.nodes, line.geometry.coords, strict=True):
                place = spots.get(node)
                if place is None:
                    continue
                off = nearest_m(shapely.Point(lon, lat), place.geometry)
                if off > line.accuracy_m + place.accuracy_m:
                    yield finding("two_positions", "", "", node, f"{line.name} passes {_km(off)} from the place")


def _outside(of: Subject, entry: Entry) -> Iterator[Finding]:
    unit, point = of.region.gazetteer.units.get(entry.unit), entry.geometry
    if unit is not None and shapely.covers(unit.geometry, point):
        return
    lies = of.region.gazetteer.locate_unit(point.x, point.y)
    if unit is None:  # abroad, or in another region
        if lies is None:
            return
        gap, inland = nearest_m(point, lies.geometry.boundary), 0.0
        text = f"states the unit {entry.unit or '(none)'} but lies in {lies.name} {lies.unit}, {_km(gap)} from its edge"
    else:
        gap = nearest_m(point, unit.geometry)
        inland = 0.0 if lies else of.offshore_m
        text = f"lies {_km(gap)} outside {unit.name} {unit.unit}" + (f", in {lies.name} {lies.unit}" if lies else "")
    if entry.offshore and not lies:
        return
    check = "outside_unit" if gap > max(of.slack_m, inland) else "on_the_edge"
    yield finding(check, "", "", entry.name, text)


def check_lines(of: Subject) -> Iterator[Finding]:
    """Lines against the units and places that they name, and against their plan's area."""
    for record, plan, name, shape, accuracy in _columns(of.rows, "plan", "name", "geometry", "accuracy_m"):
        if shape is None or "LineString" not in shape.geom_type:
            continue
        named_units = [e for e in of.names[record] if e.is_unit]
        for entry in of.names[record]:
            gap = nearest_m(shape, entry.geometry) if entry.tier in ("unit", "place", "geonames") else 0.0
            if gap > accuracy + entry.accuracy_m + (of.slack_m if entry.is_unit else 0):
                yield finding("misses", plan, record, name, f"passes {_km(gap)} from {entry.name}, which it names")
        area = of.areas[plan]
        units, check = (named_units, "leaves_unit") if named_units else ([area] if area else [], "leaves_area")
        if not units:
            continue
        union = shapely.union_all([u.geometry for u in units])
        rest = shapely.difference(shape, union)
        off = 0.0 if shapely.is_empty(rest) else farthest_m(rest, union)
        if off > accuracy + of.slack_m:
            text = f"runs up to {_km(off)} outside {' + '.join(u.name for u in units)}"
            yield finding(check, plan, record, name, text)


def check_positions(of: Subject) -> Iterator[Finding]:
    """Points and areas against their plan's area, their whole, and the unit in their name."""
    shapes = of.region.records.geometry
    counties = {e.name: e for e in of.region.gazetteer.units.values() if len(e.name) >= _UNIT_NAME_LENGTH}
    for record, plan, name, shape, accuracy, part_of in _columns(
        of.rows, "plan", "name", "geometry", "accuracy_m", "part_of"
    ):
        if shape is None:
            continue
        line, area = "LineString" in shape.geom_type, of.areas[plan]
        if area is not None and not line and (gap := nearest_m(shape, area.geometry)) > accuracy:
            yield finding("leaves_area", plan, record, name, f"lies {_km(gap)} outside {area.name}")
        whole = shapes.get(part_of)
        if whole is not None and "Polygon" in whole.geom_type:
            gap = nearest_m(shape, whole)
            if gap > accuracy + of.region.records.at[part_of, "accuracy_m"]:
                yield finding("part_outside", plan, record, name, f"lies {_km(gap)} from {part_of}, its whole")
        for unit in [] if line else [u for n, u in counties.items() if name.startswith(n)]:
            found = of.region.gazetteer.find(unit.name, area=area.unit if area else "")
            gap = nearest_m(shape, found[0].geometry) if len(found) == 1 else 0.0
            if gap > accuracy + of.slack_m:
                yield finding("name_elsewhere", plan, record, name, f"lies {_km(gap)} from {unit.name}")


def check_twins(of: Subject) -> Iterator[Finding]:
    """Records of one name that nothing joins: in one plan, or in two where they may be one thing."""
    records, asked = of.region.records, set(of.rows.index)
    bearers: dict[str, dict[str, bool]] = {}
    for record, name, aliases in _columns(records, "name", "aliases"):
        for word, own in ((name, True), *((alias, False) for alias in aliases)):
            bearers.setdefault(fold(word).translate(_QUOTES), {}).setdefault(record, own)
    seen: set[tuple[str, str]] = set()
    for word, ids in bearers.items():
        for (a, own_a), (b, own_b) in itertools.combinations(ids.items(), 2):
            if (a, b) in seen or not asked & {a, b} or _joined(of, a, b):
                continue
            one_plan = records.at[a, "plan"] == records.at[b, "plan"]
            if one_plan and not (own_a or own_b):  # the written form of an enumeration, kept with each of its members
                continue
            if not one_plan and not _may_coincide(of, a, b):
                continue
            seen.add((a, b))
            check = "twin" if own_a or own_b else "perhaps_same"
            first, last = (a, b) if b in asked else (b, a)
            text = f"shares the {'name' if own_a and own_b else 'alias'} {word} with {first}"
            yield finding(check, records.at[last, "plan"], last, records.at[last, "name"], text)


def _joined(of: Subject, a: str, b: str) -> bool:
    group = of.region.records["group"]
    up = [{group[h] for h in of.holders[r]} for r in (a, b)]
    return group[a] == group[b] or group[a] in up[1] or group[b] in up[0]


def _may_coincide(of: Subject, a: str, b: str) -> bool:
    """Whether two records may be one thing: units that hold each other, and no further apart than known."""
    if not related(of.names[a], of.names[b]):
        return False
    records = of.region.records
    shapes, reach = records.geometry[[a, b]], records["accuracy_m"][[a, b]]
    return bool(shapes.isna().any()) or nearest_m(*shapes) <= reach.sum()


def check_unplaced(of: Subject) -> Iterator[Finding]:
    """Records without geometry: those whose location is no fault."""
    for record, plan, name, where, note in _columns(of.rows[of.rows.geometry.isna()], "plan", "name", "where", "note"):
        if not where:
            yield finding("unplaced" if note else "no_reason", plan, record, name, note or "no location, no note")


def _plan_of(fault: Fault) -> str:
    parts = fault.file.split("/")
    return parts[1] if parts[0] == "plans" and len(parts) > 1 else ""


def _columns(rows: Any, *columns: str) -> Iterator[Any]:
    """The index and some columns of each row; missing numbers as 0."""
    return zip(rows.index, *(np.nan_to_num(c) if c.dtype == float else c for c in (rows[k] for k in columns)), strict=True)


def _km(metres: float) -> str:
    return f"{metres / 1000:,.1f} km"


ALL = (
    check_faults,
    check_links,
    check_places,
    check_lines,
    check_positions,
    check_twins,
    check_unplaced,
)
