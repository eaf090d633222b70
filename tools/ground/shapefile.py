"""Shapefiles as far as Natural Earth uses them: lines and areas, and a table of text."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_SHAPES_AT = 100
_END = 0x0D  # of the fields
_NULL, _LINE, _AREA = 0, 3, 5


def shapes(path: Path) -> Iterator[list[NDArray[np.float64]]]:
    """Yield the parts of each shape, (n, 2) longitude and latitude; none of a null shape.

    Raises:
        ValueError: A shape is neither lines nor an area.
    """
    read, at = path.read_bytes(), _SHAPES_AT
    while at < len(read):
        words = struct.unpack(">i", read[at + 4 : at + 8])[0]
        body, at = read[at + 8 : at + 8 + 2 * words], at + 8 + 2 * words
        kind = struct.unpack("<i", body[:4])[0]
        if kind == _NULL:
            yield []
            continue
        if kind not in {_LINE, _AREA}:
            raise ValueError(kind)
        parts, points = struct.unpack("<2i", body[36:44])
        starts = [*struct.unpack(f"<{parts}i", body[44 : 44 + 4 * parts]), points]
        xy = np.frombuffer(body, "<f8", 2 * points, 44 + 4 * parts).reshape(-1, 2)
        yield [xy[a:b] for a, b in pairwise(starts)]


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of the table beside it, all fields as text in UTF-8."""
    read = path.read_bytes()
    count, head, length = struct.unpack("<IHH", read[4:12])
    fields, at = [], 32
    while read[at] != _END:
        fields.append((read[at : at + 11].split(b"\0")[0].decode(), read[at + 16]))
        at += 32
    for n in range(count):
        at, row = head + n * length + 1, {}
        for name, width in fields:
            row[name] = read[at : at + width].decode("utf-8", "replace").strip(" \0")
            at += width
        yield row
