"""Contradictions between claims: found by rule, classified, all claims kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

from trucewatch.records.claims.claim import Basis
from trucewatch.register.known import known as looked_up
from trucewatch.register.preferred import WHY, Preference, Rule, later, preference
from trucewatch.register.questions.amounts import amounts
from trucewatch.register.questions.roles import roles
from trucewatch.register.questions.stances import stances
from trucewatch.register.questions.stated import answers
from trucewatch.register.versions import Difference, differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trucewatch.records.claims.register import Register
    from trucewatch.register.known import Known
    from trucewatch.register.questions.pair import Pair


class Kind(StrEnum):
    """Classes of contradiction, in the order in which they are tried."""

    DRAFT_AGAINST_FINAL = "draft_against_final"
    NEWER = "newer"
    DIFFERENT_QUANTITY = "different_quantity"
    GENUINE_CONFLICT = "genuine_conflict"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two claims that do not go together, or a clause that went missing.

    Attributes:
        id: The question and the claims, the same for every order of the register.
        question: What they answer, such as `stated/D1-1/legal_force`; see `questions`.
        kind: Its class.
        claims: The claims, by id in order; of a clause those that tell of it, perhaps none.
        preferred: The one that the rule prefers, or None.
        rule: The step of the rule that says so.
        why: The same in words.
        text: What each says.
    """

    id: str
    question: str
    kind: Kind
    claims: tuple[str, ...]
    preferred: str | None
    rule: Rule
    why: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """All contradictions over one question.

    Attributes:
        question: The question.
        claims: All claims that take part, by id in order.
        found: The contradictions, by id.
        preferred: The claim that the rule prefers in every contradiction that it takes part in,
            or None. Of several such claims, which agree, the one that the earliest step prefers,
            then the one that is preferred to most, then the one of the least id.
        why: The steps of the rule that say so, in words.
    """

    question: str
    claims: tuple[str, ...]
    found: tuple[Contradiction, ...]
    preferred: str | None
    why: str


def contradictions(register: Register) -> tuple[Contradiction, ...]:
    """Return every contradiction between claims that none supersedes, by id.

    Claims are compared in pairs, within a question. The answer is the same for every order of the
    register's lists.
    """
    known = looked_up(register)
    claims = known.current()
    pairs = chain(
        answers(claims, known),
        amounts(claims, known),
        stances(claims, known),
        roles(claims, known),
    )
    found = [*(_classified(pair, known) for pair in pairs), *_clauses(register)]
    return tuple(sorted(found, key=lambda each: each.id))


def disputes(found: Iterable[Contradiction]) -> tuple[Dispute, ...]:
    """Return contradictions by question, for people to read."""
    by_question: dict[str, list[Contradiction]] = {}
    for each in sorted(found, key=lambda each: (each.question, each.id)):
        by_question.setdefault(each.question, []).append(each)
    return tuple(_dispute(question, several) for question, several in by_question.items())


def _classified(pair: Pair, known: Known) -> Contradiction:
    preferred = _preferred(pair, known)
    ids = (pair.first.id, pair.second.id)
    return Contradiction(
        id=f"{pair.question}#{'+'.join(ids)}",
        question=pair.question,
        kind=_kind(pair, preferred, known),
        claims=ids,
        preferred=preferred.claim,
        rule=preferred.rule,
        why=WHY[preferred.rule],
        text=pair.text,
    )


def _preferred(pair: Pair, known: Known) -> Preference:
    if not pair.comparable:
        return Preference(None, Rule.SCOPES_DIFFER)
    if pair.follows and not _draft_and_final(pair):
        return Preference(pair.follows, Rule.LATER_STAGE)
    return preference(pair.first, pair.second, known)


def _kind(pair: Pair, preferred: Preference, known: Known) -> Kind:
    if not pair.comparable:
        return Kind.DIFFERENT_QUANTITY
    if _draft_and_final(pair):
        return Kind.DRAFT_AGAINST_FINAL
    first, second = pair.first, pair.second
    if pair.follows or later(first, second, known) or later(second, first, known):
        return Kind.NEWER
    if pair.quantities:
        return Kind.DIFFERENT_QUANTITY
    return Kind.UNRESOLVED if preferred.claim is None else Kind.GENUINE_CONFLICT


def _draft_and_final(pair: Pair) -> bool:
    return {pair.first.basis, pair.second.basis} == {Basis.DRAFT_TEXT, Basis.FINAL_TEXT}


def _clauses(register: Register) -> Iterator[Contradiction]:
    return (_clause(each) for each in differences(register) if each.removed)


def _clause(found: Difference) -> Contradiction:
    clause = found.clause
    question = f"clause/{found.instrument}/{clause.id}"
    return Contradiction(
        id=question,
        question=question,
        kind=Kind.DRAFT_AGAINST_FINAL,
        claims=tuple(sorted(clause.claims)),
        preferred=None,
        rule=Rule.FINAL_TEXT,
        why=WHY[Rule.FINAL_TEXT],
        text=f"{found.instrument}, clause {clause.id} ({clause.text}) {found.text}",
    )


def _dispute(question: str, several: list[Contradiction]) -> Dispute:
    claims = sorted({claim for each in several for claim in each.claims})
    compared = [each for each in several if each.rule is not Rule.SCOPES_DIFFER]
    won = {claim: [each.rule for each in compared if each.preferred == claim] for claim in claims}
    part = {claim: sum(claim in each.claims for each in compared) for claim in claims}
    unbeaten = [claim for claim in claims if won[claim] and len(won[claim]) == part[claim]]
    order = list(Rule)
    preferred = min(
        unbeaten,
        key=lambda claim: (min(map(order.index, won[claim])), -len(won[claim]), claim),
        default=None,
    )
    telling = won[preferred] if preferred else [e.rule for e in several if e.preferred is None]
    why = "; ".join(WHY[rule] for rule in order if rule in (telling or [Rule.NONE]))
    return Dispute(
        question=question,
        claims=tuple(claims),
        found=tuple(several),
        preferred=preferred,
        why=why,
    )
