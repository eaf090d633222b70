"""What one asset watched: its power over its ground by step, and what each cause took.

1. What it could see: its footprint, when it always watches; and whatever its watch reports name,
   those of an outage too, for they say that it was meant to watch there and then.
2. What was left of that: the least share that any report leaves. Others' words (`LOSS`) take away
   and never add, and a guess counts only where no report of the asset speaks.
3. Night and cloud then multiply. Of several reports of the sky the cloudiest counts.

Order, repetition and division of reports change nothing. Where several causes took from the same
hour, each gets its part in proportion to what it would have taken alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.measure.coverage.claims import CLOUD, GUESSED, SAID, claims_of, ground_of, pieces_of

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from trucewatch.measure.coverage.asset import Asset
    from trucewatch.measure.coverage.cells import Cells

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Whole = NDArray[np.int64]

NIGHT = "night"
"""The cause that no report names: the sun was down."""


class Sky(NamedTuple):
    """What light leaves.

    Attributes:
        day: Whether the sun is up, (steps, c).
        night_ratio: Left by night.
        cloud_ratio: Left under a full sky of cloud.
        unknown_share: Taken for the cloud where nobody says.
        night: Number of the cause.
        cloud: Number of the cause.
    """

    day: Flags
    night_ratio: float
    cloud_ratio: float
    unknown_share: float
    night: int
    cloud: int


class Now(NamedTuple):
    """Working memory of the kernels for one piece of time, by cell.

    Attributes:
        could: What could be seen, range in it, (c,).
        part: Share of the cell that could be seen, (c,).
        cloud: Of the sky, negative where nobody says, (c,).
        spoken: Whether the asset itself says anything, (c,).
        left: Share of its power, (c,).
        taken: Share that each cause would take alone, (causes, c); true where `used`.
        used: Whether a cause is in play, (causes,).
    """

    could: Floats
    part: Floats
    cloud: Floats
    spoken: Flags
    left: Floats
    taken: Floats
    used: Flags


class Watched(NamedTuple):
    """What one asset watched; hours are at full power, at close range, by day in clear sky.

    Attributes:
        reach: Numbers of its cells, (c,); of every other cell all is 0.
        power: Mean over each step, (steps, c), 0 to 1.
        full_h: Hours without any loss, (c,).
        lost_h: Taken by each cause, (causes, c).
        unknown_h: Of which nobody says how cloudy it was, where that matters, (c,).
    """

    reach: Whole
    power: Floats
    full_h: Floats
    lost_h: Floats
    unknown_h: Floats


class Given(NamedTuple):
    """What is known of the place and of all assets alike.

    Attributes:
        cells: Where.
        edges_us: When: edges of the steps, (steps + 1,).
        day: Whether the sun is up, (steps, cells).
        causes: Names of all causes, in their order.
        unknown_share: As in `Sky`.
    """

    cells: Cells
    edges_us: Whole
    day: Flags
    causes: tuple[str, ...]
    unknown_share: float


def watched(asset: Asset, watch: pl.DataFrame, losses: pl.DataFrame, given: Given) -> Watched:
    """Return what an asset watched.

    Args:
        asset: Which.
        watch: Its rows of `records.table.WATCH`.
        losses: Its rows of `records.table.LOSS`.
        given: Where and when.

    Raises `BadInput` when a report names no place and the asset has none to measure range from.
    """
    ground, discs = ground_of(asset, watch, losses, given.cells)
    claims = claims_of(watch, losses, discs, given.causes)
    pieces = pieces_of(claims, given.edges_us)
    sky = Sky(
        day=np.ascontiguousarray(given.day[:, ground.reach]),
        night_ratio=asset.detection.night_ratio,
        cloud_ratio=asset.detection.cloud_ratio,
        unknown_share=given.unknown_share,
        night=given.causes.index(NIGHT),
        cloud=given.causes.index(CLOUD),
    )
    power = np.zeros((len(given.edges_us) - 1, len(ground.reach)))
    books = np.zeros((len(given.causes) + 2, len(ground.reach)))
    _watch(pieces, claims, ground, sky, power, books)
    return Watched(
        reach=ground.reach,
        power=np.minimum(power, 1.0),
        full_h=books[-2],
        lost_h=books[:-2],
        unknown_h=books[-1],
    )


@njit(cache=True)
def _watch(pieces, claims, ground, sky, power, books):  # type: ignore[no-untyped-def]
    """Add up power and the books: a row for each cause, then hours without loss and unknown."""
    cells, causes = len(ground.reach), len(books) - 2
    could, part, cloud = np.empty(cells), np.empty(cells), np.empty(cells)
    spoken, left, taken = np.empty(cells, np.bool_), np.empty(cells), np.zeros((causes, cells))
    used = np.zeros(causes, np.bool_)
    now = Now(could, part, cloud, spoken, left, taken, used)
    always = ground.always.any()
    for k in range(len(pieces.step)):
        active = pieces.active[pieces.first[k] : pieces.first[k + 1]]
        if always or len(active) > 0:
            _grant(active, claims, ground, now)
            _take(active, claims, ground, now)
            _dim(pieces.step[k], sky, now, books, pieces.hours[k])
            _book(pieces.step[k], pieces.hours[k], pieces.step_h, now, power, books)


@njit(cache=True)
def _grant(active, claims, ground, now):  # type: ignore[no-untyped-def]
    """Write what could be seen, the cloudiest sky that is said, and where the asset speaks."""
    part, could, cloud, spoken = now.part, now.could, now.cloud, now.spoken
    for c in range(len(part)):
        part[c] = ground.always[c]
        could[c] = ground.always[c] * ground.near[0, c]
        cloud[c] = -1.0
        spoken[c] = False
    for claim in active:
        disc, sky = claims.disc[claim], claims.cloud_share[claim]
        if claims.who[claim] != SAID:
            continue
        for c in range(len(part)):
            here = ground.part[disc, c]
            if here > 0.0:
                spoken[c] = True
                part[c] = max(part[c], here)
                could[c] = max(could[c], here * ground.near[disc, c])
                cloud[c] = max(cloud[c], sky)


@njit(cache=True)
def _take(active, claims, ground, now):  # type: ignore[no-untyped-def]
    """Write the least share that any claim leaves, and what each cause would take alone."""
    part, left, taken = now.part, now.left, now.taken
    now.used[:] = False
    left[:] = 1.0
    for claim in active:
        disc, cause = claims.disc[claim], claims.cause[claim]
        lost, guess = 1.0 - claims.share[claim], claims.who[claim] == GUESSED
        if cause < 0:
            continue
        if not now.used[cause]:
            now.used[cause] = True
            taken[cause, :] = 0.0
        for c in range(len(part)):
            if part[c] > 0.0 and not (guess and now.spoken[c]):
                here = lost if disc < 0 else lost * min(1.0, ground.part[disc, c] / part[c])
                left[c] = min(left[c], 1.0 - here)
                taken[cause, c] = max(taken[cause, c], here)


@njit(cache=True)
def _dim(step, sky, now, books, hours):  # type: ignore[no-untyped-def]
    """Take away what night and cloud take; note the hours of which nobody says how cloudy."""
    left, taken = now.left, now.taken
    night_lost, cloud_lost = 1.0 - sky.night_ratio, 1.0 - sky.cloud_ratio
    for cause in (sky.night, sky.cloud):
        if not now.used[cause]:
            now.used[cause] = True
            taken[cause, :] = 0.0
    if night_lost > 0.0:
        for c in range(len(left)):
            if not sky.day[step, c]:
                left[c] *= 1.0 - night_lost
                taken[sky.night, c] = max(taken[sky.night, c], night_lost)
    if cloud_lost > 0.0:
        for c in range(len(left)):
            known = now.cloud[c] >= 0.0
            lost = (now.cloud[c] if known else sky.unknown_share) * cloud_lost
            left[c] *= 1.0 - lost
            taken[sky.cloud, c] = max(taken[sky.cloud, c], lost)
            if not known:
                books[-1, c] += now.could[c] * hours


@njit(cache=True)
def _book(step, hours, step_h, now, power, books):  # type: ignore[no-untyped-def]
    """Add what one piece of time holds."""
    could, left, taken = now.could, now.left, now.taken
    total = np.zeros(len(could))
    for cause in range(len(taken)):
        if now.used[cause]:
            for c in range(len(could)):
                total[c] += taken[cause, c]
    for c in range(len(could)):
        power[step, c] += could[c] * left[c] * hours / step_h
        books[-2, c] += could[c] * hours
        total[c] = could[c] * (1.0 - left[c]) * hours / total[c] if total[c] > 0.0 else 0.0
    for cause in range(len(taken)):
        if now.used[cause]:
            for c in range(len(could)):
                books[cause, c] += total[c] * taken[cause, c]
