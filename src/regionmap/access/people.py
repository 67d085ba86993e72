"""Units and the people in them: who lives within the minutes, by seat and by area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from regionmap import crs
from regionmap.places.gazetteer import read_rows, stem

if TYPE_CHECKING:
    from regionmap.plans.region import Region


def census(region: Region) -> dict[str, dict[str, Any]]:
    """Population by unit code as `units.csv` states it: population, year, source."""
    path = region.folder / "gazetteer" / "units.csv"
    rows = read_rows(path) if path.is_file() else []
    return {
        r["code"]: {"population": int(r["population"]), "year": int(r["year"]), "source": r["source"]}
        for r in rows
        if r.get("population") and r.get("year")
    }


def units(region: Region, seats: Mapping[str, int], minutes: np.ndarray, area: Any) -> geopandas.GeoDataFrame:
    """Counties and cities with the minutes to their seat and the share of their area within `area`.

    A city of which only some counties have a population of their own also stands there as the rest: `level` is
    `rest` then, and its numbers are those of the city without these counties. `counts` marks the rows whose people
    together are the region's, each once.
    """
    found = census(region)
    rows = []
    for code, node in seats.items():
        unit = region.gazetteer.units[code]
        rows.append(_row(region, code, unit.kind, unit.geometry, found.get(code), float(minutes[node]), node))
    for code in [c for c in seats if region.gazetteer.units[c].kind == "city"]:
        inner = [c for c in seats if c != code and c.startswith(stem(code)) and c in found]
        if inner and code in found:
            rows.append(_rest(region, code, inner, found, minutes, seats))
    frame = geopandas.GeoDataFrame(pd.DataFrame(rows).set_index("code", drop=False), geometry="geometry", crs=4326)
    frame["counts"] = _counts(frame)
    return again(frame, area)


def again(frame: geopandas.GeoDataFrame, area: Any) -> geopandas.GeoDataFrame:
    """The units with the shares of their areas within another area."""
    frame = frame.copy()
    shapes = frame.geometry.to_numpy()
    shapely.prepare(area)
    share = shapely.covers(area, shapes).astype(float)
    part = np.flatnonzero(shapely.intersects(area, shapes) & (share == 0))
    share[part] = crs.area_m2(shapely.intersection(shapes[part], area)) / crs.area_m2(shapes[part])
    frame["share_area"] = share.clip(0, 1)
    frame["people_by_area"] = frame["population"] * frame["share_area"]
    return frame


def _row(region: Region, code: str, level: str, shape: Any, people: Any, minutes: float, node: int) -> dict[str, Any]:
    known = people or {"population": np.nan, "year": np.nan, "source": ""}
    name = (
        region.gazetteer.label(region.gazetteer.units[code]) if level == "county" else region.gazetteer.units[code].name
    )
    return {
        "code": code, "name": name, "level": level, "minutes": minutes, "at": node, "off_km": 0.0,
        "population": float(known["population"]), "population_year": known["year"], "source": known["source"],
        "geometry": shape,
    }  # fmt: skip


def _rest(
    region: Region, code: str, inner: list[str], found: Mapping[str, Any], minutes: np.ndarray, seats: Mapping[str, int]
) -> dict[str, Any]:
    names = region.gazetteer.units
    shape = shapely.difference(names[code].geometry, shapely.union_all([names[c].geometry for c in inner]))
    people = dict(found[code], population=found[code]["population"] - sum(found[c]["population"] for c in inner))
    row = _row(region, code, "rest", shape, people, float(minutes[seats[code]]), seats[code])
    but = "、".join(names[c].name for c in inner)
    return {**row, "code": f"{code}-rest", "name": f"{names[code].name}(不含{but})"}


def _counts(frame: pd.DataFrame) -> list[bool]:
    """Whose people are counted: counties with a number of their own, rests, and cities without such counties."""
    rests = {c.removesuffix("-rest") for c in frame.index if c.endswith("-rest")}
    return [
        bool(np.isfinite(row.population)) and row.code not in rests
        for row in frame[["code", "population"]].itertuples(index=False)
    ]


def within(frame: geopandas.GeoDataFrame, limit: float) -> pd.DataFrame:
    """The people within the minutes: by seat (all of a unit whose seat is reached) and by area (its share)."""
    rows = frame[frame["counts"]]
    seat = rows.loc[rows["minutes"] <= limit, "population"].sum()
    years = sorted({int(y) for y in rows["population_year"]})
    year = "-".join(map(str, years[:1] + years[-1:] if len(years) > 1 else years))
    source = "; ".join(dict.fromkeys(rows["source"].str.split(";").str[0].str.strip()))
    values = [("by_seat", seat), ("by_area", rows["people_by_area"].sum()), ("of", rows["population"].sum())]
    return pd.DataFrame(
        {"how": [h for h, _ in values], "people": [round(v) for _, v in values], "year": year, "source": source}
    )
