"""Verbs that draw for paper and for a projector: picture, slides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from regionmap.cli.common import Verbs, open_region, say

SIZES = ("A3", "A4", "16:9")


def add(verb: Verbs) -> None:
    """Add the verbs of this module."""
    picture = verb("picture", _picture, "draw a map recipe as PNG, SVG or PDF, without a browser")
    picture.add_argument("recipe", help="recipe file")
    picture.add_argument("--out", metavar="FILE", help=".png .svg .pdf (default: the recipe's name with .png, here)")
    picture.add_argument("--size", choices=SIZES, default="A3", help="landscape (default: A3)")
    slides = verb("slides", _slides, "write a PPTX: for each recipe its map and its table")
    slides.add_argument("recipe", nargs="+", help="recipe files")
    slides.add_argument("--out", metavar="FILE", default="regionmap.pptx", help="default: ./regionmap.pptx")
    slides.add_argument("--rows", type=int, metavar="N", help="at most N rows a table (default: all)")
    for sub in (picture, slides):
        sub.add_argument("--dpi", type=float, default=200, help="pixels an inch (default: 200)")
        sub.add_argument("--lang", choices=("zh", "en"), help="default: as the recipe says")


def _picture(arguments: Any) -> int:
    from regionmap.maps.picture import picture

    path = arguments.out or f"{Path(arguments.recipe).stem}.png"
    region = open_region(arguments)
    written = picture(region, arguments.recipe, path, size=arguments.size, dpi=arguments.dpi, lang=arguments.lang)
    say(arguments, f"{written}  {arguments.size}  {written.stat().st_size / 1e6:.2f} MB")
    return 0


def _slides(arguments: Any) -> int:
    from regionmap.maps.slides import slides

    region = open_region(arguments)
    written = slides(
        region, arguments.recipe, arguments.out, dpi=arguments.dpi, lang=arguments.lang, rows=arguments.rows
    )
    say(arguments, f"{written}  {len(arguments.recipe)} maps  {written.stat().st_size / 1e6:.2f} MB")
    return 0
