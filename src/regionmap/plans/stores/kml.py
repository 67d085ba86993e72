"""KML 2.2 (OGC 07-147r2) and KMZ: folders by kind, colours as on the map, every field as extended data."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pandas as pd

from regionmap import kinds, looks
from regionmap.plans.stores.everything import everything, plain_value, rounded
from regionmap.plans.stores.whole import Whole

NAMESPACE = "http://www.opengis.net/kml/2.2"
_OTHER = "other"
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 can't hold


def write_kml(parts: Whole, path: Path) -> None:
    """Write one `.kml`."""
    path.write_bytes(_document(parts))


def write_kmz(parts: Whole, path: Path) -> None:
    """Write the same, zipped, the same bytes for the same region."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("doc.kml", (1980, 1, 1, 0, 0, 0)), _document(parts), zipfile.ZIP_DEFLATED)


def _document(parts: Whole) -> bytes:
    root = xml.Element("kml", xmlns=NAMESPACE)
    document = _child(root, "Document")
    _child(document, "name", parts.meta["title"])
    _child(document, "description", "\n".join([*parts.meta["notice"], parts.meta["edition"]]))
    for family, (*_, colour, _) in looks.FAMILIES.items():
        _style(document, family, colour)
    _style(document, _OTHER, looks.PAPER["quiet"])
    family_of = {s: family for family, (*_, sectors) in looks.FAMILIES.items() for s in sectors}
    frame = everything(parts)
    spots = pd.Series(rounded(frame.geometry), index=range(len(frame)))
    columns = [c for c in frame.columns if c != "geometry"]
    plain = frame[columns].astype(object).reset_index(drop=True)
    for kind in [*kinds.KINDS, "target"]:
        rows = plain[(plain["kind"] == kind).to_numpy()]
        if len(rows):
            folder = _child(document, "Folder")
            _child(folder, "name", kinds.KINDS[kind].zh if kind in kinds.KINDS else "指标")
            for number, row in zip(rows.index, rows.to_dict("records"), strict=True):
                _placemark(folder, row, spots[number], family_of.get(str(row["sector"]), _OTHER))
    out = io.BytesIO()
    xml.ElementTree(root).write(out, encoding="utf-8", xml_declaration=True)
    return out.getvalue()


def _child(parent: xml.Element, tag: str, text: Any = None, **attributes: str) -> xml.Element:
    child = xml.SubElement(parent, tag, attributes)
    if text is not None:
        child.text = _UNFIT.sub("", str(text))
    return child


def _style(document: xml.Element, family: str, colour: str) -> None:
    """A style of points, lines and areas; KML writes colours as alpha, blue, green, red."""
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    style = _child(document, "Style", id=family)
    for tag, alpha, more in (
        ("IconStyle", "ff", {"scale": "0.8"}),
        ("LineStyle", "ff", {"width": "2"}),
        ("PolyStyle", "20", {}),
    ):
        part = _child(style, tag)
        _child(part, "color", f"{alpha}{blue}{green}{red}")
        for name, value in more.items():
            _child(part, name, value)


def _placemark(folder: xml.Element, row: dict[str, Any], shape: Any, family: str) -> None:
    mark = _child(folder, "Placemark")
    _child(mark, "name", row["name"])
    _child(mark, "styleUrl", f"#{family}")
    data = _child(mark, "ExtendedData")
    for column, value in row.items():
        cell = plain_value(value)
        if cell not in (None, "", []):
            held = _child(data, "Data", name=column)
            _child(held, "value", ";".join(cell) if isinstance(cell, list) else cell)
    if shape is not None:
        _geometry(mark, shape)


def _geometry(parent: xml.Element, shape: Any) -> None:
    if hasattr(shape, "geoms"):
        parent = _child(parent, "MultiGeometry")
        for part in shape.geoms:
            _geometry(parent, part)
    elif shape.geom_type == "Polygon":
        polygon = _child(parent, "Polygon")
        for tag, rings in (("outerBoundaryIs", [shape.exterior]), ("innerBoundaryIs", shape.interiors)):
            for ring in rings:
                _child(_child(_child(polygon, tag), "LinearRing"), "coordinates", _spots(ring.coords))
    else:
        _child(_child(parent, shape.geom_type), "coordinates", _spots(shape.coords))


def _spots(coords: Iterable[tuple[float, ...]]) -> str:
    return " ".join(f"{x:.7f},{y:.7f}" for x, y in coords)
