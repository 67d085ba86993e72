"""Verbs that answer with shapes and places: buffer, point-at, stretch; and membership."""

from __future__ import annotations

import json
from typing import Any

from regionmap import kinds
from regionmap.cli.ask import stationed
from regionmap.cli.common import Verbs, answer, kilometres, open_region
from regionmap.cli.tabulate import zones_named


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    buffer = verb("buffer", _buffer, "all within a distance of features, on the ellipsoid", answers=True)
    buffer.add_argument("names", nargs="+", metavar="NAME", help="names or ids")
    buffer.add_argument("--km", type=kilometres, required=True, help="distance in kilometres")

    point = verb("point-at", _point_at, "the places at chainages of a line", answers=True)
    point.add_argument("line", metavar="LINE", help="name or id of the line")
    point.add_argument("chainages", nargs="+", metavar="CHAINAGE", help="metres from its start, or K12+300")

    stretch = verb("stretch", _stretch, "the part of a line between two chainages", answers=True)
    stretch.add_argument("line", metavar="LINE", help="name or id of the line")
    stretch.add_argument("begin", metavar="FROM", help="metres from its start, or K12+300")
    stretch.add_argument("end", metavar="TO", help="the same; smaller than FROM turns the direction round")

    for sub in (point, stretch):
        sub.add_argument("--clip", action="store_true", help="take the line's ends for what lies beyond them")

    member = verb("membership", _membership, "in which zones things lie, certainly or possibly", answers=True)
    member.add_argument("names", nargs="*", metavar="NAME", help="names or ids; none: all things but zones")
    member.add_argument("--in", dest="zones", nargs="+", metavar="ZONE", help="names or ids; none: all zones")
    member.add_argument("--units", action="store_true", help="ask of the counties instead of zones")
    member.add_argument("--kind", help=f"only this kind: {', '.join(kinds.KINDS)}")


def _shaped(arguments: Any, rows: Any, columns: list[str], subject: str) -> int:
    """The answer, with shapes for programs: GeoJSON in JSON, WKT (column `wkt`) in CSV."""
    import pandas as pd
    import shapely

    table, shapes = pd.DataFrame(rows.drop(columns="geometry")), rows.geometry.to_numpy()
    if arguments.json:
        table["geometry"] = [json.loads(shapely.to_geojson(g)) for g in shapes]
    elif arguments.csv:
        table["wkt"] = shapely.to_wkt(shapes, rounding_precision=9)
    return answer(arguments, table, [*columns, *table.columns.intersection(["geometry", "wkt"])], subject)


def _buffer(arguments: Any) -> int:
    import pandas as pd

    from regionmap import crs
    from regionmap.errors import InputError
    from regionmap.queries.tables import buffer

    region = open_region(arguments)
    rows = pd.concat([region.feature(name) for name in arguments.names])
    gone = rows.geometry.isna()
    if gone.any():
        raise InputError(f"{rows['name'][gone].iloc[0]} has no geometry to draw a buffer about")
    rows = buffer(rows, distance_m=arguments.km * 1000)
    rows = rows.assign(area_km2=crs.area_m2(rows.geometry.to_numpy()) / 1e6)
    return _shaped(arguments, rows, ["id", "name", "kind", "area_km2", "accuracy_m"], f"{arguments.km:g} km")


def _chainage(text: str) -> Any:
    """Metres where it is a number; else a stationing, which the query reads."""
    try:
        return float(text)
    except ValueError:
        return text


def _point_at(arguments: Any) -> int:
    from regionmap.queries.chainage import point_at

    region = open_region(arguments)
    line = region.feature(arguments.line)
    rows = point_at(stationed(region, line), [_chainage(c) for c in arguments.chainages], clip=arguments.clip)
    rows = rows.assign(lon=rows.geometry.x, lat=rows.geometry.y)
    return answer(arguments, rows, ("stationing", "chainage_m", "lon", "lat", "accuracy_m"), line["name"].iloc[0])


def _stretch(arguments: Any) -> int:
    from regionmap.queries.chainage import stretch

    region = open_region(arguments)
    line = region.feature(arguments.line)
    ends = _chainage(arguments.begin), _chainage(arguments.end)
    rows = stretch(stationed(region, line), *ends, clip=arguments.clip)
    columns = ["id", "name", "chainage_from_m", "chainage_to_m", "length_m", "accuracy_m", "drawn"]
    return _shaped(arguments, rows, columns, line["name"].iloc[0])


def _membership(arguments: Any) -> int:
    import pandas as pd

    from regionmap.answers import units
    from regionmap.queries.membership import membership

    region = open_region(arguments)
    zones = units(region) if arguments.units else zones_named(region, arguments.zones or [])
    if arguments.names:
        rows = pd.concat([region.feature(name) for name in arguments.names])
    else:
        rows = region.latest(region.features(arguments.kind))
        rows = rows if arguments.kind else rows[rows["kind"] != "zone"]
    found = membership(rows, zones)
    found = found.assign(**{"in": zones["name"].loc[found["to"]].to_numpy()})
    columns = ("id", "name", "kind", "in", "certainty", "inside", "border_m", "accuracy_m", "plan", "clause")
    code = answer(arguments, found, columns, "")
    if not (arguments.json or arguments.csv or arguments.quiet):
        print(f"in none: {found.attrs['nowhere']}; without geometry: {len(found.attrs['unplaced'])}")
    return code
