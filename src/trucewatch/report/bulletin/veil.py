"""The ground that was not observed, as a map stipples it: cells of too little coverage.

Whatever no cell covers is stippled as well, since nobody worked out what could be seen there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from trucewatch.report.bulletin.frame import WIDTH
from trucewatch.report.bulletin.share import share_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trucewatch.report.bulletin.frame import Frame
    from trucewatch.report.watching import CellShare, Watching

    Square = tuple[tuple[float, float], ...]  # (left, top) of four corners in pixels

SIDE_MIN = 8
"""Pixels: a cell whose side is shorter is put together with its neighbours, for the eye alone."""


def veil(watching: Watching, frame: Frame) -> str:
    """Return SVG path data, to be filled even-odd: the plane without the cells that were watched.

    Cells are those that may be shown, see `shown`; squares beside each other become one.
    """
    least_share = watching.whole.coverage_min_share
    seen = _squares(watching.cells, frame, least_share)
    plane = f"M0 0H{WIDTH}V{frame.height}H0Z"
    return plane + "".join(map(_path, _joined(seen)))


def legend_text(watching: Watching) -> str:
    """Return what the stipple stands for."""
    least = watching.whole.coverage_min_share
    if not least:
        return "stippled: beyond the ground for which coverage is known"
    return (
        f"stippled: not observed, covered less than {share_text(least, least)} of the hours, or "
        "beyond the ground for which coverage is known"
    )


def _squares(cells: Sequence[CellShare], frame: Frame, least_share: float) -> list[Square]:
    """Return those that were watched and touch the plane, row by row as they came."""
    drawn = [(_pixels(cell, frame), cell.covered_share) for cell in cells]
    inside = [(square, share) for square, share in drawn if _touches(square, frame)]
    if inside and min(_side(square) for square, _ in inside) < SIDE_MIN:
        inside = _lattice(inside)
    return [square for square, share in inside if share >= least_share]


def _pixels(cell: CellShare, frame: Frame) -> Square:
    corners = (frame.pixel(lat_deg, lon_deg) for lon_deg, lat_deg in cell.ring_deg)
    return tuple((round(left, 1), round(top, 1)) for left, top in corners)


def _sides(square: Square) -> tuple[list[float], list[float]]:
    return [left for left, _ in square], [top for _, top in square]


def _touches(square: Square, frame: Frame) -> bool:
    lefts, tops = _sides(square)
    across = max(lefts) > 0 and min(lefts) < WIDTH
    return across and max(tops) > 0 and min(tops) < frame.height


def _side(square: Square) -> float:
    lefts, tops = _sides(square)
    return min(max(lefts) - min(lefts), max(tops) - min(tops))


def _lattice(drawn: Iterable[tuple[Square, float]]) -> list[tuple[Square, float]]:
    """Return squares of `SIDE_MIN` pixels with the mean of the cells whose middle they hold."""
    held: dict[tuple[int, int], list[float]] = defaultdict(list)
    for square, share in drawn:
        lefts, tops = _sides(square)
        middle = sum(lefts) / len(lefts), sum(tops) / len(tops)
        held[math.floor(middle[1] / SIDE_MIN), math.floor(middle[0] / SIDE_MIN)].append(share)
    return [
        (_block(column * SIDE_MIN, row * SIDE_MIN), math.fsum(shares) / len(shares))
        for (row, column), shares in sorted(held.items())
    ]


def _block(left: int, top: int) -> Square:
    right, foot = left + SIDE_MIN, top + SIDE_MIN
    return ((left, foot), (right, foot), (right, top), (left, top))


def _joined(squares: Iterable[Square]) -> list[Square]:
    """Return squares in which each that continues the one before has been put together with it."""
    rows: list[Square] = []
    for square in squares:
        before = rows[-1] if rows else ()
        if len(square) == len(before) == 4 and before[1:3] == (square[0], square[3]):  # noqa: PLR2004
            rows[-1] = (before[0], square[1], square[2], before[3])
        else:
            rows.append(square)
    return rows


def _path(square: Square) -> str:
    return "M" + "L".join(f"{left:g} {top:g}" for left, top in square) + "Z"
