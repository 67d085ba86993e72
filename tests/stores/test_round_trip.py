"""Whatever a region may hold comes back from GeoPackage and GeoParquet: by property."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from kept import a_region, assert_same

import regionmap as rm
from regionmap import kinds
from regionmap.plans import stores
from regionmap.plans.stored import opened
from regionmap.plans.stores import columns, whole

LON = st.floats(-180, 180, allow_subnormal=False)
LAT = st.floats(-90, 90, allow_subnormal=False)
SPOT = st.tuples(LON, LAT)
TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)
PART = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0;"), min_size=1, max_size=6)
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False, width=64)


def area(corner: tuple[float, float], wide: float, high: float, hole: bool) -> Any:
    x, y = min(corner[0], 180 - wide), min(corner[1], 90 - high)
    inner = shapely.box(x + wide / 4, y + high / 4, x + wide / 2, y + high / 2)
    box = shapely.box(x, y, x + wide, y + high)
    return shapely.difference(box, inner) if hole else box


AREA = st.builds(area, SPOT, st.floats(0.001, 3), st.floats(0.001, 3), st.booleans())
POINT = SPOT.map(shapely.Point)
LINE = st.lists(SPOT, min_size=2, max_size=6, unique=True).map(shapely.LineString)
APART = st.lists(st.floats(0.01, 0.9), min_size=2, max_size=4).map(
    lambda sizes: shapely.MultiPolygon([shapely.box(2 * n, 0, 2 * n + s, s) for n, s in enumerate(sizes)])
)
SHAPE = (
    st.none() | POINT | LINE | AREA | APART
    | st.lists(SPOT, min_size=1, max_size=4).map(shapely.MultiPoint)
    | st.lists(LINE, min_size=1, max_size=3).map(shapely.MultiLineString)
)  # fmt: skip
RECORD = st.fixed_dictionaries({
    "name": TEXT.filter(str.strip), "aliases": st.lists(PART, max_size=3), "kind": st.sampled_from(list(kinds.KINDS)), "status_text": TEXT,
    "note": TEXT, "where": TEXT, "clause": TEXT, "start": st.none() | st.integers(1000, 9999), "accuracy_m": st.none() | st.floats(0, 1e7),
    "drawn": st.none() | st.sampled_from(list(kinds.DRAWN)), "approximate": st.none() | st.booleans(), "area_km2": NUMBER,
    "extra": st.none() | TEXT, "count": st.none() | st.integers(-(2**53), 2**53), "geometry": SHAPE,
})  # fmt: skip
TARGET = st.fixed_dictionaries({"indicator": TEXT.filter(str.strip), "value": NUMBER, "value_text": TEXT, "geometry": SHAPE})


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return whole.whole_of(a_region(tmp_path_factory.mktemp("parts")))


def layer(base: Any, rows: list[dict[str, Any]], more: dict[str, str]) -> Any:
    types = {**columns.types_of(base, "base"), **more}
    data = pd.DataFrame(rows, columns=[*{k: 0 for r in rows for k in r if k != "geometry"}], dtype=object)
    data["id"], data["plan"] = [f"p1/r{n}" for n in range(len(rows))], "p1"
    for column in set(types) - set(data):
        data[column] = "" if types[column] == "text" else None
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [r["geometry"] for r in rows]
    return columns.frame_of(columns.cast(data, types), shapes)


@pytest.mark.parametrize("ending", stores.READABLE)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORD, max_size=5), targets=st.lists(TARGET, max_size=3))
def test_what_goes_in_comes_out(parts: Any, ending: str, records: Any, targets: Any) -> None:
    frames = {
        **parts.frames,
        "records": layer(parts.frames["records"], records, {"extra": "text", "count": "integer"}),
        "targets": layer(parts.frames["targets"], [{**t, "id": ""} for t in targets], {}),
    }
    frames["targets"]["id"] = [f"p1/t{n}" for n in range(len(targets))]
    frames["targets"].index = pd.Index(list(frames["targets"]["id"]), dtype=object)
    digests = columns.plan_digests(("p1", "p2"), frames["records"], frames["targets"])
    meta = {
        **parts.meta,
        "plans": [{**p, "digest": digests[p["id"]]} for p in parts.meta["plans"]],
        "columns": {**parts.meta["columns"], **{n: columns.types_of(frames[n], n) for n in ("records", "targets")}},
    }
    region = opened(whole.Whole(meta, frames, parts.files), "made")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{ending}"
        region.save(path)
        again = rm.open(path)
    assert_same(region, again)
    assert again.meta == region.meta | {"edition": region.edition} and again.files == region.files


def test_the_hash_of_rows_tells_empty_from_missing_and_not_the_sign_of_nothing() -> None:
    """Stores keep the one, SQLite not the other."""

    def digest(note: Any, area: float) -> str:
        return columns.digest(columns.frame_of(columns.cast(pd.DataFrame({"id": ["a", "b"], "note": ["x", note], "area": [1.0, area]}), {"id": "text", "note": "text", "area": "number"}), [None, None]))

    assert digest("", 0.0) == digest("", -0.0) != digest(None, 0.0)
    assert digest("", 0.0) != digest("", 1.0)
