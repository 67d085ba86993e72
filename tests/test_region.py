"""The region: features, names, groups, candidates, faults; files that are written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pyproj
import pytest
from conftest import RECORDS, made_region, write_region

import regionmap as rm
from regionmap.plans import stores

TARGETS = [
    {"id": "p1/t1", "indicator": "产值", "region": "东市", "value": "12.5", "comparator": ">=", "unit": "亿元",
     "year": "2025", "clause": "一"},
    {"id": "p1/t2", "indicator": "=cmd", "region": "", "value_text": "领先", "comparator": "text", "clause": "二"},
]  # fmt: skip


@pytest.fixture
def full(tmp_path: Path) -> Any:
    return rm.open(write_region(tmp_path / "geodata", targets=TARGETS))


def test_features_narrow_and_refuse(tiny: Any) -> None:
    assert len(tiny.features()) == len(RECORDS)
    assert set(tiny.features(kind="parks")["id"]) == {"p1/park"} == set(tiny.features("园区").index)
    assert set(tiny.features(plan="p2").index) == {"p2/line"}
    assert tiny.features().crs == "EPSG:4326"
    with pytest.raises(rm.errors.InputError, match="allowed are zone, corridor"):
        tiny.features("prk")
    with pytest.raises(rm.errors.NotFoundError, match="nearest"):
        tiny.features(plan="p3")


def test_a_frame_of_the_caller_does_not_change_the_region(tiny: Any) -> None:
    tiny.features()["name"] = "x"
    tiny.feature("丁园区")["name"] = "x"
    assert "x" not in set(tiny.features()["name"])


def test_feature_returns_the_latest_plans_record(tiny: Any) -> None:
    for name in ("甲丁铁路", "甲丁线", "甲丁城际", "p2/line"):
        assert list(tiny.feature(name).index) == ["p2/line"]
    assert list(tiny.feature("p1/line").index) == ["p1/line"]
    assert list(tiny.same("p1/line").index) == ["p2/line", "p1/line"]


def test_unknown_and_ambiguous_names(tmp_path: Path) -> None:
    rows = [dict(r, name="双子园") if r["id"] in ("p1/park", "p1/port") else r for r in RECORDS]
    region = rm.open(write_region(tmp_path / "geodata", rows))
    with pytest.raises(rm.errors.AmbiguousNameError) as error:
        region.feature("双子园")
    assert error.value.ids == ("p1/park", "p1/port")
    with pytest.raises(rm.errors.NotFoundError, match="甲丁铁路"):
        region.feature("甲丁铁")
    with pytest.raises(rm.errors.NotFoundError) as error:
        region.feature("zzz")
    assert str(error.value) == "no record 'zzz'"


@pytest.mark.parametrize("metres", ["", "3 km", "-1", "nan", "inf"])
def test_a_line_of_unknown_accuracy_is_a_fault(metres: str, tmp_path: Path) -> None:
    line = {"name": "甲乙铁路", "class": "railway", "nodes": "121.1,41.1 > 121.5,41.1", "accuracy_m": metres}
    with pytest.raises(rm.errors.TableError) as error:
        made_region(tmp_path / "geodata", lines=[line]).records  # noqa: B018
    assert [(f.file, f.row, f.column, f.value) for f in error.value.faults] == [("lines.csv", 2, "accuracy_m", metres)]


def test_is_or_within(tiny: Any) -> None:
    rows = tiny.records
    assert rows.at["p1/zone", "geometry"].geom_type == "Polygon"  # a zone is its units
    spot = rows.at["p1/somewhere", "geometry"]
    unit = tiny.gazetteer.units["990102"].geometry
    assert spot.geom_type == "Point" and unit.contains(spot)
    corner = max(rm.near(
        geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*unit.exterior.xy), crs=4326),
        tiny.feature("p1/somewhere").drop(columns="accuracy_m"), within_m=1e6)["distance_m"])  # fmt: skip
    assert rows.at["p1/somewhere", "accuracy_m"] == pytest.approx(corner + 100, abs=1)
    assert rows.at["p1/somewhere", "precision"] == "county"
    assert rows.at["p1/park", "precision"] == "site"
    assert rows.at["p1/nowhere", "geometry"] is None and rows.at["p1/nowhere", "precision"] == "unplaced"


def test_area_and_length_are_measured(tiny: Any) -> None:
    rows = tiny.records
    geod = pyproj.Geod(ellps="WGS84")
    assert rows.at["p1/line", "length_km"] == pytest.approx(geod.line_length([100.2, 100.8, 100.7], [40.2, 40.3, 40.8]) / 1e3, abs=1e-3)
    assert rows.at["p1/zone", "area_km2"] == pytest.approx(3 * 42.5 * 55.5, rel=0.02)
    assert np.isnan(rows.at["p1/park", "area_km2"])


def test_candidates_leave_out_itself_twins_and_parts(tmp_path: Path) -> None:
    rows = [*RECORDS, {"id": "p1/bridge", "name": "甲丁大桥", "kind": "facility", "where": "乙站", "part_of": "p1/line"}]
    region = rm.open(write_region(tmp_path / "geodata", rows))
    found = set(region.candidates("p2/line").index)
    assert found == {"p1/park", "p1/port", "p1/somewhere", "p1/nowhere"}
    assert set(region.candidates("p2/line", "zone").index) == {"p1/zone"}


def test_a_bad_location_is_reported_and_kept(tmp_path: Path) -> None:
    rows = [dict(r, where="丁元") if r["id"] == "p1/park" else r for r in RECORDS]
    region = rm.open(write_region(tmp_path / "geodata", rows))
    assert len(region.records) == len(rows)
    (fault,) = region.faults
    assert (fault.file, fault.row, fault.column, fault.value) == ("plans/p1/records.csv", 3, "where", "丁元")
    assert any(name.endswith("丁园") for name in fault.suggestions)


def test_all_faults_of_a_table_at_once(tmp_path: Path) -> None:
    rows = [
        {"id": "p1/a", "name": "甲", "kind": "prak", "status": "plannd", "start": "21"},
        {"id": "p1/a", "name": "", "kind": "park", "part_of": "p1/x"},
        {"id": "p1/没有", "name": "乙", "kind": "park", "accuracy_m": "3 km", "extent": "maybe"},
    ]
    region = rm.open(write_region(tmp_path / "geodata", rows))
    with pytest.raises(rm.errors.TableError) as error:
        region.records  # noqa: B018
    got = {(f.row, f.column) for f in error.value.faults}
    assert got == {(2, "kind"), (2, "status"), (2, "start"), (3, "id"), (3, "name"), (3, "part_of"), (4, "id"),
                   (4, "accuracy_m"), (4, "extent")}  # fmt: skip
    assert "did you mean park?" in str(error.value)


def test_export_writes_every_record(full: Any, tmp_path: Path) -> None:
    rows = len(full.records) + len(full.targets)
    for ending in stores.FORMATS:
        assert full.save(tmp_path / f"out{ending}").rows == rows
    whole = json.loads((tmp_path / "out.geojson").read_text("utf-8"))
    by_id = {f["id"]: f for f in whole["features"]}
    assert len(by_id) == rows
    assert by_id["p1/nowhere"]["geometry"] is None
    assert by_id["p1/line"]["properties"]["aliases"] == ["甲丁线"]
    assert by_id["p1/t1"]["properties"]["kind"] == "target" and by_id["p1/t1"]["geometry"]["type"] == "Polygon"
    parquet = geopandas.read_parquet(tmp_path / "out.parquet")
    assert len(parquet) == rows and parquet.crs == "EPSG:4326"
    assert list(parquet.set_index("id").at["p1/line", "aliases"]) == ["甲丁线"]
    assert len(geopandas.read_file(tmp_path / "out.gpkg", layer="records")) == len(full.records)
    assert len(geopandas.read_file(tmp_path / "out.gpkg", layer="targets")) == len(full.targets)
    flat = pd.read_csv(tmp_path / "out.csv")
    assert len(flat) == rows and flat["wkt"].isna().sum() == 2
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    header = [c.value for c in book["records"][1]]
    assert {"lon", "lat", "where"} <= set(header) and book["records"].max_row == len(full.records) + 1


def test_export_neutralises_formulas(full: Any, tmp_path: Path) -> None:
    full.save(tmp_path / "out.csv")
    assert "'=cmd" in (tmp_path / "out.csv").read_text("utf-8-sig")
    full.save(tmp_path / "out.xlsx")
    cells = [c for row in openpyxl.load_workbook(tmp_path / "out.xlsx")["targets"].iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"]


def test_a_failed_export_leaves_the_old_file(full: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.geojson"
    path.write_text("old")
    monkeypatch.setattr("regionmap.plans.stores.geojson.plain_value", lambda value: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        full.save(path)
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    with pytest.raises(rm.errors.InputError, match=r"\.geojson"):
        full.save(tmp_path / "out.doc")


def test_no_region_there(tmp_path: Path) -> None:
    with pytest.raises(rm.errors.NotFoundError, match=r"region\.toml"):
        rm.open(tmp_path)
