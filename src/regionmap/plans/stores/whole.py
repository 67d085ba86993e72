"""A whole region as plain parts that any store can keep: frames, tables of the folder, what is to be said of them."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np

from regionmap import __version__
from regionmap.errors import BadFileError, Fault
from regionmap.places import networks
from regionmap.places.boundaries import Boundaries
from regionmap.plans.records import Plan
from regionmap.plans.stores import columns

if TYPE_CHECKING:
    from regionmap.plans.region import Region

FORMAT = 1
"""Raised when a later regionmap writes what this one can't read."""
LAYERS = ("records", "targets", "units", "around")
_FOLDERS = ("gazetteer", "networks", "base", "plans")
_SUFFIXES = (".csv", ".toml", ".md", ".geojson", ".gpkg")
_PART = re.compile(r"[\w-][\w.-]*")
_UNIT_TYPES = {"code": "text", "name": "text", "level": "text"}
_META = {"title": str, "notice": list, "boundaries": dict, "plans": list, "faults": list, "columns": dict}
_AROUND_TYPES = {"name": "text", "what": "text"}


@dataclass(frozen=True)
class Whole:
    """A region in parts.

    Attributes
    ----------
    meta : what JSON can hold: format, title, notice, boundaries, plans with editions and digests, faults, columns.
    frames : by layer: `records`, `targets`, `units` (administrative areas), `around` (neighbours, state border).
    files : the tables of the region's folder by path, but for those that the frames hold.
    """

    meta: dict[str, Any]
    frames: dict[str, geopandas.GeoDataFrame]
    files: dict[str, bytes]


def whole_of(region: Region) -> Whole:
    """The parts of a region."""
    records, targets = plain(region.records), plain(region.targets)
    digests = columns.plan_digests(region.plans, records, targets)
    bounds, told = region.boundaries, getattr(region, "meta", None)  # told: by the store that it was opened from
    meta = {
        "format": FORMAT,
        "written_by": f"regionmap {__version__}",
        "title": region.title,
        "notice": told["notice"] if told else notice(region),
        "edition": region.edition,
        "boundaries": {"source": bounds.source, "accuracy_m": bounds.accuracy_m},
        "plans": [{**dataclasses.asdict(p), "digest": digests[p.id]} for p in region.plans.values()],
        "faults": [dataclasses.asdict(f) for f in region.faults],
        "columns": {
            "records": columns.types_of(records, "records"),
            "targets": columns.types_of(targets, "targets"),
            "units": _UNIT_TYPES,
            "around": _AROUND_TYPES,
        },
    }
    frames = {"records": records, "targets": targets, "units": _units(bounds), "around": _around(bounds)}
    kept = getattr(region, "files", None)  # of a region that was opened from a store
    return Whole(meta, frames, files_of(region.folder) if kept is None else kept)


def plain(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """The frame with text, numbers and shapes in the one form that stores give back."""
    types = columns.types_of(frame, "the region")
    return columns.frame_of(columns.cast(frame, types), frame.geometry.to_numpy())


def notice(region: Region) -> list[str]:
    """What must go with every file that shows outlines of units or traced lines, and where the licences stand."""
    settings = region.settings["boundaries"]
    traced = networks.attributions(region.gazetteer.entries)
    said = [region.boundaries.source, str(settings.get("source_en", "")), *traced]
    return list(dict.fromkeys(s for s in said if s))


def files_of(folder: Path) -> dict[str, bytes]:
    """The tables of a region's folder, but for records, targets and the outlines, which are frames."""
    found = [p for p in folder.iterdir() if p.name in ("region.toml", "README.md")]
    found += [p for name in _FOLDERS for p in (folder / name).rglob("*")]
    named = {p.relative_to(folder).as_posix(): p for p in sorted(found) if p.is_file()}
    return {name: p.read_bytes() for name, p in named.items() if _allowed(name) and not _is_rows(name)}


def _is_rows(name: str) -> bool:
    parts = name.split("/")
    return len(parts) == 3 and parts[0] == "plans" and parts[2].partition(".")[0] in ("records", "targets")


def _allowed(name: str) -> bool:
    """Whether a path is a table of a region's folder; anything else a stored file must not bring."""
    parts = name.split("/")
    if not name.endswith(_SUFFIXES):
        return False
    inside = len(parts) > 1 and parts[0] in _FOLDERS
    return (inside or name in ("region.toml", "README.md")) and all(_PART.fullmatch(p) for p in parts)


def unpack(files: dict[str, bytes], folder: Path, origin: str) -> None:
    """Write the tables into an empty folder.

    Raises
    ------
    BadFileError : a path that leads out of the folder or is no table; no region.toml.
    """
    faults = [Fault(origin, None, "files", n, "is no table of a region's folder") for n in files if not _allowed(n)]
    if "region.toml" not in files:
        faults.append(Fault(origin, None, "files", "region.toml", "is missing"))
    if faults:
        raise BadFileError(faults)
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _units(bounds: Boundaries) -> geopandas.GeoDataFrame:
    data = {"code": list(bounds.codes), "name": list(bounds.names), "level": list(bounds.levels)}
    return geopandas.GeoDataFrame(data, geometry=geopandas.GeoSeries(bounds.geometries, crs=4326))


def _around(bounds: Boundaries) -> geopandas.GeoDataFrame:
    names, shapes = list(bounds.neighbours), list(bounds.neighbours.values())
    words = ["neighbour"] * len(names)
    if bounds.state_border is not None:
        names, words, shapes = [*names, ""], [*words, "state border"], [*shapes, bounds.state_border]
    series = geopandas.GeoSeries(np.asarray(shapes, dtype=object), crs=4326)
    return geopandas.GeoDataFrame({"name": names, "what": words}, geometry=series)


def boundaries_of(meta: dict[str, Any], units: Any, around: Any) -> Boundaries:
    """The administrative areas again."""
    near = around[(around["what"] == "neighbour").to_numpy()]
    border = around.geometry[(around["what"] == "state border").to_numpy()]
    return Boundaries(
        codes=tuple(units["code"]),
        names=tuple(units["name"]),
        levels=tuple(units["level"]),
        geometries=np.asarray(units.geometry.array, dtype=object),
        neighbours=dict(zip(near["name"], near.geometry, strict=True)),
        state_border=border.iloc[0] if len(border) else None,
        source=str(meta["boundaries"]["source"]),
        accuracy_m=float(meta["boundaries"]["accuracy_m"]),
    )


def plans_of(meta: dict[str, Any]) -> dict[str, Plan]:
    """The plans by id, as they were, their editions too."""
    names = [f.name for f in dataclasses.fields(Plan)]
    return {p["id"]: Plan(**{n: p[n] for n in names}) for p in meta["plans"]}


def faults_of(meta: dict[str, Any]) -> tuple[Fault, ...]:
    return tuple(Fault(**{**f, "suggestions": tuple(f["suggestions"])}) for f in meta["faults"])


def check_meta(meta: Any, origin: str) -> None:
    """Whether the description of a stored region is whole and of a format that this version reads.

    Raises
    ------
    BadFileError
    """
    if not isinstance(meta, dict) or not isinstance(meta.get("format"), int):
        reason = "no description of a region is in the file"
        raise BadFileError([Fault(origin, None, "regionmap", str(meta)[:40], reason)])
    if meta["format"] > FORMAT:
        reason = f"written by a newer version ({meta.get('written_by', '?')}); this one reads up to format {FORMAT}"
        raise BadFileError([Fault(origin, None, "format", str(meta["format"]), reason)])
    faults = [
        Fault(origin, None, key, str(meta.get(key))[:40], f"must be a {kind.__name__}")
        for key, kind in _META.items()
        if not isinstance(meta.get(key), kind)
    ]
    if not faults:
        names = {f.name for f in dataclasses.fields(Plan)} | {"digest"}
        bad = (p for p in meta["plans"] if not isinstance(p, dict) or not names <= set(p))
        faults += [Fault(origin, None, "plans", str(p)[:40], "lacks a field") for p in bad]
        for layer in ("records", "targets"):
            types = meta["columns"].get(layer)
            if not isinstance(types, dict) or not {"id", "plan"} <= set(types):
                faults.append(Fault(origin, None, f"columns.{layer}", str(types)[:40], "must name id, plan and others"))
                continue
            odd = ((c, t) for c, t in types.items() if t not in columns.TYPES)
            reason = f"allowed are {', '.join(columns.TYPES)}"
            faults += [Fault(origin, None, f"columns.{layer}", f"{c}: {t}", reason) for c, t in odd]
    if faults:
        raise BadFileError(faults)
