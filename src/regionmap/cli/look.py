"""Verbs that look things up: locate, find, show, list."""

from __future__ import annotations

import json
import sys
from typing import Any

from regionmap import kinds
from regionmap.cli.common import Verbs, answer, open_region, plain

_COLUMNS = ("id", "name", "kind", "status", "precision", "clause")


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    locate = verb("locate", _locate, "what a location expression becomes, as a GeoJSON Feature")
    locate.add_argument("expr")
    locate.add_argument("--json", action="store_true", help="on one line")
    find = verb("find", _find, "look up by any part of a name, alias, clause or id", answers=True)
    find.add_argument("text")
    show = verb("show", _show, "one thing with all its citations")
    show.add_argument("id", help="id or name")
    show.add_argument("--json", action="store_true")
    listing = verb("list", _list, "all records, narrowed", answers=True)
    for option in ("kind", "plan", "status"):
        listing.add_argument(f"--{option}")


def _locate(arguments: Any) -> int:
    import shapely

    row = open_region(arguments).locate(arguments.expr).iloc[0]
    properties = {k: row[k] for k in ("where", "precision", "accuracy_m", "drawn", "pieces")}
    geometry = json.loads(shapely.to_geojson(row.geometry))
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    print(json.dumps(feature, ensure_ascii=False, indent=None if arguments.json else 1))
    return 0


def _find(arguments: Any) -> int:
    from regionmap.places.gazetteer import fold

    region = open_region(arguments)
    word, rows = fold(arguments.text.strip()), region.records
    text = rows["id"] + "\n" + rows["name"] + "\n" + rows["name_en"] + "\n" + rows["clause"]
    text = text + "\n" + rows["aliases"].map("\n".join)
    hits = rows[text.map(fold).str.contains(word, regex=False)]
    return answer(arguments, hits, _COLUMNS, arguments.text)


def _show(arguments: Any) -> int:
    region = open_region(arguments)
    rows = region.same(region.feature(arguments.id).index[0])
    found = [
        {k: v for k, v in plain(row).items() if k not in ("geometry", "group") and v not in (None, "", [])}
        | {"document": region.plans[row["plan"]].title}
        for row in rows.to_dict("records")
    ]
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    for record in found:
        width = max(map(len, record))
        for key, value in record.items():
            print(f"{key:<{width}}  {';'.join(value) if isinstance(value, list) else value}")
        print()
    return 0


def _list(arguments: Any) -> int:
    region = open_region(arguments)
    rows = region.features(arguments.kind, arguments.plan)
    if arguments.status:
        if arguments.status not in kinds.STATUSES:
            print(f"regionmap: status is one of {', '.join(kinds.STATUSES)}", file=sys.stderr)
            return 2
        rows = rows[rows["status"] == arguments.status]
    return answer(arguments, rows, _COLUMNS, "")
