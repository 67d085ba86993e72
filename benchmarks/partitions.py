"""`near` of partitioned points on this machine, one process and two; writes partitions.json.

    python benchmarks/partitions.py [--points 1000000 10000000]

Points in tiles of 100,000, one GeoParquet file a tile, written one by one, so that each file covers a small box; 1,000
corridors, 10 km; pairs are counted, not kept. Each run is a process of its own; its memory is the greatest sum over
itself and its workers. The clock starts when every process has loaded what it needs and compiled the loops.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import dask
import dask_geopandas
import data
import geopandas as gpd
import numpy as np
import psutil
import shapely
from distributed import Client, LocalCluster

import regionmap as rm

HERE = Path(__file__).parent
TILE = 100_000


def write(folder: Path, count: int) -> None:
    """Points at random over the same box as everywhere, in square-like tiles one behind the other, Hilbert order."""
    tiles = count // TILE
    wide = max(round((tiles * 1.5) ** 0.5), 1)
    high = -(-tiles // wide)
    size = (data.EAST - data.WEST) / wide, (data.NORTH - data.SOUTH) / high
    for tile in range(tiles):
        rng = np.random.default_rng(tile)
        low = data.WEST + tile % wide * size[0], data.SOUTH + tile // wide * size[1]
        xy = rng.uniform(low, np.add(low, size), (TILE, 2))
        part = gpd.GeoDataFrame({"id": np.arange(TILE) + tile * TILE}, geometry=shapely.points(xy), crs="EPSG:4326")
        part = part.iloc[np.argsort(part.hilbert_distance().to_numpy())]
        part.to_parquet(folder / f"part.{tile:05d}.parquet", compression="zstd")


def watch(peak: list[float], stop: threading.Event) -> None:
    """Keep the greatest memory of this process and its children, in GB."""
    own = psutil.Process()
    while not stop.wait(0.2):
        total = 0
        for process in (own, *own.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        peak[0] = max(peak[0], total / 1e9)


def warm() -> None:
    """Load everything and compile the loops, or take them from their cache."""
    rm.near(data.points(25_000), data.corridors(2), within_m=10_000)


def near(folder: str, workers: int) -> dict[str, float]:
    peak, stop = [0.0], threading.Event()
    threading.Thread(target=watch, args=(peak, stop), daemon=True).start()
    with ExitStack() as running:
        if workers > 1:
            cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
            running.enter_context(cluster)
            running.enter_context(Client(cluster)).run(warm)
        else:
            warm()
            running.enter_context(dask.config.set(scheduler="synchronous"))
        lines, start = data.corridors(1000), time.perf_counter()
        found = rm.near(dask_geopandas.read_parquet(folder), lines, within_m=10_000)
        counted = found.map_partitions(len, meta=("n", "int64")).optimize().compute()
        took = time.perf_counter() - start
    stop.set()
    return {"pairs": int(np.sum(counted)), "wall_s": round(took, 1), "peak_gb": round(peak[0], 2)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--run", nargs=2, metavar=("FOLDER", "WORKERS"))
    wanted = parser.parse_args()
    if wanted.run:
        print(json.dumps(near(wanted.run[0], int(wanted.run[1]))))
        raise SystemExit
    rows = []
    for count in wanted.points:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            write(Path(folder), count)
            size = {"write_s": round(time.perf_counter() - start, 1)}
            size["mb"] = round(sum(f.stat().st_size for f in Path(folder).iterdir()) / 1e6, 1)
            for workers in (1, 2):
                command = [sys.executable, __file__, "--run", folder, str(workers)]
                out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                rows.append({"points": count, "processes": workers, **json.loads(out.splitlines()[-1]), **size})
                print(rows[-1], flush=True)
    (HERE / "partitions.json").write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
