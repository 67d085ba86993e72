"""One feature of a file: `own.gpkg#parks/12`, `own.gpkg#parks/id=A7`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from regionmap import crs
from regionmap.errors import InputError, NotFoundError

UNSTATED_ACCURACY_M = 50.0  # "surveyed" at best: a file that states no accuracy of its own


def feature(folder: Path, path: str, layer: str, key: str) -> tuple[Any, float]:
    """Geometry (EPSG:4326) and accuracy in metres of a feature of a vector file.

    Parameters
    ----------
    folder : the table's folder; `path` is relative to it and never leads above it.
    key : a fid, or `column=value`.

    Raises
    ------
    InputError : the path leaves the folder, or the key fits several features.
    NotFoundError : no such feature.
    FileNotFoundError : no such file.
    """
    import geopandas

    root = folder.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root):
        raise InputError(f"{path} leads out of the folder {root}")
    if not file.is_file():
        raise FileNotFoundError(f"no file {path} in {root}")
    frame = geopandas.read_file(file, layer=layer, fid_as_index=True)
    column, equals, value = key.partition("=")
    if not equals:
        rows = frame[frame.index.astype(str) == key]
    elif column in frame:
        rows = frame[frame[column].astype(str) == value]
    else:
        raise InputError(f"{path}#{layer} has no column {column!r}; it has {', '.join(frame.columns)}")
    if len(rows) != 1:
        error = NotFoundError if rows.empty else InputError
        raise error(f"{len(rows)} features of {path}#{layer} fit {key!r}")
    placed = crs.to_wgs84(rows)
    accuracy = float(rows["accuracy_m"].iloc[0]) if "accuracy_m" in rows else UNSTATED_ACCURACY_M
    return placed.geometry.iloc[0], accuracy
