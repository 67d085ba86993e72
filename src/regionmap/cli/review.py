"""Verbs that look the tables over: audit, conflicts."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from regionmap.cli.common import Verbs, answer, open_region, plain

_LISTED = ("no_record", "uncited", "leaves_area")  # notes that come in numbers: one line a plan
_WIDTH = 110


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    audit = verb("audit", _audit, "what the tables hold and what is wrong with them; exits 1 on a contradiction")
    audit.add_argument("--plan", help="only this plan")
    form = "a plan's document, to compare clauses and names (a plain FILE is the document of --plan)"
    audit.add_argument("--text", nargs="+", action="extend", default=[], metavar="PLAN=FILE", help=form)
    audit.add_argument("--json", action="store_true", help="counts, clauses and findings as JSON")
    audit.set_defaults(usage=audit.error)
    verb("conflicts", _conflicts, "where plans say different things about one thing", answers=True)


def _audit(arguments: Any) -> int:
    from regionmap.plans.audit import audit

    region = open_region(arguments)
    found = audit(region, plan=arguments.plan, texts=_texts(arguments, region))
    tables = {"counts": found.counts, "clauses": found.clauses, "findings": found.findings}
    if arguments.json:
        rows = {name: [plain(row) for row in table.to_dict("records")] for name, table in tables.items()}
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print_counts(region, found)
        _print_findings(found)
    return 1 if len(found.contradictions) else 0


def _texts(arguments: argparse.Namespace, region: Any) -> dict[str, str]:
    """The documents named by --text; a plan that the region does not have is wrong usage."""
    from regionmap.plans.clauses import read_text

    texts = {}
    for item in arguments.text:
        plan, _, file = item.rpartition("=")
        plan = plan or arguments.plan or ""
        if plan not in region.plans:
            arguments.usage(f"--text {item}: write PLAN=FILE; the plans are {', '.join(region.plans)}")
        texts[plan] = read_text(Path(file))
    return texts


def _print_counts(region: Any, found: Any) -> None:
    for plan, rows in found.counts.groupby("plan", sort=False):
        kinds = rows[rows["by"] == "kind"]
        targets = int((region.targets["plan"] == plan).sum())
        print(f"{plan}  {region.plans[plan].short}: {kinds['records'].sum()} records, {targets} targets")
        for by, part in rows.groupby("by", sort=False):
            cells = [f"{row.value} {row.records}" + f"+{row.targets}" * bool(row.targets) for row in part.itertuples()]
            _print_wrapped(f"  {by:<10} ", cells, " · ")
        print()


def _print_findings(found: Any) -> None:
    from regionmap.plans.findings import CHECKS, LEVELS

    for (level, check), rows in found.findings.groupby(["level", "check"], sort=False):
        print(f"{level}: {check} ({len(rows)}), {CHECKS[check][1]}")
        if check in _LISTED:
            for plan, part in rows.groupby("plan", sort=False):
                _print_wrapped(f"  {plan}: ", list(part["name"]), ", ")
        else:
            for row in rows.itertuples():
                print("  " + "  ".join(filter(None, (row.id or row.plan, row.name, row.text.replace("\n", " ")))))
        print()
    counts = found.findings["level"].value_counts()
    print(", ".join(f"{counts.get(level, 0)} {level}s" for level in LEVELS))


def _print_wrapped(head: str, words: list[str], between: str) -> None:
    """Words after a head, broken into lines."""
    line = head
    for n, word in enumerate(words):
        if n and len(line) + len(word) > _WIDTH:
            print(line.rstrip())
            line = " " * 4
        line += word + (between if n < len(words) - 1 else "")
    print(line.rstrip())


def _conflicts(arguments: Any) -> int:
    from regionmap.plans.conflicts import COLUMNS, conflicts

    rows = conflicts(open_region(arguments))
    return answer(arguments, rows, COLUMNS, f"{rows['thing'].nunique()} things, values that differ")
