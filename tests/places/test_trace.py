"""`regionmap trace`: an authored OpenStreetMap file with branches, gaps and parallel tracks; other files; the map."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from conftest import RECORDS, write_region
from made import bent, write_osm

import regionmap as rm
from regionmap import crs
from regionmap.cli import main
from regionmap.errors import CRSError, InputError
from regionmap.places import networks, trace, track_files, tracks

RAIL = {"railway": "rail"}
A, B, C, D = (100.21, 40.21), (100.8, 40.301), (100.701, 40.8), (100.12, 40.88)
LINES = [
    {"name": "甲丙线", "class": "rail", "accuracy_m": "3000", "source": "made",
     "nodes": "甲站@100.205,40.212 > 100.5,40.25 > 乙站@100.8,40.3 > 丁站@100.7,40.8 > 丙站@100.11,40.89"},
    {"name": "东河", "class": "river", "accuracy_m": "3000", "source": "made", "nodes": "100.0,40.4 > 101.0,40.4"},
]  # fmt: skip


def joined(*lines: list[list[float]]) -> list[list[list[float]]]:
    """Lines whose ends are made the same point."""
    for one, two in zip(lines, lines[1:], strict=False):
        two[0] = one[-1]
    return list(lines)


AB, BC, CD = joined(bent(A, B), bent(B, C), bent(C, D))
TRACK = shapely.MultiLineString([AB, BC, CD])


def region_at(folder: Path, lines: Any = LINES, records: Any = None) -> Any:
    write_region(folder, records)
    path = folder / "networks/lines.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, networks.LINE_COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(lines)
    return rm.open(folder)


def osm(path: Path, *, gap: bool = False, stations: bool = True) -> Path:
    """甲 - 乙 - 丁 - 丙 as four ways, with a branch, a siding, a parallel track 1.5 km off, a road, a river."""
    branch = bent(AB[30], (100.6, 40.6), n=20)
    branch[0] = AB[30]
    siding = [AB[10], [AB[12][0], AB[12][1] + 0.0005], AB[14]]
    parallel = bent((100.21, 40.225), (100.8, 40.316))
    ways = [
        (AB[:31], RAIL), (AB[30:], {**RAIL, "name": "甲丙线"}), (BC, {**RAIL, "name": "甲丙线"}), (branch, RAIL),
        (siding, {**RAIL, "service": "siding"}), (parallel, RAIL), (bent(A, C), {"highway": "motorway"}),
        (bent((99.9, 40.41), (101.1, 40.39), swing=0.02), {"waterway": "river"}), (bent(A, D), {"railway": "abandoned"}),
    ]  # fmt: skip
    ways += [(CD[:25], RAIL), (CD[29:], RAIL)] if gap else [(CD, RAIL)]
    points = [(B, {"railway": "station", "name": "乙站"}), (A, {"railway": "halt", "name": "甲"})] if stations else []
    return write_osm(path, ways, points)


def off_track(shape: Any, track: Any = TRACK) -> float:
    """How far a line leaves the track, metres."""
    points = shapely.line_interpolate_point(shape, np.linspace(0, 1, 400), normalized=True)
    near = shapely.shortest_line(points, track)
    return float(np.max(crs.length_m(near)))


def test_lines_and_routes_are_led_along_the_track(tmp_path: Path) -> None:
    region = region_at(tmp_path / "geodata")
    assert region.feature("p1/line")["drawn"].iloc[0] == "schematic"
    report = rm.trace(region, osm(tmp_path / "net.osm"))
    assert set(report.loc[report["drawn"] != "traced", "name"]) == {"p2/line"}  # 甲镇 > 丁园: by 乙站 it is too far
    assert report.attrs["attribution"] == "© OpenStreetMap contributors (ODbL)"
    again = rm.open(tmp_path / "geodata")
    line = next(e for e in again.gazetteer.entries if e.name == "甲丙线")
    assert off_track(line.geometry) < 2
    assert (line.drawn, line.accuracy_m) == ("traced", 100.0)
    assert len(line.nodes) == len(line.geometry.coords) and [n for n in line.nodes if n] == [
        "甲站",
        "乙站",
        "丁站",
        "丙站",
    ]
    assert again.locate("甲丙线")["precision"].iloc[0] == "traced"
    route = again.feature("p1/line").iloc[0]  # 甲镇 > 乙站 > 丁园, planned
    assert route["drawn"] == "traced" and off_track(route.geometry) < 2
    assert route["accuracy_m"] >= 9000  # not built: it only is assumed to run there
    river = next(e for e in again.gazetteer.entries if e.name == "东河")
    assert river.drawn == "traced"


def test_a_built_route_is_as_good_as_its_track(tmp_path: Path) -> None:
    records = [{**RECORDS[0], "status": "operating", "status_text": "已建"}]
    region = region_at(tmp_path / "geodata", LINES[1:], records)
    rm.trace(region, osm(tmp_path / "net.osm"))
    route = rm.open(tmp_path / "geodata").feature("p1/line").iloc[0]
    assert (route["drawn"], route["accuracy_m"], route["precision"]) == ("traced", 100.0, "traced")


def test_a_gap_leaves_its_leg_schematic_and_is_reported(tmp_path: Path) -> None:
    region = region_at(tmp_path / "geodata")
    report = rm.trace(region, osm(tmp_path / "net.osm", gap=True)).set_index(["name", "start", "end"])
    assert report.loc[("甲丙线", "丁站", "丙站"), "drawn"] == "schematic"
    reason = report.loc[("甲丙线", "丁站", "丙站"), "reason"]
    missing = crs.length_m(shapely.LineString(CD[24:30])) / 1000
    assert f"tracks {missing:.2f} km apart near" in reason or "km apart" in reason
    assert (report.loc["甲丙线", "drawn"] == "traced").sum() == 2
    line = next(e for e in rm.open(tmp_path / "geodata").gazetteer.entries if e.name == "甲丙线")
    assert line.drawn == "schematic" and line.accuracy_m == 3000
    assert [leg.drawn for leg in line.legs] == ["traced", "traced", "schematic"]
    assert line.geometry.is_simple  # the schematic leg begins where the track ends
    at = rm.open(tmp_path / "geodata")
    assert at.locate("甲丙线[100.25, 40.21..乙站]")["accuracy_m"].iloc[0] == 100
    assert "traced" in at.locate("甲丙线")["pieces"].iloc[0]


def test_parallel_tracks_that_cannot_be_told_apart_widen_the_accuracy(tmp_path: Path) -> None:
    lines = [{**LINES[0], "nodes": "甲站@100.205,40.212 > 100.5,40.25 > 乙站@100.8,40.3"}]
    twins = [(AB, RAIL), (bent((100.212, 40.222), (100.802, 40.313)), RAIL)]
    region = region_at(tmp_path / "a", lines, RECORDS[1:2])
    report = rm.trace(region, write_osm(tmp_path / "twins.osm", twins))
    assert 900 < report["accuracy_m"].iloc[0] < 1700  # the other one is 1.3 km off
    named = [(AB, {**RAIL, "name": "甲丙线"}), twins[1]]
    region = region_at(tmp_path / "b", lines, RECORDS[1:2])
    report = rm.trace(region, write_osm(tmp_path / "named.osm", named))
    assert report["accuracy_m"].iloc[0] == 100


def test_a_line_keeps_to_one_track_through_its_stations(tmp_path: Path) -> None:
    fast = bent((100.2, 40.235), (100.69, 40.815))
    lines = [{**LINES[0], "name": "甲丁高铁", "class": "high_speed_rail",
              "nodes": "甲站@100.205,40.225 > 中站@100.45,40.52 > 丁站@100.695,40.81"}]  # fmt: skip
    slow = bent((100.205, 40.222), (100.697, 40.80))
    ways = [(fast, {**RAIL, "highspeed": "yes"}), (slow, RAIL)]
    region = region_at(tmp_path / "geodata", lines, RECORDS[1:2])
    rm.trace(region, write_osm(tmp_path / "net.osm", ways))
    line = next(e for e in rm.open(tmp_path / "geodata").gazetteer.entries if e.name == "甲丁高铁")
    assert line.drawn == "traced" and off_track(line.geometry, shapely.LineString(fast)) < 2


@pytest.mark.parametrize("driver", ["GPKG", "ESRI Shapefile", "GeoJSON"])
def test_other_files_of_lines(tmp_path: Path, driver: str) -> None:
    """Ends that do not quite meet, a line that ends on another one's side, Chinese classes, projected metres."""
    gap = 0.000004  # 0.4 m
    branch = [[AB[30][0], AB[30][1] + gap], [100.6, 40.6]]
    other = [[x + gap, y] for x, y in BC]
    frame = geopandas.GeoDataFrame(
        {"类型": ["铁路", "铁路", "铁路", "高速公路", "铁路"]},
        geometry=[shapely.LineString(g) for g in (AB, other, CD, bent(A, C), branch)],
        crs=4490,
    )
    suffix = {"GPKG": "gpkg", "ESRI Shapefile": "shp", "GeoJSON": "geojson"}[driver]
    path = tmp_path / f"net.{suffix}"
    (frame.to_crs(4549) if driver != "GeoJSON" else frame.to_crs(4326)).to_file(path, driver=driver)
    region = region_at(tmp_path / "geodata")
    report = rm.trace(region, path, attribution="某局, 2024", accuracy_m=30.0)
    assert (report[report["name"] == "甲丙线"]["drawn"] == "traced").all()
    assert (report[report["name"] == "甲丙线"]["accuracy_m"] == 30).all()
    line = next(e for e in rm.open(tmp_path / "geodata").gazetteer.entries if e.name == "甲丙线")
    assert off_track(line.geometry) < 3
    assert line.source.endswith("某局, 2024")


def test_a_file_without_classes_needs_its_sector_or_serves_all(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(geometry=[shapely.LineString(g) for g in (AB, BC, CD)], crs=4326)
    frame.to_file(tmp_path / "net.gpkg")
    assert track_files.read(tmp_path / "net.gpkg").modes == {"any"}
    assert track_files.read(tmp_path / "net.gpkg", sector="rail").modes == {"rail"}
    report = rm.trace(region_at(tmp_path / "geodata"), tmp_path / "net.gpkg", sector="rail", out=tmp_path / "out")
    assert set(report["name"]) == {"甲丙线", "p1/line", "p2/line"}
    assert (tmp_path / "out/traced.gpkg").is_file() and not (tmp_path / "geodata/networks/traced.gpkg").exists()


@pytest.mark.parametrize(
    ("make", "error", "reason"),
    [
        (lambda p: p / "none.osm", InputError, "no file"),
        (lambda p: write_osm(p / "no.osm", [(AB, {"building": "yes"})]), InputError, "no railway, road or river"),
        (lambda p: (p / "x.gpkg").write_text("no") and p / "x.gpkg", InputError, "can't be read"),
        (
            lambda p: (geopandas.GeoDataFrame(geometry=[TRACK]).to_file(p / "raw.gpkg"), p / "raw.gpkg")[1],
            CRSError,
            "no CRS",
        ),
    ],
)
def test_files_that_are_no_network(tmp_path: Path, make: Any, error: Any, reason: str) -> None:
    with pytest.raises(error, match=reason):
        rm.trace(region_at(tmp_path / "geodata"), make(tmp_path))
    assert not (tmp_path / "geodata/networks/traced.gpkg").exists()


def test_what_was_traced_before_stays_unless_replaced(tmp_path: Path) -> None:
    region = region_at(tmp_path / "geodata")
    river = write_osm(tmp_path / "river.osm", [(bent((99.9, 40.41), (101.1, 40.39)), {"waterway": "river"})])
    rm.trace(region, river)
    rm.trace(region, osm(tmp_path / "net.osm"), sector="rail")
    file = tmp_path / "geodata/networks/traced.gpkg"
    first = file.read_bytes()
    assert {t.line for t in networks.read_traced(file)} == {"甲丙线", "东河", ""}
    rm.trace(rm.open(tmp_path / "geodata"), tmp_path / "net.osm", sector="rail")
    assert file.read_bytes() == first  # the same bytes from the same input
    rm.trace(region, river, fresh=True)
    assert {t.line for t in networks.read_traced(file)} == {"东河"}


def test_a_leg_whose_nodes_moved_is_drawn_schematic_again(tmp_path: Path) -> None:
    rm.trace(region_at(tmp_path / "geodata"), osm(tmp_path / "net.osm"))
    lines = [{**LINES[0], "nodes": LINES[0]["nodes"].replace("100.7,40.8", "100.75,40.8")}, LINES[1]]
    region = region_at(tmp_path / "geodata", lines)
    line = next(e for e in region.gazetteer.entries if e.name == "甲丙线")
    assert [leg.drawn for leg in line.legs] == ["traced", "schematic", "schematic"]


def test_any_other_file_of_that_name_is_refused(tmp_path: Path) -> None:
    region_at(tmp_path / "geodata")
    geopandas.GeoDataFrame({"a": [1]}, geometry=[TRACK], crs=4326).to_file(
        tmp_path / "geodata/networks/traced.gpkg", layer="traced"
    )
    with pytest.raises(InputError, match="lacks the column"):
        _ = rm.open(tmp_path / "geodata").gazetteer


def test_the_map_prints_the_attribution(tmp_path: Path) -> None:
    region = region_at(tmp_path / "geodata")
    rm.trace(region, osm(tmp_path / "net.osm"))
    page = rm.render(
        rm.open(tmp_path / "geodata"), {"title": "试", "frame": "试验省", "layer": [{"show": "corridors"}]}
    )
    rm.save_html(page, tmp_path / "map.html")
    assert "© OpenStreetMap contributors (ODbL)" in (tmp_path / "map.html").read_text("utf-8")


def test_the_verb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    region_at(tmp_path / "geodata")
    net = osm(tmp_path / "net.osm", gap=True)
    assert main(["trace", str(net), "--data", str(tmp_path / "geodata")]) == 0
    text = capsys.readouterr().out
    assert "甲丙线" in text and "legs; maps print: © OpenStreetMap contributors (ODbL)" in text
    assert main(["trace", str(net), "--data", str(tmp_path / "geodata"), "--json", "--out", str(tmp_path / "o")]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"name", "start", "end", "drawn", "length_km", "accuracy_m", "reason"} == set(rows[0])
    report = list(csv.DictReader((tmp_path / "o/traced.csv").open(encoding="utf-8-sig")))
    assert len(report) == len(rows)
    assert main(["trace", str(tmp_path / "none.osm"), "--data", str(tmp_path / "geodata")]) == 1
    assert "no file" in capsys.readouterr().err


def test_lines_are_cut_where_they_share_a_vertex_only() -> None:
    flags = {
        k: np.array([v, v])
        for k, v in {"mode": "rail", "names": "", "fast": False, "built": True, "main": True}.items()
    }
    cross = [np.array([[100.0, 40.0], [100.01, 40.0]]), np.array([[100.005, 39.99], [100.005, 40.01]])]
    assert len(tracks.build(cross, flags, noded=True).coords) == 2
    assert len(tracks.build(cross, flags, noded=False).coords) == 2  # they may be bridges
    meet = [cross[0], np.array([[100.005, 40.000004], [100.005, 40.01]])]
    assert len(tracks.build(meet, flags, noded=True).coords) == 2
    assert len(tracks.build(meet, flags, noded=False).coords) == 3  # 0.4 m beside it: joined


def test_nothing_is_asked_of_classes_that_the_network_lacks(tmp_path: Path) -> None:
    net = track_files.read(write_osm(tmp_path / "road.osm", [(bent(A, C), {"highway": "primary"})]))
    region_at(tmp_path / "geodata")
    assert list(trace.trace_lines(net, tmp_path / "geodata/networks/lines.csv")) == []
