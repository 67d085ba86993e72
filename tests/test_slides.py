"""Slides: opened again, every row of the table stands there, as text, and the same input gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, a_record, made_region, run
from PIL import Image
from pptx import Presentation
from test_picture import TINY

import regionmap as rm
from regionmap.errors import InputError, MissingExtraError
from regionmap.maps import slides

PLAIN = {"title": "图二", "frame": "试验省", "layer": [{"title": "全部", "show": "all"}, {"title": "隐", "show": "zones", "visible": False}]}


def tables(path: Path) -> list[tuple[str, list[list[str]]]]:
    """Title and cells of each slide's table; none for a map's slide."""
    found = []
    for slide in Presentation(str(path)).slides:
        (*grids,) = [s.table for s in slide.shapes if s.has_table]
        cells = [[c.text for c in row.cells] for grid in grids for row in grid.rows]
        found.append((slide.shapes.title.text_frame.text, cells))
    return found


def test_a_map_and_its_table_each(tiny: Any, tmp_path: Path) -> None:
    path = rm.slides(tiny, [TINY, PLAIN], tmp_path / "a.pptx", dpi=50)
    titles = [title for title, _ in tables(path)]
    assert titles == ["试验", "试验 · 距甲丁城际 10 公里以内", "图二", "图二 · 全部"]
    deck = Presentation(str(path))
    (drawn,) = [s for s in deck.slides[0].shapes if s.shape_type == 13]
    assert Image.open(io.BytesIO(drawn.image.blob)).size[0] == pytest.approx(316 / 25.4 * 50, abs=1)
    assert drawn._element._nvXxPr.cNvPr.get("descr") == "试验"
    assert drawn.left >= 0 and drawn.left + drawn.width <= deck.slide_width and drawn.top + drawn.height <= deck.slide_height
    foot = " ".join(s.text_frame.text for s in deck.slides[0].shapes if s.has_text_frame)
    for part in ("made in code", "GS(2022)0000号", "内部资料", "2022-02", "附注"):
        assert part in foot, part


def test_the_answers_rows_in_order(region: Any, tmp_path: Path) -> None:
    path = rm.slides(region, [ROOT / "maps" / "shenyang-tieling.toml"], tmp_path / "a.pptx", dpi=30)
    line = region.feature("沈铁城际铁路")
    answer = rm.near(region.candidates(line.index[0]), line, within_m=10_000)
    certain = answer[answer["certainty"] == "certain"].sort_values(["distance_m", "id"])
    pages = tables(path)[1:]
    assert all(cells[0] == ["名称", "类别", "状态", "距离 km", "判定", "规划依据"] for _, cells in pages)
    rows = [row for _, cells in pages for row in cells[1:]]
    assert len(rows) == len(answer) and all(len(cells) <= slides.ROWS + 1 for _, cells in pages)
    assert [r[0] for r in rows[: len(certain)]] == list(certain["name"])
    assert {r[4] for r in rows[: len(certain)]} == {"确定"} and {r[4] for r in rows[len(certain) :]} == {"可能"}
    assert pages[-1][0].endswith(f"({len(pages)}/{len(pages)})")


def test_a_limit_says_what_is_left_out(tiny: Any, tmp_path: Path) -> None:
    path = rm.slides(tiny, [PLAIN], tmp_path / "a.pptx", dpi=30, rows=2)
    assert len(tables(path)[1][1]) == 3
    texts = [s.text_frame.text for s in Presentation(str(path)).slides[1].shapes if s.has_text_frame]
    assert "共 6 项,其中 4 项未列" in texts


def test_texts_are_texts_in_both_scripts(tmp_path: Path) -> None:
    names = ["=cmd|' /C calc'!A0", "https://example.org/x", "<a:hlinkClick r:id='x'/>", "铃\x07声\u202e", "甲"]
    region = made_region(tmp_path / "geodata", *(a_record(f"p1/n{n}", name, "丁园", kind="hub") for n, name in enumerate(names)))
    path = rm.slides(region, [{"title": "https://a.example", "layer": [{"show": "all"}]}], tmp_path / "a.pptx", dpi=30)
    assert [row[0] for row in tables(path)[1][1][1:]] == [*names[:3], "铃声", "甲"]
    with zipfile.ZipFile(path) as file:
        for name in file.namelist():
            text = file.read(name).decode("utf-8", "replace")
            if name.startswith("ppt/slides"):
                assert "<a:hlinkClick" not in text and "<a:fld" not in text and 'TargetMode="External"' not in text
            if re.fullmatch(r"ppt/slides/slide\d+\.xml", name):
                assert text.count("<a:r>") == text.count('<a:ea typeface="')


def test_same_input_same_bytes(tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = rm.slides(tiny, [TINY], tmp_path / "a.pptx", dpi=30).read_bytes()
    assert rm.slides(tiny, [TINY], tmp_path / "b.pptx", dpi=30).read_bytes() == one
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    dated = rm.slides(tiny, [TINY], tmp_path / "c.pptx", dpi=30)
    assert Presentation(str(dated)).core_properties.created.year == 2023
    assert Presentation(str(dated)).core_properties.title == "试验"


def test_errors(tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    with pytest.raises(InputError, match=r"written as \.pptx"):
        rm.slides(tiny, [TINY], tmp_path / "a.ppt")
    with pytest.raises(InputError, match="at least one recipe"):
        rm.slides(tiny, [], tmp_path / "a.pptx")
    monkeypatch.setattr(slides, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"python-pptx: pip install 'regionmap\[slides\]'"):
        rm.slides(tiny, [TINY], tmp_path / "a.pptx")
    assert list(tmp_path.glob("*.pptx")) == []


def test_command_line(tiny: Any, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "own.toml").write_text('title = "t"\n[[layer]]\nshow = "all"\n', "utf-8")
    out = str(tmp_path / "own.pptx")
    code, text, _ = run(capsys, "slides", str(tmp_path / "own.toml"), "--data", str(tiny.folder), "--out", out, "--dpi", "40", "--lang", "en")
    assert code == 0 and "1 maps" in text
    assert tables(Path(out))[1][1][0] == ["Name", "Kind", "Status", "Cited in"]
