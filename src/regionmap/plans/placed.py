"""Resolved locations kept in the user's cache, so that a region that did not change opens at once."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import shapely

from regionmap import places
from regionmap.errors import Fault
from regionmap.places import cache
from regionmap.places.where import Located

_NEEDED = {"wkb", "ends", "numbers", "words", "faults"}


@dataclasses.dataclass(frozen=True)
class Placed:
    """Where rows lie.

    Attributes
    ----------
    located : one a row, None where it could not be placed or names no place.
    numbers : area in km2 and length in km, one row each; NaN where it has none.
    faults : why rows could not be placed.
    """

    located: list[Located | None]
    numbers: np.ndarray
    faults: tuple[Fault, ...]


def cache_name(folder: Path, boundaries: str) -> str | None:
    """The cache entry of a region's tables as they are now; None where a row may name another file.

    Parameters
    ----------
    folder : the region's folder.
    boundaries : the cache name of its boundaries.
    """
    if any(folder.glob("plans/*/*.xlsx")):  # what a workbook's cells name can't be seen without reading it
        return None
    files = [p for p in sorted(folder.rglob("*")) if p.suffix in (".csv", ".toml", ".gpkg") and p.is_file()]
    tables = [p.read_bytes() for p in files]
    if any(b"#" in t for p, t in zip(files, tables, strict=True) if p.name == "records.csv"):
        return None
    code = cache.sources(places)  # the code that places, and what it measures with beside it
    names = "\n".join(str(p.relative_to(folder)) for p in files).encode()
    return f"placed-{cache.key([boundaries.encode(), names, *tables, *code])}"


def load(name: str, count: int) -> Placed | None:
    """What `save` kept for `count` rows, or None."""
    arrays = cache.load(name, _NEEDED)
    if arrays is None or len(arrays["ends"]) != count:
        return None
    blob, ends = arrays["wkb"].tobytes(), arrays["ends"].tolist()
    starts = [0, *ends[:-1]]
    shapes = shapely.from_wkb(np.array([blob[a:b] or None for a, b in zip(starts, ends, strict=True)], dtype=object))
    located = [
        None if shape is None else Located(shape, accuracy, precision, drawn or None, ())
        for shape, accuracy, (precision, drawn) in zip(
            shapes, arrays["numbers"][:, 0].tolist(), arrays["words"].tolist(), strict=True
        )
    ]
    faults = (Fault(**{**f, "suggestions": tuple(f["suggestions"])}) for f in json.loads(str(arrays["faults"])))
    return Placed(located, arrays["numbers"][:, 1:], tuple(faults))


def save(name: str, placed: Placed) -> None:
    """Keep resolved locations (without their pieces) and the faults of those that could not be."""
    blobs = [b"" if s is None else shapely.to_wkb(s.geometry) for s in placed.located]
    accuracy = np.array([np.nan if s is None else s.accuracy_m for s in placed.located])
    words = [("", "") if s is None else (s.precision, s.drawn or "") for s in placed.located]
    cache.save(
        name,
        {
            "wkb": np.frombuffer(b"".join(blobs), dtype=np.uint8),
            "ends": np.cumsum([len(b) for b in blobs], dtype=np.int64),
            "numbers": np.column_stack([accuracy, placed.numbers]),
            "words": np.array(words).reshape(-1, 2),
            "faults": np.array(json.dumps([dataclasses.asdict(f) for f in placed.faults])),
        },
    )
