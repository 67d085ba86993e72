"""What a user adds to a map: rendered once, its ids derived, its files taken from installed packages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink
from folium.plugins import Geocoder, MiniMap

from regionmap.errors import PageError
from regionmap.maps import assets

# What a folium.Map brings along for its elements, and in whose scripts it is used; ours brings only what is.
_NEEDED = {
    "jquery": r"\$\(|\bjQuery\b|TimeDimension",
    "awesome_markers": r"L\.AwesomeMarkers",
    "awesome_markers_css": r"L\.AwesomeMarkers",
    "awesome_rotate_css": r"fa-rotate-[1-9]",
    "awesome_markers_font_css": r"\"prefix\": \"fa|[\"' ]fa[srb]? fa-|prefix: ?[\"']fa",
    "glyphicons_css": r"glyphicon",
    "bootstrap": r"data-bs-|\bbootstrap\.",
    "bootstrap_css": r"data-bs-|\bbootstrap\.",
}
# Added scripts hold data, so that no hash can name them; yet without online=True the page still loads nothing.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:; media-src data: blob:; base-uri 'none'; form-action 'none'"
)
_SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.S | re.I)
# Calls and elements that load a file, wherever they stand in a script or its markup: at an address or on the disk.
_FILE = r"((?!data:|blob:|#)[^\"'\\]+)"
_LOADS = (
    r"L\.(?:tileLayer(?:\.wms)?|imageOverlay|videoOverlay|vectorGrid\.protobuf|gridLayer\.\w+|realtime)"
    r"\(\s*[\"']" + _FILE,
    r"(?:iconUrl|shadowUrl|iconRetinaUrl|markerUrl)[\"']?\s*:\s*[\"']" + _FILE,
    r"(?:fetch|getJSON|open|ajax|vegaEmbed)\(\s*(?:[\"']GET[\"'],\s*)?[\"'](https?:[^\"']+)",
    r"\bsrc\s*=\s*\\?[\"']" + _FILE,
    r"<link\b[^>]*\bhref\s*=\s*\\?[\"']" + _FILE,
    r"\burl\(\s*\\?[\"']?(https?:[^\"'\\)]+)",
)


class Added(NamedTuple):
    """What stands in the page besides ours: names of the elements, style sheets, raw head and its scripts (which want
    Leaflet and the plugins), scripts, markup."""

    names: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    head: str = ""
    head_scripts: str = ""
    scripts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    html: str = ""
    script: str = ""


def collect(figure: Figure, chart: folium.Map, *, trust_added: bool, online: bool) -> Added:
    """Render what was added to `chart`.

    Parameters
    ----------
    trust_added : the user says that the scripts of added elements may run.
    online : what no installed package carries may be loaded from the network.

    Raises
    ------
    PageError : something was added without `trust_added`; files that are missing, with the way out.
    """
    parts = (figure.header, figure.html, figure.script)
    own = [dict(part._children) for part in parts]
    try:
        for child in chart._children.values():
            child.render()
        if not any(part._children for part in parts):
            return Added()
        return _collected(figure, chart, trust_added, online)
    finally:  # what was rendered into the figure goes, what its user put there stays
        for part, children in zip(parts, own, strict=True):
            part._children.clear()
            part._children.update(children)


def _collected(figure: Figure, chart: folium.Map, trust_added: bool, online: bool) -> Added:
    names = tuple(sorted({c._name for c in chart._children.values()})) or ("Element",)
    if not trust_added:
        raise PageError(
            f"this map carries added elements ({', '.join(names)}) whose scripts hold data; save with trust_added=True "
            "to run them, which drops the page's script policy"
        )
    links = {k: e for k, e in figure.header._children.items() if isinstance(e, CssLink | JavascriptLink)}
    rendered = ["".join(e.render() for k, e in figure.header._children.items() if k not in links)]
    rendered += [part.render().strip() for part in (figure.html, figure.script)]
    head, html, script = _renamed(rendered, chart)
    urls = _needed(script + html + head) | {e.url: isinstance(e, CssLink) for e in links.values()}
    found = {url: assets.find(url) for url in urls}
    missing = [url for url, text in found.items() if text is None]
    loads = _loads(chart, script + html + head)
    if (missing or loads) and not online:
        raise PageError(_complaint(missing, loads))
    texts = {url: text for url, text in found.items() if text is not None}
    return Added(
        names=names,
        sheets=tuple(text for url, text in texts.items() if urls[url]),
        head=_SCRIPT.sub("", head),
        head_scripts="".join(_SCRIPT.findall(head)),
        scripts=tuple(text for url, text in texts.items() if not urls[url]),
        links=tuple(missing),
        html=html,
        script=script,
    )


def _renamed(texts: list[str], chart: folium.Map) -> list[str]:
    """The texts with every random id of an element replaced by one that follows from its first appearance."""
    ids = {e._id for e in _elements(chart, set()) if e is not chart}
    new: dict[str, str] = {}

    def rename(found: re.Match[str]) -> str:
        if found[0] not in ids:
            return found[0]
        return new.setdefault(found[0], hashlib.sha256(f"{chart._id}/{len(new)}".encode()).hexdigest()[:32])

    return [re.sub(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", rename, text) for text in texts]


def _elements(element: Element, done: set[int]) -> Iterator[Element]:
    """All elements that hang on an element: children, and what it holds itself (a popup's html, a minimap's tiles)."""
    done.add(id(element))
    yield element
    for value in vars(element).values():
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else (value,)
        for one in inner:
            if isinstance(one, Element) and id(one) not in done:
                yield from _elements(one, done)


def _needed(text: str) -> dict[str, bool]:
    """Addresses of what the base map would have brought, and whether each is a style sheet."""
    sheets = dict(folium.Map.default_css)
    files = dict(folium.Map.default_js) | sheets
    return {files[k]: k in sheets for k, pattern in _NEEDED.items() if k in files and re.search(pattern, text)}


def _loads(chart: folium.Map, text: str) -> list[str]:
    """Addresses that the added elements load when the page is open, each once. The tiles of small overview maps are
    none: offline these show our own base map (web/added.js)."""
    loads = [url for pattern in _LOADS for url in re.findall(pattern, text)]
    for element in _elements(chart, set()):
        if isinstance(element, MiniMap) and element.tile_layer.tiles in loads:
            loads.remove(element.tile_layer.tiles)
        if isinstance(element, Geocoder):
            loads.append("the search service of Geocoder")
    return list(dict.fromkeys(loads))


def _complaint(missing: list[str], loads: list[str]) -> str:
    parts = []
    if missing:
        wanted = list(dict.fromkeys(d for url in missing for d in assets.distributions(url)[:1]))
        remedy = f"pip install {' '.join(wanted)}" if wanted else "leave the element out"
        parts.append(f"no installed package carries {', '.join(missing)}: {remedy}")
    if loads:
        parts.append(f"added elements load {', '.join(loads)} when the page is opened: leave them out")
    return "; ".join(parts) + "; or say online=True for a page that needs the network"
