"""Verbs that ask where things lie to each other."""

from __future__ import annotations

from typing import Any

from regionmap import kinds
from regionmap.cli import tabulate
from regionmap.cli.common import Verbs, answer, kilometres, open_region

_ABOUT = ("id", "name", "kind")
_SOURCE = ("accuracy_m", "status", "plan", "clause")


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    kind = f"only this kind: {', '.join(kinds.KINDS)}"
    near = verb("near", _near, "what lies within a distance of a feature", answers=True)
    near.add_argument("name", help="name or id of the corridor or other feature")
    near.add_argument("--km", type=kilometres, required=True, help="distance in kilometres")
    near.add_argument("--kind", help=kind)

    within = verb("within", _within, "what lies within a distance of a coordinate", answers=True)
    within.add_argument("lon", type=float, help="longitude, WGS 84 (behind -- if negative)")
    within.add_argument("lat", type=float, help="latitude, WGS 84")
    within.add_argument("--km", type=kilometres, required=True, help="distance in kilometres")
    within.add_argument("--kind", help=kind)

    nearest = verb("nearest", _nearest, "what lies nearest to features", answers=True)
    nearest.add_argument("names", nargs="+", metavar="NAME", help="names or ids")
    nearest.add_argument("--k", type=int, default=1, help="how many for each (1)")
    nearest.add_argument("--km", type=kilometres, help="nothing farther than this")
    nearest.add_argument("--kind", help=kind)

    chainage = verb("chainage", _chainage, "how far along a line features lie", answers=True)
    chainage.add_argument("names", nargs="*", metavar="NAME", help="names or ids; none: all within --km of the line")
    chainage.add_argument("--along", required=True, metavar="LINE", help="name or id of the line")
    chainage.add_argument("--km", type=kilometres, help="only what lies (or may lie) within this distance of it")
    chainage.add_argument("--kind", help=kind)
    tabulate.add(verb)


def certain_first(rows: Any) -> Any:
    """Rows of `near`: certain ones first, then by distance."""
    return rows.sort_values(["certainty", "distance_m"], kind="stable")


def _near(arguments: Any) -> int:
    from regionmap.queries.proximity import near

    region = open_region(arguments)
    target = region.feature(arguments.name)
    rows = near(region.candidates(target.index[0], arguments.kind), target, within_m=arguments.km * 1000)
    columns = (*_ABOUT, "distance_m", "certainty", "side", *_SOURCE)
    return answer(arguments, certain_first(rows), columns, f"{target['name'].iloc[0]} {arguments.km:g} km")


def _within(arguments: Any) -> int:
    import geopandas
    import shapely

    from regionmap.errors import InputError
    from regionmap.queries.proximity import near

    if not (-180 <= arguments.lon <= 180 and -90 <= arguments.lat <= 90):
        raise InputError(f"{arguments.lon:g}, {arguments.lat:g} is no longitude and latitude: longitude comes first")
    region = open_region(arguments)
    spot = geopandas.GeoDataFrame(geometry=[shapely.Point(arguments.lon, arguments.lat)], crs=4326)
    rows = region.latest(region.features(arguments.kind))
    rows = rows if arguments.kind else rows[rows["kind"] != "zone"]
    found = certain_first(near(rows, spot, within_m=arguments.km * 1000))
    columns = (*_ABOUT, "distance_m", "certainty", *_SOURCE)
    return answer(arguments, found, columns, f"{arguments.lon:g}, {arguments.lat:g} {arguments.km:g} km")


def _nearest(arguments: Any) -> int:
    import pandas as pd

    from regionmap.queries.proximity import nearest

    region = open_region(arguments)
    limit = None if arguments.km is None else arguments.km * 1000
    found = []
    for name in arguments.names:
        target = region.feature(name)
        others = region.candidates(target.index[0], arguments.kind)
        rows = nearest(target[["geometry"]], others, k=arguments.k, within_m=limit)
        rows = rows[rows["to"].notna()]
        about = others.loc[rows["to"], [*_ABOUT, *_SOURCE]].reset_index(drop=True)
        found.append(about.assign(of=target["name"].iloc[0], distance_m=rows["distance_m"].to_numpy()))
    columns = ("of", *_ABOUT, "distance_m", *_SOURCE)
    return answer(arguments, pd.concat(found), columns, "")


def _chainage(arguments: Any) -> int:
    import pandas as pd

    from regionmap.errors import InputError
    from regionmap.queries.chainage import chainage
    from regionmap.queries.proximity import near

    region = open_region(arguments)
    line = region.feature(arguments.along)
    if arguments.names:
        rows = pd.concat([region.feature(name) for name in arguments.names])
    elif arguments.km is None:
        raise InputError("name features, or give --km to take all within that distance of the line")
    else:
        rows = region.candidates(line.index[0], arguments.kind)
    if arguments.km is not None:
        rows = near(rows, line, within_m=arguments.km * 1000)
    found = chainage(rows, stationed(region, line)).sort_values("chainage_m", kind="stable")
    wanted = (
        *_ABOUT, "stationing", "chainage_m", "chainage_from_m", "chainage_to_m", "offset_m", "side",
        "chainage_accuracy_m", "certainty", "plan", "clause",
    )  # fmt: skip
    columns = tuple(c for c in wanted if c in found)
    return answer(arguments, found, columns, f"{line['name'].iloc[0]}")


def stationed(region: Any, line: Any) -> Any:
    """The line with the `start_chainage_m` of the network line that its `where` names, where that is all of it."""
    from regionmap.places.gazetteer import fold, read_rows

    table = region.folder / "networks" / "lines.csv"
    text = fold(line["where"].iloc[0].strip())
    for row in read_rows(table) if table.is_file() else ():
        if text in map(fold, (row["name"], *row["aliases"].split(";"))) and row["start_chainage_m"]:
            return line.assign(start_chainage_m=row["start_chainage_m"])
    return line
