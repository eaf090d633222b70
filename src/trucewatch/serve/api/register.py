"""The register of commitments: who promised what, by which source, and where sources differ."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import BadInput, NotFound
from trucewatch.mission.register_json import as_json
from trucewatch.mission.register_marked import marked
from trucewatch.records.claims.claim import Relation
from trucewatch.register.timeline import timeline
from trucewatch.serve.api._asked import PAGE, cut, instant_word, resource, word
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages._register_seen import seen

if TYPE_CHECKING:
    from trucewatch.records.claims.claim import Claim as Said
    from trucewatch.register.known import Known
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._register_seen import Seen

KNOWN_AT = (
    word("asof", "Only what was said or published up to this day.", format="date"),
    instant_word("log", "As the log had it at this instant."),
)
"""Words that say as known at which time."""
_WANTED = (
    word("subject", "Of whom, by id."),
    word("relation", "What ties subject and object.", enum=[str(each) for each in Relation]),
    word("object", "To what, by id."),
    word("source", "Where it was read, by id."),
)


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who speaks or is spoken of."""

    id: str
    name: str
    kind: str
    member_of: list[str]
    also: list[str]
    speaks_for: str


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A text that claims cite."""

    id: str
    outlet: str
    title: str
    kind: str
    published: date | None
    sha256: str
    lines: int
    note: str


class Provision(msgspec.Struct, frozen=True, kw_only=True):
    """A numbered part of what was adopted; `condition` is what it hangs on, or null."""

    id: str
    number: str
    topic: str
    text: str
    condition: Any


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """A text that was adopted."""

    id: str
    name: str
    kind: str
    day: date | None
    parties: list[str]
    also: list[str]
    provisions: list[Provision]
    note: str


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """How much, as an interval of exact decimals; `high` is null where that is open."""

    low: str
    high: str | None
    qualifier: str
    unit: str
    scope: str


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One source's word on who did, said or promised what; never changed, only superseded.

    Attributes:
        id: Its id.
        source: Where it was read, by id.
        first: First line of the paragraph; 0 when the source has no counted lines.
        last: Last line of it.
        subject: Of whom, by id.
        relation: What ties them.
        object: To what, by id or word.
        text: What the source says, in our words.
        attribute: Which question it answers, or "".
        value: Its answer, or "".
        quantity: How much, or null.
        domain: Kind of contribution, or "".
        place: Where, in words.
        condition: On what it hangs, as the source says, or null.
        day: The day of what it tells, or null.
        said_on: The day on which it was said or published, or null.
        chain: From whom the source has it, nearest first.
        basis: What the source itself goes by.
        grade: NATO grading, such as `B2`.
        supersedes: The claim that this one corrects, or "".
        superseded_by: The claim that corrects this one, or "".
        replies: Claims that reply to it.
    """

    id: str
    source: str
    first: int
    last: int
    subject: str
    relation: str
    object: str
    text: str
    attribute: str
    answer: str = msgspec.field(name="value")
    quantity: Quantity | None
    domain: str
    place: str
    condition: Any
    day: date | None
    said_on: date | None
    chain: list[str]
    basis: str
    grade: str
    supersedes: str
    superseded_by: str
    replies: list[str]


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """A page of claims.

    Attributes:
        total: Claims that the filter leaves.
        page: Which page.
        size: Claims of a page.
        next: Address of the next page, null on the last.
        items: The claims, in the order of the register.
    """

    total: int
    page: int
    size: int
    next: str | None
    items: list[Claim]


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """A question on which claims do not go together.

    Attributes:
        question: The question.
        claims: Claims that take part, by id.
        preferred: The claim that the rule prefers, or null.
        why: The steps of the rule that say so.
        kinds: What sorts of contradiction.
    """

    question: str
    claims: list[str]
    preferred: str | None
    why: str
    kinds: list[str]


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What was adopted, happened or was said on a day; `day` is null when nobody tells."""

    day: date | None
    turn: str
    id: str
    text: str
    at: str
    grade: str
    superseded_by: str


class Moments(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the time line.

    Attributes:
        total: Moments.
        page: Which page.
        size: Moments of a page.
        next: Address of the next page, null on the last.
        items: The moments, by day; those without a day stand last.
    """

    total: int
    page: int
    size: int
    next: str | None
    items: list[Moment]


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """The register, as it was known.

    Attributes:
        id: Its id.
        title: In words.
        notice: EXERCISE, or "".
        marked: Marks that everything made of it carries.
        host: The state that the arrangement protects, by id.
        day: The newest day that it knows.
        claims: How many claims.
        disputes: On how many questions claims do not go together.
        actors: Those who speak or are spoken of.
        sources: Texts that were looked at by then.
        instruments: What was adopted.
    """

    id: str
    title: str
    notice: str
    marked: list[str]
    host: str
    day: date
    claims: int
    disputes: int
    actors: list[Actor]
    sources: list[Source]
    instruments: list[Instrument]


@resource("/register", *KNOWN_AT)
def register_json(ask: Ask) -> Register:
    """Return what the register is about; the claims have a resource of their own."""
    found = _seen(ask)
    held = found.register
    return Register(
        id=held.id,
        title=held.title,
        notice="EXERCISE" if found.view.exercise else "",
        marked=list(marked(held)),
        host=held.host,
        day=found.day,
        claims=len(held.claims),
        disputes=len(found.disputes),
        actors=msgspec.convert(as_json(held.actors), list[Actor]),
        sources=msgspec.convert(as_json(found.sources), list[Source]),
        instruments=msgspec.convert(as_json(held.instruments), list[Instrument]),
    )


@resource("/register/claims", *PAGE, *_WANTED, *KNOWN_AT)
def claims_json(ask: Ask) -> Claims:
    """Return the claims that a filter leaves, a page at a time; as CSV: /register/claims.csv."""
    found = _seen(ask)
    wanted = _wanted(ask, found)
    at = cut(ask, len(wanted))
    items = [_claim(each, found.known) for each in wanted[at.start : at.start + at.size]]
    return Claims(total=at.total, page=at.page, size=at.size, next=at.next, items=items)


@resource("/register/claims/{name:str}", *KNOWN_AT)
def claim_json(ask: Ask, name: FromPath[str]) -> Claim:
    """Return one claim.

    Raises:
        NotFound: There is none that who asks may see.
    """
    known = _seen(ask).known
    if name not in known.claims:
        raise NotFound("claim", f"is {name[:80]!r}, which is not in the register as shown")
    return _claim(known.claims[name], known)


@resource("/register/differences", *KNOWN_AT)
def differences_json(ask: Ask) -> list[Dispute]:
    """Return every question on which claims do not go together."""
    return [
        Dispute(
            question=each.question,
            claims=list(each.claims),
            preferred=each.preferred,
            why=each.why,
            kinds=sorted({str(one.kind) for one in each.found}),
        )
        for each in _seen(ask).disputes
    ]


@resource("/register/timeline", *PAGE, *KNOWN_AT)
def timeline_json(ask: Ask) -> Moments:
    """Return what was adopted, what happened by sources, and what was said, day by day."""
    every = timeline(_seen(ask).register)
    at = cut(ask, len(every))
    rows = as_json(every[at.start : at.start + at.size])
    items = msgspec.convert(rows, list[Moment])
    return Moments(total=at.total, page=at.page, size=at.size, next=at.next, items=items)


def _seen(ask: Asking) -> Seen:
    ask.expect(What.REGISTER)
    return seen(ask)


def _wanted(ask: Asking, found: Seen) -> list[Said]:
    """Return the claims that the address asks for.

    Raises:
        BadInput: There is no such relation.
    """
    asked = {name: ask.value(name).strip() for name in ("subject", "relation", "object", "source")}
    if asked["relation"] and asked["relation"] not in set(Relation):
        problem = f"is {asked['relation'][:80]!r}, expected one of {', '.join(Relation)}"
        raise BadInput("relation", problem)
    return [
        each
        for each in found.register.claims
        if all(not said or getattr(each, name) == said for name, said in asked.items())
    ]


def _claim(claim: Said, known: Known) -> Claim:
    told = msgspec.convert(as_json(claim), dict[str, Any])
    said_on = known.said_on(claim)
    more = {
        "said_on": None if said_on is None else said_on.isoformat(),
        "superseded_by": known.superseded.get(claim.id, ""),
        "replies": list(known.replies.get(claim.id, ())),
    }
    return msgspec.convert({**told, **more}, Claim)


ROUTES = (register_json, claims_json, claim_json, differences_json, timeline_json)
