"""What was seen in each row, for how long one looked, and how likely one was to see.

A row is a cell, a sector or a sensor in one step, such as a day. Its exposure is its hours times
the chance of detection. Rows that rest on one estimate of that chance share its error, so an
estimate is named by each row that uses it; adding such rows makes their error no smaller.

Hours may be sensor-hours or hours times an area: a rate is per what was put in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import betaincinv

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

NODES = 32
"""Of the quadrature over exposure. Against 512 nodes, ends of a 90 % interval move by at most 1 %
when one chance of detection rests on 40 trials, 2 % at 20 and 5 % at 10."""
PRIOR_TRIALS = 1 / 3
"""Successes, and failures, that the prior is worth. Source: Kerman 2011."""
_KNOWN = 1e-6  # relative spread under which exposure is taken as known


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Estimates of the chance of detection: independent beta distributions.

    Attributes:
        means: (g,), from 0 to 1.
        trials: What they are worth, (g,): a + b of the beta distribution; infinite when known.
    """

    means: Floats
    trials: Floats

    def __post_init__(self) -> None:
        """Refuse what is no distribution.

        Raises:
            BadInput: Lengths differ, or a value is out of range.
        """
        if self.means.shape != self.trials.shape or self.means.ndim != 1:
            problem = f"has {self.means.shape} means and {self.trials.shape} trials, must be equal"
            raise BadInput("detection", problem)
        if not ((self.means >= 0) & (self.means <= 1)).all():
            raise BadInput("detection", "a mean is not from 0 to 1")
        if not (self.trials > 0).all():
            raise BadInput("detection", "a number of trials is not above 0")

    @classmethod
    def known(cls, means: ArrayLike) -> Detection:
        """Return chances that are taken as known."""
        given = np.atleast_1d(np.asarray(means, np.float64))
        return cls(means=given, trials=np.full(len(given), np.inf))

    @classmethod
    def tested(cls, seen: ArrayLike, tried: ArrayLike) -> Detection:
        """Return chances from trials with a known truth, (g,) seen of (g,) tried.

        The prior is the neutral one, a third of a success and a third of a failure, whose median
        is closest to the share seen: what several sensors see adds up, and so would a bias. With
        the prior of Jeffreys, 90 % intervals of rates covered 88.7 %, with this one 89.1 %, at
        p = .15 (seeds 31 to 34).
        """
        hits = np.atleast_1d(np.asarray(seen, np.float64))
        trials = np.asarray(tried, np.float64) + 2 * PRIOR_TRIALS
        return cls(means=(hits + PRIOR_TRIALS) / trials, trials=np.broadcast_to(trials, hits.shape))

    def times(self, factor: Floats) -> Detection:
        """Return the chances multiplied by `factor`, (g,), and cut at 1; as sure as before."""
        return Detection(means=np.minimum(self.means * factor, 1.0), trials=self.trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Rows of counts and hours.

    Attributes:
        count: Seen, (k,), whole.
        hours: Watched, (k,).
        estimate: Which estimate of the chance of detection the row rests on, (k,).
        step: When, (k,), such as the number of the day; rows of one step vary together.
    """

    count: Whole
    hours: Floats
    estimate: Whole
    step: Whole

    def __post_init__(self) -> None:
        """Refuse columns that do not fit together.

        Raises:
            BadInput: Lengths differ, a value is out of range, or something was seen unwatched.
        """
        columns = (self.count, self.hours, self.estimate, self.step)
        if any(column.shape != (len(self.count),) for column in columns):
            problem = f"shapes are {[column.shape for column in columns]}, must be equal"
            raise BadInput("watch", problem)
        if not np.isfinite(self.hours).all() or min(map(np.min, columns), default=0) < 0:
            raise BadInput("watch", "a value is no number or below 0")
        wrong = (self.hours == 0) & (self.count > 0)
        if wrong.any():
            where = f"row {int(np.argmax(wrong))}"
            raise BadInput(where, "something was seen in no time")


class Exposure(NamedTuple):
    """Hours times chance of detection, one or several: mean, spread and the most it could be."""

    mean_h: ArrayLike
    spread_h: ArrayLike
    most_h: ArrayLike


def by_estimate(watch: Watch, detection: Detection) -> Floats:
    """Return the hours that rest on each estimate, (g,).

    Raises:
        BadInput: A row names an estimate that is not there.
    """
    number = len(detection.means)
    if len(watch.estimate) and watch.estimate.max() >= number:
        problem = f"names estimate {int(watch.estimate.max())}, there are {number}"
        raise BadInput("watch", problem)
    return np.bincount(watch.estimate, watch.hours, minlength=number).astype(np.float64)


def exposure(hours: Floats, detection: Detection) -> Exposure:
    """Return the exposure of hours by estimate, (g,) or (s, g) for s cases at once."""
    variance = detection.means * (1 - detection.means) / (detection.trials + 1)
    return Exposure(
        mean_h=np.asarray(hours @ detection.means),
        spread_h=np.sqrt(hours**2 @ variance),
        most_h=np.asarray(hours.sum(axis=-1)),
    )


def by_step(watch: Watch, detection: Detection) -> tuple[Whole, Floats]:
    """Return counts and mean exposures of steps, (d,), those without exposure left out."""
    steps, row = np.unique(watch.step, return_inverse=True)
    seen = np.bincount(row, watch.count, minlength=len(steps)).astype(np.int64)
    mean_h = np.bincount(row, watch.hours * detection.means[watch.estimate], minlength=len(steps))
    return seen[mean_h > 0], mean_h[mean_h > 0].astype(np.float64)


def nodes(given: Exposure) -> Floats:
    """Return exposures that stand for what is believed, (s, `NODES`), all of equal weight.

    They are quantiles of a beta distribution on 0 to `most_h` with the mean and the spread of the
    exposure: exact for one estimate, and for sums within 4 % at the ends of a 90 % interval when
    three unlike sensors make them, and far less when more and more alike ones do.
    """
    mean_h, spread_h, most_h = (
        np.ascontiguousarray(a)
        for a in np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, np.float64)) for x in given))
    )
    out = np.repeat(mean_h[:, None], NODES, axis=1)
    unsure = spread_h > _KNOWN * mean_h
    if unsure.any():
        share = mean_h[unsure] / most_h[unsure]
        trials = share * (1 - share) / (spread_h[unsure] / most_h[unsure]) ** 2 - 1
        at = (np.arange(NODES) + 0.5) / NODES
        quantile = betaincinv((share * trials)[:, None], ((1 - share) * trials)[:, None], at)
        out[unsure] = quantile * most_h[unsure, None]
    return out
