"""How far long work has come: code that works tells, whoever shows it listens; without a listener nothing happens.

Used as ``for row in track(rows, "reading"):`` or ``with task("writing", len(parts)) as advance: ... advance()``.
The command line listens with a bar on the terminal (cli/progress.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TypeVar

Advance = Callable[..., None]
"""Called with the number of steps done since the last call; without an argument it means one."""
Listener = Callable[[str, int | None], AbstractContextManager[Advance]]
"""Given what is done and of how many steps (None: nobody knows), what to enter and leave around it."""

Item = TypeVar("Item")
_listener: ContextVar[Listener | None] = ContextVar("regionmap_progress", default=None)


@contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Tell `listener` of all tasks that begin inside, in this thread; None for silence."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def task(what: str, total: int | None = None) -> AbstractContextManager[Advance]:
    """A piece of work: ``with task("writing", 3) as advance``; `advance` may be called from any thread."""
    listener = _listener.get()
    return nullcontext(_nothing) if listener is None else listener(what, total)


def track(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """The items one by one, telling the listener after each; `total` where `items` has no length."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    with task(what, total) as advance:
        for item in items:
            yield item
            advance()


def _nothing(steps: int = 1) -> None:
    """What `advance` is when nobody listens."""
