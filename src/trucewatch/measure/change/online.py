"""When the rate of incidents changed, looked at day by day, weighed by what could be seen.

Between changes counts are Poisson with a rate of their own times the day's exposure; rates are
Gamma; a change comes on any day with the same chance. What is known after each day is the chance of
every length of the present spell (Adams and MacKay 2007, here with exposure). A day on which
nothing could be seen tells nothing, and only lets a change pass unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, logsumexp
from scipy.stats import gamma

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SPELL_D = 60.0
"""Days that a rate lasts on average before it changes; a choice, near the two months between the
recommitments of the truces in eastern Ukraine from 2014 to 2018 (12 in four years)."""

_KEPT_P = 1e-12  # lengths of a spell that are less likely are no longer followed


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is thought of a rate before anything was seen: Gamma.

    Attributes:
        incidents_mean: Its shape, as if so many had been seen.
        exposure_h: Its rate, as if they had been seen in so many covered hours.
    """

    incidents_mean: float
    exposure_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A run of days of one rate.

    Attributes:
        first: Number of its first day, from 0.
        last: Number of its last day.
        count: Incidents in it.
        exposure_h: Exposure in it, covered hours.
        low_per_h: Lower end of the 90 % interval of its rate, per covered hour.
        high_per_h: Upper end.
        mid_per_h: Median.
    """

    first: int
    last: int
    count: int
    exposure_h: float
    low_per_h: float
    mid_per_h: float
    high_per_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is known after the last day.

    Attributes:
        recent_p: For each day, the chance after that day that its spell began within the last
            `within` days; the first day of all is no change.
        spells: The likeliest way to part the days.
        log10_ratio: How many times likelier that is than one rate throughout, chances of a change
            included; decimal logarithm.
    """

    recent_p: Floats
    spells: tuple[Spell, ...]
    log10_ratio: float


def changes(
    counts: NDArray[np.int64],
    exposure: Floats,
    *,
    prior: Prior,
    spell_d: float = SPELL_D,
    within: int = 7,
) -> Changes:
    """Return when a rate changed.

    Args:
        counts: Incidents per day, shape (n,).
        exposure: Covered hours of each day, from 0, shape (n,); known before
            the day's counts.
        prior: Of each rate.
        spell_d: Days that a rate lasts on average, above 1.
        within: What is recent, in days.
    """
    _expect(counts, exposure, spell_d)
    change_p = 1 / spell_d
    spells, log10_ratio = _parted(counts, exposure, prior, change_p)
    recent_p = _recent_p(counts, exposure, prior, change_p, within)
    return Changes(recent_p=recent_p, spells=spells, log10_ratio=log10_ratio)


def _recent_p(
    counts: NDArray[np.int64], exposure: Floats, prior: Prior, change_p: float, within: int
) -> Floats:
    """Return, after each day, P(the present spell began within some days and is not the first)."""
    log_p, length = np.zeros(1), np.zeros(1, np.int64)
    shape, seen = np.array([prior.incidents_mean]), np.array([prior.exposure_h])
    recent_p = np.zeros(len(counts))
    for day, (count, exposed) in enumerate(zip(counts, exposure, strict=True)):
        if day:
            begun = logsumexp(log_p) + np.log(change_p)
            log_p = np.append(log_p + np.log1p(-change_p), begun)
            length = np.append(length + 1, 0)
            shape, seen = np.append(shape, prior.incidents_mean), np.append(seen, prior.exposure_h)
        log_p = log_p + _log_predicted(count, exposed, shape, seen)
        log_p = log_p - logsumexp(log_p)
        shape, seen = shape + count, seen + exposed
        recent_p[day] = np.exp(log_p[(length < within) & (length < day)]).sum()
        kept = log_p > np.log(_KEPT_P)
        log_p, length, shape, seen = log_p[kept], length[kept], shape[kept], seen[kept]
    return recent_p


def _log_predicted(count: int, exposed_h: float, shape: Floats, seen: Floats) -> Floats:
    """Return the log chance of a day's count under each spell: negative binomial."""
    if exposed_h == 0:
        return np.zeros_like(shape)
    total = seen + exposed_h
    return np.asarray(
        gammaln(shape + count)
        - gammaln(shape)
        - gammaln(count + 1)
        + shape * np.log(seen / total)
        + count * np.log(exposed_h / total)
    )


def _parted(
    counts: NDArray[np.int64], exposure: Floats, prior: Prior, change_p: float
) -> tuple[tuple[Spell, ...], float]:
    """Return the likeliest parting of the days and how much likelier it is than none.

    Best last change by dynamic programming over all pairs of days, O(n^2).
    """
    n = len(counts)
    if not n:
        return (), 0.0
    summed = np.concatenate(([0.0], np.cumsum(counts, dtype=np.float64)))
    exposed = np.concatenate(([0.0], np.cumsum(exposure)))
    best, before = np.zeros(n + 1), np.zeros(n + 1, np.int64)
    for end in range(1, n + 1):
        starts = np.arange(end)
        inside = _log_spell(summed[end] - summed[:end], exposed[end] - exposed[:end], prior)
        inside = inside + (end - starts - 1) * np.log1p(-change_p)
        total = best[:end] + inside + np.where(starts > 0, np.log(change_p), 0.0)
        before[end] = int(np.argmax(total))
        best[end] = total[before[end]]
    alone = _log_spell(summed[-1:], exposed[-1:], prior)[0] + (n - 1) * np.log1p(-change_p)
    spells, end = [], n
    while end > 0:
        start = int(before[end])
        count, seen = int(summed[end] - summed[start]), float(exposed[end] - exposed[start])
        spells.append(_spell((start, end - 1), count, seen, prior))
        end = start
    factor = float((best[n] - alone) / np.log(10))
    return tuple(reversed(spells)), factor


def _log_spell(count: Floats, exposed: Floats, prior: Prior) -> Floats:
    """Return the log chance of a spell's counts, up to what is the same for every parting."""
    shape, seen = prior.incidents_mean, prior.exposure_h
    return np.asarray(
        gammaln(shape + count)
        - gammaln(shape)
        + shape * np.log(seen)
        - (shape + count) * np.log(seen + exposed)
    )


def _spell(days: tuple[int, int], count: int, exposed_h: float, prior: Prior) -> Spell:
    rate = gamma(prior.incidents_mean + count, scale=1 / (prior.exposure_h + exposed_h))
    low, mid, high = (float(rate.ppf(p)) for p in (0.05, 0.5, 0.95))
    return Spell(
        first=days[0],
        last=days[1],
        count=count,
        exposure_h=exposed_h,
        low_per_h=low,
        mid_per_h=mid,
        high_per_h=high,
    )


def _expect(counts: NDArray[np.int64], exposure: Floats, spell_d: float) -> None:
    """Check what is given.

    Raises:
        BadInput: The arrays differ in length or hold a number below 0 or none, or there was an
            incident on a day without exposure.
    """
    if len(counts) != len(exposure):
        problem = f"has {len(exposure)} days for {len(counts)} counts, must have as many"
        raise BadInput("exposure", problem)
    for name, values in (("counts", counts), ("exposure", exposure)):
        bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
        if len(bad):
            problem = f"is {values[bad[0]]}, must be a number from 0"
            where = f"day {bad[0]}: {name}"
            raise BadInput(where, problem)
    blind = np.flatnonzero((exposure == 0) & (counts > 0))
    if len(blind):
        problem = f"is {counts[blind[0]]} without exposure, must be 0 where nothing could be seen"
        where = f"day {blind[0]}: counts"
        raise BadInput(where, problem)
    if not spell_d > 1:
        raise BadInput("spell", f"is {spell_d} days, must be above 1")
