"""Sums of money as Chinese plans write them."""

from __future__ import annotations

import re
import unicodedata

_AMOUNT = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)(万亿|亿|千万|百万|万|)(人民币)?(?:(元)|(?=[,;。、)]|$))")
_UNITS = {"万亿": 1e12, "亿": 1e8, "千万": 1e7, "百万": 1e6, "万": 1e4, "": 1.0}
_FOREIGN = re.compile("美元|欧元|日元|港元|港币|美金|英镑|卢布|韩元|USD|EUR|JPY|HKD|[$€£]")
_RANGE = re.compile(r"[\d亿万元][-~—–至到][\d]")
YI = 1e8


def parse_investment(text: object) -> float | None:
    """The yuan that a text means, or None where it is not exactly one amount in yuan.

    `12.5亿元`, `3000万元`, `总投资约1.2万亿`, `5,000 万` are read. Not read, because they would have to be
    interpreted: several amounts, a range (`10-15亿元`), another currency, a bare number without 亿, 万 or 元.

    Parameters
    ----------
    text : as written in the plan; full-width digits are read too.
    """
    if not isinstance(text, str):
        return None
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    found = [m for m in _AMOUNT.finditer(plain) if m[2] or m[4]]  # 5万吨 ends in neither 元 nor a stop
    if len(found) != 1 or _FOREIGN.search(plain) or _RANGE.search(plain):
        return None
    number, unit = found[0][1], found[0][2]
    return float(number.replace(",", "")) * _UNITS[unit]
