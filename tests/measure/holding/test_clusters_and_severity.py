"""Clusters, weights and sectors: the bets stay fair, the sums are right, few are named falsely."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.measure.holding.answer import Answer
from trucewatch.measure.holding.clusters import STAKES, episodes, log_bets
from trucewatch.measure.holding.evidence import above, below
from trucewatch.measure.holding.sectors import answers, named
from trucewatch.measure.holding.severity import exposures, harm


def test_bets_are_the_mean_of_products() -> None:
    count, m = np.array([0.0, 5.0, 0.0, 1.0]), np.array([0.5, 0.5, 0.0, 2.0])

    found = log_bets(count, m)

    surprise = np.array([-1.0, 9.0, 0.0, -0.5])
    slow = [
        math.log(np.mean([np.prod(1 + stake * surprise[: i + 1]) for stake in STAKES]))
        for i in range(4)
    ]
    np.testing.assert_allclose(found, slow, rtol=1e-12)


def test_a_bet_on_a_wild_day_of_tolerated_mean_is_fair() -> None:
    # 40 on one day in a hundred has a mean of .4, however far from Poisson
    loss, win = (math.exp(log_bets(np.array([n]), np.array([0.4]))[0]) for n in (0.0, 40.0))

    assert 0.99 * loss + 0.01 * win == pytest.approx(1.0)


def test_refuses_a_bet_on_a_day_that_nobody_watched() -> None:
    with pytest.raises(BadInput, match="step 1: something was seen without exposure"):
        log_bets(np.array([0.0, 1.0]), np.array([1.0, 0.0]))


def test_an_episode_ends_after_quiet_that_somebody_watched() -> None:
    count = np.array([0.0, 3, 0, 1, 0, 0, 0, 2])
    watched = np.array([True, True, True, True, True, False, True, True])

    begun, outside = episodes(count, watched, quiet=2)

    # 3 and 1 are one episode; the unwatched day is no quiet one, so two more are needed
    assert begun.tolist() == [0, 1, 0, 0, 0, 0, 0, 1]
    assert outside.tolist() == [True, True, False, False, False, False, False, True]


def test_refuses_episodes_without_a_pause() -> None:
    with pytest.raises(BadInput, match="quiet is 0 steps"):
        episodes(np.zeros(1), np.ones(1, np.bool_), quiet=0)


def test_harm_is_the_sum_of_weights_by_step() -> None:
    found = harm(np.array([2, 0, 2]), np.array([0.5, 1.0, 0.25]), steps=4)

    assert found.tolist() == [1.0, 0.0, 0.75, 0.0]


@pytest.mark.parametrize("weight", [-0.1, 1.1, math.nan])
def test_refuses_a_weight_that_breaks_the_bound(weight: float) -> None:
    with pytest.raises(BadInput, match="incident 0: weight is"):
        harm(np.array([0]), np.array([weight]), steps=1)


@pytest.mark.parametrize("step", [-1, 3])
def test_refuses_an_incident_of_another_time(step: int) -> None:
    with pytest.raises(BadInput, match="must be 0 to 2"):
        harm(np.array([step]), np.array([0.5]), steps=3)


def test_classes_seen_unlike_give_the_ends_of_exposure() -> None:
    low_h, high_h = exposures(np.array([[3.0, 9.0], [0.0, 2.0]]))

    assert low_h.tolist() == [3.0, 0.0]
    assert high_h.tolist() == [9.0, 2.0]


def test_weighed_evidence_is_no_better_than_a_fair_bet() -> None:
    # weights .2 and 1, mean .6; the sum over Poisson counts, enumerated
    rate = 6.0
    k = np.arange(60)
    chance = np.exp(k * math.log(rate / 2) - rate / 2 - np.array([math.lgamma(n + 1) for n in k]))
    light, grave = np.meshgrid(k, k)
    weight = np.outer(chance, chance).ravel()
    total = (0.2 * light + grave).ravel()

    assert weight @ np.exp(above(total, rate * 0.6)) <= 1
    assert weight @ np.exp(below(total, rate * 0.6)) <= 1


def slow_named(log_evidence: list[float], alpha_p: float) -> list[bool]:
    """Return what e-BH names, by definition: the k highest, the last at least K / (alpha k)."""
    values = sorted((math.exp(x) for x in log_evidence), reverse=True)
    k = max(
        (i for i in range(1, len(values) + 1) if i * values[i - 1] >= len(values) / alpha_p),
        default=0,
    )
    return [k > 0 and math.exp(x) >= values[k - 1] for x in log_evidence]


def test_sectors_are_named_by_the_definition() -> None:
    rng = np.random.default_rng(15)
    for _ in range(200):
        logs = rng.normal(2.0, 3.0, 12)
        assert named(logs, alpha_p=0.05).tolist() == slow_named(logs.tolist(), 0.05)


def test_a_sector_alone_needs_what_it_needs_without_others() -> None:
    assert named(np.array([math.log(20) + 1e-9]), alpha_p=0.05).tolist() == [True]
    assert named(np.array([math.log(20) - 1e-9]), alpha_p=0.05).tolist() == [False]
    assert named(np.zeros(0), alpha_p=0.05).tolist() == []


def test_many_sectors_take_more_evidence_each() -> None:
    logs = np.array([4.0] + [0.0] * 9)

    assert named(logs[:1], alpha_p=0.05).all()
    assert not named(logs, alpha_p=0.05).any()


def test_a_sector_without_coverage_is_not_answered_for() -> None:
    strong, none = np.array([9.0, 9.0, -9.0]), np.array([-9.0, -9.0, 9.0])

    found = answers(strong, none, np.array([True, False, True]), alpha_p=0.05)

    assert found == (Answer.NOT_HOLDING, Answer.CANNOT_TELL, Answer.HOLDING)
