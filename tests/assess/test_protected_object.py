"""Objects that are known, objects whose place may not be told, and objects nobody tells us of."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from assess_samples import assessed, load

from trucewatch.agreement.party import Role
from trucewatch.assess import assess
from trucewatch.errors import BadAgreement, NotFound
from trucewatch.records.assessment import Missing, Outcome

SAMPLE = load("protected_object")
WORKS, HUBS, LISTED = SAMPLE.agreement.rules


def rows(rule: str) -> dict[str, dict[str, Any]]:
    found = assessed(SAMPLE).filter(pl.col("rule") == rule)
    return {row["subject"]: row | {"steps": json.loads(row["trace"])} for row in found.to_dicts()}


def of_rule(rule: Any, **changed: Any) -> pl.DataFrame:
    agreement = replace(SAMPLE.agreement, rules=(rule,), **changed)
    return assess(SAMPLE.facts, versions=[replace(SAMPLE.version, agreement=agreement)])


def test_either_disc_of_a_zone_counts() -> None:
    zone = SAMPLE.agreement.zone("Z_WORKS")
    second = replace(zone, discs=zone.discs[1:])
    zones = (second, *SAMPLE.agreement.zones[1:])

    both = rows("R01")["i-at-the-works"]["inside_p"]
    alone = of_rule(WORKS, zones=zones).filter(pl.col("subject") == "i-at-the-works")

    assert (both, alone["inside_p"][0]) == (1.0, 0.0)


def test_a_restricted_zone_gives_no_number_away() -> None:
    found = rows("R02")

    assert {row["inside_p"] for row in found.values()} == {None}
    asked = [row["steps"][1] for row in found.values() if len(row["steps"]) > 1]
    assert {step["value"] for step in asked} == {"restricted"}
    assert {step["holds"] for step in asked} == {True, False, None}


def test_a_restricted_zone_says_the_same_wherever_in_it_something_happened() -> None:
    near = SAMPLE.facts.incidents.filter(pl.col("id") == "i-near-the-hub")
    moved = near.with_columns(pl.lit(-30.5385).alias("lon_deg"))

    texts = [
        assessed(replace(SAMPLE, facts=replace(SAMPLE.facts, incidents=each)))
        .filter(pl.col("rule") == "R02")
        .row(0)
        for each in (near, moved)
    ]

    assert texts[0] == texts[1]


def test_a_restricted_zone_decides_as_any_other() -> None:
    open_zones = tuple(replace(zone, restricted=False) for zone in SAMPLE.agreement.zones)

    found = of_rule(HUBS, zones=open_zones)

    assert found["outcome"].to_list() == [row["outcome"] for row in rows("R02").values()]
    assert found["inside_p"].is_between(0.05, 0.95).any()


def test_a_confidential_list_is_indeterminate_and_says_who_can_answer() -> None:
    row = rows("R03")["i-far"]

    assert (row["outcome"], row["why"]) == (Outcome.INDETERMINATE, Missing.OBJECT_LIST)
    commitment = SAMPLE.agreement.provisions.object_lists[0].commitment
    assert row["steps"][4] == {
        "condition": "5. by the holder of L_ENERGY, an object of it lies within 500 m",
        "holds": None,
        "value": f"no answer is known; held by MISSION, commitment {commitment}",
    }


def test_a_confidential_list_is_not_asked_about_another_act() -> None:
    assert rows("R03")["i-flare"]["outcome"] == Outcome.CONSISTENT


def test_a_party_that_holds_the_list_is_not_named() -> None:
    provisions = SAMPLE.agreement.provisions
    party = next(p.id for p in SAMPLE.agreement.parties if p.role is Role.PARTY)
    listed = replace(provisions.object_lists[0], held_by=party, commitment="")

    found = of_rule(LISTED, provisions=replace(provisions, object_lists=(listed,)))

    text = found.filter(pl.col("subject") == "i-far")["trace"][0]
    assert "held by a party, no commitment" in text
    assert party not in text


def test_refuses_a_list_that_there_is_not() -> None:
    with pytest.raises(NotFound, match="object_list is L_X, must be one of: L_ENERGY"):
        of_rule(replace(LISTED, object_list="L_X"))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"zone": ""}, "has no zone and no object_list, must have one of them"),
        ({"object_list": "L_ENERGY"}, "has both a zone and an object_list, must have one"),
    ],
)
def test_refuses_a_rule_of_no_place_or_of_two(changed: dict[str, str], message: str) -> None:
    with pytest.raises(BadAgreement, match=message):
        of_rule(replace(WORKS, **changed))
