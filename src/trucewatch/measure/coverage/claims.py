"""What is said of one asset: its ground, the claims about it, and the times between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.measure.coverage.asset import Disc
from trucewatch.measure.coverage.detect import fall
from trucewatch.measure.coverage.discs import parts

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from trucewatch.measure.coverage.asset import Asset
    from trucewatch.measure.coverage.cells import Cells

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Place = tuple[float, float, float]

CLOUD = "cloud"
"""The cause that both a report and the model of the sky may name."""
SAID, TOLD, GUESSED = 0, 1, 2
"""Who speaks: the asset itself, others, or nobody but a rhythm."""
_ALL = -1  # stands for all that the asset could see
_ANYWHERE = Disc(lat_deg=0.0, lon_deg=0.0, radius_km=1.0)  # a place holder, never looked at
_M_PER_KM = 1_000.0
_US_PER_H = 3_600_000_000


class Claims(NamedTuple):
    """What is said of an asset, one row each.

    Attributes:
        start_us: Microseconds since 1970, (k,).
        end_us: The same; not itself within.
        disc: Row in `Ground`, or -1 for all that it could see.
        share: Left of its power, 0 to 1.
        cause: Number of the cause; -1 for none.
        who: `SAID`, `TOLD` or `GUESSED`.
        cloud_share: Of the sky; negative when nobody says.
    """

    start_us: Whole
    end_us: Whole
    disc: Whole
    share: Floats
    cause: Whole
    who: Whole
    cloud_share: Floats


class Ground(NamedTuple):
    """The cells that an asset may see, and the discs that are spoken of.

    Attributes:
        reach: Numbers of the cells, (c,), ascending.
        always: Share of each that it sees when nobody says otherwise, (c,).
        part: Share of each on each disc, (discs, c); disc 0 is the footprint.
        near: What range leaves of P, (discs, c).
    """

    reach: Whole
    always: Floats
    part: Floats
    near: Floats


class Pieces(NamedTuple):
    """Times in which no claim begins or ends.

    Attributes:
        step: That each lies in, (p,).
        hours: Length, (p,).
        step_h: Length of a step.
        first: Where the claims of each begin in `active`, (p + 1,).
        active: Numbers of the claims.
    """

    step: Whole
    hours: Floats
    step_h: float
    first: Whole
    active: Whole


def _places(table: pl.DataFrame) -> list[Place]:
    """Return the disc that each row names, as it is hashed; NaN where it names none."""
    return table.select("lat_deg", "lon_deg", "radius_m").fill_null(float("nan")).rows()


def ground_of(
    asset: Asset, watch: pl.DataFrame, losses: pl.DataFrame, cells: Cells
) -> tuple[Ground, dict[Place, int]]:
    """Return the ground, and the row of each disc that is spoken of.

    Raises:
        BadInput: A report names no place, nor has the asset one to measure range from.
    """
    own = watch["lat_deg"].null_count() or asset.always
    if own and asset.footprint is None and asset.detection.half_km > 0:
        problem = "a report names no place, expected one, for P falls with range"
        where = f"watch of {asset.name}"
        raise BadInput(where, problem)
    spoken = sorted({p for t in (watch, losses) for p in _places(t) if p[0] == p[0]})
    row = {place: k + 1 for k, place in enumerate(spoken)}
    named = [Disc(lat_deg=y, lon_deg=x, radius_km=m / _M_PER_KM) for y, x, m in spoken]
    part, range_km = parts([asset.footprint or _ANYWHERE, *named], cells)
    near = fall(asset.detection, range_km)
    if asset.footprint is None:
        part[0], near[0] = 1.0, 1.0
    seen = {row.get(place, 0) for place in _places(watch)} | ({0} if asset.always else set())
    reach = np.flatnonzero(part[sorted(seen)].any(axis=0)) if seen else np.empty(0, np.int64)
    always = part[0] if asset.always else np.zeros(len(cells))
    return Ground(
        reach=reach,
        always=always[reach],
        part=np.ascontiguousarray(part[:, reach]),
        near=np.ascontiguousarray(near[:, reach]),
    ), row


def claims_of(
    watch: pl.DataFrame,
    losses: pl.DataFrame,
    discs: dict[Place, int],
    causes: tuple[str, ...],
) -> Claims:
    """Return the claims of watch reports and losses; `discs` and `causes` number what they name."""
    number = {cause: k for k, cause in enumerate(causes)}
    n, m = len(watch), len(losses)
    return Claims(
        start_us=_joined(_us(watch, "start"), _us(losses, "start")),
        end_us=_joined(_us(watch, "end"), _us(losses, "end")),
        disc=_joined(
            np.array([discs.get(place, 0) for place in _places(watch)], np.int64),
            np.array([discs.get(place, _ALL) for place in _places(losses)], np.int64),
        ),
        share=np.concatenate((watch["share"].to_numpy(), np.zeros(m))),
        cause=_joined(
            np.array([number.get(cause, -1) for cause in watch["cause"]], np.int64),
            np.array([number[cause] for cause in losses["cause"]], np.int64),
        ),
        who=_joined(
            np.full(n, SAID, np.int64), np.where(losses["guessed"].to_numpy(), GUESSED, TOLD)
        ),
        cloud_share=np.concatenate((_sky(watch), np.full(m, -1.0))),
    )


def _joined(first: Whole, second: Whole) -> Whole:
    return np.concatenate((first, second)).astype(np.int64)


def _us(table: pl.DataFrame, column: str) -> Whole:
    return table[column].dt.timestamp("us").to_numpy()


def _sky(watch: pl.DataFrame) -> Floats:
    """Return the cloud of each report; a share that was lost to cloud counts it already."""
    said = watch["cloud_share"].fill_null(-1.0).to_numpy()
    return np.where((watch["cause"] == CLOUD).to_numpy(), np.maximum(said, 0.0), said)


def pieces_of(claims: Claims, edges_us: Whole) -> Pieces:
    """Return the times in which no claim begins or ends, within the steps of those edges."""
    first_us, last_us = edges_us[0], edges_us[-1]
    start_us = np.clip(claims.start_us, first_us, last_us)
    end_us = np.clip(claims.end_us, first_us, last_us)
    bounds_us = np.unique(np.concatenate((edges_us, start_us, end_us)))
    low, high = np.searchsorted(bounds_us, start_us), np.searchsorted(bounds_us, end_us)
    many = np.maximum(high - low, 0)
    claim = np.repeat(np.arange(len(many)), many)
    begin = np.repeat(np.cumsum(many) - many, many)
    piece = np.repeat(low, many) + np.arange(len(claim)) - begin
    order = np.argsort(piece, kind="stable")
    count = np.bincount(piece, minlength=len(bounds_us) - 1)
    return Pieces(
        step=np.searchsorted(edges_us, bounds_us[:-1], side="right") - 1,
        hours=np.diff(bounds_us) / _US_PER_H,
        step_h=float(edges_us[1] - edges_us[0]) / _US_PER_H,
        first=np.concatenate(([0], np.cumsum(count))).astype(np.int64),
        active=claim[order].astype(np.int64),
    )
