"""Names that never overlap and are never cut off: the page's rules (`labels.js`), placed anew for paper.

Own greedy placing rather than a library's: names have ranks, run along their lines, and keep off the marks,
which adjustText and textalloc (that move texts of equal rank apart) do not do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from regionmap.maps.picture.fonts import Fonts
from regionmap.maps.picture.pen import Box, Pen

_WIDE = re.compile(r"[\u2e80-\uffff]")
_BREAK = re.compile(r"[、·,,;;:)) —-]")
_LEADING = 1.25
_REACH = 9.0  # a name stands this far above its line


@dataclass(frozen=True)
class Spot:
    """Where a name may stand: its middle, its turn in radians, how far it is lifted off its line."""

    x: float
    y: float
    turn: float = 0.0
    lift: float = 0.0


@dataclass(frozen=True)
class Wish:
    """A name that would like a place; the lowest rank is served first.

    `spots`, else `beside` (a mark: x, y, radius, how far its badge reaches to the right), else along `line`.
    """

    rank: float
    text: str
    size: float
    colour: str
    bold: bool = False
    spots: Sequence[Spot] = ()
    beside: tuple[float, float, float, float] | None = None
    line: Any = None


@dataclass
class Board:
    """A frame's room for names: what is taken, and what was placed (text and box)."""

    width: float
    height: float
    taken: list[Box] = field(default_factory=list)
    placed: list[tuple[str, Box]] = field(default_factory=list)

    def free(self, box: Box) -> bool:
        if box[0] < 3 or box[1] < 3 or box[2] > self.width - 3 or box[3] > self.height - 3:
            return False
        return not any(box[0] < b[2] and box[2] > b[0] and box[1] < b[3] and box[3] > b[1] for b in self.taken)


def place(pen: Pen, board: Board, wishes: Iterable[Wish], limit: int) -> None:
    """Write up to `limit` of the wishes, the most important first, each at its first free spot."""
    told: set[str] = set()
    for wish in sorted(wishes, key=lambda w: w.rank):
        if len(board.placed) >= limit:
            break
        lines = [cut(wish.text, 18)] if wish.line is not None else broken(wish.text)
        if wish.line is not None and lines[0] in told:
            continue
        wide = max(pen.fonts.width(line, wish.size, wish.bold) for line in lines)
        high = wish.size * _LEADING * len(lines)
        for spot in _spots(board, wish, wide, high):
            box = box_of(spot, wide, high)
            if board.free(box):
                _write(pen, wish, lines, spot)
                board.taken.append(box)
                board.placed.append(("".join(lines), box))
                told.add(lines[0])
                break


def _spots(board: Board, wish: Wish, wide: float, high: float) -> Iterable[Spot]:
    if wish.line is not None:
        return _along(board, wish.line, wide)
    if wish.beside is not None:
        return _beside(*wish.beside, wide, high)
    return wish.spots


def _write(pen: Pen, wish: Wish, lines: Sequence[str], spot: Spot) -> None:
    leading = wish.size * _LEADING
    for n, line in enumerate(lines):
        off = spot.lift + (n - (len(lines) - 1) / 2) * leading
        x, y = spot.x - math.sin(spot.turn) * off, spot.y + math.cos(spot.turn) * off
        pen.text(x, y, line, wish.size, wish.colour, bold=wish.bold, turn=spot.turn, halo=3.6)


def box_of(spot: Spot, wide: float, high: float) -> Box:
    """The upright box around a name at a spot, with a little air."""
    cos, sin = math.cos(spot.turn), math.sin(spot.turn)
    x, y = spot.x - sin * spot.lift, spot.y + cos * spot.lift
    w = (abs(cos) * wide + abs(sin) * high) / 2 + 2
    h = (abs(sin) * wide + abs(cos) * high) / 2 + 1
    return (x - w, y - h, x + w, y + h)


def _beside(x: float, y: float, r: float, badge: float, wide: float, high: float) -> Iterator[Spot]:
    gap, half, tall = r + 4, wide / 2, high / 2
    side = half + max(gap, badge + 3)
    for dx, dy in ((side, 0), (-gap - half, 0), (0, -gap - tall - 3), (0, gap + tall), (side, -tall), (side, tall),
                   (-gap - half, tall), (-gap - half, -tall)):  # fmt: skip
        yield Spot(x + dx, y + dy)


def _along(board: Board, shape: Any, wide: float) -> list[Spot]:
    """Places along a line that are straight enough for a text of this width, the middle ones first."""
    found = []
    for part in shapely.get_parts(shape):
        xy = shapely.get_coordinates(part)
        if len(xy) < 2:
            continue
        sums = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
        total = float(sums[-1])
        steps = min(60, max(5, round(total / 40)))
        at = total * np.arange(1, steps) / steps
        at = at[(at >= wide / 2) & (at <= total - wide / 2)]
        if total < wide * 1.1 or not len(at):
            continue
        a, b = (np.column_stack([np.interp(at + d, sums, xy[:, k]) for k in (0, 1)]) for d in (-wide / 2, wide / 2))
        chord = np.hypot(*(b - a).T)
        for n in np.flatnonzero(chord >= 0.9 * wide):
            (x0, y0), (x1, y1) = a[n], b[n]
            turn = math.atan2(y1 - y0, x1 - x0)
            turn = turn - math.pi if turn > math.pi / 2 else turn + math.pi if turn < -math.pi / 2 else turn
            bad = abs(at[n] / total - 0.5) + (1 - chord[n] / wide)
            found.append((bad, Spot((x0 + x1) / 2, (y0 + y1) / 2, turn, -_REACH)))
    return [spot for _, spot in sorted(found, key=lambda f: f[0])[:16]]


def cut(text: str, room: int) -> str:
    """At most `room` Chinese characters; Latin letters take about half as much."""
    count = room if _WIDE.search(text) else room * 2
    return text[: count - 1] + "…" if len(text) > count else text


def broken(text: str) -> list[str]:
    """A long name in two lines, broken near its middle at a sign or a space where there is one."""
    room = 11 if _WIDE.search(text) else 22
    if len(text) <= room:
        return [text]
    middle = len(text) / 2
    best, bad = math.ceil(middle), 3.0
    for i in range(2, len(text) - 1):
        if (_BREAK.match(text[i - 1]) or text[i] in "((") and abs(i - middle) < bad + room / 6:
            bad, best = abs(i - middle) - room / 6, i
    return [cut(text[:best].strip(), room + 3), cut(text[best:].strip(), room + 3)]


def wrapped(fonts: Fonts, text: str, size: float, wide: float, bold: bool = False) -> list[str]:
    """Text in lines of at most `wide`: broken at spaces in Latin, anywhere in Chinese but before a closing sign."""
    lines, line = [], ""
    for word in re.findall(r"[\x21-\x7e\u00c0-\u024f]+[,。、;:)”》]?\s*|.[,。、;:)”》]*", text):
        if line and fonts.width((line + word).rstrip(), size, bold) > wide:
            lines.append(line.rstrip())
            line = word.lstrip()
        else:
            line += word
    return [*lines, line.rstrip()] if line.strip() or not lines else lines
