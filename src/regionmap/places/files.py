"""One feature of a file: `own.gpkg#parks/12`, `own.gpkg#parks/id=A7`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import shapely

from regionmap import crs
from regionmap.errors import InputError, NotFoundError, nearest_names
from regionmap.places.accuracy import FILE_M


def feature(folder: Path, path: str, layer: str, key: str) -> tuple[Any, float]:
    """Geometry (EPSG:4326) and accuracy in metres of a feature of a vector file.

    Parameters
    ----------
    folder : the table's folder; `path` is relative to it and never leads above it, by links neither.
    layer : name of the layer; a shapefile's or GeoJSON file's only one is called like the file.
    key : a fid, or `column=value`.

    Returns
    -------
    geometry, accuracy : the accuracy is that of the column `accuracy_m`, or `accuracy.FILE_M`.

    Raises
    ------
    InputError : the path leaves the folder, there is no such layer or column, the key fits several features,
        the file can't be read.
    NotFoundError : no such feature, or one without a geometry.
    FileNotFoundError : no such file.
    CRSError : the file has no CRS or one that must be converted first.
    """
    import geopandas
    import pyogrio

    root = folder.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root):
        raise InputError(f"{path} leads out of the folder {root}")
    if not file.is_file():
        raise FileNotFoundError(f"no file {path} in {root}")
    try:
        layers = [str(name) for name in pyogrio.list_layers(file)[:, 0]]
        if layer not in layers:
            near = nearest_names(layer, layers) or tuple(layers)
            raise InputError(f"{path} has no layer {layer!r}; nearest: {', '.join(near)}")
        frame = geopandas.read_file(file, layer=layer, fid_as_index=True, engine="pyogrio")
    except RuntimeError as error:
        raise InputError(f"{path}#{layer} can't be read: {error}") from error
    rows = _rows(frame, key, f"{path}#{layer}")
    shape = rows.geometry.iloc[0]
    if shape is None or shape.is_empty:
        raise NotFoundError(f"the feature {key!r} of {path}#{layer} has no geometry")
    shape = shapely.force_2d(crs.to_wgs84(rows).geometry.iloc[0])
    return shape if shape.is_valid else shapely.make_valid(shape), _accuracy(rows)


def _rows(frame: Any, key: str, where: str) -> Any:
    column, equals, value = key.partition("=")
    if not equals:
        rows = frame[frame.index.astype(str) == key]
    elif column in frame and column != frame.geometry.name:
        rows = frame[[_same(cell, value) for cell in frame[column]]]
    else:
        columns = [str(c) for c in frame.columns if c != frame.geometry.name]
        raise InputError(f"{where} has no column {column!r}; it has {', '.join(columns)}")
    if len(rows) != 1:
        error = NotFoundError if rows.empty else InputError
        raise error(f"{len(rows)} features of {where} fit {key!r}")
    return rows


def _same(cell: Any, value: str) -> bool:
    """Whether a cell is what a key says; 7, 7.0 and "7" are the same."""
    if str(cell) == value:
        return True
    try:
        return not isinstance(cell, str) and float(cell) == float(value)
    except (TypeError, ValueError):
        return False


def _accuracy(rows: Any) -> float:
    try:
        stated = float(rows["accuracy_m"].iloc[0])
    except (KeyError, TypeError, ValueError):
        return FILE_M
    return stated if math.isfinite(stated) and stated >= 0 else FILE_M
