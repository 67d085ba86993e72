"""Layers of more things than a map can show: summed up in hexagons, or thinned. Both say what they leave out.

Hexagons are those of H3 (Brodsky 2018, https://h3geo.org), whose cells are about equally large everywhere and
have names that other programs know.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.errors import MissingExtraError
from regionmap.maps.cells import SCHEMES, Cell, Filled, classed, unit_name, units_of
from regionmap.maps.faults import Faults
from regionmap.maps.table import morton
from regionmap.plans.region import Region

HEX: Mapping[str, Any] = {"summary": str, "hex_km": (int, float), "resolution": int}
ACROSS = 40
"""So many hexagons, roughly, lie along the longer side of the frame where the recipe names no size."""
MOST_CELLS = 20_000
MOST_FISHER = 2_000
"""FisherJenks takes time with the square of the number of values: 8 s for so many where numba is missing."""
LISTED = 5
"""So many of a hexagon's things come along in a page, those placed best."""
_LEVELS = 17  # of grids of the Morton curve's 16 bits a side: 1, 4, 16, ... cells

Box = tuple[float, float, float, float]


# ---- hexagons ------------------------------------------------------------------------------------------
def hexagons(
    region: Region, faults: Faults, key: str, entry: Mapping[str, Any], ids: Sequence[str], frame: Box
) -> Filled:
    """The records `ids` counted by the hexagon in which they lie; empty hexagons are not made.

    A record counts where its accuracy is no wider than the hexagon (`accuracy_m` at most its edge: then the circle
    is no larger than that around the hexagon) and all of it (of a line or area: all but a twentieth) lies in one.

    Parameters
    ----------
    entry : the layer's keys: `resolution` (H3, 0 to 15) or `hex_km` (kilometres across, flat to flat), and those
        of classes. With neither, the size follows from the frame.
    frame : west, south, east, north of the map in degrees.

    Raises
    ------
    MissingExtraError : the package h3 is not installed.
    """
    try:
        import h3.api.basic_int as h3
    except ImportError as gone:
        raise MissingExtraError("h3", "hex", 'summary = "hex"') from gone

    faults.choice(f"{key}.summary", entry.get("summary", ""), ("hex",))
    size = _resolution(h3, faults, key, entry, frame)
    if faults.found:
        return Filled((), "hexagons")
    rows = region.records.loc[list(ids)]
    held = _held(h3, rows, size)
    while len(held) > MOST_CELLS and size and not ("resolution" in entry or "hex_km" in entry):
        size -= 1
        held = _held(h3, rows, size)
    if len(held) > MOST_CELLS:
        reason = f"makes {len(held):,} hexagons, at most {MOST_CELLS:,} are drawn; say resolution = {size - 1}"
        faults.add(key, size, reason)
        return Filled((), "hexagons")
    if not held:
        return Filled((), "hexagons", left_out=len(rows))
    scheme = entry.get("scheme", "Quantiles")
    if scheme == SCHEMES[0] and len(held) > MOST_FISHER and "limits" not in entry:
        reason = f"is too slow for {len(held):,} hexagons (at most {MOST_FISHER:,}); take Quantiles"
        faults.add(f"{key}.scheme", scheme, reason)
    cells = _cells(region, h3, dict(sorted(held.items())), rows)
    left = len(rows) - sum(map(len, held.values()))
    grid = f"{width_m(h3, size) / 1000:.3g} km, H3 {size}"
    found = Filled(cells, "hexagons", unit=entry.get("unit", ""), left_out=left, grid=grid)
    return classed(faults, key, {**entry, "scheme": scheme}, found)


def width_m(h3: Any, resolution: int) -> float:
    """How wide hexagons of a resolution are from flat to flat, on average."""
    return math.sqrt(3) * float(h3.average_hexagon_edge_length(resolution, unit="m"))


def _resolution(h3: Any, faults: Faults, key: str, entry: Mapping[str, Any], frame: Box) -> int:
    """The one that the recipe names, or whose hexagons are nearest in width (by ratio) to what it asks for or to a
    fortieth of the frame's longer side."""
    if "resolution" in entry:
        if "hex_km" in entry:
            faults.add(f"{key}.hex_km", entry["hex_km"], "resolution is given too; say one of both")
        if not 0 <= entry["resolution"] <= 15:
            faults.add(f"{key}.resolution", entry["resolution"], "H3 has the resolutions 0 to 15")
        return int(entry["resolution"])
    wanted = float(entry.get("hex_km", 1)) * 1000
    if not 0.001 <= wanted / 1000 <= 2000:  # also what is no number
        faults.add(f"{key}.hex_km", entry["hex_km"], "kilometres across, from 0.001 to 2000")
        return 0
    if "hex_km" not in entry:
        west, south, east, north = frame
        middle = (south + north) / 2
        sides = crs.distance_m([west, west], [middle, south], [east, west], [middle, north])
        wanted = max(1.0, float(np.max(sides)) / ACROSS)
    return min(range(16), key=lambda r: abs(math.log(width_m(h3, r) / wanted)))


def _held(h3: Any, rows: Any, size: int) -> dict[int, list[int]]:
    """Places in `rows` by the hexagon that holds them, of those known well enough."""
    shapes, accuracy = rows.geometry.to_numpy(), rows["accuracy_m"].to_numpy(float, na_value=np.nan)
    fine = accuracy <= h3.average_hexagon_edge_length(size, unit="m")
    fine &= ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    single = shapely.get_type_id(shapes) == 0
    held: dict[int, list[int]] = {}
    points = np.flatnonzero(fine & single)
    for n, (lon, lat) in zip(points.tolist(), shapely.get_coordinates(shapes[points]).tolist(), strict=True):
        held.setdefault(h3.latlng_to_cell(lat, lon, size), []).append(n)
    for n in np.flatnonzero(fine & ~single).tolist():
        if cell := _holder(h3, shapes[n], size):
            held.setdefault(cell, []).append(n)
    return held


def _holder(h3: Any, shape: Any, size: int) -> int:
    """The hexagon that holds all points of a shape (of a line or area: all but a twentieth of it), or 0."""
    corners = shapely.get_coordinates([shape, shapely.point_on_surface(shape)]).tolist()
    cells = sorted({h3.latlng_to_cell(lat, lon, size) for lon, lat in corners})
    if len(cells) == 1 or shape.geom_type == "MultiPoint":
        return cells[0] if len(cells) == 1 else 0
    measure = shapely.area if shape.geom_type.endswith("Polygon") else shapely.length
    shares = measure(shapely.intersection([outline(h3, c) for c in cells], shape)) / measure(shape)
    best = int(np.argmax(shares))
    return cells[best] if shares[best] >= 0.95 else 0


def outline(h3: Any, cell: int) -> Any:
    """A hexagon's polygon in longitude and latitude."""
    return shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])


def _cells(region: Region, h3: Any, held: Mapping[int, Sequence[int]], rows: Any) -> tuple[Cell, ...]:
    """Hexagons called by the county around their middle; of their records those placed best come along."""
    ids, accuracy = rows.index.to_numpy(object), rows["accuracy_m"].to_numpy(float)
    middles = [h3.cell_to_latlng(cell) for cell in held]
    counties = units_of(region, "county")
    tree = shapely.STRtree([u.geometry for u in counties])
    inside = tree.query(shapely.points([(lon, lat) for lat, lon in middles]), predicate="intersects")
    around = {int(n): unit_name(region, counties[u]) for n, u in inside.T}
    cells = []
    for n, (cell, places) in enumerate(held.items()):
        best = sorted(places, key=lambda place: (accuracy[place], ids[place]))[:LISTED]
        name = around.get(n, "{:.2f}, {:.2f}".format(*middles[n]))
        shown = tuple(ids[place] for place in best)
        cells.append(Cell(name, outline(h3, cell), float(len(places)), records=shown, hexagon=h3.int_to_str(cell)))
    return tuple(cells)


# ---- thinning ------------------------------------------------------------------------------------------
def thinned(rows: Any, count: int) -> tuple[str, ...]:
    """Ids of `rows` with at most `count` of the single points; everything else stays. Their order stays.

    Grids of 1, 4, 16, ... cells (those of a Morton curve over the points' extent) are laid over the points, one
    after the other; each keeps from each of its cells the point placed best, by `accuracy_m`, then by id. Of the
    last grid for which not all fit, those placed best stay. So the points keep their spread, those of a smaller
    `count` are among those of a larger one, and the order of the rows changes nothing.
    """
    shapes, ids = rows.geometry.to_numpy(), rows.index.to_numpy(object)
    keep = (shapely.get_type_id(shapes) != 0) | shapely.is_empty(shapes)
    points = np.flatnonzero(~keep)
    if len(points):
        accuracy = rows["accuracy_m"].to_numpy(float, na_value=np.nan)[points]
        points = points[np.lexsort((ids[points].astype(str), np.nan_to_num(accuracy, nan=np.inf)))]  # best first
        code = morton(shapely.get_coordinates(shapes[points]))
        level = np.full(len(points), _LEVELS)
        for n in range(_LEVELS):
            _, first = np.unique(code >> np.uint64(2 * (_LEVELS - 1 - n)), return_index=True)
            level[first] = np.minimum(level[first], n)
            if (level < _LEVELS).sum() >= count:
                break
        keep[points[np.argsort(level, kind="stable")[:count]]] = True
    return tuple(ids[keep])


def reports(layers: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the layers of a page (`payload.build`) leave out, a sentence each."""
    out = []
    for layer in layers:
        filled = layer.get("filled", {})
        if layer.get("left_out"):
            out.append(f"{layer['title']}: thinned, {layer['left_out']:,} points left out")
        if filled.get("measure") == "hexagons" and filled["left_out"]:
            why = "no place, in several hexagons, or known more coarsely than one"
            out.append(f"{layer['title']}: {filled['left_out']:,} left out of the hexagons of {filled['grid']} ({why})")
    return out
