"""The graph of known lines against brute force; homonyms, shared bends, ties."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
from made import names

from regionmap import crs
from regionmap.places import graph
from regionmap.places.networks import NETWORK_CLASSES

HEAD = "name,aliases,class,nodes,speed_kmh,opened,start_chainage_m,accuracy_m,source\n"


def build(tmp_path: Path, *lines: str) -> graph.Network:
    rows = "".join(f'L{n},,rail,"{nodes}",,,,1000,made\n' for n, nodes in enumerate(lines))
    return graph.network(names(tmp_path, lines=HEAD + rows), NETWORK_CLASSES["rail"])


def way(net: graph.Network, a: str, b: str) -> list[graph.Piece] | None:
    return net.way(dict.fromkeys(net.numbers[a], 0.0), dict.fromkeys(net.numbers[b], 0.0))


@pytest.mark.parametrize("seed", range(12))
def test_the_search_finds_what_brute_force_finds(seed: int) -> None:
    rng = random.Random(seed)
    nodes = range(9)
    costs = {(a, b): rng.randint(1, 9) for a, b in itertools.permutations(nodes, 2) if rng.random() < 0.3}
    sources = {n: float(rng.randint(0, 3)) for n in rng.sample(nodes, 2)}
    best = np.full(9, np.inf)
    for n, cost in sources.items():
        best[n] = cost
    for _ in nodes:
        for (a, b), cost in costs.items():
            best[b] = min(best[b], best[a] + cost)
    reached, came = graph.search(
        lambda n: [(b, float(c)) for (a, b), c in costs.items() if a == n], sources, set(nodes)
    )
    assert reached == {n: best[n] for n in nodes if np.isfinite(best[n])}
    for node in reached:
        trail = graph.trail(came, node)
        assert trail[0] in sources and trail[-1] == node
        assert sources[trail[0]] + sum(costs[p] for p in itertools.pairwise(trail)) == best[node]


def test_a_bend_at_the_place_of_a_node_joins_two_lines(tmp_path: Path) -> None:
    net = build(tmp_path, "阿站@100.0,40.0 > 100.5,40.0 > 比站@101.0,40.0", "车站@100.5,39.5 > 口站@100.5,40.0")
    found = way(net, "阿站", "车站")
    assert found is not None
    assert [(p.line, p.start, p.end) for p in found] == [("L0", "阿站", "口站"), ("L1", "口站", "车站")]
    assert np.array_equal(found[0].coords[-1], found[1].coords[0])


def test_lines_that_only_cross_are_not_joined(tmp_path: Path) -> None:
    net = build(tmp_path, "阿站@100.0,40.0 > 比站@101.0,40.0", "车站@100.5,39.5 > 口站@100.5,40.5")
    assert way(net, "阿站", "车站") is None


def test_changing_lines_must_be_worth_it(tmp_path: Path) -> None:
    # L1 cuts the corner between 比 and 德 by less than a change of line costs
    net = build(
        tmp_path, "阿站@100.0,40.0 > 比站@100.2,40.0 > 100.3,40.02 > 德站@100.4,40.0 > 丰站@100.6,40.0", "比站@100.2,40.0 > 德站@100.4,40.0"
    )  # fmt: skip
    found = way(net, "阿站", "丰站")
    assert found is not None and [p.line for p in found] == ["L0"]


def test_two_places_of_one_name_are_two_nodes(tmp_path: Path) -> None:
    net = build(tmp_path, "小市站@100.0,40.0 > 比站@100.2,40.0", "小市站@105.0,40.0 > 口站@105.2,40.0")
    assert len(net.numbers["小市站"]) == 2
    assert way(net, "比站", "口站") is None


def test_a_way_by_several_lines_may_not_be_too_long(tmp_path: Path) -> None:
    lines = ("阿站@100.0,40.0 > 比站@100.5,41.0", "比站@100.5,41.0 > 车站@101.0,40.0")
    assert way(build(tmp_path, *lines), "阿站", "车站") is None
    one = build(tmp_path, lines[0] + " > 车站@101.0,40.0")
    found = way(one, "阿站", "车站")
    assert found is not None and crs.distance_m(*found[0].coords[0], *found[0].coords[-1]) < 90_000


def test_every_named_pair_of_the_shipped_railways_is_led_along_them(region: object) -> None:
    net = graph.network(region.gazetteer, NETWORK_CLASSES["rail"])  # type: ignore[attr-defined]
    stations = sorted(k for k in net.numbers if not k.startswith("@"))
    joined = 0
    for a, b in random.Random(1).sample(list(itertools.combinations(stations, 2)), 60):
        there, back = way(net, a, b), way(net, b, a)
        assert (there is None) == (back is None)
        if there and back:
            joined += 1
            coords = graph.chain([p.coords for p in there])
            assert np.array_equal(coords, graph.chain([p.coords for p in back])[::-1])
            assert (there[0].start, there[-1].end) == (a, b)
    assert joined > 20
