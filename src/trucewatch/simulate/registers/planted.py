"""Contradictions that are planted: of every rule and every class, each about a thing of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from trucewatch.records.claims.attribute import Answers
from trucewatch.records.claims.claim import Relation
from trucewatch.records.claims.instrument import Clause
from trucewatch.simulate.registers.desk import DOMAINS, NEWS, PEOPLE, STATES, exactly
from trucewatch.simulate.registers.traits import TRAITS, draft_and_final, own_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.simulate.registers.desk import Desk
    from trucewatch.simulate.registers.traits import Trait

_STAGES = ("announced", "agreed", "signed", "in_force")
_PLACES = {"town": ("region",), "region": ("country",), "port": ("coast",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A contradiction that is there.

    Attributes:
        rule: By which rule it is one: `stated`, `quantity`, `contribution`, `signature`,
            `approval`, `role` or `clause`.
        claims: The claims, by id in order; of a clause those that tell of it.
        kind: Its class.
        preferred: The claim that goes first, by id, or None.
    """

    rule: str
    claims: tuple[str, ...]
    kind: str
    preferred: str | None


def stated(desk: Desk) -> Planted:
    """Two answers to one question that takes one."""
    within = desk.pick((None, _PLACES))
    values = ("town", "region", "country", "port", "coast") if within else ("one", "two", "three")
    question = desk.attribute(Answers.ONE, within, values)
    says = ("town", "coast") if within else desk.two(values)
    subject, trait = _subject(desk)
    return _two(desk, "stated", trait, *(_answer(subject, question, each) for each in says))


def stage(desk: Desk) -> Planted:
    """A later stage on a later day, by whomever; or an earlier one."""
    question = desk.attribute(Answers.ORDERED, None, _STAGES)
    early, late = sorted(desk.two(range(len(_STAGES))))
    subject = desk.instrument()[1]
    one, other = (_answer(subject, question, _STAGES[each]) for each in (early, late))
    trait = desk.pick(TRAITS)(desk)
    day = desk.day()
    if desk.rng.random() < 0.5:  # noqa: PLR2004 - either way
        one["day"] = other["day"] = day  # no order of days, and the trait decides
        return _two(desk, "stated", trait, one, other)
    one["day"], other["day"] = day, day + timedelta(days=3)
    if trait.kind == "draft_against_final":
        return _two(desk, "stated", trait, one, other)
    return _two(desk, "stated", trait._replace(kind="newer", prefers=True), one, other)


def amount(desk: Desk) -> Planted:
    """Two quantities without a number in common."""
    low, far = int(desk.rng.integers(1, 50)), int(desk.rng.integers(200, 900))
    much = exactly(low, low + 100, "things", "whole", desk.pick(("range", "about", "several")))
    more = desk.pick(
        (
            exactly(far, far, "things", "whole", "exact"),
            exactly(far, None, "things", "whole", "at_least"),
            exactly(far, far + 5, "things", "whole", "up_to"),
        )
    )
    trait = desk.pick((*TRAITS, own_words))(desk)
    kind = trait.kind if trait.newer or trait.kind == "draft_against_final" else ""
    both = _amounts(desk, much, more)
    return _two(desk, "quantity", trait._replace(kind=kind or "different_quantity"), *both)


def scopes(desk: Desk) -> Planted:
    """Two quantities of two scopes: never comparable, whoever says so, and when."""
    one, other = (exactly(5, 9, "things", each, "range") for each in ("whole", "one_state"))
    trait = desk.pick((*TRAITS, own_words))(desk)
    trait = trait._replace(kind="different_quantity", prefers=False)
    return _two(desk, "quantity", trait, *_amounts(desk, one, other))


def contribution(desk: Desk) -> Planted:
    """A promise and a refusal, of one topic and one domain or of all domains."""
    topic = desk.topic()
    things = [topic, topic]
    if desk.rng.random() < 0.5:  # noqa: PLR2004 - either way
        things[desk.pick((0, 1))] = desk.instrument(topic)[1]
    yes = desk.pick(("offered", "ready", "delivered", "verified_delivered", "pledged", "assigned"))
    no = desk.pick(("refused", "ruled_out"))
    domain = desk.pick(DOMAINS)
    domains = desk.pick(((domain, domain), (domain, ""), ("", domain), ("", "")))
    subjects = _speakers(desk)
    both = [
        _claim(*each) | {"domain": of}
        for each, of in zip(zip(subjects, (yes, no), things, strict=True), domains, strict=True)
    ]
    desk.rng.shuffle(both)
    return _two(desk, "contribution", desk.pick((*TRAITS, own_words))(desk), *both)


def signature(desk: Desk) -> Planted:
    """Signed, and did not sign."""
    instrument, _ = desk.instrument()
    yes = desk.pick(("signed", "initialled", "ratified"))
    no = desk.pick(("did_not_sign", "refused"))
    one, other = (
        _claim(subject, relation, instrument)
        for subject, relation in zip(_speakers(desk), (yes, no), strict=True)
    )
    return _two(desk, "signature", desk.pick((*TRAITS, own_words))(desk), one, other)


def approval(desk: Desk) -> Planted:
    """Endorsed and opposed."""
    topic = desk.topic()
    one, other = (
        _claim(subject, relation, topic)
        for subject, relation in zip(_speakers(desk), ("opposed", "endorsed"), strict=True)
    )
    return _two(desk, "approval", desk.pick((*TRAITS, own_words))(desk), one, other)


def role(desk: Desk) -> Planted:
    """A role in an instrument that the actor did not sign."""
    instrument, provision = desk.instrument()
    state = desk.pick(STATES)
    question = desk.attribute(Answers.ONE, None, STATES, name="lead")
    leads = desk.pick(
        (
            _claim(state, "assigned", provision),
            _claim(state, "pledged", provision),
            _answer(provision, question, state),
        )
    )
    unsigned = _claim(state, "did_not_sign", instrument)
    return _two(desk, "role", desk.pick(TRAITS)(desk), leads, unsigned)


def clause(desk: Desk) -> Planted:
    """A clause that stands in a draft and is missing in the final text."""
    tells = desk.claim(desk.pick(STATES), Relation.DEMANDED, desk.topic())
    missing = desk.pick((("f1",), ("d2", "f1")))
    removed = Clause(
        id="clause",
        text="Something.",
        stands_in=("d1",),
        missing_in=missing,
        source=desk.pick(NEWS),
        claims=(tells,),
    )
    desk.instrument(clauses=(removed,))
    return Planted(rule="clause", claims=(tells,), kind="draft_against_final", preferred=None)


PLANTS: tuple[Callable[[Desk], Planted], ...] = (
    stated,
    stage,
    amount,
    scopes,
    contribution,
    signature,
    approval,
    role,
    clause,
)


def _subject(desk: Desk) -> tuple[str, Trait]:
    """Return of whom or of what an answer is, and a trait that such a subject can have."""
    if desk.rng.random() < 0.5:  # noqa: PLR2004 - either way
        return desk.pick(desk.instrument()), desk.pick((*TRAITS, draft_and_final))(desk)
    return desk.pick((*STATES, *PEOPLE)), desk.pick((*TRAITS, own_words))(desk)


def _speakers(desk: Desk) -> tuple[str, str]:
    """Return two subjects whose word is one: a state, or a person and the state it speaks for."""
    state = desk.pick(STATES)
    person = next((name for name, of in PEOPLE.items() if of == state), state)
    one, other = desk.pick(((state, state), (person, state), (state, person)))
    return one, other


def _answer(subject: str, question: str, value: str) -> dict[str, Any]:
    return _claim(subject, "stated", "") | {"attribute": question, "value": value}


def _claim(subject: str, relation: str, thing: str) -> dict[str, Any]:
    return {"subject": subject, "relation": Relation(relation), "thing": thing}


def _amounts(desk: Desk, *quantities: object) -> list[dict[str, Any]]:
    relation = desk.pick(("pledged", "offered", "assigned", "delivered", "demanded"))
    claim = _claim(desk.pick(STATES), relation, desk.topic())
    claim["domain"] = desk.pick((*DOMAINS, ""))
    both = [claim | {"quantity": each} for each in quantities]
    desk.rng.shuffle(both)
    return both


def _two(
    desk: Desk, rule: str, trait: Trait, first: dict[str, Any], second: dict[str, Any]
) -> Planted:
    """Write both claims, in either order; the trait decides what must be said of them."""
    ids = [desk.claim(**(first | trait.first)), desk.claim(**(second | trait.second))]
    return Planted(
        rule=rule,
        claims=tuple(sorted(ids)),
        kind=trait.kind,
        preferred=ids[1] if trait.prefers else None,
    )
