"""Where the files lie that folium's own elements load from the network: in installed packages.

One entry a file: a pattern of the address, the module and path that carry it, the distribution to install. `BUNDLES`
carry many files in one Python module, as `_res[address] = text`; they are read as data, never imported.
"""

from __future__ import annotations

import ast
import base64
import functools
import importlib.util
import re
from pathlib import Path
from typing import NamedTuple


class Carrier(NamedTuple):
    """A package that carries the file of the addresses that `pattern` finds."""

    pattern: str
    module: str
    path: str
    distribution: str


class Bundle(NamedTuple):
    """A package that carries many files in the Python module `path`."""

    module: str
    path: str
    distribution: str


CARRIERS = (
    Carrier(r"/leaflet_heat\.min\.js$", "folium", "templates/leaflet_heat.min.js", "folium"),
    Carrier(r"/pa7_hm\.min\.js$", "folium", "templates/pa7_hm.min.js", "folium"),
    Carrier(r"/pa7_leaflet_hm\.min\.js$", "folium", "templates/pa7_leaflet_hm.min.js", "folium"),
    Carrier(r"/jquery(-[\d.]+)?(\.min)?\.js$", "xstatic.pkg.jquery", "data/jquery.min.js", "XStatic-jQuery"),
    Carrier(r"/fontawesome.*/all(\.min)?\.css$", "xstatic.pkg.font_awesome", "data/css/all.min.css",
            "XStatic-Font-Awesome"),
    Carrier(r"/leaflet\.markercluster\.js$", "xstatic.pkg.leaflet_markercluster", "data/leaflet.markercluster.js",
            "XStatic-Leaflet-MarkerCluster"),
    Carrier(r"/MarkerCluster\.css$", "xstatic.pkg.leaflet_markercluster", "data/MarkerCluster.css",
            "XStatic-Leaflet-MarkerCluster"),
    Carrier(r"/MarkerCluster\.Default\.css$", "xstatic.pkg.leaflet_markercluster", "data/MarkerCluster.Default.css",
            "XStatic-Leaflet-MarkerCluster"),
)  # fmt: skip
BUNDLES = (Bundle("offlinefolium", "elements.py", "folium-offline"),)
INLINE = {".png": "image/png", ".gif": "image/gif", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def find(url: str) -> str | None:
    """The text of the script or style sheet at `url` as an installed package carries it; None if none does.

    What a style sheet loads stands inside it as data; what no package carries is left out of it.
    """
    for carrier in CARRIERS:
        if re.search(carrier.pattern, url) and (path := _file(carrier.module, carrier.path)) is not None:
            text = path.read_text("utf-8")
            return inlined(text, path.parent) if path.suffix == ".css" else text
    name = url.rsplit("/", 1)[-1]
    for bundle in BUNDLES:
        texts = _bundled(bundle)
        same = url if url in texts else next((u for u in texts if u.endswith("/" + name)), None)
        if same is not None:
            return inlined(texts[same], None) if ".css" in name else texts[same]
    return None


def distributions(url: str) -> list[str]:
    """What could be installed to have the file at `url`, the surest first; empty where nothing known carries it."""
    known = [c.distribution for c in CARRIERS if re.search(c.pattern, url)]
    return known + [b.distribution for b in BUNDLES if _file(b.module, b.path) is None]


def inlined(css: str, folder: Path | None) -> str:
    """A style sheet that loads nothing: its pictures and fonts as data, empty where the file is not there."""

    def inline(found: re.Match[str]) -> str:
        address = found[2]
        if address.startswith(("data:", "#")):
            return found[0]
        file = folder / re.sub(r"[?#].*", "", address) if folder is not None else None
        if file is None or file.suffix not in INLINE or not file.is_file():
            return "url(data:,)"
        return f"url(data:{INLINE[file.suffix]};base64,{base64.b64encode(file.read_bytes()).decode()})"

    css = re.sub(r"""@import[^;]*;""", "", css)
    return re.sub(r"""url\(\s*(["']?)(.*?)\1\s*\)""", inline, css, flags=re.S)


def _file(module: str, path: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    if spec is None or not spec.origin:
        return None
    file = Path(spec.origin).parent / path
    return file if file.is_file() else None


@functools.cache
def _bundled(bundle: Bundle) -> dict[str, str]:
    file = _file(bundle.module, bundle.path)
    if file is None:
        return {}
    texts = {}
    for node in ast.parse(file.read_text("utf-8")).body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Subscript):
            continue
        table = node.targets[0].value
        if isinstance(table, ast.Name) and table.id == "_res":
            texts[ast.literal_eval(node.targets[0].slice)] = ast.literal_eval(node.value)
    return texts
