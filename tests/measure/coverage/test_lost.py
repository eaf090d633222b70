"""What others say that assets lost: who is hit, where, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from trucewatch.measure.coverage.asset import Asset, Detection
from trucewatch.measure.coverage.lost import EmptySlot, hindered, silent, unsent
from trucewatch.records.logbook.machine import Record, Step
from trucewatch.records.table import LOSS, SILENCE, empty

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json

AT = datetime(2030, 9, 1, 8, tzinfo=UTC)
UNTIL = AT + timedelta(days=9)
MODEL = Detection(detects={"*": 0.5}, source="made up")


def asset(name: str, sensor: str, *, always: bool) -> Asset:
    return Asset(name=name, sensor=sensor, footprint=None, always=always, detection=MODEL)


ASSETS = (
    asset("cam", "picks", always=True),
    asset("P-1", "news", always=False),
    asset("P-2", "news", always=False),
    asset("sat", "firms", always=True),
)


def restriction(*, lifted_h: float | None = 2.0, **more: Json) -> Record:
    detail: dict[str, Json] = {
        "asset": "Patrol 3",
        "hindrance": "denial",
        "place": {"error_m": 50, "lat_deg": 45.1, "lon_deg": -30.2},
        "radius_m": 3000,
        "sensor": None,
    }
    steps = [_step("encountered", AT, {**detail, **more})]
    if lifted_h is not None:
        steps.append(_step("lifted", AT + timedelta(hours=lifted_h), {}))
    return Record(kind="restriction", entry=1, state=steps[-1].act, steps=tuple(steps))


def _step(act: str, at: datetime, detail: dict[str, Json]) -> Step:
    return Step(act=act, at=at, logged_at=at, by="L.", note="", detail=detail, entry=1)


@pytest.mark.parametrize(
    ("more", "hit"),
    [
        ({"sensor": "cam"}, ["cam"]),
        ({"sensor": "news"}, ["P-1", "P-2"]),
        ({"asset": "P-2"}, ["P-2"]),
        ({"sensor": "sat", "asset": "P-2"}, ["sat"]),
        ({}, ["P-1", "P-2"]),
        ({"sensor": "radar 5", "asset": "P-1"}, ["P-1"]),
        ({"radius_m": 0}, []),
        ({"radius_m": 0, "sensor": "cam"}, ["cam"]),
    ],
)
def test_a_restriction_hits_whom_it_names_else_those_that_move(
    more: dict[str, Any], hit: list[str]
) -> None:
    found = hindered([restriction(**more)], ASSETS, until=UNTIL)

    assert found["asset"].to_list() == hit
    assert dict(found.schema) == LOSS
    assert set(found["cause"]) <= {"denial"}
    placed = more.get("radius_m") != 0
    assert found["radius_m"].to_list() == [3000.0 if placed else None] * len(hit)
    assert found["lat_deg"].to_list() == [45.1 if placed else None] * len(hit)


def test_a_restriction_lasts_until_it_is_lifted() -> None:
    over, lasting = (hindered([restriction(lifted_h=h)], ASSETS, until=UNTIL) for h in (2, None))

    assert over["end"].unique().to_list() == [AT + timedelta(hours=2)]
    assert lasting["end"].unique().to_list() == [UNTIL]
    assert not over["guessed"].any()


def test_a_file_that_never_came_takes_its_slot_whether_explained_or_not() -> None:
    slots = [
        EmptySlot("firms", AT, AT + timedelta(hours=6), explained=True),
        EmptySlot("firms", AT + timedelta(hours=6), AT + timedelta(hours=12), explained=False),
        EmptySlot("watch", AT, AT + timedelta(hours=6), explained=False),
    ]

    found = unsent(slots, ASSETS)

    assert found.select("asset", "cause", "guessed").rows() == [
        ("sat", "absent", False),
        ("sat", "missing", False),
    ]


def test_a_silence_is_a_guess_about_all_assets_of_a_module() -> None:
    told = pl.DataFrame(
        {
            "sensor": ["news", "watch"],
            "start": [AT, AT],
            "end": [UNTIL, UNTIL],
            "expected": [3.0, None],
        },
        schema=SILENCE,
    )

    found = silent(told, ASSETS)

    assert found.select("asset", "cause", "guessed").rows() == [
        ("P-1", "silent", True),
        ("P-2", "silent", True),
    ]
    assert found["radius_m"].null_count() == 2


def test_without_losses_the_table_is_empty() -> None:
    for found in (
        hindered([], ASSETS, until=UNTIL),
        unsent([], ASSETS),
        silent(empty(SILENCE), ASSETS),
    ):
        assert_frame_equal(found, empty(LOSS))
