"""One frame of a sheet: a conic projection fitted to it, and degrees to its pixels.

A page shows Web Mercator because its tiles of zoom need one plane for the whole world. A sheet of paper has
one frame, so it gets the plane that fits it: Lambert's conformal conic with standard parallels a sixth inside
its north and south edge (Deetz and Adams 1934; Snyder 1987, section 15). Over a province its scale is true
to a quarter of a percent, so a printed scale means something. Coordinates go through `regionmap.crs`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import shapely

from regionmap import crs

Box = tuple[float, float, float, float]
_WORLD_M = 2 * math.pi * 6378137.0 / 256  # metres of a pixel at zoom 0 on the equator


@dataclass(frozen=True)
class View:
    """A frame of `width` x `height` pixels, y downwards.

    Attributes
    ----------
    plane : the PROJ text of its projection.
    left, top : plane coordinates of its corner, metres.
    metres : of the plane, a pixel.
    zoom : the page's zoom at which a pixel is as long; what is drawn follows it.
    window : west, south, east, north in degrees of all that it shows.
    lon, lat : its middle.
    """

    title: str
    box: Box
    plane: str
    left: float
    top: float
    metres: float
    width: float
    height: float
    zoom: float
    window: Box
    lon: float
    lat: float

    def shapes(self, geometries: Sequence[Any], margin: float = 30.0) -> Any:
        """Geometries in EPSG:4326 as pixels, cut at `margin` pixels around the frame, to a third of a pixel."""
        west, south, east, north = self.window
        more = margin * (north - south) / self.height
        cut = shapely.clip_by_rect(
            np.array(geometries, dtype=object), west - more, south - more, east + more, north + more
        )
        out = self._pixels(crs.from_wgs84(cut, self.plane))
        return shapely.simplify(
            shapely.clip_by_rect(out, -margin, -margin, self.width + margin, self.height + margin), 0.3
        )

    def points(self, lon: Any, lat: Any) -> np.ndarray:
        """Points in degrees as pixels, shape (n, 2)."""
        found = self._pixels(crs.from_wgs84(shapely.points(np.atleast_1d(lon), np.atleast_1d(lat)), self.plane))
        return np.asarray(shapely.get_coordinates(found))

    def inside(self, x: float, y: float, margin: float = 0.0) -> bool:
        return -margin <= x <= self.width + margin and -margin <= y <= self.height + margin

    def ground_m(self, ax: float, ay: float, bx: float, by: float) -> float:
        """Metres on the ellipsoid between two pixels."""
        at = _degrees(self.plane, np.array([[ax, ay], [bx, by]]) * self.metres * (1, -1) + (self.left, self.top))
        return float(crs.distance_m(*at[0], *at[1]))

    def scale(self) -> float:
        """True metres of a pixel at the middle, across and along the frame alike (the plane is conformal)."""
        x, y = self.width / 2, self.height / 2
        return self.ground_m(x - 20, y, x + 20, y) / 40

    def north(self) -> float:
        """The widest angle in degrees between north and up, at the frame's corners."""
        x = np.array([0.0, 0.0, self.width, self.width])
        y = np.array([0.0, self.height, 0.0, self.height])
        at = _degrees(self.plane, np.column_stack([x, y]) * self.metres * (1, -1) + (self.left, self.top))
        step = self.points(at[:, 0], at[:, 1] + 0.01) - np.column_stack([x, y])
        return float(np.degrees(np.abs(np.arctan2(step[:, 0], -step[:, 1]))).max())

    def spread(self) -> float:
        """How far the scale at the frame's edges departs from that at its middle, as a share."""
        middle, far = self.scale(), []
        for x, y in ((self.width / 2, 20), (self.width / 2, self.height - 20), (20, 20), (20, self.height - 20)):
            far.append(self.ground_m(x - 20, y, x + 20, y) / 40)
        return max(abs(f / middle - 1) for f in far)

    def _pixels(self, shapes: Any) -> Any:
        return shapely.transform(shapes, lambda xy: (xy - (self.left, self.top)) / self.metres * (1, -1))


def fit(title: str, box: Box, width: float, height: float, *, pad: float = 0.04, round_to: float = 0.0) -> View:
    """The view of `width` x `height` pixels that holds `box` (degrees) and is centred on it.

    Parameters
    ----------
    pad : share of the frame left free around the box.
    round_to : millimetres of a pixel on paper; where given, the scale 1:N is rounded up to two digits.
    """
    west, south, east, north = box
    plane = _plane(box)
    edge = shapely.segmentize(shapely.box(west, south, east, north), max(east - west, north - south) / 40)
    x0, y0, x1, y1 = shapely.bounds(crs.from_wgs84([edge], plane)[0])
    metres = max((x1 - x0) / width, (y1 - y0) / height, 1e-3) / (1 - 2 * pad)
    if round_to:
        number = metres * 1000 / round_to
        digit = 10 ** (math.floor(math.log10(number)) - 1)
        metres = math.ceil(number / digit - 1e-9) * digit * round_to / 1000
    left, top = (x0 + x1 - width * metres) / 2, (y0 + y1 + height * metres) / 2
    grid = np.stack(np.meshgrid(np.linspace(0, width, 13), np.linspace(0, height, 13)), axis=-1).reshape(-1, 2)
    at = _degrees(plane, grid * metres * (1, -1) + (left, top))
    lon, lat = _degrees(plane, np.array([[left + width * metres / 2, top - height * metres / 2]]))[0]
    slack = 0.02 * (at.max(axis=0) - at.min(axis=0)) + 1e-4
    low, high = at.min(axis=0) - slack, at.max(axis=0) + slack
    zoom = math.log2(_WORLD_M * math.cos(math.radians(lat)) / metres)
    window = (float(low[0]), max(float(low[1]), -90.0), float(high[0]), min(float(high[1]), 90.0))
    return View(title, box, plane, left, top, metres, width, height, zoom, window, float(lon), float(lat))


def _plane(box: Box) -> str:
    west, south, east, north = box
    middle, sixth = (south + north) / 2, (north - south) / 6
    if abs(middle) < 5 or min(abs(south), abs(north)) > 80:  # a cone about the equator is a cylinder
        return f"+proj=merc +lon_0={(west + east) / 2:.6f} +lat_ts={middle:.6f} +datum=WGS84 +units=m"
    return (
        f"+proj=lcc +lat_1={south + sixth:.6f} +lat_2={north - sixth:.6f} +lat_0={middle:.6f} "
        f"+lon_0={(west + east) / 2:.6f} +datum=WGS84 +units=m"
    )


def _degrees(plane: str, xy: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.get_coordinates(crs.lonlat(geopandas.GeoSeries(shapely.points(xy), crs=plane))))
