"""`nearest` compiled by Numba: the nearest rows of points. The extra `fast`; see `_fast`.

Of a block of neighbouring points the middle one goes down the tree. How far it finds its rows bounds how far the
others can find theirs: they look only at the pieces that near.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from regionmap.queries._blocks import candidates, copy_capsules, reach_out
from regionmap.queries._kernels import bend, chord, jit, quick, scan
from regionmap.queries._lists import offer

BLOCK = 32
SHARED = 256
"""Pieces near a block from which each of its points goes down the tree by itself."""
WIDE_M = 100_000.0
"""The same for a block that is so wide: its chords are no bounds of distances any more."""


@jit
def descend(b: Any, asked: Any, p: int, k: int, limit: float, recent: int, lists: Any) -> tuple[int, int]:
    """Put the k nearest rows of one point into the lists, the nearest branch first; how many, and the nearest piece.

    recent : the piece that is looked at first, so that most of the tree is too far from the start.
    """
    best, rows, where, squares, stack, lows, gaps = lists
    boxes, child, count, capsule, first, last = b.boxes, b.child, b.count, b.capsule, b.first, b.last
    g, axes, held_start = b.geocentre, b.axes, asked.held_start
    x, y, z = asked.xyz[p, 0], asked.xyz[p, 1], asked.xyz[p, 2]
    tx, ty, tz, prime, more = bend(g[0], g[1], g[2], axes[0, 2], axes[1, 2], axes[2, 2], x, y, z)
    have, worst = 0, (limit + 0.01) ** 2
    for h in range(held_start[p], held_start[p + 1]):
        have = offer(b.rank, best, rows, where, have, k, 0.0, asked.held[h], -1)
    stack[0], lows[0] = len(child) - 1, 0.0
    stack[1], lows[1], height = -1 - recent, 0.0, 2
    while height:
        height -= 1
        node = stack[height]
        if have == k:
            worst = min(worst, best[k - 1])
        slack = worst + 2e-6 * np.sqrt(worst) + 1e-9
        if lows[height] > slack:
            continue
        if node < 0:
            c = -1 - node
            s2, at = scan(b.x, b.y, b.z, b.sag, b.inv, first[c], last[c], x, y, z, tx, ty, tz, prime, more, squares)
            if s2 <= slack:
                have = offer(b.rank, best, rows, where, have, k, s2, b.row[c], at)
                if where[0] == at and best[0] == s2:
                    recent = c
            continue
        leaf = child[node, 0] < 0
        for n in range(count[node] if leaf else 0):
            c = -1 - child[node, n]
            away = chord(
                capsule[0, c], capsule[1, c], capsule[2, c], capsule[3, c], capsule[4, c], capsule[5, c], x, y, z
            )  # fmt: skip
            gaps[n] = max(np.sqrt(away) - capsule[6, c], 0.0) ** 2
        for n in range(np.uint64(0 if leaf else 8)):
            dx = max(boxes[node, 0, n] - x, x - boxes[node, 3, n], 0.0)
            dy = max(boxes[node, 1, n] - y, y - boxes[node, 4, n], 0.0)
            dz = max(boxes[node, 2, n] - z, z - boxes[node, 5, n], 0.0)
            gaps[n] = dx * dx + dy * dy + dz * dz
        bottom = height
        for n in range(count[node]):
            if gaps[n] > slack:
                continue
            q = height  # farthest lowest, so that the nearest is taken next
            while q > bottom and lows[q - 1] < gaps[n]:
                lows[q], stack[q] = lows[q - 1], stack[q - 1]
                q -= 1
            lows[q], stack[q] = gaps[n], child[node, n]
            height += 1
    return have, recent


@quick
def choose(
    b: Any, asked: Any, block: int, stop: int, near: Any, k: int, limit: float, lists: Any, found: Any, used: int
) -> int:
    """Add the k nearest rows of the points of a block to `found`, all among the pieces near it; how many there are.

    near : the pieces, their capsules one after the other, room for distances.
    """
    shared, capsules, away = near
    best, rows, where, squares, _, _, _ = lists
    point, to, vertex = found
    xs, ys, zs, sag, inv, first, last, row, rank = b.x, b.y, b.z, b.sag, b.inv, b.first, b.last, b.row, b.rank
    g, axes, held_start, together = b.geocentre, b.axes, asked.held_start, len(shared)
    for p in range(block, stop):
        x, y, z = asked.xyz[p, 0], asked.xyz[p, 1], asked.xyz[p, 2]
        tx, ty, tz, prime, more = bend(g[0], g[1], g[2], axes[0, 2], axes[1, 2], axes[2, 2], x, y, z)
        have, worst = 0, (limit + 0.01) ** 2
        for h in range(held_start[p], held_start[p + 1]):
            have = offer(rank, best, rows, where, have, k, 0.0, asked.held[h], -1)
        reach_out(capsules, together, x, y, z, away)
        for h in range(together):
            away[h] = max(away[h] - capsules[6, h], 0.0)
        for _ in range(together):
            n = 0
            for h in range(1, together):
                n = h if away[h] < away[n] else n
            if have == k:
                worst = min(worst, best[k - 1])
            slack = worst + 2e-6 * np.sqrt(worst) + 1e-9
            if away[n] * away[n] > slack:
                break
            away[n], c = np.inf, shared[n]
            s2, at = scan(xs, ys, zs, sag, inv, first[c], last[c], x, y, z, tx, ty, tz, prime, more, squares)
            if s2 <= slack:
                have = offer(rank, best, rows, where, have, k, s2, row[c], at)
        for h in range(have):
            point[used], to[used], vertex[used] = p, rows[h], where[h]
            used += 1
    return used


@jit
def nearest_loop(b: Any, asked: Any, k: int, limit: float, piece_max: int, found: Any) -> int:
    """Fill `found` with the k nearest rows of every point and their nearest segments, in the order of the points.

    Points that follow each other should be neighbours. Of rows equally far (to 1e-6 m) the lower rank is taken. What
    holds a point has the segment -1. Returns how many.
    """
    xyz, points, pieces = asked.xyz, len(asked.held_start) - 1, len(b.first)
    best, rows, where = np.empty(k), np.empty(k, np.int64), np.empty(k, np.int64)
    lists = best, rows, where, np.empty(piece_max), np.empty(8 * 24, np.int64), np.empty(8 * 24), np.empty(8)
    shared, of, capsules, away = (
        np.empty(pieces, np.int64),
        np.empty(pieces, np.int64),
        np.empty((8, pieces)),
        np.empty(pieces),
    )
    point, to, vertex = found
    low, high = np.empty(3), np.empty(3)
    used, recent = 0, 0
    for block in range(0, points, BLOCK):
        stop = min(block + BLOCK, points)
        middle, wide = (block + stop) // 2, 0.0
        have, recent = descend(b, asked, middle, k, limit, recent, lists)
        for axis in range(3):
            low[axis], high[axis] = xyz[block:stop, axis].min(), xyz[block:stop, axis].max()
            wide += (high[axis] - low[axis]) ** 2
        wide = 1.001 * np.sqrt(wide) + 0.02  # no point is farther from the middle one
        reach = min(np.sqrt(best[k - 1]) + wide if have == k else limit, limit + 0.02)
        together = SHARED + 1 if wide > WIDE_M else candidates(b, low, high, reach, shared)
        if together <= SHARED:
            copy_capsules(b, shared[:together], capsules, of)
            near = shared[:together], capsules, away
            used = choose(b, asked, block, stop, near, k, limit, lists, found, used)
            continue
        for p in range(block, stop):
            have, recent = descend(b, asked, p, k, limit, recent, lists)
            for h in range(have):
                point[used], to[used], vertex[used] = p, rows[h], where[h]
                used += 1
    return used
