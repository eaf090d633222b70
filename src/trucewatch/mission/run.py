"""`tw run`: fuse and assess what is new, and record what was computed from what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, sign_statement
from trucewatch.mission.earlier import earlier_run
from trucewatch.mission.opened import writing
from trucewatch.mission.projection import input_size
from trucewatch.mission.provenance import code_version, cpu_level, packages
from trucewatch.store.digest import digests

if TYPE_CHECKING:
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.opened import Writer

COMPUTED_TYPE = "statement/computed/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run did.

    Attributes:
        new: Whether there was anything to do.
        observations: Accepted observations that the run saw, repeated downloads included.
        incidents: Incidents there are now.
        assessments: Assessments there are now.
        input_size: Length of the log prefix that they are a function of.
        entry: Index of the statement that records it, or None when nothing was new.
    """

    new: bool
    observations: int
    incidents: int
    assessments: int
    input_size: int
    entry: int | None


def run(home: Home, *, clock: Clock) -> Run:
    """Bring incidents and assessments up to date with the log.

    With nothing new, nothing is computed and nothing is appended.
    """
    with writing(home, clock) as writer:
        return run_with(writer)


def run_with(writer: Writer) -> Run:
    """Do the same with an open writer."""
    size = input_size(writer.log, writer.log.size)
    there = writer.projection
    state = there.desk.state()
    there.catch_up(writer.log, writer.log.size, writer.using)
    if state.get("input_size") == str(size):
        return _summary(writer, size, entry=None)
    earlier = earlier_run(there, writer.log, size)
    there.fuse_and_assess(writer.log, size, writer.using, earlier=earlier)
    return _summary(writer, size, entry=_record(writer, size))


def _record(writer: Writer, size: int) -> int:
    found = digests(writer.projection.archive, writer.projection.desk)
    statement = sign_statement(
        "computed/v1",
        [Subject(name=name, sha256=str(d["sha256"])) for name, d in found.items()],
        {
            "code": code_version(),
            "packages": packages(),
            "processor": cpu_level(),
            "configured": writer.using.entry,
            "input": {
                "origin": writer.log.origin,
                "size": size,
                "root": writer.log.root(size).hex(),
            },
            "rows": {name: d["rows"] for name, d in found.items()},
        },
        key=writer.keys.desk,
    )
    item = NewObject(type=COMPUTED_TYPE, data=statement, name=f"computed from {size} entries")
    [appended] = writer.log.append([item], now=writer.clock.now())
    return appended.index


def _summary(writer: Writer, size: int, *, entry: int | None) -> Run:
    desk = writer.projection.desk
    return Run(
        new=entry is not None,
        observations=int(desk.read("file")["accepted"].sum()),
        incidents=len(desk.read("incident")),
        assessments=len(desk.read("assessment")),
        input_size=size,
        entry=entry,
    )
