"""GCJ-02 and BD-09, the shifted datums of Chinese web maps, forward and with an exact inverse.

Longitudes and latitudes in degrees, scalars or arrays, in and out. Use them through `regionmap.crs`.
Source: the published constants of the GCJ-02 shift (Krassowsky 1940 ellipsoid) and of BD-09 as in
`wandergis/coordtransform` (MIT), whose printed examples are tests. Outside the rectangle 72.004..137.8347 E,
0.8293..55.8271 N the GCJ-02 shift is nought.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
_A, _EE = 6378245.0, 0.00669342162296594323
_BLOCK = 8192  # points at a time: what fits a core's cache is twice as fast
_X_PI = np.pi * 3000.0 / 180.0
_SIN_105, _COS_105 = np.sin(np.radians(105)), np.cos(np.radians(105))


def _sin_cos(angle: Floats) -> Pair:
    """Sine and cosine through the tangent of the half, which costs a third of both."""
    t = np.tan(0.5 * angle)
    square = t * t
    share = 1 / (1 + square)
    return 2 * t * share, (1 - square) * share


def _waves(s: Floats, c: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """The sines of 2, 5, 20 and 60 times an angle, and the cosine of 60 times, from the angle's own."""
    square = c * c
    s5, c5 = s * ((16 * square - 12) * square + 1), c * ((16 * square - 20) * square + 5)
    s10, c10 = 2 * s5 * c5, 2 * c5 * c5 - 1
    s20, c20 = 2 * s10 * c10, 2 * c10 * c10 - 1
    square = 4 * c20 * c20
    return 2 * s * c, s5, s20, s20 * (square - 1), c20 * (square - 3)


def _shift(x0: Floats, y0: Floats) -> Pair:
    """Every wave of the shift is a multiple of 3 degrees for a degree of x or y: two tangents give them all."""
    x, y = x0 - 105.0, y0 - 35.0
    s2, s5, s20, s60, c60 = _waves(*_sin_cos(x * (np.pi / 60)))
    s, c = _sin_cos(np.radians(y0))
    s3, c3 = s * (3 - 4 * s * s), c * (4 * c * c - 3)  # three latitudes, of which 105 degrees are y's waves
    t2, t5, t20, t60, _ = _waves(s3 * _COS_105 - c3 * _SIN_105, c3 * _COS_105 + s3 * _SIN_105)
    c120 = 2 * c60 * c60 - 1
    both = 160 * s60 * c60 * c120 * c120  # 20 sin 6 pi x + 20 sin 2 pi x
    root, xy = np.sqrt(np.abs(x)), x * y
    dlat = 20 * t60 + 40 * t20 + 160 * t5 + 320 * t2 + both
    dlat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * xy + 0.2 * root + dlat * (2 / 3)
    dlon = 20 * s60 + 40 * s20 + 150 * s5 + 300 * s2 + both
    dlon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * xy + 0.1 * root + dlon * (2 / 3)
    magic = 1 - _EE * s * s
    slow = np.sqrt(magic) * np.degrees(1 / _A)
    dlon, dlat = dlon * slow / c, dlat * magic * slow * (1 / (1 - _EE))
    inside = (x0 >= 72.004) & (x0 <= 137.8347) & (y0 >= 0.8293) & (y0 <= 55.8271)
    return (dlon, dlat) if inside.all() else (np.where(inside, dlon, 0.0), np.where(inside, dlat, 0.0))


def _gcj02(x: Floats, y: Floats) -> Pair:
    dx, dy = _shift(x, y)
    return x + dx, y + dy


def _bd09(x: Floats, y: Floats) -> Pair:
    stretch, _ = _sin_cos(y * _X_PI)
    _, turn = _sin_cos(x * _X_PI)
    scale, turn = 1 + 0.00002 * stretch / np.maximum(np.hypot(x, y), 1e-9), 0.000003 * turn
    square = turn * turn
    s, c = turn * (1 - square / 6), 1 - square / 2  # of an angle of 3e-6 at most: right to 1e-23
    return scale * (x * c - y * s) + 0.0065, scale * (y * c + x * s) + 0.006


def _in_blocks(change: Callable[[Floats, Floats], Pair], lon: ArrayLike, lat: ArrayLike) -> Pair:
    """`change` on a few thousand points at a time, in the shape that went in."""
    pair = np.stack([np.asarray(v, dtype=float) for v in np.broadcast_arrays(lon, lat)])
    out = pair.reshape(2, -1)
    with np.errstate(invalid="ignore"):  # a missing point stays one
        for start in range(0, out.shape[1], _BLOCK):
            part = slice(start, start + _BLOCK)
            out[0, part], out[1, part] = change(out[0, part], out[1, part])
    return out[0].reshape(pair.shape[1:]), out[1].reshape(pair.shape[1:])


def _undone(forward: Callable[[Floats, Floats], Pair], enough: float) -> Callable[[Floats, Floats], Pair]:
    """The fixed-point inverse of `forward`, x <- x + (target - forward(x)), until a step is under `enough` degrees."""

    def change(x0: Floats, y0: Floats) -> Pair:
        x, y = x0.copy(), y0.copy()
        for _ in range(30):
            have_x, have_y = forward(x, y)
            dx, dy = x0 - have_x, y0 - have_y
            x += dx
            y += dy
            if not ((np.abs(dx) > enough) | (np.abs(dy) > enough)).any():  # a missing point holds up no other
                break
        return x, y

    return change


# A turn shrinks the error at least 130 times (GCJ-02) or 45 times (BD-09), so what is left after the last step is
# under 4e-12 degree, 4e-7 m.
_ungcj02, _unbd09 = _undone(_gcj02, 5e-10), _undone(_bd09, 1e-10)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS 84 to GCJ-02, degrees."""
    return _in_blocks(_gcj02, lon, lat)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 to BD-09, degrees."""
    return _in_blocks(_bd09, lon, lat)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 to WGS 84, degrees; the exact inverse, round trip under 1e-6 m."""

    def change(x0: Floats, y0: Floats) -> Pair:
        x, y = _ungcj02(x0, y0)
        steep = np.abs(x - 105.0) < 1e-7  # the shift holds a root of |x - 105|: a turn shrinks little beside it
        if steep.any():
            x[steep], y[steep] = _undone(_gcj02, 1e-13)(x0[steep], y0[steep])
        return x, y

    return _in_blocks(change, lon, lat)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """BD-09 to GCJ-02, degrees; the exact inverse, round trip under 1e-6 m."""
    return _in_blocks(_unbd09, lon, lat)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS 84 to BD-09, degrees."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """BD-09 to WGS 84, degrees; the exact inverse."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
