"""Railways, roads, rivers and waters: authored lines through nodes, traced legs, and rings."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from regionmap.errors import Fault, InputError, TableError
from regionmap.places.gazetteer import Entry, read_rows

LINE_COLUMNS = (
    "name", "aliases", "class", "nodes", "speed_kmh", "opened", "start_chainage_m", "accuracy_m", "source",
)  # fmt: skip
AREA_COLUMNS = ("name", "aliases", "class", "ring", "accuracy_m", "source")
TRACED_FILE, TRACED_LAYER = "traced.gpkg", "traced"
TRACED_COLUMNS = (
    "line", "class", "start", "end", "record", "accuracy_m", "assumed_m", "source", "attribution",
)  # fmt: skip
NETWORK_CLASSES = {
    "rail": ("rail", "high_speed_rail"),
    "transit": ("rail", "high_speed_rail"),
    "road": ("expressway", "road"),
    "waterway": ("river",),
    "water": ("river",),
}
"""The classes of lines that a record of a sector follows; a record of another sector follows none."""


@dataclass(frozen=True, eq=False)
class Leg:
    """A piece of a line between two of its nodes.

    Attributes
    ----------
    line : name of the line; empty for the track of one record.
    start, end : the nodes: a name, or `@lon,lat` for a bend.
    coords : longitudes and latitudes, shape (n, 2), from start to end.
    accuracy_m : of a thing that is this piece.
    assumed_m : of a thing that is not built and only taken to run here (rule 11 of docs/where.md).
    drawn : `authored`, `schematic` or `traced`.
    attribution : what a map must print when it shows a traced piece.
    """

    line: str
    start: str
    end: str
    coords: np.ndarray
    accuracy_m: float
    assumed_m: float
    drawn: str = "authored"
    attribution: str = ""


@dataclass(frozen=True, eq=False)
class Traced:
    """One row of a traced.gpkg; `start` and `end` are nodes as lines.csv writes them (`name@lon,lat`)."""

    line: str
    kind: str
    start: str
    end: str
    accuracy_m: float
    assumed_m: float
    attribution: str
    geometry: Any


def line_entries(table: Path) -> Iterator[Entry]:
    """Lines of a `lines.csv`: nodes `lon,lat` or `name@lon,lat`, parted by ` > `, in order of chainage.

    A `traced.gpkg` beside the table (see `regionmap trace`) replaces the legs that it holds, as long as the
    nodes of those legs are still what they were when they were traced.

    Raises
    ------
    TableError : listing every row with a node that is no coordinate pair, or with fewer than two.
    """
    faults = []
    traced = {(t.line, t.start, t.end): t for t in read_traced(table.with_name(TRACED_FILE)) if t.line}
    for number, row in enumerate(read_rows(table), 2):
        nodes, wrong = parse_nodes(row["nodes"], table.name, number)
        faults += wrong
        if len(nodes) < 2:
            faults.append(Fault(table.name, number, "nodes", row["nodes"], "a line has two nodes or more"))
            continue
        metres = _accuracy_m(row, table.name, number, faults)
        if metres is not None:
            yield _entry(row, _legs(row["name"], nodes, metres, traced))
    if faults:
        raise TableError(faults)


def leg_entries(path: Path) -> Iterator[Entry]:
    """The tracks of single records in a `traced.gpkg`; they have no name and only carry routes."""
    for t in read_traced(path):
        if not t.line:
            ends = (node_key(t.start), node_key(t.end))
            coords = shapely.get_coordinates(t.geometry)
            leg = Leg("", *ends, coords, t.accuracy_m, t.assumed_m, "traced", t.attribution)
            nodes = (ends[0], *[""] * (len(coords) - 2), ends[1])
            yield Entry("", "leg", t.kind, "", t.geometry, t.accuracy_m, nodes=nodes, legs=(leg,), drawn="traced")


def _accuracy_m(row: Any, file: str, number: int, faults: list[Fault]) -> float | None:
    """The cell `accuracy_m`; None, and a fault more, where it is no number of metres."""
    try:
        metres = float(row["accuracy_m"])
    except ValueError:
        metres = -1.0
    if 0 <= metres < math.inf:
        return metres
    faults.append(Fault(file, number, "accuracy_m", row["accuracy_m"], "metres, 0 or more"))
    return None


def parse_nodes(text: str, file: str, row: int) -> tuple[list[tuple[str, float, float]], list[Fault]]:
    """The nodes of a cell as (name or '', longitude, latitude), and what can't be read."""
    nodes, faults = [], []
    for node in text.split(" > "):
        name, _, pair = node.strip().rpartition("@")
        try:
            lon, lat = map(float, pair.split(","))
        except ValueError:
            faults.append(Fault(file, row, "nodes", node, "'lon,lat' or 'name@lon,lat'"))
            continue
        nodes.append((name, lon, lat))
    return nodes, faults


def node_text(name: str, lon: float, lat: float) -> str:
    """A node as `name@lon,lat` or `lon,lat`, one text for one node."""
    return f"{name}@" * bool(name) + f"{lon:.6f},{lat:.6f}"


def node_key(text: str) -> str:
    """What a node is called in the graph: its name, or `@` and its coordinates where it has none."""
    return text.rpartition("@")[0] or f"@{text}"


def anchors(nodes: list[tuple[str, float, float]]) -> list[int]:
    """The nodes that a traced line must pass: the named ones and both ends. Bends are only a guide."""
    return [i for i, node in enumerate(nodes) if node[0] or i in (0, len(nodes) - 1)]


def _legs(
    line: str,
    nodes: list[tuple[str, float, float]],
    accuracy: float,
    traced: dict[tuple[str, str, str], Traced],
) -> list[Leg]:
    texts = [node_text(*node) for node in nodes]
    keys = [node_key(t) for t in texts]
    stops, legs = anchors(nodes), []
    for i, j in itertools.pairwise(stops):
        track = traced.get((line, texts[i], texts[j]))
        if track is not None:
            coords = shapely.get_coordinates(track.geometry)
            legs.append(Leg(line, keys[i], keys[j], coords, track.accuracy_m, accuracy, "traced", track.attribution))
            continue
        for k in range(i, j):
            coords = np.array([nodes[k][1:], nodes[k + 1][1:]])
            legs.append(Leg(line, keys[k], keys[k + 1], coords, accuracy, accuracy))
    if any(leg.drawn == "traced" for leg in legs):
        legs = _joined(legs)
    return legs


def _joined(legs: list[Leg]) -> list[Leg]:
    """What stays schematic between traced legs begins and ends on their track."""
    out = []
    for n, leg in enumerate(legs):
        if leg.drawn != "traced":
            coords = leg.coords.copy()
            if n and legs[n - 1].drawn == "traced":
                coords[0] = legs[n - 1].coords[-1]
            if n + 1 < len(legs) and legs[n + 1].drawn == "traced":
                coords[-1] = legs[n + 1].coords[0]
            leg = replace(leg, coords=coords, drawn="schematic")
        out.append(leg)
    return out


def _entry(row: dict[str, str], legs: list[Leg]) -> Entry:
    names, parts = [legs[0].start], [legs[0].coords[:1]]
    for leg in legs:
        skip = int(np.array_equal(parts[-1][-1], leg.coords[0]))
        parts.append(leg.coords[skip:])
        names += [*[""] * (len(leg.coords) - skip - 1), leg.end]
    how = {leg.drawn for leg in legs}
    return Entry(
        row["name"],
        "line",
        row["class"],
        "",
        shapely.LineString(np.vstack(parts)),
        max(leg.accuracy_m for leg in legs),
        tuple(a for a in row["aliases"].split(";") if a),
        source="; ".join(dict.fromkeys([row["source"], *(leg.attribution for leg in legs if leg.attribution)])),
        nodes=tuple("" if n.startswith("@") else n for n in names),
        legs=tuple(legs),
        drawn=how.pop() if len(how) == 1 else "schematic",
    )


def read_traced(path: Path) -> list[Traced]:
    """The rows of a `traced.gpkg`, none where there is no such file.

    Raises
    ------
    InputError : the file can't be read or lacks a column.
    """
    if not path.is_file():
        return []
    stat = path.stat()
    return _read_traced(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _read_traced(path: Path, _time: int, _size: int) -> list[Traced]:
    import pyogrio

    try:
        meta, _, shapes, columns = pyogrio.raw.read(path, layer=TRACED_LAYER)
    except (RuntimeError, ValueError) as error:
        raise InputError(f"{path} is no file that `regionmap trace` wrote: {error}") from error
    table = dict(zip(meta["fields"], columns, strict=True))
    missing = set(TRACED_COLUMNS) - set(table)
    if missing:
        raise InputError(f"{path} lacks the column(s) {', '.join(sorted(missing))}; write it again: regionmap trace")
    rows: Any = zip(*(table[c] for c in TRACED_COLUMNS), shapely.from_wkb(shapes), strict=True)
    return [
        Traced(line or "", kind, start, end, float(accuracy), float(assumed), attribution or "", shape)
        for line, kind, start, end, _, accuracy, assumed, _, attribution, shape in rows
    ]


def attributions(entries: Iterable[Entry]) -> tuple[str, ...]:
    """What a map must print for the traced lines among `entries`, each once."""
    found = (leg.attribution for e in entries for leg in e.legs if leg.drawn == "traced" and leg.attribution)
    return tuple(dict.fromkeys(found))


def area_entries(table: Path) -> Iterator[Entry]:
    """Waters of an `areas.csv`: ring `lon,lat lon,lat ...`.

    Raises
    ------
    TableError : listing every ring that can't be read.
    """
    faults = []
    for number, row in enumerate(read_rows(table), 2):
        try:
            ring = [tuple(map(float, pair.split(","))) for pair in row["ring"].split()]
            shape = shapely.make_valid(shapely.Polygon(ring))
        except (ValueError, shapely.errors.GEOSException):
            faults.append(Fault(table.name, number, "ring", row["ring"], "'lon,lat lon,lat ...', 3 or more"))
            continue
        metres = _accuracy_m(row, table.name, number, faults)
        if metres is not None:
            aliases = tuple(a for a in row["aliases"].split(";") if a)
            yield Entry(row["name"], "area", row["class"], "", shape, metres, aliases, source=row["source"])
    if faults:
        raise TableError(faults)
