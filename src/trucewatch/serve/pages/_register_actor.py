"""What one state promised, by sources: promises, differences, signatures, conditions."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import NotFound
from trucewatch.records.claims.actor import ActorKind
from trucewatch.records.claims.claim import Relation
from trucewatch.register.asked import about
from trucewatch.register.conditions import named_in, worded
from trucewatch.register.known import cited
from trucewatch.register.legal import LEGAL_FORCE, legal
from trucewatch.register.questions.stances import REFUSALS
from trucewatch.serve.pages._register_matrix import Entry
from trucewatch.serve.pages._register_words import RELATIONS, disputed, line, name, thing_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.instrument import Instrument
    from trucewatch.register.asked import About
    from trucewatch.register.known import Known
    from trucewatch.serve.pages._register_seen import Seen
    from trucewatch.serve.pages._register_words import Disputed, Line

_PROMISED = (Relation.PLEDGED, Relation.OFFERED, Relation.ASSIGNED, *REFUSALS)
_SIGNED = (Relation.SIGNED, Relation.INITIALLED, Relation.RATIFIED, Relation.DID_NOT_SIGN)
_SEVERAL = 2
_ORDER = ("contribution", "clause", "stated", "role", "signature", "approval", "quantity")
"""Questions as they stand on a page, by the rule that asks."""


class Force(NamedTuple):
    """How binding sources say that a thing is: in the register's words, and where."""

    meaning: str
    cites: tuple[tuple[str, str], ...]
    official: bool


class Promise(NamedTuple):
    """One promise or refusal, as every source tells of it.

    Attributes:
        text: Of the relation: a message.
        glyph: Its mark.
        thing: What it is about: its short name.
        words: The same in full.
        domain: In the register's words, or "".
        lines: What each source says.
        hangs: On what the official wording hangs it, in the register's words, or "".
        force: How binding sources say that it is.
        differ: Whether sources differ on it.
    """

    text: str
    glyph: str
    thing: str
    words: str
    domain: str
    lines: tuple[Line, ...]
    hangs: str
    force: tuple[Force, ...]
    differ: bool


class Alike(NamedTuple):
    """What several sources say alike and none on file denies."""

    relation: str
    answer: str
    question: str
    thing: str
    cites: tuple[tuple[str, str], ...]
    sources_n: int


class Condition(NamedTuple):
    """A condition in words, and where it is named: label and claim, "" for a text itself."""

    text: str
    cites: tuple[tuple[str, str], ...]


class Promised(NamedTuple):
    """Everything that a page shows of one actor.

    Attributes:
        about: All its claims.
        promises: What it promised, or refused, by sources; in force.
        disputes: Where sources differ.
        alike: Where several say the same.
        groups: Every claim, superseded ones too, by the text of its relation.
        signed: Texts with provisions that it signed, by sources: their short names.
        texts: Instruments that it signed or did not sign, with who says so.
        earlier: Instruments that name it as a party and of which no claim says that it signed.
        conditions: On what its promises hang.
        sources_n: In how many sources its claims were read.
        says_n: How many claims there are.
    """

    about: About
    promises: tuple[Promise, ...]
    disputes: tuple[Disputed, ...]
    alike: tuple[Alike, ...]
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    signed: tuple[str, ...]
    texts: tuple[tuple[Instrument, tuple[Entry, ...]], ...]
    earlier: tuple[Instrument, ...]
    conditions: tuple[Condition, ...]
    sources_n: int
    says_n: int


def promised(seen: Seen, actor: str) -> Promised:
    """Return what is known of an actor.

    Args:
        seen: The register.
        actor: Its id or one of its names, in any case of letters.

    Raises:
        NotFound: The register names no such actor.
    """
    known = seen.known
    if actor not in known.actors and actor.casefold() not in known.named:
        problem = f"is {actor[:80]!r}, whom the register does not name"
        raise NotFound("state", problem, advice="All that it names stand on /register")
    found = about(seen.register, actor)
    own = [each.claim for group in found.groups for each in group.claims]
    current = [each for each in own if each.id not in known.superseded]
    of = found.actor.id
    promises = _promises(current, seen, of)
    return Promised(
        about=found,
        promises=promises,
        disputes=tuple(
            disputed(each, known, of=of)
            for each in sorted(found.disputes, key=lambda each: _weight(each.question, known))
        ),
        alike=_alike(current, seen, of),
        groups=tuple(
            (
                RELATIONS[group.relation][0],
                tuple(line(each.claim, known, of=of) for each in group.claims),
            )
            for group in found.groups
        ),
        signed=tuple(
            name(each.id, known)
            for each in known.register.instruments
            if each.provisions and _has_signed(current, each.id)
        ),
        texts=_texts(current, known),
        earlier=_earlier(current, known, of),
        conditions=_conditions(current, known),
        sources_n=len({each.source for each in own}),
        says_n=len(own),
    )


def _weight(question: str, known: Known) -> tuple[int, str]:
    """Return where a question stands on the page: promises first, what persons are called last."""
    rule, subject, *_ = question.split("/")
    person = subject in known.actors and known.actors[subject].kind is ActorKind.PERSON
    return (len(_ORDER) if person else _ORDER.index(rule) if rule in _ORDER else 0, question)


def _promises(claims: Sequence[Claim], seen: Seen, of: str) -> tuple[Promise, ...]:
    known = seen.known
    differing = {each for dispute in seen.disputes for each in dispute.claims}
    found: dict[tuple[Relation, str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.relation in _PROMISED and known.bound(claim) == of:
            found[claim.relation, claim.object, claim.domain].append(claim)
    ordered = sorted(found.items(), key=lambda each: (_PROMISED.index(each[0][0]), *each[0][1:]))
    made = []
    for (relation, thing, domain), several in ordered:
        hangs, force = _legal(thing, seen)
        words, short = thing_text(thing, known), name(thing, known)
        made.append(
            Promise(
                text=RELATIONS[relation][0],
                glyph=RELATIONS[relation][1],
                thing="" if short == words else short,
                words=words,
                domain=seen.register.domains.get(domain, domain),
                lines=tuple(line(each, known, of=of) for each in several),
                hangs=hangs,
                force=force,
                differ=any(each.id in differing for each in several),
            )
        )
    return tuple(made)


def _legal(thing: str, seen: Seen) -> tuple[str, tuple[Force, ...]]:
    """Return on what the official wording hangs a thing, and how binding sources say it is."""
    if thing not in seen.known.instruments:
        return "", ()
    found = legal(seen.register, thing)
    told: dict[str, list[tuple[str, str]]] = defaultdict(list)
    official = set()
    for each in found.answers:
        if each.attribute == LEGAL_FORCE:
            told[each.meaning].append((each.said.at, each.said.claim.id))
            official |= {each.meaning} if each.said.official else set()
    force = (Force(key, tuple(several), key in official) for key, several in told.items())
    return found.official.text, tuple(force)


def _alike(claims: Iterable[Claim], seen: Seen, of: str) -> tuple[Alike, ...]:
    known = seen.known
    differing = {each for dispute in seen.disputes for each in dispute.claims}
    found: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        if known.bound(claim) == of or claim.subject == of:
            key = (claim.relation, claim.object, claim.attribute, claim.value, claim.domain)
            found[key].append(claim)
    made = []
    for (relation, thing, attribute, value, domain), several in found.items():
        sources = {each.source for each in several}
        if len(sources) < _SEVERAL or differing & {each.id for each in several}:
            continue
        asked = known.attributes.get(attribute)
        words = [name(thing, known) if thing else "", seen.register.domains.get(domain, domain)]
        made.append(
            Alike(
                relation=RELATIONS[Relation(relation)][0],
                answer=asked.values.get(value, value) if asked else "",
                question=asked.text if asked else "",
                thing=", ".join(dict.fromkeys(each for each in words if each)),
                cites=tuple(dict.fromkeys((cited(each), each.id) for each in several)),
                sources_n=len(sources),
            )
        )
    return tuple(sorted(made, key=lambda each: (-each.sources_n, each.relation, each.thing)))


def _texts(
    claims: Iterable[Claim], known: Known
) -> tuple[tuple[Instrument, tuple[Entry, ...]], ...]:
    found: dict[str, dict[Relation, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for claim in claims:
        if claim.relation in _SIGNED and claim.object in known.instruments:
            found[known.instruments[claim.object].id][claim.relation].append(claim)
    return tuple(
        (
            each,
            tuple(
                Entry(*RELATIONS[relation], (), tuple((cited(c), c.id) for c in several))
                for relation, several in found[each.id].items()
            ),
        )
        for each in known.register.instruments
        if each.id in found
    )


def _has_signed(claims: Iterable[Claim], text: str) -> bool:
    return any(each.object == text and each.relation in _SIGNED[:3] for each in claims)


def _earlier(claims: Iterable[Claim], known: Known, of: str) -> tuple[Instrument, ...]:
    signed = {each.object for each in claims if each.relation in _SIGNED}
    return tuple(
        each for each in known.register.instruments if of in each.parties and each.id not in signed
    )


def _conditions(claims: Iterable[Claim], known: Known) -> tuple[Condition, ...]:
    """Return every condition that its promises name, those of the texts themselves too."""
    found: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for claim in claims:
        if claim.relation is Relation.REQUIRES and claim.object in known.atoms:
            found[claim.object][cited(claim), claim.id] = None
        if claim.relation not in _PROMISED:
            continue
        for atom in sorted(named_in(claim.condition)):
            found[atom][cited(claim), claim.id] = None
        part = known.provisions.get(claim.object)
        for atom in sorted(named_in(part.condition)) if part else ():
            found[atom][name(claim.object, known), ""] = None
    return tuple(
        Condition(worded(atom, known.atoms), tuple(sorted(cites))) for atom, cites in found.items()
    )
