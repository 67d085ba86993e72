"""Matrix, buffer, summary; investment read from text."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from brute import wiggly
from hypothesis import given, settings
from hypothesis import strategies as st

import regionmap as rm
from regionmap import answers, crs
from regionmap.errors import ColumnClashError, InputError
from regionmap.queries.money import parse_investment
from regionmap.queries.tables import buffer, matrix, summary


def frame(*shapes: Any, index: Any = None, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=index, crs=4326)


LINES = frame(
    shapely.LineString([(122, 41), (123, 41)]), shapely.LineString([(122, 42), (123, 42.5)]), None,
    name=["南线", "北线", "南线"], index=["s", "n", "x"],
)  # fmt: skip
POINTS = frame(shapely.Point(122.5, 41.2), None, shapely.Point(122.1, 41.9), name=list("abc"), index=[5, 5, 7])


def test_matrix_equals_pairs() -> None:
    out = matrix(POINTS, LINES)
    assert list(out.columns) == ["name", "geometry", "s", "北线", "x"] and list(out.index) == [5, 5, 7]
    for column, label in (("s", "s"), ("北线", "n")):
        alone = rm.nearest(POINTS, LINES.loc[[label]])["distance_m"]
        assert np.allclose(out[column], alone, equal_nan=True)
    assert out["x"].isna().all() and out.attrs["columns"]["北线"] == ("n", 0.0) and out.attrs["unplaced_to"] == ["x"]
    near = matrix(POINTS, LINES, within_m=30_000)
    assert near["s"].notna().tolist() == [True, False, False] and near["北线"].notna().tolist() == [False, False, True]
    with pytest.raises(ColumnClashError):
        matrix(out, LINES)
    assert "s_2" in matrix(out, LINES, suffix="_2")
    assert list(matrix(POINTS, LINES.iloc[:0]).columns) == ["name", "geometry"]
    with pytest.raises(InputError, match="unique"):
        matrix(POINTS, pd.concat([LINES, LINES]))


def test_matrix_of_long_lines_equals_pairs() -> None:
    rng = np.random.default_rng(4)
    shapes = [wiggly(rng, 400, 0.01, s) for s in rng.uniform([121, 40], [124, 43], (5, 2))]
    corridors = frame(*shapes, shapely.Polygon(shapes[0].buffer(0.2).exterior), None, index=list("gfedcba"))
    spots = frame(*shapely.points(rng.uniform([120, 39], [125, 44], (40, 2))), shapes[1].interpolate(0.5), shapes[2])
    out = matrix(spots, corridors)
    for label in "gfedcb":
        assert np.allclose(out[label], rm.nearest(spots, corridors.loc[[label]])["distance_m"], rtol=0, atol=1e-6)
    assert (out["b"] == 0).sum() > 0 and out["a"].isna().all()
    every = rm.nearest(spots, corridors, k=6)
    assert len(every) == 6 * len(spots) and (every.groupby(level=0)["distance_m"].diff().dropna() >= 0).all()
    close = matrix(spots, corridors, within_m=50_000)
    assert close["g"].equals(out["g"].where(out["g"] <= 50_000))


def test_buffer_keeps_everything_but_the_shape() -> None:
    out = buffer(LINES.to_crs(4549), distance_m=5_000)
    assert out.crs == 4549 and list(out.index) == ["s", "n", "x"] and list(out["name"]) == list(LINES["name"])
    assert out.geometry.iloc[2] is None and LINES.geometry.iloc[0].geom_type == "LineString"
    rim = shapely.get_coordinates(out.to_crs(4326).geometry.iloc[0])
    away = rm.nearest(frame(*shapely.points(rim)), LINES.loc[["s"]])["distance_m"]
    assert np.abs(away - 5_000).max() < 5
    each = buffer(POINTS, distance_m=[1_000, 5, 2_000])
    assert crs.area_m2(each.geometry.to_numpy()[[0, 2]]) == pytest.approx(np.pi * np.array([1e6, 4e6]), rel=2e-3)
    with pytest.raises(InputError, match="rows"):
        buffer(POINTS, distance_m=[1, 2])
    with pytest.raises(InputError, match="finite"):
        buffer(POINTS, distance_m=float("nan"))


@pytest.mark.parametrize(
    ("text", "yuan"),
    [("5亿元", 5e8), ("总投资12.5亿元", 12.5e8), ("3000万元", 3e7), ("约1.2万亿", 1.2e12), ("5,000 万元人民币", 5e7),
     ("５亿元", 5e8), ("80000元", 80000), ("2千万元", 2e7), ("投资5亿元,年产5万吨", 5e8)],
)  # fmt: skip
def test_investment(text: str, yuan: float) -> None:
    assert parse_investment(text) == pytest.approx(yuan)


@pytest.mark.parametrize(
    "text", ["", "若干", "10-15亿元", "10亿元至15亿元", "5亿美元", "一期3亿元,二期2亿元", "300", None, 3.5, "年产5万吨"]
)
def test_what_is_not_one_amount_in_yuan(text: Any) -> None:
    assert parse_investment(text) is None


def things(n: int = 60, seed: int = 1) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    spots = [None if k % 15 == 0 else shapely.Point(x, y) for k, (x, y) in enumerate(rng.uniform([121.8, 41], [124, 42], (n, 2)))]
    return frame(
        *spots, status=rng.choice(["planned", "operating", ""], n), kind=rng.choice(["park", "project"], n),
        end=pd.array(rng.choice([2025, 2030], n), dtype="Int64"), accuracy_m=rng.choice([10.0, 8_000.0, np.nan], n),
        investment=rng.choice(["", "5亿元", "3000万元", "10-15亿元"], n), jobs=rng.integers(0, 9, n).astype(float),
    )  # fmt: skip


UNITS = frame(
    shapely.box(122, 41, 123, 42), shapely.box(123, 41, 124, 42), name=["甲县", "乙县"], accuracy_m=[100.0, 100.0]
)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.lists(st.sampled_from(["unit", "status", "kind", "year"]), unique=True, max_size=3))
def test_nothing_is_lost_or_counted_twice(seed: int, by: list[str]) -> None:
    rows = things(seed=seed)
    out = summary(rows, by=by, values=["investment", "jobs"], units=UNITS)
    assert out["count"].sum() == len(rows) and out["unplaced"].sum() == rows.geometry.isna().sum()
    assert out["investment_yi_cny"].sum() == pytest.approx(
        5 * (rows["investment"] == "5亿元").sum() + 0.3 * (rows["investment"] == "3000万元").sum()
    )
    assert out["investment_unread"].sum() == (rows["investment"] == "10-15亿元").sum()
    assert out["jobs_sum"].sum() == rows["jobs"].sum()
    mixed = summary(rows.sample(frac=1, random_state=seed), by=by, values=["investment", "jobs"], units=UNITS)
    pd.testing.assert_frame_equal(out, mixed)
    assert not out.duplicated(by).any() if by else len(out) == 1


def test_units_by_the_rule() -> None:
    rows = frame(
        shapely.Point(122.5, 41.5), shapely.Point(122.99, 41.5), shapely.Point(122.99, 41.5), shapely.Point(120, 41.5), None,
        shapely.LineString([(122.1, 41.5), (122.9, 41.5)]), shapely.LineString([(122.5, 41.5), (123.5, 41.5)]),
        shapely.box(122.97, 41.2, 123.001, 41.3), UNITS.geometry[1],
        accuracy_m=[500, 500, 8_000, 8_000, 0, 0, 0, 0, 0],
    )  # fmt: skip
    from regionmap.queries.summary import unit_of

    assert list(unit_of(rows, UNITS)) == ["甲县", "甲县", "several", "none", "unplaced", "甲县", "several", "甲县", "乙县"]
    own = rows.assign(unit=["乙县", *[None] * 8])
    assert summary(own, by="unit", units=UNITS).set_index("unit")["count"].to_dict() == {
        "乙县": 2, "甲县": 3, "several": 2, "none": 1, "unplaced": 1,
    }  # fmt: skip


def test_cells_of_any_kind_are_counted() -> None:
    rows = frame(*[shapely.Point(1, 1)] * 3, tag=[["a", "b"], [], None], end=["2025", "", None], investment=["5亿元", 300.0, None])
    assert summary(rows, by="tag")["tag"].tolist() == ["a;b", "none"] and summary(rows, by="tag")["count"].tolist() == [1, 2]
    assert summary(rows, by=["year", "year"])["year"].tolist() == [2025, "none"]
    whole = summary(rows, by=[])  # a bare number is stated, and can't be read
    assert whole.iloc[0].to_dict() == {
        "count": 3, "unplaced": 0, "investment_yi_cny": 5, "investment_stated": 1, "investment_unread": 1,
    }  # fmt: skip
    assert whole["count"].dtype == int
    with pytest.raises(InputError, match="2025年"):
        summary(rows.assign(end=["2025年", "", ""]), by="year")
    with pytest.raises(InputError, match="can't count by count"):
        summary(rows.assign(count=1), by="count")


def test_zones_overlap() -> None:
    zones = frame(shapely.box(122, 41, 124, 42), shapely.box(122, 41, 123, 42), name=["大", "小"])
    rows = frame(shapely.Point(122.5, 41.5), shapely.Point(122.995, 41.5), shapely.Point(0, 0), None, accuracy_m=[9, 900, 9, 9])
    out = summary(rows, by="zone", zones=zones).set_index("zone")
    assert out["count"].to_dict() == {"大": 2, "小": 2, "none": 1, "unplaced": 1}
    assert out["possible"].to_dict() == {"大": 0, "小": 1, "none": 0, "unplaced": 0}
    assert out.attrs["rows"] == 4


def test_summary_doors() -> None:
    with pytest.raises(InputError, match="units="):
        summary(things(), by="unit")
    with pytest.raises(InputError, match="no column 'colour'"):
        summary(things(), by="colour")
    with pytest.raises(InputError, match="to sum"):
        summary(things(), by="kind", values="cost")
    assert len(summary(things().iloc[:0], by="kind")) == 0


def test_a_region_is_counted_once_a_thing(tiny: Any) -> None:
    out = rm.summary(tiny, by=["unit", "status"])
    assert out["count"].sum() == 6  # p1/line and p2/line are one thing
    assert rm.summary(tiny, by="plan")["count"].tolist() == [6, 1]
    by_unit = out.groupby("unit")["count"].sum().to_dict()
    assert by_unit == {"丁县": 1, "丙县": 1, "乙县": 1, "several": 2, "unplaced": 1}
    assert rm.summary(tiny, by="city")["count"].sum() == 6
    assert rm.summary(tiny.features("park"), by="status")["status"].tolist() == ["operating"]
    zone = rm.summary(tiny, by="zone", kind="hub").set_index("zone")["count"].to_dict()
    assert zone == {"东西合作区": 1}
    assert list(answers.units(tiny, "city")["name"]) == ["东市", "西市"]
