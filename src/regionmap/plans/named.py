"""Records as names: what a person asks for may be a thing of a plan, not only a place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from regionmap.places.gazetteer import Entry, Gazetteer, fold

if TYPE_CHECKING:
    from regionmap.plans.region import Region


def names_in(region: Region, text: str) -> Gazetteer:
    """The names of a region and, where `text` holds names or ids of records, those too.

    A place of the same name comes first. Tables never see records as names: a record cannot lie where it lies
    itself.
    """
    folded, names = fold(text), region.gazetteer
    rows = region.names  # id -> names, without placing anything
    hits = [
        record
        for record, own in rows.items()
        if any(1 < len(n) <= len(text) and fold(n) in folded for n in (record, *own))
    ]
    if not hits:
        return names
    found = region.records.loc[hits]
    found = region.latest(found[found.geometry.notna()])
    entries = [
        Entry(
            name,
            "record",
            kind,
            "",
            shape,
            float(accuracy),
            (record, *aliases),
            source=record,
            drawn=drawn or "authored",
        )
        for record, name, kind, shape, accuracy, aliases, drawn in zip(
            found.index,
            found["name"],
            found["kind"],
            found.geometry,
            found["accuracy_m"],
            found["aliases"],
            found["drawn"],
            strict=True,
        )
    ]
    return replace(names, entries=(*names.entries, *entries))
