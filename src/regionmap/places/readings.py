"""The ways in which coordinates of China can be read: datum, order of axes, zone, number before, 500 km."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from regionmap import crs, datums

Pair = tuple[np.ndarray, np.ndarray]
_MOVES = {"wgs84": None, "gcj02": crs.gcj02_to_wgs84, "bd09": crs.bd09_to_wgs84}
_NAMES = {"wgs84": "WGS 84 or CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
_ORDER = ("swapped", "metres", "degrees", "prefix", "zone", "false_easting", "gcj02", "bd09", "wgs84")
_PREFIX_M = 1_000_000.0
_AROUND_DEG = 4.5  # zones whose meridian lies this far outside the region are tried too
_CLAIM = "say so with frame.set_crs({0}, allow_override=True)"


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to read coordinates.

    Attributes
    ----------
    lon, lat : where it puts the points, degrees WGS 84; what is no place on earth is put at 0, 0.
    datum : `wgs84` (also CGCS2000), `gcj02` or `bd09`.
    faults : in what it differs from what the layer says, the gravest first.
    text, remedy : in words, and what to do.
    stated : whether it is what the layer says.
    """

    lon: np.ndarray
    lat: np.ndarray
    datum: str
    faults: tuple[str, ...]
    text: str
    remedy: str
    stated: bool = False


def readings(x: np.ndarray, y: np.ndarray, system: Any, frame: tuple[float, float, float, float]) -> list[Reading]:
    """All readings of coordinates, what the layer says first.

    Parameters
    ----------
    x, y : as they stand in the file; NaN where there is none.
    system : the CRS that the layer has, or None.
    frame : west, south, east, north of the region, degrees.
    """
    good = np.isfinite(x) & np.isfinite(y)
    size = float(np.median(np.maximum(np.abs(x), np.abs(y))[good])) if good.any() else 0.0
    geographic = system is None or datums.zone_of(system) is None
    if size <= 400:
        said = datums.family(system) if system is not None else "wgs84"
        return list(_of_degrees(x, y, said if said in _MOVES else "wgs84", geographic))
    return list(_of_metres(x, y, system, frame))


def _sorted(faults: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(faults), key=_ORDER.index))


def _placed(lon: Any, lat: Any, move: Any = None) -> Pair:
    bad = ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 360) & (np.abs(lat) <= 90))
    lon, lat = np.where(bad, 0.0, lon), np.where(bad, 0.0, lat)
    return (lon, lat) if move is None else move(lon, lat)


def _of_degrees(x: np.ndarray, y: np.ndarray, said: str, geographic: bool) -> Iterator[Reading]:
    for swapped, datum in itertools.product((False, True), sorted(_MOVES, key=lambda d: d != said)):
        faults = ["swapped"] * swapped + ["degrees"] * (not geographic) + [datum] * (datum != said)
        text = f"longitude and latitude in {_NAMES[datum]}" + ", their columns swapped" * swapped
        steps = ["exchange the two columns"] * swapped
        if datum != "wgs84":
            steps.append(f"convert: datums.to_wgs84(datums.label(frame, {datum!r}))")
        elif datum != said or not geographic:
            steps.append(_CLAIM.format("'EPSG:4326'"))
        remedy = ", then ".join(steps) or "nothing to do"
        lon, lat = _placed(*((y, x) if swapped else (x, y)), _MOVES[datum])
        yield Reading(lon, lat, datum, _sorted(faults), text, remedy, not faults)


def _of_metres(
    x: np.ndarray, y: np.ndarray, system: Any, frame: tuple[float, float, float, float]
) -> Iterator[Reading]:
    zone = datums.zone_of(system)
    said = _as_stated(x, y, system)
    if said is not None:
        yield said
    meridians = [m for m in range(75, 136, 3) if frame[0] - _AROUND_DEG <= m <= frame[2] + _AROUND_DEG]
    if zone and zone[0] not in meridians:
        meridians.append(zone[0])  # type: ignore[arg-type]
    for swapped in (False, True):
        east, north = (y, x) if swapped else (x, y)
        if len(_split(east, False)[0]) > 1:
            yield _by_numbers(east, north, swapped)
        for meridian, missing in itertools.product(meridians, (False, True)):
            numbers, plain = _split(east, missing)
            if len(numbers) > 1:
                continue
            number = next(iter(numbers), None)
            faults = ["swapped"] * swapped + ["false_easting"] * missing + _zone_faults(system, zone, meridian, number)
            if system is not None and not faults:
                continue  # that is what the layer says
            lon, lat = _placed(*datums.from_zone(plain + datums.FALSE_EASTING_M * missing, north, meridian))
            texts = _in_words(meridian, number, missing, swapped)
            yield Reading(lon, lat, "wgs84", _sorted(faults), *texts)


def _as_stated(x: np.ndarray, y: np.ndarray, system: Any) -> Reading | None:
    zone = datums.zone_of(system)
    if system is None:
        return None
    if zone is None:  # geographic: metres are no degrees
        return Reading(*_placed(x, y), "wgs84", (), "longitude and latitude, as the layer says", "nothing to do", True)
    plain = x - (zone[1] or 0) * _PREFIX_M
    sane = np.abs(plain) < 5e6
    lon, lat = datums.from_zone(np.where(sane, plain, np.nan), y, zone[0])
    text, remedy = f"as the layer says: central meridian {zone[0]:g} E", "nothing to do"
    return Reading(*_placed(lon, lat), "wgs84", (), text, remedy, True)


def _split(east: np.ndarray, missing: bool) -> tuple[set[int], np.ndarray]:
    """The zone numbers before eastings, none if they have none, and the eastings without them.

    Where 500 km are `missing`, eastings lie on both sides of the million: 40,950,000 and 41,050,000 are zone 41.
    """
    whole = (np.rint if missing else np.floor)(np.where(np.isfinite(east), east, 0.0) / _PREFIX_M)
    valid = ((whole >= 13) & (whole <= 23)) | ((whole >= 25) & (whole <= 45))
    counts = {int(n): int(((whole == n) & valid).sum()) for n in np.unique(whole[valid])}
    common = {n for n, count in counts.items() if count > 0.1 * len(east)}
    if not common:
        return set(), east
    return common, np.where(valid, east - whole * _PREFIX_M, east)


def _zone_faults(system: Any, zone: tuple[float, int | None] | None, meridian: float, number: int | None) -> list[str]:
    faults = []
    if zone is None:
        faults += ["metres"] if system is not None else []
        if number is not None and datums.zone_meridian(number) != meridian:
            faults.append("zone")
        return faults
    stated, prefix = zone
    if stated != meridian:
        faults.append("zone")
    own = number is not None and prefix is not None and datums.zone_meridian(number) == meridian
    if number != prefix and not own:
        faults.append("prefix")
    return faults


def _by_numbers(east: np.ndarray, north: np.ndarray, swapped: bool) -> Reading:
    """Each point in the zone of its own number: several zones in one layer."""
    numbers, plain = _split(east, False)
    lon, lat = np.full(len(east), np.nan), np.full(len(east), np.nan)
    whole = np.floor(np.where(np.isfinite(east), east, 0.0) / _PREFIX_M)
    for number in numbers:
        mine = whole == number
        lon[mine], lat[mine] = datums.from_zone(plain[mine], north[mine], datums.zone_meridian(number))
    zones = ", ".join(map(str, sorted(numbers)))
    text = f"Gauss-Kruger zones {zones} mixed in one layer, by the number before each easting"
    remedy = "part the layer by the first two digits of the easting and give each part its own zone"
    return Reading(*_placed(lon, lat), "wgs84", _sorted(["zone"] + ["swapped"] * swapped), text, remedy)


def _in_words(meridian: float, number: int | None, missing: bool, swapped: bool) -> tuple[str, str]:
    """A reading of metres in words, and the remedy."""
    own = number is not None and datums.zone_meridian(number) == meridian
    prefix = number if own else None
    three = meridian % 3 == 0 and 75 <= meridian <= 135
    if three and (prefix is None or prefix >= 25):
        code = f"'EPSG:{(4513 if prefix else 4534) + int(meridian // 3) - 25}'"
    else:
        code = f"datums.zone_crs({meridian:g}{f', prefix={prefix}' if prefix else ''})"
    before = f"zone number {number} before the easting" if number is not None else "no zone number before the easting"
    text = f"Gauss-Kruger, central meridian {meridian:g} E, {before}" + ", 500 km missing" * missing
    steps = ["exchange the two columns (X is north in survey tables)"] * swapped + ["add 500,000 m to x"] * missing
    if number is not None and not own:
        steps.append(f"take the {number} off the easting, it is not the zone's")
    return text + ", axes swapped" * swapped, ", then ".join([*steps, _CLAIM.format(code)])
