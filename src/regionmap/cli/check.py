"""Verbs for tables from elsewhere and regions of one's own: check, new."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regionmap.cli.common import Verbs, _table, data_folder, open_region, say
from regionmap.errors import CRSError, InputError
from regionmap.progress import track

if TYPE_CHECKING:
    from regionmap.plans.reading import Examined, Report
    from regionmap.plans.reading.chinese import Say

_SHOWN = 30  # findings of one kind that a terminal shows; --json has all


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    check = verb("check", _check, "read tables as they come, say what was repaired and what was refused")
    check.add_argument("file", nargs="+", help="CSV, Excel, shapefile, GeoPackage, GeoJSON, KML, .gdb, .dxf ...")
    check.add_argument("--json", action="store_true", help="a JSON list of reports, one a table")
    check.add_argument("--crs", help="what the coordinates are in: EPSG:4549, gcj02, bd09 ... (overrules the file)")
    text = "of Xian 80 or Beijing 54, from your survey office: 3 or 7 numbers (m, seconds, ppm), --parameters=-24,1,.."
    check.add_argument("--parameters", metavar="DX,DY,DZ,..", type=_numbers, help=text)
    text = "take Xian 80 or Beijing 54 as it is, within so many metres (150 or more)"
    check.add_argument("--accuracy", metavar="M", type=float, help=text)
    check.add_argument("--mapping", metavar="FILE", help="a TOML file that names columns and words (docs/tables.md)")
    check.add_argument("--layer", help="only this sheet or layer")
    text = "an Excel copy, repaired cells yellow, refused cells red, with comments"
    check.add_argument("--fixed", metavar="OUT.xlsx", type=_workbook, help=text)
    text = "language of the report and the copy: en or zh (--json stays English, for programs)"
    check.add_argument("--lang", choices=("en", "zh"), default="en", help=text)
    new = verb("new", _new, "a folder with a region of one's own and a template workbook")
    new.add_argument("folder")
    new.add_argument("--unit", metavar="CODE", help="6-digit code of a Chinese province, city or county (else made up)")
    new.add_argument("--title", help="title of the region (else the unit's name)")


def _workbook(text: str) -> Path:
    if not text.lower().endswith(".xlsx"):
        raise argparse.ArgumentTypeError(f"{text}: the copy is an Excel workbook, its name ends in .xlsx")
    return Path(text)


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: numbers with commas between them") from None


def _check(arguments: Any) -> int:
    from regionmap.plans.reading import examine
    from regionmap.plans.reading.chinese import LANGUAGES

    tell = LANGUAGES[arguments.lang]
    if arguments.fixed and arguments.fixed.resolve() in [Path(name).resolve() for name in arguments.file]:
        print(
            f"regionmap check: {arguments.fixed} is one of the tables; the copy needs a name of its own",
            file=sys.stderr,
        )
        return 2
    region = (lambda: open_region(arguments)) if data_folder(arguments) is not None else None
    found: list[tuple[Path, Examined]] = []
    try:
        for name in track(arguments.file, "checking tables"):
            tables = examine(
                name,
                crs=arguments.crs,
                mapping=arguments.mapping,
                layer=arguments.layer,
                region=region,
                parameters=arguments.parameters,
                accuracy_m=arguments.accuracy,
            )
            found += [(Path(name), one) for one in tables]
    except (InputError, CRSError, FileNotFoundError) as error:  # of --crs, --mapping, --layer: not of the tables
        print(f"regionmap check: {error}", file=sys.stderr)
        return 2
    reports = [one.report for _, one in found]
    if arguments.json:
        print(json.dumps([r.to_dict() for r in reports], ensure_ascii=False, indent=1))
    else:
        for report in reports:
            _print(report, tell)
    if arguments.fixed:
        from regionmap.plans.reading.book import write

        write(found, arguments.fixed, tell=tell)
        if not arguments.json:
            say(arguments, tell(f"marked copy: {arguments.fixed}"))
    return 0 if all(r.ok for r in reports) else 1


def _print(report: Report, tell: Say) -> None:
    head = f"{report.file}" + (f" [{report.table}]" if report.table else "")
    how = [report.format, report.encoding]
    if report.header_row:
        first, last = report.header_row
        how.append(tell(f"header in row {first}" + (f" to {last}" if last > first else "")))
    how.append(tell(f"CRS {report.crs}") if report.crs else "")
    print(f"{head}: {', '.join(h for h in how if h)}")
    counted = f"rows in {report.rows_in} = tied {report.rows_tied} + reported {report.rows_reported}"
    print(f"  {tell(counted)}")
    known = ", ".join(f"{h} = {c}" for h, c in report.columns.items() if c)
    kept = ", ".join(h for h, c in report.columns.items() if not c)
    for label, text in (("columns", known), ("kept as they are", kept)):
        if text:
            print(f"  {tell(label)}: {text}")
    for column, words in report.words.items():
        print(f"  {tell(f'read in {column}')}: " + ", ".join(f"{w} = {to} ({n})" for w, (to, n) in words.items()))
    for note in report.notes:
        print(f"  {tell('note')}: {tell(note)}")
    refused = [
        (r.row, r.column, r.value, tell(r.why), tell(r.allowed), ", ".join(r.suggestions)) for r in report.refused
    ]
    _section("refused", ("row", "column", "value", "why", "allowed", "did you mean"), refused, tell)
    repaired = [(r.row, r.column, r.old, r.new, tell(r.why)) for r in report.repaired]
    _section("repaired", ("row", "column", "old", "new", "why"), repaired, tell)
    nowhere = [(row, tell(why)) for row, why in sorted(report.reported.items())]
    _section("not on the map", ("row", "why"), nowhere, tell)
    print()


def _section(title: str, columns: Sequence[str], found: Sequence[Sequence[Any]], tell: Say) -> None:
    if not found:
        return
    print(f"\n{tell(title)}: {len(found)}")
    columns = [tell(c) for c in columns]
    cut = [{c: _short(v) for c, v in zip(columns, row, strict=True)} for row in found[:_SHOWN]]
    _table(cut, [c for c in columns if any(row[c] for row in cut)])
    if len(found) > _SHOWN:
        print(tell(f"... and {len(found) - _SHOWN} more (--json lists all)"))


def _short(value: Any) -> Any:
    text = "" if value is None else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _new(arguments: Any) -> int:
    from regionmap.plans.reading.template import create

    folder = Path(arguments.folder)
    made = create(folder, unit=arguments.unit, title=arguments.title)
    for path in made:
        say(arguments, path)
    say(arguments, f"fill in {made[0]}, then: cd {folder} && regionmap build")
    return 0
