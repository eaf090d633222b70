"""What a register holds, by id: looked up once, asked often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.records.claims.claim import Basis, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from trucewatch.records.claims.actor import Actor
    from trucewatch.records.claims.attribute import Attribute
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.condition import Atom
    from trucewatch.records.claims.instrument import Instrument, Provision
    from trucewatch.records.claims.register import Register
    from trucewatch.records.claims.source import Source

NOT_NAMED = "not named"
"""What `outlet` says of a source whose text does not name one."""

_OF_THE_PERSON = frozenset({Relation.STATED, Relation.ATTENDED, Relation.REPRESENTED})
"""Relations that tell of the subject itself, even where it speaks for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A register, looked up by id.

    Attributes:
        register: The register.
        sources: Its sources.
        actors: Its actors.
        atoms: What promises may hang on.
        attributes: Its questions.
        claims: All claims, superseded ones too.
        provisions: Provisions of all instruments.
        instruments: The instrument of each provision, and of each instrument itself.
        superseded: Of a claim that was corrected, the claim that corrects it.
        replies: Of a claim that was replied to, the replies, by id in order.
        named: Of each name that one actor alone has, in small letters, the actor.
    """

    register: Register
    sources: Mapping[str, Source]
    actors: Mapping[str, Actor]
    atoms: Mapping[str, Atom]
    attributes: Mapping[str, Attribute]
    claims: Mapping[str, Claim]
    provisions: Mapping[str, Provision]
    instruments: Mapping[str, Instrument]
    superseded: Mapping[str, str]
    replies: Mapping[str, tuple[str, ...]]
    named: Mapping[str, str]

    def current(self) -> tuple[Claim, ...]:
        """Return the claims that none supersedes, by id."""
        kept = (claim for name, claim in self.claims.items() if name not in self.superseded)
        return tuple(sorted(kept, key=lambda claim: claim.id))

    def said_on(self, claim: Claim) -> date | None:
        """Return the day on which it was said or published, or None when nobody tells."""
        return claim.said_on or self.sources[claim.source].published

    def speaks_as(self, actor: str) -> str:
        """Return the actor whose word the word of an actor is: its own, unless it is a person's."""
        seen = {actor}
        while actor in self.actors and self.actors[actor].speaks_for:
            actor = self.actors[actor].speaks_for
            if actor in seen:
                return min(seen)
            seen.add(actor)
        return actor

    def with_groups(self, actor: str) -> frozenset[str]:
        """Return an actor and every group that it belongs to, through others too, by id."""
        found, open_ = {actor}, [actor]
        while open_:
            known_ = self.actors.get(open_.pop())
            new = set(() if known_ is None else known_.member_of) - found
            found |= new
            open_ += sorted(new)
        return frozenset(found)

    def bound(self, claim: Claim) -> str:
        """Return who is bound by what a claim tells: the subject, or whom it speaks for."""
        if claim.relation in _OF_THE_PERSON:
            return claim.subject
        return self.speaks_as(claim.subject)

    def speaker(self, claim: Claim) -> str:
        """Return who said it, in one form for each who can.

        The subject where it goes by the subject's own words, else the last whom the source has it
        from, else the outlet. A source without a named outlet speaks for itself alone.
        """
        if claim.basis is Basis.OWN_WORDS and claim.subject in self.actors:
            return f"actor {self.speaks_as(claim.subject)}"
        outlet = self.sources[claim.source].outlet
        if not claim.chain and outlet.casefold() == NOT_NAMED:
            return f"source {claim.source}"
        name = (claim.chain[-1] if claim.chain else outlet).casefold()
        return f"actor {self.speaks_as(self.named[name])}" if name in self.named else name

    def topic(self, thing: str) -> str:
        """Return the topic of a provision; any other thing is its own."""
        return self.provisions[thing].topic if thing in self.provisions else thing


def known(register: Register) -> Known:
    """Return the register, looked up by id."""
    provisions = {part.id: part for each in register.instruments for part in each.provisions}
    instruments = {part.id: each for each in register.instruments for part in each.provisions}
    return Known(
        register=register,
        sources={each.id: each for each in register.sources},
        actors={each.id: each for each in register.actors},
        atoms={each.id: each for each in register.atoms},
        attributes={each.id: each for each in register.attributes},
        claims={each.id: each for each in register.claims},
        provisions=provisions,
        instruments=instruments | {each.id: each for each in register.instruments},
        superseded={each.supersedes: each.id for each in register.claims if each.supersedes},
        replies=_replies(register.claims),
        named=_named(register.actors),
    )


def cited(claim: Claim) -> str:
    """Return where a claim was read, as a register file writes it: `001:12-14`, or `S1`."""
    if not claim.first:
        return claim.source
    last = f"-{claim.last}" if claim.last > claim.first else ""
    return f"{claim.source}:{claim.first}{last}"


def _replies(claims: Iterable[Claim]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for claim in claims:
        if claim.relation is Relation.REPLIED:
            found.setdefault(claim.object, []).append(claim.id)
    return {claim: tuple(sorted(ids)) for claim, ids in found.items()}


def _named(actors: Iterable[Actor]) -> dict[str, str]:
    """Return the actor of each name; a name of two actors is left out, since it tells nothing."""
    found: dict[str, set[str]] = {}
    for actor in actors:
        for name in (actor.id, actor.name, *actor.also):
            found.setdefault(name.casefold(), set()).add(actor.id)
    return {name: min(ids) for name, ids in found.items() if len(ids) == 1}


def names_group(scope: str, known: Known) -> bool:
    """Tell whether a scope is the name of an actor with members, so that it is of them together."""
    return scope.casefold() in _groups(known)


def _groups(known: Known) -> set[str]:
    return {each.casefold() for actor in known.actors.values() for each in actor.member_of}


def is_joint(scope: str, known: Known) -> bool:
    """Tell whether amounts of a scope are of several together, so that none may be added.

    A scope is joint when it is the name of an actor with members, or when a claim gives it to such
    an actor: then each amount of it is of the whole, and two of them are one told twice.
    """
    groups = _groups(known)
    told = {
        known.bound(claim).casefold()
        for claim in known.current()
        if claim.quantity is not None and claim.quantity.scope == scope
    }
    return bool(groups & (told | {scope.casefold()}))
