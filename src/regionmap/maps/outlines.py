"""What lies under every map: our own area, its inner edges by level, the land around, the names of units.

Plain geometries in EPSG:4326; who draws them decides how.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from regionmap.places.boundaries import Boundaries
from regionmap.places.gazetteer import Entry
from regionmap.plans.region import Region


@dataclass(frozen=True)
class UnitName:
    """A city's or county's name, short and Latin forms, and where it stands (degrees)."""

    name: str
    short: str
    latin: str
    level: str
    lon: float
    lat: float

    def label(self, lang: str) -> str:
        return self.latin if lang == "en" and self.latin else self.short if self.level == "city" else self.name


@dataclass(frozen=True, eq=False)
class Outlines:
    """The base map of a region.

    Attributes
    ----------
    edges : by level (`county`, `city`, `province`, `state`, `around`), each edge once, by its highest level.
    around, land : the areas beside ours, and the land beyond them (None: no such file).
    waters : rivers (lines) and reservoirs (areas).
    """

    own: Any
    edges: dict[str, Any]
    around: tuple[Any, ...]
    land: Any
    waters: tuple[Entry, ...]
    units: tuple[UnitName, ...]


def of(region: Region) -> Outlines:
    own, edges = _edges(region.boundaries)
    waters = [e for e in region.gazetteer.entries if e.tier == "area" or (e.tier == "line" and e.kind == "river")]
    around = tuple(region.boundaries.neighbours.values())
    land = _land(region.folder / "base" / "land.geojson", region.boundaries)
    return Outlines(own, edges, around, land, tuple(waters), _names(region))


def _names(region: Region) -> tuple[UnitName, ...]:
    names = []
    for unit in region.gazetteer.units.values():
        if unit.kind != "province":
            seat = region.gazetteer.seat(unit)
            spot = seat.geometry if seat is not None else shapely.point_on_surface(unit.geometry)
            wide = [a for a in unit.aliases if any(c >= "\u4e00" for c in a)]
            latin = next((a for a in unit.aliases if a.isascii()), "")
            short = min(wide, key=len, default=unit.name)
            names.append(UnitName(unit.name, short, latin, unit.kind, spot.x, spot.y))
    return tuple(names)


@functools.cache
def _edges(boundaries: Boundaries) -> tuple[Any, dict[str, Any]]:
    levels = np.array(boundaries.levels)
    edges: dict[str, Any] = {}
    above = shapely.union_all([])
    for level in ("province", "city", "county"):
        lines = shapely.union_all(shapely.boundary(boundaries.geometries[levels == level]))
        edges[level] = shapely.line_merge(shapely.difference(lines, above))
        above = shapely.union(above, lines)
    if boundaries.state_border is not None:
        edges["state"] = boundaries.state_border
    around = list(boundaries.neighbours.values())
    if around:  # inner edges only: where they were clipped there is no boundary
        frame = shapely.boundary(shapely.box(*shapely.total_bounds(around)))
        lines = shapely.union_all(shapely.boundary(around))
        edges["around"] = shapely.line_merge(shapely.difference(lines, shapely.buffer(frame, 0.02)))
    return shapely.union_all(boundaries.geometries[levels == "province"]), edges


@functools.cache
def _land(path: Path, boundaries: Boundaries) -> Any:
    """Far land without a second coastline: what our own and the neighbours' outlines cover is cut out, and
    what is then left as a narrow strip beside them is dropped."""
    if not path.is_file():
        return None
    features = json.loads(path.read_text("utf-8"))["features"]
    land = shapely.make_valid(shapely.union_all([shapely.geometry.shape(f["geometry"]) for f in features]))
    levels = np.array(boundaries.levels)
    covered = shapely.union_all([*boundaries.geometries[levels == "province"], *boundaries.neighbours.values()])
    rest = shapely.difference(land, covered)
    near = shapely.box(*shapely.bounds(covered)).buffer(0.5)
    inside, outside = shapely.intersection(rest, near), shapely.difference(rest, near)
    inside = shapely.buffer(shapely.buffer(inside, -0.12), 0.13)
    return shapely.union(shapely.difference(inside, covered), outside)
