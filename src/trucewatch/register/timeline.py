"""What happened and what was said, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.register.known import cited
from trucewatch.register.known import known as looked_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.records.claims.register import Register
    from trucewatch.register.known import Known


class Turn(StrEnum):
    """What a moment is."""

    ADOPTED = "adopted"  # an instrument
    TEXT = "text"  # a version of one was made
    TOLD = "told"  # the day of what a claim tells
    SAID = "said"  # the day on which a claim was said, when it does not tell another


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the time line.

    Attributes:
        day: The day, or None when nobody tells.
        turn: What it is.
        id: Of the instrument or the claim; of a version, instrument and version joined by `/`.
        text: In words.
        at: Where it was read, such as `001:12`; "" for an instrument.
        grade: Of the claim, or "".
        superseded_by: The claim that corrects it, by id, or "".
    """

    day: date | None
    turn: Turn
    id: str
    text: str
    at: str = ""
    grade: str = ""
    superseded_by: str = ""


def timeline(register: Register) -> tuple[Moment, ...]:
    """Return instruments, versions and claims by day; those without a day stand last."""
    known = looked_up(register)
    found = [*_texts(register), *_claims(known)]
    return tuple(sorted(found, key=lambda each: (each.day or date.max, each.turn, each.id)))


def _texts(register: Register) -> Iterator[Moment]:
    for each in register.instruments:
        yield Moment(day=each.day, turn=Turn.ADOPTED, id=each.id, text=each.name)
        for version in each.texts:
            yield Moment(
                day=version.day,
                turn=Turn.TEXT,
                id=f"{each.id}/{version.id}",
                text=f"{each.name}, {version.state} text",
                at=version.source,
            )


def _claims(known: Known) -> Iterator[Moment]:
    for claim in known.claims.values():
        yield Moment(
            day=claim.day or known.said_on(claim),
            turn=Turn.TOLD if claim.day else Turn.SAID,
            id=claim.id,
            text=claim.text,
            at=cited(claim),
            grade=claim.grade,
            superseded_by=known.superseded.get(claim.id, ""),
        )
