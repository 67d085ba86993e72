"""What datum do points look like they are in? Their names and units are the witnesses.

Every way to read the coordinates (datum, order of the axes, zone, number before the easting, 500 km) puts the
points somewhere; the reading that puts them at the places of their names and into their units is the likely
one. It is named only where it beats every other reading clearly, and nothing is converted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.errors import InputError
from regionmap.places import readings
from regionmap.places.advice import CANT_TELL, Advice
from regionmap.places.gazetteer import Entry, Gazetteer
from regionmap.places.readings import Reading

MIN_POINTS = 8  # fewer witnesses prove nothing
CLEAR = math.log(1000.0)  # odds against the second-best reading
FLOOR_M = 30.0  # the gazetteer is no better than this, however well the points fit
APART_M = 30.0  # readings that put the points this near each other are one


@dataclass(frozen=True, eq=False)
class _Scored:
    """A reading with its evidence: a log-likelihood a point, whether a point lies in its unit, the median vector."""

    reading: Reading
    likely: np.ndarray
    inside: np.ndarray
    shift: tuple[float, float]


def detect(
    frame: Any,
    names: Gazetteer,
    *,
    name_column: Any = None,
    unit_column: Any = None,
    xy: tuple[str, str] | None = None,
    system: Any = None,
) -> Advice:
    """Say what datum, zone and axis order points look like they are in.

    Parameters
    ----------
    frame : a GeoDataFrame (its CRS, if any, is what it says it is), or a DataFrame with the columns `xy`.
    names : places and units to compare with.
    name_column, unit_column : a column, or a sequence of values: names of places; names or codes of units.
    xy : columns of a plain table that hold x (or longitude, or easting) and y.
    system : the CRS that a plain table is said to be in.

    Raises
    ------
    InputError : no such column, no points, neither names nor units.
    """
    x, y, own = _coordinates(frame, xy)
    system = own if system is None else system
    places, units = _witnesses(frame, names, name_column, unit_column)
    usable = np.isfinite(x) & np.isfinite(y)
    named = usable & np.array([p is not None for p in places], dtype=bool)
    held = usable & np.array([u is not None for u in units], dtype=bool)
    count = int((named | held).sum())
    frame_of = _frame(names)
    ways = readings.readings(x, y, system, frame_of)
    scored = _score(ways, places, units, named, held, _scale(ways, places, named))
    stated = next((s for s in scored if s.reading.stated), None)
    scored.sort(key=lambda s: len(s.reading.faults) / 10 - float(s.likely.sum()))
    numbers = (int(usable.sum()), int(named.sum()), int(held.sum()))
    if count < MIN_POINTS:
        why = f"too few points with a known name or unit: {count}, at least {MIN_POINTS} are needed"
        return _advice(None, stated, scored, numbers, why)
    if not _fits(scored[0], named, held):
        return _advice(None, stated, scored, numbers, "no reading puts the points where their names and units are")
    rivals = [s for s in scored[1:] if _apart(s, scored[0], usable) and not _beats(scored[0], s, named, held)]
    if rivals and len({_gross(s.reading) for s in (scored[0], *rivals)}) == 1 and _gross(scored[0].reading):
        return _advice(scored[0], stated, scored, numbers, "datum")  # what is surely wrong, on whatever datum
    if rivals:
        either = " or ".join(dict.fromkeys(s.reading.text for s in (scored[0], *rivals[:3])))
        return _advice(
            None, stated, scored, numbers, f"the points fit {either}: more points or better names are needed"
        )
    return _advice(scored[0], stated, scored, numbers, "")


def _coordinates(frame: Any, xy: tuple[str, str] | None) -> tuple[np.ndarray, np.ndarray, Any]:
    if xy is not None:
        missing = [c for c in xy if c not in frame]
        if missing:
            raise InputError(f"no column {missing[0]!r}; the table has {', '.join(map(str, frame.columns))}")
        x, y = (np.array([_number(v) for v in frame[c]], dtype=float) for c in xy)
        return x, y, getattr(frame, "crs", None)
    if not hasattr(frame, "geometry"):
        raise InputError("a GeoDataFrame is needed, or a table with xy=(column of x, column of y)")
    spots = shapely.centroid(frame.geometry.to_numpy())
    return shapely.get_x(spots), shapely.get_y(spots), frame.crs


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _column(frame: Any, given: Any) -> list[str]:
    if given is None:
        return [""] * len(frame)
    if isinstance(given, str):
        if given not in frame:
            raise InputError(f"no column {given!r}; the table has {', '.join(map(str, frame.columns))}")
        given = frame[given]
    values = ["" if v is None or v != v else str(v).strip() for v in given]
    if len(values) != len(frame):
        raise InputError(f"{len(values)} names or units for {len(frame)} points")
    return [v.removesuffix(".0") if v[:-2].isdigit() else v for v in values]


def _witnesses(frame: Any, names: Gazetteer, name_column: Any, unit_column: Any) -> tuple[list[Any], list[Any]]:
    """For each row the place of its name (a point) and its unit (an area), None where not known or not clear."""
    if name_column is None and unit_column is None:
        raise InputError("names= or units= is needed: the points are compared with the places that they name")
    places, units = [], []
    for name, unit in zip(_column(frame, name_column), _column(frame, unit_column), strict=True):
        found = [e for e in names.find(unit) if e.is_unit] if unit else []
        holder = found[0] if len(found) == 1 else None
        units.append(holder.geometry if holder else None)
        places.append(_place(names, name, holder))
    return places, units


def _place(names: Gazetteer, name: str, holder: Entry | None) -> Any:
    found = [e for e in names.find(name, inside=holder) if name] or ([] if holder else names.find(name) if name else [])
    if len(found) != 1:
        return None
    place = names.seat(found[0]) if found[0].is_unit else found[0]
    return place.geometry if place is not None and place.geometry.geom_type == "Point" else None


def _frame(names: Gazetteer) -> tuple[float, float, float, float]:
    """West, south, east, north of the region's units."""
    shapes = [u.geometry for u in names.units.values()]
    return tuple(shapely.total_bounds(np.array(shapes, dtype=object)).tolist()) if shapes else (73.0, 3.0, 136.0, 54.0)


def _offsets(way: Reading, places: Sequence[Any], named: np.ndarray) -> np.ndarray:
    """East and north of each named point from its place, metres; shape (n, 2)."""
    spots = np.array([(p.x, p.y) if p is not None else (np.nan, np.nan) for p in places]).reshape(-1, 2)[named]
    dx = (way.lon[named] - spots[:, 0]) * 111_320.0 * np.cos(np.radians(spots[:, 1]))
    return np.column_stack([dx, (way.lat[named] - spots[:, 1]) * 111_050.0])


def _scale(ways: Sequence[Reading], places: Sequence[Any], named: np.ndarray) -> float:
    """How far points lie from the places of their names where they fit best, one standard deviation, metres."""
    if not named.any():
        return FLOOR_M
    medians = [float(np.nanmedian(np.hypot(*_offsets(way, places, named).T))) for way in ways]
    return max(FLOOR_M, min(medians) / 1.1774)  # of a Rayleigh distribution


def _score(
    ways: Sequence[Reading],
    places: Sequence[Any],
    units: Sequence[Any],
    named: np.ndarray,
    held: np.ndarray,
    scale: float,
) -> list[_Scored]:
    areas = np.array([u for u, h in zip(units, held, strict=True) if h], dtype=object)
    shapely.prepare(areas)
    out = []
    for way in ways:
        likely, inside = np.zeros(len(named)), np.zeros(len(named), dtype=bool)
        offsets = _offsets(way, places, named)
        away = np.hypot(*offsets.T)
        likely[named] = -2.0 * np.log1p(np.minimum(away, 1e6) ** 2 / (2 * scale**2))  # Student's t, 2 degrees
        inside[held] = shapely.intersects_xy(areas, way.lon[held], way.lat[held])
        # outside its unit by as much as boundaries are generalised is no evidence, by tens of kilometres much
        out_of = held & ~inside
        if out_of.any():
            spots = shapely.points(way.lon[out_of], way.lat[out_of])
            metres = shapely.distance(areas[out_of[held]], spots) * 100_000
            likely[out_of] -= np.log1p((np.minimum(metres, 1e6) / 3_000.0) ** 2)
        shift = tuple(np.median(offsets, axis=0).tolist()) if len(offsets) else (math.nan, math.nan)
        out.append(_Scored(way, likely, inside, shift))
    return out


def _gross(way: Reading) -> tuple[str, ...]:
    """The faults of a reading other than its datum."""
    return tuple(f for f in way.faults if f != way.datum)


def _apart(a: _Scored, b: _Scored, usable: np.ndarray) -> bool:
    metres = crs.distance_m(*(np.clip(v[usable], -89.9, 360) for r in (a, b) for v in (r.reading.lon, r.reading.lat)))
    return float(np.median(metres)) > APART_M


def _beats(best: _Scored, other: _Scored, named: np.ndarray, held: np.ndarray) -> bool:
    """Whether the names, or the units, speak clearly for one reading against another."""
    if float((best.likely - other.likely)[named | held].sum()) > CLEAR:
        return True
    gained, lost = (int((a.inside & ~b.inside).sum()) for a, b in ((best, other), (other, best)))
    n = gained + lost  # a sign test over the points that only one of them puts into their unit
    return n > 0 and sum(math.comb(n, k) for k in range(gained, n + 1)) / 2.0**n < 1e-3


def _fits(best: _Scored, named: np.ndarray, held: np.ndarray) -> bool:
    """Whether the best reading is any good: half of the points in their units, or near the places of their names."""
    if held.sum() >= MIN_POINTS:
        return float(best.inside[held].mean()) > 0.5
    return math.hypot(*best.shift) < 20_000


def _advice(
    best: _Scored | None, stated: _Scored | None, scored: list[_Scored], numbers: tuple[int, int, int], why: str
) -> Advice:
    import pandas as pd

    def share(s: _Scored | None) -> float:
        return float(s.inside.sum() / numbers[2]) if s is not None and numbers[2] else math.nan

    rows = [(s.reading.text, s.reading.stated, share(s), *s.shift, float(s.likely.sum())) for s in scored]
    table = pd.DataFrame(rows, columns=["reading", "stated", "share_in_unit", "east_m", "north_m", "log_likelihood"])
    nowhere = (math.nan, math.nan)
    before, after = (s.shift if s else nowhere for s in (stated, best))
    shares = (share(stated), share(best))
    if best is None:
        return Advice(CANT_TELL, None, (), CANT_TELL, *numbers, *shares, before, after, why, table)
    way = best.reading
    datum: str | None = way.datum
    faults, remedy = way.faults, way.remedy
    if why == "datum":
        datum, faults = None, _gross(way)
        remedy += "; on which datum they are, more points with names must show"
    return Advice(
        faults[0] if faults else way.datum, datum, faults, way.text, *numbers, *shares, before, after, remedy, table
    )
