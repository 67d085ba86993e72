"""`rm.read_table`: what it gives, what it raises; nothing is lost, nothing depends on the order of rows."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyproj
import pytest
import shapely
from conftest import write_region
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from makers import HEADER, land, layers, raw, shapefile, text, xlsx

import regionmap as rm
from regionmap import crs, datums, errors
from regionmap.plans.reading import Report, examine
from regionmap.plans.reading.report import Log

TWO = {"一": [["名称", "经度", "纬度"], ["甲园", 100.2, 40.2]], "二": [["名称", "经度", "纬度"], ["乙园", 100.3, 40.3]]}


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return rm.open(write_region(tmp_path_factory.mktemp("region") / "geodata"))


def test_a_frame_and_a_report(region: Any, tmp_path: Path) -> None:
    path = text(
        "编号,名称,类别,位置,经度,纬度,建设年限,状态,责任单位,投资(万元),联系人\n"
        "A1,甲园,物流园区,,100.2,40.2000,2021-2025,在建,甲局、乙局,500,张三\nA2,乙县项目,项目,乙县,,,,,,,\n"
    )(tmp_path)
    frame, report = rm.read_table(path, region=region)
    assert isinstance(frame, geopandas.GeoDataFrame) and frame.crs == "EPSG:4326"
    assert list(frame.index) == [2, 3] and frame.index.name == "row"
    first = frame.loc[2]
    assert (first["id"], first["name"], first["kind"], first["sector"]) == ("A1", "甲园", "park", "logistics")
    assert (first["start"], first["end"], first["status"], first["status_text"]) == (
        2021,
        2025,
        "under_construction",
        "在建",
    )
    assert (first["responsible"], first["investment"], first["联系人"]) == ("甲局;乙局", "500万元", "张三")
    assert (first["accuracy_m"], first["precision"]) == (1500, "site")
    coarse = rm.read_table(text(HEADER + "甲园,100.2,40.2\n", "c.csv")(tmp_path)).frame.iloc[0]
    assert coarse["precision"] == "town" and coarse["accuracy_m"] > 7_800  # one decimal is 8 km
    assert frame.loc[3, "precision"] == "county" and frame.geometry.loc[3].geom_type == "Point"
    assert str(report) == "t.csv: rows in 2 = tied 2 + reported 0; 0 repaired, 0 refused"
    assert report.ok and report.words["状态"] == {"在建": ("under_construction", 1)}


def test_every_option_is_keyword_only() -> None:
    parameters = list(inspect.signature(rm.read_table).parameters.values())
    assert [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD] == ["path"]


def test_what_it_raises(region: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rm.read_table(tmp_path / "none.csv")
    with pytest.raises(errors.TableError, match=r"DXF.*--crs"):
        rm.read_table(raw(b"AC1032", "t.dwg")(tmp_path))
    with pytest.raises(errors.TableError, match="no row is a header"):
        rm.read_table(text("a,b\n1,2\n")(tmp_path))
    with pytest.raises(errors.InputError, match=r"2 tables.*'一', '二'"):
        rm.read_table(xlsx(TWO)(tmp_path))
    with pytest.raises(errors.InputError, match=r"no table '三'; it has '一', '二'"):
        rm.read_table(xlsx(TWO)(tmp_path), layer="三")
    assert rm.read_table(xlsx(TWO)(tmp_path), layer="二").frame["name"].tolist() == ["乙园"]
    bare = shapefile({"名称": ["甲"]}, [shapely.Point(41_500_000, 4_500_000)], drop=[".prj"])
    with pytest.raises(errors.MissingCRSError, match="EPSG:4529"):
        rm.read_table(bare(tmp_path))
    with pytest.raises(errors.DatumError, match="Xian 80"):
        rm.read_table(shapefile({"名称": ["甲"]}, [shapely.Point(100, 40)], crs="EPSG:4610")(tmp_path))
    with pytest.raises(errors.CRSError, match="names no CRS"):
        rm.read_table(text(HEADER)(tmp_path), crs="EPSG:none")
    with pytest.raises(errors.DatumError, match="Beijing 54"):
        rm.read_table(text(HEADER)(tmp_path), crs="北京54")


def test_faults_of_a_mapping(tmp_path: Path) -> None:
    path = text(HEADER)(tmp_path)
    wrong = {"colums": {}, "columns": {"甲": "nmae"}}
    with pytest.raises(errors.TableError, match="columns"):
        rm.read_table(path, mapping=wrong)
    wrong = {"columns": {"甲": "nmae"}, "words": {"status": {"甲": "planed"}, "x": {}}, "constants": {"kind": "prk"}}
    with pytest.raises(errors.TableError) as caught:
        rm.read_table(path, mapping=wrong)
    assert len(caught.value.faults) == 4 and "name" in str(caught.value) and "planned" in str(caught.value)
    (tmp_path / "m.toml").write_text("[columns", "utf-8")
    with pytest.raises(errors.TableError, match="no valid TOML"):
        rm.read_table(path, mapping=tmp_path / "m.toml")


def test_a_mapping_file(region: Any, tmp_path: Path) -> None:
    path = text("甲,乙,丙\nx,丁园,拟报批\n")(tmp_path)
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[columns]\n"甲" = "name"\n"乙" = "where"\n"丙" = "status"\n[words.status]\n"拟报批" = "proposed"\n'
        '[constants]\nkind = "project"\n',
        "utf-8",
    )
    frame, report = rm.read_table(path, mapping=mapping, region=region)
    assert frame.loc[2, ["name", "kind", "status", "status_text"]].tolist() == ["x", "project", "proposed", "拟报批"]
    assert report.ok


def test_xls_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlrd", None)
    path = raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "t.xls")(tmp_path)
    with pytest.raises(errors.TableError, match=r"pip install 'regionmap\[xls\]'"):
        rm.read_table(path)


def test_datums_are_converted_on_purpose(tmp_path: Path) -> None:
    path = text(HEADER + "甲园,123.43,41.80\n")(tmp_path)
    for name, convert in (("gcj02", crs.gcj02_to_wgs84), ("bd09", crs.bd09_to_wgs84)):
        frame, report = rm.read_table(path, crs=name)
        lon, lat = convert(123.43, 41.80)
        assert shapely.equals_exact(frame.geometry.iloc[0], shapely.Point(lon, lat), 1e-9)
        assert "(stated)" in report.crs


SEVEN = (24.0, -123.0, -94.0, 0.02, -0.25, 0.13, 1.1)


def test_old_datums_are_taken_on_terms(tmp_path: Path) -> None:
    """As `datums.to_wgs84` does it, degrees and metres, stated or said by the file; the rows grow less accurate."""
    degrees = text(HEADER + "甲园,123.430000,41.800000\n")(tmp_path)
    point = geopandas.GeoSeries([shapely.Point(123.43, 41.8)], crs=4610)
    moved = datums.to_wgs84(point, parameters=SEVEN)[0]
    frame, report = rm.read_table(degrees, crs="西安80", parameters=SEVEN)
    assert shapely.equals_exact(frame.geometry.iloc[0], moved, 1e-10) and frame["accuracy_m"].tolist() == [1500]
    assert report.crs == "EPSG:4610 Xian 1980, moved with the parameters given (stated)"
    frame, report = rm.read_table(degrees, crs="EPSG:4610", accuracy_m=150)
    assert shapely.equals_exact(frame.geometry.iloc[0], point[0], 1e-12) and frame["accuracy_m"].tolist() == [1650]
    assert "taken as it is within 150 m" in report.crs
    # a grid: EPSG:2365 is the 3-degree zone 41 of Xian 80
    there = pyproj.Transformer.from_crs(4610, 2365, always_xy=True).transform(123.43, 41.8)
    grid = shapefile({"名称": ["甲"]}, [shapely.Point(there)], crs="EPSG:2365")(tmp_path)
    frame, report = rm.read_table(grid, parameters=datums.Helmert(*SEVEN, accuracy_m=3.0))
    assert crs.distance_m(frame.geometry.iloc[0].x, frame.geometry.iloc[0].y, moved.x, moved.y) < 0.01
    assert frame["accuracy_m"].tolist() == [53] and "(the file says so)" in report.crs
    survey = text(f"名称,X,Y\n甲,{there[1]:.4f},{there[0]:.4f}\n", "s.csv")(tmp_path)
    frame, _ = rm.read_table(survey, mapping={"crs": "EPSG:2365", "parameters": list(SEVEN)})
    assert crs.distance_m(frame.geometry.iloc[0].x, frame.geometry.iloc[0].y, moved.x, moved.y) < 0.01
    ring = "".join(f"J{n},1,{there[1] + dy:.3f},{there[0] + dx:.3f}\n" for n, (dx, dy) in enumerate([(0, 0), (90, 0), (90, 90), (0, 0)], 1))
    plot = text(land("4,1.0,D1,甲地块,面,,工业用地,,@\n" + ring, "80国家大地坐标系", band="41"), "p.txt")(tmp_path)
    frame, _ = rm.read_table(plot, parameters=SEVEN)
    x, y = shapely.get_coordinates(frame.geometry.iloc[0])[0]
    assert crs.distance_m(x, y, moved.x, moved.y) < 0.01
    with pytest.raises(errors.DatumError, match="Xian 80"):
        rm.read_table(plot)


@pytest.mark.parametrize(
    ("terms", "said"),
    [({"accuracy_m": 149}, "up to 150 m, not 149"), ({"accuracy_m": float("nan")}, "not nan"), ({"parameters": (1, 2)}, "3 or 7 parameters"),
     ({"mapping": {"parameters": ["x"]}}, "3 or 7 numbers"), ({"mapping": {"accuracy_m": "150"}}, "must be a number")],
)  # fmt: skip
def test_terms_that_can_not_be(terms: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(errors.InputError, match=said):
        rm.read_table(text(HEADER + "甲园,123.4,41.8\n")(tmp_path), crs="EPSG:4610", **terms)


def test_a_stated_crs_overrules_the_file_and_says_so(tmp_path: Path) -> None:
    path = layers("t.gpkg", {"a": ({"名称": ["甲"]}, [shapely.Point(100.2, 40.2)])}, crs="EPSG:4326")(tmp_path)
    _, report = rm.read_table(path, crs="gcj02")
    assert report.crs == "GCJ-02 (stated; the file itself says EPSG:4326)"


def test_coordinates_are_compared_with_words(region: Any, tmp_path: Path) -> None:
    path = text(
        "名称,位置,经度,纬度\n甲,甲县,100.8,40.8\n乙,丁县,100.8,40.8\n丙,某地,100.8,40.8\n戊,丁县,120.8,40.8\n"
    )(tmp_path)
    _, report = rm.read_table(path, region=region)
    notes = "\n".join(report.notes)
    assert report.ok
    assert "row 2: its coordinates lie 41" in notes and "row 3" not in notes.replace("rows", "")
    assert "row 4: '某地' is not known" in notes
    assert "1 rows lie outside the frame of the region (rows 5)" in notes


def test_what_other_sheets_hold_is_said(tmp_path: Path) -> None:
    book = {"封面": [["填报说明"]], **TWO}
    frame, report = rm.read_table(xlsx(book, hidden=["二"])(tmp_path))
    assert frame["name"].tolist() == ["甲园"]
    assert "not read: '封面' has no header (1 rows), '二' is hidden (1 rows)" in report.notes


def test_a_plain_parquet_table_and_geoparquet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": ["a", None], "lon": [100.2, None], "lat": [40.2, None]})
    frame.to_parquet(tmp_path / "t.parquet")
    found, report = rm.read_table(tmp_path / "t.parquet")
    assert (report.rows_in, report.rows_tied, len(found)) == (1, 1, 1)
    spots = [shapely.Point(100.2, 40.2), None]
    geopandas.GeoDataFrame({"name": ["a", "b"]}, geometry=spots, crs=4490).to_parquet(tmp_path / "g.parquet")
    found, report = rm.read_table(tmp_path / "g.parquet")
    assert (report.format, report.rows_in, report.rows_tied) == ("GeoParquet", 2, 1)
    geopandas.GeoDataFrame({"name": ["a"]}, geometry=spots[:1]).to_parquet(tmp_path / "n.parquet")
    with pytest.raises(errors.MissingCRSError):
        rm.read_table(tmp_path / "n.parquet")
    with pytest.raises(errors.TableError, match="no readable Parquet"):
        rm.read_table(raw(b"PAR1 not really", "x.parquet")(tmp_path))


def test_our_own_exports_come_back(region: Any, tmp_path: Path) -> None:
    """What `regionmap export` writes is read again, every record of it (of GeoParquet in the order along a curve)."""
    for name in ("out.geojson", "out.parquet", "out.gpkg", "out.csv", "out.xlsx"):
        region.save(tmp_path / name)
        layer = "records" if name.endswith(("gpkg", "xlsx")) else None
        options = {"layer": layer} if layer else {}
        found = examine(tmp_path / name, region=region, **options)[0]
        placed = region.records.geometry.notna().sum()
        assert found.report.rows_in == len(region.records), name
        assert found.report.rows_tied >= placed, (name, found.report.reported)
        names = found.frame["name"].tolist(), region.records["name"].tolist()
        assert len(names[0]) == len(names[1]) and sorted(names[0]) == sorted(names[1])
        assert names[0] == names[1] or name == "out.parquet"


def test_the_report_can_not_lie() -> None:
    with pytest.raises(AssertionError, match="3 rows in, 1 tied, 1 reported"):
        Report("x", rows_in=3, rows_tied=1, reported={5: "why"})


def test_a_report_is_safe_to_print() -> None:
    log = Log({"name": ("名\x1b]0;x\x07称", 1)})
    log.refuse(2, "name", "a\x1b[2J\u202eb\r\nc\ud800", "why")
    assert log.refused[0].value == "a[2Jb c"


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["甲园", "乙站", "丙 港", "合计", "", "A"]),
        st.sampled_from(["100.2", "100°12′", "40.2", "x", "", "33602174", "100\uff0e2"]),
        st.sampled_from(["40.2", "40°12′", "100.2", "", "4452427", "—"]),
        st.sampled_from(["甲镇", "甲县", "丁园", "无处", "", "试验省东市乙县"]),
        st.sampled_from(["2021", "2021-2025", "3年", "44197", ""]),
    ),
    max_size=8,
)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def lines(rows: list[tuple[str, ...]]) -> str:
    return "名称,经度,纬度,位置,建设年限\n" + "".join(",".join(r) + "\n" for r in rows)


@SLOW
@given(ROWS)
def test_rows_in_are_rows_tied_and_rows_reported(region: Any, tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    """Counted without the reader: every line that holds anything is in the frame with a geometry, or reported."""
    one = examine(text(lines(rows))(tmp_path), region=region)[0]
    held = {n for n, row in enumerate(rows, 2) if any(row)}
    tied = set(one.frame.index[one.frame.geometry.notna()])
    assert one.report.rows_in == len(held)
    assert tied | set(one.report.reported) == held and not tied & set(one.report.reported)
    assert set(one.frame.index) | set(one.report.reported) == held


@SLOW
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    region: Any, tmp_path: Path, rows: list[tuple[str, ...]], shuffle: Any
) -> None:
    mixed = list(rows)
    shuffle.shuffle(mixed)

    def outcome(table: list[tuple[str, ...]]) -> list[Any]:
        one = examine(text(lines(table))(tmp_path), region=region)[0]
        shapes = {r: shapely.to_wkt(g) if g is not None else None for r, g in one.frame.geometry.items()}
        found = [(row, shapes.get(n), one.report.reported.get(n)) for n, row in enumerate(table, 2) if any(row)]
        return sorted(found, key=repr)

    assert outcome(rows) == outcome(mixed)


@SLOW
@given(
    st.lists(st.tuples(st.floats(100, 101), st.floats(40, 41)), min_size=1, max_size=5),
    st.sampled_from(["EPSG:4521", "EPSG:4543", "EPSG:32647"]),
)
def test_metres_come_back_to_degrees(tmp_path: Path, spots: list[tuple[float, float]], code: str) -> None:
    """Points projected by crs.py and written as a survey table are read back to the millimetre."""
    there = crs.from_wgs84([shapely.Point(p) for p in spots], code)
    rows = "".join(f"p,{p.y:.4f},{p.x:.4f}\n" for p in there)
    frame, _ = rm.read_table(text("名称,X,Y\n" + rows)(tmp_path), crs=code)
    gap = shapely.distance(frame.geometry.to_numpy(), [shapely.Point(p) for p in spots])
    assert gap.max() < 1e-8


HANZI = st.text(st.characters(codec="gb2312", categories=["Lo"]), min_size=1, max_size=6)


@SLOW
@given(
    st.lists(HANZI, min_size=1, max_size=4),
    st.sampled_from(["utf-8", "utf-8-sig", "gb2312", "gbk", "gb18030", "utf-16"]),
)
def test_encodings_are_told_apart(tmp_path: Path, names: list[str], encoding: str) -> None:
    table = HEADER + "".join(f"甲{name},100.2,40.2\n" for name in names)
    frame, report = rm.read_table(text(table, encoding=encoding)(tmp_path))
    assert frame["name"].tolist() == [f"甲{name}" for name in names], report.encoding


def test_the_detector_of_shifts_speaks_up(tmp_path: Path) -> None:
    """Towns of the shipped region with the coordinates of a Chinese web map: advice, and nothing is moved."""
    region = rm.open()
    towns = [
        e for e in region.gazetteer.entries if e.tier == "place" and e.kind == "station" and e.unit.startswith("21")
    ]
    rows = []
    for town in towns[:40]:
        lon, lat = crs.wgs84_to_bd09(town.geometry.x, town.geometry.y)
        rows.append(f"{town.name},{region.gazetteer.units[town.unit].name},{lon:.6f},{lat:.6f}\n")
    frame, report = rm.read_table(text("名称,县,经度,纬度\n" + "".join(rows))(tmp_path), region=region)
    told = [n for n in report.notes if "look like" in n]
    assert len(told) == 1 and "BD-09" in told[0]
    assert frame.geometry.iloc[0].x == pytest.approx(float(rows[0].split(",")[2]))
