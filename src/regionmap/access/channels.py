"""International freight channels side by side: days and kilometres by leg, borders, changes of gauge, ports."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas
import pandas as pd
import shapely

from regionmap import crs
from regionmap.access import ledger as ledgers
from regionmap.access import planned
from regionmap.errors import Fault, InputError, NotFoundError, TableError, nearest_names
from regionmap.places.gazetteer import read_rows
from regionmap.queries import reach as queries

if TYPE_CHECKING:
    from regionmap.plans.region import Region

COLUMNS = ("channel", "leg", "mode", "from", "to", "km", "days", "gauge_mm", "basis", "zh", "en", "source")
STANDARD_MM = 1435
TEXTS = ("basis", "zh", "en", "source")
MODES = ("rail", "border", "port", "loading", "unloading")


def channels(
    region: Region, names: Sequence[str] = (), /, *, assume: Mapping[str, float] | None = None
) -> geopandas.GeoDataFrame:
    """The channels of `networks/channels.csv`, leg by leg.

    Parameters
    ----------
    names : only these, in this order; else all.
    assume : key -> value, instead of the region's assumptions.

    Returns
    -------
    GeoDataFrame
        One row a leg: `channel`, `leg` (1, 2, ...), `mode` (loading, port, rail, border, unloading), `from`, `to`,
        `km`, `days`, `gauge_mm`, `basis`, `zh`, `en`, `source` of a
        border, its line in EPSG:4326 (empty while the train stands). `attrs` carry
        `ledger` and `side_by_side` (one row a channel: days, km, borders, gauge changes, ports, and days by mode).

    Raises
    ------
    NotFoundError : no such channel; a place that no record of the channel passes. TableError : a broken table.
    """
    folder = region.folder / "networks"
    known = {row["name"]: row for row in _rows(folder / "channels.csv")}
    wrong = [n for n in names if n not in known]
    if wrong:
        near = ", ".join(nearest_names(wrong[0], known)) or ", ".join(known)
        raise NotFoundError(f"no channel {wrong[0]!r} in networks/channels.csv; nearest: {near}")
    account = ledgers.read(region, assume)
    gates = _crossings(folder / "crossings.csv")
    rows: list[dict[str, Any]] = []
    for name in names or known:
        rows += _legs(region, known[name], gates, account)
    shapes = [row.pop("shape") for row in rows]
    out = geopandas.GeoDataFrame(pd.DataFrame(rows, columns=list(COLUMNS)), geometry=shapes, crs=4326)
    out["gauge_mm"] = out["gauge_mm"].astype("Int64")
    out.attrs = {"ledger": account.frame(), "side_by_side": side_by_side(out)}
    return out


def _rows(path: Path) -> list[dict[str, str]]:
    return read_rows(path) if path.is_file() else []


def _crossings(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    out, faults = {}, []
    for number, row in enumerate(_rows(path), 2):
        try:
            gate = {"hours": float(row["hours"]), "from": int(row["gauge_from_mm"]), "to": int(row["gauge_to_mm"])}
        except ValueError:
            faults.append(Fault(path.name, number, "hours", row["hours"], "hours and both gauges (mm) are numbers"))
            continue
        text = {key: row[key] for key in TEXTS}
        out[row["from"], row["to"]] = {**gate, **text}
        out[row["to"], row["from"]] = {**gate, **text, "from": gate["to"], "to": gate["from"]}
    if faults:
        raise TableError(faults)
    return out


def _legs(
    region: Region, channel: Mapping[str, str], gates: Mapping[tuple[str, str], Any], account: ledgers.Ledger
) -> list[dict[str, Any]]:
    edges, kinds = _edges(region, channel["records"].split(";"))
    stops = [channel["origin"], *filter(None, channel["via"].split(";")), channel["destination"]]
    way = _way(edges, stops, channel["name"])
    number, gauge, beyond = account.number, STANDARD_MM, False
    first = "port" if kinds.get(way[0][0]) == "port" else "loading"
    rows = [_row(channel, first, way[0][0], days=number(f"channel.{first}_days"))]
    for here, there, shape in way:
        km = float(crs.length_m(shape)) / 1000 * number("channel.circuity")
        gate = gates.get((here, there))
        if gate is not None:
            border = _row(channel, "border", here, there, days=gate["hours"] / 24, gauge=gate["to"])
            border.update({key: gate[key] for key in TEXTS})
            if gauge == gate["from"] or gate["from"] == gate["to"]:
                beyond = beyond or (gate["from"] != STANDARD_MM and gate["to"] == STANDARD_MM)
                gauge = gate["to"]
            rows.append(border)
        key = "beyond" if beyond else str(gauge)
        days = km / number(f"channel.km_per_day_{key}")
        last = rows[-1]
        if last["mode"] == "rail":
            last.update(to=there, km=last["km"] + km, days=last["days"] + days, shape=_chain(last["shape"], shape))
        else:
            rows.append(_row(channel, "rail", here, there, km=km, days=days, gauge=gauge, shape=shape))
    rows.append(_row(channel, "unloading", way[-1][1], days=number("channel.terminal_days")))
    for n, row in enumerate(rows, 1):
        row["leg"] = n
    return rows


def _row(channel: Mapping[str, str], mode: str, here: str, there: str = "", *, days: float, km: float = 0.0,
         gauge: int | None = None, shape: Any = None) -> dict[str, Any]:  # fmt: skip
    return {
        "channel": channel["name"], "leg": 0, "mode": mode, "from": here, "to": there or here, "km": km,
        "days": days, "gauge_mm": gauge, **dict.fromkeys(TEXTS, ""), "shape": shape,
    }  # fmt: skip


def _chain(one: Any, two: Any) -> Any:
    return shapely.LineString([*one.coords, *two.coords[int(one.coords[-1] == two.coords[0]) :]])


def _edges(region: Region, ids: Sequence[str]) -> tuple[dict[tuple[str, str], Any], dict[str, str]]:
    """The pieces of the records' lines between their places, both ways, and what kind of place each is."""
    edges: dict[tuple[str, str], Any] = {}
    kinds: dict[str, str] = {}
    for record in ids:
        if record not in region.records.index:
            near = ", ".join(nearest_names(record, region.records.index))
            raise NotFoundError(f"networks/channels.csv: no record {record!r}; nearest: {near}")
        line = planned.corridor(region, region.records.loc[record])
        for (a, _), (b, _), shape in zip(line.nodes[:-1], line.nodes[1:], line.shapes, strict=True):
            edges.setdefault((a, b), shape)
            edges.setdefault((b, a), shapely.reverse(shape))
        for name, _ in line.nodes:
            entries = region.gazetteer.find(name)
            kinds[name] = entries[0].kind if entries else ""
    return edges, kinds


def _way(edges: Mapping[tuple[str, str], Any], stops: Sequence[str], channel: str) -> list[tuple[str, str, Any]]:
    """The shortest way through the stops along the records' lines."""
    pairs = list(edges)
    index = pd.Index(sorted({n for pair in pairs for n in pair}))
    lost = [s for s in stops if s not in index]
    if lost:
        near = ", ".join(nearest_names(lost[0], index))
        raise NotFoundError(f"channel {channel}: no record of it passes {lost[0]!r}; nearest: {near}")
    frame = pd.DataFrame(pairs, columns=["from", "to"]).assign(
        minutes=[float(crs.length_m(edges[p])) for p in pairs], oneway=True
    )
    net, out = queries.graph(index, frame), []
    for a, b in itertools.pairwise(stops):
        found = queries.reach(net, origin=a)
        if not found["minutes"].loc[b] < float("inf"):
            raise InputError(f"channel {channel}: its records do not join {a} and {b}")
        out += [(*pairs[n], edges[pairs[n]]) for n in queries.way(found, b)]
    return out


def side_by_side(legs: pd.DataFrame) -> pd.DataFrame:
    """One row a channel: days, kilometres, borders, changes of gauge and ports, then days by mode."""
    rows = []
    for name, group in legs.groupby("channel", sort=False):
        gauges = [STANDARD_MM, *group["gauge_mm"].dropna().astype(int)]
        days = group.groupby("mode")["days"].sum()
        rows.append(
            {
                "channel": name, "from": group["from"].iloc[0], "to": group["to"].iloc[-1],
                "days": group["days"].sum(), "km": group["km"].sum(),
                "borders": int((group["mode"] == "border").sum()),
                "gauge_changes": sum(a != b for a, b in itertools.pairwise(gauges)),
                "ports": int((group["mode"] == "port").sum()),
                **{f"days_{mode}": float(days.get(mode, 0.0)) for mode in MODES},
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
