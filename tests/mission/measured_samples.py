"""A small mission on the demonstration's ground, with reports, a camera and a restriction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.custody import Actor
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.linked import Said
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2030, 9, 6, tzinfo=UTC)
HEADER = "id,time_start,time_end,lat,lon,error_m,class,count,text\n"
COVERAGE = """
[coverage.NEWSROOM]
sensor = "news"
detects = { "*" = 0.5 }
source = "an exercise: half of what happens is reported"
always = true

[holding]
tolerated_per_1000h = 20
cell_km = 10
"""


def news() -> bytes:
    """Three strikes on three days, one place each."""
    rows = ["20300902,-29.9,45.0,Ilmery,A,2", "20300903,-30.2,45.0,Orva,A,2"]
    rows.append("20300904,-29.6,45.05,Pelven,A,3")
    return "\n".join(["date,lon,lat,place,type,n_reports", *rows, ""]).encode()


def mission(path: Path, *, declared: bool) -> tuple[Home, SimulatedClock]:
    """Return a mission that has run; with coverage and tolerance declared or not."""
    clock = SimulatedClock(NOW)
    plan = Plan(agreement="demo-truce", seed=bytes(32), sensors={"news": {"zone": "UTC"}})
    create(path / "mission", clock=clock, plan=plan)
    home = Home(path / "mission")
    if declared:
        home.settings.write_text(home.settings.read_text() + COVERAGE)
    (path / "news.csv").write_bytes(news())
    list(ingest(home, "news", [path / "news.csv"], clock=clock))
    run(home, clock=clock)
    return home, clock


def actor(clock: SimulatedClock) -> Actor:
    return Actor(
        said=Said(by="L. Liaison", reason="handed over at the weekly meeting"), clock=clock
    )


def alpha() -> bytes:
    """Two strikes that were reported, one that was not."""
    rows = [
        "A1,2030-09-02T06:00:00Z,2030-09-02T07:00:00Z,45.0010,-29.9010,500,,,at the mill\n",
        "A2,2030-09-03T18:00:00Z,2030-09-03T18:30:00Z,45.0000,-30.2000,500,,,on the road\n",
        "A3,2030-09-05T03:00:00Z,2030-09-05T03:05:00Z,44.9000,-30.0500,500,airstrike,,by night\n",
    ]
    return (HEADER + "".join(rows)).encode()


def bravo() -> bytes:
    row = "B1,2030-09-01T00:00:00Z,2030-09-05T23:59:59Z,,,,,0,we fired at nobody\n"
    return (HEADER + row).encode()
