"""Early warning in a mission: silent with a reason, and a chance only where it was earned."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.mission.measured_samples import mission

from trucewatch.cli.warning import lines
from trucewatch.measure.warning.precursors import Precursor
from trucewatch.mission.warning import _ahead, warning

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2030, 9, 1, tzinfo=UTC)
DAYS = 730
PER_H = 2.0 / 24


def truce(seed: int, *, telling: bool) -> tuple[Precursor, ...]:
    """Two years with trouble of six days now and then; restrictions rise before it, or do not."""
    rng = np.random.default_rng(seed)
    bad = np.zeros(DAYS, np.bool_)
    at = int(rng.exponential(22)) + 1
    while at < DAYS:
        bad[at : at + 6] = True
        at += 7 + int(rng.exponential(22))
    before = np.zeros(DAYS, np.bool_)
    for day in np.flatnonzero(bad & ~np.concatenate(([False], bad[:-1]))):
        before[max(day - 6, 0) : day] = True
    if not telling:
        before = rng.permutation(before)
    counts = (rng.poisson(np.where(bad, 6.0, 0.3)), rng.poisson(np.where(before, 6.0, 0.5)))
    return tuple(
        Precursor(name=name, counts=each.astype(np.float64), exposure=np.full(DAYS, 24.0))
        for name, each in zip(("incidents", "restrictions"), counts, strict=True)
    )


def test_a_short_mission_is_silent_and_says_why(tmp_path: Path) -> None:
    home, _ = mission(tmp_path, declared=True)

    found = warning(home)

    told = "\n".join(lines(found))
    assert found.leads == ()
    assert found.covered
    assert found.counts["incidents"] == 3
    assert "silent: cannot tell, 4 days are on record, at least 98 are needed" in told
    assert "P(" not in told


def test_without_a_declared_tolerance_no_day_is_one_of_trouble(tmp_path: Path) -> None:
    home, _ = mission(tmp_path, declared=False)

    found = warning(home)

    assert (found.leads, found.bound_per_h, found.in_trouble) == ((), None, 0)
    told = "\n".join(lines(found))
    assert "nobody declared what is tolerated" in told
    assert "coverage unknown" in told


def test_signs_that_tell_are_heard_with_precision_and_recall() -> None:
    found = _ahead(truce(5, telling=True), START, PER_H, covered=False)

    week = next(each for each in found.leads if each.lead_d == 7)
    assert week.speaks
    assert week.precision.value_p is not None
    told = "\n".join(lines(found))
    assert "precision" in told
    assert "squared error less than that of the naive guess" in told


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_signs_that_tell_nothing_are_silent_and_have_no_chance(seed: int) -> None:
    found = _ahead(truce(seed, telling=False), START, PER_H, covered=False)

    assert [each.chance_p for each in found.leads if not each.speaks] == [None] * len(found.leads)
    told = "\n".join(lines(found))
    assert "silent" in told
    assert "P(an escalation begins)" not in told
