"""The position of a row from words: a location expression, an address, or the row's administrative unit.

Words are taken as they stand first. Only if that fails are spaces inside names closed up, and an address is cut
into the names known, each within the one before (辽宁省海城市西柳镇 is 辽宁省/海城市/西柳镇); both are repairs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from regionmap import kinds
from regionmap.errors import ExpressionError
from regionmap.places.gazetteer import fold
from regionmap.places.where import Located, Where
from regionmap.plans.reading.cleaning import Row
from regionmap.plans.reading.headers import UNIT_COLUMNS
from regionmap.plans.reading.report import Log
from regionmap.plans.reading.words import close_up, narrow

if TYPE_CHECKING:
    from regionmap.plans.region import Region

_BEFORE = re.compile(r"^(位于|地处|坐落于|坐落在|(建设地点|地址)[:\uff1a])\s*")
_ENDS = re.compile(r"^[\s,;。\uff0c\uff1b]+|[\s,;。\uff0c\uff1b]+$")
_SPACES = "spaces inside a name"
_LOOKED_UP = "places were looked up within the unit that the row's columns name"
_REST = re.compile(
    r"(境内|辖区内?|区域内?|范围内|全境|全域|城区内?|镇区内?|内|等地)?"
    r"|[\u3400-\u9fff\da-z#()-]{1,24}?(村|社区|屯|组|号|路|街|大街|大道|巷|弄|园区内?|开发区内?|工业区内?|厂区内?)",
    re.IGNORECASE,
)


class Names:
    """Looks up words in a region, each expression once.

    Parameters
    ----------
    open_region : gives the region; called when the first word is looked up.
    folder : where relative file references in expressions start.
    """

    def __init__(self, open_region: Callable[[], Region], folder: Path) -> None:
        self._open, self._folder = open_region, folder
        self._known: dict[tuple[str, str, str, str], Located | ExpressionError] = {}

    @property
    def used(self) -> bool:
        """Whether any word was looked up."""
        return bool(self._known)

    @cached_property
    def region(self) -> Region:
        return self._open()

    @cached_property
    def _where(self) -> Where:
        return Where(self.region.gazetteer, str(self.region.settings.get("unit", "")), self._folder)

    def locate(self, text: str, row: Row, extent: str = "") -> Located:
        """What an expression is for a row of its kind.

        Raises
        ------
        ExpressionError : it can't be resolved.
        """
        kind = row.values.get("kind", "")
        bare = kinds.KINDS[kind].extent if kind else "within"
        key = (text, extent or row.values.get("extent", ""), bare, row.values.get("sector", ""))
        if key not in self._known:
            try:
                self._known[key] = self._where.locate(text, extent=key[1], bare=bare, sector=key[3])
            except ExpressionError as error:
                self._known[key] = error
            except RecursionError:
                self._known[key] = ExpressionError(text, 0, text, "is nested too deep")
        found = self._known[key]
        if isinstance(found, ExpressionError):
            raise found
        return found

    def place(self, row: Row, log: Log) -> Located | None:
        """Where the words of a row put it; None if they say nothing, or were refused."""
        text, unit = row.values.get("where", ""), "/".join(_unit(row))
        if text:
            found, settled = self._words(row, text, unit, log)
            if settled or not unit:
                return found
        if not unit:
            return None
        try:
            found = self.locate(unit, row, "" if row.values.get("kind") == "zone" else "within")
        except ExpressionError as error:
            column = next(c for c in reversed(UNIT_COLUMNS) if row.values.get(c))
            log.refuse(row.number, column, unit, _reason(error), "a known unit or town", error.suggestions)
            return None
        if text:
            log.repair(row.number, "where", text, unit, "placed somewhere within the unit of its row", fix=False)
        else:
            log.note("rows without a place of their own lie somewhere within the unit that their columns name")
        row.values["where"] = unit
        return found

    def _words(self, row: Row, text: str, unit: str, log: Log) -> tuple[Located | None, bool]:
        """Where a text is, and whether that settles it: an unknown name leaves the row's unit, a contradiction not."""
        first: ExpressionError | None = None
        for expression, extent, why in self._readings(text, unit):
            try:
                found = self.locate(expression, row, extent)
            except ExpressionError as error:
                first = first or error
                continue
            if unit and not expression.startswith(unit) and not self._within(found, row, unit):
                problem = f"does not lie in {unit}, which the row's other columns name"
                log.refuse(row.number, "where", text, problem, "one of the two, corrected")
                return None, True
            if why == _LOOKED_UP:
                log.note(why)
            elif why:
                log.repair(row.number, "where", text, expression, why, fix=why == _SPACES)
            row.values["where"] = expression
            return found, True
        assert first is not None
        allowed = "a known name or a location expression"
        log.refuse(row.number, "where", text, _reason(first), allowed, first.suggestions)
        return None, False

    def _readings(self, text: str, unit: str) -> Iterator[tuple[str, str, str]]:
        """Ways to read a text, the most literal first: expression, extent, why it differs (or empty)."""
        if unit and re.fullmatch(r"[\u3400-\u9fff]+", text):
            yield f"{unit}/{text}", "", _LOOKED_UP
        yield text, "", ""
        tight = close_up(text)
        if tight != text:
            yield tight, "", _SPACES
        plain = _ENDS.sub("", _BEFORE.sub("", tight))
        names, rest = self._address(plain)
        if names and _REST.fullmatch(narrow(rest)):
            why = "an address: its names, each within the one before"
            if rest:
                why += f"; {rest} is not known, so somewhere within {names[-1]}"
            yield "/".join(names), "within" if rest else "", why

    def _address(self, text: str) -> tuple[list[str], str]:
        """The known names that a text starts with, one after the other, and what is left."""
        folded, names, at = fold(text), [], 0
        while at < len(folded):
            known = self.region.gazetteer.match(folded, at)
            if known is None or len(known) < 2:
                break
            names.append(text[at : at + len(known)])
            at += len(known)
            while at < len(folded) and folded[at] in " /,，·":
                at += 1
        return names, text[at:].strip()

    def _within(self, found: Located, row: Row, unit: str) -> bool:
        try:
            area: Any = self.locate(unit, row, "is").geometry
        except ExpressionError:
            return True  # an unknown unit contradicts nothing
        return bool(shapely.intersects(area, found.geometry))


def _unit(row: Row) -> list[str]:
    code = row.values.get("unit_code", "")
    if re.fullmatch(r"\d{6}", code):
        town = row.values.get("unit_town", "")
        return [code, town] if town else [code]
    return [v for c in UNIT_COLUMNS[1:] if (v := row.values.get(c, ""))]


def _reason(error: ExpressionError) -> str:
    return f"{error.reason} at position {error.position + 1}: {error.word!r}" if error.word else error.reason
