"""From a file to frames and reports: `read_table` for one table, `examine` for all of a file.

`examine` never raises for what a file holds: a file that can't be read is a report with one refusal. `read_table`
raises where nothing at all could be tied for a reason that holds for the whole table (no CRS, no header, no file).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from regionmap.errors import Fault, InputError, NotFoundError, RegionmapError, TableError, nearest_names
from regionmap.plans.reading import formats, headers, rows
from regionmap.plans.reading import mapping as mappings
from regionmap.plans.reading.frame import to_frame
from regionmap.plans.reading.mapping import Mapped
from regionmap.plans.reading.naming import Names
from regionmap.plans.reading.raw import Raw, UnreadableError
from regionmap.plans.reading.report import Log, Refusal, Report, shown
from regionmap.plans.reading.systems import System, Terms, system, terms
from regionmap.plans.reading.tying import Tied, doubts, tie
from regionmap.progress import task

if TYPE_CHECKING:
    import geopandas

    from regionmap.datums import Helmert
    from regionmap.plans.region import Region

_LOG = logging.getLogger(__name__)


class Reading(NamedTuple):
    """What `read_table` gives.

    Attributes
    ----------
    frame : one row a data row, tied or not (then its geometry is null), in the file's order; EPSG:4326; the index is
        the row as a spreadsheet counts, the columns are regionmap's where the header is known, else the file's own.
    report : what was read how, repaired, refused.
    """

    frame: geopandas.GeoDataFrame
    report: Report


@dataclass(frozen=True)
class Examined:
    """One table of a file: its frame, its report, the table as it stands (None if the file can't be read), and the
    error that holds for the whole of it."""

    frame: Any
    report: Report
    raw: Raw | None
    error: RegionmapError | None = None


def read_table(
    path: str | Path,
    *,
    crs: Any = None,
    mapping: str | Path | Mapping[str, Any] | None = None,
    layer: str | None = None,
    region: Region | None = None,
    parameters: Helmert | Sequence[float] | None = None,
    accuracy_m: float | None = None,
) -> Reading:
    """A table from the real world as a frame, and a report of everything that was repaired or refused.

    Parameters
    ----------
    path : CSV, Excel, shapefile, GeoPackage, GeoJSON, GeoParquet, KML, file geodatabase, DXF or land-approval text.
    crs : what the coordinates are in, where the file does not say or says it wrong: anything pyproj takes, or
        `"gcj02"`, `"bd09"`. Degrees without a named datum are WGS 84; metres without a CRS are refused.
    mapping : a TOML file or a dict for headers that are not known (docs/tables.md).
    layer : the sheet or layer, where the file has several tables.
    region : where place names are looked up; the shipped region if needed and None.
    parameters, accuracy_m : for Xian 80 and Beijing 54, as in `regionmap.datums.to_wgs84`: the parameters of a survey
        office, or at least 150 m to take them as they are; added to the accuracy of the rows.

    Returns
    -------
    Reading : `frame, report = read_table(...)`.

    Raises
    ------
    FileNotFoundError : no such file.
    InputError : several tables and no `layer`; the text lists them. Also: no such layer.
    TableError : the file can't be read, or has no header that is known; `.faults` says why.
    MissingCRSError, DatumError : geometries without a CRS, or in a datum that must be converted first.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"no file {path}")
    found = examine(
        path, crs=crs, mapping=mapping, layer=layer, region=region, parameters=parameters, accuracy_m=accuracy_m
    )
    known = [e for e in found if e.error is None]
    if len(found) > 1 and len(known) != 1:
        names = ", ".join(repr(e.report.table) for e in found)
        raise InputError(f"{path.name} has {len(found)} tables; name one with layer=: {names}")
    chosen = known[0] if known else found[0]
    if chosen.error is not None:
        raise chosen.error
    others = [f"{e.report.table!r}: {e.error}" for e in found if e is not chosen]
    if others:
        chosen = _noted(chosen, f"not read: {'; '.join(others)}")
    return Reading(chosen.frame, chosen.report)


def examine(
    path: str | Path,
    *,
    crs: Any = None,
    mapping: str | Path | Mapping[str, Any] | None = None,
    layer: str | None = None,
    region: Region | Callable[[], Region] | None = None,
    parameters: Helmert | Sequence[float] | None = None,
    accuracy_m: float | None = None,
) -> list[Examined]:
    """Every table of a file, each with its report; parameters as `read_table`.

    Raises
    ------
    TableError, FileNotFoundError : faults of the mapping.
    InputError : no such layer; a `crs` that names none; parameters or an accuracy that can't be.
    """
    path, mapped = Path(path), mappings.read(mapping)
    on = terms(
        mapped.parameters if parameters is None else parameters, mapped.accuracy_m if accuracy_m is None else accuracy_m
    )
    stated = system(crs if crs is not None else mapped.crs, on)
    layer = layer if layer is not None else mapped.layer
    names = Names(_opener(region), path.parent)
    try:
        with task(f"reading {path.name}"):
            tables = formats.tables(path)
    except (UnreadableError, OSError, ImportError) as error:
        return [_failed(path, None, _error(path, str(error)), str(error))]
    if layer is not None:
        if layer not in [t.name for t in tables]:
            held = [t.name for t in tables]
            near = "; did you mean " + ", ".join(nearest_names(layer, held)) if nearest_names(layer, held) else ""
            raise InputError(f"{path.name} has no table {layer!r}; it has {', '.join(map(repr, held))}{near}")
        tables = [t for t in tables if t.name == layer]
    found = [_one(path, raw, stated, on, mapped, names, given=region is not None) for raw in tables]
    return found if len(found) == 1 else _tables_of(found)


def _tables_of(found: list[Examined]) -> list[Examined]:
    """Of several sheets those that are tables; the first one's notes name the others."""
    plain = [e for e in found if not isinstance(e.error, TableError)] or found[:1]
    shown_ones = [e for e in plain if e.raw is None or not e.raw.hidden] or plain
    why = {id(e): "has no header" for e in found} | {id(e): "is hidden" for e in plain}
    passed = [e for e in found if not any(e is s for s in shown_ones)]
    left = [f"{e.report.table!r} {why[id(e)]} ({e.report.rows_in} rows)" for e in passed]
    return [_noted(shown_ones[0], f"not read: {', '.join(left)}"), *shown_ones[1:]] if left else shown_ones


def _noted(one: Examined, note: str) -> Examined:
    return replace(one, report=replace(one.report, notes=(*one.report.notes, note)))


def _opener(region: Region | Callable[[], Region] | None) -> Callable[[], Region]:
    if region is None:
        from regionmap.plans.opening import open_region

        return cache(open_region)
    return region if callable(region) else lambda: region


def _error(path: Path, why: str) -> TableError:
    return TableError([Fault(path.name, None, None, path.name, why)])


def _failed(path: Path, raw: Raw | None, error: RegionmapError, why: str, log: Log | None = None) -> Examined:
    """A table that can't be used as a whole: every row that holds anything is reported with the one reason."""
    log = log or Log()
    held = [] if raw is None else [n for n, r in enumerate(raw.grid, 1) if any(v not in (None, "") for v in r)]
    if raw is not None and raw.geometries is not None:
        held = list(range(2, len(raw.grid) + 1))
    reported = dict.fromkeys(held, why)
    refused = (Refusal(None, None, path.name, why), *(raw.refused if raw else ()))
    report = Report(
        path.name,
        table=raw.name if raw else "",
        format=raw.format if raw else "",
        encoding=raw.encoding if raw else "",
        rows_in=len(held),
        reported=reported,
        repaired=tuple(raw.repaired) if raw else (),
        refused=refused,
        notes=(*(raw.notes if raw else ()), *log.notes),
    )
    return Examined(None, report, raw, error)


def _one(
    path: Path, raw: Raw, stated: System | None, on: Terms | None, mapped: Mapped, names: Names, *, given: bool
) -> Examined:
    header = headers.find(raw, mapped.columns, mapped.header_row)
    if header is None:
        why = "no row is a header: two columns such as 名称, 位置, 经度 or name, lon, lat must be known"
        if mapped.header_row:
            why = f"header_row = {mapped.header_row} is below the table's last row"
        remedy = "name the columns in a mapping file (--mapping), or say where the header is (header_row)"
        text = f"{why}; {remedy}"
        return _failed(path, raw, _error(path, text), text)
    log = Log({c.role or c.label: (c.label, c.index + 1) for c in reversed(header.columns)})
    log.repaired, log.refused = list(raw.repaired), list(raw.refused)
    for title in header.titles:
        log.note(f"above the header: {shown(title)}")
    try:
        own, said = _stated(raw, header, stated, on)
        data, count = rows.read(raw, header, mapped, log)
        if header.of("name") and raw.geometries is None:
            for row in data:
                if not row.values.get("name") and not row.broken:
                    log.refuse(row.number, "name", "", "is empty", "a name")
        frame = _frame_of(names, given)
        tied = tie(data, raw, own, names, frame, log)
        if given:
            doubts(data, tied, names, log)
    except RegionmapError as error:
        return _failed(path, raw, error, str(error), log)
    if names.used:
        log.note(f"place names were looked up in {names.region.title}")
    _outside(tied, frame, log)
    report = Report(
        path.name,
        table=raw.name,
        format=raw.format,
        encoding=raw.encoding,
        header_row=(header.first + 1, header.last + 1),
        columns={c.label: c.role for c in header.columns},
        crs=said,
        rows_in=count,
        rows_tied=len(tied),
        reported=log.reported,
        words=log.words,
        repaired=tuple(sorted(log.repaired, key=lambda r: r.row)),
        refused=tuple(sorted(log.refused, key=lambda r: r.row or 0)),
        notes=(*raw.notes, *header.notes, *log.notes),
    )
    _LOG.info("%s (%s, %s)", report, report.format, report.encoding)
    return Examined(to_frame(data, tied, header), report, raw)


def _stated(raw: Raw, header: headers.Header, stated: System | None, on: Terms | None) -> tuple[System | None, str]:
    """The CRS to read in, and for the report who says so: the caller, the file, or regionmap's rule for degrees."""
    own = system(raw.crs, on) if raw.crs is not None and stated is None else None
    if stated is not None:
        note = f" (stated; the file itself says {shown(raw.crs)[:60]})" if raw.crs is not None else " (stated)"
        return stated, stated.name + note
    if own is not None:
        return own, f"{own.name} (the file says so)"
    if header.datum:
        found = system(header.datum, on)
        return found, f"{found.name if found else ''} (the header says so)"
    held = any(header.of(c) for c in headers.SPOT_COLUMNS)
    return None, "EPSG:4326 for degrees (not stated)" if held else ""


def _frame_of(names: Names, given: bool) -> Any:
    """West, south, east, north of the region that the caller gave, for advice; nobody else's is opened for that."""
    if not given:
        return None
    try:
        frame = names.region.settings.get("frame")
    except (NotFoundError, InputError):
        return None
    return frame if isinstance(frame, list) and len(frame) == 4 else None


def _outside(tied: dict[int, Tied], frame: Any, log: Log) -> None:
    if frame is None:
        return
    west, south, east, north = frame
    far = []
    for number, spot in tied.items():
        x0, y0, x1, y1 = spot.geometry.bounds
        if not spot.by_words and (x1 < west or x0 > east or y1 < south or y0 > north):
            far.append(str(number))
    if far:
        some = ", ".join(far[:10]) + (", ..." if len(far) > 10 else "")
        log.note(f"{len(far)} rows lie outside the frame of the region (rows {some}): is the CRS right?")
