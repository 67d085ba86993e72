"""A region to files and back. Writes are whole or not at all.

`.gpkg` and `.parquet` hold the whole region and are opened again; the others say what they leave out.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regionmap.errors import InputError, NotFoundError
from regionmap.plans.stores.atomic import replacing
from regionmap.plans.stores.everything import safe_cell
from regionmap.progress import task

if TYPE_CHECKING:
    from regionmap.plans.region import Region
    from regionmap.plans.stores.whole import Whole

_REST = "outlines of units, names and networks that `rm.open` needs (it opens .gpkg and .parquet)"
_LOOKS = "symbols by kind, dashes by status"
_PLANS = "title, issuer and period of the plans"
_ROUNDED = "decimals beyond the seventh (1 cm)"


@dataclass(frozen=True)
class Format:
    """How one kind of file is written.

    Attributes
    ----------
    write : module and function below this package.
    read : the same, of files that are opened again.
    left_out : what a reader of the file does not get.
    """

    write: str
    read: str = ""
    left_out: tuple[str, ...] = ()


FORMATS: dict[str, Format] = {
    ".geojson": Format("geojson.write", left_out=(_ROUNDED, _REST)),
    ".parquet": Format("geoparquet.write", "geoparquet.read"),
    ".gpkg": Format("geopackage.write", "geopackage.read"),
    ".csv": Format("sheets.write_csv", left_out=(_ROUNDED, _PLANS, _REST)),
    ".xlsx": Format("sheets.write_xlsx", left_out=("lines and areas (a point on each stands for it)", _REST)),
    ".kml": Format("kml.write_kml", left_out=(_ROUNDED, _LOOKS, _PLANS, _REST)),
    ".kmz": Format("kml.write_kmz", left_out=(_ROUNDED, _LOOKS, _PLANS, _REST)),
}
READABLE = tuple(ending for ending, form in FORMATS.items() if form.read)


@dataclass(frozen=True)
class Saved:
    """What a save did.

    Attributes
    ----------
    target : the file, or the database without its password.
    rows : records and targets there.
    left_out : what this kind of file does not hold.
    changed : in a database, rows that were written, added or removed; None for a file, which is written whole.
    """

    target: str
    rows: int
    left_out: Sequence[str] = ()
    changed: int | None = None


def save(region: Region, path: str | Path) -> Saved:
    """Write a region to a file; its ending decides.

    Raises
    ------
    InputError : an unknown ending; a value or a geometry that the file can't hold.
    StoreError : a locked file, a read-only folder, a full disk; what was there stands.
    """
    from regionmap.plans.stores.whole import whole_of

    path = Path(path)
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise InputError(f"{path.name}: the ending must be one of {', '.join(FORMATS)}")
    parts = whole_of(region)
    sound(parts)
    with task(f"writing {path.name}"), replacing(path) as temporary:
        _function(form.write)(parts, temporary)
    return Saved(str(path), len(parts.frames["records"]) + len(parts.frames["targets"]), form.left_out)


def read(path: Path) -> Whole:
    """The parts of a region in a `.gpkg` or `.parquet`.

    Raises
    ------
    NotFoundError : no such file.
    InputError : another ending.
    BadFileError : the file is not what it says; every reason.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None or not form.read:
        raise InputError(f"{path.name}: a region is opened from a folder, {', '.join(READABLE)} or postgresql://")
    if not path.is_file():
        raise NotFoundError(f"no file {path}")
    return _function(form.read)(path)


def sound(parts: Whole) -> None:
    """What could not be opened again is not written."""
    from regionmap.plans.stores import shapes

    faults = [f for n, frame in parts.frames.items() for f in shapes.check(frame.geometry.to_numpy(), n, "geometry")]
    if faults:
        raise InputError("\n".join(map(str, faults)))


def _function(name: str) -> Any:
    module, _, function = name.partition(".")
    return getattr(importlib.import_module(f"{__name__}.{module}"), function)


__all__ = ["FORMATS", "READABLE", "Format", "Saved", "read", "replacing", "safe_cell", "save", "sound"]
