"""Who saw an incident, who should have, and what had been taken from those who did not."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.mission.measured_samples import NOW, mission
from typer.testing import CliRunner

from trucewatch.cli.app import app
from trucewatch.measure.coverage.seen import seen
from trucewatch.mission import explain as explaining
from trucewatch.mission.alias import aliases
from trucewatch.mission.configuration import in_force
from trucewatch.mission.covered import covered_between
from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.explain import explain
from trucewatch.mission.explain_seen import (
    BLURRED,
    OFF_GRID,
    UNDECLARED,
    WITHHELD,
    Watcher,
    who_saw,
)
from trucewatch.mission.ingest import ingest
from trucewatch.mission.opened import keys_of, reading
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.home import Home

ASSETS = """
[coverage.CAM-1]
sensor = "spotrep"
detects = { "*" = 0.8 }
source = "an exercise"
always = true
lat_deg = 45.0
lon_deg = -29.9
radius_km = 30

[coverage.CAM-2]
sensor = "spotrep"
detects = { "*" = 0.9 }
source = "an exercise"
always = true
lat_deg = 45.0
lon_deg = -30.2
radius_km = 5

[coverage.PATROL-1]
sensor = "spotrep"
detects = { "*" = 0.6 }
source = "an exercise"
lat_deg = 45.0
lon_deg = -29.9
radius_km = 30

[coverage.NIGHT-CAM]
sensor = "spotrep"
detects = { "*" = 0.8 }
source = "an exercise"
always = true
night_ratio = 0
cloud_ratio = 0.5
"""
WATCH = """asset,start,end,lat,lon,radius_m,share,cause,cloud_share
CAM-1,2030-09-02T00:00:00Z,2030-09-02T06:00:00Z,,,,1,watching,
PATROL-1,2030-09-02T00:00:00Z,2030-09-03T00:00:00Z,,,,0.25,jamming,
"""
"""The strike of the second of September has its middle at noon, UTC."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("watched")
    made, clock = mission(folder, declared=True)
    made.settings.write_text(made.settings.read_text() + ASSETS)
    (folder / "watch.csv").write_text(WATCH)
    list(ingest(made, "watch", [folder / "watch.csv"], clock=clock))
    denied = NewAct(
        kind="restriction",
        act="encountered",
        at=datetime(2030, 9, 2, 11, tzinfo=UTC),
        by="P. Patrol",
        detail={
            "asset": "PATROL-1",
            "hindrance": "denial",
            "people": None,
            "place": {"error_m": 100, "lat_deg": 45.0, "lon_deg": -29.9},
            "planned": None,
            "present": None,
            "radius_m": 60_000,
            "said": None,
            "sensor": None,
        },
    )
    enter(made, [denied], clock=clock)
    run(made, clock=clock)
    return made


def strike(home: Home, day: int) -> str:
    with reading(home) as (_, there):
        table = there.desk.read("incident")
    return str(table.filter(pl.col("time").dt.day() == day)["id"].item())


def by_name(home: Home, day: int) -> dict[str, Watcher]:
    found = explain(home, strike(home, day)).who_saw
    assert found is not None
    return {each.asset: each for each in found.watchers}


def test_says_who_saw_it_and_who_should_have_and_did_not(home: Home) -> None:
    found = explain(home, strike(home, 2)).who_saw

    assert found is not None
    assert found.hour == "2030-09-02T12:00:00.000000Z"
    saw = {each.asset: (each.chance_p, each.saw, each.expected) for each in found.watchers}
    assert saw["NEWSROOM"] == (pytest.approx(0.5), True, True)
    assert saw["CAM-1"] == (pytest.approx(0.8), False, True)
    assert saw["CAM-2"] == (0, False, False)  # 24 km away, it sees 5
    assert (found.saw_n, found.missed_n) == (1, 2)  # and NIGHT-CAM, for noon is no night


def test_says_what_had_been_taken_and_what_would_have_been_left(home: Home) -> None:
    patrol = by_name(home, 2)["PATROL-1"]

    assert patrol.chance_p == 0
    assert patrol.unhindered_p == pytest.approx(0.6)
    assert patrol.expected is False
    shares = {each.cause: each.taken_share for each in patrol.taken}
    assert shares == {"denial": pytest.approx(1 / 1.75), "jamming": pytest.approx(0.75 / 1.75)}
    assert [each.cause for each in patrol.taken] == ["denial", "jamming"]


def test_says_where_nobody_knows_the_sky(home: Home) -> None:
    found = by_name(home, 2)

    assert found["NIGHT-CAM"].sky_unknown
    assert not found["CAM-1"].sky_unknown


def test_p_is_what_the_whole_day_gives(home: Home) -> None:
    with reading(home) as (log, there):
        incident = there.desk.read("incident").filter(pl.col("time").dt.day() == 2)
        start = datetime(2030, 9, 2, tzinfo=UTC)
        using = in_force(log, log.size)
        covered = covered_between(log, there, using, (start, start + timedelta(days=1)))
    assert covered is not None

    day = seen(incident, pl.DataFrame(schema=["incident", "sensor", "channel"]), covered)

    told = {name: each.chance_p for name, each in by_name(home, 2).items()}
    assert told == pytest.approx(dict(day.select("asset", "p").iter_rows()))


def test_an_incident_off_the_ground_is_expected_of_nobody(home: Home) -> None:
    with reading(home) as (log, there):
        one = there.desk.read("incident").head(1).with_columns(lat_deg=pl.lit(10.0))
        none = pl.DataFrame(schema={n: pl.String() for n in ("incident", "sensor", "channel")})
        found = who_saw(log, there, in_force(log, log.size), one, none)

    assert found.note == OFF_GRID
    assert found.missed_n == 0
    assert {(each.chance_p, each.expected, each.taken) for each in found.watchers} == {
        (None, None, ())
    }


def test_a_time_that_is_not_known_to_the_hour_is_said(home: Home) -> None:
    with reading(home) as (log, there):
        one = there.desk.read("incident").filter(pl.col("time").dt.day() == 2)
        sharp = one.with_columns(time_start=pl.col("time"), time_end=pl.col("time"))
        none = pl.DataFrame(schema={n: pl.String() for n in ("incident", "sensor", "channel")})
        using = in_force(log, log.size)
        notes = [who_saw(log, there, using, each, none).note for each in (one, sharp)]

    assert notes == [BLURRED, ""]


def test_a_public_name_is_answered_without_the_names_of_assets(home: Home) -> None:
    own = strike(home, 2)
    public = aliases(keys_of(home).release, [own])[own]

    found = explain(home, public).who_saw
    said = CliRunner().invoke(app, ["explain", str(home.path), public]).output

    assert found is not None
    assert (found.watchers, found.saw_n, found.missed_n) == ((), 1, 2)
    assert WITHHELD in found.note
    assert "1 declared asset saw it, 2 should have" in said
    for name in ("NEWSROOM", "CAM-1", "PATROL-1", "NIGHT-CAM"):
        assert name not in said


def test_without_declared_assets_one_line_says_how_to_declare_them(tmp_path: Path) -> None:
    bare, _ = mission(tmp_path, declared=False)

    found = explain(bare, strike(bare, 2)).who_saw
    said = CliRunner().invoke(app, ["explain", str(bare.path), strike(bare, 2)]).output

    assert found is not None
    assert (found.note, found.watchers) == (UNDECLARED, ())
    assert [line for line in said.splitlines() if "[coverage.ASSET]" in line] == [
        f"  watch  {UNDECLARED}"
    ]


def test_text_and_json_say_the_same(home: Home) -> None:
    asked = [str(home.path), strike(home, 2)]

    text = CliRunner().invoke(app, ["explain", *asked]).output
    told = json.loads(CliRunner().invoke(app, ["explain", *asked, "--json"]).output)["who_saw"]

    assert told["missed_n"] == 2
    lines = [line.strip() for line in text.splitlines()]
    assert "watch  1 declared asset saw it, 2 should have (P .5 or more) and did not" in lines
    assert (
        "CAM-1 should have seen it and did not; P(it detects this) 0.800; "
        "nothing had been taken from it" in lines
    )
    assert (
        "PATROL-1 did not see it; P(it detects this) under 0.001, unhindered 0.600; "
        "taken by denial 57 %, jamming 43 %" in lines
    )
    assert "CAM-2" not in text  # it could never see that place
    assert [each["asset"] for each in told["watchers"]] == sorted(
        ["CAM-1", "CAM-2", "NEWSROOM", "NIGHT-CAM", "PATROL-1"]
    )


def test_explaining_is_a_function_of_the_log(home: Home) -> None:
    first = explain(home, strike(home, 2))

    again = explaining.explain(home, strike(home, 2))

    assert dataclasses.asdict(first)["who_saw"] == dataclasses.asdict(again)["who_saw"]
    assert NOW.isoformat() not in json.dumps(dataclasses.asdict(first)["who_saw"])
