"""Questions about time to a whole region: how far one gets, which way, and what a line would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from regionmap import answers
from regionmap.access import network, people
from regionmap.errors import InputError, NotFoundError
from regionmap.queries import isochrones
from regionmap.queries import reach as queries

if TYPE_CHECKING:
    from regionmap.plans.region import Region

BANDS = (15.0, 30.0, 45.0, 60.0)


@dataclass(frozen=True, eq=False)
class Reach:
    """Where one gets from one place, and on which assumptions.

    Attributes
    ----------
    origin : what was asked. minutes : within how long.
    nodes : the halls (stations, interchanges, seats), `name`, `minutes` (infinite: not reached), points.
    features : the things of the plans (one a thing): their columns, `minutes`, `certainty` (certain, possible or
        null: not within), `at` (hall from which one goes on), `off_km`.
    towns : towns and sub-districts that the gazetteer knows: `name`, `unit`, then as `features`.
    units : counties and cities: `name`, `level`, `minutes` (to the seat), `share_area` (of the unit within the
        minutes), `population`, `population_year`, `source`, `people_by_area`.
    bands : areas of equal time, one row a band.
    people : population within the minutes, once by seat and once by area; year and source.
    ledger : the assumptions.
    """

    origin: str
    minutes: float
    nodes: geopandas.GeoDataFrame
    features: geopandas.GeoDataFrame
    towns: geopandas.GeoDataFrame
    units: geopandas.GeoDataFrame
    bands: geopandas.GeoDataFrame
    people: pd.DataFrame
    ledger: pd.DataFrame
    network: network.Network
    found: pd.DataFrame

    def way(self, name: str) -> pd.DataFrame:
        """The legs of the way to a hall, a unit or a feature (see `route`).

        Raises
        ------
        NotFoundError : no such thing, or it is not reached.
        """
        from regionmap.access import ways

        for frame in (self.nodes, self.units, self.towns, self.features):
            hits = frame[(frame["name"] == name) | (frame.index.astype(str) == name)]
            if hits.empty:  # 新民市 is 沈阳市/新民市, where there is only one
                ends = frame[frame["name"].str.endswith(f"/{name}")]
                hits = ends if len(ends) == 1 else hits
            hits = hits[np.isfinite(hits["minutes"])]
            if len(hits):
                row = hits.sort_values("minutes", kind="stable").iloc[0]
                node = int(row.name) if frame is self.nodes else int(row["at"])
                off_km = float(row.get("off_km", 0.0) or 0.0)
                return ways.legs(self.network, self.found, node, self.origin, name, off_km)
        raise NotFoundError(f"{name!r} is not reached from {self.origin} within {self.minutes:g} minutes")


def reach(
    region: Region,
    origin: Any,
    *,
    minutes: float,
    scenario: str | Sequence[str] = "existing",
    without: Sequence[str] = (),
    modes: Sequence[str] = ("rail", "road"),
    bands: Sequence[float] | None = None,
    assume: Mapping[str, float] | None = None,
    lines: Any = None,
    speed: float = 1.0,
) -> Reach:
    """Where one gets within some minutes.

    Parameters
    ----------
    origin : name of a station, a place, a record, any location expression, or (longitude, latitude).
    minutes : how long.
    scenario, without, modes, assume, lines, speed : the network, see `regionmap.access.network.build`.
    bands : minutes of the areas of equal time; else 15, 30, 45, 60, ... up to `minutes`.

    Raises
    ------
    InputError, NotFoundError, ExpressionError
    """
    limit = _minutes(minutes)
    wanted = sorted({*(float(b) for b in bands)}) if bands is not None else _bands(limit)
    net = network.build(
        region, scenario=scenario, without=without, modes=modes, assume=assume, lines=lines, speed=speed
    )
    name, start, first = begin(region, net, origin)
    found = queries.reach(net.graph, origin=start)
    stops = net.stops.assign(minutes=found["minutes"].to_numpy()[net.stops.index])
    spread = pd.concat([stops, first]) if first is not None else stops
    areas = isochrones.isochrones(spread, bands=wanted, **net.off)
    whole = areas.geometry.iloc[wanted.index(limit)] if limit in wanted else None
    if whole is None:
        whole = isochrones.isochrones(spread, bands=[limit], **net.off).geometry.iloc[0]
    things, towns = features(region, net, spread, limit), towns_of(region, net, spread, limit)
    units = people.units(region, net.seats, found["minutes"].to_numpy(), whole)
    folk = people.within(units, limit)
    return Reach(name, limit, stops, things, towns, units, areas, folk, net.ledger.frame(), net, found)


def _minutes(minutes: Any) -> float:
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 <= minutes <= 100_000:
        raise InputError(f"minutes must be a number from 0 to 100000, not {minutes!r}")
    return float(minutes)


def _bands(limit: float) -> list[float]:
    return [*np.arange(15.0, limit, 15.0).tolist()[-7:], limit]


def begin(region: Region, net: network.Network, origin: Any) -> tuple[str, dict[int, float], Any]:
    """What an origin is: its name, the nodes that one begins at with their minutes, and the place, if it is no hall."""
    hall = network.hall_of(net, origin) if isinstance(origin, str) else None
    if hall is not None:
        return origin, {hall: 0.0}, None
    if isinstance(origin, str):
        units = [e for e in region.gazetteer.find(origin, area=region.settings.get("unit", "")) if e.unit in net.seats]
        if len(units) == 1 and units[0].is_unit:  # a unit begins at its seat
            return origin, {net.seats[units[0].unit]: 0.0}, None
        name, shape = origin, region.locate(origin).geometry.iloc[0]
    else:
        lon, lat = (float(v) for v in origin)
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise InputError(f"{origin} is no (longitude, latitude)")
        name, shape = f"{lon:g}, {lat:g}", shapely.Point(lon, lat)
    spot = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
    place = geopandas.GeoDataFrame({"minutes": [0.0]}, geometry=[spot], index=[-1], crs=4326)
    off = net.off
    time = off["max_km"] / off["kmh"] * 60
    near = isochrones.minutes_off(place, net.stops, limit=time, **off)
    near = near[np.isfinite(near["minutes"])]
    if near.empty:
        raise NotFoundError(f"no station, interchange or town lies within {off['max_km']:g} km of {name}")
    return name, {int(n): float(m) for n, m in near["minutes"].items()}, place.assign(name=name)


def features(region: Region, net: network.Network, spread: Any, limit: float) -> geopandas.GeoDataFrame:
    """The things of the plans with minutes, looked for up to one and a half times the limit."""
    rows = region.latest(region.features())
    return _timed(net, spread, rows[rows.geometry.notna()], limit)


def towns_of(region: Region, net: network.Network, spread: Any, limit: float) -> geopandas.GeoDataFrame:
    """The towns of the gazetteer with minutes, as `features`; of a seat and its town only the town."""
    return _timed(net, spread, answers.towns(region), limit)


def _timed(net: network.Network, spread: Any, rows: geopandas.GeoDataFrame, limit: float) -> geopandas.GeoDataFrame:
    off = isochrones.minutes_off(spread, rows, limit=limit * 1.5, **net.off)
    slack = rows["accuracy_m"].fillna(np.inf).to_numpy() / 1000 / net.off["kmh"] * 60
    time = off["minutes"].to_numpy()
    certainty = np.full(len(rows), None, dtype=object)
    certainty[np.isfinite(time) & (time - slack <= limit)] = "possible"
    certainty[time + slack <= limit] = "certain"
    return rows.assign(minutes=time, certainty=certainty, at=off["stop"], off_km=off["off_km"])
