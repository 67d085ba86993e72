"""A map recipe: what to show, in which frame, with which question. Every fault at once.

The format stands in docs/recipes.md; layers.py reads its layers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regionmap import crs
from regionmap.errors import Fault, NotFoundError, RecipeError, RegionmapError
from regionmap.maps import layers
from regionmap.maps import reach as times
from regionmap.maps.faults import Faults
from regionmap.plans.region import Region

_TOP = {
    "title": str, "title_en": str, "subtitle": str, "subtitle_en": str, "lang": str,
    "frame": str, "units": str, "rest": bool, "group": str,
    "order": (int, float), "view": list, "layer": list, "question": dict, "footer": dict,
    "reach": dict, "channels": dict,
}  # fmt: skip
_VIEW = {"title": str, "title_en": str, "frame": str, "min_km": (int, float)}
_QUESTION = {"corridor": str, "within_km": (int, float)}
_FOOTER = {"approval": str, "date": str, "classification": str, "note": str}
_FOOTER_EN = {"classification_en": str, "note_en": str}
_UNITS = ("none", "city", "county")

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Recipe:
    """A checked recipe, its queries answered; frames are (west, south, east, north) in degrees.

    `group` and `order` say where the index page puts the map; `english` has the English of its texts.
    """

    title: str
    subtitle: str
    lang: str
    units: str
    rest: bool
    views: tuple[tuple[str, Box], ...]
    layers: tuple[layers.Layer, ...]
    corridor: str | None
    within_km: float
    footer: Mapping[str, str]
    group: str = ""
    order: float = 100.0
    english: Mapping[str, str] = field(default_factory=dict)
    reach: times.Asked | None = None
    channels: times.Beside | None = None


def read(source: str | Path | Mapping[str, Any], region: Region) -> Recipe:
    """Check a recipe against a region and answer its queries.

    Parameters
    ----------
    source : path of a TOML file, or its content.

    Raises
    ------
    RecipeError : listing all faults, each with what is allowed.
    """
    if isinstance(source, Mapping):
        name, raw = "recipe", dict(source)
    else:
        name = str(source)
        try:
            raw = tomllib.loads(Path(source).read_text("utf-8"))
        except FileNotFoundError:
            raise NotFoundError(f"no recipe {name}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RecipeError([Fault(name, None, None, "", f"is not valid TOML: {error}")]) from None
    faults = Faults(name, region)
    recipe = _read(raw, region, faults)
    if faults.found:
        raise RecipeError(faults.found)
    return recipe


def _read(raw: Mapping[str, Any], region: Region, faults: Faults) -> Recipe:
    top = faults.table("", raw, _TOP)
    if not top.get("title"):
        faults.add("title", "", "a map needs a title")
    views = [("", _frame(region, faults, "frame", top.get("frame") or region.settings.get("unit", ""), 0.0))]
    for n, view in enumerate(top.get("view", []), 1):
        v = faults.table(f"view {n}", view, _VIEW)
        box = _frame(region, faults, f"view {n}.frame", v.get("frame", ""), float(v.get("min_km", 0)))
        views.append((v.get("title", str(n)), box))
    found: list[layers.Layer] = []
    for n, layer in enumerate(top.get("layer", []), 1):
        taken = any(f.filled is not None and f.visible for f in found)
        found.append(layers.read(region, faults, n, layer, taken, views[0][1]))
    question = faults.table("question", top.get("question", {}), _QUESTION)
    footer = faults.table("footer", top.get("footer", {}), {**_FOOTER, **_FOOTER_EN})
    within = float(question.get("within_km", 10))
    if not 0 <= within <= 1000:
        faults.add("question.within_km", within, "kilometres from 0 to 1000")
    corridor = faults.feature("question.corridor", question["corridor"]) if "corridor" in question else None
    return Recipe(
        title=top.get("title", ""),
        subtitle=top.get("subtitle", ""),
        lang=faults.choice("lang", top.get("lang", "zh"), ("zh", "en")),
        units=faults.choice("units", top.get("units", "county"), _UNITS),
        rest=top.get("rest", True),
        views=tuple(views),
        layers=tuple(found),
        corridor=region.latest(region.same(corridor)).index[0] if corridor else None,  # one thing, one row
        within_km=within,
        footer={k: footer.get(k, "") for k in _FOOTER},
        group=top.get("group", ""),
        order=float(top.get("order", 100)),
        english=_english([top, footer, *top.get("view", []), *top.get("layer", []), *_scenarios(top)]),
        reach=times.read(region, faults, top["reach"]) if "reach" in top else None,
        channels=times.read_channels(region, faults, top["channels"]) if "channels" in top else None,
    )


def _scenarios(top: Mapping[str, Any]) -> list[Any]:
    found = top.get("reach", {}).get("scenario", [])
    return found if isinstance(found, list) else []


def _english(tables: list[Any]) -> dict[str, str]:
    """The English of each text that has one, as `title_en` is for `title`."""
    tables = [t for t in tables if isinstance(t, dict)]
    pairs = [(t.get(key[:-3]), text) for t in tables for key, text in t.items() if key[-3:] == "_en"]
    return {zh: en for zh, en in pairs if isinstance(zh, str) and zh and isinstance(en, str)}


def _frame(region: Region, faults: Faults, key: str, expr: str, min_km: float) -> Box:
    try:
        shape = region.locate(expr).geometry
    except RegionmapError as error:
        faults.add(key, expr, str(error))
        return (0.0, 0.0, 1.0, 1.0)
    if min_km or shape.iloc[0].geom_type == "Point":
        shape = crs.buffer(shape.to_numpy(), max(min_km, 1.0) * 500)
        west, south, east, north = shape[0].bounds
    else:
        west, south, east, north = map(float, shape.total_bounds)
    return (west, south, east, north)
