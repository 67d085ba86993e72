"""Points of a file as they stand, for the shift detector: nothing is repaired or converted here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regionmap.errors import CRSError, InputError

_X = ("经度", "东经", "lon", "lng", "long", "longitude", "x", "x坐标", "东坐标", "横坐标", "easting")
_Y = ("纬度", "北纬", "lat", "latitude", "y", "y坐标", "北坐标", "纵坐标", "northing")
_NAMES = ("名称", "地名", "name", "乡镇", "站名", "项目名称")
_UNITS = (
    "区县",
    "县区",
    "县(市、区)",
    "县市区",
    "县",
    "unit",
    "county",
    "district",
    "行政区",
    "行政区划",
    "市",
    "city",
)


@dataclass(frozen=True)
class Points:
    """A table or layer, with the columns that were found in it; `xy` for a table without geometry."""

    frame: Any
    names: str | None
    units: str | None
    xy: tuple[str, str] | None = None
    crs: Any = None


def read(
    path: str | Path, *, x: str | None = None, y: str | None = None, crs: Any = None, layer: str | None = None
) -> Points:
    """The points of a vector file or of a table with columns of coordinates.

    Parameters
    ----------
    x, y : columns of a table; else the first that has a usual name.
    crs : what the coordinates are said to be; over what the file says.

    Raises
    ------
    InputError : no such file or column, a file that can't be read, no coordinates in it.
    CRSError : `crs` is none.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"no file {path}")
    suffix = path.suffix.lower()
    table = suffix in (".csv", ".txt", ".tsv", ".xlsx", ".xlsm")
    try:
        frame = _table(path, suffix) if table else _layer(path, layer)
    except (RuntimeError, ValueError, KeyError, OSError) as error:
        raise InputError(f"{path} can't be read: {error}") from error
    xy = None
    if table:
        xy = (_column(frame, x, _X, "x (longitude, easting)"), _column(frame, y, _Y, "y (latitude, northing)"))
    return Points(frame, _first(frame, _NAMES), _first(frame, _UNITS), xy, _system(crs))


def _table(path: Path, suffix: str) -> Any:
    import pandas as pd

    if suffix.startswith(".xls"):
        return pd.read_excel(path, dtype=object)
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError(f"{path} is neither UTF-8 nor GB18030")
    import io

    return pd.read_csv(io.StringIO(text), dtype=object, sep="\t" if suffix == ".tsv" else ",")


def _layer(path: Path, layer: str | None) -> Any:
    import geopandas

    return geopandas.read_file(path, layer=layer, engine="pyogrio")


def _first(frame: Any, wanted: Sequence[str]) -> str | None:
    columns = {str(c).strip().lower(): str(c) for c in frame.columns}
    return next((columns[w] for w in wanted if w in columns), None)


def _column(frame: Any, given: str | None, usual: Sequence[str], what: str) -> str:
    found = given or _first(frame, usual)
    if found is None:
        raise InputError(f"which column is {what}? The table has {', '.join(map(str, frame.columns))}")
    return found


def _system(crs: Any) -> Any:
    from regionmap import datums

    if crs is None:
        return None
    try:
        datums.family(crs)
    except RuntimeError as error:
        raise CRSError(f"no CRS {crs!r}: {error}") from error
    return crs
