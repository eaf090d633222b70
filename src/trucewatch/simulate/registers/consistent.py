"""Pairs of claims that look like contradictions and are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.claims.attribute import Answers
from trucewatch.records.claims.claim import Basis, Relation
from trucewatch.records.claims.instrument import Clause
from trucewatch.simulate.registers.desk import DOMAINS, NEWS, STATES, exactly

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.simulate.registers.desk import Desk

Ids = tuple[str, str]


def same_answer(desk: Desk) -> Ids:
    """One answer, from a draft and from the final text."""
    question = desk.attribute(Answers.ONE)
    return _answers(desk, desk.pick(STATES), (question, question), ("one", "one"))


def answer_within(desk: Desk) -> Ids:
    """An answer and a wider one, through a third."""
    within = {"town": ("region",), "region": ("country",)}
    question = desk.attribute(Answers.ONE, within, ("town", "region", "country"))
    values = desk.two(("town", "region", "country"))
    return _answers(desk, desk.pick(STATES), (question, question), values)


def many_answers(desk: Desk) -> Ids:
    """Two answers to a question that takes several."""
    question = desk.attribute(Answers.MANY)
    return _answers(desk, desk.pick(STATES), (question, question), ("one", "two"))


def two_questions(desk: Desk) -> Ids:
    """Two answers to two questions."""
    questions = desk.attribute(Answers.ONE), desk.attribute(Answers.ORDERED)
    return _answers(desk, desk.pick(STATES), questions, ("one", "two"))


def two_titles(desk: Desk) -> Ids:
    """Two persons who speak for one state, each with a title."""
    question = desk.attribute(Answers.ONE)
    one, other = ("P01", "P07")
    return (
        _answer(desk, one, question, "one"),
        _answer(desk, other, question, "two"),
    )


def two_domains_of_answer(desk: Desk) -> Ids:
    """Who leads on land, who at sea."""
    question = desk.attribute(Answers.ONE)
    thing = desk.instrument()[1]
    land, sea = (
        desk.claim(thing, Relation.STATED, attribute=question, value=value, domain=domain)
        for value, domain in (("one", "land"), ("two", "sea"))
    )
    return land, sea


def overlapping(desk: Desk) -> Ids:
    """Two intervals with a number in common, perhaps only one."""
    far = desk.pick((20, 15, 11))
    other = desk.pick(
        (
            exactly(far, None, "things", "whole", "at_least"),
            exactly(20, 400, "things", "whole", "range"),
        )
    )
    return _amounts(desk, exactly(10, 20, "things", "whole", "range"), other)


def two_units(desk: Desk) -> Ids:
    """Two units."""
    return _amounts(
        desk, exactly(1, 1, "ships", "whole", "exact"), exactly(9, 9, "crews", "whole", "exact")
    )


def two_stages_of_giving(desk: Desk) -> Ids:
    """More was pledged than delivered."""
    topic, state = desk.topic(), desk.pick(STATES)
    return (
        desk.claim(
            state, Relation.PLEDGED, topic, quantity=exactly(40, 40, "days", "all", "exact")
        ),
        desk.claim(
            state, Relation.DELIVERED, topic, quantity=exactly(12, 12, "days", "all", "exact")
        ),
    )


def two_givers(desk: Desk) -> Ids:
    """Two states, two quantities, one scope."""
    topic = desk.topic()
    one, other = desk.two(STATES)
    return (
        desk.claim(one, Relation.PLEDGED, topic, quantity=exactly(4, 4, "days", "all", "exact")),
        desk.claim(other, Relation.PLEDGED, topic, quantity=exactly(9, 9, "days", "all", "exact")),
    )


def two_domains(desk: Desk) -> Ids:
    """A promise on land, a refusal at sea."""
    one, other = desk.two(DOMAINS)
    topic, state = desk.topic(), desk.pick(STATES)
    return (
        desk.claim(state, Relation.PLEDGED, topic, domain=one),
        desk.claim(state, Relation.REFUSED, topic, domain=other),
    )


def two_states(desk: Desk) -> Ids:
    """One promises what another refuses."""
    one, other = desk.two(STATES)
    topic = desk.topic()
    return (
        desk.claim(one, Relation.OFFERED, topic),
        desk.claim(other, Relation.RULED_OUT, topic),
    )


def two_topics(desk: Desk) -> Ids:
    """A state promises one thing and refuses another."""
    state = desk.pick(STATES)
    return (
        desk.claim(state, Relation.DELIVERED, desk.topic()),
        desk.claim(state, Relation.REFUSED, desk.instrument()[1]),
    )


def corrected(desk: Desk) -> Ids:
    """A claim, and the claim that corrects it."""
    topic, state = desk.topic(), desk.pick(STATES)
    wrong = desk.claim(state, Relation.PLEDGED, topic)
    return wrong, desk.claim(state, Relation.REFUSED, topic, supersedes=wrong)


def presence(desk: Desk) -> Ids:
    """Attended, endorsed, and did not sign."""
    state, instrument = desk.pick(STATES), desk.instrument()[0]
    there = desk.pick((Relation.ATTENDED, Relation.REPRESENTED, Relation.ENDORSED))
    return (
        desk.claim(state, there, instrument),
        desk.claim(state, Relation.DID_NOT_SIGN, instrument),
    )


def two_instruments(desk: Desk) -> Ids:
    """Signed one and not the other, on one topic."""
    state, topic = desk.pick(STATES), desk.topic()
    (one, part), (other, apart) = desk.instrument(topic), desk.instrument(topic)
    signed, unsigned = desk.pick(((one, other), (part, other), (part, apart)))
    return (
        desk.claim(state, Relation.SIGNED, signed),
        desk.claim(state, desk.pick((Relation.DID_NOT_SIGN, Relation.REFUSED)), unsigned),
    )


def role_elsewhere(desk: Desk) -> Ids:
    """A role in one instrument, and did not sign another; or another did not sign."""
    one, other = desk.two(STATES)
    (instrument, part), (apart, _) = desk.instrument(), desk.instrument()
    who, what = desk.pick(((one, apart), (other, instrument)))
    return (
        desk.claim(one, Relation.ASSIGNED, part),
        desk.claim(who, Relation.DID_NOT_SIGN, what),
    )


def demand(desk: Desk) -> Ids:
    """Demanded, endorsed or opposed by whom it refuses: other relations."""
    topic, state = desk.topic(), desk.pick(STATES)
    other = desk.pick((Relation.DEMANDED, Relation.ENDORSED, Relation.OPPOSED, Relation.RULED_OUT))
    return desk.claim(state, other, topic), desk.claim(state, Relation.REFUSED, topic)


def step(desk: Desk) -> Ids:
    """A limit or a readiness without an object, and a refusal in that domain."""
    state, domain = desk.pick(STATES), desk.pick(DOMAINS)
    relation = desk.pick((Relation.READY, Relation.LIMITS))
    return (
        desk.claim(state, relation, domain=domain),
        desk.claim(state, Relation.REFUSED, desk.topic(), domain=domain),
    )


def clause_that_stayed(desk: Desk) -> Ids:
    """A clause that came in, or that went missing between two drafts."""
    stands, missing = desk.pick(((("f1",), ("d1", "d2")), (("d1",), ("d2",)), (("d1", "f1"), ())))
    stayed = Clause(
        id="stayed", text="Something.", stands_in=stands, missing_in=missing, source=NEWS[0]
    )
    desk.instrument(clauses=(stayed,))
    return same_answer(desk)


CONSISTENT: tuple[Callable[[Desk], Ids], ...] = (
    same_answer,
    answer_within,
    many_answers,
    two_questions,
    two_titles,
    two_domains_of_answer,
    overlapping,
    two_units,
    two_stages_of_giving,
    two_givers,
    two_domains,
    two_states,
    two_topics,
    corrected,
    presence,
    two_instruments,
    role_elsewhere,
    demand,
    step,
    clause_that_stayed,
)


def _answers(desk: Desk, subject: str, questions: Ids, values: Ids) -> Ids:
    bases = desk.two((Basis.DRAFT_TEXT, Basis.FINAL_TEXT, Basis.OWN_WORDS))
    one, other = (
        desk.claim(subject, Relation.STATED, attribute=question, value=value, basis=basis)
        for question, value, basis in zip(questions, values, bases, strict=True)
    )
    return one, other


def _answer(desk: Desk, subject: str, question: str, value: str) -> str:
    return desk.claim(subject, Relation.STATED, attribute=question, value=value)


def _amounts(desk: Desk, much: object, more: object) -> Ids:
    topic, state = desk.topic(), desk.pick(STATES)
    one, other = (
        desk.claim(state, Relation.PLEDGED, topic, quantity=each) for each in (much, more)
    )
    return one, other
