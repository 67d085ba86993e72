"""What a picture shows, before anything is drawn: the things of the visible layers, the answer, the words.

The same choices as the page's `draw.js` and `answer.js` make, from the region and the recipe.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np
import shapely

from regionmap import crs, kinds
from regionmap.maps import outlines, style
from regionmap.maps.layers import Layer
from regionmap.maps.picture import reach
from regionmap.maps.picture.reach import Times
from regionmap.maps.recipe import Recipe
from regionmap.places import networks
from regionmap.plans.region import CONTEXT, Region

PIECE_M = 10_000.0  # straight pieces are geodesics; long ones get points on them
_PRECISE = ("surveyed", "traced", "site")
_FINE = (*_PRECISE, "town")
_PLACED = {"surveyed": 0, "traced": 0, "site": 0, "town": 6, "county": 12, "city": 18, "province": 24}
_OWN = Layer("", (), True, True, "sector")  # of things that no layer holds
_ORDER = {"corridor": 0, "hub": 1, "park": 2, "facility": 3, "project": 4, "zone": 5}


@dataclass(frozen=True, eq=False)
class Item:
    """One thing as it is drawn.

    Attributes
    ----------
    shape : EPSG:4326, long pieces as geodesics.
    form : `point`, `line` or `area`.
    number : its place in its layer; zones told apart one by one take hatch and colour from it.
    weight : how often the plans name it, under 1.
    """

    id: str
    name: str
    kind: str
    sector: str
    status: str
    precision: str
    accuracy_m: float
    area_km2: float
    context: bool
    shape: Any
    form: str
    layer: Layer
    number: int
    weight: float

    @property
    def family(self) -> str:
        return _families().get(self.sector, "region")

    @property
    def colour(self) -> str:
        if self.layer.colour == "each":
            return style.EACH[self.number % len(style.EACH)]
        return style.FAMILIES[self.family][2]

    @property
    def precise(self) -> bool:
        return self.precision in _PRECISE

    @property
    def rank(self) -> float:
        """Marks that matter most keep their place: known sites first, then by kind and weight, context last."""
        many = 5 if self.form == "point" and shapely.get_num_geometries(self.shape) > 1 else 0
        return (40 if self.context else 0) + _PLACED[self.precision] + _ORDER[self.kind] - self.weight + many


@dataclass(frozen=True, eq=False)
class Answer:
    """The recipe's question: the asked thing, its rows as `rm.near` gives them, and those that are drawn.

    certain : of the drawn things, by id, whether they certainly answer.
    """

    target: Item
    km: float
    rows: Any
    certain: dict[str, bool]


@dataclass(frozen=True, eq=False)
class Scene:
    """A recipe's picture.

    Attributes
    ----------
    members : what each visible layer holds; a thing may stand in several.
    items : each thing once, of the first visible layer that holds it.
    extra : things that only the answer shows.
    """

    region: Region
    recipe: Recipe
    members: tuple[tuple[Item, ...], ...]
    items: tuple[Item, ...]
    extra: tuple[Item, ...]
    answer: Answer | None
    base: outlines.Outlines
    strings: dict[str, str]
    reach: Times | None = None

    @property
    def lang(self) -> str:
        return self.recipe.lang

    @property
    def filled(self) -> Layer | None:
        return next((la for la in self.recipe.layers if la.filled is not None and la.visible), None)

    def word(self, vocabulary: str, key: str) -> str:
        """The label of a kind, sector, status or precision in the picture's language."""
        if vocabulary == "kind":
            return kinds.KINDS[key].en if self.lang == "en" else kinds.KINDS[key].zh
        words = {"sector": kinds.SECTORS, "status": kinds.STATUSES, "precision": kinds.PRECISIONS}[vocabulary]
        return words[key][self.lang == "en"]

    def sources(self) -> str:
        """Where the boundaries and the traced lines come from; must be printed."""
        source = self.region.boundaries.source
        if self.lang == "en":
            source = str(self.region.settings["boundaries"].get("source_en", source))
        return "; ".join([source, *networks.attributions(self.region.gazetteer.entries)])

    def texts(self) -> Iterator[str]:
        """Every text that may stand on the sheet, to choose a font by."""
        yield from (self.recipe.title, self.recipe.subtitle, self.sources(), *self.recipe.footer.values())
        yield from (title for title, _ in self.recipe.views)
        yield from self.strings.values()
        yield from (u.label(self.lang) for u in self.base.units)
        for layer in self.recipe.layers:
            if layer.visible:
                yield layer.title
                if layer.filled is not None:
                    yield from (layer.filled.unit, layer.filled.indicator, *(c.name for c in layer.filled.cells))
        yield from (item.name for item in (*self.items, *self.extra))
        yield from (plan.short for plan in self.region.plans.values())


@functools.cache
def _families() -> dict[str, str]:
    return {sector: key for key, family in style.FAMILIES.items() for sector in family[3]}


def strings(lang: str) -> dict[str, str]:
    """The texts of the interface, those of the page."""
    whole = json.loads((resources.files("regionmap.maps") / "web" / "strings.json").read_text("utf-8"))
    return dict(whole[lang])


def build(region: Region, recipe: Recipe, lang: str | None = None) -> Scene:
    """The scene of a recipe; `lang` overrules the recipe's."""
    recipe = _worded(replace(recipe, lang=lang or recipe.lang))
    visible = [layer for layer in recipe.layers if layer.visible]
    known = _items(region, recipe.lang, dict.fromkeys(i for layer in visible for i in layer.ids))
    members = tuple(
        tuple(replace(known[i], layer=layer, number=n) for n, i in enumerate(layer.ids) if i in known)
        for layer in visible
    )
    items: dict[str, Item] = {}
    for item in (item for layer in members for item in layer):
        items.setdefault(item.id, item)
    answer, extra = _answer(region, recipe, items)
    whole = tuple(items.values())
    base, times = outlines.of(region), reach.of(region, recipe.reach)
    return Scene(region, recipe, members, whole, extra, answer, base, strings(recipe.lang), times)


def _worded(recipe: Recipe) -> Recipe:
    """The recipe with its texts in its language, where it has them."""
    if recipe.lang != "en":
        return recipe

    def say(text: str) -> str:
        return recipe.english.get(text, text)

    def layer(old: Layer) -> Layer:
        filled = replace(old.filled, unit=say(old.filled.unit)) if old.filled else None
        return replace(old, title=say(old.title), filled=filled)

    return replace(
        recipe,
        title=say(recipe.title),
        subtitle=say(recipe.subtitle),
        views=tuple((say(title), box) for title, box in recipe.views),
        layers=tuple(map(layer, recipe.layers)),
        footer={key: say(text) for key, text in recipe.footer.items()},
    )


def _weights(region: Region) -> dict[str, float]:
    """By group: a tenth for each clause that names it, at most nine."""
    named = region.records[region.records["plan"] != CONTEXT]
    clauses = named["clause"].astype(str).str.count(";") + 1
    return dict((0.1 * clauses).groupby(named["group"]).sum().clip(upper=0.9))


def _items(region: Region, lang: str, ids: Iterable[str]) -> dict[str, Item]:
    """Items by id, of no layer yet; without those that have no place."""
    weights = _weights(region)
    rows = region.records.loc[list(ids)]
    rows = rows[rows.geometry.notna()]
    shapes = crs.densify(rows.geometry.to_numpy(), PIECE_M) if len(rows) else []
    items = {}
    for row, shape in zip(rows.to_dict("records"), shapes, strict=True):
        name = row["name_en"] if lang == "en" and row["name_en"] else row["name"]
        slack, area = (0.0 if np.isnan(float(row[c])) else float(row[c]) for c in ("accuracy_m", "area_km2"))
        form = ("point", "line", "area")[shapely.get_dimensions(shape)]
        words = {c: row[c] or "" for c in ("id", "kind", "sector", "status", "precision")}
        items[row["id"]] = Item(
            name=name, accuracy_m=slack, area_km2=area, context=row["plan"] == CONTEXT, shape=shape, form=form,
            layer=_OWN, number=0, weight=weights.get(row["group"], 0.0), **words,
        )  # fmt: skip
    return items


def _answer(region: Region, recipe: Recipe, items: Mapping[str, Item]) -> tuple[Answer | None, tuple[Item, ...]]:
    """The answer, and the things that it shows though no layer does (as `answer.js`: certain ones, and possible
    ones whose town is known and whose doubt is not far wider than the question)."""
    if recipe.corridor is None or region.records.geometry[recipe.corridor] is None:
        return None, ()
    from regionmap.queries.proximity import near

    target = _items(region, recipe.lang, [recipe.corridor])[recipe.corridor]
    candidates = region.candidates(recipe.corridor)
    if not recipe.rest:
        shown = {i for layer in recipe.layers for i in layer.ids}
        candidates = candidates[candidates.index.isin(shown)]
    rows = near(candidates, region.records.loc[[recipe.corridor]], within_m=recipe.within_km * 1000)
    certain = (rows["certainty"] == "certain").to_numpy()
    fine = rows["precision"].isin(_FINE).to_numpy()
    slack = rows["accuracy_m"].to_numpy() + target.accuracy_m
    drawn = certain | (fine & (slack <= 2000 * max(5.0, recipe.within_km)))
    sure = dict(zip(rows["id"][drawn], certain[drawn].tolist(), strict=True))
    extra = _items(region, recipe.lang, [i for i in sure if i not in items]).values()
    shown_too = tuple(e for e in extra if e.form == "point" or (e.form == "line" and sure[e.id]))
    return Answer(target, recipe.within_km, rows, sure), shown_too
