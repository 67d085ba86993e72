"""Lines led along real tracks: from node to node of a network that the user has.

One search a leg, from all tracks that its first node may lie on to all that its second may, with the costs
carried on, so that a line keeps to one track through its nodes (a layered shortest path, as in the map matching
of Newson and Krumm 2009). The schematic line is only a guide: a way costs more the farther it runs from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from regionmap.places import graph
from regionmap.places.gazetteer import fold
from regionmap.places.steps import TARGET, Leg, Snap, Steps, Stop, Wish
from regionmap.places.tracks import Tracks

LONGER = {"rail": 1.5, "road": 1.6, "water": 2.5}  # how much longer than the schematic line a track may be
MAX_PIECE_M = 200_000.0  # a longer straight piece leaves too much open
STOP_M = 500.0  # a station of the network's own is met within this
SNAPS = 64  # tracks looked at around a node
SNAP_COST = 2.0  # a metre beside the track costs as much as two along it
SIMPLE_M = 1.0  # vertices that change the line by less are left out
LIKE = 1.35  # another way that costs less than this times the best one cannot be told from it
_SIDING, _UNBUILT, _NAMED = 3.0, 3.0, 0.6
_OTHER = {"rail": 1.5, "road": 3.0, "water": 1.0}  # a railway that is (not) for high speed, a road that is no motorway


@dataclass(frozen=True)
class Style:
    """What a line wants: `mode` of the tracks, its names (folded), high speed or not (None: any), built or not."""

    mode: str
    names: tuple[str, ...] = ()
    fast: bool | None = None
    built: bool = True


@dataclass(frozen=True, eq=False)
class Found:
    """What became of a leg: its track (longitudes, latitudes) and accuracy, or the reason why there is none.

    `own` is True where the track itself is not built yet: it was drawn for this line.
    """

    wish: Wish
    coords: np.ndarray | None = None
    accuracy_m: float = 0.0
    own: bool = False
    reason: str = ""


def trace(tracks: Tracks, wishes: Sequence[Wish], style: Style) -> list[Found]:
    """Lead the legs of one line, in order, along tracks.

    Returns
    -------
    One `Found` a leg. What is traced lies on the tracks, up to `SIMPLE_M`.
    """
    router = _Router(tracks, style)
    found: list[Found] = []
    chain: list[Leg] = []
    for wish in wishes:
        leg, reason = None, router.hopeless(wish)
        if not reason:
            leg = router.search(wish, chain[-1] if chain else None)
            reason = "" if leg.reached else router.why(leg)
        if reason or (chain and leg is not None and leg.starts is not chain[-1].ends):
            found += router.settle(chain)
            chain = []
        if reason:
            found.append(Found(wish, reason=reason))
        elif leg is not None:
            chain.append(leg)
    return found + router.settle(chain)


class _Router:
    """Searches the tracks that fit a style."""

    def __init__(self, tracks: Tracks, style: Style) -> None:
        self.tracks, self.style = tracks, style
        fits = np.isin(tracks.mode, (style.mode, "any"))
        weight = np.where(tracks.main, 1.0, _SIDING)
        if style.fast is not None and tracks.fast[fits].any():
            weight = weight * np.where(tracks.fast == style.fast, 1.0, _OTHER[style.mode])
        if style.built:
            weight = weight * np.where(tracks.built, 1.0, _UNBUILT)
        else:
            weight = weight * np.where(tracks.built, 1.0, _NAMED)
        called = {name: _called(name, style.names) for name in set(tracks.names)}
        named = np.array([called[name] for name in tracks.names], dtype=bool)
        self.named, self.fits = named, fits
        self.weight = weight * np.where(named, _NAMED, 1.0)

    def flat(self, lonlat: Any) -> Any:
        return np.asarray(lonlat, dtype=float) * self.tracks.scale

    def hopeless(self, wish: Wish) -> str:
        """Why a leg need not be searched for at all, or an empty text."""
        longest = float(np.hypot(*np.diff(self.flat(wish.guide), axis=0).T).max())
        if longest > MAX_PIECE_M:
            return f"{longest / 1000:.0f} km without a node between: name more of them"
        for stop in (wish.start, wish.end):
            if not self.snaps(stop):
                return f"no track within {stop.within_m / 1000:.1f} km of {stop.name or stop.text}"
        return ""

    def snaps(self, stop: Stop) -> list[Snap]:
        """The places on tracks that a node may be, the nearest first; at the network's own station if it has one."""
        spot = self.flat([stop.lon, stop.lat])
        word = fold(stop.name)
        for name in filter(None, dict.fromkeys([word, word.removesuffix("站"), word + "站"])):
            own = [self.flat(p) for p in self.tracks.stops.get(name, ())]
            own = [p for p in own if np.hypot(*(p - spot)) <= stop.within_m + STOP_M]
            if own:
                near = min(own, key=lambda p: float(np.hypot(*(p - spot))))
                if found := self._near(near, STOP_M):
                    return found
        return self._near(spot, stop.within_m)

    def _near(self, spot: np.ndarray, within_m: float) -> list[Snap]:
        point, tracks = shapely.Point(spot), self.tracks
        edges = tracks.tree.query(point, predicate="dwithin", distance=within_m)
        edges = edges[self.fits[edges]]
        edges = edges[tracks.main[edges]] if tracks.main[edges].any() else edges  # no yards where there is a line
        away = shapely.distance(tracks.flat[edges], point)
        kept: list[tuple[Snap, set[int], np.ndarray]] = []
        for n in np.lexsort((edges, away)):
            edge = int(edges[n])
            at = float(shapely.line_locate_point(tracks.flat[edge], point))
            place = np.array(shapely.line_interpolate_point(tracks.flat[edge], at).coords[0])
            nodes = set(tracks.ends[edge].tolist())
            if not any(nodes & other and np.hypot(*(place - p)) < 150 for _, other, p in kept):
                kept.append((Snap(edge, at, SNAP_COST * float(away[n])), nodes, place))
            if len(kept) == SNAPS:
                break
        return [snap for snap, _, _ in kept]

    def search(self, wish: Wish, before: Leg | None) -> Leg:
        """Search a leg, going on from where the one before may end; afresh where that leads nowhere."""
        costs = self._costs(wish)
        ends = self.snaps(wish.end)
        if before is not None:
            leg = self._searched(Leg(wish, costs, before.ends, ends), before.reached)
            if leg.reached:
                return leg
        starts = self.snaps(wish.start)
        return self._searched(Leg(wish, costs, starts, ends), {n: s.cost for n, s in enumerate(starts)})

    def _costs(self, wish: Wish) -> dict[int, float]:
        """What a metre of each edge near the guide costs."""
        guide, tracks = shapely.LineString(self.flat(wish.guide)), self.tracks
        edges = tracks.tree.query(guide, predicate="dwithin", distance=2 * wish.width_m)
        edges = np.sort(edges[self.fits[edges]])
        xy, of = shapely.get_coordinates(tracks.flat[edges], return_index=True)
        away = shapely.distance(guide, shapely.points(xy))
        mean = np.bincount(of, away, len(edges)) / np.maximum(np.bincount(of, minlength=len(edges)), 1)
        costs = self.weight[edges] * (1 + (mean / wish.width_m) ** 2)
        near = mean <= 2 * wish.width_m
        out = dict(zip(edges[near].tolist(), costs[near].tolist(), strict=True))
        for snap in (*self.snaps(wish.start), *self.snaps(wish.end)):
            out.setdefault(snap.edge, float(self.weight[snap.edge]) * 5)
        return out

    def _searched(self, leg: Leg, costs: dict[int, float], used: frozenset[int] = frozenset()) -> Leg:
        goals = {TARGET - n for n in range(len(leg.ends))}
        sources = {-1 - n: cost for n, cost in costs.items()}
        steps = Steps(self.tracks, leg, used)
        reached, leg.came = graph.search(steps, sources, goals)
        leg.reached = {TARGET - node: cost + leg.ends[TARGET - node].cost for node, cost in reached.items()}
        return leg

    def why(self, leg: Leg) -> str:
        """Why the two ends of a leg are not joined: the gap between the tracks from either side."""
        sides = []
        for snaps in (leg.starts, leg.ends):
            steps = Steps(self.tracks, Leg(leg.wish, leg.costs, snaps, []), frozenset())
            came = graph.search(steps, {-1 - n: 0.0 for n in range(len(snaps))}, ())[1]
            mine = {s.edge for s in snaps} | {e for n in came if n >= 0 for e in self.tracks.at[n] if e in leg.costs}
            sides.append(shapely.union_all(self.tracks.flat[sorted(mine)]))
        gap = shapely.shortest_line(*sides)
        lon, lat = shapely.get_coordinates(gap).mean(axis=0) / self.tracks.scale
        wide, apart = 2 * leg.wish.width_m / 1000, shapely.length(gap) / 1000
        return (
            f"no way within {wide:.1f} km of the schematic line: tracks {apart:.2f} km apart near {lon:.4f},{lat:.4f}"
        )

    def settle(self, chain: list[Leg]) -> list[Found]:
        """Choose the cheapest way through legs that go on from each other."""
        if not chain:
            return []
        last = min(chain[-1].reached, key=lambda n: (chain[-1].reached[n], n))
        ways = []
        for leg in reversed(chain):
            way = graph.trail(leg.came, TARGET - last)
            last = -1 - way[0]
            ways.append(self._found(leg, way))
        return ways[::-1]

    def _found(self, leg: Leg, way: list[int]) -> Found:
        pieces = list(Steps(self.tracks, leg, frozenset()).pieces(way))
        line = self._line(pieces)
        guide = shapely.LineString(self.flat(leg.wish.guide))
        slack = leg.wish.start.within_m + leg.wish.end.within_m
        if line.length > LONGER[self.style.mode] * guide.length + slack:
            times = line.length / max(guide.length, 1.0)
            return Found(leg.wish, reason=f"the only way along the tracks is {times:.1f} times as long")
        if line.length == 0:
            return Found(leg.wish, reason="both nodes lie at the same place of the track")
        used = frozenset(edge for edge, _, _ in pieces)
        accuracy = max(self.tracks.accuracy_m, self._doubt(leg, way, line, used))
        unbuilt = sum(abs(b - a) for edge, a, b in pieces if not self.tracks.built[edge])
        coords = shapely.get_coordinates(shapely.simplify(line, SIMPLE_M)) / self.tracks.scale
        return Found(leg.wish, coords, round(accuracy, 1), own=unbuilt > 0.9 * line.length)

    def _line(self, pieces: Iterable[tuple[int, float, float]]) -> Any:
        parts = [_between(self.tracks.flat[edge], a, b) for edge, a, b in pieces]
        xy = np.vstack(parts)
        moved = np.r_[True, (np.abs(np.diff(xy, axis=0)) > 1e-6).any(axis=1)]
        return shapely.LineString(xy[moved] if moved.sum() > 1 else xy)

    def _doubt(self, leg: Leg, way: list[int], line: Any, used: frozenset[int]) -> float:
        """How far another way lies that could as well be the line: the 95 % of its distances; 0 where none could."""
        if self.named[list(used)].any():
            return 0.0
        fresh = {n: s.cost for n, s in enumerate(leg.starts)}
        other = self._searched(Leg(leg.wish, leg.costs, leg.starts, leg.ends), fresh, used)
        if not other.reached:
            return 0.0
        second = graph.trail(other.came, TARGET - min(other.reached, key=lambda n: (other.reached[n], n)))
        mine, theirs = (self._cost(leg, nodes) for nodes in (way, second))
        if theirs > LIKE * mine:
            return 0.0
        rival = self._line(Steps(self.tracks, leg, frozenset()).pieces(second))
        points = shapely.line_interpolate_point(line, np.linspace(0, 1, 101), normalized=True)
        along = shapely.line_locate_point(rival, points)
        beside = (along > 1) & (along < rival.length - 1)  # where one begins earlier than the other is no doubt
        away = shapely.distance(rival, points)[beside]
        return float(np.quantile(away, 0.95)) if len(away) else 0.0

    def _cost(self, leg: Leg, way: list[int]) -> float:
        pieces = Steps(self.tracks, leg, frozenset()).pieces(way)
        beside = leg.starts[-1 - way[0]].cost + leg.ends[TARGET - way[-1]].cost
        return beside + sum(abs(b - a) * leg.costs[edge] for edge, a, b in pieces)


def _between(line: Any, a: float, b: float) -> np.ndarray:
    from shapely.ops import substring

    return shapely.get_coordinates(substring(line, a, b))


def _called(name: str, names: Sequence[str]) -> bool:
    return any(len(n) > 1 and (n == part or (len(part) > 2 and n in part)) for part in name.split(";") for n in names)
