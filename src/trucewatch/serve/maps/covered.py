"""Where nobody could have seen it: stipple over the cells of the mission's grid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.mission.covered import declared
from trucewatch.mission.holding_days import by_class, classes
from trucewatch.serve.lasting import Lasting
from trucewatch.serve.maps.ink import joined, mark, path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from markupsafe import Markup
    from numpy.typing import NDArray

    from trucewatch.evidence.log import Log
    from trucewatch.measure.coverage.cells import Cells
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.projection import Projection
    from trucewatch.serve.maps.frame import Frame

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

DARK_SHARE = 0.5
"""Below this share of the time it would have been missed more often than seen: dense stipple."""
_DIM_SHARE = 0.8
_KEPT = 8  # spans of time that are held ready
LONGEST = timedelta(days=7)
"""What is stippled at most, up to the end of the span: longer ones are slow, and hide today."""
_M_PER_KM = 1_000.0
_RUN = 8  # cells


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Watched:
    """How much of a span each cell was watched.

    Attributes:
        cells: The grid.
        share: Mean P(detected) of the class that is seen least, (n,), 0 to 1.
        start: Of the span.
        end: Of the span.
    """

    cells: Cells
    share: Floats
    start: datetime
    end: datetime

    def unseen_share(self) -> float:
        """Return the part of the zones' area and hours that nobody could have seen."""
        weight_km2 = np.max([*self.cells.sectors.values()], axis=0)
        return float(1.0 - (self.share * weight_km2).sum() / weight_km2.sum())


def watched(
    log: Log, there: Projection, using: Configuration, span: tuple[datetime, datetime]
) -> Watched | None:
    """Return how much of the last days of a span was watched; None where nobody declared it."""
    found = declared(log, there, using)
    if found is None:
        return None
    end = span[1]
    start = max(span[0], end - LONGEST)
    coverage = found.between((start, max(end, start + timedelta(hours=1))), cloud_unknown_share=1.0)
    kinds = by_class(classes(using.settings), coverage.assets)
    shares = [coverage.p(kind).mean(axis=0) for kind in kinds]
    return Watched(cells=found.cells, share=np.min(shares, axis=0), start=start, end=end)


kept: Lasting[Watched | None] = Lasting(_KEPT)
"""What was worked out, by mission, run, settings and span."""


def stippled(seen: Watched, frame: Frame) -> Markup:
    """Return the cells that were watched too little: dense below one half, light below .8."""
    dark = seen.share < DARK_SHARE
    dim = ~dark & (seen.share < _DIM_SHARE)
    return joined(
        mark("path", class_=kind, d=d)
        for kind, flags in (("m-veil", dark), ("m-veil lite", dim))
        if (d := path(_runs(seen.cells, flags, frame), closed=True))
    )


def _runs(cells: Cells, flags: Flags, frame: Frame) -> Iterator[Floats]:
    """Yield a quad in pixels for each run of cells along a row, those in view alone."""
    rows = np.pad(flags.reshape(-1, cells.columns), ((0, 0), (1, 1)))
    column = np.arange(cells.columns)
    # a row of the plane bends in Mercator, so a run is never long
    begins = rows[:, 1:-1] & (~rows[:, :-2] | (column % _RUN == 0))
    ends = rows[:, 1:-1] & (~rows[:, 2:] | (column % _RUN == _RUN - 1))
    from_cell, to_cell = np.flatnonzero(begins), np.flatnonzero(ends)
    if not len(from_cell):
        return
    half_km = cells.size_km / 2
    corners = []
    for of, east, north in (
        (from_cell, -1, -1),
        (to_cell, 1, -1),
        (to_cell, 1, 1),
        (from_cell, -1, 1),
    ):
        lon_deg, lat_deg = cells.plane.unproject(
            (cells.x_km[of] + east * half_km) * _M_PER_KM,
            (cells.y_km[of] + north * half_km) * _M_PER_KM,
        )
        corners.append(np.column_stack(frame.px(lon_deg, lat_deg)))
    quads = np.stack(corners, axis=1)
    low, high = quads.min(axis=1), quads.max(axis=1)
    size = np.array([frame.width_px, frame.height_px])
    yield from quads[((high >= 0) & (low <= size)).all(axis=1)]
