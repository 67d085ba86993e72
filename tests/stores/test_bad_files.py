"""Files that other programs read in silence are refused, each with its reason."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from kept import a_region

import regionmap as rm

POINT = shapely.to_wkb(shapely.Point(40.0, 100.0))  # axes swapped


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("good")
    region = a_region(folder)
    for ending in ("gpkg", "parquet"):
        region.save(folder / f"x.{ending}")
    return {ending: (folder / f"x.{ending}").read_bytes() for ending in ("gpkg", "parquet")}


def geo(change: Callable[[dict[str, Any], dict[str, Any]], Any]) -> Callable[[pa.Table], pa.Table]:
    def changed(table: pa.Table) -> pa.Table:
        told = dict(table.schema.metadata)
        whole = json.loads(told[b"geo"])
        change(whole, whole["columns"]["geometry"])
        return table.replace_schema_metadata({**told, b"geo": json.dumps(whole).encode()})

    return changed


def meta(change: Callable[[dict[str, Any]], Any]) -> Callable[[pa.Table], pa.Table]:
    def changed(table: pa.Table) -> pa.Table:
        told = dict(table.schema.metadata)
        whole = json.loads(told[b"regionmap"])
        change(whole)
        return table.replace_schema_metadata({**told, b"regionmap": json.dumps(whole).encode()})

    return changed


def wkb(blob: bytes) -> Callable[[pa.Table], pa.Table]:
    def changed(table: pa.Table) -> pa.Table:
        blobs = table["geometry"].to_pylist()
        return table.set_column(table.schema.get_field_index("geometry"), "geometry", pa.array([blob, *blobs[1:]], pa.binary()))

    return changed


def covering(table: pa.Table) -> pa.Table:
    boxes = table["bbox"].to_pylist()
    boxes[2] = {k: v + 5 for k, v in boxes[2].items()}
    return table.set_column(table.schema.get_field_index("bbox"), "bbox", pa.array(boxes, table["bbox"].type))


def without(key: bytes) -> Callable[[pa.Table], pa.Table]:
    return lambda t: t.replace_schema_metadata({k: v for k, v in t.schema.metadata.items() if k != key})


PARQUET = {
    # what was done: (how, what the message says, whether geopandas reads it without a word)
    "box of the file": (geo(lambda w, c: c.update(bbox=[0, 0, 1, 1])), r"bbox.*lie in \[100", True),
    "types": (geo(lambda w, c: c.update(geometry_types=["Polygon"])), "geometry_types.*holds Point", True),
    "crs": (geo(lambda w, c: c["crs"]["id"].update(code=4490)), "EPSG:4326 or OGC:CRS84", True),
    "edges": (geo(lambda w, c: c.update(edges="spherical")), "edges.*planar", True),
    "encoding": (geo(lambda w, c: c.update(encoding="point")), "encoding.*WKB", False),
    "version": (geo(lambda w, c: w.update(version="9.0")), "version.*1.0 and 1.1", False),
    "swapped axes": (wkb(POINT), r"row 1, column geometry.*no longitude and latitude", True),
    "cut wkb": (wkb(b"\x01\x02\x00\x00\x00\x09"), "row 1.*no well-formed WKB", False),
    "bow tie": (wkb(shapely.to_wkb(shapely.Polygon([(100, 40), (101, 41), (101, 40), (100, 41)]))), "invalid: Self-inter", True),
    "heights": (wkb(shapely.to_wkb(shapely.Point(100, 40, 7))), "has heights", True),
    "row boxes": (covering, "row 3, column bbox.*does not hold", True),
    "no row boxes": (lambda t: t.drop_columns(["bbox"]), "covering column is missing", False),
    "no metadata": (without(b"geo"), "no GeoParquet metadata", False),
    "no region": (without(b"regionmap"), "holds no region|no description", True),
    "no parts": (without(b"regionmap.parts"), "holds no region", True),
    "newer": (meta(lambda m: m.update(format=99)), "newer version", True),
    "no title": (meta(lambda m: m.update(title=None)), "title.*must be a str", True),
    "plan of nothing": (meta(lambda m: m["plans"][0].pop("date")), "plans.*lacks a field", True),
    "column type": (meta(lambda m: m["columns"]["records"].update(name="blob")), "name: blob.*allowed are text", True),
}  # fmt: skip


@pytest.mark.parametrize("what", PARQUET)
def test_bad_geoparquet_is_refused(good: dict[str, bytes], tmp_path: Path, what: str) -> None:
    change, reason, silent = PARQUET[what]
    path = tmp_path / "x.parquet"
    path.write_bytes(good["parquet"])
    pq.write_table(change(pq.read_table(path)), path)
    with pytest.raises(rm.errors.BadFileError, match=reason) as error:
        rm.open(path)
    assert all(f.file.startswith("x.parquet") for f in error.value.faults)
    if silent:
        geopandas.read_parquet(path)


def sql(*statements: str, **values: Any) -> Callable[[sqlite3.Connection], None]:
    def changed(base: sqlite3.Connection) -> None:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            base.execute(statement, values)

    return changed


def blob(change: Callable[[bytes], bytes]) -> Callable[[sqlite3.Connection], None]:
    def changed(base: sqlite3.Connection) -> None:
        (old,) = base.execute("SELECT geom FROM records WHERE id = 'p1/line'").fetchone()
        sql("UPDATE records SET geom = :new WHERE id = 'p1/line'", new=change(old))(base)

    return changed


BOX = struct.pack("<4d", 0, 1, 0, 1)
GPKG = {
    "envelope": (blob(lambda b: b[:8] + BOX + b[40:]), r"x\.gpkg records, row 1, column geom.*envelope", True),
    "srs of a row": (blob(lambda b: b[:4] + struct.pack("<i", 4490) + b[8:]), "SRS 4490.*must be SRS 4326", True),
    "magic": (blob(lambda b: b"XY" + b[2:]), "no GeoPackage geometry", False),
    "cut wkb": (blob(lambda b: b[:60]), "no well-formed WKB", False),
    "swapped axes": (blob(lambda b: b"GP\0\1" + struct.pack("<i", 4326) + POINT), "no longitude and latitude", True),
    "extent": (sql("UPDATE gpkg_contents SET max_x = 1, min_x = 0 WHERE table_name = 'records'"), "extent.*lie in", True),
    "type": (sql("UPDATE gpkg_geometry_columns SET geometry_type_name = 'POINT' WHERE table_name = 'records'"),
             "geometry_type_name.*'POINT'.*holds Point, LineString", True),
    "srs of a layer": (sql("UPDATE gpkg_geometry_columns SET srs_id = -1"), "SRS -1.*must be geom in SRS 4326", True),
    "spatial index": (sql("UPDATE rtree_records_geom SET minx = 7, maxx = 8 WHERE id = 1"), "spatial index does not hold", True),
    "index of nothing": (sql("INSERT INTO rtree_records_geom VALUES (99, 1, 1, 1, 1)"), "fid 99.*not in the layer", True),
    "no index": (sql("DROP TABLE rtree_records_geom"), "spatial index is missing|table is missing", True),
    "no layer": (sql("DROP TABLE targets"), "targets.*missing", True),
    "a file elsewhere": (sql("UPDATE regionmap_files SET path = 'plans/../../x.csv' WHERE path LIKE 'plans/p1%'"),
                         "no table of a region's folder", True),
    "no region.toml": (sql("DELETE FROM regionmap_files WHERE path = 'region.toml'"), "region.toml.*is missing", True),
    "no column": (sql("ALTER TABLE records DROP COLUMN clause"), "records, column clause.*missing", True),
    "no region": (sql("DELETE FROM regionmap_files WHERE path = 'meta.json'"), "no description of a region", True),
    "no json": (sql("UPDATE regionmap_files SET content = x'7b' WHERE path = 'meta.json'"), "meta.json.*Expecting", True),
}  # fmt: skip


@pytest.mark.parametrize("what", GPKG)
def test_bad_geopackages_are_refused(good: dict[str, bytes], tmp_path: Path, what: str) -> None:
    change, reason, silent = GPKG[what]
    path = tmp_path / "x.gpkg"
    path.write_bytes(good["gpkg"])
    with closing(sqlite3.connect(path)) as base, base:
        change(base)
    with pytest.raises(rm.errors.BadFileError, match=reason):
        rm.open(path)
    if silent:
        geopandas.read_file(path, layer="records")


def test_files_of_something_else_say_so_in_one_line(tmp_path: Path) -> None:
    spots = geopandas.GeoDataFrame({"a": [1]}, geometry=geopandas.points_from_xy([1], [2]), crs=4326)
    spots.to_file(tmp_path / "x.gpkg")
    spots.to_parquet(tmp_path / "x.parquet")
    for ending in ("gpkg", "parquet"):
        with pytest.raises(rm.errors.BadFileError, match="holds no region") as error:
            rm.open(tmp_path / f"x.{ending}")
        assert len(error.value.faults) == 1


def test_every_fault_at_once(good: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(good["parquet"])
    table = pq.read_table(path)
    for what in ("box of the file", "swapped axes", "row boxes"):
        table = PARQUET[what][0](table)
    pq.write_table(table, path)
    with pytest.raises(rm.errors.BadFileError) as error:
        rm.open(path)
    assert {f.column for f in error.value.faults} >= {"geometry", "bbox"} and len(error.value.faults) >= 3


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_no_byte_that_is_broken_goes_unsaid(good: dict[str, bytes], tmp_path: Path, ending: str) -> None:
    """Cut at any place, or with a run of bytes overwritten: refused by name, or read as it was, never a crash."""
    random, path, whole = np.random.default_rng(9), tmp_path / f"x.{ending}", good[ending]
    path.write_bytes(whole)
    was, refused = rm.open(path).records, 0
    for number in range(30):
        at = int(random.integers(1, len(whole) - 64))
        path.write_bytes(whole[:at] if number % 2 else whole[:at] + random.bytes(64) + whole[at + 64 :])
        try:
            rows = rm.open(path).records
        except (rm.errors.BadFileError, rm.errors.TableError):
            refused += 1
        else:
            assert set(rows.index) == set(was.index)
    assert refused >= 15  # every cut one, at least
