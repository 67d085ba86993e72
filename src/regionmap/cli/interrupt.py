"""Ctrl-C: one line and exit code 130, whatever it struck."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CODE = 130


@contextmanager
def watched() -> Iterator[list[int]]:
    """Raise KeyboardInterrupt at Ctrl-C as Python does, and remember it in the list that this gives.

    A library that is struck while it is loaded, or that fails at tidying up, raises something else in its place, or
    prints it: from then on nobody but us prints.
    """
    struck: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield struck
        return

    def strike(number: int, _: Any) -> None:
        struck.append(number)
        sys.excepthook, sys.unraisablehook = (lambda *_: None), (lambda _: None)
        raise KeyboardInterrupt

    hooks = sys.excepthook, sys.unraisablehook
    before = signal.signal(signal.SIGINT, strike)
    try:
        yield struck
    finally:
        signal.signal(signal.SIGINT, before)
        sys.excepthook, sys.unraisablehook = hooks


def say(error: BaseException | None) -> int:
    """The one line, after what the work left over was dropped."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__
    exec("pass")  # CPython ends by signal, not by code, if the last exec of a text was struck, as imports have them
    print("regionmap: interrupted; no file is half written", file=sys.stderr)
    return CODE
