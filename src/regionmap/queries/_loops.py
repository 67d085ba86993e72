"""Compiled by Numba: the nearest rows of points, and exact answers for pairs found. The extra `fast`; see `_fast`."""

from __future__ import annotations

from typing import Any

import numpy as np

from regionmap.queries._kernels import bend, chord, finish, jit, quick, scan
from regionmap.queries._lists import insert, offer


@quick
def finish_loop(
    b: Any, asked: Any, found: Any, rows: Any, place: Any, count: Any, limit: float, slack_b: Any, out: Any
) -> int:
    """Measure pairs found by `near_loop` and put them into `out` where the row of their point has its place.

    rows, place, count : row of each point, where its pairs begin in `out`, how many. What is too far after all
    leaves its place, the last of its row, with b = -1; returns how many.
    """
    xs, ys, zs, lonlat, sag, inv = b.x, b.y, b.z, b.lonlat, b.sag, b.inv
    part, start, closed, axes, origin = b.part, b.start, b.closed, b.axes, b.origin
    gx, gy, gz = b.geocentre[0], b.geocentre[1], b.geocentre[2]
    px, py, pz = axes[0, 2], axes[1, 2], axes[2, 2]
    point, to, vertex = found
    xyz, own_ll, slack_a = asked.xyz, asked.lonlat, asked.slack
    out_a, out_b, out_m, out_ll, out_side, out_place = (
        out.a, out.b, out.metres, out.lonlat, out.side, out.place
    )  # fmt: skip
    rank, directed = b.rank, b.directed
    before, opened, used, lost = -1, 0, 0, 0
    x, y, z, tx, ty, tz, prime, more = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for n in range(len(point)):
        p, r, i = point[n], to[n], vertex[n]
        if p != before:
            x, y, z = xyz[p, 0], xyz[p, 1], xyz[p, 2]
            tx, ty, tz, prime, more = bend(gx, gy, gz, px, py, pz, x, y, z)
            opened = used = place[p]
            before = p
        m, lon, lat, side, along = 0.0, own_ll[p, 0], own_ll[p, 1], 2, -1.0
        if i >= 0:
            m, lon, lat, side, along = finish(
                xs, ys, zs, lonlat, sag, inv, part, start, closed, axes, origin, gx, gy, gz, px, py, pz,
                i, i + (inv[i] > 0), x, y, z, tx, ty, tz, prime, more, directed[r],
            )  # fmt: skip
        if i < 0 or m - (slack_a[p] + slack_b[r]) <= limit:
            out_a[used] = rows[p]
            insert(out_b, out_m, out_ll, out_side, out_place, rank, opened, used, r, m, lon, lat, side, along)
            used += 1
        if n + 1 == len(point) or point[n + 1] != p:
            for hole in range(used, place[p] + count[p]):
                out_b[hole] = -1
                lost += 1
    return lost


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
