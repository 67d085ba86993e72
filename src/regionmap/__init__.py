"""Words become geometry, geometry answers questions, answers become maps that can be handed over.

>>> import regionmap as rm
>>> region = rm.open()  # the shipped region, or rm.open("my/geodata")
>>> line = region.feature("沈铁城际铁路")
>>> rm.near(region.features(kind="park"), line, within_m=10_000)  # doctest: +SKIP

Importing this package loads neither geopandas nor folium; what needs them loads them when called.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from regionmap import errors
from regionmap.errors import RegionmapError

if TYPE_CHECKING:
    import folium
    import geopandas

    from regionmap.places.advice import Advice
    from regionmap.plans.region import Region

__version__ = "0.1.0"

_LAZY = {
    "Region": "regionmap.plans.region",
    "audit": "regionmap.plans.audit",
    "buffer": "regionmap.queries.tables",
    "chainage": "regionmap.queries.chainage",
    "channels": "regionmap.access.channels",
    "compare_reach": "regionmap.access.compare",
    "conflicts": "regionmap.plans.conflicts",
    "coverage": "regionmap.queries.overlay",
    "matrix": "regionmap.queries.tables",
    "membership": "regionmap.queries.membership",
    "near": "regionmap.queries.proximity",
    "nearest": "regionmap.queries.proximity",
    "overlay": "regionmap.queries.overlay",
    "picture": "regionmap.maps.picture",
    "point_at": "regionmap.queries.chainage",
    "reach": "regionmap.access.ask",
    "read_table": "regionmap.plans.reading",
    "route": "regionmap.access.ways",
    "save_html": "regionmap.maps.page",
    "sensitivity": "regionmap.access.compare",
    "slides": "regionmap.maps.slides",
    "stretch": "regionmap.queries.chainage",
    "trace": "regionmap.plans.tracing",
    "summary": "regionmap.answers",
}


def open(path: Any = None) -> Region:
    """The shipped region, or the one in the folder `path` (which holds a `region.toml`).

    Raises
    ------
    NotFoundError : no region.toml there.
    """
    from regionmap.plans.opening import open_region

    return open_region(path)


def locate(expr: str, *, region: Region | None = None) -> geopandas.GeoDataFrame:
    """Any location expression as a one-row GeoDataFrame in EPSG:4326, with `precision` and `accuracy_m`.

    Raises
    ------
    ExpressionError : an unknown or ambiguous name, with its position and the nearest names.
    """
    return (region or open()).locate(expr)


def detect_shift(
    frame: Any, *, names: Any = None, units: Any = None, xy: tuple[str, str] | None = None, region: Region | None = None
) -> Advice:
    """What datum, zone and axis order points look like they are in; it advises and converts nothing.

    Parameters
    ----------
    frame : a GeoDataFrame (its CRS is what it says it is), or a table with the columns `xy`.
    names : names of places, a column or a sequence.
    units : names or codes of the units that the points lie in, a column or a sequence.
    xy : columns of x (longitude, easting) and y, for a table without geometry.

    Raises
    ------
    InputError : no such column, or neither names nor units.
    """
    from regionmap.places.shift import detect

    return detect(frame, (region or open()).gazetteer, name_column=names, unit_column=units, xy=xy)


def render(region: Region, recipe: Any) -> folium.Map:
    """A map of `region` as `recipe` (a path to a TOML file, or its content as a dict) describes it.

    Returns
    -------
    folium.Map : yours to add to; `save_html` or its own `save` writes one offline file.

    Raises
    ------
    RecipeError : the recipe's faults, all at once.
    """
    from regionmap.maps.page import render as _render

    return _render(region, recipe)


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        value = getattr(importlib.import_module(_LAZY[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'regionmap' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})


__all__ = [
    "Region",
    "RegionmapError",
    "audit",
    "buffer",
    "chainage",
    "channels",
    "compare_reach",
    "conflicts",
    "coverage",
    "detect_shift",
    "errors",
    "locate",
    "matrix",
    "membership",
    "near",
    "nearest",
    "open",
    "overlay",
    "picture",
    "point_at",
    "reach",
    "read_table",
    "render",
    "route",
    "save_html",
    "sensitivity",
    "slides",
    "stretch",
    "summary",
    "trace",
]
