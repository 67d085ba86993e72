"""The language of location expressions: text -> tokens -> tree.

Names are not words of a regular language (沈阳至金宝屯铁路 is one name, 沈阳至四平 are two and a sign),
so tokens are cut here, the longest known name first, and lark parses the tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Tree, UnexpectedInput
from lark.lexer import Lexer

from regionmap.errors import ExpressionError
from regionmap.places.gazetteer import fold

GRAMMAR = r"""
start: route
?route: sum (_TO sum)*
?sum: both ((PLUS | MINUS) both)*
?both: near (_AND near)*
?near: cut (_TILDE DISTANCE)*
?cut: atom (_OPEN route (_DOTS route)? _CLOSE)*
?atom: NAME (_SLASH NAME)*  -> name
     | POINT                -> point
     | FILE                 -> file
%declare NAME POINT FILE DISTANCE PLUS MINUS _TO _AND _TILDE _OPEN _CLOSE _DOTS _SLASH
"""

_SIGNS = {
    ">": "_TO", "→": "_TO", "至": "_TO", "+": "PLUS", "、": "PLUS", "-": "MINUS", "&": "_AND",
    "~": "_TILDE", "[": "_OPEN", "]": "_CLOSE", "/": "_SLASH", "..": "_DOTS",
}  # fmt: skip
_SPACED = frozenset("+-&")
_SIGN = re.compile(r"\.\.|[>→至+、\-&~\[\]/]")
_QUOTED = re.compile(r'「([^」]*)」|"([^"]*)"|“([^”]*)”')
_POINT = re.compile(
    r"(?:(?P<datum>[a-z][a-z0-9]*)\s*:\s*)?(?P<lon>[+-]?\d+(?:\.\d+)?)\s*,\s*(?P<lat>[+-]?\d+(?:\.\d+)?)(?![\d.])"
)
_FILE = re.compile(r"(?P<path>[^\s#\"「]+\.[a-z0-9]+)#(?P<layer>[^\s/\]]+)/(?P<key>[^\s\]]+)", re.IGNORECASE)
_DISTANCE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>km|公里|千米|m|米)", re.IGNORECASE)
_WORD_END = re.compile(r"\s|[>→+、&~\[\]/]|\.\.|$")
_METRES = {"km": 1000.0, "公里": 1000.0, "千米": 1000.0, "m": 1.0, "米": 1.0}


class _Tokens(Lexer):
    """Hands the tokens that `tokens` cut to lark's parser."""

    def __init__(self, _: Any) -> None: ...

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
        return iter(data)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=_Tokens)


def parse(text: str, match: Callable[[str, int], str | None], suggest: Callable[[str], tuple[str, ...]]) -> Tree[Token]:
    """The tree of a location expression.

    Parameters
    ----------
    match : longest known name at a position of the folded text, or None.
    suggest : nearest known names of a word.

    Raises
    ------
    ExpressionError : with the position of the offending word and the nearest names.
    """
    cut = list(tokens(text, match, suggest))
    if not cut:
        raise ExpressionError(text, 0, text, "an empty location expression")
    try:
        return _parser().parse(cut)  # type: ignore[arg-type]
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        if token is None or token.type == "$END":
            raise ExpressionError(text, len(text), "", "the expression ends too early") from None
        reason = "unexpected name (a sign is missing before it)" if token.type == "NAME" else "unexpected sign"
        raise ExpressionError(text, token.start_pos or 0, str(token), reason) from None


def tokens(
    text: str, match: Callable[[str, int], str | None], suggest: Callable[[str], tuple[str, ...]]
) -> Iterator[Token]:
    """The tokens of an expression, the longest known name first; each knows its position."""
    folded, at, after_tilde = fold(text), 0, False
    while at < len(folded):
        if folded[at].isspace():
            at += 1
            continue
        kind, value, end = _token(text, folded, at, match, suggest, after_tilde)
        yield Token(kind, value, start_pos=at, end_pos=end)
        after_tilde, at = kind == "_TILDE", end


def _token(
    text: str,
    folded: str,
    at: int,
    match: Callable[[str, int], str | None],
    suggest: Callable[[str], tuple[str, ...]],
    after_tilde: bool,
) -> tuple[str, str, int]:
    if after_tilde:
        if found := _DISTANCE.match(folded, at):
            return "DISTANCE", str(float(found["number"]) * _METRES[found["unit"]]), found.end()
        raise ExpressionError(text, at, text[at:].split()[0], "a distance with its unit is needed, as in '~ 2 km'")
    if found := _QUOTED.match(text, at):
        return "NAME", next(g for g in found.groups() if g is not None), found.end()
    if found := _FILE.match(text, at):
        return "FILE", found.group(), found.end()
    if found := _POINT.match(folded, at):
        return "POINT", found.group(), found.end()
    name = match(folded, at)
    if name is not None:
        end = at + len(name)
        digits = name.isdigit() and folded[end : end + 1].isdigit()
        if not digits and (_WORD_END.match(folded, end) or folded[end] == "至"):
            return "NAME", text[at:end], end
    elif found := _SIGN.match(folded, at):
        sign = found.group()
        spaced = folded[at - 1 : at].isspace() and folded[found.end() : found.end() + 1].isspace()
        if sign in _SPACED and not spaced:
            raise ExpressionError(text, at, sign, "this sign needs a space on both sides")
        return _SIGNS[sign], sign, found.end()
    ending = _WORD_END.search(folded, at)
    word = text[at : ending.start() if ending and ending.start() > at else at + 1]
    raise ExpressionError(text, at, word, "unknown name", suggest(word))


def point(token: str) -> tuple[str, float, float, int]:
    """Datum, longitude, latitude and number of decimals of a POINT token."""
    found = _POINT.fullmatch(token)
    assert found is not None
    decimals = min(len(found[c].partition(".")[2]) for c in ("lon", "lat"))
    return found["datum"] or "wgs84", float(found["lon"]), float(found["lat"]), decimals


def file(token: str) -> tuple[str, str, str]:
    """Path, layer and key of a FILE token."""
    found = _FILE.fullmatch(token)
    assert found is not None
    return found["path"], found["layer"], found["key"]
