"""Whether signs have told of escalations before, and only then what they say now.

Every chance that is judged was given by weights fitted on days that were over before, with as many
days left out between as the warning looks ahead. The naive guess gets the same treatment; it knows
the incidents' own rate of the last week, since what was bad stays bad. Where the signs do not beat
it surely, nothing is said: a mechanism that warns for nothing is not heard when it matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import beta

from trucewatch.errors import BadInput
from trucewatch.measure.warning.odds import fit
from trucewatch.measure.warning.precursors import MONTH_D, begins, level, signs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trucewatch.measure.warning.precursors import Precursor

    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

LEADS_D = (1, 3, 7, 14)
WARN_P = 0.5
"""A warning is a chance of at least this; declared before, never fitted."""

BLOCK_D = 14
"""Days that are judged with one fit, and drawn together when the interval is made."""

_LEARNT_D = 84  # days before the first judged one: twelve weeks
_ONSETS_MIN = 8  # onsets below which nothing can be told
_DRAWS = 2_000
_SURE = 0.05  # lower end of a one-sided 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its 90 % interval.

    Attributes:
        value_p: The share, or None where nothing was counted.
        low_p: Lower end.
        high_p: Upper end.
        of: Of how many.
    """

    value_p: float | None
    low_p: float
    high_p: float
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """What can be said so many days ahead.

    Attributes:
        lead_d: Days ahead.
        speaks: Whether the signs beat the naive guess surely; else nothing is said.
        why: Why it is silent, or "".
        chance_p: Chance now that an escalation begins within the lead; None when silent.
        precision: Of the days with a warning, those that came true; over the judged days.
        recall: Of the days before an onset, those with a warning.
        brier_mean: Mean squared error of the chances.
        naive_brier_mean: The same of the naive guess.
        better_mean: How much smaller the error is than that of the naive guess.
        better_low_mean: One-sided 95 % lower bound of that, over blocks of days.
        judged: Days that were judged.
        onsets: Onsets among them.
    """

    lead_d: int
    speaks: bool
    why: str
    chance_p: float | None
    precision: Share
    recall: Share
    brier_mean: float | None
    naive_brier_mean: float | None
    better_mean: float | None
    better_low_mean: float | None
    judged: int
    onsets: int


def warned(
    series: Sequence[Precursor],
    incidents: Precursor,
    trouble: Truths,
    *,
    rng: np.random.Generator,
    leads_d: Sequence[int] = LEADS_D,
) -> tuple[Warned, ...]:
    """Return what the signs say for each lead, and how they did before.

    Args:
        series: The precursors.
        incidents: The incidents themselves, for the naive guess.
        trouble: Whether each day is in trouble, by a bound that was declared before.
        rng: Draws blocks of days.
        leads_d: Days ahead.

    Raises:
        BadInput: There are no precursors, or they differ in length from the days.
    """
    if not series or len(trouble) != len(incidents.counts):
        problem = f"has {len(trouble)} days and {len(series)} precursors, must have as many days"
        raise BadInput("warning", f"{problem} as the incidents and at least one precursor")
    naive = level(incidents)[:, None]
    told = np.column_stack((naive, signs(series)))
    return tuple(_lead(told, naive, trouble, lead, rng) for lead in leads_d)


def _lead(
    told: Floats, naive: Floats, trouble: Truths, lead: int, rng: np.random.Generator
) -> Warned:
    came, known = begins(trouble, lead)
    chance_p, guess_p = (_ahead(each, came, known, lead) for each in (told, naive))
    judged = known & np.isfinite(chance_p)
    first = trouble & ~np.concatenate(([False], trouble[:-1]))
    onsets = int(first[_LEARNT_D:].sum())
    warns = chance_p >= WARN_P
    errors = (chance_p - came) ** 2, (guess_p - came) ** 2
    better, better_low_mean = _better(errors[1] - errors[0], judged, rng)
    why = ""
    if onsets < _ONSETS_MIN:
        why = f"{onsets} escalations were judged, at least {_ONSETS_MIN} are needed"
    elif better_low_mean is None or better_low_mean <= 0:
        why = "the signs did not surely do better than the rate of the last week"
    speaks = not why
    return Warned(
        lead_d=lead,
        speaks=speaks,
        why=why,
        chance_p=_now(told, came, known, trouble) if speaks else None,
        precision=_share(judged & warns & came, judged & warns),
        recall=_share(judged & warns & came, judged & came),
        brier_mean=_mean(errors[0], judged),
        naive_brier_mean=_mean(errors[1], judged),
        better_mean=better,
        better_low_mean=better_low_mean,
        judged=int(judged.sum()),
        onsets=onsets,
    )


def _ahead(told: Floats, came: Truths, known: Truths, lead: int) -> Floats:
    """Return chances for each day by weights of days that were over before; NaN before any."""
    chance_p = np.full(len(came), np.nan)
    for start in range(_LEARNT_D, len(came), BLOCK_D):
        learnt = np.flatnonzero(known[: start - lead])
        learnt = learnt[learnt >= MONTH_D]
        block = slice(start, start + BLOCK_D)
        if len(learnt):
            chance_p[block] = fit(told[learnt], came[learnt]).chance_p(told[block])
    return chance_p


def _now(told: Floats, came: Truths, known: Truths, trouble: Truths) -> float | None:
    """Return the chance after the last day, or None when an escalation has begun."""
    if trouble[-1]:
        return None
    learnt = np.flatnonzero(known)
    learnt = learnt[learnt >= MONTH_D]
    return float(fit(told[learnt], came[learnt]).chance_p(told[-1:])[0])


def _better(
    gain: Floats, judged: Truths, rng: np.random.Generator
) -> tuple[float | None, float | None]:
    """Return the mean gain and its lower bound, drawing blocks of days."""
    if not judged.any():
        return None, None
    block = np.arange(len(gain)) // BLOCK_D
    sums = np.bincount(block, np.where(judged, gain, 0.0))
    days = np.bincount(block, judged.astype(np.float64))
    sums, days = sums[days > 0], days[days > 0]
    drawn = rng.integers(0, len(days), (_DRAWS, len(days)))
    means = sums[drawn].sum(axis=1) / days[drawn].sum(axis=1)
    return float(sums.sum() / days.sum()), float(np.quantile(means, _SURE))


def _mean(values: Floats, judged: Truths) -> float | None:
    return float(values[judged].mean()) if judged.any() else None


def _share(hits: Truths, of: Truths) -> Share:
    """Return a share by days, with Jeffreys' interval; days near each other are not independent."""
    k, n = int(hits.sum()), int(of.sum())
    low_p, high_p = (float(beta(k + 0.5, n - k + 0.5).ppf(p)) for p in (0.05, 0.95))
    return Share(value_p=k / n if n else None, low_p=low_p, high_p=high_p, of=n)
