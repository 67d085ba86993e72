"""Questions to stored layers: which rows may matter is found in the database, the answer is measured here."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from regionmap import crs
from regionmap.plans.postgis import rows
from regionmap.plans.postgis.connect import Target, connected
from regionmap.plans.postgis.layer import StoredLayer

WIDER, MORE_M = 1.01, 1.0
"""Times and metres by which the database looks farther than asked: more than it may be off by (layer.py)."""
CLASSES_M = (0.0, 50.0, 1_500.0, 10_000.0, 60_000.0, float("inf"))
"""Rows are compared class by class of accuracy, so that one province does not widen the search for all."""
RUN = 64
"""Vertices of a line that go into one row of a temporary table: small boxes make the index worth asking."""

# a side of a question: key, place (geography), reach_m (accuracy and slack; null: unknown), slack_m
_STORED = """(SELECT t.id AS key, t.geom::geography AS place, t.accuracy_m + t.slack_m AS reach_m, t.slack_m
    FROM {table} t WHERE ({condition}) AND t.geom IS NOT NULL)"""
_GIVEN = "(SELECT key, geom::geography AS place, accuracy_m + slack_m AS reach_m, slack_m FROM {table})"
_MAKE_GIVEN = """CREATE TEMP TABLE {table} (key text, geom geometry(Geometry, 4326), accuracy_m double precision,
    slack_m double precision GENERATED ALWAYS AS ({s}.slack_m(geom)) STORED) ON COMMIT DROP"""
_PAIRS = """INSERT INTO hits SELECT DISTINCT a.key, b.key FROM {a} a JOIN {b} b ON ST_DWithin(a.place, b.place, %(far)s)
    WHERE a.reach_m >= %(low_a)s AND a.reach_m < %(top_a)s AND b.reach_m >= %(low_b)s AND b.reach_m < %(top_b)s"""
# of the k rows that the index finds first, the farthest is a bound for the k nearest
_NEAREST = """SELECT DISTINCT b.key FROM {a} a CROSS JOIN LATERAL (
        SELECT max(d) AS far_m FROM (
            SELECT ST_Distance(a.place, n.place) AS d FROM {b} n ORDER BY n.place <-> a.place LIMIT %(k)s) few) bound
    JOIN {b} b ON ST_DWithin(a.place, b.place,
        least(bound.far_m, %(limit)s) * %(wider)s + 2 * (%(more)s + a.slack_m + %(slack)s))"""
_LENGTHS = """SELECT t.id, ST_Length(t.geom::geography) / 1000 FROM {table} t
    WHERE ({condition}) AND ST_Dimension(t.geom) = 1 AND NOT t.id = ANY(%(keys)s)"""


class _Side(NamedTuple):
    """One data argument as a piece of SQL, and the values bound to it."""

    frame: Any
    relation: Any
    values: Mapping[str, Any]


def ask(query: Callable[..., Any], first: Any, second: Any, options: dict[str, Any]) -> Any:
    """The answer of a query, of which one or both frames are stored layers."""
    where = next(s.where for s in (first, second) if isinstance(s, StoredLayer))
    if isinstance(second, StoredLayer) and second.where.label != where.label:
        second = second.frame()  # of another database
    narrow = {"near": _near, "nearest": _nearest, "overlay": _overlay}.get(query.__name__)
    if narrow is None or not _usable(options):  # then the query itself says what is wrong
        return query(_frame(first), _frame(second), **options)
    with connected(where, snapshot=True) as connection:
        a, b = (_side(connection, where, name, side) for name, side in (("a", first), ("b", second)))
        one, two, beyond = narrow(connection, a, b, options)
    out = query(one, two, **options)
    if beyond:
        out.attrs["outside_km"] = {**out.attrs["outside_km"], **beyond}
    return out


def _usable(options: Mapping[str, Any]) -> bool:
    limit, k = options.get("within_m"), options.get("k", 1)
    number = isinstance(limit, int | float | np.number) and 0 <= float(limit) < np.inf
    return (limit is None or number) and isinstance(k, int) and k >= 1


def _near(connection: Any, a: _Side, b: _Side, options: Mapping[str, Any]) -> tuple[Any, Any, None]:
    if "within_m" not in options:
        return _frame(a.frame), _frame(b.frame), None
    keys = _pairs(connection, a, b, float(options["within_m"]))
    return _chosen(connection, a, keys[0]), _chosen(connection, b, keys[1]), None


def _overlay(connection: Any, a: _Side, b: _Side, options: Mapping[str, Any]) -> tuple[Any, Any, dict[str, float]]:
    """All zones, of the other layer what touches one or may lie in one, and the length of lines that do not."""
    keys = _pairs(connection, a, b, 0.0)[1]
    beyond: dict[str, float] = {}
    if isinstance(b.frame, StoredLayer):
        asked = _formatted(_LENGTHS, b.frame)
        beyond = dict(connection.execute(asked, {**b.frame.values, "keys": keys}).fetchall())
    return _chosen(connection, a, None), _chosen(connection, b, keys), beyond


def _nearest(connection: Any, a: _Side, b: _Side, options: Mapping[str, Any]) -> tuple[Any, Any, None]:
    from psycopg import sql

    (slack,) = connection.execute(
        sql.SQL("SELECT coalesce(max(slack_m), 0) FROM {b} b").format(b=b.relation), b.values
    ).fetchone()
    limit = options.get("within_m")
    bounds = {
        "k": options.get("k", 1), "limit": 1e9 if limit is None else float(limit), "wider": WIDER**2, "more": MORE_M,
        "slack": slack,
    }  # fmt: skip
    asked = sql.SQL(_NEAREST).format(a=a.relation, b=b.relation)
    found = connection.execute(asked, {**a.values, **b.values, **bounds})
    return _chosen(connection, a, None), _chosen(connection, b, [row[0] for row in found]), None


def _frame(side: Any) -> Any:
    return side.frame() if isinstance(side, StoredLayer) else side


def _side(connection: Any, where: Target, name: str, side: Any) -> _Side:
    """A stored layer as it stands; a frame of the caller's as a temporary table."""
    from psycopg import sql

    if isinstance(side, StoredLayer):
        named = side.bound(f"{name}_")
        return _Side(side, _formatted(_STORED, named), named.values)
    table = sql.Identifier(f"given_{name}")
    connection.execute(sql.SQL(_MAKE_GIVEN).format(table=table, s=sql.Identifier(where.schema)))
    with connection.cursor().copy(sql.SQL("COPY {} (key, geom, accuracy_m) FROM STDIN").format(table)) as into:
        for row in _runs(side):
            into.write_row(row)
    connection.execute(sql.SQL("CREATE INDEX ON {} USING gist ((geom::geography))").format(table))
    connection.execute(sql.SQL("ANALYZE {}").format(table))
    return _Side(side, sql.SQL(_GIVEN).format(table=table), {})


def _formatted(text: str, layer: StoredLayer) -> Any:
    from psycopg import sql

    table = sql.Identifier(layer.where.schema, "records")
    return sql.SQL(text).format(table=table, condition=sql.SQL(layer.condition))


def _runs(frame: Any) -> Iterator[tuple[str, str, float | None]]:
    """Rows (number, EWKB, accuracy) of a caller's frame; lines in runs that share their ends."""
    shapes = shapely.force_2d(crs.lonlat(frame))
    accuracy = np.zeros(len(shapes))
    if isinstance(frame, pd.DataFrame) and "accuracy_m" in frame:
        accuracy = pd.to_numeric(frame["accuracy_m"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    parts, row = shapely.get_parts(shapes, return_index=True)
    for part, n in zip(parts, row, strict=True):
        radius = None if np.isnan(accuracy[n]) else float(accuracy[n])
        xy = shapely.get_coordinates(part)
        pieces = [part]
        if part.geom_type == "LineString" and len(xy) > RUN:
            pieces = [shapely.LineString(xy[i : i + RUN + 1]) for i in range(0, len(xy) - 1, RUN)]
        for piece in pieces:
            if not piece.is_empty:
                yield str(n), shapely.to_wkb(shapely.set_srid(piece, 4326), hex=True, include_srid=True), radius


def _pairs(connection: Any, a: _Side, b: _Side, limit_m: float) -> tuple[list[str], list[str]]:
    """Keys of rows of `a` and of `b` that are in a pair within the limit, or may be."""
    from psycopg import sql

    connection.execute("CREATE TEMP TABLE hits (a text, b text) ON COMMIT DROP")
    asked = sql.SQL(_PAIRS).format(a=a.relation, b=b.relation)
    classes = [_classes(connection, side) for side in (a, b)]
    for low_a, top_a in classes[0]:
        for low_b, top_b in classes[1]:
            far = (limit_m + top_a + top_b) * WIDER + MORE_M
            bounds = {"far": far, "low_a": low_a, "top_a": top_a, "low_b": low_b, "top_b": top_b}
            connection.execute(asked, {**a.values, **b.values, **bounds})
    blurred = [_one(connection, "SELECT EXISTS (SELECT FROM {r} r WHERE reach_m IS NULL)", s) for s in (a, b)]
    found = []
    for column, side, other_blurred in (("a", a, blurred[1]), ("b", b, blurred[0])):
        keys = sql.SQL("SELECT DISTINCT key FROM {r} r").format(r=side.relation)
        if not other_blurred:  # a row of unknown accuracy may be near all of the others
            hit = sql.SQL("SELECT {} FROM hits UNION ").format(sql.Identifier(column))
            keys = hit + keys + sql.SQL(" WHERE reach_m IS NULL")
        found.append([row[0] for row in connection.execute(keys, side.values)])
    return found[0], found[1]


def _classes(connection: Any, side: _Side) -> list[tuple[float, float]]:
    """The classes of reach (from, below) that a side has rows of."""
    out = []
    for low, top in itertools.pairwise(CLASSES_M):
        if np.isinf(top):
            largest = _one(connection, "SELECT max(reach_m) FROM {r} r", side)
            top = np.nextafter(max(low, largest or 0), np.inf)
        there = "SELECT EXISTS (SELECT FROM {r} r WHERE reach_m >= %(low)s AND reach_m < %(top)s)"
        if _one(connection, there, side, low=low, top=float(top)):
            out.append((low, float(top)))
    return out


def _one(connection: Any, text: str, side: _Side, **values: Any) -> Any:
    from psycopg import sql

    return connection.execute(sql.SQL(text).format(r=side.relation), {**side.values, **values}).fetchone()[0]


def _chosen(connection: Any, side: _Side, keys: list[str] | None) -> Any:
    """The rows of a side that were found (None: all), and those without geometry: an answer lists them."""
    from psycopg import sql

    layer = side.frame
    if not isinstance(layer, StoredLayer):
        return layer
    chosen = sql.SQL("true" if keys is None else "t.geom IS NULL OR t.id = ANY(%(keys)s)")
    condition = sql.SQL("({}) AND ({})").format(sql.SQL(layer.condition), chosen)
    table = sql.Identifier(layer.where.schema, "records")
    frame, _ = rows.select(connection, table, layer.types, condition, {**layer.values, "keys": keys})
    frame.attrs = {"edition": layer.edition}
    return frame
