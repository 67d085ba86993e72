"""Verbs that write files: build, export."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from regionmap.cli.common import Verbs, data_folder, open_region, say
from regionmap.progress import track


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    build = verb("build", _build, "render maps, one .html a recipe, and an index of them")
    build.add_argument("recipe", nargs="*", help="recipe files; all shipped recipes when none is named")
    build.add_argument("--out", default="maps", metavar="DIR", help="where the pages go (default: ./maps)")
    export = verb("export", _export, "write every record to one file")
    export.add_argument("file", help=".gpkg .parquet .geojson .xlsx .csv .kml or .kmz")


def _build(arguments: Any) -> int:
    from regionmap.maps import index
    from regionmap.maps.page import render, save_html
    from regionmap.maps.summarise import reports
    from regionmap.plans.opening import shipped

    began, region = time.perf_counter(), open_region(arguments)
    recipes = [Path(r) for r in arguments.recipe] or _recipes(data_folder(arguments), shipped("maps"))
    if not recipes:
        print("regionmap: no recipe found", file=sys.stderr)
        return 1
    names = [recipe.stem for recipe in recipes]
    if wrong := [n for n in dict.fromkeys(names) if names.count(n) > 1 or (n == index.NAME and len(names) > 1)]:
        print(f"regionmap: two pages would be called {', '.join(f'{n}.html' for n in wrong)}", file=sys.stderr)
        return 2
    out, cards = Path(arguments.out), []
    for recipe in track(recipes, "rendering maps"):
        start, target = time.perf_counter(), out / f"{recipe.stem}.html"
        chart = render(region, recipe)
        save_html(chart, target)
        for sentence in reports(chart.data["layers"]):
            print(f"{recipe.stem}: {sentence}", file=sys.stderr)
        cards.append(index.card(recipe.stem, chart.data))
        size = target.stat().st_size / 1e6
        say(arguments, f"{target}  {size:.2f} MB  {time.perf_counter() - start:.1f} s")
    if len(cards) > 1:
        say(arguments, index.write(cards, chart.data, out))
    for fault in region.faults:
        print(f"unplaced: {fault}", file=sys.stderr)
    say(arguments, f"{len(recipes)} maps in {out.resolve()}, {time.perf_counter() - began:.1f} s")
    return 1 if region.faults else 0


def _recipes(data: Path | None, shipped: Path) -> list[Path]:
    """Recipes of a data folder: those in `maps/` beside or inside it, else the shipped ones."""
    for folder in (data.parent / "maps", data / "maps") if data else ():
        found = sorted(folder.glob("*.toml"))
        if found:
            return found
    return sorted(shipped.glob("*.toml"))


def _export(arguments: Any) -> int:
    region = open_region(arguments)
    saved = region.save(arguments.file)
    unplaced = int(region.records.geometry.isna().sum())
    say(arguments, f"{saved.target}: {saved.rows} rows, {unplaced} records without geometry")
    if saved.left_out:
        print(f"left out: {'; '.join(saved.left_out)}", file=sys.stderr)
    for fault in region.faults:
        print(f"unplaced: {fault}", file=sys.stderr)
    return 1 if region.faults else 0
