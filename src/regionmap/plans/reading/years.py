"""Years from cells: 2021, 2021年6月, 2021.6, 20210601, 2021-2025年, a spreadsheet's day number, 十四五."""

from __future__ import annotations

import datetime
import re
from typing import Any

from regionmap.plans.reading.sheets import serial
from regionmap.plans.reading.words import as_text, narrow, tables

ALLOWED = "years of four digits, like 2021 or 2021-2025"
_FIRST, _LAST = 1900, 2100
_MOMENT = re.compile(
    r"(?P<y>(?:19|20)\d\d)"
    r"(?:年度?|(?:年|[./\-])(?:1[0-2]|0?[1-9])(?:月份?|(?:月|[./\-])(?:3[01]|[12]\d|0?[1-9])日?)?)?"
    r"(?:T?\d{1,2}:\d\d(?::\d\d)?)?(?:底|末|初|前|以前|之前)?"
)
_RANGE = re.compile(r"(?P<a>.+?)\s*(?:至|到|~|—+|–|--|-|/|、|,)\s*(?P<b>.+)")


def years(value: Any) -> tuple[int | None, int | None, str]:
    """First and last year that a cell names, and why it was read differently from how it stands (or empty).

    A cell with one year gives the same year twice. An empty cell gives None twice.

    Raises
    ------
    ValueError : the cell names no years; says why.
    """
    if isinstance(value, datetime.date):
        if value.year < _FIRST + 10 and (number := serial(value)) == int(number) and _FIRST <= number <= _LAST:
            return int(number), int(number), f"the number {int(number)} was shown as a date"
        return value.year, value.year, "a date, of which the year is kept"
    text = narrow(as_text(value)).replace(" ", "")
    if not text:
        return None, None, ""
    if re.fullmatch(r"\d{4}", text):
        return _in_range(int(text)), int(text), ""
    for name, (start, end) in tables()["plans"].items():
        if re.fullmatch(rf'["“”]?{name}["“”]?(时期|期间|规划)?', text):
            return start, end, "a five-year plan, by its years"
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        day = datetime.date(1899, 12, 30) + datetime.timedelta(days=int(float(text)))
        if 1950 <= day.year <= _LAST:
            return day.year, day.year, f"a spreadsheet's number for {day.isoformat()}"
    if (year := _moment(text)) is not None:
        return year, year, "" if re.fullmatch(r"\d{4}年?", text) else "a date, of which the year is kept"
    if found := _RANGE.fullmatch(text):
        return _range(found["a"], found["b"])
    if re.fullmatch(r"[\d.一二两三四五六七八九十]+个?(年|月|天)", text):
        raise ValueError("is a duration, not years")
    raise ValueError("is no year")


def _in_range(year: int) -> int:
    if not _FIRST <= year <= _LAST:
        raise ValueError(f"is no year from {_FIRST} to {_LAST}")
    return year


def _moment(text: str) -> int | None:
    found = _MOMENT.fullmatch(text)
    if found is None and (tight := re.fullmatch(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?", text)):
        return int(tight[1])
    return int(found["y"]) if found else None


def _range(first: str, last: str) -> tuple[int, int, str]:
    start = _moment(first)
    end = _moment(last)
    if start is not None and end is None and (short := re.fullmatch(r"(\d\d)年?", last)):
        end = start // 100 * 100 + int(short[1])
    if start is None or end is None:
        raise ValueError("is no range of years")
    if end < start:
        raise ValueError("ends before it starts")
    return start, end, ""
