"""`tw evaluate tasking`: what it measures and promises."""

from __future__ import annotations

from trucewatch.evaluate.figures import holds
from trucewatch.evaluate.tasking import measure


def test_reaches_the_promised_share_of_the_best_in_few_trials() -> None:
    found = measure(seed=5, quick=True)

    assert holds({**found})
    assert {each["metric"] for each in found["must"]} <= found["metrics"].keys()


def test_is_the_same_for_the_same_seed() -> None:
    assert measure(seed=6, quick=True) == measure(seed=6, quick=True)
