"""The coordinate text of Chinese land approvals: `[属性描述]`, `[地块坐标]`, rings of `J1,1,X,Y` (X is north).

One plot (地块) is one row. Its header line holds: number of points, area, plot number, plot name, point/line/area,
map sheet, use, code, `@`. A point line holds: its name, the number of its ring, X (north), Y (east), in metres.
Ring 1 is the outer one; a further ring that lies inside an earlier one is a hole, else another part.
"""

from __future__ import annotations

from typing import Any

import shapely

from regionmap import zones
from regionmap.plans.reading.coordinates import axis
from regionmap.plans.reading.raw import Raw, UnreadableError
from regionmap.plans.reading.report import Refusal, Repair
from regionmap.plans.reading.vectors import SURVEYED_M
from regionmap.plans.reading.words import meaning, narrow, number

MARK = "[地块坐标]"
_POINTS = "point lines like J1,1,X,Y with X north and Y east, in metres"
Line = tuple[int, str]
Plot = tuple[int, list[str], list[Line]]
_FIELDS = ("点数", "面积", "地块编号", "名称", "图形", "图幅号", "用途", "地类编码")


def read(content: str, encoding: str) -> list[Raw]:
    """The plots of a land-approval text.

    Raises
    ------
    UnreadableError : no plot in it.
    """
    head, plots, loose = _parts(content)
    if not plots:
        raise UnreadableError(f"has {MARK} but no plot: a plot starts with a line that ends in @")
    system, notes = _system(head)
    rows: list[list[Any]] = [list(_FIELDS)]
    raw = Raw(rows, format="land-approval coordinate text", encoding=encoding, header=0, crs=system, crs_needed=True)
    raw.geometries, raw.notes, raw.accuracy_m = [], notes, SURVEYED_M
    for line, value in loose:
        why = f"line {line} belongs to no plot"
        raw.refused.append(Refusal(None, None, value, why, "a plot starts with a line that ends in @"))
    for line, cells, points in plots:
        rows.append((cells + [""] * len(_FIELDS))[: len(_FIELDS)])
        raw.geometries.append(_plot(len(rows), line, cells, points, raw))
    return [raw]


def _parts(content: str) -> tuple[dict[str, str], list[Plot], list[Line]]:
    """The described properties; the plots (line, cells, point lines); lines that belong to none."""
    head: dict[str, str] = {}
    plots: list[Plot] = []
    loose: list[Line] = []
    body = False
    for at, line in enumerate(content.splitlines(), 1):
        line = narrow(line).strip()
        if line.startswith("["):
            body = line.startswith(narrow(MARK))
        elif not body:
            key, _, value = line.partition("=")
            head[key.strip()] = value.strip()
        elif line.endswith("@"):
            plots.append((at, [c.strip() for c in line[:-1].split(",")], []))
        elif line and plots:
            plots[-1][2].append((at, line))
        elif line:
            loose.append((at, line))
    return head, plots, loose


def _system(head: dict[str, str]) -> tuple[Any, list[str]]:
    """The CRS that 坐标系, 几度分带 and 带号 describe, or None."""
    said = head.get("坐标系", "")
    datum = meaning("datum", said)
    notes = [f"坐标系={said}"] if said else []
    band = number(head.get("带号", ""))
    old = datum if datum in ("xian80", "beijing54") else None
    if old and (band is None or not zones.is_zone(band)):
        return zones.BASES[old], notes
    if not (old or datum == "cgcs2000") or band is None or not zones.is_zone(band):
        return None, notes
    zone = int(band)
    width = number(head.get("几度分带", ""))
    if width is not None and int(width) != zones.zone_width(zone):
        notes.append(f"几度分带={width:g} does not fit 带号={zone}: the zone is {zones.zone_width(zone)} degrees wide")
        return None, notes
    if old:
        return zones.zone_crs(zones.zone_meridian(zone), prefix=zone, datum=old), notes
    return f"EPSG:{zones.zone_epsg(zone)}", notes


def _plot(row: int, line: int, cells: list[str], points: list[Line], raw: Raw) -> Any:
    """The geometry of one plot, or None with the reason in `raw.refused`."""

    def refuse(why: str, value: str) -> None:
        raw.refused.append(Refusal(row, "geometry", value, why, _POINTS, (), (row, 1)))

    rings: dict[str, list[tuple[float, float]]] = {}
    for at, text_line in points:
        parts = [p.strip() for p in text_line.split(",")]
        numbers = [number(p) for p in parts[2:4]]
        if len(parts) < 4 or None in numbers:
            refuse(f"line {at} is no point", text_line)
            return None
        north, east = (float(n) for n in numbers if n is not None)
        rings.setdefault(parts[1], []).append((east, north))
    closed = sum(len(r) - (len(r) > 1 and r[0] == r[-1]) for r in rings.values())
    said = number(cells[0]) if cells else None
    if said is not None and said not in (closed, closed + len(rings), len(points)):
        refuse(f"line {line} says {said:g} points, {len(points)} follow", cells[0])
        return None
    if not rings:
        refuse(f"the plot of line {line} has no points", "")
        return None
    kind = cells[4] if len(cells) > 4 else ""
    try:
        shape = _shape(list(rings.values()), kind)
    except (ValueError, shapely.errors.GEOSException) as error:
        refuse(f"the rings of line {line} make no shape ({error})", kind)
        return None
    first = [r for r in rings.values() if len(r) > 2 and r[0] != r[-1]]
    if first and shape.geom_type.endswith("Polygon"):
        why = "a ring that does not end where it starts was closed"
        raw.repaired.append(Repair(row, "geometry", f"{len(first)} open", "closed", why, (row, 1)))
    return _straightened(shape, row, raw)


def _shape(rings: list[list[tuple[float, float]]], kind: str) -> Any:
    if kind == "点" or all(len(r) == 1 for r in rings):
        points = [p for ring in rings for p in ring]
        return shapely.MultiPoint(points) if len(points) > 1 else shapely.Point(points[0])
    if kind == "线":
        return shapely.LineString(rings[0]) if len(rings) == 1 else shapely.MultiLineString(rings)
    polygons: list[Any] = []
    for ring in rings:
        whole = shapely.Polygon(ring)
        for n, outer in enumerate(polygons):
            if outer.is_valid and whole.is_valid and outer.contains(whole):
                polygons[n] = shapely.Polygon(outer.exterior, [*outer.interiors, ring])
                break
        else:
            polygons.append(whole)
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _straightened(shape: Any, row: int, raw: Raw) -> Any:
    """Axes in the order east, north, whichever way the file has them."""
    x, y = shapely.get_coordinates(shape)[0].tolist()
    if axis(x) == "north" and axis(y) in ("east", "zoned"):
        why = "the easting stands where X, the northing, belongs"
        raw.repaired.append(Repair(row, "geometry", f"{y:.3f},{x:.3f}", f"{x:.3f},{y:.3f}", why, (row, 1)))
        return shapely.transform(shape, lambda xy: xy[:, ::-1])
    return shape
