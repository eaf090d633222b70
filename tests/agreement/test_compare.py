"""Two designs side by side: cover, delay, acceptance and votes, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.agreement.compare import NOT_SAID, compare, watched
from trucewatch.agreement.parse import parse
from trucewatch.agreement.side_by_side import side_by_side

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.compare import Watched

WHOLE = parse((Path(__file__).parent / "corpus" / "whole.yaml").read_bytes(), name="whole.yaml")


def of(rule: str, agreement: Agreement = WHOLE) -> Watched:
    return watched(agreement, next(each for each in agreement.rules if each.id == rule))


def test_cover_is_what_is_left_when_every_means_misses() -> None:
    fire = of("R01")

    assert fire.seen.means == ("cameras", "satellite", "patrols")
    assert fire.cover.independent_p == pytest.approx(1 - 0.5 * 0.9 * 0.8)
    assert (fire.cover.least_p, fire.cover.most_p) == (0.5, pytest.approx(0.8))
    assert (fire.seen.delay_least_h, fire.seen.delay_most_h) == (0.25, 18)


def test_a_means_that_one_party_refuses_is_left_out_of_what_all_accept() -> None:
    weapons = of("R03")

    assert weapons.seen.means == ("satellite", "patrols")
    assert weapons.seen.accepted_by == ("BRAVO",)
    assert weapons.cover.independent_p == pytest.approx(1 - 0.9 * 0.8)
    assert weapons.cover.agreed_p == pytest.approx(0.2)


def test_a_means_that_sees_a_part_of_the_ground_counts_in_the_upper_bound_alone() -> None:
    elsewhere = tuple(
        replace(means, zones=("Z_DIS",)) if means.id == "cameras" else means
        for means in WHOLE.mechanism.means
    )
    narrowed = replace(WHOLE, mechanism=replace(WHOLE.mechanism, means=elsewhere))

    fire = of("R01", narrowed)

    assert fire.in_part == ("cameras",)
    assert fire.cover.independent_p == pytest.approx(1 - 0.9 * 0.8)
    assert (fire.cover.least_p, fire.cover.most_p) == (0.2, pytest.approx(0.8))


def test_a_zone_inside_the_zone_of_a_means_is_covered_wholly() -> None:
    sequence, window = of("R04"), of("R05")

    assert "cameras" in sequence.seen.means
    assert (sequence.in_part, window.in_part) == ((), ())


def test_a_sign_of_fire_counts_for_the_weapon_and_no_sign_of_another_does() -> None:
    ranges = of("R06")

    assert ranges.seen.means == ("patrols",)
    assert of("R11").seen.means == ("radar",)


def test_a_rule_that_only_one_text_has_stands_alone() -> None:
    fewer = replace(WHOLE, rules=WHOLE.rules[:2])

    rows = {row.rule: row for row in compare(fewer, WHOLE).rules}

    assert list(rows) == [rule.id for rule in WHOLE.rules]
    assert rows["R02"].a == rows["R02"].b
    assert rows["R03"].a is None
    assert rows["R03"].b is not None


def test_a_rule_of_another_kind_is_another_rule_under_the_same_number() -> None:
    other = replace(WHOLE, rules=(replace(WHOLE.rules[0], kind="text_only"),))

    rows = compare(WHOLE, other).rules

    assert [(row.rule, row.kind) for row in rows if row.rule == "R01"] == [
        ("R01", "prohibited_act"),
        ("R01", "text_only"),
    ]


def test_swapping_the_two_swaps_the_columns_and_nothing_else() -> None:
    fewer = replace(WHOLE, id="fewer", rules=WHOLE.rules[3:6])

    one, other = compare(WHOLE, fewer), compare(fewer, WHOLE)

    assert (one.a, one.b) == (other.b, other.a)
    assert {(r.rule, r.a, r.b) for r in one.rules} == {(r.rule, r.b, r.a) for r in other.rules}
    assert {(m.matter, m.a, m.b) for m in one.matters} == {
        (m.matter, m.b, m.a) for m in other.matters
    }


def test_says_who_can_stop_a_finding_about_itself() -> None:
    bodies = {each.body.id: each.stopped for each in compare(WHOLE, WHOLE).a.bodies}

    assert bodies["centre"].accused == ("ALPHA", "BRAVO")
    assert bodies["panel"].accused == ()


def test_names_the_rules_that_no_means_sees() -> None:
    blind = replace(
        WHOLE,
        mechanism=replace(
            WHOLE.mechanism,
            means=tuple(m for m in WHOLE.mechanism.means if m.id not in ("radar", "register")),
        ),
    )

    comparison = compare(WHOLE, blind)

    assert (comparison.a.unseen, comparison.b.unseen) == ((), ("R09", "R11"))
    assert "B has no means to see a breach of R09, R11." in side_by_side(comparison)


def test_the_text_fits_its_width_and_ends_with_what_it_does_not_say() -> None:
    text = side_by_side(compare(WHOLE, WHOLE))

    assert max(len(line) for line in text.splitlines()) <= 100
    assert "\n".join(
        " ".join(text.split()).split("What this does not say")[1:]
    ).strip() == " ".join(NOT_SAID)
    assert "covered 0.64 (0.50 to 0.80), by what all accept 0.60, known after 0.25 to 18 h" in text
    assert "a finding about itself can be stopped alone by ALPHA, BRAVO" in text
