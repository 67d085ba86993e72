"""From the tree to pairs: every pair of rows within reach, each with its nearest points. Plain NumPy.

The tree proposes pairs of pieces, bounds throw most of them away, and `_exact` measures the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regionmap.queries import _exact
from regionmap.queries._pieces import FANOUT, MAX_SEGMENT_M, Floats, Ints, Pieces, chord2, codes, from_frame, tree

BATCH = 1_000_000
"""Pairs of boxes looked at at a time: what bounds the memory."""
SLICE = 1 << 15
"""Pairs of segments measured at a time: what fits a core's cache."""


class Pairs(NamedTuple):
    """Pairs of rows of `a` and `b` with the nearest point on `b`; `side` 1 left, 0 on, -1 right, 2 none.

    `place` is that point along the vertices of `b`: 7.25 is a quarter of the way from vertex 7 to 8.
    """

    a: Ints
    b: Ints
    metres: Floats
    lonlat: Floats
    side: NDArray[np.int8]
    place: Floats


def gap2(u: Floats, q: Ints, v: Floats, node: Ints) -> Floats:
    """Squared gap of boxes u[q] and v[node], both given by columns: shape (6, n)."""
    out = np.zeros(len(q))
    for axis in range(3):
        gap = np.maximum(v[axis][node] - u[axis + 3][q], u[axis][q] - v[axis + 3][node])
        np.maximum(gap, 0, out=gap)
        out += gap * gap
    return out


def descend(boxes: Floats, reach: Floats, pieces: Pieces, may_stop: bool = False) -> tuple[Ints, Ints, Floats]:
    """Pairs (box, piece) whose boxes are within reach of each other, and their squared gap.

    With `may_stop` it gives up, more than BATCH pairs in hand, for the caller to ask for less.
    """
    top = pieces.levels[-1]
    q = np.repeat(np.arange(len(boxes)), len(top))
    node = np.tile(np.arange(len(top)), len(boxes))
    square, asked = reach * reach, np.ascontiguousarray(boxes.T)
    for depth in range(len(pieces.levels) - 1, -1, -1):
        low = gap2(asked, q, np.ascontiguousarray(pieces.levels[depth].T), node)
        keep = low <= square[q]
        q, node, low = q[keep], node[keep], low[keep]
        if may_stop and len(q) > BATCH:
            break
        if depth:
            below = len(pieces.levels[depth - 1])
            q = np.repeat(q, FANOUT)
            node = (node[:, None] * FANOUT + np.arange(FANOUT)).ravel()
            real = node < below
            q, node = q[real], node[real]
    return q, node, low


def only_row(pieces: Pieces, row: int) -> Pieces:
    """The same pieces with a tree over those of one row."""
    mine = np.flatnonzero(pieces.row == row)
    return pieces._replace(
        first=pieces.first[mine], last=pieces.last[mine], row=pieces.row[mine], stray=pieces.stray[mine],
        levels=tree(pieces.levels[0][mine]),
    )  # fmt: skip


def search(a: Pieces, b: Pieces, reach_a: Floats, reach_b: Floats, held: Ints, k: int = 0) -> Iterator[Pairs]:
    """All pairs of rows whose outlines are at most `reach_a[row] + reach_b[row]` metres apart, in batches.

    Every batch holds whole rows of `a`. What lies inside a polygon without touching its outline is not
    looked at here. Reaches may be infinite. Pairs in `held` (row of a * rows of b + row of b) are left out, and
    with `k` such as can't be among the `k` nearest of their row of `a`.
    """
    if not len(a.first) or not len(b.first):
        return
    order = np.argsort(a.row, kind="stable")
    rows = a.row[order]
    starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
    ends = np.r_[starts[1:], len(rows)]
    lines = bool((a.last > a.first).any())  # then vertices of b are measured against segments of a too
    bends = _exact.bend_at(a.frame, a.xyz), _exact.bend_at(b.frame, b.xyz if lines else b.xyz[:0])
    widest = float(reach_b.max(initial=0))
    size, at = 4096, 0
    while at < len(starts):
        stop = min(at + size, len(starts))
        chosen = order[starts[at] : ends[stop - 1]]
        q, piece, low = descend(a.levels[0][chosen], (reach_a + widest)[a.row[chosen]], b, stop - at > 1)
        if len(q) > BATCH and stop - at > 1:
            size = max(1, (stop - at) // 4)
            continue
        mine = chosen[q]
        keep = low <= (reach_a[a.row[mine]] + reach_b[b.row[piece]]) ** 2
        if len(held):
            keep &= ~np.isin(a.row[mine] * len(b.kind) + b.row[piece], held)
        if keep.any():
            yield _measure(a, b, bends, mine[keep], piece[keep], low[keep], k)
        at, size = stop, size + size // 2


class _Best(NamedTuple):
    """The nearest (vertex, segment) so far of each pair; way 0: vertex of a, 1: vertex of b, 2: they cross."""

    metres: Floats
    way: NDArray[np.int8]
    vertex: Ints
    i: Ints
    j: Ints


def _measure(
    a: Pieces, b: Pieces, bends: tuple[_exact.Bend, _exact.Bend], mine: Ints, other: Ints, low: Floats, k: int
) -> Pairs:
    keys, key = np.unique(a.row[mine] * len(b.kind) + b.row[other], return_inverse=True)
    # a piece stays within `stray` of the chord between its ends, and every place of the chord has some of it near
    away = np.sqrt(chord2(a.xyz[a.first[mine]], b.xyz[b.first[other]], b.xyz[b.last[other]]))
    upper = np.full(len(keys), np.inf)
    np.minimum.at(upper, key, (away + b.stray[other]) ** 2)
    alone = a.first[mine] == a.last[mine]
    low = np.where(alone, np.maximum(low, np.maximum(away - b.stray[other], 0) ** 2), low)
    bound = (_kth(keys // len(b.kind), upper, k) if k else upper)[key]
    # chords over long distances the ellipsoid may order otherwise by a little
    keep = low <= bound * (1 + 0.01 * bound * _exact.MEAN_CURVATURE**2) + 1e-3
    mine, other, low = mine[keep], other[keep], low[keep]
    left, key = np.unique(key[keep], return_inverse=True)
    keys, n = keys[left], len(left)
    zeros = [np.zeros(n, np.int64) for _ in range(3)]
    best = _Best(np.full(n, np.inf), np.zeros(n, np.int8), *zeros)
    wide = a.last[mine] > a.first[mine]
    touch = wide & (low == 0) & (b.last[other] > b.first[other])
    _crossings(best, a, b, mine[touch], other[touch], key[touch])
    apart = np.isinf(best.metres)[key]  # what crosses is measured
    mine, other, key, wide = mine[apart], other[apart], key[apart], wide[apart]
    _vertices_to_segments(best, 0, a, b, bends[0], mine, other, key)
    _vertices_to_segments(best, 1, b, a, bends[1], other[wide], mine[wide], key[wide])
    return _finish(a, b, keys, best)


def _kth(row: Ints, upper: Floats, k: int) -> Floats:
    """For each pair its bound or the k-th least of its row, which is less (rows stand together)."""
    starts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
    count = np.diff(np.r_[starts, len(row)])
    ranked = upper[np.lexsort((upper, row))]
    kth = np.where(count >= k, ranked[np.minimum(starts + k, len(row)) - 1], np.inf)
    return np.minimum(upper, np.repeat(kth, count))


def _slices(count: Ints) -> Iterator[slice]:
    """Runs of rows whose counts add up to about SLICE."""
    total = np.cumsum(count)
    at = 0
    while at < len(count):
        base = total[at - 1] if at else 0
        stop = max(int(np.searchsorted(total, base + SLICE, side="right")), at + 1)
        yield slice(at, stop)
        at = stop


def _product(count_one: Ints, count_two: Ints) -> tuple[Ints, Ints, Ints]:
    """For each row all pairs (u, v) with u < count_one, v < count_two: row, u, v."""
    count = count_one * count_two
    row = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, nth // count_two[row], nth % count_two[row]


def _vertices_to_segments(
    best: _Best, way: int, p: Pieces, s: Pieces, bend: _exact.Bend, one: Ints, two: Ints, key: Ints
) -> None:
    """Measure every vertex of pieces `one` of `p` against every segment of pieces `two` of `s`."""
    vertices = p.last[one] - p.first[one] + 1
    segments = np.maximum(s.last[two] - s.first[two], 1)
    for part in _slices(vertices * segments):
        row, u, w = _product(vertices[part], segments[part])
        v, i = p.first[one[part]][row] + u, s.first[two[part]][row] + w
        j = np.minimum(i + 1, s.last[two[part]][row])
        metres = _exact.rough_m(p.xyz[v], s, i, j, (bend[0][v], bend[1][v], bend[2][v]))
        _keep(best, way, key[part][row], metres, v, i, j)


def _keep(best: _Best, way: int, key: Ints, metres: Floats, v: Ints, i: Ints, j: Ints) -> None:
    before = best.metres[key]
    np.minimum.at(best.metres, key, metres)
    # of places equally far the first along the row: it is written last
    won = np.flatnonzero((metres == best.metres[key]) & ((metres < before) | (i < best.i[key])))
    won = won[np.argsort(-i[won], kind="stable")]
    k = key[won]
    best.way[k], best.vertex[k], best.i[k], best.j[k] = way, v[won], i[won], j[won]


def _crossings(best: _Best, a: Pieces, b: Pieces, one: Ints, two: Ints, key: Ints) -> None:
    """Mark the pairs whose segments cross: each segment's ends lie on both sides of the other's plane."""
    of_a, of_b = a.last[one] - a.first[one], b.last[two] - b.first[two]
    for part in _slices(of_a * of_b):
        row, u, w = _product(of_a[part], of_b[part])
        v, i = a.first[one[part]][row] + u, b.first[two[part]][row] + w
        a0, a1 = a.xyz[v] - a.frame.geocentre, a.xyz[v + 1] - a.frame.geocentre
        b0, b1 = b.xyz[i] - b.frame.geocentre, b.xyz[i + 1] - b.frame.geocentre
        n, m = np.cross(a0, a1 - a0), np.cross(b0, b1 - b0)
        apart = (_exact.dot(n, b0 - a0) * _exact.dot(n, b1 - a0) > 0) | (
            _exact.dot(m, a0 - b0) * _exact.dot(m, a1 - b0) > 0
        )
        level = (_exact.dot(n, n) == 0) | (_exact.dot(m, m) == 0)
        d = a0 - b0
        near = _exact.dot(d, d) < (4 * MAX_SEGMENT_M) ** 2
        parallel = _exact.dot(np.cross(n, m), a0) == 0
        found = ~apart & ~level & near & ~parallel
        _keep(best, 2, key[part][row[found]], np.full(found.sum(), -1.0), v[found], i[found], i[found] + 1)


def _finish(a: Pieces, b: Pieces, keys: Ints, best: _Best) -> Pairs:
    """Exact distances, nearest points and sides of the pairs chosen."""
    n = len(keys)
    row_a, row_b = np.divmod(keys, len(b.kind))
    metres, lonlat, side, place = np.zeros(n), np.empty((n, 2)), np.zeros(n, np.int8), np.zeros(n)
    k = np.flatnonzero(best.way == 0)
    v, i, j = best.vertex[k], best.i[k], best.j[k]
    found = _exact.foot(a.xyz[v], a.lonlat[v], b, i, j)
    metres[k], lonlat[k], place[k] = found.metres, found.lonlat, i + (1 + found.at) / 2 * (j > i)
    side[k] = _exact.side_of(a.xyz[v], b, i, j, found.at, found.local, found.metres)
    k = np.flatnonzero(best.way == 1)
    v, i, j = best.vertex[k], best.i[k], best.j[k]
    found = _exact.foot(b.xyz[v], b.lonlat[v], a, i, j)
    metres[k], lonlat[k], place[k] = found.metres, b.lonlat[v], v
    after, before = _exact.neighbour(b, v, 1), _exact.neighbour(b, v, -1)
    one, two = np.where(after >= 0, v, np.maximum(before, 0)), np.where(after >= 0, after, v)
    end = np.where(after >= 0, -1.0, 1.0)
    side[k] = _exact.side_of(found.local, b, one, two, end, b.xyz[v], found.metres)
    k = np.flatnonzero(best.way == 2)
    v, i = best.vertex[k], best.i[k]
    lonlat[k] = _meeting(a, v, b, i)[0]
    place[k] = i + _meeting(b, i, a, v)[1]
    side[b.kind[row_b] != 1] = 2
    return Pairs(row_a, row_b, metres, lonlat, side, place)


def _meeting(a: Pieces, v: Ints, b: Pieces, i: Ints) -> tuple[Floats, Floats]:
    """Where segment v of a crosses segment i of b: degrees, and the share of segment v before it."""
    a0, a1 = a.xyz[v], a.xyz[v + 1]
    m = np.cross(b.xyz[i] - b.frame.geocentre, b.xyz[i + 1] - b.xyz[i])
    high, low = _exact.dot(m, a0 - b.xyz[i]), _exact.dot(m, a1 - b.xyz[i])
    t = high / np.where(high == low, 1, high - low)
    return from_frame(a.frame, a0 + t[:, None] * (a1 - a0)), t


def ceiling(a: Pieces, b: Pieces, k: int) -> Floats:
    """For each row of `a` a distance in metres within which at least `k` rows of `b` lie (inf: fewer exist)."""
    out = np.full(len(a.kind), np.inf)
    rows, where = np.unique(b.row, return_index=True)
    if len(rows) < k or not len(a.first):
        return out
    _, first = np.unique(a.row, return_index=True)
    mine = a.xyz[a.first[first]]
    chord = np.full(len(first), np.inf)
    if k > 1:  # the pieces about a place may be of fewer rows: one place of every row too
        chord = _kth_chord(mine, b.xyz[b.first[where]], rows, k, 2 * k)
    if k <= 32:
        chord = np.minimum(chord, _kth_chord(mine, b.xyz[b.first], b.row, k, 8 * k))
    # no geodesic on the ellipsoid is longer than the chord bent at its strongest curvature
    out[a.row[first]] = 2 * 6.4e6 * np.arcsin(np.minimum(1, chord / (2 * 6.33e6))) + 1e-3
    return out


def _kth_chord(mine: Floats, spots: Floats, row: Ints, k: int, window: int) -> Floats:
    """From each place the chord to the k-th nearest row of some spots about it on the space-filling curve."""
    low = np.minimum(spots.min(axis=0), mine.min(axis=0))
    size = float((np.maximum(spots.max(axis=0), mine.max(axis=0)) - low).max()) + 1.0
    curve = codes(spots, low, size)
    order = np.argsort(curve, kind="stable")
    window = min(max(window, 32), len(spots))
    middle = np.searchsorted(curve[order], codes(mine, low, size)) - window // 2
    picks = order[np.clip(middle, 0, len(spots) - window)[:, None] + np.arange(window)]
    v = mine[:, None, :] - spots[picks]
    square = np.einsum("ijk,ijk->ij", v, v)
    if k > 1:  # each row once
        ranked = np.lexsort((square, row[picks]), axis=1)
        square, of = np.take_along_axis(square, ranked, 1), np.take_along_axis(row[picks], ranked, 1)
        square[:, 1:][of[:, 1:] == of[:, :-1]] = np.inf
    return np.asarray(np.sqrt(np.partition(square, k - 1, axis=1)[:, k - 1]))
