"""The searches of `_search` compiled by Numba: points against pieces. The extra `fast`; see `_fast`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from regionmap.queries._kernels import KAPPA, best_of, finish, gap2, jit


class Asked(NamedTuple):
    """The points: local vectors, their accuracies, and the rows that hold them (a run of `held` each)."""

    xyz: Any
    lonlat: Any
    slack: Any
    held_start: Any
    held: Any


class Out(NamedTuple):
    """Room for pairs."""

    a: Any
    b: Any
    metres: Any
    lonlat: Any
    side: Any


@jit
def _insert(
    out: Out, rank: Any, opened: int, used: int, r: int, m: float, lon: float, lat: float, side: int
) -> None:
    """Put a pair at its place in the run opened..used: by distance, then rank."""
    q = used
    while q > opened and (out.metres[q - 1] > m or (out.metres[q - 1] == m and rank[out.b[q - 1]] > rank[r])):
        out.b[q], out.metres[q], out.side[q] = out.b[q - 1], out.metres[q - 1], out.side[q - 1]
        out.lonlat[q, 0], out.lonlat[q, 1] = out.lonlat[q - 1, 0], out.lonlat[q - 1, 1]
        q -= 1
    out.b[q], out.metres[q], out.side[q], out.lonlat[q, 0], out.lonlat[q, 1] = r, m, side, lon, lat


@jit
def near_loop(
    begin: int, b: Any, asked: Any, limit: float, slack_b: Any, widest: float, out: Any
) -> tuple[int, int]:
    """Fill `out` with the sorted pairs of points from `begin` on; return the next point and the pairs.

    It stops early where `out` might not hold the next point's pairs.
    """
    rows, used, points = len(b.rank), 0, len(asked.slack)
    stamp = np.full(rows, -1, np.int64)
    upper, best, where = np.empty(rows), np.empty(rows), np.empty(rows, np.int64)
    end, met = np.empty(rows, np.int64), np.empty(rows, np.int64)
    hits, lows = np.empty(len(b.first), np.int64), np.empty(len(b.first))
    stack = np.empty(len(b.boxes) + 1, np.int64)
    boxes, child, count, first, last, row = b.boxes, b.child, b.count, b.first, b.last, b.row
    xyz, sag, inv, g, pole, rank = b.xyz, b.sag, b.inv, b.geocentre, b.axes[:, 2].copy(), b.rank
    for p in range(begin, points):
        if used + rows > len(out.a):
            return p, used
        x, y, z = asked.xyz[p, 0], asked.xyz[p, 1], asked.xyz[p, 2]
        own = limit + asked.slack[p]
        far2 = (own + widest) ** 2
        found, touched, height, opened = 0, 0, 1, used
        for h in range(asked.held_start[p], asked.held_start[p + 1]):
            r = asked.held[h]
            stamp[r] = -2 - p
            out.a[used] = p
            _insert(out, rank, opened, used, r, 0.0, asked.lonlat[p, 0], asked.lonlat[p, 1], 2)
            used += 1
        stack[0] = len(b.boxes) - 1
        while height:
            height -= 1
            node = stack[height]
            c = child[node]
            for n in range(c, c + count[node]):
                low = gap2(boxes, n, x, y, z)
                if low > far2:
                    continue
                if child[n] >= 0:
                    stack[height] = n
                    height += 1
                    continue
                piece = -1 - child[n]
                r = row[piece]
                if stamp[r] == -2 - p or low > (own + slack_b[r]) ** 2:
                    continue
                m = (first[piece] + last[piece]) // 2
                u2 = (x - xyz[m, 0]) ** 2 + (y - xyz[m, 1]) ** 2 + (z - xyz[m, 2]) ** 2
                u2 = u2 * (1 + u2 * (KAPPA * KAPPA / 11)) + 1e-6
                if stamp[r] != p:
                    stamp[r], upper[r], best[r] = p, u2, np.inf
                    met[touched] = r
                    touched += 1
                elif u2 < upper[r]:
                    upper[r] = u2
                hits[found], lows[found] = piece, low
                found += 1
        for h in range(found):
            r = row[hits[h]]
            if lows[h] <= upper[r]:
                s2, at = best_of(xyz, sag, inv, g, pole, first[hits[h]], last[hits[h]], x, y, z)
                if s2 < best[r]:
                    best[r], where[r], end[r] = s2, at, min(at + 1, last[hits[h]])
                    upper[r] = min(upper[r], s2 + 1e-6)
        for h in range(touched):
            r = met[h]
            slack = asked.slack[p] + slack_b[r]
            if best[r] > (limit + slack + 0.01) ** 2:
                continue
            m, lon, lat, side = finish(b, where[r], end[r], x, y, z, b.directed[r])
            if m - slack <= limit:
                out.a[used] = p
                _insert(out, rank, opened, used, r, m, lon, lat, side)
                used += 1
    return points, used


@jit
def nearest_loop(b: Any, asked: Any, k: int, limit: float, out: Any) -> int:
    """Fill `out` with the k nearest rows of every point, sorted, in the order of the points; return how many.

    Points that follow each other should be neighbours: each begins with the piece that answered the last.
    Of rows equally far (to 1e-6 m) the lower rank is taken.
    """
    used, points = 0, len(asked.slack)
    best, rows = np.empty(k), np.empty(k, np.int64)
    where, end = np.empty(k, np.int64), np.empty(k, np.int64)
    stack, lows = np.empty(len(b.boxes) + 1, np.int64), np.empty(len(b.boxes) + 1)
    order, gaps = np.empty(16, np.int64), np.empty(16)
    recent = 0
    boxes, child, count, first, last, row = b.boxes, b.child, b.count, b.first, b.last, b.row
    xyz, sag, inv, g, pole, rank = b.xyz, b.sag, b.inv, b.geocentre, b.axes[:, 2].copy(), b.rank
    for p in range(points):
        x, y, z = asked.xyz[p, 0], asked.xyz[p, 1], asked.xyz[p, 2]
        have, opened = 0, used
        worst = (limit + 0.01) ** 2
        for h in range(asked.held_start[p], asked.held_start[p + 1]):
            have = _offer(rank, best, rows, where, end, have, k, 0.0, asked.held[h], -1, -1)
        if have == k:
            worst = min(worst, best[k - 1])
        s2, at = best_of(xyz, sag, inv, g, pole, first[recent], last[recent], x, y, z)
        if s2 <= worst + 1e-9:
            have = _offer(
                rank, best, rows, where, end, have, k, s2, row[recent], at, min(at + 1, last[recent])
            )
            if have == k:
                worst = min(worst, best[k - 1])
        stack[0], lows[0], height = len(b.boxes) - 1, 0.0, 1
        while height:
            height -= 1
            node = stack[height]
            if lows[height] > worst + 2e-6 * np.sqrt(worst) + 1e-9:
                continue
            c, wait = child[node], 0
            for n in range(c, c + count[node]):
                low = gap2(boxes, n, x, y, z)
                if low > worst + 2e-6 * np.sqrt(worst) + 1e-9:
                    continue
                q = wait  # farthest first, so that the nearest is taken from the stack next
                while q > 0 and gaps[q - 1] < low:
                    gaps[q], order[q] = gaps[q - 1], order[q - 1]
                    q -= 1
                gaps[q], order[q] = low, n
                wait += 1
            if child[c] >= 0:
                for q in range(wait):
                    stack[height], lows[height] = order[q], gaps[q]
                    height += 1
                continue
            for q in range(wait - 1, -1, -1):
                if gaps[q] > worst + 2e-6 * np.sqrt(worst) + 1e-9:
                    break
                piece = -1 - child[order[q]]
                s2, at = best_of(xyz, sag, inv, g, pole, first[piece], last[piece], x, y, z)
                if s2 > worst + 2e-6 * np.sqrt(worst) + 1e-9:
                    continue
                j = min(at + 1, last[piece])
                have = _offer(rank, best, rows, where, end, have, k, s2, row[piece], at, j)
                if have == k and best[k - 1] < worst:
                    worst = best[k - 1]
                if rows[0] == row[piece] and where[0] == at:
                    recent = piece
        for h in range(have):
            r = rows[h]
            if where[h] < 0:
                m, lon, lat, side = 0.0, asked.lonlat[p, 0], asked.lonlat[p, 1], 2
            else:
                m, lon, lat, side = finish(b, where[h], end[h], x, y, z, b.directed[r])
            if m <= limit:
                out.a[used] = p
                _insert(out, rank, opened, used, r, m, lon, lat, side)
                used += 1
    return used


@jit
def _offer(
    rank: Any,
    best: Any,
    rows: Any,
    where: Any,
    end: Any,
    have: int,
    k: int,
    s2: float,
    r: int,
    i: int,
    j: int,
) -> int:
    """Put row r at squared distance s2 into the list of the k best, each row once; return how many there are."""
    tie = 2e-6 * np.sqrt(s2) + 1e-12
    at = have
    for h in range(have):
        if rows[h] == r:
            if s2 >= best[h]:
                return have
            at = h
            break
    if at == have:
        if have == k:
            last = k - 1
            if s2 > best[last] + tie or (s2 >= best[last] - tie and rank[rows[last]] < rank[r]):
                return have
            at = last
        else:
            have += 1
    while at > 0 and (best[at - 1] > s2 + tie or (best[at - 1] >= s2 - tie and rank[rows[at - 1]] > rank[r])):
        best[at], rows[at], where[at], end[at] = best[at - 1], rows[at - 1], where[at - 1], end[at - 1]
        at -= 1
    best[at], rows[at], where[at], end[at] = s2, r, i, j
    return have
