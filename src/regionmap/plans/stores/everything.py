"""Records and targets as flat tables, for formats that hold features and nothing else."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import shapely

from regionmap.plans.stores.whole import Whole

DECIMALS = 7
"""Of a degree, as RFC 7946 advises at most: 1 cm."""
_FORMULA = re.compile(r"[=+\-@\t\r].")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def everything(parts: Whole) -> Any:
    """Records and targets in one frame; a target's `kind` is `target`, its `name` its indicator."""
    targets = parts.frames["targets"]
    return pd.concat([parts.frames["records"], targets.assign(kind="target", name=targets["indicator"])])


def rounded(shapes: Any) -> np.ndarray:
    """Geometries with 7 decimals; where rounding alone would make one invalid, mended on that grid."""
    whole = np.asarray(shapes, dtype=object)
    out = shapely.transform(whole, lambda xy: np.round(xy, DECIMALS))
    broken = ~shapely.is_missing(out) & ~shapely.is_valid(out)
    out[broken] = shapely.set_precision(whole[broken], 10.0**-DECIMALS)
    return out


def plain_value(value: Any) -> Any:
    """A cell as JSON can hold it; None where it is missing."""
    if isinstance(value, list):
        return value
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def safe_cell(value: Any) -> Any:
    """A cell that a spreadsheet shows as text: formulas are quoted, control characters dropped."""
    if isinstance(value, list | tuple):
        value = ";".join(map(str, value))
    if isinstance(value, str):
        value = _CONTROL.sub("", value)
        return "'" + value if _FORMULA.match(value) else value
    return value


def is_outline(shapes: Any) -> np.ndarray:
    """Rows that show an area: most are made of units' outlines, and carry their notice."""
    return np.asarray(shapely.get_dimensions(np.asarray(shapes, dtype=object)) == 2)
