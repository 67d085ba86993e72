"""Regions filled with classes: targets, counts of records, or a column of the units' table.

A value stands for a whole region only where that is what the documents say: a target for the region that
it names, a record for the unit in which it certainly lies (those known only more coarsely are left out and
counted as left out). Class limits are mapclassify's.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from regionmap.maps.faults import Faults
from regionmap.places.gazetteer import Entry, read_rows
from regionmap.plans.region import Region

CLASSES: Mapping[str, Any] = {"classes": int, "scheme": str, "limits": list, "unit": str}
SCHEMES = ("FisherJenks", "Quantiles", "EqualInterval")
_TARGET_WHERE = ("plan", "unit", "year", "basis", "region")
_LEVELS = ("city", "county")
_COARSER = {"city": ("province", "unplaced"), "county": ("city", "province", "unplaced")}


@dataclass(frozen=True)
class Cell:
    """One region of a filled layer.

    Attributes
    ----------
    name : the unit or zone that it is; without the units `but` where it is only the rest of a unit; the unit around
        the middle of a hexagon, whose name in H3 is `hexagon`.
    value : what the class follows from; None where the document gives no number.
    targets, records : ids of what the value stands for (of a hexagon's records the first few).
    """

    name: str
    shape: Any
    value: float | None
    targets: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    hexagon: str = ""


@dataclass(frozen=True)
class Filled:
    """The regions of one layer and the upper limits of their classes, ascending."""

    cells: tuple[Cell, ...]
    measure: str  # `targets` (how many apply), `indicator`, `records`, `hexagons` (how many lie there) or `column`
    indicator: str = ""
    unit: str = ""
    scheme: str = ""
    limits: tuple[float, ...] = ()
    left_out: int = 0
    grid: str = ""  # how wide hexagons are, and their resolution


def limits(values: Sequence[float], scheme: str, count: int) -> tuple[float, ...]:
    """Upper limits of at most `count` classes, as mapclassify's `scheme` gives them; never more than values differ."""
    with warnings.catch_warnings():  # it says on every import and call that numba would be faster; these are few values
        warnings.simplefilter("ignore", UserWarning)
        return _limits(values, scheme, count)


def _limits(values: Sequence[float], scheme: str, count: int) -> tuple[float, ...]:
    import mapclassify

    known = np.asarray(values, dtype=float)
    different = len(np.unique(known))
    if different <= 1:
        return tuple(float(v) for v in np.unique(known))
    found = getattr(mapclassify, scheme)(known, k=min(count, different)).bins
    return tuple(float(v) for v in np.unique(found))


def classed(faults: Faults, key: str, entry: Mapping[str, Any], filled: Filled) -> Filled:
    """`filled` with its class limits: the recipe's own, or those of its scheme."""
    values = [c.value for c in filled.cells if c.value is not None]
    scheme = faults.choice(f"{key}.scheme", entry.get("scheme", SCHEMES[0]), SCHEMES)
    count, own = entry.get("classes", 5), entry.get("limits", [])
    if not 1 <= count <= 7:
        faults.add(f"{key}.classes", count, "from 1 to 7 classes")
    if own and not (all(isinstance(v, int | float) for v in own) and own == sorted(set(own)) and len(own) <= 7):
        faults.add(f"{key}.limits", own, "at most 7 ascending numbers, the upper limits of the classes")
    elif own and values and max(values) > own[-1]:
        faults.add(f"{key}.limits", own, f"the last limit must hold the largest value, {max(values):g}")
    if faults.found or not values:
        return filled
    if own:
        return replace(filled, scheme="UserDefined", limits=tuple(map(float, own)))
    return replace(filled, scheme=scheme, limits=limits(values, scheme, count))


# ---- targets -------------------------------------------------------------------------------------------
def of_targets(region: Region, faults: Faults, key: str, entry: Mapping[str, Any]) -> Filled:
    """Targets by region: one indicator's values, or without `indicator` how many targets apply where."""
    rows = region.targets
    for column, wanted in entry.get("where", {}).items():
        if column not in _TARGET_WHERE:
            faults.add(f"{key}.where", column, f"allowed are {', '.join(_TARGET_WHERE)}")
            continue
        rows = rows[rows[column].isin(wanted if isinstance(wanted, list) else [wanted])]
    if "indicator" not in entry:
        cells, left = _applying(region, rows)
        return classed(faults, key, entry, Filled(cells, "targets", unit=entry.get("unit", ""), left_out=left))
    names = entry["indicator"] if isinstance(entry["indicator"], list) else [entry["indicator"]]
    for name in names:
        if name not in set(region.targets["indicator"]):
            faults.add(
                f"{key}.indicator", name, "no target has this indicator", _near(name, region.targets["indicator"])
            )
    rows = rows[rows["indicator"].isin(names) & rows.geometry.notna()]
    units = sorted(set(rows.loc[rows["value"].notna(), "unit"]))
    if len(units) > 1:
        faults.add(
            f"{key}.indicator", names[0], f"its values come in {', '.join(units)}; narrow by where = {{unit = ...}}"
        )
    twice = sorted(set(rows.loc[rows["region"].duplicated(), "region"]))
    if twice:
        faults.add(f"{key}.indicator", names[0], f"two values for {twice[0]}; narrow by where = {{year = ...}}")
    order = np.argsort(-shapely.area(rows.geometry.to_numpy()), kind="stable")  # the smaller lie on the larger
    cells = tuple(
        Cell(region_name(region, row), row["geometry"], _number(row["value"]), targets=(row["id"],))
        for row in rows.iloc[order].to_dict("records")
    )
    unit = entry.get("unit") or (units[0] if units else "")
    return classed(faults, key, entry, Filled(cells, "indicator", names[0], unit))


def _near(name: str, names: Any) -> tuple[str, ...]:
    from regionmap.errors import nearest_names

    return nearest_names(name, names)


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def region_name(region: Region, row: Mapping[str, Any]) -> str:
    """What the region of a target is called: a zone of the same plan written alike, the one with the most
    parts, else the expression itself."""
    if row["region"] in region.gazetteer.units or len(row["region"].split(" ")) == 1:
        return str(row["region"])
    records = region.records
    same = records[(records["kind"] == "zone") & (records["where"] == row["region"]) & (records["plan"] == row["plan"])]
    if same.empty:
        return str(row["region"]).replace(" + ", "、")
    parts = records["part_of"].value_counts()
    return str(max(same.to_dict("records"), key=lambda r: (parts.get(r["id"], 0), r["id"]))["name"])


def _applying(region: Region, rows: Any) -> tuple[tuple[Cell, ...], int]:
    """The region cut up by which targets apply: counties of one city under the same targets make one cell.

    A target applies to the counties whose middle its region holds; that of a place smaller than a county to the
    county that holds the place. Also returns how many targets apply nowhere here.
    """
    placed = rows[rows.geometry.notna()]
    counties = units_of(region, "county")
    number = {u.unit: n for n, u in enumerate(counties)}
    spots = shapely.point_on_surface([u.geometry for u in counties])
    hits: dict[str, list[int]] = {}
    for where, shape in zip(placed["region"], placed.geometry, strict=True):
        if where not in hits:
            hits[where] = [int(n) for n in np.flatnonzero(shapely.covers(shape, spots))]
            if not hits[where] and (code := _holder(region, shape, "county", 0.0)):
                hits[where] = [number[code]]
    applying: list[list[str]] = [[] for _ in counties]
    for where, target in zip(placed["region"], placed.index, strict=True):
        for n in hits[where]:
            applying[n].append(target)
    groups: dict[tuple[str, tuple[str, ...]], list[Entry]] = {}
    for unit, targets in zip(counties, applying, strict=True):
        if targets:
            groups.setdefault((_city(unit), tuple(targets)), []).append(unit)
    cells = tuple(_part(region, city, units, targets) for (city, targets), units in groups.items())
    return cells, len(rows) - len({t for targets in applying for t in targets})


def _part(region: Region, city: str, units: list[Entry], targets: tuple[str, ...]) -> Cell:
    """A cell of these counties of a city, named by the city, by what is left out of it, or by its parts."""
    shape, value = shapely.union_all([u.geometry for u in units]), float(len(targets))
    of_city = [u for u in units_of(region, "county") if _city(u) == city]
    others = [unit_name(region, u) for u in of_city if u not in units]
    holder = region.gazetteer.units.get(city)
    if holder is None or len(others) >= len(units):
        return Cell("、".join(unit_name(region, u) for u in units), shape, value, targets)
    return Cell(holder.name, shape, value, targets, but=tuple(others))


# ---- units ---------------------------------------------------------------------------------------------
def of_units(
    region: Region, faults: Faults, key: str, entry: Mapping[str, Any], counted: Sequence[str] | None
) -> Filled:
    """Units by the number of records that certainly lie in each, or by a numeric column of `units.csv`."""
    level = faults.choice(f"{key}.level", entry.get("level", "city"), _LEVELS)
    if level not in _LEVELS:
        return Filled((), "records")
    if (counted is None) == ("column" not in entry):
        faults.add(key, "units", "says either count = {...} (records that fit) or column = a column of units.csv")
        return Filled((), "records")
    units = units_of(region, level)
    if counted is not None:
        held, left = _held(region, counted, level)
        cells = tuple(
            Cell(unit_name(region, u), u.geometry, float(len(ids)), records=tuple(ids))
            for u, ids in ((u, held.get(u.unit, ())) for u in units)
        )
        return classed(faults, key, entry, Filled(cells, "records", unit=entry.get("unit", ""), left_out=left))
    table = region.folder / "gazetteer" / "units.csv"
    rows = {r["code"]: r for r in read_rows(table)} if table.is_file() else {}
    column = entry["column"]
    allowed = sorted({c for r in rows.values() for c in r} - {"code", "names", "source"})
    if column not in allowed:
        faults.add(f"{key}.column", column, f"units.csv has {', '.join(allowed)}")
        return Filled((), "column")
    try:
        values = {code: float(r[column]) for code, r in rows.items() if r[column]}
    except ValueError as error:
        faults.add(f"{key}.column", column, f"is not numeric: {error}")
        return Filled((), "column")
    cells = tuple(Cell(unit_name(region, u), u.geometry, values.get(u.unit)) for u in units)
    return classed(faults, key, entry, Filled(cells, "column", unit=entry.get("unit", "")))


def units_of(region: Region, level: str) -> list[Entry]:
    return [u for u in region.gazetteer.units.values() if u.kind == level]


def unit_name(region: Region, unit: Entry) -> str:
    """The unit's name, with its city before it where another unit is called the same."""
    same = [u for u in region.gazetteer.units.values() if u.name == unit.name]
    return unit.name if len(same) == 1 else region.gazetteer.label(unit)


def _city(unit: Entry) -> str:
    return unit.unit[:4] + "00"


def _held(region: Region, ids: Sequence[str], level: str) -> tuple[dict[str, list[str]], int]:
    """Ids by the code of the unit of `level` that holds them, and how many lie in none or are known too coarsely."""
    held: dict[str, list[str]] = {}
    left = 0
    offshore = float(region.settings["boundaries"].get("offshore_m", 0))
    rows = region.records.loc[list(ids)]
    known: dict[Any, str] = {None: ""}
    for record_id, precision, shape in zip(rows.index, rows["precision"], rows.geometry, strict=True):
        if shape not in known:
            known[shape] = _holder(region, shape, level, offshore)
        code = "" if precision in _COARSER[level] else known[shape]
        if code:
            held.setdefault(code, []).append(record_id)
        else:
            left += 1
    return held, left


def _holder(region: Region, shape: Any, level: str, offshore_m: float) -> str:
    """The unit that holds all of a shape's points (of a line or area: all but a twentieth of it), or ""."""
    if shape.geom_type in ("Point", "MultiPoint"):
        found = [region.gazetteer.locate_unit(p.x, p.y, offshore_m=offshore_m) for p in shapely.get_parts(shape)]
        codes = {"" if u is None else u.unit if level == "county" else _city(u) for u in found}
        return codes.pop() if len(codes) == 1 else ""
    measure = shapely.area if shape.geom_type.endswith("Polygon") else shapely.length
    units = units_of(region, level)
    shares = measure(shapely.intersection([u.geometry for u in units], shape)) / measure(shape)
    best = int(np.argmax(shares))
    return units[best].unit if shares[best] >= 0.95 else ""
