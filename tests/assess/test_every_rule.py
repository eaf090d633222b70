"""Every kind of rule keeps the same promises; a new one is tested by adding its sample."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest
from assess_samples import Sample, assessed, lines, load
from polars.testing import assert_frame_equal

from trucewatch.agreement.agreement import Status
from trucewatch.assess import assess, kind, kinds
from trucewatch.errors import BadAgreement, NotFound
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.canonical import canonical
from trucewatch.records.table import ASSESSMENT, INCIDENT, empty

OTHER = "ab" * 32


@pytest.fixture(params=kinds())
def sample(request: pytest.FixtureRequest) -> Sample:
    return load(request.param)


def test_reads_its_sample_to_the_golden_assessments(sample: Sample) -> None:
    assert lines(assessed(sample)) == sample.expected


def test_its_sample_reaches_every_outcome_that_it_can_give(sample: Sample) -> None:
    reached = {json.loads(line)["outcome"] for line in sample.expected}

    assert reached >= set(Outcome) - {Outcome.EXEMPT}


def test_sets_each_incident_against_each_rule_once_and_in_order(sample: Sample) -> None:
    rules = [rule.id for rule in sample.agreement.rules]
    expected = sorted((i, rule) for i in sample.incidents["id"] for rule in rules)

    found = assessed(sample)

    assert found.select("incident", "rule").rows() == expected
    assert dict(found.schema) == ASSESSMENT


def test_order_of_incidents_and_company_do_not_matter(sample: Sample) -> None:
    found = assessed(sample)

    turned = assessed(replace(sample, incidents=sample.incidents.reverse()))
    alone = [
        assessed(replace(sample, incidents=sample.incidents.slice(i, 1)))
        for i in range(len(sample.incidents))
    ]

    assert_frame_equal(turned, found, check_exact=True)
    assert_frame_equal(
        pl.concat(alone).sort("incident", "rule"), found.sort("incident", "rule"), check_exact=True
    )


def test_swapping_the_parties_changes_nothing(sample: Sample) -> None:
    parties = sample.agreement.parties
    names = [party.id for party in parties]
    swapped = replace(
        sample.agreement,
        parties=tuple(
            replace(party, id=name) for party, name in zip(parties, names[::-1], strict=True)
        ),
        rules=tuple(replace(rule, who=rule.who[::-1]) for rule in sample.agreement.rules),
    )

    assert_frame_equal(assessed(replace(sample, agreement=swapped)), assessed(sample))


def test_names_no_party_and_never_a_finding(sample: Sample) -> None:
    names = {party.id for party in sample.agreement.parties}
    assert len(names) > 1

    written = assessed(sample).drop("agreement").write_json()

    assert not [name for name in names if name in written]
    assert "violation" not in written.lower()


def test_says_what_is_missing_only_when_it_cannot_say(sample: Sample) -> None:
    for outcome, why in assessed(sample).select("outcome", "why").iter_rows():
        if Outcome(outcome) is Outcome.INDETERMINATE:
            assert Missing(why)
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
        assert (first is True) == (outcome == Outcome.BREACH_ON_ITS_FACE)


def test_without_an_agreement_in_force_there_is_no_rule_but_a_place(sample: Sample) -> None:
    not_in_force = replace(sample.agreement, status=Status.NOT_IN_FORCE)

    found = assessed(replace(sample, agreement=not_in_force))

    assert set(found["outcome"]) == {Outcome.NO_RULE}
    assert found["inside_p"].to_list() == assessed(sample)["inside_p"].to_list()


def test_carries_the_agreement_that_it_was_set_against(sample: Sample) -> None:
    found = assess(sample.incidents, agreement=sample.agreement, agreement_object=OTHER)

    assert set(found["agreement"].cast(pl.String)) == {OTHER}
    assert set(found["agreement_version"]) == {sample.agreement.version}


def test_no_incidents_give_no_assessments(sample: Sample) -> None:
    found = assessed(replace(sample, incidents=empty(INCIDENT)))

    assert_frame_equal(found, empty(ASSESSMENT))


def test_no_rules_give_no_assessments(sample: Sample) -> None:
    bare = replace(sample.agreement, rules=())

    assert_frame_equal(assessed(replace(sample, agreement=bare)), empty(ASSESSMENT))


def test_refuses_a_kind_of_rule_that_it_does_not_know(sample: Sample) -> None:
    rule = replace(sample.agreement.rules[0], kind="daydream")
    odd = replace(sample.agreement, rules=(rule,))

    with pytest.raises(BadAgreement, match=r"rule R01: kind is 'daydream', must be one of: prohi"):
        assessed(replace(sample, agreement=odd))


def test_private_modules_are_no_kinds() -> None:
    assert "prohibited_act" in kinds()
    with pytest.raises(NotFound, match=r"kind of rule is '_trace', must be one of: prohibited_act"):
        kind("_trace")
