"""Load, save and ask by store: GeoPackage, GeoParquet, PostGIS; writes stores.json.

PostGIS is asked where REGIONMAP_BENCH_URL (postgresql://...) leads, else left out. Sizes: `python stores.py 10000 1000000`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import data
import numpy as np
import pandas as pd

import regionmap as rm
from regionmap.plans.stored import opened
from regionmap.plans.stores import columns, whole

HERE = Path(__file__).parent


def a_region(count: int) -> Any:
    """The shipped region's tables with `count` points for records."""
    parts, spots = whole.whole_of(rm.open()), data.points(count)
    types = columns.types_of(parts.frames["records"], "records")
    plan = parts.meta["plans"][0]["id"]
    ids = [f"{plan}/b{n}" for n in range(count)]
    rows = pd.DataFrame({"id": ids, "name": [f"项目{n}" for n in range(count)], "kind": "project", "sector": "energy", "plan": plan})
    rows = rows.assign(accuracy_m=np.arange(count) % 500 * 1.0, precision="site", group=ids, clause="一")
    for column in set(types) - set(rows):
        rows[column] = "" if types[column] == "text" else None
    records = columns.frame_of(columns.cast(rows, types), spots.geometry.to_numpy())
    targets = parts.frames["targets"]
    digests = columns.plan_digests((p["id"] for p in parts.meta["plans"]), records, targets)
    meta = {**parts.meta, "plans": [{**p, "digest": digests[p["id"]]} for p in parts.meta["plans"]]}
    return opened(whole.Whole(meta, {**parts.frames, "records": records}, parts.files), "made")


def timed(call: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    out = call()
    return round(time.perf_counter() - start, 2), out


def read(target: str) -> Any:
    region = rm.open(target)
    region.records  # noqa: B018 - a database gives rows when asked
    return region


if __name__ == "__main__":
    results = []
    line = data.corridors(1)
    for size in map(int, sys.argv[1:] or ["10000", "1000000"]):
        region = a_region(size)
        with tempfile.TemporaryDirectory() as folder:
            targets = [f"{folder}/x.gpkg", f"{folder}/x.parquet", *filter(None, [os.environ.get("REGIONMAP_BENCH_URL")])]
            for target in targets:
                base = "://" in target
                saved, _ = timed(lambda: region.save(target, replace=base))  # noqa: B023
                loaded, again = timed(lambda: read(target))  # noqa: B023
                layer = again.stored("project") if base else again.features("project")
                asked, answer = timed(lambda: rm.near(layer, line, within_m=5_000))  # noqa: B023
                mb = None if base else round(Path(target).stat().st_size / 1e6, 1)
                store = "postgis" if base else Path(target).suffix
                results.append({"records": size, "store": store, "save_s": saved, "load_s": loaded, "near_s": asked, "rows": len(answer), "mb": mb})
                print(results[-1], flush=True)
    (HERE / "stores.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
