"""Pairs of rows of two read frames: within a distance, or the nearest. Chooses between `_search` and `_fast`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from regionmap.progress import task
from regionmap.queries import _fast, _frames
from regionmap.queries._frames import Read
from regionmap.queries._inside import inside
from regionmap.queries._pieces import Floats, Ints, Pieces
from regionmap.queries._search import Pairs, ceiling, only_row, search

LONG = 4
"""Pieces a row from which the distances to all rows are asked row by row."""


def within(one: Read, two: Read, limit: float) -> Iterator[Pairs]:
    """Pairs with metres - accuracies <= limit, sorted by row, distance, label, in batches of whole rows.

    The batches follow each other in the order of the rows of `one`.
    """
    yield from _told(_within_any(one, two, limit), len(one.shapes))


def _told(batches: Iterable[Pairs], rows: int) -> Iterator[Pairs]:
    """The batches; whoever listens is told how many of the rows are done."""
    with task("measuring distances", rows) as advance:
        at = 0
        for found in batches:
            yield found
            stop = int(found.a.max()) + 1 if len(found.a) else at
            advance(stop - at)
            at = stop
        advance(rows - at)


def _within_any(one: Read, two: Read, limit: float) -> Iterator[Pairs]:
    a, b = _frames.pieces(one, two)
    rank = _frames.label_rank(two.frame.index)
    held = _held(one, two, a, b)
    known = np.isfinite(one.accuracy_m)
    reach = limit + float(one.accuracy_m[known].max(initial=0)) + float(two.accuracy_m.max(initial=0))
    if not _fast.suits(a, b, reach):
        yield from _within(a, b, held, rank, one, two, limit)
        return
    rest = nothing()
    if not known.all():  # few, mostly: they are paired with everything
        (a, few), whole = _parted(a, one, known), held
        held, own = only(whole, known[whole.a]), only(whole, ~known[whole.a])
        rest = join([rest, *_within(few, b, own, rank, one, two, limit)])
    at = 0
    for found in _fast.near(a, b, held, rank, limit, one.accuracy_m, two.accuracy_m):
        again = _fast.measure_far(found, a)
        stop = int(found.a.max()) + 1 if len(found.a) else at
        here = only(rest, (rest.a >= at) & (rest.a < stop))
        yield sort(join([found, here]), rank) if again or len(here.a) else found
        at = stop
    yield only(rest, rest.a >= at)


def _within(a: Pieces, b: Pieces, held: Pairs, rank: Ints, one: Read, two: Read, limit: float) -> Iterator[Pairs]:
    for found in _all(a, b, held, limit + one.accuracy_m, two.accuracy_m):
        slack = one.accuracy_m[found.a] + two.accuracy_m[found.b]
        yield sort(only(found, found.metres - slack <= limit), rank)


def _parted(a: Pieces, one: Read, known: Any) -> tuple[Pieces, ...]:
    """The pieces of the rows that are known, and of the others."""
    return _frames.unindexed(a.frame, *(np.where(chosen, one.shapes, None) for chosen in (known, ~known)))


def nearest(one: Read, two: Read, k: int, limit: float) -> Pairs:
    """The k nearest rows of `two` within the limit of every row of `one`, sorted."""
    a, b = _frames.pieces(one, two)
    rank = _frames.label_rank(two.frame.index)
    held = _held(one, two, a, b)
    if not _fast.suits(a, b, 0.0):
        return _nearest(a, b, held, rank, k, limit)
    found = join(list(_told(_fast.nearest(a, b, held, rank, k, limit), len(one.shapes))))
    if (found.metres > _fast.WIDEST_M).any():  # too far for the loops' order: these rows again
        near = np.ones(len(one.shapes), bool)
        near[found.a[found.metres > _fast.WIDEST_M]] = False
        a, few = _parted(a, one, near)
        rest = _nearest(few, b, only(held, ~near[held.a]), rank, k, limit)
        found = only(found, near[found.a])
        _fast.measure_far(found, a)
        return sort(join([found, rest]), rank)
    return sort(found, rank) if _fast.measure_far(found, a) else found


def _nearest(a: Pieces, b: Pieces, held: Pairs, rank: Ints, k: int, limit: float) -> Pairs:
    rows = np.unique(b.row)
    if 1 < len(rows) <= k and len(b.first) > LONG * len(rows):
        return _every(a, b, held, rank, limit, rows)
    reach = np.minimum(ceiling(a, b, k), limit)
    kept = [nothing()]
    for found in _all(a, b, held, reach, np.zeros(len(b.kind)), k):
        found = sort(only(found, found.metres <= limit), rank)
        first = np.flatnonzero(np.r_[True, found.a[1:] != found.a[:-1]]) if len(found.a) else found.a
        nth = np.arange(len(found.a)) - np.repeat(first, np.diff(np.r_[first, len(found.a)]))
        kept.append(only(found, nth < k))
    return sort(join(kept), rank)


def _every(a: Pieces, b: Pieces, held: Pairs, rank: Ints, limit: float, rows: Ints) -> Pairs:
    """The distances to all rows of `b`: one row after the other, each with a tree of its own."""
    alone = (only_row(b, row) for row in rows)
    found = [_nearest(a, one, only(held, held.b == one.row[0]), rank, 1, limit) for one in alone]
    return sort(join(found), rank)


def _all(a: Pieces, b: Pieces, held: Pairs, reach_a: Floats, reach_b: Floats, k: int = 0) -> Iterator[Pairs]:
    """Pairs within reach, those inside a polygon (distance 0) included, in batches of whole rows of `a`."""
    at = 0
    for found in search(a, b, reach_a, reach_b, held.a * len(b.kind) + held.b, k):
        stop = int(found.a.max()) + 1
        yield join([found, only(held, (held.a >= at) & (held.a < stop))])
        at = stop
    rest = only(held, held.a >= at)
    if len(rest.a):
        yield rest


def _held(one: Read, two: Read, a: Pieces, b: Pieces) -> Pairs:
    """Pairs of which a part of one begins inside a polygon of the other; the nearest point is that beginning."""
    if max(a.kind.max(initial=0), b.kind.max(initial=0)) < 2:
        return nothing()
    va, vb = a.part_start[:-1], b.part_start[:-1]
    at, row_b = inside(a.lonlat[va], two.shapes)
    to, row_a = inside(b.lonlat[vb], one.shapes)
    rows = np.concatenate([a.part_row[at], row_a]), np.concatenate([row_b, b.part_row[to]])
    vertex = np.concatenate([b.part_start[np.searchsorted(b.part_row, row_b)], vb[to]])
    spots = np.vstack([a.lonlat[va[at]], b.lonlat[vb[to]]])
    _, first = np.unique(rows[0] * max(len(b.kind), 1) + rows[1], return_index=True)
    row_a, row_b = rows[0][first], rows[1][first]
    side = np.where(b.kind[row_b] == 1, 0, 2).astype(np.int8)
    return Pairs(row_a, row_b, np.zeros(len(first)), spots[first], side, vertex[first].astype(float))


def only(pairs: Pairs, chosen: Any) -> Pairs:
    """Some of the pairs."""
    return Pairs(*(field[chosen] for field in pairs))


def join(batches: list[Pairs]) -> Pairs:
    """Batches as one."""
    return batches[0] if len(batches) == 1 else Pairs(*(np.concatenate(f) for f in zip(*batches, strict=True)))


def nothing() -> Pairs:
    """No pair."""
    none = np.empty(0, np.int64)
    return Pairs(none, none, np.empty(0), np.empty((0, 2)), np.empty(0, np.int8), np.empty(0))


def sort(pairs: Pairs, rank: Ints) -> Pairs:
    """By row of `a`, then distance, then label of `b`."""
    return only(pairs, np.lexsort((rank[pairs.b], pairs.metres, pairs.a)))


def fill(pairs: Pairs, rows: int) -> Pairs:
    """Sorted pairs with a pair of its own, b = -1 and no number, for each row of `a` that is in none."""
    alone = np.ones(rows, bool)
    alone[pairs.a] = False
    gone = np.flatnonzero(alone)
    if not len(gone):
        return pairs
    n, nan = len(gone), np.full(len(gone), np.nan)
    empty = Pairs(gone, np.full(n, -1), nan, np.full((n, 2), np.nan), np.full(n, 2, np.int8), nan)
    both = join([pairs, empty])
    return only(both, np.argsort(both.a, kind="stable"))
