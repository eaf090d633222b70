"""A map of what could have been seen: cells by covered share, as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trucewatch.mission.holding_days import by_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from trucewatch.measure.coverage.grid import Coverage

    Floats = NDArray[np.float64]

_WIDTH = 720  # pixels, as all here
_FOOT = 56
_BOX = 14
_STEP = 130
_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8)
"""Lower ends of the classes of the map; the last one reaches to 1."""
_INKS = ("#f1eee6", "#cbdcdc", "#9dbfc1", "#66989c", "#2c6f75")
_INK = "#26323a"


def drawn(covered: Coverage, kinds: Sequence[str]) -> str:
    """Return the map, of the class that is seen least in each cell.

    Args:
        covered: The lower end of what could have been seen.
        kinds: Classes that count.
    """
    shares = _shares(covered, kinds)
    rows = len(covered.cells) // covered.cells.columns
    height = round(rows * _WIDTH / covered.cells.columns)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" '
        f'height="{height + _FOOT}" font-family="sans-serif" font-size="13" '
        f'fill="{_INK}" role="img">',
        f"<title>Covered share by cell of {covered.cells.size_km:g} km, "
        f"{covered.steps.start:%Y-%m-%d %H:%M} to {covered.steps.end:%Y-%m-%d %H:%M} UTC</title>",
        *_squares(covered, shares),
        *_legend(height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _shares(covered: Coverage, kinds: Sequence[str]) -> Floats:
    """Return the covered share of each cell, (n,), 0 to 1."""
    each = [covered.p(kind).mean(axis=0) for kind in by_class(kinds, covered.assets)]
    return np.asarray(np.clip(np.min(each, axis=0), 0.0, 1.0))


def _squares(covered: Coverage, shares: Floats) -> Iterator[str]:
    """Yield the cells that lie in a zone, each as a square; the others are left out."""
    zones = sum(covered.cells.sectors.values(), np.zeros(len(shares)))
    columns = covered.cells.columns
    side = _WIDTH / columns
    rows = len(shares) // columns
    for number in np.flatnonzero(zones > 0).tolist():
        row, column = divmod(number, columns)
        ink = _INKS[int(np.searchsorted(_SHARES, shares[number], side="right")) - 1]
        yield (
            f'<rect x="{column * side:.1f}" y="{(rows - 1 - row) * side:.1f}" '
            f'width="{side:.1f}" height="{side:.1f}" fill="{ink}" stroke="#fff">'
            f"<title>{shares[number]:.0%} covered</title></rect>"
        )


def _legend(top: int) -> Iterator[str]:
    y = top + (_FOOT - _BOX) // 2
    for place, (low, ink) in enumerate(zip(_SHARES, _INKS, strict=True)):
        x = 8 + place * _STEP
        yield (
            f'<rect x="{x}" y="{y}" width="{_BOX}" height="{_BOX}" '
            f'fill="{ink}" stroke="{_INK}" stroke-width=".5"/>'
        )
        last = place == len(_SHARES) - 1
        words = f"{low:.0%} to {1 if last else _SHARES[place + 1]:.0%}"
        yield f'<text x="{x + _BOX + 6}" y="{y + 12}">{words}</text>'
