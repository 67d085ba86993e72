"""Units of the shipped region, the cache, the state border, the far land."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import ROOT, write_region

import regionmap as rm
from regionmap import answers
from regionmap.places import boundaries, cache
from regionmap.queries import summary as queries_summary


def test_liaoning_has_its_units(region: Any) -> None:
    levels = region.boundaries.levels
    assert (levels.count("province"), levels.count("city"), levels.count("county")) == (1, 14, 100)
    names = {u.name for u in region.gazetteer.units.values()}
    assert {"辽宁省", "沈阳市", "海城市", "长海县", "清原满族自治县"} <= names


def test_levels_share_their_edges(region: Any) -> None:
    b = region.boundaries
    by_level = {level: b.geometries[np.array(b.levels) == level] for level in ("province", "city", "county")}
    whole = by_level["province"][0]
    for level in ("city", "county"):
        assert shapely.symmetric_difference(whole, shapely.union_all(by_level[level])).area < 1e-9
    assert shapely.is_valid(b.geometries).all()


def test_neighbours_are_light_and_snug(region: Any) -> None:
    b = region.boundaries
    whole = b.geometries[0]
    assert {"吉林省", "内蒙古自治区", "河北省"} <= set(b.neighbours)
    around = shapely.union_all(list(b.neighbours.values()))
    assert shapely.intersection(around, whole).area < 1e-9
    assert sum(shapely.get_num_coordinates(s) for s in b.neighbours.values()) < 6_000
    land_side = shapely.difference(shapely.boundary(whole), shapely.buffer(around, 1e-6))
    inland = shapely.clip_by_rect(land_side, 118, 41.5, 125, 44)  # far from the coast: no gap, only the state border
    assert shapely.difference(inland, shapely.buffer(b.state_border, 1e-6)).length < 0.02


def test_the_state_border_follows_the_edge(region: Any) -> None:
    border, whole = region.boundaries.state_border, region.boundaries.geometries[0]
    along = shapely.intersection(border, shapely.buffer(shapely.boundary(whole), 1e-9))
    assert along.length > 1.5  # from the Yalu's mouth to Jilin
    point = shapely.Point(124.37, 40.1)  # Dandong lies on it
    assert shapely.distance(border, point) < 0.1
    assert shapely.distance(border, shapely.Point(121.6, 38.9)) > 2  # Dalian's coast does not


def test_a_changed_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache.platformdirs, "user_cache_path", lambda name: tmp_path / name)
    folder = write_region(tmp_path / "geodata")
    settings = rm.open(folder).settings["boundaries"]
    good = hashlib.sha256((folder / "units.geojson").read_bytes()).hexdigest()
    assert len(boundaries.read({**settings, "sha256": good}, folder).codes) == 7
    with pytest.raises(rm.errors.BoundaryError, match="not the pinned boundary file"):
        boundaries.read({**settings, "sha256": "0" * 64}, folder)
    with pytest.raises(rm.errors.BoundaryError, match="pip install"):
        boundaries.read({**settings, "package": "no-such", "file": "no_such_package/x.geojson"}, folder)


@pytest.mark.parametrize("damage", ["missing", "broken", "read-only", "a file where the folder should be"])
def test_a_bad_cache_is_only_slow(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "cache"
    monkeypatch.setattr(cache.platformdirs, "user_cache_path", lambda name: place)
    folder = write_region(tmp_path / "geodata")
    first = rm.open(folder)
    expected = first.records.geometry.to_wkb().tolist()
    kept = list(place.glob("*.npz"))
    assert {f.name.split("-")[0] for f in kept} == {"boundaries", "placed"}
    for file in kept:
        if damage == "broken":
            file.write_bytes(file.read_bytes()[:100])
        else:
            file.unlink()
    if damage == "read-only":
        monkeypatch.setattr(cache.tempfile, "mkstemp", lambda **_: (_ for _ in ()).throw(PermissionError("read-only")))
    elif damage.startswith("a file"):
        place.rmdir()
        place.write_text("in the way")
    assert rm.open(folder).records.geometry.to_wkb().tolist() == expected


def test_an_edited_table_is_seen_despite_the_cache(tmp_path: Path) -> None:
    folder = write_region(tmp_path / "geodata")
    assert len(rm.open(folder).records) == 7
    table = folder / "plans/p1/records.csv"
    table.write_text(table.read_text("utf-8").replace("丙港区,", "丙港新区,"), "utf-8")
    assert "丙港新区" in set(rm.open(folder).records["name"])


def test_where_things_lie_is_kept_but_never_for_other_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache.platformdirs, "user_cache_path", lambda name: tmp_path / "cache")
    region, by = rm.open(write_region(tmp_path / "geodata")), ["zone", "unit"]
    asked = rm.summary(region, by=by)
    files = {p.name.split("-")[0] for p in (tmp_path / "cache").iterdir()}
    assert {"zones", "units"} <= files
    monkeypatch.setattr(queries_summary, "_held", lambda *_: pytest.fail("what is kept was worked out again"))
    pd.testing.assert_frame_equal(rm.summary(region, by=by), asked)
    monkeypatch.undo()
    monkeypatch.setattr(cache.platformdirs, "user_cache_path", lambda name: tmp_path / "cache")
    region.records.loc[region.records.index[0], "geometry"] = region.records.geometry.iloc[-1]
    rows = region.latest(region.features())
    fresh = queries_summary.zones_of(rows, answers.zone_areas(region))
    assert answers.zones_of(rows, answers.zone_areas(region)).equals(fresh)


def test_far_land_makes_no_second_coastline(region: Any) -> None:
    from regionmap.maps.outlines import _land

    land = _land(ROOT / "geodata" / "base" / "land.geojson", region.boundaries)
    whole = region.boundaries.geometries[0]
    assert shapely.intersection(land, whole).area < 1e-6
    coast = shapely.box(119.5, 38.5, 124.2, 40.8)  # Liaoning's seas: only its own coast is drawn here
    assert shapely.intersection(land, coast).area < 1e-3
    assert shapely.contains(land, shapely.Point(37.6, 55.75))  # Moscow
    assert shapely.contains(land, shapely.Point(126.0, 39.5))  # beyond the Yalu there is land, too
