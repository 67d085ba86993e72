"""GeoParquet 1.1: WKB, zstd, rows along a Hilbert curve, the box of each row beside it (covering).

All rows stand in one table, targets as rows of kind `target`; what a region has besides stands in the file's
metadata under `regionmap`, and its tables and outlines under `regionmap.parts`, packed.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from regionmap.errors import BadFileError, Fault
from regionmap.plans.stores import columns, shapes, whole
from regionmap.plans.stores.whole import Whole

VERSION = "1.1.0"
ROWS_IN_GROUP = 50_000
_BOX = ("xmin", "ymin", "xmax", "ymax")
BOX_SLACK = 1e-6
"""Degrees by which the box of a whole file may be off."""
_TYPES = {"text": "string", "integer": "int64", "number": "float64", "truth": "bool_"}
_ORDER = "position"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same bytes for the same region


def write(parts: Whole, path: Path) -> None:
    """Write a region."""
    meta, layers = parts.meta, ("records", "targets")
    frames = [_named(parts.frames[n], n) for n in layers]
    types = {**columns.types_of(frames[1], "targets"), **columns.types_of(frames[0], "records"), _ORDER: "integer"}
    rows = {c: pd.concat([columns.cast(f, {c: t})[c] for f in frames], ignore_index=True) for c, t in types.items()}
    rows[_ORDER] = pd.Series(np.arange(sum(map(len, frames))))
    packed = base64.b64encode(_pack(parts)).decode()
    extra = {"regionmap": json.dumps(meta, ensure_ascii=False), "regionmap.parts": packed}
    spots = np.concatenate([np.asarray(f.geometry.array, dtype=object) for f in frames])
    _write(rows, types, spots, path, extra, parts.frames["records"].crs)


def _named(frame: geopandas.GeoDataFrame, layer: str) -> geopandas.GeoDataFrame:
    return frame if layer == "records" else frame.assign(kind="target", name=frame["indicator"])


def _write(
    rows: dict[str, Any], types: dict[str, str], spots: np.ndarray, path: Any, extra: dict[str, str], crs: Any
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    order = hilbert_order(spots)
    spots = spots[order]
    fields = {c: pa.array(_plain(rows[c].iloc[order], types[c]), type=_arrow(types[c])) for c in types}
    fields["geometry"] = pa.array(shapely.to_wkb(spots, byte_order=1), type=pa.binary())
    boxes, gone = shapely.bounds(spots), shapely.is_missing(spots)
    sides = [pa.array(boxes[:, n], mask=np.isnan(boxes[:, n])) for n in range(4)]
    fields["bbox"] = pa.StructArray.from_arrays(sides, names=list(_BOX), mask=pa.array(gone))
    table = pa.table(fields).replace_schema_metadata({"geo": json.dumps(_geo(spots, crs)), **extra})
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for start in range(0, max(len(spots), 1), ROWS_IN_GROUP):
            writer.write_table(table.slice(start, ROWS_IN_GROUP))


def hilbert_order(spots: np.ndarray) -> np.ndarray:
    """The order of rows along a Hilbert curve through the middles of their boxes; those without geometry last."""
    there = np.flatnonzero(~shapely.is_missing(spots) & ~shapely.is_empty(spots))
    gone = np.setdiff1d(np.arange(len(spots)), there)
    if not len(there):
        return gone
    along = geopandas.GeoSeries(spots[there]).hilbert_distance().to_numpy()
    return np.concatenate([there[np.argsort(along, kind="stable")], gone])


def _plain(column: pd.Series, kind: str) -> Any:
    if kind == "list":
        return list(column)
    return column.astype(object).where(column.notna(), None)


def _arrow(kind: str) -> Any:
    import pyarrow as pa

    return pa.list_(pa.string()) if kind == "list" else getattr(pa, _TYPES[kind])()


def _geo(spots: np.ndarray, crs: Any) -> dict[str, Any]:
    """The file metadata of the GeoParquet 1.1 specification."""
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": shapes.types_in(spots),
        "crs": crs.to_json_dict(),
        "edges": "planar",
        "covering": {"bbox": {side: ["bbox", side] for side in _BOX}},
    }
    if (box := shapes.around(spots)) is not None:
        column["bbox"] = box
    return {"version": VERSION, "primary_column": "geometry", "columns": {"geometry": column}}


def _pack(parts: Whole) -> bytes:
    """Tables of the folder and layers of outlines in one archive, the same bytes for the same parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(parts.files.items()):
            archive.writestr(zipfile.ZipInfo(f"files/{name}", _DATE), content, zipfile.ZIP_DEFLATED)
        for name in ("units", "around"):
            frame, blob = parts.frames[name], io.BytesIO()
            types = columns.types_of(frame, name)
            types[_ORDER] = "integer"
            rows = {**{c: frame[c] for c in types if c != _ORDER}, _ORDER: pd.Series(np.arange(len(frame)))}
            _write(rows, types, np.asarray(frame.geometry.array, dtype=object), blob, {}, frame.crs)
            archive.writestr(zipfile.ZipInfo(f"{name}.parquet", _DATE), blob.getvalue(), zipfile.ZIP_STORED)
    return out.getvalue()


def read(path: Path) -> Whole:
    """Read what `write` wrote.

    Raises
    ------
    BadFileError : no region's file, or one whose geometries are not what its metadata says; every reason.
    """
    table, told = _table(path, path.name)
    try:
        meta = json.loads(told.get(b"regionmap", b"null"))
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(told.get(b"regionmap.parts", b""))))
        inner = {n: archive.read(n) for n in archive.namelist()}
    except (ValueError, zipfile.BadZipFile) as error:
        reason = "holds no region (a GeoParquet file of something else?)"
        raise BadFileError([Fault(path.name, None, "regionmap", str(error)[:40], reason)]) from None
    whole.check_meta(meta, path.name)
    spots = _geometry(table, told, path.name)
    rows = table.drop_columns([c for c in ("geometry", "bbox") if c in table.column_names]).to_pandas()
    order = np.argsort(rows[_ORDER].to_numpy(), kind="stable") if _ORDER in rows else np.arange(len(rows))
    is_target = (rows["kind"] == "target").to_numpy()[order]
    frames = {}
    for name, chosen in (("records", order[~is_target]), ("targets", order[is_target])):
        types = {**_added(rows, meta, name), **meta["columns"][name]}
        frames[name] = columns.frame_of(columns.cast(rows.iloc[chosen], types), spots[chosen])
    for name in ("units", "around"):
        frames[name] = _inner(inner, name, path.name)
    files = {n.removeprefix("files/"): b for n, b in inner.items() if n.startswith("files/")}
    return Whole(meta, frames, files)


def _added(rows: pd.DataFrame, meta: dict[str, Any], layer: str) -> dict[str, str]:
    """Columns that another program put in."""
    known = {*meta["columns"]["records"], *meta["columns"]["targets"], _ORDER}
    return columns.types_of(rows[[c for c in rows if c not in known]], layer) if layer == "records" else {}


def _inner(inner: dict[str, bytes], name: str, file: str) -> geopandas.GeoDataFrame:
    if f"{name}.parquet" not in inner:
        raise BadFileError([Fault(file, None, "regionmap.parts", name, "is missing")])
    table, told = _table(io.BytesIO(inner[f"{name}.parquet"]), f"{file} {name}")
    spots = _geometry(table, told, f"{file} {name}")
    rows = table.drop_columns(["geometry", "bbox"]).to_pandas()
    order = np.argsort(rows[_ORDER].to_numpy(), kind="stable")
    data = {c: [v or "" for v in rows[c].iloc[order]] for c in rows if c != _ORDER}
    return geopandas.GeoDataFrame(data, geometry=geopandas.GeoSeries(spots[order], crs=4326))


def _table(source: Any, file: str) -> tuple[Any, dict[bytes, bytes]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(source, memory_map=False)
    except FileNotFoundError:
        raise
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise BadFileError(
            [Fault(file, None, None, str(error).splitlines()[0].rpartition("': ")[2][:80], "no readable Parquet file")]
        ) from None
    return table, table.schema.metadata or {}


def _geometry(table: Any, told: dict[bytes, bytes], file: str) -> np.ndarray:
    """The geometries, checked against all that the metadata says of them."""
    column = _described(table, told, file)
    blobs = np.array([*table["geometry"].to_pylist(), None], dtype=object)[:-1]
    spots, faults = shapes.read_wkb(blobs, file, "geometry")
    faults += shapes.check(spots, file, "geometry")
    stated, found = set(column["geometry_types"]), shapes.types_in(spots)
    if stated and not set(found) <= stated:
        faults.append(
            Fault(file, None, "geometry_types", ", ".join(sorted(stated)), f"the file holds {', '.join(found)}")
        )
    box, found_box = column.get("bbox"), shapes.around(spots)
    if box is not None and found_box is not None and not np.allclose(box, found_box, rtol=0, atol=BOX_SLACK):
        faults.append(Fault(file, None, "bbox", str(box), f"the geometries lie in {found_box}"))
    faults += _covering(table, spots, file)
    if faults:
        raise BadFileError(faults)
    return spots


def _described(table: Any, told: dict[bytes, bytes], file: str) -> dict[str, Any]:
    """The entry of the geometry column in the `geo` metadata, or why it can't be trusted."""
    faults: list[Fault] = []

    def wrong(key: str, value: Any, reason: str) -> None:
        faults.append(Fault(file, None, key, str(value)[:60], reason))

    try:
        geo = json.loads(told.get(b"geo", b""))
        column = geo["columns"]["geometry"]
        if not isinstance(column.get("geometry_types"), list):
            wrong("geometry_types", column.get("geometry_types"), "must be a list of types")
    except (ValueError, KeyError, TypeError, AttributeError):
        text = told.get(b"geo", b"").decode(errors="replace")
        raise BadFileError(
            [Fault(file, None, "geo", text[:60], "no GeoParquet metadata of a column geometry")]
        ) from None
    if not str(geo.get("version", "")).startswith("1."):
        wrong("version", geo.get("version"), "GeoParquet 1.0 and 1.1 are read")
    if geo.get("primary_column") != "geometry":
        wrong("primary_column", geo.get("primary_column"), "must be geometry")
    if column.get("encoding") != "WKB":
        wrong("encoding", column.get("encoding"), "must be WKB")
    if column.get("edges", "planar") != "planar":
        wrong("edges", column.get("edges"), "must be planar: that is how outlines are drawn in longitude and latitude")
    if "crs" in column and _code(column["crs"]) not in (("EPSG", "4326"), ("OGC", "CRS84")):
        wrong("crs", _code(column["crs"]), "must be EPSG:4326 or OGC:CRS84")
    if "geometry" not in table.column_names:
        wrong("geometry", ", ".join(table.column_names), "the file has no such column")
    elif str(table["geometry"].type) not in ("binary", "large_binary"):
        wrong("geometry", table["geometry"].type, "must hold WKB")
    if faults:
        raise BadFileError(faults)
    return dict(column)


def _code(crs: Any) -> tuple[str, str]:
    own = crs.get("id", {}) if isinstance(crs, dict) else {}
    return str(own.get("authority")), str(own.get("code"))


def _covering(table: Any, spots: np.ndarray, file: str) -> list[Fault]:
    """Rows whose stored box does not hold their geometry: a reader that filters by it would lose them."""
    if "bbox" not in table.column_names:
        return [Fault(file, None, "bbox", "", "the covering column is missing")]
    try:
        sides = table["bbox"].combine_chunks().flatten()
        boxes = np.column_stack([sides[n].to_numpy(zero_copy_only=False) for n in range(4)])
    except (AttributeError, IndexError, ValueError):
        return [Fault(file, None, "bbox", str(table["bbox"].type), "must be xmin, ymin, xmax, ymax")]
    bad = shapes.boxes_hold(boxes.astype(float), spots)
    return shapes.listed(file, "bbox", ((n, str(boxes[n].tolist()), "does not hold the row's geometry") for n in bad))
