"""What an audit looks at, what it may find, and how bad that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from regionmap.places.gazetteer import Entry
from regionmap.plans.apart import named
from regionmap.plans.region import Region

LEVELS = ("contradiction", "check", "note")
CHECKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "fault": ("contradiction", "a cell that can't be read or a location that can't be resolved"),
        "dead_link": ("contradiction", "part_of or same_as leads nowhere, or back to its start"),
        "outside_unit": ("contradiction", "a place lies outside the unit that its row states"),
        "twin": ("contradiction", "two records of one name that neither same_as nor part_of joins"),
        "doubled": ("check", "same_as joins two records of one plan"),
        "perhaps_same": ("check", "records of two plans share an alias and may lie in one place"),
        "two_positions": ("check", "a node of a line lies off the place of its name"),
        "misses": ("check", "a line does not come near what its location expression names"),
        "part_outside": ("check", "a part lies off the area that it is part of"),
        "name_elsewhere": ("check", "the name holds a unit's name, but the record lies elsewhere"),
        "no_reason": ("check", "a record without geometry, and no note says why"),
        "unknown_clause": ("check", "a record cites a clause that the text does not have"),
        "unplaced": ("note", "a record without geometry, with its reason"),
        "on_the_edge": ("note", "a place just outside its unit, within the accuracy of the boundary or off the coast"),
        "leaves_unit": ("note", "a line leaves the units that it names"),
        "leaves_area": ("note", "a record lies outside its plan's area, or leaves it"),
        "no_record": ("note", "a clause of the text without any record or target"),
        "uncited": ("note", "a name that the gazetteer knows stands in the text, and no record cites it"),
    }
)


class Finding(NamedTuple):
    """One thing that an audit found; `plan` and `id` are empty for what belongs to no plan."""

    level: str
    check: str
    plan: str
    id: str
    name: str
    text: str


def finding(check: str, plan: str, record: str, name: str, text: str) -> Finding:
    return Finding(CHECKS[check][0], check, plan, record, name, text)


@dataclass(frozen=True)
class Subject:
    """What is audited.

    Attributes
    ----------
    region : the whole.
    plans : ids of the plans asked for.
    whole : nothing is left out, so that places that no record names are looked at too.
    """

    region: Region
    plans: tuple[str, ...]
    whole: bool

    @cached_property
    def rows(self) -> Any:
        """Records of these plans."""
        records = self.region.records
        return records[records["plan"].isin(self.plans)]

    @cached_property
    def slack_m(self) -> float:
        """How far the drawn boundaries may lie from the true ones."""
        return self.region.boundaries.accuracy_m

    @cached_property
    def offshore_m(self) -> float:
        return float(self.region.settings["boundaries"].get("offshore_m", 0))

    @cached_property
    def areas(self) -> dict[str, Entry | None]:
        """The unit that each plan is about."""
        names = self.region.gazetteer
        found = {p.id: names.find(p.area) if p.area else [] for p in self.region.plans.values()}
        return {plan: entries[0] if len(entries) == 1 else None for plan, entries in found.items()}

    @cached_property
    def names(self) -> dict[str, list[Entry]]:
        """What each record's location expression names, for every plan."""
        records, default = self.region.records, str(self.region.settings.get("unit", ""))
        return {
            key: named(self.region.gazetteer, text, area.unit if (area := self.areas[plan]) else default)
            for key, plan, text in zip(records.index, records["plan"], records["where"], strict=True)
        }

    @cached_property
    def above(self) -> dict[str, set[str]]:
        """The things (groups) that each thing is part of, by any of its records; itself where links run in a circle."""
        thing = dict(zip(self.region.records.index, self.region.records["group"], strict=True))
        up: dict[str, set[str]] = {group: set() for group in thing.values()}
        for record, part_of in self.region.records["part_of"].items():
            if part_of:
                up[thing[record]].add(thing[part_of])
        whole = {}
        for group, found in up.items():
            whole[group], fresh = set(found), set(found)
            while fresh:
                fresh = {higher for one in fresh for higher in up[one]} - whole[group]
                whole[group] |= fresh
        return whole
