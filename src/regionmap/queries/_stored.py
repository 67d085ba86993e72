"""Questions to layers that stay in a store: the layer narrows down what may matter and asks the query of that."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any


def stored(query: Callable[..., Any]) -> Callable[..., Any]:
    """Let a query of two frames take stored layers: objects with a method `answer(query, first, second, options)`."""

    @wraps(query)
    def ask(*data: Any, **options: Any) -> Any:
        names = ("zones", "other")[len(data) :]  # `overlay` may be called with the names of its frames
        both = (*data, *(options[n] for n in names if n in options))
        layer = next((d for d in both if hasattr(d, "answer")), None)
        if layer is None or len(both) != 2:
            return query(*data, **options)
        return layer.answer(query, *both, {k: v for k, v in options.items() if k not in names})

    return ask
