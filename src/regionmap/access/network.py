"""A region's network for reach: lines in use, lines that are only planned, lines brought along, and local roads."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from regionmap import crs
from regionmap.access import ledger as ledgers
from regionmap.access import planned
from regionmap.access.draft import HALL, Draft
from regionmap.errors import InputError, nearest_names
from regionmap.places import graph as graphs
from regionmap.queries import isochrones
from regionmap.queries import reach as queries

if TYPE_CHECKING:
    from regionmap.plans.region import Region

MODES: Mapping[str, tuple[str, ...]] = {"rail": ("rail", "high_speed_rail"), "road": ("expressway", "road")}
"""Which classes of lines.csv each mode uses."""
SAME_M = 300.0  # a node of a planned line this near a hall of the same mode is that hall


@dataclass(frozen=True, eq=False)
class Network:
    """What is asked: nodes and edges for `queries.reach`, halls, the ledger, and the land.

    Attributes
    ----------
    names, spots : of each node its name and (longitude, latitude).
    edges : from, to, minutes, km, mode, line, oneway.
    stops : the halls, index = node, with `name`.
    """

    names: list[str]
    spots: list[tuple[float, float]]
    edges: pd.DataFrame
    stops: geopandas.GeoDataFrame
    graph: queries.Graph
    ledger: ledgers.Ledger
    land: Any
    shapes: list[Any]
    seats: dict[str, int]

    @property
    def off(self) -> dict[str, Any]:
        """How one goes off the network: the arguments of `minutes_off` and `isochrones`."""
        number = self.ledger.number
        kmh = number("local.speed_kmh") / number("local.circuity")
        return {"kmh": kmh, "max_km": number("local.max_km"), "land": self.land}


def build(
    region: Region,
    *,
    scenario: str | Sequence[str] = "existing",
    without: Sequence[str] = (),
    modes: Sequence[str] = ("rail", "road"),
    assume: Mapping[str, float] | None = None,
    lines: Any = None,
    speed: float = 1.0,
) -> Network:
    """The network of a region.

    Parameters
    ----------
    scenario : `existing` (lines.csv), `planned` (also what is planned or under construction), `proposed` (also what
        is only proposed), or names and ids of corridors of the plans that count as built.
    without : names of network lines or corridors that are taken away.
    modes : `rail`, `road` or both; local roads always count.
    assume : key -> value, instead of the region's assumptions.
    lines : files of lines brought along (see `regionmap.places.track_files`), a path or several, or `Tracks`.
    speed : all speeds times this, for a sensitivity run.

    Raises
    ------
    InputError, NotFoundError : an unknown scenario, mode, line or assumption.
    """
    wrong = [m for m in modes if m not in MODES]
    if wrong or not modes:
        raise InputError(f"unknown mode {', '.join(map(repr, wrong)) or 'none'}; allowed are {', '.join(MODES)}")
    if not speed > 0:
        raise InputError(f"speed must be above 0, not {speed}")
    draft = Draft(ledgers.read(region, assume), speed)
    gone = planned.line_names(region, without)
    rails = _lines(draft, region, "rail", gone) if "rail" in modes else {}
    roads = _lines(draft, region, "road", gone) if "road" in modes else {}
    for record in planned.corridors(region, scenario, modes, draft.ledger.number("network.max_line_km")):
        if record.id not in gone:
            _planned(draft, record, roads if record.kind == "planned_road" else rails)
    seats = _seats(draft, region)
    if lines is not None:
        from regionmap.access import own

        own.add(draft, lines, modes)
    return _finish(draft, region, seats)


def _lines(draft: Draft, region: Region, mode: str, gone: set[str]) -> dict[str, list[int]]:
    """The lines of lines.csv; returns the halls by name."""
    rows = ledgers_lines(region)
    net = graphs.network(region.gazetteer, MODES[mode])
    names = {n: key for key, numbers in net.numbers.items() if not key.startswith("@") for n in numbers}
    halls: dict[int, int] = {}
    bends: dict[tuple[int, str], int] = {}
    by_name: dict[str, list[int]] = {}

    def on(number: int, kind: str) -> tuple[int, bool]:
        if number in names or kind == "road":
            if number not in halls:
                halls[number] = draft.node(names.get(number, ""), net.spots[number], place=HALL)
                by_name.setdefault(names.get(number, ""), []).append(halls[number])
            return draft.gate(halls[number], kind), number in names
        if (number, kind) not in bends:
            bends[number, kind] = draft.node("", net.spots[number])
        return bends[number, kind], False

    for leg, (a, b) in zip(net.legs, net.ends, strict=True):
        row = rows.get(leg.line)
        if row is None or leg.line in gone:
            continue
        kind = row["class"]
        stated = row["speed_kmh"]
        key = f"speed_kmh.{leg.line}"
        kmh = draft.ledger.number(key) if key in draft.ledger.rows or not stated else float(stated)
        (start, stop1), (end, stop2) = on(a, kind), on(b, kind)
        shape = shapely.LineString(leg.coords)
        draft.run(start, end, float(crs.length_m(shape)) / 1000, kind, leg.line, kmh, stop1 + stop2, shape)
    return by_name


def ledgers_lines(region: Region) -> dict[str, dict[str, str]]:
    """Rows of lines.csv by name."""
    path = region.folder / "networks" / "lines.csv"
    return {row["name"]: row for row in ledgers.read_rows(path)} if path.is_file() else {}


def _planned(draft: Draft, record: planned.Corridor, halls: dict[str, list[int]]) -> None:
    """A corridor of a plan: its nodes are halls, those of the same name or on the same spot the same hall."""
    number = draft.ledger.number
    kmh = number(f"speed_kmh.{record.id}", f"speed_kmh.{record.kind}")
    at = []
    for name, spot in record.nodes:
        known = [*halls.get(name, ()), *(h for group in halls.values() for h in group)]
        near = (
            h
            for n, h in enumerate(known)
            if _apart(draft, h, spot) <= (5_000 if n < len(halls.get(name, ())) else SAME_M)
        )
        hall = next(near, None)
        if hall is None:
            hall = draft.node(name, spot, place=HALL)
            halls.setdefault(name, []).append(hall)
        at.append(draft.gate(hall, record.kind))
    for a, b, shape in zip(at[:-1], at[1:], record.shapes, strict=True):
        km = float(crs.length_m(shape)) / 1000
        draft.run(a, b, km, record.kind, record.name, kmh, 2, shape)


def _apart(draft: Draft, hall: int, spot: tuple[float, float]) -> float:
    x, y = draft.spots[hall]
    if abs(x - spot[0]) > 0.2 or abs(y - spot[1]) > 0.1:
        return np.inf
    return float(crs.distance_m(x, y, *spot))


def _seats(draft: Draft, region: Region) -> dict[str, int]:
    """The seat of each county and city as a hall: from town to town by local roads.

    Of a city whose seat is not known, the seat of its first district; of a county, the middle of its area.
    """
    seats: dict[str, int] = {}
    units = region.gazetteer.units
    for code, unit in units.items():
        if unit.kind == "province":
            continue
        seat = region.gazetteer.seat(unit)
        if seat is None and unit.kind == "city":
            inner = (region.gazetteer.seat(units[c]) for c in sorted(units) if c[:4] == code[:4] and c != code)
            seat = next((s for s in inner if s is not None), None)
        point = seat.geometry if seat is not None else shapely.point_on_surface(unit.geometry)
        seats[code] = draft.node(seat.name if seat else unit.name, (point.x, point.y), place=HALL)
    return seats


def _finish(draft: Draft, region: Region, seats: dict[str, int]) -> Network:
    number = draft.ledger.number
    at = np.flatnonzero(draft.places)
    xy = np.array(draft.spots).reshape(-1, 2)
    stops = geopandas.GeoDataFrame(
        {"name": [draft.names[n] for n in at]}, geometry=shapely.points(xy[at]), index=pd.Index(at), crs=4326
    )
    waters = [e.geometry for e in region.gazetteer.entries if e.tier == "area"]
    land = shapely.difference(_land(region.boundaries), shapely.union_all(waters))
    kmh = number("local.speed_kmh") * draft.speed / number("local.circuity")
    halls = stops[np.array(draft.places)[at] == HALL]
    near = isochrones.links(halls, kmh=kmh, max_km=number("local.max_km"), land=land)
    km = near["km"] * number("local.circuity")
    local = near.assign(km=km, mode="local", line="", oneway=False)
    columns = ["from", "to", "minutes", "km", "mode", "line", "oneway"]
    edges = pd.concat([pd.DataFrame(draft.edges, columns=columns), local[columns]], ignore_index=True)
    edges = edges.astype({"from": np.int64, "to": np.int64, "oneway": bool})
    if draft.speed != 1.0:
        draft.ledger.rows["local.speed_kmh"] = {
            **draft.ledger.rows["local.speed_kmh"], "value": number("local.speed_kmh") * draft.speed
        }  # fmt: skip
    _tell(draft, edges, region)
    names = pd.RangeIndex(len(draft.names))
    return Network(
        draft.names, draft.spots, edges, stops, queries.graph(names, edges), draft.ledger, land,
        draft.shapes, seats,
    )  # fmt: skip


def _tell(draft: Draft, edges: pd.DataFrame, region: Region) -> None:
    """What of the network is drawn by hand: a row of the ledger."""
    traced = {e.name for e in region.gazetteer.entries if e.tier == "line" and e.drawn == "traced"}
    run = edges[(edges["line"] != "") & (edges["km"] > 0)]
    share = 1.0 if run.empty else float(run.loc[~run["line"].isin(traced), "km"].sum() / run["km"].sum())
    words = ("线路为示意走线的比例(按公里)", "share of the lines' kilometres that is drawn schematically")
    draft.ledger.note("network.schematic_share", round(share, 3), "1", *words)


@functools.lru_cache(maxsize=4)
def _land(boundaries: Any) -> Any:
    levels = np.array(boundaries.levels)
    own = boundaries.geometries[levels == "province"]
    return shapely.union_all([*(own if len(own) else boundaries.geometries), *boundaries.neighbours.values()])


def hall_of(net: Network, name: str) -> int | None:
    """The hall of this name (a station, an interchange, a seat), or None; of several the first."""
    hits = net.stops.index[net.stops["name"] == name]
    return int(hits[0]) if len(hits) else None


def suggestions(net: Network, name: str) -> str:
    return ", ".join(nearest_names(name, [n for n in net.stops["name"] if n]))
