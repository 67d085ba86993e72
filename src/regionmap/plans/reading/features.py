"""Files of features that are text: GeoJSON, KML and KMZ, and the coordinate text of land approvals.

They are read feature by feature, so that a broken one is a row of the report and the others are kept.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import shapely

from regionmap.plans.reading import text
from regionmap.plans.reading.raw import Raw, UnreadableError
from regionmap.plans.reading.report import Refusal
from regionmap.plans.reading.vectors import SURVEYED_M

_MAX_BYTES = 2_000_000_000
_URN = re.compile(r"urn:ogc:def:crs:(?:(OGC)::?(?:1\.3:)?(CRS84)|EPSG:[\d.]*:(\d+))$", re.IGNORECASE)


def geojson(path: Path) -> list[Raw]:
    """A GeoJSON file: WGS 84 as RFC 7946 has it, unless an old `crs` member says otherwise.

    Raises
    ------
    UnreadableError : not JSON, or no features in it.
    """
    content, encoding, _ = text.decode(path.read_bytes())
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"is no JSON ({error})") from None
    kind = whole.get("type") if isinstance(whole, dict) else None
    if kind == "FeatureCollection" and isinstance(whole.get("features"), list):
        features = whole["features"]
    elif kind == "Feature":
        features = [whole]
    elif kind == "Topology":
        raise UnreadableError("is TopoJSON; convert it to GeoJSON first (ogr2ogr out.geojson in.json)")
    else:
        raise UnreadableError("is no GeoJSON FeatureCollection")
    crs, notes = _json_crs(whole)
    rows: list[dict[str, Any]] = []
    shapes, refused = [], []
    for number, feature in enumerate(features, 2):
        feature = feature if isinstance(feature, dict) else {}
        properties = feature.get("properties")
        row = dict(properties) if isinstance(properties, dict) else {}
        if "id" in feature and "id" not in row:
            row = {"id": feature["id"], **row}
        rows.append(row)
        shape, why = _json_shape(feature.get("geometry"))
        shapes.append(shape)
        if why:
            value = json.dumps(feature.get("geometry"), ensure_ascii=False, default=str)
            refused.append(Refusal(number, "geometry", value[:120], why, "a GeoJSON geometry", (), (number, 1)))
    raw = _features(rows, shapes, "GeoJSON", encoding, crs)
    raw.refused, raw.notes = refused, notes
    return [raw]


def _json_crs(whole: dict[str, Any]) -> tuple[Any, list[str]]:
    member = whole.get("crs")
    if member is None:
        return "EPSG:4326", []
    properties = member.get("properties") if isinstance(member, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if found := _URN.match(name):
        return ("EPSG:4326" if found[2] else f"EPSG:{found[3]}"), []
    if name:
        return name, []
    return "EPSG:4326", ["the crs member can't be read and was passed over"]


def _json_shape(geometry: Any) -> tuple[Any, str]:
    if geometry is None:
        return None, ""
    try:
        return shapely.force_2d(shapely.from_geojson(json.dumps(geometry))), ""
    except (shapely.errors.GEOSException, ValueError, TypeError, RecursionError) as error:
        return None, f"is no geometry ({' '.join(str(error).split())[:120]})"


def _features(rows: list[dict[str, Any]], shapes: list[Any], name: str, encoding: str, crs: Any) -> Raw:
    fields = list(dict.fromkeys(str(k) for row in rows for k in row))
    texts = ({str(k): v for k, v in row.items()} for row in rows)
    grid: list[list[Any]] = [list(fields), *([_cell(row.get(f)) for f in fields] for row in texts)]
    raw = Raw(grid, format=name, encoding=encoding, header=0, geometries=shapes, crs=crs, crs_needed=True)
    raw.accuracy_m = SURVEYED_M
    return raw


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def kml(path: Path) -> list[Raw]:
    """The placemarks of a KML or KMZ file, in document order; WGS 84, as KML always is.

    Columns are `name`, `description`, `folder` and whatever ExtendedData holds.

    Raises
    ------
    UnreadableError : not KML.
    """
    try:
        content = _inside(path) if path.suffix.lower() == ".kmz" else path.read_bytes()
        if b"<!ENTITY" in content[:100_000]:
            raise UnreadableError("declares entities, which KML never needs; save it again from its program")
        root = _parsed(content)
    except (ElementTree.ParseError, zipfile.BadZipFile, LookupError, ValueError, NotImplementedError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(f"is no readable KML ({error})") from None
    if _tag(root) != "kml":
        raise UnreadableError(f"is no KML: its root is <{_tag(root)}>")
    rows, shapes, refused = [], [], []
    for number, (folder, mark) in enumerate(_placemarks(root, ""), 2):
        row: dict[str, Any] = {"name": _text(mark, "name"), "description": _text(mark, "description"), "folder": folder}
        for data in mark.iter():
            if _tag(data) == "Data":
                row.setdefault(data.get("name", ""), _text(data, "value"))
            elif _tag(data) == "SimpleData":
                row.setdefault(data.get("name", ""), (data.text or "").strip())
        rows.append({k: v for k, v in row.items() if k})
        try:
            parts = [g for child in mark for g in _shapes(child)]
            shapes.append(_together(parts))
        except (ValueError, shapely.errors.GEOSException, IndexError) as error:
            shapes.append(None)
            allowed = "coordinates as 'lon,lat lon,lat ...'"
            refused.append(Refusal(number, "geometry", "", f"is no geometry ({error})", allowed, (), (number, 1)))
    raw = _features(rows, shapes, path.suffix[1:].upper(), "", "EPSG:4326")
    raw.refused = refused
    if any(_tag(e) == "NetworkLink" for e in root.iter()):
        raw.notes.append("a network link was not followed: what it points to is not read")
    return [raw]


def _parsed(content: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError:  # written in GBK and declared as UTF-8, or not declared
        decoded, _, bad = text.decode(content)
        if bad:
            raise
        return ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", decoded))


def _inside(path: Path) -> bytes:
    with zipfile.ZipFile(path) as file:
        names = [n for n in file.namelist() if n.lower().endswith(".kml")]
        if not names:
            raise UnreadableError("is a KMZ without a .kml in it")
        name = "doc.kml" if "doc.kml" in names else names[0]
        if file.getinfo(name).file_size > _MAX_BYTES:
            raise UnreadableError("unpacks to more than 2 GB")
        return file.read(name)


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Any, name: str) -> Any:
    return next((c for c in element if _tag(c) == name), None)


def _text(element: Any, name: str) -> str:
    found = _child(element, name)
    return "" if found is None else (found.text or "").strip()


def _placemarks(element: Any, folder: str) -> Iterator[tuple[str, Any]]:
    stack = [(element, folder)]
    while stack:
        here, path = stack.pop()
        if _tag(here) == "Placemark":
            yield path, here
            continue
        if _tag(here) == "Folder":
            path = "/".join(p for p in (path, _text(here, "name")) if p)
        stack.extend((child, path) for child in reversed(here))


def _together(parts: list[Any]) -> Any:
    """One geometry of several: a multi geometry where all are of one kind."""
    if len(parts) < 2:
        return parts[0] if parts else None
    kinds = {p.geom_type for p in parts}
    makers = {"Point": shapely.MultiPoint, "LineString": shapely.MultiLineString, "Polygon": shapely.MultiPolygon}
    maker = makers.get(kinds.pop(), shapely.GeometryCollection) if len(kinds) == 1 else shapely.GeometryCollection
    return maker(parts)


def _coordinates(element: Any) -> list[tuple[float, float]]:
    words = re.sub(r"\s*,\s*", ",", _text(element, "coordinates")).split()
    pairs = [(float(w.split(",")[0]), float(w.split(",")[1])) for w in words]
    if not pairs:
        raise ValueError("no coordinates")
    return pairs


def _shapes(element: Any) -> Iterator[Any]:
    tag = _tag(element)
    if tag == "Point":
        yield shapely.Point(_coordinates(element)[0])
    elif tag in ("LineString", "LinearRing"):
        yield shapely.LineString(_coordinates(element))
    elif tag == "Polygon":
        rings = {"outerBoundaryIs": [], "innerBoundaryIs": []}  # type: dict[str, list[Any]]
        for side in element:
            if _tag(side) in rings:
                rings[_tag(side)] += [_coordinates(r) for r in side if _tag(r) == "LinearRing"]
        if not rings["outerBoundaryIs"]:
            raise ValueError("a polygon without an outer ring")
        yield shapely.Polygon(rings["outerBoundaryIs"][0], rings["innerBoundaryIs"])
    elif tag == "Track":
        words = [(c.text or "").split() for c in element if _tag(c) == "coord"]
        yield shapely.LineString([(float(w[0]), float(w[1])) for w in words])
    elif tag in ("MultiGeometry", "MultiTrack"):
        for child in element:
            yield from _shapes(child)
