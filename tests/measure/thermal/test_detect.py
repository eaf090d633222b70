"""Detection by cloud: chance fires taken out, and intervals that hold."""

from __future__ import annotations

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.detect import detections, of_passes


def incidents(n: int, detected: float, chance: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    seen = (rng.random(n) < detected) | (rng.random(n) < chance)
    return seen, (rng.random((n, 4)) < chance).mean(axis=1)


def test_takes_chance_fires_out() -> None:
    seen, chance = incidents(4_000, 0.15, 0.1, 1)

    (clear, broken, overcast) = detections(seen, chance, np.full(4_000, 0.1))

    assert clear.detected_p == pytest.approx(0.15, abs=0.02)
    assert clear.seen / clear.incidents > 0.2
    assert broken.incidents == overcast.incidents == 0


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = 0
    for seed in range(300):
        seen, chance = incidents(150, 0.12, 0.04, seed)
        found = detections(seen, chance, np.zeros(150))[0]
        held += found.low_p <= 0.12 <= found.high_p

    # 90 % of 300 are 270 with a standard deviation of 5.2; the chance share is better known here
    assert 255 <= held <= 297


def test_classes_of_cloud_meet_without_gap_or_overlap() -> None:
    cloud = np.array([0.0, 0.29, 0.3, 0.69, 0.7, 1.0, np.nan])

    found = detections(np.ones(7, bool), np.zeros(7), cloud)

    assert [one.incidents for one in found] == [2, 2, 2]
    assert [(one.cloud_low_share, one.cloud_high_share) for one in found] == [
        (0.0, 0.3), (0.3, 0.7), (0.7, 1.0)
    ]  # fmt: skip


def test_overpasses_are_told_apart_if_known() -> None:
    passes = np.array([2, 4, 4])

    found = detections(np.ones(3, bool), np.zeros(3), np.zeros(3), passes, edges=())

    assert [(one.passes, one.incidents) for one in found] == [(2, 1), (4, 2)]


def test_with_no_incident_nothing_is_known() -> None:
    found = detections(np.ones(0, bool), np.ones(0), np.ones(0), np.array([], np.int64))
    (alone, *_) = detections(np.ones(1, bool), np.zeros(1), np.ones(1))

    assert found == []
    assert alone.incidents == 0
    assert alone.low_p < 0.05
    assert alone.high_p > 0.95


def test_several_passes_see_more_than_one() -> None:
    assert of_passes(0.1, 0) == 0
    assert of_passes(0.1, 1) == pytest.approx(0.1)
    assert of_passes(0.1, 3) == pytest.approx(0.271)


def test_refuses_arrays_of_different_length() -> None:
    with pytest.raises(BadInput, match="arrays differ in length"):
        detections(np.ones(2, bool), np.zeros(3), np.zeros(3))


def test_refuses_cloud_in_percent() -> None:
    with pytest.raises(BadInput, match="cloud_share has values outside 0 to 1"):
        detections(np.ones(2, bool), np.zeros(2), np.array([30.0, 80.0]))
