"""A region to files: GeoJSON, GeoParquet, GeoPackage, CSV, Excel. Writes are whole or not at all."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from regionmap.errors import InputError
from regionmap.plans.region import Region
from regionmap.progress import task

_LOG = logging.getLogger(__name__)
_FORMULA = re.compile(r"[=+\-@\t\r].")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def export(region: Region, path: str | Path) -> int:
    """Write every record, `context` and targets too (kind `target`); unplaced ones with null geometry.

    Parameters
    ----------
    path : the ending decides: `.geojson`, `.parquet`, `.gpkg` (layers `records`, `targets`), `.csv`
        (column `wkt`) or `.xlsx` (columns `lon`, `lat`, of a point on the feature).

    Returns
    -------
    int : rows written.

    Raises
    ------
    InputError : an ending that is none of these.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InputError(f"{path.name}: the ending must be one of {', '.join(_WRITERS)}")
    with task(f"writing {path.name}"), replacing(path) as temporary:
        writer(region, temporary)
    return len(region.records) + len(region.targets)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        temporary.unlink()
        yield temporary
        with temporary.open("r+b") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        _LOG.info("wrote %s, %d bytes", path, path.stat().st_size)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def safe_cell(value: Any) -> Any:
    """A cell that a spreadsheet shows as text: formulas are quoted, control characters dropped."""
    if isinstance(value, list | tuple):
        value = ";".join(map(str, value))
    if isinstance(value, str):
        value = _CONTROL.sub("", value)
        return "'" + value if _FORMULA.match(value) else value
    return value


def everything(region: Region) -> Any:
    """Records and targets in one frame; a target's `name` is its indicator."""
    targets = region.targets.assign(kind="target", name=region.targets["indicator"])
    return pd.concat([region.records, targets])


def _geojson(region: Region, path: Path) -> None:
    frame = everything(region)
    shapes = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, 7))
    texts = shapely.to_geojson(shapes)
    columns = [c for c in frame.columns if c != "geometry"]
    plain = frame[columns].astype(object)
    features = []
    for text, row in zip(texts, plain.itertuples(index=False, name=None), strict=True):
        properties = {c: _json_value(v) for c, v in zip(columns, row, strict=True)}
        properties = {c: v for c, v in properties.items() if v is not None}
        geometry = None if text is None else json.loads(text)
        feature = {"type": "Feature", "id": properties["id"], "properties": properties, "geometry": geometry}
        features.append(feature)
    whole = {"type": "FeatureCollection", "name": region.title, "features": features}
    path.write_text(json.dumps(whole, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _json_value(value: Any) -> Any:
    if isinstance(value, list):
        return value
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _parquet(region: Region, path: Path) -> None:
    everything(region).to_parquet(path, index=False, compression="zstd")


def _gpkg(region: Region, path: Path) -> None:
    for layer, frame in (("records", region.records), ("targets", region.targets)):
        flat = frame.assign(aliases=frame["aliases"].map(";".join)) if "aliases" in frame else frame
        flat.reset_index(drop=True).to_file(path, layer=layer, driver="GPKG", engine="pyogrio")


def _csv(region: Region, path: Path) -> None:
    frame = everything(region)
    flat = pd.DataFrame(frame.drop(columns="geometry")).assign(wkt=shapely.to_wkt(frame.geometry, rounding_precision=7))
    flat.map(safe_cell).to_csv(path, index=False, encoding="utf-8-sig")


def _xlsx(region: Region, path: Path) -> None:
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        for sheet, frame in (("records", region.records), ("targets", region.targets)):
            spot = shapely.point_on_surface(frame.geometry.to_numpy())
            flat = pd.DataFrame(frame.drop(columns="geometry"))
            flat = flat.assign(lon=np.round(shapely.get_x(spot), 6), lat=np.round(shapely.get_y(spot), 6))
            flat.map(safe_cell).to_excel(book, sheet_name=sheet, index=False, freeze_panes=(1, 2))


_WRITERS: dict[str, Callable[[Region, Path], None]] = {
    ".geojson": _geojson,
    ".parquet": _parquet,
    ".gpkg": _gpkg,
    ".csv": _csv,
    ".xlsx": _xlsx,
}
