"""Rows that were edited, here or in another program: checked, placed where their words changed, measured again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd

from regionmap import crs, kinds
from regionmap.errors import Fault, InputError, NotFoundError, TableError
from regionmap.errors import nearest_names as _nearest
from regionmap.plans import records as rows_of
from regionmap.plans import tables
from regionmap.plans.records import Plan
from regionmap.plans.stores import columns

if TYPE_CHECKING:
    from regionmap.plans.region import Region
    from regionmap.plans.stores.whole import Whole

_PLACES = {"records": ("where", "extent", "sector", "status", "kind"), "targets": ("region",)}
"""A change of one of these moves a row, unless a geometry comes with it."""
_DERIVED = ("precision", "drawn", "group", "area_km2", "length_km", "official_km2", "approximate")


def edited(plan: Plan, digest: str) -> Plan:
    """The plan with the edition of its rows as they are now."""
    return replace(plan, edition=f"{plan.id}@{plan.date}+{digest}")


def settle(
    records: geopandas.GeoDataFrame, targets: geopandas.GeoDataFrame, known: set[str], changed: set[str], origin: str
) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
    """Rows that another program edited: checked as tables are, and measured again. Their geometry is what counts.

    Raises
    ------
    TableError : every row that breaks the contract.
    """
    faults = [
        Fault(origin, None, "plan", str(p), "no such plan", _nearest(str(p), known, 1))
        for p in sorted({*records["plan"].dropna(), *targets["plan"].dropna()} - known)
    ]
    lost = int(records["plan"].isna().sum() + targets["plan"].isna().sum())
    faults += [Fault(origin, None, "plan", "", f"{lost} row(s) without a plan")] * bool(lost)
    faults += check(records, targets, changed, origin)
    if faults:
        raise TableError(faults)
    records = records.copy()
    derive(records, records["plan"].isin(changed).to_numpy())
    return records, targets


def check(records: pd.DataFrame, targets: pd.DataFrame, plans: Collection[str], origin: str) -> list[Fault]:
    """Faults of the rows of some plans, and of links."""
    faults: list[Fault] = []
    for name, frame, names, test in (
        ("records", records, kinds.RECORD_COLUMNS, tables.check_records),
        ("targets", targets, kinds.TARGET_COLUMNS, tables.check_targets),
    ):
        faults += test(f"{origin} {name}", texts(frame[frame["plan"].isin(plans)], names, name))
        twice = frame["id"][frame["id"].duplicated()]
        faults += [Fault(f"{origin} {name}", None, "id", str(i), "is there twice") for i in twice]
    linked = texts(records, ("id", "part_of", "same_as"), "records")
    return faults + rows_of.check_links([{**row, "file": origin} for row in linked])


def texts(frame: pd.DataFrame, names: Sequence[str], file: str) -> list[dict[str, str]]:
    """Rows as a table writes them: every cell a text, numbered as in a spreadsheet."""
    cells = {name: [_text(v) for v in frame[name]] if name in frame else [""] * len(frame) for name in names}
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    return [{**row, "row": str(n), "file": file} for n, row in enumerate(rows, 2)]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return columns.SEPARATOR.join(value)
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    return np.format_float_positional(value, trim="-") if isinstance(value, float) else str(value)


def derive(records: geopandas.GeoDataFrame, rows: np.ndarray) -> None:
    """Fill what follows from other columns: measures and precision of some rows, groups of all. In place."""
    shapes = np.asarray(records.geometry.array, dtype=object)[rows]
    where = records.index[rows]
    records.loc[rows, ["area_km2", "length_km"]] = rows_of.measures(shapes)
    accuracy = records.loc[rows, "accuracy_m"]
    unknown = [s is None for s in shapes]
    words = [
        _precision(None if gone else a, str(old))
        for a, gone, old in zip(accuracy, unknown, records.loc[rows, "precision"], strict=True)
    ]
    records.loc[rows, "precision"] = pd.Series(words, index=where, dtype=object)
    records["group"] = rows_of.groups(texts(records, ("id", "same_as"), "records"))
    approximate = rows_of.approximate(records)
    records["approximate"] = approximate.where(rows, records["approximate"])


def _precision(accuracy: float | None, old: str) -> str:
    """The word for an accuracy; that of an administrative level stays where the number allows it."""
    if accuracy is None or np.isnan(accuracy):
        return "unplaced" if accuracy is None else old if old in kinds.PRECISIONS else "site"
    return kinds.precision_word(accuracy, old if old in ("county", "city", "province") else None)


@dataclass
class _Draft:
    """A layer with its edits in place, before rows are placed: columns, geometries, rows that are new or changed."""

    whole: pd.DataFrame
    shapes: pd.Series
    touched: pd.Index
    moved: list[str]
    stated: set[str]


def apply(
    region: Region, parts: Whole, records: Any, targets: Any, remove: Iterable[str]
) -> tuple[dict[str, geopandas.GeoDataFrame], list[dict[str, Any]]]:
    """The frames of a region with rows changed, added and removed, and its plans with new editions."""
    gone, plans = set(remove), set(region.plans)
    known = {i for name in ("records", "targets") for i in parts.frames[name].index}
    if lost := gone - known:
        near = ", ".join(_nearest(min(lost), known))
        raise NotFoundError(f"no record or target {', '.join(sorted(lost))}; nearest: {near}")
    drafts = {
        name: _draft(name, parts.frames[name], given, gone, plans)
        for name, given in (("records", records), ("targets", targets))
    }
    touched = {str(i).partition("/")[0] for d in drafts.values() for i in d.touched}
    if faults := check(drafts["records"].whole, drafts["targets"].whole, touched, "edit"):
        raise TableError(faults)
    frames = {name: _settled(region, name, draft) for name, draft in drafts.items()}
    now = columns.plan_digests(region.plans, frames["records"], frames["targets"])
    old = {p["id"]: p["digest"] for p in parts.meta["plans"]}
    told = [asdict(p if now[p.id] == old[p.id] else edited(p, now[p.id])) for p in region.plans.values()]
    return frames, [{**p, "digest": now[p["id"]]} for p in told]


def _draft(name: str, base: Any, given: Any, gone: set[str], plans: set[str]) -> _Draft:
    out = base.drop(index=[i for i in base.index if i in gone])
    given = out[["id"]][:0] if given is None else _given(name, given, plans)
    new = [i for i in given.index if i not in out.index]
    rows = pd.Index([*out.index, *new], dtype=object)
    types = columns.types_of(base, name)
    types |= {c: kind for c, kind in columns.types_of(given, name).items() if c not in types}
    whole = pd.DataFrame(out.drop(columns="geometry")).reindex(rows).astype(object)
    shapes = pd.Series(np.asarray(out.geometry.array, dtype=object), index=out.index, dtype=object).reindex(rows)
    before = whole.loc[given.index].copy()
    for column in given.columns.drop("geometry", errors="ignore"):
        if column not in whole:
            whole[column] = None
        whole.loc[given.index, column] = pd.Series(list(given[column]), index=given.index, dtype=object)
    text = [c for c, kind in types.items() if kind == "text" and c not in _DERIVED]
    whole.loc[new, text] = whole.loc[new, text].fillna("").astype(object)
    own: set[str] = set()
    if "geometry" in given:
        put = pd.Series(np.asarray(given.geometry.array, dtype=object), index=given.index, dtype=object)
        own = {i for i in put.index if not _same(put[i], shapes[i])}
        shapes[put.index] = put
    whole = pd.DataFrame(columns.cast(whole, types), index=rows)
    moved = [i for i in given.index if i not in own and _moved(name, before.loc[i], whole.loc[i])]
    stated = {i for i in moved if name == "records" and _stated(before.loc[i], whole.loc[i])}
    return _Draft(whole, shapes, given.index, moved, stated)


def _settled(region: Region, name: str, draft: _Draft) -> geopandas.GeoDataFrame:
    """The layer with rows placed where their words changed, and measured."""
    _place(region, name, draft.whole, draft.shapes, draft.moved, draft.stated)
    made = columns.frame_of({c: draft.whole[c] for c in draft.whole}, draft.shapes.to_numpy())
    if name == "records":
        derive(made, made.index.isin(draft.touched))
    return made


def _given(name: str, given: Any, plans: set[str]) -> Any:
    if "id" not in given:
        raise InputError(f"{name}: rows need a column id")
    given = given.set_axis(pd.Index(list(given["id"]), dtype=object))
    if given.index.has_duplicates:
        raise InputError(f"{name}: {given.index[given.index.duplicated()][0]} is there twice")
    owner = [str(i).partition("/")[0] for i in given.index]
    if wrong := sorted(set(owner) - plans):
        there = ", ".join(sorted(plans))
        raise InputError(f"{name}: an id begins with its plan; no plan {', '.join(wrong)}, there are {there}")
    if "geometry" in given.columns:
        given = crs.to_wgs84(given)
    return given.assign(plan=owner)


def _same(a: Any, b: Any) -> bool:
    return a is b or (a is not None and b is not None and not isinstance(b, float) and a.equals_exact(b, 0))


def _moved(name: str, before: Any, now: Any) -> bool:
    """Whether the words that place a row have changed."""
    return any(_text(before[c]) != _text(now[c]) for c in _PLACES[name])


def _stated(before: Any, now: Any) -> bool:
    """Whether an edit states the accuracy itself."""
    return _text(now["accuracy_m"]) not in ("", _text(before["accuracy_m"]))


def _place(
    region: Region, name: str, whole: pd.DataFrame, shapes: pd.Series, moved: Sequence[str], stated: set[str]
) -> None:
    """Resolve where rows lie, with the accuracy that follows unless it is `stated`. In place.

    Raises
    ------
    TableError : locations that can't be resolved.
    """
    faults: list[Fault] = []
    column = _PLACES[name][0]
    for number, row in enumerate(texts(whole.loc[list(moved)], list(whole.columns), "edit"), 2):
        spot, wrong = region._locate_row({**row, "row": str(number)}, row[column], column)
        faults += wrong
        shapes[row["id"]] = spot.geometry if spot else None
        whole.loc[row["id"], "drawn"] = spot.drawn if spot else None
        if name == "records":
            whole.loc[row["id"], "precision"] = spot.precision if spot else "unplaced"
            whole.loc[row["id"], "official_km2"] = np.nan
            if row["id"] not in stated:
                whole.loc[row["id"], "accuracy_m"] = spot.accuracy_m if spot else np.nan
    if faults:
        raise TableError(faults)
