"""Everything that is known, set against a text that the mission does not use; nothing is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from trucewatch.agreement.agreement import Status
from trucewatch.agreement.parse import parse
from trucewatch.agreement.version import Version
from trucewatch.assess import assess
from trucewatch.errors import BadInput, BadMission
from trucewatch.mission.known import facts
from trucewatch.mission.listing import chosen
from trucewatch.mission.opened import reading
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.mission.home import Home
    from trucewatch.mission.listing import Filter
    from trucewatch.records.facts import Facts


def what_if(home: Home, text: Path, *, only: Filter) -> pl.DataFrame:
    """Return what an agreement would make of all that the last run knew (`ASSESSMENT`).

    The text is taken as in force over all that is known, whatever dates it names; its zones keep
    theirs. Every row is about that text and about no obligation of anybody: whoever shows one says
    so.

    Args:
        home: The mission.
        text: An agreement's file, in force or not.
        only: Which rows to return.

    Raises:
        BadInput: The file cannot be read.
        BadMission: Nothing has been run.
    """
    try:
        raw = text.read_bytes()
    except OSError as error:
        raise BadInput(str(text), f"{error.strerror}, expected an agreement") from error
    agreement = parse(raw, name=text.name)
    with reading(home) as (log, there):
        size = there.desk.state().get("input_size")
        if size is None:
            problem = "nothing has been run, expected incidents"
            raise BadMission(str(home.path), problem, advice=f"Run: tw run {home.path}")
        incidents = there.desk.read("incident")
        known = facts((there.archive, there.desk), log, int(size), incidents=incidents)
    version = Version(agreement=_always(agreement, known), object=sha256_hex(raw), what_if=True)
    return chosen(assess(known, versions=[version]), only)


def _always(agreement: Agreement, known: Facts) -> Agreement:
    """Return the text as though it had been in force over all that is known."""
    times = [
        known.as_of,
        *known.incidents["time_start"].drop_nulls(),
        *known.tracks["time"],
        *(record.opening.at for record in known.logbook),
    ]
    first = min(times).astimezone(UTC)
    return replace(agreement, status=Status.IN_FORCE, effective=first, expires=None)
