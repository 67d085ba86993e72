"""GeoPackage: the layers `records`, `targets`, `units`, `around`, each with its style for QGIS.

What a region has besides stands in the table `regionmap_files`: the tables of its folder, and `meta.json`. (Not in
the metadata of GDAL: whoever opens a file with those gets a second file `.aux.xml` beside it, which goes stale.)
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from regionmap.errors import BadFileError, Fault, StoreError
from regionmap.plans.stores import columns, gp_blobs, qml, shapes, whole
from regionmap.plans.stores.whole import LAYERS, Whole

META = "meta.json"
TINY_DEGREES = 1e-12  # what single precision takes for nothing, in the spatial index
FILES, STYLES = "regionmap_files", "layer_styles"
_FILES_SQL = f"CREATE TABLE {FILES} (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, content BLOB NOT NULL)"
# as QGIS makes it
_STYLES_SQL = f"""CREATE TABLE {STYLES} (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""
_TITLES = {
    "records": "what the plans name",
    "targets": "targets, with the area that they are set for",
    "units": "administrative areas",
    "around": "neighbouring areas and the state border, for drawing",
}


def write(parts: Whole, path: Path) -> None:
    """Write a region."""
    import pyogrio

    said = "; ".join(parts.meta["notice"])
    for name in LAYERS:
        frame = parts.frames[name]
        flat = columns.joined(frame, columns.types_of(frame, name)).reset_index(drop=True)
        pyogrio.write_dataframe(
            flat,
            path,
            layer=name,
            driver="GPKG",
            dataset_options={"VERSION": "1.3"},
            geometry_type="Unknown",
            promote_to_multi=False,
            use_arrow=True,  # three times faster; nine when reading
            append=name != LAYERS[0],
            layer_options={"GEOMETRY_NAME": "geom", "SPATIAL_INDEX": "YES", "DESCRIPTION": f"{_TITLES[name]}. {said}"},
        )
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(_FILES_SQL)
        kept = [(META, json.dumps(parts.meta, ensure_ascii=False).encode()), *sorted(parts.files.items())]
        base.executemany(f"INSERT INTO {FILES} (path, content) VALUES (?, ?)", kept)
        base.execute(_STYLES_SQL)
        base.executemany(
            f"INSERT INTO {STYLES} (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, 1, 'regionmap', '')",
            [(name, name, qml.style(name)) for name in LAYERS],
        )
        base.executemany(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES (?, 'attributes', ?, ?)",
            [(FILES, FILES, "tables of the region's folder"), (STYLES, STYLES, "styles for QGIS")],
        )


def read(path: Path) -> Whole:
    """Read what `write` wrote, and what was edited in it since.

    Raises
    ------
    BadFileError : no region's file, or one whose geometries are not what its tables say; every reason.
    StoreError : another program holds the file.
    """
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            raise BadFileError(
                [Fault(path.name, None, None, path.suffix, "no GeoPackage (it does not begin like one)")]
            )
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as base:
            if faults := _sound(base, path.name):
                raise BadFileError(faults)
            files = {str(p): bytes(c) for p, c in base.execute(f"SELECT path, content FROM {FILES} ORDER BY path")}
            meta = _meta(files.pop(META, b"null"), path.name)
            spots = {name: _geometries(base, name, path.name, faults) for name in LAYERS}
    except sqlite3.Error as error:
        if "locked" in str(error):
            raise StoreError(f"{path}: another program has the file locked; try again when it is done") from error
        raise BadFileError([Fault(path.name, None, None, str(error), "a damaged database")]) from error
    if faults:
        raise BadFileError(faults)
    return Whole(meta, {n: _frame(path, n, spots[n], meta) for n in LAYERS}, files)


def _meta(text: bytes, file: str) -> Any:
    try:
        meta = json.loads(text)
    except ValueError as error:
        raise BadFileError([Fault(file, None, META, text[:40].decode(errors="replace"), str(error))]) from None
    whole.check_meta(meta, file)
    return meta


def _sound(base: sqlite3.Connection, file: str) -> list[Fault]:
    """Faults of the database and of the tables that say what is in it."""
    broken = [str(row[0]) for row in base.execute("PRAGMA quick_check(5)") if row[0] != "ok"]
    faults = [Fault(file, None, None, text, "the database is damaged") for text in broken]
    if faults:
        return faults
    tables = {str(row[0]) for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables & {*LAYERS, FILES}:
        return [
            Fault(file, None, None, ", ".join(sorted(tables))[:60], "holds no region (a GeoPackage of something else?)")
        ]
    faults += [Fault(file, None, None, t, "the table is missing") for t in (*LAYERS, FILES) if t not in tables]
    asked = "SELECT table_name, column_name, srs_id, z, m FROM gpkg_geometry_columns"
    described = {r[0]: r[1:] for r in base.execute(asked)}
    for name in LAYERS:
        column, srs, z, m = described.get(name, ("", None, 0, 0))
        if column != "geom" or srs != 4326 or z or m:
            found = f"{column or 'none'}, SRS {srs}, z {z}, m {m}"
            faults.append(Fault(file, None, f"{name}.geom", found, "must be geom in SRS 4326, without heights"))
    return faults


def _geometries(base: sqlite3.Connection, layer: str, file: str, faults: list[Fault]) -> dict[int, Any]:
    """Geometries by fid; what is wrong with them is added to `faults`."""
    name = f"{file} {layer}"
    rows = base.execute(f"SELECT fid, geom FROM {layer} ORDER BY fid").fetchall()
    blobs = np.empty(len(rows), dtype=object)
    blobs[:] = [row[1] for row in rows]
    wkb, boxes, wrong = gp_blobs.parse(blobs, name)
    spots, broken = shapes.read_wkb(wkb, name, "geom")
    wrong += broken
    if not wrong:
        wrong += shapes.check(spots, name, "geom")
        boxed = np.flatnonzero(~np.isnan(boxes[:, 0]))
        bad = boxed[shapes.boxes_hold(boxes[boxed], spots[boxed])]
        reason = "the envelope does not hold the geometry"
        wrong += shapes.listed(name, "geom", ((n, str(boxes[n].tolist()), reason) for n in bad))
        wrong += _declared(base, layer, name, spots) + _indexed(base, layer, name, spots, [row[0] for row in rows])
    faults += wrong
    return {int(row[0]): s for row, s in zip(rows, spots, strict=True)}


def _declared(base: sqlite3.Connection, layer: str, name: str, spots: np.ndarray) -> list[Fault]:
    """The declared type and extent of a layer against what it holds."""
    faults: list[Fault] = []
    asked = "SELECT geometry_type_name FROM gpkg_geometry_columns WHERE table_name = ?"
    (kind,) = base.execute(asked, [layer]).fetchone()
    found = shapes.types_in(spots)
    if kind != "GEOMETRY" and {t.upper() for t in found} - {kind}:
        faults.append(Fault(name, None, "geometry_type_name", kind, f"the layer holds {', '.join(found)}"))
    asked = "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?"
    box, around = np.array(base.execute(asked, [layer]).fetchone(), dtype=float), shapes.around(spots)
    known = around is not None and not np.isnan(box).any()
    if known and shapes.boxes_hold(box[None, :], np.array([shapely.box(*(around or ()))]), 1e-9).size:
        faults.append(Fault(name, None, "extent", str(box.tolist()), f"the geometries lie in {around}"))
    return faults


def _indexed(base: sqlite3.Connection, layer: str, name: str, spots: np.ndarray, fids: list[int]) -> list[Fault]:
    """The spatial index against the geometries: a program that asks it would miss rows."""
    index = f"rtree_{layer}_geom"
    if not base.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [index]).fetchone():
        return [Fault(name, None, "geom", "", "the spatial index is missing")]
    stored = {r[0]: r[1:] for r in base.execute(f"SELECT id, minx, miny, maxx, maxy FROM {index}")}
    gone = (np.nan,) * 4
    boxes = np.array([stored.pop(fid, gone) for fid in fids]).reshape(-1, 4)
    empty = shapely.is_empty(spots)
    bad = shapes.boxes_hold(boxes[~empty], spots[~empty], TINY_DEGREES)
    reason = "the spatial index does not hold the geometry"
    faults = shapes.listed(name, "geom", ((n, str(boxes[~empty][n].tolist()), reason) for n in bad))
    reason = "is in the spatial index and not in the layer"
    return [*faults, *(Fault(name, None, "geom", f"fid {i}", reason) for i in list(stored)[:3])]


def _frame(path: Path, layer: str, spots: dict[int, Any], meta: dict[str, Any]) -> geopandas.GeoDataFrame:
    import pyogrio

    rows = pyogrio.read_dataframe(
        path, layer=layer, read_geometry=False, fid_as_index=True, use_arrow=True
    ).sort_index()
    shape = np.array([spots[int(i)] for i in rows.index] + [None], dtype=object)[:-1]
    if layer not in ("records", "targets"):
        data = {c: ["" if pd.isna(v) else v for v in rows[c]] for c in rows}
        return geopandas.GeoDataFrame(data, geometry=geopandas.GeoSeries(shape, crs=4326))
    known = meta["columns"][layer]
    lost = [c for c in known if c not in rows]
    if lost:
        raise BadFileError([Fault(f"{path.name} {layer}", None, c, "", "the column is missing") for c in lost])
    types = {**columns.types_of(rows[[c for c in rows if c not in known]], layer), **known}
    return columns.frame_of(columns.cast(rows, types), shape)
