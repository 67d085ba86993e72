"""Callers' frames in, result frames out: checks, accuracy, clashes, attrs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from regionmap import crs
from regionmap.errors import ColumnClashError, InputError
from regionmap.queries._pieces import Floats, Frame, Ints, Pieces, build, frame_for

METHOD = "geodesics on the WGS 84 ellipsoid"


class Read(NamedTuple):
    """A caller's frame as the queries see it."""

    frame: gpd.GeoDataFrame
    shapes: Any
    """EPSG:4326, two-dimensional; None for a row without geometry."""
    accuracy_m: Floats
    """0 where the frame has no such column, infinite where unknown."""
    pieces: Pieces | None = None
    """Its pieces and their tree, where they were made beforehand."""


def read(frame: Any, name: str) -> Read:
    """Check one data argument; one that was read and checked before is itself.

    Raises
    ------
    InputError
        Not a GeoDataFrame or GeoSeries; an accuracy that is no number of 0 or more.
    CRSError
        As `crs.require_crs`.
    """
    if isinstance(frame, Read):
        return frame
    if isinstance(frame, gpd.GeoSeries):
        frame = frame.to_frame("geometry")
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(f"{name} must be a GeoDataFrame or a GeoSeries, not {type(frame).__name__}")
    if frame.active_geometry_name is None:
        raise InputError(f"{name} has no geometry column; name one with {name}.set_geometry(...)")
    shapes = crs.lonlat(frame)
    if (deep := shapely.has_z(shapes)).any():
        shapes[deep] = shapely.force_2d(shapes[deep])
    shapes[shapely.is_empty(shapes)] = None
    accuracy = np.zeros(len(frame))
    if "accuracy_m" in frame.columns:
        try:
            accuracy = pd.to_numeric(frame["accuracy_m"]).to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError) as fault:
            raise InputError(f"{name}: accuracy_m must be metres, or empty for unknown; {fault}") from fault
        if (accuracy < 0).any():
            raise InputError(f"{name}: accuracy_m must be 0 or more metres, not {accuracy[accuracy < 0][0]:g}")
        accuracy = np.where(np.isnan(accuracy), np.inf, accuracy)
    return Read(frame, shapes, accuracy)


def metres(value: float | None, name: str) -> float:
    """A distance argument: 0 or more metres.

    Raises
    ------
    InputError
        Not a number of 0 or more.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not value >= 0:
        raise InputError(f"{name} must be a number of metres, 0 or more, not {value!r}")
    return float(value)


def pieces(*reads: Read) -> tuple[Pieces, ...]:
    """The pieces of several frames in one local frame; a tree over the last, in which the others are looked for."""
    *others, last = reads
    if last.pieces is not None:
        return (*unindexed(last.pieces.frame, *(r.shapes for r in others)), last.pieces)
    corners = [shapely.bounds(r.shapes[:: max(1, len(r.shapes) // 5000)]).reshape(-1, 2) for r in reads]
    local = frame_for(*(c[np.isfinite(c[:, 0])] for c in corners))
    return tuple(build(r.shapes, local, indexed=r is last) for r in reads)


def prepared(read: Read) -> Read:
    """With its pieces and their tree, to be asked about again and again."""
    return read._replace(pieces=pieces(read)[0])


def unindexed(local: Frame, *shapes: Any) -> tuple[Pieces, ...]:
    """The pieces of arrays of geometries in EPSG:4326 in a given local frame, without a tree."""
    return tuple(build(s, local, indexed=False) for s in shapes)


def label_rank(index: pd.Index) -> Ints:
    """The place of every row when rows are put in the order of their labels, then of their place.

    Labels that can't be compared with each other are put in the order of their text.
    """
    try:
        order = index.argsort() if index.is_unique else np.argsort(pd.factorize(index, sort=True)[0], kind="stable")
    except TypeError:
        order = np.argsort(np.array([str(v) for v in index], dtype=object), kind="stable")
    rank = np.empty(len(index), np.int64)
    rank[np.asarray(order)] = np.arange(len(index))
    return rank


def labels(index: pd.Index, rows: Ints) -> Any:
    """The labels of rows as a column; missing where a row is -1 (integers turn to Int64 then)."""
    if isinstance(index, pd.MultiIndex):
        index = index.to_flat_index()
    if not len(index):
        return pd.array(np.full(len(rows), None, dtype=object), dtype=object)
    taken = index.take(np.where(rows < 0, 0, rows))
    gone = rows < 0
    if not gone.any():
        return taken.array
    if pd.api.types.is_integer_dtype(index.dtype):
        return pd.Series(taken.array).astype("Int64").mask(gone).array
    return pd.Series(taken.array).mask(gone).array


def result(
    source: Read, rows: Ints, columns: Mapping[str, Any], *, suffix: str, attrs: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """The caller's rows, repeated as asked, with result columns put behind.

    Raises
    ------
    ColumnClashError
        A result column that the caller's frame has.
    """
    named = {f"{name}{suffix}": values for name, values in columns.items()}
    check_clash(source.frame, named)
    everything = np.array_equal(rows, np.arange(len(source.frame)))
    base = source.frame.copy(deep=False) if everything else source.frame.take(rows)
    extra = pd.DataFrame(dict(named), index=base.index, copy=False)
    out = gpd.GeoDataFrame(pd.concat([base, extra], axis=1), geometry=base.geometry.name, crs=base.crs)
    out.attrs = dict(attrs)
    return out


def check_clash(frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Raise ColumnClashError where the frame has one of the names."""
    clash = [name for name in names if name in frame.columns]
    if clash:
        raise ColumnClashError(clash)


def attrs_of(*reads: Read, method: str = METHOD, **more: Any) -> dict[str, Any]:
    """What every answer says of itself: method, CRS of the numbers, edition of each input."""
    editions = [r.frame.attrs.get("edition") for r in reads]
    return {"method": method, "crs": crs.WGS84, "edition": tuple(editions), **more}


def without_geometry(read: Read) -> list[Any]:
    """Labels of the rows that have no geometry."""
    gone: NDArray[np.bool_] = shapely.is_missing(read.shapes)
    return list(read.frame.index[gone])
