"""Every kind of rule keeps the same promises; a new one is tested by adding its sample."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import polars as pl
import pytest
from assess_samples import SAMPLES, Sample, assessed, lines, load, swapped
from polars.testing import assert_frame_equal

from trucewatch.agreement.agreement import Status
from trucewatch.agreement.kinds import KINDS
from trucewatch.agreement.party import Role
from trucewatch.assess import assess, kind, kinds
from trucewatch.errors import BadAgreement, NotFound
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.canonical import canonical
from trucewatch.records.facts import Facts
from trucewatch.records.table import ASSESSMENT, empty

OTHER = "ab" * 32
EVERYTHING = set(Outcome)
CAN_GIVE: dict[str, set[Outcome]] = {
    "prohibited_act": EVERYTHING,
    "protected_object": EVERYTHING,
    "silence_window": EVERYTHING,
    "text_only": set(),
}
"""Outcomes that a kind can give; where a kind is not listed, all but those of `RARE`."""
RARE = {Outcome.EXEMPT, Outcome.BREACH_ON_ITS_FACE, Outcome.NO_RULE}
ALONE = [name for name in kinds() if getattr(kind(name), "EACH_ALONE", False)]
SOMETHING = [name for name in ALONE if name != "text_only"]
ORDER = ["subject_kind", "subject", "rule", "agreement_version", "measured_from"]


@pytest.fixture(params=kinds())
def sample(request: pytest.FixtureRequest) -> Sample:
    return load(request.param)


def test_there_is_a_module_for_every_kind_that_an_agreement_may_name() -> None:
    assert set(kinds()) == set(KINDS)


def test_reads_its_sample_to_the_golden_assessments(sample: Sample) -> None:
    assert lines(assessed(sample)) == sample.expected


@pytest.mark.parametrize("name", kinds())
def test_its_sample_reaches_every_outcome_that_it_can_give(name: str) -> None:
    reached = {Outcome(json.loads(line)["outcome"]) for line in load(name).expected}

    if name in CAN_GIVE:
        assert reached == CAN_GIVE[name]
    else:
        assert reached >= EVERYTHING - RARE


def test_names_each_row_once_and_in_order(sample: Sample) -> None:
    found = assessed(sample)

    assert dict(found.schema) == ASSESSMENT
    assert found.select(ORDER).rows() == sorted(set(found.select(ORDER).rows()))
    assert set(found["rule"]) <= {rule.id for rule in sample.agreement.rules}


@pytest.mark.parametrize("name", SOMETHING)
def test_sets_each_incident_against_each_rule_once(name: str) -> None:
    sample = load(name)
    rules = [rule.id for rule in sample.agreement.rules]
    expected = sorted((i, rule) for i in sample.facts.incidents["id"] for rule in rules)

    found = assessed(sample)

    assert found.select("subject", "rule").rows() == expected
    assert set(found["subject_kind"]) == {"incident"}


def test_order_of_incidents_and_positions_does_not_matter(sample: Sample) -> None:
    facts = sample.facts
    turned = replace(facts, incidents=facts.incidents.reverse(), tracks=facts.tracks.reverse())

    assert_frame_equal(assessed(replace(sample, facts=turned)), assessed(sample), check_exact=True)


@pytest.mark.parametrize("name", SOMETHING)
def test_company_of_other_incidents_does_not_matter_without_exemptions(name: str) -> None:
    sample = load(name)
    bare = replace(sample.agreement, rules=_without_exemptions(sample))
    sample = replace(sample, version=replace(sample.version, agreement=bare))
    facts = sample.facts

    some = facts.incidents["id"].gather_every(4)
    alone = [
        assessed(replace(sample, facts=replace(facts, incidents=facts.incidents.filter(id=each))))
        for each in some
    ]

    expected = assessed(sample).filter(pl.col("subject").is_in(some.implode()))
    assert_frame_equal(pl.concat(alone).sort(ORDER), expected, check_exact=True)


def test_swapping_the_parties_changes_nothing(sample: Sample) -> None:
    assert_frame_equal(assessed(swapped(sample)), assessed(sample), check_exact=True)


def test_names_no_party_and_never_a_finding(sample: Sample) -> None:
    names = {party.id for party in sample.agreement.parties if party.role is Role.PARTY}
    assert len(names) > 1

    written = assessed(sample).drop("agreement").write_json()

    assert not [name for name in names if re.search(rf"\b{name}\b", written)]
    assert "violation" not in written.lower()


def test_says_what_is_missing_only_when_it_cannot_say(sample: Sample) -> None:
    exemptions = {exemption.id for exemption in sample.agreement.exemptions}

    for outcome, why in assessed(sample).select("outcome", "why").iter_rows():
        if outcome == Outcome.INDETERMINATE:
            assert Missing(why)
        elif outcome == Outcome.EXEMPT:
            assert why in exemptions
        else:
            assert why == ""


def test_the_trace_is_canonical_numbered_and_settles_the_outcome(sample: Sample) -> None:
    for outcome, text in assessed(sample).select("outcome", "trace").iter_rows():
        steps = json.loads(text)

        assert canonical(steps).decode() == text
        assert [step["condition"].split(". ")[0] for step in steps] == [
            str(number) for number in range(1, len(steps) + 1)
        ]
        assert all(set(step) == {"condition", "holds", "value"} for step in steps)
        first = next((step["holds"] for step in steps if step["holds"] is not True), True)
        assert (first is None) == (outcome == Outcome.INDETERMINATE)
        if outcome == Outcome.BREACH_ON_ITS_FACE:
            assert first is True
        assert all(step["holds"] is not False for step in steps[:-1])  # nothing is asked after


def test_without_an_agreement_in_force_there_is_no_rule(sample: Sample) -> None:
    agreement = replace(sample.agreement, status=Status.NOT_IN_FORCE)

    found = assessed(replace(sample, version=replace(sample.version, agreement=agreement)))

    assert set(found["outcome"]) <= {Outcome.NO_RULE}


def test_carries_the_agreement_that_it_was_set_against(sample: Sample) -> None:
    found = assess(sample.facts, versions=[replace(sample.version, object=OTHER)])

    assert set(found["agreement"]) <= {OTHER}
    assert set(found["agreement_version"]) <= {sample.agreement.version}


def test_knowing_nothing_gives_no_incidents_and_no_tracks(sample: Sample) -> None:
    nothing = Facts(as_of=sample.facts.as_of)

    found = assessed(replace(sample, facts=nothing))

    assert dict(found.schema) == ASSESSMENT
    assert not {"incident", "track"} & set(found["subject_kind"])


def test_no_rules_give_no_assessments(sample: Sample) -> None:
    bare = replace(sample.agreement, rules=())

    found = assessed(replace(sample, version=replace(sample.version, agreement=bare)))

    assert_frame_equal(found, empty(ASSESSMENT))


def test_refuses_a_kind_of_rule_that_it_does_not_know() -> None:
    sample = load("prohibited_act")
    rule = replace(sample.agreement.rules[0], kind="daydream")
    odd = replace(sample.agreement, rules=(rule,))

    with pytest.raises(BadAgreement, match=r"rule R01: kind is 'daydream', must be one of: "):
        assessed(replace(sample, version=replace(sample.version, agreement=odd)))


def test_private_modules_are_no_kinds() -> None:
    assert "prohibited_act" in kinds()
    with pytest.raises(NotFound, match=r"kind of rule is '_trace', must be one of: "):
        kind("_trace")


def test_there_is_no_sample_of_a_kind_that_is_none() -> None:
    assert {folder.name for folder in SAMPLES.iterdir()} == set(kinds())


def _without_exemptions(sample: Sample) -> tuple:
    return tuple(replace(rule, exemptions=()) for rule in sample.agreement.rules)
