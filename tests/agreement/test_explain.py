"""A rule in words: what is asked, what would leave it open, who could see it broken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.explain import explain, in_words
from trucewatch.agreement.parse import parse
from trucewatch.errors import NotFound
from trucewatch.records.assessment import Missing

WHOLE = parse((Path(__file__).parent / "corpus" / "whole.yaml").read_bytes(), name="whole.yaml")


def open_for(rule: str) -> set[Missing]:
    return {each.missing for each in explain(WHOLE, rule).questions if each.missing is not None}


@pytest.mark.parametrize(
    ("rule", "missing"),
    [
        ("R01", {Missing.TIME, Missing.LOCATION, Missing.WEAPON}),
        ("R02", {Missing.TIME, Missing.LOCATION, Missing.OBSERVATION}),
        ("R03", {Missing.TIME, Missing.LOCATION, Missing.OBSERVATION}),
        ("R08", {Missing.TIME, Missing.OBJECT_LIST, Missing.WEAPON}),
        ("R11", {Missing.TIME, Missing.LOCATION, Missing.ALTITUDE, Missing.OBSERVATION}),
    ],
)
def test_names_what_an_assessment_could_lack(rule: str, missing: set[Missing]) -> None:
    assert open_for(rule) == missing


def test_says_that_a_rule_on_an_undefined_term_is_always_open() -> None:
    fire = replace(WHOLE.definitions["fire"], state=Clarity.DISPUTED)
    disputed = replace(WHOLE, definitions=WHOLE.definitions | {"fire": fire})

    text = in_words(explain(disputed, "R01"))

    assert "indeterminate(definition): always, as long as nobody defines fire" in text


def test_says_that_a_distance_without_a_datum_is_always_open() -> None:
    lost = replace(WHOLE, lines=(WHOLE.lines[0], replace(WHOLE.lines[1], accuracy_m=None)))

    text = " ".join(in_words(explain(lost, "R02")).split())

    assert "ALPHA from LINE_A, BRAVO from LINE_B" in text
    assert "indeterminate(baseline): always for BRAVO: no line" in text


def test_says_what_is_exempt_and_who_could_see_it() -> None:
    text = " ".join(in_words(explain(WHOLE, "R01")).split())

    assert "E_RETURN: fire came in within the 10 minutes before; a call to the mechanism" in text
    assert "These means could: cameras, satellite, patrols." in text
    assert "covers about 64% of its ground and time (between 50% and 80%" in text


def test_says_of_an_exemption_what_no_condition_asks() -> None:
    said = explain(WHOLE, "R01").exemptions

    assert said[0].endswith(". Not asked: who does it; how many")


def test_says_that_people_alone_apply_a_rule_that_is_only_shown() -> None:
    shown = replace(WHOLE.rules[0], kind="text_only", exemptions=())

    text = in_words(explain(replace(WHOLE, rules=(shown,)), "R01"))

    assert "Nothing: software shows it and people apply it." in text
    assert "Nobody is asked to look." in text


def test_every_rule_can_be_said_in_80_columns() -> None:
    for rule in WHOLE.rules:
        assert max(map(len, in_words(explain(WHOLE, rule.id)).splitlines())) <= 80


def test_refuses_a_rule_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="whole: rule is R99, must be one of: R01, R02"):
        explain(WHOLE, "R99")
