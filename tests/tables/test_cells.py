"""Single cells: angles in every notation, years, words, zones, the order of axes."""

from __future__ import annotations

import datetime
from typing import Any

import geopandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regionmap import kinds, zones
from regionmap.plans.reading import coordinates, mapping, systems, words
from regionmap.plans.reading.headers import KNOWN
from regionmap.plans.reading.sheets import serial
from regionmap.plans.reading.years import years

ARCSECONDS = st.integers(0, 180 * 3600 * 100)


def parts(hundredths: int) -> tuple[int, int, float]:
    degrees, rest = divmod(hundredths, 360_000)
    return degrees, rest // 6000, rest % 6000 / 100


NOTATIONS = [
    "{d}°{m}′{s:.2f}″", "{d}度{m}分{s:.2f}秒", "{d}°{m}'{s:.2f}\"", "{d}°{m}'{s:.2f}''", "{d} {m} {s:.2f}", "{d}:{m}:{s:.2f}",
    "{d}-{m}-{s:.2f}", "{d}d{m}m{s:.2f}s", "{d}º {m}´ {s:.2f}″", "经度:{d}°{m}′{s:.2f}″", "{d} ° {m} ′ {s:.2f} ″",
]  # fmt: skip


@pytest.mark.parametrize("notation", NOTATIONS)
@settings(max_examples=40)
@given(ARCSECONDS)
def test_degrees_minutes_seconds(notation: str, hundredths: int) -> None:
    d, m, s = parts(hundredths)
    found = coordinates.angle(notation.format(d=d, m=m, s=s))
    assert found.degrees == pytest.approx(hundredths / 360_000, abs=1e-9)
    assert found.how


@pytest.mark.parametrize("form", ["{}W", "W{}", "西经{}", "{} w"])
@given(ARCSECONDS)
def test_sides(form: str, hundredths: int) -> None:
    d, m, s = parts(hundredths)
    found = coordinates.angle(form.format(f"{d}°{m}′{s:.2f}″"))
    assert found.side == "W" and found.degrees == pytest.approx(-hundredths / 360_000, abs=1e-9)


@given(st.floats(-180, 180), st.integers(0, 8))
def test_decimal_degrees(value: float, digits: int) -> None:
    text = f"{value:.{digits}f}"
    for form in (text, f" {text}° ", f"{text}度"):
        found = coordinates.angle(form)
        assert found.degrees == float(text) and found.step == pytest.approx(10.0**-digits)


@given(st.integers(73, 135), st.integers(0, 59), st.integers(0, 59))
def test_packed_degrees(d: int, m: int, s: int) -> None:
    text = f"{d}{m:02}{s:02}"
    assert coordinates.angle(text, packed=True).degrees == pytest.approx(d + m / 60 + s / 3600)
    assert coordinates.angle(text).degrees == float(text)  # without a header that says so it is a plain number


@pytest.mark.parametrize(
    "text", ["", "abc", "12°61′", "12°30.5′10″", "1,2", "E12W", "--3", "12°", "nan", "inf", "1e999", "°′″"]
)
def test_no_angles(text: str) -> None:
    if text == "12°":
        assert coordinates.angle(text).degrees == 12
        return
    with pytest.raises(ValueError):
        coordinates.angle(text)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("122.62,40.85", "122.62", "40.85"),
        ("122.62\uff0c40.85", "122.62", "40.85"),
        ("(122.62 40.85)", "122.62", "40.85"),
        ("122.62;40.85;", "122.62", "40.85"),
        ("122.62、40.85", "122.62", "40.85"),
        ("122.62, 40.85, 12.5", "122.62", "40.85"),
        ("E122°37′N40°51′", "E122°37′", "N40°51′"),
        ("122°37′E 40°51′N", "122°37′E", "40°51′N"),
        ("122 37 12 40 51 0", "122 37 12", "40 51 0"),
        ("经度:122.62 纬度:40.85", "122.62", "40.85"),
    ],
)
def test_pairs_in_one_cell(text: str, first: str, second: str) -> None:
    assert coordinates.halves(text) == (first, second)


@pytest.mark.parametrize("text", ["", "122.62", "a b c", "1,2,3,4"])
def test_no_pairs(text: str) -> None:
    with pytest.raises(ValueError, match="pair"):
        coordinates.halves(text)


@given(st.floats(1.5e6, 6.3e6), st.floats(2e5, 8e5), st.booleans())
def test_axes_by_size(north: float, east: float, zoned: bool) -> None:
    east += 41e6 * zoned
    for pair in ((north, east), (east, north)):
        assert coordinates.plane(*pair, first_is="x")[:2] == (east, north)
        for said in ("east", "north"):
            found = coordinates.plane(*pair, first_is=said)
            assert found[:2] == (east, north)
            assert bool(found[2]) == ((pair[0] == east) != (said == "east"))


@pytest.mark.parametrize("number", [*range(13, 24), *range(25, 46)])
def test_zones_are_those_of_the_registry(number: int) -> None:
    """The arithmetic of zones.py against PROJ's own registry."""
    meridian, width = zones.zone_meridian(number), zones.zone_width(number)
    for code, prefix in ((zones.zone_epsg(number), number * 1e6), (zones.zone_epsg(number, prefix=False), 0.0)):
        found = geopandas.GeoSeries([], crs=f"EPSG:{code}").crs
        given_ = {p.name: p.value for p in found.coordinate_operation.params}
        assert given_["Longitude of natural origin"] == meridian
        assert given_["False easting"] == prefix + 500_000
        assert ("3-degree" in found.name) == (width == 3)
        system = systems.system(f"EPSG:{code}")
        assert (system.meridian, system.prefix, system.narrow) == (
            meridian,
            number if prefix else None,
            number >= 25,
        )
    assert zones.split_prefix(number * 1e6 + 512_345.0) == (number, 512_345.0)
    assert zones.zone_number(meridian + 0.4, width) == number


def test_what_is_no_zone() -> None:
    assert systems.system("EPSG:4490").meridian is None and systems.system(None) is None
    assert systems.system("EPSG:32651").meridian == 123 and systems.system("EPSG:3857").meridian is None
    assert zones.split_prefix(523_000.0) == (None, 523_000.0)
    assert zones.split_prefix(float("nan"))[0] is None


@pytest.mark.parametrize(
    ("value", "start", "end", "told"),
    [
        ("", None, None, False),
        ("2021", 2021, 2021, False),
        (2021, 2021, 2021, False),
        (2021.0, 2021, 2021, False),
        ("2021年", 2021, 2021, False),
        ("2021年6月", 2021, 2021, True),
        ("2021.6", 2021, 2021, True),
        ("2021/6/1", 2021, 2021, True),
        ("2021-06-01 00:00:00", 2021, 2021, True),
        ("20210601", 2021, 2021, True),
        ("202106", 2021, 2021, True),
        ("2021年底", 2021, 2021, True),
        (44197, 2021, 2021, True),
        (datetime.datetime(2021, 3, 4), 2021, 2021, True),
        (datetime.date(2021, 3, 4), 2021, 2021, True),
        (datetime.datetime(1905, 7, 13), 2021, 2021, True),
        ("2021-2025", 2021, 2025, False),
        ("2021—2025年", 2021, 2025, False),
        ("2021年~2025年", 2021, 2025, False),
        ("2021年至2025年", 2021, 2025, False),
        ("2021.6-2023.12", 2021, 2023, False),
        ("2021年6月—2023年12月", 2021, 2023, False),
        ("2021-25", 2021, 2025, False),
        ("十四五", 2021, 2025, True),
        ("“十四五”期间", 2021, 2025, True),
        ("\uff12\uff10\uff12\uff11年", 2021, 2021, False),
    ],
)
def test_years(value: Any, start: int | None, end: int | None, told: bool) -> None:
    found = years(value)
    assert found[:2] == (start, end) and bool(found[2]) == told


@pytest.mark.parametrize(
    "value", ["3年", "长期", "2025-2021", "1066", "21", "abc", "2021-13-45", "12个月", "十六五", "9" * 400]
)
def test_no_years(value: str) -> None:
    with pytest.raises(ValueError):
        years(value)


@given(st.dates(datetime.date(1900, 3, 1), datetime.date(2200, 1, 1)))
def test_day_numbers_are_a_spreadsheets(day: datetime.date) -> None:
    from openpyxl.utils.datetime import from_excel

    assert from_excel(serial(day)).date() == day


def test_every_word_means_something() -> None:
    """The registry of words: a column that exists, an id that exists; every label of kinds.py is known too."""
    table = words.tables()
    assert set(table["columns"].values()) <= set(KNOWN)
    for column, allowed in mapping.VOCABULARY.items():
        for word, meaning in table[column].items():
            kind, _, sector = meaning.partition("/")
            assert kind in allowed and (not sector or sector in kinds.SECTORS), word
    for column, labels in (("sector", kinds.SECTORS), ("status", kinds.STATUSES)):
        for name, (zh, en) in labels.items():
            assert {words.meaning(column, w) for w in (name, zh, en)} == {name}
    for kind in kinds.KINDS.values():
        assert {words.meaning("kind", w) for w in (kind.id, kind.zh, kind.en)} == {kind.id}
    assert {words.meaning("datum", w) for w in table["datum"]} == {
        "wgs84",
        "cgcs2000",
        "gcj02",
        "bd09",
        "xian80",
        "beijing54",
    }


def test_no_word_stands_twice() -> None:
    """A header that two columns claim would be read by the order of a file."""
    import tomllib
    from importlib import resources

    raw = tomllib.loads(resources.files("regionmap.plans.reading").joinpath("words.toml").read_text("utf-8"))
    seen: dict[str, str] = {}
    for column, found in raw["columns"].items():
        for word in found:
            folded = words.key(word)
            assert seen.setdefault(folded, column) == column, f"{word} is {seen[folded]} and {column}"


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("1,234.5", 1234.5), ("-3.5", -3.5), ("\uff11\uff12", 12), ("1e3", 1000), ("+.5", 0.5), ("−7", -7)],
)
def test_numbers(text: str, value: float) -> None:
    assert words.number(text) == value


@pytest.mark.parametrize("text", ["", "1,23", "abc", "1.2.3", "0x10", "1_000", "½", "一"])
def test_no_numbers(text: str) -> None:
    assert words.number(text) is None


@pytest.mark.parametrize(
    ("header", "unit"),
    [("投资(万元)", "万元"), ("投资\uff08亿元\uff09", "亿元"), ("投资", ""), ("投资(单位:万元)", "万元")],
)
def test_units_of_headers(header: str, unit: str) -> None:
    assert words.unit(header) == unit
    assert words.key(header) == "投资"
