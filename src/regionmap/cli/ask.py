"""Verbs that ask spatial questions."""

from __future__ import annotations

from typing import Any

from regionmap import kinds
from regionmap.cli.common import Verbs, answer, kilometres, open_region


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    near = verb("near", _near, "what lies within a distance of a feature", answers=True)
    near.add_argument("name", help="name or id of the corridor or other feature")
    near.add_argument("--km", type=kilometres, required=True, help="distance in kilometres")
    near.add_argument("--kind", help=f"only this kind: {', '.join(kinds.KINDS)}")


def _near(arguments: Any) -> int:
    from regionmap.queries.proximity import near

    region = open_region(arguments)
    target = region.feature(arguments.name)
    rows = near(region.candidates(target.index[0], arguments.kind), target, within_m=arguments.km * 1000)
    columns = (
        "id",
        "name",
        "kind",
        "distance_m",
        "certainty",
        "side",
        "accuracy_m",
        "status",
        "plan",
        "clause",
    )
    return answer(arguments, rows, columns, f"{target['name'].iloc[0]} {arguments.km:g} km")
