"""The only writer of README.md: the results of every benchmark, each a JSON file, as tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HEAD = """# Benchmarks

Made by `make bench` (`rivals.py`, `scaling.py`, `partitions.py`, `stores.py`, `datums.py`, `reach.py`; by hand `page.py`), written here by
`table.py`. Data made in code (`data.py`): points over 6 x 4 degrees; 1,000
corridors of 200 to 2,000 vertices; 2,000 zones. One thread, CPU seconds (PostGIS: of its server too), on {machine}.
regionmap's are the least of three runs after its loops were compiled once, and answer on the ellipsoid from longitude and latitude,
certainty, side and nearest points included, as frames; rivals get planar metres (EPSG:4550) and answer with pairs and distances
only. Row counts differ by 3 in 10,000, which is about what the scale of the plane makes. `within` leaves out what lies on a border.
The bare planar kernel (`plane_kernel.py`) is what a small compiled loop over a grid of segments does with planar metres, and nothing else.
The load average of the machine went from {load[0]} to {load[1]} while it ran; what else runs makes every engine slower.
"""
PAGE = """`python benchmarks/page.py`: 100 boundaries and points of eight Chinese attributes; headless Chromium, no GPU, every request refused.
First paint is the first presented frame (Chromium's screencast) that shows features. Blank: nothing painted within a minute.
Load average {load[0]} to {load[1]}."""


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table: first column to the left, the others to the right."""
    lines = (head, ["---"] + ["--:"] * (len(head) - 1), *rows)
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def number(value: Any) -> str:
    """A measure as people read it; nothing as a dash."""
    if value is None:
        return "-"
    return f"{value:,.2f}" if 0 < value < 10 else f"{value:,.0f}"


def rivals(found: dict[str, Any]) -> str:
    out = []
    for task in dict.fromkeys(row["task"] for row in found["rows"]):
        rows = [row for row in found["rows"] if row["task"] == task]
        own = {row["points"]: row["cpu_s"] for row in rows if "regionmap" in row["engine"]}
        table = [[f"{r['points']:,}", r["engine"], r["cpu_s"], f"{r['rows']:,}", f"{r['cpu_s'] / own[r['points']]:.1f}"] for r in rows]
        out.append(f"## {task}\n\n" + markdown(["points", "engine", "CPU s", "rows", "times regionmap's"], table))
    return "\n".join(out)


def scaling(rows: list[dict[str, Any]]) -> str:
    head = ["points", "corridors", "near 10 km, CPU s", "pairs", "nearest, CPU s", "peak memory so far, GB"]
    table = [[f"{r['points']:,}", f"{r['corridors']:,}", r["near_s"], f"{r['pairs']:,}", r["nearest_s"], r["peak_gb"]] for r in rows]
    note = "Pairs come in batches of whole rows (`near_batches`), so that memory stays bounded; `near` holds the whole answer.\n"
    return "## Scaling of regionmap\n\n![scaling](scaling.svg)\n\n" + markdown(head, table) + "\n" + note


def partitions(rows: list[dict[str, Any]]) -> str:
    head = ["points", "files, MB", "processes", "seconds by the clock", "pairs", "peak memory of all processes, GB"]
    table = [[f"{r['points']:,}", number(r.get("mb")), r["processes"], r["wall_s"], f"{r['pairs']:,}", r["peak_gb"]] for r in rows]
    about = "GeoParquet in parts of 100,000, each a tile; pairs are counted part by part, not kept. Two processes: their scheduler is a third.\n\n"
    return "## Partitioned points, near 10 km, 1,000 corridors (dask-geopandas)\n\n" + about + markdown(head, table)


def datums(found: dict[str, Any]) -> str:
    table = [
        [f"`{name}`" + (f", {r['rows']:,} rows" if "rows" in r else ""), r["cpu_s"], f"{r['round_trip_m']:.1e}" if "round_trip_m" in r else ""]
        for name, r in found.items() if isinstance(r, dict)
    ]  # fmt: skip
    about = f"{found['points']:,} points over China; one GB18030 table through `read_table`.\n\n"
    return "## Datums and tables\n\n" + about + markdown(["what", "CPU s", "worst round trip, m"], table)


def reach(found: dict[str, Any]) -> str:
    own = found["seconds"]["regionmap, frames to answer"]
    table = [[name, number(s), f"{s / own:.1f}"] for name, s in found["seconds"].items()]
    about = f"From one node to all of {found['nodes']:,} over {found['edges']:,} edges, by the clock; the answers are the same.\n\n"
    return "## Reach\n\n" + about + markdown(["library", "s", "times regionmap's"], table)


def stores(rows: list[dict[str, Any]]) -> str:
    head = ["records", "store", "save, s", "load, s", "near, s", "MB"]
    table = [[f"{r['records']:,}", r["store"], *(number(r[k]) for k in ("save_s", "load_s", "near_s", "mb"))] for r in rows]
    about = (
        "The shipped region's tables with so many points for records, saved, opened again and asked what is near a line;"
        " by the clock. PostGIS: on this machine, fsync on; asked where the rows lie, so without loading them; size with indexes.\n\n"
    )
    return "## Stores\n\n" + about + markdown(head, table)


def page(found: dict[str, Any]) -> str:
    made = [r for r in found["rows"] if "error" not in r]
    keys = ("mb", "build_cpu_s", "first_paint_s", "worst_frame_ms", "requests")
    table = [[f"{r['package']}, {r['points']:,}", *("blank" if k == "first_paint_s" and r[k] is None else number(r.get(k)) for k in keys)] for r in made]
    asked = ("choose_line_ms", "tick_ms", "drag_p95_ms", "search_ms", "csv_ms")
    own = [[f"{r['points']:,}", *(number(r[k]) for k in asked)] for r in made if r["package"] == "regionmap"]
    parts = [
        "## The page\n\n" + PAGE.format(**found) + "\n",
        markdown(["package, points", "MB", "build, CPU s", "first paint, s", "worst frame, ms", "requests"], table),
        "The question in the page, milliseconds:\n",
        markdown(["points", "choose a line", "slider tick", "drag p95", "search", "CSV of 6,000 rows"], own),
        *(f"{r['package']}, {r['points']:,}: did not build: {r['error']}\n" for r in found["rows"] if "error" in r),
    ]
    return "\n".join(parts)


SECTIONS: dict[str, Callable[[Any], str]] = {
    "results": rivals, "scaling": scaling, "partitions": partitions, "datums": datums, "reach": reach, "stores": stores, "page": page,
}  # fmt: skip


if __name__ == "__main__":
    found = {name: json.loads(file.read_text("utf-8")) for name in SECTIONS if (file := HERE / f"{name}.json").exists()}
    parts = [HEAD.format(**found["results"]), *(section(found[name]) for name, section in SECTIONS.items() if name in found)]
    (HERE / "README.md").write_text("\n".join(parts), "utf-8")
