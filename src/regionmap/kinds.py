"""What a record is: kinds, vocabularies and columns, as immutable values.

A new kind is one call of `Kinds.register` (or one more `Kind` in `KINDS`); tables, maps and
tests read the registry and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Kind:
    """One kind of record.

    Attributes
    ----------
    id : word used in tables and calls.
    zh, en : what readers see.
    extent : `is` when a bare unit or town is the thing itself, `within` when it only holds it.
    plural : the name of a map layer of this kind, as recipes write it.
    """

    id: str
    zh: str
    en: str
    extent: str = "within"
    plural: str = ""


class Kinds(Mapping[str, Kind]):
    """An immutable registry of kinds; `register` returns a new one."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = MappingProxyType(dict(kinds))

    def __getitem__(self, key: str) -> Kind:
        return self._kinds[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    def register(self, kind: Kind) -> Kinds:
        """A new registry that also holds `kind` (which replaces one of the same id)."""
        return Kinds({**self._kinds, kind.id: kind})

    def resolve(self, word: str) -> str | None:
        """The id that `word` means (id, plural, Chinese or English label), or None."""
        for kind in self.values():
            if word in (kind.id, kind.plural, kind.zh, kind.en):
                return kind.id
        return None


KINDS = Kinds(
    {
        kind.id: kind
        for kind in (
            Kind("zone", "功能区", "zone", extent="is", plural="zones"),
            Kind("corridor", "走廊通道", "corridor", plural="corridors"),
            Kind("hub", "枢纽口岸", "hub", plural="hubs"),
            Kind("park", "园区", "park", plural="parks"),
            Kind("facility", "设施", "facility", plural="facilities"),
            Kind("project", "项目", "project", plural="projects"),
        )
    }
)

SECTORS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "rail": ("铁路", "rail"),
        "road": ("公路", "road"),
        "transit": ("城市轨道与客运", "transit"),
        "waterway": ("航道航线", "waterway"),
        "port": ("港口", "port"),
        "airport": ("机场", "airport"),
        "logistics": ("物流", "logistics"),
        "trade": ("开放口岸", "trade"),
        "market": ("市场商贸", "market"),
        "industry": ("工业", "industry"),
        "energy": ("能源", "energy"),
        "water": ("水利水系", "water"),
        "agriculture": ("农业", "agriculture"),
        "ecology": ("生态", "ecology"),
        "tourism": ("旅游", "tourism"),
        "culture": ("文化", "culture"),
        "education": ("教育", "education"),
        "health": ("医疗康养", "health"),
        "science": ("科技创新", "science"),
        "finance": ("金融", "finance"),
        "digital": ("数字经济", "digital"),
        "urban": ("城镇建设", "urban"),
        "region": ("区域战略", "region"),
    }
)

STATUSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "proposed": ("谋划研究", "proposed"),
        "planned": ("规划推进", "planned"),
        "under_construction": ("加快建设", "under construction"),
        "upgrading": ("改造提升", "upgrading"),
        "operating": ("已有运营", "operating"),
    }
)

UNBUILT = frozenset({"proposed", "planned", "under_construction"})
"""Statuses of things that do not exist yet: they are only assumed to follow a track that does."""

PRECISIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "surveyed": ("实测", "surveyed"),
        "traced": ("沿实线描绘", "traced"),
        "site": ("场址", "site"),
        "town": ("乡镇级", "town"),
        "county": ("县级", "county"),
        "city": ("市级", "city"),
        "province": ("省级", "province"),
        "unplaced": ("未落位", "unplaced"),
    }
)
_UP_TO_M = (("surveyed", 50.0), ("traced", 100.0), ("site", 1_500.0), ("town", 10_000.0))

RECORD_COLUMNS = (
    "id", "name", "name_en", "aliases", "kind", "sector", "where", "extent", "status", "status_text", "start",
    "end", "lead", "responsible", "investment", "scale", "clause", "part_of", "same_as", "accuracy_m", "note",
)  # fmt: skip
TARGET_COLUMNS = (
    "id", "indicator", "region", "baseline", "baseline_year", "value", "comparator", "value_text", "unit",
    "year", "growth", "basis", "clause",
)  # fmt: skip
COMPARATORS = ("=", ">=", "<=", "about", "text")
BASES = ("binding", "expected")

DRAWN = MappingProxyType({"traced": "实线描绘", "schematic": "示意", "authored": "编绘"})


def precision_word(accuracy_m: float | None, level: str | None = None) -> str:
    """The word for an accuracy radius in metres.

    Parameters
    ----------
    accuracy_m : radius that the true position exceeds in at most 5 % of cases; None = not placed.
    level : `county`, `city` or `province` where the radius comes from lying somewhere within one.
    """
    if accuracy_m is None:
        return "unplaced"
    for word, limit in _UP_TO_M:
        if accuracy_m <= limit:
            return word
    if level:
        return level
    return "county" if accuracy_m <= 60_000 else "city" if accuracy_m <= 200_000 else "province"
