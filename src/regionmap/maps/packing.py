"""How a page carries its data: columns of bytes behind a JSON index, deflated, base64.

The bytes are read from the front (web/unpack.js): the length of the index (4 bytes, little end first), the index
(JSON), then what the index names, in its order. Whole numbers stand in planes, all their lowest bytes first, because
bytes of one weight resemble each other; `[count, width]` in the index stands for them. Coordinates and sorted
numbers are differences, zigzag (0, -1, 1, -2, ...). A column of few words is the words and their numbers.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from regionmap.maps.table import CITED, Table

_LEVEL = 7  # 9 takes three times as long for half a percent


def pack(data: Mapping[str, Any]) -> str:
    """What `payload.build` made, as the text of the page's data element."""
    parts: list[bytes] = []
    index = dict(data)
    index["features"] = _table(data["features"], parts)
    index["layers"] = [{**e, "features": _steps(e["features"], parts)} for e in data["layers"]]
    paths: list[int] = []
    index["shapes"] = _lengths(data["shapes"], paths)
    base = dict(data["base"])
    index["base"] = {k: v if k == "units" else _lengths(v, paths) for k, v in base.items()}
    index["sums"] = _sums(data["sums"], parts)
    index["paths"] = [_zigzag(paths[0::2], parts), _zigzag(paths[1::2], parts)]
    head = dumps(index).encode()
    return base64.b64encode(zlib.compress(b"".join([len(head).to_bytes(4, "little"), head, *parts]), _LEVEL)).decode()


def dumps(value: Any) -> str:
    """JSON that may stand in a script element: no `<`, no line separators, stable order."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.encode("utf-8", "replace").decode()  # half a character of a stranger's file is no text
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _table(table: Table, parts: list[bytes]) -> dict[str, Any]:
    texts = {**table.texts, "where": _own_places(table)}
    counts = {k: [len(v) for v in column] for k, column in table.lists.items()}
    flat = {k: [v for held in column for v in held] for k, column in table.lists.items()}
    own = np.repeat(np.array(table.texts["id"], object), counts["cites"])
    cited: dict[str, Any] = {k: [c[n] for c in flat["cites"]] for n, k in enumerate(CITED)}
    cited["id"] = np.where(np.array(cited["id"], object) == own, "", np.array(cited["id"], object))
    which = np.flatnonzero(table.is_point)
    shaped = np.flatnonzero(table.shape >= 0)
    return {
        "count": len(table),
        "texts": {k: _words(column, parts) for k, column in texts.items()},
        "numbers": {k: _numbers(column, parts) for k, column in table.numbers.items()},
        "aliases": {"count": _whole(counts["aliases"], parts), "text": _words(flat["aliases"], parts)},
        "cites": {
            "count": _whole(counts["cites"], parts),
            "plan": _whole(cited["plan"], parts),
            **{k: _words(cited[k], parts) for k in CITED[1:]},
        },
        "context": _steps(np.flatnonzero(table.context), parts),
        "points": [_steps(v, parts) for v in (which, table.points[which, 0], table.points[which, 1])],
        "shaped": [_steps(shaped, parts), _whole(table.shape[shaped], parts)],
        "spots": {str(n): spots for n, spots in table.spots.items()},
    }


_PLACE = re.compile(r"(-?\d{1,3}\.(\d{1,6})), ?(-?\d{1,2}\.(\d{1,6}))")


def _own_places(table: Table) -> list[str]:
    """The column `where`; of points that say their own coordinates only with how many places: "\\0" and two digits."""
    column = list(table.texts["where"])
    degrees = (table.points / 1e6).tolist()
    for n in np.flatnonzero(table.is_point).tolist():
        found = _PLACE.fullmatch(column[n])
        if found and found[0] == f"{found[1]}, {found[3]}":
            lon, lat = degrees[n]
            if found[0] == f"{lon:.{len(found[2])}f}, {lat:.{len(found[4])}f}":
                column[n] = f"\0{len(found[2])}{len(found[4])}"
    return column


def _whole(values: Any, parts: list[bytes]) -> list[int]:
    """Whole numbers from 0 as planes of bytes: `[count, planes]`."""
    array = np.asarray(values, np.int64)
    width = (int(array.max(initial=0)).bit_length() + 7) // 8
    if width > 4 or array.min(initial=0) < 0:
        raise OverflowError("a number that four bytes do not hold")
    planes = array.astype("<u4").view(np.uint8).reshape(-1, 4)
    parts.append(planes.T[:width].tobytes())
    return [len(array), width]


def _zigzag(values: Any, parts: list[bytes]) -> list[int]:
    array = np.asarray(values, np.int64)
    return _whole((array << 1) ^ (array >> 63), parts)


def _steps(values: Any, parts: list[bytes]) -> list[int]:
    return _zigzag(np.diff(np.asarray(values, np.int64), prepend=0), parts)


def _words(values: Sequence[str] | Any, parts: list[bytes]) -> dict[str, Any]:
    """A column of texts: words and their numbers where words come again, else text by text."""
    codes, words = pd.factorize(np.array([*values, ""], object))
    if 2 * len(words) <= len(values) + 2:
        return {"words": list(words), "codes": _whole(codes[:-1], parts)}
    joined = "".join(values).encode("utf-8", "replace")
    sizes = [len(v) + sum(c > "\uffff" for c in v) if not v.isascii() else len(v) for v in values]
    lengths = _whole(sizes, parts)  # in UTF-16 units, as the browser counts
    parts.append(joined)
    return {"lengths": lengths, "bytes": len(joined)}


def _numbers(values: Any, parts: list[bytes]) -> dict[str, Any]:
    """A column of floats (NaN: none): numbers and their places where they come again, else 8 planes of bytes."""
    codes, words = pd.factorize(values, use_na_sentinel=False)
    if 2 * len(words) <= len(values) + 2:
        plain = [None if np.isnan(w) else int(w) if w.is_integer() else w for w in words.tolist()]
        return {"words": plain, "codes": _whole(codes, parts)}
    parts.append(np.asarray(values, "<f8").view(np.uint8).reshape(-1, 8).T.tobytes())
    return {"floats": len(values)}


def _sums(value: Mapping[str, Any], parts: list[bytes]) -> dict[str, Any]:
    """What the summary counts by; its long lists of numbers as columns."""
    out: dict[str, Any] = {
        "things": _steps(value["things"], parts),
        "money": _steps([m[0] for m in value["money"]], parts),
    }
    out["yuan"] = _numbers(np.array([np.nan if m[1] is None else m[1] for m in value["money"]], float), parts)
    for key in (k for k in value if k not in out):  # in their order
        held = value[key]
        out[key] = {**held, "codes": _whole(held["codes"], parts)} if "codes" in held else held
    return out


def _lengths(value: Any, paths: list[int]) -> Any:
    """`value` with every list of differences put behind `paths` and replaced by its length."""
    if isinstance(value, Mapping):
        return {k: v if isinstance(v, str) else _lengths(v, paths) for k, v in value.items()}
    if isinstance(value, Iterable):
        held = list(value)
        if not held or not isinstance(held[0], int):
            return [_lengths(v, paths) for v in held]
        paths.extend(held)
        return len(held)
    return value
