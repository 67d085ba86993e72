"""Stationing as surveyors write it: `K12+300`, and station equations (断链). Numbers and text, no geometry."""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regionmap.errors import InputError

_STATION = re.compile(r"(-?)\s*([A-Z]{0,3}K)\s*(\d+)(?:\s*\+\s*(\d{1,4}(?:\.\d+)?))?")
FROM_START = "距起点 {km:.1f} km"
TOLERANCE_M = 1e-3


def parse_stationing(text: str, *, prefix: str | None = None) -> float:
    """The metres that a stationing means: `K12+300` is 12300.0.

    Parameters
    ----------
    text : `K12+300`, `DK0+005.25`, `YK3+45`, `K12`, `-K0+300`; full-width signs are read too. Behind the plus
        stand metres, 1 to 4 digits (more than 999 occur on a long chain: `K12+1050`).
    prefix : refuse every other prefix (`K`, `DK`, ...), because their counts differ.

    Returns
    -------
    float : metres, to be counted from where K0+000 lies (not from the line's first point).

    Raises
    ------
    InputError : not a stationing; another prefix.
    """
    found = _STATION.fullmatch(unicodedata.normalize("NFKC", str(text)).strip().upper())
    if found is None:
        raise InputError(f"{text!r} is no stationing; write it as K12+300 (kilometres + metres)")
    sign, letters, km, metres = found.groups()
    if prefix is not None and letters != prefix.upper():
        raise InputError(f"{text!r} counts by {letters}, not by {prefix}; convert it with the line's own table first")
    return (-1.0 if sign else 1.0) * (int(km) * 1000 + float(metres or 0))


def format_stationing(metres: float, *, prefix: str = "K", digits: int = 0) -> str:
    """The stationing of a number of metres: 12300 is `K12+300`; empty for a missing number.

    Parameters
    ----------
    metres : counted from K0+000; below 0 a minus is written in front.
    prefix : letters in front of the kilometres.
    digits : decimals of the metres.
    """
    if metres is None or math.isnan(metres):
        return ""
    unit = 10**digits
    whole = round(abs(float(metres)) * unit)
    km, rest = divmod(whole, 1000 * unit)
    width = 3 + (digits + 1 if digits else 0)
    return f"{'-' if metres < 0 and whole else ''}{prefix}{km}+{rest / unit:0{width}.{digits}f}"


class Stations(NamedTuple):
    """How a line is stationed: runs of metres, each with the chainage and the station where it begins.

    Attributes
    ----------
    chainage_m : per run, metres along the drawn line where it begins; the first is 0.
    station_m : per run, the station there.
    """

    chainage_m: tuple[float, ...]
    station_m: tuple[float, ...]

    def at(self, chainage_m: float) -> float:
        """The station at a chainage; at an equation the onward one."""
        run = max(bisect_right(self.chainage_m, chainage_m) - 1, 0)
        return self.station_m[run] + chainage_m - self.chainage_m[run]

    def find(self, station_m: float) -> tuple[float, ...]:
        """Chainages with this station: none inside a short chain's gap, two on a long chain."""
        ends = (*self.chainage_m[1:], math.inf)
        found: list[float] = []
        for start, end, station in zip(self.chainage_m, ends, self.station_m, strict=True):
            at = start + station_m - station
            if (at >= start or start == 0) and at <= end and not any(math.isclose(at, f, abs_tol=1e-9) for f in found):
                found.append(at)
        return tuple(found)


def stations(start_chainage_m: float, equations: str | Iterable[str] = ()) -> Stations:
    """The stationing of a line from its start and its station equations.

    Parameters
    ----------
    start_chainage_m : station of the line's first point, metres.
    equations : `K12+300=K12+350` for each break: station read from behind = station read onward, at the same
        place, in the order of the line; several as a list or parted by `;`. Onward larger is a short chain
        (短链: the stations between do not exist), onward smaller a long chain (长链: the stations between
        occur twice).

    Raises
    ------
    InputError : an equation that can't be read or that lies before the one in front of it.
    """
    texts = re.split("[;；]", equations) if isinstance(equations, str) else list(equations)
    chainages, onward = [0.0], [float(start_chainage_m)]
    for text in (t.strip() for t in texts):
        if not text:
            continue
        sides = unicodedata.normalize("NFKC", text).split("=")
        if len(sides) != 2:
            raise InputError(f"{text!r} is no station equation; write it as K12+300=K12+350 (behind = onward)")
        back, ahead = map(parse_stationing, sides)
        at = chainages[-1] + back - onward[-1]
        if at < chainages[-1]:
            raise InputError(f"station equation {text!r} lies before the line's start or the equation in front of it")
        chainages.append(at)
        onward.append(ahead)
    return Stations(tuple(chainages), tuple(onward))


def station_texts(chainage_m: NDArray[np.float64], known: Stations | None, *, prefix: str = "K") -> list[str]:
    """`K12+300` where the line's stationing is known, else `距起点 12.3 km`, for each chainage; empty where missing."""
    if known is None:
        return ["" if km != km else FROM_START.format(km=km) for km in (chainage_m / 1000).tolist()]
    run = np.maximum(np.searchsorted(known.chainage_m, chainage_m, side="right") - 1, 0)
    station = chainage_m + (np.array(known.station_m) - np.array(known.chainage_m))[run]
    return [format_stationing(s, prefix=prefix) for s in station.tolist()]


def chainage_of(text: str, known: Stations | None, length_m: float, *, prefix: str | None = None) -> float:
    """The chainage in metres that a stationing means on a line of `length_m`.

    Raises
    ------
    InputError : the line has no stationing, the station does not exist, or it occurs twice on a long chain.
    """
    station = parse_stationing(text, prefix=prefix)
    if known is None:
        raise InputError(
            f"the line has no start_chainage_m, so {text!r} has no place on it; pass metres from its start"
        )
    ends = (*known.chainage_m[1:], length_m)
    runs = ", ".join(
        f"{format_stationing(s)} to {format_stationing(s + e - c)}"
        for c, s, e in zip(known.chainage_m, known.station_m, ends, strict=True)
    )
    found = [at for at in known.find(station) if -TOLERANCE_M <= at <= length_m + TOLERANCE_M]
    if not found:
        raise InputError(f"{text!r} is not on the line, which runs {runs}")
    if len(found) > 1:
        places = " or ".join(f"{at:.3f}" for at in found)
        raise InputError(f"{text!r} occurs twice on a long chain: pass chainage_m = {places} instead")
    return found[0]
