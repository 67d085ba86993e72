"""The position of a row from its coordinate cells: a geometry, the CRS it is in, and how accurate it is."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from regionmap import datums, zones
from regionmap.places.accuracy import BARE_POINT_M
from regionmap.plans.reading.cleaning import Row
from regionmap.plans.reading.coordinates import DEGREES, Angle, angle, axis, halves, metres, ordered, plane
from regionmap.plans.reading.report import Log
from regionmap.plans.reading.systems import System, fitting, system
from regionmap.plans.reading.words import meaning

_PAIRS = (("lon", "lat", "lon"), ("east", "north", "east"), ("x", "y", "x"))
_METRES = "metres with a stated CRS"
_WGS84 = "EPSG:4326"


@dataclass(frozen=True)
class Spot:
    """Where a row lies, in the CRS `key` (see `systems.System`)."""

    geometry: Any
    key: Any
    accuracy_m: float


class RefusedError(ValueError):
    """A position that can't be used; carries what a refusal needs."""

    def __init__(self, why: str, allowed: str = "", suggestions: Sequence[str] = ()) -> None:
        super().__init__(why)
        self.why, self.allowed, self.suggestions = why, allowed, tuple(suggestions)


def spot(row: Row, stated: System | None, frame: Sequence[float] | None, log: Log) -> Spot | None:
    """The position that a row's coordinate cells give; None if it has none or they were refused.

    Parameters
    ----------
    stated : the CRS that the caller or the file states.
    frame : west, south, east, north of the region; only to say which zone would fit.
    """
    cells = row.values
    own = _own_system(row, log) if cells.get("datum") else stated
    if own is _BAD:
        return None
    if cells.get("wkt"):
        return _guarded(row, "wkt", cells["wkt"], log, lambda: _wkt(cells["wkt"], own))
    if cells.get("coords"):
        return _guarded(row, "coords", cells["coords"], log, lambda: _single(row, own, frame, log))
    for first, second, first_is in _PAIRS:
        a, b = cells.get(first, ""), cells.get(second, "")
        if not a and not b:
            continue
        if not a or not b:
            log.refuse(row.number, second if a else first, "", "one of the two coordinates is missing", "both, or none")
            return None
        return _guarded(row, first, f"{a} | {b}", log, lambda: _pair(row, first, second, first_is, own, frame, log))  # noqa: B023
    return None


_BAD = System(None, "", False)


def _own_system(row: Row, log: Log) -> System | None:
    text = row.values["datum"]
    word = meaning("datum", text)
    if word in ("xian80", "beijing54") or (word is None and not re.search(r"EPSG", text, re.IGNORECASE)):
        allowed = "CGCS2000, WGS84, GCJ02, BD09 or an EPSG code"
        why = "has no published shift to WGS 84; convert it first" if word else "names no CRS"
        log.refuse(row.number, "datum", text, why, allowed)
        return _BAD
    try:
        return system(text)
    except ValueError as error:
        log.refuse(row.number, "datum", text, str(error))
        return _BAD


def _guarded(row: Row, column: str, value: str, log: Log, make: Any) -> Spot | None:
    try:
        found: Spot = make()
    except RefusedError as error:
        log.refuse(row.number, column, value, error.why, error.allowed, error.suggestions)
        return None
    return found


def _wkt(text: str, stated: System | None) -> Spot:
    found = re.match(r"\s*SRID\s*=\s*(\d+)\s*;\s*", text, re.IGNORECASE)
    try:
        shape = shapely.force_2d(shapely.from_wkt(text[found.end() :] if found else text))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise RefusedError(f"is no WKT ({' '.join(str(error).split())[:100]})", "like POINT (122.62 40.85)") from None
    if shape is None or shape.is_empty:
        raise RefusedError("is an empty geometry", "like POINT (122.62 40.85)")
    try:
        own = system(f"EPSG:{found[1]}") if found else stated
    except ValueError as error:
        raise RefusedError(str(error)) from None
    west, south, east, north = shape.bounds
    small = west >= -180 and east <= 180 and south >= -90 and north <= 90
    if own is None and not small:
        raise RefusedError("is in metres, and no CRS is stated", _METRES)
    return Spot(shape, own.key if own else _WGS84, BARE_POINT_M)


def _single(row: Row, own: System | None, frame: Sequence[float] | None, log: Log) -> Spot:
    text = row.values["coords"]
    try:
        first, second = halves(text)
    except ValueError as error:
        raise RefusedError(str(error), f"longitude and latitude in {DEGREES}") from None
    return _read(row, ("coords",), (first, second), "x", own, frame, log)


def _pair(
    row: Row, first: str, second: str, first_is: str, own: System | None, frame: Sequence[float] | None, log: Log
) -> Spot:
    return _read(row, (first, second), (row.values[first], row.values[second]), first_is, own, frame, log)


def _read(
    row: Row,
    columns: tuple[str, ...],
    texts: tuple[str, str],
    first_is: str,
    own: System | None,
    frame: Sequence[float] | None,
    log: Log,
) -> Spot:
    numbers = [metres(t) for t in texts]
    a, b = numbers
    if a is not None and b is not None and not (math.isfinite(a) and math.isfinite(b)):
        raise RefusedError("is no finite number", DEGREES)
    large = a is not None and b is not None and max(abs(a), abs(b)) > 400
    sizes = {axis(n) for n in numbers if n is not None}
    packed = first_is == "lon" and large and "north" not in sizes
    if large and not (packed and _packed_fits(texts)):
        assert a is not None and b is not None
        return _plane(row, columns, (a, b), first_is, own, frame, log)
    return _degrees(row, columns, texts, first_is, own, log)


def _packed_fits(texts: tuple[str, str]) -> bool:
    try:
        lon, lat = (angle(t, packed=True) for t in texts)
    except ValueError:
        return False
    return abs(lon.degrees) <= 180 and abs(lat.degrees) <= 180


def _degrees(
    row: Row, columns: tuple[str, ...], texts: tuple[str, str], first_is: str, own: System | None, log: Log
) -> Spot:
    angles: list[Angle] = []
    for text in texts:
        try:
            angles.append(angle(text, packed=first_is == "lon"))
        except ValueError as error:
            raise RefusedError(f"{text!r} {error}", DEGREES) from None
    if own is not None and not own.degrees:
        raise RefusedError(f"is in degrees, and {own.name} is in metres", f"metres of {own.name}")
    try:
        lon, lat, swapped = ordered(*angles)
    except ValueError as error:
        raise RefusedError(str(error), DEGREES) from None
    if swapped:
        old, new = " | ".join(texts), f"{lon.degrees:.7g} | {lat.degrees:.7g}"
        log.repair(row.number, columns[0], old, new, swapped)
    elif len(columns) == 1:
        if any(a.how for a in angles):
            how = "; ".join(dict.fromkeys(a.how for a in angles if a.how))
            log.repair(row.number, columns[0], " ".join(texts), f"{lon.degrees:.7f}, {lat.degrees:.7f}", how)
    else:
        for column, text, found in zip(columns, texts, angles, strict=True):
            if found.how:
                log.repair(row.number, column, text, f"{found.degrees:.7f}", found.how)
    # both are as fine as the finer one: spreadsheets drop the zeros at the end of a number
    rounding = 0.5 * min(lon.step, lat.step) * 111_320 * 2**0.5
    return Spot(shapely.Point(lon.degrees, lat.degrees), own.key if own else _WGS84, max(BARE_POINT_M, rounding))


def _plane(
    row: Row,
    columns: tuple[str, ...],
    pair: tuple[float, float],
    first_is: str,
    own: System | None,
    frame: Sequence[float] | None,
    log: Log,
) -> Spot:
    elsewhere = own is not None and not own.degrees and own.meridian is None
    if elsewhere and first_is == "x" and not {axis(v) for v in pair} & {"north"}:
        east, north, why = *pair, ""  # a grid whose numbers have other sizes: x is the easting
    else:
        east, north, why = plane(*pair, first_is={"lon": "east"}.get(first_is, first_is))
    if own is None:
        near = fitting(east, frame)
        raise RefusedError("is in metres, and no CRS is stated", "a stated CRS: --crs, crs= or a mapping", near)
    key, easting, how = zoned(east, own, frame)
    if why:
        log.repair(row.number, columns[0], f"{pair[0]:.3f} | {pair[1]:.3f}", f"{east:.3f} | {north:.3f}", why)
    if how:
        log.repair(row.number, columns[0 if pair[0] == east else -1], f"{east:.3f}", f"{easting:.3f}", how)
    return Spot(shapely.Point(easting, north), key, BARE_POINT_M)


def zoned(east: float, own: System, frame: Sequence[float] | None) -> tuple[Any, float, str]:
    """The CRS and the easting of an easting as it stands, and what was put right (or empty).

    Raises
    ------
    RefusedError : the zone number is another one, is missing, or 500 km are.
    """
    found, rest = zones.split_prefix(east)
    if own.degrees:
        if own.family and found:
            return f"EPSG:{zones.zone_epsg(found)}", east, ""
        why = "has no zone number" if own.family else f"is in metres, and {own.name} is in degrees"
        raise RefusedError(why, "an easting with its zone number, or the CRS of its zone", fitting(east, frame))
    if own.meridian is None:
        return own.key, east, ""
    how = ""
    if found and own.prefix == found:
        east = rest
    elif found:
        if own.prefix is not None or zones.zone_meridian(found) != own.meridian:
            why = f"has zone number {found}, and {own.name} is another zone"
            raise RefusedError(why, f"eastings of {own.name}", [f"EPSG:{zones.zone_epsg(found)}"])
        east, how = rest, f"the zone number stood before the easting, which {own.name} has not"
    elif own.prefix is not None:
        how = f"the zone number was missing, which {own.name} has"
    low, high = (250_000, 750_000) if own.narrow else (100_000, 900_000)
    if not low <= east <= high:
        near = east + datums.FALSE_EASTING_M
        why = f"is no easting of {own.name}: are the 500 km of the false easting missing?"
        raise RefusedError(why, f"eastings from {low} to {high} m", [f"{near:.3f}"] if low <= near <= high else [])
    return own.key, east + 1e6 * (own.prefix or 0), how
