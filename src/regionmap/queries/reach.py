"""How long it takes to get from one place to all others along a network, and the way there.

The search is `scipy.sparse.csgraph.dijkstra` (Dijkstra 1959): scipy comes with mapclassify anyway, takes the edges as
arrays and finds 100,000 nodes over 300,000 edges in about a tenth of a second. rustworkx and igraph are as quick at
the search itself, but want the edges as Python tuples first, and would be one more dependency (benchmarks/reach.py).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from regionmap.errors import InputError, NotFoundError, nearest_names

COLUMNS = ("from", "to", "minutes")


@dataclass(frozen=True, eq=False)
class Graph:
    """Edges in the order of their ends, the quickest of parallel ones only; `reach` takes it instead of two frames.

    Attributes
    ----------
    nodes : index of the nodes.
    indptr, ends, minutes : the compressed sparse rows.
    edge : position of each kept edge in the caller's frame.
    """

    nodes: pd.Index
    indptr: np.ndarray
    ends: np.ndarray
    minutes: np.ndarray
    edge: np.ndarray


def graph(nodes: Any, edges: pd.DataFrame, /) -> Graph:
    """Nodes and edges as a graph that can be asked many times.

    Parameters
    ----------
    nodes : frame (or index) whose index names the nodes, each once.
    edges : frame with `from`, `to` (values of that index) and `minutes` (0 or more). An edge is passed both ways,
        unless its column `oneway` says True. Of parallel edges the quickest counts.

    Raises
    ------
    InputError : a missing column, an end that is no node, minutes that are negative or missing, a node named twice.
    """
    index = nodes if isinstance(nodes, pd.Index) else nodes.index
    missing = [c for c in COLUMNS if c not in edges]
    if missing:
        raise InputError(f"the edges lack the column(s) {', '.join(missing)}; needed are {', '.join(COLUMNS)}")
    if not index.is_unique:
        raise InputError(f"the node {index[index.duplicated()][0]!r} is there more than once")
    start, end = (index.get_indexer(edges[c]) for c in ("from", "to"))
    minutes = edges["minutes"].to_numpy(dtype=float)
    _check(index, edges, start, end, minutes)
    oneway = edges["oneway"].to_numpy(dtype=bool) if "oneway" in edges else np.zeros(len(edges), dtype=bool)
    back = np.flatnonzero(~oneway)
    number = np.concatenate([np.arange(len(edges)), back])
    keys = np.concatenate([start * len(index) + end, end[back] * len(index) + start[back]])
    order = _quickest(keys, minutes[number])
    rows, ends = np.divmod(keys[order], max(len(index), 1))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(index)))])
    return Graph(index, indptr, ends, minutes[number[order]], number[order])


def _quickest(keys: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    """Positions in the order of `keys`, of equal keys only the first of those with the least minutes."""
    order = np.argsort(keys, kind="stable")
    if not len(order):
        return order
    begins = np.flatnonzero(np.append(True, np.diff(keys[order]) != 0))
    if len(begins) == len(order):
        return order
    group = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(order))))
    best = np.flatnonzero(minutes[order] == np.minimum.reduceat(minutes[order], begins)[group])
    return order[best[np.unique(group[best], return_index=True)[1]]]


def _check(index: pd.Index, edges: pd.DataFrame, start: np.ndarray, end: np.ndarray, minutes: np.ndarray) -> None:
    for column, found in (("from", start), ("to", end)):
        lost = np.flatnonzero(found < 0)
        if len(lost):
            name = edges[column].iloc[lost[0]]
            near = ", ".join(nearest_names(str(name), [str(i) for i in index[:5000]]))
            raise InputError(
                f"edge {edges.index[lost[0]]!r}: {column!r} is {name!r}, which is no node; nearest: {near}"
            )
    wrong = np.flatnonzero(~(minutes >= 0))
    if len(wrong):
        raise InputError(
            f"edge {edges.index[wrong[0]]!r} takes {minutes[wrong[0]]} minutes; allowed are numbers of 0 or more"
        )


def reach(
    nodes: Any, edges: pd.DataFrame | None = None, /, *, origin: Hashable | Mapping[Any, float], minutes: float = np.inf
) -> pd.DataFrame:
    """The least minutes from an origin to every node.

    Parameters
    ----------
    nodes, edges : as `graph`; or a `Graph` alone.
    origin : a node, or several with the minutes that it takes to begin there.
    minutes : farther nodes count as not reached.

    Returns
    -------
    DataFrame
        One row a node, in the nodes' order: `minutes` (infinite: not reached), `before` (position of the node before
        it on the way, -1: an origin or not reached) and `edge` (position of the edge that leads here, -1 likewise).

    Raises
    ------
    InputError : as `graph`; minutes below 0. NotFoundError : the origin is no node.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    net = nodes if isinstance(nodes, Graph) else graph(nodes, edges)
    if not minutes >= 0:
        raise InputError(f"minutes must be 0 or more, not {minutes}")
    sources = origin if isinstance(origin, Mapping) else {origin: 0.0}
    at, cost = _sources(net.nodes, sources)
    size = len(net.nodes)
    # one more node from which all origins are reached, each at its own cost
    indptr = np.append(net.indptr, net.indptr[-1] + len(at))
    matrix = csr_matrix(
        (np.append(net.minutes, cost), np.append(net.ends, at), indptr), shape=(size + 1, size + 1), dtype=float
    )
    found, before = dijkstra(matrix, indices=size, return_predecessors=True, limit=float(minutes))
    found, before = found[:size], before[:size].astype(np.int64)
    before[(before >= size) | (before < 0)] = -1
    return pd.DataFrame({"minutes": found, "before": before, "edge": _edges(net, before)}, index=net.nodes)


def _sources(index: pd.Index, sources: Mapping[Any, float]) -> tuple[np.ndarray, np.ndarray]:
    at = index.get_indexer(list(sources))
    if not len(at):
        raise InputError("no origin is given")
    for name, number in zip(sources, at, strict=True):
        if number < 0:
            near = ", ".join(nearest_names(str(name), [str(i) for i in index[:5000]]))
            raise NotFoundError(f"the origin {name!r} is no node; nearest: {near}")
    cost = np.array([float(v) for v in sources.values()])
    if not (cost >= 0).all():
        raise InputError(f"an origin begins at {cost.min()} minutes; allowed are 0 or more")
    order = np.argsort(at)
    return at[order], cost[order]


def _edges(net: Graph, before: np.ndarray) -> np.ndarray:
    """The edge between each node and the one before it."""
    size = len(net.nodes)
    rows = np.repeat(np.arange(size, dtype=np.int64), np.diff(net.indptr))
    keys = rows * size + net.ends
    out = np.full(size, -1, dtype=np.int64)
    led = np.flatnonzero(before >= 0)
    out[led] = net.edge[np.searchsorted(keys, before[led] * size + led)]
    return out


def way(found: pd.DataFrame, node: Hashable, /) -> list[int]:
    """The edges (positions in the caller's frame) of the way to `node` in an answer of `reach`, in order.

    Raises
    ------
    NotFoundError : no such node, or it is not reached.
    """
    if node not in found.index or not np.isfinite(found.at[node, "minutes"]):
        raise NotFoundError(f"{node!r} is not reached")
    at = int(found.index.get_loc(node))
    before, edge, out = found["before"].to_numpy(), found["edge"].to_numpy(), []
    while before[at] >= 0:
        out.append(int(edge[at]))
        at = int(before[at])
    return out[::-1]
