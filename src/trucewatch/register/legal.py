"""Is a provision binding: what each source says, and on what the official wording hangs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from trucewatch.errors import NotFound
from trucewatch.records.claims.claim import Relation
from trucewatch.register.conditions import worded
from trucewatch.register.contradictions import contradictions, disputes
from trucewatch.register.known import known as looked_up
from trucewatch.register.shown import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.condition import Condition
    from trucewatch.records.claims.instrument import Instrument, Provision
    from trucewatch.records.claims.register import Register
    from trucewatch.register.contradictions import Dispute
    from trucewatch.register.known import Known
    from trucewatch.register.shown import Shown

LEGAL_FORCE = "legal_force"
"""Attribute under which a register asks how binding a thing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one source says of a thing.

    Attributes:
        of: The provision or instrument that it speaks of, by id.
        attribute: The question that it answers, such as `legal_force`.
        value: Its answer.
        meaning: What the register takes that to mean.
        condition: On what it hangs by this source, in words, or "".
        said: The claim with its source.
    """

    of: str
    attribute: str
    value: str
    meaning: str
    condition: str
    said: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """On what a thing hangs by the text itself.

    Attributes:
        condition: The condition, or None when no text says.
        text: The same in words, or "".
        at: Where it stands: the provision, or the claim from an official text, by id; or "".
    """

    condition: Condition | None
    text: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Legal:
    """What is known of how binding a thing is.

    Attributes:
        instrument: The instrument.
        provision: The provision, or None when the whole instrument was asked for.
        official: On what the official wording hangs it; comes first in every answer.
        answers: How binding it is and every other answer on it, official texts first, then by
            day; those on the instrument as a whole stand after those on the provision.
        disputes: Where these contradict one another, which is preferred and why.
    """

    instrument: Instrument
    provision: Provision | None
    official: Official
    answers: tuple[Answer, ...]
    disputes: tuple[Dispute, ...]


def legal(register: Register, thing: str) -> Legal:
    """Return what each source says of a provision or an instrument.

    Args:
        register: The register.
        thing: Id of the provision or of the instrument.

    Raises:
        NotFound: Neither has this id.
    """
    known = looked_up(register)
    if thing not in known.instruments:
        names = ", ".join(sorted(known.instruments)) or "none is declared"
        raise NotFound("provision", f"is {thing!r}, must be one of: {names}")
    instrument = known.instruments[thing]
    ids = tuple(dict.fromkeys((thing, instrument.id)))
    answers = said_of(ids, known.current(), known)
    mine = {each.said.claim.id for each in answers}
    disputed = disputes(contradictions(register))
    return Legal(
        instrument=instrument,
        provision=known.provisions.get(thing),
        official=official(thing, answers, known),
        answers=answers,
        disputes=tuple(each for each in disputed if mine & set(each.claims)),
    )


def said_of(ids: Sequence[str], claims: Sequence[Claim], known: Known) -> tuple[Answer, ...]:
    """Return all answers on some things, thing by thing, official texts first, then by day."""
    found = [_answer(each, known) for each in claims if _is_on(each, ids)]
    return tuple(sorted(found, key=lambda each: (ids.index(each.of), *_order(each))))


def official(thing: str, answers: Sequence[Answer], known: Known) -> Official:
    """Return on what the official wording hangs a thing.

    That is the condition of the provision; where it has none, that of the first claim from an
    official text which states one.
    """
    provision = known.provisions.get(thing)
    if provision is not None and provision.condition is not None:
        words = worded(provision.condition, known.atoms)
        return Official(condition=provision.condition, text=words, at=provision.id)
    for each in answers:
        claim = each.said.claim
        if each.said.official and claim.condition is not None:
            return Official(condition=claim.condition, text=each.condition, at=claim.id)
    return Official(condition=None, text="", at="")


def _is_on(claim: Claim, ids: Collection[str]) -> bool:
    return claim.relation is Relation.STATED and claim.subject in ids


def _answer(claim: Claim, known: Known) -> Answer:
    return Answer(
        of=claim.subject,
        attribute=claim.attribute,
        value=claim.value,
        meaning=known.attributes[claim.attribute].values[claim.value],
        condition="" if claim.condition is None else worded(claim.condition, known.atoms),
        said=shown(claim, known),
    )


def _order(answer: Answer) -> tuple[bool, bool, date, str]:
    said = answer.said
    first = answer.attribute != LEGAL_FORCE
    return first, not said.official, said.said_on or date.max, said.claim.id
