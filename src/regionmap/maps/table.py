"""The things of a page in columns: made from a region's records without touching them one by one."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from regionmap.maps.shapes import Shapes, geodesic, label_spots
from regionmap.plans.region import CONTEXT, Region

TEXTS = {
    # page: record column
    "id": "id", "name": "name", "en": "name_en", "kind": "kind", "sector": "sector", "status": "status",
    "verb": "status_text", "lead": "lead", "resp": "responsible", "inv": "investment", "scale": "scale",
    "precision": "precision", "drawn": "drawn", "note": "note", "where": "where",
}  # fmt: skip
NUMBERS = {"start": "start", "end": "end", "acc": "accuracy_m", "km": "length_km", "km2": "area_km2"}
CITED = ("plan", "clause", "status", "verb", "id")
MANY = 2000
"""Above so many things their order in a layer says nothing: points then stand in Morton order, which packs well."""
_MICRO = 1e6


class Table:
    """Things in columns; `table[n]` is one of them as a dict of what it has.

    Parameters
    ----------
    texts : columns of texts, "" where there is none.
    numbers : columns of floats, NaN where there is none.
    lists : `aliases` (lists of texts), `cites` (lists of `CITED`).
    context : whether no plan names the thing.
    points : shape (n, 2), longitude and latitude in millionths of a degree of things that are one point.
    is_point : which these are.
    shape : number of the geometry of any other thing, -1 for none.
    spots : where the names of zones may stand, by number of the thing.
    """

    def __init__(
        self, *, texts: Mapping[str, Sequence[str]], numbers: Mapping[str, Any], lists: Mapping[str, Sequence[Any]],
        context: Any, points: Any, is_point: Any, shape: Any, spots: Mapping[int, Any],
    ) -> None:  # fmt: skip
        self.texts, self.numbers, self.lists = dict(texts), dict(numbers), dict(lists)
        self.context, self.points, self.is_point, self.shape, self.spots = context, points, is_point, shape, spots

    def __len__(self) -> int:
        return len(self.context)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[n] for n in range(len(self)))

    def __getitem__(self, n: int) -> dict[str, Any]:
        if not 0 <= n < len(self):
            raise IndexError(n)
        entry: dict[str, Any] = {k: column[n] for k, column in self.texts.items() if column[n]}
        entry |= {k: column[n].item() for k, column in self.numbers.items() if not np.isnan(column[n])}
        entry |= {k: list(column[n]) for k, column in self.lists.items() if len(column[n]) or k == "cites"}
        if self.context[n]:
            entry["ctx"] = 1
        if n in self.spots:
            entry["at"] = self.spots[n]
        if self.is_point[n]:
            entry["xy"] = [int(v) for v in self.points[n]]
        elif self.shape[n] >= 0:
            entry["g"] = int(self.shape[n])
        return entry


def _inside(shape: Any) -> list[float]:
    point = shapely.point_on_surface(shape)
    return [round(point.x, 4), round(point.y, 4)]


def of_rows(region: Region, rows: Any, shapes: Shapes, labelled: Container[str]) -> Table:
    """The records `rows` of a region as a table; their geometries go to `shapes`, single points into columns. The
    names of the zones `labelled` (ids) get several places to stand, those of others one."""
    geometry = rows.geometry.to_numpy()
    is_point = (shapely.get_type_id(geometry) == 0) & ~shapely.is_empty(geometry)
    points = np.zeros((len(rows), 2), np.int64)
    points[is_point] = np.rint(shapely.get_coordinates(geometry[is_point]) * _MICRO)
    others = np.flatnonzero(~is_point & ~shapely.is_missing(geometry))
    shape, spots = np.full(len(rows), -1), {}
    kinds, ids = rows["kind"].to_numpy(object), rows.index.to_numpy(object)
    for n, drawn in zip(others, geodesic(geometry[others]), strict=True):
        if kinds[n] == "zone" and drawn.geom_type.endswith("Polygon"):
            spots[int(n)] = label_spots(drawn) if ids[n] in labelled else [_inside(drawn)]
        shape[n] = shapes.add(drawn)
    cites = _citations(region)
    return Table(
        texts={key: _texts(rows[column]) for key, column in TEXTS.items()},
        numbers={key: pd.to_numeric(rows[column]).to_numpy(float, na_value=np.nan) for key, column in NUMBERS.items()},
        lists={
            "aliases": [v if isinstance(v, list | tuple) else () for v in rows["aliases"].to_numpy(object)],
            "cites": [cites.get(group, []) for group in rows["group"].to_numpy(object)],
        },
        context=(rows["plan"] == CONTEXT).to_numpy(bool),
        points=points, is_point=is_point, shape=shape, spots=spots,
    )  # fmt: skip


def arranged(rows: Any) -> Any:
    """The rows in the order of the page: many single points by their place on a Morton curve, behind the rest."""
    geometry = rows.geometry.to_numpy()
    single = shapely.get_type_id(geometry) == 0
    if single.sum() <= MANY:
        return rows
    rest, points = np.flatnonzero(~single), np.flatnonzero(single)
    order = np.argsort(morton(shapely.get_coordinates(geometry[points])), kind="stable")
    return rows.iloc[np.concatenate([rest, points[order]])]


def morton(lonlat: Any) -> Any:
    """Places on a curve that keeps neighbours together: the bits of both coordinates in turn (Morton 1966)."""
    low = lonlat.min(axis=0)
    size = max(float((lonlat.max(axis=0) - low).max()), 1e-9)
    x, y = (np.minimum((lonlat - low) / size * 65536, 65535).astype(np.uint64)).T
    code = np.zeros(len(lonlat), np.uint64)
    for bit in range(16):
        at = np.uint64(bit)
        code |= (((x >> at) & np.uint64(1)) | (((y >> at) & np.uint64(1)) << np.uint64(1))) << np.uint64(2 * bit)
    return code


def plan_numbers(region: Region) -> dict[str, int]:
    return {plan: n for n, plan in enumerate(p for p in region.plans if p != CONTEXT)}


def _citations(region: Region) -> dict[str, list[list[Any]]]:
    """Every statement about a group of records: number of the plan, clause, status, verb, id."""
    number, found = plan_numbers(region), dict[str, list[list[Any]]]()
    named = region.records[region.records["plan"] != CONTEXT]
    columns = (named[c].to_numpy(object) for c in ("group", "plan", "clause", "status", "status_text", "id"))
    for group, plan, clause, status, verb, record_id in zip(*columns, strict=True):
        found.setdefault(group, []).append([number[plan], clause, status, verb, record_id])
    return found


def _texts(column: Any) -> list[str]:
    values = column.to_numpy(object)
    return list(np.where(pd.isna(values), "", values))
