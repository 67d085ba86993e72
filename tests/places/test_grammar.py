"""The language: signs, names, faults; what is printed reads the same; nothing crashes it."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lark import Token, Tree

from regionmap.errors import ExpressionError
from regionmap.places import grammar
from regionmap.places.gazetteer import Entry, Gazetteer, fold

NAMES = (
    "沈阳", "沈阳市", "四平", "铁岭", "铁岭西站", "海城市", "西柳镇", "京哈高速", "辽河", "金宝屯", "210381", "Dalian Port",
    "沈阳至金宝屯铁路", "铁岭—淮安产业园区", "开原—西丰铁路", "海城-溧水对口合作园区", "A&B", "“一圈一带两区”", "三〔2〕号",
)  # fmt: skip
KNOWN = Gazetteer(tuple(Entry(n, "place", "site", "", None, 0.0) for n in NAMES))


def parse(text: str) -> Tree[Token]:
    return grammar.parse(text, KNOWN.match, KNOWN.suggest)


def show(node: object) -> object:
    """A tree as nested lists."""
    return str(node) if isinstance(node, Token) else [node.data, *map(show, node.children)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", NAMES)
def test_the_longest_known_name_wins_before_any_sign(text: str) -> None:
    assert show(parse(text)) == ["name", text]
    assert show(parse(f"{text} > 沈阳")) == ["route", ["name", text], ["name", "沈阳"]]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("沈阳至四平", "沈阳 > 四平"), ("沈阳→四平", "沈阳 > 四平"), ("沈阳＞四平", "沈阳 > 四平"), ("沈阳->四平", "沈阳 > 四平"),
        ("沈阳、四平、铁岭", "沈阳 + 四平 + 铁岭"), ("沈阳市＋海城市+铁岭", "沈阳市 + 海城市 + 铁岭"), ("沈阳市&海城市", "沈阳市 & 海城市"), ("沈阳市　＋　海城市", "沈阳市 + 海城市"), ("沈阳市 − 海城市", "沈阳市 - 海城市"),
        ("沈阳市 ＆ 海城市", "沈阳市 & 海城市"), ("辽河～2公里", "辽河 ~ 2 km"), ("辽河 ~ 2千米", "辽河 ~ 2 km"),
        ("辽河~２ｋｍ", "辽河 ~ 2 km"), ("辽河 ~ 500米", "辽河 ~ 500 m"), ("辽河 ~ 0.5公里以内", "辽河 ~ 500 m"),
        ("辽河 ~ 1,500 m", "辽河 ~ 1.5 km"), ("辽河 ~ 2.5 kilometres", "辽河 ~ 2.5 km"), ("辽河 ~ 10海里", "辽河 ~ 18.52 km"),
        ("京哈高速［沈阳市..海城市］", "京哈高速[沈阳市..海城市]"), ("京哈高速【沈阳市至海城市】", "京哈高速[沈阳市..海城市]"),
        ("京哈高速[沈阳市…海城市]", "京哈高速[沈阳市..海城市]"), ("海城市／西柳镇", "海城市/西柳镇"),
        ("「沈阳」至“四平”", "沈阳 > 四平"), ('"沈阳" > 『四平』', "沈阳 > 四平"), ("「什么都行 > 也行」", "「什么都行 > 也行」"),
        ("122.624，40.849", "122.624, 40.849"), ("GCJ-02：122.63, 40.85", "gcj02: 122.63, 40.85"),
        ("wgs 84: -5,40.0", "wgs84: -5, 40.0"), ("own.gpkg#parks/12", "own.gpkg#parks/12"),
        ("“我的 图.gpkg#地块/id=A 7” ~ 1 km", "「我的 图.gpkg#地块/id=A 7」 ~ 1 km"),
        ("辽河[121.5, 40.2..122, 40.4]", "辽河[121.5, 40.2..122, 40.4]"),
    ],
)  # fmt: skip
def test_signs_and_units_of_either_script(written: str, plain: str) -> None:
    tree = parse(written)
    assert grammar.to_text(tree, KNOWN.match) == plain
    assert parse(plain) == tree


def test_binding_tightest_first() -> None:
    assert show(parse("沈阳 + 四平 - 铁岭 & 辽河[海城市] ~ 2 km > 西柳镇")) == [
        "route",
        ["sum", ["name", "沈阳"], "+", ["name", "四平"], "-",
         ["both", ["name", "铁岭"], ["near", ["cut", ["name", "辽河"], ["stretch", ["name", "海城市"]]], "2000.0"]]],
        ["name", "西柳镇"],
    ]  # fmt: skip
    assert show(parse("辽河[海城市][沈阳..四平]"))[1:] == [
        ["name", "辽河"], ["stretch", ["name", "海城市"]], ["stretch", ["name", "沈阳"], ["name", "四平"]],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "position", "word", "reason"),
    [
        ("", 0, "", "empty"), ("   ", 0, "   ", "empty"), ("沈阳 > ", 5, "", "ends too early"), ("> 沈阳", 0, ">", "place is missing"),
        ("沈阳 + + 四平", 5, "+", "place is missing"), ("沈阳 四平", 3, "四平", "sign"), ("沈阳+", 3, "", "ends too early"), ("沈阳 -", 4, "", "ends too early"),
        ("辽河 ~ 2", 5, "2", "distance with its unit"), ("辽河 ~ 沈阳", 5, "沈阳", "distance with its unit"),
        ("辽河 ~ 9999 km", 5, "9999 km", "at most 2000 km"), ("沈阳 — 四平", 3, "—", "a dash is no sign"),
        ("(沈阳 + 四平) ~ 5 km", 0, "(", "parentheses are not read"), ("东经122°37′", 0, "东经122°37′", "two numbers in degrees"), ("N40°51′ E122°37′", 0, "N40°51′", "two numbers in degrees"),
        ("沈阳-四平", 0, "沈阳-四平", "space on both sides"), ("「沈阳", 0, "「沈阳", "not closed"), ("沈阳]", 2, "]", "close"),
        ("xian80: 122, 41", 0, "xian80", "unknown datum"), ("沈阳 > 铁领西站", 5, "铁领西站", "unknown name"),
        ("沈阳至金宝屯铁道", 3, "金宝屯铁道", "unknown name"), ("辽河" + "[辽河" * 30 + "]" * 30, 62, "[", "open brackets"),
        ("沈" * 10_001, 10_000, "沈", "longer than"),
    ],
)  # fmt: skip
def test_faults_say_where_and_what(text: str, position: int, word: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=reason) as caught:
        parse(text)
    assert (caught.value.position, caught.value.word) == (position, word)


def test_an_unknown_name_comes_with_the_nearest_ones() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("沈阳 > 铁领西站")
    assert caught.value.suggestions[0] == "铁岭西站"
    assert 1 <= len(caught.value.suggestions) <= 3
    assert "at position 6: '铁领西站'; nearest names: 铁岭西站" in str(caught.value)


# --- round trip -------------------------------------------------------------------------------------------------

LEVELS = ("route", "sum", "both", "near", "cut", "atom")
FILES = ("own.gpkg#parks/12", "a/b.shp#b/id=A7", "我 的.gpkg#层/名=值 二", "../up.gpkg#x/1")


def made(rng: random.Random, odd: str, level: str = "route", depth: int = 2) -> Tree[Token]:
    """A tree as the parser makes it: each operator over those that bind tighter; `odd` is a name to be quoted."""
    if level == "atom":
        kind = rng.choice(["name", "name", "point", "file"])
        if kind == "name":
            return Tree("name", [Token("NAME", rng.choice([*NAMES, odd])) for _ in range(rng.choice([1, 1, 2, 3]))])
        if kind == "file":
            return Tree("file", [Token("FILE", rng.choice(FILES))])
        x, y = (f"{rng.uniform(-180, 180):.{rng.randint(0, 8)}f}" for _ in "xy")
        return Tree("point", [Token("POINT", f"{rng.choice(['', 'gcj02', 'bd09'])}: {x}, {y}".removeprefix(": "))])
    tighter = LEVELS[LEVELS.index(level) + 1]
    children: list[Tree[Token] | Token] = [made(rng, odd, tighter, depth)]
    for _ in range(0 if level == "cut" and not depth else rng.choice([0, 0, 0, 1, 2])):
        if level == "near":
            children.append(Token("DISTANCE", repr(round(rng.choice([1.0, 1e3, 1e-3]) * rng.randint(1, 2000), 3))))
        elif level == "cut":
            ends = [made(rng, odd, "route", depth - 1) for _ in range(rng.choice([1, 2]))]
            if len(ends) == 1 and ends[0].data == "route" and len(ends[0].children) == 2:
                ends = list(ends[0].children)  # type: ignore[arg-type]
            children.append(Tree("stretch", ends))
        else:
            if level == "sum":
                children.append(rng.choice([Token("PLUS", "+"), Token("MINUS", "-")]))
            children.append(made(rng, odd, tighter, depth))
    return Tree(level, children) if len(children) > 1 else children[0]  # type: ignore[return-value]


QUOTABLE = st.text(
    st.characters(codec="utf-8", exclude_characters='」「"“”『』#', exclude_categories=("Cs",)), min_size=1, max_size=8
)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), QUOTABLE)
@example(0, "a > b")
def test_what_is_printed_reads_as_the_same_tree(seed: int, odd: str) -> None:
    tree = made(random.Random(seed), odd)
    text = grammar.to_text(tree, KNOWN.match)
    if len(text) <= grammar.MAX_CHARACTERS:
        assert parse(text) == tree
        assert grammar.to_text(parse(text), KNOWN.match) == text


PIECES = st.sampled_from([*NAMES, " ", "  ", *"><→至+、-&~[]/.…【】「」“”\"'#:,()°—–", "..", "2 km", "3公里", "122.5, 40.1", "x.gpkg#a/1", "gcj02:", "未知"])  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=14).map("".join), st.text(max_size=40)))
def test_any_text_gives_a_tree_or_a_fault_that_points_into_it(text: str) -> None:
    try:
        tree = parse(text)
    except ExpressionError as fault:
        assert 0 <= fault.position <= len(text)
        assert not fault.word or len(text) > grammar.MAX_CHARACTERS or fold(fault.word) in fold(text)
    else:
        assert parse(grammar.to_text(tree, KNOWN.match)) == tree
