"""Bad tables, each with the report that is expected of it.

The region is the made-up one of the tests (甲县 and others, 100..101 E, 40..41 N). A case says how many rows go in and
how many are tied, which rows are reported and why (part of the reason), and every repair and refusal: row, column and
a part of the new value, or of the reason.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from makers import (
    BOWTIE,
    HEADER,
    SQUARE,
    broken_dbf_field,
    dxf,
    feature,
    geojson,
    huge_claim,
    kml,
    kmz,
    land,
    layers,
    ole,
    patched_xlsx,
    point,
    raw,
    shapefile,
    text,
    xls,
    xlsx,
)

Found = tuple[int | None, str | None, str]


@dataclass(frozen=True)
class Case:
    """One table and what its report says."""

    id: str
    make: Callable[[Path], Path]
    rows: int
    tied: int
    reported: Mapping[int, str] = field(default_factory=dict)
    repaired: tuple[Found, ...] = ()
    refused: tuple[Found, ...] = ()
    read: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    near: tuple[float, float] | None = (100.2, 40.2)
    tables: int = 1


CASES: list[Case] = []


def case(id: str, make: Callable[[Path], Path], rows: int, tied: int, **more: Any) -> None:
    CASES.append(Case(id, make, rows, tied, **more))


def unreadable(id: str, make: Callable[[Path], Path], why: str, **more: Any) -> None:
    case(id, make, 0, 0, refused=((None, None, why),), near=None, **more)


ONE = HEADER + "甲园,100.2,40.2\n"

# -- encodings ---------------------------------------------------------------------------------------------------
case("utf8", text(ONE), 1, 1, read={"encoding": "UTF-8", "header_row": (1, 1)})
case("utf8-bom", text(ONE, encoding="utf-8-sig"), 1, 1, read={"encoding": "UTF-8 with byte order mark"})
case("gb18030", text(ONE, encoding="gb18030"), 1, 1, read={"encoding": "GB18030"})
case("gbk-rare", text(ONE.replace("甲园", "㐀䶮镕园"), encoding="gb18030"), 1, 1, read={"encoding": "GB18030"})
case("utf16-tabs", text(ONE.replace(",", "\t"), "t.txt", "utf-16"), 1, 1, read={"encoding": "UTF-16"})
case("utf16-no-bom", text(ONE, encoding="utf-16-le"), 1, 1, read={"encoding": "UTF-16 without byte order mark"})
case(
    "mixed-encodings",
    raw(ONE.encode() + "乙园,100.3,40.3\n".encode("gbk"), "t.csv"),
    2,
    2,
    read={"encoding": "UTF-8 and GB18030, line by line"},
)
case("one-broken-line", raw(ONE.encode() + b"\xff\xff\xff,100.3,40.3\n", "t.csv"), 2, 2,
     refused=((3, None, "is neither UTF-8 nor GB18030"),))  # fmt: skip
unreadable("zero-bytes", raw(b"\x00\x01\x02\x03\x00\xff\xfe\xfd" * 40, "t.csv"), "is no text: it has zero bytes")
unreadable("empty-file", raw(b"", "t.csv"), "is empty")
unreadable("only-blank-lines", text("\n \n\n"), "is empty: it has no text")

# -- what parts cells --------------------------------------------------------------------------------------------
case("semicolons", text(ONE.replace(",", ";")), 1, 1)
case("full-width-commas", text(ONE.replace(",", "\uff0c")), 1, 1)
case("excel-sep-line", text("sep=;\n" + ONE.replace(",", ";")), 1, 1, read={"header_row": (2, 2)})
case(
    "comma-in-a-name",
    text(ONE + "乙,丙园,100.3,40.3\n"),
    2,
    1,
    reported={3: "has 4 cells where the header has 3"},
    refused=((3, None, "has 4 cells"),),
)
case(
    "unclosed-quote",
    text(ONE + '"乙园,100.3,40.3\n丙园,100.4,40.4\n丁园,100.5,40.5\n'),
    4,
    4,
    repaired=((3, "", "乙园,100.3"),),
)
case(
    "quote-closed-rows-later",
    text(ONE + '"乙园,100.3,40.3\n丙园,100.4,40.4\n丁园",100.5,40.5\n'),
    4,
    4,
    repaired=((3, "", ""), (5, "", "")),
)
case("cell-of-two-lines", text(HEADER + '"甲\n园",100.2,40.2\n'), 1, 1, repaired=((2, "名称", "甲园"),))
case("short-rows", text("名称,经度,纬度,备注\n甲园,100.2,40.2\n"), 1, 1)
case("no-name", text(ONE + ",100.3,40.3\n"), 2, 2, refused=((3, "名称", "is empty"),))
case("column-without-a-header", text("名称,经度,纬度,\n甲园,100.2,40.2,还有\n"), 1, 1)
case("blank-lines-between", text(HEADER + "\n甲园,100.2,40.2\n,,\n\n乙园,100.3,40.3\n"), 2, 2)
case("carriage-returns", text(ONE.replace("\n", "\r")), 1, 1)

# -- headers -----------------------------------------------------------------------------------------------------
case("titles-above", text("辽东湾新区2023年重点项目表,,\n单位:万元,,\n" + ONE), 1, 1, read={"header_row": (3, 3)})
case("english-headers", text("Name,Longitude,Latitude,Status\nA,100.2,40.2,planned\n"), 1, 1)
case("spaces-in-headers", text("名 称, 经 度 (°),纬 度 (°)\n甲园,100.2,40.2\n"), 1, 1)
case(
    "no-header",
    text("甲园,100.2,40.2\n乙园,100.3,40.3\n"),
    2,
    0,
    near=None,
    reported={1: "no row is a header", 2: "no row is a header"},
    refused=((None, None, "no row is a header"),),
)
case(
    "unknown-headers-mapped",
    text("甲列,乙列,丙列\n甲园,100.2,40.2\n"),
    1,
    1,
    options={"mapping": {"甲列": "name", "乙列": "lon", "丙列": "lat"}},
)
case(
    "header-row-said",
    text("x,y,z\n名称,经度,纬度\n甲园,100.2,40.2\n"),
    1,
    1,
    options={"mapping": {"header_row": 2}},
    read={"header_row": (2, 2)},
)
case("two-columns-one-role", text("名称,项目名称,经度,纬度\n甲园,甲园二期,100.2,40.2\n"), 1, 1)
case("column-numbers", text("名称,经度,纬度,备注\n1,2,3,4\n甲园,100.2,40.2,\n"), 2, 1, reported={2: "column numbers"})
case("header-again", text(ONE + HEADER + "乙园,100.3,40.3\n"), 3, 2, reported={3: "the header again"})
case(
    "total-and-note",
    text(ONE + "合计,,\n注:坐标为 WGS84,,\n"),
    3,
    1,
    reported={3: "left out: a total", 4: "left out: a note"},
)
case(
    "section-titles",
    text("名称,经度,纬度,备注\n一、交通项目,,,\n甲园,100.2,40.2,\n(二)产业项目,,,\n乙园,100.3,40.3,\n"),
    4,
    2,
    reported={2: "a section title", 4: "a section title"},
)
case("lost-merges", text("名称,坐标,,备注\n,经度,纬度,\n甲园,100.2,40.2,\n"), 1, 1, read={"header_row": (1, 2)})
case(
    "merged-headers",
    xlsx(
        [["项目表"], ["名称", "坐标", None, "备注"], [None, "经度", "纬度"], ["甲园", 100.2, 40.2]],
        ["A1:D1", "A2:A3", "B2:C2", "D2:D3"],
    ),
    1,
    1,
)
case(
    "years-below-a-header",
    xlsx(
        [["名称", "经度", "纬度", "分年度投资", None], [None, None, None, 2023, 2024], ["甲园", 100.2, 40.2, 5, 6]],
        ["A1:A2", "B1:B2", "C1:C2", "D1:E1"],
    ),
    1,
    1,
    read={"header_row": (1, 2)},
)
case(
    "xls-merged-headers",
    xls([["名称", "坐标", None], [None, "经度", "纬度"], ["甲园", 100.2, 40.2]], [(0, 1, 0, 0), (0, 0, 1, 2)]),
    1,
    1,
    read={"format": "Excel .xls", "header_row": (1, 2)},
)

# -- workbooks ---------------------------------------------------------------------------------------------------
case(
    "merged-data-cells",
    xlsx(
        [["名称", "责任单位", "经度", "纬度"], ["甲园", "市商务局", 100.2, 40.2], ["乙园", None, 100.3, 40.3]],
        ["B2:B3"],
    ),
    2,
    2,
    repaired=((3, "责任单位", "市商务局"),),
)
case(
    "cover-sheet",
    xlsx({"说明": [["本表由某局填报"]], "项目": [["名称", "经度", "纬度"], ["甲园", 100.2, 40.2]]}),
    1,
    1,
    read={"table": "项目"},
)
case(
    "two-sheets",
    xlsx(
        {
            "一": [["名称", "经度", "纬度"], ["甲园", 100.2, 40.2]],
            "二": [["名称", "经度", "纬度"], ["乙园", 100.3, 40.3]],
        }
    ),
    1,
    1,
    tables=2,
    read={"table": "一"},
)
case("hidden-sheet", xlsx({"一": [["名称", "经度", "纬度"], ["甲园", 100.2, 40.2]], "二": []}, hidden=["一"]), 1, 1)
case(
    "formula-never-calculated",
    xlsx([["名称", "经度", "纬度"], ["甲园", "=100+0.2", 40.2]]),
    1,
    0,
    near=None,
    reported={2: "a formula"},
    refused=((2, "经度", "a formula that was never calculated"), (2, "经度", "one of the two")),
)
case(
    "error-values",
    xlsx([["名称", "经度", "纬度"], ["甲园", "#N/A", "#REF!"]]),
    1,
    0,
    near=None,
    reported={2: "error"},
    refused=((2, "经度", "a spreadsheet's error"), (2, "纬度", "a spreadsheet's error")),
)
case("stray-cell-far-below", huge_claim, 2, 1, reported={200_000: "no coordinates and no words"})
case(
    "xls-under-a-csv-name",
    xls([["名称", "经度", "纬度"], ["甲园", 100.2, 40.2]], name="t.csv"),
    1,
    1,
    read={"format": "Excel .xls"},
)
case("csv-under-an-xls-name", text(ONE, "t.xls", "gbk"), 1, 1, read={"format": "text table", "encoding": "GB18030"})
unreadable("html-under-an-xls-name", text("<html><table><tr><td>名称</td></tr></table>", "t.xls"), "is a web page")
unreadable("broken-xlsx", patched_xlsx("xl/workbook.xml", b"<sheets>", b"<sheets"), "is no readable .xlsx")
unreadable("cut-off-xlsx", raw(b"PK\x03\x04" + bytes(90), "t.xlsx"), "is no readable .xlsx")
unreadable("locked-workbook", raw(ole("EncryptedPackage"), "t.xlsx"), "is locked with a password")
unreadable("broken-xls", raw(ole("Workbook"), "t.xls"), "is no readable .xls")

# -- degrees -----------------------------------------------------------------------------------------------------
for number, (lon, lat) in enumerate([
    ("100°12′00″", "40°12′00″"), ("100度12分", "40度12分0秒"), ("E100°12.0'", "N40°12.0'"), ("东经100°12′", "北纬40°12′"),
    ("100-12-00", "40-12-00"), ("100:12:00", "40:12:00"), ("100 12 00", "40 12 00"), ("100d12m0s", "40d12m0s"),
    ("1001200", "401200"), ("100°12'0\"E", "40°12'0\"N"), ("100º12´", "40º12´"), ("100.2°E", "40.2°N"),
]):  # fmt: skip
    quoted = '"' + lon.replace('"', '""') + '","' + lat.replace('"', '""') + '"'
    case(f"dms-{number}", text(f"{HEADER}甲园,{quoted}\n"), 1, 1, repaired=((2, "经度", "100.2"), (2, "纬度", "40.2")))
case("swapped", text(HEADER + "甲园,40.2,100.2\n"), 1, 1, repaired=((2, "经度", "100.2 | 40.2"),))
case("swapped-by-letters", text(HEADER + "甲园,40.2N,100.2E\n"), 1, 1, repaired=((2, "经度", "as their letters say"),))
case(
    "full-width-digits",
    text(HEADER + "甲园,\uff11\uff10\uff10\uff0e\uff12,\uff14\uff10。\uff12\n"),
    1,
    1,
    repaired=((2, "经度", "100.2"), (2, "纬度", "40.2")),
)
case(
    "full-width-everything",
    text("名称,经度\uff08°\uff09,纬度,投资\uff08万元\uff09,责任单位\n甲园,100.2,40.2,\uff15\uff10,甲局\uff1b乙局\n"),
    1,
    1,
)
case(
    "pair-in-one-cell",
    text('名称,坐标\n甲园,"100.2,40.2"\n乙园,"40.3,100.3"\n丙园,E100°24′ N40°24′\n'),
    3,
    3,
    repaired=((3, "坐标", "100.3 | 40.3"), (4, "坐标", "100.4000000, 40.4")),
)
case(
    "pair-as-prose",
    text('名称,经纬度\n甲园,"东经100度12分0秒,北纬40度12分0秒"\n'),
    1,
    1,
    repaired=((2, "经纬度", "100.2"),),
)
case(
    "sixty-minutes",
    text(HEADER + "甲园,100°60′,40°12′\n"),
    1,
    0,
    near=None,
    reported={2: "60 or more"},
    refused=((2, "经度", "60 or more minutes"),),
)
case(
    "comma-for-a-point",
    text(HEADER + '甲园,"100,2","40,2"\n'),
    1,
    0,
    near=None,
    reported={2: "a comma"},
    refused=((2, "经度", "has a comma where a point belongs"),),
)
case(
    "words-for-numbers",
    text(HEADER + "甲园,约100度,不详\n"),
    1,
    0,
    near=None,
    reported={2: "is no angle"},
    refused=((2, "经度", "is no angle"),),
)
case(
    "null-island",
    text(HEADER + "甲园,0,0\n"),
    1,
    0,
    near=None,
    reported={2: "no place"},
    refused=((2, "经度", "0, 0 stands"),),
)
case(
    "off-the-globe",
    text(HEADER + "甲园,200.2,40.2\n"),
    1,
    0,
    near=None,
    reported={2: "off the globe"},
    refused=((2, "经度", "off the globe"),),
)
case(
    "one-missing",
    text(HEADER + "甲园,100.2,\n"),
    1,
    0,
    near=None,
    reported={2: "missing"},
    refused=((2, "纬度", "missing"),),
)
case(
    "dashes-for-nothing",
    text("名称,位置,经度,纬度\n甲园,甲镇,—,/\n"),
    1,
    1,
    repaired=((2, "经度", ""), (2, "纬度", "")),
)
case(
    "number-shown-as-date",
    xlsx([["名称", "经度", "纬度"], ["甲园", 100.2, 40.2]], formats={"B2": "yyyy-mm-dd"}),
    1,
    1,
    repaired=((2, "经度", "100.2"),),
)
case(
    "gcj02-in-the-header",
    text("名称,经度(GCJ02),纬度(GCJ02)\n甲园,100.2,40.2\n"),
    1,
    1,
    read={"crs": "GCJ-02 (the header says so)"},
)
case(
    "datum-a-row",
    text(
        "名称,经度,纬度,坐标系\n甲园,100.2,40.2,CGCS2000\n乙园,100.2,40.2,百度\n丙园,100.2,40.2,西安80\n丁园,100.2,40.2,某系\n"
    ),
    4,
    2,
    reported={4: "no published shift", 5: "names no CRS"},
    refused=((4, "坐标系", "no published shift"), (5, "坐标系", "names no CRS")),
)

# -- metres ------------------------------------------------------------------------------------------------------
EAST, NORTH = 602_174.0, 4_452_427.0  # 100.2 E, 40.2 N in zone 33 (99 E)
case(
    "metres-without-crs",
    text(f"名称,X,Y\n甲园,{NORTH},{EAST}\n"),
    1,
    0,
    near=None,
    reported={2: "no CRS is stated"},
    refused=((2, "X", "is in metres, and no CRS"),),
)
case(
    "zoned-metres-without-crs",
    text(f"名称,X,Y\n甲园,{NORTH},33{EAST}\n"),
    1,
    0,
    near=None,
    reported={2: "no CRS"},
    refused=((2, "X", "EPSG:4521"),),
)
case(
    "survey-axes",
    text(f"名称,X,Y\n甲园,{NORTH},{EAST}\n"),
    1,
    1,
    options={"crs": "EPSG:4542"},
    read={"crs": "EPSG:4542 CGCS2000 / 3-degree Gauss-Kruger CM 99E (stated)"},
)
case("gis-axes", text(f"名称,X,Y\n甲园,{EAST},{NORTH}\n"), 1, 1, options={"crs": "EPSG:4542"})
case("zone-number-tells", text(f"名称,X坐标,Y坐标\n甲园,{NORTH},33{EAST}\n"), 1, 1, options={"crs": "CGCS2000"})
case(
    "zone-number-missing",
    text(f"名称,X,Y\n甲园,{NORTH},{EAST}\n"),
    1,
    1,
    options={"crs": "EPSG:4521"},
    repaired=((2, "Y", "33602174"),),
)
case(
    "zone-number-too-many",
    text(f"名称,纵坐标,横坐标\n甲园,{NORTH},33{EAST}\n"),
    1,
    1,
    options={"crs": "EPSG:4542"},
    repaired=((2, "横坐标", "602174"),),
)
case(
    "wrong-zone",
    text(f"名称,X,Y\n甲园,{NORTH},34{EAST}\n"),
    1,
    0,
    near=None,
    options={"crs": "EPSG:4521"},
    reported={2: "zone number 34"},
    refused=((2, "X", "EPSG:4522"),),
)
case(
    "no-false-easting",
    text(f"名称,X,Y\n甲园,{NORTH},{EAST - 500_000}\n"),
    1,
    0,
    near=None,
    options={"crs": "EPSG:4542"},
    reported={2: "500 km"},
    refused=((2, "X", "602174.000"),),
)
case(
    "axes-against-header",
    text(f"名称,东坐标,北坐标\n甲园,{NORTH},{EAST}\n"),
    1,
    1,
    options={"crs": "EPSG:4542"},
    repaired=((2, "东坐标", "northing and easting were swapped"),),
)
case("thousands-and-units", text(f'名称,X,Y\n甲园,"{NORTH:,}米","{EAST:,}m"\n'), 1, 1, options={"crs": "EPSG:4542"})
case(
    "degrees-in-a-metric-crs",
    text(ONE),
    1,
    0,
    near=None,
    options={"crs": "EPSG:4542"},
    reported={2: "in degrees"},
    refused=((2, "经度", "is in degrees, and EPSG:4542"),),
)

# -- words -------------------------------------------------------------------------------------------------------
case("spaces-in-names", text("名称,位置\n甲 园,甲 镇\n"), 1, 1, repaired=((2, "名称", "甲园"), (2, "位置", "甲镇")))
case(
    "address",
    text("名称,地址\n甲园,试验省东市甲县甲镇\n乙园,位于东市甲县甲镇三道村\n"),
    2,
    2,
    repaired=((2, "地址", "试验省/东市/甲县/甲镇"), (3, "地址", "东市/甲县/甲镇")),
)
case(
    "unknown-place",
    text("名称,位置\n甲园,甲真\n"),
    1,
    0,
    near=None,
    reported={2: "unknown name"},
    refused=((2, "位置", "甲县/甲镇"),),
)
case("unit-columns", text("名称,市,县,乡镇\n甲园,东市,甲县,甲镇\n"), 1, 1)
case(
    "place-contradicts-unit",
    text("名称,县,位置\n甲园,丁县,甲镇\n"),
    1,
    0,
    near=None,
    reported={2: "does not lie in 丁县"},
    refused=((2, "位置", "does not lie in 丁县"),),
)
case("nowhere", text("名称,备注\n甲园,无\n"), 1, 0, near=None, reported={2: "no coordinates and no words"})
case(
    "duplicate-ids",
    text("编号,名称,经度,纬度\nA1,甲园,100.2,40.2\nA1,乙园,100.3,40.3\nA1,丙园,100.4,40.4\n"),
    3,
    3,
    refused=((3, "编号", "A1-2"), (4, "编号", "A1-3")),
)
case(
    "rounded-id",
    text("编号,名称,经度,纬度\n2.10381E+11,甲园,100.2,40.2\n"),
    1,
    1,
    refused=((2, "编号", "a spreadsheet rounded"),),
)
case(
    "words-of-a-vocabulary",
    text("名称,类别,行业,状态,经度,纬度\n甲园,物流园区,物流,在建,100.2,40.2\n乙园,某类,某业,某态,100.3,40.3\n"),
    2,
    2,
    refused=((3, "类别", "is no kind"), (3, "行业", "is no sector"), (3, "状态", "is no status")),
)
case(
    "dates-as-numbers",
    xlsx(
        [
            ["名称", "经度", "纬度", "开工时间", "竣工时间"],
            ["甲园", 100.2, 40.2, 44197, datetime.datetime(2023, 5, 1)],
            ["乙园", 100.3, 40.3, "2021.06", "20231231"],
            ["丙园", 100.4, 40.4, 2021.0, "2020年"],
        ]
    ),
    3,
    3,
    repaired=((2, "开工时间", "2021"), (2, "竣工时间", "2023"), (3, "开工时间", "2021"), (3, "竣工时间", "2023")),
    refused=((4, "竣工时间", "ends before it starts"),),
)
case(
    "year-shown-as-date",
    xlsx([["名称", "经度", "纬度", "开工年份"], ["甲园", 100.2, 40.2, 2021]], formats={"D2": "yyyy/m/d"}),
    1,
    1,
    repaired=((2, "开工年份", "2021"),),
)
case(
    "periods",
    text(
        "名称,建设年限,经度,纬度\n甲园,2021—2025年,100.2,40.2\n乙园,“十四五”,100.3,40.3\n丙园,3年,100.4,40.4\n"
        "丁园,2021-25,100.5,40.5\n戊园,长期,100.6,40.6\n"
    ),
    5,
    5,
    repaired=((3, "建设年限", "2021-2025"),),
    refused=((4, "建设年限", "a duration"), (6, "建设年限", "is no year")),
)
case("formula-and-control-signs", text(HEADER + "=1+1,100.2,40.2\n\x1b[31m甲\u202e园,100.3,40.3\n"), 2, 2)

# -- files of features -------------------------------------------------------------------------------------------
SPOT = shapely.Point(100.2, 40.2)
case("shp-gbk-no-cpg", shapefile({"名称": ["甲园"]}, [SPOT]), 1, 1, read={"encoding": "GB18030 (no .cpg)"})
case(
    "shp-gbk-cpg", shapefile({"名称": ["甲园"]}, [SPOT], cpg="GBK"), 1, 1, read={"encoding": "GB18030 (.cpg says GBK)"}
)
case(
    "shp-cpg-lies",
    shapefile({"名称": ["甲园"]}, [SPOT], cpg="UTF-8"),
    1,
    1,
    read={"encoding": "GB18030 (.cpg says UTF-8, which does not fit)"},
)
case(
    "shp-utf8-no-cpg",
    shapefile({"名称": ["甲园"]}, [SPOT], encoding="utf-8"),
    1,
    1,
    read={"encoding": "UTF-8 (no .cpg)"},
)
case(
    "shp-ldid",
    shapefile({"名称": ["甲园"]}, [SPOT], ldid=0x4D),
    1,
    1,
    read={"encoding": "GB18030 (.dbf says code page 0x4d)"},
)
case("shp-cut-character", broken_dbf_field, 1, 1, repaired=((2, "名称", "甲乙丙"),))
case(
    "shp-no-prj",
    shapefile({"名称": ["甲园"]}, [SPOT], drop=[".prj"]),
    1,
    0,
    near=None,
    reported={2: "does not say which CRS"},
    refused=((None, None, "EPSG:4326"),),
)
case("shp-no-prj-stated", shapefile({"名称": ["甲园"]}, [SPOT], drop=[".prj"]), 1, 1, options={"crs": "EPSG:4490"})
case(
    "shp-xian80",
    shapefile({"名称": ["甲园"]}, [SPOT], crs="EPSG:4610"),
    1,
    0,
    near=None,
    reported={2: "Xian 80"},
    refused=((None, None, "Xian 80"),),
)
unreadable("shp-alone", shapefile({"名称": ["甲园"]}, [SPOT], drop=[".dbf", ".shx"]), "came without .shx, .dbf")
case(
    "shp-bowtie-and-null",
    shapefile({"名称": ["甲园", "乙园"]}, [BOWTIE, None]),
    2,
    1,
    reported={3: "no geometry"},
    repaired=((2, "geometry", "square units"),),
    near=None,
)
case(
    "shp-no-zone-number",
    shapefile({"名称": ["甲园"]}, [shapely.Point(EAST, NORTH)], crs="EPSG:4521"),
    1,
    1,
    repaired=((2, "geometry", "33602174"),),
)
case(
    "gpkg",
    layers("t.gpkg", {"parks": ({"名称": ["甲园"]}, [SPOT])}),
    1,
    1,
    read={"table": "parks", "format": "GeoPackage"},
)
case(
    "gpkg-two-layers",
    layers("t.gpkg", {"a": ({"名称": ["甲园"]}, [SPOT]), "b": ({"名称": ["乙园"]}, [SQUARE])}),
    1,
    1,
    tables=2,
)
case(
    "gpkg-local-grid",
    layers("t.gpkg", {"a": ({"名称": ["甲园"]}, [shapely.Point(1000, 2000)])}, crs=None),
    1,
    0,
    near=None,
    reported={2: "CRS"},
    refused=((None, None, "CRS"),),
)
case(
    "gdb",
    layers("t.gdb", {"parks": ({"名称": ["甲园"]}, [SPOT])}, driver="OpenFileGDB"),
    1,
    1,
    read={"format": "file geodatabase"},
)
unreadable("gdb-empty", lambda folder: (folder / "t.gdb").mkdir() or folder / "t.gdb", "holds no .gdbtable")
unreadable("gpkg-not", raw(b"not a database at all", "t.gpkg"), "is no GeoPackage")
case(
    "geojson-gbk",
    geojson([feature(point(100.2, 40.2), 名称="甲园")], encoding="gbk"),
    1,
    1,
    read={"encoding": "GB18030"},
)
case(
    "geojson-one-broken",
    geojson(
        [
            feature(point(100.2, 40.2), 名称="甲园"),
            feature({"type": "Polygon", "coordinates": [[[1]]]}, 名称="乙"),
            feature(None, 名称="丙"),
            "no feature",
        ]
    ),
    4,
    1,
    reported={3: "is no geometry", 4: "no geometry", 5: "no geometry"},
    refused=((3, "geometry", "is no geometry"),),
)
case(
    "geojson-old-crs",
    geojson(
        [feature(point(33_000_000 + EAST, NORTH), 名称="甲园")],
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4521"}},
    ),
    1,
    1,
)
case(
    "geojson-metres",
    geojson([feature(point(EAST, NORTH), 名称="甲园")]),
    1,
    0,
    near=None,
    reported={2: "no longitude and latitude"},
    refused=((2, "geometry", "no longitude and latitude"),),
)
unreadable("json-not-geo", text('{"a": 1}', "t.json"), "is no GeoJSON")
unreadable("json-broken", text('{"type": "FeatureCollection", "features": [', "t.geojson"), "is no JSON")
MARK = "<Placemark><name>甲园</name><Point><coordinates>100.2,40.2,0</coordinates></Point></Placemark>"
case("kml", raw(kml(MARK + "<Placemark><name>乙</name></Placemark>"), "t.kml"), 2, 1, reported={3: "no geometry"})
case("kml-gbk-undeclared", raw(kml(MARK, encoding="gbk"), "t.kml"), 1, 1)
case(
    "kml-broken-coordinates",
    raw(kml(MARK + MARK.replace("100.2,40.2,0", "100.2;40.2")), "t.kml"),
    2,
    1,
    reported={3: "is no geometry"},
    refused=((3, "geometry", "is no geometry"),),
)
case("kmz", raw(kmz(kml(MARK)), "t.kmz"), 1, 1, read={"format": "KMZ"})
unreadable("kmz-without-kml", raw(kmz(b"", "readme.txt"), "t.kmz"), "is a KMZ without a .kml")
unreadable("kml-is-a-virtual-file", raw(b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "t.kml"), "is no KML")
unreadable(
    "kml-with-entities", raw(b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + kml(MARK).partition(b"?>")[2], "t.kml"), "entities"
)
LINE = [(33_000_000 + EAST, NORTH), (33_000_100 + EAST, NORTH)]
case(
    "dxf-no-crs",
    text(dxf(LINE), "t.dxf"),
    1,
    0,
    near=None,
    reported={2: "never guesses"},
    refused=((None, None, "EPSG:4521"),),
)
case("dxf", text(dxf(LINE), "t.dxf"), 1, 1, options={"crs": "EPSG:4521"}, read={"format": "DXF drawing"})
case(
    "dxf-nowhere",
    text("0\nSECTION\n2\nENTITIES\n0\nPOINT\n10\nnan\n20\nnan\n0\nENDSEC\n0\nEOF\n", "t.dxf"),
    1,
    0,
    near=None,
    reported={2: "no geometry"},
)
unreadable("dxf-cut-off", text(dxf(LINE).removesuffix("EOF\n"), "t.dxf"), "is cut off: a drawing's last line is EOF")
case("dxf-last-lone-cr", text(dxf(LINE) + "EOF\r", "t.dxf"), 1, 1, options={"crs": "EPSG:4521"})
case("dxf-old-mac-lines", text(dxf(LINE).replace("\n", "\r"), "t.dxf"), 1, 1, options={"crs": "EPSG:4521"})
unreadable("dxf-binary", raw(b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(50), "t.dxf"), "is a binary DXF")
unreadable("dwg", raw(b"AC1032" + bytes(200), "t.dwg"), "save it as DXF")
unreadable("et", raw(ole("Workbook"), "t.et"), "open it in WPS and save it as .xlsx")
unreadable("zip", raw(kmz(b"x"), "t.zip"), "unpack it")
unreadable("unknown-ending", raw(b"x", "t.xslx"), "is it .xls")

# -- land-approval text ------------------------------------------------------------------------------------------
CORNERS = [(NORTH, EAST), (NORTH + 100, EAST), (NORTH + 100, EAST + 100), (NORTH, EAST + 100)]


def ring(corners: list[tuple[float, float]], number: int = 1, prefix: str = "33", closed: bool = True) -> str:
    points = [*corners, corners[0]] if closed else corners
    return "".join(f"J{n},{number},{x:.3f},{prefix}{y:.3f}\n" for n, (x, y) in enumerate(points, 1))


PLOT = "4,1.0,D1,甲地块,面,,工业用地,,@\n"
INNER = [
    (x0 + 20 * (x0 == NORTH) - 20 * (x0 != NORTH), y0 + 20 * (y0 == EAST) - 20 * (y0 != EAST)) for x0, y0 in CORNERS
]
case(
    "land",
    text(land(PLOT + ring(CORNERS)), "t.txt", "gbk"),
    1,
    1,
    read={"format": "land-approval coordinate text", "encoding": "GB18030"},
)
case("land-hole", text(land(PLOT.replace("4,", "8,") + ring(CORNERS) + ring(INNER, 2)), "t.txt"), 1, 1)
case(
    "land-open-ring",
    text(land(PLOT + ring(CORNERS, closed=False)), "t.txt"),
    1,
    1,
    repaired=((2, "geometry", "closed"),),
)
case(
    "land-swapped",
    text(land(PLOT + "".join(f"J,1,33{y},{x}\n" for x, y in CORNERS)), "t.txt"),
    1,
    1,
    repaired=((2, "geometry", "closed"), (2, "geometry", "33602174")),
)
case(
    "land-no-zone-number",
    text(land(PLOT + ring(CORNERS, prefix="")), "t.txt"),
    1,
    1,
    repaired=((2, "geometry", "33602"),),
)
case(
    "land-xian80",
    text(land(PLOT + ring(CORNERS), "80国家大地坐标系"), "t.txt"),
    1,
    0,
    near=None,
    reported={2: "Xian 80"},
    refused=((None, None, "Xian 80"),),
)
case(
    "land-no-crs",
    text(land(PLOT + ring(CORNERS), ""), "t.txt"),
    1,
    0,
    near=None,
    reported={2: "does not say which CRS"},
    refused=((None, None, "EPSG:4521"),),
)
case(
    "land-too-few-points",
    text(land(PLOT.replace("4,", "9,") + ring(CORNERS) + PLOT + ring(CORNERS)), "t.txt"),
    2,
    1,
    reported={2: "says 9 points"},
    refused=((2, "geometry", "says 9 points, 5 follow"), (3, "地块编号", "D1-2")),
)
case(
    "land-broken-line",
    text(land(PLOT + ring(CORNERS) + "J9,1,abc\n"), "t.txt"),
    1,
    0,
    near=None,
    reported={2: "is no point"},
    refused=((2, "geometry", "is no point"),),
)
unreadable("land-without-plots", text(land("J1,1,1,2\n"), "t.txt"), "no plot")
