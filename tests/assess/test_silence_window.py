"""Windows of silence: open from when to when, around which place, on whose word."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from assess_samples import Sample, assessed, load
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ncx2

from trucewatch.assess._known import Known
from trucewatch.assess._silence import silences
from trucewatch.errors import BadAgreement
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Step

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


def hour(of_day: int, minute: int = 0) -> datetime:
    return datetime(2030, 6, 3, of_day, minute, tzinfo=UTC)


def step(act: str, claimed: datetime, logged: datetime, party: str = "") -> Step:
    """An act on the window; a guarantor where a party guarantees."""
    detail: dict[str, Json] = {"party": party} if party else {}
    if act == "guaranteed":
        detail["guarantor"] = f"post of {party}"
    return replace(WINDOW.opening, act=act, at=claimed, logged_at=logged, detail=detail)


def kept(*steps: Step, **detail: Any) -> Sample:
    """The sample with one window of these acts after its opening."""
    opening = replace(WINDOW.opening, detail={**WINDOW.opening.detail, **detail})
    record = replace(WINDOW, steps=(opening, *steps))
    return replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=(record,)))


def with_rule(sample: Sample, **changed: Any) -> Sample:
    """The sample with its first rule changed, and that rule alone."""
    rule = replace(sample.agreement.rules[0], **changed)
    agreement = replace(sample.agreement, rules=(rule,))
    return replace(sample, version=replace(sample.version, agreement=agreement))


PROMISED = ("requested", "guaranteed")
EARLY = hour(8)
GIVEN = tuple(step("guaranteed", EARLY, EARLY, party) for party in ("ALPHA", "BRAVO"))
UNSURE = (Outcome.INDETERMINATE, Missing.TIME)
SURE = (Outcome.BREACH_ON_ITS_FACE, "")
NONE = (Outcome.NO_RULE, "")


def said(sample: Sample, when: dict[str, datetime]) -> tuple[str, str]:
    row = one(sample=sample, **when)
    return row["outcome"], row["why"]


def test_scenario_4_six_bursts_1200_m_from_a_crew() -> None:
    row = one()

    assert row["outcome"] == Outcome.BREACH_ON_ITS_FACE
    assert row["inside_p"] > 0.99
    assert row["steps"][1]["value"] == {
        "window": WINDOW.id,
        "from": "2030-06-03T09:00:00.000000Z",
        "until": "2030-06-03T12:30:00.000000Z",
        "may_be_from": "2030-06-03T09:00:00.000000Z",
        "may_be_until": "2030-06-03T12:30:00.000000Z",
        "acts": [
            {
                "act": name,
                "at": f"2030-06-{when}:00.000000Z",
                "logged_at": f"2030-06-{when}:00.000000Z",
            }
            for name, when in (
                ("guaranteed", "01T15:00"),
                ("guaranteed", "01T16:00"),
                ("started", "03T09:00"),
                ("completed", "03T12:30"),
            )
        ],
        "guaranteed_by": ["duty officer of the north bank", "duty officer of the south bank"],
        "agreed_radius_m": 2000,
        "rule_radius_m": 2000,
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


def test_work_that_began_late_opens_it_no_later_so_that_fire_cannot_excuse_itself() -> None:
    steps = tuple(
        replace(s, at=s.at + timedelta(hours=1)) if s.act == "started" else s for s in WINDOW.steps
    )
    record = replace(WINDOW, steps=steps)
    sample = replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=(record,)))

    assert one(sample=sample, **at(9, 30))["outcome"] == Outcome.BREACH_ON_ITS_FACE
    assert one(sample=sample, **at(10, 30))["outcome"] == Outcome.BREACH_ON_ITS_FACE


def test_without_the_word_of_every_side_it_is_not_open() -> None:
    steps = tuple(s for s in WINDOW.steps if s.detail.get("party") != "BRAVO")
    record = replace(WINDOW, steps=steps)
    sample = replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=(record,)))

    assert one(sample=sample)["outcome"] == Outcome.NO_RULE


def test_it_is_not_open_before_the_last_guarantee() -> None:
    steps = tuple(
        replace(s, at=hour(10, 22), logged_at=hour(10, 22))
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


def test_work_that_began_early_and_ended_late_is_guarded_only_for_the_time_asked_for() -> None:
    began, done = hour(7), hour(16)
    sample = kept(
        *(step("guaranteed", hour(6), hour(6), party) for party in ("ALPHA", "BRAVO")),
        step("started", began, began),
        step("completed", done, done),
    )

    assert [said(sample, at(h)) for h in (8, 9, 13, 14, 15)] == [NONE, SURE, SURE, NONE, NONE]
    value = one(sample=sample, **at(10))["steps"][1]["value"]
    assert (value["from"], value["until"]) == (instant_text(hour(9)), instant_text(hour(14)))


def test_a_guarantee_binds_until_the_party_takes_it_back() -> None:
    sample = kept(*GIVEN, step("refused", hour(11), hour(11), "BRAVO"))

    assert [said(sample, at(h)) for h in (10, 11, 12)] == [SURE, NONE, NONE]
    assert said(sample, at(10, 59)) == UNSURE


@pytest.mark.parametrize("party", [None, "ALPHA", "OPERATOR"])
def test_whoever_calls_it_off_ends_it(party: str | None) -> None:
    off = replace(step("cancelled", hour(10), hour(10)), detail={"party": party})

    assert [said(kept(*GIVEN, off), at(h, 30)) for h in (9, 11)] == [SURE, NONE]


def struck(*steps: Step, number: int | None, when: datetime) -> Sample:
    """The sample with one window, one act of which, or the whole, was struck at an instant."""
    entered = [replace(each, entry=900 + n) for n, each in enumerate(steps)]
    entry = None if number is None else entered[number].entry
    by = replace(step("voided", when, when), entry=999, detail={"entry": entry})
    stand = [each for each in entered if each.entry != entry]
    [record] = kept(*stand, *([by] if entry is None else [])).facts.logbook
    gone = tuple(each for each in entered if each.entry == entry)
    voided = () if entry is None else (*gone, by)
    state = "voided" if entry is None else record.state
    record = replace(record, voided=voided, state=state)
    return replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=(record,)))


@pytest.mark.parametrize("act", ["refused", "completed", "cancelled"])
def test_an_end_that_was_struck_leaves_in_doubt_what_came_between(act: str) -> None:
    ended = step(act, hour(10), hour(10), "BRAVO" if act == "refused" else "")
    sample = struck(*GIVEN, ended, number=2, when=hour(12))

    assert [said(sample, at(h, 30)) for h in (9, 11, 12)] == [SURE, UNSURE, SURE]
    value = one(sample=sample, **at(9, 30))["steps"][1]["value"]
    assert value["sure_but_for"] == [[instant_text(hour(10)), instant_text(hour(12))]]
    assert value["acts"][2]["struck_at"] == instant_text(hour(12))


def test_an_end_that_was_struck_before_the_fire_leaves_no_doubt() -> None:
    ended = step("completed", hour(9, 10), hour(9, 10))

    assert said(struck(*GIVEN, ended, number=2, when=hour(9, 11)), at(9, 30)) == SURE


@pytest.mark.parametrize("number", [1, None])
def test_a_guarantee_or_a_window_that_was_struck_is_in_doubt_until_then(
    number: int | None,
) -> None:
    sample = struck(*GIVEN, number=number, when=hour(11))

    assert [said(sample, at(h, 30)) for h in (8, 9, 11)] == [NONE, UNSURE, NONE]
    value = one(sample=sample, **at(9, 30))["steps"][1]["value"]
    assert (value["from"], value["may_be_until"]) == (None, instant_text(hour(11)))
    assert value.get("struck_at") == (instant_text(hour(11)) if number is None else None)


def test_a_guarantee_given_anew_after_one_was_struck_opens_it_again() -> None:
    again = step("guaranteed", hour(12), hour(12), "BRAVO")
    sample = struck(*GIVEN, again, number=1, when=hour(11))

    assert [said(sample, at(h, 30)) for h in (9, 11, 12)] == [UNSURE, NONE, SURE]
    value = one(sample=sample, **at(9, 30))["steps"][1]["value"]
    assert value["may_be_but_for"] == [[instant_text(hour(11)), instant_text(hour(12))]]


def test_to_strike_the_whole_window_opens_none_that_had_been_over() -> None:
    sample = struck(*GIVEN, step("completed", hour(10), hour(10)), number=None, when=hour(12))

    assert [said(sample, at(h, 30)) for h in (9, 10, 12)] == [UNSURE, NONE, NONE]


def test_a_refusal_of_somebody_who_was_not_asked_ends_nothing() -> None:
    sample = kept(*GIVEN, step("refused", hour(10), hour(10), "CHARLIE"))

    assert said(sample, at(11)) == SURE


def test_a_guarantee_of_somebody_who_was_not_asked_opens_nothing() -> None:
    sample = kept(GIVEN[0], step("guaranteed", EARLY, EARLY, "CHARLIE"))

    assert said(sample, at(11)) == NONE


def test_a_guarantee_given_again_opens_it_no_later() -> None:
    sample = kept(*GIVEN, step("guaranteed", hour(12), hour(12), "ALPHA"))

    assert said(sample, at(11)) == SURE


def test_a_guarantee_entered_after_the_fire_is_not_sure() -> None:
    sample = kept(GIVEN[0], step("guaranteed", EARLY, hour(11), "BRAVO"))

    row = one(sample=sample, **at(10))

    assert (row["outcome"], row["why"]) == UNSURE
    value = row["steps"][1]["value"]
    assert value["from"] == "2030-06-03T11:00:00.000000Z"
    assert value["may_be_from"] == "2030-06-03T09:00:00.000000Z"
    assert value["acts"][1] == {
        "act": "guaranteed",
        "at": "2030-06-03T08:00:00.000000Z",
        "logged_at": "2030-06-03T11:00:00.000000Z",
    }
    assert said(sample, at(11)) == SURE


@pytest.mark.parametrize("act", ["refused", "completed", "cancelled"])
def test_an_end_entered_after_the_fire_leaves_it_open(act: str) -> None:
    sample = kept(*GIVEN, step(act, hour(10), hour(12), "BRAVO" if act == "refused" else ""))

    assert [said(sample, at(h, 30)) for h in (9, 10, 12)] == [SURE, UNSURE, NONE]


def test_a_window_that_was_never_surely_open_has_no_sure_span() -> None:
    late = step("guaranteed", EARLY, hour(13), "BRAVO")
    sample = kept(GIVEN[0], late, step("cancelled", hour(12), hour(13, 30)))

    row = one(sample=sample, **at(12, 30))

    assert (row["outcome"], row["why"]) == UNSURE
    assert (row["steps"][1]["value"]["from"], row["steps"][1]["value"]["until"]) == (None, None)
    assert said(sample, at(13, 40)) == NONE


@pytest.mark.parametrize(
    ("asked", "who", "outcome"),
    [
        ([], (), NONE),
        (["ALPHA"], (), SURE),
        (["ALPHA"], ("ALPHA", "BRAVO"), NONE),
        (["ALPHA", "BRAVO"], ("ALPHA",), SURE),
    ],
)
def test_a_window_must_ask_for_the_word_of_all_whom_the_rule_binds(
    asked: list[str], who: tuple[str, ...], outcome: tuple[str, str]
) -> None:
    sample = with_rule(kept(*GIVEN, guarantees_from=asked), who=who)

    assert said(sample, at(11)) == outcome


def test_a_window_that_names_a_provision_must_ask_for_all_whom_the_rule_binds_too() -> None:
    provisions = SAMPLE.agreement.provisions
    listed = replace(provisions.windows[0], guarantees_from=("ALPHA",))
    agreement = replace(SAMPLE.agreement, provisions=replace(provisions, windows=(listed,)))
    sample = kept(*GIVEN, provision="W_NIGHT", guarantees_from=["ALPHA"])
    sample = replace(sample, version=replace(sample.version, agreement=agreement))

    assert said(with_rule(sample, who=("ALPHA",)), at(11)) == SURE
    assert said(with_rule(sample, who=("ALPHA", "BRAVO")), at(11)) == NONE


def test_a_window_that_names_a_provision_must_ask_for_all_whom_that_lists() -> None:
    few = with_rule(kept(*GIVEN, provision="W_NIGHT", guarantees_from=["ALPHA"]), who=())
    all_ = with_rule(kept(*GIVEN, provision="W_NIGHT", guarantees_from=["ALPHA", "BRAVO"]), who=())

    assert said(few, at(11)) == NONE
    assert said(all_, at(11)) == SURE


@pytest.mark.parametrize(("agreed_m", "rule_m"), [(1000, 2000), (2000, 1000)])
def test_the_smaller_of_the_radius_agreed_and_that_of_the_rule_counts(
    agreed_m: float, rule_m: float
) -> None:
    sample = with_rule(kept(*GIVEN, radius_m=agreed_m), radius_m=rule_m)

    row = one(sample=sample)

    assert row["outcome"] == Outcome.CONSISTENT
    value = row["steps"][1]["value"]
    assert (value["agreed_radius_m"], value["rule_radius_m"]) == (agreed_m, rule_m)


MINUTES = st.integers(0, 9 * 60).map(lambda minutes: hour(7) + timedelta(minutes=minutes))
ACTS = st.sampled_from([("guaranteed", "ALPHA"), ("guaranteed", "BRAVO"), ("refused", "ALPHA"),
                        ("refused", "BRAVO"), ("started", ""), ("completed", ""),
                        ("cancelled", "")])  # fmt: skip


def as_entered(drawn: list[tuple[tuple[str, str], datetime, datetime]]) -> list[Step]:
    """Acts in log order, none logged before it was done."""
    steps = [step(act, min(t), max(t), party) for (act, party), *t in drawn]
    return sorted(steps, key=lambda each: each.logged_at)


def spans(sample: Sample) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The sure and the possible spans of a window, microseconds."""
    known = Known(sample.facts, [sample.version])
    found = list(silences(known, sample.agreement.rules[0], sample.version))
    if not found:
        return [], []
    sure, may_be = (
        list(zip(each[0].tolist(), each[1].tolist(), strict=True))
        for each in (found[0].sure, found[0].may_be)
    )
    return sure, may_be


def holds(found: list[tuple[int, int]], instant: datetime) -> bool:
    return any(start <= instant.timestamp() * 1e6 < end for start, end in found)


def as_known(
    steps: list[Step], strikes: list[tuple[int, datetime]], whole: datetime | None, until: datetime
) -> Sample:
    """The sample with what the log had of a window at an instant, strikes too."""
    last = until if whole is None else min(until, whole)  # nothing follows a record struck whole
    entered = [replace(each, entry=900 + n) for n, each in enumerate(steps)]
    entered = [each for each in entered if each.logged_at <= last]
    gone: dict[int, Step] = {}
    for number, when in strikes:
        target = next((each for each in entered if each.entry == 900 + number), None)
        if target is not None and target.logged_at <= when <= last:
            by = replace(step("voided", when, when), entry=990 + number)
            gone.setdefault(target.entry, replace(by, detail={"entry": target.entry}))
    stand = [each for each in entered if each.entry not in gone]
    void = whole is not None and whole <= until
    if whole is not None and void:
        stand.append(replace(step("voided", whole, whole), entry=1100, detail={"entry": None}))
    sample = kept(*stand)
    [record] = sample.facts.logbook
    voided = (*(each for each in entered if each.entry in gone), *gone.values())
    record = replace(record, voided=voided, state="voided" if void else record.state)
    return replace(sample, facts=replace(sample.facts, logbook=(record,)))


STRIKES = st.lists(st.tuples(st.integers(0, 9), MINUTES), max_size=3)


@given(
    st.lists(st.tuples(ACTS, MINUTES, MINUTES), max_size=8),
    STRIKES,
    st.none() | MINUTES,
    MINUTES,
)
@settings(max_examples=200, deadline=None)
def test_nothing_entered_after_an_act_makes_silence_sure_then_or_surely_not_kept(
    drawn: list[tuple[tuple[str, str], datetime, datetime]],
    strikes: list[tuple[int, datetime]],
    whole: datetime | None,
    instant: datetime,
) -> None:
    steps = [*GIVEN, *as_entered(drawn)]
    before = spans(as_known(steps, strikes, whole, instant))
    after = spans(as_known(steps, strikes, whole, hour(23)))

    if holds(after[0], instant):
        assert holds(before[0], instant)
    if holds(before[0], instant):
        assert holds(after[1], instant)


@given(st.lists(st.tuples(ACTS, MINUTES, MINUTES), max_size=8))
@settings(max_examples=200, deadline=None)
def test_what_is_sure_lies_in_what_may_be_and_that_in_what_was_asked_for(
    drawn: list[tuple[tuple[str, str], datetime, datetime]],
) -> None:
    sure, may_be = spans(kept(*GIVEN, *as_entered(drawn)))

    for start, end in may_be:
        assert hour(9).timestamp() * 1e6 <= start < end <= hour(14).timestamp() * 1e6
    for start, end in sure:
        assert any(first <= start <= end <= last for first, last in may_be)


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
