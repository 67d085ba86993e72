"""What a verb tells beside its answer: a bar for what lasts longer than a second, and the log; both on stderr."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from regionmap import progress

_LOGGER = logging.getLogger("regionmap")
_PAUSE_S = 0.1  # a bar that is told more often only costs time


@contextmanager
def telling(*, quiet: bool = False, verbose: bool = False) -> Iterator[None]:
    """Listen to the tasks and show the log while a verb runs.

    Parameters
    ----------
    quiet : no bars, and of the log only errors.
    verbose : the whole log; without it warnings.
    """
    handler, before = _Stderr(), _LOGGER.level
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.ERROR if quiet else logging.DEBUG if verbose else logging.WARNING)
    seen = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    bars = None if quiet or not seen else Bars()
    try:
        with progress.listening(bars):
            yield
    finally:
        if bars is not None:
            bars.close()
        _LOGGER.removeHandler(handler)
        _LOGGER.setLevel(before)


class _Stderr(logging.StreamHandler):
    """Writes to what sys.stderr is at the time: bars on the terminal put their own in its place."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


@dataclass(eq=False)
class _Task:
    what: str
    total: int | None
    done: int = 0
    row: Any = None  # its number among the bars, once they are shown
    told: float = 0.0  # when its bar was told last


class Bars:
    """A `progress.Listener`: what lasts longer than `wait_s` gets a bar, and from then on every part of it.

    Rich is loaded when the first bar is due, so what is over at once pays nothing.
    """

    def __init__(self, wait_s: float = 1.0) -> None:
        self._wait_s, self._lock = wait_s, threading.RLock()
        self._tasks: list[_Task] = []
        self._shown: Any = None  # rich's Progress while bars are on the terminal
        self._timer = threading.Timer(0, self._show)

    @contextmanager
    def __call__(self, what: str, total: int | None) -> Iterator[progress.Advance]:
        task = _Task(what, total)
        with self._lock:
            self._tasks.append(task)
            if self._shown is not None:
                self._add(task)
            elif len(self._tasks) == 1:
                self._timer = threading.Timer(self._wait_s, self._show)
                self._timer.daemon = True
                self._timer.start()
        try:
            yield lambda steps=1: self._advance(task, steps)
        finally:
            with self._lock:
                self._tasks.remove(task)
                if task.row is not None:
                    self._shown.remove_task(task.row)
                if not self._tasks:
                    self.close()

    def _advance(self, task: _Task, steps: int) -> None:
        with self._lock:
            task.done += steps
            now = time.monotonic()
            if task.row is not None and now - task.told > _PAUSE_S:
                task.told = now
                self._shown.update(task.row, completed=task.done)

    def _show(self) -> None:
        import rich.progress as rich
        from rich.console import Console

        with self._lock:
            if not self._tasks:  # all was over while rich was loaded
                return
            parts = (rich.TextColumn("{task.description}", markup=False), rich.BarColumn(), rich.MofNCompleteColumn(),
                     rich.TimeElapsedColumn())  # fmt: skip
            # what is printed meanwhile goes above the bars, but not if it was sent to a file
            screen = Console(stderr=True)
            self._shown = rich.Progress(*parts, console=screen, transient=True, redirect_stdout=sys.stdout.isatty())
            self._shown.start()
            for task in self._tasks:
                self._add(task)

    def _add(self, task: _Task) -> None:
        task.row = self._shown.add_task(task.what, total=task.total, completed=task.done)

    def close(self) -> None:
        """Take the bars off the terminal."""
        with self._lock:
            self._timer.cancel()
            if self._shown is not None:
                self._shown.stop()
                self._shown = None
