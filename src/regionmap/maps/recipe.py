"""A map recipe: what to show, in which frame, with which question. Every fault at once.

The format stands in docs/recipes.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regionmap import kinds
from regionmap.errors import Fault, InputError, NotFoundError, RecipeError, RegionmapError, nearest_names
from regionmap.plans.region import Region

_TOP = {
    "title": str, "subtitle": str, "lang": str, "frame": str, "units": str, "rest": bool,
    "view": list, "layer": list, "question": dict, "footer": dict,
}  # fmt: skip
_VIEW = {"title": str, "frame": str, "min_km": (int, float)}
_LAYER = {
    "title": str,
    "show": (str, list, dict),
    "where": dict,
    "visible": bool,
    "labels": bool,
    "colour": str,
}
_WHERE = ("plan", "kind", "sector", "status", "part_of", "precision")
_QUERY = ("near", "within_km", "kind")
_QUESTION = {"corridor": str, "within_km": (int, float)}
_FOOTER = {"approval": str, "date": str, "classification": str, "note": str}
_UNITS = ("none", "city", "county")
_COLOURS = ("sector", "each")


@dataclass(frozen=True)
class Layer:
    """One layer of a map; `ids` are the records it shows, one a thing."""

    title: str
    ids: tuple[str, ...]
    visible: bool
    labels: bool
    colour: str


@dataclass(frozen=True)
class Recipe:
    """A checked recipe, its queries answered; frames are (west, south, east, north) in degrees."""

    title: str
    subtitle: str
    lang: str
    units: str
    rest: bool
    views: tuple[tuple[str, tuple[float, float, float, float]], ...]
    layers: tuple[Layer, ...]
    corridor: str | None
    within_km: float
    footer: Mapping[str, str]


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
    reader = _Reader(name, region)
    recipe = reader.read(raw)
    if reader.faults:
        raise RecipeError(reader.faults)
    return recipe


class _Reader:
    def __init__(self, name: str, region: Region) -> None:
        self.name, self.region = name, region
        self.faults: list[Fault] = []

    def fault(self, key: str, value: Any, reason: str, suggestions: Sequence[str] = ()) -> None:
        self.faults.append(Fault(self.name, None, key, str(value), reason, tuple(suggestions)))

    def table(self, key: str, raw: Any, allowed: Mapping[str, Any]) -> dict[str, Any]:
        """The entries of `raw` that are known and of the right type; the others are faults."""
        if not isinstance(raw, dict):
            self.fault(key, raw, "a table is needed here")
            return {}
        good = {}
        for entry, value in raw.items():
            path = f"{key}.{entry}" if key else entry
            if entry not in allowed:
                self.fault(
                    path,
                    entry,
                    f"unknown key; allowed are {', '.join(allowed)}",
                    nearest_names(entry, allowed, 1),
                )
            elif not isinstance(value, allowed[entry]) or (isinstance(value, bool) and allowed[entry] is not bool):
                kinds_ = allowed[entry] if isinstance(allowed[entry], tuple) else (allowed[entry],)
                self.fault(path, value, f"must be {' or '.join(k.__name__ for k in kinds_)}")
            else:
                good[entry] = value
        return good

    def choice(self, key: str, value: str, allowed: Sequence[str]) -> str:
        if value not in allowed:
            self.fault(key, value, f"allowed are {', '.join(allowed)}", nearest_names(value, allowed, 1))
        return value

    def read(self, raw: Mapping[str, Any]) -> Recipe:
        top = self.table("", raw, _TOP)
        if not top.get("title"):
            self.fault("title", "", "a map needs a title")
        frame = top.get("frame") or self.region.settings.get("unit", "")
        views = [("", self.frame("frame", frame, 0.0))]
        for n, view in enumerate(top.get("view", []), 1):
            v = self.table(f"view {n}", view, _VIEW)
            box = self.frame(f"view {n}.frame", v.get("frame", ""), float(v.get("min_km", 0)))
            views.append((v.get("title", str(n)), box))
        layers = [self.layer(n, layer) for n, layer in enumerate(top.get("layer", []), 1)]
        question = self.table("question", top.get("question", {}), _QUESTION)
        footer = self.table("footer", top.get("footer", {}), _FOOTER)
        within = float(question.get("within_km", 10))
        if not 0 <= within <= 1000:
            self.fault("question.within_km", within, "kilometres from 0 to 1000")
        corridor = self.feature("question.corridor", question["corridor"]) if "corridor" in question else None
        return Recipe(
            title=top.get("title", ""),
            subtitle=top.get("subtitle", ""),
            lang=self.choice("lang", top.get("lang", "zh"), ("zh", "en")),
            units=self.choice("units", top.get("units", "county"), _UNITS),
            rest=top.get("rest", True),
            views=tuple(views),
            layers=tuple(layers),
            corridor=corridor,
            within_km=within,
            footer={k: footer.get(k, "") for k in _FOOTER},
        )

    def frame(self, key: str, expr: str, min_km: float) -> tuple[float, float, float, float]:
        from regionmap import crs

        try:
            shape = self.region.locate(expr).geometry
        except RegionmapError as error:
            self.fault(key, expr, str(error))
            return (0.0, 0.0, 1.0, 1.0)
        if min_km or shape.iloc[0].geom_type == "Point":
            shape = crs.buffer(shape.to_numpy(), max(min_km, 1.0) * 500)
            west, south, east, north = shape[0].bounds
        else:
            west, south, east, north = map(float, shape.total_bounds)
        return (west, south, east, north)

    def feature(self, key: str, name: str) -> str | None:
        try:
            return str(self.region.feature(name).index[0])
        except LookupError as error:
            self.fault(key, name, str(error))
            return None

    def layer(self, number: int, raw: Any) -> Layer:
        key = f"layer {number}"
        entry = self.table(key, raw, _LAYER)
        ids = self.show(f"{key}.show", entry.get("show", "all"), entry.get("where", {}))
        where = entry.get("where", {})
        rows = self.region.records.loc[ids]
        for column, wanted in where.items():
            if column not in _WHERE:
                self.fault(
                    f"{key}.where",
                    column,
                    f"allowed are {', '.join(_WHERE)}",
                    nearest_names(column, _WHERE, 1),
                )
                continue
            values = wanted if isinstance(wanted, list) else [wanted]
            self.known(f"{key}.where.{column}", column, values)
            rows = rows[rows[column].isin(values)]
        whole = self.region.records
        latest = self.region.latest(whole[whole["group"].isin(rows["group"])])  # a thing once, all plans' citations
        title = entry.get("title") or str(entry.get("show", ""))
        if latest.empty and not self.faults:
            self.fault(key, title, "shows nothing: no record fits")
        colour = self.choice(f"{key}.colour", entry.get("colour", "sector"), _COLOURS)
        return Layer(title, tuple(latest.index), entry.get("visible", True), entry.get("labels", True), colour)

    def known(self, key: str, column: str, values: Sequence[Any]) -> None:
        allowed: Mapping[str, Any] = {
            "plan": self.region.plans,
            "kind": kinds.KINDS,
            "sector": kinds.SECTORS,
            "status": kinds.STATUSES,
            "precision": kinds.PRECISIONS,
            "part_of": dict.fromkeys(self.region.records.index),
        }[column]
        for value in values:
            if value not in allowed:
                near = nearest_names(str(value), allowed, 3)
                some = "" if len(allowed) > 30 else f"; allowed are {', '.join(allowed)}"
                self.fault(key, value, f"no such {column}{some}", near)

    def show(self, key: str, show: Any, where: Mapping[str, Any]) -> list[str]:
        """Ids of what `show` asks for: a kind, `all`, `context`, ids and names, or a question."""
        region = self.region
        if isinstance(show, list):
            found = (self.feature(key, str(name)) for name in show)
            return list(dict.fromkeys(i for i in found if i))
        if isinstance(show, dict):
            return self.query(key, show)
        context = where.get("plan") == "context" or show == "context"
        if show in ("all", "context"):
            rows = region.features(context=context)
            return list(rows[rows["plan"] == "context"].index if show == "context" else rows.index)
        try:
            return list(region.features(show, context=context).index)
        except InputError:
            words = [*kinds.KINDS, *(k.plural for k in kinds.KINDS.values()), "all", "context"]
            self.fault(
                key,
                show,
                f"a kind ({', '.join(words)}), a list of ids, or a query",
                nearest_names(show, words, 1),
            )
            return []

    def query(self, key: str, show: Mapping[str, Any]) -> list[str]:
        from regionmap.queries.proximity import near

        wrong = [k for k in show if k not in _QUERY]
        if wrong or "near" not in show or "within_km" not in show:
            self.fault(key, dict(show), "a query reads {near = NAME, within_km = NUMBER, kind = KIND}")
            return []
        target = self.feature(f"{key}.near", str(show["near"]))
        if target is None:
            return []
        rows = self.region.candidates(target, show.get("kind"))
        return list(near(rows, self.region.records.loc[[target]], within_m=float(show["within_km"]) * 1000)["id"])
