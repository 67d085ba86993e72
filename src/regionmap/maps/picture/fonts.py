"""A font that has every character of a picture: found among those installed, never bundled."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from regionmap.errors import PictureError

# the page's order of fonts, then what Linux, macOS and Windows bring along
FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Microsoft YaHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Hiragino Sans GB", "SimHei", "Heiti SC", "STHeiti", "DengXian",
    "Sarasa Gothic SC", "Noto Sans CJK TC", "Noto Sans CJK JP", "Droid Sans Fallback", "Arial Unicode MS",
    "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun", "AR PL UMing CN", "AR PL SungtiL GB",
)  # fmt: skip
SPARE = "DejaVu Sans"  # comes with matplotlib; has the signs that Chinese fonts may lack
_INSTALL = (
    "install Noto Sans CJK: apt-get install fonts-noto-cjk (Debian, Ubuntu), dnf install google-noto-sans-cjk-fonts "
    "(Fedora), brew install font-noto-sans-cjk (macOS), or from https://github.com/notofonts/noto-cjk"
)


@dataclass(frozen=True)
class Fonts:
    """The family a picture is written in."""

    family: tuple[str, ...]

    @cached_property
    def _faces(self) -> dict[bool, Any]:
        from matplotlib.font_manager import FontProperties

        return {bold: FontProperties(family=self.family, weight="bold" if bold else "normal") for bold in (False, True)}

    def face(self, bold: bool) -> Any:
        """Matplotlib's FontProperties."""
        return self._faces[bold]

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """Width of one line of text, in the unit of `size`."""
        return _width(self, text, bold) * size


@lru_cache(maxsize=20_000)
def _width(fonts: Fonts, text: str, bold: bool) -> float:
    from matplotlib.textpath import text_to_path

    face = fonts.face(bold).copy()
    face.set_size(100)
    return float(text_to_path.get_text_width_height_descent(text, face, False)[0]) / 100


def plain(text: str) -> str:
    """Text on one line without what no font draws: control and format characters."""
    return "".join(" " if c in "\n\t\r" else c for c in text if c in "\n\t\r" or unicodedata.category(c)[0] != "C")


def find(texts: Iterable[str], families: Sequence[str] = FAMILIES) -> Fonts:
    """The first of `families` that is installed and, with the spare font, has every character of `texts`.

    Raises
    ------
    PictureError : none has; names the characters and a font to install.
    """
    needed = {ord(c) for text in texts for c in text if not c.isspace()}
    spare = _characters(SPARE)
    best, lacking = "", needed - spare
    if not lacking:
        return Fonts((_first(families), SPARE))
    for family in families:
        missing = needed - spare - _characters(family)
        if not missing:
            return Fonts((family, SPARE))
        if len(missing) < len(lacking):
            best, lacking = family, missing
    some = "".join(map(chr, sorted(lacking)[:12])) + ("..." if len(lacking) > 12 else "")
    who = f"the best font found, {best}, lacks" if best else "no installed font has"
    raise PictureError(f"{who} {len(lacking)} characters of this picture ({some}); {_INSTALL}")


def _first(families: Sequence[str]) -> str:
    return next((f for f in families if _characters(f)), SPARE)


@lru_cache(maxsize=64)
def _characters(family: str) -> frozenset[int]:
    """Code points that an installed family has; none where it is not installed."""
    from matplotlib import font_manager

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    if family not in known:
        return frozenset()
    path = font_manager.findfont(font_manager.FontProperties(family=[family]), fallback_to_default=False)
    return frozenset(font_manager.get_font(path).get_charmap())
