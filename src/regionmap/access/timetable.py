"""The model against published train times: `networks/timetable.csv` and the error of each pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from regionmap.access import network
from regionmap.errors import NotFoundError
from regionmap.places.gazetteer import read_rows
from regionmap.queries import reach as queries

if TYPE_CHECKING:
    from regionmap.plans.region import Region

COLUMNS = ("from", "to", "minutes", "year", "class", "basis", "source")


def timetable_check(region: Region, *, assume: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Published fastest trains and what the network says, from departure to arrival, without waiting.

    Returns
    -------
    DataFrame
        The rows of `networks/timetable.csv` with `model_minutes`, `error_minutes` (model less timetable) and
        `error_percent`.

    Raises
    ------
    NotFoundError : no timetable.csv; a station that no line of its class stops at.
    """
    path = region.folder / "networks" / "timetable.csv"
    if not path.is_file():
        raise NotFoundError(f"no {path}; its columns are {', '.join(COLUMNS)}")
    rows = pd.DataFrame(read_rows(path), columns=list(COLUMNS))
    net = network.build(region, modes=("rail",), assume=assume)
    graphs = {
        kind: queries.graph(net.graph.nodes, net.edges[net.edges["mode"] == kind]) for kind in rows["class"].unique()
    }
    model = [
        _minutes(net, graphs[kind], kind, a, b)
        for a, b, kind in zip(rows["from"], rows["to"], rows["class"], strict=True)
    ]
    out = rows.astype({"minutes": float, "year": int}).assign(model_minutes=model)
    out["error_minutes"] = out["model_minutes"] - out["minutes"]
    out["error_percent"] = out["error_minutes"] / out["minutes"] * 100
    return out


def _minutes(net: network.Network, graph: queries.Graph, kind: str, a: str, b: str) -> float:
    start, _ = _doors(net, kind, a)
    _, end = _doors(net, kind, b)
    minutes = float(queries.reach(graph, origin=start)["minutes"].to_numpy()[end])
    if not np.isfinite(minutes):
        raise NotFoundError(f"timetable.csv: no line of class {kind} joins {a} and {b}")
    return minutes


def _doors(net: network.Network, kind: str, name: str) -> tuple[int, int]:
    """The platform where one waits for trains of a class, and the one where one leaves them."""
    hall = network.hall_of(net, name)
    edges = net.edges
    if hall is not None:
        into = edges.loc[(edges["mode"] == "board") & (edges["from"] == hall), "to"]
        off = edges.loc[(edges["mode"] == "exit") & (edges["to"] == hall), "from"]
        on = edges[edges["mode"] == kind]
        into, off = into[into.isin(on["from"])], off[off.isin(on["to"])]
        if len(into) and len(off):
            return int(into.iloc[0]), int(off.iloc[0])
    raise NotFoundError(
        f"timetable.csv: {name!r} is no stop of class {kind}; nearest: {network.suggestions(net, name)}"
    )
