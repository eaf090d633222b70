"""What was known before a day is what had been said by then, and no more."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.register.before import before, undated
from trucewatch.register.contradictions import contradictions
from trucewatch.register.known import known
from trucewatch.register.parse import parse
from trucewatch.register.timeline import Turn, timeline
from trucewatch.register.who import who_if

REGISTER = parse((Path(__file__).parent / "sample.yaml").read_bytes(), name="sample.yaml")
DAYS = st.integers(0, 40).map(lambda each: date(2031, 4, 28) + timedelta(days=each))


def ids(day: date) -> set[str]:
    return {each.id for each in before(REGISTER, day).claims}


def test_a_claim_is_known_from_the_day_after_it_was_said() -> None:
    assert "c1" not in ids(date(2031, 5, 2))
    assert "c1" in ids(date(2031, 5, 3))


def test_what_was_corrected_later_is_in_force_before() -> None:
    early = known(before(REGISTER, date(2031, 5, 13)))

    assert "c13" in {each.id for each in early.current()}
    assert "c14" not in early.claims
    assert "c13" not in {each.id for each in known(REGISTER).current()}


def test_a_claim_without_a_day_is_left_out_and_named() -> None:
    assert [each.id for each in undated(REGISTER)] == ["c11"]
    assert "c11" not in ids(date(2040, 1, 1))


def test_a_contradiction_is_there_when_both_sides_are() -> None:
    early = contradictions(before(REGISTER, date(2031, 5, 10)))
    late = contradictions(before(REGISTER, date(2031, 5, 11)))

    assert [each.question for each in early] == ["stated/QA-4/legal_force"]
    assert "contribution/DOR/force/land" in [each.question for each in late]


def test_tiers_texts_and_clauses_that_nobody_had_seen_are_not_there() -> None:
    early = before(REGISTER, date(2031, 5, 5))

    assert [each.id for each in early.tiers] == ["tier-2"]
    assert [each.id for each in early.measures] == []
    (instrument,) = early.instruments
    assert [each.id for each in instrument.texts] == ["draft"]
    assert instrument.clauses == ()
    assert early.as_of == date(2031, 5, 4)


@given(one=DAYS, other=DAYS)
def test_knowledge_only_grows(one: date, other: date) -> None:
    first, second = sorted((one, other))

    assert ids(first) <= ids(second)
    assert before(before(REGISTER, second), first) == before(REGISTER, first)


@given(day=DAYS)
def test_every_question_can_still_be_asked(day: date) -> None:
    early = before(REGISTER, day)

    assert isinstance(contradictions(early), tuple)
    assert {each.id for each in timeline(early)} <= {each.id for each in timeline(REGISTER)}
    assert who_if(early, tier="2", met={}).domain == ""


def test_the_time_line_is_in_order_with_what_has_no_day_last() -> None:
    moments = timeline(REGISTER)

    days = [each.day for each in moments if each.day]
    assert days == sorted(days)
    assert [each.id for each in moments if each.day is None] == ["c11"]
    assert moments[-1].id == "c11"
    assert len(moments) == len(REGISTER.claims) + 3


@pytest.mark.parametrize(
    ("id_", "turn", "day"),
    [
        ("QA", Turn.ADOPTED, date(2031, 5, 5)),
        ("QA/draft", Turn.TEXT, date(2031, 5, 1)),
        ("c12", Turn.TOLD, date(2031, 5, 9)),
        ("c13", Turn.SAID, date(2031, 5, 12)),
        ("c1", Turn.SAID, date(2031, 5, 2)),
    ],
)
def test_the_time_line_says_what_each_day_is(id_: str, turn: Turn, day: date) -> None:
    (moment,) = (each for each in timeline(REGISTER) if each.id == id_)

    assert (moment.turn, moment.day) == (turn, day)
    assert moment.superseded_by == ("c14" if id_ == "c13" else "")
