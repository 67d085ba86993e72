"""The table that planners print most: counts and sums by unit, zone, sector, status. Rules: docs/overlay.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from regionmap import crs
from regionmap.errors import InputError
from regionmap.queries import _frames
from regionmap.queries._frames import Read
from regionmap.queries._pieces import Floats, Ints
from regionmap.queries.membership import areas, membership
from regionmap.queries.money import YI, parse_investment
from regionmap.queries.overlay import shares

SEVERAL, NONE, UNPLACED = "several", "none", "unplaced"
WHOLLY = 0.95
"""A line or area belongs to the unit that holds at least this share of it."""


def summary(
    frame: Any,
    *,
    by: str | Sequence[str],
    values: str | Sequence[str] = ("investment",),
    units: Any = None,
    zones: Any = None,
    label: str = "name",
    order: Mapping[str, Sequence[Any]] | None = None,
) -> pd.DataFrame:
    """Counts and sums of rows by what they are and where they lie.

    Parameters
    ----------
    frame : GeoDataFrame, any CRS; one row a thing.
    by : names of columns, or `year` (column `end`, else `start`), `unit`, `zone`.
    values : columns to sum: `investment` (text, see `parse_investment`) or a column of numbers. One that the
        frame does not have is left out if it is `investment`, else it is an error.
    units, zones : GeoDataFrames of polygons, for `unit` and `zone` where the frame has no such column; a cell of
        the frame's own column `unit` goes before the geometry. `zones` may also be what `zones_of` said of them.
    label : the column of `units` and `zones` that names them.
    order : for a column the order of its values; others stand in the order of their text.

    Returns
    -------
    DataFrame
        One row for each combination that occurs: the columns of `by`; `count`; `possible` (of these, only possibly
        in the zone, see `membership`, or less than 95 % of a line or area; with `zone` only); `unplaced` (of these,
        without geometry); and for each of `values`:
        `investment_yi_cny` (sum in 亿元, empty where nothing is stated), `investment_stated` (how many state an
        amount) and `investment_unread` (how many state one that can't be read: they are not in the sum), or
        `<column>_sum`. An empty cell of `by` is `none`. Every row is in exactly one unit: that of its point, of
        95 % of its line or area, else `several`; or `none`, or `unplaced`. Zones overlap: a row is in each zone
        in which it lies as drawn, wholly or in part, so a table by zone may add up to more than `attrs["rows"]`.

    Raises
    ------
    InputError : a column that the frame does not have; `unit` without units; CRSError.
    """
    words = [by] if isinstance(by, str) else list(dict.fromkeys(by))
    wanted = [values] if isinstance(values, str) else list(values)
    one = _frames.read(frame, "frame")
    table = pd.DataFrame({"_row": np.arange(len(one.shapes)), "unplaced": shapely.is_missing(one.shapes).astype(int)})
    for word in words:
        if word != "zone" or zones is None:
            table[word] = _keys(one, word, units, label)
    if "zone" in words and zones is not None:
        held = zones if type(zones) is pd.DataFrame else zones_of(one.frame, zones, label=label)
        table = _with_zones(table, held)
    sums = _values(one.frame, wanted)
    table = table.join(sums, on="_row").assign(count=1)
    clash = [word for word in words if word in ("count", "unplaced", "possible", *sums)]
    if clash:
        raise InputError(f"can't count by {', '.join(clash)}: a result column is called that; rename yours")
    aggregated = {
        "count": "sum", **({"possible": "sum"} if "possible" in table else {}), "unplaced": "sum",
        **dict.fromkeys(sums.columns, "sum"),
    }  # fmt: skip
    for word in words:
        table[word] = _ordered(table[word], (order or {}).get(word, ()))
    if words:
        out = table.groupby(words, observed=True, sort=True).agg(aggregated).reset_index()
        out[words] = out[words].astype(object)
    else:
        out = pd.DataFrame({column: [table[column].sum()] for column in aggregated})
    if "investment_stated" in out:
        out["investment_yi_cny"] = (out["investment_yi_cny"] / YI).where(out["investment_stated"] > 0)
    out.attrs = _frames.attrs_of(one, query="summary", by=tuple(words), rows=len(one.shapes))
    return out


def _keys(one: Read, word: str, units: Any, label: str) -> Any:
    """The value of each row by which it is counted."""
    frame = one.frame
    if word == "year" and "year" not in frame:
        end, start = (_years(frame, c) for c in ("end", "start"))
        return [NONE if pd.isna(y) else int(y) for y in end.where(end.notna(), start)]
    if word == "unit" and units is not None:
        own = frame["unit"] if "unit" in frame else pd.Series(None, frame.index, dtype=object)
        own = own.where(own.notna() & (own != ""))
        return np.where(own.notna(), own, unit_of(frame, units, label=label))
    if word not in frame:
        remedy = f"; pass {word}s= (polygons)" if word in ("unit", "zone") else ""
        raise InputError(f"the frame has no column {word!r} to count by{remedy}; it has {', '.join(map(str, frame))}")
    cells = [";".join(map(str, v)) if isinstance(v, (list, tuple)) else v for v in frame[word]]
    return [NONE if pd.isna(v) or v == "" else v for v in cells]


def _years(frame: Any, column: str) -> pd.Series:
    """A column of years; all missing where the frame has none."""
    if column not in frame:
        return pd.Series(pd.NA, frame.index)
    try:
        return pd.to_numeric(frame[column])
    except (TypeError, ValueError) as fault:
        raise InputError(f"column {column!r} must hold years such as 2025, or be empty; {fault}") from fault


def _ordered(column: pd.Series, first: Sequence[Any]) -> pd.Categorical:
    found = set(column)
    special = [w for w in (SEVERAL, NONE, UNPLACED) if w in found and w not in first]
    rest = sorted(found - set(first) - set(special), key=lambda v: (0, v, "") if isinstance(v, int) else (1, 0, str(v)))
    return pd.Categorical(column, categories=[*[v for v in first if v in found], *rest, *special], ordered=True)


def unit_of(frame: Any, units: Any, *, label: str = "name") -> Any:
    """The unit of each row: its name, `several`, `none` or `unplaced` (the rule stands in `summary`)."""
    one, two = _frames.read(frame, "frame"), areas(units, "units")
    names = two.frame[label].to_numpy(dtype=object) if label in two.frame else np.array(two.frame.index, dtype=object)
    out = np.full(len(one.shapes), NONE, dtype=object)
    out[shapely.is_missing(one.shapes)] = UNPLACED
    row, to, sure, share, _ = _held(one, two)
    spot = np.isnan(share)
    n = len(out)
    held, certain = np.bincount(row[spot], minlength=n), np.bincount(row[spot & sure], minlength=n)
    out[held > 0] = SEVERAL
    alone = spot & ((held == 1)[row] | ((certain == 1)[row] & sure))
    out[row[alone]] = names[to[alone]]
    out[row[~spot]] = SEVERAL
    whole = ~spot & sure
    out[row[whole]] = names[to[whole]]
    return out


def _held(one: Read, two: Read) -> tuple[Ints, Ints, Any, Floats, Any]:
    """Pairs (row, zone) that have to do with each other: are they certain, what share of the row, is it inside.

    The share of points is empty. What has the same geometry and accuracy is asked about once.
    """
    thing, row_of = _distinct(one)
    zone, zone_of = _distinct(two)
    polygons = gpd.GeoDataFrame({"accuracy_m": _known(two)[zone]}, geometry=two.shapes[zone], crs=crs.WGS84)
    kind = shapely.get_dimensions(one.shapes[thing])
    spots, wide = np.flatnonzero(kind == 0), np.flatnonzero(kind > 0)
    columns = {"accuracy_m": _known(one)[thing[spots]]}
    things = gpd.GeoDataFrame(columns, geometry=one.shapes[thing[spots]], index=spots, crs=crs.WGS84)
    pairs = membership(things, polygons, distances=False)
    at, to = pairs.index.to_numpy(np.int64), pairs["to"].to_numpy(np.int64)
    sure, share = (pairs["certainty"] == "certain").to_numpy(), np.full(len(pairs), np.nan)
    inside = pairs["inside"].to_numpy()
    if len(wide):
        more_to, more_at, part = shares(two.shapes[zone], one.shapes[thing[wide]])
        at, to = np.r_[at, wide[more_at]], np.r_[to, more_to]
        sure, share = np.r_[sure, part >= WHOLLY], np.r_[share, part]
        inside = np.r_[inside, np.ones(len(part), bool)]
    found = pd.DataFrame({"at": at, "to": to, "sure": sure, "share": share, "inside": inside})
    rows = pd.DataFrame({"row": np.arange(len(row_of)), "at": row_of})
    zones = pd.DataFrame({"zone": np.arange(len(zone_of)), "to": zone_of})
    found = rows.merge(found, on="at").merge(zones, on="to")
    row, to, sure, share, inside = (found[c].to_numpy() for c in ("row", "zone", "sure", "share", "inside"))
    return row, to, sure, share, inside


def _distinct(read: Read) -> tuple[Ints, Ints]:
    """The first rows of each geometry and accuracy, and for every row the number of its own among them."""
    keys = pd.MultiIndex.from_arrays([pd.Index(shapely.to_wkb(read.shapes), dtype=object), read.accuracy_m])
    codes, _ = keys.factorize()
    _, first = np.unique(codes, return_index=True)
    return first.astype(np.int64), codes.astype(np.int64)


def _known(read: Read) -> Any:
    return np.where(np.isinf(read.accuracy_m), np.nan, read.accuracy_m)


def zones_of(frame: Any, zones: Any, *, label: str = "name") -> pd.DataFrame:
    """In which zones each row lies as drawn, all or part: `row` (its number), `zone` (name), `possible` (1, 0)."""
    one, two = _frames.read(frame, "frame"), areas(zones, "zones")
    names = two.frame[label].to_numpy(dtype=object) if label in two.frame else np.array(two.frame.index, dtype=object)
    row, to, sure, _, inside = _held(one, two)
    held = pd.DataFrame({"row": row, "zone": names[to], "possible": (~sure).astype(int)})[inside]
    return held.groupby(["row", "zone"], as_index=False, sort=False)["possible"].min()


def _with_zones(table: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """The table with one row for each zone of a row; a row in no zone stays once."""
    out = table.merge(held.rename(columns={"row": "_row"}), on="_row", how="left")
    out["zone"] = out["zone"].where(out["zone"].notna(), np.where(out["unplaced"] == 1, UNPLACED, NONE))
    return out.assign(possible=out["possible"].fillna(0).astype(int))


def _values(frame: Any, wanted: Sequence[str]) -> pd.DataFrame:
    """What is to be summed, one row for each row of the frame."""
    out: dict[str, Any] = {}
    for column in wanted:
        if column not in frame:
            if column == "investment":
                continue
            raise InputError(f"the frame has no column {column!r} to sum; it has {', '.join(map(str, frame))}")
        if column == "investment":
            said = np.array([not pd.isna(v) and str(v).strip() != "" for v in frame[column]], dtype=bool)
            read = np.array([np.nan if (m := parse_investment(v)) is None else m for v in frame[column]], dtype=float)
            out["investment_yi_cny"] = np.nan_to_num(read)
            out["investment_stated"] = (said & ~np.isnan(read)).astype(int)
            out["investment_unread"] = (said & np.isnan(read)).astype(int)
        else:
            try:
                out[f"{column}_sum"] = pd.to_numeric(frame[column]).to_numpy(dtype=float, na_value=np.nan)
            except (TypeError, ValueError) as fault:
                raise InputError(f"column {column!r} can't be summed: {fault}") from fault
    return pd.DataFrame(out, index=np.arange(len(frame)))
