"""What a region's tables hold, what is wrong with them, and what a document has that they do not.

>>> from regionmap.plans.audit import audit
>>> found = audit(region, texts={"my-plan": Path("plan.txt").read_text("utf-8")})  # doctest: +SKIP
>>> found.contradictions  # doctest: +SKIP
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from regionmap.errors import NotFoundError, TableError, nearest_names
from regionmap.places.gazetteer import Entry, fold
from regionmap.plans import checks, clauses
from regionmap.plans.findings import CHECKS, LEVELS, Finding, Subject, finding
from regionmap.plans.region import Region

COUNT_COLUMNS = ("plan", "by", "value", "records", "targets")
CLAUSE_COLUMNS = ("plan", "clause", "title", "line", "records", "targets")
_SHORTEST_NAME = 2


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    counts : plan, by (`clause`, `kind` or `precision`), value, records, targets; one row a value that occurs.
        A record that cites two clauses counts for both. Clauses come in the document's order.
    clauses : plan, clause, title, line, records, targets; one row a numbered clause of each text given.
    findings : level (`contradiction`, `check`, `note`), check, plan, id, name, text; the worst first.
    """

    counts: pd.DataFrame
    clauses: pd.DataFrame
    findings: pd.DataFrame

    @property
    def contradictions(self) -> pd.DataFrame:
        """The findings that can't be right whatever was meant."""
        return self.findings[self.findings["level"] == LEVELS[0]]


def audit(region: Region, *, plan: str | None = None, texts: Mapping[str, str] | None = None) -> Audit:
    """Look a region over.

    Parameters
    ----------
    plan : only this plan; None for all, `context` too.
    texts : a plan's document as text, by plan id. Its clauses and names are compared with the records.

    Returns
    -------
    Audit : tables whose faults keep the region from loading give these faults as findings, and nothing else.

    Raises
    ------
    NotFoundError : no such plan.
    """
    texts = texts or {}
    for word in [*([plan] if plan is not None else []), *texts]:
        if word not in region.plans:
            near = ", ".join(nearest_names(word, region.plans)) or ", ".join(region.plans)
            raise NotFoundError(f"no plan {word!r}; nearest: {near}")
    of = Subject(region, (plan,) if plan is not None else tuple(region.plans), plan is None)
    try:
        found = [one for check in checks.ALL for one in check(of)]
    except TableError as error:
        return Audit(_table([], COUNT_COLUMNS), _table([], CLAUSE_COLUMNS), _findings(checks.of_tables(error.faults)))
    compared = []
    for name, text in texts.items():
        if name in of.plans:
            rows = _compared(region, name, clauses.headings(text))
            compared += rows
            found += [*_clause_findings(region, name, rows), *_uncited(of, name, text)]
    return Audit(_table(_counts(of), COUNT_COLUMNS), _table(compared, CLAUSE_COLUMNS), _findings(found))


def _table(rows: Iterable[Any], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))


def _findings(found: Iterable[Finding]) -> pd.DataFrame:
    ranks = {check: rank for rank, check in enumerate(CHECKS)}
    worst_first = sorted(found, key=lambda f: (LEVELS.index(f.level), ranks[f.check]))
    return _table(worst_first, Finding._fields)


def _cited(rows: Any) -> Counter[str]:
    return Counter(clause for text in rows["clause"] for clause in _split(text))


def _split(text: str) -> list[str]:
    """The clauses of a cell, each once."""
    return list(dict.fromkeys(fold(part.strip()) for part in text.split(";") if part.strip()))


def _counts(of: Subject) -> Iterator[tuple[str, str, str, int, int]]:
    targets = of.region.targets
    for plan in of.plans:
        rows, goals = of.rows[of.rows["plan"] == plan], targets[targets["plan"] == plan]
        cited, aimed = _cited(rows), _cited(goals)
        for clause in sorted({*cited, *aimed}, key=lambda c: (clauses.order(c), c)):
            yield plan, "clause", clause, cited[clause], aimed[clause]
        for column in ("kind", "precision"):
            for value, count in rows[column].value_counts().items():
                yield plan, column, value, int(count), 0


def _compared(region: Region, plan: str, found: tuple[clauses.Clause, ...]) -> list[tuple[Any, ...]]:
    cited, aimed = (_cited(t[t["plan"] == plan]) for t in (region.records, region.targets))
    return [(plan, c.number, c.title, c.line, cited[c.number], aimed[c.number]) for c in found]


def _clause_findings(region: Region, plan: str, rows: list[tuple[Any, ...]]) -> Iterator[Finding]:
    known = tuple(clauses.Clause(row[1], row[2], row[3]) for row in rows)
    cited = {row[1] for row in rows if row[4] or row[5]}
    for clause in clauses.leaves(known):
        if clause.number not in cited:
            yield finding("no_record", plan, "", clause.number, f"line {clause.line}: {clause.title}")
    numbers = {clause.number for clause in known}
    for table in (region.records, region.targets):
        mine = table[table["plan"] == plan]
        for record, name, text in zip(mine.index, mine.get("name", mine.get("indicator")), mine["clause"], strict=True):
            for wrong in [c for c in _split(text) if c not in numbers]:
                yield finding("unknown_clause", plan, record, name, f"the text has no clause {wrong}")


def _uncited(of: Subject, plan: str, text: str) -> Iterator[Finding]:
    """Names of the gazetteer in the text, longest first, that no record of the plan has in name, alias or where.

    A name inside the name of a record is that record's, and no find. Names of two characters that only the
    GeoNames extract knows are left out: they are common words.
    """
    names, rows = of.region.gazetteer, of.region.records[of.region.records["plan"] == plan]
    targets = of.region.targets[of.region.targets["plan"] == plan]
    own = [fold(n) for record in zip(rows["name"], rows["aliases"], strict=True) for n in (record[0], *record[1])]
    cited = "\n".join([*own, *map(fold, rows["where"]), *map(fold, targets["region"])])
    used = {id(entry) for record in rows.index for entry in of.names[record]}
    area = of.areas[plan]
    counts: Counter[str] = Counter(_words(fold(text), names, own))
    for word, count in counts.items():
        found = [e for e in names.find(word, area=area.unit if area else "") if e.tier != "geonames" or len(word) > 2]
        if not found or word in cited or any(id(e) in used or _is_cited(e, cited) for e in found):
            continue
        what = ", ".join(f"{names.label(e)} ({e.kind})" for e in found)
        yield finding("uncited", plan, "", word, f"{count} times in the text: {what}")


def _is_cited(entry: Entry, cited: str) -> bool:
    return any(len(n) >= _SHORTEST_NAME and fold(n) in cited for n in (entry.name, *entry.aliases))


def _words(text: str, names: Any, own: Sequence[str]) -> Iterator[str]:
    """Names in a text from left to right, the longest at each place; names of records cover what they hold."""
    starts: dict[str, list[str]] = {}
    for name in sorted({n for n in own if n}, key=len, reverse=True):
        starts.setdefault(name[0], []).append(name)
    at = 0
    while at < len(text):
        word = names.match(text, at) or ""
        mine = next((n for n in starts.get(text[at], ()) if text.startswith(n, at)), "")
        if len(word) >= max(len(mine), _SHORTEST_NAME) and not word.isascii() and word != mine:
            yield word
        at += max(len(word), len(mine), 1)
