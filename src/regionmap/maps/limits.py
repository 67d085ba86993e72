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
            f"{count:,} features are more than one page holds ({MOST_FEATURES:,}): sum a layer up in hexagons "
            '(summary = "hex") or by units (show = "units" with count), thin its points (thin = 5000), or leave '
            "out what no layer shows (rest = false) and write a page for each part"
        )
