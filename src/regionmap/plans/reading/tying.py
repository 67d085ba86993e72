"""Rows to geometries in EPSG:4326 with an accuracy: from the file's geometry, else coordinates, else words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import shapely

from regionmap import crs, zones
from regionmap.errors import ExpressionError, MissingCRSError, RegionmapError
from regionmap.kinds import precision_word
from regionmap.places import shift
from regionmap.plans.reading.cleaning import Row
from regionmap.plans.reading.headers import UNIT_COLUMNS
from regionmap.plans.reading.naming import Names
from regionmap.plans.reading.raw import Raw
from regionmap.plans.reading.report import Log
from regionmap.plans.reading.spots import RefusedError, Spot, spot, zoned
from regionmap.plans.reading.systems import Old, System, to_wgs84
from regionmap.progress import track


@dataclass(frozen=True)
class Tied:
    """Where a row lies: geometry in EPSG:4326, its accuracy, the word for it, how it was drawn, if words say so."""

    geometry: Any
    accuracy_m: float
    precision: str
    drawn: str | None
    by_words: bool = False


def tie(rows: Sequence[Row], raw: Raw, stated: System | None, names: Names, frame: Any, log: Log) -> dict[int, Tied]:
    """Row number -> where it lies, for every row that could be tied; the others are reported in `log`.

    Parameters
    ----------
    stated : the CRS of the coordinates.
    frame : west, south, east, north of the region, or None.

    Raises
    ------
    MissingCRSError : geometries, and nobody says what they are in.
    """
    shapes = [r.shape for r in rows if r.shape is not None and not r.shape.is_empty]
    if raw.crs_needed and stated is None and shapes:
        raise MissingCRSError(_missing(shapes[0]))
    spots: dict[int, Spot] = {}
    for row in track(rows, "reading positions"):
        if row.broken:
            log.untied(row.number, row.broken)
            continue
        found = _own_shape(row, raw, stated, frame, log) if raw.geometries is not None else None
        found = found or spot(row, stated, frame, log)
        if found is not None:
            spots[row.number] = found
    tied = _onto_wgs84(spots, rows, log, stated.more_m if stated else 0.0)
    for row in track(rows, "looking up names"):
        if row.number not in tied and not row.broken:
            place = names.place(row, log)
            if place is not None:
                accuracy = row.values.get("accuracy_m") or place.accuracy_m
                word = precision_word(accuracy) if row.values.get("accuracy_m") else place.precision
                tied[row.number] = Tied(place.geometry, accuracy, word, place.drawn, True)
            else:
                log.untied(row.number, _why(row, raw, log))
    return tied


def doubts(rows: Sequence[Row], tied: Mapping[int, Tied], names: Names, log: Log) -> None:
    """Note the rows whose coordinates lie elsewhere than their words say, and what datum they look like they are in.

    Nothing is changed.
    """
    _look_of_points(rows, tied, names, log)
    for row in rows:
        spot, text = tied.get(row.number), row.values.get("where")
        if spot is None or not text or spot.by_words:
            continue
        try:
            place = names.locate(text, row, "is")
        except ExpressionError as error:
            log.note(f"row {row.number}: {text!r} is not known ({error.reason}); its coordinates place it")
            continue
        gap = shapely.get_coordinates(shapely.shortest_line(place.geometry, spot.geometry))
        apart = float(crs.distance_m(*gap[0], *gap[1])) if len(gap) == 2 else 0.0
        if apart > place.accuracy_m + spot.accuracy_m:
            log.note(f"row {row.number}: its coordinates lie {apart / 1000:.1f} km from {text!r}: which is right?")


def _look_of_points(rows: Sequence[Row], tied: Mapping[int, Tied], names: Names, log: Log) -> None:
    points = {n for n, t in tied.items() if t.geometry.geom_type == "Point" and not t.by_words}
    own = [r for r in rows if r.number in points]
    if len(own) < shift.MIN_POINTS:
        return
    spots = geopandas.GeoDataFrame(geometry=[tied[r.number].geometry for r in own], crs=4326)
    units = [next((v for c in reversed(UNIT_COLUMNS) if (v := r.values.get(c))), r.values.get("where")) for r in own]
    try:
        advice = shift.detect(
            spots, names.region.gazetteer, name_column=[r.values.get("name") for r in own], unit_column=units
        )
    except RegionmapError:
        return  # no names and no units: nothing to compare with
    if advice.shifted:
        share = f"{advice.share_before:.0%} of the points lie in their unit, {advice.share_after:.0%} would"
        said = f"; {share}" if advice.with_unit else ""
        log.note(f"the points look like {advice.reading}, not like what they say{said}: {advice.remedy}")


def _missing(shape: Any) -> str:
    x, y = shapely.get_coordinates(shape)[0].tolist()
    text = "the file does not say which CRS its coordinates are in, and regionmap never guesses one"
    own, _ = zones.split_prefix(x)
    if abs(x) <= 180 and abs(y) <= 90:
        hint = "if they are longitude and latitude, say --crs EPSG:4326 (or EPSG:4490)"
    elif own:
        hint = f"the zone number {own} of x={x:.0f} fits --crs EPSG:{zones.zone_epsg(own)} if it is CGCS2000"
    else:
        hint = "say which with --crs (in Python crs=)"
    return f"{text}; {hint}"


def _own_shape(row: Row, raw: Raw, stated: System | None, frame: Any, log: Log) -> Spot | None:
    shape = row.shape
    if shape is None or shape.is_empty or stated is None:
        return None
    xy = shapely.get_coordinates(shape)
    if not np.isfinite(xy).all():
        log.refuse(row.number, "geometry", shape.geom_type, "has coordinates that are no finite numbers", "a geometry")
        return None
    if not shape.is_valid:
        reason = str(shapely.is_valid_reason(shape)).partition("[")[0].lower()
        if shape.geom_type.endswith("Polygon"):
            fixed = _polygons(shapely.make_valid(shape))
            if fixed is None:
                log.refuse(row.number, "geometry", shape.geom_type, f"is no valid area: {reason}", "an area")
                return None
            change = f"{shape.area:.6g} -> {fixed.area:.6g} square units"
            log.repair(row.number, "geometry", reason, change, "an area whose outline is not valid was rebuilt")
            shape = fixed
    key: Any = stated.key
    if stated.meridian is not None or (stated.family and abs(xy[0, 0]) > 360):
        try:
            east = float(xy[:, 0].mean())
            key, moved, how = zoned(east, stated, frame)
        except RefusedError as error:
            log.refuse(row.number, "geometry", f"x={xy[0, 0]:.3f}", error.why, error.allowed, error.suggestions)
            return None
        if how:
            log.repair(row.number, "geometry", f"x={east:.3f}", f"x={moved:.3f}", how)
            shape = shapely.transform(shape, lambda p: np.add(p, (moved - east, 0.0)))
    return Spot(shape, key, raw.accuracy_m or 0.0)


def _polygons(shape: Any) -> Any:
    parts = [p for p in shapely.get_parts(shape).tolist() if p.geom_type.endswith("Polygon") and p.area > 0]
    whole = shapely.union_all(parts) if parts else None
    return whole


def _onto_wgs84(spots: dict[int, Spot], rows: Sequence[Row], log: Log, more_m: float) -> dict[int, Tied]:
    by_number = {row.number: row for row in rows}
    groups: dict[str, list[int]] = {}
    for number, found in spots.items():
        groups.setdefault(str(found.key), []).append(number)
    tied: dict[int, Tied] = {}
    for numbers in groups.values():
        shapes, faults = to_wgs84(spots[numbers[0]].key, [spots[n].geometry for n in numbers])
        for number, shape, fault in zip(numbers, shapes, faults, strict=True):
            row = by_number[number]
            if fault:
                column = "geometry" if row.shape is not None else _first_spot(row) or "geometry"
                log.refuse(number, column, shapely.to_wkt(spots[number].geometry, rounding_precision=3), fault)
                continue
            accuracy = row.values.get("accuracy_m") or spots[number].accuracy_m
            accuracy += more_m if isinstance(spots[number].key, Old) else 0.0
            drawn = None if shape.geom_type.endswith("Point") else "authored"
            tied[number] = Tied(shape, accuracy, precision_word(accuracy), drawn)
    return {n: tied[n] for n in spots if n in tied}


def _first_spot(row: Row) -> str:
    return next((c for c in ("wkt", "coords", "lon", "east", "x") if row.values.get(c)), "")


def _why(row: Row, raw: Raw, log: Log) -> str:
    mine = [r for r in log.refused if r.row == row.number]
    places = {log.headers.get(c, (c, 0))[0] for c in ("geometry", *_PLACE_COLUMNS)}
    telling = [r for r in mine if r.column is None or r.column in places]
    if telling:
        return f"{telling[0].column or 'row'}: {telling[0].why}"
    if raw.geometries is not None:
        return "the feature has no geometry"
    return "no coordinates and no words say where it is"


_PLACE_COLUMNS = (
    "lon", "lat", "x", "y", "east", "north", "coords", "wkt", "datum", "where",
    "unit_code", "unit_city", "unit_county", "unit_town",
)  # fmt: skip
