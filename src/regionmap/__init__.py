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

    from regionmap.plans.region import Region

__version__ = "0.1.0"

_LAZY = {
    "Region": "regionmap.plans.region",
    "buffer": "regionmap.queries.proximity",
    "chainage": "regionmap.queries.chainage",
    "coverage": "regionmap.queries.overlay",
    "matrix": "regionmap.queries.proximity",
    "near": "regionmap.queries.proximity",
    "nearest": "regionmap.queries.proximity",
    "overlay": "regionmap.queries.overlay",
    "point_at": "regionmap.queries.chainage",
    "save_html": "regionmap.maps.page",
    "stretch": "regionmap.queries.chainage",
}


def open(path: Any = None) -> Region:
    """The shipped region, or the one in the folder `path` (which holds a `region.toml`).

    Raises
    ------
    NotFoundError : no region.toml there.
    """
    from regionmap.plans.region import open_region

    return open_region(path)


def locate(expr: str, *, region: Region | None = None) -> geopandas.GeoDataFrame:
    """Any location expression as a one-row GeoDataFrame in EPSG:4326, with `precision` and `accuracy_m`.

    Raises
    ------
    ExpressionError : an unknown or ambiguous name, with its position and the nearest names.
    """
    return (region or open()).locate(expr)


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
    "buffer",
    "chainage",
    "coverage",
    "errors",
    "locate",
    "matrix",
    "near",
    "nearest",
    "open",
    "overlay",
    "point_at",
    "render",
    "save_html",
    "stretch",
]
