"""The logbook in a mission: entered, sealed, computed again, shown, and kept from the public."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from tests.mission.kept import size_of
from tests.mission.samples import NOW, firms, news

from trucewatch.assess import assess, assess_again
from trucewatch.errors import BadInput, BadMission, EvidenceBroken, NotFound
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, key_id, open_envelope, sign_statement
from trucewatch.mission.acts_file import read_acts
from trucewatch.mission.check import verify
from trucewatch.mission.configuration import AGREEMENT_TYPE, in_force, versions
from trucewatch.mission.earlier import earlier_run
from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.explain_record import explain_record
from trucewatch.mission.export import export
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.known import facts
from trucewatch.mission.listing import Filter, assessments
from trucewatch.mission.logbook import logbook, record_of, records_at
from trucewatch.mission.opened import keys_of, reading, writing
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.recompute import recompute
from trucewatch.mission.run import run
from trucewatch.mission.what_if import what_if
from trucewatch.records.logbook.reading import read_step

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.records.canonical import Json

WHOLE: dict[str, Json] = {"entry": None}
PLACE: Json = {"error_m": 100, "lat_deg": 48.7, "lon_deg": 31.4}
TEXT = """\
schema: trucewatch/agreement/v1
id: trial-truce
version: {version}
title: "EXERCISE: a truce for a test"
exercise: true
status: in_force
effective: {effective}
expires: null
parties:
  - {{id: ALPHA, role: party, text: one}}
  - {{id: BRAVO, role: party, text: other}}
zones:
  - id: Z
    class: security_zone
    text: everything
    edges: straight
    polygon: [[31.0, 48.3], [31.6, 48.3], [31.6, 48.9], [31.0, 48.9]]
rules:
  - id: R01
    kind: prohibited_act
    clause: No fire.
    source: invented
    modality: F
    acts: [explosion_undetermined, artillery_fire]
    zone: {zone}
  - id: R02
    kind: silence_window
    clause: No fire near a crew at work.
    source: invented
    modality: F
    acts: [artillery_fire, explosion_undetermined]
    window: W
    radius_m: 30000
notices:
  - id: N
    activity: demining_blast
    to: [BRAVO]
    lead_h: 48
    consent: true
    confidential: false
    text: told two days before
    source: invented
  - id: M
    activity: exercise
    to: [BRAVO]
    lead_h: 2
    consent: false
    confidential: false
    text: told before
    source: invented
windows:
  - id: W
    kind: window_of_silence
    zone: Z
    guarantees_from: [ALPHA, BRAVO]
    text: silence around a crew
    source: invented
"""


def text(version: int = 1, effective: str = "2026-06-01T00:00:00+00:00") -> str:
    return TEXT.format(version=version, effective=effective, zone="Z")


@pytest.fixture
def home(tmp_path: Path, clock: SimulatedClock) -> Home:
    """A mission under a truce of two parties."""
    (tmp_path / "truce.yaml").write_text(text())
    plan = Plan(agreement=str(tmp_path / "truce.yaml"), seed=bytes(32))
    create(tmp_path / "mission", clock=clock, plan=plan)
    return Home(tmp_path / "mission")


def act(kind: str, name: str, at: datetime, detail: dict[str, Json], **more: Any) -> NewAct:
    return NewAct(kind=kind, act=name, at=at, by="L. Liaison", detail=detail, **more)


def hour(day: int, of_day: int) -> datetime:
    return datetime(2026, 6, day, of_day, tzinfo=UTC)


def window(**changed: Json) -> NewAct:
    """A window over the whole of 27 June."""
    detail: dict[str, Json] = {
        "activity": "repair",
        "crew": 6,
        "end": "2026-06-28T00:00:00.000000Z",
        "guarantees_from": ["ALPHA", "BRAVO"],
        "place": PLACE,
        "provision": "W",
        "radius_m": 30000,
        "site": "Dunmarsh pump",
        "start": "2026-06-26T22:00:00.000000Z",
    }
    return act("window", "requested", hour(26, 12), {**detail, **changed})


def guarantee(party: str, of: int | None = None, **more: Any) -> NewAct:
    detail: dict[str, Json] = {"guarantor": f"duty officer of {party}", "party": party}
    return act("window", "guaranteed", hour(26, 18), detail, of=of, **more)


def seen(number: int = 2, at: datetime = NOW) -> NewAct:
    detail: dict[str, Json] = {
        "asset": "Patrol 3",
        "matter": "post",
        "name": None,
        "number_max": None,
        "number_min": number,
        "place": PLACE,
        "weapons": {},
    }
    return act("sighting", "seen", at - timedelta(hours=1), detail)


def take_in(home: Home, tmp_path: Path, clock: SimulatedClock, *, day: int = 27) -> None:
    (tmp_path / "news.csv").write_bytes(news(day=day))
    list(ingest(home, "news", [tmp_path / "news.csv"], clock=clock))


def test_an_act_is_a_statement_of_the_desk_about_the_agreement_in_force(
    home: Home, clock: SimulatedClock
) -> None:
    [done] = enter(home, [seen()], clock=clock)

    desk = keys_of(home).desk.public_key().public_bytes_raw()
    with Log.open(home.path) as log:
        entry = log.entry(done.entry)
        using = in_force(log, log.size)
        statement = open_envelope(log.object(entry.object), {key_id(desk): desk}, where="act")
    assert (done.id, done.state) == (f"sighting-{done.entry}", "standing")
    assert (entry.type, str(entry.level)) == ("statement/sighting/v1", "CLEAR")
    assert [s.sha256 for s in statement.subjects] == [using.agreement_object]
    assert statement.predicate["detail"] == seen().detail
    assert verify(home.path, vkey=None).unknown == ()


def test_acts_that_are_entered_together_may_speak_of_each_other(
    home: Home, clock: SimulatedClock
) -> None:
    acts = [window(), guarantee("ALPHA", of_line=1), guarantee("BRAVO", of_line=1)]

    done = enter(home, acts, clock=clock)

    assert [each.state for each in done] == ["requested", "requested", "guaranteed"]
    assert {each.id for each in done} == {f"window-{done[0].entry}"}
    [record] = records_at(home, None)
    assert record.opening.logged_at == clock.at


@pytest.mark.parametrize(
    ("broken", "match"),
    [
        (guarantee("GAMMA", of_line=1), "party is 'GAMMA', expected one of ALPHA, BRAVO, mission"),
        (guarantee("ALPHA", of_line=3), "of is line 3, expected a line before this one"),
        (guarantee("ALPHA", of=99), "of is 99, must be an entry before"),
        (guarantee("ALPHA"), "of is null for guaranteed"),
        (window(provision="V"), "provision is 'V', expected one of W"),
        (act("window", "started", NOW, {}, of_line=1), "is requested and cannot be started"),
        (
            act("window", "guaranteed", NOW, {}, of_line=1),
            "logbook: detail: says nothing, expected guarantor, party",
        ),
        (seen(at=NOW + timedelta(hours=2)), "at is 2026-07-10T13.* which was the future"),
        (window(), "is entered twice here, word for word"),
    ],
)
def test_one_act_that_cannot_be_keeps_all_of_them_out(
    home: Home, clock: SimulatedClock, broken: NewAct, match: str
) -> None:
    size = size_of(home)

    with pytest.raises(BadInput, match=match):
        enter(home, [window(), broken], clock=clock)
    assert size_of(home) == size


def test_what_was_entered_before_is_not_entered_again(home: Home, clock: SimulatedClock) -> None:
    [done] = enter(home, [seen()], clock=clock)

    with pytest.raises(BadInput, match=f"is that of entry {done.entry}, word for word"):
        enter(home, [seen()], clock=clock)
    ghost = act("sighting", "seen", hour(1, 1), {**seen().detail, "matter": "ghost"})
    with pytest.raises(BadInput, match="matter is 'ghost', expected one of forces, hardware"):
        enter(home, [ghost], clock=clock)
    with pytest.raises(BadInput, match="has no act to enter"):
        enter(home, [], clock=clock)


def notify(**changed: Json) -> NewAct:
    """A notice of a blast, three days ahead."""
    at = NOW - timedelta(hours=1)
    detail: dict[str, Json] = {
        "activity": "demining_blast",
        "area": [[31.4, 48.7], [31.5, 48.7], [31.4, 48.8]],
        "end": "2026-07-13T14:00:00.000000Z",
        "height_max_m": None,
        "notice": "N",
        "number": None,
        "party": "ALPHA",
        "start": "2026-07-13T12:00:00.000000Z",
        "subjects": [],
        "to": ["BRAVO"],
    }
    return act("notification", "submitted", at, {**detail, **changed})


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        (notify(activity="picnic"), "activity is 'picnic', expected one of demining_blast, exerc"),
        (notify(notice="P"), "notice is 'P', expected one of N, M"),
        (notify(notice="M"), "activity is demining_blast, expected exercise, of which notice M is"),
        (notify(to=["BRAVO", "postman"]), "to is 'postman', expected one of ALPHA, BRAVO, mission"),
        (window(guarantees_from=["ALPHA"]), "guarantees_from lacks BRAVO, expected all that W"),
        (
            act(
                "inventory", "declared", NOW,
                {"party": "ALPHA", "place": PLACE, "serials": [], "site": "D", "weapons": {"T": 1}},
            ),
            "weapons is 'T', expected one of none: the agreement in force names none",
        ),
        (replace(seen(), objects=["0" * 64]), f"object {'0' * 64} is not in the log, expected one"),
        (replace(seen(), objects=["x"]), "objects holds 'x', expected 64 lowercase hex digits"),
    ],
)  # fmt: skip
def test_what_the_agreement_or_the_log_does_not_know_is_refused(
    home: Home, clock: SimulatedClock, wrong: NewAct, match: str
) -> None:
    size = size_of(home)

    with pytest.raises(BadInput, match=match):
        enter(home, [wrong], clock=clock)
    assert size_of(home) == size


def test_a_notice_that_comes_late_is_entered_with_a_warning(
    home: Home, clock: SimulatedClock
) -> None:
    soon: dict[str, Json] = {"start": "2026-07-11T12:00:00.000000Z"}

    done = enter(home, [notify(), notify(**soon), notify(notice=None, **soon)], clock=clock)

    late = "logged 24.0 h ahead; N asks for 48 h"
    assert [each.warning for each in done] == ["", late, late]


def test_what_was_voided_is_entered_again_with_a_note_that_says_why(
    home: Home, clock: SimulatedClock
) -> None:
    [done] = enter(home, [seen()], clock=clock)
    gone = act("sighting", "gone", clock.at, {"asset": "Patrol 3"}, of=done.entry)
    [left] = enter(home, [gone], clock=clock)
    only: dict[str, Json] = {"entry": left.entry}
    strike = act("sighting", "voided", clock.at, only, of=done.entry, note="was covered")
    [struck] = enter(home, [strike], clock=clock)

    words = "which was voided: say in the note why it is entered again"
    with pytest.raises(BadInput, match=f"is that of entry {left.entry}, {words}"):
        enter(home, [gone], clock=clock)
    [again] = enter(home, [replace(gone, note="gone after all")], clock=clock)
    shown = explain_record(home, done.id)
    whole = act("sighting", "voided", clock.at, WHOLE, of=done.entry, note="another mission's")
    enter(home, [whole], clock=clock)
    with pytest.raises(BadInput, match=f"is that of entry {done.entry}, {words}"):
        enter(home, [seen()], clock=clock)
    enter(home, [replace(seen(), note="ours after all")], clock=clock)

    assert (struck.state, again.state) == ("standing", "gone")
    assert [(step.act, step.voided_by) for step in shown.steps] == [
        ("seen", None), ("gone", struck.entry), ("voided", None), ("gone", None),
    ]  # fmt: skip
    assert [record.state for record in records_at(home, None)] == ["voided", "standing"]


def test_an_act_names_the_sealed_objects_that_show_it(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path, clock)
    with Log.open(home.path) as log:
        object_ = log.entry(log.size - 1).object

    [done] = enter(home, [replace(seen(), objects=[object_])], clock=clock)

    [record] = records_at(home, None)
    desk = keys_of(home).desk.public_key().public_bytes_raw()
    with Log.open(home.path) as log:
        raw = log.object(log.entry(done.entry).object)
    statement = open_envelope(raw, {key_id(desk): desk}, where="act")
    assert record.opening.objects == (object_,)
    assert [subject.sha256 for subject in statement.subjects[1:]] == [object_]
    assert explain_record(home, done.id).steps[0].objects == (object_,)
    assert verify(home.path, vkey=None).unknown == ()


def test_a_statement_that_is_not_about_the_objects_it_names_breaks_the_log(
    home: Home, clock: SimulatedClock
) -> None:
    with writing(home, clock) as writer:
        agreement = writer.using.agreement_object
        predicate: dict[str, Json] = {
            "act": "seen", "at": "2026-07-01T00:00:00.000000Z", "by": "L.",
            "detail": dict(seen().detail), "note": None, "objects": [agreement], "of": None,
        }  # fmt: skip
        subject = Subject(name=AGREEMENT_TYPE, sha256=agreement)
        raw = sign_statement("sighting/v1", [subject], predicate, key=writer.keys.desk)
        writer.log.append([NewObject(type="statement/sighting/v1", data=raw)], now=clock.at)

    with pytest.raises(EvidenceBroken, match="is about 0 objects and the agreement, expected thos"):
        records_at(home, None)


def test_a_file_of_acts_is_brought_into_the_form_of_the_log() -> None:
    line = {
        "kind": "sighting", "act": "gone", "at": "2026-07-01T00:00Z", "by": " Rene\u0301 ",
        "detail": {"asset": "Patrol 3 "}, "note": "gone ", "of": 3, "objects": ["a" * 64],
    }  # fmt: skip

    [read] = read_acts(json.dumps(line).encode(), name="acts.jsonl")
    for wrong in (None, "a" * 64, [1]):
        with pytest.raises(BadInput, match=r"acts\.jsonl:1: objects is .*, expected a list"):
            read_acts(json.dumps({**line, "objects": wrong}).encode(), name="acts.jsonl")

    assert (read.by, read.note, read.detail) == ("Ren\u00e9", "gone", {"asset": "Patrol 3"})
    assert read.objects == ["a" * 64]


def test_a_later_versions_word_is_read_from_the_log_and_a_broken_act_is_not(
    home: Home, clock: SimulatedClock
) -> None:
    sealed = {
        "act": "seen",
        "at": "2026-07-01T00:00:00.000000Z",
        "by": "later",
        "detail": {**seen().detail, "matter": "balloon"},
        "note": None,
        "objects": [],
        "of": None,
    }

    def seal(predicate: dict[str, Any]) -> None:
        with writing(home, clock) as writer:
            subject = Subject(name=AGREEMENT_TYPE, sha256=writer.using.agreement_object)
            raw = sign_statement("sighting/v1", [subject], predicate, key=writer.keys.desk)
            item = NewObject(type="statement/sighting/v1", data=raw)
            writer.log.append([item], now=clock.at)

    seal(sealed)
    [record] = records_at(home, None)
    seal({**sealed, "act": "gone", "detail": {"asset": "x"}, "of": 0})

    assert record.opening.detail["matter"] == "balloon"
    with pytest.raises(EvidenceBroken, match="of is 0, where no sighting was opened"):
        records_at(home, None)
    with pytest.raises(EvidenceBroken, match="of is 0, where no sighting was opened"):
        run(home, clock=clock)


def test_a_voided_record_stays_listed_and_counts_no_more(home: Home, clock: SimulatedClock) -> None:
    [done] = enter(home, [seen()], clock=clock)
    before = clock.at
    clock.at += timedelta(hours=1)
    voided = act("sighting", "voided", clock.at, WHOLE, of=done.entry, note="another mission's")
    enter(home, [voided], clock=clock)

    run(home, clock=clock)

    [listed] = records_at(home, None)
    [then] = records_at(home, before)
    with reading(home) as (log, there):
        assert logbook(log, log.size) == ()
        [row] = there.desk.read("logbook").to_dicts()
    assert (listed.state, then.state, row["state"]) == ("voided", "standing", "voided")
    assert json.loads(row["steps"])[1]["note"] == "another mission's"


def test_an_act_makes_a_run_new_and_what_is_overdue_hangs_on_the_log_alone(
    home: Home, clock: SimulatedClock
) -> None:
    run(home, clock=clock)
    enter(home, [seen()], clock=clock)
    logged = clock.at
    clock.at += timedelta(days=30)

    first, second = run(home, clock=clock), run(home, clock=clock)

    assert (first.new, second.new) == (True, False)
    with reading(home) as (log, there):
        size = int(there.desk.state()["input_size"])
        tables = (there.archive, there.desk)
        found = facts(tables, log, size, incidents=there.desk.read("incident"))
    assert size == first.input_size
    assert found.as_of == logged
    assert [r.kind for r in found.logbook] == ["sighting"]


def test_everything_is_computed_again_to_the_same_digests(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path, clock)
    run(home, clock=clock)
    acts = [window(), guarantee("ALPHA", of_line=1), guarantee("BRAVO", of_line=1), seen()]
    enter(home, acts, clock=clock)
    run(home, clock=clock)

    rebuilt = rebuild(home)
    bundle = export(home, tmp_path / "m.zip", level="mission", clock=clock)
    done = recompute(bundle.path)

    assert set(rebuilt.compared.values()) == {"same"}
    assert rebuilt.digests["logbook"]["rows"] == 2
    assert done.holds
    assert all(step.outcome == "same" for step in done.steps if "computed/v1" in step.what)


def test_the_next_run_keeps_what_did_not_change_and_finds_the_same(
    home: Home, tmp_path: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = []

    def counted(*args: Any, **named: Any) -> pl.DataFrame:
        again.append(1)
        return assess_again(*args, **named)

    monkeypatch.setattr("trucewatch.mission.known.assess_again", counted)
    take_in(home, tmp_path, clock, day=27)
    run(home, clock=clock)
    (tmp_path / "firms.csv").write_bytes(firms(day=26))
    list(ingest(home, "firms", [tmp_path / "firms.csv"], clock=clock))
    run(home, clock=clock)
    enter(home, [window(), guarantee("ALPHA", of_line=1), guarantee("BRAVO", of_line=1)],
          clock=clock)  # fmt: skip
    run(home, clock=clock)

    found = assessments(home, only=Filter())

    assert len(again) == 2
    with reading(home) as (log, there):
        size = int(there.desk.state()["input_size"])
        incidents = there.desk.read("incident")
        known = facts((there.archive, there.desk), log, size, incidents=incidents)
        fresh = assess(known, versions=versions(log, size))
    assert found.equals(fresh)
    assert found.height > 0


def test_tables_that_were_changed_are_not_built_upon(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path, clock)
    run(home, clock=clock)
    enter(home, [seen()], clock=clock)
    with writing(home, clock) as writer:
        assert earlier_run(writer.projection, writer.log, writer.log.size) is not None
        table = writer.projection.desk.read("assessment")
        lied = table.with_columns(outcome=pl.lit("consistent"))
        writer.projection.desk.replace({"assessment": lied})

        found = earlier_run(writer.projection, writer.log, writer.log.size)

    assert found is None
    run(home, clock=clock)
    assert assessments(home, only=Filter(subject_kind="incident")).height == table.height
    assert set(rebuild(home).compared.values()) == {"same"}


def test_an_incident_in_a_guaranteed_window_is_shown_with_guarantors_and_the_missing_call(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path, clock)
    acts = [window(), guarantee("ALPHA", of_line=1), guarantee("BRAVO", of_line=1)]
    done = enter(home, acts, clock=clock)
    run(home, clock=clock)

    found = explain_record(home, done[0].id)

    assert found.broken
    for each in found.broken:
        assert each.guarantors == ("duty officer of ALPHA (ALPHA)", "duty officer of BRAVO (BRAVO)")
        assert each.calls == ()
    called: dict[str, Json] = {
        "about": f"fire near {done[0].id}", "party": "mission", "place": None, "to": "BRAVO",
    }  # fmt: skip
    [call] = enter(home, [act("contact", "called", NOW, called)], clock=clock)
    after = explain_record(home, str(done[0].entry))
    assert {each.calls for each in after.broken} == {(f"{call.id} called",)}
    assert [step.act for step in after.steps] == ["requested", "guaranteed", "guaranteed"]
    assert all(step.proven for step in after.steps)


def test_explaining_what_is_not_there_says_so(home: Home, clock: SimulatedClock) -> None:
    [done] = enter(home, [seen()], clock=clock)

    with pytest.raises(NotFound, match="no record of the logbook has this id"):
        explain_record(home, f"window-{done.entry}")
    assert record_of(records_at(home, None), "sighting-x") is None
    assert record_of(records_at(home, None), "gossip-3") is None


def test_the_public_gets_no_act_and_no_digest_of_what_rests_on_one(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    run(home, clock=clock)
    [done] = enter(home, [seen()], clock=clock)
    run(home, clock=clock)
    clock.at += timedelta(days=30)

    public = export(home, tmp_path / "p.zip", level="public", clock=clock)

    assert public.withheld[done.entry] == "mission only"
    assert public.withheld[done.entry + 1] == f"rests on entry {done.entry}, which is withheld"
    assert done.entry - 1 not in public.withheld  # the run before it
    assert verify(public.path, vkey=None).withheld == len(public.withheld)


def test_the_public_gets_no_agreement_that_shows_restricted_places(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    hidden = text().replace("    text: everything\n", "    text: hub\n    restricted: true\n")
    next(home.path.glob("*.yaml")).write_text(hidden)
    enter(home, [seen()], clock=clock)
    with Log.open(home.path) as log:
        texts = [i for i, entry in log.entries(0, log.size) if entry.type == AGREEMENT_TYPE]

    public = export(home, tmp_path / "p.zip", level="public", clock=clock)

    assert len(texts) == 2
    assert texts[0] not in public.withheld
    assert public.withheld[texts[1]] == "shows restricted places"
    verify(public.path, vkey=None)


def test_a_file_of_acts_is_entered_whole_and_an_error_names_its_line(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    lines: list[dict[str, Any]] = [
        {
            "kind": "window", "act": "requested", "at": "2026-06-26T12:00:00+03:00", "by": "P.",
            "detail": {k: v for k, v in window().detail.items() if k not in {"crew", "provision"}}
            | {"start": "2026-06-27T03:00:00+03:00"},
        },
        {
            "kind": "window", "act": "guaranteed", "at": "2026-06-26T12:00:00Z", "by": "P.",
            "detail": dict(guarantee("ALPHA").detail), "of": {"line": 1}, "note": "by telephone",
        },
    ]  # fmt: skip
    raw = "\n".join(map(json.dumps, lines)).encode()

    done = enter(home, read_acts(raw + b"\n", name="acts.jsonl"), clock=clock)

    [record] = records_at(home, None)
    assert [each.entry for each in done] == [step.entry for step in record.steps]
    assert record.opening.detail["start"] == "2026-06-27T00:00:00.000000Z"
    assert record.opening.detail["crew"] is None
    assert record.steps[1].note == "by telephone"
    lines[1]["detail"]["party"] = "GAMMA"
    lines[0]["by"] = "Q."
    wrong = read_acts("\n".join(map(json.dumps, lines)).encode(), name="acts.jsonl")
    with pytest.raises(BadInput, match=r"acts\.jsonl:2: party is 'GAMMA'"):
        enter(home, wrong, clock=clock)


@pytest.mark.parametrize(
    ("raw", "match"),
    [
        (b"\xff", "acts.jsonl: is not UTF-8 at byte 0"),
        (b"{}\n" * 10_001, "acts.jsonl: has 10001 lines"),
        (b"", "acts.jsonl:1: is not JSON"),
        (b"[" * 100_000, "acts.jsonl:1: is not JSON"),
        (b'{"act":"seen"}', "acts.jsonl:1: says act, expected act, at, by, detail, kind, note, ob"),
        (b'{"act":"a","act":"b"}', "a member is there twice"),
        (b'{"\\ud800":1}', r"acts\.jsonl:1: .*, expected a JSON value"),
        (b'{"act":NaN}', r"acts\.jsonl:1: .*, expected a JSON value"),
        (
            b'{"kind":"sighting","act":"gone","at":"2026","by":"x","detail":{"asset":"a"}}',
            "acts.jsonl:1: at: is '2026', expected a time",
        ),
        (
            b'{"kind":"sighting","act":"gone","at":"2026-01-01T00:00Z","by":"x","detail":{},'
            b'"of":"one"}',
            "of is 'one', expected an entry's number",
        ),
        (b'{"kind":"sighting","act":"gone","at":1,"by":"x","detail":{}}', "at is '1', expected te"),
        (
            b'{"kind":"sighting","act":"gone","at":"2026-01-01T00:00Z","by":"x","detail":[]}',
            "detail or note is of another kind",
        ),
        (
            b'{"kind":"sighting","act":"eaten","at":"2026-01-01T00:00Z","by":"x","detail":{}}',
            "act is eaten, expected one of seen, seen_again, gone, voided",
        ),
    ],
)
def test_refuses_a_file_that_is_none_of_acts_by_line(raw: bytes, match: str) -> None:
    with pytest.raises(BadInput, match=match):
        read_acts(raw, name="acts.jsonl")


def test_an_amendment_is_applied_from_its_effect_on_and_never_goes_back(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    (tmp_path / "first.csv").write_bytes(firms(day=27))
    list(ingest(home, "firms", [tmp_path / "first.csv"], clock=clock))
    run(home, clock=clock)
    file = next(home.path.glob("*.yaml"))
    file.write_text(text(2, "2026-06-28T00:00:00+00:00"))
    clock.at += timedelta(hours=1)
    (tmp_path / "more.csv").write_bytes(firms(day=29))
    list(ingest(home, "firms", [tmp_path / "more.csv"], clock=clock))

    run(home, clock=clock)

    table = assessments(home, only=Filter(rule="R01"))
    early = table.filter(pl.col("time_end") < datetime(2026, 6, 28, tzinfo=UTC))
    late = table.filter(pl.col("time_start") >= datetime(2026, 6, 28, tzinfo=UTC))
    assert (set(early["agreement_version"]), set(late["agreement_version"])) == ({1}, {2})
    with Log.open(home.path) as log:
        first, second = versions(log, log.size)
    assert first.agreement.expires == second.agreement.effective
    for wrong, match in (
        (text(1), "version is 1, must be at least 2, which was sealed"),
        (text(3, "2026-06-02T00:00:00+00:00"), "takes effect 2026-06-02"),
    ):
        file.write_text(wrong)
        with pytest.raises(BadMission, match=match):
            enter(home, [seen()], clock=clock)


def test_texts_of_another_name_are_applied_no_more(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path, clock)
    next(home.path.glob("*.yaml")).write_text(text().replace("trial-truce", "next-truce"))

    run(home, clock=clock)

    with Log.open(home.path) as log:
        [only] = versions(log, log.size)
        assert only.agreement.id == "next-truce"


def test_another_text_is_tried_out_and_nothing_is_kept(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path, clock)
    other = tmp_path / "other.yaml"
    other.write_text(text(7, "2030-01-01T00:00:00+00:00"))
    with pytest.raises(BadMission, match="nothing has been run"):
        what_if(home, other, only=Filter())
    run(home, clock=clock)
    before, size = assessments(home, only=Filter()), size_of(home)

    tried = what_if(home, other, only=Filter(rule="R01"))

    assert set(tried["agreement_version"]) == {7}
    assert tried.height > 0
    assert assessments(home, only=Filter()).equals(before)
    assert size_of(home) == size
    with pytest.raises(BadInput, match="No such file"):
        what_if(home, tmp_path / "none.yaml", only=Filter())


def test_acts_read_back_are_those_that_were_entered(home: Home, clock: SimulatedClock) -> None:
    [done] = enter(home, [seen()], clock=clock)

    with Log.open(home.path) as log:
        [record] = logbook(log, log.size)
        assert logbook(log, done.entry) == ()
    step = record.steps[0]
    predicate: dict[str, Json] = {
        "act": "seen", "at": "2026-07-10T11:00:00.000000Z", "by": "L. Liaison",
        "detail": dict(seen().detail), "note": None, "objects": [], "of": None,
    }  # fmt: skip
    same = read_step("sighting", predicate, entry=done.entry, logged_at=clock.at)
    assert step == same.step
