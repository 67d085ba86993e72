"""The palette: readable in the light and in the dark, and roles that both themes know."""

from __future__ import annotations

import re
from typing import Any

import pytest

from regionmap.maps import style

STYLE = style.payload()
THEMES = {
    "light": ({k: v["colour"] for k, v in STYLE["families"].items()}, STYLE["each"], STYLE["ramps"], STYLE["paper"]),
    "dark": tuple(STYLE["dark"][k] for k in ("families", "each", "ramps", "paper")),
}


def luminance(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, two: str) -> float:
    a, b = sorted((luminance(one), luminance(two)))
    return (b + 0.05) / (a + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_names_and_lines_stand_out_from_the_paper(theme: str) -> None:
    """Names are text (4.5), zones' outlines and the accent are shapes (3); names stand on a halo of the paper."""
    families, each, _, paper = THEMES[theme]
    for colour in (*families.values(), paper["ink"], paper["quiet"]):
        for ground in (paper["own"], paper["face"]):
            assert contrast(colour, ground) >= 4.5, (theme, colour, ground)
    for colour in (*each, paper["accent"]):
        assert contrast(colour, paper["own"]) >= 3, (theme, colour)


@pytest.mark.parametrize("theme", THEMES)
def test_classes_keep_their_order_in_grey(theme: str) -> None:
    for ramp in THEMES[theme][2]:
        grey = [luminance(c) for c in ramp]
        assert grey == sorted(grey, reverse=theme == "light")
        assert all(abs(a - b) > 0.02 for a, b in zip(grey, grey[1:], strict=False))


def test_both_themes_know_the_same_roles() -> None:
    light, dark = THEMES["light"], THEMES["dark"]
    assert light[0].keys() == dark[0].keys() and light[3].keys() == dark[3].keys()
    assert [len(r) for r in light[2]] == [len(r) for r in dark[2]] and len(light[1]) == len(dark[1])
    texts: list[Any] = [*light[3].values(), *dark[3].values()]
    assert all(re.fullmatch(r"#[0-9a-f]{6}|rgba\([\d,. ]+\)", t) for t in texts)
