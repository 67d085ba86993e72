"""Ten minutes of the grammar, and of what it is read into, over the shipped names: a tree or a fault, never a crash.

    nice -n 19 python tests/places/fuzz_grammar.py 600 1 | tee tests/places/fuzz_grammar.log

Texts: names and signs at random, cells of the catalogue with pieces put in, changed or cut out, printed trees, and
any characters. What parses must print and parse to the same tree; what can be located has a geometry and a radius.
"""

from __future__ import annotations

import collections
import random
import sys
import time
import traceback
import warnings
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]

from test_grammar import made  # noqa: E402

import regionmap as rm  # noqa: E402
from regionmap.errors import ExpressionError  # noqa: E402
from regionmap.places import grammar  # noqa: E402

SIGNS = [
    " > ", " + ", " - ", " & ", " ~ ", "~", "[", "]", "..", "/", "→", "至", "、", "2 km", "3公里", "「", "」", "“", "”", '"', "【", "】",
    "…", " ", "\u3000", "122.5, 41.2", "gcj02: 123,41", "x.gpkg#a/1", "../x.gpkg#a/b=c", "#", ":", ",", "-", "—", "0", "9" * 30,
    "1e9 km", "\x00", "\u202e", "😀", "é", "İ", "ß", "A",
]  # fmt: skip
RANGES = [(32, 127), (0x4E00, 0x9FFF), (0xFF00, 0xFFEF), (1, 0xD7FF), (0xE000, 0x10FFFF)]


def text(rng: random.Random, names: list[str], cells: list[str], match: grammar.Match) -> str:
    kind = rng.random()
    if kind < 0.35:
        return "".join(rng.choice(names if rng.random() < 0.45 else SIGNS) for _ in range(rng.randint(1, 12)))
    if kind < 0.6:
        piece = list(rng.choice(cells))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(piece) + 1)
            piece[at : at + rng.randint(0, 1)] = rng.choice([[], [rng.choice(SIGNS)], [rng.choice(names)]])
        return "".join(piece)
    if kind < 0.85:
        return grammar.to_text(made(random.Random(rng.random()), chr(rng.randrange(1, 0xD7FF))), match)
    return "".join(chr(rng.randrange(*rng.choice(RANGES))) for _ in range(rng.randint(0, 60)))


def main(seconds: float, seed: int) -> int:
    warnings.simplefilter("ignore")
    region, rng, counts = rm.open(), random.Random(seed), collections.Counter[str]()
    where, names = region._where(), region.gazetteer
    words = [n for e in names.entries for n in (e.name, *e.aliases) if n]
    cells = [w for w in region.records["where"] if w]
    end, slowest = time.monotonic() + seconds, (0.0, "")
    while time.monotonic() < end:
        expr, start = text(rng, words, cells, names.match), time.monotonic()
        counts["texts"] += 1
        try:
            tree = grammar.parse(expr, names.match, lambda _: ())
            counts["parsed"] += 1
            assert grammar.parse(grammar.to_text(tree, names.match), names.match, lambda _: ()) == tree
            sector, built = rng.choice(["", "rail", "road", "water", "energy"]), rng.random() < 0.5
            spot = where._locate(expr, rng.choice(["is", "within"]), "", sector, built)
            assert spot.accuracy_m >= 0 and not spot.geometry.is_empty
            counts["located"] += 1
        except ExpressionError as fault:
            counts["faults"] += 1
            assert 0 <= fault.position <= len(expr)
        except Exception:
            counts["crashes"] += 1
            print(repr(expr), traceback.format_exc(), flush=True)
        slowest = max(slowest, (time.monotonic() - start, expr))
    print(f"{seconds:.0f} s, seed {seed}: {dict(counts)}, crashes {counts['crashes']}; slowest {slowest[0]:.2f} s")
    return 1 if counts["crashes"] else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2])))
