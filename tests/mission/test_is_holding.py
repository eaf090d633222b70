"""`tw holding`: when the tolerance was declared, and whether the rate has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.mission.covered_samples import DECLARED, begin, made, strikes
from tests.mission.measured_samples import NOW

from trucewatch.mission import is_holding as asked
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.holding import Known, known_of
from trucewatch.mission.is_holding import is_holding
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.home import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return made(tmp_path_factory.mktemp("camera"), denied=False)


def with_counts(known: Known | None, counts: list[int]) -> Known:
    """Return the same with other days: all alike but for what was seen on each."""
    assert known is not None
    days, columns = len(counts), len(known.ground.names)
    start = known.period.edges[-1] - timedelta(days=days)
    hours = np.full((days, columns), 19.2)
    period = replace(
        known.period,
        edges=tuple(start + timedelta(days=n) for n in range(days + 1)),
        passed_h=np.full(days, 24.0),
        low_h=hours,
        high_h=hours,
        count=np.tile(np.array(counts)[:, None], columns),
        other=np.zeros((days, columns), np.int64),
    )
    return replace(known, period=period, sealed=(known.sealed[0], start))


def test_a_change_is_told_only_where_it_is_likely(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for counts in ([0] * 25 + [9] * 5, [1] * 30):
        with monkeypatch.context() as other:

            def known(*given: object, counts: list[int] = counts) -> Known:
                return with_counts(known_of(*given), counts)  # type: ignore[arg-type]

            other.setattr(asked, "known_of", known)
            found.append(is_holding(home, day=None))

    changed = found[0].changed
    assert changed is not None
    assert changed.chance_p > 0.99
    assert changed.since == found[0].watching.whole.period.end - timedelta(days=5)
    assert changed.before_per_1000h is not None
    assert changed.after_per_1000h is not None
    assert changed.before_per_1000h[2] < changed.after_per_1000h[0]
    assert found[0].watching.whole.answer == "not holding"
    assert found[1].changed is None


def test_counts_that_come_in_clusters_widen_the_rate_of_a_day(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = []
    for counts in ([4] * 30, [0] * 27 + [40] * 3):
        with monkeypatch.context() as other:

            def known(*given: object, counts: list[int] = counts) -> Known:
                return with_counts(known_of(*given), counts)  # type: ignore[arg-type]

            other.setattr(asked, "known_of", known)
            window = is_holding(home, day=None).watching.whole.window
        assert window.count == 0
        spans.append(window.high_per_1000h)

    assert spans[1] > 3 * spans[0]


def test_the_tolerance_is_that_of_the_entry_that_first_had_it(tmp_path: Path) -> None:
    home, clock = begin(tmp_path)
    strikes(home, clock)
    run(home, clock=clock)
    first = is_holding(home, day=None)
    text = home.settings.read_text()
    later = SimulatedClock(NOW + timedelta(hours=1))

    home.settings.write_text(text.replace("delay_h = 24", "delay_h = 25"))
    run(home, clock=later)
    second = is_holding(home, day=None)
    home.settings.write_text(text.replace("_1000h = 20", "_1000h = 30"))
    run(home, clock=later)
    third = is_holding(home, day=None)

    assert first.declared_entry == second.declared_entry
    assert second.declared_at == DECLARED
    assert second.beforehand
    assert not third.beforehand
    assert third.declared_entry is not None
    assert first.declared_entry is not None
    assert third.declared_entry > first.declared_entry
    assert third.declared_at == NOW + timedelta(hours=1)
