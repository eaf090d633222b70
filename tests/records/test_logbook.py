"""The logbook's statements: their one form, and which act may follow which."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.kinds import SEEN
from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.records.canonical import canonical
from trucewatch.records.form import check_form, is_text
from trucewatch.records.logbook.checks import ITEMS_MAX, TEXT_MAX
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.machine import VOIDED
from trucewatch.records.logbook.reading import (
    Entered,
    advance,
    assemble,
    detail_form,
    every,
    read_step,
)
from trucewatch.records.logbook.sighting import MATTERS
from trucewatch.records.logbook.standing import last_change, place, row, span, summary
from trucewatch.records.logbook.typed import typed

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record

FORMATS = Path(__file__).parents[2] / "docs" / "reference" / "formats.md"
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
    assert found - {("notification", VOIDED), ("sighting", VOIDED)} == expected
    assert [canonical(r) for r in ROWS] == LINES


def test_every_example_is_read_and_leads_to_the_state_that_it_names() -> None:
    records: dict[int, Any] = {}
    for line in ROWS:
        entered = read(line)
        record = advance(records, entered)

        assert record.state == line["state"]
        assert entered.step.detail == line["predicate"]["detail"]
        records[record.entry] = record


def test_the_reference_lists_every_act_and_its_detail() -> None:
    rows = FORMATS.read_text().splitlines()
    missing = []
    for kind, machine in MACHINES.items():
        for name, act in machine.acts.items():
            detail = ", ".join(f"`{member}` ({act.form[member]})" for member in sorted(act.form))
            row = f"| `{kind}` | `{name}` | {detail or 'none'} |"
            missing += [] if row in rows else [row]

    assert missing == []
    assert [kind for kind in MACHINES if f"`{kind}/v1`" not in FORMATS.read_text()] == []


@pytest.mark.parametrize("member", ["act", "at", "by", "note", "objects", "of"])
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
    kind = detail_form(line["kind"], line["predicate"]["act"], where="test")[name]
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
        ("notification", "voided", {"note": None}, "expected why the record or the act is voided"),
        ("notification", "objected", {"note": None}, "note is null, expected why: who may object"),
        (
            "duty",
            "paused",
            {"note": None, "of": 3},
            "note is null, expected why: the clock is stopped",
        ),
        ("visit", "not_accessible", {"note": None}, "note is null, expected why: it could not"),
        ("sighting", "seen", {"objects": None}, "objects is 'None', expected a list"),
        ("sighting", "seen", {"objects": ["b" * 64, "a" * 64]}, "in order, none twice"),
        ("sighting", "seen", {"objects": ["a" * 64, "a" * 64]}, "in order, none twice"),
        ("sighting", "seen", {"objects": ["A" * 64]}, "objects holds 'A.*, expected 64 lowercase"),
        ("sighting", "seen", {"by": " L."}, "text ' L.' has blanks around it, expected none"),
        ("sighting", "seen", {"note": "e\u0301"}, r"text 'e.u0301' is in another .*, expected NFC"),
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
        ("window", "requested", {"guarantees_from": []}, r"guarantees_from is \[\], expected at l"),
        ("window", "requested", {"radius_m": 0}, "radius_m is 0, expected more than 0"),
        ("notification", "submitted", {"height_max_m": 0.0}, "height_max_m is 0.0, expected more"),
        ("notification", "submitted", {"to": []}, r"to is \[\], expected at least one"),
        ("notification", "submitted", {"subjects": ["e\u0301"]}, "expected NFC"),
        ("sighting", "seen", {"number_max": 0, "number_min": 0}, "number_max is 0, must be at l"),
        ("sighting", "seen_again", {"number_max": 0, "number_min": 0}, "number_max is 0"),
        (
            "visit",
            "planned",
            {"due": "2026-07-10T00:59:00.000000Z"},
            "due is 2026-07-10T00:59.*, must not be before planned at 2026-07-10T01:00",
        ),
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
            "objects": [],
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
        "detail": {"entry": None},
        "note": "typed twice",
        "objects": [],
        "of": opening["entry"],
    }
    voided = read_step(kind, voiding, entry=900, logged_at=LOGGED)

    assert assemble([read(opening), voided]) == ()
    [record] = every([read(opening), voided]).values()
    assert record.state == VOIDED
    again = read_step(kind, voiding, entry=901, logged_at=LOGGED)
    with pytest.raises(EvidenceBroken, match="is voided and cannot be voided, expected noth"):
        assemble([read(opening), voided, again])


def voiding(kind: str, of: int, entry: int, number: int) -> Entered:
    predicate: dict[str, Json] = {
        "act": VOIDED, "at": "2026-07-10T17:00:00.000000Z", "by": "L.", "detail": {"entry": entry},
        "note": "of another record", "objects": [], "of": of,
    }  # fmt: skip
    return read_step(kind, predicate, entry=number, logged_at=LOGGED)


def fold(acts: list[Entered]) -> Record | None:
    """The one record that acts make, or None when one does not follow."""
    try:
        [record] = every(acts).values()
    except EvidenceBroken:
        return None
    return record


@given(data=st.data())
def test_a_record_is_as_if_a_step_that_was_struck_had_not_been_entered(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(MACHINES)))
    opening = next(r for r in ROWS if r["kind"] == kind)
    acts = [read_step(kind, opening["predicate"], entry=0, logged_at=LOGGED)]
    others = [r for r in ROWS if r["kind"] == kind and r["predicate"]["of"] is not None]
    others = [r for r in others if r["predicate"]["act"] != VOIDED]
    for line in data.draw(st.lists(st.sampled_from(others), min_size=1, max_size=6)):
        changed = {**line["predicate"], "of": 0, "at": "2026-07-10T16:00:00.000000Z"}
        act = read_step(kind, changed, entry=len(acts), logged_at=LOGGED)
        acts += [act] if fold([*acts, act]) else []
    struck = data.draw(st.integers(1, len(acts)))
    without = [act for act in acts if act.step.entry != struck]

    found, wanted = fold([*acts, voiding(kind, 0, struck, 50)]), fold(without)

    if struck == len(acts) or wanted is None:
        assert found is None
        return
    assert found is not None
    assert (found.state, found.steps) == (wanted.state, wanted.steps)
    assert [step.entry for step in found.voided] == [struck, 50]
    assert [step.entry for step in found.entered] == [*range(len(acts)), 50]
    assert [found.voided_by(step) for step in found.voided] == [50, None]
    assert {found.voided_by(step) for step in found.steps} == {None}
    assert fold([*acts, voiding(kind, 0, struck, 50), voiding(kind, 0, struck, 51)]) is None
    assert fold([*acts, voiding(kind, 0, struck, 50), voiding(kind, 0, 50, 51)]) is None


def test_what_another_act_follows_is_struck_after_that_one() -> None:
    acts = entered(
        ("sighting", "seen", None, "09:00"),
        ("sighting", "gone", 0, "12:00"),
        ("sighting", "seen_again", 0, "13:00"),
        ("sighting", "gone", 0, "14:00"),
    )

    expected = "entry 4: voids a step that entry 3 follows, void entry 3 first"
    with pytest.raises(EvidenceBroken, match=expected):
        assemble([*acts, voiding("sighting", 0, 2, 4)])
    [record] = assemble([*acts, voiding("sighting", 0, 3, 4), voiding("sighting", 0, 2, 5)])
    assert (record.state, last_change(record).entry) == ("gone", 1)
    assert [step["voided_by"] for step in row(record)["steps"]] == [  # type: ignore[attr-defined]
        None, None, 5, 4, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("entry", [0, 3, 77])
def test_only_a_later_act_that_stands_can_be_struck(entry: int) -> None:
    acts = entered(("sighting", "seen", None, "09:00"), ("sighting", "gone", 0, "12:00"))

    with pytest.raises(EvidenceBroken, match=f"entry is {entry}, expected null .* stand: 1"):
        assemble([*acts, voiding("sighting", 0, entry, 90)])


@pytest.mark.parametrize("act", ["guarantee_requested", "guaranteed", "refused"])
def test_only_a_party_that_is_asked_gives_or_refuses_a_guarantee(act: str) -> None:
    acts = entered(("window", "requested", None, "03:00"), ("window", act, 0, "04:00"))
    detail = {**acts[1].step.detail, "party": "GAMMA"}
    wrong = acts[1]._replace(step=replace(acts[1].step, detail=detail))

    assert assemble(acts)
    expected = "party is GAMMA, expected ALPHA or BRAVO, as guarantees_from of window-0 says"
    with pytest.raises(EvidenceBroken, match=expected):
        assemble([acts[0], wrong])


def test_only_the_party_whose_duty_it_is_reports_it_done() -> None:
    acts = entered(("duty", "asked", None, "01:00"), ("duty", "reported", 0, "05:00"))
    wrong = acts[1]._replace(step=replace(acts[1].step, detail={"party": "BRAVO"}))

    assert assemble(acts)
    with pytest.raises(EvidenceBroken, match="party is BRAVO, expected ALPHA, as party of duty-0"):
        assemble([acts[0], wrong])


PAUSE = ("duty", "paused", 0)
RESUME = ("duty", "resumed", 0)
REPORT = ("duty", "reported", 0)


@pytest.mark.parametrize(
    "before",
    [
        [REPORT],
        [("duty", "not_done", 0)],
        [PAUSE, RESUME, REPORT],
        [PAUSE, REPORT, RESUME],
        [PAUSE, REPORT, PAUSE, REPORT, RESUME],
    ],
    ids=["reported", "not-done", "resumed-and-reported", "resumed-after-report", "paused-twice"],
)
def test_only_a_clock_that_stands_still_runs_again(before: list[tuple[str, str, int]]) -> None:
    opening = ("duty", "asked", None, "01:00")
    acts = entered(opening, *((*act, "05:00") for act in before), (*RESUME, "06:00"))

    assert assemble(acts[:-1])
    expected = "duty-0 cannot be resumed, expected that it is paused and was not since"
    with pytest.raises(EvidenceBroken, match=f"entry {len(before) + 1}: {expected}"):
        assemble(acts)


def test_a_pause_that_was_ended_is_struck_after_its_end() -> None:
    acts = entered(
        ("duty", "asked", None, "01:00"), (*PAUSE, "02:00"), (*REPORT, "03:00"), (*RESUME, "04:00")
    )

    assert assemble(acts)[0].state == "reported"
    with pytest.raises(EvidenceBroken, match="voids a step that entry 3 follows, void entry 3 fi"):
        assemble([*acts, voiding("duty", 0, 1, 5)])
    [record] = assemble([*acts, voiding("duty", 0, 3, 5), voiding("duty", 0, 1, 6)])
    assert [step.act for step in record.steps] == ["asked", "reported"]


def test_a_guarantee_may_be_taken_back_and_a_breach_found_late_reopens_nothing() -> None:
    kind = "window"
    steps = [(kind, "requested", None, "03:00"), (kind, "guaranteed", 0, "04:00")]
    acts = entered(*steps)
    both = {**acts[1].step.detail, "party": "BRAVO"}
    acts.append(acts[1]._replace(step=replace(acts[1].step, detail=both, entry=2)))
    late = entered(*steps, (kind, "started", 0, "05:00"), (kind, "started", 0, "05:00"),
                   (kind, "refused", 0, "06:00"), (kind, "breached", 0, "07:00"))  # fmt: skip

    [record] = assemble([*acts, *late[3:]])

    assert record.state == "refused"
    assert span(record)[1] is not None
    assert [step.act for step in record.steps][-2:] == ["refused", "breached"]


def test_a_window_that_was_broken_before_work_began_can_be_started_and_stays_broken() -> None:
    kind = "window"
    acts = entered((kind, "requested", None, "03:00"), (kind, "guaranteed", 0, "04:00"),
                   (kind, "guaranteed", 0, "04:00"), (kind, "breached", 0, "05:00"),
                   (kind, "started", 0, "06:00"), (kind, "completed", 0, "07:00"))  # fmt: skip
    bravo = {**acts[2].step.detail, "party": "BRAVO"}
    acts[2] = acts[2]._replace(step=replace(acts[2].step, detail=bravo))

    states = [assemble(acts[: n + 1])[0].state for n in (3, 4, 5)]

    assert states == ["breached", "breached", "completed"]


def test_that_a_restriction_was_reported_leaves_what_came_of_it() -> None:
    kind = "restriction"
    states = []
    for act in ("raised", "explained", "persistent", "lifted"):
        acts = entered(
            (kind, "encountered", None, "10:55"), (kind, act, 0, "11:00"),
            (kind, "reported", 0, "12:00"),
        )  # fmt: skip
        states.append(assemble(acts)[0].state)

    assert states == ["raised", "explained", "persistent", "lifted"]


def test_a_restriction_says_what_it_hindered_when_that_is_known() -> None:
    planned = with_detail("restriction", "encountered", planned="the flight of noon")
    unplanned = with_detail("restriction", "encountered", planned=None)

    said = [summary(record) for act in (planned, unplanned) for record in assemble([act])]

    assert said == ["denial of Patrol 3, which hindered the flight of noon", "denial of Patrol 3"]


def test_a_visit_does_not_follow_one_that_was_voided() -> None:
    line = line_of("visit", "planned")
    after = {**line["predicate"], "detail": {**line["predicate"]["detail"], "follows": 0}}
    acts = [read_step("visit", line["predicate"], entry=0, logged_at=LOGGED)]
    struck = read_step("visit", {**line_of("notification", VOIDED)["predicate"], "of": 0},
                       entry=1, logged_at=LOGGED)  # fmt: skip
    second = read_step("visit", after, entry=2, logged_at=LOGGED)

    assert len(assemble([*acts, second])) == 2
    with pytest.raises(EvidenceBroken, match="follows is 0, which was voided"):
        assemble([*acts, struck, second])


@given(text=st.text(st.characters(codec="utf-8"), min_size=1))
def test_whatever_is_typed_is_kept_in_one_form_or_refused(text: str) -> None:
    detail = typed({"asset": "text"}, {"asset": text}, where="sighting gone")
    again = typed({"asset": "text"}, {"asset": str(detail["asset"])}, where="sighting gone")

    assert again == detail
    if is_text(detail["asset"]):
        line = line_of("sighting", "gone")
        assert read(line, detail=detail).step.detail == detail


def test_every_state_of_the_tables_can_be_reached_and_every_word_is_known() -> None:
    for machine in MACHINES.values():
        states = {act.state for act in machine.acts.values()}
        named = {s for act in machine.acts.values() for s in (*act.before, *act.keeps)}

        assert named | set(machine.over) <= states
        assert machine.acts[machine.opening].before == ()
        assert all(act.before for name, act in machine.acts.items() if name != machine.opening)
        assert {act.ends for act in machine.acts.values()} - {""} <= set(machine.acts)
        assert {after for act in machine.acts.values() for after in act.after} <= set(machine.acts)


def test_what_may_be_seen_is_what_rules_speak_of() -> None:
    assert set(MATTERS) == set(SEEN)


def test_a_record_is_one_row_with_its_place_and_its_line() -> None:
    acts = [read(r) for r in ROWS if r["kind"] == "sighting" and r["entry"] < 60]

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
