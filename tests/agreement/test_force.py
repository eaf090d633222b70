"""In force from the first instant on, and before the last."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.agreement import Agreement, Status
from trucewatch.agreement.force import Force, in_force, window
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.errors import BadInput

DEMO = parse(shipped_bytes("demo-truce"), name="demo-truce.yaml")
BOX = parse(shipped_bytes("exercise-box"), name="exercise-box.yaml")
SINCE = datetime(2030, 9, 1, tzinfo=UTC)
UNTIL = datetime(2030, 10, 31, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("start", "end", "force"),
    [
        (SINCE, SINCE, Force.YES),
        (SINCE, UNTIL - TICK, Force.YES),
        (SINCE - TICK, SINCE - TICK, Force.NO),
        (SINCE - TICK, SINCE, Force.PARTLY),
        (UNTIL - TICK, UNTIL, Force.PARTLY),
        (UNTIL, UNTIL + TICK, Force.NO),
        (SINCE - TICK, UNTIL, Force.PARTLY),
    ],
)
def test_bounds_are_sharp(start: datetime, end: datetime, force: Force) -> None:
    assert in_force(DEMO, start, end) is force


def test_the_offset_of_an_instant_does_not_matter() -> None:
    kyiv = timezone(timedelta(hours=3))

    assert in_force(DEMO, SINCE.astimezone(kyiv), SINCE.astimezone(kyiv)) is Force.YES


@pytest.mark.parametrize(
    "agreement", [BOX, replace(DEMO, status=Status.NOT_IN_FORCE), replace(DEMO, effective=None)]
)
def test_what_binds_nobody_is_never_in_force(agreement: Agreement) -> None:
    assert in_force(agreement, SINCE, UNTIL) is Force.NO


def test_without_an_end_it_stays_in_force() -> None:
    assert in_force(replace(DEMO, expires=None), UNTIL, UNTIL) is Force.YES


@given(st.integers(-5, 5), st.integers(0, 5))
def test_partly_means_that_some_instant_is_in_and_some_is_out(start: int, length: int) -> None:
    agreement = replace(DEMO, effective=SINCE, expires=SINCE + 3 * TICK)
    instants = [SINCE + (start + i) * TICK for i in range(length + 1)]

    alone = {in_force(agreement, instant, instant) for instant in instants}

    expected = alone.pop() if len(alone) == 1 else Force.PARTLY
    assert in_force(agreement, instants[0], instants[-1]) is expected


def test_a_zone_narrows_the_window() -> None:
    zone = replace(DEMO.zones[0], since=SINCE + TICK, until=UNTIL - TICK)

    assert window(DEMO, zone) == (SINCE + TICK, UNTIL - TICK)
    assert window(replace(DEMO, expires=None), zone) == (SINCE + TICK, UNTIL - TICK)
    assert window(DEMO, replace(zone, until=SINCE)) is None
    assert window(DEMO) == (SINCE, UNTIL)


def test_a_zone_never_widens_the_window() -> None:
    zone = replace(DEMO.zones[0], since=SINCE - TICK, until=UNTIL + TICK)

    assert window(DEMO, zone) == (SINCE, UNTIL)


def test_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(BadInput, match="an instant has no time zone, must be aware"):
        in_force(DEMO, SINCE.replace(tzinfo=None), UNTIL)


def test_refuses_an_interval_that_ends_before_it_starts() -> None:
    with pytest.raises(BadInput, match=r"interval ends at 2030-09-01.*must not be before 2030-10"):
        in_force(DEMO, UNTIL, SINCE)
