"""Bad tables made in code: text in any encoding, workbooks with merges, shapefiles in GBK, drawings, KML."""

from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import shapely

HEADER = "名称,经度,纬度\n"


def text(content: str, name: str = "t.csv", encoding: str = "utf-8") -> Callable[[Path], Path]:
    return raw(content.encode(encoding), name)


def raw(content: bytes, name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def xlsx(
    rows: Sequence[Sequence[Any]] | dict[str, Sequence[Sequence[Any]]],
    merges: Sequence[str] = (),
    formats: dict[str, str] | None = None,
    name: str = "t.xlsx",
    hidden: Sequence[str] = (),
) -> Callable[[Path], Path]:
    """A workbook; a dict makes one sheet an entry; `formats` gives cells a number format."""

    def make(folder: Path) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, cells in (rows if isinstance(rows, dict) else {"Sheet1": rows}).items():
            sheet = book.create_sheet(title)
            for row in cells:
                sheet.append(list(row))
            for merge in merges:
                sheet.merge_cells(merge)
            for cell, form in (formats or {}).items():
                sheet[cell].number_format = form
            if title in hidden:
                sheet.sheet_state = "hidden"
        book.save(folder / name)
        return folder / name

    return make


def xls(
    rows: Sequence[Sequence[Any]], merges: Sequence[tuple[int, int, int, int]] = (), name: str = "t.xls"
) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        import xlwt

        book = xlwt.Workbook()
        sheet = book.add_sheet("一")
        covered = {(r, c) for r0, r1, c0, c1 in merges for r in range(r0, r1 + 1) for c in range(c0, c1 + 1)}
        for r0, r1, c0, c1 in merges:
            sheet.write_merge(r0, r1, c0, c1, rows[r0][c0])
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None and (r, c) not in covered:
                    sheet.write(r, c, value)
        book.save(str(folder / name))
        return folder / name

    return make


def layers(
    name: str,
    frames: dict[str, tuple[dict[str, Any], Sequence[Any]]],
    crs: Any = "EPSG:4490",
    drop: Sequence[str] = (),
    **options: Any,
) -> Callable[[Path], Path]:
    """A GeoPackage, .gdb or shapefile: layer -> (columns, geometries); `drop` removes files beside it."""

    def make(folder: Path) -> Path:
        path = folder / name
        for layer, (columns, shapes) in frames.items():
            frame = geopandas.GeoDataFrame(columns, geometry=list(shapes), crs=crs)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a frame without a CRS: that is what is wanted
                frame.to_file(path, layer=layer, engine="pyogrio", **options)
        for suffix in drop:
            path.with_suffix(suffix).unlink(missing_ok=True)
        return path

    return make


def shapefile(
    columns: dict[str, Any],
    shapes: Sequence[Any],
    *,
    encoding: str = "gbk",
    cpg: str | None = None,
    ldid: int = 0,
    crs: Any = "EPSG:4490",
    drop: Sequence[str] = (),
) -> Callable[[Path], Path]:
    """A shapefile whose .dbf is in `encoding`; `cpg` is what its .cpg says (None: there is none)."""

    def make(folder: Path) -> Path:
        path = folder / "t.shp"
        frame = geopandas.GeoDataFrame(columns, geometry=list(shapes), crs=crs)
        frame.to_file(path, engine="pyogrio", encoding=encoding)
        if cpg is None:
            path.with_suffix(".cpg").unlink(missing_ok=True)
        else:
            path.with_suffix(".cpg").write_text(cpg)
        dbf = bytearray(path.with_suffix(".dbf").read_bytes())
        dbf[29] = ldid
        path.with_suffix(".dbf").write_bytes(dbf)
        for suffix in drop:
            path.with_suffix(suffix).unlink(missing_ok=True)
        return path

    return make


def geojson(features: Sequence[Any], name: str = "t.geojson", encoding: str = "utf-8", **more: Any) -> Any:
    whole = {"type": "FeatureCollection", "features": list(features), **more}
    return text(json.dumps(whole, ensure_ascii=False), name, encoding)


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


def kml(body: str, declared: str = "UTF-8", encoding: str = "utf-8") -> bytes:
    head = f'<?xml version="1.0" encoding="{declared}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    return (head + body + "</Document></kml>").encode(encoding)


def kmz(content: bytes, inner: str = "doc.kml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(inner, content)
    return out.getvalue()


def dxf(points: Sequence[tuple[float, float]], closed: bool = False) -> str:
    """An ASCII drawing with one lightweight polyline."""
    pairs = [(0, "SECTION"), (2, "ENTITIES"), (0, "LWPOLYLINE"), (8, "园区"), (100, "AcDbPolyline")]
    pairs += [(90, str(len(points))), (70, "1" if closed else "0")]
    for x, y in points:
        pairs += [(10, str(x)), (20, str(y))]
    pairs += [(0, "ENDSEC"), (0, "EOF")]
    return "".join(f"{code}\n{value}\n" for code, value in pairs)


def land(plots: str, system: str = "2000国家大地坐标系", band: str = "33", width: str = "3") -> str:
    return (
        f"[属性描述]\n格式版本号=1.01版本\n坐标系={system}\n几度分带={width}\n投影类型=高斯克吕格\n计量单位=米\n"
        f"带号={band}\n精度=0.01\n转换参数=0,0,0,0,0,0,0\n[地块坐标]\n{plots}"
    )


SQUARE = shapely.box(100.1, 40.1, 100.2, 40.2)
BOWTIE = shapely.Polygon([(100.1, 40.1), (100.2, 40.2), (100.2, 40.1), (100.1, 40.2)])


def broken_dbf_field(folder: Path) -> Path:
    """A GBK shapefile whose text field ends in the middle of a character."""
    path = shapefile({"名称": ["甲乙丙丁"]}, [shapely.Point(100.2, 40.2)])(folder)
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    at = dbf.find("甲乙丙丁".encode("gbk"))
    dbf[at : at + 8] = "甲乙丙".encode("gbk") + b"\xb6 "
    path.with_suffix(".dbf").write_bytes(dbf)
    return path


def huge_claim(folder: Path) -> Path:
    """A workbook with one value in the last cell that a sheet has."""
    book = openpyxl.Workbook()
    sheet = book.active
    for c, value in enumerate(("名称", "经度", "纬度"), 1):
        sheet.cell(1, c, value)
    for c, value in enumerate(("甲园", 100.2, 40.2), 1):
        sheet.cell(2, c, value)
    sheet.cell(200_000, 1, "孤行")
    book.save(folder / "t.xlsx")
    return folder / "t.xlsx"


def patched_xlsx(part: str, old: bytes, new: bytes) -> Callable[[Path], Path]:
    """A good workbook with one part of its package changed."""

    def make(folder: Path) -> Path:
        source = xlsx([["名称", "经度", "纬度"], ["甲园", 100.2, 40.2]])(folder)
        with zipfile.ZipFile(source) as file:
            parts = {n: file.read(n) for n in file.namelist()}
        parts[part] = parts[part].replace(old, new)
        with zipfile.ZipFile(source, "w") as file:
            for name, content in parts.items():
                file.writestr(name, content)
        return source

    return make


def ole(content: str) -> bytes:
    """The start of an OLE2 file, as .xls, .et and locked workbooks have it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack("<16x") + content.encode("utf-16-le") + bytes(2048)
