"""What all verbs share: their options, the region they ask of, the tables they print."""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regionmap.plans.region import Region


class Verbs:
    """Adds verbs to the parser, each with the options that all have."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def __call__(
        self, name: str, run: Callable[[Any], int], text: str, *, answers: bool = False
    ) -> argparse.ArgumentParser:
        """A verb that `run` carries out; with `answers` it takes `--json` and `--csv`."""
        sub = self._verbs.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        where = "folder with a region.toml (else REGIONMAP_DATA, ./geodata, the shipped region)"
        sub.add_argument("--data", metavar="DIR", help=where)
        told = sub.add_mutually_exclusive_group()
        told.add_argument("-q", "--quiet", action="store_true", help="the answer and its faults, nothing else")
        told.add_argument("-v", "--verbose", action="store_true", help="what is done meanwhile, on stderr")
        if answers:
            form = sub.add_mutually_exclusive_group()
            form.add_argument("--json", action="store_true", help="a JSON list")
            form.add_argument("--csv", action="store_true", help="comma-separated, UTF-8")
        return sub


def kilometres(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e5:
        raise argparse.ArgumentTypeError(f"{text}: kilometres from 0 to 100000")
    return value


def data_folder(arguments: Any) -> Path | None:
    """The data folder that a call means: --data, REGIONMAP_DATA, ./geodata, or None for the shipped one."""
    if arguments.data or os.environ.get("REGIONMAP_DATA"):
        return Path(arguments.data or os.environ["REGIONMAP_DATA"])
    return Path("geodata") if Path("geodata/region.toml").is_file() else None


def say(arguments: Any, text: object) -> None:
    """Print a line about what was done, unless `--quiet`; answers and faults are printed in any case."""
    if not arguments.quiet:
        print(text, flush=True)


def open_region(arguments: Any) -> Region:
    from regionmap.plans import opening

    named = str(arguments.data or os.environ.get("REGIONMAP_DATA") or "")
    return opening.open_region(named if "://" in named else data_folder(arguments))


def plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row as JSON can hold it: missing values as None, numpy numbers as Python's."""
    import pandas as pd

    def value(v: Any) -> Any:
        if isinstance(v, list):
            return v
        if pd.isna(v):
            return None
        return v.item() if hasattr(v, "item") else v

    return {str(k): v if k == "geometry" else value(v) for k, v in row.items()}


def answer(arguments: Any, rows: Any, columns: Sequence[str], subject: str) -> int:
    """Print rows as a table, JSON or CSV."""
    from regionmap.plans.stores import safe_cell

    found = [plain(row) for row in rows[[c for c in columns if c in rows]].to_dict("records")]
    for row in found:
        row.update({k: round(v, _digits(k)) for k, v in row.items() if isinstance(v, float)})
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    elif arguments.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([safe_cell(row.get(c)) for c in columns] for row in found)
    else:
        _table(found, columns)
        print(f"{subject}: {len(found)}".lstrip(": "))
    return 0


def _digits(column: str) -> int:
    """Decimals for programs: metres to the millimetre; shares, areas and sums so that they still add up."""
    return 12 if column in ("lon", "lat") or any(part in column for part in ("share", "km2", "cny")) else 3


def _table(rows: Sequence[Mapping[str, Any]], columns: Iterable[str]) -> None:
    told = [c for c in columns if not rows or any(row.get(c) not in (None, "") for row in rows)]
    grid = [told, *([_cell(c, row.get(c)) for c in told] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*grid, strict=True)]
    for line in grid:
        print("  ".join(t + " " * (w - _width(t)) for t, w in zip(line, widths, strict=True)).rstrip())


def _cell(column: str, value: Any) -> str:
    if isinstance(value, float):
        if column.endswith("year"):
            return f"{value:.0f}"
        if column in ("lon", "lat"):
            return f"{value:.5f}"
        return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.2g}"
    return "" if value is None else str(value).replace("\n", " ")


def _width(text: str) -> int:
    """Columns on a terminal; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
