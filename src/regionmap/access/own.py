"""Lines that the user brings: an OpenStreetMap extract, a shapefile, a GeoPackage.

On roads one gets on and off anywhere; on railways at the named stations of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.access.draft import HALL, ROADSIDE
from regionmap.places import track_files
from regionmap.places.gazetteer import fold
from regionmap.places.tracks import Tracks

if TYPE_CHECKING:
    from regionmap.access.draft import Draft

NEAR_M = 2_000.0  # a hall this near the lines lies on them; a station of one name this near is one station


def add(draft: Draft, lines: Any, modes: Sequence[str]) -> None:
    """Add the lines of files (a path or several) or `Tracks` to a network.

    Raises
    ------
    InputError : no such file, no lines in it.
    """
    several = [lines] if isinstance(lines, str | Path | Tracks) else list(lines)
    for one in several:
        tracks = one if isinstance(one, Tracks) else track_files.read(Path(one))
        for mode in modes:
            _add(draft, tracks, mode)
        if tracks.attribution:
            draft.ledger.note(
                f"own.{len(draft.ledger.rows)}", len(tracks.coords), "1", f"自带线路:{tracks.attribution}",
                f"lines brought along: {tracks.source}; {tracks.attribution}", "yours",
            )  # fmt: skip


def _add(draft: Draft, tracks: Tracks, mode: str) -> None:
    use = np.flatnonzero(np.isin(tracks.mode, (mode, "any")) & tracks.built)
    if not len(use):
        return
    spots = {n: tracks.coords[e][i] for e in use for n, i in zip(tracks.ends[e].tolist(), (0, -1), strict=True)}
    numbers = list(spots)
    xy = np.array([spots[n] for n in numbers])
    tree = shapely.STRtree(shapely.points(xy * tracks.scale))
    halls = {n: name for name, places in tracks.stops.items() for p in places for n in _at(tree, tracks, p, numbers)}
    on: dict[tuple[int, str], int] = {}

    def node(number: int, kind: str) -> int:
        if (number, kind) not in on:
            spot = tuple(spots[number])
            if mode == "rail" and number in halls:
                on[number, kind] = draft.gate(_hall(draft, halls[number], spot), kind)
            else:
                on[number, kind] = draft.node("", spot, place=ROADSIDE if mode == "road" else 0)
        return on[number, kind]

    known = [n for n, place in enumerate(draft.places) if place]
    for e in use:
        kind = {"rail": ("rail", "high_speed_rail"), "road": ("road", "expressway")}[mode][int(tracks.fast[e])]
        kmh = draft.ledger.number(f"speed_kmh.own_{kind}")
        a, b = tracks.ends[e].tolist()
        shape = shapely.LineString(tracks.coords[e])
        stops = sum(mode == "rail" and n in halls for n in (a, b))
        km = float(crs.length_m(shape)) / 1000
        draft.run(node(a, kind), node(b, kind), km, kind, tracks.names[e] or kind, kmh, stops, shape)
    if mode == "road":
        _join(draft, known, {n: i for (n, _), i in on.items()}, numbers, tree, tracks)


def _at(tree: Any, tracks: Tracks, spot: tuple[float, float], numbers: list[int]) -> list[int]:
    hits = tree.query_nearest(shapely.Point(np.array(spot) * tracks.scale), max_distance=NEAR_M)
    return [numbers[int(hits[0])]] if len(hits) else []


def _hall(draft: Draft, name: str, spot: Any) -> int:
    """The hall of a station: one of the same name nearby, else a new one."""
    for n, (place, own) in enumerate(zip(draft.places, draft.names, strict=True)):
        same = place and fold(own).removesuffix("站") == fold(name).removesuffix("站")
        if same and float(crs.distance_m(*draft.spots[n], *spot)) <= NEAR_M:
            return n
    return draft.node(name, spot, place=HALL)


def _join(draft: Draft, halls: list[int], on: dict[int, int], numbers: list[int], tree: Any, tracks: Tracks) -> None:
    """Halls beside the roads brought along lie on them."""
    kmh = draft.ledger.number("local.speed_kmh") * draft.speed / draft.ledger.number("local.circuity")
    for hall in halls:
        for number in _at(tree, tracks, draft.spots[hall], numbers):
            km = float(crs.distance_m(*draft.spots[hall], *draft.spots[on[number]])) / 1000
            draft.edge(hall, on[number], km / kmh * 60, "local", km=km, oneway=False)
