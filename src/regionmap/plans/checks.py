"""The checks of an audit: each a pure function of what is audited, yielding findings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from regionmap.errors import Fault
from regionmap.places.gazetteer import TOWN_KINDS, Entry, Gazetteer, fold
from regionmap.plans.apart import farthest_m, nearest_m, related
from regionmap.plans.findings import Finding, Subject, finding

_QUOTES = str.maketrans("", "", "“”\"「」'‘’")


def check_faults(of: Subject) -> Iterator[Finding]:
    """Locations that could not be resolved."""
    unplaced: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for record, plan, name, where in _columns(of.rows[of.rows.geometry.isna()], "plan", "name", "where"):
        unplaced.setdefault((f"plans/{plan}/records", where), []).append((record, name))
    for fault in of.region.faults:  # in the order of the rows
        if _plan_of(fault) in of.plans:
            rows = unplaced.get((fault.file.rpartition(".")[0], fault.value))  # a .csv or a workbook
            yield finding("fault", _plan_of(fault), *(rows.pop(0) if rows else ("", "")), str(fault))


def of_tables(faults: tuple[Fault, ...]) -> Iterator[Finding]:
    """Faults that keep a region from loading at all."""
    for fault in faults:
        link = fault.column in ("part_of", "same_as")
        yield finding("dead_link" if link else "fault", _plan_of(fault), "", "", str(fault))


def check_links(of: Subject) -> Iterator[Finding]:
    """Links that come back to their start, and records of one plan that are one thing."""
    for record, plan, name, same, group in _columns(of.rows, "plan", "name", "same_as", "group"):
        if record == same or group in of.above[group]:
            yield finding("dead_link", plan, record, name, "is the same as, or part of, itself")
    for (plan, _), rows in of.rows[of.rows.duplicated(["plan", "group"], keep=False)].groupby(["plan", "group"]):
        others = ", ".join(rows.index[:-1])
        yield finding("doubled", plan, rows.index[-1], rows["name"].iloc[-1], f"same_as also joins {others}")


def check_places(of: Subject) -> Iterator[Finding]:
    """Places that lie outside the unit of their row, and nodes of lines that lie off the place of their name."""
    names, used = of.region.gazetteer, {id(e) for r in of.rows.index for e in of.names[r]}
    spots: dict[str, list[Entry]] = {}
    for entry in names.entries:
        if entry.tier in ("place", "geonames"):
            spots.setdefault(entry.name, []).append(entry)
            if of.whole or id(entry) in used:
                yield from _outside(of, entry)
    for line in names.entries:
        if line.tier == "line" and (of.whole or id(line) in used):
            for node, (lon, lat) in zip(line.nodes, line.geometry.coords, strict=True):
                gaps = [_beyond(names, line, e, shapely.Point(lon, lat)) for e in spots.get(node, ())]
                if gaps and min(gaps) > 0:
                    text = f"{line.name} has it {_km(min(gaps))} farther from the place than their accuracies allow"
                    yield finding("two_positions", "", "", node, text)


def _beyond(names: Gazetteer, line: Entry, place: Entry, node: Any) -> float:
    extent = names.town_extent_m if place.kind in {*TOWN_KINDS, "city"} else 0.0
    return nearest_m(node, place.geometry) - line.accuracy_m - place.accuracy_m - extent


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
    units = dict.fromkeys(e.name for e in of.region.gazetteer.units.values())
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
            elif shape.area and shapely.intersection(shape, whole).area < shape.area / 2:
                yield finding("part_outside", plan, record, name, f"lies mostly outside {part_of}, its whole")
        for word in [] if line else [n for n in units if name.startswith(n)]:
            found = of.region.gazetteer.find(word, area=area.unit if area else "")
            other = any(n in name for e in of.names[record] for n in (e.name, *e.aliases))  # A's office in B
            gap = nearest_m(shape, found[0].geometry) if len(found) == 1 and not other else 0.0
            if gap > accuracy + of.slack_m:
                yield finding("name_elsewhere", plan, record, name, f"lies {_km(gap)} from {word}")


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
    one, two = of.region.records["group"][[a, b]]
    return one == two or one in of.above[two] or two in of.above[one]


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
    cells = (rows[name] for name in columns)
    return zip(rows.index, *(np.nan_to_num(c) if c.dtype == float else c for c in cells), strict=True)


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
