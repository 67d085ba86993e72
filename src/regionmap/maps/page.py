"""A folium.Map that is written as one offline file.

The page runs only scripts that this package and Leaflet's carry; a content security policy with their
hashes makes anything else inert, and data stands in script elements of type application/json.
"""

from __future__ import annotations

import base64
import functools
import gc
import hashlib
import html
import importlib.util
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import folium
import jinja2
from branca.element import Figure
from markupsafe import Markup

from regionmap.errors import InputError, PageError
from regionmap.maps import added, assets, packing
from regionmap.maps import payload as payloads
from regionmap.maps import recipe as recipes
from regionmap.maps.added import Added
from regionmap.maps.picture import still
from regionmap.plans.region import Region
from regionmap.plans.stores import replacing

_SCRIPTS = "scripts.txt"
"""The page's scripts in the order in which they are put into it, one a line."""
_ICONS = {"iconUrl": "marker-icon", "iconRetinaUrl": "marker-icon-2x", "shadowUrl": "marker-shadow"}
_NOTHING = jinja2.Template("")


class BriefingMap(folium.Map):
    """The map that `rm.render` returns: a `folium.Map` whose `save` writes one offline file.

    Parameters
    ----------
    data : what `maps.payload.build` made of a region and a recipe.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own attribute
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = _NOTHING
    still: Callable[[], bytes | None] | None = None  # draws the picture, once

    def __init__(self, data: dict[str, Any]) -> None:
        west, south, east, north = data["views"][0]["box"]
        super().__init__(location=[(south + north) / 2, (west + east) / 2], tiles=None)
        self.data = data
        self._packed = packing.pack(data)
        self._id = hashlib.sha256(self._packed.encode()).hexdigest()[:32]
        self._parent = None  # type: ignore[assignment]
        figure = _OfflineFigure()
        figure.header._children.clear()
        figure.add_child(self)

    def save(self, outfile: Any, close_file: bool = True, **switches: bool) -> None:
        """Write the page; `trust_added` and `online` as in `save_html`."""
        page = self.get_root().render(**switches)
        if not isinstance(outfile, str | Path):
            outfile.write(page.encode())
            if close_file:
                outfile.close()
            return
        with replacing(Path(outfile)) as temporary:
            temporary.write_bytes(page.encode())

    def _repr_html_(self, **kwargs: Any) -> str:
        """The live page in a frame; under it a picture, which is left where a notebook takes frames out.

        The frame has an origin of its own: script of added elements runs in it and can't reach the notebook.
        """
        page, still = html.escape(self.get_root().render(trust_added=True)), self._repr_png_()
        place = "position:absolute;top:0;left:0;width:100%;height:640px"
        may = 'sandbox="allow-scripts allow-downloads allow-modals" allowfullscreen'
        frame = f'<iframe srcdoc="{page}" style="{place};border:0" {may}></iframe>'
        if still is None:
            return f'<div style="position:relative;height:640px">{frame}</div>'
        source = f"data:image/png;base64,{base64.b64encode(still).decode()}"
        style = "display:block;width:100%;height:640px;object-fit:contain"
        picture = f'<img src="{source}" alt="{html.escape(self.data["title"])}" style="{style}">'
        return f'<div style="position:relative;height:640px">{picture}{frame}</div>'

    def _repr_png_(self) -> bytes | None:
        """The map as a picture, for notebooks that run no scripts; None where matplotlib or a font is missing."""
        return self.still() if self.still else None


class _OfflineFigure(Figure):
    """The figure around a BriefingMap: renders our page instead of folium's."""

    def render(self, **kwargs: Any) -> str:
        (chart,) = (c for c in self._children.values() if isinstance(c, BriefingMap))
        trust, online = bool(kwargs.get("trust_added")), bool(kwargs.get("online"))
        return _page(chart, added.collect(self, chart, trust_added=trust, online=online), online)


def render(region: Region, recipe: Any) -> BriefingMap:
    """A map of `region` as `recipe` (a path or a dict) describes it; see `regionmap.render`."""
    read = recipes.read(recipe, region)
    with _uncollected():
        chart = BriefingMap(payloads.build(region, read))
    chart.still = functools.cache(lambda: still(region, read))
    return chart


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cycles meanwhile: millions of new objects looked through again and again are a third of a build."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def save_html(map: folium.Map, path: str | Path, *, trust_added: bool = False, online: bool = False) -> None:
    """Write a map that `render` made as one file that makes no request; whole or not at all.

    Parameters
    ----------
    trust_added : run the scripts of elements that were added to the map (they hold data, so the page's
        script policy is dropped).
    online : let added elements load their files from the network.

    Raises
    ------
    InputError : a map that `render` did not make.
    PageError : added elements without the switches above.
    """
    if not isinstance(map, BriefingMap):
        raise InputError("save_html writes maps that regionmap.render made; a plain folium.Map has its own save")
    map.save(path, trust_added=trust_added, online=online)


def _page(chart: BriefingMap, extra: Added, online: bool) -> str:
    from regionmap import __version__

    sheets = [_leaflet_css(), web("page.css"), web("print.css")]
    scripts = [_leaflet("leaflet.js"), *(web(f"{name}.js") for name in web(_SCRIPTS).split())]
    scripts = [_closed(re.sub(r"//# sourceMappingURL=.*", "", s)) for s in scripts]
    scripts = [scripts[0], "\n".join(scripts[1:])]
    strings = json.loads(web("strings.json"))
    page = jinja2.Environment(autoescape=True).from_string(web("page.html"))
    return page.render(
        data=chart.data,
        strings=strings[chart.data["lang"]],
        version=__version__,
        map_id=chart.get_name(),
        policy=_policy(scripts, sheets) if not extra.names else "" if online else added.POLICY,
        sheets=[Markup(s) for s in (*sheets, *map(_styled, extra.sheets))],
        scripts=[Markup(s) for s in scripts],
        head=Markup(extra.head),
        body=Markup(_body(extra, online)),
        strings_json=Markup(packing.dumps(strings)),
        head_json=Markup(packing.dumps({key: chart.data[key] for key in ("lang", "views")})),
        packed=Markup(chart._packed),
    )


def _body(extra: Added, online: bool) -> str:
    """What a user added, behind our own scripts: links, plugins, markup, and the script that makes the elements."""
    if not extra.names:
        return ""
    icons = {key: _picture(f"images/{name}.png") for key, name in _ICONS.items()}
    ours = f"RM.added({json.dumps({'icons': icons, 'online': online, 'names': extra.names}, ensure_ascii=False)});"
    scripts = [web("added.js"), ours.replace("<", "\\u003c"), *extra.scripts]
    links = "".join(_linked(html.escape(url)) for url in extra.links)
    blocks = "".join(f"<script>{_closed(s)}</script>" for s in scripts)
    hooks = "<script>RM.hooked();</script>"
    return blocks + links + extra.head_scripts + hooks + extra.html + f"<script>{extra.script}</script>"


def _policy(scripts: list[str], sheets: list[str]) -> str:
    def hashes(texts: list[str]) -> str:
        return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(t.encode()).digest()).decode()}'" for t in texts)

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(sheets)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _linked(url: str) -> str:
    return f'<link rel="stylesheet" href="{url}">' if ".css" in url else f'<script src="{url}"></script>'


@functools.cache
def web(name: str) -> str:
    """One of the page's own files, as text."""
    return (resources.files("regionmap.maps") / "web" / name).read_text("utf-8")


@functools.cache
def _leaflet(name: str) -> str:
    return (_leaflet_folder() / name).read_text("utf-8")


def _leaflet_folder() -> Path:
    spec = importlib.util.find_spec("xstatic.pkg.leaflet")
    if spec is None or not spec.origin:
        raise PageError("Leaflet comes from the package XStatic-Leaflet: pip install XStatic-Leaflet")
    return Path(spec.origin).parent / "data"


@functools.cache
def _leaflet_css() -> str:
    """Leaflet's style sheet with its pictures inside."""

    css = assets.inlined(_leaflet("leaflet.css"), _leaflet_folder())
    return re.sub(r"\s*(?<!-)(?:behavior|print-color-adjust):[^;]+;", "", css)


def _picture(path: str) -> str:
    return f"data:image/png;base64,{base64.b64encode((_leaflet_folder() / path).read_bytes()).decode()}"


def _styled(sheet: str) -> str:
    """A style sheet that can't end its own element."""
    return sheet.replace("</style", "<\\/style")


def _closed(script: str) -> str:
    """A script that can't end its own element."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
