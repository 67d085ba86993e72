"""Files of features through GDAL: shapefile, GeoPackage, file geodatabase, DXF; and GeoParquet through pyarrow."""

from __future__ import annotations

import json
import struct
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from regionmap.plans.reading.raw import Raw, UnreadableError
from regionmap.plans.reading.report import Refusal, Repair

SURVEYED_M = 50.0  # "surveyed" at best: a file that states no accuracy of its own
_DRIVERS = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".gdb": "OpenFileGDB", ".dxf": "DXF"}
_NAMES = {".shp": "shapefile", ".gpkg": "GeoPackage", ".gdb": "file geodatabase", ".dxf": "DXF drawing"}


def gdal(path: Path) -> list[Raw]:
    """Every layer of a shapefile, GeoPackage, .gdb or .dxf.

    Raises
    ------
    UnreadableError : GDAL can't open it; the text says what is missing.
    """
    import pyogrio

    suffix = path.suffix.lower()
    _expect(path, suffix)
    try:
        with warnings.catch_warnings(record=True) as said, _readable(path) as source:
            warnings.simplefilter("always")
            layers = [str(name) for name, _ in pyogrio.list_layers(source)]
            tables = [_layer(source, name, suffix) for name in layers]
    except UnreadableError:
        raise
    except Exception as error:  # pyogrio raises a dozen classes, and struct and Unicode errors of its own
        raise UnreadableError(f"is no readable {_NAMES[suffix]} ({_plain(error)})") from None
    for text in dict.fromkeys(" ".join(str(w.message).split()) for w in said):
        for raw in tables:
            raw.notes.append(f"GDAL: {text.replace(str(path.parent), '').lstrip('/')}")
    return [t for t in tables if len(t.grid) > 1] or tables[:1]


@contextmanager
def _readable(path: Path) -> Iterator[Path]:
    """The file itself; of a drawing whose lines end oddly a copy: after a last lone CR GDAL 3.12 reads on for ever."""
    content = path.read_bytes() if path.suffix.lower() == ".dxf" else b"\n"
    plain = content.replace(b"\r\n", b"\n")
    lines = plain.replace(b"\r", b"\n").rstrip() + b"\n"
    if path.suffix.lower() == ".dxf" and lines.rpartition(b"\n")[0].rpartition(b"\n")[2].strip() != b"EOF":
        raise UnreadableError("is cut off: a drawing's last line is EOF; save or copy it again")
    if b"\r" not in plain and content.endswith(b"\n"):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(lines)
        yield copy


def _plain(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _expect(path: Path, suffix: str) -> None:
    """Refuse a file whose first bytes are not of its kind, so that GDAL opens it with no other driver."""
    if suffix == ".gdb":
        if not any(path.glob("*.gdbtable")):
            raise UnreadableError("holds no .gdbtable: copy the whole .gdb folder, with every file in it")
        return
    with path.open("rb") as file:
        head = file.read(4096)
    if suffix == ".gpkg" and not head.startswith(b"SQLite format 3\0"):
        raise UnreadableError("is no GeoPackage: it does not start as an SQLite file")
    if suffix == ".shp":
        if head[:4] != b"\0\0\x27\x0a":
            raise UnreadableError("is no shapefile: the file code 9994 is missing")
        beside = {p.suffix.lower() for p in path.parent.iterdir() if p.stem.lower() == path.stem.lower()}
        missing = [s for s in (".shx", ".dbf") if s not in beside]
        if missing:
            raise UnreadableError(f"came without {', '.join(missing)}; ask for .shp, .shx, .dbf, .prj and .cpg")
    if suffix == ".dxf":
        if head.startswith(b"AutoCAD Binary DXF"):
            raise UnreadableError("is a binary DXF; save it as an ASCII DXF (2007 or later)")
        lines = [line.strip() for line in head.splitlines()]
        if b"SECTION" not in lines:
            raise UnreadableError("is no DXF drawing: no SECTION in it")


def _layer(path: Path, layer: str, suffix: str) -> Raw:
    import pyogrio.raw
    import shapely

    shape = suffix == ".shp"
    # ISO 8859-1 hands every byte through, so that the true encoding can be found here
    options = {"encoding": "ISO-8859-1"} if shape else {}
    meta, _, wkb, columns = pyogrio.raw.read(path, layer=layer, datetime_as_string=True, **options)
    names, values = [str(f) for f in meta["fields"]], [list(c) for c in columns]
    repaired: list[Repair] = []
    refused: list[Refusal] = []
    encoding = str(meta.get("encoding") or "")
    if shape:
        names, values, encoding = _decoded(names, values, path, repaired, refused)
    rows = [list(row) for row in zip(*values, strict=True)] if values else [[] for _ in range(len(wkb or ()))]
    grid = [names, *([_cell(v) for v in row] for row in rows)]
    geometries = None if wkb is None else list(shapely.from_wkb(wkb, on_invalid="ignore"))
    stated = meta.get("crs")
    return Raw(
        grid,
        name="" if suffix in (".shp", ".dxf") else layer,
        format=_NAMES[suffix],
        encoding=encoding,
        header=0,
        geometries=geometries,
        crs=None if suffix == ".dxf" else stated,
        crs_needed=True,
        accuracy_m=SURVEYED_M,
        repaired=repaired,
        refused=refused,
    )


def _cell(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple | dict | np.ndarray):
        return json.dumps(value.tolist() if isinstance(value, np.ndarray) else value, ensure_ascii=False, default=str)
    return value


_CODE_PAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x78: "big5hkscs", 0x4F: "big5hkscs"}


def _decoded(
    names: Sequence[str], values: Sequence[list[Any]], path: Path, repaired: list[Repair], refused: list[Refusal]
) -> tuple[list[str], list[list[Any]], str]:
    """Names and texts of a shapefile from their bytes: as the .cpg says if that fits, else UTF-8, else GB18030."""
    texts = [n.encode("latin-1", "replace") for n in names]
    texts += [v.encode("latin-1", "replace") for column in values for v in column if isinstance(v, str)]
    said, candidates = _stated_encoding(path)
    candidates += ["utf-8", "gb18030"]
    best = min(candidates, key=lambda codec: (sum(not _fits(t, codec) for t in texts), candidates.index(codec)))
    label = "GB18030" if best.startswith("gb") else best.upper()
    encoding = f"{label} ({said})" if said else f"{label} (no .cpg)"
    if said and best != candidates[0]:
        encoding = f"{label} ({said}, which does not fit)"

    def read(text: str, row: int, column: int) -> str:
        raw = text.encode("latin-1", "replace")
        if _fits(raw, best):
            return raw.decode(best)
        for cut in (1, 2, 3):
            if _fits(raw[:-cut], best):
                new = raw[:-cut].decode(best)
                why = "the field was too short and cut a character in two"
                repaired.append(Repair(row, decoded[column] if row > 1 else "", new + "…", new, why, (row, column + 1)))
                return new
        new = raw.decode(best, errors="replace")
        where = (row, column + 1)
        header = decoded[column] if row > 1 else None
        refused.append(Refusal(row, header, new, f"is no {label} text", "one encoding for the whole file", (), where))
        return new

    decoded: list[str] = []
    for number, name in enumerate(names):
        decoded.append(read(name, 1, number))
    columns = [
        [read(v, row, number) if isinstance(v, str) else v for row, v in enumerate(column, 2)]
        for number, column in enumerate(values)
    ]
    return decoded, columns, encoding


def _stated_encoding(path: Path) -> tuple[str, list[str]]:
    """What .cpg or the .dbf itself say the encoding is, in words, and as codecs Python knows."""
    import codecs

    for cpg in path.parent.iterdir():
        if cpg.stem.lower() == path.stem.lower() and cpg.suffix.lower() == ".cpg":
            word = cpg.read_bytes()[:40].decode("ascii", "replace").strip()
            codec = {"936": "gb18030", "GBK": "gb18030", "GB2312": "gb18030"}.get(word.upper(), word)
            try:
                return f".cpg says {word}", [codecs.lookup(f"cp{codec}" if codec.isdigit() else codec).name]
            except LookupError:
                return f".cpg says {word}", []
    for dbf in path.parent.iterdir():
        if dbf.stem.lower() == path.stem.lower() and dbf.suffix.lower() == ".dbf":
            head = dbf.read_bytes()[:32]
            page = struct.unpack("<B", head[29:30])[0] if len(head) == 32 else 0
            if page in _CODE_PAGES:
                return f".dbf says code page {page:#x}", [_CODE_PAGES[page]]
    return "", []


def _fits(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def parquet(path: Path) -> list[Raw]:
    """A GeoParquet file, or a plain Parquet table.

    Raises
    ------
    UnreadableError : not Parquet, or geo metadata that can't be used.
    """
    import geopandas
    import pyarrow.parquet
    import shapely

    try:
        schema = pyarrow.parquet.read_schema(path)
        if b"geo" in (schema.metadata or {}):
            frame = geopandas.read_parquet(path)
            geometries: list[Any] | None = [shapely.force_2d(g) if g is not None else None for g in frame.geometry]
            stated, plain = frame.crs, frame.drop(columns=frame.geometry.name)
        else:
            plain = pyarrow.parquet.read_table(path).to_pandas()
            geometries, stated = None, None
        rows = plain.astype(object).to_numpy().tolist()
        plain_names = [str(c) for c in plain.columns]
    except Exception as error:  # pyarrow and geopandas raise many classes for broken files
        raise UnreadableError(f"is no readable Parquet file ({_plain(error)})") from None
    grid = [plain_names, *([_cell(_null(v)) for v in row] for row in rows)]
    name = "GeoParquet" if geometries is not None else "Parquet table"
    return [Raw(grid, format=name, header=0, geometries=geometries, crs=stated, crs_needed=True, accuracy_m=SURVEYED_M)]


def _null(value: Any) -> Any:
    import pandas as pd

    return None if value is pd.NaT or value is pd.NA else value
