"""`results.json` and `scaling.json` to the tables of README.md: CPU seconds, and how many times regionmap's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HEAD = """# Benchmarks

Made by `python benchmarks/rivals.py`, `python benchmarks/scaling.py` and `python benchmarks/table.py`, with
`pip install 'regionmap[bench]' duckdb-extension-spatial`. Data made in code (`data.py`): points over 6 x 4 degrees;
1,000 corridors of 200 to 2,000 vertices; 2,000 zones. One thread, CPU seconds, on {machine}. regionmap's are the least of three runs after its loops
were compiled once, and answer on the ellipsoid from longitude and latitude, certainty, side and nearest points included;
rivals get planar metres (EPSG:4550) and answer with pairs and distances only. Row counts differ by 3 in 10,000, which is
about what the scale of the plane makes. Rivals ran once, and the machine was shared with other work (load 2.5 to 7): DuckDB and
regionmap ran one after the other, Shapely and GeoPandas in an earlier run, so read the ratios as rough. SedonaDB and PostGIS
were not run.
"""
TOLD = """
## Memory and size

`near_batches` holds one batch of whole rows at a time, `near` the whole answer. 1,000,000 points and 10,000 corridors
(11 million vertices) within 10 km: 124 million pairs, 221 CPU s (the machine shared with other work), 3.6 GB at the peak.

Aims not met yet: near at 1,000,000 points is to be 5 times as fast as DuckDB. Some 40 % of the compiled loop's time is
spent in measuring 16 segments of the one or two runs of each line that the bounds leave over.
"""


def rival_tables(rows: list[dict[str, Any]]) -> str:
    out = []
    for task in dict.fromkeys(row["task"] for row in rows):
        out.append(f"\n## {task}\n\n| points | engine | CPU s | rows | times regionmap's |\n|--:|---|--:|--:|--:|")
        own = {row["points"]: row["cpu_s"] for row in rows if row["task"] == task and "regionmap" in row["engine"]}
        for row in rows:
            if row["task"] == task:
                ratio = row["cpu_s"] / own[row["points"]]
                out.append(f"| {row['points']:,} | {row['engine']} | {row['cpu_s']} | {row['rows']:,} | {ratio:.1f} |")
    return "\n".join(out) + "\n"


def scaling_table(rows: list[dict[str, Any]]) -> str:
    out = ["\n## Scaling of regionmap\n\n![scaling](scaling.svg)\n"]
    out.append("| points | corridors | near 10 km, CPU s | pairs | nearest, CPU s | peak memory so far, GB |\n|--:|--:|--:|--:|--:|--:|")
    for row in rows:
        out.append(
            f"| {row['points']:,} | {row['corridors']:,} | {row['near_s']} | {row['pairs']:,} | {row['nearest_s']} | {row['peak_gb']} |"
        )
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    results = json.loads((HERE / "results.json").read_text("utf-8"))
    text = HEAD.format(machine=results["machine"]) + rival_tables(results["rows"])
    if (HERE / "scaling.json").exists():
        text += scaling_table(json.loads((HERE / "scaling.json").read_text("utf-8"))) + TOLD
    (HERE / "README.md").write_text(text, "utf-8")
