"""A network of real tracks as a graph: lines cut wherever they meet."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely

SNAP_M = 1.0  # ends of lines this near each other, or to another line, are joined
MAX_EDGE_M = 2_000.0


@dataclass(frozen=True, eq=False)
class Tracks:
    """Tracks as a graph: edges between the points where lines meet or end.

    Attributes
    ----------
    coords : of each edge, longitudes and latitudes, shape (n, 2).
    ends : node numbers of each edge, shape (n, 2).
    mode : of each edge, `rail`, `road`, `water`, or `any` where the file does not say.
    names : of each edge, what it is called (folded).
    fast, built, main : of each edge, whether it is a high-speed line or motorway, exists, and is no siding.
    stops : named points of the file (stations, junctions).
    accuracy_m, source, attribution : of the whole.
    """

    coords: list[np.ndarray]
    ends: np.ndarray
    mode: np.ndarray
    names: list[str]
    fast: np.ndarray
    built: np.ndarray
    main: np.ndarray
    stops: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    accuracy_m: float = 100.0
    source: str = ""
    attribution: str = ""

    @cached_property
    def scale(self) -> np.ndarray:
        """Metres of a degree of longitude and of latitude, in the middle of the network: for searching only."""
        south, north = (float(f(c[:, 1].min() for c in self.coords)) for f in (min, max))
        return np.array([111_320.0 * np.cos(np.radians((south + north) / 2)), 111_050.0])

    @cached_property
    def flat(self) -> np.ndarray:
        """The edges in metres of `scale`."""
        return np.array([shapely.LineString(c * self.scale) for c in self.coords], dtype=object)

    @cached_property
    def lengths(self) -> np.ndarray:
        return np.asarray(shapely.length(self.flat))

    @cached_property
    def tree(self) -> Any:
        return shapely.STRtree(self.flat)

    @cached_property
    def at(self) -> dict[int, list[int]]:
        """The edges at each node."""
        found: dict[int, list[int]] = {}
        for edge, (a, b) in enumerate(self.ends.tolist()):
            found.setdefault(a, []).append(edge)
            if a != b:
                found.setdefault(b, []).append(edge)
        return found

    @property
    def modes(self) -> set[str]:
        return set(self.mode.tolist())


def build(lines: Sequence[np.ndarray], tags: dict[str, np.ndarray], *, noded: bool, **rest: Any) -> Tracks:
    """Tracks of lines: cut wherever they share a vertex.

    Parameters
    ----------
    lines : longitudes and latitudes, one array a line.
    tags : `mode`, `names`, `fast`, `built`, `main`, one value a line.
    noded : whether lines that meet share a vertex there (OpenStreetMap's do); else ends within `SNAP_M` of
        another line are joined to it first. Lines that only cross are not joined: they may be bridges.
    """
    if not noded:
        lines = _snapped(lines)
    keys = [list(map(tuple, np.round(c, 7).tolist())) for c in lines]
    seen: dict[tuple[float, float], int] = {}
    for line in keys:
        for n, key in enumerate(line):
            seen[key] = seen.get(key, 0) + (2 if n in (0, len(line) - 1) else 1)
    numbers: dict[tuple[float, float], int] = {}
    coords, ends, of = [], [], []
    for index, (line, xy) in enumerate(zip(keys, lines, strict=True)):
        cuts = _with_long_ones([n for n, key in enumerate(line) if seen[key] > 1], np.asarray(xy))
        for i, j in itertools.pairwise(cuts):
            if j - i > 1 or line[i] != line[j]:
                coords.append(np.asarray(xy)[i : j + 1])
                ends.append([numbers.setdefault(line[n], len(numbers)) for n in (i, j)])
                of.append(index)
    mode, names, fast, built, main = (tags[k][of] for k in ("mode", "names", "fast", "built", "main"))
    return Tracks(coords, np.array(ends).reshape(-1, 2), mode, [str(n) for n in names], fast, built, main, **rest)


def _with_long_ones(cuts: list[int], xy: np.ndarray) -> list[int]:
    """Cuts with more of them where an edge would be longer than `MAX_EDGE_M`: long ones lead away from a guide."""
    steps = np.hypot(*(np.diff(xy, axis=0) * [85_000, 111_000]).T)  # near enough for this
    along = np.concatenate([[0.0], np.cumsum(steps)])
    out = [cuts[0]]
    for i, j in itertools.pairwise(cuts):
        out += [n for n in range(i + 1, j) if along[n] // MAX_EDGE_M > along[n - 1] // MAX_EDGE_M]
        out.append(j)
    return out


def _snapped(lines: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The lines with ends within `SNAP_M` of each other made one, and ends beside a line put on it as a vertex."""
    out = [np.array(c, dtype=float) for c in lines]
    scale = np.array([111_320.0 * np.cos(np.radians(np.mean([c[0, 1] for c in out]))), 111_050.0])
    spots = np.array([c[i] for c in out for i in (0, -1)])
    points = shapely.points(spots * scale)
    first = np.arange(len(spots))  # of the ends that are one, the first
    a, b = shapely.STRtree(points).query(points, predicate="dwithin", distance=SNAP_M)
    for p, q in sorted(zip(a.tolist(), b.tolist(), strict=True)):
        if p < q and first[q] == q:
            first[q] = first[p]
    for p, q in enumerate(first.tolist()):
        out[p // 2][-(p % 2)] = spots[q]
    met = np.bincount(first, minlength=len(spots))[first] > 1
    loose = np.flatnonzero(~met)
    flat = np.array([shapely.LineString(c * scale) for c in out], dtype=object)
    own, other = shapely.STRtree(flat).query(points[loose], predicate="dwithin", distance=SNAP_M)
    extra: dict[int, list[int]] = {}
    for p, n in zip(loose[own].tolist(), other.tolist(), strict=True):
        if p // 2 != n:
            extra.setdefault(n, []).append(p)
    for n, ends in extra.items():
        every = np.vstack([out[n], spots[ends]])
        order = np.argsort(shapely.line_locate_point(flat[n], shapely.points(every * scale)), kind="stable")
        if not np.array_equal(out[n][0], out[n][-1]):  # a ring keeps its vertices as they are
            out[n] = every[order]
    return out
