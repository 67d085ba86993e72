"""Columns as stores keep them: text, numbers, truth values, lists of text; and frames made of them again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from regionmap.errors import InputError
from regionmap.plans.records import LISTS

TYPES = ("text", "list", "integer", "number", "truth")
SEPARATOR = ";"
"""Between the parts of a list where a store has none."""
_TEXT = pd.Series(["a"]).dtype  # what pandas takes text as
_EMPTY, _UNIT = b"\x00", b"\x1e"
_NOTHING = np.array(["\x00"], dtype=object)  # bare text numpy would shorten to none


def types_of(frame: pd.DataFrame, name: str) -> dict[str, str]:
    """What each column but the geometry holds, one of TYPES.

    Raises
    ------
    InputError : a column that holds anything else.
    """
    found = {str(c): "list" if c in LISTS else _type_of(frame[c]) for c in frame.columns if c != "geometry"}
    wrong = [c for c, kind in found.items() if not kind]
    if wrong:
        allowed = "a store keeps text without NUL, lists of text, numbers, truth values"
        raise InputError(f"{name}: column(s) {', '.join(wrong)}: {allowed}")
    return found


def _type_of(column: pd.Series) -> str:
    kind = pd.api.types
    if kind.is_bool_dtype(column):
        return "truth"
    if kind.is_integer_dtype(column):
        return "integer"
    if kind.is_float_dtype(column):
        return "number"
    if _kind_of(column) in ("string", "empty"):
        return "" if "\x00" in "".join(column.dropna().to_numpy(object)) else "text"  # most stores end a text there
    return "list" if all(isinstance(v, list | tuple | np.ndarray) for v in column if not _missing(v)) else ""


def _kind_of(column: pd.Series) -> str:
    """What the cells that are not missing are, as pandas calls it."""
    if isinstance(column.dtype, pd.StringDtype):
        return "string"
    return str(pd.api.types.infer_dtype(column.astype(object), skipna=True))


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def cast(frame: pd.DataFrame, types: Mapping[str, str]) -> dict[str, Any]:
    """The columns named in `types` as the frames of a region hold them; missing ones are empty."""
    gone = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    return {name: _cast(frame.get(name, gone), kind) for name, kind in types.items()}


def _cast(column: pd.Series, kind: str) -> pd.Series:
    if kind == "list":
        values = [_as_list(v) for v in column]
        return pd.Series(values, index=column.index, dtype=object)
    if kind == "integer":
        return pd.to_numeric(column).astype("Int64")
    if kind == "number":
        return pd.to_numeric(column).astype(float)
    if kind == "truth":
        return column.map(lambda v: None if _missing(v) else bool(v)).astype("boolean")
    if _kind_of(column) not in ("string", "empty"):
        column = pd.Series([None if _missing(v) else str(v) for v in column], index=column.index, dtype=object)
    return column.astype(object).where(column.notna(), None).astype(_TEXT)


def _as_list(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part for part in value.split(SEPARATOR) if part]
    return [] if _missing(value) else [str(v) for v in value]


def frame_of(columns: Mapping[str, Any], shapes: Any) -> geopandas.GeoDataFrame:
    """Columns and geometries as a frame of a region: index `id`, EPSG:4326."""
    series = geopandas.GeoSeries(np.asarray(shapes, dtype=object), crs=4326)
    frame = geopandas.GeoDataFrame({k: _bare(v) for k, v in columns.items()}, geometry=series)
    frame.index = pd.Index(list(frame["id"]), name=None, dtype=object)
    return frame


def _bare(column: Any) -> Any:
    return column.reset_index(drop=True) if isinstance(column, pd.Series) else column


def joined(frame: pd.DataFrame, types: Mapping[str, str]) -> pd.DataFrame:
    """The frame with lists as text, for stores that have none.

    Raises
    ------
    InputError : a part of a list that holds the separator.
    """
    lists = [c for c, kind in types.items() if kind == "list" and c in frame]
    for column in lists:
        if any(SEPARATOR in part for parts in frame[column] for part in _as_list(parts)):
            raise InputError(f"column {column}: a name in a list must not hold {SEPARATOR!r}, which parts the names")
    return frame.assign(**{c: [SEPARATOR.join(_as_list(v)) for v in frame[c]] for c in lists})


def digest(*frames: geopandas.GeoDataFrame) -> str:
    """A hash of all rows, whatever store they come from: 8 hexadecimal digits."""
    whole = hashlib.sha256()
    for frame in frames:
        for name, kind in sorted(types_of(frame, "digest").items()):
            if frame[name].isna().all():  # a column that somebody added changes the plans that use it
                continue
            whole.update(name.encode() + _UNIT + _bytes(frame[name], kind))
        wkb = shapely.to_wkb(np.asarray(frame.geometry.array, dtype=object), byte_order=1)
        whole.update(_UNIT.join(_EMPTY if b is None else b for b in wkb))
    return whole.hexdigest()[:8]


def _bytes(column: pd.Series, kind: str) -> bytes:
    if kind in ("number", "integer", "truth"):
        return (column.astype("Float64").to_numpy(dtype="<f8", na_value=np.nan) + 0.0).tobytes()  # SQLite keeps no -0.0
    if kind == "list":
        return _UNIT.join(SEPARATOR.join(_as_list(v)).encode() for v in column)
    values = column.to_numpy(dtype=object, copy=True)
    values[column.isna()] = _NOTHING
    return _UNIT.decode().join(values).encode()


def plan_digests(plans: Iterable[str], records: Any, targets: Any) -> dict[str, str]:
    """The hash of each plan's rows."""
    frames = (records, targets)
    return {p: digest(*(f[(f["plan"] == p).to_numpy()] for f in frames)) for p in plans}
