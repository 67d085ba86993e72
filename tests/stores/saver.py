"""Saves a region again and again, each time in a process of its own that is killed; run by test_kills.py.

One process loads two regions and forks for every save, so that a kill costs no new start. Reads lines
`PATH SECONDS`: save the second region there, kill -9 after so many seconds. Answers `killed` or `saved`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import regionmap as rm


def main(old: str, new: str) -> None:
    regions = [rm.open(Path(old)), rm.open(Path(new))]
    for region in regions:
        region.records, region.targets, region.gazetteer  # noqa: B018 - read before the fork
    for line in sys.stdin:
        number, path, seconds = line.split("\t")
        child = os.fork()
        if not child:
            try:
                regions[int(number)].save(path)
                os._exit(0)
            finally:
                os._exit(1)
        if float(seconds) < 0:
            _, status = os.waitpid(child, 0)
        else:
            time.sleep(float(seconds))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else f"saved {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
