"""Files: what goes in comes out; other programs accept them; what a format leaves out is said."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas
import geoparquet_validator
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from conftest import run
from kept import a_region, assert_same, assert_same_shapes

import regionmap as rm
from regionmap import looks
from regionmap.plans import stores

NOTICE = "made in code"  # the source of the outlines of the small region


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return a_region(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module", params=stores.READABLE)
def shipped_file(request: Any, region: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shipped") / f"liaoning{request.param}"
    region.save(path)
    return path


def test_the_shipped_region_comes_back(region: Any, shipped_file: Path) -> None:
    again = rm.open(shipped_file)
    assert_same(region, again)
    assert_same_shapes(region.boundaries.geometries, again.boundaries.geometries)


def test_an_opened_file_answers_like_its_folder(region: Any, shipped_file: Path) -> None:
    again = rm.open(shipped_file)
    assert region.locate("沈阳市 + 抚顺市").equals(again.locate("沈阳市 + 抚顺市"))
    assert region.locate("京哈高速[盘锦市..沈阳市]").equals(again.locate("京哈高速[盘锦市..沈阳市]"))
    line = region.feature("沈铁城际铁路")
    here, there = (rm.near(r.features("park"), r.feature("沈铁城际铁路"), within_m=20_000) for r in (region, again))
    assert len(here) and list(here["distance_m"]) == list(there["distance_m"]) and list(here["to"]) == list(there["to"])
    assert list(line.index) == list(again.feature("沈铁城际铁路").index)


@pytest.mark.parametrize("ending", stores.READABLE)
def test_the_page_of_an_opened_file_is_the_page_of_its_folder(small: Any, tmp_path: Path, ending: str) -> None:
    small.save(tmp_path / f"x{ending}")
    pages = []
    for n, each in enumerate((small, rm.open(tmp_path / f"x{ending}"))):
        rm.save_html(rm.render(each, {"title": "甲", "layer": [{"show": "zones"}]}), tmp_path / f"{n}.html")
        pages.append((tmp_path / f"{n}.html").read_bytes())
    assert pages[0] == pages[1]


def test_a_region_opened_from_a_file_can_be_saved_again(small: Any, tmp_path: Path) -> None:
    small.save(tmp_path / "a.gpkg")
    rm.open(tmp_path / "a.gpkg").save(tmp_path / "b.parquet")
    rm.open(tmp_path / "b.parquet").save(tmp_path / "a.gpkg")
    assert_same(small, rm.open(tmp_path / "a.gpkg"))


def test_the_same_region_gives_the_same_parquet(small: Any, tmp_path: Path) -> None:
    for n in range(2):
        small.save(tmp_path / f"{n}.parquet")
    assert (tmp_path / "0.parquet").read_bytes() == (tmp_path / "1.parquet").read_bytes()


def test_geoparquet_is_valid_ordered_and_small(region: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    region.save(path)
    report = geoparquet_validator.check(str(path))
    status = {o["id"]: o["status"] for o in report["outcomes"]}
    assert geoparquet_validator.failed(report) == []
    assert status["/conf/core/geo-metadata"] == status["/conf/covering/bbox-paths"] == "pass"
    file = pq.ParquetFile(path)
    geo = json.loads(file.metadata.metadata[b"geo"])
    assert geo["version"] == "1.1.0" and "bbox" in geo["columns"]["geometry"]["covering"]
    assert {file.metadata.row_group(0).column(n).compression for n in range(file.metadata.num_columns)} == {"ZSTD"}
    rows = geopandas.read_parquet(path)
    there = rows[rows.geometry.notna()]
    along = there.geometry.hilbert_distance()
    assert along.is_monotonic_increasing and rows.geometry.notna().cummin().is_monotonic_decreasing
    west = geopandas.read_parquet(path, bbox=(119.0, 40.0, 120.0, 41.0))  # by the covering
    held = shapely.intersects(shapely.box(119.0, 40.0, 120.0, 41.0), shapely.box(*there.bounds.to_numpy().T))
    assert set(west["id"]) == set(there["id"][held])


def gdal_check(path: Path) -> subprocess.CompletedProcess[str]:
    """GDAL's own validator, of the system's Python: pip has it only for those who build GDAL."""
    words = ["/usr/bin/python3", "-m", "osgeo_utils.samples.validate_gpkg", "--extra", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if "No module named" in done.stderr:
        pytest.fail("GDAL's validate_gpkg is missing: apt-get install python3-gdal", pytrace=False)
    return done


def test_geopackage_is_valid(region: Any, small: Any, tmp_path: Path) -> None:
    for n, each in enumerate((region, small)):
        each.save(tmp_path / f"{n}.gpkg")
        done = gdal_check(tmp_path / f"{n}.gpkg")
        assert done.returncode == 0, done.stdout + done.stderr
    with sqlite3.connect(tmp_path / "0.gpkg") as base:  # and the validator does find faults
        base.execute("UPDATE gpkg_contents SET srs_id = 77 WHERE table_name = 'records'")
    assert gdal_check(tmp_path / "0.gpkg").returncode != 0


def test_styles_hold_every_colour_and_pattern_of_the_map(small: Any, tmp_path: Path) -> None:
    small.save(tmp_path / "x.gpkg")
    with sqlite3.connect(tmp_path / "x.gpkg") as base:
        rows = base.execute("SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles").fetchall()
    assert {r[0] for r in rows} == {"records", "targets", "units", "around"}
    assert all(r[1] == "geom" and r[3] == 1 for r in rows)
    root = ElementTree.fromstring(next(r[2] for r in rows if r[0] == "records"))
    options = {(o.get("name"), o.get("value")) for o in root.iter("Option")}
    for *_, colour, _ in looks.FAMILIES.values():
        rgb = ",".join(str(int(colour[n : n + 2], 16)) for n in (1, 3, 5))
        assert ("line_color", f"{rgb},255") in options and ("color", f"{rgb},255") in options
    assert len({v for k, v in options if k == "customdash"}) == len(set(looks.DASHES.values()))
    assert {v for k, v in options if k == "name"} >= {"diamond", "square", "triangle", "circle", "hexagon"}
    rules = [r.get("filter") for r in root.iter("rule")]
    assert len(set(rules)) == len(rules) and all(f"'{s}'" in " ".join(rules) for *_, ss in looks.FAMILIES.values() for s in ss)


@pytest.mark.parametrize("ending", stores.FORMATS)
def test_every_file_with_outlines_carries_their_notice(small: Any, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x{ending}"
    saved = small.save(path)
    held = zipfile.ZipFile(path).read("doc.kml") if ending == ".kmz" else path.read_bytes()
    if ending == ".xlsx":
        book = openpyxl.load_workbook(path)
        held = " ".join(str(c.value) for row in book["notice"].iter_rows() for c in row).encode()
    assert NOTICE.encode() in held
    assert saved.rows == len(small.records) + len(small.targets)
    assert bool(saved.left_out) == (ending not in stores.READABLE)
    if ending == ".csv":  # on every row with an area
        flat = pd.read_csv(path, keep_default_na=False)
        area = flat["wkt"].str.contains("POLYGON")
        assert area.any() and (area == (flat["notice"] == NOTICE)).all()
    if ending == ".gpkg":
        with sqlite3.connect(path) as base:
            texts = [r[0] for r in base.execute("SELECT description FROM gpkg_contents WHERE data_type = 'features'")]
        assert len(texts) == 4 and all(NOTICE in t for t in texts)


def test_geojson_follows_rfc_7946(region: Any, tmp_path: Path) -> None:
    region.save(tmp_path / "x.geojson")
    text = (tmp_path / "x.geojson").read_text("utf-8")
    whole = json.loads(text)
    assert "crs" not in whole and whole["edition"] == region.edition and whole["bbox"][0] < whole["bbox"][2]
    shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in whole["features"] if f["geometry"]])
    xy = shapely.get_coordinates(shapes)
    assert (abs(xy - xy.round(7)) < 1e-12).all() and shapely.is_valid(shapes).all()
    parts = shapely.get_parts(shapes)
    areas = parts[shapely.get_dimensions(parts) == 2]
    assert len(areas) and shapely.is_ccw(shapely.get_exterior_ring(areas)).all()
    assert not shapely.is_ccw(shapely.get_interior_ring(areas[shapely.get_num_interior_rings(areas) > 0], 0)).any()
    by_id = {f["id"]: f for f in whole["features"]}
    assert len(by_id) == len(whole["features"]) == len(region.records) + len(region.targets)


def test_kml_holds_every_record_and_its_colour(small: Any, tmp_path: Path) -> None:
    small.save(tmp_path / "x.kml")
    small.save(tmp_path / "x.kmz")
    assert zipfile.ZipFile(tmp_path / "x.kmz").read("doc.kml") == (tmp_path / "x.kml").read_bytes()
    root, k = ElementTree.parse(tmp_path / "x.kml").getroot(), "{http://www.opengis.net/kml/2.2}"
    marks = list(root.iter(f"{k}Placemark"))
    assert len(marks) == len(small.records) + len(small.targets)
    styles = {s.get("id") for s in root.iter(f"{k}Style")}
    assert {m.find(f"{k}styleUrl").text.lstrip("#") for m in marks} <= styles
    line = next(m for m in marks if m.find(f"{k}name").text == "甲丁铁路")
    assert len(line.find(f"{k}LineString/{k}coordinates").text.split()) == 3
    assert {d.get("name"): d[0].text for d in line.iter(f"{k}Data")}["aliases"] == "甲丁线"
    again = pd.concat([geopandas.read_file(tmp_path / "x.kml", layer=n) for n in geopandas.list_layers(tmp_path / "x.kml")["name"]])
    assert len(again) == len(marks)  # GDAL reads it too


def test_export_says_what_is_left_out(small: Any, tmp_path: Path, capsys: Any) -> None:
    data = str(small.folder)
    code, out, err = run(capsys, "export", str(tmp_path / "x.xlsx"), "--data", data)
    assert code == 0 and "9 rows" in out and "left out: lines and areas" in err
    code, out, err = run(capsys, "export", str(tmp_path / "x.gpkg"), "--data", data)
    assert code == 0 and "left out" not in err
    code, out, err = run(capsys, "find", "丁园区", "--data", str(tmp_path / "x.gpkg"))
    assert code == 0 and "p1/park" in out
    code, out, err = run(capsys, "export", str(tmp_path / "x.doc"), "--data", data)
    assert code == 1 and ".gpkg" in err


def test_what_a_file_cannot_hold_is_refused(small: Any, tmp_path: Path) -> None:
    rows = small.records[["id"]]
    with pytest.raises(rm.errors.InputError, match=r"odd.*text without NUL"):
        small.edit(records=rows.assign(odd=[{"a": 1}] * len(rows)))
    with pytest.raises(rm.errors.InputError, match="note"):
        small.edit(records=rows.assign(note="a\0b"))
    named = small.edit(records=rows[:1].assign(aliases=[["a;b"]]))
    with pytest.raises(rm.errors.InputError, match="aliases"):
        named.save(tmp_path / "x.gpkg")
    with pytest.raises(rm.errors.NotFoundError, match="no file"):
        rm.open(tmp_path / "y.gpkg")
    (tmp_path / "y.geojson").write_text("{}")
    with pytest.raises(rm.errors.InputError, match=r"opened from a folder, \.parquet, \.gpkg or postgresql"):
        rm.open(tmp_path / "y.geojson")
