"""Is it holding: counts, covered hours, rates and answers, by one rule and worked out by hand."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import gamma
from tests.mission.covered_samples import CAMERA, begin, made, strikes, watch
from tests.mission.measured_samples import mission

from trucewatch.mission import holding_days
from trucewatch.mission.configuration import in_force
from trucewatch.mission.covered import declared
from trucewatch.mission.holding import watching_of
from trucewatch.mission.holding_days import days, ground
from trucewatch.mission.opened import reading
from trucewatch.mission.report import report
from trucewatch.mission.report_day import window
from trucewatch.mission.run import run
from trucewatch.report.watching import Lost, Watching

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trucewatch.mission.home import Home

ZONE = 0
WHOLE_DAY_H = 24 * 0.8
DENIED_DAY_H = 21 * 0.8
READY_P = 0.4
"""Three strikes are proof of little: the chance of a false answer is set high to get one at all."""
LITTLE = {"tolerated_per_1000h": {"*": 0.01}}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return made(tmp_path_factory.mktemp("camera"), denied=False)


@pytest.fixture(scope="module")
def hindered(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return made(tmp_path_factory.mktemp("denied"), denied=True)


def told(home: Home, day: int, **changed: Any) -> Watching:
    """Return the answers of a day in September, with other keys in `[holding]`."""
    with reading(home) as (log, there):
        using = in_force(log, log.size)
        own = replace(using.settings, holding=replace(using.settings.holding, **changed))
        span = window(own, date(2030, 9, day))
        found = watching_of(log, there, replace(using, settings=own), span)
    assert found is not None
    return found


def test_covered_hours_are_those_worked_out_by_hand(home: Home) -> None:
    found = told(home, 3)

    for each in (found.whole, *found.sectors):
        assert each.window.covered_low_h == pytest.approx(WHOLE_DAY_H, abs=1e-9)
        assert each.window.covered_high_h == pytest.approx(WHOLE_DAY_H, abs=1e-9)
        assert each.window.passed_h == 24
        assert each.window.count == 1
        assert each.lost == ()
    assert {round(cell.covered_share, 12) for cell in found.cells} == {0.8}
    assert [each.id for each in found.sectors] == ["Z_SEC"]


def test_a_denial_of_three_hours_takes_exactly_three_hours(hindered: Home) -> None:
    found = told(hindered, 3)

    for each in (found.whole, *found.sectors):
        assert each.window.covered_low_h == pytest.approx(DENIED_DAY_H, abs=1e-9)
        assert each.before.covered_low_h == pytest.approx(WHOLE_DAY_H, abs=1e-9)
        assert [one.cause for one in each.lost] == ["denial"]
        assert each.lost[0].hours_h == pytest.approx(3, abs=1e-9)
    since = found.whole.period
    assert since.covered_low_h == pytest.approx((since.passed_h - 3) * 0.8, abs=1e-6)


def test_what_was_seen_where_nothing_could_be_is_in_no_rate(home: Home, hindered: Home) -> None:
    seen, unseen = told(home, 3), told(hindered, 3)

    for each in (seen.whole, *seen.sectors):
        assert (each.window.count, each.window.other_n) == (1, 0)
    for each in (unseen.whole, *unseen.sectors):  # noon lies in the denial
        assert (each.window.count, each.window.other_n) == (0, 1)
        assert (each.period.count, each.period.other_n) == (1, 1)


def test_classes_that_do_not_count_are_nowhere(home: Home) -> None:
    found = told(home, 3, counts=("crossing_ground",))

    assert found.counts == ("crossing_ground",)
    assert (found.whole.window.count, found.whole.window.other_n) == (0, 0)
    assert found.whole.window.covered_low_h == pytest.approx(WHOLE_DAY_H)


def test_a_rate_has_the_ends_that_a_table_of_gamma_gives(home: Home) -> None:
    found = told(home, 3).whole.window

    low, middle, high = gamma(1.5, scale=1000 / WHOLE_DAY_H).ppf([0.025, 0.5, 0.975])
    ends = (found.low_per_1000h, found.middle_per_1000h, found.high_per_1000h)
    assert ends == pytest.approx((low, middle, high), rel=1e-6)
    assert found.level_p == 0.95


def test_nothing_seen_gives_the_bound_of_three_over_exposure(home: Home) -> None:
    found = told(home, 5).whole.window

    assert found.count == 0
    assert found.low_per_1000h == 0
    assert found.high_per_1000h == pytest.approx(-math.log(0.05) / WHOLE_DAY_H * 1000)
    assert found.high_per_1000h == pytest.approx(3.00 / WHOLE_DAY_H * 1000, rel=2e-3)
    assert found.level_p == 0.95


def test_without_a_tolerance_it_cannot_be_told(home: Home) -> None:
    found = told(home, 5, tolerated_per_1000h={})

    for each in (found.whole, *found.sectors):
        assert (each.answer, each.why) == ("cannot tell", "no tolerance")
        assert each.tolerated_per_1000h is None
        assert each.period.high_per_1000h is not None  # the bound needs no tolerance


def test_what_was_declared_after_the_period_began_decides_nothing(tmp_path: Path) -> None:
    home, clock = begin(tmp_path)
    strikes(home, clock)
    run(home, clock=clock)
    home.settings.write_text(home.settings.read_text().replace("_1000h = 20", "_1000h = 0.01"))
    run(home, clock=clock)

    with reading(home) as (log, there):
        using = in_force(log, log.size)
        found = watching_of(log, there, using, window(using.settings, date(2030, 9, 5)))

    assert found is not None
    assert (found.whole.answer, found.whole.why) == ("cannot tell", "declared late")
    assert found.whole.period.count == 3


def test_the_public_counts_and_covers_with_clear_files_alone(tmp_path: Path) -> None:
    amber = '\n[intake.news]\nlevel = "AMBER"\ncompartment = "floor"\n'
    home, _ = begin(tmp_path, CAMERA + amber)
    with reading(home) as (log, there):
        using = in_force(log, log.size)
        span = window(using.settings, date(2030, 9, 3))
        ours = watching_of(log, there, using, span)
        public = watching_of(log, there, using, span, shown=())

    assert ours is not None
    assert public is None  # its only asset sends what is not CLEAR


def test_the_public_counts_no_incident_that_rests_on_what_it_may_not_see(home: Home) -> None:
    with reading(home) as (log, there):
        using = in_force(log, log.size)
        span = window(using.settings, date(2030, 9, 3))
        objects = there.desk.read("members")["object"].cast(pl.String).unique().to_list()
        every = watching_of(log, there, using, span, shown=objects)
        none = watching_of(log, there, using, span, shown=())

    assert every is not None
    assert none is not None
    assert (every.whole.window.count, none.whole.window.count) == (1, 0)
    assert none.whole.window.other_n == 0
    assert every.whole.window.covered_low_h == none.whole.window.covered_low_h


def test_a_tolerance_may_be_for_one_sector_alone(home: Home) -> None:
    found = told(home, 5, tolerated_per_1000h={"Z_SEC": 0.01}, alpha_p=READY_P)

    assert found.whole.why == "no tolerance"
    assert (found.sectors[ZONE].answer, found.sectors[ZONE].why) == ("not holding", "")


@pytest.mark.parametrize(("least", "why"), [(0.81, "too little covered"), (0.8, "")])
def test_below_the_declared_coverage_it_cannot_be_told(home: Home, least: float, why: str) -> None:
    found = told(home, 5, alpha_p=READY_P, coverage_min_share=least, **LITTLE)

    for each in (found.whole, *found.sectors):
        assert each.why == why
        assert (each.answer == "cannot tell") == bool(why)


@pytest.mark.parametrize(
    ("tolerated_per_1000h", "answer", "why"),
    [
        (0.01, "not holding", ""),
        (20, "cannot tell", "evidence too weak"),
        (2000, "holding", ""),
    ],
)
def test_each_answer_is_given(
    home: Home, tolerated_per_1000h: float, answer: str, why: str
) -> None:
    found = told(home, 5, tolerated_per_1000h={"*": tolerated_per_1000h}, alpha_p=READY_P)

    for each in (found.whole, *found.sectors):
        assert (each.answer, each.why) == (answer, why)


def test_it_begins_with_the_first_report_that_came_after_the_text_took_effect(home: Home) -> None:
    found = told(home, 5).whole.period

    assert found.start == datetime(2030, 9, 2, tzinfo=UTC)  # the first strike's day
    assert (found.passed_h, found.count) == (91.5, 3)
    assert found.level_p == pytest.approx(0.95)  # two ends of half of alpha each


def test_a_recommitment_begins_anew_and_leaves_less_of_alpha(home: Home) -> None:
    since = ("2030-09-01T00:00:00.000000Z", "2030-09-04T00:00:00.000000Z")
    later = "2030-09-30T00:00:00.000000Z"

    found = told(home, 5, since=(*since, later)).whole.period
    broken = told(home, 5, since=since, alpha_p=READY_P, **LITTLE)

    assert found.start == datetime(2030, 9, 4, tzinfo=UTC)
    assert (found.passed_h, found.count) == (43.5, 1)
    assert found.covered_low_h == pytest.approx(43.5 * 0.8)
    assert found.level_p == pytest.approx(1 - 2 * 0.05 / 12)  # the third beginning
    assert broken.whole.answer == "cannot tell"  # one strike is no proof of more


def test_an_asset_that_cannot_see_a_class_at_all_gives_no_rate(tmp_path: Path) -> None:
    one = CAMERA.replace('"*" = 0.8', '"airstrike" = 0.8')
    found = told(made(tmp_path, one, denied=False), 3)

    assert found.whole.window.covered_low_h == 0
    assert found.whole.window.covered_high_h == pytest.approx(WHOLE_DAY_H)
    assert found.whole.window.high_per_1000h is None
    assert found.whole.why == "too little covered"


def test_a_sky_of_which_nobody_speaks_widens_exposure(tmp_path: Path) -> None:
    sky = CAMERA.replace("always = true", "always = true\ncloud_ratio = 0.5")
    found = told(made(tmp_path, sky, denied=False), 3).whole.window

    assert found.covered_low_h == pytest.approx(WHOLE_DAY_H / 2)
    assert found.covered_high_h == pytest.approx(WHOLE_DAY_H)
    low, high = (
        gamma(1.5, scale=1000 / hours).ppf(p)
        for hours, p in ((WHOLE_DAY_H, 0.025), (WHOLE_DAY_H / 2, 0.975))
    )
    assert (found.low_per_1000h, found.high_per_1000h) == pytest.approx((low, high), rel=1e-6)


def test_strangers_are_named_and_count_for_nothing(tmp_path: Path) -> None:
    home, clock = begin(tmp_path)
    strikes(home, clock)
    watch(home, clock, "w", ["GHOST,2030-09-03T00:00:00Z,2030-09-04T00:00:00Z,,,,1,watching,"])
    run(home, clock=clock)

    found = told(home, 3)

    assert found.strangers == ("GHOST",)
    assert found.whole.window.covered_low_h == pytest.approx(WHOLE_DAY_H)


def test_the_order_in_which_files_came_changes_nothing(tmp_path: Path) -> None:
    files = {
        "a": ["CAMERA,2030-09-03T00:00:00Z,2030-09-03T06:00:00Z,,,,0.5,jamming,"],
        "b": ["CAMERA,2030-09-03T03:00:00Z,2030-09-03T09:00:00Z,,,,0,outage,"],
    }
    found = []
    for order in (("a", "b", "news"), ("news", "b", "a")):
        (folder := tmp_path / "".join(order)).mkdir()
        home, clock = begin(folder)
        for name in order:
            if name == "news":
                strikes(home, clock)
            else:
                watch(home, clock, name, files[name])
        run(home, clock=clock)
        found.append(told(home, 3))

    assert found[0] == found[1]
    lost = {each.cause: each.hours_h for each in found[0].whole.lost}
    assert sum(lost.values()) == pytest.approx(3 * 0.5 + 6)
    assert found[0].whole.lost[0] == max(found[0].whole.lost, key=lambda each: each.hours_h)


def test_what_no_run_has_used_changes_nothing(tmp_path: Path) -> None:
    home, clock = begin(tmp_path)
    strikes(home, clock)
    run(home, clock=clock)
    before = told(home, 3)
    row = "CAMERA,2030-09-03T00:00:00Z,2030-09-03T06:00:00Z,,,,0,outage,"

    watch(home, clock, "late", [row])
    after = told(home, 3)
    run(home, clock=clock)

    assert after == before
    assert told(home, 3).whole.lost == (Lost(cause="outage", hours_h=pytest.approx(6.0)),)


@contextmanager
def _measured(home: Home) -> Iterator[tuple[Any, datetime]]:
    with reading(home) as (log, there):
        using = in_force(log, log.size)
        found = declared(log, there, using)
        assert found is not None
        yield ground(log, there, using.settings, found), window(using.settings, date(2030, 9, 5))[1]


@pytest.mark.parametrize("parts", [(1.5, 24, 17), (0.25, 50, 3), (36,)])
def test_hours_and_counts_are_the_same_however_time_is_parted(
    hindered: Home, monkeypatch: pytest.MonkeyPatch, parts: tuple[float, ...]
) -> None:
    with _measured(hindered) as (on, end):
        edges = [end - timedelta(hours=sum(parts[n:])) for n in range(len(parts) + 1)]
        whole = days(on, (edges[0], edges[-1]))
        split = days(on, edges)
        monkeypatch.setattr(holding_days, "_CELL_HOURS", 1)
        alone = days(on, edges)

    np.testing.assert_allclose(split.passed_h, parts)
    np.testing.assert_allclose(split.low_h.sum(axis=0), whole.low_h[0], atol=1e-6)
    np.testing.assert_allclose(alone.low_h, split.low_h, atol=1e-6)
    np.testing.assert_allclose(alone.passed_h.sum(), whole.passed_h[0])
    np.testing.assert_array_equal(split.count.sum(axis=0), whole.count[0])
    np.testing.assert_array_equal(alone.count, split.count)


def test_without_a_declared_asset_there_is_nothing_to_tell(tmp_path: Path) -> None:
    bare, _ = mission(tmp_path, declared=False)

    with reading(bare) as (log, there):
        using = in_force(log, log.size)
        span = window(using.settings, date(2030, 9, 3))
        assert watching_of(log, there, using, span) is None


def test_a_bulletin_carries_it(tmp_path: Path) -> None:
    bare, clock = begin(tmp_path)
    strikes(bare, clock)
    run(bare, clock=clock)

    done = report(bare, "daily", day=date(2030, 9, 3), level="mission", clock=clock)

    assert "overage unknown" not in done.text
