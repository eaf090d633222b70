"""Windows of silence: open from when to when, around which place, on whose word."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from assess_samples import Sample, assessed, load
from scipy.stats import ncx2

from trucewatch.errors import BadAgreement
from trucewatch.records.assessment import Missing, Outcome

SAMPLE = load("silence_window")
WINDOW = next(record for record in SAMPLE.facts.records("window") if record.state == "completed")
BURSTS = SAMPLE.facts.incidents.filter(pl.col("id") == "i-six-bursts")


def one(rule: str = "R01", sample: Sample = SAMPLE, **changed: Any) -> dict[str, Any]:
    incident = BURSTS.with_columns(
        pl.lit(value, dtype=BURSTS.schema[name]).alias(name) for name, value in changed.items()
    )
    facts = replace(sample.facts, incidents=incident)
    found = assessed(replace(sample, facts=facts)).filter(pl.col("rule") == rule)
    row = found.row(0, named=True)
    return row | {"steps": json.loads(row["trace"])}


def with_window(*acts: str, **detail: Any) -> Sample:
    """The sample with a window of these acts alone, its opening's detail changed."""
    steps = tuple(step for step in WINDOW.steps if step.act in acts)
    opening = replace(steps[0], detail={**steps[0].detail, **detail})
    record = replace(WINDOW, steps=(opening, *steps[1:]), state=acts[-1])
    others = tuple(r for r in SAMPLE.facts.logbook if r.kind != "window")
    return replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=(*others, record)))


def at(hour: int, minute: int = 0) -> dict[str, datetime]:
    start = datetime(2030, 6, 3, hour, minute, tzinfo=UTC)
    return {"time_start": start, "time_end": start + timedelta(minutes=1)}


PROMISED = ("requested", "guaranteed")


def test_scenario_4_six_bursts_1200_m_from_a_crew() -> None:
    row = one()

    assert row["outcome"] == Outcome.BREACH_ON_ITS_FACE
    assert row["inside_p"] > 0.99
    assert row["steps"][1]["value"] == {
        "window": WINDOW.id,
        "from": "2030-06-03T09:00:00.000000Z",
        "until": "2030-06-03T12:30:00.000000Z",
        "guaranteed_by": ["duty officer of the north bank", "duty officer of the south bank"],
    }


def test_both_places_are_uncertain() -> None:
    """The chance that a point 1200 m away, 300 m off, lies in a disc of 2000 m 400 m off."""
    sample = with_window(*PROMISED, place={"error_m": 400.0, "lat_deg": 45.0, "lon_deg": -30.0})

    row = one(sample=sample, cov_ee_m2=300.0**2, cov_nn_m2=300.0**2)

    expected = ncx2.cdf((2000 / 500) ** 2, 2, (1200 / 500) ** 2)
    assert math.isclose(row["inside_p"], expected, abs_tol=2e-3)


@pytest.mark.parametrize(
    ("acts", "when", "outcome"),
    [
        (PROMISED, at(9), Outcome.BREACH_ON_ITS_FACE),
        (PROMISED, at(13, 58), Outcome.BREACH_ON_ITS_FACE),
        (PROMISED, at(14), Outcome.NO_RULE),
        (PROMISED, at(8, 58), Outcome.NO_RULE),
        (PROMISED, at(13, 59), Outcome.INDETERMINATE),
        ((*PROMISED, "started", "completed"), at(12, 28), Outcome.BREACH_ON_ITS_FACE),
        ((*PROMISED, "started", "completed"), at(12, 30), Outcome.NO_RULE),
        ((*PROMISED, "started", "completed"), at(12, 29), Outcome.INDETERMINATE),
        (("requested",), at(10), Outcome.NO_RULE),
    ],
)
def test_a_window_is_open_from_its_start_until_all_are_away(
    acts: tuple[str, ...], when: dict[str, datetime], outcome: Outcome
) -> None:
    row = one(sample=with_window(*acts), **when)

    assert row["outcome"] == outcome
    assert row["why"] == (Missing.TIME if outcome is Outcome.INDETERMINATE else "")


def test_work_that_began_late_opens_it_late() -> None:
    steps = tuple(
        replace(s, at=s.at + timedelta(hours=1)) if s.act == "started" else s for s in WINDOW.steps
    )
    record = replace(WINDOW, steps=steps)
    sample = replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=(record,)))

    assert one(sample=sample, **at(9, 30))["outcome"] == Outcome.NO_RULE
    assert one(sample=sample, **at(10, 30))["outcome"] == Outcome.BREACH_ON_ITS_FACE


def test_without_the_word_of_every_side_it_is_not_open() -> None:
    steps = tuple(s for s in WINDOW.steps if s.detail.get("party") != "BRAVO")
    record = replace(WINDOW, steps=steps)
    sample = replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=(record,)))

    assert one(sample=sample)["outcome"] == Outcome.NO_RULE


def test_it_is_not_open_before_the_last_guarantee() -> None:
    steps = tuple(
        replace(s, at=datetime(2030, 6, 3, 10, 22, tzinfo=UTC))
        if s.act == "guaranteed" and s.detail["party"] == "BRAVO"
        else s
        for s in WINDOW.steps
    )
    sample = replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=(replace(WINDOW, steps=steps),)))

    assert one(sample=sample, **at(10, 20))["outcome"] == Outcome.NO_RULE
    assert one(sample=sample, **at(10, 22))["outcome"] == Outcome.BREACH_ON_ITS_FACE


def test_of_several_windows_the_trace_names_the_likeliest() -> None:
    far = {"error_m": 20.0, "lat_deg": 45.05, "lon_deg": -30.0}
    other = with_window(*PROMISED, place=far).facts.records("window")[0]
    both = (replace(other, entry=900), WINDOW, replace(other, entry=901))
    sample = replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=both))

    assert one(sample=sample)["steps"][1]["value"]["window"] == WINDOW.id
    assert one(sample=sample, lat_deg=45.05)["steps"][1]["value"]["window"] == "window-900"


def test_a_window_that_is_surely_elsewhere_gives_way_to_one_that_was_open_in_part() -> None:
    far = {"error_m": 20.0, "lat_deg": 46.0, "lon_deg": -30.0}
    other = with_window(*PROMISED, place=far).facts.records("window")[0]
    sample = replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=(other, WINDOW)))

    row = one(sample=sample, **at(12, 29))

    assert (row["outcome"], row["why"]) == (Outcome.INDETERMINATE, Missing.TIME)


def test_a_rule_with_a_window_looks_at_its_own_alone() -> None:
    rule = replace(SAMPLE.agreement.rules[0], window="W_NIGHT")
    agreement = replace(SAMPLE.agreement, rules=(rule,))
    named = replace(SAMPLE, version=replace(SAMPLE.version, agreement=agreement))
    record = with_window(*PROMISED, provision="W_NIGHT").facts.logbook

    assert one(sample=named)["outcome"] == Outcome.NO_RULE
    provided = replace(named, facts=replace(named.facts, logbook=record))
    assert one(sample=provided)["outcome"] == Outcome.BREACH_ON_ITS_FACE


def test_an_incident_without_a_place_is_indeterminate_while_a_window_is_open() -> None:
    row = one(lat_deg=None)

    assert (row["outcome"], row["why"]) == (Outcome.INDETERMINATE, Missing.LOCATION)


@pytest.mark.parametrize(
    ("start", "outcome"),
    [
        (datetime(2030, 6, 5, 20, 58, tzinfo=UTC), Outcome.NO_RULE),
        (datetime(2030, 6, 5, 21, tzinfo=UTC), Outcome.BREACH_ON_ITS_FACE),
        (datetime(2030, 6, 6, 4, 58, tzinfo=UTC), Outcome.BREACH_ON_ITS_FACE),
        (datetime(2030, 6, 6, 4, 59, 30, tzinfo=UTC), Outcome.INDETERMINATE),
        (datetime(2030, 6, 6, 5, tzinfo=UTC), Outcome.NO_RULE),
        (datetime(2030, 12, 5, 21, tzinfo=UTC), Outcome.NO_RULE),
        (datetime(2030, 12, 5, 22, tzinfo=UTC), Outcome.BREACH_ON_ITS_FACE),
    ],
)
def test_a_daily_window_goes_by_the_clocks_of_its_place(start: datetime, outcome: Outcome) -> None:
    """The Azores are at UTC in summer and an hour behind in winter."""
    row = one("R02", time_start=start, time_end=start + timedelta(minutes=1))

    assert row["outcome"] == outcome


@pytest.mark.parametrize(
    "changed", [{"time_zone": "Atlantic/Nowhere"}, {"time_zone": ""}, {"daily_from": "25:00"}]
)
def test_refuses_a_daily_window_without_clocks(changed: dict[str, str]) -> None:
    provisions = SAMPLE.agreement.provisions
    bad = replace(provisions, windows=(replace(provisions.windows[0], **changed),))
    agreement = replace(SAMPLE.agreement, provisions=bad)

    with pytest.raises(BadAgreement, match=r"window W_NIGHT: daily times are .*, must be HH:MM"):
        one(sample=replace(SAMPLE, version=replace(SAMPLE.version, agreement=agreement)))
