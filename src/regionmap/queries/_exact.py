"""The measure: from a point to a short geodesic segment on the ellipsoid, vectorised.

Segments are written by their middle and half chord, so that turning one round gives the same bits and ties
between rows that share a border are ties. The foot is found on the chord (lifted by its sag), which is exact to
second order; the distance to the foot is the chord's length bent back to the ellipsoid with the curvature of
the normal section at its middle (Euler 1767), good to 1e-6 m at 100 km, and GeographicLib's beyond.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regionmap import crs
from regionmap.queries._pieces import Floats, Frame, Ints, Pieces, curvature, from_frame, normals

FAR_M = 100_000.0
ZERO_M = 1e-5
"""What is nearer touches."""
MEAN_CURVATURE = 1 / 6_371_000.0


Bend = tuple[Floats, Floats, Floats]
"""North, curvature of the prime vertical, and what the meridian's has more, at points."""


class Foot(NamedTuple):
    """Nearest points on segments."""

    metres: Floats
    lonlat: Floats
    """Shape (n, 2), degrees."""
    at: Floats
    """Along the segment, -1 at its first vertex, 1 at its second."""
    local: Floats


def dot(u: Floats, v: Floats) -> Floats:
    """Row by row."""
    return u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1] + u[:, 2] * v[:, 2]


def rough_m(p: Floats, pieces: Pieces, i: Ints, j: Ints, bend: Bend) -> Floats:
    """Distance of points to segments good enough to choose by: 0.01 mm at 50 km, 1e-6 of it at 500 km.

    Parameters
    ----------
    p : local vectors of the points.
    i, j : first and second vertex of each segment.
    bend : north at each point, curvature of the prime vertical there, and what the meridian's has more.
    """
    a, b = pieces.xyz[i], pieces.xyz[j]
    half, middle = (b - a) / 2, (a + b) / 2
    t = np.clip(dot(p - middle, half) * (4 * pieces.inverse[i]), -1, 1)
    v = p - (middle + t[:, None] * half)
    square = dot(v, v)
    lift = pieces.sag[i] * (1 - t * t)
    square = np.maximum(square - lift * lift + lift * square * MEAN_CURVATURE, 0)
    north, prime, more = bend
    curve = prime * square + more * dot(v, north) ** 2
    out = np.sqrt(square + curve * curve / 12 * (1 + curve * prime * (12 / 90)))
    far = out > 5 * FAR_M
    if far.any():
        out[far] = foot(p[far], from_frame(pieces.frame, p[far]), pieces, i[far], j[far]).metres
    return out


def bend_at(frame: Frame, local: Floats) -> Bend:
    """What `rough_m` wants to know of points."""
    n = normals(frame, local)
    sin = n @ frame.pole
    north = frame.pole - sin[:, None] * n
    size = np.linalg.norm(north, axis=1, keepdims=True)
    root = 1 - crs.E2 * sin * sin
    prime = np.sqrt(root) / crs.A_M
    return north / np.where(size > 1e-12, size, 1), prime, root * prime / (1 - crs.E2) - prime


def foot(p: Floats, lonlat: Floats, pieces: Pieces, i: Ints, j: Ints) -> Foot:
    """Nearest points of segments to points, and the geodesic distances.

    Parameters
    ----------
    p, lonlat : the points, local and in degrees.
    i, j : first and second vertex of each segment.
    """
    frame = pieces.frame
    a, b = pieces.xyz[i], pieces.xyz[j]
    half, middle = (b - a) / 2, (a + b) / 2
    away = p - middle
    # a chord foot is the geodesic's foot shrunk about the middle by the cosine of the angle of the offset
    along = dot(away, half) * (4 * pieces.inverse[i])
    angle2 = (dot(away, away) - along * along * dot(half, half)) * MEAN_CURVATURE**2
    t = np.clip(along / (1 - np.clip(angle2, 0, 1) / 2), -1, 1)
    q = middle + t[:, None] * half
    q += (pieces.sag[i] * (1 - t * t))[:, None] * normals(frame, middle)
    q = np.where((t <= -1)[:, None], a, np.where((t >= 1)[:, None], b, q))
    target = np.where((t <= -1)[:, None], pieces.lonlat[i], pieces.lonlat[j])
    inner = np.abs(t) < 1
    target[inner] = from_frame(frame, q[inner])
    return Foot(metres_between(frame, p, q, lonlat, target), target, t, q)


def metres_between(frame: Frame, p: Floats, q: Floats, p_lonlat: Floats, q_lonlat: Floats) -> Floats:
    """Geodesic distance between points on the ellipsoid, rounded to 1e-6 m so that ties are ties."""
    v = q - p
    square = dot(v, v)
    u = square * curvature(frame, (p + q) / 2, v) ** 2 / 4
    out = np.sqrt(square) * (1 + u * (1 / 6 + u * (3 / 40 + u * (15 / 336))))
    far = out > FAR_M
    if far.any():
        out[far] = crs.distance_m(*p_lonlat[far].T, *q_lonlat[far].T)
    return np.where(out < ZERO_M, 0, np.round(out, 6))


def side_of(p: Floats, pieces: Pieces, i: Ints, j: Ints, at: Floats, q: Floats, metres: Floats) -> NDArray[np.int8]:
    """1 left of, -1 right of, 0 on the line whose segment (i, j) is nearest; beyond an end: of its prolongation.

    At a vertex the two directions are added (the pseudonormal of Baerentzen and Aanaes 2005), so that the answer
    is the same whichever of the two segments was found.
    """
    along = unit(pieces.xyz[j] - pieces.xyz[i])
    for end, vertex in ((-1, i), (1, j)):
        other = neighbour(pieces, vertex, end)
        found = (at == end) & (other >= 0)
        step = (pieces.xyz[other[found]] - pieces.xyz[vertex[found]]) * end
        along[found] += unit(step)
    up = normals(pieces.frame, q)
    v = p - q
    cross = dot(np.cross(along, v), up)
    out = np.sign(np.where(np.abs(cross) <= 1e-6 * np.maximum(1, np.abs(metres) * 1e-3), 0, cross))
    return np.where(metres <= 1e-3, 0, out).astype(np.int8)


def neighbour(pieces: Pieces, vertex: Ints, end: int) -> Ints:
    """The vertex beyond `vertex` in its part (end 1: the next, -1: the one before), round rings; -1: none."""
    part = pieces.part[vertex]
    start, stop = pieces.part_start[part], pieces.part_start[part + 1]
    beyond = vertex + end
    wrap = np.where(pieces.closed[part], start + 1 if end > 0 else stop - 2, -1)
    return np.where((beyond < start) | (beyond >= stop), wrap, beyond)


def unit(v: Floats) -> Floats:
    """Unit vectors; nought stays nought."""
    size = np.sqrt(dot(v, v))[:, None]
    return v / np.where(size > 0, size, 1)
