"""A small mission of three days: declared assets, a schedule, a confidential file, two faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.mission.measured_samples import mission

from trucewatch.evidence.vault.compartment import make_compartment
from trucewatch.mission.desk import lock
from trucewatch.mission.ingest import Handling, ingest
from trucewatch.mission.linked import Said
from trucewatch.mission.opened import reading
from trucewatch.mission.passes import first_pass
from trucewatch.mission.run import run
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.home import Home

SAID = "Nobody fired; it was <b>thunder</b>."
MORE = """
[intake.news]
every_h = 24
start = "2030-09-01T00:00:00.000000Z"

[coverage.CAM-1]
sensor = "firms"
detects = { "*" = 0.8 }
source = "an exercise"
always = true
lat_deg = 45.0
lon_deg = -29.9
radius_km = 30
"""
HIDDEN = b"""date,lon,lat,place,type,n_reports
20300905,-29.8,45.0,Quietford,A,2
"""
FAULTS = b"""date,lon,lat,place,type,n_reports
20300904,-29.6,95.2,Pelven,A,3
20300904,-29.5,45.1,Dunmarsh
20300904,-29.6,45.05,Pelven,A,3
"""


def make(folder: Path) -> Home:
    """Return the mission; the reports of Quietford are AMBER, those of Pelven came twice."""
    home, clock = mission(folder, declared=True)
    home.settings.write_text(home.settings.read_text() + MORE)
    make_compartment(home.path, "hotline")
    amber = Handling(level=Level.AMBER, compartment="hotline")
    for name, content, handling in (("hidden", HIDDEN, amber), ("faults", FAULTS, None)):
        path = folder / f"{name}.csv"
        path.write_bytes(content)
        list(ingest(home, "news", [path], clock=clock, handling=handling))
    run(home, clock=clock)
    lock(home, at(home, 2), said=Said(by="M. Sarn", reason=SAID), clock=clock)
    run(home, clock=clock)
    first_pass(home)
    return home


def at(home: Home, day: int) -> str:
    """Return the own id of the incident of a day of September."""
    with reading(home) as (_, there):
        table = there.desk.read("incident")
    return str(table.filter(table["time"].dt.day() == day)["id"].item())
