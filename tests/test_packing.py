"""What is packed into a page comes out of it whole: columns, geometries, odd texts, with and without the browser's help."""

from __future__ import annotations

import base64
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import RECORDS, a_record, write_region

import regionmap as rm
from regionmap.maps import packing, table

ODD = ["甲\U0001f686乙", "𠮷野", "a\tb", "'\"<>&", "\u2028x", "\ufeff前", "é", "0", "未"]
READ = """() => { const d = regionmap.state.data; return d.features.map(f => { const e = {};
  [...Object.keys(d.table.texts), ...Object.keys(d.table.numbers), 'aliases', 'cites'].forEach(k => {
    const v = f[k]; if (k === 'cites' || (v !== undefined && v.length !== 0)) e[k] = v; });
  if (f.ctx) e.ctx = 1; if (f.at) e.at = f.at;
  const s = f.shape; return [e, s ? [s.points, s.lines, s.areas].map(l => JSON.stringify(l.map(p => p.length))) : null, f.spot]; }); }"""


@pytest.fixture
def odd(tmp_path: Path) -> Any:
    """A region of many shapes whose texts are odd, half of them coming again."""
    rows = [dict(r, note=ODD[n], aliases=ODD[n].replace(";", "") + ";二") for n, r in enumerate(RECORDS)]
    rows += [
        a_record(f"p1/n{n}", f"{text}{n}", f"{100.1 + n / 20}, 40.3", scale=text, start=str(2015 + n))
        for n, text in enumerate(ODD)
    ]
    return rm.open(write_region(tmp_path / "odd", rows))


def test_a_page_holds_what_the_table_held(odd: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    chart = rm.render(odd, {"title": "t", "layer": [{"show": "all"}]})
    rm.save_html(chart, tmp_path / "x.html")
    held = list(chart.data["features"])
    pages = {"function": open_page(tmp_path / "x.html"), "undefined": _without_help(open_page, tmp_path / "x.html")}
    for help_is, page in pages.items():
        assert page.run("typeof DecompressionStream") == help_is
        got = page.run(READ)
        for (entry, lengths, spot), feature in zip(got, held, strict=True):
            assert entry == {k: v for k, v in feature.items() if k not in ("xy", "g")}
            assert (lengths is None) == ("xy" not in feature and "g" not in feature)
            if "xy" in feature:
                assert np.allclose(spot, np.array(feature["xy"]) / 1e6, atol=1e-12)
        assert page.errors == []


def _without_help(open_page: Callable[..., Any], path: Path) -> Any:
    """The page as a browser without DecompressionStream opens it (no policy, or the line would not run)."""
    other = path.with_name("other.html")
    text = path.read_text("utf-8").replace("Content-Security-Policy", "X-Nothing")
    other.write_text(text.replace("<head>", "<head><script>delete window.DecompressionStream</script>"), "utf-8")
    return open_page(other)


def test_own_inflate_opens_what_zlib_packs(tiny: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    rm.save_html(rm.render(tiny, {"title": "t", "layer": [{"show": "all"}]}), tmp_path / "x.html")
    page, rng = open_page(tmp_path / "x.html"), random.Random(3)
    texts = [b"", b"a", b"ab" * 40_000, rng.randbytes(70_000), bytes(range(256)) * 3, "辽宁省沈铁城际".encode() * 99]
    texts += [bytes(rng.choice(b"abcdef\x00\xff") for _ in range(n)) for n in (1, 17, 258, 40_000)]
    for text in texts:
        for level in (0, 1, 6, 9):
            for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY):
                packer = zlib.compressobj(level, strategy=strategy)
                packed = base64.b64encode(packer.compress(text) + packer.flush()).decode()
                out = page.run(
                    "t => { const b = RM.inflate(Uint8Array.from(atob(t), c => c.charCodeAt(0)));"
                    " let s = ''; b.forEach(v => { s += String.fromCharCode(v); }); return btoa(s); }",
                    packed,
                )
                assert base64.b64decode(out) == text
    assert "damaged" in page.run(
        "() => { try { RM.inflate(Uint8Array.from([120, 156, 5, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255])); }"
        " catch (e) { return e.message; } return ''; }"
    )


def test_many_points_stand_in_morton_order() -> None:
    rng = np.random.default_rng(5)
    lonlat = rng.uniform((119, 39), (125, 43), (5000, 2))
    code = table.morton(lonlat)
    order = np.argsort(code)
    step = np.abs(np.diff(lonlat[order], axis=0)).sum(axis=1)
    assert step.mean() < 0.1 * np.abs(np.diff(lonlat, axis=0)).sum(axis=1).mean()
    low, size = lonlat.min(axis=0), (lonlat.max(axis=0) - lonlat.min(axis=0)).max()
    whole = np.minimum((lonlat[:50] - low) / size * 65536, 65535).astype(int)
    for (x, y), found in zip(whole, code, strict=False):  # bit by bit, the definition
        assert int(found) == sum((x >> b & 1) << 2 * b | (y >> b & 1) << 2 * b + 1 for b in range(16))


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(OverflowError):
        packing._whole([1 << 32], [])
    with pytest.raises(OverflowError):
        packing._whole([-1], [])


def test_search_in_columns_finds_what_lies_in_the_texts(region: Any, odd: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """Against the plain way: every feature's texts in one string each."""
    brute = """([word, limit]) => { const s = regionmap.state, w = word.toLowerCase(), low = f => f.name.toLowerCase();
      const score = f => low(f) === w ? 0 : low(f).startsWith(w) ? 1 : low(f).includes(w) ? 2 : 3;
      const all = s.data.features.filter(f => f.text.includes(w)), got = RM.store.find(s, word, limit);
      const want = all.sort((a, b) => score(a) - score(b)).slice(0, limit);
      return [got.total === all.length, want.map(f => f.n), got.hits.map(f => f.n)]; }"""
    words = ["铁", "沈铁", "港", "SHEN", "二(四)13", "liaoning", "铁岭", "1", "𠮷", "é", "\U0001f686乙", "规划p1 一", "不在", "a", ";", "Ş"]
    for n, one in enumerate((region, odd)):
        rm.save_html(rm.render(one, {"title": "t", "layer": [{"show": "all"}]}), tmp_path / f"{n}.html")
        page = open_page(tmp_path / f"{n}.html")
        for word in words:
            same, want, got = page.run(brute, [word, 25])
            assert same and want == got, word


def test_search_takes_full_width_signs_for_half_width_ones(region: Any, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    rm.save_html(rm.render(region, {"title": "t", "layer": [{"show": "corridors"}]}), tmp_path / "x.html")
    page = open_page(tmp_path / "x.html")
    assert page.run("RM.store.find(regionmap.state, '二（四）１３', 9).hits.map(f => f.n)") == page.run("RM.store.find(regionmap.state, '二(四)13', 9).hits.map(f => f.n)") != []
