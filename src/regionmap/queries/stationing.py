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

_STATION = re.compile(r"(-?)\s*((?:[A-Z][A-Z0-9]{0,2})?K)\s*(\d+)(?:\s*\+\s*(\d{1,4}(?:\.\d+)?))?")
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
    metres, letters = _read(text)
    if prefix is not None and letters != prefix.upper():
        raise InputError(f"{text!r} counts by {letters}, not by {prefix}; convert it with the line's own table first")
    return metres


def _read(text: str) -> tuple[float, str]:
    """The metres of a stationing, and the letters that it counts by."""
    found = _STATION.fullmatch(unicodedata.normalize("NFKC", str(text)).strip().upper())
    if found is None:
        raise InputError(f"{text!r} is no stationing; write it as K12+300 (kilometres + metres)")
    sign, letters, km, metres = found.groups()
    return (-1.0 if sign else 1.0) * (int(km) * 1000 + float(metres or 0)), letters


def format_stationing(metres: float, *, prefix: str = "K", digits: int = 0) -> str:
    """The stationing of a number of metres: 12300 is `K12+300`; empty for one that is missing.

    Parameters
    ----------
    metres : counted from K0+000; below 0 a minus is written in front.
    prefix : letters in front of the kilometres.
    digits : decimals of the metres.
    """
    if metres is None or not math.isfinite(metres):
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
    prefix : per run, the letters that it counts by (`K`, `DK`, ...); empty where no stationing says so.
    """

    chainage_m: tuple[float, ...]
    station_m: tuple[float, ...]
    prefix: tuple[str, ...]

    def at(self, chainage_m: float) -> float:
        """The station at a chainage; at an equation the onward one."""
        run = max(bisect_right(self.chainage_m, chainage_m) - 1, 0)
        return self.station_m[run] + chainage_m - self.chainage_m[run]

    def text(self, chainage_m: float) -> str:
        """The same, written with the letters of its run and to the millimetre."""
        run = max(bisect_right(self.chainage_m, chainage_m) - 1, 0)
        return format_stationing(self.at(chainage_m), prefix=self.prefix[run] or "K", digits=3)

    def find(self, station_m: float, *, prefix: str = "") -> tuple[float, ...]:
        """Chainages with this station: none inside a short chain's gap, two on a long chain.

        prefix : look only where the line counts by these letters, or by none.
        """
        ends = (*self.chainage_m[1:], math.inf)
        found: list[float] = []
        for start, end, station, letters in zip(self.chainage_m, ends, self.station_m, self.prefix, strict=True):
            if prefix and letters and prefix != letters:
                continue
            at = start + station_m - station
            if (at >= start or start == 0) and at <= end and not any(math.isclose(at, f, abs_tol=1e-9) for f in found):
                found.append(at)
        return tuple(found)


def stations(start_chainage_m: float | str, equations: str | Iterable[str] = ()) -> Stations:
    """The stationing of a line from its start and its station equations.

    Parameters
    ----------
    start_chainage_m : station of the line's first point: metres, or a stationing such as `DK12+300`.
    equations : `K12+300=K12+350` for each break: station read from behind = station read onward, at the same
        place, in the order of the line; several as a list or parted by `;`. Onward larger is a short chain
        (短链: the stations between do not exist), onward smaller a long chain (长链: the stations between
        occur twice). The letters may change there (`DK80+100=K76+000`).

    Raises
    ------
    InputError : an equation that can't be read, that lies before the one in front of it, or whose side behind counts
        by other letters than the line does there.
    """
    texts = re.split("[;；]", equations) if isinstance(equations, str) else list(equations)
    start, letters = _read(start_chainage_m) if isinstance(start_chainage_m, str) else (float(start_chainage_m), "")
    chainages, onward, prefixes = [0.0], [start], [letters]
    for text in (t.strip() for t in texts):
        if not text:
            continue
        sides = unicodedata.normalize("NFKC", text).split("=")
        if len(sides) != 2:
            raise InputError(f"{text!r} is no station equation; write it as K12+300=K12+350 (behind = onward)")
        (back, behind), (ahead, letters) = map(_read, sides)
        if prefixes[-1] not in ("", behind):
            raise InputError(f"station equation {text!r} counts by {behind}, where the line counts by {prefixes[-1]}")
        at = chainages[-1] + back - onward[-1]
        if at < chainages[-1]:
            raise InputError(f"station equation {text!r} lies before the line's start or the equation in front of it")
        chainages.append(at)
        onward.append(ahead)
        prefixes[-1:] = [behind, letters]
    return Stations(tuple(chainages), tuple(onward), tuple(prefixes))


def station_texts(chainage_m: NDArray[np.float64], known: Stations | None) -> list[str]:
    """`K12+300` by the line's own letters where they are known, else `距起点 12.3 km`; empty where missing."""
    if known is None:
        return ["" if km != km else FROM_START.format(km=km) for km in (chainage_m / 1000).tolist()]
    run = np.maximum(np.searchsorted(known.chainage_m, chainage_m, side="right") - 1, 0)
    station = chainage_m + (np.array(known.station_m) - np.array(known.chainage_m))[run]
    letters = [known.prefix[r] or "K" for r in run.tolist()]
    return [format_stationing(s, prefix=p) for s, p in zip(station.tolist(), letters, strict=True)]


def chainage_of(text: str, known: Stations | None, length_m: float) -> float:
    """The chainage in metres that a stationing means on a line of `length_m`.

    Raises
    ------
    InputError : the line has no stationing, the station does not exist (where the line counts by its letters), or it
        occurs twice on a long chain.
    """
    station, letters = _read(text)
    if known is None:
        raise InputError(
            f"the line has no start_chainage_m, so {text!r} has no place on it; pass metres from its start"
        )
    ends = (*known.chainage_m[1:], length_m)
    runs = ", ".join(
        f"{format_stationing(s, prefix=p or 'K')} to {format_stationing(s + e - c, prefix=p or 'K')}"
        for c, s, e, p in zip(known.chainage_m, known.station_m, ends, known.prefix, strict=True)
    )
    found = [at for at in known.find(station, prefix=letters) if -TOLERANCE_M <= at <= length_m + TOLERANCE_M]
    if not found:
        raise InputError(f"{text!r} is not on the line, which runs {runs}")
    if len(found) > 1:
        places = " or ".join(f"{at:.3f}" for at in found)
        raise InputError(f"{text!r} occurs twice on a long chain: pass chainage_m = {places} instead")
    return found[0]
