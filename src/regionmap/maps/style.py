"""How things look: colours by family of sectors, symbols by kind, line patterns by status.

Plain values, the same for the page and for pictures; nothing here draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from regionmap.looks import DASHES, FAMILIES, PAPER, SYMBOLS

# quiet fills for zones that are told apart one by one (Okabe and Ito's order, darkened for outlines)
EACH = ("#0072b2", "#d55e00", "#009e73", "#a2548a", "#8a6d00", "#3b8fc4", "#7a4b2a", "#4d4d4d")

# classes of filled regions, light to dark: one hue, so that grey prints keep their order
_RAMP = ("#f9eecf", "#f4dca2", "#eac272", "#dba24a", "#c07c2c", "#97561d", "#673412")
_STEPS = ((2,), (1, 4), (0, 3, 5), (0, 2, 4, 5), (0, 1, 3, 4, 6), (0, 1, 2, 3, 5, 6), (0, 1, 2, 3, 4, 5, 6))
RAMPS = tuple(tuple(_RAMP[n] for n in steps) for steps in _STEPS)

# the same roles on dark paper; what is not named here stays as it is in the light
DARK_PAPER: Mapping[str, str] = MappingProxyType(
    {
        "sea": "#13202b",
        "beyond": "#15181b",
        "land": "#1c2024",
        "own": "#262b31",
        "county": "#3d454d",
        "city": "#69737d",
        "province": "#a3adb6",
        "state": "#d98497",
        "water": "#3f7296",
        "ink": "#eef1f4",
        "quiet": "#aab3bb",
        "accent": "#ff9a5c",
        "band": "#f5a623",
        "halo": "rgba(20,24,28,0.88)",
        "face": "#1a1f24",
    }
)
_DARK_FAMILIES = {
    "transport": "#c6cfda", "road": "#e2b06c", "port": "#6cbfec", "open": "#f28fb1", "industry": "#f4a066",
    "water": "#86bdf3", "green": "#a1cf78", "culture": "#cfa3ec", "service": "#afb4f8", "region": "#cdbfae",
}  # fmt: skip
_DARK_EACH = ("#63b8e8", "#f29d62", "#52cca4", "#dca2cb", "#dcc158", "#96caec", "#d0a687", "#bfbfbf")
_DARK_RAMP = ("#3d3427", "#58462b", "#785b30", "#9d773a", "#c2974c", "#e2bd76", "#f8e4b4")


def payload() -> dict[str, Any]:
    """The values as the page gets them."""
    return {
        "families": {k: {"zh": v[0], "en": v[1], "colour": v[2]} for k, v in FAMILIES.items()},
        "sectors": {s: k for k, v in FAMILIES.items() for s in v[3]},
        "each": list(EACH),
        "ramps": [list(ramp) for ramp in RAMPS],
        "dashes": {k: list(v) for k, v in DASHES.items()},
        "symbols": dict(SYMBOLS),
        "paper": dict(PAPER),
        "dark": {
            "families": dict(_DARK_FAMILIES),
            "each": list(_DARK_EACH),
            "ramps": [[_DARK_RAMP[n] for n in steps] for steps in _STEPS],
            "paper": dict(DARK_PAPER),
        },
    }
