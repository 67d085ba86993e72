"""The rivals that are databases: DuckDB, SedonaDB, PostGIS, one thread each, on planar metres.

Lines are split into runs (`split`), as someone would who knows that an index over whole lines is slow. What an engine
must do before it can be asked, take in the rows and build its index, is part of the time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def split(lines: Any, run: int = 64) -> tuple[Any, Any]:
    """Lines in runs of so many segments, and the row of each."""
    parts, of = [], []
    for row, line in enumerate(lines):
        xy = shapely.get_coordinates(line)
        for start in range(0, len(xy) - 1, run):
            parts.append(shapely.LineString(xy[start : start + run + 1]))
            of.append(row)
    return np.array(parts), np.array(of)


def _duckdb(a: gpd.GeoDataFrame, shapes: Any, of: Any) -> Any:
    import duckdb
    import duckdb_extension_spatial

    found = next(Path(duckdb_extension_spatial.__file__).parent.rglob("spatial.duckdb_extension"))
    con = duckdb.connect(config={"allow_unsigned_extensions": "true", "threads": 1})
    con.execute(f"LOAD '{found}'")
    p = pd.DataFrame({"id": np.arange(len(a)), "x": a.geometry.x, "y": a.geometry.y})  # noqa: F841
    s = pd.DataFrame({"c": of, "w": shapely.to_wkb(shapes)})  # noqa: F841
    con.execute("CREATE TABLE p2 AS SELECT id, ST_Point(x, y) g FROM p")
    con.execute("CREATE TABLE s2 AS SELECT c, ST_GeomFromWKB(w) g FROM s")
    return con


NEAR = "SELECT id, c, min(ST_Distance(p2.g, s2.g)) d FROM p2 JOIN s2 ON ST_DWithin(p2.g, s2.g, {m}) GROUP BY id, c"
INSIDE = "SELECT id, c FROM p2 JOIN s2 ON ST_Within(p2.g, s2.g)"


def duckdb_near(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame, within_m: float) -> int:
    return len(_duckdb(a, *split(b.geometry)).execute(NEAR.format(m=within_m)).fetchnumpy()["id"])


def duckdb_inside(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    return len(_duckdb(a, b.geometry, np.arange(len(b))).execute(INSIDE).fetchnumpy()["id"])


def _sedona(a: gpd.GeoDataFrame, shapes: Any, of: Any) -> Any:
    import sedonadb

    con = sedonadb.connect()
    con.sql("SET datafusion.execution.target_partitions = 1").execute()
    spots = gpd.GeoDataFrame({"id": np.arange(len(a))}, geometry=np.array(a.geometry.array), crs=a.crs)
    con.create_data_frame(spots.rename_geometry("g")).to_view("p2")
    con.create_data_frame(gpd.GeoDataFrame({"c": of}, geometry=shapes, crs=a.crs).rename_geometry("g")).to_view("s2")
    return con


def sedona_near(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame, within_m: float) -> int:
    return int(_sedona(a, *split(b.geometry)).sql(NEAR.format(m=within_m)).to_arrow_table().num_rows)


def sedona_nearest(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    con = _sedona(a, *split(b.geometry, 8))
    query = "SELECT id, c, ST_Distance(p2.g, s2.g) d FROM p2 JOIN s2 ON ST_KNN(p2.g, s2.g, 1)"
    return int(con.sql(query).to_arrow_table().num_rows)


def sedona_inside(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    con = _sedona(a, np.array(b.geometry.array), np.arange(len(b)))
    return int(con.sql(INSIDE).to_arrow_table().num_rows)


@contextmanager
def server(**more: Any) -> Iterator[str]:
    """A throw-away PostgreSQL on a socket in a folder of its own, with PostGIS; gives its URL. `more`: settings."""
    import psycopg

    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(found[-1]) if found else shutil.which("initdb")
    if initdb is None:
        raise ImportError("PostgreSQL: apt-get install postgresql postgis")
    folder = Path(tempfile.mkdtemp(prefix="bench-postgis-"))
    folder.chmod(0o777)
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    store = str(folder / "data")
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    subprocess.run([*as_user, initdb, "-D", store, "-A", "trust", "-U", "postgres"], **quiet)
    settings = {
        "listen_addresses": "", "unix_socket_directories": folder, "max_parallel_workers_per_gather": 0, "jit": "off",
        "max_parallel_maintenance_workers": 0, "work_mem": "1GB", "shared_buffers": "1GB", "fsync": "off", **more,
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    binary = str(Path(initdb).with_name("postgres"))
    process = subprocess.Popen(
        [*as_user, binary, "-D", store, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
    )
    try:
        url = f"postgresql://postgres@/postgres?host={folder}"
        with connect(url) as connection:
            try:
                connection.execute("CREATE EXTENSION postgis")
            except psycopg.Error as gone:
                raise ImportError(f"PostGIS: apt-get install postgis ({gone})") from gone
        yield url
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def connect(url: str) -> Any:
    import psycopg

    for _ in range(100):
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("the throw-away PostgreSQL did not start")


def postgis(query: str, a: gpd.GeoDataFrame, shapes: Any, of: Any) -> tuple[float, int]:
    """CPU seconds of the server's process and of sending the rows, and how many came back."""
    import psutil

    with server() as url, connect(url) as con:
        backend = psutil.Process(con.execute("SELECT pg_backend_pid()").fetchone()[0])
        start = time.process_time() - sum(backend.cpu_times()[:2])
        con.execute("CREATE TABLE p2 (id int, g geometry); CREATE TABLE s2 (c int, g geometry)")
        spots = np.array(a.geometry.array)
        for table, key, rows in (("p2", np.arange(len(spots)), spots), ("s2", of, shapes)):
            with con.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for number, wkb in zip(key.tolist(), shapely.to_wkb(rows, hex=True), strict=True):
                    copy.write_row((number, wkb))
        con.execute("CREATE INDEX ON s2 USING gist (g); ANALYZE p2; ANALYZE s2")
        found = con.execute(f"SELECT count(*) FROM ({query}) q").fetchone()[0]
        return time.process_time() + sum(backend.cpu_times()[:2]) - start, int(found)


def postgis_near(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame, within_m: float) -> tuple[float, int]:
    return postgis(NEAR.format(m=within_m), a, *split(b.geometry))


def postgis_inside(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> tuple[float, int]:
    return postgis(INSIDE, a, np.array(b.geometry.array), np.arange(len(b)))
