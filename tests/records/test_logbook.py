"""The logbook's statements: their one form, and which act may follow which."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.kinds import SEEN
from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.records.canonical import canonical
from trucewatch.records.form import check_form
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.machine import VOIDED
from trucewatch.records.logbook.reading import (
    ITEMS_MAX,
    TEXT_MAX,
    Entered,
    advance,
    assemble,
    every,
    read_step,
)
from trucewatch.records.logbook.sighting import MATTERS
from trucewatch.records.logbook.standing import last_change, place, row, span, summary

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json

GOLDEN = Path(__file__).parent / "samples" / "logbook.jsonl"
LINES = GOLDEN.read_bytes().splitlines()
ROWS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
LOGGED = datetime(2026, 7, 10, 18, tzinfo=UTC)


OF_NO_KIND: list[Json] = [True, -1, "", " ", "two\nlines", [1], {"": 1}]


def read(line: dict[str, Any], **changed: Json) -> Entered:
    predicate = {**line["predicate"], **changed}
    return read_step(line["kind"], predicate, entry=line["entry"], logged_at=LOGGED)


def line_of(kind: str, act: str) -> dict[str, Any]:
    return next(r for r in ROWS if r["kind"] == kind and r["predicate"]["act"] == act)


def with_detail(kind: str, act: str, **changed: Json) -> Entered:
    line = line_of(kind, act)
    return read(line, detail={**line["predicate"]["detail"], **changed})


def test_the_examples_hold_every_act_of_every_kind() -> None:
    found = {(r["kind"], r["predicate"]["act"]) for r in ROWS}

    expected = {(kind, act) for kind, m in MACHINES.items() for act in m.acts}
    assert found - {("notification", VOIDED)} == expected
    assert [canonical(r) for r in ROWS] == LINES


def test_every_example_is_read_and_leads_to_the_state_that_it_names() -> None:
    records: dict[int, Any] = {}
    for line in ROWS:
        entered = read(line)
        record = advance(records, entered)

        assert record.state == line["state"]
        assert entered.step.detail == line["predicate"]["detail"]
        records[record.entry] = record


@pytest.mark.parametrize("member", ["act", "at", "by", "note", "of"])
@pytest.mark.parametrize("line", ROWS, ids=lambda r: f"{r['entry']}")
def test_a_member_too_few_is_refused(line: dict[str, Any], member: str) -> None:
    predicate = {name: value for name, value in line["predicate"].items() if name != member}

    with pytest.raises(BadInput, match=rf"entry {line['entry']}: says .*, expected act, at, by"):
        read_step(line["kind"], predicate, entry=line["entry"], logged_at=LOGGED)


@pytest.mark.parametrize("line", ROWS, ids=lambda r: f"{r['entry']}")
def test_a_detail_too_many_or_too_few_is_refused(line: dict[str, Any]) -> None:
    detail = line["predicate"]["detail"]

    with pytest.raises(BadInput, match=r"detail: says .*more.*, expected"):
        read(line, detail={**detail, "more": 1})
    for name in detail:
        with pytest.raises(BadInput, match=r"detail: says .*, expected"):
            read(line, detail={k: v for k, v in detail.items() if k != name})


@given(data=st.data())
def test_a_detail_of_another_kind_is_refused(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from([r for r in ROWS if r["predicate"]["detail"]]))
    name = data.draw(st.sampled_from(sorted(line["predicate"]["detail"])))
    wrong = data.draw(st.sampled_from(OF_NO_KIND))
    kind = MACHINES[line["kind"]].acts[line["predicate"]["act"]].form[name]
    if kind == "flag" and wrong is True:
        return

    with pytest.raises(BadInput, match=f"{name} is "):
        read(line, detail={**line["predicate"]["detail"], name: wrong})


@pytest.mark.parametrize(
    ("kind", "act", "changed", "match"),
    [
        ("sighting", "flown_over", {}, "act is flown_over, expected one of seen, seen_again, gone"),
        ("gossip", "heard", {}, "kind is gossip, expected one of notification, window"),
        ("sighting", "seen", {"of": 3}, "of is 3 for seen, expected null where a record is opened"),
        ("sighting", "gone", {"of": None}, "of is null for gone"),
        ("sighting", "gone", {"of": 90}, "of is 90, must be an entry before"),
        ("sighting", "seen", {"at": "2026-07-10T18:00:00.000001Z"}, "which was the future"),
        ("sighting", "seen", {"note": "a" * (TEXT_MAX + 1)}, "text has 2001 characters"),
        ("sighting", "seen", {"by": "a" * (TEXT_MAX + 1)}, "text has 2001 characters"),
        ("sighting", "seen", {"note": ""}, "note is '', expected text on one line"),
        ("sighting", "seen", {"detail": []}, r"detail is '\[\]', expected a table"),
        ("notification", "voided", {"note": None}, "expected why the record is voided"),
    ],
)
def test_an_act_that_cannot_be_is_refused(
    kind: str, act: str, changed: dict[str, Json], match: str
) -> None:
    known = any(r["kind"] == kind and r["predicate"]["act"] == act for r in ROWS)
    line = copy.deepcopy(line_of(kind, act) if known else line_of("sighting", "seen"))
    predicate = {**line["predicate"], "act": act, **changed}

    with pytest.raises(BadInput, match=match):
        read_step(kind, predicate, entry=50, logged_at=LOGGED)


@pytest.mark.parametrize(
    ("kind", "act", "changed", "match"),
    [
        (
            "window",
            "requested",
            {"end": "2026-07-10T08:00:00.000000Z"},
            "end is 2026-07-10T08.*, must be after start",
        ),
        ("sighting", "seen", {"number_max": 1}, "number_max is 1, must be at least number_min 2"),
        ("sighting", "seen", {"weapons": {"A": 0.9, "B": 0.2}}, "together at most 1"),
        (
            "visit",
            "visited",
            {"serials": [f"{i:04}" for i in range(ITEMS_MAX + 1)]},
            "list has 1001 items",
        ),
        ("window", "requested", {"guarantees_from": ["B", "A"]}, "in order, none twice"),
        ("window", "requested", {"guarantees_from": ["not a word"]}, "a list of words"),
    ],
)
def test_a_detail_that_cannot_be_is_refused(
    kind: str, act: str, changed: dict[str, Json], match: str
) -> None:
    with pytest.raises(BadInput, match=match):
        with_detail(kind, act, **changed)


def entered(*lines: tuple[str, str, int | None, str]) -> list[Entered]:
    """Return acts of examples: kind, act, entry of the opening act, time of day."""
    found = []
    for number, (kind, act, of, time) in enumerate(lines):
        predicate = {
            **line_of(kind, act)["predicate"],
            "of": of,
            "at": f"2026-07-10T{time}:00.000000Z",
        }
        found.append(read_step(kind, predicate, entry=number, logged_at=LOGGED))
    return found


def test_a_window_is_guaranteed_once_each_side_asked_has_guaranteed_it() -> None:
    acts = entered(("window", "requested", None, "03:00"), ("window", "guaranteed", 0, "04:00"))
    bravo: Json = {"guarantor": "chief of staff", "party": "BRAVO"}
    predicate = {**line_of("window", "guaranteed")["predicate"], "of": 0, "detail": bravo}
    second = read_step("window", predicate, entry=2, logged_at=LOGGED)

    [one] = assemble(acts)
    [both] = assemble([*acts, second])

    assert (one.state, both.state) == ("requested", "guaranteed")


def test_what_is_said_later_leaves_a_lifted_restriction_lifted() -> None:
    kind = "restriction"
    acts = entered(
        (kind, "encountered", None, "10:55"),
        (kind, "lifted", 0, "11:38"),
        (kind, "raised", 0, "11:10"),
        (kind, "explained", 0, "12:00"),
    )

    [record] = assemble(acts)

    assert record.state == "lifted"
    assert last_change(record).act == "lifted"
    start, end = span(record)
    assert end is not None
    assert (end - start).total_seconds() == 43 * 60


@pytest.mark.parametrize(
    ("second", "match"),
    [
        (("sighting", "gone", 7, "12:00"), "of is 7, must be an entry before"),
        (("window", "started", 0, "12:00"), "of is 0, where no window was opened"),
        (("sighting", "gone", 0, "08:00"), "must not be before seen at 2026-07-10T09"),
    ],
)
def test_an_act_of_no_record_is_refused(
    second: tuple[str, str, int | None, str], match: str
) -> None:
    with pytest.raises((BadInput, EvidenceBroken), match=match):
        assemble(entered(("sighting", "seen", None, "09:00"), second))


def test_an_act_that_does_not_follow_breaks_the_log_and_names_what_would() -> None:
    acts = entered(
        ("sighting", "seen", None, "09:00"),
        ("sighting", "gone", 0, "12:00"),
        ("sighting", "gone", 0, "13:00"),
    )

    expected = "sighting-0 is gone and cannot be gone, expected one of seen_again, voided"
    with pytest.raises(EvidenceBroken, match=f"entry 2: {expected}"):
        assemble(acts)


def test_a_visit_follows_another_visit_and_nothing_else() -> None:
    line = line_of("visit", "planned")
    other = {**line["predicate"], "detail": {**line["predicate"]["detail"], "follows": 1}}
    acts = [
        read_step("visit", line["predicate"], entry=0, logged_at=LOGGED),
        *entered(("sighting", "seen", None, "09:00"), ("sighting", "seen", None, "09:00"))[1:],
        read_step("visit", other, entry=2, logged_at=LOGGED),
    ]

    with pytest.raises(EvidenceBroken, match="follows is 1, where no visit was opened"):
        assemble(acts)


def test_a_later_sighting_is_not_dated_before_the_thing_was_gone() -> None:
    acts = entered(
        ("sighting", "seen", None, "09:00"),
        ("sighting", "gone", 0, "12:00"),
        ("sighting", "seen_again", 0, "11:00"),
    )

    with pytest.raises(EvidenceBroken, match=r"seen_again at .*11:00.* must not be before gone"):
        assemble(acts)


@pytest.mark.parametrize("kind", sorted(MACHINES))
def test_any_record_can_be_voided_once_and_then_nothing_more(kind: str) -> None:
    opening = next(r for r in ROWS if r["kind"] == kind)
    voiding = {
        "act": VOIDED,
        "at": "2026-07-10T17:00:00.000000Z",
        "by": "L.",
        "detail": {},
        "note": "typed twice",
        "of": opening["entry"],
    }
    voided = read_step(kind, voiding, entry=90, logged_at=LOGGED)

    assert assemble([read(opening), voided]) == ()
    [record] = every([read(opening), voided]).values()
    assert record.state == VOIDED
    again = read_step(kind, voiding, entry=91, logged_at=LOGGED)
    with pytest.raises(EvidenceBroken, match="is voided and cannot be voided, expected one of not"):
        assemble([read(opening), voided, again])


def test_every_state_of_the_tables_can_be_reached_and_every_word_is_known() -> None:
    for machine in MACHINES.values():
        states = {act.state for act in machine.acts.values()}
        named = {s for act in machine.acts.values() for s in (*act.before, *act.keeps)}

        assert named | set(machine.over) <= states
        assert machine.acts[machine.opening].before == ()
        assert all(act.before for name, act in machine.acts.items() if name != machine.opening)
        assert {after for act in machine.acts.values() for after in act.after} <= set(machine.acts)


def test_what_may_be_seen_is_what_rules_speak_of() -> None:
    assert set(MATTERS) == set(SEEN)


def test_a_record_is_one_row_with_its_place_and_its_line() -> None:
    acts = [read(r) for r in ROWS if r["kind"] == "sighting"]

    [record] = assemble(acts)
    told = row(record)

    assert told["id"] == f"sighting-{acts[0].step.entry}"
    assert told["summary"] == "weapon seen by UAV 2, at least 2 Mortar by the mill"
    assert told["time_end"] == acts[2].step.at
    assert (told["lat_deg"], told["error_m"]) == (48.75, 50.0)
    assert place(record) == acts[0].step.detail["place"]
    steps = told["steps"]
    assert isinstance(steps, list)
    assert [step["act"] for step in steps] == ["seen", "seen_again", "gone"]


@pytest.mark.parametrize("kind", sorted(MACHINES))
def test_every_kind_says_in_one_line_what_it_is(kind: str) -> None:
    [first, *_] = assemble([read(r) for r in ROWS if r["kind"] == kind])

    said = summary(first)

    assert said.isprintable()
    assert "{" not in said
    assert len(said) > 10


GOOD: dict[str, list[Json]] = {
    "word": ["A", "R-12_b"],
    "ids": [[], ["A", "B"]],
    "number": [0, 0.5, 1500],
    "place": [{"error_m": 0.1, "lat_deg": -90, "lon_deg": 180}],
    "ring": [[[0, 0], [1, 0], [0, 1]], [[0, 0], [0, 1], [1, 1], [1, 0]]],
    "counts": [{}, {"A": 0, "B": 7}],
    "shares": [{}, {"A": 0.1, "B": 0.9}, {"A": 1}],
}
WRONG: dict[str, list[Json]] = {
    "word": ["", "1A", "a b", "é", "a" * 65, 7],
    "ids": [["B", "A"], ["A", "A"], ["a b"], "A", {}],
    "number": [-1, True, "1", float("nan"), float("inf"), 2**53],
    "place": [
        {"error_m": 0, "lat_deg": 1, "lon_deg": 1},
        {"error_m": 1, "lat_deg": 90.1, "lon_deg": 1},
        {"error_m": 1, "lat_deg": 1, "lon_deg": 181},
        {"error_m": 1, "lat_deg": 1},
        {"error_m": 1, "lat_deg": 1, "lon_deg": True},
        [1, 1, 1],
    ],
    "ring": [
        [],
        [[0, 0], [1, 0]],
        [[0, 0], [1, 1], [2, 2]],
        [[0, 0], [1, 0], [0, 1], [0, 0]],
        [[0, 0], [1, 1], [1, 0], [0, 1]],
        [[0, 0], [2, 0], [2, 2], [1, 0], [0, 2]],
        [[0, 0], [1, 0], [0, 91]],
        [[0, 0, 0], [1, 0], [0, 1]],
        [[i, i * i / 1000] for i in range(501)],
    ],
    "counts": [{"A": -1}, {"A": 1.5}, {"a b": 1}, []],
    "shares": [{"A": 1.1}, {"A": 0.6, "B": 0.6}, {"A": -0.1}, {"A": True}, []],
}


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_the_kinds_of_the_logbook_take_what_they_are_for_and_nothing_else(kind: str) -> None:
    for value in GOOD[kind]:
        check_form({"member": value}, {"member": kind}, where="entry 7")
    for value in WRONG[kind]:
        with pytest.raises(BadInput, match=r"entry 7: member is .*, expected "):
            check_form({"member": value}, {"member": kind}, where="entry 7")
