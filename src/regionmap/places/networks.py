"""Railways, roads, rivers and waters: authored lines through nodes, and rings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import shapely

from regionmap.errors import Fault, TableError
from regionmap.places.gazetteer import Entry, read_rows

LINE_COLUMNS = (
    "name", "aliases", "class", "nodes", "speed_kmh", "opened", "start_chainage_m", "accuracy_m", "source",
)  # fmt: skip
AREA_COLUMNS = ("name", "aliases", "class", "ring", "accuracy_m", "source")


def line_entries(table: Path) -> Iterator[Entry]:
    """Lines of a `lines.csv`: nodes `lon,lat` or `name@lon,lat`, parted by ` > `, in order of chainage.

    Raises
    ------
    TableError : listing every row with a node that is no coordinate pair, or with fewer than two.
    """
    faults = []
    for number, row in enumerate(read_rows(table), 2):
        nodes, coords = [], []
        for node in row["nodes"].split(" > "):
            name, _, pair = node.strip().rpartition("@")
            try:
                lon, lat = map(float, pair.split(","))
            except ValueError:
                faults.append(Fault(table.name, number, "nodes", node, "'lon,lat' or 'name@lon,lat'"))
                continue
            nodes.append(name)
            coords.append((lon, lat))
        if len(coords) < 2:
            faults.append(Fault(table.name, number, "nodes", row["nodes"], "a line has two nodes or more"))
            continue
        yield Entry(
            row["name"],
            "line",
            row["class"],
            "",
            shapely.LineString(coords),
            float(row["accuracy_m"]),
            tuple(a for a in row["aliases"].split(";") if a),
            source=row["source"],
            nodes=tuple(nodes),
        )
    if faults:
        raise TableError(faults)


def area_entries(table: Path) -> Iterator[Entry]:
    """Waters of an `areas.csv`: ring `lon,lat lon,lat ...`.

    Raises
    ------
    TableError : listing every ring that can't be read.
    """
    faults = []
    for number, row in enumerate(read_rows(table), 2):
        try:
            ring = [tuple(map(float, pair.split(","))) for pair in row["ring"].split()]
            shape = shapely.make_valid(shapely.Polygon(ring))
        except (ValueError, shapely.errors.GEOSException):
            faults.append(Fault(table.name, number, "ring", row["ring"], "'lon,lat lon,lat ...', 3 or more"))
            continue
        yield Entry(
            row["name"],
            "area",
            row["class"],
            "",
            shape,
            float(row["accuracy_m"]),
            tuple(a for a in row["aliases"].split(";") if a),
            source=row["source"],
        )
    if faults:
        raise TableError(faults)
