"""The header that GeoPackage puts before the WKB of every geometry (OGC 12-128, clause 2.1.3)."""

from __future__ import annotations

import numpy as np

from regionmap.errors import Fault
from regionmap.plans.stores import shapes

_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_HEAD = 8


def parse(blobs: np.ndarray, file: str) -> tuple[np.ndarray, np.ndarray, list[Fault]]:
    """The WKB and the envelopes of stored geometries.

    Returns
    -------
    wkb : None where there is no geometry.
    boxes : west, south, east, north; NaN where the header has none.
    faults : headers that are none.
    """
    wkb, boxes = np.full(len(blobs), None, dtype=object), np.full((len(blobs), 4), np.nan)
    there = np.array([b is not None for b in blobs], dtype=bool)
    whole = np.array([isinstance(b, bytes) and len(b) > _HEAD for b in blobs], dtype=bool)
    rows = np.flatnonzero(there & whole)
    heads = np.frombuffer(b"".join(blobs[n][:_HEAD] for n in rows), dtype=np.uint8).reshape(-1, _HEAD)
    flags, code = heads[:, 3], (heads[:, 3] >> 1) & 7
    srs = np.where(flags & 1, heads[:, 4:].view("<i4")[:, 0], heads[:, 4:].view(">i4")[:, 0]) if len(rows) else flags
    good = (heads[:, 0] == 0x47) & (heads[:, 1] == 0x50) & (heads[:, 2] == 0) & (code <= 4) & (flags & 0x20 == 0)
    none = [*np.flatnonzero(there & ~whole), *rows[~good]]
    other, reason = good & (srs != 4326), "must be SRS 4326, as the layer says"
    faults = [
        *shapes.listed(file, "geom", ((n, str(blobs[n])[:20], "is no GeoPackage geometry") for n in none)),
        *shapes.listed(file, "geom", ((n, f"SRS {s}", reason) for n, s in zip(rows[other], srs[other], strict=True))),
    ]
    for flag in np.unique(flags[good]):
        chosen = rows[good & (flags == flag)]
        size = _ENVELOPE_BYTES[(flag >> 1) & 7]
        start = _HEAD + size
        wkb[chosen] = [blobs[n][start:] for n in chosen]
        if size:
            kind = "<f8" if flag & 1 else ">f8"
            box = np.frombuffer(b"".join(blobs[n][_HEAD : _HEAD + 32].ljust(32, b"\0") for n in chosen), kind).reshape(
                -1, 4
            )
            boxes[chosen] = box[:, [0, 2, 1, 3]]
    return wkb, boxes, faults
