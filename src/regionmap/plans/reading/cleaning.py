"""What the cells of a data row say: texts, words of a vocabulary, years, metres, ids."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from regionmap.errors import nearest_names
from regionmap.plans.reading.headers import SPOT_COLUMNS, UNIT_COLUMNS, Header
from regionmap.plans.reading.mapping import VOCABULARY, Mapped
from regionmap.plans.reading.report import Log
from regionmap.plans.reading.sheets import serial
from regionmap.plans.reading.words import as_text, close_up, key, meaning, narrow, number, says_nothing
from regionmap.plans.reading.years import ALLOWED, years

_NUMERIC = ("accuracy_m",)
_LISTS = ("aliases", "lead", "responsible", "clause")
_TIGHT = ("name", "kind", "sector", "status", "lead", "responsible", *UNIT_COLUMNS)


@dataclass
class Row:
    """One data row.

    Attributes
    ----------
    number : as a spreadsheet counts.
    values : column of regionmap -> cleaned value (text; years as int); nothing for what was refused.
    extras : header as the file writes it -> value as it stands.
    shape : geometry that the file itself has, or None.
    broken : why the row can't be trusted, or empty.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)
    shape: Any = None
    broken: str = ""


def clean(row: Row, header: Header, mapped: Mapped, log: Log) -> None:
    """Clean every cell of a row; what can't be used is refused and dropped."""
    for column, value in mapped.constants.items():
        if row.values.get(column) in (None, ""):
            row.values[column] = value
    for column, value in list(row.values.items()):
        if column == "extent" and value not in (None, "", "is", "within"):
            log.refuse(row.number, column, value, "is no extent", "is or within")
            row.values[column] = ""
        elif column in SPOT_COLUMNS:
            row.values[column] = _spot_text(row, column, value, log)
        elif column in ("start", "end", "period"):
            row.values.pop(column)
            _years(row, column, value, log)
        else:
            row.values[column] = _text(row, column, value, log)
    for column in VOCABULARY:
        if row.values.get(column):
            _word(row, column, mapped, log)
    for column in ("investment", "scale"):
        found = header.of(column)
        text = row.values.get(column)
        if found and found.unit and text and number(text) is not None:
            row.values[column] = f"{text}{found.unit}"
    for column in _NUMERIC:
        _metres(row, column, log)
    if (start := row.values.get("start")) and (end := row.values.get("end")) and end < start:
        column = "end" if "end" in log.headers else "period"
        log.refuse(row.number, column, end, f"ends before it starts ({start})", ALLOWED)
        del row.values["end"]


def _spot_text(row: Row, column: str, value: Any, log: Log) -> str:
    if isinstance(value, datetime.date):
        plain = as_text(serial(value))
        log.repair(row.number, column, value, plain, "a number that was shown as a date")
        return plain
    text = as_text(value)
    if text and says_nothing(text):
        log.repair(row.number, column, text, "", "stands for no value")
        return ""
    if text != narrow(text) and number(text) is not None:
        log.repair(row.number, column, text, narrow(text), "full-width digits")
    return text


def _text(row: Row, column: str, value: Any, log: Log) -> str:
    if column in _LISTS and isinstance(value, str):
        value = re.sub(r"\s*\n\s*", ";", value.strip())  # one name a line
    text = as_text(value)
    if column in ("where", "id", *VOCABULARY, *_NUMERIC) and text and says_nothing(text):
        log.repair(row.number, column, text, "", "stands for no value")
        return ""
    tight = close_up(text) if column in _TIGHT else text
    if column in ("id", "unit_code", *_NUMERIC):
        tight = narrow(tight).replace(" ", "")
        if tight != text:
            log.repair(row.number, column, text, tight, "full-width signs or spaces")
    elif tight != text:
        log.repair(row.number, column, text, tight, "spaces inside a word")
    elif isinstance(value, str) and "\n" in value.strip():
        log.repair(row.number, column, value.strip().replace("\n", "⏎"), text, "line breaks inside a cell")
    if column in _LISTS:
        tight = re.sub(r"\s*[;\uff1b][\s;\uff1b]*", ";", tight).strip(";")
        if column in ("lead", "responsible", "aliases") and ";" not in tight:
            tight = re.sub(r"\s*[、,\uff0c]\s*", ";", tight)
    return tight


def _years(row: Row, column: str, value: Any, log: Log) -> None:
    text = as_text(value)
    if not text:
        return
    if says_nothing(text):
        log.repair(row.number, column, text, "", "stands for no value")
        return
    try:
        start, end, why = years(value)
    except ValueError as error:
        log.refuse(row.number, column, text, str(error), ALLOWED)
        return
    if column == "period":
        row.values.setdefault("start", start)
        row.values.setdefault("end", end)
    else:
        row.values[column] = start if column == "start" else end
    if why:
        new = str(start) if start == end else f"{start}-{end}" if column == "period" else str(row.values[column])
        log.repair(row.number, column, text, new, why, fix="shown as a date" in why)


def _word(row: Row, column: str, mapped: Mapped, log: Log) -> None:
    """A word of a vocabulary; a kind may bring its sector with it (高速公路: corridor, road)."""
    text = row.values[column]
    own = {key(w): to for w, to in mapped.words.get(column, {}).items()}
    found = own.get(key(text)) or meaning(column, text)
    if found is None and column == "kind" and (sector := meaning("sector", text)):
        found = f"/{sector}"  # a column 类别 often holds sectors
    if found is None:
        allowed = VOCABULARY[column]
        near = nearest_names(text, {**dict.fromkeys(allowed), **dict.fromkeys(_known_words(column))}, 3)
        log.refuse(row.number, column, text, f"is no {column}", f"allowed are {', '.join(allowed)}", near)
        del row.values[column]
        return
    if column == "status" and not row.values.get("status_text") and found != text:
        row.values["status_text"] = text
    kind, _, sector = found.partition("/")
    row.values[column] = kind
    if sector and not row.values.get("sector"):
        row.values["sector"] = sector
    if not kind:
        del row.values[column]
    if found != text:
        log.word(column, text, found.strip("/") if not kind else found)


def _known_words(column: str) -> Iterator[str]:
    from regionmap import kinds

    table: Mapping[str, tuple[str, str]] = {"sector": kinds.SECTORS, "status": kinds.STATUSES}.get(column, {})
    yield from (labels[0] for labels in table.values())
    if column == "kind":
        yield from (k.zh for k in kinds.KINDS.values())


def _metres(row: Row, column: str, log: Log) -> None:
    text = row.values.get(column)
    if not text:
        return
    found = re.fullmatch(r"[±+]?([\d.]+)(m|米|km|公里|千米)?", text.lower())
    value = number(found[1]) if found else None
    if found is None or value is None or not 0 <= value < 1e7:
        log.refuse(row.number, column, text, "is no distance", "metres as a plain number")
        del row.values[column]
        return
    row.values[column] = value * (1000 if found[2] in ("km", "公里", "千米") else 1)


def unique_ids(rows: list[Row], log: Log) -> None:
    """Ids that are double lose their second holder; ids that a spreadsheet rounded are no ids."""
    seen: dict[str, int] = {}
    double: Counter[str] = Counter()
    for row in rows:
        value = row.values.get("id")
        if not value:
            continue
        if re.fullmatch(r"\d(\.\d+)?e\+\d+", value, re.IGNORECASE):
            log.refuse(row.number, "id", value, "a spreadsheet rounded it", "all its digits, kept as text")
            del row.values["id"]
        elif value in seen:
            double[value] += 1
            why, free = f"is the id of row {seen[value]} already", f"{value}-{double[value] + 1}"
            log.refuse(row.number, "id", value, why, "an id of its own", [free])
            del row.values["id"]
        else:
            seen[value] = row.number
