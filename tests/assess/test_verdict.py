"""The verdict on one subject: the first condition that does not hold settles it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.assess._verdict import Asked, verdict
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.canonical import canonical

ANSWERS = st.lists(st.sampled_from([True, False, None]), max_size=6)


def asked(*answers: bool | None) -> list[Asked]:
    return [
        Asked(
            text=f"question {place}",
            value={"b": place, "a": None},
            holds=holds,
            refuted=Outcome.CONSISTENT,
            unknown=list(Missing)[place % len(Missing)],
        )
        for place, holds in enumerate(answers)
    ]


@pytest.mark.parametrize(
    ("answers", "outcome", "why", "listed"),
    [
        ((), Outcome.POTENTIAL_BREACH, "", 0),
        ((True, True), Outcome.POTENTIAL_BREACH, "", 2),
        ((True, False, True), Outcome.CONSISTENT, "", 2),
        ((True, None, True), Outcome.INDETERMINATE, "time", 3),
        ((None, True, False, True), Outcome.INDETERMINATE, "location", 3),
        ((False, None), Outcome.CONSISTENT, "", 1),
    ],
)
def test_the_first_condition_that_does_not_hold_settles_it(
    answers: tuple[bool | None, ...], outcome: Outcome, why: str, listed: int
) -> None:
    found = verdict(asked(*answers), met=Outcome.POTENTIAL_BREACH)

    assert (found.outcome, found.why) == (outcome, why)
    assert len(json.loads(found.trace)) == listed


@given(ANSWERS)
def test_the_trace_is_canonical_numbered_and_ends_at_what_was_refuted(
    answers: list[bool | None],
) -> None:
    steps = json.loads(verdict(asked(*answers), met=Outcome.BREACH_ON_ITS_FACE).trace)

    assert [step["holds"] for step in steps] == answers[: len(steps)]
    assert len(steps) == (answers.index(False) + 1 if False in answers else len(answers))
    assert [step["condition"] for step in steps] == [
        f"{number}. question {number - 1}" for number in range(1, len(steps) + 1)
    ]


@given(ANSWERS)
def test_the_outcome_follows_from_what_the_trace_shows(answers: list[bool | None]) -> None:
    found = verdict(asked(*answers), met=Outcome.BREACH_ON_ITS_FACE)

    steps = json.loads(found.trace)

    assert canonical(steps).decode() == found.trace
    first = next((s["holds"] for s in steps if s["holds"] is not True), True)
    expected = {
        True: Outcome.BREACH_ON_ITS_FACE,
        False: Outcome.CONSISTENT,
        None: Outcome.INDETERMINATE,
    }
    assert found.outcome is expected[first]


def test_what_is_refuted_may_be_a_potential_breach() -> None:
    face = Asked(text="two saw it", value=1, holds=False, refuted=Outcome.POTENTIAL_BREACH)

    found = verdict([*asked(True), face], met=Outcome.BREACH_ON_ITS_FACE)

    assert found.outcome is Outcome.POTENTIAL_BREACH
