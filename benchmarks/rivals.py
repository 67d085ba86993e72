"""The same questions to every engine that installs, one thread, CPU seconds; writes `results.json`.

    python benchmarks/rivals.py [--points 100000 1000000] [--slow] [--only regionmap]

Rivals get planar metres (EPSG:4550), which is easier than the ellipsoid, and lines split into runs of 64 segments
(DuckDB, Shapely). `--slow` asks GeoPandas as a user writes it (whole lines) at 1e6 points too; `--only` asks the
engines with that in their name again and keeps the other results.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from regionmap.queries import nearest
from regionmap.queries._frames import read
from regionmap.queries._inside import inside
from regionmap.queries.proximity import near_batches

WITHIN_M = 10_000
PLANE = "EPSG:4550"


def seconds(ask: Callable[[], Any], repeat: int = 1) -> tuple[float, Any]:
    """The least CPU seconds of some runs, and the answer."""
    best, answer = np.inf, None
    for _ in range(repeat):
        start = time.process_time()
        answer = ask()
        best = min(best, time.process_time() - start)
    return best, answer


def split(lines: Any, run: int = 64) -> tuple[Any, Any]:
    parts, of = [], []
    for row, line in enumerate(lines):
        xy = shapely.get_coordinates(line)
        for start in range(0, len(xy) - 1, run):
            parts.append(shapely.LineString(xy[start : start + run + 1]))
            of.append(row)
    return np.array(parts), np.array(of)


def duckdb_connection() -> Any:
    import duckdb
    import duckdb_extension_spatial

    found = next(Path(duckdb_extension_spatial.__file__).parent.rglob("spatial.duckdb_extension"))
    con = duckdb.connect(config={"allow_unsigned_extensions": "true", "threads": 1})
    con.execute(f"LOAD '{found}'")
    return con


def duckdb_near(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    con = duckdb_connection()
    parts, of = split(b.geometry)
    p = pd.DataFrame({"id": np.arange(len(a)), "x": a.geometry.x, "y": a.geometry.y})  # noqa: F841
    s = pd.DataFrame({"c": of, "w": shapely.to_wkb(parts)})  # noqa: F841
    con.execute("CREATE TABLE p2 AS SELECT id, ST_Point(x, y) g FROM p")
    con.execute("CREATE TABLE s2 AS SELECT c, ST_GeomFromWKB(w) g FROM s")
    query = (
        f"SELECT id, c, min(ST_Distance(p2.g, s2.g)) d FROM p2 JOIN s2 ON ST_DWithin(p2.g, s2.g, {WITHIN_M}) GROUP BY ALL"
    )
    return len(con.execute(query).fetchnumpy()["id"])


def duckdb_inside(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    con = duckdb_connection()
    p = pd.DataFrame({"id": np.arange(len(a)), "x": a.geometry.x, "y": a.geometry.y})  # noqa: F841
    s = pd.DataFrame({"c": np.arange(len(b)), "w": shapely.to_wkb(b.geometry)})  # noqa: F841
    con.execute("CREATE TABLE p2 AS SELECT id, ST_Point(x, y) g FROM p")
    con.execute("CREATE TABLE s2 AS SELECT c, ST_GeomFromWKB(w) g FROM s")
    return len(con.execute("SELECT id, c FROM p2 JOIN s2 ON ST_Within(p2.g, s2.g)").fetchnumpy()["id"])


def shapely_near(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    parts, of = split(b.geometry)
    spots = np.array(a.geometry.array)
    tree, pairs = shapely.STRtree(parts), 0
    for begin in range(0, len(spots), 50_000):
        some = spots[begin : begin + 50_000]
        i, j = tree.query(some, predicate="dwithin", distance=WITHIN_M)
        metres = shapely.distance(some[i], parts[j])
        pairs += len(pd.DataFrame({"i": i, "c": of[j], "d": metres}).groupby(["i", "c"])["d"].min())
    return pairs


def shapely_nearest(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    parts, _ = split(b.geometry, 8)
    found, _ = shapely.STRtree(parts).query_nearest(np.array(a.geometry.array), all_matches=False, return_distance=True)
    return found.shape[1]


def geopandas_near(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    out = a.sjoin(b, predicate="dwithin", distance=WITHIN_M)
    out["d"] = out.geometry.distance(b.geometry.loc[out["index_right"]], align=False)
    return len(out)


def regionmap_near(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    return sum(map(len, near_batches(a, b, within_m=WITHIN_M)))


def regionmap_inside(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    one, two = read(a, "a"), read(b, "b")
    return len(inside(shapely.get_coordinates(one.shapes), two.shapes)[0])


def run(counts: list[int], slow: bool, only: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []

    def note(task: str, n: int, engine: str, ask: Callable[[], int], repeat: int = 1) -> None:
        if only not in engine:
            return
        try:
            took, pairs = seconds(ask, repeat)
        except ImportError as gone:
            print(f"{task} {n} {engine}: not installed ({gone})")
            return
        rows.append({"task": task, "points": n, "engine": engine, "cpu_s": round(took, 2), "rows": int(pairs)})
        print(rows[-1], flush=True)

    lines, zones = data.corridors(1000), data.zones(2000)
    flat, flat_zones = lines.to_crs(PLANE), zones.to_crs(PLANE)
    warm = data.points(25_000)
    regionmap_near(warm, lines.iloc[:2])
    nearest(warm, lines.iloc[:2])
    for n in counts:
        spots = data.points(n)
        plane = spots.to_crs(PLANE)
        note("near 10 km", n, "regionmap (ellipsoid)", lambda s=spots: regionmap_near(s, lines), 3)
        note("near 10 km", n, "DuckDB, split", lambda p=plane: duckdb_near(p, flat))
        note("near 10 km", n, "Shapely, split", lambda p=plane: shapely_near(p, flat))
        if n <= 100_000 or slow:
            note("near 10 km", n, "GeoPandas", lambda p=plane: geopandas_near(p, flat))
        note("nearest", n, "regionmap (ellipsoid)", lambda s=spots: len(nearest(s, lines)), 3)
        note("nearest", n, "Shapely, split", lambda p=plane: shapely_nearest(p, flat))
        if n <= 20_000 or slow:
            note("nearest", n, "GeoPandas", lambda p=plane: len(p.sjoin_nearest(flat, distance_col="d")))
        note("point in zone", n, "regionmap (ellipsoid)", lambda s=spots: regionmap_inside(s, zones), 3)
        note("point in zone", n, "DuckDB", lambda p=plane: duckdb_inside(p, flat_zones))
        note("point in zone", n, "GeoPandas within", lambda p=plane: len(p.sjoin(flat_zones, predicate="within")))
        note("point in zone", n, "GeoPandas intersects", lambda p=plane: len(p.sjoin(flat_zones, predicate="intersects")))
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--only", default="")
    wanted = parser.parse_args()
    target = Path(__file__).with_name("results.json")
    rows = run(wanted.points, wanted.slow, wanted.only)
    if wanted.only:
        new = {(row["task"], row["points"], row["engine"]): row for row in rows}
        old = json.loads(target.read_text("utf-8"))["rows"]
        rows = [new.get((row["task"], row["points"], row["engine"]), row) for row in old]
    machine = f"2 cores, {platform.machine()}, Python {platform.python_version()}"
    target.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1, ensure_ascii=False) + "\n", "utf-8")
