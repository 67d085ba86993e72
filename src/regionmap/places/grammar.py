"""The language of location expressions: text -> tokens -> tree -> text.

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
?cut: atom stretch*
stretch: _OPEN route (_DOTS route)? _CLOSE
?atom: NAME (_SLASH NAME)*  -> name
     | POINT                -> point
     | FILE                 -> file
%declare NAME POINT FILE DISTANCE PLUS MINUS _TO _AND _TILDE _OPEN _CLOSE _DOTS _SLASH
"""
MAX_CHARACTERS = 10_000
MAX_DEPTH = 20  # brackets inside brackets
MAX_DISTANCE_M = 2_000_000.0

Match = Callable[[str, int], str | None]
Suggest = Callable[[str], tuple[str, ...]]

_SIGNS = {
    ">": "_TO", "->": "_TO", "=>": "_TO", "→": "_TO", "⇒": "_TO", "至": "_TO", "+": "PLUS", "、": "PLUS",
    "-": "MINUS", "−": "MINUS", "&": "_AND", "~": "_TILDE", "〜": "_TILDE", "[": "_OPEN", "【": "_OPEN",
    "〔": "_OPEN", "]": "_CLOSE", "】": "_CLOSE", "〕": "_CLOSE", "/": "_SLASH", "..": "_DOTS", "…": "_DOTS",
    "……": "_DOTS",
}  # fmt: skip
_SPACED = frozenset("-−")  # names hold hyphens: 海城-溧水对口合作园区
_DASHES = "—–‐‑―"  # fold makes them "-" inside names; as signs they could mean "to" or "without"
_SIGN = re.compile(r"\.\.|……|…|->|=>|[>→⇒至+、\-−&~〜\[\]【】〔〕/]")
_QUOTES = (("「", "」"), ("『", "』"), ("“", "”"), ('"', '"'))
_QUOTED = re.compile("|".join(f"{a}([^{b}]*){b}" for a, b in _QUOTES))
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_POINT = re.compile(
    r"(?:(?P<datum>[a-z][a-z0-9 _-]*?)\s*:\s*)?(?P<lon>[+-]?\d+(?:\.\d+)?)\s*,\s*"
    r"(?P<lat>[+-]?\d+(?:\.\d+)?)(?!\d|\.\d)"
)
_FILE = re.compile(
    r"(?P<path>(?:(?!\.\.(?!/))[^\s#\"「“『>→、+&~\[\]])+\.[a-z0-9]+)#(?P<layer>[^\s/\[\]]+)/"
    r"(?P<key>(?:(?!\.\.)[^\s\[\]~>→、])+)",
    re.IGNORECASE,
)
_QUOTED_FILE = re.compile(r"(?P<path>[^#]+\.[a-z0-9]+)#(?P<layer>[^/]+)/(?P<key>.+)", re.IGNORECASE)
_DISTANCE = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?P<unit>kilomet(?:re|er)s?|km|㎞|公里|千米|海里|nmi|met(?:re|er)s?|m|米)(?![a-z])"
    r"(?:(?:范围)?[以之]?内)?"
)
_METRES = {"k": 1000.0, "㎞": 1000.0, "公": 1000.0, "千": 1000.0, "海": 1852.0, "n": 1852.0, "m": 1.0, "米": 1.0}
_WORD_END = re.compile(r"\s|[>→⇒+、&~〜\[\]【】〔〕/]|->|=>|\.\.|…|$")
_ANGLE = re.compile(r"(?:东经|西经|北纬|南纬|[ewns])?\s*\d{1,3}(?:\.\d+)?\s*[°º度]")
_DATUMS = {"wgs84": "wgs84", "cgcs2000": "cgcs2000", "gcj02": "gcj02", "bd09": "bd09"}


class _Tokens(Lexer):
    """Hands the tokens that `tokens` cut to lark's parser."""

    def __init__(self, _: Any) -> None: ...

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
        return iter(data)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=_Tokens)


def parse(text: str, match: Match, suggest: Suggest) -> Tree[Token]:
    """The tree of a location expression.

    Parameters
    ----------
    match : longest known name at a position of the folded text, or None.
    suggest : nearest known names of a word.

    Returns
    -------
    Tree : `route`, `sum`, `both`, `near`, `cut` (a line and its `stretch`es), `name`, `point` or `file`.

    Raises
    ------
    ExpressionError : with the position of the offending word and the nearest names.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            text[:40] + "…", MAX_CHARACTERS, text[MAX_CHARACTERS:][:10], f"longer than {MAX_CHARACTERS} characters"
        )
    cut = list(tokens(text, match, suggest))
    if not cut:
        raise ExpressionError(text, 0, text, "an empty location expression")
    _check_depth(text, cut)
    try:
        tree: Tree[Token] = _parser().parse(cut).children[0]  # type: ignore
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        if token is None or token.type == "$END":
            reason = "the expression ends too early: a place or ] is missing"
            raise ExpressionError(text, len(text), "", reason) from None
        word = text[token.start_pos : token.end_pos]
        raise ExpressionError(text, token.start_pos or 0, word, _unexpected(token.type)) from None
    for stretch in tree.iter_subtrees():  # 京哈高速[盘锦市至沈阳市] means the same as [盘锦市..沈阳市]
        inner: Any = stretch.children[0] if stretch.data == "stretch" and len(stretch.children) == 1 else None
        if getattr(inner, "data", "") == "route" and len(inner.children) == 2:
            stretch.children = list(inner.children)
    return tree


def _check_depth(text: str, cut: list[Token]) -> None:
    depth = 0
    for token in cut:
        depth += (token.type == "_OPEN") - (token.type == "_CLOSE")
        if depth > MAX_DEPTH:
            raise ExpressionError(text, token.start_pos or 0, str(token), f"more than {MAX_DEPTH} open brackets")


def _unexpected(kind: str) -> str:
    if kind in ("NAME", "POINT", "FILE"):
        return "a sign (such as > or +) is missing before this"
    return "a place is missing before this sign" if kind != "_CLOSE" else "nothing to close here"


def tokens(text: str, match: Match, suggest: Suggest) -> Iterator[Token]:
    """The tokens of an expression, the longest known name first; each knows its position."""
    folded, at, after_tilde = fold(text), 0, False
    while at < len(folded):
        if folded[at].isspace():
            at += 1
            continue
        kind, value, end = _distance(text, folded, at) if after_tilde else _token(text, folded, at, match, suggest)
        yield Token(kind, value, start_pos=at, end_pos=end)
        after_tilde, at = kind == "_TILDE", end


def _distance(text: str, folded: str, at: int) -> tuple[str, str, int]:
    found = _DISTANCE.match(folded, at)
    if not found:
        word = text[at:].split()[0]
        raise ExpressionError(text, at, word, "a distance with its unit is needed, as in '~ 2 km' or '~ 500 米'")
    metres = round(float(found["number"].replace(",", "")) * _METRES[found["unit"][0]], 3)
    if metres > MAX_DISTANCE_M:
        raise ExpressionError(text, at, text[at : found.end()], f"a distance of at most {MAX_DISTANCE_M / 1000:.0f} km")
    return "DISTANCE", repr(metres), found.end()


def _token(text: str, folded: str, at: int, match: Match, suggest: Suggest) -> tuple[str, str, int]:
    if "#" in text and (found := _FILE.match(text, at)):
        return "FILE", found.group(), found.end()
    if found := _POINT.match(folded, at):
        return "POINT", _plain_point(text, at, found), found.end()
    name = match(folded, at)
    if name is not None:
        end = at + len(name)
        digits = name.isdigit() and folded[end : end + 1].isdigit()
        if not digits and (_WORD_END.match(folded, end) or folded[end] == "至"):
            return "NAME", text[at:end], end
    if found := _QUOTED.match(text, at):
        inner = next(g for g in found.groups() if g is not None)
        return "FILE" if _QUOTED_FILE.fullmatch(inner) else "NAME", inner, found.end()
    if any(text[at] == opening for opening, _ in _QUOTES):
        raise ExpressionError(text, at, text[at:], "this quote is not closed")
    if name is None and (found := _SIGN.match(folded, at)):
        sign = found.group()
        spaced = folded[at - 1 : at].isspace() and folded[found.end() : found.end() + 1].isspace()
        if text[at] in _DASHES:
            raise ExpressionError(text, at, text[at], "a dash is no sign: write > for a line, - for a difference")
        if sign in _SPACED and not spaced and folded[found.end() :].strip():
            raise ExpressionError(text, at, sign, "this sign needs a space on both sides")
        kind = _SIGNS[sign]
        return kind, {"PLUS": "+", "MINUS": "-"}.get(kind, sign), found.end()
    ending = _WORD_END.search(folded, at)
    word = text[at : ending.start() if ending and ending.start() > at else at + 1]
    reason = "unknown name"
    if name is not None and folded[at + len(name)] in "-−":
        reason += " (the sign - needs a space on both sides)"
    elif folded[at] in "()":
        raise ExpressionError(
            text, at, text[at], "parentheses are not read; ~ binds before &, & before + and -, all before >"
        )
    elif _ANGLE.match(folded, at):
        raise ExpressionError(
            text, at, word, "a point is two numbers in degrees, longitude first, as in 122.624, 40.849"
        )
    raise ExpressionError(text, at, word, reason, suggest(word))


def _plain_point(text: str, at: int, found: re.Match[str]) -> str:
    datum = re.sub(r"[ _-]", "", found["datum"] or "")
    if datum and datum not in _DATUMS:
        allowed = ", ".join(_DATUMS)
        if datum in ("xian80", "xian1980", "beijing54", "beijing1954", "bj54"):
            allowed += " (Xian 80 and Beijing 54: convert first, see regionmap.datums.to_wgs84)"
        raise ExpressionError(text, at, found["datum"], f"unknown datum {found['datum']!r}; allowed: {allowed}")
    return f"{datum}: {found['lon']}, {found['lat']}".removeprefix(": ")


def point(token: str) -> tuple[str, float, float, int]:
    """Datum, longitude, latitude and number of decimals of a POINT token."""
    found = _POINT.fullmatch(token)
    assert found is not None
    decimals = min(len(found[c].partition(".")[2]) for c in ("lon", "lat"))
    return found["datum"] or "wgs84", float(found["lon"]), float(found["lat"]), decimals


def file(token: str) -> tuple[str, str, str]:
    """Path, layer and key of a FILE token."""
    found = _QUOTED_FILE.fullmatch(token)
    assert found is not None
    return found["path"], found["layer"], found["key"]


def position(node: Any) -> tuple[int, str]:
    """Where a tree begins in the text, and its first word."""
    token = node if isinstance(node, Token) else next(node.scan_values(lambda v: isinstance(v, Token)))
    return token.start_pos or 0, str(token)


def to_text(tree: Tree[Token], match: Match) -> str:
    """The expression of a tree, with half-width signs; parsed again it gives the same tree.

    Names stand bare where they are read again as they are, else quoted.
    """
    try:
        bare = _print(tree, quoted=False)
        if parse(bare, match, lambda _: ()) == tree:
            return bare
    except ExpressionError:
        pass
    return _print(tree, quoted=True)


def _print(node: Any, quoted: bool) -> str:
    if isinstance(node, Token):
        if node.type == "DISTANCE":
            return _print_metres(float(node))
        needs = quoted if node.type == "NAME" else node.type == "FILE" and not _FILE.fullmatch(node)
        return _quote(str(node)) if needs else str(node)
    parts = [_print(child, quoted) for child in node.children]
    if node.data == "cut":
        return parts[0] + "".join(f"[{p}]" for p in parts[1:])
    sign = {"route": " > ", "sum": " ", "both": " & ", "near": " ~ ", "stretch": "..", "name": "/"}.get(node.data, "")
    return sign.join(parts)


def _quote(text: str) -> str:
    opening, closing = next(((a, b) for a, b in _QUOTES if a not in text and b not in text), _QUOTES[0])
    return f"{opening}{text}{closing}"


def _print_metres(metres: float) -> str:
    kilometres = metres / 1000
    if metres >= 1000 and "e" not in repr(kilometres) and float(repr(kilometres)) * 1000.0 == metres:
        return f"{kilometres!r} km".replace(".0 km", " km")
    return f"{metres:.3f}".rstrip("0").rstrip(".") + " m"
