"""Pairs that the loops found, measured: as `_exact.foot` and `_exact.side_of`. Compiled by Numba, the extra `fast`.

What the loops find is a point, a row and the first vertex of the row's nearest segment. Sixteen pairs are gathered into
lanes at a time, so that the arithmetic runs in the vector units; what is rare is done one by one in between.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from regionmap.queries._kernels import E2, EP2, KAPPA, NEAR2, ZERO_M, bend, curvature, neighbour, quick
from regionmap.queries._lists import insert

LANES = 16
# fmt: off
(X, Y, Z, PRIME, MORE, TX, TY, TZ, AX, AY, AZ, BX, BY, BZ, SAG, INV, LON, LAT, DLON, DLAT,
 T, QX, QY, QZ, NX, NY, NZ, OX, OY, OZ, SQUARE, CURVE, METRES, CROSS, BOWED) = range(0, 35 * LANES, LANES)
# fmt: on
"""Where in the lanes: the point and what `bend` says of it; the ends of the segment, its sag and inverse square,
longitude and latitude of its beginning and what its end has more; the foot (-1 to 1, local vector), the normal there,
the direction of the neighbour of an end; the results; whether longitude and latitude need the long way."""


@quick
def gather(b: Any, asked: Any, found: Any, begin: int, v: Any) -> None:
    """The pairs from `begin` into the lanes; the last one again in those left over."""
    point, _, vertex = found
    xs, ys, zs, lonlat = b.x, b.y, b.z, b.lonlat
    g, axes = b.geocentre, b.axes
    before = -1
    north_x, north_y, north_z, prime, more = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(LANES):
        n = min(begin + k, len(point) - 1)
        p, i = point[n], max(vertex[n], 0)
        j = i + (b.inv[i] > 0)
        v[X + k], v[Y + k], v[Z + k] = asked.xyz[p, 0], asked.xyz[p, 1], asked.xyz[p, 2]
        if p != before:
            north_x, north_y, north_z, prime, more = bend(
                g[0], g[1], g[2], axes[0, 2], axes[1, 2], axes[2, 2], v[X + k], v[Y + k], v[Z + k]
            )
            before = p
        v[TX + k], v[TY + k], v[TZ + k], v[PRIME + k], v[MORE + k] = north_x, north_y, north_z, prime, more
        v[AX + k], v[AY + k], v[AZ + k], v[BX + k], v[BY + k], v[BZ + k] = xs[i], ys[i], zs[i], xs[j], ys[j], zs[j]
        v[SAG + k], v[INV + k] = b.sag[i], b.inv[i]
        v[LON + k], v[LAT + k] = lonlat[i, 0], lonlat[i, 1]
        v[DLON + k], v[DLAT + k] = lonlat[j, 0] - lonlat[i, 0], lonlat[j, 1] - lonlat[i, 1]


@quick
def feet(b: Any, v: Any) -> None:
    """The nearest place of each segment, its normal, and its longitude and latitude if it is no end."""
    gx, gy, gz = b.geocentre[0], b.geocentre[1], b.geocentre[2]
    px, py, pz = b.axes[0, 2], b.axes[1, 2], b.axes[2, 2]
    for k in range(LANES):
        hx, hy, hz = (v[BX + k] - v[AX + k]) / 2, (v[BY + k] - v[AY + k]) / 2, (v[BZ + k] - v[AZ + k]) / 2
        mx, my, mz = (v[AX + k] + v[BX + k]) / 2, (v[AY + k] + v[BY + k]) / 2, (v[AZ + k] + v[BZ + k]) / 2
        dx, dy, dz = v[X + k] - mx, v[Y + k] - my, v[Z + k] - mz
        along = (dx * hx + dy * hy + dz * hz) * (4 * v[INV + k])
        angle2 = dx * dx + dy * dy + dz * dz - along * along * (hx * hx + hy * hy + hz * hz)
        angle2 = min(max(angle2 * (KAPPA * KAPPA), 0.0), 1.0)
        t = min(max(along / (1 - angle2 / 2), -1.0), 1.0)
        wx, wy, wz = mx - gx, my - gy, mz - gz
        zp = EP2 * (wx * px + wy * py + wz * pz)
        nx, ny, nz = wx + zp * px, wy + zp * py, wz + zp * pz
        size = 1 / np.sqrt(nx * nx + ny * ny + nz * nz)
        nx, ny, nz = nx * size, ny * size, nz * size
        h = v[SAG + k] * (1 - t * t)
        low, high = t <= -1.0, t >= 1.0
        v[QX + k] = v[AX + k] if low else v[BX + k] if high else mx + t * hx + h * nx
        v[QY + k] = v[AY + k] if low else v[BY + k] if high else my + t * hy + h * ny
        v[QZ + k] = v[AZ + k] if low else v[BZ + k] if high else mz + t * hz + h * nz
        v[T + k], v[NX + k], v[NY + k], v[NZ + k] = t, nx, ny, nz
        # a segment under 500 m: between its ends, bent by the second derivatives along a geodesic
        sin = nx * px + ny * py + nz * pz
        short = (h < 0.005) & (sin * sin < 0.99) & (abs(v[DLON + k]) < 1)
        v[BOWED + k] = 0.0 if short | low | high else 1.0
        cos = np.sqrt(max(1 - sin * sin, 1e-3))
        half, slope, bow = (1 + t) / 2, (1 - t * t) * sin, v[DLON + k] * (np.pi / 180)
        v[LON + k] += v[DLON + k] * half - slope / (4 * cos) * bow * v[DLAT + k]
        v[LAT + k] += v[DLAT + k] * half + slope * cos / 8 * v[DLON + k] * bow


@quick
def ends(b: Any, vertex: Any, begin: int, v: Any) -> None:
    """What is not the same for all: the neighbour beyond an end, the ends' own degrees, the foot of a long segment."""
    axes, origin = b.axes, b.origin
    for k in range(LANES):
        v[OX + k], v[OY + k], v[OZ + k] = 0.0, 0.0, 0.0
        t = v[T + k]
        if abs(t) == 1.0:
            i = max(vertex[min(begin + k, len(vertex) - 1)], 0)
            end = 1 if t > 0 else -1
            at = i if end < 0 else i + (b.inv[i] > 0)
            v[LON + k], v[LAT + k] = b.lonlat[at, 0], b.lonlat[at, 1]
            other = neighbour(b.part, b.start, b.closed, at, end)
            if other >= 0:
                v[OX + k] = (b.x[other] - b.x[at]) * end
                v[OY + k] = (b.y[other] - b.y[at]) * end
                v[OZ + k] = (b.z[other] - b.z[at]) * end
        elif v[BOWED + k]:
            qx, qy, qz = v[QX + k], v[QY + k], v[QZ + k]
            ex = axes[0, 0] * qx + axes[1, 0] * qy + axes[2, 0] * qz + origin[0]
            ey = axes[0, 1] * qx + axes[1, 1] * qy + axes[2, 1] * qz + origin[1]
            ez = axes[0, 2] * qx + axes[1, 2] * qy + axes[2, 2] * qz + origin[2]
            v[LON + k] = np.degrees(np.arctan2(ey, ex))
            v[LAT + k] = np.degrees(np.arctan2(ez, (1 - E2) * np.sqrt(ex * ex + ey * ey)))


@quick
def lengths(b: Any, v: Any) -> None:
    """Metres, and metres times how much of them is to the left of the two directions at the foot."""
    g, axes = b.geocentre, b.axes
    furthest = 0.0
    for k in range(LANES):
        vx, vy, vz = v[X + k] - v[QX + k], v[Y + k] - v[QY + k], v[Z + k] - v[QZ + k]
        square = vx * vx + vy * vy + vz * vz
        furthest = max(furthest, square)
        north = vx * v[TX + k] + vy * v[TY + k] + vz * v[TZ + k]
        v[SQUARE + k], v[CURVE + k] = square, v[PRIME + k] + v[MORE + k] * north * north / (square + 1e-300)
        size = np.sqrt(v[INV + k])
        ax, ay, az = (v[BX + k] - v[AX + k]) * size, (v[BY + k] - v[AY + k]) * size, (v[BZ + k] - v[AZ + k]) * size
        ox, oy, oz = v[OX + k], v[OY + k], v[OZ + k]
        size = 1 / max(np.sqrt(ox * ox + oy * oy + oz * oz), 1e-300)
        ax, ay, az = ax + ox * size, ay + oy * size, az + oz * size
        v[CROSS + k] = (
            (ay * vz - az * vy) * v[NX + k] + (az * vx - ax * vz) * v[NY + k] + (ax * vy - ay * vx) * v[NZ + k]
        )
    if furthest >= 4 * NEAR2:  # up to 20 km the curvature at the point will do, to 1e-7 m
        for k in range(LANES):
            vx, vy, vz = v[X + k] - v[QX + k], v[Y + k] - v[QY + k], v[Z + k] - v[QZ + k]
            v[CURVE + k] = curvature(
                g[0], g[1], g[2], axes[0, 2], axes[1, 2], axes[2, 2],
                v[X + k] - vx / 2, v[Y + k] - vy / 2, v[Z + k] - vz / 2, vx, vy, vz,
            )  # fmt: skip
    for k in range(LANES):
        u = v[SQUARE + k] * v[CURVE + k] * v[CURVE + k] / 4
        metres = np.sqrt(v[SQUARE + k]) * (1 + u * (1 / 6 + u * (3 / 40 + u * (15 / 336))))
        metres = np.round(metres * 1e6) / 1e6
        v[METRES + k] = 0.0 if metres < ZERO_M else metres


@quick
def finish_loop(
    b: Any, asked: Any, found: Any, rows: Any, place: Any, count: Any, limit: float, slack_b: Any, out: Any
) -> int:
    """Measure pairs found by a loop and put them into `out` where the row of their point has its place.

    found : points, rows of `b`, vertices (-1: the row holds the point), all pairs of a point together.
    rows, place, count : row of each point, where its pairs begin in `out`, how many. What is too far after all
    leaves its place, the last of its row, with b = -1; returns how many.
    """
    point, to, vertex = found
    slack_a, own_ll, rank, directed, inv = asked.slack, asked.lonlat, b.rank, b.directed, b.inv
    out_a, out_b, out_m, out_ll, out_side, out_place = (
        out.a, out.b, out.metres, out.lonlat, out.side, out.place
    )  # fmt: skip
    before, opened, used, lost = -1, 0, 0, 0
    v = np.empty(35 * LANES)
    for begin in range(0, len(point), LANES):
        gather(b, asked, found, begin, v)
        feet(b, v)
        ends(b, vertex, begin, v)
        lengths(b, v)
        for k in range(min(LANES, len(point) - begin)):
            n = begin + k
            p, r, i = point[n], to[n], vertex[n]
            if p != before:
                opened = used = place[p]
                before = p
            m, lon, lat, cross, side = v[METRES + k], v[LON + k], v[LAT + k], v[CROSS + k], 2
            along = i + (1 + v[T + k]) / 2 if inv[i] > 0 else i + 0.0
            if i < 0:
                m, lon, lat, along = 0.0, own_ll[p, 0], own_ll[p, 1], -1.0
            elif directed[r]:
                side = 0 if m <= 1e-3 or abs(cross) <= 1e-6 * max(1.0, m * 1e-3) else 1 if cross > 0 else -1
            if i < 0 or m - (slack_a[p] + slack_b[r]) <= limit:
                out_a[used] = rows[p]
                insert(out_b, out_m, out_ll, out_side, out_place, rank, opened, used, r, m, lon, lat, side, along)
                used += 1
            if n + 1 == len(point) or point[n + 1] != p:
                for hole in range(used, place[p] + count[p]):
                    out_b[hole] = -1
                    lost += 1
    return lost
