"""How far a located thing may be off: the rules of the table in docs/where.md, each in one place.

An accuracy is a radius in metres that the true position exceeds in at most 5 % of cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import shapely

from regionmap import crs

BARE_POINT_M = 1_500.0
"""Coordinates in a cell, whose origin nobody states (rule 5)."""

FILE_M = 50.0
"""A feature of a file that states no accuracy (rule 6)."""

SAG = {"water": 0.32, "waterway": 0.32}
SAG_ELSE = 0.21
"""How far a real line may lie from a straight piece between two nodes, as a share of its length (rule 8).

Measured on the lines of the shipped region: of the stations between two others of a railway, two to four
stations apart, 5 % lie farther off the straight piece than a fifth of its length (0.21); so do interchanges of
motorways. Rivers need a third. tests/places/test_accuracy.py holds the count.
"""


def sag_m(start: Any, end: Any, sector: str) -> float:
    """Rule 8: what a straight piece between two points (longitude, latitude) leaves open, metres."""
    return SAG.get(sector, SAG_ELSE) * float(crs.distance_m(*start, *end))


def within_m(area: Any, spot: Any, boundary_m: float) -> float:
    """Rule 4: something within an area, put at `spot`: the farthest corner, and how far off that may be drawn."""
    hull = shapely.get_coordinates(shapely.convex_hull(area))
    return float(crs.distance_m(spot.x, spot.y, hull[:, 0], hull[:, 1]).max()) + boundary_m


def point_m(decimals: int) -> float:
    """Rule 5: bare coordinates with so many decimals; half a unit of the last digit, both ways."""
    return max(BARE_POINT_M, 0.5 * 10.0**-decimals * 111_320 * 2**0.5)


def widest(values: Iterable[float]) -> float:
    """Rules 7, 9 and 10: what is put together is as uncertain as its most uncertain part."""
    return max(values, default=0.0)
