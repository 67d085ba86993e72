"""Progress is told to whoever listens, and costs nothing when nobody does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from regionmap.progress import Advance, listening, task, track


class Heard:
    """A listener that writes down what it is told."""

    def __init__(self) -> None:
        self.said: list[tuple[str, object]] = []

    @contextmanager
    def __call__(self, what: str, total: int | None) -> Iterator[Advance]:
        self.said.append((what, total))
        try:
            yield lambda steps=1: self.said.append((what, f"+{steps}"))
        finally:
            self.said.append((what, "end"))


def test_nobody_listens() -> None:
    assert list(track(iter("ab"), "work")) == ["a", "b"]
    with task("work", 2) as advance:
        advance()
        advance(5)


def test_a_listener_hears_every_step_and_the_end() -> None:
    heard = Heard()
    with listening(heard):
        assert list(track("ab", "outer")) == ["a", "b"]
        with task("inner") as advance:
            threads = [threading.Thread(target=advance, args=(3,)) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        with listening(None):
            list(track("ab", "silent"))
    list(track("ab", "later"))
    outer = [("outer", 2), ("outer", "+1"), ("outer", "+1"), ("outer", "end")]
    assert heard.said == [*outer, ("inner", None), ("inner", "+3"), ("inner", "+3"), ("inner", "end")]


def test_a_total_may_be_given_and_a_failure_ends_the_task() -> None:
    heard = Heard()
    with listening(heard), pytest.raises(KeyError):
        for item in track(iter("ab"), "work", total=2):
            raise KeyError(item)
    # the generator ends when it is dropped, which CPython does as the loop is left
    assert heard.said == [("work", 2), ("work", "end")]
