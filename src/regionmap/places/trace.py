"""Lines led along real tracks: from node to node of a network that the user has.

One search a leg, from all tracks that the first node may lie on to all that the second may, so that a line
keeps to one track through its nodes (a layered shortest path, as map matching does it: Newson and Krumm 2009).
The schematic line is only a guide: a way costs more the farther it runs from it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.places import graph
from regionmap.places.gazetteer import fold
from regionmap.places.tracks import Tracks

LONGER = {"rail": 1.5, "road": 1.6, "water": 2.5}  # how much longer than the schematic line a track may be
MAX_LEG_M = 200_000.0  # a longer leg leaves too much open: name more nodes
STOP_M = 500.0  # a station of the network's own is met within this
NEAREST = 12  # tracks looked at around a node
SNAP_COST = 2.0  # a metre beside the track costs as much as two along it
SIMPLE_M = 1.0  # vertices that change the line by less are left out
_SIDING, _SLOW, _UNBUILT, _NAMED = 3.0, 1.5, 3.0, 0.6
_LIKE = 1.15  # another way that is not longer than this cannot be told from the best one


@dataclass(frozen=True)
class Stop:
    """A node that a traced line must pass: its name and text, and how far off it may lie."""

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
    width_m : how far the real line may lie from it.
    """

    start: Stop
    end: Stop
    guide: np.ndarray
    width_m: float


@dataclass(frozen=True)
class Style:
    """What kind of track a line wants: `mode`, names (folded), high speed or not (None: any), built or not."""

    mode: str
    names: tuple[str, ...] = ()
    fast: bool | None = None
    built: bool = True


@dataclass(frozen=True, eq=False)
class Found:
    """What became of a leg: its track (longitudes and latitudes) and accuracy, or the reason why there is none."""

    wish: Wish
    coords: np.ndarray | None
    accuracy_m: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class _Snap:
    """A place on a track: metres from the start of an edge."""

    edge: int
    at: float
    cost: float


def trace(tracks: Tracks, wishes: Sequence[Wish], style: Style) -> list[Found]:
    """Lead the legs of one line, in order, along tracks.

    Returns
    -------
    One `Found` a leg. What is traced lies on the tracks, vertex by vertex, up to `SIMPLE_M`.
    """
    router = _Router(tracks, style)
    found: list[Found] = []
    before: dict[_Snap, float] = {}
    for run in _runs(router, wishes):
        wish, ways = run
        if isinstance(ways, str):
            found.append(Found(wish, None, reason=ways))
        else:
            found.append(ways)
    del before
    return found


def _runs(router: _Router, wishes: Sequence[Wish]) -> Iterable[tuple[Wish, Any]]:
    raise NotImplementedError
