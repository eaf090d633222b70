"""How wrong the errors are that sensors declare, from where their reports disagree; without truth.

Two reports of one incident differ by their two errors, so their differences show how large the
errors really are. Which pairs are of one incident is not known. All pairs of precise reports inside
a wide window are therefore taken as a mixture: right pairs, whose differences are normal with the
declared variances times the two sensors' ratios, cut off at the window; and chance pairs, whose
spread over the window is found from the pairs themselves (one histogram over distance, one over
lag, for each two sensors). A report with many candidates has at most about one right one, so the
chance of each is in inverse proportion to their number. The ratios that fit all pairs of sensors
best are found by expectation and maximisation with scoring steps; then the window is drawn anew
around them. Errors of two sensors that only meet each other cannot be told apart: their sum is
right, and the prior shares it out.

With a few hundred reports in all, the ratios are worth little, and their intervals say so.

A proposal for people: fusion itself never estimates, because ratios that move with each batch would
move every incident.

Source: finite mixtures with sandwich errors (White 1982); tuned on simulated worlds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import erf

from trucewatch.fuse.neighbours import SPACE, TIME, Pairs, candidates, precise

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

PRIOR_LOG_SD = 0.5
"""One-sigma error, in log, that a declared error is thought to have: 95 % within a factor 2.7."""
PAIRS_MIN = 20.0  # right pairs of a sensor, expected; with fewer only the prior would speak
STEP_MAX = 0.35  # of log variance: longer steps overshoot where only a sum of errors is known
STEPS_MAX = 60
BINS = 6  # of each histogram of chance pairs
BIN_PRIOR = 5.0  # chance pairs that each bin is thought to have seen
ODDS_PRIOR = 0.1  # weight of even odds: a pair of sensors that never meet keeps finite ones
NORMAL_95 = 1.959963984540054
_AXES = (SPACE, TIME)
_HALF_NORMAL = math.sqrt(2 / math.pi)
_INFORMATION = (1.0, 0.5)  # of one right pair about log variance: half for each dimension


class Round(NamedTuple):
    """One window and the fit inside it.

    Attributes:
        gate: Half width of the window, in declared (later: found) standard deviations.
        asking: How many reports of the rarer of two sensors ask at most.
        theta: A last step of the log variances below this ends the fit.
    """

    gate: float
    asking: int
    theta: float


ROUNDS = (Round(8.0, 400, 0.05), Round(5.0, 2000, 0.02), Round(5.0, 2000, 0.002))
"""The first window is wide enough for errors of four times the declared ones; more reports would
sharpen a ratio below a few per cent, which changes no grouping."""


class Factor(NamedTuple):
    """By what a declared one-sigma error should be multiplied.

    Attributes:
        ratio: Best estimate.
        ends: Of its 95 % interval.
    """

    ratio: float
    ends: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What was found about one sensor.

    Attributes:
        space: For position errors.
        time: For time errors.
        pairs: Expected number of right pairs that the estimate rests on.
        reason: Why nothing was estimated and both ratios are 1; None when they were.
    """

    space: Factor
    time: Factor
    pairs: int
    reason: str | None


class State(NamedTuple):
    """What the steps change."""

    theta: Floats  # (2, sensors) log of the squared ratios
    log_odds: Floats  # (groups,) that the only candidate is right
    chance: Floats  # (2, groups * BINS) density of chance pairs over the window


class Seen(NamedTuple):
    """What a state makes of each pair."""

    right_p: Floats
    prior_p: Floats
    share: Floats  # (2, 2, n) part of the variance that is each report's
    slope: Floats  # (2, n) of the log density of a right pair by log variance


def estimate_scales(
    reports: pl.DataFrame, *, models: Mapping[str, SensorModel], settings: FusionSettings
) -> dict[str, Scale]:
    """Return by what the declared errors of each precise sensor should be multiplied.

    A function of the set of reports: their order does not matter.

    Args:
        reports: `distinct.Distinct.reports` with `x_m`, `y_m`; any order.
        models: Of the sensors. Two reports of one sensor are compared when it may repeat itself
            and its channel gap, below which they are one look, is short beside its time error.
        settings: The mission's; imprecise sensors are left out.

    Returns:
        One scale for each sensor in `models` that is not imprecise. Both its ratios act on the
        variances with the sensor's spread.
    """
    names = sorted(set(models) - set(settings.imprecise_sensors))
    theta = np.zeros((2, len(names)))
    counted = np.zeros(len(names))
    deviation = np.full((2, len(names)), 2 * PRIOR_LOG_SD)
    for turn in ROUNDS:
        table = precise(reports, names, theta)
        pairs = candidates(table, [models[name] for name in names], turn.gate, turn.asking)
        if pairs is None:
            break
        state, seen = _fit(pairs, theta, turn)
        theta = state.theta
        counted = _by_sensor(pairs, len(names), np.stack((seen.right_p, seen.right_p)))
        deviation = _deviation(pairs, seen, len(names))
    return {
        name: _scale(theta[:, k], deviation[:, k], float(counted[k]))
        for k, name in enumerate(names)
    }


def _scale(theta: Floats, deviation: Floats, weight: float) -> Scale:
    if weight < PAIRS_MIN:
        theta, deviation = np.zeros(2), np.full(2, 2 * PRIOR_LOG_SD)
        reason = f"{weight:.0f} pairs, expected {PAIRS_MIN:.0f} or more"
    else:
        reason = None
    space, time = (
        Factor(
            math.exp(middle / 2),
            (math.exp((middle - NORMAL_95 * sd) / 2), math.exp((middle + NORMAL_95 * sd) / 2)),
        )
        for middle, sd in zip(theta.tolist(), deviation.tolist(), strict=True)
    )
    return Scale(space=space, time=time, pairs=round(weight), reason=reason)


def _fit(pairs: Pairs, theta: Floats, turn: Round) -> tuple[State, Seen]:
    groups = len(pairs.start)
    state = State(theta, np.zeros(groups), np.ones((2, groups * BINS)))
    place = np.sqrt(pairs.away[TIME] / pairs.reach[TIME])
    part = np.stack((pairs.away[SPACE] / pairs.reach[SPACE], place))  # uniform if by chance
    part = pairs.group * BINS + np.minimum((part * BINS).astype(np.int64), BINS - 1)
    seen = _expect(pairs, state, part)
    for _ in range(STEPS_MAX):
        newer = _improve(pairs, state, seen, part)
        moved = float(np.abs(newer.theta - state.theta).max())
        state = newer
        seen = _expect(pairs, state, part)
        if moved < turn.theta:
            break
    return state, seen


def _expect(pairs: Pairs, state: State, part: Ints) -> Seen:
    """Return how likely each pair is to be right, and what it says if it is."""
    each = np.exp(state.theta)[:, pairs.sensors][:, :, pairs.group] * pairs.variance
    total = each.sum(axis=1)
    space, space_slope = _distance(pairs.away[SPACE], pairs.reach[SPACE], total[SPACE])
    time, time_slope = _lag(pairs.away[TIME], pairs.reach[TIME], pairs.least, total[TIME])
    prior_p = 1 / (1 + pairs.rivals * np.exp(-state.log_odds)[pairs.group])
    right = prior_p * space * time
    chance = state.chance[SPACE][part[SPACE]] * state.chance[TIME][part[TIME]]
    return Seen(
        right_p=right / (right + (1 - prior_p) * chance),
        prior_p=prior_p,
        share=each / total[:, None],
        slope=np.stack((space_slope, time_slope)),
    )


def _distance(away: Floats, reach: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Return the density of a right pair over away / reach in 0 to 1, and its slope by log total.

    Exponential, cut off at 1: the squared distance of a normal in two dimensions.
    """
    rate = reach / total / 2
    at = away / total / 2
    density = rate * np.exp(-at) / -np.expm1(-rate)
    return density, at - 1 + rate * np.exp(-rate) / -np.expm1(-rate)


def _lag(away: Floats, reach: Floats, least: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Return the same over the root of away / reach: half a normal, cut off at both ends."""
    high, low = np.sqrt(reach / total), np.sqrt(least / total)
    inside = np.maximum(erf(high / math.sqrt(2)) - erf(low / math.sqrt(2)), 1e-12)
    density = high * _HALF_NORMAL * np.exp(-away / total / 2) / inside
    ends = _HALF_NORMAL * (high * np.exp(-(high**2) / 2) - low * np.exp(-(low**2) / 2)) / inside
    return density, (away / total - 1 + ends) / 2


def _improve(pairs: Pairs, state: State, seen: Seen, part: Ints) -> State:
    """Return the next state: scoring steps for the ratios and odds, new histograms."""
    theta = state.theta.copy()
    sensors = theta.shape[1]
    prior = 1 / (2 * PRIOR_LOG_SD) ** 2
    for axis in _AXES:
        pull = seen.right_p * seen.slope[axis]
        score = _by_sensor(pairs, sensors, pull * seen.share[axis]) - prior * theta[axis]
        known = _INFORMATION[axis] * _squares(pairs, sensors, seen.right_p, seen.share[axis])
        known += _bend(pairs, sensors, pull, seen.share[axis])
        move = np.linalg.solve(known + prior * np.eye(sensors), score)
        theta[axis] += np.clip(move, -STEP_MAX, STEP_MAX)
    groups = len(state.log_odds)
    gained = np.add.reduceat(seen.right_p - seen.prior_p, pairs.start)
    curved = np.add.reduceat(seen.prior_p * (1 - seen.prior_p), pairs.start)
    move = (gained - ODDS_PRIOR * state.log_odds) / (curved + ODDS_PRIOR)
    wrong_p = 1 - seen.right_p
    chance = np.stack([np.bincount(p, wrong_p, groups * BINS) for p in part]) + BIN_PRIOR
    whole = chance.reshape(2, groups, BINS).sum(axis=2)
    return State(
        theta,
        state.log_odds + np.clip(move, -1, 1),
        chance * BINS / np.repeat(whole, BINS, axis=1),
    )


def _by_sensor(pairs: Pairs, sensors: int, both: Floats) -> Floats:
    """Return the sums, by sensor, of what each of both reports of the pairs brings, (2, n)."""
    whole = np.zeros(sensors)
    np.add.at(whole, pairs.sensors, np.add.reduceat(both, pairs.start, axis=1))
    return whole


def _squares(pairs: Pairs, sensors: int, by: Floats, share: Floats) -> Floats:
    """Return the sum of by * share outer share as a matrix of sensors."""
    whole = np.zeros((sensors, sensors))
    for i in (0, 1):
        for j in (0, 1):
            part = np.add.reduceat(by * share[i] * share[j], pairs.start)
            np.add.at(whole, (pairs.sensors[i], pairs.sensors[j]), part)
    return whole


def _bend(pairs: Pairs, sensors: int, pull: Floats, share: Floats) -> Floats:
    """Return the curvature that a sum of variances has in their logs, where it is no hindrance.

    Without it a step along the ridge on which two errors trade places overshoots, there and back.
    """
    part = np.maximum(-np.add.reduceat(pull * share[0] * share[1], pairs.start), 0)
    whole = np.zeros((sensors, sensors))
    for i in (0, 1):
        for j in (0, 1):
            np.add.at(whole, (pairs.sensors[i], pairs.sensors[j]), part if i == j else -part)
    return whole


def _deviation(pairs: Pairs, seen: Seen, sensors: int) -> Floats:
    """Return the standard errors of theta, (2, sensors), with pairs of one block dependent."""
    blocks = int(pairs.block.max()) + 1
    prior = np.eye(sensors) / (2 * PRIOR_LOG_SD) ** 2
    found = np.empty((2, sensors))
    for axis in _AXES:
        pull = seen.right_p * seen.slope[axis]
        known = _squares(pairs, sensors, pull**2, seen.share[axis]) + prior
        by_block = np.zeros(blocks * sensors)
        for i in (0, 1):
            at = pairs.block * sensors + pairs.sensors[i, pairs.group]
            by_block += np.bincount(at, pull * seen.share[axis, i], blocks * sensors)
        table = by_block.reshape(blocks, sensors)
        inverse = np.linalg.inv(known)
        found[axis] = np.sqrt(np.diag(inverse @ (table.T @ table + prior) @ inverse))
    return found
