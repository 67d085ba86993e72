"""How far one gets, in a picture: areas of equal time, channels side by side, the assumptions in the legend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from regionmap.access import ask, channels
from regionmap.maps import reach, style
from regionmap.maps.picture.pen import PAPER, Pen
from regionmap.maps.picture.view import View

if TYPE_CHECKING:
    from regionmap.maps.picture.scene import Scene
    from regionmap.plans.region import Region

BAND = 15.0  # minutes between the colours, as on the page
ALPHA = 0.6


@dataclass(frozen=True, eq=False)
class Times:
    """What a picture shows of `[reach]`: one scenario in colours, the first as a dashed line where it is another."""

    asked: reach.Asked
    spot: tuple[float, float]
    bands: tuple[tuple[float, str, Any], ...]
    other: Any
    people: pd.DataFrame
    ledger: pd.DataFrame


def of(region: Region, asked: reach.Asked | None) -> Times | None:
    """The areas of a `[reach]` table."""
    if asked is None:
        return None
    edges = [float(e) for e in range(int(BAND), int(asked.minutes), int(BAND))] + [asked.minutes]
    options: dict[str, Any] = {"minutes": asked.minutes, "assume": asked.assume}
    found = ask.reach(region, asked.origin, bands=edges, **options, **asked.scenarios[asked.shown].options)
    other = None
    if asked.shown:
        first = ask.reach(region, asked.origin, bands=[asked.minutes], **options, **asked.scenarios[0].options)
        other = first.bands.geometry.iloc[0]
    ramp = style.RAMPS[min(len(edges), 6)]
    bands = tuple(
        (edge, ramp[max(0, len(ramp) - 1 - n)], area)
        for n, (edge, area) in enumerate(zip(edges, found.bands.geometry, strict=True))
    )
    lon, lat = reach.spot(region, found)
    return Times(asked, (lon, lat), bands, other, found.people, found.ledger)


def paint(pen: Pen, view: View, times: Times) -> None:
    """The bands, each only where the one before it ends, so that no colour lies on another."""
    shapes = view.shapes([area for _, _, area in times.bands])
    inner = shapely.Polygon()
    for (_, colour, _), shape in zip(times.bands, shapes, strict=True):
        whole = shapely.make_valid(shape)
        pen.fill(shapely.difference(whole, inner), colour, ALPHA)
        inner = shapely.union(inner, whole)
    pen.stroke(inner, PAPER["accent"], 1.5)
    if times.other is not None:
        pen.stroke(view.shapes([times.other])[0], PAPER["ink"], 1.5, (5, 4))
    x, y = shapely.get_coordinates(view.shapes([shapely.Point(times.spot)])[0])[0]
    ring = shapely.Point(x, y)
    pen.fill(ring.buffer(9), PAPER["face"])
    pen.stroke(ring.buffer(9), PAPER["accent"], 2.5)
    pen.fill(ring.buffer(3.2), PAPER["accent"])


def rows(scene: Scene) -> list[tuple[str, str, Any]]:
    """Legend rows as (form, text, sign)."""
    return [*_times(scene), *_channels(scene)]


def _times(scene: Scene) -> list[tuple[str, str, Any]]:
    times, s = scene.reach, scene.strings
    if times is None:
        return []
    head = s["reachHead"].replace("{origin}", times.asked.origin).replace("{m}", f"{times.asked.minutes:g}")
    out: list[tuple[str, str, Any]] = [("head", head, None)]
    out += [("entry", s["reachUnit"].replace("{}", f"≤ {edge:g}"), _swatch(colour)) for edge, colour, _ in times.bands]
    out.append(("note", _say(scene, times.asked.scenarios[times.asked.shown].title), None))
    if times.other is not None:
        out.append(("entry", _say(scene, times.asked.scenarios[0].title), _dashes))
    count = {how: f"{int(n):,}" for how, n in zip(times.people["how"], times.people["people"], strict=True)}
    people = s["reachPeople"].replace("{year}", str(times.people["year"].iloc[0])).replace("{seat}", count["by_seat"])
    out.append(("note", people.replace("{area}", count["by_area"]).replace("{of}", count["of"]), None))
    return out + _ledger(scene, times.ledger)


def _channels(scene: Scene) -> list[tuple[str, str, Any]]:
    asked, s = scene.recipe.channels, scene.strings
    if asked is None:
        return []
    legs = channels.channels(scene.region, asked.names, assume=asked.assume)
    out: list[tuple[str, str, Any]] = [("head", s["channels"], None)]
    for row in legs.attrs["side_by_side"].itertuples(index=False):
        parts = (s["daysOf"].replace("{}", f"{row.days:.1f}"), f"{row.km:,.0f} km", f"{s['borders']} {row.borders}",
                 f"{s['gauges']} {row.gauge_changes}", f"{s['portsPassed']} {row.ports}")  # fmt: skip
        out.append(("note", f"{row.channel}{s['colon']}" + " · ".join(parts), None))
    return out + _ledger(scene, legs.attrs["ledger"])


def _ledger(scene: Scene, ledger: pd.DataFrame) -> list[tuple[str, str, Any]]:
    """Every assumption as a note: no picture leaves the house without them."""
    word = "en" if scene.lang == "en" else "zh"
    out: list[tuple[str, str, Any]] = [("head", scene.strings["ledger"], None)]
    for row in ledger.itertuples(index=False):
        unit = "" if row.unit == "1" else f" {row.unit}"
        basis = reach.WORDS["basis"][row.basis][scene.lang == "en"]
        out.append(("note", f"{getattr(row, word)} {row.value:g}{unit} ({basis})", None))
    return out


def _say(scene: Scene, text: str) -> str:
    return scene.recipe.english.get(text, text) if scene.lang == "en" else text


def _swatch(colour: str) -> Any:
    def sign(pen: Pen, left: float, middle: float, scale: float) -> None:
        box = shapely.box(left + 2, middle - 7 * scale, left + 32 * scale, middle + 7 * scale)
        pen.fill(box, colour, ALPHA)
        pen.stroke(box, PAPER["quiet"], 0.8)

    return sign


def _dashes(pen: Pen, left: float, middle: float, scale: float) -> None:
    pen.stroke(shapely.LineString([(left + 2, middle), (left + 32 * scale, middle)]), PAPER["ink"], 1.5, (5, 4))
