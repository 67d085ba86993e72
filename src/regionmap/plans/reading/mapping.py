"""A mapping file: what the reader can't know about a table, said once in TOML.

::

    header_row = 3                 # the last row of the header, as the spreadsheet counts
    layer = "Sheet2"               # the sheet or layer
    crs = "EPSG:4490"              # what the coordinates are in
    parameters = [24.0, -123.0, ..]  # 3 or 7, for Xian 80 and Beijing 54; or accuracy_m = 150: as they are
    [columns]                      # header as the file writes it = column of regionmap, or "" to leave it as it is
    "项目落地区域" = "where"
    [words.status]                 # words of a column = what they mean
    "拟报批" = "proposed"
    [constants]                    # the same for every row
    kind = "project"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from regionmap import kinds
from regionmap.errors import Fault, TableError, nearest_names
from regionmap.plans.reading.headers import KNOWN

_TOP: Mapping[str, Any] = MappingProxyType(
    {"header_row": int, "layer": str, "crs": str, "parameters": list, "accuracy_m": int | float, "columns": dict,
     "words": dict, "constants": dict}
)  # fmt: skip
_NONE: Mapping[str, Any] = MappingProxyType({})
VOCABULARY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"kind": tuple(kinds.KINDS), "sector": tuple(kinds.SECTORS), "status": tuple(kinds.STATUSES)}
)


@dataclass(frozen=True)
class Mapped:
    """A checked mapping; see the module's text for its parts."""

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    header_row: int | None = None
    layer: str | None = None
    crs: str | None = None
    parameters: Sequence[float] | None = None
    accuracy_m: float | None = None


def read(source: str | Path | Mapping[str, Any] | None) -> Mapped:
    """A mapping from a TOML file, or from a dict of the same shape (a plain dict of texts means `columns`).

    Raises
    ------
    TableError : all faults of the mapping, each with what is allowed.
    FileNotFoundError : no such file.
    """
    if source is None:
        return Mapped()
    if isinstance(source, Mapping):
        name, raw = "mapping", dict(source)
        if raw and all(isinstance(v, str) for v in raw.values()) and not set(raw) & set(_TOP):
            raw = {"columns": raw}
    else:
        name = Path(source).name
        try:
            raw = tomllib.loads(Path(source).read_text("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TableError([Fault(name, None, None, "", f"is no valid TOML in UTF-8: {error}")]) from None
    faults = list(_faults(name, raw))
    if faults:
        raise TableError(faults)
    return Mapped(**raw)


def _faults(name: str, raw: Mapping[str, Any]) -> list[Fault]:
    faults = []

    def fault(key: str, value: Any, reason: str, near: tuple[str, ...] = ()) -> None:
        faults.append(Fault(name, None, key, str(value), reason, near))

    for key, value in raw.items():
        if key not in _TOP:
            fault(key, key, f"allowed are {', '.join(_TOP)}", nearest_names(key, _TOP, 1))
        elif not isinstance(value, _TOP[key]) or isinstance(value, bool):
            fault(key, value, f"must be {getattr(_TOP[key], '__name__', 'a number')}")
    if faults:
        return faults
    if not all(isinstance(v, int | float) for v in raw.get("parameters", ())):
        fault("parameters", raw["parameters"], "3 or 7 numbers are needed")
    if raw.get("header_row", 1) < 1:
        fault("header_row", raw["header_row"], "rows are counted from 1")
    for header, column in raw.get("columns", _NONE).items():
        if column and column not in KNOWN:
            fault(f"columns.{header}", column, f"allowed are {', '.join(KNOWN)}", nearest_names(str(column), KNOWN, 1))
    for column, words in raw.get("words", _NONE).items():
        allowed = VOCABULARY.get(column)
        if allowed is None or not isinstance(words, dict):
            fault(f"words.{column}", column, f"allowed are tables for {', '.join(VOCABULARY)}")
            continue
        for word, to in words.items():
            if to not in allowed:
                near = nearest_names(str(to), allowed, 1)
                fault(f"words.{column}.{word}", to, f"allowed are {', '.join(allowed)}", near)
    for column, value in raw.get("constants", _NONE).items():
        if column not in kinds.RECORD_COLUMNS or not isinstance(value, str):
            near = nearest_names(column, kinds.RECORD_COLUMNS, 1)
            fault(f"constants.{column}", value, f"a text for one of {', '.join(kinds.RECORD_COLUMNS)}", near)
        elif column in VOCABULARY and value not in VOCABULARY[column]:
            near = nearest_names(value, VOCABULARY[column], 1)
            fault(f"constants.{column}", value, f"allowed are {', '.join(VOCABULARY[column])}", near)
    return faults
