"""Simulated picks are what they claim to be, and the seed decides them."""

from __future__ import annotations

import numpy as np
import pytest

from trucewatch.simulate.trials.picks import (
    SPEED_KM_S,
    Worse,
    draw,
    draw_cascades,
    draw_hard,
    draw_noise,
    draw_other,
    draw_unseen,
)  # fmt: skip

MAKERS = {
    "plain": lambda seed: draw(per_day=500, ratio=1.0, seed=seed, length_h=2),
    "hard": lambda seed: draw_hard(per_day=500, ratio=1.0, seed=seed, length_h=2),
    "steady": lambda seed: draw_noise(20_000, seed, bursty=False, length_h=2),
    "bursty": lambda seed: draw_noise(20_000, seed, bursty=True, length_h=2),
    "unseen": lambda seed: draw_unseen(20_000, seed, length_h=2),
    "other": lambda seed: draw_other(20_000, seed, length_h=2),
    "cascades": lambda seed: draw_cascades(20_000, seed, length_h=2),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_the_seed_decides_everything(kind: str) -> None:
    one, same, other = (MAKERS[kind](seed) for seed in (1, 1, 2))

    for a, b in zip((*one[0], *one[1]), (*same[0], *same[1]), strict=True):
        assert np.array_equal(a, b)
    assert not np.array_equal(one[0].time_s[:50], other[0].time_s[:50])


@pytest.mark.parametrize("kind", MAKERS)
def test_picks_come_by_time_and_fit_the_network(kind: str) -> None:
    world, truth = MAKERS[kind](3)

    assert (np.diff(world.time_s) >= 0).all()
    assert world.station.min() >= 0
    assert world.station.max() < len(world.station_km) == 100
    assert set(world.phase.tolist()) == {0, 1}
    assert len(truth.source) == len(world.time_s) == len(world.station)


def test_a_true_pick_comes_when_its_wave_does() -> None:
    world, truth = draw(per_day=2000, ratio=1.0, seed=4, length_h=2)
    true = truth.source >= 0

    of = truth.source[true]
    away_km = np.hypot(*(truth.place_km[of] - world.station_km[world.station[true]]).T)
    due_s = truth.time_s[of] + away_km / np.array(SPEED_KM_S)[world.phase[true]]

    late_s = world.time_s[true] - due_s
    assert abs(late_s.mean()) < 0.03
    assert late_s.std() == pytest.approx(0.4, abs=0.02)
    assert true.mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("kind", ["steady", "bursty", "unseen", "other", "cascades"])
def test_clutter_is_of_no_source(kind: str) -> None:
    _, truth = MAKERS[kind](5)

    assert (truth.source == -1).all()
    assert len(truth.time_s) == 0


@pytest.mark.parametrize("kind", ["bursty", "unseen", "other"])
def test_bursts_are_burstier_than_chance(kind: str) -> None:
    spread = {}
    for name in ("steady", kind):
        world, _ = MAKERS[name](6)
        count = np.histogram2d(world.station, world.time_s, bins=(100, 120))[0]
        spread[name] = count.var() / count.mean()

    assert spread["steady"] < 1.2
    assert spread[kind] > 2.0


@pytest.mark.parametrize("kind", ["other", "cascades"])
def test_stations_pick_together_more_than_by_chance(kind: str) -> None:
    spread = {}
    for name in ("steady", kind):
        world, _ = MAKERS[name](6)
        count = np.histogram(world.time_s, bins=3600, range=(0, 7200))[0]
        spread[name] = count.var() / count.mean()

    assert spread["steady"] < 1.2
    assert spread[kind] > 2.0


def test_the_hard_world_has_stations_that_hear_nothing() -> None:
    world, truth = draw_hard(per_day=2000, ratio=0.0, seed=7, length_h=6, worse=Worse(dead_p=0.3))

    silent = 100 - len(np.unique(world.station[truth.source >= 0]))

    assert 15 <= silent <= 45
