"""Location expressions to geometry with an accuracy that follows from the parts.

The rules of accuracy stand in one table in docs/where.md; `accuracy.py` holds them, `reading.py` applies them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from regionmap.errors import ExpressionError
from regionmap.kinds import precision_word
from regionmap.places import grammar
from regionmap.places.accuracy import BARE_POINT_M  # noqa: F401  (tables of coordinates ask this module for it)
from regionmap.places.gazetteer import Gazetteer
from regionmap.places.reading import Reader, within


@dataclass(frozen=True)
class Located:
    """What a location expression became.

    Attributes
    ----------
    geometry : EPSG:4326.
    accuracy_m : radius that the true position exceeds in at most 5 % of cases.
    precision : the word for it.
    drawn : how a line or area was drawn: `traced`, `schematic`, `authored`; None for points.
    pieces : names and straight pieces used, in order; those of a line say which kilometres of it they are.
    """

    geometry: Any
    accuracy_m: float
    precision: str
    drawn: str | None
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Where:
    """Resolves location expressions of one plan.

    Attributes
    ----------
    gazetteer : the names.
    area : code of the plan's own area, whose names come first.
    folder : where relative file references start.
    """

    gazetteer: Gazetteer
    area: str = ""
    folder: Path = field(default_factory=Path)
    _known: dict[tuple[str, ...], Located] = field(default_factory=dict, repr=False, compare=False)

    def locate(self, text: str, *, extent: str = "", bare: str = "is", sector: str = "", built: bool = True) -> Located:
        """The geometry of `text`.

        Parameters
        ----------
        extent : `is` or `within`, to overrule the rule; else a bare unit or town follows `bare` and any
            operator expression is the thing itself.
        sector : lines follow known network lines of this sector; without one, railways, then roads, then
            waters.
        built : whether the thing exists; what does not is only assumed to follow a real track (rule 11).

        Raises
        ------
        ExpressionError : unknown or ambiguous name, bad sign, empty result, unreadable file.
        """
        key = (text, extent, bare, sector, str(built))
        if key not in self._known:
            located = self._locate(text, extent or bare, extent, sector, built)
            if "#" in text:  # a file may change
                return located
            self._known[key] = located
        return self._known[key]

    def _locate(self, text: str, bare: str, extent: str, sector: str, built: bool) -> Located:
        tree = grammar.parse(text, self.gazetteer.match, self.gazetteer.suggest)
        try:
            part = Reader(self, text, sector, built).read(tree)
        except shapely.errors.GEOSException as error:
            raise ExpressionError(text, 0, text, f"can't be computed ({error})") from error
        alone = part.entry is not None
        somewhere = (bare if alone else extent) == "within"
        water = part.entry is not None and part.entry.tier == "area"
        if somewhere and part.geometry.geom_type.endswith("Polygon") and not water:
            part = within(part)
        if shapely.is_empty(part.geometry):
            raise ExpressionError(text, 0, text, "gives nothing: the parts do not meet")
        word = precision_word(part.accuracy_m, part.level)
        return Located(part.geometry, round(part.accuracy_m, 1), word, part.drawn, part.pieces)

    def plain(self, text: str) -> str:
        """The expression as `grammar.to_text` prints it: half-width signs, metres as `m` and `km`.

        Raises
        ------
        ExpressionError : the text is no location expression.
        """
        tree = grammar.parse(text, self.gazetteer.match, self.gazetteer.suggest)
        return grammar.to_text(tree, self.gazetteer.match)
