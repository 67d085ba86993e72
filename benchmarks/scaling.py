"""How regionmap grows with points and corridors; writes scaling.json and scaling.svg.

    python benchmarks/scaling.py [--large]

`--large` asks 1,000,000 points and 10,000 corridors too, which takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

import data

from regionmap.queries import nearest
from regionmap.queries.proximity import near_batches

HERE = Path(__file__).parent
GRID = [(1_000, 50), (10_000, 1_000), (100_000, 100), (100_000, 1_000), (1_000_000, 100), (1_000_000, 1_000)]

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", action="store_true")
    grid = [*GRID, (1_000_000, 10_000)] if parser.parse_args().large else GRID
    warm = data.points(25_000), data.corridors(2)
    list(near_batches(*warm, within_m=10_000))
    nearest(*warm)
    rows = []
    for n, m in grid:
        spots, lines = data.points(n), data.corridors(m)
        start = time.process_time()
        pairs = sum(map(len, near_batches(spots, lines, within_m=10_000)))
        middle = time.process_time()
        nearest(spots, lines)
        end = time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        rows.append({"points": n, "corridors": m, "near_s": round(middle - start, 3), "pairs": pairs,
                     "nearest_s": round(end - middle, 3), "peak_gb": round(peak, 2)})  # fmt: skip
        print(rows[-1], flush=True)
    (HERE / "scaling.json").write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "regionmap"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    for name, key in (("near 10 km", "near_s"), ("nearest", "nearest_s")):
        for m in sorted({row["corridors"] for row in rows}):
            line = [(row["points"], row[key]) for row in rows if row["corridors"] == m]
            axes.loglog(*zip(*line, strict=True), marker="o", label=f"{name}, {m:,} corridors")
    axes.set(xlabel="points", ylabel="CPU seconds")
    axes.legend(fontsize=8)
    figure.savefig(HERE / "scaling.svg", metadata={"Date": None})
