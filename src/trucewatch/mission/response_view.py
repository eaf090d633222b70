"""Responses as a mission's log has them, or had them at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import NotFound
from trucewatch.evidence.log import Log
from trucewatch.mission.configuration import in_force
from trucewatch.mission.logbook import logbook, record_of, size_at
from trucewatch.mission.register import register_of
from trucewatch.mission.response_sides import promised
from trucewatch.respond.asked import steps_at_home
from trucewatch.respond.tiers import tier_in_force
from trucewatch.respond.view import belonging, view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from trucewatch.mission.home import Home
    from trucewatch.records.claims.register import Register
    from trucewatch.records.logbook.machine import Record
    from trucewatch.respond.promised import Promised
    from trucewatch.respond.view import Response

NON_ADOPTION = "Independent software; nobody named here has adopted it."
"""Stands on everything that is shown of a response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What a response is worked out from: a prefix of the log.

    Attributes:
        exercise: Whether the mission is an exercise.
        register: The register in it.
        records: Records of the logbook that stand, in log order.
        as_of: Its newest time.
    """

    exercise: bool
    register: Register
    records: tuple[Record, ...]
    as_of: datetime

    @property
    def responses(self) -> tuple[Record, ...]:
        """The responses, in log order."""
        return tuple(each for each in self.records if each.kind == "response")


def floor_at(home: Home, instant: datetime | None) -> Floor:
    """Return what the log has of responses, or had at an instant.

    A log without a register is refused (`NotFound`).
    """
    home.expect()
    with Log.open(home.path, signer=None) as log:
        size = log.size if instant is None else size_at(log, instant)
        register = register_of(log, size)  # before anything else: there may be nothing yet
        return Floor(
            exercise=in_force(log, size).settings.mission.exercise,
            register=register,
            records=logbook(log, size),
            as_of=log.entry(size - 1).logged_at,
        )


def is_exercise(home: Home) -> bool:
    """Return whether a mission is an exercise, by the settings in its log."""
    home.expect()
    with Log.open(home.path, signer=None) as log:
        return in_force(log, log.size).settings.mission.exercise


def response_in(floor: Floor, asked: str) -> Record:
    """Return the response that a name means; "" means the only one that is not closed.

    Raises:
        NotFound: There is none of that name; or none is open, or several are.
    """
    if asked:
        found = record_of(floor.responses, asked)
        if found is None:
            known = ", ".join(each.id for each in floor.responses) or "none was started"
            raise NotFound("response", f"is {asked[:80]!r}, expected one of {known}")
        return found
    open_ = [each for each in floor.responses if each.state != "closed"]
    if len(open_) == 1:
        return open_[0]
    names = ", ".join(each.id for each in open_) or "none"
    advice = "" if open_ else "Start one with: tw respond start HOME --help"
    raise NotFound("response", f"open are {names}, expected one, or its ID", advice=advice)


def shown_of(floor: Floor, response: Record) -> Response:
    """Return a response as it stands."""
    return view(response, floor.records, promised_in(floor, response), as_of=floor.as_of)


def promised_in(
    floor: Floor, response: Record, *, met: Mapping[str, bool] | None = None, domain: str = ""
) -> Promised:
    """Return what the register says of a response, with the steps at home that it knows.

    Args:
        floor: The log.
        response: The response.
        met: Conditions that are supposed to be known besides; they go first.
        domain: Only what is of this domain or names none; "" for all.
    """
    asks = _asks(response, floor.records)
    known = {**steps_at_home(asks), **(met or {})}
    return promised(floor.register, tier=tier_in_force(response), met=known, domain=domain)


def _asks(response: Record, records: Sequence[Record]) -> tuple[Record, ...]:
    return tuple(each for each in belonging(response, records) if each.kind == "asked_for")


def responses_at(home: Home, instant: datetime | None) -> tuple[Response, ...]:
    """Return every response that stands, as the log has it, or had it at an instant."""
    floor = floor_at(home, instant)
    return tuple(shown_of(floor, each) for each in floor.responses)
