"""Verbs that make the tables of a briefing."""

from __future__ import annotations

from typing import Any

from regionmap import kinds
from regionmap.cli.common import Verbs, answer, kilometres, open_region
from regionmap.cli.sheets import write_xlsx


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    kind = f"only this kind: {', '.join(kinds.KINDS)}"
    matrix = verb("matrix", _matrix, "a table of distances: one row a feature, one column a corridor", answers=True)
    matrix.add_argument("names", nargs="+", metavar="CORRIDOR", help="names or ids of the corridors")
    matrix.add_argument("--kind", default="park", help=f"{kind}; default park")
    matrix.add_argument("--km", type=kilometres, help="cells beyond this distance stay empty")

    overlay = verb("overlay", _overlay, "how much of zones lies in other areas, with rows that balance", answers=True)
    overlay.add_argument("zones", nargs="*", metavar="ZONE", help="names or ids; none: all zones with an area")
    overlay.add_argument("--with", dest="other", nargs="+", metavar="NAME", help="other features; none: the counties")
    overlay.add_argument("--km", type=kilometres, help="take the others with all within this distance of them")

    coverage = verb("coverage", _coverage, "how much of zones lies within a distance of a corridor", answers=True)
    coverage.add_argument("zones", nargs="*", metavar="ZONE", help="names or ids; none: all zones with an area")
    coverage.add_argument("--corridor", required=True, metavar="NAME", help="name or id")
    coverage.add_argument("--km", type=kilometres, required=True, help="distance in kilometres")

    table = verb("table", _table, "counts and sums of investment", answers=True)
    words = "unit, city, zone, sector, status, year, kind, plan; parted by commas"
    table.add_argument("--by", required=True, help=words)
    table.add_argument("--kind", help=kind)
    table.add_argument("--plan", help="only this plan")
    for sub in (matrix, overlay, coverage, table):
        sub.add_argument("--xlsx", metavar="FILE", help="write an Excel file")


def _give(arguments: Any, rows: Any, columns: list[str], subject: str) -> int:
    """Write the table to a file, or print it."""
    rows = rows[[c for c in columns if c in rows]]
    if arguments.xlsx:
        write_xlsx(rows, arguments.xlsx, subject)
        return 0
    if not (arguments.json or arguments.csv):
        for column in rows:
            if "share" in column:
                rows = rows.assign(**{column: [None if v != v else f"{v:.1%}" for v in rows[column]]})
    return answer(arguments, rows, list(rows), subject)


def _matrix(arguments: Any) -> int:
    import pandas as pd

    from regionmap.queries.tables import matrix

    region = open_region(arguments)
    corridors = pd.concat([region.feature(name) for name in arguments.names])
    corridors = corridors[~corridors.index.duplicated()]
    features = region.latest(region.features(arguments.kind))
    limit = None if arguments.km is None else arguments.km * 1000
    rows = matrix(features, corridors, within_m=limit, suffix=" (m)")
    cells = list(rows.attrs["columns"])
    rows = rows.dropna(subset=cells, how="all") if limit is not None else rows
    return _give(arguments, rows, ["id", "name", "accuracy_m", *cells], "")


def zones_named(region: Any, names: list[str]) -> Any:
    """The zones that are named, or all that have an area."""
    import pandas as pd

    from regionmap.errors import InputError

    rows = pd.concat([region.feature(n) for n in names]) if names else region.latest(region.features("zone"))
    rows = rows[~rows.index.duplicated()]
    area = rows.geom_type.isin(("Polygon", "MultiPolygon"))
    if names and not area.all():
        raise InputError(f"{rows['name'][~area].iloc[0]} has no area, so nothing can lie in it")
    return rows[area]


def _overlay(arguments: Any) -> int:
    import pandas as pd

    from regionmap.answers import units
    from regionmap.queries.overlay import overlay
    from regionmap.queries.tables import buffer

    region = open_region(arguments)
    zones = zones_named(region, arguments.zones)
    if arguments.other:
        other = pd.concat([region.feature(name) for name in arguments.other])
        other = other[~other.index.duplicated()]
    else:
        other = units(region)
    if arguments.km is not None:
        other = buffer(other, distance_m=arguments.km * 1000)
    rows = overlay(zones[["id", "name", "accuracy_m", "geometry"]], other)
    rows["with"] = [other["name"].get(label) if isinstance(label, str) else None for label in rows["to"]]
    columns = ["id", "name", "part", "with", "area_km2", "share", "length_km", "count", "possible", "sliver"]
    columns = [c for c in columns if rows[c].notna().any()]
    return _give(arguments, rows, columns, "")


def _coverage(arguments: Any) -> int:
    from regionmap.answers import towns
    from regionmap.queries.coverage import coverage

    region = open_region(arguments)
    corridor = region.feature(arguments.corridor)
    things = region.latest(region.features())
    things = things[~things["kind"].isin(("zone", "corridor"))]
    zones, within_m = zones_named(region, arguments.zones), arguments.km * 1000
    rows = coverage(zones, corridor, within_m=within_m, towns=towns(region), features=things)
    columns = [
        "id", "name", "zone_km2", "covered_km2", "covered_share", "covered_share_min", "covered_share_max",
        "towns", "towns_certain", "towns_possible", "towns_share",
        "features", "features_certain", "features_possible", "features_share",
    ]  # fmt: skip
    return _give(arguments, rows, columns, f"{corridor['name'].iloc[0]} {arguments.km:g} km")


def _table(arguments: Any) -> int:
    from regionmap.answers import summary

    region = open_region(arguments)
    by = [word.strip() for word in arguments.by.split(",") if word.strip()]
    rows = summary(region, by=by, kind=arguments.kind, plan=arguments.plan)
    return _give(arguments, rows, list(rows), region.title)
