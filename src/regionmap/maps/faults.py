"""Collects every fault of one recipe, each with what is allowed and the nearest right word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regionmap.errors import Fault, nearest_names
from regionmap.plans.region import Region


class Faults:
    """The faults of the recipe `name`, in the order in which they were found."""

    def __init__(self, name: str, region: Region) -> None:
        self.name, self.region = name, region
        self.found: list[Fault] = []

    def add(self, key: str, value: Any, reason: str, suggestions: Sequence[str] = ()) -> None:
        self.found.append(Fault(self.name, None, key, str(value), reason, tuple(suggestions)))

    def table(self, key: str, raw: Any, allowed: Mapping[str, Any]) -> dict[str, Any]:
        """The entries of `raw` that are known and of the right type; the others are faults."""
        if not isinstance(raw, dict):
            self.add(key, raw, "a table is needed here")
            return {}
        good = {}
        for entry, value in raw.items():
            path = f"{key}.{entry}" if key else entry
            if entry not in allowed:
                near = nearest_names(entry, allowed, 1)
                self.add(path, entry, f"unknown key; allowed are {', '.join(allowed)}", near)
            elif not isinstance(value, allowed[entry]) or (isinstance(value, bool) and allowed[entry] is not bool):
                types = allowed[entry] if isinstance(allowed[entry], tuple) else (allowed[entry],)
                self.add(path, value, f"must be {' or '.join(t.__name__ for t in types)}")
            else:
                good[entry] = value
        return good

    def choice(self, key: str, value: str, allowed: Sequence[str]) -> str:
        if value not in allowed:
            self.add(key, value, f"allowed are {', '.join(allowed)}", nearest_names(value, allowed, 1))
        return value

    def feature(self, key: str, name: str) -> str | None:
        """The id of the one thing that `name` (or an id) means."""
        try:
            return str(self.region.feature(name).index[0])
        except LookupError as error:
            self.add(key, name, str(error))
            return None
