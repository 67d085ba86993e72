"""Features of files: by fid, by attribute, never from above the folder; any trouble is a fault with its reason."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest
import shapely
from made import where

from regionmap import datums
from regionmap.errors import ExpressionError
from regionmap.places.where import Where


@pytest.fixture
def at(tmp_path: Path) -> Where:
    inside = tmp_path / "plan"
    inside.mkdir()
    frame = geopandas.GeoDataFrame(
        {"id": ["A7", "B1", "B1", "C"], "nr": [7, 8, 9, None], "accuracy_m": [20.0, None, -1.0, 5.0]},
        geometry=[shapely.box(100, 40, 100.1, 40.1), shapely.Point(100.5, 40.5), shapely.LineString([(100, 40), (101, 40.2)]), None],
        crs=4490,
    )  # fmt: skip
    frame.to_file(inside / "own.gpkg", layer="parks")
    frame.iloc[:3].to_crs(4548).to_file(inside / "own.gpkg", layer="metres")
    frame.iloc[[1]].to_file(inside / "一 图.geojson")
    frame.iloc[[1]].set_crs(datums.GCJ02, allow_override=True).to_file(inside / "web.gpkg", layer="web")
    frame.iloc[[0]].to_file(tmp_path / "above.gpkg", layer="above")
    (inside / "link.gpkg").symlink_to(tmp_path / "above.gpkg")
    (inside / "broken.gpkg").write_text("no database")
    return Where(where(tmp_path).gazetteer, "990000", inside)


def test_by_fid_and_by_attribute(at: Where) -> None:
    area = at.locate("own.gpkg#parks/1")
    assert (area.geometry.geom_type, area.accuracy_m, area.precision, area.drawn) == (
        "Polygon",
        20.0,
        "surveyed",
        "authored",
    )
    for key in ("id=A7", "nr=7", "nr=7.0"):
        assert at.locate(f"own.gpkg#parks/{key}").geometry.equals(area.geometry)
    assert at.locate("own.gpkg#parks/2").accuracy_m == 50.0  # the file states none
    assert shapely.hausdorff_distance(at.locate("own.gpkg#metres/1").geometry, area.geometry) < 1e-8
    assert at.locate("「一 图.geojson#一 图/id=B1」 ~ 2 km & 丁县").geometry.geom_type == "Polygon"


def test_lines_of_files_are_cut_like_others(at: Where) -> None:
    stretch = at.locate("own.gpkg#parks/nr=9[甲县]").geometry
    assert stretch.bounds[2] == pytest.approx(100.5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("../above.gpkg#above/1", "leads out of the folder"), ("link.gpkg#above/1", "leads out of the folder"),
        ("/etc/own.gpkg#a/1", "leads out of the folder"), ("none.gpkg#parks/1", "no file none.gpkg"),
        ("own.gpkg#park/1", "has no layer 'park'; nearest: parks"), ("own.gpkg#parks/99", "0 features"),
        ("own.gpkg#parks/id=B1", "2 features"), ("own.gpkg#parks/name=X", "has no column 'name'; it has id, nr, accuracy_m"),
        ("own.gpkg#parks/id=C", "has no geometry"), ("broken.gpkg#parks/1", "can't be read"), ("web.gpkg#web/1", "GCJ-02"),
        ("own.gpkg#parks/geometry=x", "has no column"),
    ],
)  # fmt: skip
def test_trouble_is_a_fault_that_says_why(at: Where, text: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=reason):
        at.locate(text)
