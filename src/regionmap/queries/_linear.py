"""Along a line: chainage of places on it, and places at a chainage. Geodesics on the ellipsoid, parts in order."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely

from regionmap import crs
from regionmap.queries import _exact
from regionmap.queries._pieces import Floats, Ints, Pieces, to_frame

BATCH = 50_000
NEAR_M = 0.05
"""A foot that proximity found lies within this of its line (nanometres, in truth)."""


class Measured(NamedTuple):
    """Lines as pieces, with the chainage of every vertex.

    Attributes
    ----------
    pieces : see `_pieces`.
    chainage_m : per vertex, metres from its row's first vertex; gaps between parts count nothing.
    length_m : per row.
    """

    pieces: Pieces
    chainage_m: Floats
    length_m: Floats


def measured(pieces: Pieces) -> Measured:
    """Chainages of the vertices of lines."""
    xy = pieces.lonlat
    step = np.zeros(len(xy))
    joined = np.flatnonzero(pieces.inverse)
    # a geodesic of at most 2 km is its chord bent: c (1 + 8 sag² / 3 c²), good to 1e-8 m
    step[joined + 1] = (1 + _bend(pieces, joined)) / np.sqrt(pieces.inverse[joined])
    row = pieces.part_row[pieces.part] if len(xy) else np.empty(0, np.int64)
    length = np.bincount(row, weights=step, minlength=len(pieces.kind)).astype(float)
    before = np.concatenate([[0.0], np.cumsum(length)])[:-1]
    return Measured(pieces, np.cumsum(step) - before[row], length)


def _bend(pieces: Pieces, i: Ints) -> Floats:
    """How much longer segments are than their chords, as a share."""
    return 8 / 3 * pieces.sag[i] ** 2 * pieces.inverse[i]


def _tree(pieces: Pieces) -> Any:
    low, high = pieces.levels[0][:, :2] - NEAR_M, pieces.levels[0][:, 3:5] + NEAR_M
    return shapely.STRtree(shapely.box(*low.T, *high.T))


class Place(NamedTuple):
    """Places on lines: chainage in metres, and the segment (its first vertex) that each lies on."""

    chainage_m: Floats
    vertex: Ints


def locate(line: Measured, row: Ints, lonlat: Floats) -> Place:
    """Where on its line each point of a line lies; the smaller chainage where the line passes it twice.

    Parameters
    ----------
    row : the line of each point.
    lonlat : shape (n, 2), degrees, on the lines.
    """
    out = Place(np.full(len(row), np.nan), np.full(len(row), -1))
    tree = _tree(line.pieces) if len(row) else None
    for begin in range(0, len(row), BATCH):
        part = slice(begin, begin + BATCH)
        _locate(line, tree, row[part], lonlat[part], Place(out.chainage_m[part], out.vertex[part]))
    return out


def _locate(line: Measured, tree: Any, row: Ints, lonlat: Floats, out: Place) -> None:
    b = line.pieces
    local = to_frame(b.frame, lonlat)
    q, piece = tree.query(shapely.points(local[:, :2]))
    own = b.row[piece] == row[q]
    q, piece = q[own], piece[own]
    count = np.maximum(b.last[piece] - b.first[piece], 1)  # a part without length is its point
    at = np.repeat(np.arange(len(q)), count)
    i = b.first[piece][at] + np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    q, j = q[at], np.minimum(i + 1, b.last[piece][at])
    half = (b.xyz[j] - b.xyz[i]) / 2
    away = local[q] - b.xyz[i] - half
    t = np.clip(_exact.dot(away, half) * 4 * b.inverse[i], -1, 1)
    away -= t[:, None] * half
    # its chord lies below a segment, so that a foot is that much above it
    on = np.sqrt(_exact.dot(away, away)) <= NEAR_M + b.sag[i] * (1 - t * t)
    q, i, j = q[on], i[on], j[on]
    if not len(q):
        return
    twice = (np.bincount(q, minlength=len(local)) > 1)[q]  # near a vertex or a crossing: measure exactly
    metres, along = np.zeros(len(q)), np.zeros(len(q))
    u, v = q[twice], i[twice]
    metres[twice] = _exact.foot(local[u], lonlat[u], b, v, j[twice]).metres
    along[twice] = line.chainage_m[v]
    order = np.lexsort((along, np.round(metres, 4), q))
    first = order[np.r_[True, q[order][1:] != q[order][:-1]]]
    q, i = q[first], i[first]
    beyond = np.atleast_1d(crs.distance_m(*b.lonlat[i].T, *lonlat[q].T))
    out.chainage_m[q] = line.chainage_m[i] + np.where(beyond < 1e-6, 0, beyond)  # a vertex is a vertex
    out.vertex[q] = i


def placed(line: Measured, place: Floats) -> Place:
    """Chainages of places along the vertices, as a search gives them (7.25: a quarter from vertex 7 to 8)."""
    b = line.pieces
    i = np.floor(place).astype(np.int64)
    i -= b.inverse[i] == 0  # the end of a part is the end of its last segment
    t, bend = 2 * (place - i) - 1, _bend(b, i)
    share = (t + t**3 * bend) / (1 + bend)  # of the chord to of the arc: x = R sin(s / R)
    return Place(line.chainage_m[i] + (1 + share) / 2 * (1 + bend) / np.sqrt(b.inverse[i]), i)


def sharpen(line: Measured, place: Place, points: Floats) -> tuple[Floats, Floats]:
    """Chainages and feet where the geodesic from each point meets its segment at a right angle.

    The foot that proximity finds is good for the distance (second order), not for the place along the line: far
    away it is some centimetres off. Two steps of Newton on the sphere of radius 6,371 km (tan a = tan c cos B)
    leave micrometres.

    Parameters
    ----------
    place : the segments found.
    points : the points asked about, shape (n, 2), degrees.

    Returns
    -------
    tuple : chainages in metres; feet in degrees, shape (n, 2).
    """
    b, i = line.pieces, place.vertex
    start, end = b.lonlat[i], b.lonlat[np.where(b.inverse[i] > 0, i + 1, i)]
    azimuth, _, length = map(np.asarray, crs.GEOD.inv(*start.T, *end.T))
    s = np.clip(place.chainage_m - line.chainage_m[i], 0, length)
    inner = np.flatnonzero((s > 0) & (s < length))
    for _ in range(2):
        lon, lat, back = crs.GEOD.fwd(start[inner, 0], start[inner, 1], azimuth[inner], s[inner])
        to, _, far = crs.GEOD.inv(lon, lat, *points[inner].T)
        angle = np.radians(np.asarray(to) - (np.asarray(back) + 180))
        step = np.arctan2(np.sin(far / _R) * np.cos(angle), np.cos(far / _R)) * _R
        s[inner] = np.clip(s[inner] + step, 0, length[inner])
    lon, lat, _ = crs.GEOD.fwd(start[:, 0], start[:, 1], azimuth, s)
    return line.chainage_m[i] + s, np.column_stack([lon, lat])


_R = 6_371_000.0


class Line(NamedTuple):
    """One line's own vertices: degrees, shape (n, 2); chainage of each; the part of each."""

    lonlat: Floats
    chainage_m: Floats
    part: Ints

    @property
    def length_m(self) -> float:
        return float(self.chainage_m[-1])


def line_of(geometry: Any) -> Line:
    """The vertices of a LineString or MultiLineString in EPSG:4326, without repeated ones and empty parts."""
    parts = [p for p in shapely.get_parts(geometry) if not p.is_empty]
    xy, part = shapely.get_coordinates(parts, return_index=True)
    new = np.r_[True, (part[1:] != part[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)]
    xy, part = xy[new], part[new].astype(np.int64)
    step = np.zeros(len(xy))
    joined = np.flatnonzero(part[1:] == part[:-1])
    step[joined + 1] = crs.distance_m(*xy[joined].T, *xy[joined + 1].T)
    return Line(xy, np.cumsum(step), part)


def points_at(line: Line, chainage_m: Floats, *, later: bool = False) -> tuple[Floats, Ints]:
    """Places at chainages (0 to the length): degrees, shape (n, 2), and the first vertex of each one's segment.

    Where one part ends and the next begins the chainage is the same: the end of the first (`later`: the start
    of the last).
    """
    j = np.searchsorted(line.chainage_m, chainage_m, side="right" if later else "left")
    j = np.clip(j, 1, len(line.lonlat) - 1)
    i = j - 1
    gap = line.part[i] != line.part[j]
    i = np.where(gap, np.where(later, j, np.maximum(i - 1, 0)), i)
    j = np.minimum(i + 1, len(line.lonlat) - 1)
    azimuth, _, length = map(np.asarray, crs.GEOD.inv(*line.lonlat[i].T, *line.lonlat[j].T))
    s = chainage_m - line.chainage_m[i]
    lon, lat, _ = map(np.asarray, crs.GEOD.fwd(line.lonlat[i, 0], line.lonlat[i, 1], azimuth, s))
    lon = lon + 360 * np.round((line.lonlat[i][:, 0] - lon) / 360)
    out = np.column_stack([lon, lat])
    out = np.where((s <= 0)[:, None], line.lonlat[i], np.where((s >= length)[:, None], line.lonlat[j], out))
    return out, i


def onto_vertex(line: Line, at: float) -> float:
    """The chainage of a vertex within a micrometre, so that no crumb of the part before it is cut off."""
    near = float(line.chainage_m[np.argmin(np.abs(line.chainage_m - at))])
    return near if abs(near - at) <= 1e-6 else at


def cut(line: Line, low: float, high: float) -> Any:
    """The part of a line between two chainages, low < high: a LineString, or a MultiLineString across gaps."""
    low, high = (onto_vertex(line, at) for at in (low, high))
    (start,), (first,) = points_at(line, np.array([low]), later=True)
    (end,), (last,) = points_at(line, np.array([high]))
    keep = np.arange(first + 1, last + 1)
    xy = np.vstack([start, line.lonlat[keep], end])
    part = np.r_[line.part[first], line.part[keep], line.part[last]]
    runs = [xy[part == p] for p in np.unique(part)]
    runs = [r[np.r_[True, (r[1:] != r[:-1]).any(axis=1)]] for r in runs]
    lines = [shapely.LineString(r) for r in runs if len(r) > 1]
    return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)
