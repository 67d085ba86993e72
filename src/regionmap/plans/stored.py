"""A region that was opened from one file or a database, and regions that were edited: the same questions, no folder.

The tables of the folder that a store keeps are unpacked beside it for as long as the region lives, so that
whatever reads them (names, networks, populations, far land) reads what it always read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas

from regionmap.errors import Fault
from regionmap.places.boundaries import Boundaries
from regionmap.plans import editing
from regionmap.plans.records import Plan
from regionmap.plans.region import Region
from regionmap.plans.stores import columns, whole

Read = Callable[[str], geopandas.GeoDataFrame]
"""A layer (`records`, `targets`, `units`, `around`) of a store, by name."""


class StoredRegion(Region):
    """A region made of stored parts.

    Parameters
    ----------
    meta, files : as in `stores.whole.Whole`.
    read : gives a layer when it is first asked for.
    origin : the file or database, for messages; without password.
    """

    def __init__(self, meta: dict[str, Any], files: dict[str, bytes], read: Read, origin: str) -> None:
        whole.check_meta(meta, origin)
        self.base: Any = None
        self.meta, self.files, self.origin, self._read = meta, files, origin, read
        self._unpacked = tempfile.TemporaryDirectory(prefix="regionmap-")
        folder = Path(self._unpacked.name)
        whole.unpack(files, folder, origin)
        super().__init__(folder)

    @cached_property
    def boundaries(self) -> Boundaries:
        return whole.boundaries_of(self.meta, self._read("units"), self._read("around"))

    @cached_property
    def _rows(self) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame, dict[str, str]]:
        """Records, targets, and the digests of plans that were edited elsewhere since they were saved."""
        records, targets = self._read("records"), self._read("targets")
        now = columns.plan_digests((p["id"] for p in self.meta["plans"]), records, targets)
        changed = {p["id"]: now[p["id"]] for p in self.meta["plans"] if now[p["id"]] != p["digest"]}
        known = {p["id"] for p in self.meta["plans"]}
        if changed or not set(records["plan"]) | set(targets["plan"]) <= known:
            records, targets = editing.settle(records, targets, known, set(changed), self.origin)
        return records, targets, changed

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """Plans by id; one that was edited elsewhere (in QGIS, say) since it was saved has a new edition."""
        kept, changed = whole.plans_of(self.meta), self._rows[2]
        return {i: editing.edited(p, changed[i]) if i in changed else p for i, p in kept.items()}

    @cached_property
    def _placed(self) -> geopandas.GeoDataFrame:
        frame = self._rows[0]
        frame.attrs = {"edition": self.edition}
        return frame

    @cached_property
    def _targets(self) -> geopandas.GeoDataFrame:
        return self._rows[1]

    @property
    def faults(self) -> tuple[Fault, ...]:
        return whole.faults_of(self.meta)

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        rows = self.records
        return {i: (n, *a) for i, n, a in zip(rows.index, rows["name"], rows["aliases"], strict=True)}


def edited(region: Region, *, records: Any = None, targets: Any = None, remove: Iterable[str] = ()) -> StoredRegion:
    """`Region.edit`; see there."""
    parts = whole.whole_of(region)
    frames, plans = editing.apply(region, parts, records, targets, remove)
    types = {name: columns.types_of(frame, name) for name, frame in frames.items()}
    meta = {**parts.meta, "plans": plans, "columns": {**parts.meta["columns"], **types}}
    origin = region.origin if isinstance(region, StoredRegion) else str(region.folder)
    made = StoredRegion(meta, parts.files, {**parts.frames, **frames}.__getitem__, origin)
    made.base = region.base if isinstance(region, StoredRegion) else None
    return made


def opened(parts: whole.Whole, origin: str) -> StoredRegion:
    """The region that a file held."""
    made = StoredRegion(parts.meta, parts.files, parts.frames.__getitem__, origin)
    made.records  # noqa: B018 - a file is read and checked when it is opened, not later
    return made


__all__ = ["StoredRegion", "edited", "opened"]
