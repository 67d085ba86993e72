"""How much a page may hold; what to do with more."""

from __future__ import annotations

from regionmap.errors import PageError

MOST_FEATURES = 200_000


def check(count: int) -> None:
    """Refuse a page of more features than a browser shows at ease.

    Raises
    ------
    PageError : with what to do instead.
    """
    if count > MOST_FEATURES:
        raise PageError(
            f"{count:,} features are more than one page holds ({MOST_FEATURES:,}): thin them (keep one of those that "
            "lie within some hundred metres of each other), sum them up by hexagons or units (a layer with "
            'show = "units" and count), or leave out what no layer shows (rest = false) and write a page for each part'
        )
