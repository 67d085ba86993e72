"""The way from one place to another, leg by leg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from regionmap.access import ask, network
from regionmap.errors import NotFoundError
from regionmap.queries import isochrones
from regionmap.queries import reach as queries

if TYPE_CHECKING:
    from regionmap.plans.region import Region


def route(
    region: Region,
    a: Any,
    b: Any,
    /,
    *,
    scenario: str | Sequence[str] = "existing",
    without: Sequence[str] = (),
    modes: Sequence[str] = ("rail", "road"),
    assume: Mapping[str, float] | None = None,
    lines: Any = None,
    speed: float = 1.0,
) -> geopandas.GeoDataFrame:
    """The quickest way from one place to another.

    Parameters
    ----------
    a, b : as the origin of `reach`; the rest as there.

    Returns
    -------
    GeoDataFrame
        One row a leg: `mode` (board, high_speed_rail, rail, planned_rail, transit, transfer, exit, expressway, road,
        planned_road, local), `line`, `from`, `to`, `minutes`, `km`, its line in EPSG:4326 (empty while one waits).
        `attrs` carry `minutes`, `km` and the `ledger`.

    Raises
    ------
    NotFoundError : no way between the two; and as `reach`.
    """
    net = network.build(
        region, scenario=scenario, without=without, modes=modes, assume=assume, lines=lines, speed=speed
    )
    start_name, start, first = ask.begin(region, net, a)
    end_name, end, last = ask.begin(region, net, b)
    found = queries.reach(net.graph, origin=start)
    total = {n: found["minutes"].to_numpy()[n] + m for n, m in end.items()}
    best = min(total, key=lambda n: (total[n], n))
    if not np.isfinite(total[best]):
        raise NotFoundError(f"no way from {start_name} to {end_name} on this network")
    km = end[best] / 60 * net.off["kmh"]
    direct = _direct(net, first, last)
    if direct is not None and direct["minutes"].iloc[0] <= total[best]:
        out = direct.assign(**{"from": start_name, "to": end_name})
    else:
        out = legs(net, found, best, start_name, end_name, km)
    out.attrs = {
        "minutes": float(out["minutes"].sum()), "km": float(out["km"].sum()), "ledger": net.ledger.frame()
    }  # fmt: skip
    return out


def _direct(net: network.Network, first: Any, last: Any) -> geopandas.GeoDataFrame | None:
    """Straight on by local roads, where neither end is a hall."""
    if first is None or last is None:
        return None
    off = net.off
    found = isochrones.minutes_off(first, last, limit=off["max_km"] / off["kmh"] * 60, **off)
    if not np.isfinite(found["minutes"].iloc[0]):
        return None
    shape = shapely.LineString([first.geometry.iloc[0], last.geometry.iloc[0]])
    km = float(found["off_km"].iloc[0]) * net.ledger.number("local.circuity")
    row = {"mode": "local", "line": "", "from": "", "to": "", "minutes": float(found["minutes"].iloc[0]), "km": km}
    return geopandas.GeoDataFrame([row], geometry=[shape], crs=4326)


def legs(net: network.Network, found: pd.DataFrame, node: int, origin: str, name: str, off_km: float = 0.0) -> Any:
    """The way to a node (-1: the origin itself, off the network) as legs, pieces of one mode after another as one.

    Before the first node and behind the last one goes by local roads: from `origin` and on to `name`.
    """
    before, way = found["before"].to_numpy(), [node]
    while way[0] >= 0 and before[way[0]] >= 0:
        way.insert(0, int(before[way[0]]))
    kmh, circuity = net.off["kmh"], net.ledger.number("local.circuity")
    rows: list[dict[str, Any]] = []
    first = float(found["minutes"].to_numpy()[way[0]]) if way[0] >= 0 else 0.0
    if first > 0:
        rows.append(_leg("local", origin, net.names[way[0]], first, first / 60 * kmh * circuity))
    for here, there, number in zip(way[:-1], way[1:], queries.way(found, node) if node >= 0 else (), strict=True):
        edge = net.edges.iloc[number]
        shape = net.shapes[number] if number < len(net.shapes) else None
        if shape is None and net.spots[here] != net.spots[there]:
            shape = shapely.LineString([net.spots[here], net.spots[there]])
        elif shape is not None and here != int(edge["from"]):
            shape = shapely.reverse(shape)
        _add(rows, edge, net.names[here], net.names[there], shape)
    kept = [r for r in rows if r["minutes"] > 0 or r["km"] > 0]
    if off_km > 0:
        last = net.names[node] if node >= 0 else origin
        kept.append(_leg("local", last, name, off_km / kmh * 60, off_km * circuity))
    shapes = [shapely.line_merge(shapely.MultiLineString(r.pop("shapes"))) for r in kept]
    columns = ["mode", "line", "from", "to", "minutes", "km"]
    return geopandas.GeoDataFrame(pd.DataFrame(kept, columns=columns), geometry=shapes, crs=4326)


def _leg(mode: str, here: str, there: str, minutes: float = 0.0, km: float = 0.0) -> dict[str, Any]:
    return {"mode": mode, "line": "", "from": here, "to": there, "minutes": minutes, "km": km, "shapes": []}


def _add(rows: list[dict[str, Any]], edge: pd.Series, here: str, there: str, shape: Any) -> None:
    """One more edge of the way: part of the leg before it, where the mode is the same."""
    if not rows or rows[-1]["mode"] != edge["mode"] or edge["mode"] in ("board", "exit", "transfer"):
        rows.append(_leg(edge["mode"], here, there))
    leg = rows[-1]
    leg["minutes"] += float(edge["minutes"])
    leg["km"] += float(edge["km"])
    leg["to"] = there or leg["to"]
    leg["from"] = leg["from"] or here
    if edge["line"] and edge["line"] not in leg["line"].split("、"):
        leg["line"] = "、".join(filter(None, [leg["line"], edge["line"]]))
    if shape is not None:
        leg["shapes"].append(shape)
