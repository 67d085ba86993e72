"""The command line: one verb a question, tables for people, `--json` and `--csv` for programs.

Exit codes: 0 done, 1 it found faults, 2 wrong usage, 130 interrupted (Ctrl-C). Each module of this package adds its
verbs.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from regionmap import __version__
from regionmap.cli import ask, check, interrupt, look, make, pictures, place, reach, review, shapes
from regionmap.cli.common import Verbs
from regionmap.cli.progress import telling
from regionmap.errors import RegionmapError

_LOG = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    with interrupt.watched() as struck:
        try:
            arguments = parser().parse_args(argv)
            with telling(quiet=arguments.quiet, verbose=arguments.verbose):
                _LOG.info("regionmap %s, %s", __version__, arguments.verb)
                return int(arguments.run(arguments))
        except (KeyboardInterrupt, Exception) as error:
            if struck or isinstance(error, KeyboardInterrupt):
                return interrupt.say(error)
            if isinstance(error, BrokenPipeError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return 0
            if isinstance(error, RegionmapError | OSError):
                print(f"regionmap: {error}", file=sys.stderr)
                return 1
            raise


def parser() -> argparse.ArgumentParser:
    """The whole parser; loads neither geopandas nor folium."""
    whole = argparse.ArgumentParser(prog="regionmap", description="Regional plans on the map, asked exactly.")
    whole.add_argument("--version", action="version", version=f"regionmap {__version__}")
    verbs = Verbs(whole)
    for module in (make, pictures, look, ask, shapes, reach, check, review, place):
        module.add(verbs)
    return whole
