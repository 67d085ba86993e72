"""Lines of location expressions: along known lines, straight between, cut, and said which is which."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.places import accuracy, graph
from regionmap.places.gazetteer import Entry, Gazetteer
from regionmap.places.networks import NETWORK_CLASSES, Leg

BESIDE_M = 10_000.0  # a place this far beside a line, beyond both accuracies, still says where to cut it
STRAIGHT = "straight"


@dataclass(frozen=True, eq=False)
class Run:
    """A stretch of a line of one origin: `line` is the known line that it follows, or `straight`."""

    line: str
    start: str
    end: str
    coords: np.ndarray
    accuracy_m: float
    drawn: str


@dataclass(frozen=True)
class Stop:
    """A place that a route passes: label, point, accuracy, and what was named."""

    label: str
    spot: Any
    accuracy_m: float
    entry: Entry | None


def runs_of(legs: Sequence[Leg], line: str) -> tuple[Run, ...]:
    """The legs of a known line as runs."""
    return tuple(Run(line, leg.start, leg.end, leg.coords, leg.accuracy_m, leg.drawn) for leg in legs)


def coords_of(runs: Sequence[Run]) -> np.ndarray:
    """The vertices of runs one after the other, shape (n, 2)."""
    return graph.chain([run.coords for run in runs])


def route(names: Gazetteer, stops: Sequence[Stop], sector: str, built: bool) -> tuple[tuple[Run, ...], list[float]]:
    """A line through places: along the sector's network where one joins two of them, else straight.

    Returns
    -------
    runs : in order.
    nodes : the accuracies of the places that count: those where the line is not held by a real track.
    """
    ways = follows(names, stops, sector, built)
    runs: list[Run] = []
    for n, ((a, b), way) in enumerate(zip(itertools.pairwise(stops), ways, strict=True)):
        if way:
            labels = [a.label, *(p.start for p in way[1:]), b.label]
            for piece, (start, end) in zip(way, itertools.pairwise(labels), strict=True):
                line = piece.line or f"traced ({piece.legs[0].attribution})"
                radius = accuracy.widest(leg.accuracy_m if built else leg.assumed_m for leg in piece.legs)
                drawn = [leg.drawn for leg in piece.legs]
                word = next(w for w in ("schematic", "authored", "traced") if w in drawn)
                runs.append(Run(line, start, end, piece.coords, radius, word))
            continue
        before, after = ways[n - 1] if n else None, ways[n + 1] if n + 1 < len(ways) else None
        spots = shapely.get_coordinates([a.spot, b.spot])
        if before:
            spots[0] = before[-1].coords[-1]
        if after:
            spots[1] = after[0].coords[0]
        sag = accuracy.sag_m(spots[0], spots[1], sector)
        runs.append(Run(STRAIGHT, a.label, b.label, spots, sag, "schematic"))
    held = [bool(p) and built and all(leg.drawn == "traced" for q in p or () for leg in q.legs) for p in ways]
    return tuple(runs), [s.accuracy_m for n, s in enumerate(stops) if not all(held[max(n - 1, 0) : n + 1])]


def follows(names: Gazetteer, stops: Sequence[Stop], sector: str, built: bool) -> list[list[graph.Piece] | None]:
    """For each pair of places the way along the known lines of a sector, or None.

    Where no sector is said, the lines (railways, else roads, else waters) that join most of the pairs. What is
    not built yet follows only a single line that joins both: where the way changes lines, a new one is planned
    because there is none.
    """
    best: list[list[graph.Piece] | None] = [None] * (len(stops) - 1)
    for word in [sector] if sector else ("rail", "road", "water"):
        classes = NETWORK_CLASSES.get(word)
        if not classes:
            continue
        network = graph.network(names, classes)
        nodes = [graph.stops_of(network, s.entry, s.spot, s.accuracy_m, classes) for s in stops]
        ways: list[list[graph.Piece] | None] = []
        for a, b in itertools.pairwise(nodes):
            came = {ways[-1][-1].last: 0.0} if ways and ways[-1] else a
            way = network.way(came, b, one=not built)
            ways.append(way or (network.way(a, b, one=not built) if came is not a else None))
        if sum(map(bool, ways)) > sum(map(bool, best)):
            best = ways
    return best


def pieces(runs: Sequence[Run]) -> tuple[str, ...]:
    """What each part of a line follows: `A > B: line (0.0-12.3 km)`, kilometres along the whole."""
    out, at = [], 0.0
    keys = [(n if run.line == STRAIGHT else run.line, run.drawn == "traced") for n, run in enumerate(runs)]
    for (_, drawn), group in itertools.groupby(range(len(runs)), keys.__getitem__):
        of = [runs[n] for n in group]
        line = of[0].line
        start, end = (_named([r.start for r in of]), _named([r.end for r in of[::-1]]))
        to = at + float(crs.length_m(shapely.LineString(coords_of(of)))) / 1000
        what = f"{line}, traced" if drawn and "traced" not in line else line
        out.append(f"{start} > {end}: {what} ({at:.1f}-{to:.1f} km)")
        at = to
    return tuple(out)


def _named(keys: list[str]) -> str:
    return keys[0].partition("@")[0] or keys[0].removeprefix("@")


def _scale(shape: Any) -> np.ndarray:
    """What makes degrees of longitude as long as those of latitude, near a shape."""
    bounds = shapely.bounds(shape)
    return np.array([max(np.cos(np.radians((bounds[1] + bounds[3]) / 2)), 1e-6), 1.0])


def between(runs: Sequence[Run], start: Any, end: Any) -> tuple[Run, ...]:
    """The runs from the point nearest to `start` to the one nearest to `end`, in that direction."""
    whole = shapely.LineString(coords_of(runs))
    scale = _scale(whole)
    flat = shapely.LineString(coords_of(runs) * scale)
    a, b = (shapely.line_locate_point(flat, shapely.Point(np.array([p.x, p.y]) * scale)) for p in (start, end))
    low, high = sorted((a, b))
    kept, at = [], 0.0
    for n, run in enumerate(runs):
        line = shapely.LineString(run.coords * scale)
        gap = 0.0 if not n else float(np.hypot(*((run.coords[0] - runs[n - 1].coords[-1]) * scale)))
        at += gap
        lo, hi = max(low - at, 0.0), min(high - at, line.length)
        if hi - lo > 1e-12:
            kept.append(replace(run, coords=_part(line, lo, hi) / scale))
        at += line.length
    if a > b:
        kept = [replace(r, coords=r.coords[::-1], start=r.end, end=r.start) for r in kept[::-1]]
    return tuple(kept)


def _part(line: Any, low: float, high: float) -> np.ndarray:
    from shapely.ops import substring

    return shapely.get_coordinates(substring(line, low, high))


def inside(line: Any, area: Any) -> Any:
    """The parts of a line within an area, in the order and direction of the line."""
    cut = highest(shapely.line_merge(shapely.intersection(line, area)), 1)
    parts = shapely.get_parts(cut)
    whole = shapely.line_merge(line)
    if len(parts) < 2 and whole.geom_type != "LineString":
        return cut
    ends = [[shapely.line_locate_point(whole, shapely.Point(p.coords[i])) for i in (0, -1)] for p in parts]
    turned = [p if a <= b else p.reverse() for p, (a, b) in zip(parts, ends, strict=True)]
    order = sorted(range(len(turned)), key=lambda i: min(ends[i]))
    return shapely.MultiLineString([turned[i] for i in order]) if len(order) > 1 else turned[0] if order else cut


def own_node(line: Entry, place: Entry) -> Any:
    """The node of a line that a place means, as a point, or None."""
    for name in graph.stop_names(place, (line.kind,)):
        if name in line.nodes:
            spot = shapely.Point(line.geometry.coords[line.nodes.index(name)])
            if gap_m(place.geometry, spot) <= place.accuracy_m + line.accuracy_m + graph.NEAR_M:
                return spot
    return None


def gap_m(shape: Any, spot: Any) -> float:
    """Metres from a shape to the point nearest in degrees of equal length."""
    scale = _scale(spot)
    flat, point = (shapely.transform(g, lambda xy: xy * scale) for g in (shape, spot))
    (x, y), _ = shapely.get_coordinates(shapely.shortest_line(flat, point)) / scale
    return float(crs.distance_m(x, y, spot.x, spot.y))


def highest(shape: Any, dimension: int = 2) -> Any:
    """Only the parts of a dimension (areas, lines) of what an overlay left."""
    parts = [p for p in shapely.get_parts(shapely.get_parts(shape)) if shapely.get_dimensions(p) == dimension]
    if len(parts) == len(shapely.get_parts(shape)):
        return shape
    if not parts:
        return shapely.GeometryCollection()
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)
