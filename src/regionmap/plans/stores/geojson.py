"""GeoJSON as RFC 7946 has it: WGS 84, 7 decimals, rings by the right-hand rule, one FeatureCollection."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import shapely

from regionmap.plans.stores import shapes
from regionmap.plans.stores.everything import everything, plain_value, rounded
from regionmap.plans.stores.whole import Whole


def write(parts: Whole, path: Path) -> None:
    """Write records and targets; title, notice, editions and plans stand beside the features (foreign members)."""
    frame = everything(parts)
    spots = rounded(frame.geometry)
    texts = shapely.to_geojson(shapely.orient_polygons(spots))
    columns = [c for c in frame.columns if c != "geometry"]
    rows = frame[columns].astype(object).itertuples(index=False, name=None)
    head: dict[str, Any] = {"type": "FeatureCollection", "name": parts.meta["title"]}
    if (box := shapes.around(spots)) is not None:
        head["bbox"] = box
    head |= {"notice": parts.meta["notice"], "edition": parts.meta["edition"], "plans": parts.meta["plans"]}
    with path.open("w", encoding="utf-8") as file:
        file.write(_dumps(head)[:-1] + ',"features":[')
        for number, (text, row) in enumerate(zip(texts, rows, strict=True)):
            cells = {c: plain_value(v) for c, v in zip(columns, row, strict=True)}
            kept = {c: v for c, v in cells.items() if v is not None}
            start = {"type": "Feature", "id": kept["id"], "properties": kept}
            file.write(",\n"[number == 0 :] + _dumps(start)[:-1] + f',"geometry":{text or "null"}}}')
        file.write("]}\n")


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
