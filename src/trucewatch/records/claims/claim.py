"""A claim: one source's word on who did, said or promised what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from trucewatch.records.claims.condition import Condition
    from trucewatch.records.claims.quantity import Quantity


class Relation(StrEnum):
    """What ties a subject to an object; kept apart, since one never stands for another."""

    ATTENDED = "attended"
    REPRESENTED = "represented"
    ENDORSED = "endorsed"
    SIGNED = "signed"
    INITIALLED = "initialled"
    RATIFIED = "ratified"
    PLEDGED = "pledged"
    OFFERED = "offered"
    ASSIGNED = "assigned"  # somebody else says that it will do it
    REFUSED = "refused"  # asked, and said no
    RULED_OUT = "ruled_out"  # said that it never will
    DELIVERED = "delivered"
    VERIFIED_DELIVERED = "verified_delivered"
    DEMANDED = "demanded"
    OPPOSED = "opposed"
    DID_NOT_SIGN = "did_not_sign"
    REQUIRES = "requires"  # a condition of its own must hold first; object: an atom
    FULFILLED = "fulfilled"  # a condition was met; object: an atom
    LIMITS = "limits"  # a national limit on what it does
    READY = "ready"  # how soon it can
    STATED = "stated"  # answers a question that the register asks: attribute and value
    REPLIED = "replied"  # the subject's own answer to a claim about it


class Basis(StrEnum):
    """What the source itself goes by."""

    FINAL_TEXT = "final_text"
    DRAFT_TEXT = "draft_text"
    OWN_WORDS = "own_words"  # the subject's own statement, quoted or reported at first hand
    WORDS_OF_OTHERS = "words_of_others"
    NOT_SAID = "not_said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim; never changed, only superseded.

    Attributes:
        id: Unique in the register for ever.
        source: Where it was read, by id.
        first: First line of the paragraph, from 1; 0 when the source has no counted lines.
        last: Last line of it.
        subject: Of whom, by id of an actor; or of an instrument, provision or place of an
            attribute, when it answers a question about that.
        relation: What ties them.
        object: To what: an id of an instrument, a provision, an actor, an atom or a claim, or a
            word of the register's `topics`; "" when the relation needs none.
        text: What the source says, in our words.
        attribute: Which question it answers; "" unless the relation is `stated`.
        value: Its answer; "" unless the relation is `stated`.
        quantity: How much, or None.
        domain: One of the register's domains, or "".
        place: Where, in words as coarse as the source's; never coordinates; or "".
        condition: On what it hangs, as the source says, or None.
        day: The day of what it tells, or None when it is not told.
        said_on: The day on which it was said or published; None takes the source's day.
        chain: From whom the source has it, nearest first, such as a newspaper that it quotes.
        basis: What the source itself goes by.
        grade: NATO grading of source and information, such as `B2`.
        supersedes: The claim that this one corrects, by id, or "".
    """

    id: str
    source: str
    first: int
    last: int
    subject: str
    relation: Relation
    object: str
    text: str
    attribute: str = ""
    value: str = ""
    quantity: Quantity | None = None
    domain: str = ""
    place: str = ""
    condition: Condition | None = None
    day: date | None = None
    said_on: date | None = None
    chain: tuple[str, ...] = ()
    basis: Basis = Basis.NOT_SAID
    grade: str = "F6"
    supersedes: str = ""
