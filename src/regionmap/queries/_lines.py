"""Lines as the chainage questions read them: their stationing, and what the drawing is good for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from regionmap.errors import InputError
from regionmap.queries import _frames
from regionmap.queries._frames import Read
from regionmap.queries._pieces import Floats, Ints
from regionmap.queries.stationing import Stations, station_texts, stations

SCHEMATIC = ("schematic", "authored")
SCHEMATIC_SHARE = 0.15
"""How far a line drawn through its stations may be too short or too long, as a share of the chainage (docs)."""


def read_lines(along: Any) -> Read:
    """Read lines; what is no line has its geometry taken away."""
    two = _frames.read(along, "along")
    shapes = two.shapes.copy()
    shapes[~np.isin(shapely.get_type_id(shapes), (1, 2, 5))] = None
    if len(shapes) and not (shapes != None).any():  # noqa: E711 - element by element
        kinds = ", ".join(sorted({g.geom_type for g in two.shapes if g is not None})) or "rows without geometry"
        raise InputError(f"along must hold lines, not {kinds}; for a polygon's rim pass frame.boundary")
    return two._replace(shapes=shapes)


def cell(read: Read, name: str, row: int) -> Any:
    """A cell of a column that may be missing; None where empty."""
    if name not in read.frame.columns:
        return None
    value = read.frame[name].iloc[row]
    return None if value is None or value is pd.NA or value == "" or value != value else value


def stations_of(two: Read, row: int) -> Stations | None:
    start = cell(two, "start_chainage_m", row)
    if start is None:
        return None
    if not (isinstance(start, str) and "K" in start.upper()):
        try:
            start = float(start)
        except (TypeError, ValueError):
            start = np.inf
        if not np.isfinite(start):
            said = cell(two, "start_chainage_m", row)
            raise InputError(f"start_chainage_m must be metres or a stationing such as K12+300, not {str(said)!r}")
    return stations(start, cell(two, "station_equations", row) or ())


def texts(two: Read, to: Ints, at: Floats) -> Any:
    """The stationing of places at chainages `at` of lines `to` (-1: no line)."""
    out = np.full(len(to), None, dtype=object)
    order = np.argsort(to, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(to[order])) + 1):
        if len(rows) and to[rows[0]] >= 0:
            out[rows] = station_texts(at[rows], stations_of(two, int(to[rows[0]])))
    return out


def accuracy(one: Read, two: Read, to: Ints, at: Floats) -> Floats:
    out = np.full(len(to), np.nan)
    placed = np.flatnonzero(to >= 0)
    drawn = two.frame["drawn"].isin(SCHEMATIC).to_numpy() if "drawn" in two.frame else np.zeros(len(two.frame), bool)
    share = np.where(drawn, SCHEMATIC_SHARE, 0.0)[to[placed]]
    out[placed] = one.accuracy_m[placed] + two.accuracy_m[to[placed]] + share * at[placed]
    return np.where(np.isinf(out), np.nan, out)
