"""Write the land of the far frame, without country borders, as GeoJSON.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python scripts/natural_earth.py package/land-50m.json --out geodata/base/land.geojson

Source: Natural Earth 4.1, land 1:50m (https://www.naturalearthdata.com, public domain), as TopoJSON in the
npm package `world-atlas` 2.0.2 (ISC).

The land is clipped to FRAME and generalised. Where the page draws the region and its neighbours from another
source (NEAR, the same box as `boundaries.neighbours.clip` in region.toml) it is cut out, so that no second
coastline lies beside theirs. KEEP says what stays inside that box: land that they do not draw. Towards them
it reaches a little too far, where theirs covers it.
"""

from __future__ import annotations

import argparse
import json
from itertools import accumulate, pairwise
from pathlib import Path
from statistics import mode
from typing import Any

import shapely
from shapely.geometry.polygon import orient

FRAME = (-15.0, 0.0, 155.0, 75.0)  # west, south, east, north
NEAR = (115.5, 37.4, 130.5, 45.4)
KEEP = [  # the Korean peninsula: by sea in the west, along and beyond the state border in the north
    [(124.1, 37.0), (124.1, 39.3), (124.5, 39.7), (124.5, 40.3), (124.9, 40.75), (125.9, 41.2),
     (126.4, 41.95), (127.2, 41.8), (128.0, 42.2), (128.9, 42.3), (129.3, 42.8), (129.8, 43.2),
     (130.6, 43.1), (130.6, 37.0)],
]  # fmt: skip
TOLERANCE_DEG = 0.05
SMALLEST_DEG2 = 0.01  # an island of about 10 by 10 km
DECIMALS = 2

Ring = list[tuple[float, float]]


def decoded_arcs(topology: dict[str, Any]) -> list[Ring]:
    """The arcs of a quantised topology in degrees; after the first point come steps (TopoJSON 2.1.3)."""
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        xs, ys = accumulate(p[0] for p in arc), accumulate(p[1] for p in arc)
        arcs.append([(x * kx + dx, y * ky + dy) for x, y in zip(xs, ys, strict=True)])
    return arcs


def ring(indices: list[int], arcs: list[Ring]) -> Ring:
    """Arcs joined end to end; ~i stands for arc i backwards, and a joint is written once.

    Where the ring jumps across the antimeridian its smaller part goes on beyond 180 degrees.
    """
    points: Ring = []
    for i in indices:
        arc = arcs[i] if i >= 0 else arcs[~i][::-1]
        points += arc[1:] if points else arc
    turns = list(accumulate((round((a[0] - b[0]) / 360) for a, b in pairwise(points)), initial=0))
    most = mode(turns)
    return [(x + 360 * (turn - most), y) for (x, y), turn in zip(points, turns, strict=True)]


def land(topology: dict[str, Any]) -> Any:
    """The union of all polygons of the object `land`, in degrees, WGS 84."""
    arcs = decoded_arcs(topology)
    polygons = []
    for geometry in topology["objects"]["land"]["geometries"]:
        parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for outer, *holes in parts:
            polygons.append(shapely.Polygon(ring(outer, arcs), [ring(h, arcs) for h in holes]))
    return shapely.union_all(shapely.make_valid(polygons))


def far_land(shape: Any) -> list[Any]:
    """Clipped, generalised, with the near surroundings cut out: polygons, the largest first."""
    shape = shapely.intersection(shape, shapely.box(*FRAME))
    shape = shapely.make_valid(shapely.simplify(shape, TOLERANCE_DEG))
    cut = shapely.difference(shapely.box(*NEAR), shapely.union_all([shapely.Polygon(k) for k in KEEP]))
    shape = shapely.set_precision(shapely.difference(shape, cut), 10.0**-DECIMALS)
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area >= SMALLEST_DEG2]
    return sorted(parts, key=lambda p: (-p.area, p.bounds))


def coordinates(polygon: Any) -> list[list[list[float]]]:
    """Exterior counterclockwise, holes clockwise (RFC 7946); small holes are left out."""
    oriented = orient(polygon)
    holes = [h for h in oriented.interiors if shapely.Polygon(h).area >= SMALLEST_DEG2]
    rings = (oriented.exterior, *holes)
    return [[[round(x, DECIMALS), round(y, DECIMALS)] for x, y in r.coords] for r in rings]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("land", type=Path, help="land-50m.json of the npm package world-atlas, unpacked")
    parser.add_argument("--out", type=Path, required=True, help="the GeoJSON file to write")
    args = parser.parse_args()
    parts = far_land(land(json.loads(args.land.read_text(encoding="utf-8"))))
    feature = {
        "type": "Feature",
        "properties": {"name": "land", "source": "Natural Earth 4.1, land 1:50m, public domain"},
        "geometry": {"type": "MultiPolygon", "coordinates": [coordinates(p) for p in parts]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}, separators=(",", ":"))
    args.out.write_text(text + "\n", encoding="utf-8")
    print(f"{args.out}: {len(parts)} polygons, {len(text) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
