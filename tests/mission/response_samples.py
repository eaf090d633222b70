"""Missions with a register and a sealed determination, for trying responses on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.custody import Actor
from trucewatch.mission.exhibit import Taken, collect
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.mission.linked import Said
from trucewatch.mission.register_load import claims_file, load
from trucewatch.mission.respond import Finding, Hand, start
from trucewatch.mission.response_view import floor_at, response_in, shown_of

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.entering import Done
    from trucewatch.respond.view import Response

DETERMINED = datetime(2030, 10, 1, 10, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Floor:
    """A mission in which a determination was sealed, and its clock."""

    home: Home
    clock: SimulatedClock
    object: str

    def at(self, hour: float) -> Hand:
        """Move the clock to some hours after the determination; return who enters acts then."""
        self.clock.at = DETERMINED + timedelta(hours=hour)
        return Hand(by="S. Secretary", clock=self.clock)

    def because(self, hour: float, why: str) -> Hand:
        """The same with a note."""
        return Hand(by="S. Secretary", clock=self.at(hour).clock, note=why)

    def start(self, hour: float = 1, **more: object) -> Done:
        hand = Hand(by="S. Secretary", clock=self.at(hour).clock, objects=(self.object,))
        return start(self.home, finding(), hand, **more)  # type: ignore[arg-type]

    def shown(self, asked: str = "", instant: datetime | None = None) -> Response:
        floor = floor_at(self.home, instant)
        return shown_of(floor, response_in(floor, asked or floor.responses[-1].id))


def finding() -> Finding:
    return Finding(
        at=DETERMINED,
        found="fire on the pumping station",
        found_by="the commission",
        standard="reasonable grounds to believe",
    )


def floor(path: Path, *, register: str, agreement: str = "demo-truce") -> Floor:
    """Make a mission, load a shipped register, and seal a determination."""
    path.mkdir(exist_ok=True)
    clock = SimulatedClock(DETERMINED - timedelta(hours=10))
    create(path / "m", clock=clock, plan=Plan(seed=bytes(32), agreement=agreement))
    home = Home(path / "m")
    actor = Actor(said=Said(by="S. Secretary", reason="for the response"), clock=clock)
    load(home, claims_file(register), actor=actor)
    clock.at = DETERMINED + timedelta(minutes=10)
    (path / "determination.txt").write_text("breach established by 5 of 7 votes")
    taken = Taken(place="the commission's house", method="handed over")
    [placed] = collect(home, [path / "determination.txt"], taken, actor=actor)
    return Floor(home=home, clock=clock, object=placed.object)
