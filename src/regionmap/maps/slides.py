"""A deck of slides: for each recipe one slide with its map, then its table, as plain PPTX through python-pptx.

Every text is set as text: no formula, no link, no field. The same input gives the same bytes.
"""

from __future__ import annotations

import datetime
import io
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from regionmap.errors import InputError, MissingExtraError
from regionmap.maps import picture, style
from regionmap.maps.picture import classes
from regionmap.maps.picture import scene as scenes
from regionmap.maps.picture.fonts import plain
from regionmap.maps.picture.scene import Scene
from regionmap.maps.recipe import read
from regionmap.plans.region import Region
from regionmap.plans.stores import replacing

WIDTH_MM, HEIGHT_MM = 338.667, 190.5  # 16:9, 13.333 x 7.5 inches
ROWS = 14  # of a table, a slide
_FONT = "Microsoft YaHei"  # what offices have; others put their own in its place
_EPOCH = 946684800  # 2000-01-01, where SOURCE_DATE_EPOCH says nothing


@dataclass(frozen=True)
class Table:
    """A table of texts; `shares` of the width, one a column."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]


def slides(
    region: Region,
    recipes: Sequence[Any],
    path: str | Path,
    *,
    dpi: float = 200,
    lang: str | None = None,
    rows: int | None = None,
) -> Path:
    """Write a PPTX: for each recipe a slide with its map and sources, then the slides of its table.

    The table is the question's answer where the recipe asks one; the values of its filled layer; else the things of
    its visible layers, each with kind, status and clauses.

    Parameters
    ----------
    recipes : paths of TOML files, or their contents as dicts.
    dpi : pixels an inch of the maps.
    rows : at most so many rows a table; the last slide then says how many are left out. None: all.

    Raises
    ------
    MissingExtraError : python-pptx or matplotlib is not installed (extra `slides`).
    InputError : no recipe, or a file that is no `.pptx`.
    RecipeError, PictureError : as `picture`.
    """
    path = Path(path)
    if path.suffix.lower() != ".pptx":
        raise InputError(f"{path.name}: slides are written as .pptx")
    if not recipes:
        raise InputError("slides need at least one recipe")
    for package, module in (("python-pptx", "pptx"), ("matplotlib", "matplotlib")):
        if find_spec(module) is None:
            raise MissingExtraError(package, "slides", "slides")
    deck = _deck()
    for scene in [scenes.build(region, read(recipe, region), lang) for recipe in recipes]:
        _map_slide(deck, scene, picture.draw(scene, "png", "slide", dpi, bare=True))
        for table in tables(scene):
            _table_slides(deck, scene, table, rows)
    first = deck.slides[0].shapes.title.text_frame.text
    data = _bytes(deck, first if len(recipes) == 1 else region.title)
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return path


# ---- tables --------------------------------------------------------------------------------------------
def tables(scene: Scene) -> Iterator[Table]:
    """The tables that belong to a map."""
    s, title = scene.strings, scene.recipe.title
    cites = _citations(scene)
    rows: tuple[tuple[str, ...], ...]
    if scene.answer is not None:
        head = (s["name"], s["only"], s["status"], f"{s['dist']} km", s["certainty"], s["citations"])
        rows = tuple(
            (*_named(scene, row), f"{row['distance_m'] / 1000:.1f}", s[row["certainty"]], cites(row["group"]))
            for row in _in_order(scene.answer.rows)
        )
        within = s["withinOf"].replace("{name}", scene.answer.target.name).replace("{km}", f"{scene.answer.km:g}")
        yield Table(f"{title} · {within}", head, rows, (0.3, 0.1, 0.12, 0.1, 0.09, 0.29))
        return
    for layer in (la for la in scene.recipe.layers if la.visible):
        if layer.filled is not None:
            cells = sorted(layer.filled.cells, key=lambda c: -(c.value if c.value is not None else -1e18))
            texts = (s["noNumber"] if c.value is None else classes.with_unit(c.value, layer.filled.unit) for c in cells)
            pairs = tuple((classes.cell_label(scene, c), t) for c, t in zip(cells, texts, strict=True))
            yield Table(f"{title} · {layer.title}", (s["name"], s["value"]), pairs, (0.7, 0.3))
        else:
            records = scene.region.records.loc[list(layer.ids)].to_dict("records")
            rows = tuple((*_named(scene, row), cites(row["group"])) for row in records)
            columns = (s["name"], s["only"], s["status"], s["citations"])
            yield Table(f"{title} · {layer.title}", columns, rows, (0.38, 0.12, 0.14, 0.36))


def _in_order(rows: Any) -> list[dict[str, Any]]:
    """Certain ones first, then by distance, as the page's list."""
    return sorted(rows.to_dict("records"), key=lambda r: (r["certainty"] != "certain", r["distance_m"], r["id"]))


def _named(scene: Scene, row: Any) -> tuple[str, str, str]:
    name = row["name_en"] if scene.lang == "en" and row["name_en"] else row["name"]
    return name, scene.word("kind", row["kind"]), scene.word("status", row["status"]) if row["status"] else ""


def _citations(scene: Scene) -> Any:
    """By group: the clauses of all plans that name it, shortest form."""
    named = scene.region.features()
    short = {plan.id: plan.short for plan in scene.region.plans.values()}
    found: dict[str, list[str]] = {}
    for group, plan, clause in zip(named["group"], named["plan"], named["clause"], strict=True):
        found.setdefault(group, []).append(f"{short[plan]} {clause}".strip())
    return lambda group: "; ".join(dict.fromkeys(found.get(group, [scene.strings["context"]])))


# ---- slides --------------------------------------------------------------------------------------------
def _deck() -> Any:
    from pptx import Presentation
    from pptx.util import Mm

    deck = Presentation()
    deck.slide_width, deck.slide_height = Mm(WIDTH_MM), Mm(HEIGHT_MM)
    return deck


def _slide(deck: Any, title: str, foot: str) -> Any:
    """A slide with a title and a line of sources; returns it."""
    slide = deck.slides.add_slide(deck.slide_layouts[5])  # title only
    _place(slide.shapes.title, 11, 5, WIDTH_MM - 22, 15)
    _write(slide.shapes.title.text_frame, title, 24, style.PAPER["ink"], bold=True)
    from pptx.util import Mm

    box = slide.shapes.add_textbox(Mm(11), Mm(175.5), Mm(WIDTH_MM - 22), Mm(12))
    _write(box.text_frame, foot, 8.5, style.PAPER["quiet"])
    return slide


def _map_slide(deck: Any, scene: Scene, image: bytes) -> None:
    from pptx.util import Mm

    recipe, s = scene.recipe, scene.strings
    footer = recipe.footer
    parts = (footer["classification"], scene.sources(), f"{s['approval']}{footer['approval'] or '________'}",
             f"{s['date']}{footer['date']}" if footer["date"] else "", s["projection"], footer["note"])  # fmt: skip
    slide = _slide(deck, recipe.title, "    ".join(p for p in parts if p))
    if recipe.subtitle:
        box = slide.shapes.add_textbox(Mm(11), Mm(18), Mm(WIDTH_MM - 22), Mm(8))
        _write(box.text_frame, recipe.subtitle, 13, style.PAPER["quiet"])
    drawn = slide.shapes.add_picture(io.BytesIO(image), Mm(11.3), Mm(27.5), width=Mm(316))
    drawn._element._nvXxPr.cNvPr.set("descr", plain(recipe.title))  # what a screen reader says


def _table_slides(deck: Any, scene: Scene, table: Table, most: int | None) -> None:
    from pptx.util import Mm

    rows = table.rows if most is None else table.rows[:most]
    left_out = len(table.rows) - len(rows)
    pages = [rows[n : n + ROWS] for n in range(0, len(rows), ROWS)] or [()]
    for n, page in enumerate(pages, 1):
        number = f" ({n}/{len(pages)})" if len(pages) > 1 else ""
        more = scene.strings["rowsLeft"].replace("{n}", str(left_out)) if left_out and n == len(pages) else ""
        foot = scene.strings["rowsAll"].replace("{n}", str(len(table.rows))) + more
        slide = _slide(deck, table.title + number, foot)
        wide = WIDTH_MM - 22
        shape = slide.shapes.add_table(
            len(page) + 1, len(table.head), Mm(11), Mm(24), Mm(wide), Mm(10 * len(page) + 10)
        )
        for column, share in zip(shape.table.columns, table.shares, strict=True):
            column.width = Mm(wide * share)
        for at, (row, texts) in enumerate(zip(shape.table.rows, (table.head, *page), strict=True)):
            row.height = Mm(9.6)
            for cell, text, share in zip(row.cells, texts, table.shares, strict=True):
                _cell(cell, _short(text, wide * share), at)


def _short(text: str, wide_mm: float) -> str:
    """Text that fits into two lines of a cell; a Chinese character takes 3.9 mm, a Latin one about half."""
    room = 2 * (wide_mm - 8) / 3.9
    used = 0.0
    for n, c in enumerate(text):
        used += 1.0 if c >= "\u2e80" else 0.6
        if used > room:
            return text[: n - 1] + "…"
    return text


def _cell(cell: Any, text: str, row: int) -> None:
    """A cell of the heading (row 0) or of a row; every second row is shaded."""
    from pptx.enum.text import MSO_ANCHOR
    from pptx.util import Mm

    head, ground = row == 0, ("#ffffff", "#f3f1ec")[row % 2 == 0]
    cell.margin_top = cell.margin_bottom = Mm(0.8)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    _write(cell.text_frame, text, 11, "#ffffff" if head else style.PAPER["ink"], bold=head)
    cell.fill.solid()
    cell.fill.fore_color.rgb = _rgb("#38424f" if head else ground)


def _place(shape: Any, x: float, y: float, wide: float, high: float) -> None:
    from pptx.util import Mm

    shape.left, shape.top, shape.width, shape.height = Mm(x), Mm(y), Mm(wide), Mm(high)


def _write(frame: Any, text: str, points: float, colour: str, *, bold: bool = False) -> None:
    """One run of text, in a font for Latin and for East Asian letters."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    run = paragraph.add_run()
    run.text = plain(text)
    run.font.size, run.font.bold, run.font.name = Pt(points), bold, _FONT
    run.font.color.rgb = _rgb(colour)
    properties = run._r.get_or_add_rPr()
    properties.set("lang", "zh-CN" if any(c >= "\u2e80" for c in text) else "en-GB")
    properties.append(properties.makeelement(qn("a:ea"), {"typeface": _FONT}))


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour.lstrip("#").upper())


# ---- the same bytes ------------------------------------------------------------------------------------
def _bytes(deck: Any, title: str) -> bytes:
    """The deck as a file without a trace of when and where it was written."""
    from regionmap import __version__

    moment = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", _EPOCH)), datetime.UTC)
    about = deck.core_properties
    about.title, about.author, about.last_modified_by = plain(title), f"regionmap {__version__}", ""
    about.created = about.modified = moment.replace(tzinfo=None)
    about.revision = 1
    written = io.BytesIO()
    deck.save(written)
    return _restamped(written.getvalue())


def _restamped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in _parts(old.namelist()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            new.writestr(entry, old.read(name))
    return out.getvalue()


def _parts(names: Iterable[str]) -> list[str]:
    """The content types first, as the format asks."""
    return sorted(names, key=lambda n: (n != "[Content_Types].xml", n))
