"""`nearest` compiled by Numba: the nearest rows of points. The extra `fast`; see `_fast`."""

from __future__ import annotations

from typing import Any

import numpy as np

from regionmap.queries._kernels import bend, chord, jit, scan
from regionmap.queries._lists import offer


@jit
def nearest_loop(b: Any, asked: Any, k: int, limit: float, piece_max: int, found: Any) -> int:
    """Fill `found` with the k nearest rows of every point and their nearest segments, in the order of the points.

    Points that follow each other should be neighbours: each begins with the piece that answered the last.
    Of rows equally far (to 1e-6 m) the lower rank is taken. What holds a point has the segment -1. Returns how many.
    """
    first, last, row, rank = b.first, b.last, b.row, b.rank
    xs, ys, zs, sag, inv, boxes, axes = b.x, b.y, b.z, b.sag, b.inv, b.boxes, b.axes
    gx, gy, gz = b.geocentre[0], b.geocentre[1], b.geocentre[2]
    px, py, pz = axes[0, 2], axes[1, 2], axes[2, 2]
    xyz, held_start, held = asked.xyz, asked.held_start, asked.held
    point, to, vertex = found
    child, count, capsule = b.child, b.count, b.capsule
    used, recent, root = 0, 0, len(child) - 1
    best, rows, where, squares = np.empty(k), np.empty(k, np.int64), np.empty(k, np.int64), np.empty(piece_max)
    stack, lows, gaps = np.empty(8 * 24, np.int64), np.empty(8 * 24), np.empty(8)
    for p in range(len(held_start) - 1):
        x, y, z = xyz[p, 0], xyz[p, 1], xyz[p, 2]
        tx, ty, tz, prime, more = bend(gx, gy, gz, px, py, pz, x, y, z)
        have = 0
        worst = (limit + 0.01) ** 2
        for h in range(held_start[p], held_start[p + 1]):
            have = offer(rank, best, rows, where, have, k, 0.0, held[h], -1)
        stack[0], lows[0] = -1 - recent, 0.0
        stack[1], lows[1], height = root, 0.0, 2
        stack[0], stack[1] = stack[1], stack[0]
        while height:
            height -= 1
            node = stack[height]
            if have == k:
                worst = min(worst, best[k - 1])
            slack = worst + 2e-6 * np.sqrt(worst) + 1e-9
            if lows[height] > slack:
                continue
            if node < 0:
                piece = -1 - node
                s2, at = scan(
                    xs, ys, zs, sag, inv, first[piece], last[piece], x, y, z, tx, ty, tz, prime, more, squares
                )
                if s2 <= slack:
                    have = offer(rank, best, rows, where, have, k, s2, row[piece], at)
                    if where[0] == at and best[0] == s2:
                        recent = piece
                continue
            leaf = child[node, 0] < 0
            for n in range(count[node] if leaf else 0):
                c = -1 - child[node, n]
                away = chord(
                    capsule[0, c],
                    capsule[1, c],
                    capsule[2, c],
                    capsule[3, c],
                    capsule[4, c],
                    capsule[5, c],
                    x,
                    y,
                    z,
                )
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
        for h in range(have):
            point[used], to[used], vertex[used] = p, rows[h], where[h]
            used += 1
    return used
