"""The rules of docs/where.md against positions that are known: the radius is exceeded in at most 5 % of cases."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely
from conftest import ROOT

from regionmap import crs
from regionmap.places import accuracy, graph, lines
from regionmap.places.gazetteer import TOWN_KINDS, Entry
from regionmap.places.where import Where

GEONAMES_M = 3000.0  # what the GeoNames rows claim: coordinates are often rounded to a minute


@pytest.fixture(scope="module")
def entries(region: Any) -> tuple[Entry, ...]:
    return region.gazetteer.entries  # type: ignore[no-any-return]


def between(entries: tuple[Entry, ...], kinds: tuple[str, ...]) -> Iterator[tuple[Any, Any, Any, Entry]]:
    """Known positions B on a line between nodes A and C that are two to four named nodes apart: A, B, C, line.

    Left out where the line takes more than the way round that still counts as a line between A and C.
    """
    for line in entries:
        if line.tier == "line" and line.kind in kinds:
            xy = shapely.get_coordinates(line.geometry)
            at = [n for n, name in enumerate(line.nodes) if name] if line.kind != "river" else range(0, len(xy), 2)
            detour = graph.DETOUR.get(line.kind, graph.DETOUR_ELSE)
            for hops, i in itertools.product((2, 3, 4), range(len(at))):
                if i + hops < len(at):
                    a, c = at[i], at[i + hops]
                    length = crs.distance_m(*xy[a], *xy[c])
                    if length > 5000 and crs.length_m(shapely.LineString(xy[a : c + 1])) <= detour * length:
                        yield from ((xy[a], xy[b], xy[c], line) for b in at[i + 1 : i + hops])


@pytest.mark.parametrize(
    ("sector", "kinds", "least"),
    [("rail", ("rail", "high_speed_rail"), 1000), ("road", ("expressway", "road"), 300), ("water", ("river",), 300)],
)
def test_a_straight_piece_sags_no_more_than_rule_8_says(
    entries: tuple[Entry, ...], sector: str, kinds: tuple[str, ...], least: int
) -> None:
    cases = list(between(entries, kinds))
    beyond = 0
    for a, b, c, line in cases:
        off = lines.gap_m(shapely.LineString([a, c]), shapely.Point(b))
        beyond += off > max(accuracy.sag_m(a, c, sector), line.accuracy_m)
    assert len(cases) >= least
    assert beyond / len(cases) <= 0.05
    # and the rule is not wasteful: half of it would be exceeded far too often
    tight = sum(
        lines.gap_m(shapely.LineString([a, c]), shapely.Point(b))
        > max(accuracy.sag_m(a, c, sector) / 2, line.accuracy_m)
        for a, b, c, line in cases
    )
    assert tight / len(cases) > 0.10


def chinese(entry: Entry) -> list[str]:
    return [n for n in (entry.name, *entry.aliases) if n[:1] >= "\u4e00"]


def stem(name: str) -> str:
    return name[:-1] if len(name) > 2 and name[-1] in "镇乡市县区站" else name


@pytest.fixture(scope="module")
def surveyed(entries: tuple[Entry, ...]) -> dict[str, list[Entry]]:
    """GeoNames towns by the stem of their Chinese names."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.tier == "geonames":
            for name in chinese(entry):
                found.setdefault(stem(name), []).append(entry)
    return found


def metres(a: Entry, lon: float, lat: float) -> float:
    return float(crs.distance_m(a.geometry.x, a.geometry.y, lon, lat))


def test_authored_places_are_where_geonames_has_them(
    entries: tuple[Entry, ...], surveyed: dict[str, list[Entry]]
) -> None:
    gaps = []
    for place in entries:
        if place.tier == "place" and place.source.startswith("authored"):
            twins = [g for n in chinese(place) for g in surveyed.get(stem(n), ()) if g.unit == place.unit]
            if twins:
                spot = place.geometry
                gaps.append(min(metres(g, spot.x, spot.y) for g in twins) - place.accuracy_m - GEONAMES_M)
    assert len(gaps) >= 25
    assert np.mean(np.array(gaps) > 0) <= 0.05


def test_stations_of_the_lines_are_at_the_towns_of_their_names(
    entries: tuple[Entry, ...], surveyed: dict[str, list[Entry]]
) -> None:
    gaps = {}
    for line in entries:
        if line.tier == "line":
            for name, spot in zip(line.nodes, line.geometry.coords, strict=True):
                near = [m for g in surveyed.get(stem(name), ()) if (m := metres(g, *spot)) < 40_000]
                if name.endswith("站") and near:
                    gaps[name, line.name] = min(near) - line.accuracy_m - GEONAMES_M
    assert len(gaps) >= 50
    assert np.mean(np.array(list(gaps.values())) > 0) <= 0.05


def test_a_town_reaches_to_its_station(region: Any, entries: tuple[Entry, ...]) -> None:
    towns: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.tier == "place" and entry.kind in TOWN_KINDS:
            for name in chinese(entry):
                towns.setdefault(stem(name), []).append(entry)
    stations = {n: c for e in entries if e.tier == "line" for n, c in zip(e.nodes, e.geometry.coords, strict=True)}
    at, off = region._where(), []
    for name, spot in stations.items():
        for town in towns.get(stem(name), ()) if name.endswith("站") else ():
            if town.unit in at.gazetteer.units and metres(town, *spot) < 40_000:
                radius = Where(at.gazetteer, town.unit).locate(f"{town.unit}/{town.name}").accuracy_m
                off.append(metres(town, *spot) > radius)
    assert len(off) >= 30
    assert np.mean(off) <= 0.05


def test_what_lies_somewhere_within_a_unit_lies_within_its_radius(region: Any, entries: tuple[Entry, ...]) -> None:
    at, off = region._where(), []
    for entry in entries:
        if entry.tier == "geonames" and entry.unit in region.gazetteer.units:
            spot = at.locate(entry.unit, bare="within")
            off.append(
                crs.distance_m(spot.geometry.x, spot.geometry.y, entry.geometry.x, entry.geometry.y) > spot.accuracy_m
            )
    assert len(off) >= 200
    assert np.mean(off) <= 0.05


@pytest.mark.parametrize("page", ["where.md", "where.zh.md"])
def test_the_table_of_the_docs_holds_the_numbers_of_the_code(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and line.split("|")[1].strip().isdigit()]
    rules = rows[:11]  # the second table counts cases
    assert [int(line.split("|")[1]) for line in rules] == list(range(1, 12))
    table = "\n".join(rules)
    for number in (
        f"{accuracy.BARE_POINT_M:,.0f}",
        f"{accuracy.FILE_M:g} m",
        f"{accuracy.SAG_ELSE:.0%}",
        f"{accuracy.SAG['water']:.0%}",
    ):
        assert number.replace("%", " %") in table, number
