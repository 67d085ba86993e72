"""Pictures without a browser: what the sheet shows, where, in which classes; the same bytes; clear errors."""

from __future__ import annotations

import io
import itertools
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from conftest import ROOT, a_record, made_region, run
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

import regionmap as rm
from regionmap.errors import InputError, MissingExtraError, PictureError
from regionmap.maps import picture, style
from regionmap.maps.picture import classes, fonts, scene, sheet, view
from regionmap.maps.recipe import read

RECIPES = sorted((ROOT / "maps").glob("*.toml"))
# the fullest ones: zones, a question, far frames, a choropleth, many lines
SLIDES = [ROOT / "maps" / f"{n}.toml" for n in ("haicheng", "shenyang-tieling", "xiliu-channels", "targets", "transport-2025")]
TINY = {
    "title": "试验", "subtitle": "副题", "frame": "试验省", "units": "county",
    "layer": [{"title": "区", "show": "zones", "colour": "each"}, {"title": "线", "show": "corridors"}, {"title": "点", "show": "all", "where": {"kind": ["hub", "park", "project"]}}],
    "view": [{"title": "丁园附近", "frame": "丁园", "min_km": 20}],
    "question": {"corridor": "甲丁城际", "within_km": 10},
    "footer": {"approval": "GS(2022)0000号", "classification": "内部资料", "date": "2022-02", "note": "附注"},
}  # fmt: skip


def composed(region: Any, recipe: Any, size: str = "A3", **more: Any) -> tuple[scene.Scene, sheet.Sheet]:
    made = scene.build(region, read(recipe, region), **more)
    with picture._settings():
        return made, sheet.compose(made, sheet.SIZES[size])


def written(axes: Any) -> list[Any]:
    """The texts of an axes themselves, without their halos."""
    return [t for t in axes.texts if not t.get_path_effects()]


def extents(drawn: sheet.Sheet, axes: Any, text: Any) -> tuple[float, ...]:
    """A text's true extent in pixels of its axes, as matplotlib's own renderer measures it."""
    renderer = FigureCanvasAgg(drawn.figure).get_renderer()
    box = axes.transData.inverted().transform(text.get_window_extent(renderer))
    return (*box.min(axis=0), *box.max(axis=0))


def within(inner: Any, outer: Any, slack: float) -> bool:
    return bool(
        inner[0] >= outer[0] - slack and inner[1] >= outer[1] - slack and inner[2] <= outer[2] + slack and inner[3] <= outer[3] + slack
    )


def apart(a: Any, b: Any) -> bool:
    return bool(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1])


@pytest.mark.parametrize(("size", "path"), [*(("A3", p) for p in RECIPES), *(("16:9", p) for p in SLIDES)], ids=lambda v: getattr(v, "stem", v))
def test_every_shipped_map(region: Any, path: Path, size: str) -> None:
    """Names lie apart, whole and off the furniture; the legend lies off the frames; three formats are written."""
    made, drawn = composed(region, path, size)
    whole, *axes = drawn.figure.axes
    assert len(axes) == len(drawn.frames)
    for (shown, place, board), ax in zip(drawn.frames, axes, strict=True):
        frame = (0, 0, shown.width, shown.height)
        assert (place.width, place.height) == (shown.width, shown.height)
        names = [box for _, box in board.placed]
        assert all(apart(a, b) for a, b in itertools.combinations(names, 2))
        for text in written(ax):
            box = extents(drawn, ax, text)
            assert within(box, frame, 0.5), f"{text.get_text()} is cut off"
            assert any(within(box, b, 2.5) for b in board.taken), f"{text.get_text()} stands where nothing was reserved"
    rects = [(r.x, r.y, r.x + r.width, r.y + r.height) for _, r, _ in drawn.frames]
    for text in written(whole):
        box = extents(drawn, whole, text)
        assert within(box, (0, 0, drawn.width, drawn.height), 0), f"{text.get_text()} is cut off"
        assert all(apart(box, r) for r in rects), f"{text.get_text()} stands over a frame"
    assert len(written(drawn.figure.axes[1])) > 8
    if size != "A3":
        return
    png, svg, pdf = (picture.save(drawn.figure, made.recipe.title, form, 30) for form in ("png", "svg", "pdf"))
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    assert abs(pixels.shape[1] - 420 / 25.4 * 30) <= 1 and len(np.unique(pixels.reshape(-1, 3), axis=0)) > 200
    tags = {e.tag.split("}")[1] for e in ET.fromstring(svg).iter()}
    assert {"path", "use"} <= tags and not tags & {"script", "image", "a", "foreignObject"}
    assert pdf.startswith(b"%PDF-") and b"/URI" not in pdf and b"CreationDate" not in pdf


def test_classes_are_the_pages(region: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """Layer by layer the same entries in the same order, with the same colours, signs and dashes."""
    ask = """() => { const s = regionmap.state; return s.data.layers.filter(l => l.visible && l.title).map(l => [l.title, l.rows.map(r => {
      const f = r.entry.f, each = s.data.style.each;
      if (l.filled) return [r.text, r.entry.colour, '', []];
      const colour = l.colour === 'each' ? each[r.entry.k % each.length] : s.style.colour(f);
      const line = f.shape.lines.length, point = !line && !f.shape.areas.length;
      return [r.text, colour, point ? s.style.shape(f) : '', line ? s.style.dash(f) : []];
    })]); }"""
    for path in SLIDES:
        rm.save_html(rm.render(region, path), tmp_path / f"{path.stem}.html")
        page = open_page(tmp_path / f"{path.stem}.html").run(ask)
        made = scene.build(region, read(path, region))
        mine = []
        for layer, members in zip([la for la in made.recipe.layers if la.visible], made.members, strict=True):
            if layer.filled is not None:
                entries = [[c.text, c.sign, "", []] for c in classes.of_filled(made, layer.filled)]
            else:
                entries = [
                    [c.text, c.sign.colour, style.SYMBOLS[c.sign.kind] if c.sign.form == "point" else "",
                     list(style.DASHES[c.sign.status]) if c.sign.form == "line" else []]
                    for c in classes.of_layer(made, members)
                ]  # fmt: skip
            mine.append([layer.title, entries])
        assert mine == page, path.stem


def conic(lon: float, lat: float, box: view.Box) -> tuple[float, float]:
    """Lambert's conformal conic of the WGS 84 ellipsoid, metres (Snyder 1987, equations 15-1 to 15-11)."""
    a, f = 6378137.0, 1 / 298.257223563
    e = math.sqrt(f * (2 - f))
    west, south, east, north = box
    sixth = (north - south) / 6
    rad = [math.radians(v) for v in (south + sixth, north - sixth, (south + north) / 2, lat)]
    m = [math.cos(p) / math.sqrt(1 - e**2 * math.sin(p) ** 2) for p in rad]
    t = [math.tan(math.pi / 4 - p / 2) / ((1 - e * math.sin(p)) / (1 + e * math.sin(p))) ** (e / 2) for p in rad]
    n = (math.log(m[0]) - math.log(m[1])) / (math.log(t[0]) - math.log(t[1]))
    big = m[0] / (n * t[0] ** n)
    rho0, rho = a * big * t[2] ** n, a * big * t[3] ** n
    theta = n * math.radians(lon - (west + east) / 2)
    return rho * math.sin(theta), rho0 - rho * math.cos(theta)


def test_a_known_point_lies_on_its_pixel(tmp_path: Path) -> None:
    """A site at 100.7 E, 40.8 N: the middle of its mark, as the PNG's pixels give it, is where the formula says."""
    region = made_region(tmp_path / "geodata", a_record("p1/a", "甲", "丁园"))
    recipe = {"title": "t", "frame": "试验省", "units": "none", "layer": [{"show": "all", "labels": False}]}
    made, drawn = composed(region, recipe)
    shown, place, _ = drawn.frames[0]
    x, y = conic(100.7, 40.8, (100.0, 40.0, 101.0, 41.0))
    expected = (place.x + (x - shown.left) / shown.metres, place.y + (shown.top - y) / shown.metres)
    dpi = 4 * 25.4  # 4 pixels a millimetre: one of the sheet's pixels each
    pixels = np.asarray(Image.open(io.BytesIO(picture.save(drawn.figure, "t", "png", dpi))).convert("RGB")).astype(int)
    (item,) = made.items
    colour = np.array([int(item.colour[i : i + 2], 16) for i in (1, 3, 5)])
    hit = np.abs(pixels - colour).sum(axis=2) < 24
    hit[:, int(place.x + place.width) :] = False  # the legend shows the sign, too
    rows, columns = np.nonzero(hit)
    assert len(rows) > 20
    middle = ((columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2)
    assert abs(middle[0] - expected[0]) <= 1
    assert abs((rows.max() + 1 + rows.min()) / 2 - expected[1]) <= 3  # a triangle's middle lies above its box's
    assert rows.min() < expected[1] < rows.max()


@pytest.mark.parametrize("box", [(118.75, 38.6, 125.9, 43.6), (122.7, 40.8, 122.8, 40.9), (13.0, 38.0, 123.0, 56.0), (108.0, 18.0, 111.0, 20.2)])
def test_the_scale_bar_is_true_at_the_middle(box: view.Box) -> None:
    geod = pyproj.Geod(ellps="WGS84")
    shown = view.fit("", box, 1000, 800)
    reach = shown.scale() * 60
    for azimuth in (0, 90, 180, 270):
        lon, lat, _ = geod.fwd(shown.lon, shown.lat, azimuth, reach)
        (x, y), (x0, y0) = shown.points([lon, shown.lon], [lat, shown.lat])
        assert math.hypot(x - x0, y - y0) == pytest.approx(60, rel=0.004 if box[2] - box[0] < 10 else 0.01)
    assert (x0, y0) == pytest.approx((500, 400), abs=1e-6)
    if box[2] - box[0] < 10:
        assert shown.spread() < 0.003


def test_a_printed_scale_is_round_and_holds(region: Any) -> None:
    _, drawn = composed(region, ROOT / "maps" / "province-zones.toml")
    shown, _, _ = drawn.frames[0]
    number = shown.metres * 1000 / sheet.SIZES["A3"].pixel_mm
    texts = [t.get_text() for t in written(drawn.figure.axes[1])]
    assert f"1:{round(number):,}".replace(",", " ") in texts and number % 100_000 == pytest.approx(0, abs=1e-3)
    slide = composed(region, ROOT / "maps" / "province-zones.toml", "16:9")[1]
    assert not [t for t in written(slide.figure.axes[1]) if t.get_text().startswith("1:")]


def test_the_sheet_says_what_a_map_must_say(tiny: Any) -> None:
    _, drawn = composed(tiny, TINY)
    texts = " ".join(t.get_text() for ax in drawn.figure.axes for t in ax.texts)
    for part in ("试验", "副题", "GS(2022)0000号", "内部资料", "2022-02", "附注", "made in code", "规划p1", "北", "丁园附近",
                 "公里", "县级界", "距甲丁城际 10 公里以内"):  # fmt: skip
        assert part in texts, part
    bare = composed(tiny, {**TINY, "footer": {}})[1]
    assert "审图号:________" in [t.get_text() for t in bare.figure.axes[0].texts]


def test_the_answer_is_nears(region: Any) -> None:
    made = scene.build(region, read(ROOT / "maps" / "shenyang-tieling.toml", region))
    assert made.answer is not None
    line = region.feature("沈铁城际铁路")
    rows = rm.near(region.candidates(line.index[0]), line, within_m=10_000)
    assert list(made.answer.rows["id"]) == list(rows["id"])
    certain = set(rows["id"][rows["certainty"] == "certain"])
    assert {i for i, sure in made.answer.certain.items() if sure} == certain and certain


def test_far_frames_have_a_graticule_instead_of_an_arrow(region: Any) -> None:
    _, drawn = composed(region, ROOT / "maps" / "xiliu-channels.toml")
    texts = [[t.get_text() for t in written(ax)] for ax in drawn.figure.axes[1:]]
    assert "北" in texts[0] and not any(re.fullmatch(r"\d+°[EN]", t) for t in texts[0])
    far = texts[[v.title for v, _, _ in drawn.frames].index("至欧洲 6000 公里")]
    assert "北" not in far and any(re.fullmatch(r"\d+°E", t) for t in far) and any(re.fullmatch(r"\d+°N", t) for t in far)


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_same_input_same_bytes(tiny: Any, tmp_path: Path, form: str) -> None:
    import matplotlib

    one = rm.picture(tiny, TINY, tmp_path / f"a.{form}", dpi=40).read_bytes()
    with matplotlib.rc_context({"text.usetex": True, "lines.linewidth": 9, "svg.fonttype": "none", "savefig.bbox": "tight"}):
        assert rm.picture(tiny, TINY, tmp_path / f"b.{form}", dpi=40).read_bytes() == one
    script = f"import regionmap as rm; rm.picture(rm.open({str(tiny.folder)!r}), {TINY!r}, {str(tmp_path / f'c.{form}')!r}, dpi=40)"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Shanghai", "SOURCE_DATE_EPOCH": "1"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)
    assert (tmp_path / f"c.{form}").read_bytes() == one


def test_english(tiny: Any) -> None:
    recipe = {**TINY, "title_en": "A test", "layer": [{"title": "线", "title_en": "Lines", "show": "corridors"}]}
    _, drawn = composed(tiny, recipe, lang="en")
    texts = [t.get_text() for ax in drawn.figure.axes for t in ax.texts]
    assert {"A test", "Lines", "N", "rail · proposed"} <= set(texts)


def test_texts_from_data_stay_texts(tmp_path: Path) -> None:
    names = ["$x^2$ and $\\frac{1", "</text><script>alert(1)</script>", "=1+2\x07\x00", "行一\n行二", "&amp;#60;"]
    region = made_region(tmp_path / "geodata", *(a_record(f"p1/n{n}", name, "丁园", kind="hub") for n, name in enumerate(names)))
    path = rm.picture(region, {"title": "a < b & $c$ <script>", "layer": [{"show": "all"}]}, tmp_path / "a.svg")
    root = ET.fromstring(path.read_bytes())
    assert not [e for e in root.iter() if e.tag.endswith("}script")]
    made, drawn = composed(region, {"title": "t", "layer": [{"show": ["p1/n0"]}]})
    assert names[0] in [t.get_text() for ax in drawn.figure.axes for t in ax.texts]
    assert fonts.plain("a\x00\u202eb\nc") == "ab c"


# ---- errors --------------------------------------------------------------------------------------------
def test_no_font_with_the_characters(tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PictureError, match=r"no installed font has 1 characters.*镇.*fonts-noto-cjk"):
        fonts.find(["A 镇"], families=("No Such Font",))
    with pytest.raises(PictureError, match="lacks 1 characters"):
        fonts.find(["镇\U0001fae8"])
    assert fonts.find(["plain"], families=("No Such Font",)).family[0] == fonts.SPARE
    real = fonts._characters
    monkeypatch.setattr(fonts, "_characters", lambda family: real(family) if family == fonts.SPARE else frozenset())
    old = tmp_path / "a.png"
    old.write_bytes(b"old")
    with pytest.raises(PictureError, match="install Noto Sans CJK"):
        rm.picture(tiny, TINY, old)
    assert old.read_bytes() == b"old" and list(tmp_path.glob(".a*")) == []


def test_without_matplotlib(tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"matplotlib: pip install 'regionmap\[picture\]'"):
        rm.picture(tiny, TINY, tmp_path / "a.png")
    chart = rm.render(tiny, TINY)
    assert chart._repr_png_() is None and "<img" not in chart._repr_html_() and "<iframe" in chart._repr_html_()


@pytest.mark.parametrize(
    ("how", "text"),
    [({"path": "a.gif"}, "ending '.gif': allowed are .png, .svg, .pdf"), ({"size": "A5"}, "A3, A4, 16:9"), ({"dpi": 5}, "from 20 to 1200"), ({"lang": "de"}, "zh, en")],
)
def test_wrong_arguments(tiny: Any, tmp_path: Path, how: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError, match=re.escape(text)):
        rm.picture(tiny, TINY, tmp_path / how.pop("path", "a.png"), **how)
    assert list(tmp_path.glob("a.*")) == []


def test_command_line(tiny: Any, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text('title = "t"\n[[layer]]\nshow = "all"\n', "utf-8")
    code, out, _ = run(capsys, "picture", "own.toml", "--data", str(tiny.folder), "--size", "A4", "--dpi", "50")
    assert code == 0 and out.startswith("own.png  A4")
    assert Image.open("own.png").size == (584, 413)
    code, _, err = run(capsys, "picture", "own.toml", "--out", "own.bmp", "--data", str(tiny.folder))
    assert code == 1 and ".png, .svg, .pdf" in err


# ---- notebooks -----------------------------------------------------------------------------------------
def test_a_notebook_shows_page_and_picture(tiny: Any) -> None:
    """The live page lies over the picture; where a notebook takes frames out, the picture is left."""
    chart = rm.render(tiny, TINY)
    shown = chart._repr_html_()
    assert shown.index("<img") < shown.index("<iframe") and "srcdoc=" in shown
    still = re.sub(r"<iframe.*?</iframe>", "", shown, flags=re.S)
    assert "<script" not in still and 'src="data:image/png;base64,' in still and 'alt="试验"' in still
    data = chart._repr_png_()
    assert data is not None and Image.open(io.BytesIO(data)).size[0] > 1000
    assert chart._repr_png_() is data
