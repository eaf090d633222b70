"""Assessing again gives what assessing from the start gives, whatever was added or changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from assess_samples import Sample, load
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trucewatch.agreement.version import Version, successive
from trucewatch.assess import _again, assess, assess_again, kinds, prohibited_act

if TYPE_CHECKING:
    from trucewatch.records.facts import Facts

SAMPLE = load("prohibited_act")


@cache
def sample(name: str) -> Sample:
    return load(name)


def chance(rng: np.random.Generator, count: int) -> pl.Series:
    return pl.Series(rng.random(count), dtype=pl.Float64)


def some(facts: Facts, rng: np.random.Generator) -> Facts:
    """A part of what is known, some of it another way."""
    incidents = facts.incidents.filter(chance(rng, len(facts.incidents)) < 0.7)
    other = chance(rng, len(incidents)) < 0.3
    return replace(
        facts,
        as_of=facts.as_of - timedelta(hours=int(rng.integers(0, 48))),
        incidents=incidents.with_columns(
            pl.when(other).then(0.6).otherwise(pl.col("real_p")).alias("real_p")
        ),
        tracks=facts.tracks.filter(chance(rng, len(facts.tracks)) < 0.7),
        logbook=facts.logbook[: int(rng.integers(0, len(facts.logbook) + 1))]
        if rng.random() < 0.4
        else facts.logbook,
    )


@pytest.mark.parametrize("name", kinds())
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_equals_assessing_from_the_start_on_random_splits(name: str, seed: int) -> None:
    one, rng = sample(name), np.random.default_rng(seed)
    before, now = some(one.facts, rng), some(one.facts, rng)
    assessed = assess(before, versions=[one.version])

    found = assess_again(now, versions=[one.version], before=before, assessed=assessed)

    assert_frame_equal(found, assess(now, versions=[one.version]), check_exact=True)


@pytest.mark.parametrize("name", kinds())
def test_equals_assessing_from_the_start_when_the_text_is_amended(name: str) -> None:
    one = sample(name)
    middle = one.agreement.effective
    assert middle is not None
    later = replace(
        one.agreement, version=one.agreement.version + 1, effective=middle + timedelta(days=11)
    )
    amended = successive([(one.agreement, "01" * 32), (later, "02" * 32)])
    assessed = assess(one.facts, versions=amended[:1])

    found = assess_again(one.facts, versions=amended, before=one.facts, assessed=assessed)
    again = assess_again(one.facts, versions=amended, before=one.facts, assessed=found)

    assert_frame_equal(found, assess(one.facts, versions=amended), check_exact=True)
    assert_frame_equal(again, found, check_exact=True)


def test_only_what_changed_is_worked_out_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    check = prohibited_act.check

    def counted(known, *, rule, version):  # type: ignore[no-untyped-def]
        asked.append(len(known.facts.incidents))
        return check(known, rule=rule, version=version)

    monkeypatch.setattr(prohibited_act, "check", counted)
    before = replace(SAMPLE.facts, incidents=SAMPLE.facts.incidents.tail(-2))
    assessed = assess(before, versions=[SAMPLE.version])
    asked.clear()

    assess_again(SAMPLE.facts, versions=[SAMPLE.version], before=before, assessed=assessed)

    alone = [_again.alone(SAMPLE.version, rule) for rule in SAMPLE.agreement.rules]
    assert alone == [False, True, True]  # R01 has exemptions that hang on other incidents
    assert sorted(asked) == [2, 2, len(SAMPLE.facts.incidents)]


def test_what_hangs_on_other_incidents_is_worked_out_with_them() -> None:
    incoming = SAMPLE.facts.incidents["id"] == "i-incoming"
    before = replace(SAMPLE.facts, incidents=SAMPLE.facts.incidents.filter(~incoming))
    assessed = assess(before, versions=[SAMPLE.version])

    found = assess_again(SAMPLE.facts, versions=[SAMPLE.version], before=before, assessed=assessed)

    def outcome(table: pl.DataFrame) -> str:
        reply = (pl.col("subject") == "i-return-fire") & (pl.col("rule") == "R01")
        return str(table.filter(reply)["outcome"][0])

    assert (outcome(assessed), outcome(found)) == ("breach_on_its_face", "exempt")


def test_a_version_that_was_there_before_and_gave_no_row_changes_nothing() -> None:
    agreement = SAMPLE.agreement
    far = replace(agreement, version=9, effective=agreement.expires, expires=None)
    versions: tuple[Version, ...] = successive([(agreement, "01" * 32), (far, "09" * 32)])
    early = SAMPLE.facts.incidents.filter(pl.col("id") == "i-on-its-face")
    facts = replace(SAMPLE.facts, incidents=early)
    assessed = assess(facts, versions=versions)

    found = assess_again(facts, versions=versions, before=facts, assessed=assessed)

    assert_frame_equal(found, assessed, check_exact=True)
