"""`results.json`, `scaling.json` and `partitions.json` to the tables of README.md: CPU seconds, and how many times regionmap's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HEAD = """# Benchmarks

Made by `make bench` (`rivals.py`, `scaling.py`, `partitions.py`, `table.py`). Data made in code (`data.py`): points over 6 x 4 degrees; 1,000
corridors of 200 to 2,000 vertices; 2,000 zones. One thread, CPU seconds (PostGIS: of its server too), on {machine}.
regionmap's are the least of three runs after its loops were compiled once, and answer on the ellipsoid from longitude and latitude,
certainty, side and nearest points included, as frames; rivals get planar metres (EPSG:4550) and answer with pairs and distances
only. Row counts differ by 3 in 10,000, which is about what the scale of the plane makes. `within` leaves out what lies on a border.
The bare planar kernel (`plane_kernel.py`) is what a small compiled loop over a grid of segments does with planar metres, and nothing else.
The load average of the machine went from {load[0]} to {load[1]} while it ran; what else runs makes every engine slower.
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
    out.append(
        "| points | corridors | near 10 km, CPU s | pairs | nearest, CPU s | peak memory so far, GB |\n|--:|--:|--:|--:|--:|--:|"
    )
    for row in rows:
        out.append(
            f"| {row['points']:,} | {row['corridors']:,} | {row['near_s']} | {row['pairs']:,} | {row['nearest_s']} | {row['peak_gb']} |"
        )
    out.append(
        "\nPairs come in batches of whole rows (`near_batches`), so that memory stays bounded; `near` holds the whole answer."
    )
    return "\n".join(out) + "\n"


def partitions_table(rows: list[dict[str, Any]]) -> str:
    out = ["\n## Partitioned points, near 10 km, 1,000 corridors (dask-geopandas, parts of 100,000)\n"]
    out.append(
        "| points | processes | seconds by the clock | pairs | peak memory of all processes, GB |\n|--:|--:|--:|--:|--:|"
    )
    for row in rows:
        out.append(
            f"| {row['points']:,} | {row['processes']} | {row['wall_s']} | {row['pairs']:,} | {row['peak_gb']} |"
        )
    return "\n".join(out) + "\n"


def datums_table(found: dict[str, Any]) -> str:
    out = [f"\n## Datums and tables\n\n{found['points']:,} points over China; one GB18030 table through `read_table`.\n"]
    out.append("| what | CPU s | worst round trip, m |\n|---|--:|--:|")
    for name, row in found.items():
        if isinstance(row, dict):
            label = f"`{name}`" + (f", {row['rows']:,} rows" if "rows" in row else "")
            out.append(f"| {label} | {row['cpu_s']} | {row.get('round_trip_m', 0):.1e} |".replace(" 0.0e+00 |", " |"))
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    results = json.loads((HERE / "results.json").read_text("utf-8"))
    text = HEAD.format(machine=results["machine"], load=results["load"]) + rival_tables(results["rows"])
    for name, table in (("scaling", scaling_table), ("partitions", partitions_table)):
        if (file := HERE / f"{name}.json").exists():
            text += table(json.loads(file.read_text("utf-8")))
    if (HERE / "datums.json").exists():
        text += datums_table(json.loads((HERE / "datums.json").read_text("utf-8")))
    (HERE / "README.md").write_text(text, "utf-8")
