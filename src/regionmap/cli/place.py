"""Verbs about where things are: trace, datum."""

from __future__ import annotations

from typing import Any

from regionmap.cli.common import Verbs, answer, open_region, say

_LEG = ("name", "start", "end", "drawn", "length_km", "accuracy_m", "reason")


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    trace = verb("trace", _trace, "lead corridors along a network of real tracks that you have", answers=True)
    trace.add_argument("network", help="an .osm.pbf or .osm extract, a shapefile or GeoPackage of lines")
    trace.add_argument("--out", metavar="DIR", help="where traced.gpkg goes (default: networks/ of the region)")
    trace.add_argument("--sector", help="rail, road or water, where the file has no column that says so")
    trace.add_argument("--layer", help="the layer to read, where there are several")
    trace.add_argument("--attribution", metavar="TEXT", help="what maps must print (default: OpenStreetMap's own)")
    trace.add_argument("--accuracy", type=float, default=100.0, metavar="M", help="of the tracks, metres (100)")
    trace.add_argument("--fresh", action="store_true", help="drop what an earlier run wrote")

    datum = verb("datum", _datum, "what datum, zone and axis order the points of a file look like they are in")
    datum.add_argument("file", help="a vector file of points, or a table (.csv, .xlsx) with columns of x and y")
    datum.add_argument("--names", metavar="COLUMN", help="column of place names (found by itself if called 名称, name)")
    datum.add_argument(
        "--units", metavar="COLUMN", help="column of units (found by itself if called 区县, county, ...)"
    )
    datum.add_argument("--x", metavar="COLUMN", help="of a table: longitude or easting (经度, lon, x)")
    datum.add_argument("--y", metavar="COLUMN", help="of a table: latitude or northing (纬度, lat, y)")
    datum.add_argument("--crs", help="what the coordinates are said to be, such as EPSG:4550")
    datum.add_argument("--layer", help="the layer to read, where there are several")
    datum.add_argument("--json", action="store_true", help="the verdict and its evidence as JSON")


def _datum(arguments: Any) -> int:
    import json

    from regionmap.places.points import read
    from regionmap.places.shift import detect

    points = read(arguments.file, x=arguments.x, y=arguments.y, crs=arguments.crs, layer=arguments.layer)
    names, units = arguments.names or points.names, arguments.units or points.units
    gazetteer = open_region(arguments).gazetteer
    advice = detect(points.frame, gazetteer, name_column=names, unit_column=units, xy=points.xy, system=points.crs)
    if arguments.json:
        print(json.dumps(advice.as_dict(), ensure_ascii=False, indent=1))
    else:
        print(f"{arguments.file}: {advice}")
    return int(advice.shifted)


def _trace(arguments: Any) -> int:
    from regionmap.plans.tracing import trace

    report = trace(
        open_region(arguments),
        arguments.network,
        out=arguments.out,
        sector=arguments.sector,
        layer=arguments.layer,
        attribution=arguments.attribution,
        accuracy_m=arguments.accuracy,
        fresh=arguments.fresh,
    )
    done = int((report["drawn"] == "traced").sum())
    answer(arguments, report, _LEG, report.attrs["file"])
    if not (arguments.json or arguments.csv):
        say(arguments, f"traced {done} of {len(report)} legs; maps print: {report.attrs['attribution']}")
    return 0 if done else 1
