"""Reach in a region: what one may write, what the ledger says, planned lines, own lines, channels, the timetable."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import ROOT, a_record, made_region, run, write_csv

import regionmap as rm
from regionmap import crs
from regionmap.access import ledger, network, tables
from regionmap.access.timetable import timetable_check

# two stations 60 km apart on a railway of 100 km/h, a third one off it; the ledger's numbers are the shipped ones
LINES = [{"name": "南北线", "class": "rail", "speed_kmh": "100", "accuracy_m": "500", "source": "made in code",
          "nodes": "甲站@100.2,40.1 > 100.21,40.3 > 戊站@100.2,40.64"}]  # fmt: skip
PLACES = [("甲站", "", "station", "990101", 100.2, 40.1, 100, ""), ("戊站", "", "station", "990201", 100.2, 40.64, 100, ""),
          ("己站", "", "station", "990202", 100.75, 40.75, 100, "")]  # fmt: skip
RECORDS = [
    a_record("p1/new", "新线", "戊站 > 己站", "corridor", sector="rail", status="planned"),
    a_record("p1/far", "远道", "戊站 > 己站", "corridor", sector="logistics", status="planned"),
    a_record("p1/plant", "己厂", "己站"),
    a_record("p1/vague", "丁县某厂", "丁县"),
]  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> Any:
    return made_region(tmp_path / "geodata", *RECORDS, places=PLACES, lines=LINES)


def test_minutes_are_the_ledgers_sum(small: Any) -> None:
    """Board 20, half of 6 at each end, the run at 80 km/h, two half stops of 4 x 0.25, out 5."""
    legs = rm.route(small, "甲站", "戊站", modes=["rail"])
    km = crs.length_m(shapely.LineString([(100.2, 40.1), (100.21, 40.3), (100.2, 40.64)])) / 1000
    run_min = km / 80 * 60 + 6 + 1
    assert list(legs["mode"]) == ["board", "rail", "exit"]
    assert list(legs["minutes"]) == pytest.approx([20, run_min, 5])
    assert legs["km"].sum() == pytest.approx(km)
    assert crs.length_m(legs.geometry.iloc[1]) / 1000 == pytest.approx(km)
    back = rm.route(small, "戊站", "甲站", modes=["rail"])
    assert back.attrs["minutes"] == pytest.approx(legs.attrs["minutes"])
    assert {"board_minutes.rail", "local.circuity", "network.schematic_share"} <= set(legs.attrs["ledger"]["key"])


def test_one_line_of_assumption_changes_the_answer_and_is_marked(small: Any) -> None:
    before = rm.route(small, "甲站", "戊站", modes=["rail"])
    after = rm.route(small, "甲站", "戊站", modes=["rail"], assume={"board_minutes.rail": 50})
    assert after.attrs["minutes"] - before.attrs["minutes"] == pytest.approx(30)
    row = after.attrs["ledger"].set_index("key").loc["board_minutes.rail"]
    assert (row["value"], row["basis"]) == (50, "yours")
    slower = rm.route(small, "甲站", "戊站", modes=["rail"], assume={"speed_kmh.南北线": 50})
    assert slower["minutes"].iloc[1] > 1.8 * before["minutes"].iloc[1]


def test_a_planned_line_counts_only_where_it_is_asked_for(small: Any) -> None:
    asked = {"minutes": 120.0, "modes": ["rail"]}
    today, then = (rm.reach(small, "甲站", scenario=s, **asked) for s in ("existing", "planned"))
    named = rm.reach(small, "甲站", scenario=["新线"], **asked)
    at = "p1/plant"
    assert today.features.at[at, "minutes"] > then.features.at[at, "minutes"] == named.features.at[at, "minutes"]
    assert list(then.way("己厂")["mode"]) == ["board", "rail", "transfer", "planned_rail", "exit"]
    assert "speed_kmh.planned_rail" in set(then.ledger["key"]) - set(today.ledger["key"])
    with pytest.raises(rm.errors.InputError, match=r"远道.*is no railway"):
        rm.reach(small, "甲站", scenario=["远道"], **asked)


def test_a_way_that_begins_off_the_network(small: Any) -> None:
    found = rm.reach(small, (100.7, 40.7), minutes=60)
    for name in ("己厂", "戊站"):
        way = found.way(name)
        assert way["mode"].iloc[0] == "local" and way["from"].iloc[0] == found.origin
    assert found.way("己厂")["minutes"].sum() == pytest.approx(found.features.at["p1/plant", "minutes"])
    assert found.way("戊站")["minutes"].sum() == pytest.approx(found.nodes.set_index("name").at["戊站", "minutes"])
    direct = rm.route(small, (100.7, 40.7), (100.72, 40.72))
    assert list(direct["mode"]) == ["local"] and direct.attrs["km"] == pytest.approx(crs.distance_m(100.7, 40.7, 100.72, 40.72) / 1000 * 1.33)


def test_compare_says_who_gains_and_what_holds(small: Any) -> None:
    changes = rm.compare_reach(small, "甲站", with_=["新线"], modes=["rail"], minutes=125)
    row = changes[changes["id"] == "p1/plant"].iloc[0]
    assert row["gain_min"] == pytest.approx(row["minutes_before"] - row["minutes_after"]) and row["gain_min"] > 0
    assert (changes["minutes_after"] <= changes["minutes_before"] + 1e-9).all(), "an added line makes nobody later"
    assert set(changes.loc[changes["newly"], "holds"]) <= {"yes", "depends"}
    without = rm.compare_reach(small, "甲站", without=["南北线"], modes=["rail"], minutes=125, vary=0)
    assert without["lost"].any() and (without["gain_min"].dropna() < 0).all()
    with pytest.raises(rm.errors.InputError, match="with_"):
        rm.compare_reach(small, "甲站")


def test_sensitivity_brackets_the_answer(small: Any) -> None:
    rows = rm.sensitivity(small, "甲站", minutes=90, by=0.2, modes=["rail"])
    assert len(rows) and set(rows["holds"]) <= {"within", "depends"}
    assert (rows["minutes_fast"] <= rows["minutes"] + 1e-9).all() and (rows["minutes"] <= rows["minutes_slow"] + 1e-9).all()
    assert ((rows["minutes_slow"] <= 90) == (rows["holds"] == "within")).all()


def test_what_is_only_somewhere_is_only_possible(small: Any) -> None:
    found = rm.reach(small, "己站", minutes=60).features["certainty"]
    assert found["p1/plant"] == "certain" and found["p1/vague"] == "possible"


BAD = [
    ({"scenario": "plannd"}, "or a scenario: existing, planned, proposed"),
    ({"modes": ["ship"]}, "unknown mode 'ship'; allowed are rail, road"),
    ({"assume": {"local.sped_kmh": 3}}, "nearest: local.speed_kmh"),
    ({"assume": {"local.speed_kmh": 0}}, "a number above 0"),
    ({"assume": {"speed_kmh.没有": 100}}, "no assumption 'speed_kmh.没有'"),
    ({"without": ["没有线"]}, "no line or corridor '没有线'; nearest names"),
    ({"minutes": -1}, "minutes must be a number from 0"),
    ({"speed": 0}, "speed must be above 0"),
]


@pytest.mark.parametrize(("options", "text"), BAD, ids=[b[1] for b in BAD])
def test_faults_name_what_is_allowed(small: Any, options: dict[str, Any], text: str) -> None:
    with pytest.raises((rm.errors.InputError, rm.errors.NotFoundError), match=text):
        rm.reach(small, "甲站", **{"minutes": 60, **options})


def test_a_broken_ledger_is_refused_with_every_fault(small: Any) -> None:
    rows = [dict.fromkeys(ledger.COLUMNS, "x") | {"key": k, "value": v, "basis": b} for k, v, b in (
        ("local.speed_kmh", "fast", "assumed"), ("local.circuity", "1.3", "guessed"), ("local.circuity", "-1", "assumed"))]  # fmt: skip
    write_csv(small.folder / "networks" / ledger.FILE, ledger.COLUMNS, rows)
    with pytest.raises(rm.errors.TableError) as error:
        ledger.read(small)
    assert len(error.value.faults) == 4 and "did you mean" not in str(error.value)


def test_own_lines_from_a_file(small: Any, tmp_path: Path) -> None:
    """A motorway in a file of one's own, from the one station to the other."""
    frame = gpd.GeoDataFrame(
        {"fclass": ["motorway"]}, geometry=[shapely.LineString([(100.2, 40.1), (100.5, 40.4), (100.75, 40.75)])], crs=4326
    )
    frame.to_file(tmp_path / "own.gpkg")
    today = rm.route(small, "甲站", "己站")
    own = rm.route(small, "甲站", "己站", lines=tmp_path / "own.gpkg")
    assert "expressway" in set(own["mode"]) and own.attrs["minutes"] < today.attrs["minutes"]
    assert "own.gpkg" in " ".join(own.attrs["ledger"]["en"])
    with pytest.raises(rm.errors.InputError, match="no file"):
        rm.route(small, "甲站", "己站", lines=tmp_path / "none.gpkg")


def test_a_region_without_lines_or_census(tiny: Any) -> None:
    found = rm.reach(tiny, "甲镇", minutes=60)
    assert found.units.loc["990101", "minutes"] < 60 and found.people["people"].sum() == 0
    assert np.isfinite(found.features.at["p1/somewhere", "minutes"]) or found.features["certainty"].notna().any()
    with pytest.raises(rm.errors.NotFoundError, match=r"timetable\.csv"):
        timetable_check(tiny)
    assert rm.channels(tiny).empty


# ---- the shipped region -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hour(region: Any) -> Any:
    return rm.reach(region, "沈阳站", minutes=60)


def test_the_hour_around_shenyang(region: Any, hour: Any) -> None:
    assert 15 < hour.nodes.set_index("name").at["沈阳北站", "minutes"] < 40 or hour.nodes["minutes"].min() == 0
    late = hour.nodes["minutes"].to_numpy() > 60
    inside = shapely.covers(hour.bands.geometry.iloc[-1], hour.nodes.geometry.to_numpy())
    earliest = hour.nodes.groupby([hour.nodes.geometry.x, hour.nodes.geometry.y])["minutes"].transform("min")
    assert (inside == (earliest <= 60)).all() and late.any()
    areas = crs.area_m2(hour.bands.geometry.to_numpy())
    assert (np.diff(areas) > 0).all()
    people = hour.people.set_index("how")
    assert people.at["by_area", "people"] < people.at["by_seat", "people"] < people.at["of", "people"]
    assert people.at["of", "people"] == region_people(region) and people.at["of", "year"] == "2020"
    assert "census" in people.at["of", "source"]


def region_people(region: Any) -> int:
    """The people of the cities, by an own reading of units.csv."""
    with (region.folder / "gazetteer/units.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["population"] and r["code"].endswith("00") and r["code"] != "210000"]
    return sum(int(r["population"]) for r in rows)


def test_a_city_begins_at_its_own_seat(region: Any) -> None:
    names = region.gazetteer
    seats = {u.name: names.seat(u).name for u in names.units.values() if u.kind == "city" and names.seat(u)}
    assert seats["沈阳市"] == "沈阳市政府驻地" and seats["铁岭市"] == "铁岭市政府驻地"


def test_nobody_drives_over_the_bay(region: Any) -> None:
    """From Bayuquan no local road leads over the bay, and no area lies far out at sea."""
    found = rm.reach(region, "鲅鱼圈站", minutes=60)
    land = found.network.land
    sea = shapely.difference(found.bands.geometry.iloc[-1], shapely.buffer(land, 0.05))
    assert crs.area_m2(sea) < 1e6
    local = found.network.edges[found.network.edges["mode"] == "local"]
    spots = np.array(found.network.spots)
    ways = shapely.linestrings(np.stack([spots[local["from"]], spots[local["to"]]], axis=1))
    assert crs.length_m(shapely.difference(ways, land)).max() <= 3_001


def test_reservoirs_are_holes(region: Any, hour: Any) -> None:
    lake = region.gazetteer.find("大伙房水库")
    shape = next(e.geometry for e in region.gazetteer.entries if e.tier == "area" and lake and e.name == lake[0].name)
    late = rm.reach(region, "抚顺市", minutes=60, bands=[60]).bands.geometry.iloc[0]
    assert shapely.intersection(late, shape).area < 0.05 * shape.area < shapely.intersection(shapely.convex_hull(late), shape).area


def test_towns_come_too(hour: Any) -> None:
    assert len(hour.towns) > 100
    near = hour.towns[hour.towns["minutes"] <= 60]
    assert len(near) and near["certainty"].isin(["certain", "possible"]).all()
    assert (hour.way(near["name"].iloc[0])["minutes"].sum()) == pytest.approx(near["minutes"].iloc[0])


def test_all_times_are_symmetric(region: Any, hour: Any) -> None:
    names = ["沈阳站", "丹东站", "大连北站", "朝阳站"]
    halls = [network.hall_of(hour.network, n) for n in names]
    from regionmap.queries.reach import reach

    times = np.array([reach(hour.network.graph, origin=h)["minutes"].to_numpy()[halls] for h in halls])
    assert np.isfinite(times).all()
    np.testing.assert_allclose(times, times.T, rtol=1e-9)


def test_the_timetable_of_at_least_twelve_pairs(region: Any) -> None:
    """Each pair within a quarter, half of all within a tenth; docs/reach.md lists the errors."""
    rows = timetable_check(region)
    in_liaoning = rows[~rows["to"].isin(["通化站", "通辽站"])]
    assert len(in_liaoning) >= 12 and rows["year"].between(2012, 2026).all()
    assert rows["error_percent"].abs().max() < 25 and rows["error_percent"].abs().median() < 10
    text = (ROOT / "docs" / "reach.md").read_text("utf-8")
    for row in rows.itertuples():
        start, end = (getattr(row, "_1", ""), row.to)
        line = f"| {start} | {end} | {row.minutes:.0f} | {row.model_minutes:.0f} | {row.error_percent:+.0f} % |"
        assert line in text, f"docs/reach.md lacks: {line}"


def test_the_ledger_stands_in_every_answer(region: Any, hour: Any) -> None:
    assert set(hour.ledger["basis"]) <= set(ledger.BASES)
    assert (hour.ledger[["zh", "en", "unit"]] != "").all().all()
    assert (hour.ledger.loc[hour.ledger["basis"] == "published", "source"] != "").all()
    assert set(tables.of_reach(hour)["what"]) == set(tables.WHAT)


def test_with_and_without_the_intercity_line(region: Any) -> None:
    changes = rm.compare_reach(region, "沈阳北站", with_=["沈铁城际铁路"], modes=["rail"])
    gains = changes.set_index("name")["gain_min"]
    assert gains["沈阳市/沈北新区"] > 3 and (gains.dropna() > 0).all()


def test_channels_side_by_side(region: Any) -> None:
    legs = rm.channels(region)
    beside = legs.attrs["side_by_side"].set_index("channel")
    assert len(beside) == 4 and (beside["gauge_changes"] == 2).all()
    assert beside.at["海蒙俄欧", "borders"] == 3 and beside.at["大连—沈阳—满洲里—欧洲", "ports"] == 1
    for name, group in legs.groupby("channel"):
        assert group["days"].sum() == pytest.approx(beside.at[name, "days"])
        rail = group[group["mode"] == "rail"]
        assert (crs.length_m(rail.geometry.to_numpy()) / 1000 * 1.2).sum() == pytest.approx(beside.at[name, "km"], rel=1e-6)
    faster = rm.channels(region, ["海蒙俄欧"], assume={"channel.km_per_day_1520": 2000}).attrs["side_by_side"]
    assert faster["days"].iloc[0] < beside.at["海蒙俄欧", "days"] - 3
    with pytest.raises(rm.errors.NotFoundError, match="nearest: 海蒙俄欧"):
        rm.channels(region, ["海蒙俄"])


def test_the_command_line(small: Any, capsys: Any) -> None:
    where = ("--data", str(small.folder))
    code, out, _ = run(capsys, "reach", "甲站", "--minutes", "90", "--modes", "rail", "--json", *where)
    assert code == 0 and {"unit", "feature", "hall", "people", "assumption"} <= {r["what"] for r in json.loads(out)}
    code, out, _ = run(capsys, "reach", "甲站", "--minutes", "60", "--what", "feature", "--by", "20", "--csv", *where)
    assert code == 0 and "holds" in out.splitlines()[0] and "assumption" not in out
    code, out, _ = run(capsys, "route", "甲站", "戊站", "--modes", "rail", "--json", *where)
    legs = [r for r in json.loads(out) if r["what"] == "leg"]
    assert code == 0 and [r["mode"] for r in legs] == ["board", "rail", "exit"]
    code, out, _ = run(capsys, "compare-reach", "甲站", "--with", "新线", "--modes", "rail", "--by", "0", "--minutes", "125", "--csv", *where)
    assert code == 0 and "己厂" in out and "assumption" in out
    code, _, err = run(capsys, "reach", "甲站", "--minutes", "60", "--assume", "local.sped=1", *where)
    assert code == 1 and "nearest: local.speed_kmh" in err
    code, out, _ = run(capsys, "channels", "--legs", "--json")
    assert code == 0 and {r["mode"] for r in json.loads(out)} == {"loading", "port", "rail", "border", "unloading"}
    code, out, _ = run(capsys, "timetable", "--json")
    assert code == 0 and all(math.isfinite(r["error_percent"]) for r in json.loads(out))
