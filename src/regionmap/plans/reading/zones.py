"""Gauss-Kruger zones of CGCS2000: which EPSG code a zone number, a central meridian or a prefix means.

Source: the EPSG registry. 3-degree zones 25 to 45 (central meridian 3 x zone): 4513 to 4533 with the zone number
before the easting, 4534 to 4554 without; 6-degree zones 13 to 23 (6 x zone - 3): 4491 to 4501 and 4502 to 4512.
The zone numbers of the two widths do not overlap, so a prefix tells the width too.
"""

from __future__ import annotations

from dataclasses import dataclass

from regionmap import datums


@dataclass(frozen=True)
class Zone:
    """A Gauss-Kruger zone of CGCS2000.

    Attributes
    ----------
    number : 25 to 45 (3 degrees wide) or 13 to 23 (6 degrees wide).
    """

    number: int

    @property
    def width(self) -> int:
        return 3 if self.number >= 25 else 6

    @property
    def meridian(self) -> int:
        """Central meridian, degrees east."""
        return datums.zone_meridian(self.number)

    @property
    def with_prefix(self) -> int:
        """EPSG code of the CRS whose eastings start with the zone number."""
        return 4513 + self.number - 25 if self.width == 3 else 4491 + self.number - 13

    @property
    def without_prefix(self) -> int:
        """EPSG code of the CRS whose eastings are 500,000 m on the central meridian."""
        return self.with_prefix + (21 if self.width == 3 else 11)


def zone(number: int) -> Zone | None:
    """The zone of a number, or None."""
    return Zone(number) if 25 <= number <= 45 or 13 <= number <= 23 else None


def of_longitude(degrees: float, width: int = 3) -> Zone | None:
    """The zone that a longitude lies in, if it is one of China's."""
    return zone(datums.zone_number(degrees, width))


def split_prefix(easting: float) -> tuple[Zone | None, float]:
    """Zone number and plain easting of an easting in metres: 41523000 -> zone 41, 523000."""
    number, rest = divmod(easting, 1_000_000.0)
    found = zone(int(number)) if number == number and abs(number) < 100 else None
    return (found, rest) if found else (None, easting)
