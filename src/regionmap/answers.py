"""Questions to a whole region: what the region knows is put together here, and asked of the plain `queries`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from regionmap import kinds
from regionmap.places import cache
from regionmap.places.gazetteer import TOWN_KINDS
from regionmap.queries import summary as queries_summary

if TYPE_CHECKING:
    from regionmap.plans.region import Region

_SIGNS = frozenset("+-&~>[]#,@")


def summary(
    region: Region | geopandas.GeoDataFrame,
    *,
    by: str | Sequence[str],
    values: str | Sequence[str] = ("investment",),
    kind: str | None = None,
    plan: str | None = None,
) -> pd.DataFrame:
    """Counts and sums by unit, zone, sector, status, year, kind, plan or any other column.

    Parameters
    ----------
    region : a Region, or a GeoDataFrame of its features; a frame is asked as `queries.summary.summary` does.
    by : one or several of `unit` (county), `city`, `zone`, `sector`, `status`, `year`, `kind`, `plan`, ....
    values : columns to sum; `investment` is read from text (亿元).
    kind, plan : only these.

    Returns
    -------
    DataFrame
        As `queries.summary.summary`. Of a Region each thing is counted once, however many plans name it (the latest
        plan's record), except by `plan`: there each plan's record counts. The unit is the county (city) that `where`
        names, alone or by the place it names; else the geometry decides.

    Raises
    ------
    InputError, NotFoundError : no such column, kind or plan.
    """
    words = [by] if isinstance(by, str) else list(by)
    order = {
        "kind": list(kinds.KINDS),
        "sector": list(kinds.SECTORS),
        "status": list(kinds.STATUSES),
    }
    if isinstance(region, geopandas.GeoDataFrame):
        return queries_summary.summary(region, by=words, values=values, order=order)
    rows = region.features(kind, plan)
    if "plan" not in words:
        rows = region.latest(rows)
    for word, level in (("unit", "county"), ("city", "city")):
        if word in words:
            areas = units(region, level)
            rows = rows.assign(**{word: unit_names(region, rows, areas)})
            order[word] = list(areas["name"])
    zones = None
    if "zone" in words:
        areas = zone_areas(region)
        zones, order["zone"] = zones_of(rows, areas), list(dict.fromkeys(areas["name"]))
    order["plan"] = list(region.plans)
    return queries_summary.summary(rows, by=words, values=values, zones=zones, order=order)


def units(region: Region, level: str = "county") -> geopandas.GeoDataFrame:
    """The units of a region: index and column `code`, `name`, `accuracy_m`, polygons in EPSG:4326.

    level : `county`, `city` or `province`.
    """
    counties = [u for u in region.gazetteer.units.values() if u.kind == level]
    columns = {
        "code": [u.unit for u in counties],
        "name": [u.name for u in counties],
        "accuracy_m": [u.accuracy_m for u in counties],
    }
    twice = pd.Series(columns["name"]).duplicated(keep=False)
    columns["name"] = [region.gazetteer.label(u) if t else u.name for u, t in zip(counties, twice, strict=True)]
    return geopandas.GeoDataFrame(
        columns, geometry=[u.geometry for u in counties], index=pd.Index(columns["code"]), crs=4326
    )


def towns(region: Region) -> geopandas.GeoDataFrame:
    """The towns and sub-districts that the gazetteer knows: `name`, `unit`, `accuracy_m`, points in EPSG:4326.

    Of a seat and its town only the town.
    """
    found = [e for e in region.gazetteer.entries if e.tier == "place" and e.kind in TOWN_KINDS - {"seat"}]
    columns = {
        "name": [region.gazetteer.label(e) for e in found],
        "unit": [e.unit for e in found],
        "accuracy_m": [e.accuracy_m for e in found],
    }
    return geopandas.GeoDataFrame(columns, geometry=[e.geometry for e in found], crs=4326)


def unit_names(region: Region, rows: Any, areas: geopandas.GeoDataFrame) -> pd.Series:
    """The unit of each row, out of `areas` (see `units`): the one that `where` names, alone or by the place it
    names; else as `queries.summary.unit_of`, with `several`, `none` and `unplaced`."""
    named = pd.Series(_named_units(region, rows, areas), index=rows.index, dtype=object)
    rest = named.isna().to_numpy()
    other = rows[rest]
    named[rest] = _kept("units", other, areas, lambda: {"unit": queries_summary.unit_of(other, areas)})["unit"]
    return named


def zones_of(rows: Any, areas: geopandas.GeoDataFrame) -> pd.DataFrame:
    """As `queries.summary.zones_of`."""
    return pd.DataFrame(_kept("zones", rows, areas, lambda: queries_summary.zones_of(rows, areas)))


def _kept(what: str, rows: Any, areas: Any, ask: Callable[[], Mapping[Any, Any]]) -> dict[str, Any]:
    """Columns that answer where rows lie, kept in the user's cache: cutting areas takes seconds."""
    parts = cache.sources(queries_summary)
    for frame in (rows, areas):
        parts += [b"".join(w or b"-" for w in shapely.to_wkb(frame.geometry.to_numpy())), frame.crs.to_wkt().encode()]
        parts.append(pd.to_numeric(frame["accuracy_m"]).to_numpy(float).tobytes())
    name = f"{what}-{cache.key([*parts, *map(str.encode, areas['name'])])}"
    arrays = cache.load(name, set())
    if arrays is None:
        arrays = {c: np.asarray(v, dtype=None if pd.api.types.is_numeric_dtype(v) else str) for c, v in ask().items()}
        cache.save(name, arrays)
    return {c: v.astype(object) if v.dtype.kind == "U" else v for c, v in arrays.items()}


def zone_areas(region: Region) -> geopandas.GeoDataFrame:
    """The zones that are areas, each once."""
    zones = region.latest(region.features("zone"))
    return zones[zones.geometry.geom_type.isin(("Polygon", "MultiPolygon"))]


def _named_units(region: Region, rows: Any, counties: Any) -> list[str | None]:
    """The unit whose name, or a place of which, is all that `where` says; None where it says more or else."""
    names = dict(zip(counties["code"], counties["name"], strict=True))
    areas: dict[str, str] = {}
    out: list[str | None] = []
    for plan, text in zip(rows["plan"], rows["where"], strict=True):
        if plan not in areas:
            area = region.plans[plan].area
            found = region.gazetteer.find(area) if area else []
            areas[plan] = found[0].unit if found else ""
        out.append(_named_unit(region, str(text or ""), areas[plan], names))
    return out


def _named_unit(region: Region, text: str, area: str, names: dict[str, str]) -> str | None:
    if not text or _SIGNS & set(text):
        return None
    holder, found = None, []
    for word in text.strip('「」"').split("/"):
        found = region.gazetteer.find(word.strip(), area=area, inside=holder)
        if len(found) != 1:
            return None
        holder = found[0]
    code = found[0].unit if found else ""
    return names.get(code) or (names.get(code[:4] + "00") if not code.endswith("00") else None)


__all__ = ["summary", "towns", "unit_names", "units", "zone_areas", "zones_of"]
