"""How things look wherever they are drawn: colours by family of sectors, symbols by kind, line patterns by status.

Plain values, the same for pages (maps/style.py) and for the files that other programs open; nothing here draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FAMILIES: Mapping[str, tuple[str, str, str, tuple[str, ...]]] = MappingProxyType(
    {
        # id: Chinese, English, colour (contrast of at least 4.5 on the paper colour), sectors
        "transport": ("轨道与航空", "rail and air", "#38424f", ("rail", "transit", "airport")),
        "road": ("公路", "roads", "#8f5a14", ("road",)),
        "port": ("港航物流", "ports and logistics", "#0b5f8a", ("port", "waterway", "logistics")),
        "open": ("开放商贸", "trade and markets", "#b0305c", ("trade", "market", "finance")),
        "industry": ("工业能源", "industry and energy", "#a3480c", ("industry", "energy")),
        "water": ("水利水系", "water", "#1f6fb2", ("water",)),
        "green": ("农业生态", "farming and ecology", "#3f6b1c", ("agriculture", "ecology")),
        "culture": ("文化旅游", "culture and tourism", "#7a3e9d", ("tourism", "culture")),
        "service": (
            "科教医疗",
            "science, schools, health",
            "#4a4fb5",
            ("education", "health", "science", "digital"),
        ),
        "region": ("区域城镇", "regions and towns", "#5d5348", ("urban", "region")),
    }
)

# dash pattern in pixels; empty = solid
DASHES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "operating": (),
        "upgrading": (),
        "under_construction": (14, 4),
        "planned": (8, 5),
        "proposed": (2, 5),
        "": (),
    }
)

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "hub": "diamond",
        "park": "square",
        "facility": "triangle",
        "project": "circle",
        "corridor": "bar",
        "zone": "hexagon",
    }
)

PAPER: Mapping[str, str] = MappingProxyType(
    {
        "sea": "#dbe7ee",
        "beyond": "#eceae5",
        "land": "#f1efea",
        "own": "#fdfcf9",
        "county": "#d8d2c8",
        "city": "#a89f92",
        "province": "#6b6359",
        "state": "#8a3b52",
        "water": "#7fb0cf",
        "ink": "#22262b",
        "quiet": "#6f6a63",
        "accent": "#c2410c",
        "band": "#f59e0b",
        "halo": "rgba(255,255,255,0.9)",  # around names, under lines
        "face": "#ffffff",  # inside hollow marks, ties of railways
    }
)
