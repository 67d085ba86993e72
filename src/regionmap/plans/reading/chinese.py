"""What a report says, in Chinese: for the colleague whom the marked copy goes back to. The sentences stand in
chinese.toml; programs read the English ones."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib import resources

from regionmap import kinds

_CHOICE = "allowed are "
Say = Callable[[str], str]
LANGUAGES: Mapping[str, Say]


def plain(text: str) -> str:
    """The sentence as it is."""
    return text


@lru_cache(maxsize=4096)
def chinese(text: str) -> str:
    """A sentence of a report in Chinese; as it is where nobody wrote it in Chinese."""
    if text.startswith(_CHOICE):
        words = (_words().get(word, word) for word in text.removeprefix(_CHOICE).split(", "))
        return f"可填:{'、'.join(words)}"
    for pattern, (there, gaps) in _sentences().items():
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return there.format(*(chinese(g) if " " in g else g for g in found.groups())) if gaps else there
    for sign, chinese_sign in (("; ", ";"), (": ", ":"), (", ", "、")):
        head, found_sign, tail = text.partition(sign)
        if found_sign and (said := (chinese(head), chinese(tail))) != (head, tail):
            return chinese_sign.join(said)
    return text


@cache
def _words() -> dict[str, str]:
    """What a table may hold, in Chinese; the reader takes both."""
    names = {kind.id: kind.zh for kind in kinds.KINDS.values()}
    return names | {word: zh for table in (kinds.SECTORS, kinds.STATUSES) for word, (zh, _) in table.items()}


@cache
def _sentences() -> dict[str, tuple[str, int]]:
    """Patterns, the one that says most first."""
    file = resources.files("regionmap.plans.reading") / "chinese.toml"
    sentences: dict[str, str] = tomllib.loads(file.read_text("utf-8"))["sentences"]
    order = sorted(sentences, key=lambda s: -len(s.replace("{}", "")))
    return {"(.+?)".join(map(re.escape, s.split("{}"))): (sentences[s], s.count("{}")) for s in order}


LANGUAGES = {"en": plain, "zh": chinese}
