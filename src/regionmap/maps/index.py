"""The index page: links to the maps beside it, each with a thumbnail. One file, no script, no request."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from regionmap.maps import thumbnail
from regionmap.maps.page import web
from regionmap.plans.stores import replacing

NAME = "index"


@dataclass(frozen=True)
class Card:
    """What the index shows of one page."""

    href: str
    title: str
    subtitle: str
    date: str
    lang: str
    group: str
    order: float
    svg: str


def card(name: str, data: Mapping[str, Any]) -> Card:
    """The card of the page `name`.html, which carries `data`."""
    return Card(
        href=quote(f"{name}.html"),
        title=data["title"],
        subtitle=data["subtitle"],
        date=data["footer"]["date"],
        lang=data["lang"],
        group=data["index"]["group"],
        order=data["index"]["order"],
        svg=thumbnail.svg(data),
    )


def page(cards: Sequence[Card], data: Mapping[str, Any]) -> str:
    """The index of `cards`; what they have in common (region, plans, sources) is that of `data`, any one page's."""
    from regionmap import __version__

    lang = "en" if all(c.lang == "en" for c in cards) else "zh"
    strings = json.loads(web("strings.json"))[lang]
    sheet = web("index.css")
    boundary = data["footer"]["boundary"]
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    template = jinja2.Environment(autoescape=True).from_string(web("index.html"))
    return template.render(
        lang="zh-CN" if lang == "zh" else "en",
        version=__version__,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        sheet=Markup(sheet),
        title=f"{data['region']}{'' if lang == 'zh' else ' '}{strings['maps']}",
        count=strings["mapCount"].replace("{}", str(len(cards))),
        strings=strings,
        groups=list(_groups(cards)),
        plans=data["plans"],
        boundary=boundary if lang == "zh" else data["english"].get(boundary, boundary),
        svg={c.href: Markup(c.svg) for c in cards},
    )


def _groups(cards: Iterable[Card]) -> Iterable[tuple[str, list[Card]]]:
    """Cards by group, in the order of the recipes."""
    found: dict[str, list[Card]] = {}
    for entry in sorted(cards, key=lambda c: (c.order, c.href)):
        found.setdefault(entry.group, []).append(entry)
    return found.items()


def write(cards: Sequence[Card], data: Mapping[str, Any], folder: Path) -> Path:
    """Write `index.html` into `folder`, whole or not at all."""
    path = folder / f"{NAME}.html"
    with replacing(path) as temporary:
        temporary.write_bytes(page(cards, data).encode())
    return path
