"""The measure of `_exact` compiled by Numba, one point at a time. The extra `fast`; tests hold both together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from regionmap import crs

A_M, E2 = crs.A_M, crs.E2
EP2 = E2 / (1 - E2)
KAPPA = 1 / 6_371_000.0
NEAR2 = 10_000.0**2  # below, the ellipsoid orders distances as chords do, to 0.01 mm
jit = njit(cache=True, nogil=True, error_model="numpy")
# calls that pass arrays cost more than the few operations inside: counted references
inlined = njit(cache=True, nogil=True, error_model="numpy", inline="always")


class Packed(NamedTuple):
    """Pieces and their tree as the kernels read them.

    A node is its box (low xyz, high xyz), its first child and its number of children; a leaf's first child is
    -1 - piece; the last node is the root. `inv` is 1 / |half chord|^2, 0 for points.
    """

    boxes: Any
    child: Any
    count: Any
    first: Any
    last: Any
    row: Any
    xyz: Any
    lonlat: Any
    sag: Any
    inv: Any
    part: Any
    start: Any
    closed: Any
    directed: Any
    axes: Any
    origin: Any
    geocentre: Any
    rank: Any


@inlined
def gap2(boxes: Any, n: int, x: float, y: float, z: float) -> float:
    """Squared distance of a point to a box."""
    dx = max(boxes[n, 0] - x, x - boxes[n, 3], 0.0)
    dy = max(boxes[n, 1] - y, y - boxes[n, 4], 0.0)
    dz = max(boxes[n, 2] - z, z - boxes[n, 5], 0.0)
    return dx * dx + dy * dy + dz * dz


@jit
def curvature(g: Any, pole: Any, mx: float, my: float, mz: float, vx: float, vy: float, vz: float) -> float:
    """`_pieces.curvature` at m along v."""
    wx, wy, wz = mx - g[0], my - g[1], mz - g[2]
    zp = wx * pole[0] + wy * pole[1] + wz * pole[2]
    nx, ny, nz = wx + EP2 * zp * pole[0], wy + EP2 * zp * pole[1], wz + EP2 * zp * pole[2]
    along = nx * pole[0] + ny * pole[1] + nz * pole[2]
    sin2 = along * along / (nx * nx + ny * ny + nz * nz)
    ex, ey, ez = pole[1] * wz - pole[2] * wy, pole[2] * wx - pole[0] * wz, pole[0] * wy - pole[1] * wx
    size = (ex * ex + ey * ey + ez * ez) * (vx * vx + vy * vy + vz * vz)
    part = ex * vx + ey * vy + ez * vz
    sin2az = part * part / size if size > 0 else 0.0
    root = 1 - E2 * sin2
    prime = np.sqrt(root) / A_M
    meridian = root * prime / (1 - E2)
    return meridian + (prime - meridian) * sin2az


@jit
def bent2(square: float, k: float) -> float:
    """Squared geodesic distance from the squared chord and the curvature at its middle."""
    u = square * k * k / 4
    f = 1 + u * (1 / 6 + u * (3 / 40 + u * (15 / 336 + u * (105 / 3456))))
    return square * f * f


@inlined
def best_of(
    xyz: Any, sag: Any, inv: Any, g: Any, pole: Any, first: int, last: int, x: float, y: float, z: float
) -> tuple[float, int]:
    """The nearest segment of one piece: squared distance, good enough to choose by, and its first vertex."""
    best, at = np.inf, first
    ax, ay, az = xyz[first, 0], xyz[first, 1], xyz[first, 2]
    for i in range(first, max(last, first + 1)):
        j = min(i + 1, last)
        bx, by, bz = xyz[j, 0], xyz[j, 1], xyz[j, 2]
        hx, hy, hz = (bx - ax) / 2, (by - ay) / 2, (bz - az) / 2
        dx, dy, dz = x - (ax + bx) / 2, y - (ay + by) / 2, z - (az + bz) / 2
        t = min(max((dx * hx + dy * hy + dz * hz) * inv[i], -1.0), 1.0)
        vx, vy, vz = dx - t * hx, dy - t * hy, dz - t * hz
        square = vx * vx + vy * vy + vz * vz
        lift = sag[i] * (1 - t * t)
        square = max(square - lift * lift + lift * square * KAPPA, 0.0)
        if square < NEAR2:
            s2 = square * (1 + square * (KAPPA * KAPPA / 12))
        elif square < best:
            s2 = bent2(square, curvature(g, pole, x - vx / 2, y - vy / 2, z - vz / 2, vx, vy, vz))
        else:
            s2 = square
        if s2 < best:
            best, at = s2, i
        ax, ay, az = bx, by, bz
    return best, at


@jit
def neighbour(b: Any, vertex: int, end: int) -> int:
    """`_exact.neighbour`."""
    p = b.part[vertex]
    beyond = vertex + end
    if b.start[p] <= beyond < b.start[p + 1]:
        return beyond
    if b.closed[p]:
        return b.start[p] + 1 if end > 0 else b.start[p + 1] - 2
    return -1


@jit
def direction(xyz: Any, i: int, j: int) -> tuple[float, float, float]:
    """Unit vector from vertex i to j."""
    x, y, z = xyz[j, 0] - xyz[i, 0], xyz[j, 1] - xyz[i, 1], xyz[j, 2] - xyz[i, 2]
    size = np.sqrt(x * x + y * y + z * z)
    return (x / size, y / size, z / size) if size > 0 else (0.0, 0.0, 0.0)


@jit
def side_of(b: Any, i: int, j: int, t: float, n: Any, v: Any, metres: float) -> int:
    """`_exact.side_of`; n the normal at the foot, v from the foot to the point."""
    if metres <= 1e-3:
        return 0
    ax, ay, az = direction(b.xyz, i, j)
    if abs(t) == 1.0:
        vertex = j if t > 0 else i
        other = neighbour(b, vertex, 1 if t > 0 else -1)
        if other >= 0:
            bx, by, bz = direction(b.xyz, vertex, other) if t > 0 else direction(b.xyz, other, vertex)
            ax, ay, az = ax + bx, ay + by, az + bz
    cx, cy, cz = ay * v[2] - az * v[1], az * v[0] - ax * v[2], ax * v[1] - ay * v[0]
    cross = cx * n[0] + cy * n[1] + cz * n[2]
    if abs(cross) <= 1e-6 * max(1.0, metres * 1e-3):
        return 0
    return 1 if cross > 0 else -1


@jit
def finish(
    b: Any, i: int, j: int, x: float, y: float, z: float, directed: bool
) -> tuple[float, float, float, int]:
    """`_exact.foot` and the side: metres, longitude, latitude, side (2: none)."""
    xyz, g, pole = b.xyz, b.geocentre, b.axes[:, 2]
    hx, hy, hz = (xyz[j, 0] - xyz[i, 0]) / 2, (xyz[j, 1] - xyz[i, 1]) / 2, (xyz[j, 2] - xyz[i, 2]) / 2
    mx, my, mz = (xyz[i, 0] + xyz[j, 0]) / 2, (xyz[i, 1] + xyz[j, 1]) / 2, (xyz[i, 2] + xyz[j, 2]) / 2
    dx, dy, dz = x - mx, y - my, z - mz
    angle2 = (dx * dx + dy * dy + dz * dz) * (KAPPA * KAPPA)
    widen = 1 / (1 - angle2 / 2) if angle2 < 1 else 1.0
    t = min(max((dx * hx + dy * hy + dz * hz) * b.inv[i] * widen, -1.0), 1.0)
    if t <= -1.0:
        qx, qy, qz = xyz[i, 0], xyz[i, 1], xyz[i, 2]
    elif t >= 1.0:
        qx, qy, qz = xyz[j, 0], xyz[j, 1], xyz[j, 2]
    else:
        qx, qy, qz = mx + t * hx, my + t * hy, mz + t * hz
    wx, wy, wz = qx - g[0], qy - g[1], qz - g[2]
    zp = EP2 * (wx * pole[0] + wy * pole[1] + wz * pole[2])
    nx, ny, nz = wx + zp * pole[0], wy + zp * pole[1], wz + zp * pole[2]
    size = np.sqrt(nx * nx + ny * ny + nz * nz)
    nx, ny, nz = nx / size, ny / size, nz / size
    if t <= -1.0:
        lon, lat = b.lonlat[i, 0], b.lonlat[i, 1]
    elif t >= 1.0:
        lon, lat = b.lonlat[j, 0], b.lonlat[j, 1]
    else:
        h = b.sag[i] * (1 - t * t)
        qx, qy, qz = qx + h * nx, qy + h * ny, qz + h * nz
        axes, centre = b.axes, b.origin
        ex = axes[0, 0] * qx + axes[1, 0] * qy + axes[2, 0] * qz + centre[0]
        ey = axes[0, 1] * qx + axes[1, 1] * qy + axes[2, 1] * qz + centre[1]
        ez = axes[0, 2] * qx + axes[1, 2] * qy + axes[2, 2] * qz + centre[2]
        lon = np.degrees(np.arctan2(ey, ex))
        lat = np.degrees(np.arctan2(ez, (1 - E2) * np.sqrt(ex * ex + ey * ey)))
    vx, vy, vz = x - qx, y - qy, z - qz
    square = vx * vx + vy * vy + vz * vz
    k = curvature(g, pole, x - vx / 2, y - vy / 2, z - vz / 2, vx, vy, vz)
    metres = np.round(np.sqrt(bent2(square, k)) * 1e6) / 1e6
    side = 2
    if directed:
        side = side_of(b, i, j, t, (nx, ny, nz), (vx, vy, vz), metres)
    return metres, lon, lat, side
