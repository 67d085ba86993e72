"""What a page needs to count as `rm.summary` does: for each thing its units, its zones and its investment.

The browser only adds up (web/sums.js), so that the table follows the page's filter.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from regionmap.answers import unit_names, units, zone_areas, zones_of
from regionmap.plans.region import CONTEXT, Region
from regionmap.queries.money import YI, parse_investment

MOST = 20_000
"""Things for which units and zones are worked out: 100,000 would cost the page ten seconds."""
_LEVELS = {"unit": "county", "city": "city"}


def build(region: Region, rows: Any) -> dict[str, Any]:
    """The columns that a page's summary counts by, for the records `rows` of a page in its order.

    Returns
    -------
    dict
        `things`: the numbers of the rows that are counted (all but context and zones). `unit`, `city`: `words` and
        for each thing a `code` into them. `zone`: for each zone of the page its name, the places in `things` of
        what lies in it, and of these (`may`) what only possibly does. `money`: place in `things`, and 亿元 or null
        where an amount is stated that can't be read.
    """
    things = np.flatnonzero(((rows["plan"] != CONTEXT) & (rows["kind"] != "zone")).to_numpy(bool))
    counted = rows.iloc[things]
    out: dict[str, Any] = {"things": things.tolist(), "money": _money(counted)}
    if 0 < len(things) <= MOST:
        for word, level in _LEVELS.items():
            names, known = _units(region, level)
            out[word] = _coded(counted.index, names, known)
        out["zone"] = _zones(region, counted, rows.loc[rows["kind"] == "zone", "name"])
    return out


@functools.lru_cache(maxsize=8)
def _units(region: Region, level: str) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """The names of the units in their order, and the unit of every record that a page may count."""
    areas = units(region, level)
    rows = region.latest(region.features())
    rows = rows[rows["kind"] != "zone"]
    return tuple(areas["name"]), unit_names(region, rows, areas).to_dict() if len(rows) else {}


def _coded(ids: Any, names: tuple[str, ...], known: Mapping[str, str]) -> dict[str, Any]:
    said = [known.get(i, "") for i in ids]
    words = [w for w in dict.fromkeys([*names, "several", "none", "unplaced", ""]) if w in set(said)]
    place = {w: n for n, w in enumerate(words)}
    return {"words": words, "codes": [place[w] for w in said]}


def _zones(region: Region, counted: Any, names: Any) -> list[dict[str, Any]]:
    areas = zone_areas(region)
    areas = areas[areas["name"].isin(set(names))]
    if not len(areas):
        return []
    held = zones_of(counted, areas).sort_values("row")
    out = []
    for name in dict.fromkeys(areas["name"]):
        mine = held[held["zone"] == name]
        out.append({"name": name, "in": mine["row"].tolist(), "may": mine.loc[mine["possible"] == 1, "row"].tolist()})
    return out


def _money(counted: Any) -> list[list[Any]]:
    if "investment" not in counted:
        return []
    texts = counted["investment"].to_numpy(object)
    read = {t: parse_investment(t) for t in dict.fromkeys(texts) if isinstance(t, str) and t.strip()}
    amounts = {t: None if yuan is None else yuan / YI for t, yuan in read.items()}
    return [[place, amounts[text]] for place, text in enumerate(texts) if text in amounts]


__all__ = ["MOST", "build"]
