"""Where plans that name the same thing (`same_as`) say different things about it.

Silence is no conflict: a field is compared between the records that fill it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import shapely

from regionmap import crs
from regionmap.plans.apart import farthest_m, nearest_m, route_names
from regionmap.plans.findings import Subject
from regionmap.plans.region import CONTEXT, Region

FIELDS = ("status", "start", "end", "lead", "membership", "place", "route", "area")
COLUMNS = ("thing", "field", "plan", "value", "clause", "id", "detail")
AREA_SHARE = 0.01
"""Two areas differ when their symmetric difference is above this share of the larger one."""


def conflicts(region: Region) -> pd.DataFrame:
    """Things of which two or more plans say different things, the context plan left out.

    Returns
    -------
    DataFrame : one row a thing, field and plan: thing (its name in the latest plan), field, plan, value,
        clause, id, detail (the document's own verb of a status; how far places, routes or areas
        differ). Things come in the order of their first record, plans from old to new.

        ========== ================================================================================
        field      differs when
        ========== ================================================================================
        status     another word of the vocabulary
        start, end another year
        lead       another set of leading agencies
        membership part_of leads to another thing, and neither holds the other
        place      points lie farther apart than the sum of their accuracies
        route      lines depart from each other by more than that, or one does not have the other's nodes
                   (`A > B` and `A > C > B` agree)
        area       the symmetric difference is above 1 % of the larger area
        ========== ================================================================================
    """
    of = Subject(region, tuple(p for p in region.plans if p != CONTEXT), False)
    ranks = {plan: rank for rank, plan in enumerate(region.plans)}
    rows: list[tuple[Any, ...]] = []
    for _, group in of.rows.groupby("group", sort=False):
        if group["plan"].nunique() > 1:
            group = group.sort_values("plan", key=lambda s: s.map(ranks), kind="stable")
            name = group["name"].iloc[-1]
            for field, values, detail in _differing(of, group):
                for i, value in values.items():
                    told = group.at[i, "status_text"] if field == "status" else detail
                    rows.append((name, field, group.at[i, "plan"], value, group.at[i, "clause"], i, told))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _differing(of: Subject, group: Any) -> Iterator[tuple[str, dict[str, str], str]]:
    for field in ("status", "start", "end"):
        values = {i: str(v) for i, v in group[field].items() if not pd.isna(v) and v != ""}
        if len(set(values.values())) > 1:
            yield field, values, ""
    leads = {i: frozenset(filter(None, map(str.strip, text.split(";")))) for i, text in group["lead"].items() if text}
    if len(set(leads.values())) > 1:
        yield "lead", {i: group.at[i, "lead"] for i in leads}, ""
    if _split(of, group):
        names = of.region.records["name"]
        yield "membership", {i: f"{names[p]} ({p})" for i, p in group["part_of"].items() if p}, ""
    shapes = group.geometry[group.geometry.notna()]
    for field, kind, apart in _SHAPES:
        alike = shapes[shapes.geom_type.str.contains(kind)]
        pairs = itertools.combinations(alike.index, 2)
        told = [text for a, b in pairs if (text := apart(of, group.loc[a], group.loc[b]))]
        if told:
            yield field, {i: _written(group.loc[i]) for i in alike.index}, max(told, key=len)


def _split(of: Subject, group: Any) -> bool:
    """Whether two records are part of two things of which neither holds the other."""
    things = of.region.records["group"]
    wholes = {things[p] for p in group["part_of"] if p}
    return any(a not in of.above[b] and b not in of.above[a] for a, b in itertools.combinations(wholes, 2))


def _written(record: Any) -> str:
    for column, unit in (("area_km2", "km2"), ("length_km", "km")):
        if not pd.isna(record[column]):
            return f"{record['where']} ({record[column]:,.0f} {unit})"
    return str(record["where"])


def _places(of: Subject, a: Any, b: Any) -> str:
    gap = nearest_m(a.geometry, b.geometry)
    return f"{gap / 1000:,.1f} km apart" if gap > a["accuracy_m"] + b["accuracy_m"] else ""


def _routes(of: Subject, a: Any, b: Any) -> str:
    if a.geometry.equals(b.geometry):
        return ""
    off, allowed = max(farthest_m(a.geometry, b.geometry), farthest_m(b.geometry, a.geometry)), a["accuracy_m"]
    allowed += b["accuracy_m"]
    if off > allowed:
        return f"up to {off / 1000:,.1f} km apart, accuracies add up to {allowed / 1000:,.1f} km"
    units = [of.areas[r["plan"]] for r in (a, b)]
    ways = [
        route_names(of.region.gazetteer, r["where"], unit.unit if unit else "")
        for r, unit in zip((a, b), units, strict=True)
    ]
    if all(ways):
        sets = [set(way) for way in ways]
        ends = [{way[0], way[-1]} for way in ways]
        if ends[0] != ends[1] or not (sets[0] <= sets[1] or sets[1] <= sets[0]):
            return f"other nodes: {', '.join(sorted(sets[0] ^ sets[1]))}"
    return ""


def _areas(of: Subject, a: Any, b: Any) -> str:
    if a.geometry.equals(b.geometry):
        return ""
    larger = max(a["area_km2"], b["area_km2"])
    rest = crs.area_m2(shapely.symmetric_difference(a.geometry, b.geometry)) / 1e6
    return f"{rest:,.0f} km2 in only one of them" if rest > AREA_SHARE * larger else ""


_SHAPES: tuple[tuple[str, str, Callable[[Subject, Any, Any], str]], ...] = (
    ("place", "Point", _places),
    ("route", "LineString", _routes),
    ("area", "Polygon", _areas),
)
