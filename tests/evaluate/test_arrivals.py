"""The score of arrivals counts what it says, and the shipped settings do well on a small world."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.evaluate import arrivals
from trucewatch.evaluate.arrivals import _rate, found_in, matches, measure
from trucewatch.simulate.trials.picks import draw, draw_noise, draw_other, draw_unseen


def scored(true: list[int], owner: list[int]) -> tuple[int, int, int, float | None]:
    made = matches(np.array(true), np.array(owner), np.random.default_rng(1))
    return made.matched, made.found, made.true, made.f1.value_p


def test_a_perfect_assignment_scores_one() -> None:
    assert scored([0] * 12 + [1] * 10 + [-1] * 5, [4] * 12 + [2] * 10 + [-1] * 5) == (2, 2, 2, 1.0)


def test_a_source_too_small_to_be_asked_for_counts_on_neither_side() -> None:
    true = [0] * 12 + [1] * 9

    assert scored(true, [0] * 12 + [1] * 9) == (1, 1, 1, 1.0)
    assert scored(true, [0] * 12 + [-1] * 9) == (1, 1, 1, 1.0)


def test_overlap_is_held_against_the_larger_set() -> None:
    true = [0] * 10 + [-1] * 10

    assert scored(true, [0] * 6 + [-1] * 14)[0] == 1
    assert scored(true, [0] * 5 + [-1] * 15)[0] == 0
    assert scored(true, [0] * 16 + [-1] * 4)[0] == 1
    assert scored(true, [0] * 17 + [-1] * 3)[0] == 0


def test_a_false_source_and_a_missed_one_lower_the_score() -> None:
    true = [0] * 10 + [1] * 10 + [-1] * 10

    assert scored(true, [0] * 10 + [-1] * 10 + [1] * 10) == (1, 2, 2, 0.5)


def test_nothing_asked_and_nothing_found_has_no_score() -> None:
    assert scored([-1] * 4, [-1] * 4) == (0, 0, 0, None)


@given(st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 5)), min_size=1, max_size=200))
def test_the_score_is_a_share_and_does_not_hang_on_numbering(rows: list[tuple[int, int]]) -> None:
    true, owner = np.array(rows).T
    shifted = np.where(owner >= 0, 5 - owner, -1)

    made = matches(true, owner, np.random.default_rng(1))

    assert matches(true, shifted, np.random.default_rng(1)) == made
    if made.f1.value_p is not None:
        assert 0 <= made.f1.low_p <= made.f1.value_p <= made.f1.high_p <= 1


def test_a_rate_of_nothing_still_has_an_upper_end() -> None:
    assert _rate(0, 2.0)["high"] == pytest.approx(3.689 / 2, abs=1e-3)
    assert _rate(0, 2.0)["low"] == 0.0


def test_finds_nearly_all_sources_among_as_much_clutter() -> None:
    world, truth = draw(per_day=2000, ratio=1.0, seed=6, length_h=1)

    made = matches(truth.source, found_in(world).owner, np.random.default_rng(1))

    assert made.true > 60
    assert made.f1.value_p is not None
    assert made.f1.value_p >= 0.97


def test_finds_nothing_in_clutter() -> None:
    for bursty in (False, True):
        world, _ = draw_noise(100_000, 7, bursty=bursty, length_h=2)
        assert len(found_in(world).time_s) == 0


def test_stations_that_pick_at_once_or_in_swarms_are_no_sources() -> None:
    for make, seed in ((draw_other, 301), (draw_unseen, 104)):
        world, _ = make(36_000, seed)
        assert len(found_in(world).time_s) == 0


def test_measure_says_what_must_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "CELLS", ((500, 0.3),))
    monkeypatch.setattr(arrivals, "HARD", ((500, 1.0),))

    made = measure(seed=5, quick=True)

    assert set(made) == {"name", "seed", "note", "metrics", "must"}
    assert isinstance(made["must"], list)
    assert isinstance(made["metrics"], dict)
    bounded = {name for name in made["metrics"] if "cascades" not in name}
    assert {m["metric"] for m in made["must"]} == bounded
    assert made["metrics"]["f1_cell_500_per_day_noise_0.3"]["value"] > 0.95
