"""Datums and zones by name: what a layer's coordinates mean, and how to bring them to WGS 84 on purpose.

A layer knows its datum by its CRS: GCJ-02 and BD-09, which no registry holds, have one here. `crs.py` refuses
what is not WGS 84 or CGCS2000; `to_wgs84` of this module is the purposeful way round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion

from regionmap import crs
from regionmap.errors import DatumError, InputError, MissingCRSError

FALSE_EASTING_M = 500_000.0
UNKNOWN_SHIFT_M = 150.0
"""How far latitude and longitude of Xian 80 or Beijing 54, taken as WGS 84, may be off in China (95 %)."""

_WEB = 'GEOGCRS["{0}",DATUM["{0}",ELLIPSOID["WGS 84",6378137,298.257223563]],CS[ellipsoidal,2],AXIS["longitude",east],AXIS["latitude",north],ANGLEUNIT["degree",0.0174532925199433]]'  # noqa: E501
GCJ02 = pyproj.CRS.from_wkt(_WEB.format("GCJ-02"))
BD09 = pyproj.CRS.from_wkt(_WEB.format("BD-09"))
_BASES = {"cgcs2000": 4490, "wgs84": 4326, "xian80": 4610, "beijing54": 4214}
_WORDS = {
    "wgs84": "WGS 84 / CGCS2000",
    "gcj02": "GCJ-02",
    "bd09": "BD-09",
    "xian80": "Xian 80",
    "beijing54": "Beijing 54",
}
_SIGNS = (("gcj", "gcj02"), ("bd-09", "bd09"), ("bd09", "bd09"), ("xian 1980", "xian80"), ("beijing", "beijing54"),
          ("china 2000", "wgs84"), ("cgcs2000", "wgs84"), ("china geodetic", "wgs84"), ("world geodetic", "wgs84"),
          ("wgs 84", "wgs84"))  # fmt: skip
_WEB_MOVES: dict[str, Callable[..., Any]] = {"gcj02": crs.gcj02_to_wgs84, "bd09": crs.bd09_to_wgs84}


def family(layer: Any) -> str:
    """The datum family of a frame, a GeoSeries or a CRS.

    Returns
    -------
    `wgs84` (CGCS2000 is the same family, under 1 m apart), `gcj02`, `bd09`, `xian80`, `beijing54`, else
    `other`; `local` for a grid without a datum.

    Raises
    ------
    MissingCRSError : the layer has no CRS.
    """
    system = layer.crs if hasattr(layer, "geometry") or hasattr(layer, "geom_type") else layer
    if system is None:
        raise MissingCRSError("the layer has no CRS; say what its coordinates are with regionmap.datums.label")
    system = pyproj.CRS.from_user_input(system)
    base = system.geodetic_crs
    if base is None:
        return "local"
    text = f"{base.datum.name if base.datum else ''} {base.name}".lower().replace("_", " ")
    return next((word for sign, word in _SIGNS if sign in text), "other")


def label(frame: Any, datum: str) -> Any:
    """The frame with the CRS of a datum that its longitudes and latitudes are in; no coordinate changes.

    Parameters
    ----------
    datum : `wgs84`, `cgcs2000`, `gcj02`, `bd09`, `xian80` or `beijing54`.

    Raises
    ------
    InputError : an unknown datum, or a frame whose CRS already says something else.
    """
    known = {"gcj02": GCJ02, "bd09": BD09, **{k: pyproj.CRS(v) for k, v in _BASES.items()}}
    if datum not in known:
        raise InputError(f"unknown datum {datum!r}; allowed are {', '.join(known)}")
    wanted = known[datum]
    stated = frame.crs is not None and not frame.crs.equals(wanted, ignore_axis_order=True)
    plain = stated and family(frame) == "wgs84" and frame.crs.is_geographic  # what a web map's export claims
    if stated and not plain:
        raise InputError(f"the frame says {frame.crs.name!r}, not {_WORDS.get(datum, datum)}; convert it instead")
    return frame.set_crs(wanted, allow_override=True)


def require_one_family(*layers: Any) -> str:
    """The datum family that all layers share.

    Raises
    ------
    DatumError : they differ; the text says how to convert.
    """
    found = [family(layer) for layer in layers]
    for number, other in enumerate(found[1:], 2):
        if other != found[0]:
            raise DatumError(
                f"layer 1 is in {_WORDS.get(found[0], found[0])} and layer {number} in {_WORDS.get(other, other)}: "
                "bring both to WGS 84 first with regionmap.datums.to_wgs84(layer)"
            )
    return found[0]


@dataclass(frozen=True)
class Helmert:
    """Seven parameters from a datum to WGS 84 or CGCS2000: metres, arc seconds, parts per million.

    Attributes
    ----------
    convention : `position_vector` (EPSG 9606, Bursa-Wolf) or `coordinate_frame` (EPSG 9607).
    accuracy_m : how good they are (95 %), added to each row's own accuracy.
    """

    dx: float
    dy: float
    dz: float
    rx: float = 0.0
    ry: float = 0.0
    rz: float = 0.0
    ds: float = 0.0
    convention: str = "position_vector"
    accuracy_m: float = 0.0


def to_wgs84(
    frame: Any, *, parameters: Helmert | Sequence[float] | None = None, accuracy_m: float | None = None
) -> Any:
    """The frame in EPSG:4326, from any datum, on purpose.

    GCJ-02 and BD-09 are converted exactly. Xian 80 and Beijing 54 have no published parameters: give those of
    your survey office, or accept an `accuracy_m` of at least 150; their latitudes and longitudes are then taken
    as they are, and the column `accuracy_m` of the result grows by as much.

    Parameters
    ----------
    parameters : a `Helmert`, or 3 or 7 numbers: dx, dy, dz (metres), rx, ry, rz (arc seconds), ds (ppm).
    accuracy_m : accepted for Xian 80 and Beijing 54 without parameters, metres.

    Raises
    ------
    MissingCRSError : the frame has no CRS.
    DatumError : Xian 80, Beijing 54 or a local grid without parameters.
    InputError : an accuracy under 150 m, parameters that are not 3 or 7 numbers.
    """
    word = family(frame)
    if word in _WEB_MOVES:
        move = _WEB_MOVES[word]
        return _moved(frame, lambda lon, lat: move(lon, lat), 0.0)
    if word in ("wgs84", "other") and parameters is None:
        return crs.to_wgs84(frame)
    name = _WORDS.get(word, frame.crs.name)
    if word == "local":
        raise DatumError(f"{frame.crs.name!r} is a local grid; bring it to EPSG:4490 with control points first")
    base = frame.crs.geodetic_crs
    if parameters is not None:
        helmert = _helmert(parameters)
        return _moved(frame, _shifter(base, helmert), helmert.accuracy_m)
    if accuracy_m is None:
        raise DatumError(
            f"{name} has no published parameters to WGS 84: give those of your survey office "
            f"(parameters=), or accept accuracy_m={UNKNOWN_SHIFT_M:.0f} or more and take them as they are"
        )
    if not accuracy_m >= UNKNOWN_SHIFT_M:
        raise InputError(f"{name} without parameters is off by up to {UNKNOWN_SHIFT_M:.0f} m, not {accuracy_m:g}")
    return _moved(frame, lambda lon, lat: (lon, lat), float(accuracy_m))


def _helmert(parameters: Helmert | Sequence[float]) -> Helmert:
    if isinstance(parameters, Helmert):
        return parameters
    numbers = [float(p) for p in parameters]
    if len(numbers) not in (3, 7) or not all(map(math.isfinite, numbers)):
        raise InputError(f"3 or 7 parameters are needed (dx, dy, dz, rx, ry, rz, ds), not {len(numbers)}")
    dx, dy, dz, *rest = numbers
    rx, ry, rz, ds = rest or (0.0, 0.0, 0.0, 0.0)
    return Helmert(dx, dy, dz, rx, ry, rz, ds)


def _shifter(base: Any, p: Helmert) -> Callable[[Any, Any], Any]:
    if p.convention not in ("position_vector", "coordinate_frame"):
        raise InputError(f"unknown convention {p.convention!r}; allowed are position_vector, coordinate_frame")
    ellipsoid = base.ellipsoid
    pipe = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart +a={ellipsoid.semi_major_metre!r} +rf={ellipsoid.inverse_flattening!r} "
        f"+step +proj=helmert +x={p.dx} +y={p.dy} +z={p.dz} +rx={p.rx} +ry={p.ry} +rz={p.rz} +s={p.ds} "
        f"+convention={p.convention} +step +inv +proj=cart +ellps=WGS84 "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    return lambda lon, lat: pipe.transform(lon, lat, np.zeros_like(lon))[:2]


def _moved(frame: Any, move: Callable[[Any, Any], Any], more_m: float) -> Any:
    """The frame with its longitudes and latitudes (of its own datum) moved to WGS 84."""
    base = frame.crs.geodetic_crs
    plain = None if frame.crs.is_geographic else pyproj.Transformer.from_crs(frame.crs, base, always_xy=True)

    def both(xy: np.ndarray) -> np.ndarray:
        lon, lat = plain.transform(xy[:, 0], xy[:, 1]) if plain is not None else xy.T
        return np.column_stack(move(lon, lat))

    out = frame.copy()
    shapes = shapely.transform(frame.geometry.to_numpy(), both)
    if not hasattr(frame, "columns"):
        return type(frame)(shapes, index=frame.index, crs=crs.WGS84)
    out = out.set_geometry(type(frame.geometry)(shapes, index=frame.index, crs=crs.WGS84))
    if more_m:
        own = out["accuracy_m"].astype(float) if "accuracy_m" in out else 0.0
        out["accuracy_m"] = own + more_m
    return out


def zone_meridian(number: int) -> int:
    """The central meridian of a zone number of China: 25 to 45 are 3 degrees wide, 13 to 23 are 6 wide."""
    if 25 <= number <= 45:
        return 3 * number
    if 13 <= number <= 23:
        return 6 * number - 3
    raise InputError(f"no zone {number}; zones of 3 degrees are 25 to 45, of 6 degrees 13 to 23")


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
    if datum not in _BASES:
        raise InputError(f"unknown datum {datum!r}; allowed are {', '.join(_BASES)}")
    if not -180 <= meridian <= 180:
        raise InputError(f"a central meridian lies within -180..180 degrees, not {meridian}")
    easting = FALSE_EASTING_M + (prefix or 0) * 1_000_000
    conversion = TransverseMercatorConversion(longitude_natural_origin=meridian, false_easting=easting)
    zone = f" zone {prefix}" if prefix else ""
    return ProjectedCRS(conversion, f"{datum} / Gauss-Kruger{zone} CM {meridian:g}E", geodetic_crs=_BASES[datum])


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
