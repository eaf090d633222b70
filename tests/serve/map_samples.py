"""A mission between two lines: strikes, a camera, a window of silence, and monitors turned away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.passes import first_pass
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2031, 3, 12, tzinfo=UTC)
CAMERA = """
[coverage.CAMERA]
sensor = "news"
detects = { "*" = 0.9 }
source = "an exercise: nine in ten are seen"
always = true
lat_deg = -47.0
lon_deg = -120.3
radius_km = 25

[holding]
tolerated_per_1000h = 20
cell_km = 10
"""
_PLACE = {"error_m": 50, "lat_deg": -47.0, "lon_deg": -120.0}


def made(path: Path) -> Home:
    """Return the mission, run, with a pass."""
    clock = SimulatedClock(NOW)
    sensors = {"news": {"zone": "UTC"}}
    plan = Plan(agreement="paris-type", seed=bytes(32), sensors=sensors, settings=CAMERA)
    create(path / "mission", clock=clock, plan=plan)
    home = Home(path / "mission")
    rows = [
        f"203103{day:02d},{-120.5 + 0.16 * day:.2f},{-46.9 - 0.02 * day:.2f},Tarrick,A,{day}"
        for day in range(2, 11)
    ]
    (path / "news.csv").write_text("\n".join(["date,lon,lat,place,type,n_reports", *rows, ""]))
    list(ingest(home, "news", [path / "news.csv"], clock=clock))
    _turned_away(home, clock)
    _window(home, clock)
    run(home, clock=clock)
    first_pass(home)
    return home


def _turned_away(home: Home, clock: SimulatedClock) -> None:
    detail = {
        "asset": "PATROL", "hindrance": "denial", "people": None, "place": _PLACE,
        "planned": None, "present": None, "radius_m": 3_000, "said": None, "sensor": None,
    }  # fmt: skip
    at = NOW - timedelta(days=2)
    enter(home, [NewAct(kind="restriction", act="encountered", at=at, by="L.", detail=detail)],
          clock=clock)  # fmt: skip


def _window(home: Home, clock: SimulatedClock) -> None:
    place = _PLACE | {"lon_deg": -120.33, "lat_deg": -47.01}
    detail = {
        "activity": "repair", "crew": 6, "end": "2031-03-13T18:00:00.000000Z",
        "guarantees_from": ["ALPHA", "BRAVO"], "place": place, "provision": None,
        "radius_m": 2_000, "site": "Ennerby filtration station",
        "start": "2031-03-11T06:00:00.000000Z",
    }  # fmt: skip
    at = NOW - timedelta(days=1)
    opened = NewAct(kind="window", act="requested", at=at, by="L.", detail=detail)
    given = [
        NewAct(
            kind="window", act="guaranteed", at=at, by="L.", of_line=1,
            detail={"guarantor": "duty officer", "party": party},
        )
        for party in ("ALPHA", "BRAVO")
    ]  # fmt: skip
    enter(home, [opened, *given], clock=clock)
