"""`tw register claim` and `reply`: one claim, written as a small file that extends the register."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import yaml

from trucewatch.errors import BadInput, NotFound
from trucewatch.evidence.log import Log
from trucewatch.mission.register import register_of
from trucewatch.mission.register_load import ClaimsFile, load
from trucewatch.records.claims.claim import Basis, Relation
from trucewatch.records.claims.source import SourceKind
from trucewatch.register.known import known as looked_up
from trucewatch.register.parse import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from trucewatch.mission.custody import Actor
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_load import Added
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.register import Register
    from trucewatch.register.known import Known

Written: TypeAlias = "str | int | list[Written] | dict[str, Written] | None"
"""A value as a register file writes it; numbers that must stay exact are text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClaim:
    """A claim that is to be sealed.

    Attributes:
        claim: Its keys as a register file writes them; a blank `id` is chosen.
        source: Keys of a source that it is the first to cite, or empty.
    """

    claim: Mapping[str, Written]
    source: Mapping[str, Written] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an actor answers to a claim about it.

    Attributes:
        to: The claim, by id.
        of: Who replies, by id; "" for the subject of the claim.
        text: What it says, in our words.
        day: The day of the reply.
        title: What the reply is, such as `Letter of the foreign ministry`.
        grade: NATO grading.
        sha256: Of the letter itself, when it was sealed, or "".
    """

    to: str
    of: str
    text: str
    day: date
    title: str
    grade: str
    sha256: str = ""


def claim(home: Home, new: NewClaim, *, actor: Actor) -> Added:
    """Seal one claim.

    Args:
        home: The mission.
        new: The claim.
        actor: Who enters it.
    """
    register = _register(home)
    said = dict(new.claim)
    if not said.get("id"):
        said = {**said, "id": _free_id("claim", register)}
    return load(home, _file(register, said, new.source, actor), actor=actor)


def reply(home: Home, answer: Reply, *, actor: Actor) -> Added:
    """Seal what an actor replies to a claim about it.

    Args:
        home: The mission.
        answer: The reply.
        actor: Who enters it; with the actor's own enrolled key when it signs itself.

    Raises:
        NotFound: There is no such claim.
    """
    register = _register(home)
    known = looked_up(register)
    about = known.claims.get(answer.to)
    if about is None:
        raise NotFound("claim", f"is {answer.to!r}, expected the id of a claim")
    of = _who_replies(about, answer.of, known)
    name = _free_id("reply", register)
    source: dict[str, Written] = {
        "id": name,
        "outlet": known.actors[of].name,
        "title": answer.title,
        "kind": str(SourceKind.STATEMENT),
        "published": answer.day.isoformat(),
    }
    if answer.sha256:
        source["sha256"] = answer.sha256
    said: dict[str, Written] = {
        "id": name,
        "at": name,
        "subject": of,
        "relation": str(Relation.REPLIED),
        "object": answer.to,
        "text": answer.text,
        "basis": str(Basis.OWN_WORDS),
        "grade": answer.grade,
    }
    return load(home, _file(register, said, source, actor), actor=actor)


def _register(home: Home) -> Register:
    with Log.open(home.expect().path) as log:
        return register_of(log, log.size)


def _who_replies(about: Claim, asked: str, known: Known) -> str:
    """Return who replies.

    Raises:
        BadInput: The claim is not about this actor, or does not say whom it is about.
    """
    may = sorted(set(_concerned(about, known)))
    of = asked or (about.subject if about.subject in known.actors else "")
    if of not in may:
        found = f"is {of!r}" if of else "is not given"
        raise BadInput("of", f"{found}, expected one whom claim {about.id} is about: {may}")
    return of


def _concerned(about: Claim, known: Known) -> Iterator[str]:
    """Yield who is concerned: the actors it names, those they speak for, members and parties."""
    named = {each for each in (about.subject, about.object) if each}
    actors = {each for each in named if each in known.actors}
    yield from actors
    yield from (known.speaks_as(each) for each in actors)
    yield from (a.id for a in known.actors.values() if actors & set(a.member_of))
    for each in named & known.instruments.keys():
        yield from known.instruments[each].parties


def _free_id(word: str, register: Register) -> str:
    """Return an id such as `claim-12` that neither a claim nor a source has."""
    taken = {each.id for each in register.claims} | {each.id for each in register.sources}
    number = len(register.claims) + 1
    while f"{word}-{number}" in taken:
        number += 1
    return f"{word}-{number}"


def _file(
    register: Register,
    said: Mapping[str, Written],
    source: Mapping[str, Written],
    actor: Actor,
) -> ClaimsFile:
    content: dict[str, object] = {
        "schema": SCHEMA,
        "extends": register.id,
        "as_of": actor.clock.now().date().isoformat(),
    }
    if source:
        content["sources"] = [dict(source)]
    content["claims"] = [dict(said)]
    raw = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return ClaimsFile(name=f"{said['id']}.yaml", raw=raw.encode())
