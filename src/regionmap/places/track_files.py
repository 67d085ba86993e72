"""The user's network of tracks, read from a file and told apart by what runs there."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from regionmap import crs
from regionmap.errors import InputError
from regionmap.places.gazetteer import fold
from regionmap.places.tracks import Tracks, build

MODES = {"rail": "rail", "transit": "rail", "road": "road", "water": "water", "waterway": "water"}
"""What a sector's lines run on."""

CLASS_MODES = {"rail": "rail", "high_speed_rail": "rail", "expressway": "road", "road": "road", "river": "water"}
OSM_ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"
_OSM_SUFFIXES = (".osm", ".pbf", ".osm.bz2", ".osm.gz")
_RAIL = "rail light_rail subway narrow_gauge monorail tram preserved high_speed_rail metro"
_ROAD = (
    "motorway motorway_link trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link "
    "unclassified road expressway highway"
)
_WATER = "river canal fairway stream waterway"
_VALUES = {v: m for m, words in (("rail", _RAIL), ("road", _ROAD), ("water", _WATER)) for v in words.split()}
_PARTS = (("铁路", "rail"), ("高铁", "rail"), ("客专", "rail"), ("轨道", "rail"), ("地铁", "rail"), ("公路", "road"),
          ("高速", "road"), ("国道", "road"), ("省道", "road"), ("道路", "road"), ("河", "water"), ("江", "water"),
          ("渠", "water"), ("航道", "water"))  # fmt: skip
_TAG_COLUMNS = {"railway": "rail", "highway": "road", "waterway": "water"}
_CLASS_COLUMNS = ("fclass", "class", "type", "kind", "类别", "类型", "等级", "dlmc", "gb")
_NAME_COLUMNS = ("name", "名称", "路线名称", "线路名称", "name_zh", "name:zh")
_NOT_BUILT = ("construction", "proposed", "planned")
_BESIDE = ("yard", "siding", "spur", "crossover")
_TAG = re.compile(r'"([^"]+)"=>"([^"]*)"')


def read(
    path: Path,
    *,
    sector: str | None = None,
    layer: str | None = None,
    bounds: tuple[float, float, float, float] | None = None,
    attribution: str | None = None,
    accuracy_m: float = 100.0,
) -> Tracks:
    """The tracks of a file: OpenStreetMap (`.osm`, `.osm.pbf`), shapefile, GeoPackage or any other of lines.

    Parameters
    ----------
    sector : what the lines are (`rail`, `road`, `water`), where the file has no column that says so.
    layer : the layer to read; else `lines` of OpenStreetMap, or the only layer with lines.
    bounds : west, south, east, north in degrees; what lies outside is left out.
    attribution : what maps must print; else OpenStreetMap's own, or the name of the file.
    accuracy_m : how far the tracks may be off.

    Raises
    ------
    InputError : no such file, a file without lines, an unknown sector.
    CRSError : the file has no CRS or one that must be converted first.
    """
    import pyogrio

    if not path.is_file():
        raise InputError(f"no file {path}")
    if sector is not None and sector not in MODES:
        raise InputError(f"unknown sector {sector!r}; allowed are {', '.join(MODES)}")
    osm = path.name.lower().endswith(_OSM_SUFFIXES)
    try:
        chosen = layer or ("lines" if osm else _line_layer(path))
        frame = pyogrio.read_dataframe(path, layer=chosen, where=_osm_filter(path, chosen) if osm else None)
        frame = crs.to_wgs84(frame[frame.geometry.notna()])
        stops = _osm_stops(path) if osm else {}
    except RuntimeError as error:
        raise InputError(f"{path} can't be read: {error}") from error
    if bounds is not None:
        frame = frame[shapely.intersects(frame.geometry.to_numpy(), shapely.box(*bounds))]
    frame = frame.explode(index_parts=False)
    frame = frame[frame.geometry.geom_type == "LineString"].reset_index(drop=True)
    tags = _describe(frame, MODES[sector] if sector else None)
    frame, tags = frame[tags["use"]], {k: v[tags["use"]] for k, v in tags.items()}
    if frame.empty:
        raise InputError(f"{path} has no railway, road or river in the area of the region")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    credit = attribution or (OSM_ATTRIBUTION if osm else path.name)
    return build(
        [shapely.get_coordinates(g) for g in frame.geometry],
        tags,
        noded=osm,
        stops=stops,
        accuracy_m=accuracy_m,
        source=f"{path.name} (sha256 {digest})",
        attribution=credit,
    )


def _line_layer(path: Path) -> str:
    import pyogrio

    layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is None or "Line" in str(kind)]
    layers = layers or [str(name) for name, kind in pyogrio.list_layers(path) if str(kind) in ("Unknown", "Geometry")]
    if len(layers) != 1:
        found = ", ".join(layers) or "none"
        raise InputError(f"{path.name}: say which layer holds the lines (layers of lines: {found})")
    return layers[0]


def _osm_filter(path: Path, layer: str) -> str:
    import pyogrio

    fields = set(pyogrio.read_info(path, layer=layer)["fields"])
    parts = [f"{c} IS NOT NULL" if c in fields else f"other_tags LIKE '%\"{c}\"=>%'" for c in _TAG_COLUMNS]
    return " OR ".join(parts)


def _osm_stops(path: Path) -> dict[str, list[tuple[float, float]]]:
    """Stations, junctions and other named points of an OpenStreetMap file."""
    import pyogrio

    wanted = "name IS NOT NULL AND (highway = 'motorway_junction' OR other_tags LIKE '%\"railway\"=>%')"
    frame = pyogrio.read_dataframe(path, layer="points", where=wanted)
    stops: dict[str, list[tuple[float, float]]] = {}
    for name, shape in zip(frame["name"], frame.geometry, strict=True):
        stops.setdefault(fold(str(name)), []).append((shape.x, shape.y))
    return stops


def _describe(frame: Any, mode: str | None) -> dict[str, np.ndarray]:
    """What each line is, by its columns; `use` is False for what is no track at all."""
    columns = {str(c).lower(): c for c in frame.columns}
    said = [columns[c] for c in (*_TAG_COLUMNS, *_CLASS_COLUMNS) if c in columns]
    titles = [columns[c] for c in _NAME_COLUMNS if c in columns]
    tagged = any(c in columns for c in _TAG_COLUMNS) or "other_tags" in columns
    rows = []
    for row in frame.drop(columns=frame.geometry.name).to_dict("records"):
        tags = dict(_TAG.findall(str(row.get("other_tags") or "")))
        tags.update({str(c).lower(): str(row[c]) for c in said if isinstance(row[c], str)})
        tags.update(
            {k: str(v) for k, v in row.items() if k in ("service", "highspeed", "usage") and isinstance(v, str)}
        )
        name = ";".join(str(row[c]) for c in titles if isinstance(row[c], str))
        rows.append((*_one(tags, tagged, mode), fold(";".join([name, tags.get("ref", "")]).strip(";"))))
    kinds = ("mode", "use", "fast", "built", "main", "names")
    whole = np.array(rows, dtype=object).reshape(-1, len(kinds))
    flags = {"use": bool, "fast": bool, "built": bool, "main": bool, "mode": str, "names": object}
    return {k: whole[:, n].astype(flags[k]) for n, k in enumerate(kinds)}


def _one(tags: dict[str, str], tagged: bool, mode: str | None) -> tuple[str, bool, bool, bool, bool]:
    found, value = "", ""
    for column, own in _TAG_COLUMNS.items():
        word = tags.get(column, "")
        if word in _NOT_BUILT or _VALUES.get(word) == own:
            found, value = own, word
            break
    if not found and not any(tags.get(c) for c in _TAG_COLUMNS):
        for word in (tags.get(c, "") for c in _CLASS_COLUMNS):
            hit = _VALUES.get(word) or next((m for part, m in _PARTS if part in word), None)
            if hit:
                found, value = hit, word
                break
    known = found or mode or ("" if tagged else "any")
    fast = tags.get("highspeed") == "yes" or value in ("high_speed_rail", "motorway", "expressway") or "高" in value
    built = value not in _NOT_BUILT
    main = tags.get("service") not in _BESIDE and not value.endswith("_link")
    return mode if mode and known == "any" else known, bool(known) and mode in (None, known), fast, built, main
