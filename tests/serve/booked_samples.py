"""The watched mission with a logbook: one record of each kind that has a page, and one struck."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tests.mission.measured_samples import NOW
from tests.serve.watched_samples import make

from trucewatch.mission.absent import absent
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import AGREEMENT_FILE
from trucewatch.mission.linked import Said
from trucewatch.mission.run import run
from trucewatch.records.instant import instant_text
from trucewatch.simulate.demo import amended

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from trucewatch.mission.home import Home
    from trucewatch.records.canonical import Json

AGAIN = b"""date,lon,lat,place,type,n_reports
20300908,-29.7,45.0,Orva,A,2
"""
BY = "L. Liaison"
SAID = "No entry; ask <b>the colonel</b>"
PLACE: dict[str, Json] = {"error_m": 50.0, "lat_deg": 45.0, "lon_deg": -29.9}


def when(day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of September."""
    return datetime(2030, 9, day, hour, minute, tzinfo=UTC)


def text(day: int, hour: int) -> str:
    return instant_text(when(day, hour))


OPENED: tuple[tuple[str, str, datetime, dict[str, Json]], ...] = (
    (
        "restriction",
        "encountered",
        when(2, 7),
        {
            "asset": "PATROL-1",
            "hindrance": "denial",
            "people": 4,
            "place": PLACE,
            "planned": "visit of the depot",
            "present": "armed men at a barrier",
            "radius_m": 5_000,
            "said": SAID,
            "sensor": None,
        },
    ),
    (
        "notification",
        "submitted",
        when(2, 8),
        {
            "activity": "demining_blast",
            "area": [[-29.91, 44.99], [-29.89, 44.99], [-29.89, 45.01], [-29.91, 45.01]],
            "end": text(4, 12),
            "height_max_m": None,
            "notice": "N_DEMINING",
            "number": 2,
            "party": "BRAVO",
            "start": text(4, 10),
            "subjects": ["demining team 4"],
            "to": ["MISSION"],
        },
    ),
    (
        "window",
        "requested",
        when(2, 9),
        {
            "activity": "repair",
            "crew": 6,
            "end": text(5, 6),
            "guarantees_from": ["ALPHA", "BRAVO"],
            "place": PLACE,
            "provision": "W_PUMP",
            "radius_m": 2_000,
            "site": "Ilmery pumping station",
            "start": text(4, 18),
        },
    ),
    (
        "visit",
        "planned",
        when(2, 10),
        {"due": text(4, 8), "follows": None, "place": PLACE, "site": "DEPOT-3", "weapons": []},
    ),
    (
        "visit",
        "planned",
        when(2, 11),
        {"due": text(5, 8), "follows": None, "place": PLACE, "site": "YARD-1", "weapons": []},
    ),
    (
        "contact",
        "called",
        when(3, 1),
        {"about": "shots near YARD-1", "party": "ALPHA", "place": None, "to": "duty officer"},
    ),
)
"""What opens each record: kind, act, time, what it says."""


class Booked(NamedTuple):
    """The mission, and the id of each record; the second visit is `denied`, the call is struck."""

    home: Home
    ids: dict[str, str]


def booked(made: pytest.TempPathFactory) -> Booked:
    """Return the mission, made once for all tests of a session."""
    return _booked(made.getbasetemp() / "booked")


@cache
def _booked(folder: Path) -> Booked:
    folder.mkdir()
    home, clock = make(folder), SimulatedClock(NOW + timedelta(hours=1))
    (home.path / AGREEMENT_FILE).write_bytes(amended())  # it knows windows and notices
    names = ("restriction", "notification", "window", "visit", "denied", "contact")
    acts = [NewAct(kind=kind, act=act, at=at, by=BY, detail=d) for kind, act, at, d in OPENED]
    done = dict(zip(names, enter(home, acts, clock=clock), strict=True))
    enter(home, [*_later({name: each.entry for name, each in done.items()})], clock=clock)
    _scheduled(home, folder)
    return Booked(home, {name: each.id for name, each in done.items()})


def _later(of: dict[str, int]) -> Iterator[NewAct]:
    def then(name: str, act: str, at: datetime, **detail: Json) -> NewAct:
        kind = "visit" if name == "denied" else name
        note = "entered twice" if act == "voided" else ""
        return NewAct(kind=kind, act=act, at=at, by=BY, note=note, detail=detail, of=of[name])

    yield then("restriction", "raised", when(2, 8), party="BRAVO")
    yield then("restriction", "explained", when(2, 9), party="BRAVO", said="mines")
    yield then("restriction", "lifted", when(2, 13))
    yield then("notification", "acknowledged", when(2, 9), party="MISSION")
    for party in ("ALPHA", "BRAVO"):
        yield then("window", "guarantee_requested", when(2, 10), party=party)
    yield then("window", "guaranteed", when(3, 10), party="ALPHA", guarantor="duty officer")
    yield then("window", "refused", when(3, 11), party="BRAVO")
    seen: dict[str, Json] = {"howitzer": 3}
    closed: list[Json] = ["hall 4"]
    yield then("visit", "visited", when(4, 9), seen=seen, closed_parts=closed, serials=[])
    yield then("denied", "denied", when(5, 8), said="not today")
    yield then("contact", "voided", when(3, 2), entry=None)


def _scheduled(home: Home, folder: Path) -> None:
    """Let two days of the schedule pass empty, of which one is explained, then a file come."""
    clock = SimulatedClock(NOW + timedelta(days=3, hours=5))
    slot = NOW + timedelta(days=1), None
    absent(home, "news", slot, said=Said(by=BY, reason="the <i>editor</i> was ill"), clock=clock)
    (folder / "again.csv").write_bytes(AGAIN)
    list(ingest(home, "news", [folder / "again.csv"], clock=clock))
    run(home, clock=clock)
