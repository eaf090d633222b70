"""What a register knew before a day: by the day on which each claim was said or published.

When a claim entered the log is another question, which the log answers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from trucewatch.records.claims.claim import Relation
from trucewatch.register.known import known as looked_up

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.instrument import Instrument
    from trucewatch.records.claims.register import Register


def before(register: Register, day: date) -> Register:
    """Return the register without what was said or published on a day or after it.

    A claim that was corrected later is in force again. A claim without a day is left out, since
    nobody can tell; `undated` lists those. Tiers, measures and requirements that rest on claims
    stay as long as one of these claims stays. Instruments and provisions stay, as names that
    claims use; versions of their text and clauses that were seen later do not.
    """
    known = looked_up(register)
    earlier = [each for each in register.claims if _earlier(known.said_on(each), day)]
    ids = {each.id for each in earlier}
    ids -= {each.id for each in earlier if _answers_later(each, ids)}
    kept = tuple(each for each in earlier if each.id in ids)
    published = {each.id for each in register.sources if _earlier(each.published, day)}
    tiers = tuple(
        replace(each, claims=_kept(each.claims, ids))
        for each in register.tiers
        if _rests(each.claims, ids)
    )
    left = {each.id for each in tiers}
    measures = tuple(
        replace(each, claims=_kept(each.claims, ids), tiers=_kept(each.tiers, left))
        for each in register.measures
        if _rests(each.claims, ids) and _kept(each.tiers, left)
    )
    requirements = tuple(
        replace(each, claims=_kept(each.claims, ids))
        for each in register.requirements
        if _rests(each.claims, ids)
    )
    return replace(
        register,
        as_of=min(register.as_of, day - timedelta(days=1)),
        claims=kept,
        instruments=tuple(_texts(each, day, ids, published) for each in register.instruments),
        tiers=tiers,
        measures=measures,
        requirements=requirements,
    )


def undated(register: Register) -> tuple[Claim, ...]:
    """Return the claims of which nobody tells when they were said, by id."""
    known = looked_up(register)
    found = (each for each in register.claims if known.said_on(each) is None)
    return tuple(sorted(found, key=lambda claim: claim.id))


def _earlier(said: date | None, day: date) -> bool:
    return said is not None and said < day


def _answers_later(claim: Claim, ids: Collection[str]) -> bool:
    """Tell whether it is a reply to a claim that is left out."""
    return claim.relation is Relation.REPLIED and claim.object not in ids


def _kept(ids: tuple[str, ...], known: Collection[str]) -> tuple[str, ...]:
    return tuple(each for each in ids if each in known)


def _rests(claims: tuple[str, ...], ids: Collection[str]) -> bool:
    """Tell whether one of its claims is there still; what rests on none is not of a day."""
    return not claims or any(each in ids for each in claims)


def _texts(
    instrument: Instrument, day: date, ids: Collection[str], published: Collection[str]
) -> Instrument:
    texts = tuple(each for each in instrument.texts if _seen(each.day, each.source, day, published))
    versions = {each.id for each in texts}
    clauses = tuple(
        replace(
            each,
            stands_in=_kept(each.stands_in, versions),
            missing_in=_kept(each.missing_in, versions),
            claims=_kept(each.claims, ids),
        )
        for each in instrument.clauses
        if each.source in published
    )
    return replace(instrument, texts=texts, clauses=clauses)


def _seen(made: date | None, source: str, day: date, published: Collection[str]) -> bool:
    """Tell whether a version was seen before a day: it was made, and its source was there."""
    return source in published and (made is None or made < day)
