"""Which assets saw an incident, which should have, and what seeing nothing is worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from trucewatch.geo.plane import Plane
from trucewatch.measure.coverage.asset import Asset, Detection, Disc
from trucewatch.measure.coverage.cells import Box, Steps, grid
from trucewatch.measure.coverage.grid import Coverage, coverage
from trucewatch.measure.coverage.seen import EXPECTED_P, seen
from trucewatch.measure.coverage.told import told
from trucewatch.records.table import INCIDENT, LOSS, SEEN, WATCH, empty

START = datetime(2030, 9, 1, tzinfo=UTC)
STEPS = Steps(start=START, count=24)
CELLS = grid(
    Box(west_km=-20.0, south_km=-20.0, east_km=20.0, north_km=20.0),
    plane=Plane(centre_lat_deg=45.0, centre_lon_deg=-30.0),
    size_km=5.0,
    sectors={},
)
REPORTS = {"incident": pl.String(), "sensor": pl.String(), "channel": pl.String()}


def asset(name: str, sensor: str, chance_p: float, *, radius_km: float | None = None) -> Asset:
    disc = radius_km and Disc(lat_deg=45.0, lon_deg=-30.0, radius_km=radius_km)
    detection = Detection(detects={"explosion_impact": chance_p}, source="made up")
    return Asset(name=name, sensor=sensor, footprint=disc or None, always=True, detection=detection)


ASSETS = (
    asset("cam-1", "picks", 0.9, radius_km=10.0),
    asset("cam-2", "picks", 0.8),
    asset("sat", "firms", 0.4),
)


def covered(*outages: tuple[str, int, int], assets: tuple[Asset, ...] = ASSETS) -> Coverage:
    rows = [
        (None, 0, name, START + timedelta(hours=a), START + timedelta(hours=b), None, None, None,
         0.0, "outage", None)
        for name, a, b in outages
    ]  # fmt: skip
    watch = pl.DataFrame(rows, schema=WATCH, orient="row") if rows else empty(WATCH)
    return coverage(assets, watch, empty(LOSS), cells=CELLS, steps=STEPS)


def incidents(*told: tuple[Any, ...]) -> pl.DataFrame:
    """Return incidents of (id, class, hour, latitude, longitude)."""
    rows = {name: [None] * len(told) for name in INCIDENT} | {
        "id": [each[0] for each in told],
        "class": [each[1] for each in told],
        "time": [START + timedelta(hours=each[2]) for each in told],
        "lat_deg": [each[3] for each in told],
        "lon_deg": [each[4] for each in told],
    }
    return pl.DataFrame(rows, schema=INCIDENT)


def reports(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=REPORTS, orient="row")


def test_who_saw_it_and_who_should_have() -> None:
    happened = incidents(
        ("i-b", "explosion_impact", 5.5, 45.01, -30.01),
        ("i-a", "explosion_impact", 1.5, 45.15, -30),
    )
    members = reports(("i-a", "picks", "cam-1"), ("i-b", "firms", "N20"), ("i-b", "picks", "K9"))

    found = seen(happened, members, covered(("cam-2", 5, 6)))

    assert dict(found.schema) == SEEN
    assert found.rows() == [
        ("i-a", "cam-1", 0.0, True, False),  # off its footprint, and yet it saw
        ("i-a", "cam-2", 0.8, False, True),  # should have, and did not
        ("i-a", "sat", 0.4, False, False),
        ("i-b", "cam-1", pytest.approx(0.9), False, True),  # channel K9 is no asset's
        ("i-b", "cam-2", 0.0, False, False),  # out of order
        ("i-b", "sat", 0.4, True, False),  # the only one of its sensor, whatever the channel
    ]
    assert EXPECTED_P == 0.5


@pytest.mark.parametrize(
    "where",
    [(1.5, 46.5, -30.0), (-1.5, 45.0, -30.0), (24.0, 45.0, -30.0), (1.5, None, None)],
)
def test_nothing_is_expected_off_the_grid_and_the_steps(where: tuple[Any, ...]) -> None:
    found = seen(incidents(("i", "explosion_impact", *where)), reports(), covered())

    assert found["p"].null_count() == 3
    assert found["expected"].null_count() == 3
    assert not found["saw"].any()


def test_each_class_has_its_own_p_and_order_does_not_matter() -> None:
    happened = incidents(
        ("i-1", "armour", 1.5, 45.0, -30.0), ("i-2", "explosion_impact", 1.5, 45.0, -30.0)
    )

    found = seen(happened, reports(), covered())

    assert found.filter(incident="i-1")["p"].to_list() == [0.0] * 3
    assert_frame_equal(found, seen(happened.reverse(), reports(), covered()))
    assert seen(happened.clear(), reports(), covered()).is_empty()


def test_says_what_seeing_nothing_is_worth() -> None:
    alone = covered(("cam-2", 0, 6), assets=ASSETS[1:2])

    text = told(alone, "explosion_impact")

    assert text == (
        "Of one happening (explosion, impact) somewhere in the whole area between "
        "2030-09-01 00:00 UTC and 2030-09-02 00:00 UTC, nothing would have been seen with "
        "probability 40 %. Covered: 14.4 of 24.0 hours, 60 %. "
        "Sensor-hours lost, most first: outage 6.0."
    )


@pytest.mark.parametrize(
    ("chance_p", "says"),
    [
        (1.0, "probability 0 %"),
        (0.999, "probability less than 1 %"),
        (0.001, "probability more than 99 %"),
        (0.0, "probability 100 %"),
    ],
)
def test_what_is_not_quite_certain_is_never_rounded_to_it(chance_p: float, says: str) -> None:
    text = told(covered(assets=(asset("x", "firms", chance_p),)), "explosion_impact")

    assert says in text
    assert text.endswith("No sensor-hours were lost.")
