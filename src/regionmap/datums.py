"""Datums and zones by name: what a layer's coordinates mean, and how to bring them to WGS 84 on purpose.

A layer knows its datum by its CRS: GCJ-02 and BD-09, which no registry holds, have one here. `crs.py` refuses
what is not WGS 84 or CGCS2000; `to_wgs84` of this module is the purposeful way round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely

from regionmap import crs
from regionmap.errors import DatumError, InputError, MissingCRSError

# zones of datums: passed on, for whoever asks about datums
from regionmap.zones import (  # noqa: F401  # noqa: F401
    BASES,
    FALSE_EASTING_M,
    from_zone,
    is_zone,
    split_prefix,
    zone_crs,
    zone_epsg,
    zone_meridian,
    zone_number,
    zone_of,
    zone_width,
)

UNKNOWN_SHIFT_M = 150.0
"""How far latitude and longitude of Xian 80 or Beijing 54, taken as WGS 84, may be off in China (95 %)."""

_WEB = 'GEOGCRS["{0}",DATUM["{0}",ELLIPSOID["WGS 84",6378137,298.257223563]],CS[ellipsoidal,2],AXIS["longitude",east],AXIS["latitude",north],ANGLEUNIT["degree",0.0174532925199433]]'  # noqa: E501
GCJ02 = pyproj.CRS.from_wkt(_WEB.format("GCJ-02"))
BD09 = pyproj.CRS.from_wkt(_WEB.format("BD-09"))
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
    known = {"gcj02": GCJ02, "bd09": BD09, **{k: pyproj.CRS(v) for k, v in BASES.items()}}
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
        given = helmert(parameters)
        return _moved(frame, _shifter(base, given), given.accuracy_m)
    if accuracy_m is None:
        raise DatumError(
            f"{name} has no published parameters to WGS 84: give those of your survey office "
            f"(parameters=), or accept accuracy_m={UNKNOWN_SHIFT_M:.0f} or more and take them as they are"
        )
    return _moved(frame, lambda lon, lat: (lon, lat), accepted(accuracy_m, name))


def accepted(accuracy_m: float, name: str = "Xian 80 or Beijing 54") -> float:
    """An accuracy that a datum without parameters may be taken at.

    Raises
    ------
    InputError : under 150 m.
    """
    if not UNKNOWN_SHIFT_M <= accuracy_m < math.inf:
        raise InputError(f"{name} without parameters is off by up to {UNKNOWN_SHIFT_M:.0f} m, not {accuracy_m:g}")
    return float(accuracy_m)


def helmert(parameters: Helmert | Sequence[float]) -> Helmert:
    """Parameters as `to_wgs84` takes them: a `Helmert`, or 3 or 7 numbers.

    Raises
    ------
    InputError : not so many, or no finite numbers.
    """
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
