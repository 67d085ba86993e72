"""Tables for the package `linref` and back. Its measures are ours (metres on the ellipsoid); its geometry is planar."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from regionmap import crs
from regionmap.errors import InputError, MissingExtraError
from regionmap.queries import _frames, _linear, _lines, chainage


def _need() -> None:
    if find_spec("linref") is None:
        raise MissingExtraError("linref", "linref", "exchanging tables with linref")


def to_linref(along: Any, *, key: str = "route") -> Any:
    """Lines as linref's linear events: one row a part, with an LRS set and geometry that carries our chainages.

    Parameters
    ----------
    along : GeoDataFrame of lines, any CRS.
    key : name of the column that holds the index of `along`.

    Returns
    -------
    GeoDataFrame
        In the CRS of `along`: its columns, `key`, `beg_m` and `end_m` (metres on the ellipsoid from the line's
        first point), `geometry_m` (linref's LineStringM: the chainage at every vertex). `df.lr` is ready.

    Raises
    ------
    MissingExtraError : linref is not installed.
    InputError, MissingCRSError, DatumError, ColumnClashError
    """
    _need()
    import linref
    from linref.geometry.linestring_m import LineStringM

    two = _lines.read_lines(along)
    shapes, row, begin, end, with_m = [], [], [], [], []
    for n, shape in enumerate(two.shapes):
        line = _linear.line_of(shape) if shape is not None else None
        for part in np.unique(line.part) if line else ():
            own = line.part == part if line else np.empty(0)
            if line is None or own.sum() < 2:
                continue
            drawn = crs.from_wgs84([shapely.LineString(line.lonlat[own])], two.frame.crs)[0]
            shapes.append(drawn)
            row.append(n)
            begin.append(line.chainage_m[own][0])
            end.append(line.chainage_m[own][-1])
            with_m.append(LineStringM(drawn, m=line.chainage_m[own]))
    columns = {key: _frames.labels(two.frame.index, np.array(row, int)), "beg_m": begin, "end_m": end}
    out = _frames.result(
        two, np.array(row, int), {**columns, "geometry_m": with_m}, suffix="", attrs=_frames.attrs_of(two)
    )
    name = out.geometry.name
    out = out.reset_index(drop=True).set_geometry(gpd.GeoSeries(shapes, crs=two.frame.crs).rename(name))
    lrs = linref.LRS(
        key_col=[key], loc_col="loc_m", beg_col="beg_m", end_col="end_m", geom_col=name, geom_m_col="geometry_m"
    )
    return out.lr.set_lrs(lrs)


def from_linref(events: Any, along: Any) -> gpd.GeoDataFrame:
    """linref's events placed on lines: points for located ones, stretches for linear ones, on the ellipsoid.

    Parameters
    ----------
    events : DataFrame with an LRS of one key column, whose values are labels of `along`'s index, and measures in
        metres from each line's first point.
    along : GeoDataFrame of lines with a unique index, any CRS.

    Returns
    -------
    GeoDataFrame : the rows and index of `events` in the CRS of `along`; a missing key or measure: no geometry.

    Raises
    ------
    MissingExtraError : linref is not installed.
    InputError : no LRS of one key; a key that is no row of `along`; a measure beyond the line.
    """
    _need()
    import linref  # noqa: F401 - gives frames their `lr`

    lrs = events.lr.lrs
    if len(lrs.key_col) != 1 or not along.index.is_unique:
        raise InputError("from_linref takes an LRS with one key column, whose values name rows of along, each once")
    located = lrs.loc_col is not None and lrs.loc_col in events.columns
    needed = [lrs.key_col[0], *([lrs.loc_col] if located else [lrs.beg_col, lrs.end_col])]
    unknown = set(events[needed[0]].dropna()) - set(along.index)
    if unknown:
        raise InputError(f"no row of along is called {', '.join(map(repr, sorted(unknown, key=str)))}")
    shapes = np.full(len(events), None, dtype=object)
    for n, values in enumerate(events[needed].itertuples(index=False, name=None)):
        if pd.isna(list(values)).any():
            continue
        line = along.loc[[values[0]]]
        if located or values[1] == values[2]:
            shapes[n] = chainage.point_at(line, float(values[1])).geometry.iloc[0]
        else:
            bare = gpd.GeoDataFrame(geometry=line.geometry)
            shapes[n] = chainage.stretch(bare, float(values[1]), float(values[2])).geometry.iloc[0]
    plain = pd.DataFrame(events).drop(columns=[c for c in (lrs.geom_col, lrs.geom_m_col) if c in events.columns])
    out = gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(shapes, index=events.index, crs=along.crs))
    out.attrs = _frames.attrs_of(_lines.read_lines(along), query="from_linref")
    return out
