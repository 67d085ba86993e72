"""Points, corridors and zones made in code, the same for every engine."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

WEST, SOUTH, EAST, NORTH = 119.0, 39.0, 125.0, 43.0  # about Liaoning


def points(count: int, seed: int = 1) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    xy = rng.uniform((WEST, SOUTH), (EAST, NORTH), (count, 2))
    return gpd.GeoDataFrame({"id": np.arange(count)}, geometry=shapely.points(xy), crs="EPSG:4326")


def corridors(count: int, seed: int = 2, vertices: tuple[int, int] = (200, 2000)) -> gpd.GeoDataFrame:
    """Winding lines with a vertex about every 150 m, 30 to 300 km long."""
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(count):
        n = int(rng.integers(*vertices))
        turn = np.cumsum(rng.normal(0, 0.1, n)) + rng.uniform(0, 2 * np.pi)
        steps = np.column_stack([np.cos(turn), np.sin(turn)]) * 0.0015
        lines.append(shapely.LineString(rng.uniform((WEST, SOUTH), (EAST, NORTH)) + np.cumsum(steps, axis=0)))
    return gpd.GeoDataFrame({"name": [f"c{i}" for i in range(count)]}, geometry=lines, crs="EPSG:4326")


def zones(count: int, seed: int = 3) -> gpd.GeoDataFrame:
    """The Voronoi cells of random places, borders of 500 m pieces put out of line."""
    rng = np.random.default_rng(seed)
    seeds = shapely.MultiPoint(rng.uniform((WEST, SOUTH), (EAST, NORTH), (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(WEST, SOUTH, EAST, NORTH)))
    cells = shapely.segmentize(shapely.intersection(cells, shapely.box(WEST, SOUTH, EAST, NORTH)), 0.005)
    wave = shapely.transform(cells, lambda xy: xy + 0.002 * np.sin(xy[:, ::-1] * 40))
    return gpd.GeoDataFrame({"zone": np.arange(count)}, geometry=wave, crs="EPSG:4326")
