"""The bare planar kernel: points against a grid of segments in a plane, pairs and planar distances only.

What the ellipsoidal answers of regionmap are held against: no ellipsoid, no accuracies, no sides, no nearest
points, no frames, no order of pairs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numba import njit


@njit
def _square(x: float, y: float, segments: Any, k: int) -> float:
    """The squared distance to segment `k`."""
    ux, uy = x - segments[k, 0], y - segments[k, 1]
    t = min(max((ux * segments[k, 2] + uy * segments[k, 3]) * segments[k, 4], 0.0), 1.0)
    vx, vy = ux - t * segments[k, 2], uy - t * segments[k, 3]
    return vx * vx + vy * vy


@njit(cache=True, error_model="numpy")
def _bucket(xy: Any, row: Any, west: float, south: float, cell: float, wide: int, high: int) -> Any:
    """Segments by cell: where each cell's run starts; x, y, dx, dy, 1 / length², row of each segment."""
    start = np.zeros(wide * high + 1, np.int64)
    at, segments, of = start, np.empty((0, 5)), np.empty(0, np.int32)
    for turn in range(2):
        for i in range(len(row) - 1):
            if row[i] != row[i + 1]:
                continue
            c0 = int((min(xy[i, 0], xy[i + 1, 0]) - west) / cell)
            c1 = int((max(xy[i, 0], xy[i + 1, 0]) - west) / cell)
            r0 = int((min(xy[i, 1], xy[i + 1, 1]) - south) / cell)
            r1 = int((max(xy[i, 1], xy[i + 1, 1]) - south) / cell)
            for r in range(r0, r1 + 1):
                for c in range(c0, c1 + 1):
                    if turn == 0:
                        start[r * wide + c + 1] += 1
                    else:
                        k = at[r * wide + c]
                        at[r * wide + c] += 1
                        dx, dy = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
                        segments[k, 0], segments[k, 1], segments[k, 2], segments[k, 3] = xy[i, 0], xy[i, 1], dx, dy
                        segments[k, 4] = 1 / max(dx * dx + dy * dy, 1e-12)
                        of[k] = row[i]
        if turn == 0:
            for c in range(wide * high):
                start[c + 1] += start[c]
            at = start[:-1].copy()
            segments, of = np.empty((start[-1], 5)), np.empty(start[-1], np.int32)
    return start, segments, of


@njit(cache=True, error_model="numpy")
def _within(
    spots: Any, order: Any, start: Any, segments: Any, of: Any, rows: int, box: Any, wide: int, high: int, limit: float
) -> Any:
    west, south, cell = box
    room = 1 << 20
    a, b, metres = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room)
    best, stamp, hit = np.empty(rows), np.full(rows, -1, np.int64), np.empty(rows, np.int32)
    used = 0
    for p in order:
        x, y = spots[p, 0], spots[p, 1]
        have = 0
        for r in range(max(int((y - limit - south) / cell), 0), min(int((y + limit - south) / cell), high - 1) + 1):
            dy = max(south + r * cell - y, y - south - (r + 1) * cell, 0.0)
            if dy > limit:
                continue
            reach = np.sqrt(limit * limit - dy * dy)
            first = max(int((x - reach - west) / cell), 0)
            last = min(int((x + reach - west) / cell), wide - 1)
            if x + reach < west or first > last:
                continue
            for k in range(start[r * wide + first], start[r * wide + last + 1]):
                square = _square(x, y, segments, k)
                if square <= limit * limit:
                    row = of[k]
                    if stamp[row] != p:
                        stamp[row], best[row] = p, square
                        hit[have] = row
                        have += 1
                    elif square < best[row]:
                        best[row] = square
        if used + have > len(a):
            room = len(a) * 2 + have
            grown = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room)
            grown[0][:used], grown[1][:used], grown[2][:used] = a[:used], b[:used], metres[:used]
            a, b, metres = grown
        for h in range(have):
            a[used], b[used], metres[used] = p, hit[h], np.sqrt(best[hit[h]])
            used += 1
    return a[:used], b[:used], metres[:used]


@njit(cache=True, error_model="numpy")
def _nearest(spots: Any, order: Any, start: Any, segments: Any, of: Any, box: Any, wide: int, high: int) -> Any:
    west, south, cell = box
    to, metres = np.empty(len(spots), np.int32), np.empty(len(spots))
    for p in order:
        x, y = spots[p, 0], spots[p, 1]
        c, r = int(np.floor((x - west) / cell)), int(np.floor((y - south) / cell))
        best, ring = np.inf, 0
        inner = min(x - west - c * cell, west + (c + 1) * cell - x, y - south - r * cell, south + (r + 1) * cell - y)
        while ring == 0 or (best > (inner + (ring - 1) * cell) ** 2 and ring <= wide + high):
            for v in range(max(r - ring, 0), min(r + ring, high - 1) + 1):
                step = 1 if abs(v - r) == ring or ring == 0 else 2 * ring
                for u in range(c - ring, c + ring + 1, step):
                    if u < 0 or u >= wide:
                        continue
                    for k in range(start[v * wide + u], start[v * wide + u + 1]):
                        square = _square(x, y, segments, k)
                        if square < best:
                            best, to[p] = square, of[k]
            ring += 1
        metres[p] = np.sqrt(best)
    return to, metres


def _grid(lines: Any, cell: float) -> Any:
    xy, row = shapely.get_coordinates(lines, return_index=True)
    west, south = xy.min(axis=0)
    wide, high = (int(v) + 1 for v in (xy.max(axis=0) - (west, south)) / cell)
    return (west, south, cell), wide, high, _bucket(xy, row, west, south, cell, wide, high)


def _in_order(spots: Any, box: Any) -> Any:
    """Points by rows of cells, every second row backwards."""
    west, south, cell = box
    r = np.floor((spots[:, 1] - south) / cell).astype(np.int64)
    c = np.floor((spots[:, 0] - west) / cell).astype(np.int64)
    return np.argsort(r * 100_000 + np.where(r % 2, -c, c), kind="stable")


def near(points: Any, lines: Any, within_m: float, cell: float = 1_000.0) -> int:
    """Pairs of points and lines (planar metres) within a distance; how many."""
    box, wide, high, (start, segments, of) = _grid(lines, cell)
    spots = shapely.get_coordinates(points)
    a, _, _ = _within(spots, _in_order(spots, box), start, segments, of, len(lines), box, wide, high, float(within_m))
    return len(a)


def nearest(points: Any, lines: Any, cell: float = 1_000.0) -> Any:
    """The nearest line of every point and the planar distance."""
    box, wide, high, (start, segments, of) = _grid(lines, cell)
    spots = shapely.get_coordinates(points)
    return _nearest(spots, _in_order(spots, box), start, segments, of, box, wide, high)
