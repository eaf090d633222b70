"""What a mission could have seen in a span of time, by what the newest run used."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.mission.covered_samples import begin, deny, made, strikes, watch
from tests.mission.measured_samples import mission

from trucewatch.errors import BadInput, BadMission, NotFound
from trucewatch.mission.configuration import in_force
from trucewatch.mission.covered import covered_between, declared
from trucewatch.mission.covered_told import Asked, covered
from trucewatch.mission.opened import reading
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.measure.coverage.grid import Coverage
    from trucewatch.mission.home import Home

DAY = datetime(2030, 9, 3, tzinfo=UTC)
SPAN = (DAY, DAY + timedelta(days=1))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return made(tmp_path_factory.mktemp("denied"), denied=True)


def between(home: Home, span: tuple[datetime, datetime] = SPAN) -> Coverage | None:
    with reading(home) as (log, there):
        return covered_between(log, there, in_force(log, log.size), span)


def test_a_restriction_takes_its_hours_and_nothing_else(home: Home) -> None:
    found = between(home)

    assert found is not None
    by_step = found.by_step_h("airstrike", "Z_SEC")
    expected = np.full(24, 0.8)
    expected[11:14] = 0
    np.testing.assert_allclose(by_step, expected, atol=1e-12)


def test_the_last_step_is_the_hour_that_the_end_lies_in(home: Home) -> None:
    found = between(home, (DAY, DAY + timedelta(hours=1, minutes=1)))

    assert found is not None
    assert found.steps.count == 2


def test_refuses_a_span_that_is_none_or_too_long(home: Home) -> None:
    with pytest.raises(BadInput, match="is no span, expected a later end"):
        between(home, (DAY, DAY))
    with pytest.raises(BadInput, match="must be 30000000 in all"):
        between(home, (DAY - timedelta(days=36_500), DAY))


def test_without_an_asset_there_is_none(tmp_path: Path) -> None:
    bare, _ = mission(tmp_path, declared=False)

    assert between(bare) is None


def test_only_what_the_run_used_counts(tmp_path: Path) -> None:
    home, clock = begin(tmp_path)
    strikes(home, clock)
    run(home, clock=clock)
    deny(home, clock, DAY, 3)
    row = "CAMERA,2030-09-03T00:00:00Z,2030-09-03T06:00:00Z,,,,0,outage,"
    watch(home, clock, "late", [row])

    with reading(home) as (log, there):
        before = declared(log, there, in_force(log, log.size))
    run(home, clock=clock)
    with reading(home) as (log, there):
        after = declared(log, there, in_force(log, log.size))

    assert before is not None
    assert after is not None
    assert (len(before.watch), len(before.restrictions)) == (0, 0)
    assert (len(after.watch), len(after.restrictions)) == (1, 1)


def test_it_is_told_by_sector_class_and_asset(home: Home) -> None:
    found, _ = covered(home, Asked(span=SPAN, zone="Z_SEC", kind="airstrike"))

    [of] = found.classes
    assert (of.sector, of.kinds) == ("Z_SEC", ("airstrike",))
    assert (of.low_h, of.high_h) == pytest.approx((21 * 0.8,) * 2)
    assert of.low_share == pytest.approx(0.7)
    [asset] = found.assets
    assert (asset.watched_h, asset.lost_h) == pytest.approx((21, 3))
    [lost] = found.lost
    assert (lost.cause, lost.lost_h) == ("denial", pytest.approx(3))
    assert "nothing would have been seen with probability 30 %" in found.told[0]


def test_all_sectors_and_the_classes_that_count_are_told_when_none_is_named(home: Home) -> None:
    found, _ = covered(home, Asked())

    assert [each.sector for each in found.classes] == ["", "Z_SEC"]
    assert len(found.classes[0].kinds) > 10  # seen alike
    assert (found.end - found.start) == timedelta(days=1)
    assert found.end == datetime(2030, 9, 5, 19, 30, tzinfo=UTC)


def test_refuses_a_zone_and_a_class_that_are_not_there(home: Home) -> None:
    with pytest.raises(NotFound, match="no zone with open ground, expected one of Z_SEC"):
        covered(home, Asked(zone="Z_NONE"))
    with pytest.raises(BadInput, match="--class: is 'bang', expected one of"):
        covered(home, Asked(kind="bang"))
    with pytest.raises(BadInput, match="--class: is 'alert', expected one of"):
        covered(home, Asked(kind="alert"))


def test_says_what_to_write_where_nobody_declared_what_watches(tmp_path: Path) -> None:
    bare, _ = mission(tmp_path, declared=False)

    with pytest.raises(BadMission, match="nobody declared what watches") as refused:
        covered(bare, Asked())

    assert "[coverage.CAMERA-1]" in refused.value.advice


def test_the_map_has_a_square_for_each_cell_of_a_zone(home: Home) -> None:
    found = between(home)
    _, picture = covered(home, Asked(span=SPAN))

    assert found is not None
    squares = [each for each in ET.fromstring(picture).iter() if each.tag.endswith("rect")]  # noqa: S314 - ours
    inside = sum(found.cells.sectors.values(), np.zeros(len(found.cells))) > 0
    shown = [each for each in squares if len(each)]
    assert len(shown) == inside.sum()
    assert {each[0].text for each in shown} == {"70% covered"}
