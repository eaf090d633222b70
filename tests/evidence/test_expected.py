"""Expected against received: a slot that was left out in silence is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.evidence import schedule
from trucewatch.evidence.chain import Sent
from trucewatch.evidence.entry import Entry
from trucewatch.evidence.expected import (
    Expected,
    Slot,
    arrivals,
    files_of,
    judge,
    unsigned_files,
)
from trucewatch.evidence.schedule import SettingsInForce, intakes, promised
from trucewatch.records.absence import Absence
from trucewatch.records.batch_claim import BatchClaim
from trucewatch.records.level import Level

DAY0 = datetime(2026, 6, 1, tzinfo=UTC)
DAILY = """
[intake.firms]
every_h = 24
start = "2026-06-01T00:00:00.000000Z"
"""


_SAID = 9  # entry of an explanation, after everything else


def at(days: float) -> datetime:
    return DAY0 + timedelta(days=days)


def in_force(text: str = DAILY, *, entry: int = 0, days: float = -1) -> SettingsInForce:
    return SettingsInForce(entry=entry, since=at(days), object=f"{entry:064x}", raw=text.encode())


def came(days: float, kind: str = "received/firms/v1") -> Entry:
    return Entry(
        type=kind,
        object=f"{int(days * 1e6) & 0xFFFFFFFFFF:064x}",
        size=1,
        level=Level.CLEAR,
        logged_at=at(days),
    )


def until(days: float) -> Entry:
    return came(days, "report/daily/v1")


def judged(
    days: list[float], *, end: float, text: str = DAILY, said: tuple[Absence, ...] = ()
) -> list[Expected]:
    entries = [until(-1), *map(came, days), until(end)]
    entries += [until(end)] * max(0, _SAID + 1 - len(entries))  # where explanations are
    return list(judge(entries, [in_force(text)], said).slots)


def states(slots: list[Expected]) -> list[str]:
    return [str(slot.state) for slot in slots]


def absence(start: float, end: float, entry: int = _SAID) -> Absence:
    return Absence(
        sensor="firms",
        slot_start=at(start),
        slot_end=at(end),
        reason="mast struck by lightning",
        by="A. Analyst",
        entry=entry,
    )


def test_a_file_in_each_slot_is_all_received() -> None:
    slots = judged([0.5, 1.5, 2.5], end=3.1)

    assert states(slots) == ["received"] * 3
    assert [slot.entries for slot in slots] == [(1,), (2,), (3,)]
    assert (slots[1].start, slots[1].end, slots[1].declared) == (at(1), at(2), 0)


def test_a_slot_that_was_skipped_is_named() -> None:
    slots = judged([0.5, 2.5, 3.5], end=4.1)

    assert states(slots) == ["received", "missing", "received", "received"]
    assert slots[1].start == at(1)


def test_files_early_in_their_slots_never_hide_one_that_was_skipped() -> None:
    # Each within the grace of the slot before: a count that let them fill it would shift the hole
    # along for ever.
    slots = judged([0.01, 1.01, 3.01, 4.01], end=5.1)

    assert states(slots) == ["received", "received", "missing", "received", "received"]


def test_many_files_in_each_slot_never_hide_one_that_was_skipped() -> None:
    days = [day + part for day in (0, 1, 3, 4) for part in (0.2, 0.4, 0.6)]

    assert states(judged(days, end=5.1)) == ["received"] * 2 + ["missing"] + ["received"] * 2


def test_a_file_within_the_grace_is_in_time_and_after_it_late() -> None:
    grace = 1 / 24

    in_time = judged([0.5, 2.01, 2.5], end=3.1)
    just = judged([0.5, 2 + grace, 2.5], end=3.1)
    late = judged([0.5, 2 + grace + 1e-6, 2.5], end=3.1)

    assert states(in_time) == states(just) == ["received"] * 3
    assert in_time[1].entries == (2,)
    assert states(late) == ["received", "late", "received"]
    assert late[1].entries == (2,)


def test_a_backlog_that_comes_at_once_is_late_for_each_of_its_slots() -> None:
    slots = judged([0.5, 4.1, 4.2, 4.3, 4.4], end=5.1)

    assert states(slots) == ["received", "late", "late", "late", "received"]
    assert [slot.entries for slot in slots[1:]] == [(2,), (3,), (4,), (5,)]


def test_a_slot_is_judged_once_its_grace_is_over_and_not_before() -> None:
    grace = 1 / 24

    assert states(judged([0.5], end=2 + grace)) == ["received"]
    assert states(judged([0.5], end=2 + grace + 1e-6)) == ["received", "missing"]
    assert judge([], [in_force()], ()).slots == ()


def test_an_explanation_turns_what_is_missing_into_explained() -> None:
    slots = judged([0.5, 4.5], end=5.1, said=(absence(1, 3),))

    assert states(slots) == ["received", "explained", "explained", "missing", "received"]
    assert (slots[1].explained_by, slots[1].by) == (9, "A. Analyst")
    assert slots[1].reason == "mast struck by lightning"
    assert (slots[0].explained_by, slots[0].reason) == (None, "")


@pytest.mark.parametrize(
    ("said_at", "state", "explained_by", "early"),
    [(1.9, "missing", None, 2), (2, "explained", 2, None), (2.5, "explained", 2, None)],
)
def test_an_explanation_that_was_said_before_the_slot_ended_explains_nothing(
    said_at: float, state: str, explained_by: int | None, early: int | None
) -> None:
    entries = [until(-1), came(0.5), until(said_at), came(3.5), until(4.1)]

    slots = judge(entries, [in_force()], [absence(1, 3, entry=2)]).slots

    assert [str(slot.state) for slot in slots] == ["received", state, "missing", "received"]
    assert (slots[1].explained_by, slots[1].said_early) == (explained_by, early)
    assert (slots[2].explained_by, slots[2].said_early) == (None, 2)
    assert [slots[0].said_early, slots[3].said_early] == [None, None]


@pytest.mark.parametrize("span", [(1.5, 2), (1, 1.9), (0, 1), (2, 3)])
def test_an_explanation_of_another_time_explains_nothing(span: tuple[float, float]) -> None:
    assert states(judged([0.5, 2.5], end=3.1, said=(absence(*span),)))[1] == "missing"


def test_an_explanation_of_another_sensor_explains_nothing() -> None:
    other = replace(absence(1, 2), sensor="news")

    assert states(judged([0.5, 2.5], end=3.1, said=(other,)))[1] == "missing"


def test_the_newest_explanation_is_told_and_stays_beside_a_late_file() -> None:
    said = (absence(1, 2, entry=7), absence(1, 2, entry=9))

    slots = judged([0.5, 2.5, 2.6], end=3.1, said=said)

    assert (slots[1].state, slots[1].explained_by) == (Slot.LATE, 9)


def test_only_files_of_the_sensor_count_and_unreadable_ones_do() -> None:
    entries = [came(0.5, "received/news/v1"), came(1.5, "received/firms/misnamed/v1"), until(2.1)]

    slots = list(judge(entries, [in_force()], ()).slots)

    assert states(slots) == ["missing", "received"]
    assert files_of(entries, "firms") == [1]
    assert files_of(entries, "firm") == []


def signed_file(entry: int, sequence: int, days: float, content: str = "ab" * 32) -> Sent:
    claim = BatchClaim(
        device="cam-1",
        sensor="firms",
        sequence=sequence,
        previous=None,
        made_at=at(days),
        seen=None,
        entry=entry,
    )
    return Sent(
        claim=claim, envelope=f"{entry:064x}", content=content, keyid="ef" * 32, logged_at=at(days)
    )


def test_the_same_bytes_under_a_further_number_count_and_a_replay_does_not() -> None:
    entries = [came(0.5), until(0.5), until(1.5), until(2.5), until(3.1)]
    sent = [signed_file(1, 1, 0.5), signed_file(2, 2, 1.5), signed_file(3, 2, 2.5)]

    slots = list(judge(entries, [in_force()], (), sent).slots)

    assert states(slots) == ["received", "received", "missing"]
    assert slots[1].entries == (2,)
    assert arrivals(entries, "news", sent) == []


def test_slots_are_promised_from_the_entry_that_declares_them() -> None:
    entries = [until(2.5), came(3.5), until(5.1)]

    slots = judge(entries, [in_force(days=2.5)], ()).slots

    assert [slot.start for slot in slots] == [at(3), at(4)]


def test_a_slot_that_began_stays_promised_when_its_schedule_is_withdrawn() -> None:
    entries = [until(-1), came(0.5), until(1.5), until(9)]

    slots = judge(entries, [in_force(), in_force("", entry=2, days=1.5)], ()).slots

    assert [(slot.start, str(slot.state)) for slot in slots] == [
        (at(0), "received"),
        (at(1), "missing"),
    ]


def test_settings_that_change_nothing_of_a_schedule_do_not_restart_it() -> None:
    settings_ = [in_force(f"{DAILY}# {n}", entry=n, days=n * 0.3 - 1) for n in range(12)]

    slots = judge([until(-1), until(3.1)], settings_, ()).slots

    assert [slot.start for slot in slots] == [at(0), at(1), at(2)]
    assert [each.entry for each in intakes(settings_)] == [0]


def test_a_schedule_that_changes_holds_from_then_on() -> None:
    hourly = DAILY.replace("24", "12")
    entries = [until(-1), until(1.2), until(3)]

    found = judge(entries, [in_force(), in_force(hourly, entry=1, days=1.2)], ())

    assert [(slot.start, slot.end, slot.declared) for slot in found.slots] == [
        (at(0), at(1), 0),
        (at(1), at(2), 0),
        (at(1.5), at(2), 1),
        (at(2), at(2.5), 1),
    ]
    assert found.until == at(3)


def test_no_more_slots_are_judged_than_can_be_and_the_others_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schedule, "SLOTS_MAX", 3)

    found = judge([until(-1), until(10)], [in_force()], ())

    assert [slot.start for slot in found.slots] == [at(8)]
    assert found.not_judged == {"firms": 8}  # the slots of days 9 and 10 have not ended
    assert found.missing == found.slots


def test_files_must_be_signed_from_the_entry_that_says_so() -> None:
    signed = "[intake.firms]\nsigned = true\n"
    entries = [until(-1), came(0.1), until(0.2), came(0.3), came(0.4), until(0.5), came(0.6)]
    settings_ = [
        in_force(""),
        in_force(signed, entry=2, days=0.2),
        in_force("", entry=5, days=0.5),
    ]

    found = unsigned_files(entries, settings_, {entries[3].object})

    assert found == [4]


BROKEN = [
    ("[intake", r"not TOML \(.*\), expected the sealed settings"),
    ("intake = 3", r"\[intake\] is 3, expected a table of tables"),
    ("[intake.firms]\nevery_h = 24", r"\[intake.firms\] has every_h 24, start ''"),
    ('[intake.firms]\nevery_h = "24"', "has every_h '24'"),
    ("[intake.firms]\nevery_h = -1\nstart = 'x'", "has every_h -1"),
    ("[intake.firms]\nevery_h = true\nstart = 'x'", "has every_h True"),
    ("[intake.firms]\ngrace_h = inf", "grace_h inf, expected hours from 0"),
    ("[intake.firms]\ngrace_h = nan", "grace_h nan, expected hours from 0"),
    ("[intake.firms]\nstart = 3", "start 3, grace_h 1, expected"),
    (DAILY.replace("24", "0.001"), "every_h is 0.001, must be a minute or more"),
    (DAILY.replace("2026-06-01", "2026-06-31"), "time is '2026-06-31T"),
]


@pytest.mark.parametrize(("text", "problem"), BROKEN)
def test_refuses_settings_that_no_schedule_can_be_read_from(text: str, problem: str) -> None:
    with pytest.raises(BadInput, match=f"mission.toml of entry 3.*{problem}"):
        intakes([in_force(text, entry=3)])


def test_refuses_a_schedule_that_leaves_the_calendar() -> None:
    last = datetime(9999, 12, 31, 23, tzinfo=UTC)

    with pytest.raises(BadInput, match="a slot ends after the year 9999"):
        promised(intakes([in_force()]), last)


def slow(days: list[float], slots: list[Expected]) -> list[str]:
    """Walk the slots as the module's docstring says it, with lists and nothing clever."""
    filled: dict[int, list[float]] = {n: [] for n in range(len(slots))}
    usual = 1
    for n, slot in enumerate(slots):
        own = sorted(d for d in days if slot.start <= at(d) < slot.end)
        while len(own) > usual and [k for k in range(n) if not filled[k]]:
            first = min(k for k in range(n) if not filled[k])
            filled[first].append(own.pop(0))
            if len(own) == usual:
                break
        filled[n] = own
        usual = max(usual, len(own))
    found = []
    for n, slot in enumerate(slots):
        if not filled[n]:
            found.append("missing")
        else:
            in_time = at(filled[n][0]) <= slot.end + timedelta(hours=1)
            found.append("received" if in_time else "late")
    return found


@settings(deadline=None)
@given(st.lists(st.integers(0, 24 * 12 - 1), max_size=30))
def test_agrees_with_its_slow_twin(hours: list[int]) -> None:
    days = sorted(hour / 24 for hour in hours)

    slots = judged(days, end=12.1)

    assert states(slots) == slow(days, slots)


@settings(deadline=None)
@given(st.sets(st.integers(1, 18)), st.integers(1, 4), st.integers(0, 23))
def test_no_skipped_slot_is_hidden_by_a_feed_of_any_rhythm(
    skipped: set[int], each: int, hour: int
) -> None:
    days = [d + hour / 24 + k / 1000 for d in range(20) if d not in skipped for k in range(each)]

    slots = judged(days, end=20.1)

    assert {n for n, slot in enumerate(slots) if slot.state is Slot.MISSING} == skipped
