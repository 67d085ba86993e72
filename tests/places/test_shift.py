"""The shift detector on Liaoning's towns, and `regionmap datum`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyproj
import pytest

import regionmap as rm
from regionmap import crs, datums
from regionmap.cli import main
from regionmap.errors import InputError
from regionmap.places.advice import CANT_TELL


def points(lon: Any, lat: Any, system: Any, **columns: Any) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(columns, geometry=geopandas.points_from_xy(lon, lat), crs=system)


@pytest.fixture(scope="module")
def towns(region: Any) -> pd.DataFrame:
    """Liaoning's towns and seats: name, unit, longitude, latitude."""
    rows = [
        (e.name, e.unit, e.geometry.x, e.geometry.y)
        for e in region.gazetteer.entries
        if e.tier == "place" and e.kind in ("town", "village", "seat", "station") and e.unit in region.gazetteer.units
    ]
    return pd.DataFrame(rows, columns=["name", "unit", "lon", "lat"])


def metres(code: int) -> Any:
    return lambda lon, lat: pyproj.Transformer.from_crs(4490, code, always_xy=True).transform(lon, lat)


def shifted(code: int, east: float = 0.0) -> Any:
    return lambda lon, lat: (metres(code)(lon, lat)[0] + east, metres(code)(lon, lat)[1])


CASES = {
    "WGS 84": (lambda x, y: (x, y), 4326, "wgs84"),
    "CGCS2000": (lambda x, y: (x, y), 4490, "wgs84"),
    "no CRS": (lambda x, y: (x, y), None, "wgs84"),
    "GCJ-02": (crs.wgs84_to_gcj02, 4326, "gcj02"),
    "BD-09": (crs.wgs84_to_bd09, 4326, "bd09"),
    "labelled GCJ-02 and is": (crs.wgs84_to_gcj02, datums.GCJ02, "gcj02"),
    "labelled GCJ-02 and is not": (lambda x, y: (x, y), datums.GCJ02, "wgs84"),
    "swapped": (lambda x, y: (y, x), 4326, "swapped"),
    "swapped GCJ-02": (lambda x, y: crs.wgs84_to_gcj02(x, y)[::-1], 4326, "swapped"),
    "zone 41 as 41": (metres(4550), 4550, "wgs84"),
    "zone 41 as 40": (metres(4550), 4549, "zone"),
    "zone 41 as 42": (metres(4550), 4551, "zone"),
    "zone 40 as 41": (metres(4549), 4550, "zone"),
    "zone 42 as 41": (metres(4551), 4550, "zone"),
    "zone 40 as 42": (metres(4549), 4551, "zone"),
    "zone 42 as 40": (metres(4551), 4549, "zone"),
    "zone 41 with number as 40": (metres(4529), 4528, "zone"),
    "zone 42 with number as 41": (metres(4530), 4529, "zone"),
    "6 degrees, zone 21 as 20": (metres(4499), 4498, "zone"),
    "number missing": (metres(4550), 4529, "prefix"),
    "number too many": (metres(4529), 4550, "prefix"),
    "500 km missing": (shifted(4550, -5e5), 4550, "false_easting"),
    "500 km missing, with number": (shifted(4529, -5e5), 4529, "false_easting"),
    "X is north": (lambda x, y: metres(4550)(x, y)[::-1], 4550, "swapped"),
    "metres as degrees": (metres(4550), 4326, "metres"),
    "degrees as metres": (lambda x, y: (x, y), 4550, "degrees"),
}


def made(towns: pd.DataFrame, case: str, outliers: float = 0.05, seed: int = 1) -> geopandas.GeoDataFrame:
    """The towns as a case has them, a share of them at the place of another one."""
    there, system, _ = CASES[case]
    x, y = (np.array(v, dtype=float) for v in there(towns["lon"].to_numpy(), towns["lat"].to_numpy()))
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(len(x))[: round(outliers * len(x))]
    x[wrong], y[wrong] = x[np.roll(wrong, 1)], y[np.roll(wrong, 1)]
    return points(x, y, system, name=towns["name"].to_numpy(), unit=towns["unit"].to_numpy())


@pytest.mark.parametrize("case", CASES)
def test_the_detector_names_the_right_datum(region: Any, towns: pd.DataFrame, case: str) -> None:
    frame = made(towns, case)
    before = frame.copy()
    advice = rm.detect_shift(frame, names="name", units="unit", region=region)
    assert advice.verdict == CASES[case][2], str(advice)
    assert advice.share_after > 0.85
    assert np.hypot(*advice.shift_after_m) < 1
    assert advice.points == len(towns) and advice.named > 0.8 * len(towns)
    right = (
        advice.faults == ()
        if advice.verdict == "wgs84" and "is not" not in case
        else bool(advice.faults) or "and is" in case
    )
    assert right and advice.remedy
    assert frame.equals(before) and frame.crs == before.crs  # it advises, it never converts
    assert advice.verdict in str(advice) and advice.remedy in str(advice)


@pytest.mark.parametrize(
    "case", ["GCJ-02", "swapped GCJ-02", "zone 41 as 40", "500 km missing", "labelled GCJ-02 and is"]
)
def test_the_detector_shows_its_evidence(region: Any, towns: pd.DataFrame, case: str) -> None:
    advice = rm.detect_shift(made(towns, case, outliers=0), names="name", units="unit", region=region)
    assert advice.share_after > 0.99
    if case == "GCJ-02":
        lon, lat = towns["lon"], towns["lat"]
        x, y = crs.wgs84_to_gcj02(lon, lat)
        east = np.median((x - lon) * 111_320 * np.cos(np.radians(lat)))
        assert advice.shift_before_m == pytest.approx((east, np.median((y - lat) * 111_050)), abs=2)
        assert 0.9 < advice.share_before < advice.share_after
    elif case == "labelled GCJ-02 and is":
        assert not advice.shifted and advice.share_before == advice.share_after
    else:
        assert advice.share_before < 0.2 and np.hypot(*advice.shift_before_m) > 50_000
    assert set(advice.table) == {"reading", "stated", "share_in_unit", "east_m", "north_m", "log_likelihood"}
    assert advice.table["reading"].iloc[0] == advice.reading


@pytest.mark.parametrize("count", [0, 1, 3, 7])
@pytest.mark.parametrize("case", ["WGS 84", "GCJ-02", "swapped", "zone 41 as 40"])
def test_too_few_points_prove_nothing(region: Any, towns: pd.DataFrame, case: str, count: int) -> None:
    advice = rm.detect_shift(made(towns, case).head(count), names="name", units="unit", region=region)
    assert advice.verdict == CANT_TELL and not advice.shifted and advice.datum is None
    assert "too few points" in advice.remedy


def test_units_alone_do_not_tell_half_a_kilometre_but_do_tell_swapped_axes(region: Any, towns: pd.DataFrame) -> None:
    few = towns.sample(40, random_state=2)
    advice = rm.detect_shift(made(few, "GCJ-02"), units="unit", region=region)
    assert advice.verdict == CANT_TELL and "GCJ-02" in advice.remedy
    advice = rm.detect_shift(made(few, "swapped"), units="unit", region=region)
    assert advice.verdict == "swapped" and advice.datum is None


@pytest.mark.parametrize("spread", [300.0, 1500.0, 4000.0])
@pytest.mark.parametrize("case", ["WGS 84", "GCJ-02"])
def test_rough_points_are_never_called_by_the_wrong_name(
    region: Any, towns: pd.DataFrame, case: str, spread: float
) -> None:
    """Points that lie kilometres from the places they name: the right datum or no answer."""
    for seed, count in ((1, 15), (2, 60), (3, len(towns))):
        some = towns.sample(count, random_state=seed)
        frame = made(some, case, seed=seed)
        noise = np.random.default_rng(seed).normal(0, spread / 111_000, (count, 2))
        frame = frame.set_geometry(
            geopandas.points_from_xy(frame.geometry.x + noise[:, 0], frame.geometry.y + noise[:, 1], crs=frame.crs)
        )
        assert rm.detect_shift(frame, names="name", units="unit", region=region).verdict in (CASES[case][2], CANT_TELL)


def test_the_order_of_rows_changes_nothing(region: Any, towns: pd.DataFrame) -> None:
    frame = made(towns, "BD-09")
    one, two = (
        rm.detect_shift(f, names="name", region=region).as_dict() for f in (frame, frame.sample(frac=1, random_state=3))
    )
    assert json.dumps(one) == json.dumps(two)


def test_points_that_fit_nothing(region: Any, towns: pd.DataFrame) -> None:
    frame = made(towns, "WGS 84")
    moved = frame.set_geometry(frame.translate(-60, -20))
    advice = rm.detect_shift(moved, names="name", units="unit", region=region)
    assert advice.verdict == CANT_TELL and "no reading" in advice.remedy


def test_a_plain_table_and_wrong_questions(region: Any, towns: pd.DataFrame) -> None:
    x, y = crs.wgs84_to_gcj02(towns["lon"], towns["lat"])
    table = pd.DataFrame({"名称": towns["name"], "经度": x.astype(str), "纬度": y.astype(str)})
    table.loc[0, "经度"] = "不详"
    assert rm.detect_shift(table, names="名称", xy=("经度", "纬度"), region=region).verdict == "gcj02"
    assert rm.detect_shift(table, names=towns["name"].tolist(), xy=("经度", "纬度"), region=region).verdict == "gcj02"
    for kwargs, reason in (
        ({"names": "x", "xy": ("经度", "纬度")}, "no column 'x'"),
        ({"names": "名称"}, "a GeoDataFrame is needed"),
        ({"xy": ("经度", "纬度")}, "names= or units= is needed"),
        ({"names": ["a"], "xy": ("经度", "纬度")}, "1 names or units for"),
        ({"names": "名称", "xy": ("x", "纬度")}, "no column 'x'"),
    ):
        with pytest.raises(InputError, match=reason):
            rm.detect_shift(table, region=region, **kwargs)


def test_several_zones_in_one_layer(region: Any, towns: pd.DataFrame) -> None:
    lon, lat = towns["lon"].to_numpy(), towns["lat"].to_numpy()
    west, middle = metres(4528)(lon, lat), metres(4529)(lon, lat)
    x, y = (np.where(lon < 121.5, w, m) for w, m in zip(west, middle, strict=True))
    frame = points(x, y, 4529, name=towns["name"].to_numpy(), unit=towns["unit"].to_numpy())
    advice = rm.detect_shift(frame, names="name", units="unit", region=region)
    assert advice.verdict == "zone" and "zones 40, 41 mixed" in advice.reading


# --- the verb ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "gb18030", "xlsx", "gpkg"])
def test_the_verb_reads_tables_and_layers(towns: pd.DataFrame, tmp_path: Path, form: str, capsys: Any) -> None:
    x, y = crs.wgs84_to_gcj02(towns["lon"], towns["lat"])
    table = pd.DataFrame({"名称": towns["name"], "区县": towns["unit"], "经度": x, "纬度": y})
    path = tmp_path / f"towns.{form.replace('gb18030', 'csv')}"
    if form == "gpkg":
        points(x, y, 4326, 名称=table["名称"], 区县=table["区县"]).to_file(path)
    elif form == "xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_csv(path, index=False, encoding="gb18030" if form == "gb18030" else "utf-8-sig")
    assert main(["datum", str(path)]) == 1
    text = capsys.readouterr().out
    assert "gcj02: longitude and latitude in GCJ-02" in text and "datums.label(frame, 'gcj02')" in text
    assert main(["datum", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "gcj02"


def test_the_verb_on_what_is_right_or_wrong(towns: pd.DataFrame, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "towns.csv"
    towns.to_csv(path, index=False)
    assert main(["datum", str(path)]) == 0
    assert "nothing to do" in capsys.readouterr().out
    x, y = metres(4550)(towns["lon"], towns["lat"])
    towns.assign(x=x, y=y).drop(columns=["lon", "lat"]).to_csv(path, index=False)
    assert main(["datum", str(path), "--crs", "EPSG:4549"]) == 1
    assert capsys.readouterr().out.startswith(f"{path}: zone: ")
    for arguments in ([str(tmp_path / "none.csv")], [str(path), "--x", "lon"], [str(path), "--crs", "EPSG:99"]):
        assert main(["datum", *arguments]) == 1
        assert capsys.readouterr().err.startswith("regionmap: ")
