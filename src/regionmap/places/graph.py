"""Named lines as a graph, and the shortest way through it.

The search is a plain Dijkstra (1959) on a heap and not scipy.sparse.csgraph or rustworkx: it must start from
several places at different costs (the tracks that a node may lie on), end ties the same way on every machine,
and be there without another dependency. The shipped lines are some 1,200 states, a way takes about 1 ms; a
track network of 100,000 pieces takes under a second.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.places.gazetteer import Entry, Gazetteer
from regionmap.places.networks import Leg

CHANGE_M = 10_000.0  # a way that changes the line pays as much as this detour: no hopping between parallels
DETOUR = {"river": 2.0}
DETOUR_ELSE = 1.4  # a longer way round is no line "between" two places
NEAR_M = 5_000.0  # a node of the right name counts as the place within this, beyond both accuracies
SAME_M = 20_000.0  # nodes of one name are one node up to here, else two places that share a name
_STEMS = ("自治县", "自治旗", "街道", "省", "市", "区", "县", "旗", "镇", "乡")
_SIDES = ("", "东", "西", "南", "北")
_STOPS = {"rail": "站", "high_speed_rail": "站"}  # a road between towns is seldom the expressway between interchanges

State = tuple[int, int]


def search(
    steps: Callable[[Any], Iterable[tuple[Any, float]]],
    sources: Mapping[Any, float],
    targets: Container[Any],
    *,
    count: int | None = None,
) -> tuple[dict[Any, float], dict[Any, Any]]:
    """The cheapest ways from any of `sources` to `targets`.

    Parameters
    ----------
    steps : what can be reached from a node in one step, and its cost (not negative).
    sources : nodes, and what it costs to begin there.
    count : stop when this many targets are reached.

    Returns
    -------
    costs : of the targets reached, the nearest first.
    came : the node before each node that was reached. Of equal ways the one found first, by order of nodes:
        the same answer on every machine.
    """
    tick = itertools.count()
    heap = [(cost, node, next(tick), None) for node, cost in sources.items()]
    heapq.heapify(heap)
    costs: dict[Any, float] = {}
    came: dict[Any, Any] = {}
    while heap and len(costs) != count:
        cost, node, _, before = heapq.heappop(heap)
        if node in came:
            continue
        came[node] = before
        if node in targets:
            costs[node] = cost
        for other, step in steps(node):
            if other not in came:
                heapq.heappush(heap, (cost + step, other, next(tick), node))
    return costs, came


def trail(came: Mapping[Any, Any], node: Any) -> list[Any]:
    """The nodes from a source to `node`."""
    way = [node]
    while came[way[-1]] is not None:
        way.append(came[way[-1]])
    return way[::-1]


@dataclass(frozen=True)
class Piece:
    """A run of legs of one line: from node to node, drawn in the direction of the way; `last` is a node's number."""

    line: str
    start: str
    end: str
    coords: np.ndarray
    legs: tuple[Leg, ...]
    last: int


@dataclass(frozen=True, eq=False)
class Network:
    """The lines of some classes as a graph whose nodes are named places and shared bends.

    A state is a node on a line, so that a change of line can cost something.
    """

    legs: list[Leg] = field(default_factory=list)
    ends: list[tuple[int, int]] = field(default_factory=list)  # of each leg, node numbers
    numbers: dict[str, list[int]] = field(default_factory=dict)  # node key -> nodes, more than one for homonyms
    spots: list[tuple[float, float]] = field(default_factory=list)
    steps: dict[State, list[tuple[State, float, int]]] = field(default_factory=dict)
    lines_at: dict[int, list[State]] = field(default_factory=dict)
    detour: float = DETOUR_ELSE

    def way(self, start: Mapping[int, float], end: Mapping[int, float], *, one: bool = False) -> list[Piece] | None:
        """The shortest way between two places by line, or None: there is none, or it is too far round.

        Parameters
        ----------
        start, end : the nodes that each place may mean, and metres from the place to each.

        one : only along a single line.

        A way on one line may be as long as it likes: the line joins its nodes.
        """
        sources, targets = ({s: m for n, m in nodes.items() for s in self.lines_at[n]} for nodes in (start, end))
        steps = self._along if one else self._onward
        if set(start) & set(end):
            return None
        costs, came = search(steps, sources, targets)
        if not costs:
            return None
        states = trail(came, min(costs, key=lambda state: (costs[state] + targets[state], state)))
        pieces = self._pieces(states)
        if len({p.line for p in pieces}) > 1:
            length = sum(float(crs.length_m(shapely.LineString(p.coords))) for p in pieces)
            straight = crs.distance_m(*self.spots[states[0][0]], *self.spots[states[-1][0]])
            if length > self.detour * straight + NEAR_M:
                return None
        return pieces

    def _along(self, state: State) -> Iterable[tuple[State, float]]:
        return ((other, metres) for other, metres, _ in self.steps.get(state, ()))

    def _onward(self, state: State) -> Iterable[tuple[State, float]]:
        yield from self._along(state)
        for other in self.lines_at[state[0]]:
            if other != state:
                yield other, CHANGE_M

    def _pieces(self, states: list[State]) -> list[Piece]:
        pieces = []
        for _, run in itertools.groupby(states, lambda state: state[1]):
            passed = list(run)
            parts, legs = [], []
            for a, b in itertools.pairwise(passed):
                index = min((metres, leg) for other, metres, leg in self.steps[a] if other == b)[1]
                forward = self.ends[index][0] == a[0]
                parts.append(self.legs[index].coords[:: 1 if forward else -1])
                legs.append(self.legs[index])
            if legs:
                ends = (self._label(passed[0][0]), self._label(passed[-1][0]))
                pieces.append(Piece(legs[0].line, *ends, chain(parts), tuple(legs), passed[-1][0]))
        return pieces

    def _label(self, number: int) -> str:
        names = (key.partition("@")[0] for key, numbers in self.numbers.items() if number in numbers)
        return next(filter(None, names), "") or "{:.4f},{:.4f}".format(*self.spots[number])


def chain(parts: list[np.ndarray]) -> np.ndarray:
    """Runs of points one after the other, shared ends once."""
    out = [parts[0]]
    for part in parts[1:]:
        out.append(part[int(np.array_equal(out[-1][-1], part[0])) :])
    return np.vstack(out)


def network(names: Gazetteer, classes: tuple[str, ...]) -> Network:
    """The graph of the lines of `classes`, made once."""
    kept = names.networks.get(classes)
    if kept is None:
        lines = [e for e in names.entries if e.tier in ("line", "leg") and e.kind in classes]
        kept = names.networks[classes] = _build(lines, max([DETOUR.get(c, DETOUR_ELSE) for c in classes], default=0))
    return kept


def _build(lines: list[Entry], detour: float) -> Network:
    graph = Network(detour=detour)
    at: dict[tuple[float, float], int] = {}
    for index, entry in enumerate(lines):
        for leg in entry.legs:
            ends = [_number(graph, at, key, spot) for key, spot in _leg_ends(leg)]
            metres = float(crs.length_m(shapely.LineString(leg.coords)))
            for a, b in (ends, ends[::-1]):
                graph.steps.setdefault((a, index), []).append(((b, index), metres, len(graph.legs)))
                if (a, index) not in graph.lines_at.setdefault(a, []):
                    graph.lines_at[a].append((a, index))
            graph.legs.append(leg)
            graph.ends.append((ends[0], ends[1]))
    return graph


def _leg_ends(leg: Leg) -> list[tuple[str, tuple[float, float]]]:
    ends = zip((leg.start, leg.end), leg.coords[[0, -1]].round(6).tolist(), strict=True)
    return [(key, (x, y)) for key, (x, y) in ends]


def _number(graph: Network, at: dict[tuple[float, float], int], key: str, spot: tuple[float, float]) -> int:
    """The number of the node of this name, or at this very place; a new one where there is none yet."""
    known = graph.numbers.setdefault(key, [])
    number = next((n for n in known if crs.distance_m(*spot, *graph.spots[n]) <= SAME_M), None)
    if number is None:
        number = at.get(spot, len(graph.spots))
        known.append(number)
        if number == len(graph.spots):
            graph.spots.append(spot)
    at.setdefault(spot, number)
    return number


def stop_names(entry: Entry, classes: tuple[str, ...]) -> list[str]:
    """What a place may be called as a node of a line: its own names, and those of its stations."""
    names = [entry.name, *entry.aliases]
    stems = [n.removesuffix(next((s for s in _STEMS if n.endswith(s) and len(n) > len(s) + 1), "")) for n in names]
    stops = dict.fromkeys(_STOPS[c] for c in classes if c in _STOPS)
    heads = list(dict.fromkeys([*names, *stems]))
    return [*heads, *(head + side + stop for stop in stops for head in heads for side in _SIDES)]


def stops_of(
    graph: Network, entry: Entry | None, spot: Any, accuracy_m: float, classes: tuple[str, ...]
) -> dict[int, float]:
    """The nodes of a graph that a place may mean, with metres from the place (0 within a unit).

    Nodes of its own name near it, and its stations; of bare coordinates the node at that very place.
    """
    if entry is None:
        return dict.fromkeys(graph.numbers.get(f"@{spot.x:.6f},{spot.y:.6f}", ()), 0.0)
    found: dict[int, float] = {}
    for number in (n for name in stop_names(entry, classes) for n in graph.numbers.get(name, ())):
        if number not in found:
            gap = shapely.shortest_line(entry.geometry, shapely.Point(graph.spots[number]))
            metres = float(crs.length_m(gap))
            if metres <= accuracy_m + NEAR_M:
                found[number] = metres
    return found
