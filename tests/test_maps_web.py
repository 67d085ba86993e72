"""The page's own files: old browsers can read them, every text stands in strings.json, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import ROOT

WEB = ROOT / "src" / "regionmap" / "maps" / "web"
STRINGS = json.loads((WEB / "strings.json").read_text("utf-8"))
# newer than Chromium 80, the oldest browser that the page promises to run in
TOO_NEW = [
    r"\.replaceChildren\(", r"\.replaceAll\(", r"\.at\(-?\d", r"\|\|=", r"&&=", r"\?\?=", r"structuredClone", r"\.findLast\(",
    r"Object\.hasOwn\(", r"\bstatic \{", r"#[a-z]+ ?[=(;]", r"Promise\.any", r"\d_\d{3}", r"\.toSorted\(", r"Object\.groupBy",
]  # fmt: skip
UNSAFE = [r"\.innerHTML", r"\.outerHTML", r"insertAdjacentHTML", r"document\.write", r"\beval\(", r"new Function", r"createContextualFragment"]


@pytest.mark.parametrize("path", sorted(WEB.glob("*.js")), ids=lambda p: p.name)
def test_scripts_run_in_chromium_80_and_set_text_only(path: Path) -> None:
    code = re.sub(r"//.*", "", path.read_text("utf-8"))
    assert not [p for p in TOO_NEW + UNSAFE if re.search(p, code)]
    assert len(path.read_text("utf-8").splitlines()) <= 300
    assert not re.search(r"[\u4e00-\u9fff]{2}", re.sub(r'"Noto.*', "", code)), "texts belong into strings.json"


@pytest.mark.parametrize("path", sorted(WEB.glob("*.css")), ids=lambda p: p.name)
def test_styles_work_in_chromium_80(path: Path) -> None:
    css = path.read_text("utf-8")
    assert not re.search(r":is\(|:where\(|:has\(|inset:|aspect-ratio|(?<!grid-)\bgap:|@layer|color-mix", css)


def test_every_string_stands_in_both_languages() -> None:
    assert STRINGS["zh"].keys() == STRINGS["en"].keys()
    for key in STRINGS["zh"]:
        for text in (STRINGS["zh"][key], STRINGS["en"][key]):
            assert text, key
        places = [sorted(re.findall(r"\{\w*\}", STRINGS[lang][key])) for lang in ("zh", "en")]
        assert places[0] == places[1] or key == "stack", key


def test_every_string_is_there_and_used() -> None:
    code = "".join(p.read_text("utf-8") for p in (*WEB.glob("*.js"), *WEB.glob("*.html")))
    others = (WEB.parent / "index.py", WEB.parent / "slides.py", *(WEB.parent / "picture").glob("*.py"))
    python = "".join(p.read_text("utf-8") for p in others)
    used = set(re.findall(r"\b(?:s|strings|state\.strings)\.([a-zA-Z]+)\b", code))
    used |= set(re.findall(r'data-(?:text|label)="(\w+)"', code)) | set(re.findall(r"""\b(?:s|strings)\[["'](\w+)["']\]""", python))
    used |= {"binding", "expected"} | {f"scheme{s}" for s in ("FisherJenks", "Quantiles", "EqualInterval", "UserDefined")}
    known = set(STRINGS["zh"])
    assert known <= used, f"unused: {known - used}"
    # words that are also methods or fields of what the scripts call s
    assert used - known <= {"points", "lines", "areas", "plot", "box", "kind", "all", "length", "f", "x", "y", "r", "plots", "some", "push", "map", "data", "lang", "canvas", "t"}, used - known
