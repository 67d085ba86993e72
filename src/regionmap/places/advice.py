"""What the shift detector says: a verdict, its evidence, and what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

CANT_TELL = "can't tell"


@dataclass(frozen=True, eq=False)
class Advice:
    """What the points look like, and why. Nothing was converted.

    Attributes
    ----------
    verdict : `wgs84`, `gcj02`, `bd09`, `swapped`, `zone`, `prefix`, `false_easting`, `metres` (projected
        coordinates under a geographic or no CRS), `degrees` (the other way round) or `can't tell`.
    datum : the datum of the likely reading, or None.
    faults : all that is wrong, the verdict first; empty where the points are what they say.
    reading : the likely reading in words.
    points, named, with_unit : how many points there are, and how many have a known name or unit.
    share_before, share_after : of the points with a unit, those that lie in it, as stated and as read.
    shift_before_m, shift_after_m : median vector (east, north) from the gazetteer's places, metres.
    remedy : what to do.
    table : a DataFrame of all readings, the likeliest first.
    """

    verdict: str
    datum: str | None
    faults: tuple[str, ...]
    reading: str
    points: int
    named: int
    with_unit: int
    share_before: float
    share_after: float
    shift_before_m: tuple[float, float]
    shift_after_m: tuple[float, float]
    remedy: str
    table: Any = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """The advice as values that JSON can hold."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "table"}
        return {k: _plain(v) for k, v in plain.items()}

    @property
    def shifted(self) -> bool:
        """Whether the points are something else than they say."""
        return bool(self.faults)

    def __str__(self) -> str:
        head = f"{self.verdict}: {self.reading}" if self.verdict != CANT_TELL else f"{CANT_TELL}: {self.remedy}"
        lines = [head, f"{self.points} points, {self.named} with a known name, {self.with_unit} with a known unit"]
        if self.with_unit:
            lines.append(
                f"in their unit: {_percent(self.share_before)} as stated, {_percent(self.share_after)} as read"
            )
        if self.named:
            lines.append(f"median shift (east, north): {_vector(self.shift_before_m)} as stated, "
                         f"{_vector(self.shift_after_m)} as read")  # fmt: skip
        return "\n".join([*lines, self.remedy] if self.verdict != CANT_TELL else lines)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.1%}"


def _vector(vector: tuple[float, float]) -> str:
    return "-" if math.isnan(vector[0]) else "{:+,.0f} m, {:+,.0f} m".format(*vector)
