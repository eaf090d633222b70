"""A mission with one camera over all of its ground, three strikes at noon, and what was denied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.mission.measured_samples import NOW, news

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import writing
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CAMERA = """
[coverage.CAMERA]
sensor = "news"
detects = { "*" = 0.8 }
source = "an exercise: four in five are seen"
always = true
lat_deg = 45.0
lon_deg = -30.0
radius_km = 300

[holding]
tolerated_per_1000h = 20
cell_km = 10
"""
DECLARED = datetime(2030, 8, 30, tzinfo=UTC)
"""Before the first report, and before the text took effect."""
WATCH_HEADER = "asset,start,end,lat,lon,radius_m,share,cause,cloud_share\n"


def begin(path: Path, settings: str = CAMERA) -> tuple[Home, SimulatedClock]:
    """Return an empty mission with these sections in its settings, sealed before anything came."""
    clock = SimulatedClock(DECLARED)
    plan = Plan(agreement="demo-truce", seed=bytes(32), sensors={"news": {"zone": "UTC"}})
    create(path / "mission", clock=clock, plan=plan)
    home = Home(path / "mission")
    home.settings.write_text(home.settings.read_text() + settings)
    with writing(home, clock):
        clock.at = NOW
    return home, clock


def strikes(home: Home, clock: SimulatedClock) -> None:
    """Let the three strikes be reported: 2, 3 and 4 September, each at some time of the day."""
    path = home.path.parent / "news.csv"
    path.write_bytes(news())
    list(ingest(home, "news", [path], clock=clock))


def watch(home: Home, clock: SimulatedClock, name: str, rows: Sequence[str]) -> None:
    """Let watch reports come in one file."""
    path = home.path.parent / f"{name}.csv"
    path.write_text(WATCH_HEADER + "".join(f"{row}\n" for row in rows))
    list(ingest(home, "watch", [path], clock=clock))


def deny(home: Home, clock: SimulatedClock, start: datetime, hours: int) -> None:
    """Let the camera be denied for some hours, everywhere."""
    detail = {
        "asset": "CAMERA",
        "hindrance": "denial",
        "people": None,
        "place": {"error_m": 50, "lat_deg": 45.0, "lon_deg": -30.0},
        "planned": None,
        "present": None,
        "radius_m": 0,
        "said": None,
        "sensor": None,
    }
    opened = NewAct(kind="restriction", act="encountered", at=start, by="L.", detail=detail)
    [done] = enter(home, [opened], clock=clock)
    lifted = NewAct(
        kind="restriction", act="lifted", of=done.entry, at=start + timedelta(hours=hours),
        by="L.", detail={},
    )  # fmt: skip
    enter(home, [lifted], clock=clock)


def made(path: Path, settings: str = CAMERA, *, denied: bool) -> Home:
    """Return a mission that has run; the camera is denied or not from 11 to 14 on the 3rd."""
    home, clock = begin(path, settings)
    strikes(home, clock)
    if denied:
        deny(home, clock, datetime(2030, 9, 3, 11, tzinfo=UTC), 3)
    run(home, clock=clock)
    return home
