"""Text tables: which encoding, which delimiter, which cells.

Encodings are tried in a fixed order and strictly: a byte order mark, UTF-8, GB18030. UTF-8 proves itself
(Chinese text in another encoding is almost never valid UTF-8), and GB18030, China's mandatory standard, holds GBK
and GB2312. A statistical detector (charset-normalizer) is not used: a table of a few short names is too little text
for statistics, and it then answers Big5, Johab or Windows-1252.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections import Counter

from regionmap.plans.reading.raw import Raw, UnreadableError
from regionmap.plans.reading.report import Refusal, Repair

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_DELIMITERS = ",\t;|，"
_SAMPLE = 30
_CELL_LIMIT = 10_000_000


def decode(raw: bytes) -> tuple[str, str, list[int]]:
    """Text of a file's bytes, the name of the encoding, and the lines that fit none.

    Lines of a file that mixes encodings are read one by one; a line that fits none has U+FFFD in it, and its
    number (from 1) is in the third value.

    Raises
    ------
    UnreadableError : bytes that are no text.
    """
    for mark, codec, name in _MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(codec), name, []
            except UnicodeDecodeError:
                if codec != "utf-8-sig":
                    raise UnreadableError(f"starts like {name} but is not") from None
                raw = raw[len(mark) :]
    if b"\0" in raw:
        for codec in ("utf-16-le", "utf-16-be"):
            zeros = raw[1::2] if codec.endswith("le") else raw[::2]
            if zeros.count(0) > len(zeros) / 4:
                try:
                    found = raw.decode(codec)
                except UnicodeDecodeError:
                    break
                if all(unicodedata.category(c) not in ("Cc", "Cn", "Co") or c in "\t\r\n" for c in set(found)):
                    return found, "UTF-16 without byte order mark", []
        raise UnreadableError("is no text: it has zero bytes; save it from the program that made it as CSV or Excel")
    try:
        return raw.decode("utf-8"), "UTF-8", []
    except UnicodeDecodeError:
        pass
    if not any(_surely_utf8(line) for line in raw.split(b"\n")):
        try:
            return raw.decode("gb18030"), "GB18030", []
        except UnicodeDecodeError:
            pass
    return _line_by_line(raw)


def _surely_utf8(line: bytes) -> bool:
    """Whether a line is UTF-8 with Chinese in it: GB18030 would take it too, but not the other way round."""
    try:
        return any(c >= "\u0800" for c in line.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _line_by_line(raw: bytes) -> tuple[str, str, list[int]]:
    texts, bad, used = [], [], Counter[str]()
    for number, line in enumerate(raw.split(b"\n"), 1):
        for codec in ("utf-8", "gb18030") if _surely_utf8(line) else ("gb18030", "utf-8"):
            try:
                texts.append(line.decode(codec))
                used[codec] += not line.isascii()
                break
            except UnicodeDecodeError:
                continue
        else:
            texts.append(line.decode("gb18030", errors="replace"))
            bad.append(number)
    if len(bad) > len(texts) / 2:
        raise UnreadableError("is neither UTF-8 nor GB18030 text; save it as 'CSV UTF-8' or as .xlsx")
    mixed = " and ".join(c.upper() for c, n in used.items() if n) or "UTF-8"
    return "\n".join(texts), f"{mixed}, line by line", bad


def table(raw: bytes) -> Raw:
    """A delimited text table (CSV, tab, semicolon, full-width comma)."""
    text, encoding, bad = decode(raw)
    return of_text(text, encoding, bad)


def of_text(text: str, encoding: str, bad_lines: list[int]) -> Raw:
    """A delimited table from text that is already decoded."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    lines = text.split("\n")
    notes = []
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        delimiter, lines = lines[0][4], ["", *lines[1:]]
    else:
        delimiter = _delimiter(lines)
    grid, starts, repaired = _cells(lines, delimiter)
    if delimiter != ",":
        notes.append(f"cells are parted by {'tabs' if delimiter == chr(9) else repr(delimiter)}")
    refused = []
    for line in bad_lines:
        row = max((n for n, start in enumerate(starts, 1) if start <= line), default=1)
        value = lines[line - 1][:60] if line <= len(lines) else ""
        refused.append(
            Refusal(row, None, value, "is neither UTF-8 nor GB18030", "one encoding for the whole file", (), (row, 1))
        )
    return Raw(grid, format="text table", encoding=encoding, repaired=repaired, refused=refused, notes=notes)


def _delimiter(lines: list[str]) -> str:
    """The sign that parts most lines into the same number of cells, more than one."""
    sample = [line for line in lines if line.strip()][:_SAMPLE]
    best, score = ",", 0
    for sign in _DELIMITERS:
        counts = Counter(line.count(sign) for line in sample)
        counts.pop(0, None)
        agree = sum(n for _, n in counts.most_common(1)) * 4 + sum(counts.values())
        if agree > score:
            best, score = sign, agree
    return best


def _cells(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int], list[Repair]]:
    """Rows of cells, the line that each starts in, and the rows whose quotes do not pair.

    A quote that is never closed would swallow all rows below it, so such text is read line by line.
    """
    if not any('"' in line for line in lines):
        return [line.split(delimiter) if line else [] for line in lines], list(range(1, len(lines) + 1)), []
    before = csv.field_size_limit(_CELL_LIMIT)
    try:
        reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, strict=True)
        grid, starts, after = [], [], 1
        for row in reader:
            grid.append(row)
            starts.append(after)
            after = reader.line_num + 1
        if not any(_swallowed(cell, delimiter, len(grid[0])) for row in grid for cell in row if "\n" in cell):
            return grid, starts, []
    except csv.Error:
        pass
    finally:
        csv.field_size_limit(before)
    grid, repaired = [], []
    for number, line in enumerate(lines, 1):
        try:
            if line.count('"') % 2:
                raise csv.Error("quotes do not pair")
            grid.append(next(csv.reader([line], delimiter=delimiter, strict=True), []))
        except csv.Error:
            grid.append([cell.strip().strip('"') for cell in line.split(delimiter)])
            why = "its quotes do not pair; read as they stand between the delimiters"
            repaired.append(Repair(number, "", line[:80], line.replace('"', "")[:80], why, (number, 1)))
    return grid, list(range(1, len(lines) + 1)), repaired


def _swallowed(cell: str, delimiter: str, columns: int) -> bool:
    """Whether a cell of several lines holds whole rows: a quote was opened and closed rows later."""
    inner = cell.split("\n")[1:]
    return columns > 1 and any(line.count(delimiter) >= columns - 1 for line in inner)
