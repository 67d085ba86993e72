"""Which CRS coordinates are in: what the caller says, else the mapping, else the file. Never a guess.

The one thing that needs no statement: degrees without a named datum are WGS 84, as everywhere in regionmap
(CGCS2000 differs by under 1 m). Metres without a CRS are refused, and the refusal says which CRS would fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import shapely

from regionmap import crs as _crs
from regionmap import datums, zones
from regionmap.errors import CRSError, DatumError
from regionmap.plans.reading.words import meaning

_WEB = {"gcj02": "GCJ-02", "bd09": "BD-09"}
_SHIFTED = {"gcj02": _crs.gcj02_to_wgs84, "bd09": _crs.bd09_to_wgs84}


@dataclass(frozen=True)
class System:
    """A stated CRS.

    Attributes
    ----------
    key : `EPSG:4326`, `gcj02`, or whatever names it: what `to_wgs84` takes.
    name : for the report.
    degrees : whether its coordinates are longitude and latitude.
    family : whether it is CGCS2000 in degrees, for which a zone number before an easting says the rest.
    meridian, prefix : of a transverse Mercator CRS its central meridian, and the zone number before its eastings.
    narrow : whether its zone is 3 degrees wide.
    more_m : what its positions are less accurate than they say.
    """

    key: Any
    name: str
    degrees: bool
    family: bool = False
    meridian: float | None = None
    prefix: int | None = None
    narrow: bool = False
    more_m: float = 0.0


@dataclass(frozen=True)
class Terms:
    """On what terms the caller takes Xian 80, Beijing 54 and other datums without published parameters.

    Attributes
    ----------
    parameters : those of a survey office.
    accuracy_m : without parameters, how far off they may be, taken as they are.
    """

    parameters: datums.Helmert | None = None
    accuracy_m: float | None = None


@dataclass(frozen=True)
class Old:
    """The `System.key` of a datum that is taken on terms."""

    crs: str
    terms: Terms


def terms(parameters: Any, accuracy_m: float | None) -> Terms | None:
    """The terms that a caller gives, if any.

    Raises
    ------
    InputError : not 3 or 7 parameters, or an accuracy under 150 m.
    """
    if parameters is not None:
        return Terms(parameters=datums.helmert(parameters))
    return None if accuracy_m is None else Terms(accuracy_m=datums.accepted(accuracy_m))


def system(stated: Any, on: Terms | None = None) -> System | None:
    """The CRS that a caller or a file states; None for None.

    Parameters
    ----------
    stated : anything geopandas takes, a zone number's EPSG code, or a datum's name: `gcj02`, `百度`, `CGCS2000`.
    on : the terms for a datum that has no published parameters.

    Raises
    ------
    CRSError : no such CRS.
    DatumError : Xian 80 or Beijing 54 without terms, a local grid: it has to be converted first.
    """
    if stated is None or stated == "":
        return None
    word = meaning("datum", stated) if isinstance(stated, str) else None
    if word in _SHIFTED:
        return System(word, _WEB[word], True)
    try:
        empty = geopandas.GeoSeries([], crs=zones.BASES.get(word or "", stated))
    except (RuntimeError, ValueError, TypeError) as error:  # pyproj's own class, which only crs.py may import
        raise CRSError(f"{stated!r} names no CRS ({' '.join(str(error).split())[:150]})") from None
    web = datums.family(empty.crs)
    if web in _SHIFTED:  # a CRS of datums.py, which a frame or a file may carry
        return System(web, _WEB[web], True)
    old = on is not None and web in ("xian80", "beijing54")
    found = empty.crs if old else _crs.require_crs(empty)
    code = found.to_epsg(min_confidence=100)
    name = f"EPSG:{code} {found.name}" if code else str(found.name)
    degrees = bool(found.is_geographic)
    zone: tuple[float, int | None] | None = datums.zone_of(found)
    narrow = "3-degree" in name or "3_degree" in name.lower()
    family = degrees and code == 4490
    meridian, prefix = zone or (None, None)
    key, more_m = (f"EPSG:{code}" if code else found), 0.0
    if old and on is not None:
        more_m = on.parameters.accuracy_m if on.parameters else on.accuracy_m or 0.0
        name += ", moved with the parameters given" if on.parameters else f", taken as it is within {more_m:g} m"
        key = Old(found.to_wkt(), on)
    return System(key, name, degrees, family, meridian, prefix, narrow, more_m)


def to_wgs84(key: Any, shapes: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """Geometries in EPSG:4326, and for each why it could not be brought there (empty: it could).

    Parameters
    ----------
    key : as `System.key`.
    """
    array = np.array(list(shapes), dtype=object)
    if key in _SHIFTED:
        move = _SHIFTED[key]
        array = shapely.transform(array, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))
        key = "EPSG:4326"
    if isinstance(key, Old):
        old = geopandas.GeoSeries(array, crs=key.crs)
        array = datums.to_wgs84(old, parameters=key.terms.parameters, accuracy_m=key.terms.accuracy_m).to_numpy()
        key = "EPSG:4326"
    try:
        return list(_crs.to_wgs84(geopandas.GeoSeries(array, crs=key)).array), [""] * len(array)
    except DatumError:
        raise
    except CRSError as error:
        if len(array) == 1:
            return [None], [str(error)]
    half = len(array) // 2  # some coordinates can't be: find which, the good ones stay together
    first, second = to_wgs84(key, list(array[:half])), to_wgs84(key, list(array[half:]))
    return first[0] + second[0], first[1] + second[1]


def fitting(easting: float, frame: Sequence[float] | None) -> list[str]:
    """EPSG codes of CGCS2000 that an easting may be in: its own zone number's, else the zone of `frame`'s middle.

    Parameters
    ----------
    frame : west, south, east, north of the region, degrees, or None.
    """
    own, _ = zones.split_prefix(easting)
    if own:
        return [f"EPSG:{zones.zone_epsg(own)}"]
    if frame is None:
        return []
    middle = (float(frame[0]) + float(frame[2])) / 2
    around = [zones.zone_number(middle, width) for width in (3, 6)]
    return [f"EPSG:{zones.zone_epsg(z, prefix=False)}" for z in around if zones.is_zone(z)]
