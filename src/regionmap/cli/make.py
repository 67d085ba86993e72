"""Verbs that write files: build, export."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from regionmap.cli.common import Verbs, data_folder, open_region


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    build = verb("build", _build, "render maps, one .html a recipe")
    build.add_argument("recipe", nargs="*", help="recipe files; all shipped recipes when none is named")
    build.add_argument("--out", default="maps", metavar="DIR", help="where the pages go (default: ./maps)")
    export = verb("export", _export, "write every record to one file")
    export.add_argument("file", help=".geojson .parquet .gpkg .csv or .xlsx")


def _build(arguments: Any) -> int:
    from regionmap.maps.page import render, save_html
    from regionmap.plans.region import shipped

    began, region = time.perf_counter(), open_region(arguments)
    recipes = [Path(r) for r in arguments.recipe] or _recipes(data_folder(arguments), shipped("maps"))
    if not recipes:
        print("regionmap: no recipe found", file=sys.stderr)
        return 1
    out = Path(arguments.out)
    for recipe in recipes:
        start, target = time.perf_counter(), out / f"{recipe.stem}.html"
        save_html(render(region, recipe), target)
        size = target.stat().st_size / 1e6
        print(f"{target}  {size:.2f} MB  {time.perf_counter() - start:.1f} s", flush=True)
    for fault in region.faults:
        print(f"unplaced: {fault}", file=sys.stderr)
    print(f"{len(recipes)} maps in {out.resolve()}, {time.perf_counter() - began:.1f} s")
    return 1 if region.faults else 0


def _recipes(data: Path | None, shipped: Path) -> list[Path]:
    """Recipes of a data folder: those in `maps/` beside or inside it, else the shipped ones."""
    for folder in (data.parent / "maps", data / "maps") if data else ():
        found = sorted(folder.glob("*.toml"))
        if found:
            return found
    return sorted(shipped.glob("*.toml"))


def _export(arguments: Any) -> int:
    from regionmap.plans.stores import export

    region = open_region(arguments)
    rows = export(region, arguments.file)
    unplaced = int(region.records.geometry.isna().sum())
    print(f"{arguments.file}: {rows} rows, {unplaced} records without geometry")
    for fault in region.faults:
        print(f"unplaced: {fault}", file=sys.stderr)
    return 1 if region.faults else 0
