"""The same questions to every engine that installs, one thread, CPU seconds; writes `results.json`.

    python benchmarks/rivals.py [--points 100000 1000000] [--slow] [--only regionmap]

Rivals get planar metres (EPSG:4550), which is easier than the ellipsoid, and lines split into runs of 64 segments
(8 for nearest). `--slow` asks GeoPandas as a user writes it (whole lines) and PostGIS at 1e6 points too; `--only` asks
the engines with that in their name again and keeps the other results.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data
import databases
import geopandas as gpd
import numpy as np
import pandas as pd
import plane_kernel
import shapely
from databases import split

import regionmap as rm
from regionmap.queries import nearest
from regionmap.queries._frames import read
from regionmap.queries._inside import inside
from regionmap.queries.chainage import chainage
from regionmap.queries.proximity import near_batches

WITHIN_M = 10_000
PLANE = "EPSG:4550"
OURS = "regionmap (ellipsoid)"


def seconds(ask: Callable[[], Any], repeat: int = 1) -> tuple[float, Any]:
    """The least CPU seconds of some runs, and the answer."""
    best, answer = np.inf, None
    for _ in range(repeat):
        start = time.process_time()
        answer = ask()
        best = min(best, time.process_time() - start)
    return best, answer


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


def shapely_chainage(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    """The nearest run of each point, the place along it, and how far along its line the run begins."""
    parts, of = split(b.geometry, 8)
    length = shapely.length(parts)
    before = np.cumsum(length) - length
    before -= before[np.searchsorted(of, of)]
    spots = np.array(a.geometry.array)
    i, j = shapely.STRtree(parts).query_nearest(spots, all_matches=False)
    return len(before[j] + shapely.line_locate_point(parts[j], spots[i]))


def geopandas_chainage(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> int:
    out = a.sjoin_nearest(b, distance_col="d")
    return len(b.geometry.loc[out["index_right"]].project(out.geometry, align=False))


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

    def note(task: str, n: int, engine: str, ask: Callable[[], Any], repeat: int = 1) -> None:
        if only not in engine:
            return
        try:
            took, pairs = seconds(ask, repeat)
        except ImportError as gone:
            print(f"{task} {n} {engine}: not installed ({gone})")
            return
        if isinstance(pairs, tuple):  # the engine's own process was measured
            took, pairs = pairs
        rows.append({"task": task, "points": n, "engine": engine, "cpu_s": round(took, 3), "rows": int(pairs)})
        print(rows[-1], flush=True)

    lines, zones = data.corridors(1000), data.zones(2000)
    flat, flat_zones = lines.to_crs(PLANE), zones.to_crs(PLANE)
    warm = data.points(25_000)
    regionmap_near(warm, lines.iloc[:2])
    nearest(warm, lines.iloc[:2])
    some, few = warm.iloc[:9].to_crs(PLANE).geometry.array, flat.geometry.array[:2]
    plane_kernel.near(some, few, WITHIN_M)
    plane_kernel.nearest(some, few)
    small, fifty = data.points(1000), data.corridors(50)
    note("1,000 x 50, near 10 km", 1000, OURS, lambda: regionmap_near(small, fifty), 9)
    note("1,000 x 50, nearest", 1000, OURS, lambda: len(nearest(small, fifty)), 9)
    region = rm.open()
    note(
        "summary of the shipped region by zone and status",
        len(region.features()),
        OURS,
        lambda: len(rm.summary(region, by=["zone", "status"])),
        3,
    )
    for n in counts:
        spots = data.points(n)
        plane = spots.to_crs(PLANE)
        bare = np.array(plane.geometry.array), np.array(flat.geometry.array)
        note("near 10 km", n, OURS, lambda s=spots: regionmap_near(s, lines), 3)
        note("near 10 km", n, "bare planar kernel", lambda g=bare: plane_kernel.near(*g, WITHIN_M, 2_000.0))
        note("near 10 km", n, "DuckDB, split", lambda p=plane: databases.duckdb_near(p, flat, WITHIN_M))
        note("near 10 km", n, "SedonaDB, split", lambda p=plane: databases.sedona_near(p, flat, WITHIN_M))
        note("near 10 km", n, "Shapely, split", lambda p=plane: shapely_near(p, flat))
        if n <= 100_000 or slow:
            note("near 10 km", n, "PostGIS, split", lambda p=plane: databases.postgis_near(p, flat, WITHIN_M))
            note("near 10 km", n, "GeoPandas", lambda p=plane: geopandas_near(p, flat))
        note("nearest", n, OURS, lambda s=spots: len(nearest(s, lines)), 3)
        note("nearest", n, "bare planar kernel", lambda g=bare: len(plane_kernel.nearest(*g)[0]))
        note("nearest", n, "SedonaDB, split", lambda p=plane: databases.sedona_nearest(p, flat))
        note("nearest", n, "Shapely, split", lambda p=plane: shapely_nearest(p, flat))
        if n <= 20_000 or slow:
            note("nearest", n, "GeoPandas", lambda p=plane: len(p.sjoin_nearest(flat, distance_col="d")))
        note("chainage", n, OURS, lambda s=spots: len(chainage(s, lines)), 2)
        note("chainage", n, "Shapely, split", lambda p=plane: shapely_chainage(p, flat))
        if n <= 20_000 or slow:
            note("chainage", n, "GeoPandas", lambda p=plane: geopandas_chainage(p, flat))
        note("point in zone", n, OURS, lambda s=spots: regionmap_inside(s, zones), 3)
        note("point in zone", n, "DuckDB", lambda p=plane: databases.duckdb_inside(p, flat_zones))
        note("point in zone", n, "SedonaDB", lambda p=plane: databases.sedona_inside(p, flat_zones))
        note("point in zone", n, "PostGIS", lambda p=plane: databases.postgis_inside(p, flat_zones))
        note("point in zone", n, "GeoPandas within", lambda p=plane: len(p.sjoin(flat_zones, predicate="within")), 3)
        note(
            "point in zone", n, "GeoPandas intersects", lambda p=plane: len(p.sjoin(flat_zones, predicate="intersects"))
        )
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--only", default="")
    wanted = parser.parse_args()
    target = Path(__file__).with_name("results.json")
    load = [round(os.getloadavg()[0], 1)]
    rows = run(wanted.points, wanted.slow, wanted.only)
    load.append(round(os.getloadavg()[0], 1))
    if wanted.only:
        new = {(row["task"], row["points"], row["engine"]): row for row in rows}
        old = json.loads(target.read_text("utf-8"))["rows"]
        kept = [row for row in old if (row["task"], row["points"], row["engine"]) not in new]
        rows = [*kept, *rows]
    machine = f"2 cores, {platform.machine()}, Python {platform.python_version()}"
    # of every task the engines in the order of their time
    rows.sort(key=lambda row: (row["task"], row["points"], row["cpu_s"]))
    target.write_text(
        json.dumps({"machine": machine, "load": load, "rows": rows}, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
