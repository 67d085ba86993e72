"""The shipped catalogue: every record placed, cited, and told apart from the others."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import shapely

import regionmap as rm
from regionmap import crs
from regionmap.places import gazetteer

# What the tables held when they were complete; a plan may grow, nothing may get lost.
COUNTS = {"liaoning-2022": 598, "haicheng-2021": 436, "tieling-2021": 151, "panjin-2020": 125, "yingkou-2022": 87}
TARGETS = {"liaoning-2022": 65, "haicheng-2021": 84, "panjin-2020": 10, "yingkou-2022": 5}

NUMERAL = "[一二三四五六七八九十]+"
CLAUSE = {
    "liaoning-2022": rf"{NUMERAL}(\({NUMERAL}\)\d*)?",  # 三(二)1, 三(二), 三
    "tieling-2021": rf"{NUMERAL}(\({NUMERAL}\)\d*)?",  # 二(四)13
    "yingkou-2022": rf"{NUMERAL}(\({NUMERAL}\)\d*)?",  # 三(二)1
    "panjin-2020": r"\d+",
    "haicheng-2021": rf"第{NUMERAL}章(第{NUMERAL}节)?",
}

# Things of one name in two plans that are different things: each plan means its own city's.
NAMESAKES = {
    "中试基地",
    "优质农产品供应基地",
    "“四好农村路”",
    "大数据中心",
    "实训基地",
    "工业互联网标识解析二级节点",  # the province's programme, Tieling's node of it
    "数字农业农村和智慧农业",
    "特色职业教育园区",
    "装备制造产业",
}
SHARED_ALIASES = {"金银铁塔"}  # one word for three pagodas
ENUMERATION = re.compile("[、和与及等]")  # the written form of a list may be an alias of each member

FREE_COLUMNS = {"where", "region", "responsible", "lead", "aliases", "note", "clause", "name_en", "row", "file"}


@pytest.fixture(scope="module")
def catalogue() -> Any:
    return rm.open()


@pytest.fixture(scope="module")
def plans(catalogue: Any) -> Any:
    """The records of the documents, without `context`."""
    return catalogue.features()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_expression_resolves(catalogue: Any) -> None:
    assert catalogue.faults == ()


def test_unplaced_records_say_why(catalogue: Any) -> None:
    bare = catalogue.records[catalogue.records.geometry.isna()]
    assert len(bare) <= 8
    assert (bare["note"] != "").all()
    assert (bare["where"] == "").all()


@pytest.mark.parametrize("plan", COUNTS)
def test_nothing_got_lost(catalogue: Any, plan: str) -> None:
    assert len(catalogue.features(plan=plan)) >= COUNTS[plan]
    assert (catalogue.targets["plan"] == plan).sum() >= TARGETS.get(plan, 0)


def test_ids_are_unique_and_name_their_plan(catalogue: Any) -> None:
    ids = [*catalogue.records["id"], *catalogue.targets["id"]]
    assert [i for i, n in Counter(ids).items() if n > 1] == []
    for frame in (catalogue.records, catalogue.targets):
        assert (frame["id"].str.split("/").str[0] == frame["plan"]).all()


@pytest.mark.parametrize("plan", CLAUSE)
def test_clauses_follow_the_numbering_of_their_document(catalogue: Any, plan: str) -> None:
    for frame in (catalogue.records, catalogue.targets):
        own = frame[frame["plan"] == plan]
        wrong = {
            i: text
            for i, text in own["clause"].items()
            for clause in text.split(";")
            if not re.fullmatch(CLAUSE[plan], clause)
        }
        assert wrong == {}


def test_context_has_no_clause(catalogue: Any) -> None:
    assert (catalogue.features(plan="context")["clause"] == "").all()


def test_status_follows_the_verb(catalogue: Any, plans: Any) -> None:
    """The verb decides; a zone may go without a status, and without a verb there is none."""
    table = {row["verb"]: row["status"] for row in rows(catalogue.folder / "plans" / "status.csv")}
    wrong = []
    for row in plans.itertuples():
        allowed = {table.get(row.status_text, "?") if row.status_text else ""}
        if row.kind == "zone":
            allowed.add("")
        if row.status not in allowed:
            wrong.append((row.id, row.status_text, row.status))
    assert wrong == []


def test_status_table_is_one(catalogue: Any) -> None:
    verbs = [row["verb"] for row in rows(catalogue.folder / "plans" / "status.csv")]
    assert [v for v, n in Counter(verbs).items() if n > 1] == []


def test_no_twins_within_a_plan(plans: Any) -> None:
    bearers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in plans.itertuples():
        for name in {row.name, *row.aliases}:
            bearers[row.plan, gazetteer.fold(name)].add(row.id)
    twins = {
        key: ids
        for key, ids in bearers.items()
        if len(ids) > 1 and not ENUMERATION.search(key[1]) and key[1] not in SHARED_ALIASES
    }
    assert twins == {}


def test_no_two_records_of_a_plan_share_a_name(plans: Any) -> None:
    assert plans[plans.duplicated(["plan", "name"], keep=False)].empty


def test_one_name_in_two_plans_is_one_thing_or_listed(plans: Any) -> None:
    groups: dict[str, set[str]] = defaultdict(set)
    for name, group in zip(plans["name"], plans["group"], strict=True):
        groups[name].add(group)
    assert {name for name, found in groups.items() if len(found) > 1} <= NAMESAKES


def test_a_group_holds_one_record_a_plan(plans: Any) -> None:
    assert plans[plans.duplicated(["group", "plan"], keep=False)].empty


def test_parts_have_no_circle(catalogue: Any) -> None:
    holder = dict(catalogue.records["part_of"])
    for start in holder:
        seen, node = set(), start
        while node:
            assert node not in seen, f"{start} is part of itself"
            seen.add(node)
            node = holder.get(node, "")


def test_no_sentences(catalogue: Any) -> None:
    """Names and facts only: a cell that is no list, note or expression stays short."""
    folder = catalogue.folder / "plans"
    long = [
        (row["id"], column)
        for table in (*folder.glob("*/records.csv"), *folder.glob("*/targets.csv"))
        for row in rows(table)
        for column, text in row.items()
        if column not in FREE_COLUMNS and len(text) > 60
    ]
    assert long == []
    verbs = catalogue.records["status_text"]
    assert verbs[verbs.str.len() > 12].empty
    assert not catalogue.records["note"].str.contains("。").any()


def test_places_lie_in_their_county(catalogue: Any) -> None:
    units = catalogue.gazetteer.units
    own = [e for e in catalogue.gazetteer.entries if e.tier in ("place", "geonames")]
    out = [
        (e.name, e.unit)
        for e in own
        if e.unit in units and not e.offshore and not shapely.covers(units[e.unit].geometry, e.geometry)
    ]
    assert out == []
    assert [e.name for e in own if not e.source or not 0 < e.accuracy_m <= 5_000_000] == []
    assert [e.name for e in own if e.unit.startswith("21") and e.unit not in units] == []


def test_places_are_written_once() -> None:
    folder = rm.open().folder / "gazetteer"
    table = rows(folder / "places.csv") + rows(folder / "towns.csv")
    assert [k for k, n in Counter((r["name"], r["unit"]) for r in table).items() if n > 1] == []


# --- traps of which each caught somebody


def counties(catalogue: Any, shape: Any) -> set[str]:
    found = catalogue.gazetteer.units.values()
    return {u.name for u in found if u.kind == "county" and shapely.intersects(u.geometry, shape)}


@pytest.mark.parametrize(
    ("record", "county"),
    [
        ("liaoning-2022/haizhou-mine-psh", "太平区"),  # not 海州区
        ("liaoning-2022/taipingwan-area", "瓦房店市"),  # not 太平湾街道 at Dandong
        ("liaoning-2022/tieling-yaobao-airfield", "铁岭县"),
        ("liaoning-2022/ximu-substation", "海城市"),
        ("liaoning-2022/xudabao-npp", "兴城市"),
        ("haicheng-2021/xialin-orchard", "海城市"),
        ("liaoning-2022/huanren-gucheng-airport", "桓仁满族自治县"),
        ("liaoning-2022/xiliu-market", "海城市"),
        ("yingkou-2022/wangershan", "鲅鱼圈区"),
    ],
)
def test_lies_in(catalogue: Any, record: str, county: str) -> None:
    assert counties(catalogue, catalogue.records.geometry[record]) == {county}


def test_jinbaotun_is_in_inner_mongolia(catalogue: Any) -> None:
    (place,) = catalogue.gazetteer.find("金宝屯")
    assert place.unit == "150522"
    line = catalogue.records.geometry["tieling-2021/shenyang-jinbaotun-rail"]
    assert not shapely.covers(catalogue.gazetteer.units["210000"].geometry, shapely.Point(line.coords[-1]))


def test_dawa_is_not_on_the_gouhai_line(catalogue: Any) -> None:
    (line,) = catalogue.gazetteer.find("沟海铁路")
    (dawa,) = catalogue.gazetteer.find("大洼街道")
    assert not any("大洼" in node for node in line.nodes)
    _, near = shapely.get_coordinates(shapely.shortest_line(dawa.geometry, line.geometry))
    assert float(crs.distance_m(dawa.geometry.x, dawa.geometry.y, *near)) > 5_000


def test_the_shenfu_zone_lies_across_two_cities(catalogue: Any) -> None:
    zone = catalogue.records.geometry["liaoning-2022/shenfu-zone"]
    cities = catalogue.gazetteer.units
    for code in ("210100", "210400"):
        assert shapely.area(shapely.intersection(zone, cities[code].geometry)) > 0.2 * shapely.area(zone)


def test_jinzhou_airport_is_the_one_by_the_bay(catalogue: Any) -> None:
    spot = catalogue.records.geometry["liaoning-2022/jinzhou-airport"]
    assert spot.x > 121.2  # the old field at 小岭子 lies at 121.06


# --- what a reader would type

AREAS_KM2 = {
    "沈阳现代化都市圈": (69_000, 77_000),
    "辽宁沿海经济带": (56_000, 59_000),
    "辽西先导区": (38_000, 43_000),
    "辽东绿色经济区": (33_000, 38_000),
    "渤海翼": (28_000, 31_000),
    "沈抚示范区": (160, 180),
    "辽河三角洲高质量发展试验区": (8_800, 9_600),
    "铁四通辽经济协作区": (25_000, 50_000),
    "三岔河自然保护区": (40, 80),
}


@pytest.mark.parametrize("name", AREAS_KM2)
def test_zones_are_about_as_large_as_known(catalogue: Any, name: str) -> None:
    low, high = AREAS_KM2[name]
    assert low <= catalogue.feature(name)["area_km2"].iloc[0] <= high


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("沈铁城际铁路", "shentie-intercity"),
        ("沈铁城际", "shentie-intercity"),
        ("营口港", "yingkou-port"),
        ("西柳市场", "xiliu-market"),
        ("沈阳都市圈", "shenyang-metro"),
        ("沿海经济带", "coastal"),
        ("京津冀", "jing"),
        ("粤港澳大湾区", "greater-bay-area"),
        ("辽宁自贸试验区", "liaoning-ftz"),
        ("营口片区", "ftz-yingkou"),
        ("阜盘铁路", "fu"),
        ("沈大自创区", "shen"),
        ("满洲里口岸", "manzhouli"),
        ("盘锦港", "panjin-port"),
        ("辽河国家公园", "liaohe-national-park"),
        ("沈金铁路", "shenyang-jinbaotun-rail"),
        ("开原至西丰铁路", "kaiyuan-xifeng-rail"),
        ("海蒙俄欧", "hai-meng-e-ou"),
        ("西柳铁路专用线", "xiliu-siding"),
        ("农高区", "agri-hightech-zone"),
        ("哈大高铁", "harbin-dalian-hsr"),
        ("大连新机场", "dalian-new-airport"),
        ("徐大堡核电", "xudabao-npp"),
        ("红海滩", "red-beach"),
        ("鲅鱼圈港区", "yingkou-bayuquan-harbour"),
    ],
)
def test_common_names_mean_one_thing(catalogue: Any, name: str, group: str) -> None:
    found = catalogue.feature(name)
    assert len(found) == 1
    assert found["id"].iloc[0].split("/")[1].startswith(group)


@pytest.mark.parametrize("name", ["沈铁城际铁路", "营口港", "沈阳现代化都市圈", "京津冀", "西柳市场"])
def test_plans_that_name_one_thing_are_joined(catalogue: Any, name: str) -> None:
    assert len(catalogue.same(catalogue.feature(name)["id"].iloc[0])) >= 2


# routes whose stated accuracy is smaller than the rules give, and why that can be defended
STATED = {
    "tieling-2021/shentie-intercity": "drawn through its stations; its length is the published one",
    "liaoning-2022/shentie-intercity": "the same line",
}


def test_a_route_is_not_said_to_be_surer_than_it_is(catalogue: Any) -> None:
    """`accuracy_m` overrules what `where` implies; a smaller number needs a reason (see STATED)."""
    rows = catalogue._tables[0]
    surer = set()
    for row in rows:
        if row["accuracy_m"] and " > " in row["where"]:
            spot, _ = catalogue._locate_row(row, row["where"], "where")
            if spot and float(row["accuracy_m"]) < 0.999 * spot.accuracy_m:
                surer.add(row["id"])
    assert surer == set(STATED)
