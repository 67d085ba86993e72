"""Answers about time as one table: what is reached, the people, and behind them the assumptions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from regionmap.access.ask import Reach

ANSWER = ("what", "id", "name", "minutes", "certainty", "share_area", "population", "population_year", "source")
ASSUMPTION = ("value", "unit", "basis")
WHAT = ("unit", "town", "feature", "hall", "people", "assumption")


def of_reach(answer: Reach) -> pd.DataFrame:
    """An answer of `reach` as rows: units, towns, features and halls within the minutes, people, assumptions."""
    units = answer.units[answer.units["minutes"] <= answer.minutes]
    features = answer.features[answer.features["certainty"].notna()]
    towns = answer.towns[answer.towns["certainty"].notna()]
    halls = answer.nodes[(answer.nodes["minutes"] <= answer.minutes) & (answer.nodes["name"] != "")]
    parts = [
        _rows("unit", units, ("share_area", "population", "population_year", "source")),
        _rows("town", towns, ("certainty",)),
        _rows("feature", features, ("certainty",)),
        _rows("hall", halls, ()),
    ]
    people = answer.people.rename(columns={"how": "name", "people": "population", "year": "population_year"})
    parts.append(people.assign(what="people"))
    return joined([p for p in parts if len(p)], answer.ledger)


def joined(parts: list[pd.DataFrame], ledger: pd.DataFrame) -> pd.DataFrame:
    """Rows of an answer and behind them the ledger, in one table."""
    assumptions = ledger.rename(columns={"key": "id", "en": "name"}).assign(what="assumption").drop(columns="zh")
    return pd.concat([*(p.astype(object) for p in parts), assumptions.astype(object)], ignore_index=True)


def _rows(what: str, rows: Any, more: tuple[str, ...]) -> pd.DataFrame:
    rows = rows.sort_values(["minutes"], kind="stable")
    out = pd.DataFrame({"what": what, "id": rows.index.astype(str), "name": rows["name"].to_numpy()})
    out["minutes"] = np.round(rows["minutes"].to_numpy(), 1)
    for column in more:
        out[column] = rows[column].to_numpy()
    return out
