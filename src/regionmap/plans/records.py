"""Plans and their rows: what region.py puts together, as plain functions."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from regionmap import crs
from regionmap.errors import Fault, InputError, nearest_names
from regionmap.places import where
from regionmap.places.gazetteer import Entry, read_rows
from regionmap.plans import tables

LISTS = ("aliases",)


@dataclass(frozen=True)
class Plan:
    """One plan document; `edition` is its date plus a hash of its tables."""

    id: str
    title: str
    short: str
    issuer: str
    number: str
    date: str
    period: str
    area: str
    language: str
    inferred: bool
    edition: str


def read_plan(folder: Path) -> Plan:
    raw = tomllib.loads((folder / "plan.toml").read_text("utf-8"))
    digest = hashlib.sha256()
    for table in ("records", "targets"):
        if (path := tables.find(folder, table)) is not None:
            digest.update(path.read_bytes())
    date = str(raw.get("date", ""))
    text = {k: str(raw.get(k, "")) for k in ("title", "issuer", "number", "period", "area", "language")}
    edition = f"{folder.name}@{date}+{digest.hexdigest()[:8]}"
    short = str(raw.get("short", text["title"]))
    return Plan(folder.name, short=short, date=date, inferred=bool(raw.get("inferred")), edition=edition, **text)


def check_links(rows: Sequence[dict[str, str]]) -> list[Fault]:
    """Ids that are double across plans, and links that lead nowhere."""
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for row in rows:
        if row["id"] in seen and seen[row["id"]] != row["file"]:
            reason = f"is already an id in {seen[row['id']]}"
            faults.append(Fault(row["file"], int(row["row"]), "id", row["id"], reason))
        seen.setdefault(row["id"], row["file"])
    for row in rows:
        for column in ("part_of", "same_as"):
            if row.get(column) and row[column] not in seen:
                near = nearest_names(row[column], seen, 1)
                faults.append(Fault(row["file"], int(row["row"]), column, row[column], "no such id", near))
    return faults


def frame_of(
    rows: Sequence[dict[str, str]], columns: Sequence[str], located: Sequence[where.Located | None]
) -> geopandas.GeoDataFrame:
    data: dict[str, Any] = {c: [r[c] for r in rows] for c in columns}
    for column in set(LISTS) & set(columns):
        data[column] = [[a for a in text.split(";") if a] for text in data[column]]
    data["plan"] = [r["plan"] for r in rows]
    data["drawn"] = [s.drawn if s else None for s in located]
    shapes = shapes_of(located)
    frame = geopandas.GeoDataFrame(data, geometry=geopandas.GeoSeries(shapes, crs=4326))
    frame.index = pd.Index(data["id"], name=None, dtype=object)
    return frame


def shapes_of(located: Sequence[where.Located | None]) -> np.ndarray:
    """The geometries of located rows; None for those that could not be placed."""
    shapes = np.empty(len(located), dtype=object)
    shapes[:] = [s.geometry if s else None for s in located]
    return shapes


def measures(shapes: np.ndarray) -> np.ndarray:
    """Area of areas in km2 and length of lines in km, on the ellipsoid, one row each; NaN where none.

    shapes : geometries in EPSG:4326, None where there is none.
    """
    kind = shapely.get_type_id(shapes)
    values = np.full((len(shapes), 2), np.nan)
    for column, types, measure, unit in ((0, (3, 6), crs.area_m2, 1e6), (1, (1, 5), crs.length_m, 1e3)):
        hit = np.isin(kind, types)
        values[hit, column] = np.asarray(measure(shapes[hit])) / unit
    return np.round(values, 3)


def official_km2(located: Sequence[where.Located | None], units: Iterable[Entry], table: Path) -> np.ndarray:
    """The official area (`area_km2` of units.csv) of rows whose geometry is exactly one unit; NaN for others."""
    stated = {row["code"]: row.get("area_km2", "") for row in read_rows(table)} if table.is_file() else {}
    whole = {id(u.geometry): stated.get(u.unit) or np.nan for u in units}  # a lone unit's geometry is the unit's own
    try:
        return np.array([float(whole.get(id(s.geometry), np.nan)) if s else np.nan for s in located])
    except ValueError as error:
        raise InputError(f"{table.name}, column area_km2: {error}") from None


def approximate(frame: geopandas.GeoDataFrame) -> pd.Series:
    """True where the outline or line is generalised, so that its area and length are; null where there is none."""
    exact = frame["precision"].isin(("surveyed", "traced")) | (frame["drawn"] == "traced")
    return (~exact).astype("boolean").where(frame[["area_km2", "length_km"]].notna().any(axis=1))


def groups(rows: Sequence[dict[str, str]]) -> list[str]:
    """The first id of each set of records that `same_as` joins."""
    root = {row["id"]: row["id"] for row in rows}

    def top(node: str) -> str:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for row in rows:
        if row["same_as"]:
            a, b = sorted((top(row["id"]), top(row["same_as"])))
            root[b] = a
    return [top(row["id"]) for row in rows]
