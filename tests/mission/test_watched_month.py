"""A whole month whose truth is known, through a mission: what it says, and whether it is so.

Files of the watched month are ingested and fused as they come: what cameras, patrols, a drone,
microphones and a satellite saw, and when each of them watched. The satellite is also tried alone.
"""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pytest

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.covered import covered_between
from trucewatch.mission.holding import watching_of
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest_bytes
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import writing
from trucewatch.mission.run import run
from trucewatch.simulate import simulate
from trucewatch.simulate.watched_month import (
    ACT_KINDS,
    CLOUDY,
    DENIED,
    JAMMED,
    START,
    TRUE_PER_1000H,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from trucewatch.mission.opened import Writer
    from trucewatch.report.watching import Rated, Sector, Watching
    from trucewatch.simulate.world import World

SEED = 41
GROUND_KM2 = 99.6 * 29.6
ORDINARY, LAST = 8, 29  # days, from 0
SECTORS = ("", "WEST", "MIDDLE", "EAST")
ALL = ("watch", "firms", "spotrep")
KEPT: dict[tuple[str, int], Watching] = {}


class Lived(NamedTuple):
    """A mission that has lived through the world."""

    home: Home
    world: World
    clock: SimulatedClock


def lived(folder: Path, world: World, settings: str, *, sensors: Collection[str] = ALL) -> Lived:
    clock = SimulatedClock(world.start)
    (folder / "truce.yaml").write_bytes(world.agreement_text)
    plan = Plan(agreement=str(folder / "truce.yaml"), seed=bytes(32), settings=settings)
    create(folder / "mission", clock=clock, plan=plan)
    home = Home(folder / "mission")
    expect(home, sum(TRUE_PER_1000H[each] for each in SECTORS[1:]) / 1000 * 24 / GROUND_KM2)
    with writing(home, clock) as writer:
        for name, (sensor, content) in world.files.items():
            if sensor not in sensors:
                continue
            clock.at = max(clock.at, world.arrivals[name])
            ingest_bytes(writer, sensor, content, name=name)
    clock.at = world.start + timedelta(days=world.days + 1)
    run(home, clock=clock)
    return Lived(home, world, clock)


def expect(home: Home, density_per_km2_day: float) -> None:
    """Configure as many acts as there are, as who knows the ground would."""
    text = home.settings.read_text()
    found = re.sub(
        r"(?m)^incidents_per_km2_day = .*$",
        f"incidents_per_km2_day = {density_per_km2_day:.6f}",
        text,
    )
    assert found != text
    home.settings.write_text(found)


@contextmanager
def opened(mission: Lived) -> Iterator[Writer]:
    with writing(mission.home, mission.clock) as writer:
        yield writer


def watching(mission: Lived, day: int) -> Watching:
    """What could have been seen on one day, midnight to midnight UTC; worked out once."""
    asked = (str(mission.home.path), day)
    if asked not in KEPT:
        KEPT[asked] = _watching(mission, day)
    return KEPT[asked]


def _watching(mission: Lived, day: int) -> Watching:
    start = START + timedelta(days=day)
    with opened(mission) as writer:
        window = (start, start + timedelta(days=1))
        found = watching_of(writer.log, writer.projection, writer.using, window)
    assert found is not None
    return found


def of(found: Watching, sector: str) -> Sector:
    return {"": found.whole, **{each.id: each for each in found.sectors}}[sector]


def seen(world: World) -> pl.DataFrame:
    """Every act that some asset saw."""
    saw = world.sightings.filter("saw")["incident"].unique().implode()
    return world.truth.filter(pl.col("incident").is_in(saw))


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    world = simulate("watched-month", seed=SEED)
    return lived(tmp_path_factory.mktemp("month"), world, world.settings)


def holds(rated: Rated, true_per_1000h: float) -> bool:
    assert rated.low_per_1000h is not None
    assert rated.high_per_1000h is not None
    return rated.low_per_1000h <= true_per_1000h <= rated.high_per_1000h


def test_every_file_of_the_month_is_accepted(month: Lived) -> None:
    with opened(month) as writer:
        files = writer.projection.desk.read("file")

    assert len(files) == len(month.world.objects)  # days without a pixel are one and the same file
    assert len(month.world.files) == 90
    assert files["refused"].sum() == 0


def test_the_covered_share_is_the_share_of_acts_that_were_really_seen(month: Lived) -> None:
    truth = month.world.truth
    with opened(month) as writer:
        span = (START, START + timedelta(days=30))
        grid = covered_between(writer.log, writer.projection, writer.using, span)
    assert grid is not None

    seen_n = len(seen(month.world))

    share = grid.share(ACT_KINDS[0])
    spread = math.sqrt(share * (1 - share) / len(truth))
    assert abs(seen_n / len(truth) - share) < 2.5 * spread
    assert grid.strangers == ()


@pytest.mark.parametrize("sector", SECTORS)
def test_the_interval_of_the_period_holds_the_truth_at_every_look(
    month: Lived, sector: str
) -> None:
    for day in (DENIED[-1], ORDINARY, JAMMED[-1], CLOUDY[-1], LAST):
        period = of(watching(month, day), sector).period
        assert holds(period, TRUE_PER_1000H[sector]), day


@pytest.mark.parametrize("day", [ORDINARY, JAMMED[3], CLOUDY[3]])
def test_the_interval_of_an_ordinary_jammed_or_cloudy_day_holds_the_truth(
    month: Lived, day: int
) -> None:
    whole = watching(month, day).whole

    assert whole.window.covered_share > whole.coverage_min_share
    assert holds(whole.window, TRUE_PER_1000H[""])
    assert whole.window.low_per_1000h < TRUE_PER_1000H[""] < whole.window.high_per_1000h


def test_during_the_denial_nobody_can_tell_of_that_sector(month: Lived) -> None:
    found = watching(month, DENIED[-1])
    east, west = of(found, "EAST"), of(found, "WEST")

    assert east.window.covered_share < east.coverage_min_share < west.window.covered_share
    assert (east.answer, east.why) == ("cannot tell", "too little covered")
    assert west.why != "too little covered"
    assert found.whole.period.start == START + timedelta(days=DENIED[0])  # recommitted that day


def test_what_was_lost_is_told_by_its_cause(month: Lived) -> None:
    def lost(day: int, sector: str) -> dict[str, float]:
        return {each.cause: each.hours_h for each in of(watching(month, day), sector).lost}

    assert lost(DENIED[0], "EAST")["denied"] > 5
    assert "denied" not in lost(ORDINARY, "EAST")
    assert lost(JAMMED[3], "MIDDLE")["jamming"] > 5
    assert "jamming" not in lost(ORDINARY, "MIDDLE")
    assert lost(CLOUDY[3], "WEST")["cloud"] > 2 * lost(ORDINARY, "WEST")["cloud"]


def test_at_the_end_the_answers_are_those_of_the_true_rates(month: Lived) -> None:
    found = watching(month, LAST)

    assert of(found, "MIDDLE").answer != "holding"  # true 198, tolerated 120
    for sector in ("WEST", "EAST", ""):  # true 83 and 365, tolerated 160 and 600
        assert of(found, sector).answer != "not holding"
    assert found.whole.answer == "holding"
    assert found.whole.period.count > 100


def test_counts_are_of_acts_that_somebody_saw_and_none_is_lost(month: Lived) -> None:
    found = watching(month, LAST)
    since = month.world.start + timedelta(days=DENIED[0])

    seen_n = len(seen(month.world).filter(pl.col("time") >= since))

    assert found.whole.period.count + found.whole.period.other_n == seen_n
    assert found.whole.period.other_n == 0
    assert sum(each.period.count for each in found.sectors) == found.whole.period.count


def test_from_the_satellites_files_alone_the_rate_is_right(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = simulate("watched-month", seed=SEED)
    alone = world.settings[world.settings.index("[coverage.GEO-1]") :]
    alone = alone.replace(
        alone[alone.index("counts") : alone.index("since")], 'counts = ["undetermined"]\n'
    )
    found = lived(tmp_path_factory.mktemp("alone"), world, alone, sensors=("watch", "firms"))

    whole = watching(found, LAST).whole

    assert whole.period.count > 30
    assert whole.period.covered_share < 0.3
    assert (whole.answer, whole.why) == ("cannot tell", "too little covered")
    assert holds(whole.period, TRUE_PER_1000H[""])
