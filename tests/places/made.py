"""Names, lines and tracks made in code, for the tests of places/."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import shapely

from regionmap.places import networks
from regionmap.places.gazetteer import Entry, Gazetteer
from regionmap.places.where import Where

PLACES = [
    ("甲镇", "town", "990101", 100.20, 40.20), ("乙站", "station", "990102", 100.80, 40.30),
    ("丙港", "port", "990201", 100.10, 40.90), ("丁园", "park", "990202", 100.70, 40.80),
    ("中城", "city", "990102", 100.52, 40.02), ("戊镇至己镇公路", "site", "990101", 100.3, 40.4),
    ("甲—乙产业园", "park", "990101", 100.31, 40.31), ("东河", "village", "990101", 100.4, 40.45),
]  # fmt: skip
UNITS = [
    ("试验省", "province", "990000", (0, 0, 1, 1)), ("东市", "city", "990100", (0, 0, 1, 0.5)),
    ("西市", "city", "990200", (0, 0.5, 1, 1)), ("甲县", "county", "990101", (0, 0, 0.5, 0.5)),
    ("乙县", "county", "990102", (0.5, 0, 1, 0.5)), ("丙县", "county", "990201", (0, 0.5, 0.5, 1)),
    ("丁县", "county", "990202", (0.5, 0.5, 1, 1)),
]  # fmt: skip
LINES = """name,aliases,class,nodes,speed_kmh,opened,start_chainage_m,accuracy_m,source
甲乙线,,rail,"甲镇站@100.21,40.21 > 100.5,40.2 > 中城站@100.55,40.05 > 乙站@100.8,40.3",,,,2000,made
乙丁线,,rail,"乙站@100.8,40.3 > 100.9,40.5 > 丁站@100.71,40.79",,,,3000,made
丁丙线,,rail,"丁站@100.71,40.79 > 丙站@100.11,40.89",,,,3000,made
远环线,,rail,"甲镇站@100.21,40.21 > 99.0,40.5 > 100.0,42.0 > 丙站@100.11,40.89",,,,3000,made
东河,,river,"100.0,40.4 > 100.5,40.45 > 101.0,40.4",,,,1000,made
甲丙高速,,expressway,"甲口@100.2,40.25 > 丙口@100.1,40.85",,,,4000,made
"""


def names(tmp: Path, dx: float = 0.0, lines: str = LINES, order: Sequence[int] | None = None) -> Gazetteer:
    """The gazetteer of a province of four square counties, moved east by `dx` degrees."""
    units = [
        Entry(n, "unit", k, c, shapely.box(100 + dx + b[0], 40 + b[1], 100 + dx + b[2], 40 + b[3]), 100.0)
        for n, k, c, b in UNITS
    ]
    places = [Entry(n, "place", k, c, shapely.Point(x + dx, y), 500.0) for n, k, c, x, y in PLACES]
    table = tmp / f"lines{dx:g}.csv"
    table.write_text(lines, "utf-8")
    known = list(networks.line_entries(table))
    if dx:
        known = [_moved(e, dx) for e in known]
    entries = [*units, *places, *known]
    return Gazetteer(tuple(entries[i] for i in order) if order else tuple(entries), 6_000.0)


def _moved(e: Entry, dx: float) -> Entry:
    legs = tuple(
        networks.Leg(g.line, *(_key(k, dx) for k in (g.start, g.end)), g.coords + [dx, 0], g.accuracy_m, g.assumed_m)
        for g in e.legs
    )
    shape = shapely.transform(e.geometry, lambda xy: xy + [dx, 0])
    return Entry(e.name, e.tier, e.kind, e.unit, shape, e.accuracy_m, e.aliases, nodes=e.nodes, legs=legs)


def _key(key: str, dx: float) -> str:
    if not key.startswith("@"):
        return key
    x, y = map(float, key[1:].split(","))
    return f"@{x + dx:.6f},{y:.6f}"


def where(tmp: Path, dx: float = 0.0, **kwargs: object) -> Where:
    return Where(names(tmp, dx, **kwargs), "990000", tmp)  # type: ignore[arg-type]


Point = Sequence[float]
Ways = Sequence[tuple[Sequence[Point], dict[str, str]]]


def write_osm(path: Path, ways: Ways, points: Sequence[tuple[Point, dict[str, str]]] = ()) -> Path:
    """An OpenStreetMap XML file; coordinates that are equal are one node, as in the real thing."""
    ids: dict[tuple[float, float], int] = {}
    named = {(round(x, 7), round(y, 7)): tags for (x, y), tags in points}
    for xy in [*(p for line, _ in ways for p in line), *named]:
        ids.setdefault((round(xy[0], 7), round(xy[1], 7)), len(ids) + 1)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="regionmap tests">']
    for (x, y), number in ids.items():
        tags = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in named.get((x, y), {}).items())
        lines.append(f'<node id="{number}" lat="{y}" lon="{x}" version="1">{tags}</node>')
    for number, (line, own) in enumerate(ways, 1000):
        refs = "".join(f'<nd ref="{ids[(round(p[0], 7), round(p[1], 7))]}"/>' for p in line)
        tags = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in own.items())
        lines.append(f'<way id="{number}" version="1">{refs}{tags}</way>')
    path.write_text("\n".join([*lines, "</osm>"]), "utf-8")
    return path


def bent(
    a: Sequence[float], b: Sequence[float], *, n: int = 60, swing: float = 0.01, aside: float = 0.0
) -> list[list[float]]:
    """A track from a to b that swings to both sides, by degrees; `aside`: a parallel one."""
    t = np.linspace(0, 1, n)
    way = np.asarray(b, dtype=float) - a
    across = np.array([-way[1], way[0]]) / np.hypot(*way)
    return (np.asarray(a) + t[:, None] * way + (swing * np.sin(2 * np.pi * t) + aside)[:, None] * across).tolist()
