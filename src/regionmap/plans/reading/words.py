"""Words and numbers of cells: what a header, a status or a number is once width, spaces and brackets are set aside."""

from __future__ import annotations

import datetime
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from regionmap import kinds

INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)
_CJK = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_GAP = re.compile(rf"(?<=[{_CJK}])[ \u3000]+(?=[{_CJK}])")
_STOP = re.compile(r"(?<=\d)。(?=\d)")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_SKIPPED = re.compile(r"[\s:*/\\,、;._\-·'\"“”]+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?", re.IGNORECASE)
_NOTHING = frozenset(
    ["-", "--", "—", "——", "/", "\\", "无", "暂无", "待定", "未定", "空", "n/a", "na", "null", "none", "nan", "?"]
)
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})


@cache
def tables() -> Mapping[str, Any]:
    """The words of words.toml, headers and values as `key` folds them."""
    raw = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))
    columns = {key(word): column for column, words in raw.pop("columns").items() for word in [column, *words]}
    return {"columns": columns} | {name: {key(w): v for w, v in table.items()} for name, table in raw.items()}


def narrow(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones; 。 between digits as a point."""
    if text.isascii():
        return text
    return _STOP.sub(".", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=8192)
def key(text: str) -> str:
    """What headers and words are compared by: no width, case, spaces, signs; a unit in brackets falls away."""
    plain = INVISIBLE.sub("", narrow(text)).lower().strip()
    bare = _SKIPPED.sub("", _BRACKETS.sub("", plain)) or _SKIPPED.sub("", plain)
    return bare.strip("()[]【】")


def unit(header: str) -> str:
    """The unit that a header has in brackets: 投资(万元) -> 万元."""
    found = re.search(r"[(\[]([^()\[\]]{1,8})[)\]]\s*$", narrow(header))
    return found[1].strip().removeprefix("单位:") if found else ""


def as_text(value: Any) -> str:
    """A cell as text: whole numbers without a point, dates as YYYY-MM-DD, no invisible signs, no line breaks."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if isinstance(value, datetime.datetime):
        whole = value.time() == datetime.time()
        return value.date().isoformat() if whole else value.isoformat(sep=" ", timespec="seconds")
    text = str(value)
    if not text.isprintable():  # else there is nothing to take out
        text = INVISIBLE.sub("", text)
    return " ".join(text.split())


def close_up(text: str) -> str:
    """The text without spaces between Chinese characters: 海 城 市 -> 海城市."""
    return _GAP.sub("", text)


def says_nothing(text: str) -> bool:
    """Whether a cell's text stands for no value: —, 无, 待定, N/A."""
    return narrow(text).strip().lower() in _NOTHING


def number(text: str) -> float | None:
    """A plain number, full-width digits and thousands separators allowed, or None."""
    plain = narrow(text).strip().replace("−", "-")
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    return float(plain) if _PLAIN.fullmatch(plain) else None


@lru_cache(maxsize=8192)
def meaning(column: str, word: str) -> str | None:
    """What a word of `kind`, `sector`, `status` or `datum` means in regionmap's vocabulary, or None."""
    folded = key(word)
    if column == "kind":
        known = kinds.KINDS.resolve(word.strip())
        return known or tables()["kind"].get(folded) or _sector_kind(folded)
    if column in ("sector", "status"):
        table = kinds.SECTORS if column == "sector" else kinds.STATUSES
        for name, labels in table.items():
            if folded in (key(name), *map(key, labels)):
                return name
    found = tables().get(column, {}).get(folded)
    return str(found) if found is not None else None


def _sector_kind(folded: str) -> str | None:
    """A word with a usual ending: XX项目 is a project, XX园区 a park."""
    for ending, kind in (("项目", "project"), ("园区", "park"), ("工程", "project")):
        if folded.endswith(ending):
            sector = meaning("sector", folded.removesuffix(ending))
            return f"{kind}/{sector}" if sector else None
    return None
