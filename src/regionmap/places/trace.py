"""Which lines of a region are led along a network of real tracks, and what became of each.

`matching.py` leads one line, `networks.py` reads the file that is written.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from lark import Tree

from regionmap import crs
from regionmap.errors import ExpressionError, InputError
from regionmap.places import accuracy, grammar, lines, networks
from regionmap.places.gazetteer import Gazetteer, fold, read_rows
from regionmap.places.matching import Found, Style, trace
from regionmap.places.reading import Reader
from regionmap.places.steps import Stop, Wish
from regionmap.places.track_files import CLASS_MODES, MODES
from regionmap.places.tracks import Tracks
from regionmap.places.where import Where

_FAST = {"high_speed_rail": True, "rail": False, "expressway": True}


@dataclass(frozen=True)
class Corridor:
    """A record whose `where` is a route: its id, names, expression, sector, and whether it is built."""

    id: str
    names: tuple[str, ...]
    where: str
    sector: str
    built: bool
    place: Where


@dataclass(frozen=True, eq=False)
class Traced:
    """One leg: a row of traced.gpkg where `found` has coordinates, a row of the report in any case."""

    line: str
    kind: str
    record: str
    found: Found
    assumed_m: float

    @property
    def done(self) -> bool:
        return self.found.coords is not None


def trace_lines(tracks: Tracks, table: Path) -> Iterator[Traced]:
    """Lead the lines of a `lines.csv` along tracks, from named node to named node.

    A line of a class that the tracks have nothing of is left out.
    """
    for number, row in enumerate(read_rows(table) if table.is_file() else [], 2):
        mode = CLASS_MODES.get(row["class"], "")
        nodes, faults = networks.parse_nodes(row["nodes"], table.name, number)
        if faults or not _has(tracks, mode):
            continue
        width = float(row["accuracy_m"])
        stops = [Stop(name, networks.node_text(name, x, y), x, y, width) for name, x, y in nodes]
        wishes = [
            Wish(stops[i], stops[j], np.array([n[1:] for n in nodes[i : j + 1]]), width)
            for i, j in itertools.pairwise(networks.anchors(nodes))
        ]
        names = tuple(fold(n) for n in (row["name"], *row["aliases"].split(";")) if n)
        for found in trace(tracks, wishes, Style(mode, names, _FAST.get(row["class"]))):
            yield Traced(row["name"], row["class"], "", found, width)


def trace_routes(tracks: Tracks, corridors: Iterable[Corridor]) -> Iterator[Traced]:
    """Lead the legs of routes along tracks that no known line holds."""
    seen: set[tuple[str, str, str]] = set()
    plain: dict[int, Gazetteer] = {}
    for corridor in corridors:
        mode = MODES.get(corridor.sector, "")
        if not _has(tracks, mode):
            continue
        stops = _stops(corridor)
        names = corridor.place.gazetteer
        known = plain.setdefault(
            id(names), Gazetteer(tuple(e for e in names.entries if e.tier != "leg"), names.town_extent_m)
        )
        ways = lines.follows(known, stops, corridor.sector, corridor.built) if len(stops) > 1 else []
        for _, run in itertools.groupby(zip(itertools.pairwise(stops), ways, strict=True), lambda leg: bool(leg[1])):
            wishes = [_wish(a, b, corridor.sector) for (a, b), way in run if not way]
            style = Style(mode, tuple(map(fold, corridor.names)), built=corridor.built)
            for found in trace(tracks, wishes, style):
                key = (mode, found.wish.start.text, found.wish.end.text)
                if key not in seen:
                    seen.add(key)
                    kind = networks.NETWORK_CLASSES[corridor.sector][0]
                    assumed = found.accuracy_m if found.own else found.wish.width_m
                    yield Traced("", kind, corridor.id, found, assumed)


def _has(tracks: Tracks, mode: str) -> bool:
    return bool(mode) and bool(tracks.modes & {mode, "any"})


def _stops(corridor: Corridor) -> list[lines.Stop]:
    names = corridor.place.gazetteer
    try:
        tree = grammar.parse(corridor.where, names.match, names.suggest)
        if not isinstance(tree, Tree) or tree.data != "route":
            return []
        return Reader(corridor.place, corridor.where, corridor.sector, corridor.built).stops(tree.children)
    except ExpressionError:  # a fault of the table, which reports it
        return []


def _wish(a: lines.Stop, b: lines.Stop, sector: str) -> Wish:
    ends = []
    for stop in (a, b):
        x, y = stop.spot.x, stop.spot.y
        name = stop.entry.name if stop.entry else ""
        ends.append(Stop(name, networks.node_text(name, x, y), x, y, stop.accuracy_m))
    guide = np.array([[s.lon, s.lat] for s in ends])
    return Wish(ends[0], ends[1], guide, max(accuracy.sag_m(guide[0], guide[1], sector), a.accuracy_m, b.accuracy_m))


def rows_of(traced: Sequence[Traced], tracks: Tracks) -> Any:
    """What is written to `traced.gpkg`: a GeoDataFrame in EPSG:4326 with the columns of `networks`."""
    import geopandas

    done = [t for t in traced if t.done]
    data = {
        "line": [t.line for t in done],
        "class": [t.kind for t in done],
        "start": [t.found.wish.start.text for t in done],
        "end": [t.found.wish.end.text for t in done],
        "record": [t.record for t in done],
        "accuracy_m": [t.found.accuracy_m for t in done],
        "assumed_m": [float(t.assumed_m) for t in done],
        "source": [tracks.source] * len(done),
        "attribution": [tracks.attribution] * len(done),
    }
    shapes = [shapely.LineString(t.found.coords) for t in done]
    return geopandas.GeoDataFrame(data, geometry=shapes, crs=4326)


def report_of(traced: Sequence[Traced]) -> Any:
    """What became of each leg: a DataFrame with `name` (a line or a record's id), `start`, `end`, `drawn`,
    `length_km`, `accuracy_m` and `reason`."""
    import pandas as pd

    rows = []
    for t in traced:
        wish, coords = t.found.wish, t.found.coords
        length = None if coords is None else round(crs.length_m(shapely.LineString(coords)) / 1000, 3)
        rows.append(
            {
                "name": t.line or t.record,
                "start": wish.start.name or wish.start.text,
                "end": wish.end.name or wish.end.text,
                "drawn": "traced" if t.done else "schematic",
                "length_km": length,
                "accuracy_m": t.found.accuracy_m if t.done else None,
                "reason": t.found.reason,
            }
        )
    columns = ("name", "start", "end", "drawn", "length_km", "accuracy_m", "reason")
    return pd.DataFrame(rows, columns=columns)


def merged(new: Any, path: Path) -> Any:
    """New rows with those of an earlier `traced.gpkg` that they do not replace."""
    import geopandas
    import pandas as pd

    if not path.is_file():
        return new
    try:
        old = geopandas.read_file(path, layer=networks.TRACED_LAYER, engine="pyogrio")
        keys = ["line", "class", "start", "end"]
        fresh = set(new[keys].itertuples(index=False, name=None))
        kept = old[[row not in fresh for row in old[keys].fillna("").itertuples(index=False, name=None)]]
    except (RuntimeError, KeyError) as error:
        raise InputError(f"{path} is no file that `regionmap trace` wrote: {error}") from error
    return pd.concat([kept, new], ignore_index=True) if len(kept) else new
