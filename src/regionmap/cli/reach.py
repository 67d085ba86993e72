"""Verbs that ask how long it takes: reach, route, compare-reach, channels, timetable."""

from __future__ import annotations

import argparse
from typing import Any

from regionmap.cli.common import Verbs, answer, open_region

_MODES = ("rail", "road")
_LEGS = ("what", "mode", "line", "from", "to", "minutes", "km", "id", "name", "value", "unit", "basis", "source")
_CHANGES = (
    "what", "id", "name", "minutes_before", "minutes_after", "gain_min", "newly", "lost", "holds", "value", "unit",
    "basis", "source",
)  # fmt: skip
_CHANNEL = ("what", "channel", "leg", "mode", "from", "to", "km", "days", "gauge_mm", "en", "basis", "source")
_BESIDE = (
    "what", "channel", "from", "to", "days", "km", "borders", "gauge_changes", "ports", "days_rail", "days_border",
    "days_port", "days_loading", "days_unloading", "id", "name", "value", "unit", "basis", "source",
)  # fmt: skip


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    one = verb("reach", _reach, "where one gets within some minutes, on which assumptions", answers=True)
    one.add_argument("origin", help="a station, place, record or any location expression")
    one.add_argument("--minutes", type=float, required=True)
    one.add_argument("--what", help="only these rows: unit, town, feature, hall, people, assumption")
    one.add_argument("--by", type=float, metavar="PERCENT", help="say what holds at speeds so much lower and higher")
    _network(one)

    two = verb("route", _route, "the quickest way from one place to another, leg by leg", answers=True)
    two.add_argument("a")
    two.add_argument("b")
    _network(two)

    three = verb("compare-reach", _compare, "what lines would change for those within some minutes", answers=True)
    three.add_argument("origin")
    three.add_argument("--with", dest="with_", action="append", default=[], metavar="LINE", help="a line that is added")
    three.add_argument("--minutes", type=float, default=60.0)
    three.add_argument(
        "--by", type=float, default=20.0, metavar="PERCENT", help="speeds lower and higher (20); 0: none"
    )
    _network(three)

    four = verb("channels", _channels, "international channels side by side, or leg by leg", answers=True)
    four.add_argument("names", nargs="*", metavar="NAME")
    four.add_argument("--legs", action="store_true")
    _assume(four)

    five = verb("timetable", _timetable, "published train times against the network's", answers=True)
    _assume(five)


def _assume(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--assume", action="append", default=[], type=_pair, metavar="KEY=VALUE")


def _network(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--scenario", action="append", metavar="S", help="existing, planned, proposed, or lines by name")
    verb.add_argument("--without", action="append", default=[], metavar="LINE", help="a line that is taken away")
    verb.add_argument("--modes", nargs="+", choices=_MODES, default=list(_MODES))
    verb.add_argument(
        "--lines", action="append", metavar="FILE", help="lines of your own: OpenStreetMap, shapefile, ..."
    )
    _assume(verb)


def _pair(text: str) -> tuple[str, float]:
    key, sign, value = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"{text}: write KEY=VALUE")
    return key.strip(), float(value)


def _options(arguments: Any) -> dict[str, Any]:
    found = arguments.scenario or ["existing"]
    return {
        "scenario": found[0] if len(found) == 1 else found, "modes": arguments.modes,
        "assume": dict(arguments.assume), "lines": arguments.lines,
    }  # fmt: skip


def _reach(arguments: Any) -> int:
    import regionmap as rm
    from regionmap.access import tables

    region = open_region(arguments)
    options = {"minutes": arguments.minutes, "without": arguments.without, **_options(arguments)}
    found = rm.reach(region, arguments.origin, **options)
    rows = tables.of_reach(found)
    columns: tuple[str, ...] = (*tables.ANSWER[:-1], *tables.ASSUMPTION, "source")
    if arguments.by:
        held = rm.sensitivity(region, arguments.origin, by=arguments.by / 100, **options)
        rows = rows.merge(held[["what", "id", "minutes_slow", "minutes_fast", "holds"]], on=["what", "id"], how="left")
        columns = (*columns[:4], "minutes_slow", "minutes_fast", "holds", *columns[4:])
    if arguments.what:
        rows = rows[rows["what"] == arguments.what]
    return answer(arguments, rows, columns, f"{found.origin} {arguments.minutes:g} min")


def _route(arguments: Any) -> int:
    import regionmap as rm
    from regionmap.access import tables

    found = rm.route(open_region(arguments), arguments.a, arguments.b, without=arguments.without, **_options(arguments))
    rows = tables.joined([found.drop(columns="geometry").assign(what="leg")], found.attrs["ledger"])
    subject = f"{found.attrs['minutes']:.0f} min, {found.attrs['km']:.0f} km"
    return answer(arguments, rows, _LEGS, subject)


def _compare(arguments: Any) -> int:
    import regionmap as rm
    from regionmap.access import tables

    found = rm.compare_reach(
        open_region(arguments), arguments.origin, with_=arguments.with_, without=arguments.without,
        minutes=arguments.minutes, vary=arguments.by / 100, **_options(arguments),
    )  # fmt: skip
    rows = tables.joined([found.drop(columns="geometry")], found.attrs["ledger"])
    return answer(arguments, rows, _CHANGES, f"{arguments.origin} {arguments.minutes:g} min")


def _channels(arguments: Any) -> int:
    import regionmap as rm
    from regionmap.access import tables

    found = rm.channels(open_region(arguments), arguments.names, assume=dict(arguments.assume))
    if arguments.legs:
        return answer(arguments, found.drop(columns="geometry").assign(what="leg"), _CHANNEL, "")
    rows = tables.joined([found.attrs["side_by_side"].assign(what="channel")], found.attrs["ledger"])
    return answer(arguments, rows, _BESIDE, "")


def _timetable(arguments: Any) -> int:
    from regionmap.access.timetable import COLUMNS, timetable_check

    rows = timetable_check(open_region(arguments), assume=dict(arguments.assume))
    median = rows["error_percent"].abs().median()
    columns = ("from", "to", "minutes", "model_minutes", "error_minutes", "error_percent", *COLUMNS[3:])
    return answer(arguments, rows, columns, f"median error {median:.0f} %")
