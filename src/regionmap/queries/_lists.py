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
def offer(
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
            best[at], rows[at], where[at], end[at] = best[at - 1], rows[at - 1], where[at - 1], end[at - 1]
            at -= 1
        best[at], rows[at], where[at], end[at] = s2, r, i, j
    return have


@jit
def settle(rows: Any, place: Any, found: Any, out: Any) -> None:
    """Copy pairs found in the order of the curve to `out` in the order of the rows.

    rows, place : row of each point, and where its pairs begin. found : point, b, metres, lonlat, side, place.
    """
    point, b, metres, lonlat, side, along = found
    to_a, to_b, to_metres, to_lonlat, to_side, to_along = (
        out.a, out.b, out.metres, out.lonlat, out.side, out.place
    )  # fmt: skip
    nth, before = 0, -1
    for n in range(len(point)):
        nth = nth + 1 if point[n] == before else 0
        before = point[n]
        k = place[before] + nth
        to_a[k], to_b[k], to_metres[k], to_side[k] = rows[before], b[n], metres[n], side[n]
        to_lonlat[k, 0], to_lonlat[k, 1], to_along[k] = lonlat[n, 0], lonlat[n, 1], along[n]
