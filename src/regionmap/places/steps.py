"""A leg on its way through a network of tracks: where it may begin and end, and what can be reached in one step."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from regionmap.places.tracks import Tracks

TARGET = -1_000_000
"""Node numbers: the tracks' own from 0 up; where a leg may begin from -1 down, where it may end from here down."""
USED = 2.0  # what an edge costs that the best way takes, when a second one is looked for


@dataclass(frozen=True)
class Stop:
    """A node that a traced line must pass: its name, its text as lines.csv writes it, and how far off it may be."""

    name: str
    text: str
    lon: float
    lat: float
    within_m: float


@dataclass(frozen=True, eq=False)
class Wish:
    """A leg to be traced.

    Attributes
    ----------
    guide : longitudes and latitudes of the schematic line, shape (n, 2).
    width_m : how far the real line may lie from it (95 %).
    """

    start: Stop
    end: Stop
    guide: np.ndarray
    width_m: float


@dataclass(frozen=True)
class Snap:
    """A place on an edge: metres from its start, and what it costs that it lies beside the node."""

    edge: int
    at: float
    cost: float


@dataclass(eq=False)
class Leg:
    """A leg being searched: costs of the edges near its guide, where it may begin and end, what was reached."""

    wish: Wish
    costs: dict[int, float]
    starts: list[Snap]
    ends: list[Snap]
    reached: dict[int, float] = field(default_factory=dict)
    came: dict[int, Any] = field(default_factory=dict)


class Steps:
    """The steps of a leg's search, and the stretches of edges that a way is made of."""

    def __init__(self, tracks: Tracks, leg: Leg, used: frozenset[int]) -> None:
        self.tracks, self.leg, self.used = tracks, leg, used
        self.on: dict[int, list[int]] = {}
        for n, snap in enumerate(leg.ends):
            self.on.setdefault(snap.edge, []).append(n)

    def __call__(self, node: int) -> Iterable[tuple[int, float]]:
        for other, edge, a, b in self._moves(node):
            yield other, abs(b - a) * self.leg.costs[edge] * (USED if edge in self.used else 1.0)

    def _moves(self, node: int) -> Iterable[tuple[int, int, float, float]]:
        """What can be reached in one step: node, edge, and from where to where on it, metres from its start."""
        tracks, leg = self.tracks, self.leg
        if node <= TARGET:
            return
        if node < 0:
            snap = leg.starts[-1 - node]
            places = [(snap.edge, snap.at)]
        else:
            places = []
            for edge in tracks.at[node]:
                a, b = tracks.ends[edge].tolist()
                places += [(edge, 0.0)] * (a == node) + [(edge, float(tracks.lengths[edge]))] * (b == node)
        for edge, at in places:
            if edge in leg.costs:
                for n in self.on.get(edge, ()):
                    yield TARGET - n, edge, at, leg.ends[n].at
                length = float(tracks.lengths[edge])
                if at > 0 or node < 0:
                    yield int(tracks.ends[edge][0]), edge, at, 0.0
                if at < length or node < 0:
                    yield int(tracks.ends[edge][1]), edge, at, length

    def pieces(self, way: list[int]) -> Iterable[tuple[int, float, float]]:
        """The stretches of edges that a way of nodes goes along: edge, from, to (metres from its start)."""
        for node, other in itertools.pairwise(way):
            moves = (m for m in self._moves(node) if m[0] == other)
            _, edge, a, b = min(moves, key=lambda m: (abs(m[3] - m[2]) * self.leg.costs[m[1]], m[1]))
            yield edge, a, b
