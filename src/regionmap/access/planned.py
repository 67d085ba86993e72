"""Corridors of the plans as lines that one could travel on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
import shapely.ops

from regionmap.errors import InputError, NotFoundError, nearest_names

if TYPE_CHECKING:
    from regionmap.plans.region import Region

KINDS = {"rail": "planned_rail", "transit": "transit", "road": "planned_road"}
STATUSES = {
    "existing": (),
    "planned": ("planned", "under_construction"),
    "proposed": ("planned", "under_construction", "proposed"),
}


@dataclass(frozen=True, eq=False)
class Corridor:
    """A corridor as nodes and the pieces of line between them; `kind` is its class in the ledger."""

    id: str
    name: str
    kind: str
    nodes: list[tuple[str, tuple[float, float]]]
    shapes: list[Any]


def corridors(region: Region, scenario: str | Sequence[str], modes: Sequence[str], max_km: float) -> Iterator[Corridor]:
    """The corridors that a scenario takes as built.

    Raises
    ------
    InputError : an unknown scenario; a named corridor that is no line through places.
    NotFoundError, AmbiguousNameError : no such corridor.
    """
    rows = region.records
    rows = rows[(rows["kind"] == "corridor") & rows["sector"].isin(KINDS)]
    if isinstance(scenario, str) and scenario in STATUSES:
        fits = rows["status"].isin(STATUSES[scenario]) & rows["where"].str.contains(" > ", regex=False)
        fits &= rows["length_km"] <= max_km
        for _, row in region.latest(rows[fits]).iterrows():
            found = corridor(region, row)
            if _mode(row["sector"]) in modes:
                yield found
        return
    names = [scenario] if isinstance(scenario, str) else list(scenario)
    for name in names:
        try:
            row = region.feature(name).iloc[0]
        except NotFoundError as error:
            if isinstance(scenario, str):
                raise NotFoundError(f"{error}; or a scenario: {', '.join(STATUSES)}") from None
            raise
        if row["sector"] not in KINDS or " > " not in row["where"]:
            near = ", ".join(nearest_names(name, rows.loc[rows["where"].str.contains(" > ", regex=False), "name"]))
            reason = "is no railway, road or transit line through places"
            raise InputError(f"{row['name']} ({row['where'] or 'unplaced'}) {reason}; nearest that are: {near}")
        if _mode(row["sector"]) in modes:
            yield corridor(region, row)


def _mode(sector: str) -> str:
    return "road" if sector == "road" else "rail"


def corridor(region: Region, row: pd.Series) -> Corridor:
    """A record as a line through the places of its `where`."""
    names = [part.strip().strip('「」"') for part in row["where"].split(" > ")]
    area = region.plans[row["plan"]].area
    found = region.gazetteer.find(area) if area else []
    spots = [spot_of(region, name, found[0].unit if found else "", row) for name in names]
    return Corridor(
        str(row["id"]), row["name"], KINDS.get(row["sector"], "planned_rail"),
        list(zip(names, spots, strict=True)), pieces(row.geometry, spots),
    )  # fmt: skip


def spot_of(region: Region, name: str, area: str, row: pd.Series) -> tuple[float, float]:
    holder, entries = None, []
    for word in name.split("/"):
        entries = region.gazetteer.find(word.strip(), area=area, inside=holder)
        holder = entries[0] if entries else None
    if holder is None:
        raise InputError(f"{row['id']}: {name!r} in its where is no place that a line can stop at")
    seat = region.gazetteer.seat(holder) if holder.is_unit else None
    point = shapely.point_on_surface((seat or holder).geometry)
    return (float(point.x), float(point.y))


def pieces(line: Any, spots: Sequence[tuple[float, float]]) -> list[Any]:
    """A line cut where it passes the spots, in their order; straight pieces where it is no single line."""
    straight = [shapely.LineString([a, b]) for a, b in itertools.pairwise(spots)]
    if line is None or line.geom_type != "LineString":
        return straight
    scale = np.array([np.cos(np.radians(line.centroid.y)), 1.0])
    flat = shapely.transform(line, lambda xy: xy * scale)
    at = [shapely.line_locate_point(flat, shapely.Point(np.array(s) * scale)) for s in spots]
    out = []
    for a, b, other in zip(at[:-1], at[1:], straight, strict=True):
        piece = shapely.ops.substring(flat, a, b)
        out.append(shapely.transform(piece, lambda xy: xy / scale) if piece.geom_type == "LineString" else other)
    return out


def line_names(region: Region, names: Sequence[str]) -> set[str]:
    """What `without` names: network lines by name, corridors by id, and all twins of a corridor.

    Raises
    ------
    NotFoundError : neither a line nor a corridor.
    """
    gone: set[str] = set()
    for name in [names] if isinstance(names, str) else names:
        lines = region.gazetteer.lines(name)
        gone |= {e.name for e in lines}
        try:
            record = region.feature(name)
        except NotFoundError:
            if not lines:
                every = [e.name for e in region.gazetteer.entries if e.tier == "line"]
                near = ", ".join(nearest_names(name, [*every, *region.records["name"]]))
                raise NotFoundError(f"no line or corridor {name!r}; nearest names: {near}") from None
            continue
        gone |= set(region.same(str(record.index[0])).index)
        gone |= {e.name for e in region.gazetteer.lines(str(record["where"].iloc[0]))}
    return gone
