"""Seats: every party is offered a witness, and what it answered is in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.mission.kept import policy_text, size_of, use_policy

from trucewatch.errors import BadInput
from trucewatch.evidence.log import Log
from trucewatch.evidence.statement import key_id, open_envelope
from trucewatch.evidence.witness.memory import create_witness
from trucewatch.mission.anchor import policy_of
from trucewatch.mission.check import verify
from trucewatch.mission.configuration import in_force
from trucewatch.mission.custody import Actor
from trucewatch.mission.doctor import doctor
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.mission.linked import Said
from trucewatch.mission.opened import keys_of, writing
from trucewatch.mission.seats import offer_line, open_seats, parties_of, seal_seat, seats_at
from trucewatch.records.seat import SeatAct

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock


@pytest.fixture
def home(tmp_path: Path, clock: SimulatedClock) -> Home:
    """A mission whose agreement has two parties."""
    plan = Plan(agreement="demo-truce", seed=bytes(32))
    create(tmp_path / "mission", clock=clock, plan=plan)
    return Home(tmp_path / "mission")


@pytest.fixture
def actor(clock: SimulatedClock) -> Actor:
    return Actor(said=Said(by="S. Secretary", reason="letter of 10 July"), clock=clock)


@pytest.fixture
def vkey(tmp_path: Path) -> str:
    return create_witness(tmp_path / "witness", "north.example/w1").vkey


@pytest.fixture
def parties(home: Home) -> list[str]:
    with Log.open(home.path) as log:
        return parties_of(in_force(log, log.size))


def to_settle(home: Home) -> list[str]:
    with Log.open(home.path) as log:
        using = in_force(log, log.size)
        return open_seats(seats_at(home), policy_of(log, using))


def test_the_parties_that_were_never_offered_a_seat_are_named(
    home: Home, parties: list[str], actor: Actor, clock: SimulatedClock
) -> None:
    assert len(parties) == 2
    seal_seat(home, SeatAct.OFFERED, parties[0], actor=actor)

    found = to_settle(home)

    assert found == [
        f"party {parties[1]} was never offered a seat: tw witness-seat offer HOME {parties[1]}"
    ]
    [seen] = [f for f in doctor(home, now=clock.now(), scrub=False) if f.name == "seats"]
    assert (seen.good, seen.text) == (False, found[0])


def test_an_offer_is_signed_by_the_desk_and_is_about_the_agreement_in_force(
    home: Home, parties: list[str], actor: Actor
) -> None:
    done = seal_seat(home, SeatAct.OFFERED, parties[0], actor=actor)

    desk = keys_of(home).desk.public_key().public_bytes_raw()
    with Log.open(home.path) as log:
        using = in_force(log, log.size)
        entry = log.entry(done.index)
        statement = open_envelope(log.object(entry.object), {key_id(desk): desk}, where="seat")
    assert entry.type == "statement/seated/v1"
    assert [s.sha256 for s in statement.subjects] == [using.agreement_object]
    assert dict(statement.predicate) == {
        "act": "offered",
        "by": "S. Secretary",
        "party": parties[0],
        "reason": "letter of 10 July",
        "witness": None,
    }
    assert verify(home.path, vkey=None).unknown == ()


def test_a_seat_goes_from_offer_to_witness_and_back(
    home: Home, parties: list[str], actor: Actor, vkey: str
) -> None:
    party = parties[1]
    words = [next(s.words for s in seats_at(home) if s.party == party)]
    for act, witness in (
        (SeatAct.OFFERED, None),
        (SeatAct.ACCEPTED, f"{vkey}\n"),
        (SeatAct.WITHDRAWN, None),
        (SeatAct.OFFERED, None),
        (SeatAct.DECLINED, None),
    ):
        actor = Actor(said=Said(by="S.", reason=f"letter {size_of(home)}"), clock=actor.clock)
        seal_seat(home, act, party, actor=actor, witness=witness)
        words.append(next(s.words for s in seats_at(home) if s.party == party).split(" by ")[0])

    assert words == [
        "never offered a seat",
        "offered",
        "accepted",
        "withdrawn",
        "offered",
        "declined",
    ]


@pytest.mark.parametrize(
    ("act", "party", "problem"),
    [
        (SeatAct.OFFERED, "NOBODY", "party: is 'NOBODY', expected one of"),
        (SeatAct.DECLINED, "", "was never offered and cannot be declined"),
        (SeatAct.ACCEPTED, "", "act is accepted and witness 'None'"),
    ],
)
def test_an_act_that_cannot_be_seals_nothing(
    home: Home, parties: list[str], actor: Actor, act: SeatAct, party: str, problem: str
) -> None:
    before = size_of(home)

    with pytest.raises(BadInput, match=problem):
        seal_seat(home, act, party or parties[0], actor=actor)

    assert size_of(home) == before


def test_a_key_that_is_no_witness_seals_nothing(
    home: Home, parties: list[str], actor: Actor
) -> None:
    seal_seat(home, SeatAct.OFFERED, parties[0], actor=actor)
    before = size_of(home)
    log_key = keys_of(home).log.verifier.vkey

    with pytest.raises(BadInput, match="witness: key is of another type"):
        seal_seat(home, SeatAct.ACCEPTED, parties[0], actor=actor, witness=log_key)

    assert size_of(home) == before


def test_a_witness_that_the_policy_does_not_ask_is_named(
    home: Home, parties: list[str], actor: Actor, vkey: str, clock: SimulatedClock
) -> None:
    for party in parties:
        seal_seat(home, SeatAct.OFFERED, party, actor=actor)
    seal_seat(home, SeatAct.ACCEPTED, parties[0], actor=actor, witness=vkey)
    first, second = seats_at(home)
    said = f"party {first.party} has witness north.example/w1, which the policy does not ask"
    assert to_settle(home) == [said]
    lines = [f"# party {first.party}: north", offer_line(second), "# mission: unit"]

    text = policy_text([f"north {vkey}"], needed=1, parties="\n".join(lines))
    use_policy(home, text)
    with writing(home, clock):
        pass

    assert lines[1] == f"# party {second.party}: offered 2026-07-10"
    assert to_settle(home) == []


def test_what_the_policy_does_not_promise_is_named(
    home: Home, parties: list[str], actor: Actor, vkey: str, clock: SimulatedClock
) -> None:
    for party in parties:
        seal_seat(home, SeatAct.OFFERED, party, actor=actor)
    use_policy(home, policy_text([f"north {vkey}"], needed=1))
    with writing(home, clock):
        pass

    found = to_settle(home)

    assert [line.split(",")[0] for line in found] == [
        *(f"party {party} has no witness and no offer" for party in parties),
        "which operator is the mission is not said",
    ]


def test_the_same_words_again_are_refused_and_not_taken_for_a_new_act(
    home: Home, parties: list[str], actor: Actor
) -> None:
    first = seal_seat(home, SeatAct.OFFERED, parties[0], actor=actor)
    seal_seat(home, SeatAct.WITHDRAWN, parties[0], actor=actor)

    with pytest.raises(BadInput, match=f"--reason: is that of entry {first.index}, word for word"):
        seal_seat(home, SeatAct.OFFERED, parties[0], actor=actor)

    assert seats_at(home)[0].words.startswith("withdrawn")
