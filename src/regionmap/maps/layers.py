"""One `[[layer]]` of a recipe: which records it shows, or which regions it fills with classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from regionmap import kinds
from regionmap.errors import InputError, nearest_names
from regionmap.maps import cells, summarise
from regionmap.maps.faults import Faults
from regionmap.plans.region import Region

_ANY = {"title": str, "title_en": str, "show": (str, list, dict), "where": dict, "visible": bool, "labels": bool}
_RECORDS = {**_ANY, "colour": str, "thin": int, "summary": str}
_SUMMED = {**_ANY, "unit_en": str, **cells.CLASSES, **summarise.HEX}
_FILLED = {
    "targets": {**_ANY, "unit_en": str, **cells.CLASSES, "indicator": (str, list)},
    "units": {**_ANY, "unit_en": str, **cells.CLASSES, "level": str, "count": dict, "column": str},
}
_WHERE = ("plan", "kind", "sector", "status", "part_of", "precision")
_QUERY = ("near", "within_km", "kind")
_COLOURS = ("sector", "each")


@dataclass(frozen=True)
class Layer:
    """One layer of a map; `ids` are the records it shows, one a thing, or `filled` the regions it fills.

    `away` are records that it sums up or thins away: no page needs them for its sake. `left_out` says how many
    points were thinned away.
    """

    title: str
    ids: tuple[str, ...]
    visible: bool
    labels: bool
    colour: str
    filled: cells.Filled | None = None
    away: frozenset[str] = frozenset()
    left_out: int = 0


def read(
    region: Region, faults: Faults, number: int, raw: Any, taken: bool = False, frame: summarise.Box = (0, 0, 1, 1)
) -> Layer:
    """Check layer `number` and find what it shows; faults go to `faults`.

    Parameters
    ----------
    taken : a filled layer before this one is on; two fills over each other say nothing.
    frame : the map's, in degrees; the size of hexagons may follow from it.
    """
    key = f"layer {number}"
    show = raw.get("show", "all") if isinstance(raw, dict) else "all"
    if isinstance(show, str) and show in _FILLED:
        return _filled(region, faults, key, show, faults.table(key, raw, _FILLED[show]), taken)
    summed = isinstance(raw, dict) and "summary" in raw
    entry = faults.table(key, raw, _SUMMED if summed else _RECORDS)
    where = entry.get("where", {})
    rows = narrow(region, faults, f"{key}.where", _show(region, faults, f"{key}.show", show, where), where)
    title = entry.get("title") or str(show)
    if not rows and not faults.found:
        faults.add(key, title, "shows nothing: no record fits")
    if summed:
        return _summed(region, faults, key, {**entry, "title": title}, rows, taken, frame)
    colour = faults.choice(f"{key}.colour", entry.get("colour", "sector"), _COLOURS)
    kept = rows if "thin" not in entry else _thinned(region, faults, key, entry["thin"], rows)
    away = frozenset(rows).difference(kept)
    return Layer(title, kept, entry.get("visible", True), entry.get("labels", True), colour, None, away, len(away))


def _summed(
    region: Region, faults: Faults, key: str, entry: dict[str, Any], ids: Sequence[str], taken: bool,
    frame: summarise.Box,
) -> Layer:  # fmt: skip
    filled = summarise.hexagons(region, faults, key, entry, ids, frame)
    if ids and not filled.cells and not faults.found:
        faults.add(key, entry["title"], f"no hexagon holds any of {len(ids):,} records: too coarse, or without place")
    away = frozenset(ids).difference(i for cell in filled.cells for i in cell.records)
    visible, labels = _visible(faults, key, entry, taken), entry.get("labels", False)
    return Layer(entry["title"], (), visible, labels, "classes", filled, away)


def _thinned(region: Region, faults: Faults, key: str, count: int, ids: Sequence[str]) -> tuple[str, ...]:
    if count >= 1:
        return summarise.thinned(region.records.loc[list(ids)], count)
    faults.add(f"{key}.thin", count, "the most points to show, 1 or more")
    return ()


def _visible(faults: Faults, key: str, entry: Mapping[str, Any], taken: bool) -> bool:
    """Whether a filled layer is on at first: one that says nothing where no other is."""
    visible = bool(entry.get("visible", not taken))
    if visible and taken:
        faults.add(f"{key}.visible", True, "another filled layer is on already; say visible = false")
    return visible


def _filled(region: Region, faults: Faults, key: str, show: str, entry: dict[str, Any], taken: bool) -> Layer:
    visible = _visible(faults, key, entry, taken)
    if show == "targets":
        filled = cells.of_targets(region, faults, key, entry)
    else:
        counted: tuple[str, ...] | None = None
        if "count" in entry:
            where = entry["count"]
            every = list(region.features(context=where.get("plan") == "context").index)
            counted = narrow(region, faults, f"{key}.count", every, where)
        filled = cells.of_units(region, faults, key, entry, counted)
    title = entry.get("title") or filled.indicator or show
    if not filled.cells and not faults.found:
        faults.add(key, title, "shows nothing: no region fits")
    return Layer(title, (), visible, entry.get("labels", True), "classes", filled)


def narrow(region: Region, faults: Faults, key: str, ids: Sequence[str], where: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of `ids` that fit `where`, in their order, one a thing: the latest plan's record of it."""
    rows = region.records.loc[list(ids)]
    for column, wanted in where.items():
        if column not in _WHERE:
            near = nearest_names(column, _WHERE, 1)
            faults.add(key, column, f"allowed are {', '.join(_WHERE)}", near)
            continue
        values = wanted if isinstance(wanted, list) else [wanted]
        _known(region, faults, f"{key}.{column}", column, values)
        rows = rows[rows[column].isin(values)]
    whole = region.records
    order = {group: n for n, group in reversed(list(enumerate(rows["group"].to_numpy(object))))}
    among = np.fromiter((group in order for group in whole["group"].to_numpy(object)), bool, len(whole))
    latest = region.latest(whole[among])
    return tuple(latest["group"].map(order).sort_values(kind="stable").index)


def _known(region: Region, faults: Faults, key: str, column: str, values: Sequence[Any]) -> None:
    allowed: Mapping[str, Any] = {
        "plan": region.plans,
        "kind": kinds.KINDS,
        "sector": kinds.SECTORS,
        "status": kinds.STATUSES,
        "precision": kinds.PRECISIONS,
        "part_of": dict.fromkeys(region.records.index),
    }[column]
    for value in values:
        if not isinstance(value, str) or value not in allowed:
            near = nearest_names(str(value), allowed, 3)
            some = "" if len(allowed) > 30 else f"; allowed are {', '.join(allowed)}"
            faults.add(key, value, f"no such {column}{some}", near)


def _show(region: Region, faults: Faults, key: str, show: Any, where: Mapping[str, Any]) -> list[str]:
    """Ids of what `show` asks for: a kind, `all`, `context`, ids and names, or a question."""
    if isinstance(show, list):
        found = (faults.feature(key, str(name)) for name in show)
        return list(dict.fromkeys(i for i in found if i))
    if isinstance(show, dict):
        return _query(region, faults, key, show)
    if not isinstance(show, str):
        return []  # its type is a fault already
    context = where.get("plan") == "context" or show == "context"
    if show in ("all", "context"):
        rows = region.features(context=context)
        return list(rows[rows["plan"] == "context"].index if show == "context" else rows.index)
    try:
        return list(region.features(show, context=context).index)
    except InputError:
        words = [*kinds.KINDS, *(k.plural for k in kinds.KINDS.values()), "all", "context", *_FILLED]
        reason = f"a kind ({', '.join(words)}), a list of ids, or a query"
        faults.add(key, show, reason, nearest_names(show, words, 1))
        return []


def _query(region: Region, faults: Faults, key: str, show: Mapping[str, Any]) -> list[str]:
    from regionmap.queries.proximity import near

    wrong = [k for k in show if k not in _QUERY]
    if wrong or "near" not in show or "within_km" not in show:
        faults.add(key, dict(show), "a query reads {near = NAME, within_km = NUMBER, kind = KIND}")
        return []
    target = faults.feature(f"{key}.near", str(show["near"]))
    if target is None:
        return []
    try:
        rows = region.candidates(target, show.get("kind"))
    except InputError as error:
        faults.add(f"{key}.kind", show.get("kind"), str(error))
        return []
    return list(near(rows, region.records.loc[[target]], within_m=float(show["within_km"]) * 1000)["id"])
