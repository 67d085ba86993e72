"""The measure of `_exact` compiled by Numba, one point at a time. The extra `fast`; tests hold both together.

Calls that pass arrays cost more than the few operations inside (their references are counted), so the small
functions are inlined; unsigned indexes and plain runs over x, y, z let the compiler use the vector units.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import platformdirs
from numba import config as _config
from numba import njit

from regionmap import crs

config: Any = _config  # its settings are made at run time
A_M, E2 = crs.A_M, crs.E2
EP2 = E2 / (1 - E2)
KAPPA = 1 / 6_371_000.0
ZERO_M = 1e-5
NEAR2 = 10_000.0**2


def compiled(**options: Any) -> Callable[[Any], Any]:
    """Compile a function; kept in the user's cache folder (or NUMBA_CACHE_DIR) under a checksum of all loops.

    Numba by itself looks only at the file of a function: after an upgrade it would take what was compiled from other
    versions of the functions called, or stop at a file that it can't read. What can't be written is not kept.
    """
    sources = b"".join(p.read_bytes() for p in sorted(Path(__file__).parent.glob("_*.py")))
    options |= {"nogil": True, "error_model": "numpy"}

    def compile_(function: Any) -> Any:
        before = config.CACHE_DIR
        base = before or platformdirs.user_cache_path("regionmap")
        config.CACHE_DIR = str(Path(base) / f"loops-{hashlib.sha256(sources).hexdigest()[:16]}")
        try:
            return njit(cache=True, **options)(function)
        except RuntimeError:  # no folder can be written
            return njit(**options)(function)
        finally:
            config.CACHE_DIR = before

    return compile_


jit = compiled()
quick = compiled(fastmath={"contract", "nsz"})
"""Rounding may differ in the last bit from NumPy's; turning a segment round still gives the same bits."""
inlined = compiled(inline="always")


class Packed(NamedTuple):
    """Pieces and their tree as the kernels read them.

    `boxes[node, side, child]`: low x, y, z, high x, y, z of up to eight children. A child is a node, or
    -1 - piece. The last node is the root.
    """

    boxes: Any
    child: Any
    count: Any
    first: Any
    last: Any
    row: Any
    capsule: Any
    """Seven runs over the pieces: first vertex, last vertex, how far the piece strays from their chord."""
    rise: Any
    """Per piece: the greatest sag."""
    x: Any
    y: Any
    z: Any
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


@jit
def curvature(
    gx: float, gy: float, gz: float, px: float, py: float, pz: float,
    mx: float, my: float, mz: float, vx: float, vy: float, vz: float,
) -> float:  # fmt: skip
    """`_pieces.curvature` at m along v; g the geocentre, p the pole."""
    wx, wy, wz = mx - gx, my - gy, mz - gz
    zp = wx * px + wy * py + wz * pz
    nx, ny, nz = wx + EP2 * zp * px, wy + EP2 * zp * py, wz + EP2 * zp * pz
    along = nx * px + ny * py + nz * pz
    sin2 = along * along / (nx * nx + ny * ny + nz * nz)
    ex, ey, ez = py * wz - pz * wy, pz * wx - px * wz, px * wy - py * wx
    size = (ex * ex + ey * ey + ez * ez) * (vx * vx + vy * vy + vz * vz)
    part = ex * vx + ey * vy + ez * vz
    sin2az = part * part / size if size > 0 else 0.0
    root = 1 - E2 * sin2
    prime = np.sqrt(root) / A_M
    meridian = root * prime / (1 - E2)
    return meridian + (prime - meridian) * sin2az


@jit
def bend(gx: float, gy: float, gz: float, px: float, py: float, pz: float, x: float, y: float, z: float) -> Any:
    """`_exact.bend_at` of one point: north, curvature of the prime vertical, what the meridian's has more."""
    wx, wy, wz = x - gx, y - gy, z - gz
    zp = EP2 * (wx * px + wy * py + wz * pz)
    nx, ny, nz = wx + zp * px, wy + zp * py, wz + zp * pz
    size = np.sqrt(nx * nx + ny * ny + nz * nz)
    nx, ny, nz = nx / size, ny / size, nz / size
    sin = nx * px + ny * py + nz * pz
    tx, ty, tz = px - sin * nx, py - sin * ny, pz - sin * nz
    size = max(np.sqrt(tx * tx + ty * ty + tz * tz), 1e-12)
    root = 1 - E2 * sin * sin
    prime = np.sqrt(root) / A_M
    return tx / size, ty / size, tz / size, prime, root * prime / (1 - E2) - prime


@inlined
def chord(ax: float, ay: float, az: float, bx: float, by: float, bz: float, x: float, y: float, z: float) -> float:
    """Squared distance of a point to the straight line between a and b."""
    hx, hy, hz, dx, dy, dz = bx - ax, by - ay, bz - az, x - ax, y - ay, z - az
    t = min(max((dx * hx + dy * hy + dz * hz) / (hx * hx + hy * hy + hz * hz + 1e-300), 0.0), 1.0)
    vx, vy, vz = dx - t * hx, dy - t * hy, dz - t * hz
    return vx * vx + vy * vy + vz * vz


@inlined
def scan(
    xs: Any, ys: Any, zs: Any, sag: Any, inv: Any, first: int, last: int, x: float, y: float, z: float,
    tx: float, ty: float, tz: float, prime: float, more: float, found: Any,
) -> tuple[float, int]:  # fmt: skip
    """The nearest segment of one piece: squared distance as `_exact.rough_m` has it, and its first vertex.

    Below NEAR2 lifted chords are in the order of the distances to 0.01 mm; beyond, their bend is looked at.
    """
    base: Any = np.uint64(first)
    one: Any = np.uint64(1)
    x2, y2, z2 = 2 * x, 2 * y, 2 * z
    for k in range(np.uint64(last - first)):
        i: Any = base + k
        j: Any = i + one
        hx, hy, hz = xs[j] - xs[i], ys[j] - ys[i], zs[j] - zs[i]
        dx, dy, dz = x2 - (xs[i] + xs[j]), y2 - (ys[i] + ys[j]), z2 - (zs[i] + zs[j])
        t = min(max((dx * hx + dy * hy + dz * hz) * inv[i], -1.0), 1.0)
        vx, vy, vz = dx - t * hx, dy - t * hy, dz - t * hz
        square = (vx * vx + vy * vy + vz * vz) * 0.25
        lift = sag[i] * (1 - t * t)
        found[k] = square - lift * (lift - square * KAPPA)
    if last == first:
        found[0] = (x - xs[base]) ** 2 + (y - ys[base]) ** 2 + (z - zs[base]) ** 2
    best, at = found[0], first
    for k in range(1, last - first):
        if found[k] < best:
            best, at = found[k], first + k
    if best < NEAR2:
        best = max(best, 0.0)
        best = best * (1 + best * (KAPPA * KAPPA / 12))
    else:
        best = np.inf
        for i in range(first, max(last, first + 1)):
            j = min(i + 1, last)
            hx, hy, hz = xs[j] - xs[i], ys[j] - ys[i], zs[j] - zs[i]
            dx, dy, dz = x2 - (xs[i] + xs[j]), y2 - (ys[i] + ys[j]), z2 - (zs[i] + zs[j])
            t = min(max((dx * hx + dy * hy + dz * hz) * inv[i], -1.0), 1.0)
            vx, vy, vz = (dx - t * hx) / 2, (dy - t * hy) / 2, (dz - t * hz) / 2
            lift = sag[i] * (1 - t * t)
            square = vx * vx + vy * vy + vz * vz
            square -= lift * (lift - square * KAPPA)
            north = vx * tx + vy * ty + vz * tz
            curve = prime * square + more * north * north
            square += curve * curve / 12 * (1 + curve * prime * (12 / 90))
            if square < best:
                best, at = square, i
    return best, at


@inlined
def neighbour(part: Any, start: Any, closed: Any, vertex: int, end: int) -> int:
    """`_exact.neighbour`."""
    p = part[vertex]
    beyond = vertex + end
    if beyond < start[p] or beyond >= start[p + 1]:
        beyond = -1
        if closed[p]:
            beyond = start[p] + 1 if end > 0 else start[p + 1] - 2
    return beyond
