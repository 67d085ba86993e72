"""A region of 100 counties and very many points made in code: eight Chinese attributes a point."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from regionmap import kinds

WEST, SOUTH, SIDE = 119.0, 39.0, 0.5  # ten by ten counties of half a degree
_SIGNS = [chr(c) for c in range(0x4E00, 0x6E00, 3)]
KINDS, SECTORS, STATUSES = (
    ("project", "park", "facility", "hub"),
    ("industry", "energy", "road", "logistics"),
    ("planned", "operating", "proposed"),
)
ATTRIBUTES = ("name", "kind", "sector", "status", "lead", "responsible", "investment", "scale")


def points(count: int, seed: int = 1) -> gpd.GeoDataFrame:
    """Points with names of their own and seven attributes whose words come again, as in a plan's tables."""
    rng = np.random.default_rng(seed)

    def word(size: int) -> str:
        return "".join(rng.choice(_SIGNS, size))

    towns, offices = [f"{word(2)}镇" for _ in range(1200)], [f"{word(3)}局" for _ in range(300)]
    lonlat = rng.uniform((WEST, SOUTH), (WEST + 10 * SIDE, SOUTH + 10 * SIDE), (count, 2)).round(6)
    endings = ("产业园", "物流园", "水厂", "变电站", "加工项目", "专用线", "仓储中心", "码头")
    middles = rng.choice(_SIGNS, (count, 2))
    picks = {
        k: rng.integers(0, n, count)
        for k, n in {"town": 1200, "end": 8, "lead": 300, "resp": 300, "inv": 2000, "scale": 900}.items()
    }
    columns = {
        "name": [towns[t] + m[0] + m[1] + endings[e] for t, m, e in zip(picks["town"], middles, picks["end"], strict=True)],
        "kind": rng.choice(KINDS, count), "sector": rng.choice(SECTORS, count), "status": rng.choice(STATUSES, count),
        "lead": [offices[n] for n in picks["lead"]],
        "responsible": [f"{offices[n]};{offices[(n * 7) % 300]}" for n in picks["resp"]],
        "investment": [f"{n / 10}亿元" for n in picks["inv"]],
        "scale": [f"年产{n}万吨" for n in picks["scale"]],
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=shapely.points(lonlat), crs="EPSG:4326")


def counties() -> gpd.GeoDataFrame:
    """A hundred counties with borders of 40 pieces a side."""
    corner = [(x, y) for y in range(10) for x in range(10)]
    boxes = [shapely.segmentize(shapely.box(x, y, x + 1, y + 1), 1 / 40) for x, y in corner]
    wave = shapely.transform(np.array(boxes), lambda xy: xy + 0.03 * np.sin(xy[:, ::-1] * 9) * np.sin(np.pi * xy / 10))
    placed = shapely.transform(wave, lambda xy: xy * SIDE + (WEST, SOUTH))
    rows = {
        "code": [f"99{1 + y:02d}{1 + x:02d}" for x, y in corner],
        "name": [f"{_SIGNS[x]}{_SIGNS[40 + y]}县" for x, y in corner],
    }
    return gpd.GeoDataFrame(rows, geometry=placed, crs="EPSG:4326")


def region(folder: Path, count: int) -> Path:
    """A region folder: the counties, the points as records of one plan, and three lines to ask of."""
    where = folder / "plans" / "p1"
    where.mkdir(parents=True, exist_ok=True)
    land, rows = counties(), points(count)
    land.to_file(folder / "units.geojson", driver="GeoJSON")
    (folder / "region.toml").write_text(
        'title = "试验省"\nunit = "990000"\n[boundaries]\nfile = "units.geojson"\ncrs = "EPSG:4326"\ncode = "code"\nname = "name"\n'
        'select = "99"\naccuracy_m = 100\noffshore_m = 3000\nsource = "made in code"\n', "utf-8")  # fmt: skip
    cities = {f"99{n:02d}00": f"{_SIGNS[200 + n]}市" for n in range(1, 11)}
    names = {"990000": "试验省", **cities, **dict(zip(land["code"], land["name"], strict=True))}
    _write(
        folder / "gazetteer/units.csv",
        ["code", "names", "population", "year", "area_km2", "source"],
        [{"code": c, "names": n} for c, n in names.items()],
    )
    _write(
        folder / "gazetteer/places.csv",
        ["name", "aliases", "kind", "unit", "lon", "lat", "accuracy_m", "offshore", "source"],
        [],
    )
    fields = {
        "title": "试验规划",
        "issuer": "某府",
        "number": "",
        "date": "2021-01-01",
        "period": "2021-2025",
        "area": "试验省",
        "language": "zh",
    }
    (where / "plan.toml").write_text(
        "".join(f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in fields.items()), "utf-8"
    )
    records = [
        {
            "id": f"p1/{n:06d}",
            "where": f"{p.x:.6f}, {p.y:.6f}",
            "clause": f"第{n % 40 + 1}条",
            **dict(zip(ATTRIBUTES, values, strict=True)),
        }
        for n, (p, *values) in enumerate(zip(rows.geometry, *(rows[c] for c in ATTRIBUTES), strict=True))
    ]
    rng = np.random.default_rng(4)
    for n in range(3):
        bends = (
            rng.uniform((WEST, SOUTH), (WEST + 10 * SIDE, SOUTH + 10 * SIDE), (40, 2)).cumsum(axis=0)
            / np.arange(1, 41)[:, None]
        )
        bends = np.sort(bends, axis=0) if n else bends
        path = " > ".join(f"{x:.5f}, {y:.5f}" for x, y in bends)
        records.append(
            {
                "id": f"p1/line{n}",
                "name": f"试验铁路{n}号线",
                "kind": "corridor",
                "sector": "rail",
                "status": "planned",
                "where": path,
                "clause": "一",
            }
        )
    _write(where / "records.csv", kinds.RECORD_COLUMNS, records)
    _write(where / "targets.csv", kinds.TARGET_COLUMNS, [])
    return folder


def _write(path: Path, columns: object, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="", lineterminator="\n")  # type: ignore[call-overload]
        writer.writeheader()
        writer.writerows(rows)
