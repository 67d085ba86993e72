"""Regions for the tests of stores, made in code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from conftest import write_region

import regionmap as rm

TARGETS = [
    {"id": "p1/t1", "indicator": "产值", "region": "东市", "value": "12.5", "comparator": ">=", "unit": "亿元",
     "year": "2025", "clause": "一"},
    {"id": "p2/t2", "indicator": "=cmd", "region": "", "value_text": "领先", "comparator": "text", "clause": "二"},
]  # fmt: skip


def a_region(folder: Path, title: str = "试验省") -> Any:
    return rm.open(write_region(folder / "geodata", targets=TARGETS, title=title))


def assert_same(one: Any, two: Any) -> None:
    """The same region: rows in order, every attribute, geometry to 1e-9 degree, plans, editions, faults, names."""
    for name in ("records", "targets"):
        a, b = getattr(one, name), getattr(two, name)
        flat = [pd.DataFrame(f.drop(columns="geometry")).astype(object).where(lambda d: d.notna(), None) for f in (a, b)]
        pd.testing.assert_frame_equal(*flat, check_dtype=False)
        assert a.crs == b.crs == "EPSG:4326"
        assert_same_shapes(a.geometry, b.geometry)
    assert one.plans == two.plans and one.edition == two.edition and one.faults == two.faults
    assert one.title == two.title and one.settings == two.settings
    assert one.boundaries.source == two.boundaries.source and one.boundaries.accuracy_m == two.boundaries.accuracy_m
    assert [(e.name, e.tier, e.kind, e.unit, e.aliases, e.accuracy_m) for e in one.gazetteer.entries] == [
        (e.name, e.tier, e.kind, e.unit, e.aliases, e.accuracy_m) for e in two.gazetteer.entries
    ]
    assert_same_shapes([e.geometry for e in one.gazetteer.entries], [e.geometry for e in two.gazetteer.entries])


def assert_same_shapes(a: Any, b: Any) -> None:
    a, b = np.asarray(a, dtype=object), np.asarray(b, dtype=object)
    assert (shapely.get_type_id(a) == shapely.get_type_id(b)).all()
    assert shapely.equals_exact(a, b, 1e-9)[~shapely.is_missing(a)].all()
