"""Administrative areas: read once from a package or a file, kept in the user's cache folder.

Only the finest level is read; the levels above are dissolved from it, so that every level has
the same edges. The cache holds plain arrays (never pickles) and is keyed by the checksum of the
source and of the settings; a missing, broken or read-only cache costs time and is no error.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from regionmap.errors import BoundaryError
from regionmap.places import cache
from regionmap.progress import task

_CACHE_VERSION = 3
_LEVELS = ("province", "city", "county")


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Administrative areas in EPSG:4326 longitude/latitude (CGCS2000 is the same family).

    Attributes
    ----------
    codes, names, levels : one entry an area (`province`, `city` or `county`).
    geometries : polygons, same order.
    neighbours : names and outlines of the areas around, clipped and generalised, for drawing only.
    state_border : the part of the outline that is a state border, a line, or None.
    source : what the footer prints.
    accuracy_m : how far the drawn boundary may lie from the true one (95 %).
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    levels: tuple[str, ...]
    geometries: np.ndarray
    neighbours: dict[str, Any]
    state_border: Any
    source: str
    accuracy_m: float


def read(settings: Mapping[str, Any], folder: Path) -> Boundaries:
    """The areas that the `[boundaries]` table of a region.toml describes.

    Parameters
    ----------
    settings : `file` (relative to `folder`, or inside `package`), `code` and `name` (field names),
        `code_prefix` (cut off), `select` (first digits of the codes wanted), `sha256` (pinned), and for
        drawing `[neighbours]` (`select`, `clip` = [west, south, east, north]) and `state_border`
        (three points `[lon, lat]`: start, via, end).
    folder : the folder of the region.toml.

    Raises
    ------
    BoundaryError : the package is not installed, the file is missing or not the pinned one.
    """
    source, name = _source_path(settings, folder), cache_name(settings, folder)
    arrays = cache.load(name, {"codes", "names", "levels", "coords", "o0", "o1", "o2", "around", "border"})
    if arrays is None:
        with task("reading boundaries"):
            arrays = _build(settings, source)
        cache.save(name, arrays)
    count = len(arrays["codes"])
    shapes = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, arrays["coords"], (arrays["o0"], arrays["o1"], arrays["o2"])
    )
    shapes = np.where(shapely.get_num_geometries(shapes) == 1, shapely.get_geometry(shapes, 0), shapes)
    border = arrays["border"]
    return Boundaries(
        codes=tuple(arrays["codes"].tolist()),
        names=tuple(arrays["names"].tolist()),
        levels=tuple(arrays["levels"].tolist()),
        geometries=shapes[:count],
        neighbours=dict(zip(arrays["around"].tolist(), shapes[count:], strict=True)),
        state_border=shapely.LineString(border) if len(border) else None,
        source=str(settings.get("source", "")),
        accuracy_m=float(settings.get("accuracy_m", 0)),
    )


def _source_path(settings: Mapping[str, Any], folder: Path) -> Path:
    package = settings.get("package")
    if not package:
        path = folder / settings["file"]
    else:
        module = str(settings["file"]).split("/", 1)[0]
        spec = importlib.util.find_spec(module)
        if spec is None or not spec.submodule_search_locations:
            raise BoundaryError(f"the boundaries come from the package {package}: pip install '{package}'")
        path = Path(spec.submodule_search_locations[0]).parent / settings["file"]
    if not path.is_file():
        raise BoundaryError(f"no boundary file at {path}")
    return path


def cache_name(settings: Mapping[str, Any], folder: Path) -> str:
    """Name of the cache entry: settings, file and its size and time (the content is hashed on a miss)."""
    source = _source_path(settings, folder)
    stat = source.stat()
    text = json.dumps([_CACHE_VERSION, settings, str(source), stat.st_size, stat.st_mtime_ns], sort_keys=True)
    return f"boundaries-{cache.key([text.encode()])}"


def _build(settings: Mapping[str, Any], source: Path) -> dict[str, np.ndarray]:
    raw = source.read_bytes()
    pinned = settings.get("sha256")
    if pinned and hashlib.sha256(raw).hexdigest() != pinned:
        raise BoundaryError(
            f"{source} is not the pinned boundary file (sha256 differs); install "
            f"{settings.get('package', 'it')} {settings.get('version', '')} or change the pin on purpose"
        )
    prefix = str(settings.get("code_prefix", ""))
    rows = []
    for feature in json.loads(raw)["features"]:
        properties = feature["properties"]
        code = str(properties[settings["code"]]).removeprefix(prefix)
        rows.append((code, str(properties[settings["name"]]), feature["geometry"]))
    wanted = tuple(settings["select"]) if isinstance(settings["select"], list) else (settings["select"],)
    around = settings.get("neighbours", {})
    near_codes = tuple(around.get("select", ()))
    own = sorted((r for r in rows if r[0].startswith(wanted)), key=lambda r: r[0])
    if not own:
        raise BoundaryError(f"{source} has no area whose code starts with {', '.join(wanted)}")
    counties = shapely.make_valid(np.array([shapely.geometry.shape(r[2]) for r in own], dtype=object))
    codes = [r[0] for r in own]
    areas = [(code, name, "county", shape) for (code, name, _), shape in zip(own, counties, strict=True)]
    for digits, level in ((4, "city"), (2, "province")):
        for head in sorted({code[:digits] for code in codes}):
            members = [s for c, s in zip(codes, counties, strict=True) if c.startswith(head)]
            areas.append((head.ljust(6, "0"), "", level, shapely.union_all(members)))
    areas.sort(key=lambda a: (_LEVELS.index(a[2]), a[0]))
    names, outlines, border = _surroundings(rows, near_codes, around, shapely.union_all(counties), settings)
    shapes = [_multi(a[3]) for a in areas] + [_multi(o) for o in outlines]
    _, coords, offsets = shapely.to_ragged_array(shapes)
    return {
        "codes": np.array([a[0] for a in areas]),
        "names": np.array([a[1] for a in areas]),
        "levels": np.array([a[2] for a in areas]),
        "around": np.array(names, dtype=str),
        "coords": coords,
        "o0": offsets[0],
        "o1": offsets[1],
        "o2": offsets[2],
        "border": border,
    }


def _surroundings(
    rows: list[tuple[str, str, Any]],
    select: tuple[str, ...],
    around: Mapping[str, Any],
    own: Any,
    settings: Mapping[str, Any],
) -> tuple[list[str], list[Any], np.ndarray]:
    """Neighbouring areas, dissolved, clipped, light, and fitted snugly to our own outline."""
    if not select:
        return [], [], np.empty((0, 2))
    frame = shapely.box(*around["clip"])
    names, wholes = [], []
    for head in select:
        members = [shapely.geometry.shape(g) for code, _, g in rows if code.startswith(head)]
        members = [m for m in members if m.intersects(frame)]
        if members:
            names.append(str(around["names"].get(head, head)))
            wholes.append(shapely.union_all(shapely.make_valid(np.array(members, dtype=object))))
    ends = settings.get("state_border")
    border = _state_border(shapely.union_all([own, *wholes]), ends) if ends else np.empty((0, 2))
    light = [shapely.simplify(shapely.intersection(w, frame), 0.01) for w in wholes]
    snug = [shapely.difference(shapely.buffer(o, 0.012, join_style="mitre"), own) for o in light]
    return names, [shapely.intersection(s, frame) for s in snug], border


def _state_border(union: Any, ends: list[list[float]]) -> np.ndarray:
    """The stretch of the outer ring of `union` from the first to the third point, by way of the second."""
    ring = max(shapely.get_parts(union), key=lambda p: p.area).exterior
    coords = np.asarray(ring.coords)[:-1]
    start, via, end = (int(np.argmin(np.hypot(*(coords - point).T))) for point in np.asarray(ends))
    coords = np.roll(coords, -start, axis=0)
    via, end = ((i - start) % len(coords) for i in (via, end))
    if via <= end:
        return coords[: end + 1]
    return np.vstack([coords[:1], coords[: end - 1 : -1]])


def _multi(shape: Any) -> Any:
    """Polygons only, as a MultiPolygon."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 0]
    return shapely.MultiPolygon(parts)
