"""Rows between frames and tables: COPY in, SELECT out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from regionmap.plans.postgis.schema import LINKS
from regionmap.plans.stores import columns


def copy(
    connection: Any, table: Any, frame: Any, types: Mapping[str, str], extra: Mapping[str, Any] | None = None
) -> None:
    """Append the rows of a frame.

    Parameters
    ----------
    table : a psycopg Identifier.
    types : the columns to write, as `columns.types_of` gives them.
    extra : more columns, by name.
    """
    from psycopg import sql

    more = dict(extra or {})
    values = [_cells(frame[c], kind, c) for c, kind in types.items()] + [list(v) for v in more.values()]
    shapes = shapely.set_srid(np.asarray(frame.geometry.array, dtype=object), 4326)
    values.append(shapely.to_wkb(shapes, hex=True, include_srid=True).tolist())
    names = sql.SQL(", ").join(map(sql.Identifier, [*types, *more, "geom"]))
    with connection.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(table, names)) as into:
        for row in zip(*values, strict=True):
            into.write_row(row)


def _cells(column: pd.Series, kind: str, name: str) -> list[Any]:
    if kind == "list":
        return list(column)
    cells = column.astype(object).where(column.notna(), None).tolist()
    return [c or None for c in cells] if name in LINKS else cells


def select(connection: Any, table: Any, types: Mapping[str, str], condition: Any, values: Mapping[str, Any]) -> Any:
    """Rows of a layer as a frame of a region, in their order, and the version of each.

    condition : a piece of SQL about the table, called `t`; `values` are bound to it.
    """
    from psycopg import sql

    names = sql.SQL(", ").join(sql.Identifier("t", c) for c in types)
    asked = sql.SQL("SELECT {}, t.version, ST_AsBinary(t.geom) FROM {} t WHERE {} ORDER BY t.position, t.id")
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(asked.format(names, table, condition), values).fetchall()
    parts: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [[] for _ in range(len(types) + 2)]
    data = pd.DataFrame(dict(zip(types, map(list, parts), strict=False)), dtype=object)
    for column in set(LINKS) & set(types):
        data[column] = data[column].fillna("").astype(object)
    frame = columns.frame_of(columns.cast(data, types), shapely.from_wkb(_objects(parts[-1])))
    return frame, pd.Series(parts[-2], index=frame.index, dtype="int64")


def outlines(connection: Any, schema: str, table: str, names: Sequence[str]) -> geopandas.GeoDataFrame:
    """The rows of `units` or `around`."""
    from psycopg import sql

    asked = sql.SQL("SELECT {}, ST_AsBinary(geom) FROM {} ORDER BY position")
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    rows = connection.execute(asked.format(listed, sql.Identifier(schema, table)), binary=True).fetchall()
    shapes = shapely.from_wkb(_objects([r[-1] for r in rows]))
    data = {n: [r[i] for r in rows] for i, n in enumerate(names)}
    return geopandas.GeoDataFrame(data, geometry=geopandas.GeoSeries(shapes, crs=4326))


def _objects(values: Sequence[Any]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = [bytes(v) if v is not None else None for v in values]
    return out


def marks(frame: Any, types: Mapping[str, str]) -> pd.Series:
    """One number a row that changes with anything in it."""
    flat = pd.DataFrame(frame[list(types)]).astype(object)
    for column, kind in types.items():
        if kind == "list":
            flat[column] = ["\x1e".join(v) for v in flat[column]]
        elif kind in ("number", "integer", "truth"):
            flat[column] = frame[column].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        else:
            flat[column] = flat[column].where(flat[column].notna(), "\x00").astype(str)
    shapes = np.asarray(frame.geometry.array, dtype=object)
    flat["geometry"] = [w or "" for w in shapely.to_wkb(shapes, hex=True)]
    return pd.util.hash_pandas_object(flat, index=False)
