"""Lists that the compiled loops fill: what is asked, the room for pairs, the best so far. The extra `fast`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from regionmap.queries._kernels import inlined, jit


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
    place: Any


@inlined
def insert(
    out_b: Any, out_m: Any, out_ll: Any, out_side: Any, out_place: Any, rank: Any, opened: int, used: int,
    r: int, m: float, lon: float, lat: float, side: int, place: float,
) -> None:  # fmt: skip
    """Put a pair at its place in the run opened..used: by distance, then rank."""
    q = used
    while q > opened and (out_m[q - 1] > m or (out_m[q - 1] == m and rank[out_b[q - 1]] > rank[r])):
        out_b[q], out_m[q], out_side[q] = out_b[q - 1], out_m[q - 1], out_side[q - 1]
        out_ll[q, 0], out_ll[q, 1], out_place[q] = out_ll[q - 1, 0], out_ll[q - 1, 1], out_place[q - 1]
        q -= 1
    out_b[q], out_m[q], out_side[q], out_place[q] = r, m, side, place
    out_ll[q, 0], out_ll[q, 1] = lon, lat


@inlined
def offer(rank: Any, best: Any, rows: Any, where: Any, have: int, k: int, s2: float, r: int, i: int) -> int:
    """Put row r at squared distance s2 into the list of the k best, each row once; return how many there are."""
    tie = 2e-6 * np.sqrt(s2) + 1e-12
    at, wanted = have, True
    for h in range(have):
        if rows[h] == r:
            at, wanted = h, s2 < best[h] or (s2 == best[h] and i < where[h])
            break
    if wanted and at == k:
        at = k - 1
        wanted = not (s2 > best[at] + tie or (s2 >= best[at] - tie and rank[rows[at]] < rank[r]))
    elif wanted and at == have:
        have += 1
    if wanted:
        while at > 0 and (best[at - 1] > s2 + tie or (best[at - 1] >= s2 - tie and rank[rows[at - 1]] > rank[r])):
            best[at], rows[at], where[at] = best[at - 1], rows[at - 1], where[at - 1]
            at -= 1
        best[at], rows[at], where[at] = s2, r, i
    return have


@jit
def close_up(out: Any) -> int:
    """Move the pairs together where places were left with b = -1; return how many there are."""
    used = 0
    for n in range(len(out.b)):
        if out.b[n] >= 0:
            out.a[used], out.b[used], out.metres[used] = out.a[n], out.b[n], out.metres[n]
            out.lonlat[used, 0], out.lonlat[used, 1] = out.lonlat[n, 0], out.lonlat[n, 1]
            out.side[used], out.place[used] = out.side[n], out.place[n]
            used += 1
    return used


@jit
def hilbert(xyz: Any) -> Any:
    """The place of points on a Hilbert curve through 65,536 x 65,536 cells of the plane z = 0 (Warren 2013, ch. 16)."""
    out = np.empty(len(xyz), np.uint32)
    west, south = xyz[:, 0].min(), xyz[:, 1].min()
    scale = 65535 / max(xyz[:, 0].max() - west, xyz[:, 1].max() - south, 1.0)
    for n in range(len(xyz)):
        x, y = np.uint32((xyz[n, 0] - west) * scale), np.uint32((xyz[n, 1] - south) * scale)
        place, side = np.uint32(0), np.uint32(1 << 15)
        while side > 0:
            right, up = np.uint32((x & side) > 0), np.uint32((y & side) > 0)
            place += side * side * ((np.uint32(3) * right) ^ up)
            if up == 0:
                if right == 1:
                    x, y = np.uint32(65535) - x, np.uint32(65535) - y
                x, y = y, x
            side >>= np.uint32(1)
        out[n] = place
    return out
