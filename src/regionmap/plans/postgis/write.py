"""A region into a database: made new in one transaction, or only what was changed, row by row, if nobody else did."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from regionmap.errors import Conflict, ConflictError, StoreError
from regionmap.plans import editing
from regionmap.plans.postgis import read, rows, schema
from regionmap.plans.postgis.connect import Target, connected
from regionmap.plans.stores import Saved, columns, sound, whole
from regionmap.progress import task

_ROWS = ("records", "targets")
_PUT_PLAN = """INSERT INTO {} (place, {}) VALUES ({}) ON CONFLICT (id)
    DO UPDATE SET edition = EXCLUDED.edition, digest = EXCLUDED.digest"""
_PUT_EDITION = """INSERT INTO {s}.editions (revision, plan, edition, records, targets) VALUES (%s, %s, %s,
    (SELECT count(*) FROM {s}.records WHERE plan = %s), (SELECT count(*) FROM {s}.targets WHERE plan = %s))"""
_CHANGE = """UPDATE {table} t SET {pairs} FROM edits e WHERE t.id = e.id AND t.version = e.version
    RETURNING t.id, t.version"""
_ADD = """INSERT INTO {table} ({names}) SELECT {names} FROM edits WHERE version = -1
    ON CONFLICT (id) DO NOTHING RETURNING id, version"""
_REMOVE = """DELETE FROM {table} t USING unnest(%s::text[], %s::bigint[]) AS e (id, version)
    WHERE t.id = e.id AND t.version = e.version RETURNING t.id"""
_WHO = "SELECT id, changed_by, to_char(changed_at, 'YYYY-MM-DD HH24:MI:SSOF') FROM {} WHERE id = ANY(%s)"
_STATE = "SELECT count(*), coalesce(max(version), 0), coalesce(sum(version), 0) FROM {}"


def save(region: Any, where: Target, *, replace: bool = False) -> Saved:
    """Write a region to a database.

    A region that was opened from there writes the rows that were changed since; another is written whole where
    there is none yet, or with `replace`.

    Raises
    ------
    ConflictError : rows that somebody else changed meanwhile; nothing is saved.
    StoreError : a region is there that this one was not opened from; no connection.
    """
    parts = whole.whole_of(region)
    sound(parts)
    base = getattr(region, "base", None)
    with task(f"saving to {where.label}"), connected(where) as connection:
        there = schema.present(connection, where.schema)
        if there and not replace:
            identity = _lock(connection, where.schema)
            if base is None or identity != base.identity:
                raise StoreError(
                    f"{where.label} holds a region that this one was not opened from; open it and edit it, "
                    "name another schema, or say replace=True"
                )
            changed, versions = _update(connection, where.schema, base, parts)
        else:
            if there:
                _lock(connection, where.schema)
                schema.drop(connection, where.schema)
            changed = _create(connection, where.schema, parts)
    if base is not None and there and not replace:
        for layer in _ROWS:
            base.frames[layer], base.versions[layer] = parts.frames[layer], versions[layer]
    return Saved(where.label, sum(len(parts.frames[n]) for n in _ROWS), (), changed)


def _lock(connection: Any, name: str) -> str:
    """One save at a time; others wait here. The identity of the region that is there."""
    from psycopg import sql

    asked = sql.SQL("SELECT identity::text FROM {}.region FOR UPDATE").format(sql.Identifier(name))
    return str(connection.execute(asked).fetchone()[0])


def _create(connection: Any, name: str, parts: whole.Whole) -> int:
    from psycopg import sql

    s = sql.Identifier(name)
    schema.create(connection, name, parts.meta["columns"])
    meta = {k: v for k, v in parts.meta.items() if k not in ("plans", "edition")}
    put = sql.SQL("INSERT INTO {}.region (revision, meta) VALUES (0, %s)").format(s)
    connection.execute(put, [json.dumps(meta, ensure_ascii=False)])
    _put_plans(connection, name, parts.meta["plans"])
    with connection.cursor() as cursor:
        put = sql.SQL("INSERT INTO {}.files (path, content) VALUES (%s, %s)").format(s)
        cursor.executemany(put, sorted(parts.files.items()))
    for layer in whole.LAYERS:
        rows.copy(connection, sql.Identifier(name, layer), parts.frames[layer], parts.meta["columns"][layer])
    schema.index(connection, name, "; ".join(parts.meta["notice"]))
    _edition(connection, name, parts.meta["plans"])
    return sum(len(parts.frames[layer]) for layer in _ROWS)


def _put_plans(connection: Any, name: str, plans: list[dict[str, Any]]) -> None:
    from psycopg import sql

    fields = [*schema.PLAN_FIELDS, "digest"]
    listed = sql.SQL(", ").join(map(sql.Identifier, fields))
    held = sql.SQL(", ").join([sql.Placeholder()] * (len(fields) + 1))
    put = sql.SQL(_PUT_PLAN).format(sql.Identifier(name, "plans"), listed, held)
    with connection.cursor() as cursor:
        cursor.executemany(put, [(n, *(plan[f] for f in fields)) for n, plan in enumerate(plans)])


def _edition(connection: Any, name: str, plans: list[dict[str, Any]]) -> None:
    """Write down the editions of this save."""
    from psycopg import sql

    s = sql.Identifier(name)
    (revision,) = connection.execute(
        sql.SQL("UPDATE {}.region SET revision = revision + 1 RETURNING revision").format(s)
    ).fetchone()
    put = sql.SQL(_PUT_EDITION).format(s=s)
    with connection.cursor() as cursor:
        cursor.executemany(put, [(revision, p["id"], p["edition"], p["id"], p["id"]) for p in plans])


def _update(connection: Any, name: str, base: Any, parts: whole.Whole) -> tuple[int, dict[str, pd.Series]]:
    from psycopg import sql

    for layer in _ROWS:  # what a region says of its rows must have been read
        base(layer)
    conflicts: list[Conflict] = []
    versions, count, alone = {}, 0, True
    for layer in _ROWS:
        types = parts.meta["columns"][layer]
        _add_columns(connection, name, layer, types, base.meta["columns"][layer])
        change = _Change(base.frames[layer], parts.frames[layer], types)
        alone = alone and _untouched(connection, name, layer, base.versions[layer])
        lost, now = _apply(connection, sql.Identifier(name, layer), change, base.versions[layer], types)
        conflicts += _told(connection, name, layer, lost, parts.frames[layer], types)
        versions[layer], count = now, count + change.size
    if conflicts:
        raise ConflictError(conflicts)
    if count:
        plans = parts.meta["plans"] if alone else _merged_plans(connection, name, base, parts)
        _put_plans(connection, name, plans)
        meta = {k: v for k, v in parts.meta.items() if k not in ("plans", "edition")}
        put = sql.SQL("UPDATE {}.region SET meta = %s").format(sql.Identifier(name))
        connection.execute(put, [json.dumps(meta, ensure_ascii=False)])
        _edition(connection, name, plans)
    return count, versions


class _Change:
    """Ids that were added, changed and removed since the rows were read."""

    def __init__(self, before: Any, now: Any, types: Mapping[str, str]) -> None:
        kept = before.index.intersection(now.index)
        for column in set(types) - set(before):
            before = before.assign(**{column: columns.cast(before, {column: types[column]})[column]})
        same = rows.marks(now.loc[kept], types).to_numpy() == rows.marks(before.loc[kept], types).to_numpy()
        self.changed = now.loc[kept[~same]]
        self.added = now.loc[now.index.difference(before.index, sort=False)]
        self.removed = list(before.index.difference(now.index))
        self.size = len(self.changed) + len(self.added) + len(self.removed)


def _apply(
    connection: Any, table: Any, change: _Change, versions: pd.Series, types: Mapping[str, str]
) -> tuple[list[str], pd.Series]:
    """Write changes to rows that are still of the version that was read; the ids that are not, and versions now."""
    from psycopg import sql

    names = sql.SQL(", ").join(map(sql.Identifier, [*types, "geom"]))
    connection.execute(sql.SQL("CREATE TEMP TABLE edits (LIKE {}) ON COMMIT DROP").format(table))
    for column in ("position", "changed_at", "changed_by"):
        connection.execute(sql.SQL("ALTER TABLE edits ALTER {} DROP NOT NULL").format(sql.Identifier(column)))
    both = pd.concat([change.changed, change.added])
    known = versions.reindex(both.index).fillna(-1).astype("int64")
    rows.copy(connection, sql.Identifier("edits"), both, types, {"version": known})
    pairs = sql.SQL(", ").join(sql.SQL("{0} = e.{0}").format(sql.Identifier(c)) for c in [*types, "geom"])
    done = connection.execute(sql.SQL(_CHANGE).format(table=table, pairs=pairs)).fetchall()
    done += connection.execute(sql.SQL(_ADD).format(table=table, names=names)).fetchall()
    known_versions = [int(v) for v in versions.reindex(change.removed)]
    gone = connection.execute(sql.SQL(_REMOVE).format(table=table), [change.removed, known_versions]).fetchall()
    connection.execute("DROP TABLE edits")
    lost = sorted({*both.index, *change.removed} - {r[0] for r in done} - {r[0] for r in gone})
    kept = versions.drop(index=both.index.union(change.removed), errors="ignore")
    now = pd.concat([kept, pd.Series(dict(done), dtype="int64")])
    return lost, now


def _told(
    connection: Any, name: str, layer: str, lost: list[str], mine: Any, types: Mapping[str, str]
) -> list[Conflict]:
    """What is there instead, row by row."""
    from psycopg import sql

    if not lost:
        return []
    table = sql.Identifier(name, layer)
    there, _ = rows.select(connection, table, types, sql.SQL("t.id = ANY(%(ids)s)"), {"ids": lost})
    asked = sql.SQL(_WHO).format(table)
    who = {i: (by, at) for i, by, at in connection.execute(asked, [lost])}
    return [
        Conflict(layer, i, _differing(there.loc[[i]], mine.loc[[i]], types) if i in mine.index else (), *who[i])
        if i in who
        else Conflict(layer, i, (), "", "", gone=True)
        for i in lost
    ]


def _differing(one: Any, two: Any, types: Mapping[str, str]) -> tuple[str, ...]:
    found = [c for c, kind in types.items() if not _equal(one, two, c, kind)]
    if one.geometry.to_wkb().iloc[0] != two.geometry.to_wkb().iloc[0]:
        found.append("geometry")
    return tuple(found)


def _equal(one: Any, two: Any, column: str, kind: str) -> bool:
    pair = [columns.cast(f[[column]], {column: kind})[column].iloc[0] for f in (one, two)]
    return all(p is None or p is pd.NA or p != p for p in pair) or bool(np.all(pair[0] == pair[1]))


def _untouched(connection: Any, name: str, layer: str, versions: pd.Series) -> bool:
    """Whether nobody else changed anything since the rows were read (asked before ours are written)."""
    from psycopg import sql

    asked = sql.SQL(_STATE).format(sql.Identifier(name, layer))
    count, top, total = connection.execute(asked).fetchone()
    return (count, top, int(total)) == (len(versions), int(versions.max()) if len(versions) else 0, int(versions.sum()))


def _merged_plans(connection: Any, name: str, base: Any, parts: whole.Whole) -> list[dict[str, Any]]:
    """The plans after others' changes and ours: their editions follow from the rows that are there now."""
    records, targets = (read.read_rows(connection, name, layer, parts.meta)[0] for layer in _ROWS)
    now = columns.plan_digests((p["id"] for p in parts.meta["plans"]), records, targets)
    kept, told = whole.plans_of(parts.meta), {p["id"]: p for p in read.plans(connection, name)}
    # without a digest: whoever opens next derives groups and measures anew
    fresh = {i: {**dataclasses.asdict(editing.edited(kept[i], d)), "digest": ""} for i, d in now.items()}
    return [told[i] if told[i]["digest"] == digest else fresh[i] for i, digest in now.items()]


def _add_columns(connection: Any, name: str, layer: str, types: Mapping[str, str], known: Mapping[str, str]) -> None:
    from psycopg import sql

    for column in set(types) - set(known):
        add = sql.SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}").format(
            sql.Identifier(name, layer), sql.Identifier(column), sql.SQL(schema.TYPES[types[column]])
        )
        connection.execute(add)
