"""A region opened from a database: tables of the folder at once, rows when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from regionmap.errors import NotFoundError
from regionmap.plans.postgis import rows, schema
from regionmap.plans.postgis.connect import Target, connected
from regionmap.plans.postgis.layer import StoredLayer
from regionmap.plans.stored import StoredRegion

_ROWS = ("records", "targets")


@dataclass
class Base:
    """What was read from a database, so that a save writes only what was changed since.

    Attributes
    ----------
    identity : of the region there, whatever its database is called.
    frames, versions : rows as they were read, and the version of each, by layer.
    """

    where: Target
    identity: str
    meta: dict[str, Any]
    frames: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, pd.Series] = field(default_factory=dict)

    def __call__(self, name: str) -> Any:
        """A layer; records and targets are read together, so that they are of one moment."""
        if name not in self.frames:
            with connected(self.where, snapshot=True) as connection:
                if name in _ROWS:
                    self.meta["plans"][:] = plans(connection, self.where.schema)
                    for layer in _ROWS:
                        self.frames[layer], self.versions[layer] = read_rows(
                            connection, self.where.schema, layer, self.meta
                        )
                else:
                    names = list(self.meta["columns"][name])
                    self.frames[name] = rows.outlines(connection, self.where.schema, name, names)
        return self.frames[name]


class PostgisRegion(StoredRegion):
    """A region in a database: all that a `Region` answers, and layers that stay where they are."""

    base: Base

    def stored(
        self,
        kind: str | None = None,
        plan: str | None = None,
        *,
        context: bool = False,
        ids: Iterable[str] | None = None,
    ) -> StoredLayer:
        """What `features` selects, left in the database: `rm.near`, `rm.nearest` and `rm.overlay` take it as it is.

        Parameters
        ----------
        kind, plan, context : as of `features`.
        ids : these records.
        """
        from regionmap.plans.postgis.layer import layer

        return layer(self, kind, plan, context, ids)


def open_url(where: Target) -> PostgisRegion:
    """The region in a database.

    Raises
    ------
    StoreError : no connection. NotFoundError : no region in the schema.
    """
    from psycopg import sql

    with connected(where, snapshot=True) as connection:
        if not schema.present(connection, where.schema):
            raise NotFoundError(f"no region at {where.label}; save one there with region.save(...)")
        s = sql.Identifier(where.schema)
        asked = sql.SQL("SELECT meta, identity::text FROM {}.region").format(s)
        meta, identity = connection.execute(asked).fetchone()
        files = {p: bytes(c) for p, c in connection.execute(sql.SQL("SELECT path, content FROM {}.files").format(s))}
        types = {**meta["columns"], **_types(connection, where, meta)}
        meta = {**meta, "plans": plans(connection, where.schema), "columns": types}
    base = Base(where, identity, meta)
    region = PostgisRegion(meta, files, base, where.label)
    region.base = base
    return region


def read_rows(connection: Any, name: str, layer: str, meta: dict[str, Any]) -> tuple[Any, pd.Series]:
    """All rows of a layer and their versions."""
    from psycopg import sql

    return rows.select(connection, sql.Identifier(name, layer), meta["columns"][layer], sql.SQL("true"), {})


def plans(connection: Any, name: str) -> list[dict[str, Any]]:
    """The plans as `stores.whole` describes them."""
    from psycopg import sql

    fields = [*schema.PLAN_FIELDS, "digest"]
    listed = sql.SQL(", ").join(map(sql.Identifier, fields))
    asked = sql.SQL("SELECT {} FROM {} ORDER BY place").format(listed, sql.Identifier(name, "plans"))
    return [dict(zip(fields, row, strict=True)) for row in connection.execute(asked)]


def _types(connection: Any, where: Target, meta: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The columns that are there now, those too that somebody added."""
    asked = """SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
    words = {v: k for k, v in schema.TYPES.items()} | {
        "integer": "integer",
        "character varying": "text",
        "real": "number",
    }
    found = {}
    for layer in _ROWS:
        known = meta["columns"][layer]
        there = dict(connection.execute(asked, [where.schema, layer]).fetchall())
        added = {c: words[t] for c, t in there.items() if c not in known and c not in schema.OWN and t in words}
        found[layer] = {**known, **added}
    return found
