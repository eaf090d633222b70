"""The linter finds what a lawyer should look at, and nothing where there is nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.lint import lint
from trucewatch.agreement.mechanism import Standard, Voting
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement

DEMO = parse(shipped_bytes("demo-truce"), name="demo-truce.yaml")
BOX = parse(shipped_bytes("exercise-box"), name="exercise-box.yaml")
WHOLE = parse((Path(__file__).parent / "corpus" / "whole.yaml").read_bytes(), name="whole.yaml")
PROVIDED, MECHANISM = WHOLE.provisions, WHOLE.mechanism
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


def without(*rules: str) -> Agreement:
    """Return the whole text without some rules and without exemptions."""
    kept = (replace(rule, exemptions=()) for rule in WHOLE.rules if rule.id not in rules)
    return replace(WHOLE, rules=tuple(kept), exemptions=())


def changed(**fields: object) -> Agreement:
    """Return the whole text with something else in its first body, exemption, notice ..."""
    (part,) = fields
    owner = MECHANISM if hasattr(MECHANISM, part) else PROVIDED
    first, *others = getattr(owner, part)
    edited = replace(owner, **{part: (replace(first, **fields[part]), *others)})
    return replace(WHOLE, **{"mechanism" if owner is MECHANISM else "provisions": edited})


@pytest.mark.parametrize(
    ("agreement", "code", "where"),
    [
        (
            replace(WHOLE, lines=(*WHOLE.lines, replace(WHOLE.lines[0], id="L_3", datum_for=()))),
            "unused-line", "line L_3",
        ),
        (
            replace(WHOLE, weapons=(*WHOLE.weapons, replace(WHOLE.weapons[0], id="TANKS"))),
            "unused-weapon", "weapon TANKS",
        ),
        (without("R09"), "notice-without-rule", "notice N_BLAST"),
        (without("R04"), "sequence-without-rule", "sequence S_DIS"),
        (without("R08"), "list-without-rule", "object list L_ENERGY"),
        (changed(object_lists={"held_by": ""}), "list-without-holder", "object list L_ENERGY"),
        (changed(bodies={"members": ()}), "body-without-members", "body centre"),
        (changed(bodies={"voting": Voting.CHAIR, "chair": ""}), "no-chair", "body centre"),
        (
            changed(remedies={"standard": Standard.UNDEFINED}), "remedy-without-standard",
            "remedy M1",
        ),
        (
            replace(WHOLE, exemptions=(
                *WHOLE.exemptions[:3], replace(WHOLE.exemptions[3], conditions=()),
            )),
            "exemption-without-condition", "exemption E_MONITOR",
        ),
    ],
)  # fmt: skip
def test_finds_a_part_that_is_left_over_or_left_open(
    agreement: Agreement, code: str, where: str
) -> None:
    found = {(finding.code, finding.where) for finding in lint(agreement)}

    assert (code, where) in found


def test_a_window_needs_a_rule_of_silence_or_a_ban_on_all_of_its_ground() -> None:
    silent, banned = without("R01"), without("R05")

    neither = {finding.code for finding in lint(without("R01", "R05"))}

    assert "window-without-rule" in neither
    for agreement in (silent, banned):
        assert "window-without-rule" not in {finding.code for finding in lint(agreement)}


def test_two_zones_of_one_class_may_overlap_when_their_rules_say_the_same() -> None:
    twin = replace(ZONE, id="Z_2", until=None)
    same = replace(DEMO, zones=(ZONE, twin), rules=(RULE, replace(RULE, id="R02", zone="Z_2")))
    other = replace(same, rules=(RULE, replace(RULE, id="R02", zone="Z_2", acts=("shot",))))

    assert lint(same) == ()
    assert [finding.code for finding in lint(other)] == ["overlapping-zones"]


def test_a_datum_that_follows_upon_another_is_no_second_one() -> None:
    line = replace(WHOLE.lines[0], until=WHOLE.expires)
    later = replace(line, id="L_2", since=WHOLE.expires, until=None)

    assert lint(replace(WHOLE, lines=(line, later, WHOLE.lines[1]))) == ()


def test_a_text_without_any_mechanism_is_not_asked_for_its_means() -> None:
    assert DEMO.mechanism.means == ()
    assert not any(finding.code == "unobservable-rule" for finding in lint(DEMO))


def test_a_term_recorded_as_undefined_needs_no_rule() -> None:
    recorded = replace(FIRE, state=Clarity.UNDEFINED)

    assert lint(replace(DEMO, definitions=DEMO.definitions | {"x": recorded})) == ()


def test_the_last_body_may_end_without_a_decision() -> None:
    panel = replace(MECHANISM.bodies[1], voting=Voting.CONSENSUS)
    bodies = (MECHANISM.bodies[0], panel)

    assert lint(replace(WHOLE, mechanism=replace(MECHANISM, bodies=bodies))) == ()


def test_an_exemption_of_another_activity_is_not_in_the_shadow_of_the_first() -> None:
    first, _, third, _ = WHOLE.exemptions
    alike = replace(third, conditions=first.conditions)
    exemptions = (first, WHOLE.exemptions[1], alike, WHOLE.exemptions[3])

    assert lint(replace(WHOLE, exemptions=exemptions)) == ()


def test_a_lead_is_held_against_the_longest_notice_of_its_activity() -> None:
    (notice,) = PROVIDED.notices
    short = replace(notice, id="N_2", lead_h=1)
    provided = replace(PROVIDED, notices=(notice, short))

    assert lint(replace(WHOLE, provisions=provided)) == ()
