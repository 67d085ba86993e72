"""How far two geometries lie apart, and what the words of a location expression name.

Nearest points are found in degrees with longitudes shrunk at the middle latitude, and measured on the
ellipsoid: never below the true distance and at most 2 % above it across 5 degrees of latitude, which is what
a comparison with an accuracy needs. Exact distances are `queries.proximity`'s.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from lark import Token, Tree

from regionmap import crs
from regionmap.errors import ExpressionError
from regionmap.places import grammar
from regionmap.places.gazetteer import Entry, Gazetteer, stem

_STEP_M = 1_000.0
_STRAIGHT_M = 10_000.0  # up to here a straight piece in degrees stays within metres of its geodesic


def nearest_m(a: Any, b: Any) -> float:
    """Metres between the nearest points of two geometries in EPSG:4326; 0 where they meet."""
    return 0.0 if shapely.intersects(a, b) else float(_gaps(a, b)[0])


def farthest_m(a: Any, b: Any) -> float:
    """Metres that `a` departs at most from `b`, both in EPSG:4326 (the directed Hausdorff distance).

    Measured at points of `a` at most 1 km apart.
    """
    spots = shapely.points(shapely.get_coordinates(crs.densify(a, _STEP_M)))
    return float(_gaps(spots, b).max())


def _gaps(a: Any, b: Any) -> np.ndarray:
    south, north = (shapely.bounds(b)[i] for i in (1, 3))
    narrow = float(np.cos(np.radians((south + north) / 2)))
    a, b = (crs.densify(g, _STRAIGHT_M) for g in (np.atleast_1d(a), b))
    flat_a, flat_b = (shapely.transform(g, lambda xy: xy * [narrow, 1.0]) for g in (a, b))
    ends = shapely.get_coordinates(shapely.shortest_line(flat_a, flat_b)).reshape(-1, 2, 2) / [narrow, 1.0]
    return np.atleast_1d(crs.distance_m(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1]))


def named(gazetteer: Gazetteer, expr: str, area: str) -> list[Entry]:
    """What the names in a location expression mean, in their order; none where it can't be read.

    Parameters
    ----------
    area : code of the unit whose names come first.
    """
    tree = _tree(gazetteer, expr)
    return _entries(gazetteer, tree, area)


def route_names(gazetteer: Gazetteer, expr: str, area: str) -> tuple[str, ...]:
    """The nodes of a route `A > B > C` as labels of what they mean; empty where it is no such route."""
    tree = _tree(gazetteer, expr)
    if tree is None or tree.data != "route":
        return ()
    return tuple("+".join(gazetteer.label(e) for e in _entries(gazetteer, n, area)) or str(n) for n in tree.children)


def related(a: list[Entry], b: list[Entry]) -> bool:
    """Whether what two location expressions name may overlap, by unit codes; True where one has none."""
    codes = [{stem(e.unit) for e in entries if e.unit} for entries in (a, b)]
    if not all(codes):
        return True
    return any(x.startswith(y) or y.startswith(x) for x in codes[0] for y in codes[1])


def _tree(gazetteer: Gazetteer, expr: str) -> Tree[Token] | None:
    try:
        tree: Any = grammar.parse(expr, gazetteer.match, gazetteer.suggest) if expr else None
    except ExpressionError:
        return None
    return tree.children[0] if tree is not None and tree.data == "start" else tree


def _entries(gazetteer: Gazetteer, tree: Any, area: str) -> list[Entry]:
    if not isinstance(tree, Tree):
        return []
    if tree.data != "name":
        return [entry for child in tree.children for entry in _entries(gazetteer, child, area)]
    inside: Entry | None = None
    for token in tree.children:
        found = gazetteer.find(str(token), area=area, inside=inside)
        if len(found) != 1:
            return []
        inside = found[0]
    return [inside] if inside else []
