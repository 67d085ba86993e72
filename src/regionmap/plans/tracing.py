"""A region's corridors led along the user's network: what `regionmap trace` does."""

from __future__ import annotations

import itertools
import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from regionmap import kinds
from regionmap.errors import InputError
from regionmap.places import networks
from regionmap.places import trace as tracing
from regionmap.places.trace import Corridor
from regionmap.places.track_files import read
from regionmap.plans.region import Region
from regionmap.plans.stores import replacing
from regionmap.progress import task, track

_LOG = logging.getLogger(__name__)
REPORT_FILE = "traced.csv"
_AROUND_DEG = 1.0  # tracks this far outside the region's frame are still read


def trace(
    region: Region,
    network: str | Path,
    *,
    out: str | Path | None = None,
    sector: str | None = None,
    layer: str | None = None,
    attribution: str | None = None,
    accuracy_m: float = 100.0,
    fresh: bool = False,
) -> Any:
    """Lead the lines of a region, and the routes of its corridors, along a network of real tracks.

    Writes `traced.gpkg` (the traced legs) and `traced.csv` (what became of each leg). A region whose folder
    `networks/` holds the file draws the traced legs in place of the schematic ones when it is opened next.

    Parameters
    ----------
    network : an OpenStreetMap extract (`.osm`, `.osm.pbf`), a shapefile, a GeoPackage: lines with a CRS.
    out : the folder to write to; else the region's own `networks/`.
    sector : what the lines are (`rail`, `road`, `water`) where the file has no column that says so.
    layer : the layer to read, where there are several.
    attribution : what maps must print; else OpenStreetMap's own, or the name of the file.
    accuracy_m : how far the tracks may be off (95 %).
    fresh : drop what an earlier run wrote; else only the legs that this network holds are replaced.

    Returns
    -------
    DataFrame : one row a leg: `name` (a line, or a record's id), `start`, `end`, `drawn` (`traced` or
        `schematic`), `length_km`, `accuracy_m`, `reason` (why it stays schematic). `attrs`: `file`, `attribution`.

    Raises
    ------
    InputError : no such file, no lines in it, an unknown sector, or a folder that belongs to the package.
    CRSError : the network has no CRS or one that must be converted first.
    """
    if not accuracy_m > 0:
        raise InputError(f"accuracy_m must be above 0, not {accuracy_m}")
    if out is None and "_shipped" in region.folder.parts:
        raise InputError("this region belongs to the package; say where to write with out= (--out), or copy it first")
    folder = Path(out) if out is not None else region.folder / "networks"
    frame = region.settings.get("frame")
    box = None
    if frame:
        west, south, east, north = frame
        box = (west - _AROUND_DEG, south - _AROUND_DEG, east + _AROUND_DEG, north + _AROUND_DEG)
    with task(f"reading {Path(network).name}"):
        tracks = read(
            Path(network), sector=sector, layer=layer, bounds=box, attribution=attribution, accuracy_m=float(accuracy_m)
        )
    _LOG.info("%s: %d tracks between junctions, %s", network, len(tracks.coords), "/".join(sorted(tracks.modes)))
    lines = tracing.trace_lines(tracks, region.folder / "networks" / "lines.csv")
    routes = tracing.trace_routes(tracks, corridors(region))
    traced = list(track(itertools.chain(lines, routes), "tracing legs"))
    report, rows = tracing.report_of(traced), tracing.rows_of(traced, tracks)
    file = folder / networks.TRACED_FILE
    kept = rows if fresh else tracing.merged(rows, file)
    with ExitStack() as both:  # both files take their places only when both are written
        report.to_csv(both.enter_context(replacing(folder / REPORT_FILE)), index=False, encoding="utf-8-sig")
        if len(rows) or fresh:
            _write(kept, both.enter_context(replacing(file)))
    report.attrs = {"file": str(file), "attribution": tracks.attribution}
    return report


def corridors(region: Region) -> list[Corridor]:
    """The records whose location may be a route `A > B`, built ones first: they know their track best."""
    rows = region.records
    rows = rows[rows["where"].astype(bool) & rows["sector"].isin(list(networks.NETWORK_CLASSES))]
    columns = (rows[c] for c in ("id", "name", "aliases", "where", "sector", "status", "plan"))
    found = [
        Corridor(record, (name, *aliases), where, sector, status not in kinds.UNBUILT, region._where(plan))
        for record, name, aliases, where, sector, status, plan in zip(*columns, strict=True)
    ]
    return sorted(found, key=lambda corridor: not corridor.built)


def _write(rows: Any, path: Path) -> None:
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})  # the same bytes each time
    try:
        rows.to_file(path, layer=networks.TRACED_LAYER, driver="GPKG", engine="pyogrio")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
