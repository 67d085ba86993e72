"""Load, save and ask by store: GeoPackage, GeoParquet, PostGIS (one of its own, started here); writes stores.json.

    python benchmarks/stores.py [10000 1000000]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import data
import databases
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


def megabytes(target: str) -> float:
    """What the store takes on disk, indexes included."""
    if "://" not in target:
        return round(Path(target).stat().st_size / 1e6, 1)
    asked = "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE relnamespace = 'regionmap'::regnamespace AND relkind = 'r'"
    with databases.connect(target) as connection:
        return round(float(connection.execute(asked).fetchone()[0]) / 1e6, 1)


def measure(region: Any, target: str, line: Any) -> dict[str, Any]:
    base = "://" in target
    saved, _ = timed(lambda: region.save(target, replace=base))
    loaded, again = timed(lambda: read(target))
    layer = again.stored("project") if base else again.features("project")
    asked, answer = timed(lambda: rm.near(layer, line, within_m=5_000))
    return {"save_s": saved, "load_s": loaded, "near_s": asked, "rows": len(answer), "mb": megabytes(target)}


if __name__ == "__main__":
    results = []
    line = data.corridors(1)
    with databases.server(fsync="on") as url, tempfile.TemporaryDirectory() as folder:
        for size in map(int, sys.argv[1:] or ["10000", "1000000"]):
            region = a_region(size)
            for store, target in (("GeoPackage", f"{folder}/x.gpkg"), ("GeoParquet", f"{folder}/x.parquet"), ("PostGIS", url)):
                results.append({"records": size, "store": store, **measure(region, target, line)})
                print(results[-1], flush=True)
    (HERE / "stores.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
