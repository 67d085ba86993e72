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
from regionmap.queries._pieces import FANOUT, PIECE, Floats, Ints, Pieces
from regionmap.queries._search import Pairs

FAST_FROM = 20_000
"""Points from which the compiled loops are worth their loading."""
WIDEST_M = 800_000.0
"""Beyond this reach and width of the data the loops' order of distances is not exact enough."""
CHUNK = 1 << 20
"""Points put in the order of the curve together: the more, the nearer to each other are those of a block."""
ROOM = 1 << 24
"""Pairs found at a time, of 12 bytes each."""
BATCH = 1 << 20
"""Pairs measured and handed on at a time: arrays that the allocator gives again without asking the system."""


def suits(a: Pieces, b: Pieces, reach_m: float) -> bool:
    """Whether the loops may answer: Numba is there, `a` is many single points, and nothing is too far."""
    if len(a.first) < FAST_FROM or not len(b.first) or (a.last > a.first).any():
        return False
    if (a.part_row[1:] == a.part_row[:-1]).any() or find_spec("numba") is None:
        return False
    low, high = b.levels[-1][:, :3].min(axis=0), b.levels[-1][:, 3:].max(axis=0)
    sides = [max(v.max(), h) - min(v.min(), w) for v, w, h in zip(a.xyz.T, low, high, strict=True)]
    width = float(np.linalg.norm(sides))
    return min(reach_m, width) <= WIDEST_M


def packed(b: Pieces, rank: Ints) -> Any:
    """The pieces as the kernels read them."""
    from regionmap.queries._kernels import Packed

    levels = b.levels
    if len(levels) == 1 or len(levels[-1]) > 1:  # one root above the top
        low, high = levels[-1][:, :3].min(axis=0), levels[-1][:, 3:].max(axis=0)
        levels = (*levels, np.hstack([low, high])[None])
    boxes, child, count, base = [], [], [], 0
    for depth in range(1, len(levels)):  # nodes of a level, with the boxes of their children one level below
        n, below = len(levels[depth]), len(levels[depth - 1])
        ids = np.arange(n * FANOUT)
        real = ids < below
        box = np.where(real[:, None], levels[depth - 1][np.minimum(ids, below - 1)], np.inf)
        boxes.append(box.reshape(n, FANOUT, 6).transpose(0, 2, 1))
        child.append(np.where(real, -1 - ids if depth == 1 else base - len(levels[depth - 1]) + ids, 0))
        count.append(real.reshape(n, FANOUT).sum(axis=1))
        base += n
    x, y, z = np.ascontiguousarray(b.xyz.T)
    capsule = np.stack([*(v[i] for i in (b.first, b.last) for v in (x, y, z)), b.stray])
    by_vertex = np.argsort(b.first)
    rise = np.empty(len(b.first))
    rise[by_vertex] = np.maximum.reduceat(b.sag, b.first[by_vertex])
    return Packed(
        np.ascontiguousarray(np.concatenate(boxes)), np.concatenate(child).reshape(-1, FANOUT),
        np.concatenate(count), b.first, b.last, b.row, capsule, rise, x, y, z, b.lonlat, b.sag, b.inverse,
        b.part, b.part_start, b.closed, b.kind == 1, b.frame.axes, b.frame.origin, b.frame.geocentre, rank,
    )  # fmt: skip


def _asked(a: Pieces, held: Pairs, begin: int, stop: int, slack: Floats) -> tuple[Ints, Ints, Any]:
    """Points begin..stop in the order of a space-filling curve: their rows, their order by row, what is asked of.

    held : sorted by row, then label.
    """
    from regionmap.queries._lists import Asked, hilbert

    vertex = np.argsort(hilbert(a.xyz[begin:stop]))
    order = np.empty(stop - begin, np.int64)
    order[vertex] = np.arange(stop - begin)
    vertex += begin
    rows = a.part_row[vertex]
    start, holding = np.zeros(len(rows) + 1, np.int64), held.b
    if len(held.a):
        first, last = np.searchsorted(held.a, rows), np.searchsorted(held.a, rows, side="right")
        np.cumsum(last - first, out=start[1:])
        holding = held.b[np.arange(start[-1]) - np.repeat(start[:-1] - first, last - first)]
    return rows, order, Asked(a.xyz[vertex], a.lonlat[vertex], slack[rows], start, holding)


def _by_row(held: Pairs, rank: Ints) -> Pairs:
    order: Any = np.lexsort((rank[held.b], held.a))
    return Pairs(*(field[order] for field in held))


def _room(size: int) -> Any:
    from regionmap.queries._lists import Out

    ints = np.empty(size, np.int64), np.empty(size, np.int64)
    return Out(*ints, np.empty(size), np.empty((size, 2)), np.empty(size, np.int8), np.empty(size))


def near(
    a: Pieces, b: Pieces, held: Pairs, rank: Ints, limit: float, slack_a: Floats, slack_b: Floats
) -> Iterator[Pairs]:
    """Pairs with metres - slack <= limit, sorted, in batches of whole rows of `a`. All slacks are finite."""
    from regionmap.queries._blocks import BLOCK, near_loop

    pack, widest, held = packed(b, rank), float(slack_b.max(initial=0)), _by_row(held, rank)
    found = _found(max(ROOM, BLOCK * len(b.kind)))
    at, size = 0, -(-CHUNK // 256)  # few, to see how many pairs a point has
    while at < len(a.part_row):
        rows, order, asked = _asked(a, held, at, min(at + size, len(a.part_row)), slack_a)
        begin = used = 0
        while begin < len(rows):
            if used:  # more than was reckoned with
                found = tuple(np.concatenate([old, new]) for old, new in zip(found, _found(len(found[0])), strict=True))
            begin, used = near_loop(begin, pack, asked, limit, slack_b, widest, found, used)
        yield from _measured(pack, asked, tuple(field[:used] for field in found), rows, order, limit, slack_b)
        at += len(rows)
        # as many points next as will find what half the room holds: memory stays bounded
        size = int(np.clip(ROOM / 2 * len(rows) / max(used, 1), 256, CHUNK))


def nearest(a: Pieces, b: Pieces, held: Pairs, rank: Ints, k: int, limit: float) -> Iterator[Pairs]:
    """The k nearest rows of every point, sorted, in batches."""
    from regionmap.queries._loops import nearest_loop

    pack, slack, held = packed(b, rank), np.zeros(max(len(a.kind), len(b.kind))), _by_row(held, rank)
    k = min(k, int((b.kind >= 0).sum()))
    size = max(min(CHUNK, ROOM // k, len(a.part_row)), 1)
    found = _found(size * k)
    for at in range(0, len(a.part_row), size):
        rows, order, asked = _asked(a, held, at, min(at + size, len(a.part_row)), slack)
        used = nearest_loop(pack, asked, k, min(limit, 3e7), PIECE, found)
        yield from _measured(pack, asked, tuple(field[:used] for field in found), rows, order, limit, slack)


def _found(size: int) -> Any:
    """Room for points, rows of `b` and vertices."""
    return tuple(np.empty(size, np.int32) for _ in range(3))


def _measured(
    pack: Any, asked: Any, found: Any, rows: Ints, order: Ints, limit: float, slack_b: Floats
) -> Iterator[Pairs]:
    """What was found in the order of the curve, measured, in the order of rows."""
    from regionmap.queries._lists import close_up
    from regionmap.queries._measure import finish_loop

    counts = np.bincount(found[0], minlength=len(rows))
    start = np.cumsum(counts) - counts
    ends = np.cumsum(counts[order])
    place = np.empty(len(rows), np.int64)
    place[order] = ends - counts[order]
    for some in np.split(order, np.flatnonzero(np.diff(ends // BATCH)) + 1):
        place[some] -= place[some[0]]
        size = int(counts[some].sum())
        some = np.sort(some)  # in the order of the curve again
        nth = np.arange(size) + np.repeat(start[some] - (np.cumsum(counts[some]) - counts[some]), counts[some])
        out = _room(size)
        if finish_loop(pack, asked, tuple(field[nth] for field in found), rows, place, counts, limit, slack_b, out):
            size = close_up(out)
        yield Pairs(*(field[:size] for field in out))


def measure_far(pairs: Pairs, a: Pieces) -> bool:
    """Measure what is beyond FAR_M by GeographicLib, in place; whether there was any."""
    far = np.flatnonzero(pairs.metres > _exact.FAR_M)
    if len(far):
        points = a.lonlat[np.searchsorted(a.part_row, pairs.a[far])]
        pairs.metres[far] = np.round(crs.distance_m(*points.T, *pairs.lonlat[far].T), 6)
    return bool(len(far))
