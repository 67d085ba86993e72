"""Strokes, fills, signs and texts on a matplotlib axes whose unit is a page's pixel, y downwards."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from regionmap.maps import style
from regionmap.maps.picture.fonts import Fonts, plain

PAPER = style.PAPER
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Pen:
    """Draws into `axes`; `points` is a pixel's size in printer's points."""

    axes: Any
    points: float
    fonts: Fonts

    # ---- shapes ----------------------------------------------------------------------------------------
    def fill(self, shape: Any, colour: str, alpha: float = 1.0) -> None:
        self._patch(shape, facecolor=paint(colour, alpha), edgecolor="none", linewidth=0)

    def stroke(
        self,
        shape: Any,
        colour: str,
        width: float,
        dash: Sequence[float] = (),
        *,
        alpha: float = 1.0,
        butt: bool = False,
    ) -> None:
        """The lines or outline of a shape; widths and dashes in pixels."""
        cap = "butt" if dash or butt else "round"
        self._patch(
            shape, facecolor="none", edgecolor=paint(colour, alpha), linewidth=width * self.points, capstyle=cap,
            joinstyle="round", linestyle=(0, [d * self.points for d in dash]) if dash else "-",
        )  # fmt: skip

    def _patch(self, shape: Any, **how: Any) -> Any:
        from matplotlib.patches import PathPatch

        path = shape if not isinstance(shape, shapely.Geometry) else path_of(shape)
        if path is None:
            return None
        return self.axes.add_artist(PathPatch(path, fill=how["facecolor"] != "none", **how))

    def hatch(self, shape: Any, colour: str, turn: int) -> None:
        """Parallel lines in a shape, one of four directions, so that overlaps and grey prints tell zones apart."""
        from matplotlib.collections import LineCollection

        path = path_of(shape)
        if path is None:
            return
        west, north, east, south = shapely.bounds(shape)
        wide, high, gap = east - west, south - north, 12.0
        if turn < 2:  # slanting; gap is measured along the edge
            starts = np.arange(west - high - (west - high) % gap, east + gap, gap)
            low, top = (south, north) if turn == 0 else (north, south)
            lines = [((x, low), (x + high, top)) for x in starts]
        elif turn == 2:
            lines = [((west, y), (west + wide, y)) for y in np.arange(north - north % gap + gap / 2, south, gap)]
        else:
            lines = [((x, north), (x, south)) for x in np.arange(west - west % gap + gap / 2, east, gap)]
        art = LineCollection(lines, colors=[paint(colour, 0.42)], linewidths=self.points, capstyle="butt")
        self.axes.add_collection(art, autolim=False)
        art.set_clip_path(path, self.axes.transData)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """ "Somewhere within": a soft disc, even to three quarters of its radius, then fading."""
        from matplotlib.patches import Circle

        for share in np.linspace(1.0, 0.72, 8):
            self.axes.add_artist(Circle((x, y), radius * share, facecolor=paint(colour, 0.075 / 8), edgecolor="none"))

    # ---- signs -----------------------------------------------------------------------------------------
    def line(self, shape: Any, item: Any, width: float, alpha: float = 1.0) -> None:
        """A corridor: casing, then the line by status; a railway in use gets its white ties."""
        dash = [d * max(1.0, width / 2.6) for d in style.DASHES[item.status]]
        path = path_of(shape)
        if path is None:
            return
        self.stroke(path, PAPER["halo"], width + 2.6, alpha=alpha, butt=bool(dash))
        self.stroke(path, item.colour, width, dash, alpha=alpha)
        if item.sector == "rail" and item.kind == "corridor" and not dash:
            self.stroke(path, PAPER["face"], max(1.0, width - 1.8), (7, 7), alpha=alpha)
        elif item.status == "upgrading":
            self.stroke(path, PAPER["face"], max(0.8, width / 3), alpha=alpha)

    def symbol(self, x: float, y: float, shape: str, colour: str, precision: str, r: float) -> None:
        """A point's sign: full where the site is known, hollow where only the town or county is."""
        known = precision in ("surveyed", "traced", "site")
        sign = shapely.Polygon(np.array(SHAPES[shape](r)) + (x, y))
        self.stroke(sign, PAPER["face"], 3 if known else 3.6)
        self.fill(sign, colour if known else PAPER["face"])
        dash = () if known or precision == "town" else (2.4, 1.8)
        self.stroke(sign, colour, 0.8 if known else 1.8, dash)

    def badge(self, x: float, y: float, count: int, r: float, wide: float = math.inf) -> Box:
        """The number of things behind one mark, at its upper right; at an edge of the frame, `wide` pixels wide, below
        or at its left. Returns the box it takes."""
        text = str(count)
        size = max(11.0, self.fonts.width(text, 9, True) + 5)
        left = x + r * 0.5 if x + r * 0.5 + size < wide - 2 else x - r * 0.5 - size
        top = y - r - 6 if y - r - 6 > 2 else y + r - 5
        box = (left, top, left + size, top + 11)
        self.fill(shapely.box(*box), PAPER["ink"])
        self.text(left + size / 2, top + 5.6, text, 9, PAPER["face"], bold=True)
        return box

    # ---- texts -----------------------------------------------------------------------------------------
    def text(
        self, x: float, y: float, text: str, size: float, colour: str = PAPER["ink"], *, bold: bool = False,
        align: str = "center", turn: float = 0.0, halo: float = 0.0,
    ) -> None:  # fmt: skip
        """One line about (x, y): `align` left, center or right of x; `turn` in radians, clockwise; size in pixels."""
        from matplotlib.patheffects import Stroke

        # where the middle of a character lies above the baseline, so that lines stand alike whatever they hold
        lift = 0.36 * size
        at = (x - math.sin(turn) * lift, y + math.cos(turn) * lift)
        how = {
            "fontproperties": self.fonts.face(bold), "fontsize": size * self.points, "ha": align, "va": "baseline",
            "rotation": -math.degrees(turn), "rotation_mode": "anchor", "parse_math": False, "clip_on": True,
        }  # fmt: skip
        if halo:  # apart from the text itself, which stays text in a PDF
            under = self.axes.text(*at, plain(text), color=PAPER["face"], **how)
            stroke = Stroke(linewidth=halo * self.points, foreground=paint(PAPER["halo"]), joinstyle="round")
            under.set_path_effects([stroke])
        self.axes.text(*at, plain(text), color=colour, **how)


def _polygon(r: float, sides: int, turn: float) -> list[Point]:
    angles = [turn + i * 2 * math.pi / sides for i in range(sides)]
    return [(r * math.cos(a), r * math.sin(a)) for a in angles]


def _box(x: float, y: float) -> list[Point]:
    return [(-x, -y), (x, -y), (x, y), (-x, y)]


SHAPES: dict[str, Callable[[float], list[Point]]] = {
    "circle": lambda r: _polygon(r, 48, 0),
    "square": lambda r: _box(0.88 * r, 0.88 * r),
    "diamond": lambda r: _polygon(1.25 * r, 4, 0),
    "triangle": lambda r: _polygon(1.25 * r, 3, -math.pi / 2),
    "hexagon": lambda r: [(x, 0.66 * y) for x, y in _polygon(1.45 * r, 6, 0)],  # flat: no circle at small sizes
    "bar": lambda r: _box(1.3 * r, 0.5 * r),
}


def paint(colour: str, alpha: float = 1.0) -> tuple[float, ...]:
    """A style's colour, `#rrggbb` or `rgba(r,g,b,a)`, as matplotlib takes it."""
    if colour.startswith("rgba"):
        r, g, b, a = (float(v) for v in re.findall(r"[\d.]+", colour))
        return (r / 255, g / 255, b / 255, a * alpha)
    return (*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)), alpha)


def path_of(shape: Any) -> Any:
    """A geometry as one matplotlib path, holes turned against their shells; None where nothing is left."""
    from matplotlib.path import Path

    rings, kinds = [], []
    for xy, closed in _rings(shape):
        if len(xy) > 1:
            codes = np.full(len(xy), Path.LINETO, dtype=Path.code_type)
            codes[0] = Path.MOVETO
            if closed:
                codes[-1] = Path.CLOSEPOLY
            rings.append(xy)
            kinds.append(codes)
    return Path(np.concatenate(rings), np.concatenate(kinds)) if rings else None


def _rings(shape: Any) -> Iterable[tuple[np.ndarray, bool]]:
    for part in shapely.get_parts(shapely.get_parts(shape)):
        if part.geom_type == "Polygon":
            for n, ring in enumerate((part.exterior, *part.interiors)):
                xy = shapely.get_coordinates(ring)
                yield (xy if shapely.is_ccw(ring) == (n == 0) else xy[::-1]), True
        elif part.geom_type in ("LineString", "LinearRing"):
            yield shapely.get_coordinates(part), part.geom_type == "LinearRing"
