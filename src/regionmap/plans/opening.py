"""Where a region comes from: the shipped folder, a folder, a file, a database."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from regionmap.plans import stores
from regionmap.plans.postgis import connect as postgis
from regionmap.plans.region import Region


def open_region(path: str | Path | None = None) -> Region:
    """The shipped region, the one in the folder `path`, or the one that a file or a database holds.

    Raises
    ------
    NotFoundError : no region.toml in the folder, no such file.
    BadFileError : a file that is not what it says; every reason.
    StoreError : no connection, a locked file.
    """
    if path is None:
        return Region(shipped("geodata"))
    if postgis.is_url(path):
        from regionmap.plans.postgis.read import open_url

        return open_url(postgis.target(str(path)))
    if Path(path).suffix.lower() in stores.FORMATS and not Path(path).is_dir():
        from regionmap.plans.stored import opened

        return opened(stores.read(Path(path)), Path(path).name)
    return Region(Path(path))


def shipped(name: str) -> Path:
    """A folder that the package carries (`geodata`, `maps`), or the checkout's, in a development install."""
    carried = Path(str(resources.files("regionmap"))) / "_shipped" / name
    return carried if carried.is_dir() else Path(__file__).resolve().parents[3] / name
