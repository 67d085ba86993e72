"""The numbered clauses of a document: found in its text, put in order.

Three habits of Chinese plan documents are known, and a text follows the first that fits: chapters and
sections (`第八章第二节`), an outline (`三(二)1`, items in lines of their own, whether they start anew or run
through), and running items inside the text (`11`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from regionmap.places.gazetteer import fold

_DIGITS = "一二三四五六七八九十百"
_CHAPTER = re.compile(rf"\s*(第[{_DIGITS}]+章)\s*(.*)")
_SECTION = re.compile(rf"\s*(第[{_DIGITS}]+节)\s*(.*)")
_FIRST = re.compile(rf"\s*([{_DIGITS}]+)、(.*)")
_SECOND = re.compile(rf"\s*\(([{_DIGITS}]+)\)(.*)")
_THIRD = re.compile(r"\s*(\d{1,2})\s*[.、](?!\d)(.*)")
# scans of masked documents write 1 as I, L or l; then the stop is often missing too
_RUNNING = re.compile(r"(?:(?<!\d)(?P<number>\d{1,2})\s?\.(?!\d)|(?<![a-z0-9])(?P<scanned>[il]{1,2})(?![a-z0-9]))")
_TITLE_END = re.compile(r"[。;\n]")
_TITLE_LENGTH = 24
_LONGEST_GAP = 3


@dataclass(frozen=True)
class Clause:
    """One numbered clause: `number` as records cite it, the start of its heading, its line in the text."""

    number: str
    title: str
    line: int


def read_text(path: Path) -> str:
    """A text file in UTF-8 or, failing that, GB 18030."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def headings(text: str) -> tuple[Clause, ...]:
    """The clauses of a document in their order; each number once.

    Parameters
    ----------
    text : the document, one heading or paragraph a line. Width of signs does not matter.
    """
    lines = fold(text).splitlines()
    if sum(bool(_CHAPTER.match(line)) for line in lines) > 1:
        found = _chapters(lines)
    elif sum(bool(_FIRST.match(line)) for line in lines) > 1 and any(map(_SECOND.match, lines)):
        found = _outline(lines)
    else:
        found = _running(lines)
    first: dict[str, Clause] = {}
    for clause in found:
        first.setdefault(clause.number, clause)
    return tuple(first.values())


def leaves(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """The clauses that hold no other clause."""
    return tuple(a for a, b in pairwise((*clauses, Clause("", "", 0))) if not holds(a.number, b.number))


def holds(outer: str, inner: str) -> bool:
    """Whether a clause is or holds another: `三(二)` holds `三(二)1`, and `1` does not hold `11`."""
    if outer == inner:
        return True
    return inner.startswith(outer) and not outer.isdigit() and inner[len(outer)] in "(第0123456789"


def order(number: str) -> tuple[int, ...]:
    """A sort key that puts clause numbers in the document's order."""
    return tuple(_value(n) for n in re.findall(rf"[{_DIGITS}]+|\d+", number))


def _value(word: str) -> int:
    """A number up to 999, in Chinese or other figures."""
    if word.isdigit():
        return int(word)
    hundreds, _, rest = word.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    figure = "零一二三四五六七八九".find
    high = 100 * max(figure(hundreds), 1) if "百" in word else 0
    return high + (10 * (figure(tens) if tens else 1) if ten else 0) + (figure(ones) if ones else 0)


def _clause(number: str, title: str, line: int) -> Clause:
    return Clause(number, _TITLE_END.split(title.strip())[0][:_TITLE_LENGTH], line)


def _chapters(lines: list[str]) -> Iterator[Clause]:
    chapter = ""
    for count, line in enumerate(lines, 1):
        if found := _CHAPTER.match(line):
            chapter = found[1]
            yield _clause(chapter, found[2], count)
        elif chapter and (found := _SECTION.match(line)):
            yield _clause(chapter + found[1], found[2], count)


def _outline(lines: list[str]) -> Iterator[Clause]:
    first = second = ""
    for count, line in enumerate(lines, 1):
        if found := _FIRST.match(line):
            first, second = found[1], ""
            yield _clause(first, found[2], count)
        elif first and (found := _SECOND.match(line)):
            second = f"{first}({found[1]})"
            yield _clause(second, found[2], count)
        elif second and (found := _THIRD.match(line)):
            yield _clause(second + found[1], found[2], count)


def _running(lines: list[str]) -> Iterator[Clause]:
    """Items that are numbered on through the text; a number that does not follow on is no item."""
    last = 0
    for count, line in enumerate(lines, 1):
        for found in _RUNNING.finditer(line):
            number = found["number"] or "1" * len(found["scanned"])
            if last < int(number) <= last + _LONGEST_GAP:
                last = int(number)
                yield _clause(number, line[found.end() :].lstrip(" ."), count)
