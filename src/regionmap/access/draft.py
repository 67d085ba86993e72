"""A network while it is put together.

One boards at a hall and leaves at a hall. Between the hall and the train stand the minutes of the ledger::

    hall -board-> platform -half of end-> train -run-> train -half of end-> off -exit-> hall
                                                                            off -transfer-> platform of another class

Trains run through between lines of one class.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from regionmap.access.ledger import Ledger

TRAINS = ("high_speed_rail", "rail", "planned_rail", "transit")
HALL, ROADSIDE = 1, 2  # one may leave the network at both; local roads lead only from hall to hall


@dataclass(eq=False)
class Draft:
    """Nodes and edges so far; `speed` times all speeds."""

    ledger: Ledger
    speed: float
    names: list[str] = field(default_factory=list)
    spots: list[tuple[float, float]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # 0: none, HALL, ROADSIDE
    edges: list[tuple[int, int, float, float, str, str, bool]] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    gates: dict[int, dict[str, tuple[int, int, int]]] = field(default_factory=dict)  # hall -> class -> in, on, off

    def node(self, name: str, spot: tuple[float, float], place: int = 0) -> int:
        self.names.append(name)
        self.spots.append((float(spot[0]), float(spot[1])))
        self.places.append(place)
        return len(self.names) - 1

    def edge(self, a: int, b: int, minutes: float, mode: str, *, km: float = 0.0, line: str = "", oneway: bool = True,
             shape: Any = None) -> None:  # fmt: skip
        self.edges.append((a, b, minutes, km, mode, line, oneway))
        self.shapes.append(shape)

    def gate(self, hall: int, kind: str) -> int:
        """The node on the line (in the train, on the carriageway) of a class at a hall; made on first use."""
        doors = self.gates.setdefault(hall, {})
        if kind in doors:
            return doors[kind][1]
        name, spot, number = self.names[hall], self.spots[hall], self.ledger.number
        into, on, off = (self.node(name, spot) for _ in range(3))
        self.edge(hall, into, number(f"board_minutes.{kind}"), "board")
        self.edge(off, hall, number(f"exit_minutes.{kind}"), "exit")
        half = number(f"end_minutes.{kind}") / 2 if kind in TRAINS else 0.0
        self.edge(into, on, half, kind)
        self.edge(on, off, half, kind)
        if kind in TRAINS:
            for other, (into2, _, off2) in doors.items():
                if other in TRAINS:
                    self.edge(off, into2, number(f"transfer_minutes.{other}"), "transfer")
                    self.edge(off2, into, number(f"transfer_minutes.{kind}"), "transfer")
        doors[kind] = (into, on, off)
        return on

    def run(self, a: int, b: int, km: float, kind: str, line: str, kmh: float, stops: int, shape: Any) -> None:
        """A piece of line between two nodes on it; `stops` of its ends are stations where trains may stop."""
        number = self.ledger.number
        minutes = km / (kmh * number(f"running_factor.{kind}") * self.speed) * 60
        if kind in TRAINS and stops:
            minutes += stops / 2 * number(f"stop_minutes.{kind}") * number(f"stopping_share.{kind}")
        self.edge(a, b, minutes, kind, km=km, line=line, oneway=False, shape=shape)
