"""Which reader a file needs, by its ending and its first bytes; what can't be read says how to convert it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from regionmap.errors import nearest_names
from regionmap.plans.reading import features, land, sheets, text, vectors
from regionmap.plans.reading.raw import Raw, UnreadableError

_ODA = "save it as DXF (AutoCAD: SAVEAS; or the free ODA File Converter), then state its CRS with --crs"
_WPS = "open it in WPS and save it as .xlsx"
_SHP = "name the .shp file; the others are read with it"
ADVICE: Mapping[str, str] = MappingProxyType(
    {
        ".dwg": f"a DWG drawing, which no open library reads well: {_ODA}",
        ".et": f"a WPS table: {_WPS}",
        ".ett": f"a WPS table: {_WPS}",
        ".xlsb": "a binary workbook: open it in Excel and save it as .xlsx",
        ".ods": "an OpenDocument table: save it as .xlsx",
        ".numbers": "an Apple Numbers table: export it as .xlsx",
        ".wps": "a text document: copy its table into a workbook and save it as .xlsx",
        ".doc": "a text document: copy its table into a workbook and save it as .xlsx",
        ".docx": "a text document: copy its table into a workbook and save it as .xlsx",
        ".pdf": "a PDF: ask for the table it was made from, or copy it into a workbook",
        ".zip": "an archive: unpack it and name the file inside",
        ".rar": "an archive: unpack it and name the file inside",
        ".7z": "an archive: unpack it and name the file inside",
        ".mdb": "an Access database: export its table as .xlsx, its layers as GeoPackage",
        ".accdb": "an Access database: export its table as .xlsx",
        ".tab": "a MapInfo table: convert it with ogr2ogr out.gpkg in.tab",
        ".mif": "a MapInfo file: convert it with ogr2ogr out.gpkg in.mif",
        ".wl": "a MapGIS file: export it as a shapefile",
        ".wp": "a MapGIS file: export it as a shapefile",
        ".wt": "a MapGIS file: export it as a shapefile",
        ".shx": f"a part of a shapefile: {_SHP}",
        ".dbf": f"a part of a shapefile: {_SHP}",
        ".prj": f"a part of a shapefile: {_SHP}",
        ".cpg": f"a part of a shapefile: {_SHP}",
    }
)
_BY_ENDING: Mapping[str, Callable[[Path], list[Raw]]] = MappingProxyType(
    {
        ".shp": vectors.gdal,
        ".gpkg": vectors.gdal,
        ".gdb": vectors.gdal,
        ".dxf": vectors.gdal,
        ".parquet": vectors.parquet,
        ".geoparquet": vectors.parquet,
        ".geojson": features.geojson,
        ".json": features.geojson,
        ".kml": features.kml,
        ".kmz": features.kml,
    }
)
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")
READ = (*_TABLES, *_BY_ENDING)


def tables(path: Path) -> list[Raw]:
    """Every sheet or layer of a file that holds anything; at least one.

    Raises
    ------
    FileNotFoundError : no such file.
    UnreadableError : a format that is not read, or a broken file; the text says what to do.
    MissingExtraError : an optional package is needed for it.
    """
    suffix = path.suffix.lower()
    if not path.exists():
        raise FileNotFoundError(f"no file {path}")
    if suffix in ADVICE:
        raise UnreadableError(f"is {ADVICE[suffix]}")
    if path.is_dir() and suffix != ".gdb":
        raise UnreadableError("is a folder; name a file in it")
    if not path.is_dir() and path.stat().st_size == 0:
        raise UnreadableError("is empty: it has no bytes")
    reader = _BY_ENDING.get(suffix)
    if reader is None and suffix not in _TABLES:
        near = nearest_names(suffix, READ, 1)
        hint = f"; is it {near[0]}?" if near else ""
        raise UnreadableError(f"has an unknown ending {suffix!r}; read are {', '.join(READ)}{hint}")
    found = (reader or _sheet_or_text)(path)
    if not found:
        raise UnreadableError("holds nothing")
    return found


def _sheet_or_text(path: Path) -> list[Raw]:
    """A workbook or a text table, whichever the first bytes show, whatever the ending says."""
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(2048)
    kind, reader = "", None
    if head.startswith(b"PK\x03\x04"):
        kind, reader = ".xlsx", sheets.xlsx
    elif head.startswith((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")):
        kind, reader = ".xls", sheets.xls
    if reader is not None:
        found = reader(path)
        if kind != suffix and (kind, suffix) != (".xlsx", ".xlsm"):
            for raw in found:
                raw.notes.append(f"the file is {kind}, whatever its name says")
        return found
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta")):
        raise UnreadableError("is a web page or XML under another name: open it in Excel or WPS and save it as .xlsx")
    if suffix in (".xlsx", ".xlsm") and not _textual(head):
        raise UnreadableError("is no workbook; open it in Excel or WPS and save it again as .xlsx")
    content, encoding, bad = text.decode(path.read_bytes())
    if land.MARK in content:
        return land.read(content, encoding)
    if not content.strip():
        raise UnreadableError("is empty: it has no text")
    raw = text.of_text(content, encoding, bad)
    if suffix.startswith(".xls"):
        raw.notes.append("the file is a text table, whatever its name says")
    return [raw]


def _textual(head: bytes) -> bool:
    return b"\0" not in head or head[:2] in (b"\xff\xfe", b"\xfe\xff")
