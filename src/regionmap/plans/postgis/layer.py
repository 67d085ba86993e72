"""Layers that stay in the database: questions go to them, and only the rows that may matter come back.

The database narrows on `geography`, with its index; the distances of an answer are then measured here, by the same
code as everywhere. PostGIS takes edges as great circles of a sphere with geographic latitudes, which lie up to
6.6e-11 / m times the square of their length beside the geodesic, and chooses the nearest place by the
sphere, which may be another one, farther by up to 0.7 % (the flattening, twice): both within `ask.WIDER` and the
column `slack_m` of the table, so that no pair is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas

from regionmap import kinds
from regionmap.errors import InputError, NotFoundError, nearest_names

if TYPE_CHECKING:
    from regionmap.plans.postgis.connect import Target
    from regionmap.plans.postgis.read import PostgisRegion


@dataclass(frozen=True)
class StoredLayer:
    """Some records of a region in a database; a frame only when it is asked for with `frame()`.

    Attributes
    ----------
    where : the database.
    types : the columns of its rows.
    condition : which rows, a piece of SQL about the table `t` with bound `values`.
    edition : of the region when it was opened.
    """

    where: Target
    types: Mapping[str, str]
    condition: str
    values: Mapping[str, Any] = field(default_factory=dict)
    edition: str = ""

    def frame(self) -> geopandas.GeoDataFrame:
        """All its rows, as `region.features` gives them."""
        from psycopg import sql

        from regionmap.plans.postgis import rows
        from regionmap.plans.postgis.connect import connected

        table = sql.Identifier(self.where.schema, "records")
        with connected(self.where, snapshot=True) as connection:
            frame, _ = rows.select(connection, table, self.types, sql.SQL(self.condition), self.values)
        frame.attrs = {"edition": self.edition}
        return frame

    def bound(self, prefix: str) -> StoredLayer:
        """The same with other names of its values, so that two layers fit into one statement."""
        values = {f"{prefix}{k}": v for k, v in self.values.items()}
        return replace(self, condition=self.condition.replace("%(", f"%({prefix}"), values=values)

    def answer(self, query: Callable[..., Any], first: Any, second: Any, options: dict[str, Any]) -> Any:
        """The answer to `query(first, second, **options)`, of which one or both are stored layers."""
        from regionmap.plans.postgis.ask import ask

        return ask(query, first, second, options)


def layer(
    region: PostgisRegion, kind: str | None, plan: str | None, context: bool, ids: Iterable[str] | None
) -> StoredLayer:
    """`PostgisRegion.stored`; see there."""
    conditions: list[str] = ["true"]
    values: dict[str, Any] = {}
    if kind is not None:
        word = kinds.KINDS.resolve(kind)
        if word is None:
            raise InputError(f"unknown kind {kind!r}; allowed are {', '.join(kinds.KINDS)}")
        conditions, values = [*conditions, "t.kind = %(kind)s"], {**values, "kind": word}
    known = [p["id"] for p in region.meta["plans"]]
    if plan is not None:
        if plan not in known:
            near = ", ".join(nearest_names(plan, known) or known)
            raise NotFoundError(f"no plan {plan!r}; nearest: {near}")
        conditions, values = [*conditions, "t.plan = %(plan)s"], {**values, "plan": plan}
    elif not context and ids is None:
        conditions.append("t.plan <> 'context'")
    if ids is not None:
        conditions, values = [*conditions, "t.id = ANY(%(wanted)s)"], {**values, "wanted": [str(i) for i in ids]}
    edition = "; ".join(p["edition"] for p in region.meta["plans"])
    return StoredLayer(region.base.where, region.meta["columns"]["records"], " AND ".join(conditions), values, edition)
