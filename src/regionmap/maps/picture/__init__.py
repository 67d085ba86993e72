"""Pictures of a recipe without a browser: PNG, SVG and PDF through matplotlib, in the page's classes and colours."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from regionmap.errors import InputError, MissingExtraError, PictureError, nearest_names
from regionmap.plans.region import Region

ENDINGS = (".png", ".svg", ".pdf")


def picture(
    region: Region, recipe: Any, path: str | Path, *, size: str = "A3", dpi: float = 200, lang: str | None = None
) -> Path:
    """Draw a map recipe as one picture with title, legend, scale and sources; the same bytes from the same input.

    Parameters
    ----------
    recipe : path of a TOML file, or its content as a dict.
    path : the ending decides: `.png`, `.svg` (texts as outlines, alike on every computer) or `.pdf` (texts can be
        searched).
    size : `A3`, `A4` (landscape) or `16:9` (of a slide).
    dpi : pixels an inch of a PNG.
    lang : `zh` or `en`; None as the recipe says.

    Returns
    -------
    Path : the file, written whole or not at all.

    Raises
    ------
    MissingExtraError : matplotlib is not installed (extra `picture`).
    InputError : an ending, size, dpi or language that is none of these.
    PictureError : no installed font has all characters; names one to install.
    RecipeError : the recipe's faults, all at once.
    """
    from regionmap.maps.picture import scene, sheet
    from regionmap.maps.recipe import read
    from regionmap.plans.stores import replacing

    need()
    path = Path(path)
    ending = _one_of("ending", path.suffix.lower(), ENDINGS)
    _one_of("size", size, [s for s in sheet.SIZES if s != "slide"])
    if lang is not None:
        _one_of("lang", lang, ("zh", "en"))
    if not 20 <= dpi <= 1200:
        raise InputError(f"dpi {dpi:g}: from 20 to 1200")
    data = draw(scene.build(region, read(recipe, region), lang), ending[1:], size, dpi)
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return path


def draw(scene: Any, form: str, size: str, dpi: float, *, bare: bool = False) -> bytes:
    """The file of a scene, as `form` (png, svg or pdf)."""
    from regionmap.maps.picture import sheet

    with _settings():
        return save(sheet.compose(scene, sheet.SIZES[size], bare=bare).figure, scene.recipe.title, form, dpi)


def save(figure: Any, title: str, form: str, dpi: float) -> bytes:
    """A figure as a file that says what made it, but not when."""
    from regionmap import __version__
    from regionmap.maps.picture.fonts import plain

    made, title = f"regionmap {__version__}", plain(title)
    metadata: Any = {
        "png": {"Software": made, "Title": title},
        "svg": {"Creator": made, "Title": title, "Date": None},
        "pdf": {"Creator": made, "Title": title, "Producer": None, "CreationDate": None, "ModDate": None},
    }[form]
    file = io.BytesIO()
    with _settings():
        figure.savefig(file, format=form, dpi=dpi, metadata=metadata)
    return file.getvalue()


def _settings() -> Any:
    """Matplotlib's defaults and ours, whatever the reader's own matplotlibrc says."""
    from matplotlib import style

    own = {"svg.fonttype": "path", "svg.hashsalt": "regionmap", "pdf.fonttype": 3, "lines.scale_dashes": False,
           "path.simplify": False, "text.usetex": False}  # fmt: skip
    look: Any = ["default", own]
    return style.context(look)


def still(region: Region, recipe: Any) -> bytes | None:
    """A checked recipe as a small PNG of a map and its legend; None where matplotlib or a font is missing."""
    from regionmap.maps.picture import scene

    try:
        need()
        return draw(scene.build(region, recipe), "png", "slide", 100, bare=True)
    except (MissingExtraError, PictureError):
        return None


def need() -> None:
    """Complain where matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise MissingExtraError("matplotlib", "picture", "a picture")


def _one_of(what: str, value: str, allowed: Any) -> str:
    if value not in allowed:
        near = nearest_names(value, allowed, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(f"{what} {value!r}: allowed are {', '.join(allowed)}{hint}")
    return value
