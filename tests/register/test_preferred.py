"""The rule of preference: each step, in its order, and no step too far."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.records.claims.claim import Basis
from trucewatch.register.known import known
from trucewatch.register.parse import parse
from trucewatch.register.preferred import Preference, Rule, later, preference

REGISTER = parse((Path(__file__).parent / "sample.yaml").read_bytes(), name="sample.yaml")
KNOWN = known(REGISTER)
PLAIN = replace(KNOWN.claims["c1"], chain=(), grade="B2")
GRADES = [letter + digit for letter in "ABCDEF" for digit in "123456"]
EARLY, LATE = date(2031, 5, 3), date(2031, 5, 4)


def two(first: dict[str, Any], second: dict[str, Any]) -> Preference:
    """Return what the rule says, after checking that the order of asking does not matter."""
    one = replace(PLAIN, **({"id": "one", "source": "000"} | first))
    other = replace(PLAIN, **({"id": "other", "source": "001"} | second))
    said = preference(one, other, KNOWN)
    assert said == preference(other, one, KNOWN)
    return said


STEPS: list[tuple[Rule, dict[str, Any], dict[str, Any]]] = [
    (Rule.FINAL_TEXT, {"basis": Basis.DRAFT_TEXT}, {"basis": Basis.FINAL_TEXT}),
    (Rule.OFFICIAL_TEXT, {}, {"source": "T"}),
    (Rule.OWN_WORDS, {"basis": Basis.WORDS_OF_OTHERS}, {"basis": Basis.OWN_WORDS}),
    (Rule.OWN_WORDS, {"basis": Basis.NOT_SAID}, {"basis": Basis.OWN_WORDS}),
    (Rule.LATER, {"source": "001", "said_on": EARLY}, {"said_on": LATE}),
    (Rule.BETTER_GRADE, {"grade": "B4"}, {"grade": "B2"}),
    (Rule.BETTER_GRADE, {"grade": "D2"}, {"grade": "B2"}),
    (Rule.BETTER_GRADE, {"grade": "C3"}, {"grade": "B2"}),
]


@pytest.mark.parametrize(("rule", "worse", "better"), STEPS)
def test_each_step_prefers_and_is_named(
    rule: Rule, worse: dict[str, Any], better: dict[str, Any]
) -> None:
    assert two(worse, better) == Preference("other", rule)


def test_the_steps_are_tried_in_their_order() -> None:
    final = {"basis": Basis.FINAL_TEXT, "grade": "F6", "said_on": EARLY}
    draft = {"basis": Basis.DRAFT_TEXT, "grade": "A1", "said_on": LATE, "source": "T"}
    official = {"source": "T", "grade": "F6"}
    own = {"basis": Basis.OWN_WORDS, "grade": "F6"}
    old = {"source": "001", "said_on": EARLY, "grade": "A1"}

    assert two(draft, final) == Preference("other", Rule.FINAL_TEXT)
    assert two({"basis": Basis.OWN_WORDS, "grade": "A1"}, official).rule is Rule.OFFICIAL_TEXT
    assert two({"grade": "A1"}, own) == Preference("other", Rule.OWN_WORDS)
    assert two(old, {"said_on": LATE, "grade": "F6"}) == Preference("other", Rule.LATER)


@pytest.mark.parametrize(
    ("one", "other"), [("B2", "B2"), ("B2", "B3"), ("C2", "B2"), ("A3", "B2"), ("A5", "C4")]
)
def test_one_step_of_grade_is_no_reason(one: str, other: str) -> None:
    assert two({"grade": one}, {"grade": other}) == Preference(None, Rule.NONE)


@given(one=st.sampled_from(GRADES), other=st.sampled_from(GRADES))
def test_a_grade_is_better_as_its_twin_in_plain_words_says(one: str, other: str) -> None:
    gained = (int(one[1]) - int(other[1])) + ("ABCDEF".index(one[0]) - "ABCDEF".index(other[0]))
    lead = (one[1] > other[1]) - (one[1] < other[1]) or (one[0] > other[0]) - (one[0] < other[0])
    expected = None
    if gained >= 2 and lead > 0:
        expected = "other"
    if gained <= -2 and lead < 0:
        expected = "one"

    assert two({"grade": one}, {"grade": other}).claim == expected


SPEAKERS: list[tuple[bool, dict[str, Any], dict[str, Any]]] = [
    (True, {"source": "000"}, {"source": "000"}),
    (False, {"source": "000"}, {"source": "001"}),
    (True, {"chain": ("The Post",)}, {"source": "001", "chain": ("Wire", "the post")}),
    (False, {"chain": ("The Post", "Wire")}, {"source": "001", "chain": ("The Post",)}),
    (False, {"chain": ("The Post",)}, {"source": "000"}),
    (True, {"chain": ("A. Merle",)}, {"source": "001", "chain": ("The Dorians",)}),
    (True, {"basis": Basis.OWN_WORDS}, {"source": "001", "chain": ("Doria",)}),
    (True, {"basis": Basis.OWN_WORDS}, {"source": "001", "subject": "MERLE"} | {
        "basis": Basis.OWN_WORDS}),
    (False, {"basis": Basis.OWN_WORDS}, {"source": "001", "subject": "USK"} | {
        "basis": Basis.OWN_WORDS}),
]  # fmt: skip


@pytest.mark.parametrize(("one_speaker", "first", "second"), SPEAKERS)
def test_knows_who_speaks(
    one_speaker: bool,
    first: dict[str, Any],
    second: dict[str, Any],
) -> None:
    before = replace(PLAIN, **first, said_on=EARLY)
    after = replace(PLAIN, **second, said_on=LATE)

    assert later(after, before, KNOWN) is one_speaker
    assert not later(before, after, KNOWN)


def test_a_word_without_a_day_is_not_later() -> None:
    undated = replace(PLAIN, source="X")

    assert not later(replace(undated, said_on=LATE), undated, KNOWN)
    assert later(replace(undated, said_on=LATE), replace(undated, said_on=EARLY), KNOWN)


def test_two_texts_without_a_named_outlet_are_not_one_speaker() -> None:
    (leaflet,) = (each for each in REGISTER.sources if each.id == "X")
    both = known(replace(REGISTER, sources=(*REGISTER.sources, replace(leaflet, id="Y"))))
    one, other = (replace(PLAIN, source=each) for each in ("X", "Y"))

    assert both.speaker(one) != both.speaker(other)


def test_a_name_of_two_actors_names_neither() -> None:
    twin = replace(KNOWN.actors["USK"], also=("The Dorians",))
    actors = tuple(twin if each.id == "USK" else each for each in REGISTER.actors)
    both = known(replace(REGISTER, actors=actors))
    told = replace(PLAIN, chain=("The Dorians",))

    assert KNOWN.speaker(told) == "actor DOR"
    assert both.speaker(told) == "the dorians"


def test_those_who_speak_for_each_other_are_one_and_asking_ends() -> None:
    pair = {"DOR": "MERLE", "MERLE": "DOR"}
    actors = tuple(replace(each, speaks_for=pair.get(each.id, "")) for each in REGISTER.actors)
    ring = known(replace(REGISTER, actors=actors))

    assert ring.speaks_as("DOR") == ring.speaks_as("MERLE") == "DOR"


def test_two_words_of_one_day_are_neither_the_later() -> None:
    same = replace(PLAIN, said_on=LATE)

    assert not later(same, replace(same, id="twin"), KNOWN)


def test_the_subjects_own_words_go_before_what_is_told_of_it_later() -> None:
    own = {"basis": Basis.OWN_WORDS, "said_on": EARLY}
    told = {"chain": ("Doria",), "basis": Basis.WORDS_OF_OTHERS, "said_on": LATE}

    assert two(told, own) == Preference("other", Rule.OWN_WORDS)
