"""Questions to partitioned frames: the same functions on every partition, the second frame sent to all of them.

dask-geopandas has joins of its own, but they spread the planar and slow way; here each task asks our own function about
one partition and the rows of the second frame that may matter to it. Lazy: nothing is read before `compute`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from threading import Lock
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from regionmap import crs
from regionmap.errors import MissingExtraError
from regionmap.queries import _frames
from regionmap.queries._frames import Read

KEPT = ("method", "crs", "query", "within_m", "k")
"""Attributes of an answer that are the same for every partition."""
LAT_MAX, WIDTH_MAX = 80.0, 40.0
"""Beyond these a box in degrees says too little of where geodesics run: nothing is left out then."""


@dataclass(frozen=True, eq=False)
class Shared:
    """The second frame as every task gets it: one object in each process.

    Attributes
    ----------
    boxes : per row, degrees: west, south, east, north of its geodesics; the whole earth where nothing is known.
    reach_m : per row, its accuracy, infinite where unknown.
    spots : one place in degrees of each row that has a geometry.
    """

    frame: gpd.GeoDataFrame
    boxes: NDArray[np.float64]
    reach_m: NDArray[np.float64]
    spots: NDArray[np.float64]
    _once: Lock = field(default_factory=Lock, repr=False)

    def __reduce__(self) -> Any:
        """What travels: not what each process works out for itself."""
        return Shared, (self.frame, self.boxes, self.reach_m, self.spots)

    @cached_property
    def areal(self) -> bool:
        """Whether there are areas: which of them hold what is asked of each partition anew."""
        return bool((shapely.get_dimensions(self.frame.geometry.array) == 2).any())

    def ready(self) -> Read:
        """The frame read, its pieces and their tree made, by the first task that asks."""
        with self._once:
            return self._ready

    @cached_property
    def _ready(self) -> Read:
        return _frames.prepared(_frames.read(self.frame, "b"))


def partitioned(query: Callable[..., Any]) -> Callable[..., Any]:
    """Let a query of two frames take dask-geopandas frames; the answer to a partitioned first frame is one too."""

    @wraps(query)
    def ask(*data: Any, **options: Any) -> Any:
        if "dask" not in sys.modules or not any(map(is_lazy, (*data, *options.values()))):
            return query(*data, **options)
        data, options = _positional(data, options)
        if len(data) != 2:
            return query(*data, **options)
        first, second = data
        if is_lazy(second):
            second = second.compute()
        if not is_lazy(first) or not isinstance(second, gpd.GeoSeries | gpd.GeoDataFrame):
            return query(first, second, **options)
        return _spread(query, first, second, options)

    return ask


def is_lazy(frame: Any) -> bool:
    """Whether it is a frame of dask (asked by name, so that nothing is imported)."""
    return any(kind.__module__.startswith(("dask.", "dask_")) for kind in type(frame).__mro__)


def _positional(data: tuple[Any, ...], options: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """`overlay` may be called with the names of its frames."""
    names = ("zones", "other")[len(data) :]
    return (*data, *(options[n] for n in names if n in options)), {k: v for k, v in options.items() if k not in names}


def _spread(query: Callable[..., Any], first: Any, second: Any, options: dict[str, Any]) -> Any:
    try:
        import dask
        import dask_geopandas
    except ImportError as gone:
        raise MissingExtraError(gone.name or "dask", "distributed", "a question to a partitioned frame") from gone
    if not isinstance(first, dask_geopandas.GeoDataFrame):
        first = dask_geopandas.from_dask_dataframe(first)
    if isinstance(second, gpd.GeoSeries):
        second = second.to_frame("geometry")
    # of the first row: checks both frames and the options at once, and says what the columns will be
    meta = query(first._meta, second.iloc[:1], **options).iloc[:0]
    meta.attrs = {}
    shared = _shared(second)
    name = query.__name__
    if name == "near" and "accuracy_m" not in first.columns:
        first = _within_reach(first, shared, float(options["within_m"]))
    sent = dask.delayed(shared, name=f"regionmap-{dask.base.tokenize(second)}", traverse=False)
    public = getattr(sys.modules[query.__module__], name)  # not `query` itself, which could not be sent by its name
    # one task with what comes before and after: a partition is read, asked and, say, written in one go
    return first.map_partitions(
        answer, sent, meta=meta, enforce_metadata=False, query=public, options=options, token=f"regionmap-{name}"
    )


def answer(part: gpd.GeoDataFrame, shared: Shared, *, query: Callable[..., Any], options: dict[str, Any]) -> Any:
    """What one task does: the query of one partition and the rows that may matter to it."""
    second: Any = shared.frame
    if query.__name__ in ("near", "nearest") and not shared.areal:
        second = shared.ready()
    else:
        reach = _reach(query.__name__, part, shared, options)
        if len(part) and np.isfinite(reach) and _comparable(second.index):
            second = second[_touch(shared, _box_of(part), reach)]
    out = query(part, second, **options)
    out.attrs = {k: v for k, v in out.attrs.items() if k in KEPT}
    return out


def _reach(name: str, part: gpd.GeoDataFrame, shared: Shared, options: dict[str, Any]) -> float:
    """Metres beyond which a row of the second frame is of no interest to the partition (its own accuracy apart)."""
    limit = options.get("within_m")
    limit = np.inf if limit is None else float(limit)
    if name == "near":
        slack = pd.to_numeric(part["accuracy_m"], errors="coerce").to_numpy(float) if "accuracy_m" in part else 0.0
        worst = float(np.max(slack, initial=0)) if len(part) else 0.0
        return limit + worst if np.isfinite(worst) else np.inf
    if name == "nearest":
        return min(limit, _surely_m(part, shared, int(options.get("k", 1))))
    return np.inf  # overlay: rows that say there is nothing must say so everywhere


def _surely_m(part: gpd.GeoDataFrame, shared: Shared, k: int) -> float:
    """A distance within which every place of the partition has `k` rows of the second frame."""
    box = _box_of(part)
    if box is None or len(shared.spots) < k:
        return np.inf
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    corners = [crs.distance_m(*middle, x, y) for x in box[::2] for y in box[1::2]]
    away = crs.distance_m(*middle, *shared.spots.T)
    return float(np.partition(away, k - 1)[k - 1] + 1.01 * max(corners) + 1)


def _shared(second: gpd.GeoDataFrame) -> Shared:
    shapes = crs.lonlat(second)
    boxes = np.array([_bulged(box) for box in shapely.bounds(shapes)]).reshape(-1, 4)
    reach = np.zeros(len(second))
    if "accuracy_m" in second:
        reach = pd.to_numeric(second["accuracy_m"], errors="coerce").to_numpy(float)
    xy, row = shapely.get_coordinates(shapes, return_index=True)
    spots = xy[np.unique(row, return_index=True)[1]]
    return Shared(second, boxes, np.where(np.isnan(reach), np.inf, reach), spots)


def _box_of(part: gpd.GeoDataFrame) -> Any:
    """The box of a partition's geodesics in degrees; None where it can't be told."""
    bounds = shapely.bounds(crs.lonlat(part))
    if np.isnan(bounds).all():
        return None
    low, high = np.nanmin(bounds[:, :2], axis=0), np.nanmax(bounds[:, 2:], axis=0)
    box = _bulged(np.concatenate([low, high]))
    return None if box[2] - box[0] >= 360 else box


def _bulged(box: Any) -> Any:
    """The box with room for geodesics between its corners: the whole earth where that is too much to say.

    A geodesic over w radians of longitude leaves its parallel by at most w² / 16 radians (half the sagitta of a
    great circle where sin lat cos lat is greatest), to first order; twice that is left.
    """
    west, south, east, north = box
    if np.isnan(west):  # no geometry: matters to nobody, and is named in every answer
        return np.array([-360.0, -90.0, 360.0, 90.0])
    wide = east - west
    if wide > WIDTH_MAX or max(-south, north) > LAT_MAX or west < -175 or east > 175:
        return np.array([-360.0, -90.0, 360.0, 90.0])
    more = np.degrees(np.radians(wide) ** 2 / 8)
    return np.array([west, south - more, east, north + more])


def _touch(shared: Shared, box: Any, reach_m: float) -> NDArray[np.bool_]:
    """Which rows of the second frame may be within reach of a box."""
    reach = reach_m + shared.reach_m
    keep = np.ones(len(reach), bool)
    if box is None:
        return keep
    lat = np.degrees(reach / 6_300_000.0)
    top = np.maximum(np.abs(box[1]), np.abs(box[3])) + lat
    sure = np.isfinite(reach) & (top < LAT_MAX + 5)
    lon = np.full(len(reach), 360.0)
    half = np.sin(np.minimum(reach[sure] / 6_300_000.0, 1.5)) / np.cos(np.radians(top[sure]))
    lon[sure] = np.degrees(np.arcsin(np.minimum(1, half)))
    west, south, east, north = shared.boxes.T
    # past the antimeridian everything is let through
    sure &= (box[0] - lon > -180) & (box[2] + lon < 180)
    apart = (west > box[2] + lon) | (east < box[0] - lon) | (south > box[3] + lat) | (north < box[1] - lat)
    return keep & ~(apart & sure)


def _comparable(index: pd.Index) -> bool:
    """Whether some of the labels are in the same order as all of them: see `_frames.label_rank`."""
    return not pd.api.types.infer_dtype(index).startswith("mixed")


def _within_reach(first: Any, shared: Shared, limit: float) -> Any:
    """The partitions whose box, where the file states it, may be within reach of any row: the others are not read."""
    known = first.spatial_partitions
    if known is None or first.crs is None or first.crs.to_epsg() != 4326:
        return first
    hit = []
    for n, box in enumerate(shapely.bounds(np.array(known.array))):
        around = None if np.isnan(box).any() else _bulged(box)
        if around is None or around[2] - around[0] >= 360 or _touch(shared, around, limit).any():
            hit.append(n)
    return first.partitions[hit] if hit else first.partitions[:1]
