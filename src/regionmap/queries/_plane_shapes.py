"""Shapes in a plane in which geodesics are straight, for cutting and uniting; measured on the ellipsoid after."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.errors import InputError
from regionmap.queries._pieces import Floats

EDGE_M = 2_000.0
"""Straight pieces of the plane up to here leave the geodesic by nanometres: areas balance to 1e-9."""


def plane_of(*arrays: Any) -> crs.Plane:
    """One plane for arrays of geometries in EPSG:4326.

    Raises
    ------
    InputError : they reach over more than 130 degrees of the earth.
    """
    xy = np.vstack([*(shapely.get_coordinates(a) for a in arrays), np.empty((0, 2))])
    plane = crs.plane_for(xy if len(xy) else np.zeros((1, 2)))
    if plane is None:
        raise InputError("the geometries reach over more than 130 degrees of the earth; ask region by region")
    return plane


def onto(plane: crs.Plane, shapes: Any) -> Any:
    """Shapes onto the plane, pieces at most 2 km; polygons that cross themselves are repaired (even-odd)."""
    flat = crs.shapes_onto(plane, crs.densify(shapes, EDGE_M))
    bad = ~shapely.is_valid(flat) & ~shapely.is_missing(flat)
    flat[bad] = shapely.make_valid(flat[bad])
    return flat


def only(shapes: Any, dimension: int) -> Any:
    """Of each geometry the parts of one dimension (1: lines, 2: polygons), as one geometry; None where none."""
    out = np.full(len(shapes), None, dtype=object)
    parts, of = crs.singles(np.asarray(shapes, dtype=object))
    fits = (shapely.get_dimensions(parts) == dimension) & ~shapely.is_empty(parts)
    parts, of = parts[fits], of[fits]
    if not len(parts):
        return out
    starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
    single = np.diff(np.r_[starts, len(of)]) == 1
    out[of[starts[single]]] = parts[starts[single]]
    multi = ~np.isin(np.arange(len(of)), starts[single])
    if multi.any():
        rows = np.unique(of[multi])
        make = shapely.multipolygons if dimension == 2 else shapely.multilinestrings
        out[rows] = make(parts[multi], indices=np.searchsorted(rows, of[multi]))
    return out


def km2(plane: crs.Plane, shapes: Any) -> Floats:
    """Area in km2 on the ellipsoid of shapes of the plane; 0 for None."""
    return np.asarray(crs.area_m2(crs.shapes_off(plane, np.asarray(shapes, dtype=object)))) / 1e6


def km(plane: crs.Plane, shapes: Any) -> Floats:
    """Length in km on the ellipsoid of lines of the plane; 0 for None."""
    return np.asarray(crs.length_m(crs.shapes_off(plane, np.asarray(shapes, dtype=object)))) / 1e3
