"""Coordinates as people write them: decimal degrees, degrees-minutes-seconds, pairs in one cell, metres.

Every function takes text and gives numbers or says why not; nothing is guessed. What follows from the size of a
number alone (an easting with its zone number, a latitude above 90) is settled here, what needs a CRS in spots.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from regionmap.plans.reading.words import narrow, number
from regionmap.zones import split_prefix

_SIDES = {"东经": "E", "西经": "W", "北纬": "N", "南纬": "S", "e": "E", "w": "W", "n": "N", "s": "S"}
_SIDE = re.compile(r"东经|西经|北纬|南纬|[ewns](?![a-z])", re.IGNORECASE)
_LABEL = re.compile(r"(经度|纬度|坐标|longitude|latitude|lon|lng|lat)\s*[:=]?\s*", re.IGNORECASE)
_DEGREE = "[°º˚度d:\\s\\-]"
_MINUTE = "['′’‘`´分m:\\s\\-]"
_SECOND = "(?:\"|″|”|“|''|′′|’’|秒|s)"
_DMS = re.compile(
    rf"(?P<sign>[+-]?)(?P<d>\d{{1,3}})\s*{_DEGREE}\s*(?P<m>\d{{1,2}}(?:\.\d+)?)\s*"
    rf"(?:{_MINUTE}\s*(?:(?P<s>\d{{1,2}}(?:\.\d+)?)\s*{_SECOND}?)?)?",
    re.IGNORECASE,
)
_SIGNS = str.maketrans({"º": "°", "˚": "°", "´": "'", "`": "'", "｡": "."})
_DECIMAL = re.compile(r"[+-]?\d+(?:\.\d+)?")
_PACKED = re.compile(r"(?P<d>\d{2,3})(?P<m>[0-5]\d)(?P<s>[0-5]\d(?:\.\d+)?)")
DEGREES = "decimal degrees like 122.6240, or 122°37′26″"


@dataclass(frozen=True)
class Angle:
    """One longitude or latitude.

    Attributes
    ----------
    degrees : west and south are negative.
    side : E, W, N or S where the text says so, else empty.
    step : the smallest step that the text can show, in degrees.
    how : how it was written, empty for plain decimal degrees.
    """

    degrees: float
    side: str = ""
    step: float = 0.0
    how: str = ""


def angle(text: str, *, packed: bool = False) -> Angle:
    """A longitude or latitude from text.

    Parameters
    ----------
    packed : whether 1232730 may be 123°27′30″ (only where the header says that it is an angle).

    Raises
    ------
    ValueError : the text is no angle; says why.
    """
    if _DECIMAL.fullmatch(text) and not (packed and len(text.partition(".")[0]) > 3):  # most cells
        return Angle(float(text), "", 10.0 ** -len(text.partition(".")[2]))
    plain = _LABEL.sub("", _signs(text)).strip().rstrip(";,。.、").strip()
    if re.search(r"\d\s*d", plain, re.IGNORECASE):  # 122d37m26s: the s is no south
        plain = re.sub(r"(?<=\d)s(?![a-z])", '"', plain, flags=re.IGNORECASE)
    sides = _SIDE.findall(plain)
    bare = _SIDE.sub(" ", plain).strip()
    if len(sides) > 1:
        raise ValueError("names two sides of the globe")
    side = _SIDES[sides[0].lower()] if sides else ""
    flip = -1.0 if side in ("W", "S") else 1.0
    if found := _DECIMAL.fullmatch(bare.rstrip("°º˚度").strip()):
        value, step = float(found[0]), 10.0 ** -len(found[0].partition(".")[2])
        tight = _PACKED.fullmatch(found[0]) if packed and abs(value) > 400 else None
        if tight:
            degrees = int(tight["d"]) + int(tight["m"]) / 60 + float(tight["s"]) / 3600
            return Angle(flip * degrees, side, 1 / 3600, "degrees, minutes and seconds without signs")
        how = "" if bare == found[0] and not side else "decimal degrees with signs"
        return Angle(flip * value, side, step, how)
    if re.fullmatch(r"[+-]?\d{1,3},\d+", bare):
        raise ValueError(f"has a comma where a point belongs: {bare.replace(',', '.')}?")
    found = _DMS.fullmatch(bare.strip())
    if found is None:
        raise ValueError("is no angle")
    minutes, seconds = float(found["m"]), float(found["s"] or 0)
    if minutes >= 60 or seconds >= 60:
        raise ValueError("has 60 or more minutes or seconds")
    if found["s"] and "." in found["m"]:
        raise ValueError("has a fraction of a minute and seconds too")
    degrees = float(found["d"]) + minutes / 60 + seconds / 3600
    last = found["s"] or found["m"]
    step = 10.0 ** -len(last.partition(".")[2]) / (3600 if found["s"] else 60)
    sign = -1.0 if found["sign"] == "-" else 1.0
    how = "degrees, minutes, seconds" if found["s"] else "degrees and minutes"
    return Angle(flip * sign * degrees, side, step, how)


def _signs(text: str) -> str:
    return narrow(text.translate(_SIGNS))


def halves(text: str) -> tuple[str, str]:
    """The two coordinates of one cell: `122.62,40.85`, `E122°37′ N40°51′`, `东经122度37分,北纬40度51分`.

    Raises
    ------
    ValueError : the cell does not hold two coordinates.
    """
    plain = _LABEL.sub("", _signs(text)).strip().strip("()[]【】 ").strip(";。")
    for sign in (";", "、", "|", "\t"):
        parts = [p for p in plain.split(sign) if p.strip()]
        if len(parts) == 2:
            return parts[0].strip(), parts[1].strip()
    parts = [p.strip() for p in plain.split(",") if p.strip()]
    if len(parts) == 2 or (len(parts) == 3 and number(parts[2]) is not None):  # a height falls away
        return parts[0], parts[1]
    sides = list(_SIDE.finditer(plain))
    if len(sides) == 2:
        cut = sides[1].start() if sides[0].start() == 0 else sides[0].end()
        return plain[:cut].strip(" ,/"), plain[cut:].strip(" ,/")
    words = plain.replace("/", " ").split()
    if len(words) == 2:
        return words[0], words[1]
    if len(words) == 6:
        return " ".join(words[:3]), " ".join(words[3:])
    raise ValueError("is no pair of coordinates")


def ordered(lon: Angle, lat: Angle) -> tuple[Angle, Angle, str]:
    """Longitude, latitude and why they were swapped (empty if they were not).

    Raises
    ------
    ValueError : both are of one axis, or out of range.
    """
    why = ""
    if lon.side in ("N", "S") or lat.side in ("E", "W"):
        if lon.side in ("E", "W") or lat.side in ("N", "S"):
            raise ValueError("both coordinates are of one axis")
        lon, lat, why = lat, lon, "longitude and latitude were swapped, as their letters say"
    elif abs(lat.degrees) > 90 >= abs(lon.degrees) and abs(lat.degrees) <= 180 and not (lon.side or lat.side):
        lon, lat, why = lat, lon, "longitude and latitude were swapped: no latitude is above 90"
    if not (abs(lon.degrees) <= 180 and abs(lat.degrees) <= 90):
        raise ValueError(f"longitude {lon.degrees:g}, latitude {lat.degrees:g} is off the globe")
    if lon.degrees == 0 and lat.degrees == 0:
        raise ValueError("0, 0 stands for no place")
    return lon, lat, why


def axis(metres: float) -> str:
    """What a coordinate in metres can be by its size: `zoned` easting, `north`, `east`, or empty.

    A zoned easting has the zone number in front (8 digits); northings of latitudes 13 to 57 have 7 digits, plain
    eastings of a Gauss-Kruger or UTM zone 6.
    """
    found, rest = split_prefix(metres)
    if found and 1e5 <= rest < 9e5:
        return "zoned"
    if 1.4e6 <= metres < 6.4e6:
        return "north"
    return "east" if 1e5 <= metres < 9e5 else ""


def plane(first: float, second: float, *, first_is: str) -> tuple[float, float, str]:
    """Easting, northing and why they were swapped (empty if they were not).

    Parameters
    ----------
    first_is : what the header says the first one is: `east`, `north`, or `x`, which in Chinese survey tables is the
        northing and elsewhere the easting: there the size decides, and the survey's custom where it can't.
    """
    sizes = axis(first), axis(second)
    north_first = sizes[0] == "north" and sizes[1] in ("east", "zoned")
    east_first = sizes[1] == "north" and sizes[0] in ("east", "zoned")
    if first_is == "x":
        return (first, second, "") if east_first else (second, first, "")
    as_said = (first, second) if first_is == "east" else (second, first)
    if (north_first and first_is == "east") or (east_first and first_is == "north"):
        return as_said[1], as_said[0], "northing and easting were swapped, as their size says"
    return *as_said, ""


def metres(text: str) -> float | None:
    """A coordinate in metres: digits with or without a unit, or None."""
    return number(re.sub(r"\s*(m|米)\s*$", "", narrow(text).strip()))
