"""When and how the compiled loops are used: many points against anything, if Numba is installed (extra `fast`).

Below FAST_FROM points the NumPy search answers before Numba would be imported. Both give the same pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np

from regionmap import crs
from regionmap.queries import _exact
from regionmap.queries._pieces import FANOUT, Floats, Ints, Pieces, codes
from regionmap.queries._search import Pairs

FAST_FROM = 100_000
"""Points from which the compiled loops are worth their loading."""
WIDEST_M = 2_000_000.0
"""Beyond this reach and width of the data the loops' order of distances is not exact enough."""
CHUNK = 1 << 18
ROOM = 1 << 21


def suits(a: Pieces, b: Pieces, reach_m: float) -> bool:
    """Whether the loops may answer: Numba is there, `a` is many single points, and nothing is too far."""
    if len(a.first) < FAST_FROM or not len(b.first) or (a.last > a.first).any():
        return False
    if len(np.unique(a.part_row)) < len(a.part_row) or find_spec("numba") is None:
        return False
    box = np.vstack([a.levels[-1], b.levels[-1]])
    width = float(np.linalg.norm(box[:, 3:].max(axis=0) - box[:, :3].min(axis=0)))
    return min(reach_m, width) <= WIDEST_M


def packed(b: Pieces, rank: Ints) -> Any:
    """The pieces as the kernels read them."""
    from regionmap.queries._kernels import Packed

    levels = b.levels[::-1]  # leaves first in `levels`, root last here: children lie before their parents
    sizes = [len(level) for level in b.levels]
    base = np.concatenate([[0], np.cumsum(sizes)])
    child, count = [-1 - np.arange(sizes[0])], [np.zeros(sizes[0], np.int64)]
    for depth in range(1, len(sizes)):
        below = np.arange(sizes[depth]) * FANOUT
        child.append(base[depth - 1] + below)
        count.append(np.minimum(FANOUT, sizes[depth - 1] - below))
    root = np.hstack([levels[0][:, :3].min(axis=0), levels[0][:, 3:].max(axis=0)])
    child.append(np.array([base[len(sizes) - 1]]))
    count.append(np.array([sizes[-1]]))
    half = np.zeros_like(b.xyz)
    half[:-1] = (b.xyz[1:] - b.xyz[:-1]) / 2
    size = _exact.dot(half, half)
    inv = np.where(size > 0, 1 / np.where(size > 0, size, 1), 0)
    return Packed(
        np.vstack([*b.levels, root]), np.concatenate(child), np.concatenate(count), b.first, b.last, b.row,
        b.xyz, b.lonlat, b.sag, inv, b.part, b.part_start, b.closed, b.kind == 1,
        b.frame.axes, b.frame.origin, b.frame.geocentre, rank,
    )  # fmt: skip


def _chunks(a: Pieces, b: Pieces, held: Pairs, rank: Ints, slack: Floats) -> Iterator[tuple[Ints, Any]]:
    """Points in runs, each put in the order of a space-filling curve: their rows, and what the loops ask of."""
    from regionmap.queries._loops import Asked

    order = np.lexsort((rank[held.b], held.a))
    held_a, held_b = held.a[order], held.b[order]
    low = a.xyz.min(axis=0)
    size = float((a.xyz.max(axis=0) - low).max()) + 1.0
    for begin in range(0, len(a.part_row), CHUNK):
        vertex = np.arange(begin, min(begin + CHUNK, len(a.part_row)))
        vertex = vertex[np.argsort(codes(a.xyz[vertex], low, size), kind="stable")]
        rows = a.part_row[vertex]
        first, last = np.searchsorted(held_a, rows), np.searchsorted(held_a, rows, side="right")
        start = np.concatenate([[0], np.cumsum(last - first)])
        nth = np.arange(start[-1]) - np.repeat(start[:-1] - first, last - first)
        yield rows, Asked(a.xyz[vertex], a.lonlat[vertex], slack[rows], start, held_b[nth])


def _room(size: int) -> Any:
    from regionmap.queries._loops import Out

    return Out(
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size),
        np.empty((size, 2)),
        np.empty(size, np.int8),
    )


def near(
    a: Pieces, b: Pieces, held: Pairs, rank: Ints, limit: float, slack_a: Floats, slack_b: Floats
) -> Iterator[Pairs]:
    """Pairs with metres - slack <= limit, sorted, in batches of whole rows of `a`. All slacks are finite."""
    from regionmap.queries._loops import near_loop

    pack, widest = packed(b, rank), float(slack_b.max(initial=0))
    out = _room(max(ROOM, 2 * len(b.kind)))
    for rows, asked in _chunks(a, b, held, rank, slack_a):
        begin, batches = 0, []
        while begin < len(rows):
            begin, used = near_loop(begin, pack, asked, limit, slack_b, widest, out)
            batches.append(Pairs(rows[out.a[:used]], *(field[:used].copy() for field in out[1:])))
        yield _ordered(batches, rank)


def nearest(a: Pieces, b: Pieces, held: Pairs, rank: Ints, k: int, limit: float) -> Iterator[Pairs]:
    """The k nearest rows of every point, sorted, in batches."""
    from regionmap.queries._loops import nearest_loop

    pack, slack = packed(b, rank), np.zeros(len(a.kind))
    k = min(k, len(np.unique(b.row)))
    out = _room(min(CHUNK, len(a.part_row)) * k)
    for rows, asked in _chunks(a, b, held, rank, slack):
        used = nearest_loop(pack, asked, k, min(limit, 3e7), out)
        yield _ordered([Pairs(rows[out.a[:used]], *(field[:used].copy() for field in out[1:]))], rank)


def _ordered(batches: list[Pairs], rank: Ints) -> Pairs:
    """Batches joined and brought back to the order of rows; far distances measured exactly."""
    found = (
        batches[0] if len(batches) == 1 else Pairs(*(np.concatenate(f) for f in zip(*batches, strict=True)))
    )
    order = np.argsort(found.a, kind="stable")
    return Pairs(*(field[order] for field in found))


def measure_far(pairs: Pairs, lonlat: Floats) -> Pairs:
    """Distances beyond FAR_M by GeographicLib. `lonlat`: of the rows of `a`."""
    far = np.flatnonzero(pairs.metres > _exact.FAR_M)
    if len(far):
        pairs.metres[far] = np.round(crs.distance_m(*lonlat[pairs.a[far]].T, *pairs.lonlat[far].T), 6)
    return pairs
