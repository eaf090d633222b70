"""The linter finds what a lawyer should look at, and nothing where there is nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.lint import lint
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement

DEMO = parse(shipped_bytes("demo-truce"), name="demo-truce.yaml")
BOX = parse(shipped_bytes("exercise-box"), name="exercise-box.yaml")
RULE, ZONE = DEMO.rules[0], DEMO.zones[0]
FIRE = DEMO.definitions["fire"]


def test_finds_nothing_in_the_demonstration_truce() -> None:
    assert lint(DEMO) == ()


def test_says_that_the_box_is_not_in_force() -> None:
    assert [finding.code for finding in lint(BOX)] == [
        "not-in-force",
        "no-effective-date",
        "no-party",
    ]


@pytest.mark.parametrize(
    ("agreement", "code", "where", "said"),
    [
        (replace(DEMO, expires=None), "no-end", "expires", "until a later version ends it"),
        (
            replace(DEMO, rules=(replace(RULE, counting_rule=""),)),
            "no-counting-rule",
            "rule R01",
            "two bodies may count",
        ),
        (
            replace(
                DEMO,
                definitions=DEMO.definitions | {"fire": replace(FIRE, state=Clarity.DISPUTED)},
            ),
            "unclear-term",
            "rule R01",
            "'fire', which is disputed",
        ),
        (
            replace(DEMO, rules=(replace(RULE, who=("BRAVO",)),)),
            "one-sided",
            "rule R01",
            "it binds BRAVO and not ALPHA",
        ),
        (
            replace(DEMO, zones=(ZONE, replace(ZONE, id="Z_2"))),
            "zone-without-rule",
            "zone Z_2",
            "no rule holds in it",
        ),
        (
            replace(DEMO, zones=(replace(ZONE, until=DEMO.effective),)),
            "zone-never-valid",
            "zone Z_SEC",
            "never valid",
        ),
        (
            replace(DEMO, definitions=DEMO.definitions | {"x": replace(FIRE, term="x")}),
            "unused-term",
            "term x",
            "no rule rests on it",
        ),
    ],
)
def test_finds_one_thing(agreement: Agreement, code: str, where: str, said: str) -> None:
    findings = lint(agreement)

    assert [(finding.code, finding.where) for finding in findings] == [(code, where)]
    assert said in findings[0].text


def test_an_agreement_without_rules_can_assess_nothing() -> None:
    codes = {finding.code for finding in lint(replace(DEMO, rules=()))}

    assert "no-rule" in codes
