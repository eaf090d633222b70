"""Is the ceasefire holding? Rates with intervals, a map, a bound on zero days, or "cannot tell".

Three strikes in six days are reported on fictional ground, by a press that reports half of what
happens. So of each day's 24 hours 12 are covered, and every number below follows by hand.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.holding import watching_of
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.report import report
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.report.watching import Watching

DECLARED = datetime(2030, 8, 30, tzinfo=UTC)
NOW = datetime(2030, 9, 7, 12, tzinfo=UTC)
NEWS = b"""date,lon,lat,place,type,n_reports
20300902,-29.9,45.0,Ilmery,A,2
20300903,-30.2,45.0,Orva,A,2
20300904,-29.6,45.05,Pelven,A,3
"""
PRESS = """
[coverage.PRESS]
sensor = "news"
detects = { "*" = 0.5 }
source = "an exercise: half of what happens is reported"
always = true

[holding]
counts = ["artillery_fire"]
cell_km = 10
"""
COVERED_H = 12.0  # of the 24 hours of a day
STRIKE_DAY, ZERO_DAY = date(2030, 9, 3), date(2030, 9, 6)
BOUND_PER_1000H = -math.log(0.05) / COVERED_H * 1000  # 249.6


MORE = b"".join(
    b"2030090%d,-%.1f,%.2f,Ostmere,A,1\n" % (day, lon_deg, lat_deg)
    for day in (2, 4, 5)
    for lon_deg, lat_deg in ((30.5, 44.95), (30.0, 45.1), (29.5, 44.95))
)  # nine more, far enough from each other to stay nine


def mission(folder: Path, holding: str, news: bytes = NEWS) -> tuple[Home, SimulatedClock]:
    """A mission that has run, with further lines in `[holding]`."""
    clock = SimulatedClock(DECLARED)
    sensors = {"news": {"zone": "UTC"}}
    plan = Plan(agreement="demo-truce", seed=bytes(32), sensors=sensors, settings=PRESS + holding)
    create(folder / "mission", clock=clock, plan=plan)
    home = Home(folder / "mission")
    clock.at = NOW
    (folder / "news.csv").write_bytes(news)
    list(ingest(home, "news", [folder / "news.csv"], clock=clock))
    run(home, clock=clock)
    return home, clock


def watching(home: Home, day: date) -> Watching:
    """What could have been seen in the 24 hours that end at 19:30 on a day."""
    end = datetime(day.year, day.month, day.day, 19, 30, tzinfo=UTC)
    clock = SimulatedClock(NOW)
    with writing(home, clock) as writer:
        using = writer.using
    with reading(home) as (log, there):
        found = watching_of(log, there, using, (end - timedelta(days=1), end))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, SimulatedClock]:
    folder = tmp_path_factory.mktemp("declared")
    return mission(folder, "tolerated_per_1000h = 500\ncoverage_min_share = 0.3\n")


def page(home: Home, day: date, clock: SimulatedClock) -> str:
    published = report(home, "daily", day=day, level="mission", clock=clock)
    html = next(path for path in published.paths.values() if path.suffix == ".html")
    return published.text + html.read_text()


def test_24_the_rate_is_per_1000_covered_hours_and_has_an_interval(
    declared: tuple[Home, SimulatedClock],
) -> None:
    whole = watching(declared[0], STRIKE_DAY).whole

    assert (whole.window.count, whole.window.passed_h) == (1, 24.0)
    assert whole.window.covered_share == pytest.approx(0.5)
    assert whole.window.covered_low_h == pytest.approx(COVERED_H)
    # gamma of shape 1.5 over 12 hours: its 2.5, 50 and 97.5 % points
    found = whole.window.low_per_1000h, whole.window.middle_per_1000h, whole.window.high_per_1000h
    assert found == pytest.approx((8.991, 98.58, 389.5), rel=1e-3)
    assert whole.window.level_p == 0.95


def test_24_the_page_prints_rate_interval_and_share_and_draws_the_map(
    declared: tuple[Home, SimulatedClock],
) -> None:
    home, clock = declared

    told = page(home, STRIKE_DAY, clock)

    assert "per 1,000 covered hours" in told
    assert "98.6 (8.99 to 390, 95 %)" in told
    assert "50 %" in told
    assert "<svg" in told
    assert "Is it holding" in told


def test_24_a_zero_day_has_an_upper_bound_and_no_zero_rate(
    declared: tuple[Home, SimulatedClock],
) -> None:
    home, clock = declared

    whole = watching(home, ZERO_DAY).whole
    told = page(home, ZERO_DAY, clock)

    assert (whole.window.count, whole.window.low_per_1000h) == (0, 0.0)
    assert whole.window.high_per_1000h == pytest.approx(BOUND_PER_1000H, rel=1e-6)
    assert whole.window.level_p == 0.95
    assert "none seen" in told
    assert "up to 250" in told


def test_24_the_map_knows_how_much_of_each_cell_was_covered(
    declared: tuple[Home, SimulatedClock],
) -> None:
    found = watching(declared[0], ZERO_DAY)

    assert len(found.cells) > 20
    assert {round(cell.covered_share, 9) for cell in found.cells} == {0.5}
    assert all(len(cell.ring_deg) == 4 for cell in found.cells)


def test_24_the_period_has_an_interval_that_may_be_read_every_day(
    declared: tuple[Home, SimulatedClock],
) -> None:
    early, late = (watching(declared[0], day).whole.period for day in (STRIKE_DAY, ZERO_DAY))

    assert (early.count, late.count) == (2, 3)
    assert early.start == late.start
    for period in (early, late):
        assert period.low_per_1000h is not None
        assert period.high_per_1000h is not None
        at = period.count / period.covered_low_h * 1000
        assert period.low_per_1000h < at < period.high_per_1000h


def test_24_everything_begins_anew_at_a_recommitment_and_is_told_beside_the_day_before(
    tmp_path: Path,
) -> None:
    holding = 'tolerated_per_1000h = 500\nsince = ["2030-09-05T00:00:00.000000Z"]\n'
    home, _ = mission(tmp_path, holding)

    before, after = (watching(home, day).whole for day in (date(2030, 9, 4), ZERO_DAY))

    assert (before.period.count, after.period.count) == (3, 0)
    assert after.period.start == datetime(2030, 9, 5, tzinfo=UTC)
    assert before.before.count == 1
    assert before.before.end == before.window.start


def test_24_below_the_declared_coverage_nobody_can_tell(tmp_path: Path) -> None:
    home, clock = mission(tmp_path, "tolerated_per_1000h = 500\ncoverage_min_share = 0.6\n")

    whole = watching(home, STRIKE_DAY).whole
    told = page(home, STRIKE_DAY, clock)

    assert (whole.answer, whole.why) == ("cannot tell", "too little covered")
    assert "We cannot tell whether the ceasefire is holding" in told
    assert "at least 60 % was declared as necessary" in told


def test_24_without_a_declared_tolerance_nobody_can_tell(tmp_path: Path) -> None:
    home, clock = mission(tmp_path, "coverage_min_share = 0.3\n")

    whole = watching(home, STRIKE_DAY).whole
    told = page(home, STRIKE_DAY, clock)

    assert (whole.answer, whole.why) == ("cannot tell", "no tolerance")
    assert whole.tolerated_per_1000h is None
    assert "no tolerance was declared" in told


def test_24_far_more_than_tolerated_is_not_holding_and_far_less_is_holding(tmp_path: Path) -> None:
    found = {}
    for tolerated in (1, 2000):
        folder = tmp_path / str(tolerated)
        folder.mkdir()
        holding = f"tolerated_per_1000h = {tolerated}\ncoverage_min_share = 0.3\n"
        home, _ = mission(folder, holding, NEWS + MORE)
        found[tolerated] = watching(home, ZERO_DAY).whole

    assert {key: one.answer for key, one in found.items()} == {1: "not holding", 2000: "holding"}
    assert found[1].period.count >= 9
    low_per_1000h, high_per_1000h = found[1].period.low_per_1000h, found[1].period.high_per_1000h
    assert low_per_1000h is not None
    assert high_per_1000h is not None
    assert 1 < low_per_1000h < high_per_1000h < 2000
