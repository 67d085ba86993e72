"""Gauss-Kruger zones of China: numbers, central meridians, prefixes, EPSG codes, and the CRS of any meridian.

Source of the codes: the EPSG registry, CGCS2000. Zones 25 to 45 are 3 degrees wide (central meridian 3 x zone): 4513
to 4533 with the zone number before the easting, 4534 to 4554 without; 13 to 23 are 6 wide (6 x zone - 3): 4491 to
4501 and 4502 to 4512. The numbers of the two widths do not overlap, so a number tells the width too.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion

from regionmap.errors import InputError

FALSE_EASTING_M = 500_000.0
BASES = {"cgcs2000": 4490, "wgs84": 4326, "xian80": 4610, "beijing54": 4214}
"""The EPSG codes of the datums that zones are made of."""


def is_zone(number: float) -> bool:
    """Whether a number is that of a zone of China."""
    return math.isfinite(number) and number == int(number) and (25 <= number <= 45 or 13 <= number <= 23)


def zone_epsg(number: int, *, prefix: bool = True) -> int:
    """The EPSG code of a zone of CGCS2000, with the zone number before its eastings or without."""
    first = 4513 - 25 if zone_width(number) == 3 else 4491 - 13
    return first + number + (0 if prefix else 21 if zone_width(number) == 3 else 11)


def zone_width(number: int) -> int:
    """How many degrees wide a zone is, 3 or 6."""
    return 3 if zone_meridian(number) == 3 * number else 6


def split_prefix(easting: float) -> tuple[int | None, float]:
    """Zone number and plain easting of an easting in metres: 41523000 -> 41, 523000; None and all of it without one."""
    number, rest = divmod(easting, 1_000_000.0)
    return (int(number), rest) if is_zone(number) else (None, easting)


def zone_meridian(number: int) -> int:
    """The central meridian of a zone number of China: 25 to 45 are 3 degrees wide, 13 to 23 are 6 wide."""
    if not is_zone(number):
        raise InputError(f"no zone {number}; zones of 3 degrees are 25 to 45, of 6 degrees 13 to 23")
    return 3 * number if number >= 25 else 6 * number - 3


def zone_number(longitude: float, width: int = 3) -> int:
    """The number of the zone of 3 or 6 degrees that a longitude lies in."""
    if width not in (3, 6):
        raise InputError(f"zones are 3 or 6 degrees wide, not {width}")
    return math.floor((longitude + 1.5) / 3) if width == 3 else math.floor(longitude / 6) + 1


@lru_cache(maxsize=64)
def zone_crs(meridian: float, *, prefix: int | None = None, datum: str = "cgcs2000") -> Any:
    """The CRS of a Gauss-Kruger zone about any meridian; zones of 3 and of 6 degrees differ in nothing else.

    Parameters
    ----------
    meridian : central meridian, degrees east; `zone_meridian` gives that of a number.
    prefix : the zone number that stands before the easting (41 in 41,523,000), or None.
    datum : `cgcs2000`, `wgs84`, `xian80` or `beijing54`.

    Raises
    ------
    InputError : no such datum, or a meridian outside -180..180.
    """
    if datum not in BASES:
        raise InputError(f"unknown datum {datum!r}; allowed are {', '.join(BASES)}")
    if not -180 <= meridian <= 180:
        raise InputError(f"a central meridian lies within -180..180 degrees, not {meridian}")
    easting = FALSE_EASTING_M + (prefix or 0) * 1_000_000
    conversion = TransverseMercatorConversion(longitude_natural_origin=meridian, false_easting=easting)
    zone = f" zone {prefix}" if prefix else ""
    return ProjectedCRS(conversion, f"{datum} / Gauss-Kruger{zone} CM {meridian:g}E", geodetic_crs=BASES[datum])


def zone_of(system: Any) -> tuple[float, int | None] | None:
    """Central meridian and prefix of a transverse Mercator CRS; None for any other CRS."""
    system = None if system is None else pyproj.CRS.from_user_input(system)
    if system is None or not system.is_projected or system.coordinate_operation is None:
        return None
    if "Transverse Mercator" not in system.coordinate_operation.method_name:
        return None
    values = {p.name: p.value for p in system.coordinate_operation.params}
    prefix = int(values.get("False easting", FALSE_EASTING_M) // 1_000_000)
    return float(values["Longitude of natural origin"]), prefix or None


@lru_cache(maxsize=64)
def _to_degrees(meridian: float) -> Any:
    system = zone_crs(meridian)
    return pyproj.Transformer.from_crs(system, system.geodetic_crs, always_xy=True)


def from_zone(easting: Any, northing: Any, meridian: float) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of plain eastings (500,000 m on the meridian) and northings, CGCS2000."""
    lon, lat = _to_degrees(meridian).transform(np.asarray(easting, dtype=float), np.asarray(northing, dtype=float))
    return np.asarray(lon), np.asarray(lat)
