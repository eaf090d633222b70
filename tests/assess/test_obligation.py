"""Duties and notices: what is overdue as of the newest time of the log, and what is open."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from assess_samples import assessed, load
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.assess._due import pauses
from trucewatch.assess._owed import in_default, owed
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from trucewatch.assess._owed import Owed
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step

SAMPLE = load("obligation")
FOUND = assessed(SAMPLE).to_dicts()
DUTY = next(each for each in SAMPLE.facts.records("duty") if each.entry == 101)


def row(subject: str, rule: str = "R01") -> dict[str, Any]:
    return next(each for each in FOUND if (each["subject"], each["rule"]) == (subject, rule))


def said(subject: str, rule: str = "R01") -> tuple[str, str]:
    found = row(subject, rule)
    return found["outcome"], found["why"]


def value(subject: str, number: int, rule: str = "R01") -> Any:
    return json.loads(row(subject, rule)["trace"])[number - 1]["value"]


def test_a_blast_told_36_hours_ahead_of_48_breaks_the_duty_of_notice() -> None:
    assert said("notification-120", "R03") == ("potential_breach", "")
    assert value("notification-120", 4, "R03")["lead_h"] == 36


def test_exactly_48_hours_are_enough() -> None:
    assert said("notification-121", "R03") == ("consistent", "")


def test_a_notice_that_only_the_log_had_too_late_is_neither_late_nor_in_time() -> None:
    late = value("notification-122", 4, "R03")

    assert said("notification-122", "R03") == ("indeterminate", "time")
    assert (late["claimed_h"], late["logged_h"], late["lead_h"]) == (48, 42, 42)


def test_a_notice_that_names_another_duty_is_not_judged_under_this_one() -> None:
    def naming(duty: str) -> set[str]:
        records = tuple(
            replace(r, steps=(replace(r.opening, detail={**r.opening.detail, "notice": duty}),))
            for r in SAMPLE.facts.records("notification")
        )
        sample = replace(SAMPLE, facts=replace(SAMPLE.facts, logbook=records))
        found = assessed(sample).filter(pl.col("rule") == "R03")
        return set(found["subject_kind"])

    rule = next(each for each in SAMPLE.agreement.rules if each.id == "R03")
    assert "notification" in naming(rule.notice)
    assert "notification" not in naming("N_ANOTHER")


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("duty-101", ("potential_breach", "")),  # overdue, no word of it
        ("duty-102", ("indeterminate", "observation")),  # reported alone
        ("duty-104", ("consistent", "")),  # verified
        ("duty-107", ("potential_breach", "")),  # reported, then seen not done
        ("duty-110", ("consistent", "")),  # not yet due
        ("duty-111", ("consistent", "")),  # paused for ten days
        ("duty-114", ("consistent", "")),  # cancelled
        ("duty-116", ("no_rule", "")),
    ],
)
def test_a_duty_is_judged_by_what_was_verified(subject: str, expected: tuple[str, str]) -> None:
    assert said(subject) == expected


def test_paused_time_does_not_run() -> None:
    assert value("duty-111", 5) == {
        "acts": [
            {"act": act, "at": f"2030-09-{day}T08:00:00.000000Z",
             "logged_at": f"2030-09-{day}T08:00:00.000000Z"}
            for act, day in (("paused", 16), ("resumed", 26))
        ],
        "due": "2030-10-05T08:00:00.000000Z",
        "paused_h": 240,
        "paused_now": False,
        "says": "not yet due",
    }  # fmt: skip


def day(number: float) -> datetime:
    """So many days after the duty was asked for; it is due after ten."""
    return DUTY.opening.at + timedelta(days=number)


def step(act: str, claimed: float, logged: float | None = None, party: str = "") -> Step:
    """An act on the duty, in days after it was asked for."""
    detail: dict[str, Json] = {"party": party} if party else {}
    logged_at = day(claimed if logged is None else logged)
    return replace(DUTY.opening, act=act, at=day(claimed), logged_at=logged_at, detail=detail)


def judged(*steps: Step, as_of: float) -> tuple[tuple[str, str], list[dict[str, Any]]]:
    """Outcome and trace of a duty of these acts after the one that asked for it."""
    paused = bool(steps) and steps[-1].act == "paused"
    record = replace(DUTY, steps=(DUTY.opening, *steps), state="paused" if paused else "asked")
    facts = replace(SAMPLE.facts, logbook=(record,), as_of=day(as_of))
    found = assessed(replace(SAMPLE, facts=facts)).filter(pl.col("subject") == DUTY.id)
    row = found.row(0, named=True)
    return (row["outcome"], row["why"]), json.loads(row["trace"])


OVERDUE, NOT_YET = ("potential_breach", ""), ("consistent", "")
UNSURE = ("indeterminate", "time")


def test_the_duty_of_these_tests_is_due_after_ten_days() -> None:
    assert judged(as_of=10)[0] == NOT_YET
    assert judged(as_of=10.1)[0] == OVERDUE


def test_pauses_that_overlap_count_once() -> None:
    """Six days and three within them; added up they would be nine."""
    steps = (step("paused", 1), step("resumed", 7), step("paused", 3), step("resumed", 6))

    assert judged(*steps, as_of=15.9)[0] == NOT_YET
    assert judged(*steps, as_of=16.1)[0] == OVERDUE


def test_a_pause_entered_late_surely_counts_from_then_only() -> None:
    steps = (step("paused", 2, 5), step("resumed", 8))

    assert [judged(*steps, as_of=each)[0] for each in (12.9, 13.1, 15.9, 16.1)] == [
        NOT_YET, UNSURE, UNSURE, OVERDUE,
    ]  # fmt: skip
    assert judged(*steps, as_of=14)[1][4]["value"] == {
        "acts": [
            {
                "act": each.act,
                "at": instant_text(each.at),
                "logged_at": instant_text(each.logged_at),
            }
            for each in steps
        ],
        "due": instant_text(day(13)),
        "due_may_be": instant_text(day(16)),
        "paused_h": 72,
        "paused_may_be_h": 144,
        "paused_now": False,
        "says": "hangs on when its clock stood still",
    }


def test_a_clock_that_is_set_going_by_an_early_date_may_have_stood_still() -> None:
    steps = (step("paused", 2), step("resumed", 3, 9))

    assert [judged(*steps, as_of=each)[0] for each in (11, 11.1, 17, 17.1)] == [
        NOT_YET, UNSURE, UNSURE, OVERDUE,
    ]  # fmt: skip


def test_a_pause_that_follows_the_deadline_does_not_mend_it() -> None:
    assert judged(step("paused", 11), as_of=30)[0] == OVERDUE


def test_a_pause_counts_within_the_time_of_the_duty_only() -> None:
    late = replace(DUTY.opening, logged_at=day(5))
    record = replace(DUTY, steps=(late, step("paused", 1, 6), step("resumed", 7)))

    found = pauses(record, since=day(5), until=day(20))

    assert (found.least, found.most) == (timedelta(days=1), timedelta(days=2))


def test_an_end_that_is_dated_back_behind_another_act_may_be_the_end() -> None:
    steps = (step("paused", 2), step("not_done", 8), step("resumed", 4, 9))

    assert [judged(*steps, as_of=each)[0] for each in (12, 12.1, 17, 17.1)] == [
        NOT_YET, UNSURE, UNSURE, OVERDUE,
    ]  # fmt: skip


def test_a_pause_goes_on_perhaps_after_it_was_seen_not_done() -> None:
    steps = (step("paused", 2), step("not_done", 4))

    assert judged(*steps, as_of=11.9)[0] == NOT_YET
    assert judged(*steps, as_of=30)[0] == UNSURE


def test_a_pause_begun_again_before_its_end_does_not_lose_the_first() -> None:
    steps = (step("paused", 2), step("not_done", 4), step("paused", 6), step("resumed", 8))

    assert [judged(*steps, as_of=each)[0] for each in (13.9, 14.1, 16, 16.1)] == [
        NOT_YET, UNSURE, UNSURE, OVERDUE,
    ]  # fmt: skip


@pytest.mark.parametrize(("party", "expected"), [
    ("ALPHA", ("indeterminate", "observation")), ("BRAVO", OVERDUE),
])  # fmt: skip
def test_what_another_party_reports_is_no_report(party: str, expected: tuple[str, str]) -> None:
    assert judged(step("reported", 5, party=party), as_of=20)[0] == expected


def test_another_party_reports_nothing_of_a_dated_rule() -> None:
    opening = replace(DUTY.opening, detail={**DUTY.opening.detail, "rule": "R02"})
    report = step("reported", 1, party="BRAVO")
    record = replace(DUTY, steps=(opening, report))
    facts = replace(SAMPLE.facts, logbook=(record,))

    found = assessed(replace(SAMPLE, facts=facts)).row(by_predicate=pl.col("subject") == "rule-R02",
                                                       named=True)  # fmt: skip

    assert json.loads(found["trace"])[2]["value"] == {
        "bound": 2, "cancelled": 0, "reported": 0, "verified": 0, "verified_in_time": 0,
    }  # fmt: skip


@pytest.mark.parametrize("act", ["verified", "cancelled"])
@pytest.mark.parametrize(
    ("claimed", "logged", "late", "expected"),
    [(9, 10, False, NOT_YET), (9, 11, None, UNSURE), (11, 12, True, OVERDUE)],
)
def test_what_ends_a_duty_after_its_time_wipes_no_flag(
    act: str, claimed: float, logged: float, late: bool | None, expected: tuple[str, str]
) -> None:
    outcome, trace = judged(step(act, claimed, logged), as_of=20)

    assert outcome == expected
    assert trace[3 if act == "verified" else 2]["value"]["late"] is late


@pytest.mark.parametrize("act", ["verified", "cancelled"])
@pytest.mark.parametrize(("logged", "expected"), [(2, ("no_rule", "")), (4, NOT_YET), (20, UNSURE)])
def test_an_end_that_is_dated_back_behind_the_force_of_the_rule_takes_it_out_of_none(
    act: str, logged: float, expected: tuple[str, str]
) -> None:
    record = replace(DUTY, steps=(DUTY.opening, step(act, 1, logged)))
    agreement = replace(SAMPLE.agreement, effective=day(3))
    sample = replace(SAMPLE, version=replace(SAMPLE.version, agreement=agreement))
    facts = replace(SAMPLE.facts, logbook=(record,), as_of=day(30))

    found = assessed(replace(sample, facts=facts)).row(
        by_predicate=pl.col("subject") == DUTY.id, named=True
    )

    assert (found["outcome"], found["why"]) == expected


@pytest.mark.parametrize("act", ["verified", "cancelled"])
def test_an_end_that_the_log_had_late_is_in_time_where_the_clock_stood_still_until_then(
    act: str,
) -> None:
    assert judged(step("paused", 2), step(act, 15, 30), as_of=40)[0] == NOT_YET


@pytest.mark.parametrize(
    ("reported", "expected"), [(9, ("indeterminate", "observation")), (11, OVERDUE)]
)
def test_where_it_was_seen_done_late_a_report_in_time_leaves_open_since_when(
    reported: float, expected: tuple[str, str]
) -> None:
    assert judged(step("reported", reported), step("verified", 15), as_of=20)[0] == expected


def struck(*acts: Step, number: int, when: float, then: float) -> tuple[str, str]:
    """What is said of the duty at one instant when one of its acts was struck at another."""
    steps = [replace(each, entry=200 + n) for n, each in enumerate(acts)]
    gone = steps.pop(number)
    by = replace(step("voided", when), entry=300, detail={"entry": gone.entry})
    steps_now = (DUTY.opening, *steps)
    state = "paused" if steps and steps[-1].act == "paused" else "asked"
    record = replace(DUTY, steps=steps_now, state=state, voided=(gone, by))
    return of(record, then)


def of(record: Record, as_of: float) -> tuple[str, str]:
    facts = replace(SAMPLE.facts, logbook=(record,), as_of=day(as_of))
    found = assessed(replace(SAMPLE, facts=facts)).filter(pl.col("subject") == DUTY.id)
    return next(((each["outcome"], each["why"]) for each in found.to_dicts()), ("", ""))


def test_a_pause_that_was_struck_may_count_until_then() -> None:
    assert struck(step("paused", 3), number=0, when=30, then=31) == UNSURE
    assert struck(step("paused", 3), number=0, when=30, then=37.1) == OVERDUE
    assert struck(step("paused", 3), number=0, when=3.5, then=10.6) == OVERDUE


def test_a_resumption_that_was_struck_leaves_in_doubt_that_the_clock_stood_still() -> None:
    acts = (step("paused", 3), step("resumed", 4))

    assert struck(*acts, number=1, when=30, then=31) == UNSURE
    assert struck(*acts, number=1, when=4.5, then=40) == NOT_YET
    assert struck(*acts, step("resumed", 5), number=1, when=4.5, then=40) == OVERDUE


@pytest.mark.parametrize("act", ["verified", "cancelled"])
def test_an_end_that_was_struck_gives_the_time_back_at_most(act: str) -> None:
    assert struck(step(act, 3), number=0, when=30, then=31) == UNSURE
    assert struck(step(act, 3), number=0, when=30, then=37.1) == OVERDUE


def test_a_report_that_was_struck_after_the_time_was_over_leaves_it_open() -> None:
    report = step("reported", 5)

    assert struck(report, number=0, when=12, then=20) == ("indeterminate", "observation")
    assert struck(report, number=0, when=9, then=20) == OVERDUE
    assert struck(report, step("not_done", 11), number=0, when=12, then=20) == OVERDUE


@pytest.mark.parametrize(("when", "expected"), [(9, ("", "")), (12, UNSURE)])
def test_to_strike_a_duty_after_its_time_was_over_wipes_no_flag(
    when: float, expected: tuple[str, str]
) -> None:
    by = replace(step("voided", when), entry=300, detail={"entry": None})
    record = replace(DUTY, steps=(DUTY.opening, by), state="voided")

    assert of(record, 20) == expected


def test_nobody_releases_themselves_of_what_they_owe() -> None:
    own, others = (step("cancelled", 1, party=party) for party in ("ALPHA", "BRAVO"))

    assert judged(own, as_of=12)[0] == OVERDUE
    assert judged(others, as_of=12)[0] == ("consistent", "")


def test_a_duty_that_was_cancelled_excuses_none_that_a_party_has_beside_it() -> None:
    def default(*acts: Step) -> list[Owed]:
        records = [replace(DUTY, steps=(DUTY.opening, *((act,) if act.act != "asked" else ())))
                   for act in acts]  # fmt: skip
        rule = next(each for each in SAMPLE.agreement.rules if each.id == "R01")
        return [owed(record, day(20), rule, SAMPLE.agreement) for record in records]

    off, none = step("cancelled", 1), DUTY.opening

    assert in_default(default(off)) == (False, False, False)
    assert in_default(default(off, none)) == (True, True, True)
    assert in_default(default(none, off)) == (True, True, True)


def dated(**acts: tuple[Step, ...]) -> tuple[tuple[str, str], list[Any]]:
    """What is said of the dated rule when each party has a duty of these acts under it.

    The rule is as old as the duties, and gives ten days too.
    """
    records = []
    for number, (party, steps) in enumerate(sorted(acts.items())):
        detail = {**DUTY.opening.detail, "rule": "R02", "party": party}
        opening = replace(DUTY.opening, detail=detail, entry=400 + number)
        state = {"voided": "voided", "paused": "paused"}.get(steps[-1].act if steps else "", "x")
        records.append(replace(DUTY, steps=(opening, *steps), state=state, entry=400 + number))
    facts = replace(SAMPLE.facts, logbook=tuple(records), as_of=day(20))
    agreement = replace(SAMPLE.agreement, effective=DUTY.opening.at)
    sample = replace(SAMPLE, facts=facts, version=replace(SAMPLE.version, agreement=agreement))
    found = assessed(sample).row(by_predicate=pl.col("subject") == "rule-R02", named=True)
    return (found["outcome"], found["why"]), json.loads(found["trace"])


@pytest.mark.parametrize(
    ("alpha", "bravo", "expected"),
    [
        ((), (), OVERDUE),
        ((step("paused", 1),), (step("paused", 1),), NOT_YET),
        ((step("paused", 1),), (), OVERDUE),
        ((step("paused", 1, 15),), (step("paused", 1),), UNSURE),
        ((step("cancelled", 1),), (step("cancelled", 1),), NOT_YET),
        ((step("cancelled", 1),), (step("cancelled", 11),), OVERDUE),
        ((step("cancelled", 1),), (step("cancelled", 1, 11),), UNSURE),
        ((step("verified", 1),), (step("cancelled", 1),), NOT_YET),
        ((step("verified", 1),), (step("verified", 11),), OVERDUE),
        ((step("verified", 1),), (step("paused", 1),), NOT_YET),
        ((step("verified", 1),), (step("reported", 1),), ("indeterminate", "observation")),
        ((step("paused", 1),), (step("reported", 1),), ("indeterminate", "observation")),
    ],
)
def test_a_dated_rule_goes_by_the_clock_of_each_duty(
    alpha: tuple[Step, ...], bravo: tuple[Step, ...], expected: tuple[str, str]
) -> None:
    assert dated(ALPHA=alpha, BRAVO=bravo)[0] == expected
    assert dated(ALPHA=bravo, BRAVO=alpha)[0] == expected


@pytest.mark.parametrize("act", ["verified", "paused"])
@pytest.mark.parametrize(("when", "expected"), [(9, OVERDUE), (12, UNSURE)])
def test_a_duty_of_a_dated_rule_that_was_struck_after_its_date_leaves_it_open(
    act: str, when: float, expected: tuple[str, str]
) -> None:
    by = replace(step("voided", when), entry=500, detail={"entry": None})

    outcome, trace = dated(ALPHA=(step(act, 2), by), BRAVO=(step("verified", 2),))

    assert outcome == expected
    assert trace[2]["value"]["verified"] == 1


def test_a_dated_rule_counts_what_the_mission_cancelled() -> None:
    off = replace(step("cancelled", 1), detail={"party": None})

    assert dated(ALPHA=(off,))[1][2]["value"]["cancelled"] == 1


def test_of_a_dated_rule_the_trace_tells_from_when_to_when_it_is_due() -> None:
    trace = dated(ALPHA=(step("paused", 1), step("resumed", 3)))[1]

    assert trace[3]["value"] == {
        "due": instant_text(day(10)),
        "due_may_be": instant_text(day(12)),
        "says": "overdue",
    }


def told(hours: float, *steps: Step) -> tuple[str, str]:
    """What is said of a notice given so many hours ahead, of something that begins on day 5."""
    notice = next(r for r in SAMPLE.facts.records("notification") if r.entry == 120)
    given = day(5) - timedelta(hours=hours)
    detail = {**notice.opening.detail, "start": instant_text(day(5)), "end": instant_text(day(6))}
    opening = replace(notice.opening, at=given, logged_at=given, detail=detail)
    stands = tuple(each for each in steps if each.entry != 350)
    gone = tuple(each for each in steps if each.entry == 350)
    whole = bool(steps) and steps[-1].detail.get("entry", 0) is None
    voiding = () if whole else tuple(each for each in stands if each.act == "voided")
    record = replace(
        notice,
        steps=(opening, *(each for each in stands if each not in voiding)),
        voided=(*gone, *voiding),
        state="voided" if whole else "withdrawn",
    )
    facts = replace(SAMPLE.facts, logbook=(record,), as_of=day(30))
    found = assessed(replace(SAMPLE, facts=facts)).filter(pl.col("subject") == notice.id)
    return next(((each["outcome"], each["why"]) for each in found.to_dicts()), ("", ""))


@pytest.mark.parametrize(
    ("claimed", "logged", "expected"), [(4.9, 4.9, NOT_YET), (4.9, 5.1, UNSURE), (9, 9, OVERDUE)]
)
def test_a_notice_that_is_withdrawn_after_its_activity_began_is_judged_as_if_it_stood(
    claimed: float, logged: float, expected: tuple[str, str]
) -> None:
    assert told(12, replace(step("withdrawn", claimed, logged), entry=349)) == expected
    assert told(60, replace(step("withdrawn", claimed, logged), entry=349)) in {NOT_YET, UNSURE}


@pytest.mark.parametrize(("when", "expected"), [(4.95, OVERDUE), (9, UNSURE)])
def test_a_withdrawal_that_was_struck_is_in_doubt_unless_that_was_before(
    when: float, expected: tuple[str, str]
) -> None:
    withdrawn = replace(step("withdrawn", 4.9), entry=350)
    by = replace(step("voided", when), entry=351, detail={"entry": 350})

    assert told(12, withdrawn, by) == expected


@pytest.mark.parametrize(
    ("hours", "when", "expected"),
    [(12, 4.9, ("", "")), (12, 9, UNSURE), (60, 9, NOT_YET)],
)
def test_to_strike_a_notice_after_its_activity_began_wipes_no_flag(
    hours: float, when: float, expected: tuple[str, str]
) -> None:
    by = replace(step("voided", when), entry=351, detail={"entry": None})

    assert told(hours, by) == expected


DAYS = st.integers(0, 30)
CLOCKS = st.lists(
    st.tuples(st.sampled_from(["paused", "resumed", "not_done"]), DAYS, DAYS), max_size=8
)


@given(CLOCKS, DAYS)
@settings(max_examples=150, deadline=None)
def test_of_both_pauses_the_one_is_the_days_that_surely_and_the_other_that_may_count(
    drawn: list[tuple[str, int, int]], until: int
) -> None:
    """Against a count of whole days, one by one."""
    drawn.sort(key=lambda each: max(each[1:]))  # the order of the log
    steps = [step(act, min(t), max(t)) for act, *t in drawn]

    found = pauses(replace(DUTY, steps=(DUTY.opening, *steps)), since=day(0), until=day(until))

    sure: set[int] = set()
    may_be: set[int] = set()
    for number, (act, *t) in enumerate(drawn):
        if act == "paused":
            later = drawn[number + 1 :]
            ends = [each for each in later if each[0] == "resumed"][:1]
            last = later.index(ends[0]) if ends else len(later)
            seen = [each for each in later[: last + 1] if each[0] != "paused"]
            stops = [min(each[1:]) for each in seen]
            sure |= set(range(max(t), min([until, *stops])))
            may_be |= set(range(min(t), min([until, *(max(each[1:]) for each in ends)])))
    assert (found.least.days, found.most.days) == (len(sure), len(may_be))
    assert found.least <= found.most


@given(CLOCKS, DAYS, DAYS, st.integers(11, 40))
@settings(max_examples=60, deadline=None)
def test_a_pause_that_is_entered_never_makes_a_duty_overdue(
    drawn: list[tuple[str, int, int]], claimed: int, logged: int, as_of: int
) -> None:
    drawn.sort(key=lambda each: max(each[1:]))
    steps = [step(act, min(t), max(t)) for act, *t in drawn if act != "not_done"]
    more = step("paused", min(claimed, logged), max(claimed, logged))

    before, after = judged(*steps, as_of=as_of)[0], judged(*steps, more, as_of=as_of)[0]

    rank = [NOT_YET, UNSURE, OVERDUE]
    assert rank.index(after) <= rank.index(before)


def test_a_dated_rule_gets_a_row_and_counts_without_naming() -> None:
    assert said("rule-R02", "R02") == ("potential_breach", "")
    assert value("rule-R02", 5, "R02") == {
        "bound": 2, "cancelled": 0, "reported": 0, "verified": 1, "verified_in_time": 1,
    }  # fmt: skip
    assert said("rule-R04", "R04") == ("indeterminate", "definition")
    assert said("rule-R05", "R05") == ("consistent", "")


def test_notices_of_other_activities_and_withdrawn_ones_are_no_breach() -> None:
    assert said("notification-123", "R03") == ("consistent", "")
    assert "notification-125" not in {each["subject"] for each in FOUND}
