"""`near` compiled by Numba: blocks of neighbouring points against pieces. The extra `fast`; see `_fast`.

Points that follow each other on the curve share one descent of the tree, and every segment that is looked at is
measured against all points of the block at once, one point a lane of the vector units.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from regionmap.queries._kernels import KAPPA, bend, chord, inlined, jit, quick

BLOCK = 16
"""Points of a block. A constant, so that the compiler unrolls the loops over the lanes."""
X, Y, Z, TX, TY, TZ, PRIME, MORE, BEST, AT, CAP, OWN = range(0, 12 * BLOCK, BLOCK)
"""Where in the lanes: local vectors, what `bend` says, the nearest so far (square, segment), squares that bound it."""
PLAIN_M, PLAIN_M2 = 12_000.0, 10.0
"""Squares of chords order distances up to the one to 1e-5 m; times their rise above their chords, segments do not
matter below the other (1e-6 m)."""
SHARE = 16
"""Blocks that share a descent of the tree."""


@jit
def candidates(b: Any, low: Any, high: Any, reach: float, found: Any) -> int:
    """Pieces whose boxes are within reach of the box low..high, in the order of their vertices; how many."""
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
    order = np.argsort(b.first[found[:have]])
    found[:have] = found[:have][order]
    return have


@quick
def bound_lanes(capsule: Any, piece: int, v: Any, gap: Any, h: int) -> None:
    """Least distances of the points to a piece into row h of `gap`, and squares no nearest place exceeds into CAP."""
    ax, ay, az = capsule[0, piece], capsule[1, piece], capsule[2, piece]
    hx, hy, hz = capsule[3, piece] - ax, capsule[4, piece] - ay, capsule[5, piece] - az
    stray, inverse = capsule[6, piece], 1 / (hx * hx + hy * hy + hz * hz + 1e-300)
    for k in range(BLOCK):
        dx, dy, dz = v[k + X] - ax, v[k + Y] - ay, v[k + Z] - az
        t = min(max((dx * hx + dy * hy + dz * hz) * inverse, 0.0), 1.0)
        vx, vy, vz = dx - t * hx, dy - t * hy, dz - t * hz
        away = np.sqrt(vx * vx + vy * vy + vz * vz)
        gap[h, k] = max(away - stray, 0.0)
        upper = (away + stray) * (away + stray)
        # no geodesic is longer than the chord bent at the strongest curvature
        v[k + CAP] = min(v[k + CAP], upper * (1 + upper * (KAPPA * KAPPA / 11)) + 1e-6)


@quick
def scan_lanes(b: Any, piece: int, v: Any, bent: bool, back: bool) -> None:
    """Keep in BEST and AT the least squared distance and its segment, for one piece and all points.

    bent : the squares of `_exact.rough_m`, else of chords. back : from the last segment to the first, of equal ones
    the last looked at.
    """
    xs, ys, zs, sag, inv = b.x, b.y, b.z, b.sag, b.inv
    first, last = b.first[piece], b.last[piece]
    for n in range(max(last - first, 1)):
        i = last - 1 - n if back and last > first else first + n
        j = min(i + 1, last)
        hx, hy, hz = (xs[j] - xs[i]) / 2, (ys[j] - ys[i]) / 2, (zs[j] - zs[i]) / 2
        mx, my, mz = (xs[i] + xs[j]) / 2, (ys[i] + ys[j]) / 2, (zs[i] + zs[j]) / 2
        scale, rise, vertex = 4 * inv[i], sag[i], float(i)
        if not bent:
            for k in range(BLOCK):
                dx, dy, dz = v[k + X] - mx, v[k + Y] - my, v[k + Z] - mz
                t = min(max((dx * hx + dy * hy + dz * hz) * scale, -1.0), 1.0)
                ux, uy, uz = dx - t * hx, dy - t * hy, dz - t * hz
                square = ux * ux + uy * uy + uz * uz
                best = v[k + BEST]
                nearer = (square < best) | (back & (square == best))
                v[k + BEST] = square if nearer else best
                v[k + AT] = vertex if nearer else v[k + AT]
        else:
            for k in range(BLOCK):
                dx, dy, dz = v[k + X] - mx, v[k + Y] - my, v[k + Z] - mz
                t = min(max((dx * hx + dy * hy + dz * hz) * scale, -1.0), 1.0)
                ux, uy, uz = dx - t * hx, dy - t * hy, dz - t * hz
                square = ux * ux + uy * uy + uz * uz
                lift = rise * (1 - t * t)
                square = max(square - lift * (lift - square * KAPPA), 0.0)
                north = ux * v[k + TX] + uy * v[k + TY] + uz * v[k + TZ]
                curve = v[k + PRIME] * square + v[k + MORE] * north * north
                square += curve * curve / 12 * (1 + curve * v[k + PRIME] * (12 / 90))
                best = v[k + BEST]
                nearer = (square < best) | (back & (square == best))
                v[k + BEST] = square if nearer else best
                v[k + AT] = vertex if nearer else v[k + AT]


@jit
def fill_lanes(b: Any, xyz: Any, block: int, stop: int, lanes: Any) -> None:
    """The points block..stop into the lanes, the last one again in those left over."""
    g, p = b.geocentre, b.axes
    for k in range(BLOCK):
        n = min(block + k, stop - 1)
        x, y, z = xyz[n, 0], xyz[n, 1], xyz[n, 2]
        lanes[X + k], lanes[Y + k], lanes[Z + k] = x, y, z
        lanes[TX + k], lanes[TY + k], lanes[TZ + k], lanes[PRIME + k], lanes[MORE + k] = bend(
            g[0], g[1], g[2], p[0, 2], p[1, 2], p[2, 2], x, y, z
        )


@jit
def nearest_in_row(b: Any, shared: Any, capsules: Any, kept: Any, nearest: int, bent: bool, v: Any, gaps: Any) -> bool:
    """The nearest segment of one row to each point into AT (-1: none within OWN), its square into BEST.

    kept : which of the shared pieces, in the order of their vertices; `nearest` of them is looked at first.
    """
    for k in range(BLOCK):
        v[k + AT], v[k + BEST], v[k + CAP] = -1.0, v[k + OWN], v[k + OWN]
    for h in range(len(kept)):
        bound_lanes(capsules, kept[h], v, gaps, h)
    found = False
    for turn in range(len(kept)):  # the nearest, those before it backwards, those behind it
        h = nearest - turn if turn <= nearest else turn
        wanted = False
        for k in range(BLOCK):
            wanted |= gaps[h, k] * gaps[h, k] <= v[k + CAP]
        if wanted:
            found = True
            scan_lanes(b, shared[kept[h]], v, bent, h < nearest)
            for k in range(BLOCK):
                v[k + CAP] = min(v[k + CAP], v[k + BEST] + 1e-6)
    return found


@jit
def copy_capsules(b: Any, pieces: Any, capsules: Any, rows: Any) -> None:
    """What is read of the shared pieces, next to each other: their capsules and rise, their rows."""
    for h in range(len(pieces)):
        rows[h] = b.row[pieces[h]]
        capsules[7, h] = b.rise[pieces[h]]
        for field in range(7):
            capsules[field, h] = b.capsule[field, pieces[h]]


@inlined
def reach_out(capsules: Any, count: int, x: float, y: float, z: float, away: Any) -> None:
    """The distances of a place to the chords of copied capsules, into `away`."""
    for h in range(count):
        away[h] = np.sqrt(chord(
            capsules[0, h], capsules[1, h], capsules[2, h], capsules[3, h], capsules[4, h], capsules[5, h], x, y, z
        ))  # fmt: skip


@quick
def thin_out(
    capsules: Any, rows: Any, count: int, v: Any, limit: float, slack_b: Any, away: Any, kept: Any
) -> tuple[int, float]:
    """Which of `count` pieces may be nearest to a point of the block, into `kept`; how many, and the block's radius.

    away : filled with the distance of the block's middle to each piece's chord.
    """
    cx, cy, cz = v[X : X + BLOCK].mean(), v[Y : Y + BLOCK].mean(), v[Z : Z + BLOCK].mean()
    radius = 0.0
    for k in range(BLOCK):
        radius = max(radius, (v[X + k] - cx) ** 2 + (v[Y + k] - cy) ** 2 + (v[Z + k] - cz) ** 2)
    radius = np.sqrt(radius)
    reach_out(capsules, count, cx, cy, cz, away)
    begun, have = 0, 0
    while begun < count:
        r, ended, upper = rows[begun], begun, np.inf
        while ended < count and rows[ended] == r:
            upper = min(upper, away[ended] + capsules[6, ended])
            ended += 1
        upper += 2 * radius
        upper = min(upper * (1 + upper * upper * (KAPPA * KAPPA / 22)), limit + slack_b[r] + radius) + 1e-3
        for h in range(begun, ended):
            kept[have] = h
            have += away[h] - capsules[6, h] <= upper
        begun = ended
    return have, radius


@jit
def set_reach(asked: Any, block: int, stop: int, reach: float, forbidden: int, lanes: Any) -> None:
    """The squared distances up to which the points are interested in a row into OWN; below 0 if it holds them."""
    for k in range(BLOCK):
        p = min(block + k, stop - 1)
        own = reach + asked.slack[p] + 0.01
        lanes[OWN + k] = -1.0 if forbidden >> (p - block) & 1 else own * own


@jit
def note_hits(lanes: Any, points: int, r: int, count: Any, square: Any, who: Any) -> None:
    """Put what was found in row r into each point's list, nearest first."""
    for k in range(points):
        if lanes[AT + k] >= 0:
            n, best = count[k], lanes[BEST + k]
            while n > 0 and square[k, n - 1] > best:
                square[k, n], who[0, k, n], who[1, k, n] = square[k, n - 1], who[0, k, n - 1], who[1, k, n - 1]
                n -= 1
            square[k, n], who[0, k, n], who[1, k, n] = best, r, int(lanes[AT + k])
            count[k] += 1


@jit
def mark_held(asked: Any, block: int, stop: int, stamp: Any, mask: Any) -> None:
    """For each row that holds points of the block, which: a bit each."""
    for p in range(block, stop):
        for h in range(asked.held_start[p], asked.held_start[p + 1]):
            r = asked.held[h]
            if stamp[r] != block:
                stamp[r], mask[r] = block, 0
            mask[r] |= 1 << (p - block)


@jit
def write_hits(asked: Any, block: int, stop: int, count: Any, who: Any, found: Any, used: int) -> int:
    """Add the pairs of a block, point by point, what holds a point first."""
    point, to, vertex = found
    for p in range(block, stop):
        for h in range(asked.held_start[p], asked.held_start[p + 1]):
            point[used], to[used], vertex[used] = p, asked.held[h], -1
            used += 1
        for n in range(count[p - block]):
            point[used], to[used], vertex[used] = p, who[0, p - block, n], who[1, p - block, n]
            used += 1
    return used


@jit
def near_loop(
    begin: int, b: Any, asked: Any, limit: float, slack_b: Any, widest: float, found: Any, used: int
) -> tuple[int, int]:
    """Add to `found` the rows within reach of the points from `begin` on, each with its nearest segment.

    Those of a point follow each other, nearest first, what holds it (segment -1) before. Returns the next point
    and how many are found: it stops early where there might be no room for the next block.
    """
    points, pieces = len(asked.slack), len(b.first)
    shared, rows, kept = np.empty(pieces, np.int64), np.empty(pieces, np.int64), np.empty(pieces, np.int64)
    capsules, away = np.empty((8, pieces)), np.empty(pieces)
    mask, stamp = np.zeros(len(b.rank), np.int64), np.full(len(b.rank), -1, np.int64)
    lanes, low, high, gaps = np.empty(12 * BLOCK), np.empty(3), np.empty(3), np.empty((64, BLOCK))
    count, square, who = np.empty(BLOCK, np.int64), np.empty((BLOCK, 64)), np.empty((2, BLOCK, 64), np.int64)
    together = 0
    for block in range(begin, points, BLOCK):
        stop = min(block + BLOCK, points)
        if (block - begin) % (SHARE * BLOCK) == 0:
            end = min(block + SHARE * BLOCK, points)
            for axis in range(3):
                low[axis], high[axis] = asked.xyz[block:end, axis].min(), asked.xyz[block:end, axis].max()
            together = candidates(b, low, high, limit + widest + asked.slack[block:end].max(), shared)
            copy_capsules(b, shared[:together], capsules, rows)
        fill_lanes(b, asked.xyz, block, stop, lanes)
        reach = limit + asked.slack[block:stop].max()
        have, radius = thin_out(capsules, rows, together, lanes, reach, slack_b, away, kept)
        groups = 0
        for h in range(have):
            groups += h == 0 or rows[kept[h]] != rows[kept[h - 1]]
        holding = asked.held_start[stop] - asked.held_start[block]
        if used + groups * (stop - block) + holding > len(found[0]):
            return block, used
        if groups > square.shape[1]:
            square, who = np.empty((BLOCK, 2 * groups)), np.empty((2, BLOCK, 2 * groups), np.int64)
        count[:] = 0
        mark_held(asked, block, stop, stamp, mask)
        begun = 0
        while begun < have:
            r, ended, nearest, rise = rows[kept[begun]], begun, begun, 0.0
            while ended < have and rows[kept[ended]] == r:
                nearest = ended if away[kept[ended]] < away[kept[nearest]] else nearest
                rise = max(rise, capsules[7, kept[ended]])
                ended += 1
            if ended - begun > len(gaps):
                gaps = np.empty((2 * (ended - begun), BLOCK))
            set_reach(asked, block, stop, limit + slack_b[r], mask[r] if stamp[r] == block else 0, lanes)
            far = min(reach + slack_b[r], away[kept[nearest]] + radius + capsules[6, kept[nearest]])
            bent = far > PLAIN_M or rise * far > PLAIN_M2
            if nearest_in_row(b, shared, capsules, kept[begun:ended], nearest - begun, bent, lanes, gaps):
                note_hits(lanes, stop - block, r, count, square, who)
            begun = ended
        used = write_hits(asked, block, stop, count, who, found, used)
    return points, used
