"""The searches of `_search` compiled by Numba: points against pieces. The extra `fast`; see `_fast`."""

from __future__ import annotations

from typing import Any

import numpy as np

from regionmap.queries._kernels import KAPPA, bend, chord, finish, jit, scan
from regionmap.queries._lists import insert, offer

BLOCK = 32
"""Points that follow each other on the curve and share one descent of the tree."""


@jit
def candidates(b: Any, low: Any, high: Any, reach: float, found: Any) -> int:
    """Pieces whose boxes are within reach of the box low..high, in the order of their rows; how many."""
    boxes, child, count = b.boxes, b.child, b.count
    stack = np.empty(8 * 24, np.int64)
    stack[0], height, have = len(child) - 1, 1, 0
    while height:
        height -= 1
        node = stack[height]
        for n in range(count[node]):
            gap = 0.0
            for axis in range(3):
                d = max(boxes[node, axis, n] - high[axis], low[axis] - boxes[node, axis + 3, n], 0.0)
                gap += d * d
            if gap > reach * reach:
                continue
            c = child[node, n]
            if c >= 0:
                stack[height] = c
                height += 1
            else:
                found[have] = -1 - c
                have += 1
    order = np.argsort(b.row[found[:have]], kind="mergesort")
    found[:have] = found[:have][order]
    return have


@jit
def near_loop(
    begin: int, b: Any, asked: Any, limit: float, slack_b: Any, widest: float, piece_max: int, out: Any
) -> tuple[int, int]:
    """Fill `out` with the sorted pairs of points from `begin` on; return the next point and the pairs.

    It stops early where `out` might not hold the next block's pairs.
    """
    first, last, row, rank, directed = b.first, b.last, b.row, b.rank, b.directed
    xs, ys, zs, lonlat, sag, inv, capsule = b.x, b.y, b.z, b.lonlat, b.sag, b.inv, b.capsule
    part, start, closed, axes, origin = b.part, b.start, b.closed, b.axes, b.origin
    gx, gy, gz = b.geocentre[0], b.geocentre[1], b.geocentre[2]
    px, py, pz = axes[0, 2], axes[1, 2], axes[2, 2]
    xyz, slack_a, held_start, held, own_ll = (
        asked.xyz,
        asked.slack,
        asked.held_start,
        asked.held,
        asked.lonlat,
    )
    out_a, out_b, out_m, out_ll, out_side, out_place = (
        out.a,
        out.b,
        out.metres,
        out.lonlat,
        out.side,
        out.place,
    )
    rows, used, points = len(rank), 0, len(slack_a)
    picked, stamp = np.empty(len(first), np.int64), np.full(rows, -1, np.int64)
    found = np.empty(piece_max)
    box, gaps, uppers = np.empty((7, 64)), np.empty(64), np.empty(64)
    group = np.empty(rows + 1, np.int64)
    low, high = np.empty(3), np.empty(3)
    for block in range(begin, points, BLOCK):
        stop = min(block + BLOCK, points)
        if used + BLOCK * rows > len(out_a):
            return block, used
        reach = 0.0
        low[:], high[:] = xyz[block], xyz[block]
        for p in range(block, stop):
            reach = max(reach, limit + slack_a[p] + widest)
            for axis in range(3):
                low[axis], high[axis] = min(low[axis], xyz[p, axis]), max(high[axis], xyz[p, axis])
        have = candidates(b, low, high, reach, picked)
        if have > box.shape[1]:
            box, gaps, uppers = np.empty((7, 2 * have)), np.empty(2 * have), np.empty(2 * have)
        groups = 0
        for h in range(have):
            for run in range(7):
                box[run, h] = capsule[run, picked[h]]
            if h == 0 or row[picked[h]] != row[picked[h - 1]]:
                group[groups] = h
                groups += 1
        group[groups] = have
        for p in range(block, stop):
            x, y, z = xyz[p, 0], xyz[p, 1], xyz[p, 2]
            tx, ty, tz, prime, more = bend(gx, gy, gz, px, py, pz, x, y, z)
            opened, own = used, limit + slack_a[p]
            for h in range(held_start[p], held_start[p + 1]):
                r = held[h]
                stamp[r] = p
                out_a[used] = p
                insert(
                    out_b, out_m, out_ll, out_side, out_place, rank, opened, used,
                    r, 0.0, own_ll[p, 0], own_ll[p, 1], 2, -1.0,
                )  # fmt: skip
                used += 1
            for h in range(np.uint64(have)):
                away = np.sqrt(chord(box[0, h], box[1, h], box[2, h], box[3, h], box[4, h], box[5, h], x, y, z))
                gaps[h] = max(away - box[6, h], 0.0) ** 2
                u2 = (away + box[6, h]) ** 2
                uppers[h] = u2 * (1 + u2 * (KAPPA * KAPPA / 11)) + 1e-6
            for q in range(groups):
                begun, ended = group[q], group[q + 1]
                r = row[picked[begun]]
                upper, least = np.inf, np.inf
                for h in range(begun, ended):
                    upper, least = min(upper, uppers[h]), min(least, gaps[h])
                if stamp[r] == p or least > (own + slack_b[r]) ** 2:
                    continue
                best, i, j = np.inf, -1, -1
                for turn in range(2):  # the nearest boxes first: mostly they decide
                    for c in range(begun, ended):
                        if (gaps[c] == least) == (turn == 0) and gaps[c] <= upper:
                            piece = picked[c]
                            s2, at = scan(
                                xs, ys, zs, sag, inv, first[piece], last[piece], x, y, z,
                                tx, ty, tz, prime, more, found,
                            )  # fmt: skip
                            if s2 < best or (s2 == best and at < i):
                                best, i, j = s2, at, min(at + 1, last[piece])
                                upper = min(upper, s2 + 1e-6)
                slack = slack_a[p] + slack_b[r]
                if best > (limit + slack + 0.01) ** 2:
                    continue
                m, lon, lat, side, place = finish(
                    xs, ys, zs, lonlat, sag, inv, part, start, closed, axes, origin, gx, gy, gz, px, py, pz,
                    i, j, x, y, z, tx, ty, tz, prime, more, directed[r],
                )  # fmt: skip
                if m - slack <= limit:
                    out_a[used] = p
                    insert(
                        out_b, out_m, out_ll, out_side, out_place, rank, opened, used, r, m, lon, lat, side, place
                    )  # fmt: skip
                    used += 1
    return points, used


@jit
def nearest_loop(b: Any, asked: Any, k: int, limit: float, piece_max: int, out: Any) -> int:
    """Fill `out` with the k nearest rows of every point, sorted, in the order of the points; return how many.

    Points that follow each other should be neighbours: each begins with the piece that answered the last.
    Of rows equally far (to 1e-6 m) the lower rank is taken.
    """
    first, last, row, rank, directed = b.first, b.last, b.row, b.rank, b.directed
    xs, ys, zs, lonlat, sag, inv, boxes = b.x, b.y, b.z, b.lonlat, b.sag, b.inv, b.boxes
    part, start, closed, axes, origin = b.part, b.start, b.closed, b.axes, b.origin
    gx, gy, gz = b.geocentre[0], b.geocentre[1], b.geocentre[2]
    px, py, pz = axes[0, 2], axes[1, 2], axes[2, 2]
    xyz, held_start, held, own_ll = asked.xyz, asked.held_start, asked.held, asked.lonlat
    out_a, out_b, out_m, out_ll, out_side, out_place = (
        out.a,
        out.b,
        out.metres,
        out.lonlat,
        out.side,
        out.place,
    )
    child, count, capsule = b.child, b.count, b.capsule
    used, recent, root = 0, 0, len(child) - 1
    best, rows, found = np.empty(k), np.empty(k, np.int64), np.empty(piece_max)
    where, end = np.empty(k, np.int64), np.empty(k, np.int64)
    stack, lows, gaps = np.empty(8 * 24, np.int64), np.empty(8 * 24), np.empty(8)
    for p in range(len(held_start) - 1):
        x, y, z = xyz[p, 0], xyz[p, 1], xyz[p, 2]
        tx, ty, tz, prime, more = bend(gx, gy, gz, px, py, pz, x, y, z)
        have, opened = 0, used
        worst = (limit + 0.01) ** 2
        for h in range(held_start[p], held_start[p + 1]):
            have = offer(rank, best, rows, where, end, have, k, 0.0, held[h], -1, -1)
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
                s2, at = scan(xs, ys, zs, sag, inv, first[piece], last[piece], x, y, z, tx, ty, tz, prime, more, found)
                if s2 <= slack:
                    j = min(at + 1, last[piece])
                    have = offer(rank, best, rows, where, end, have, k, s2, row[piece], at, j)
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
            r = rows[h]
            m, lon, lat, side, place = 0.0, own_ll[p, 0], own_ll[p, 1], 2, -1.0
            if where[h] >= 0:
                m, lon, lat, side, place = finish(
                    xs, ys, zs, lonlat, sag, inv, part, start, closed, axes, origin, gx, gy, gz, px, py, pz,
                    where[h], end[h], x, y, z, tx, ty, tz, prime, more, directed[r],
                )  # fmt: skip
            if m <= limit:
                out_a[used] = p
                insert(
                        out_b, out_m, out_ll, out_side, out_place, rank, opened, used, r, m, lon, lat, side, place
                    )  # fmt: skip
                used += 1
    return used
