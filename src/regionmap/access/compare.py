"""What a line would change, and what does not hang on the speeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd

from regionmap.access import ask
from regionmap.errors import InputError
from regionmap.queries import isochrones

if TYPE_CHECKING:
    from regionmap.plans.region import Region

LEAST_MIN = 0.05  # a gain below this is none: three seconds


def compare_reach(
    region: Region,
    origin: Any,
    *,
    with_: str | Sequence[str] = (),
    without: str | Sequence[str] = (),
    minutes: float = 60.0,
    scenario: str | Sequence[str] = "existing",
    modes: Sequence[str] = ("rail", "road"),
    assume: Mapping[str, float] | None = None,
    lines: Any = None,
    vary: float = 0.2,
) -> geopandas.GeoDataFrame:
    """Who gains how many minutes by lines that are added or taken away, and what comes newly within the minutes.

    Parameters
    ----------
    with_ : names or ids of corridors of the plans that are added.
    without : names of network lines or corridors that are taken away.
    minutes : the circle.
    scenario, modes, assume, lines : what both sides share, see `regionmap.access.network.build`.
    vary : all speeds this share lower and higher, to say what holds; 0: no such run.

    Returns
    -------
    GeoDataFrame
        One row a unit, town, feature or hall whose minutes change: `what`, `id`, `name`, `minutes_before`,
        `minutes_after`, `gain_min` (above 0: sooner; empty: not looked at before or after), `newly` and `lost`
        (within the minutes now, or no longer), `holds` (whether newly or lost stays so at all three speeds: yes,
        depends, or null where neither). Greatest gain first. `attrs`: `ledger`, `people_before`, `people_after`.

    Raises
    ------
    InputError, NotFoundError : as `reach`; neither `with_` nor `without` is given.
    """
    added = [with_] if isinstance(with_, str) else list(with_)
    taken = [without] if isinstance(without, str) else list(without)
    if not added and not taken:
        raise InputError("name lines that are added (with_) or taken away (without)")
    if not 0 <= vary < 1:
        raise InputError(f"vary must be a share from 0 to below 1, not {vary}")
    base = _names(region, scenario, added)
    shared = {"minutes": minutes, "modes": modes, "assume": assume, "lines": lines, "bands": [minutes]}
    pairs = []
    for speed in (1.0, 1.0 - vary, 1.0 + vary) if vary else (1.0,):
        before = ask.reach(region, origin, scenario=scenario, speed=speed, **shared)
        after = ask.reach(region, origin, scenario=base, without=taken, speed=speed, **shared)
        pairs.append((before, after))
    tables = [_both(before, after) for before, after in pairs]
    out = tables[0]
    within = [(t["minutes_before"] <= minutes, t["minutes_after"] <= minutes) for t in tables]
    out["newly"] = ~within[0][0] & within[0][1]
    out["lost"] = within[0][0] & ~within[0][1]
    same = np.all([((~b & a) == out["newly"]) & ((b & ~a) == out["lost"]) for b, a in within], axis=0)
    holds = np.where(same, "yes", "depends").astype(object)
    holds[~(out["newly"] | out["lost"]).to_numpy()] = None
    out["holds"] = holds if vary else None
    changed = (out["minutes_before"] - out["minutes_after"]).abs() > LEAST_MIN
    changed |= np.isfinite(out["minutes_before"]) != np.isfinite(out["minutes_after"])
    out = out[changed].sort_values(["gain_min", "name"], ascending=[False, True], kind="stable", na_position="last")
    before, after = pairs[0]
    out.attrs = {
        "minutes": float(minutes), "ledger": after.ledger,
        "people_before": before.people, "people_after": after.people,
    }  # fmt: skip
    return out.reset_index(drop=True)


def _names(region: Region, scenario: str | Sequence[str], added: list[str]) -> Any:
    """The scenario with more corridors; a scenario's word becomes the ids of what it holds."""
    from regionmap.access import ledger, planned

    if not added:
        return scenario
    if not isinstance(scenario, str) or scenario not in planned.STATUSES:
        return [*([scenario] if isinstance(scenario, str) else scenario), *added]
    longest = ledger.read(region).number("network.max_line_km")
    return [*(c.id for c in planned.corridors(region, scenario, ("rail", "road"), longest)), *added]


def _both(before: ask.Reach, after: ask.Reach) -> geopandas.GeoDataFrame:
    """Units, towns, features and halls of both answers side by side, in one order for all speeds."""
    parts = []
    for what, one, two in (
        ("unit", before.units, after.units),
        ("town", before.towns, after.towns),
        ("feature", before.features, after.features),
        ("hall", _halls(before), _halls(after)),
    ):
        every = two.index.union(one.index, sort=False)
        about = pd.concat([two, one[~one.index.isin(two.index)]]).loc[every]
        if what == "hall":  # a new hall was a place before
            one, two = (_filled(side, answer, about) for side, answer in ((one, before), (two, after)))
        parts.append(
            geopandas.GeoDataFrame(
                {
                    "what": what, "id": every.astype(str), "name": about["name"].to_numpy(),
                    "minutes_before": one["minutes"].reindex(every).fillna(np.inf).to_numpy(),
                    "minutes_after": two["minutes"].reindex(every).fillna(np.inf).to_numpy(),
                },
                geometry=about.geometry.to_numpy(), crs=4326,
            )
        )  # fmt: skip
    out = geopandas.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=4326)
    gain = out["minutes_before"].to_numpy() - np.where(np.isfinite(out["minutes_before"]), out["minutes_after"], 0)
    out["gain_min"] = np.where(np.isfinite(gain), gain, np.nan)
    return out


def _filled(halls: geopandas.GeoDataFrame, answer: ask.Reach, about: geopandas.GeoDataFrame) -> pd.DataFrame:
    """The minutes at halls, and at those of the other network the minutes to where they stand."""
    rest = about[~about.index.isin(halls.index)]
    off = isochrones.minutes_off(answer.nodes, rest, limit=answer.minutes * 1.5, **answer.network.off)
    return pd.concat([halls[["minutes"]], off[["minutes"]]])


def _halls(answer: ask.Reach) -> geopandas.GeoDataFrame:
    """The named halls, each name and spot once: the numbers of nodes differ between networks."""
    rows = answer.nodes[answer.nodes["name"] != ""]
    spots = rows.geometry.get_coordinates().round(4)
    key = rows["name"] + "@" + spots["x"].astype(str) + "," + spots["y"].astype(str)
    return rows.assign(key=key).sort_values("minutes", kind="stable").drop_duplicates("key").set_index("key")


def sensitivity(
    region: Region, origin: Any, *, minutes: float, by: float = 0.2, **network: Any
) -> geopandas.GeoDataFrame:
    """Which units and features are within the minutes whatever the speeds, and which only if they are met.

    Parameters
    ----------
    by : all speeds (trains, cars, local roads) this share lower and higher.
    network : `scenario`, `without`, `modes`, `assume`, `lines`, as `reach`.

    Returns
    -------
    GeoDataFrame
        One row a unit, town or feature that is within at the highest speed: `what`, `id`, `name`, `minutes`,
        `minutes_slow`, `minutes_fast`, `holds` (`within` at all three speeds, or `depends`).

    Raises
    ------
    InputError : `by` outside 0 to 1; and as `reach`.
    """
    if not 0 < by < 1:
        raise InputError(f"by must be a share between 0 and 1, not {by}")
    runs = [
        ask.reach(region, origin, minutes=minutes, bands=[minutes], speed=s, **network)
        for s in (1.0, 1.0 - by, 1.0 + by)
    ]
    one, slow = (_both(runs[0], run) for run in (runs[0], runs[1]))
    fast = _both(runs[0], runs[2])
    out = one.drop(columns=["minutes_before", "minutes_after", "gain_min"])
    out["minutes"] = one["minutes_before"]
    out["minutes_slow"], out["minutes_fast"] = slow["minutes_after"], fast["minutes_after"]
    out["holds"] = np.where(out["minutes_slow"] <= minutes, "within", "depends")
    keep = (out["minutes_fast"] <= minutes) & (out["what"] != "hall")
    out = out[keep].sort_values(["what", "minutes", "name"], kind="stable").reset_index(drop=True)
    out.attrs = {"ledger": runs[0].ledger, "minutes": float(minutes), "by": by}
    return out
