"""Edits: here through `edit`, elsewhere in a file; checked, placed, measured, with a new edition."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pytest
import shapely
from kept import a_region, assert_same

import regionmap as rm
from regionmap import crs


@pytest.fixture
def small(tmp_path: Path) -> Any:
    return a_region(tmp_path)


def rows(**cells: Any) -> pd.DataFrame:
    return pd.DataFrame({k: [v] for k, v in cells.items()})


def test_an_edit_leaves_the_region_and_changes_what_it_says(small: Any) -> None:
    before = small.records.copy()
    new = small.edit(records=rows(id="p1/park", status="planned", note="扩建"))
    pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(small.records))
    assert new.records.at["p1/park", "status"] == "planned" and new.records.at["p1/park", "note"] == "扩建"
    assert list(new.records.index) == list(small.records.index)
    others = new.records.drop(index="p1/park")
    pd.testing.assert_frame_equal(pd.DataFrame(others.drop(columns="geometry")),
                                  pd.DataFrame(small.records.drop(index="p1/park").drop(columns="geometry")))  # fmt: skip
    assert new.plans["p1"].edition != small.plans["p1"].edition and new.plans["p2"] == small.plans["p2"]
    assert new.edition == new.records.attrs["edition"] != small.edition


def test_new_words_move_a_row_and_measure_it(small: Any) -> None:
    new = small.edit(records=rows(id="p1/zone", where="东市"), targets=rows(id="p1/t1", region="西市"))
    city = small.locate("东市").geometry.iloc[0]
    assert new.records.at["p1/zone", "geometry"].equals(city)
    assert new.records.at["p1/zone", "area_km2"] == pytest.approx(crs.area_m2(city) / 1e6, abs=1e-3)
    assert new.targets.at["p1/t1", "geometry"].equals(small.locate("西市").geometry.iloc[0])
    with pytest.raises(rm.errors.TableError, match="丁元"):
        small.edit(records=rows(id="p1/park", where="丁元"))


def test_a_geometry_that_comes_along_counts(small: Any) -> None:
    spot = geopandas.GeoDataFrame({"id": ["p1/park"], "where": ["自测"], "accuracy_m": [5.0]},
                                  geometry=[shapely.Point(100.6, 40.7)], crs=4326)  # fmt: skip
    new = small.edit(records=spot)
    assert new.records.at["p1/park", "geometry"] == shapely.Point(100.6, 40.7)
    assert new.records.at["p1/park", "precision"] == "surveyed"
    with pytest.raises(rm.errors.MissingCRSError):
        small.edit(records=spot.set_crs(None, allow_override=True))


def test_rows_come_and_go(small: Any) -> None:
    added = rows(id="p2/new", name="新港", kind="hub", sector="port", where="丙港", same_as="p1/port", clause="9")
    new = small.edit(records=added, remove=["p1/nowhere", "p1/t1"])
    assert "p2/new" in new.records.index and "p1/nowhere" not in new.records.index and "p1/t1" not in new.targets.index
    assert new.records.at["p2/new", "group"] == new.records.at["p1/port", "group"]
    assert new.records.at["p2/new", "geometry"].equals(small.records.at["p1/port", "geometry"])
    assert list(new.feature("丙港区").index) == ["p2/new"]  # the later plan's
    with pytest.raises(rm.errors.NotFoundError, match=r"p1/nowher.*nearest: p1/nowhere"):
        small.edit(remove=["p1/nowher"])
    with pytest.raises(rm.errors.TableError, match="no such id"):
        new.edit(remove=["p1/port"])  # p2/new points at it


def test_faults_of_an_edit_come_all_at_once(small: Any) -> None:
    bad = pd.DataFrame({"id": ["p1/park", "p1/port"], "kind": ["prak", "hub"], "status": ["planned", "plannd"]})
    with pytest.raises(rm.errors.TableError) as error:
        small.edit(records=bad)
    assert {(f.column, f.value) for f in error.value.faults} == {("kind", "prak"), ("status", "plannd")}
    with pytest.raises(rm.errors.InputError, match="no plan p9"):
        small.edit(records=rows(id="p9/a", name="x"))
    with pytest.raises(rm.errors.InputError, match="column id"):
        small.edit(records=rows(name="x"))
    with pytest.raises(rm.errors.InputError, match="there twice"):
        small.edit(records=pd.DataFrame({"id": ["p1/park"] * 2}))


def test_an_edited_region_is_saved_like_any_other(small: Any, tmp_path: Path) -> None:
    new = small.edit(records=rows(id="p1/park", status="planned"))
    new.save(tmp_path / "x.gpkg")
    assert_same(new, rm.open(tmp_path / "x.gpkg"))


def elsewhere(path: Path, statement: str) -> None:
    """What another program does to a file."""
    with closing(sqlite3.connect(path)) as base, base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute(statement)


def test_a_file_edited_elsewhere_is_measured_again_and_has_a_new_edition(small: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    small.save(path)
    layer = geopandas.read_file(path, layer="records")
    box = shapely.box(100.0, 40.0, 100.5, 40.5)
    blob = b"GP\0\1" + (4326).to_bytes(4, "little") + shapely.to_wkb(box)
    elsewhere(path, f"UPDATE records SET name = '缩小的合作区', geom = x'{blob.hex()}' WHERE id = 'p1/zone'")
    elsewhere(path, f"UPDATE rtree_records_geom SET minx = 100, maxx = 100.5, miny = 40, maxy = 40.5 WHERE id = {layer.index[layer['id'] == 'p1/zone'][0] + 1}")
    again = rm.open(path)
    assert again.records.at["p1/zone", "name"] == "缩小的合作区"
    assert again.records.at["p1/zone", "area_km2"] == pytest.approx(crs.area_m2(box) / 1e6, abs=1e-3)
    assert again.plans["p1"].edition != small.plans["p1"].edition and again.plans["p2"] == small.plans["p2"]
    assert again.records.at["p1/line", "length_km"] == small.records.at["p1/line", "length_km"]


def test_what_was_spoilt_elsewhere_is_refused_with_every_fault(small: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    small.save(path)
    elsewhere(path, "UPDATE records SET kind = 'prak' WHERE id = 'p1/park'")
    elsewhere(path, "UPDATE records SET same_as = 'p1/lnie' WHERE id = 'p2/line'")
    elsewhere(path, "UPDATE targets SET plan = 'p3' WHERE id = 'p1/t1'")
    with pytest.raises(rm.errors.TableError) as error:
        rm.open(path)
    assert {f.value for f in error.value.faults} >= {"prak", "p1/lnie", "p3"}
