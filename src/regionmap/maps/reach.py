"""The `[reach]` and `[channels]` tables of a recipe, and what the page gets of them.

Areas are made here, for every step of the page's slider, by the same call that Python's users make: the page
only chooses among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import shapely

from regionmap.access import ask, channels, ledger, network, people, ways
from regionmap.errors import RegionmapError
from regionmap.maps.faults import Faults
from regionmap.maps.shapes import Shapes
from regionmap.plans.region import Region

_REACH = {
    "origin": str, "minutes": (int, float), "max_minutes": (int, float), "step": (int, float), "vary": (int, float),
    "scenario": list, "shown": int, "assume": dict,
}  # fmt: skip
_SCENARIO = {"title": str, "title_en": str, "lines": (str, list), "with": list, "without": list, "modes": list}
_CHANNELS = {"names": list, "assume": dict}
WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "mode": {
            "board": ("进站候车", "board"), "exit": ("出站", "way out"), "transfer": ("换乘", "change"),
            "high_speed_rail": ("高铁", "high-speed rail"), "rail": ("铁路", "rail"),
            "planned_rail": ("规划铁路", "planned railway"),
            "transit": ("轨道交通", "transit"), "expressway": ("高速公路", "expressway"), "road": ("公路", "road"),
            "planned_road": ("规划公路", "planned road"), "local": ("地方道路", "local roads"),
            "loading": ("装车编组", "loading"),
            "unloading": ("卸车", "unloading"), "port": ("港口换装", "port"), "border": ("口岸通关", "border"),
        },
        "basis": {
            "assumed": ("假定", "assumed"), "published": ("公开文献", "published"),
            "timetable": ("按时刻表校准", "set by the timetable"),
            "document": ("规划文件", "document"), "yours": ("配方指定", "the recipe"),
            "computed": ("计算所得", "computed"),
        },
    }
)  # fmt: skip
_SHARP = 8e-4  # degrees; areas are drawn, not asked, so their edges may be this rough


@dataclass(frozen=True)
class Scenario:
    """One network of the page; `options` go to `access.network.build`."""

    title: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """A checked `[reach]` table."""

    origin: str
    minutes: float
    steps: tuple[float, ...]
    vary: float
    scenarios: tuple[Scenario, ...]
    assume: Mapping[str, float]
    shown: int = 0


@dataclass(frozen=True)
class Beside:
    """A checked `[channels]` table."""

    names: tuple[str, ...]
    assume: Mapping[str, float] = field(default_factory=dict)


def read(region: Region, faults: Faults, raw: Any) -> Asked:
    """Check a `[reach]` table; faults go to `faults`."""
    entry = faults.table("reach", raw, _REACH)
    minutes, most = float(entry.get("minutes", 60)), float(entry.get("max_minutes", 90))
    step, vary = float(entry.get("step", 5)), float(entry.get("vary", 0.2))
    for key, value, low, high in (("minutes", minutes, 1, 600), ("max_minutes", most, minutes, 600),
                                  ("step", step, 1, 60), ("vary", vary, 0, 0.9)):  # fmt: skip
        if not low <= value <= high:
            faults.add(f"reach.{key}", value, f"a number from {low:g} to {high:g}")
    assume = _assume(region, faults, "reach.assume", entry.get("assume", {}))
    found = [_scenario(faults, n, s) for n, s in enumerate(entry.get("scenario", [{}]), 1)]
    steps = [*np.arange(step, most, step).tolist(), most] if step > 0 and most > 0 else []
    shown = faults.choice("reach.shown", str(entry.get("shown", 1)), [str(n) for n, _ in enumerate(found, 1)])
    number = int(shown) - 1 if shown.isdigit() else 0
    asked = Asked(entry.get("origin", ""), minutes, tuple(steps), vary, tuple(found), assume, number)
    if not asked.origin:
        faults.add("reach.origin", "", "a station, a place or any location expression is needed")
    elif not faults.found:
        _try(region, faults, asked)
    return asked


def _try(region: Region, faults: Faults, asked: Asked) -> None:
    """Names that only the network knows: lines, and an origin that nothing leads away from."""
    for n, scenario in enumerate(asked.scenarios, 1):
        try:
            ask.begin(region, network.build(region, assume=asked.assume, **scenario.options), asked.origin)
        except RegionmapError as error:
            faults.add(f"reach.scenario {n}", scenario.title, str(error))


def _scenario(faults: Faults, number: int, raw: Any) -> Scenario:
    key = f"reach.scenario {number}"
    entry = faults.table(key, raw, _SCENARIO)
    lines = entry.get("lines", "existing")
    options: dict[str, Any] = {"without": tuple(entry.get("without", ()))}
    options["scenario"] = [*([] if lines == "existing" else lines), *entry["with"]] if "with" in entry else lines
    if "with" in entry and isinstance(lines, str) and lines != "existing":
        faults.add(f"{key}.with", entry["with"], 'goes with lines = "existing"; else name all lines in `lines`')
    modes = entry.get("modes", ["rail", "road"])
    for mode in modes:
        faults.choice(f"{key}.modes", str(mode), tuple(network.MODES))
    options["modes"] = tuple(modes)
    return Scenario(entry.get("title", str(number)), options)


def _assume(region: Region, faults: Faults, key: str, raw: Any) -> dict[str, float]:
    """`"local.speed_kmh" = 30` and `local.speed_kmh = 30` are the same."""
    flat = dict(_flat(raw))
    try:
        ledger.read(region, flat)
    except RegionmapError as error:
        faults.add(key, "", str(error))
    return flat


def _flat(raw: Mapping[str, Any], head: str = "") -> Any:
    for key, value in raw.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{head}{key}.")
        else:
            yield f"{head}{key}", value


def read_channels(region: Region, faults: Faults, raw: Any) -> Beside:
    """Check a `[channels]` table; faults go to `faults`."""
    entry = faults.table("channels", raw, _CHANNELS)
    asked = Beside(
        tuple(map(str, entry.get("names", ()))), _assume(region, faults, "channels.assume", entry.get("assume", {}))
    )
    try:
        channels.channels(region, asked.names)
    except RegionmapError as error:
        faults.add("channels.names", ", ".join(asked.names), str(error))
    return asked


# ---- what the page gets -----------------------------------------------------------------------------------


def payloads(
    region: Region, times: Asked | None, beside: Beside | None, place: Mapping[str, int], shapes: Shapes
) -> dict[str, Any]:
    """What `[reach]` and `[channels]` of a recipe ask for."""
    return {
        **({"reach": payload(region, times, place, shapes)} if times is not None else {}),
        **({"channels": channels_payload(region, beside, shapes)} if beside is not None else {}),
    }


def payload(region: Region, asked: Asked, place: Mapping[str, int], shapes: Shapes) -> dict[str, Any]:
    """Minutes, areas, people, ways and assumptions of each scenario.

    Parameters
    ----------
    place : number on the page of each record.
    """
    most = asked.steps[-1]
    found = []
    for scenario in asked.scenarios:
        options = {"assume": asked.assume, "bands": asked.steps, "minutes": most, **scenario.options}
        runs = [ask.reach(region, asked.origin, **options)]
        if asked.vary:
            options["bands"] = [most]
            runs += [ask.reach(region, asked.origin, speed=s, **options) for s in (1 - asked.vary, 1 + asked.vary)]
        found.append(_scenario_payload(region, scenario, runs, place, shapes))
    first = found[0]["answer"]
    at = spot(region, first)
    rows = _assumptions([f.pop("answer") for f in found])
    columns = ["name", "level", "population", "counts"]
    units = [
        {"name": name, "en": _english(region, code), "level": level, "people": _whole(count), "counts": bool(counts)}
        for code, name, level, count, counts in first.units[columns].itertuples(name=None)
    ]
    total = first.people.set_index("how").loc["of"]
    return {
        "origin": asked.origin, "at": at, "minutes": asked.minutes, "steps": list(asked.steps), "vary": asked.vary,
        "shown": asked.shown, "kmh": round(first.network.off["kmh"], 3), "units": units, "scenarios": found,
        "assumptions": rows,
        "people": {"of": int(total["people"]), "year": total["year"], "source": total["source"]},
    }  # fmt: skip


def _scenario_payload(
    region: Region, scenario: Scenario, runs: Sequence[ask.Reach], place: Mapping[str, int], shapes: Shapes
) -> dict[str, Any]:
    answer = runs[0]
    areas, folk = [], []
    for step, area in zip(answer.bands["minutes"], answer.bands.geometry, strict=True):
        rough = shapely.simplify(area, _SHARP)
        areas.append(shapes.add(rough) if not rough.is_empty else None)
        folk.append(_people(answer.units, step, area))
    return {
        "title": scenario.title,
        "areas": areas,
        "people": folk,
        "units": [_tenths(run.units["minutes"]) for run in runs],
        "features": _features(answer, place),
        "ways": _ways(answer, shapes),
        "ledger": list(answer.ledger["key"]),
        "values": [float(v) for v in answer.ledger["value"]],
        "answer": answer,
    }


def _people(units: Any, step: float, area: Any) -> list[int]:
    rows = people.again(units, area)
    found = people.within(rows, step).set_index("how")["people"]
    return [int(found["by_seat"]), int(found["by_area"])]


def _features(answer: ask.Reach, place: Mapping[str, int]) -> list[float | None]:
    out: list[float | None] = [None] * len(place)
    for record, minutes in zip(answer.features.index, _tenths(answer.features["minutes"]), strict=True):
        if record in place:
            out[place[record]] = minutes
    return out


def _tenths(minutes: pd.Series) -> list[float | None]:
    return [round(float(m), 1) if np.isfinite(m) else None for m in minutes]


def _ways(answer: ask.Reach, shapes: Shapes) -> list[dict[str, Any] | None]:
    """The way to each unit's seat: its legs, and its line on the map."""
    out: list[dict[str, Any] | None] = []
    for row in answer.units.itertuples():
        if not row.minutes <= answer.minutes:
            out.append(None)
            continue
        legs = ways.legs(answer.network, answer.found, int(row.at), answer.origin, row.name)
        line = shapely.simplify(shapely.line_merge(shapely.union_all(legs.geometry.to_numpy())), _SHARP)
        table = [[*r[:4], round(r[4], 1), round(r[5], 1)] for r in legs.itertuples(index=False, name=None)]
        out.append({"legs": table, "g": shapes.add(line)} if not line.is_empty else {"legs": table})
    return out


def spot(region: Region, answer: ask.Reach) -> list[float]:
    """Longitude and latitude of the origin."""
    _, start, first = ask.begin(region, answer.network, answer.origin)
    x, y = (first.geometry.iloc[0].coords[0]) if first is not None else answer.network.spots[next(iter(start))]
    return [round(float(x), 5), round(float(y), 5)]


def _assumptions(answers: Sequence[ask.Reach]) -> dict[str, list[str]]:
    """Words of every assumption that a scenario uses: Chinese, English, unit, basis, source."""
    rows: dict[str, list[str]] = {}
    for answer in answers:
        for row in answer.ledger.itertuples(index=False):
            rows[row.key] = [row.zh, row.en, row.unit, row.basis, row.source]
    return rows


def _english(region: Region, code: str) -> str:
    unit = region.gazetteer.units.get(code)
    return next((a for a in unit.aliases if a.isascii()), "") if unit else ""


def _whole(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None


def channels_payload(region: Region, asked: Beside, shapes: Shapes) -> dict[str, Any]:
    """The channels side by side and leg by leg."""
    legs = channels.channels(region, asked.names, assume=asked.assume)
    rows = legs.attrs["side_by_side"].round(1).to_dict("records")
    for row in rows:
        own = legs[legs["channel"] == row["channel"]]
        row["legs"] = [
            {"mode": leg.mode, "from": leg[3], "to": leg.to, "km": round(leg.km), "days": round(leg.days, 2),
             "gauge": None if pd.isna(leg.gauge_mm) else int(leg.gauge_mm),
             "basis": leg.basis, "note": [leg.zh, leg.en], "source": leg.source,
             **({"g": shapes.add(leg.geometry)} if leg.geometry is not None else {})}
            for leg in own.itertuples(index=False)
        ]  # fmt: skip
    account = legs.attrs["ledger"]
    table = {r.key: [r.zh, r.en, r.unit, r.basis, r.source] for r in account.itertuples(index=False)}
    return {"rows": rows, "assumptions": table, "ledger": list(table), "values": [float(v) for v in account["value"]]}
