"""Responses: an exercise on the shipped registers, and what the log proves of it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.mission.response_samples import DETERMINED, Floor, floor

from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, parse_envelope, sign_statement
from trucewatch.mission.check import verify
from trucewatch.mission.opened import writing
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.respond import Given, Hand, Wanted, ask, consult, request, say, turn
from trucewatch.mission.response_view import floor_at, response_in, responses_at
from trucewatch.records.instant import instant_text
from trucewatch.respond.asked import Seen
from trucewatch.respond.clock import ClockState

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.records.canonical import Json


@pytest.fixture
def paris(tmp_path: Path) -> Floor:
    """A table-top exercise on the register of press claims."""
    found = floor(tmp_path, register="paris-2026")
    found.start(real_register=True)
    return found


@pytest.fixture
def harbour(tmp_path: Path) -> Floor:
    """An exercise on an invented register."""
    found = floor(tmp_path, register="harbour-accord")
    found.start()
    return found


def states(found: Floor) -> dict[str, str]:
    return {each.id: each.clock.state.value for each in found.shown().tiers}


def test_an_exercise_shows_clocks_states_asked_steps_at_home_and_what_nobody_promised(
    paris: Floor,
) -> None:
    own = ask(paris.home, Wanted(actor="UKR", measure="own-forces"), paris.at(2))
    assert own.due == DETERMINED + timedelta(hours=24)
    say(paris.home, Given(act="reported", of=own.done.id, detail={"said": "done"}), paris.at(20))
    turn(paris.home, "tier_raised", paris.because(25, "the first tier failed"))
    wanted = [Wanted(actor=actor, measure="coalition-on-land") for actor in ("FRA", "GBR", "DEU")]
    asked = [ask(paris.home, each, paris.at(26 + n)) for n, each in enumerate(wanted)]
    paris.at(30)
    consult(paris.home, ("FRA", "GBR", "DEU"), "what follows", paris.at(73))

    shown = paris.shown()

    # 24 h and 72 h from the determination
    tiers = {tier.id: tier for tier in shown.tiers}
    assert tiers["tier-1"].clock.due_at == DETERMINED + timedelta(hours=24)
    assert tiers["tier-1"].clock.state is ClockState.MET
    assert tiers["tier-1"].clock.done_h == 20
    assert tiers["tier-2"].clock.due_at == DETERMINED + timedelta(hours=72)
    assert tiers["tier-2"].clock.state is ClockState.MISSED
    assert tiers["tier-3"].clock.state is ClockState.NOT_CALLED
    assert (shown.marked, shown.tier, shown.invented) == ("EXERCISE", "tier-2", False)
    assert all(tier.press_only for tier in shown.tiers)
    # who was asked, under what, how binding
    of = {each.side.actor: each for each in shown.actors}
    assert [each.due for each in asked] == [DETERMINED + timedelta(hours=72)] * 3
    [france] = of["FRA"].asks
    assert france.clock.state is ClockState.MISSED
    assert "003-24a" in {each.claim for each in france.commitments}
    assert {f.value for c in france.commitments for f in c.force} == {"commits", "political"}
    [germany] = of["DEU"].asks
    assert germany.commitments == ()  # nothing on land was promised
    assert {each.claim for each in of["DEU"].side.refusals} == {"000-10a", "000-37c"}
    # steps at home
    steps = {actor: [s.atom for s in each.side.outstanding] for actor, each in of.items()}
    assert (steps["GBR"], steps["DEU"]) == (["commons_vote"], ["bundestag_vote"])
    assert "rada_consent" in steps["UKR"]
    # what nobody has promised
    missing = {gap.id for gap in shown.nobody}
    assert {"supply", "more-observation", "consultation", "coalition-on-land"} <= missing


def test_a_step_at_home_is_outstanding_until_it_is_done_and_again_when_it_is_refused(
    paris: Floor,
) -> None:
    turn(paris.home, "tier_raised", paris.because(2, "it was not enough"))
    asked = ask(paris.home, Wanted(actor="GBR", measure="coalition-on-land"), paris.at(3))
    seen = []
    for n, act in enumerate(("step_done", "step_failed", "step_done")):
        step = Given(act=act, of=asked.done.id, detail={"atom": "commons_vote", "said": f"{n}"})
        say(paris.home, step, paris.at(4 + n))
        [stands] = [each for each in paris.shown().actors if each.side.actor == "GBR"]
        seen.append([each.atom for each in stands.asks[0].outstanding])

    assert seen == [[], ["commons_vote"], []]
    assert [word.act for word in stands.asks[0].words] == ["step_done", "step_failed", "step_done"]
    assert stands.asks[0].state == "asked"


def test_a_suspension_stops_every_clock_and_says_why(harbour: Floor) -> None:
    asked = ask(harbour.home, Wanted(actor="ARV", measure="watch-reports"), harbour.at(2))
    turn(harbour.home, "suspended", harbour.because(3, "talks on the bay"))
    harbour.at(50)
    request(harbour.home, "ARV", "how many", harbour.at(50))  # the log moves on
    still = harbour.shown()
    turn(harbour.home, "resumed", harbour.at(53))
    runs = harbour.shown()

    assert asked.due == DETERMINED + timedelta(hours=6)
    assert {tier.clock.state.value for tier in still.tiers if tier.called} == {"paused"}
    assert still.pauses[0].reason == "talks on the bay"
    [arvenia] = [each for each in still.actors if each.side.actor == "ARV"]
    assert arvenia.asks[0].clock.state is ClockState.PAUSED
    bell = runs.tiers[0].clock
    assert (bell.state, bell.due_at) == (ClockState.DUE, DETERMINED + timedelta(hours=56))
    assert (bell.paused_h, bell.left_h) == (50, 3)
    with pytest.raises(BadInput, match="is active and cannot be resumed"):
        turn(harbour.home, "resumed", harbour.at(54))


def test_tiers_are_raised_called_off_and_closed(harbour: Floor) -> None:
    turn(harbour.home, "tier_raised", harbour.because(7, "no answer"))
    asked = ask(harbour.home, Wanted(actor="BRO", measure="more-pilots"), harbour.at(8))
    turn(harbour.home, "deescalated", harbour.because(9, "the pilots sail"))
    lowered = states(harbour)
    turn(harbour.home, "closed", harbour.because(60, "the harbour works"))

    assert asked.due == DETERMINED + timedelta(hours=48)
    assert lowered == {"bell": "missed", "lantern": "called_off", "boom": "not_called"}
    assert states(harbour) == lowered
    [broska] = [each for each in harbour.shown().actors if each.asks]
    assert broska.asks[0].clock.state is ClockState.MISSED  # its own time was over by then
    with pytest.raises(NotFound, match="open are none, expected one, or its ID"):
        response_in(floor_at(harbour.home, None), "")
    with pytest.raises(BadInput, match="is closed and cannot be suspended"):
        turn(harbour.home, "suspended", harbour.because(61, "x"), response="response-7")


def test_what_was_reported_stands_beside_what_others_saw(harbour: Floor) -> None:
    done = ask(harbour.home, Wanted(actor="ARV", measure="watch-reports"), harbour.at(2)).done
    report = Given(act="reported", of=done.id, detail={"said": "reports are sent"})
    first = say(harbour.home, report, harbour.at(3))
    reported = harbour.shown()
    look: dict[str, Json] = {"asset": "Patrol 3", "report": first.entry}
    say(harbour.home, Given(act="not_done", of=done.id, detail=look), harbour.at(4))
    refuted = harbour.shown()
    second = say(harbour.home, report, harbour.at(5))
    say(harbour.home, Given(act="verified", of=done.id, detail={"asset": "P. 4"}), harbour.at(8))
    verified = harbour.shown()

    def looked(found: object) -> list[Seen]:
        [stands] = [each for each in found.actors if each.asks]  # type: ignore[attr-defined]
        return [each.seen for each in stands.asks[0].reports]

    assert second.state == "reported"
    assert (looked(reported), looked(refuted)) == ([Seen.NOT_LOOKED], [Seen.NOT_DONE])
    assert looked(verified) == [Seen.VERIFIED, Seen.VERIFIED]  # the later look is of the whole
    assert reported.tiers[0].clock.state is ClockState.MET
    assert refuted.tiers[0].clock.state is ClockState.DUE  # a report that is not so is no measure
    assert verified.tiers[0].clock.state is ClockState.MET
    took = {each.step: (each.done, each.median_h) for each in verified.hours}
    assert took["asked"] == (1, 2)
    assert took["reported"] == (1, 3)
    assert took["verified"] == (1, 8)
    assert took["adopted"] == (0, None)


def test_a_measure_that_was_adopted_ends_and_is_renewed(harbour: Floor) -> None:
    turn(harbour.home, "tier_raised", harbour.because(7, "no answer"))
    asked = ask(harbour.home, Wanted(actor="ARV", measure="toll-surcharge"), harbour.at(8)).done
    until = instant_text(DETERMINED + timedelta(hours=20))
    adopted: dict[str, Json] = {"adopter": "HARBOUR_GROUP", "until": until}
    say(harbour.home, Given(act="adopted", of=asked.id, detail=adopted), harbour.at(9))
    before = harbour.shown()
    request(harbour.home, "ARV", "how much", harbour.at(21))
    after = harbour.shown()
    renewed = {**adopted, "until": None}
    say(harbour.home, Given(act="adopted", of=asked.id, detail=renewed), harbour.at(22))

    ended = [
        next(each.asks[0].expired for each in found.actors if each.asks)
        for found in (before, after, harbour.shown())
    ]
    assert ended == [False, True, False]


def test_consultations_and_requests_of_the_cell_are_kept_with_what_came_of_them(
    harbour: Floor,
) -> None:
    held = consult(harbour.home, ("BRO", "ARV"), "what follows", harbour.at(2))
    told: dict[str, Json] = {"actor": "BRO", "said": "first the letter"}
    say(harbour.home, Given(act="stated", of=held.id, detail=told), harbour.at(3))
    say(
        harbour.home, Given(act="concluded", of=held.id, detail={"said": "a letter"}), harbour.at(3)
    )
    due = DETERMINED + timedelta(hours=5)
    for_pilots = request(harbour.home, "COR", "how many pilots", harbour.at(4), due=due)
    request(harbour.home, "BRO", "who pays", harbour.at(6))
    late = harbour.shown()
    answer = Given(act="answered", of=for_pilots.id, detail={"said": "four"})
    say(harbour.home, answer, harbour.at(7))

    shown = harbour.shown()
    [consultation] = shown.consultations
    assert consultation.participants == ("ARV", "BRO")
    assert consultation.statements == (("BRO", "first the letter"),)
    assert consultation.concluded == "a letter"
    assert [each.overdue for each in late.requests] == [True, False]
    assert [(each.overdue, each.answer) for each in shown.requests] == [
        (False, "four"),
        (False, ""),
    ]


def test_what_was_known_earlier_is_shown_as_it_was(harbour: Floor) -> None:
    ask(harbour.home, Wanted(actor="ARV", measure="watch-reports"), harbour.at(2))
    early = DETERMINED + timedelta(hours=1, minutes=30)

    [then] = responses_at(harbour.home, early)

    assert [each for each in then.actors if each.asks] == []
    assert then.as_of == DETERMINED + timedelta(hours=1)
    assert [each.asks[0].measure for each in harbour.shown().actors if each.asks] == [
        "watch-reports"
    ]


def test_a_struck_response_is_none(harbour: Floor) -> None:
    opened = harbour.shown().id
    strike: dict[str, Json] = {"entry": None}
    hand = Hand(by="S.", clock=harbour.at(2).clock, note="of another case")
    say(harbour.home, Given(act="voided", of=opened, detail=strike), hand)

    assert responses_at(harbour.home, None) == ()
    with pytest.raises(NotFound, match="open are none"):
        turn(harbour.home, "suspended", harbour.because(3, "x"))


def test_every_act_is_signed_verified_and_rebuilt(harbour: Floor) -> None:
    ask(harbour.home, Wanted(actor="ARV", measure="watch-reports"), harbour.at(2))
    turn(harbour.home, "suspended", harbour.because(3, "talks"))
    consult(harbour.home, ("ARV",), "what follows", harbour.at(4))

    found = verify(harbour.home.path, vkey=None)

    assert (found.unknown, found.exercise) == ((), True)
    rebuild(harbour.home)
    assert harbour.shown().state == "suspended"


def test_an_act_that_was_altered_is_named(harbour: Floor) -> None:
    asked = ask(harbour.home, Wanted(actor="ARV", measure="watch-reports"), harbour.at(2)).done
    path = harbour.home.path / "log.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.create_function(
            "flip", 1, lambda blob: blob[:-9] + bytes([blob[-9] ^ 1]) + blob[-8:]
        )
        change = "UPDATE object SET bundle = flip(bundle) WHERE first = ?"
        assert database.execute(change, (asked.entry,)).rowcount == 1

    with pytest.raises(EvidenceBroken, match=rf"entry {asked.entry}\b|object [0-9a-f]{{64}}"):
        verify(harbour.home.path, vkey=None)


def test_an_act_that_somebody_else_signed_is_named(harbour: Floor) -> None:
    asked = ask(harbour.home, Wanted(actor="ARV", measure="watch-reports"), harbour.at(2)).done
    with writing(harbour.home, harbour.clock) as writer:
        statement = writer.log.object(writer.log.entry(asked.entry).object)
        payload = json.loads(parse_envelope(statement, where="t").payload)
        predicate = {**payload["predicate"], "by": "Nobody of the desk"}
        subject = Subject(name="agreement", sha256=writer.using.agreement_object)
        other = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        forged = sign_statement("asked_for/v1", [subject], predicate, key=other)
        item = NewObject(type="statement/asked_for/v1", data=forged)
        [sealed] = writer.log.append([item], now=harbour.clock.at)

    with pytest.raises(EvidenceBroken, match=f"entry {sealed.index}: signed by key"):
        verify(harbour.home.path, vkey=None)


def test_a_check_says_exercise_before_its_first_step(harbour: Floor) -> None:
    told: list[str] = []

    verify(
        harbour.home.path,
        vkey=None,
        told=lambda step: told.append(step.name),
        marked=lambda: told.append("EXERCISE"),
    )

    assert told[0] == "EXERCISE"
    assert told.count("EXERCISE") == 1
