"""Reach over 100,000 nodes and 300,000 edges: this package against networkx, and against other graph libraries.

`python benchmarks/reach.py` writes reach.json (`table.py` makes README.md of it). rustworkx and igraph are asked only if installed.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regionmap.queries.reach import graph, reach

HERE = Path(__file__).parent
NODES, EDGES, RUNS = 100_000, 300_000, 3


def made(nodes: int = NODES, edges: int = EDGES, seed: int = 8) -> tuple[pd.Index, pd.DataFrame]:
    """A connected network: a chain and links to nodes some hundred places on, each edge some minutes."""
    random = np.random.default_rng(seed)
    chain = np.column_stack([np.arange(nodes - 1), np.arange(1, nodes)])
    a = random.integers(0, nodes, edges - len(chain) + 2_000)
    more = np.column_stack([a, (a + random.integers(2, 400, len(a))) % nodes])
    both = np.unique(np.sort(np.vstack([chain, more]), axis=1), axis=0)  # networkx keeps one of parallel edges, any one
    table = pd.DataFrame({"from": both[:, 0], "to": both[:, 1], "minutes": random.uniform(0.5, 10.0, len(both))})
    return pd.RangeIndex(nodes), table.sample(edges, random_state=seed, ignore_index=True)


def median_s(run: Callable[[], Any], runs: int = RUNS) -> float:
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def with_networkx(table: pd.DataFrame) -> dict[int, float]:
    """What a user would write."""
    import networkx as nx

    net = nx.from_pandas_edgelist(table, "from", "to", "minutes")
    return nx.single_source_dijkstra_path_length(net, 0, weight="minutes")


def with_rustworkx(table: pd.DataFrame) -> Any:
    import rustworkx as rx

    net = rx.PyGraph()
    net.add_nodes_from(range(NODES))
    net.add_edges_from(list(table.itertuples(index=False, name=None)))
    return rx.dijkstra_shortest_path_lengths(net, 0, edge_cost_fn=float)


def with_igraph(table: pd.DataFrame) -> Any:
    import igraph

    net = igraph.Graph(n=NODES, edges=table[["from", "to"]].to_numpy())
    return net.distances(source=0, weights=table["minutes"].to_list())


def main() -> None:
    nodes, table = made()
    net = graph(nodes, table)
    seconds = {
        "regionmap, frames to answer": median_s(lambda: reach(nodes, table, origin=0)),
        "regionmap, graph made before": median_s(lambda: reach(net, origin=0)),
        "networkx, as a user would write it": median_s(lambda: with_networkx(table), 1),
    }
    for name, run in (("rustworkx", with_rustworkx), ("igraph", with_igraph)):
        if importlib.util.find_spec(name):
            seconds[name] = median_s(lambda run=run: run(table))
    ours, theirs = reach(nodes, table, origin=0)["minutes"].to_numpy(), with_networkx(table)
    np.testing.assert_allclose(ours, [theirs[n] for n in range(NODES)])
    found = {"nodes": NODES, "edges": EDGES, "seconds": {name: round(s, 3) for name, s in seconds.items()}}
    print(found)
    (HERE / "reach.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
