"""What the log says of keys and statements, read once for each open log and never out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.mission.kept import grow, size_of

from trucewatch.evidence.keyring import Keyring
from trucewatch.evidence.log import Log
from trucewatch.mission import configuration
from trucewatch.mission.configuration import (
    CONFIGURED_TYPE,
    ENROLLED_TYPE,
    in_force,
    opened_statements,
)
from trucewatch.mission.custody import seal_act
from trucewatch.mission.opened import writing
from trucewatch.mission.run import run
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Set
    from pathlib import Path

    import pytest

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.statement import Statement
    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home

CUSTODY_TYPE = "statement/custody/v1"
COMPUTED_TYPE = "statement/computed/v1"


def slowly(log: Log, size: int, kinds: Set[str]) -> tuple[Keyring, list[tuple[int, Statement]]]:
    """Read and verify every entry anew."""
    keyring, found = Keyring(), []
    for index in range(size):
        entry = log.entry(index)
        needed = not keyring.founded if entry.type == CONFIGURED_TYPE else False
        if entry.level is not Level.CLEAR:
            continue
        if needed or entry.type == ENROLLED_TYPE or entry.type in kinds:
            statement = keyring.open(index, entry.type, log.object(entry.object))
            if entry.type in kinds:
                found.append((index, statement))
    return keyring, found


def act(home: Home, clock: SimulatedClock) -> None:
    with writing(home, clock) as writer:
        first, detail = writer.log.entry(0).object, {"outcome": "whole"}
        seal_act(writer, "verified", [first], by="A", reason="b", detail=detail)


def test_statements_are_what_a_reading_of_every_entry_finds_at_every_size(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    grow(home, inbox, clock)
    run(home, clock=clock)
    act(home, clock)
    kinds: tuple[set[str], ...] = (
        {CUSTODY_TYPE},
        {CONFIGURED_TYPE},
        {COMPUTED_TYPE, CUSTODY_TYPE},
        set(),
    )

    with Log.open(home.path) as log:
        for size in (log.size, *range(log.size + 1)):
            for wanted in kinds:
                keyring, found = opened_statements(log, size, wanted)
                slow, expected = slowly(log, size, wanted)

                assert found == expected
                assert keyring.good == slow.good
        assert len(opened_statements(log, log.size + 9, {CUSTODY_TYPE})[1]) == 1


def test_an_entry_is_read_once_for_each_open_log(
    home: Home, inbox: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(home, clock)
    seen: list[int] = []
    entries = Log.entries

    def counted(log: Log, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, Entry]]:
        for index, entry in entries(log, start, stop):
            seen.append(index)
            yield index, entry

    monkeypatch.setattr(Log, "entries", counted)
    with Log.open(home.path) as log:
        first = log.size
        for _ in range(3):
            opened_statements(log, log.size, {CUSTODY_TYPE})
            in_force(log, first)
        assert seen == list(range(first))


def test_what_the_writer_adds_meanwhile_is_seen(home: Home, clock: SimulatedClock) -> None:
    with Log.open(home.path) as log:
        before = len(opened_statements(log, log.size, {CUSTODY_TYPE})[1])
        act(home, clock)
        after = opened_statements(log, log.size, {CUSTODY_TYPE})[1]

    assert (before, [index for index, _ in after]) == (0, [size_of(home) - 1])


def test_a_closed_log_is_forgotten(home: Home) -> None:
    with Log.open(home.path) as log:
        in_force(log, log.size)
        assert log in configuration._SCANS
    known = len(configuration._SCANS)

    del log

    assert len(configuration._SCANS) == known - 1
