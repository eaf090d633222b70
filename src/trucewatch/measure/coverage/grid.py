"""P(detected | class, place, time) on the grid, and the hours that were covered and lost.

P = 1 - product over assets of (1 - P of the asset x its power). Assets are taken to miss
independently: what hides a blast from two of them at once, other than the night, the cloud and the
losses that are counted, makes P too high.

Covered hours of a sector are the sum over its steps of the mean P over its area: an hour in which a
third of it was watched perfectly counts as 20 minutes. An asset's own hours are at full power, at
close range, by day in clear sky, whatever the class; hours watched and hours lost add up to those
without any loss. Assets that watch the same ground lose more hours together than the sector did.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.measure.coverage.cells import WHOLE
from trucewatch.measure.coverage.claims import CLOUD
from trucewatch.measure.coverage.watched import NIGHT, Given, watched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trucewatch.measure.coverage.asset import Asset
    from trucewatch.measure.coverage.cells import Cells, Steps
    from trucewatch.measure.coverage.watched import Watched

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

WATCHING = "watching"  # the cause that takes nothing
BY_ASSET: dict[str, pl.DataType] = {
    "asset": pl.String(),
    "sector": pl.String(),  # `WHOLE` for the whole grid
    "watched_h": pl.Float64(),  # at full power all over the sector
    "lost_h": pl.Float64(),
    "full_h": pl.Float64(),  # the two together
    "watched_km2_h": pl.Float64(),
    "cloud_unknown_h": pl.Float64(),  # of `full_h`: nobody says how cloudy it was, and it matters
}
"""Hours of each asset in each sector."""
LOST: dict[str, pl.DataType] = {
    "asset": pl.String(),
    "sector": pl.String(),
    "cause": pl.String(),
    "hours": pl.Float64(),  # as `lost_h`
    "km2_h": pl.Float64(),
}
"""What each cause took."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """What could have been seen.

    Attributes:
        assets: Those declared, by name.
        cells: Where.
        steps: When.
        causes: Names of all causes of loss.
        watched: What each asset watched, in the order of `assets`.
        strangers: Assets of watch reports and losses that nobody declared; they count for nothing.
    """

    assets: tuple[Asset, ...]
    cells: Cells
    steps: Steps
    causes: tuple[str, ...]
    watched: tuple[Watched, ...]
    strangers: tuple[str, ...]

    def p(self, kind: str) -> Floats:
        """Return P(some asset detects) of a class, (steps, cells)."""
        missed_p = np.ones((self.steps.count, len(self.cells)))
        for asset, seen in zip(self.assets, self.watched, strict=True):
            if close_p := asset.detection.close_p(kind):
                missed_p[:, seen.reach] *= 1.0 - close_p * seen.power
        return 1.0 - missed_p

    def power_at(self, name: str, step: Whole, cell: Whole) -> Floats:
        """Return the power of one asset at some steps and cells, (k,); P is that times `close_p`.

        Raises:
            BadInput: There is no such asset.
        """
        names = [asset.name for asset in self.assets]
        if name not in names:
            raise BadInput("asset", f"{name!r} is not known, expected one of {', '.join(names)}")
        seen = self.watched[names.index(name)]
        column = np.full(len(self.cells), -1, np.int64)
        column[seen.reach] = np.arange(len(seen.reach))
        within = column[cell] >= 0
        found = np.zeros(len(cell))
        found[within] = seen.power[step[within], column[cell[within]]]
        return found

    def by_step_h(self, kind: str, sector: str = WHOLE) -> Floats:
        """Return the covered hours of a class in a sector by step, (steps,)."""
        weight_km2 = self.cells.weight_km2(sector)
        mean_p = self.p(kind) @ (weight_km2 / weight_km2.sum())
        return np.asarray(np.clip(mean_p, 0.0, 1.0) * self.steps.step_h)

    def hours(self, kind: str, sector: str = WHOLE) -> float:
        """Return the covered hours of a class in a sector."""
        return float(self.by_step_h(kind, sector).sum())

    def share(self, kind: str, sector: str = WHOLE) -> float:
        """Return the covered part of the hours that passed, 0 to 1."""
        return self.hours(kind, sector) / self.steps.hours_h

    def by_asset(self) -> pl.DataFrame:
        """Return the hours of each asset in each sector (`BY_ASSET`)."""
        rows = []
        for asset, seen in zip(self.assets, self.watched, strict=True):
            watched_h = seen.power.sum(axis=0) * self.steps.step_h
            for sector in self.cells.names():
                weight_km2 = self.cells.weight_km2(sector)
                here, total = weight_km2[seen.reach], weight_km2.sum()
                own = float(watched_h @ here)
                lost = float(seen.lost_h.sum(axis=0) @ here)
                full, unknown = float(seen.full_h @ here), float(seen.unknown_h @ here)
                hours = (own / total, lost / total, full / total)
                rows.append((asset.name, sector, *hours, own, unknown / total))
        return pl.DataFrame(rows, schema=BY_ASSET, orient="row")

    def lost(self, cause: str | None = None) -> pl.DataFrame:
        """Return what each cause took of each asset in each sector (`LOST`); nothing is left out.

        Args:
            cause: This one alone.
        """
        rows = []
        for asset, seen in zip(self.assets, self.watched, strict=True):
            for sector in self.cells.names():
                weight_km2 = self.cells.weight_km2(sector)
                km2_h = seen.lost_h @ weight_km2[seen.reach]
                for name, each in zip(self.causes, km2_h.tolist(), strict=True):
                    if each > 0 and cause in {None, name}:
                        rows.append((asset.name, sector, name, each / weight_km2.sum(), each))
        return pl.DataFrame(rows, schema=LOST, orient="row")


def coverage(
    assets: Sequence[Asset],
    watch: pl.DataFrame,
    losses: pl.DataFrame,
    *,
    cells: Cells,
    steps: Steps,
    cloud_unknown_share: float = 0.0,
) -> Coverage:
    """Return what could have been seen.

    Args:
        assets: Those declared, in any order.
        watch: `records.table.WATCH`, any order.
        losses: `records.table.LOSS`, any order.
        cells: Where.
        steps: When.
        cloud_unknown_share: Taken for the cloud wherever nobody says how cloudy it was: 0 gives
            the upper end of what could have been seen, 1 the lower.

    Raises:
        BadInput: Two assets of one name, a share that is none, or a watch report that contradicts
            itself or cannot be placed.
    """
    _check(watch)
    ordered = sorted(assets, key=lambda asset: asset.name)
    names = [asset.name for asset in ordered]
    twice = next((a for a, b in pairwise(names) if a == b), None)
    if twice is not None:
        raise BadInput("assets", f"{twice!r} is declared twice, expected once")
    if not 0 <= cloud_unknown_share <= 1:
        problem = f"is {cloud_unknown_share}, must be 0 to 1"
        raise BadInput("cloud_unknown_share", problem)
    said = {cause for table in (watch, losses) for cause in table["cause"]}
    given = Given(
        cells=cells,
        edges_us=steps.edges_us(),
        day=steps.by_day(cells),
        causes=tuple(sorted((said | {NIGHT, CLOUD}) - {WATCHING})),
        unknown_share=cloud_unknown_share,
    )
    spoken = {name for table in (watch, losses) for name in table["asset"]}
    seen = (
        watched(asset, watch.filter(own), losses.filter(own), given)
        for asset in ordered
        for own in (pl.col("asset") == asset.name,)
    )
    return Coverage(
        assets=tuple(ordered),
        cells=cells,
        steps=steps,
        causes=given.causes,
        watched=tuple(seen),
        strangers=tuple(sorted(spoken - set(names))),
    )


def _check(watch: pl.DataFrame) -> None:
    """Refuse what `observe.watch` would have refused.

    Raises:
        BadInput: A report ends before it starts, or its share does not go with its cause.
    """
    full = pl.col("share") == 1.0
    wrong = (
        (pl.col("end") <= pl.col("start"))
        | ~pl.col("share").is_between(0, 1)
        | ((pl.col("cause") == WATCHING) != full)
    )
    bad = watch.filter(wrong.fill_null(value=True))
    if len(bad):
        row = bad.row(0, named=True)
        where = f"watch of {row['asset']} from {row['start']}"
        problem = f"to {row['end']} has share {row['share']} and cause {row['cause']}"
        raise BadInput(where, f"{problem}, expected a time, and all of its power when watching")
