"""Anchoring: witnesses first, then authorities for time; a log that went back is held."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.evidence.timestamp.tsa import (
    Behaviour,
    allow_loopback,
    authority,
    needs_openssl,
    openssl,
)
from tests.mission.kept import grow, policy_text, size_of, use_authorities, use_policy, witness
from tests.mission.lying import HUGE, NEVER, forged, lying

from trucewatch.errors import BadMission, LogRefused
from trucewatch.evidence.anchor import COSIGNATURE, TIMESTAMP
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.hold import held
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import Signer
from trucewatch.evidence.timestamp import authority as asking
from trucewatch.evidence.witness.cosignature import open_cosignatures
from trucewatch.evidence.witness.policy import parse_policy
from trucewatch.mission import cosigning
from trucewatch.mission.anchor import REJECTED, anchor, newest_anchor, policy_of
from trucewatch.mission.check import verify
from trucewatch.mission.configuration import in_force
from trucewatch.mission.cosigning import CONTRADICTING
from trucewatch.mission.doctor import doctor
from trucewatch.mission.home import Home
from trucewatch.mission.opened import writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trucewatch.evidence.witness.client import Asked
    from trucewatch.mission.clock import SimulatedClock

QUICK_S = 2.0
CLAIM = "shows no head that this log signed: a claim, not a proof"


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    allow_loopback(monkeypatch)


@pytest.fixture
def words(home: Home, tmp_path: Path, clock: SimulatedClock) -> Iterator[list[str]]:
    """Two witnesses, both of which the policy needs."""
    with (
        witness(home, tmp_path / "w1", "north", clock) as north,
        witness(home, tmp_path / "w2", "south", clock) as south,
    ):
        use_policy(home, policy_text([north, south], needed=2))
        yield [north, south]


def anchors_of(home: Home, kind: str) -> list[tuple[int, str]]:
    with Log.open(home.path) as log:
        return [(a.size, a.name) for a in log.anchors() if a.kind == kind]


def finding(home: Home, name: str, clock: SimulatedClock) -> tuple[bool, str]:
    [found] = [f for f in doctor(home, now=clock.now(), scrub=False) if f.name == name]
    return found.good, found.text


def test_every_witness_cosigns_and_the_static_head_carries_it(
    home: Home, inbox: Path, clock: SimulatedClock, words: list[str]
) -> None:
    size = grow(home, inbox, clock)

    done = anchor(home, clock=clock, timeout_s=QUICK_S)

    assert (done.size, done.reached, done.missing) == (size, True, ())
    assert done.operators == ("north-lab", "south-lab")
    assert [said.outcome for said in done.witnesses] == ["cosigned", "cosigned"]
    note = (home.path / "log" / "checkpoint").read_text()
    assert "— north.example/w " in note
    assert "— south.example/w " in note
    assert "anchored by 2 witnesses of 2 operators" in verify(home.path, vkey=None).verdict


def test_asking_again_changes_nothing_and_appends_nothing(
    home: Home, inbox: Path, clock: SimulatedClock, words: list[str]
) -> None:
    size = grow(home, inbox, clock)
    anchor(home, clock=clock, timeout_s=QUICK_S)
    before = (home.path / "log" / "checkpoint").read_bytes()
    clock.at += timedelta(hours=1)

    done = anchor(home, clock=clock, timeout_s=QUICK_S)

    assert (size_of(home), done.reached) == (size, True)
    assert (home.path / "log" / "checkpoint").read_bytes() == before


def test_a_quorum_that_is_not_reached_says_what_is_missing(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    with witness(home, tmp_path / "w1", "north", clock) as north:
        with witness(home, tmp_path / "w2", "south", clock) as south:
            pass
        use_policy(home, policy_text([north, south], needed=2))
        grow(home, inbox, clock)

        done = anchor(home, clock=clock, timeout_s=QUICK_S)

    assert [said.outcome for said in done.witnesses] == ["cosigned", "unreachable"]
    assert (done.reached, done.operators, done.operators_known) == (False, ("north-lab",), 2)
    assert done.missing == ("group enough needs 2 of north, south; there: north",)
    assert finding(home, "anchor", clock)[1].startswith("no head of")


def test_without_a_policy_nothing_is_reached(home: Home, clock: SimulatedClock) -> None:
    done = anchor(home, clock=clock)

    assert (done.reached, done.missing) == (False, ("no witness policy is configured",))


def test_a_policy_that_is_not_sealed_yet_is_said_to_be(home: Home, clock: SimulatedClock) -> None:
    use_policy(home, "quorum none\n")

    done = anchor(home, clock=clock)

    assert done.missing == (f"mission.toml changed and is not sealed yet: tw run {home.path}",)
    with writing(home, clock):
        pass
    assert anchor(home, clock=clock).missing == ()


def test_a_policy_for_another_log_is_refused(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    other = Signer("other.example", Ed25519PrivateKey.from_private_bytes(bytes(32))).verifier
    use_policy(home, f"log {other.vkey}\nquorum none\n")
    grow(home, inbox, clock)

    with pytest.raises(BadMission, match=r"witness.policy: lists other.example, expected"):
        anchor(home, clock=clock)


def kept(home: Home) -> list[str]:
    """Names of the heads that witnesses showed."""
    return sorted(path.name for path in (home.path / CONTRADICTING).glob("*"))


def test_a_log_that_was_rolled_back_is_held_and_the_head_that_proves_it_is_kept(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock, words: list[str]
) -> None:
    size = grow(home, inbox, clock)
    shutil.copytree(home.path, tmp_path / "older")
    later = grow(home, inbox, clock, day=27)
    anchor(home, clock=clock, timeout_s=QUICK_S)
    older = Home(tmp_path / "older")

    said = f"has cosigned size {later}, this log has {size}"
    with pytest.raises(LogRefused, match=f"rolled back or forked: .*{said}"):
        anchor(older, clock=clock, timeout_s=QUICK_S)

    assert said in (held(older.path) or "")
    with pytest.raises(LogRefused, match=said), writing(older, clock):
        pass
    with pytest.raises(LogRefused, match=said):
        anchor(older, clock=clock, timeout_s=QUICK_S)
    assert finding(older, "held", clock)[0] is False
    assert anchors_of(older, COSIGNATURE) == []
    assert kept(older) == [f"{later}-north.checkpoint", f"{later}-south.checkpoint"]
    assert f"{CONTRADICTING}/{later}-south.checkpoint" in (held(older.path) or "")
    with Log.open(home.path) as log:
        note = (older.path / CONTRADICTING / f"{later}-north.checkpoint").read_bytes()
        assert open_checkpoint(note, log.verifier, where="kept") == log.checkpoint(later)
        policy = policy_of(log, in_force(log, log.size))
    assert policy is not None
    assert list(open_cosignatures(note, policy.verifiers, where="kept")) == ["north.example/w"]


def test_a_fork_is_held_and_the_other_history_is_kept(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock, words: list[str]
) -> None:
    grow(home, inbox, clock)
    shutil.copytree(home.path, tmp_path / "fork")
    size = grow(home, inbox, clock, day=27)
    anchor(home, clock=clock, timeout_s=QUICK_S)
    fork = Home(tmp_path / "fork")
    grow(fork, inbox, clock, day=27)
    grow(fork, inbox, clock, day=27)

    with pytest.raises(LogRefused, match=f"does not grow .*: it has another root at size {size}"):
        anchor(fork, clock=clock, timeout_s=QUICK_S)

    assert "does not grow" in (held(fork.path) or "")
    assert kept(fork) == [f"{size}-north.checkpoint", f"{size}-south.checkpoint"]


def test_a_second_history_of_the_same_size_does_not_take_the_place_of_the_first(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    grow(home, inbox, clock)
    notes = []
    for name in ("a", "b"):
        shutil.copytree(home.path, tmp_path / name)
        grow(Home(tmp_path / name), inbox, clock, day=27)
        notes.append((tmp_path / name / "log" / "checkpoint").read_bytes())

    for note in [*notes, *notes]:
        with lying(HUGE, (200, note)) as liar, Log.open(home.path) as log:
            policy = parse_policy(policy_text([liar], needed=1).encode())
            _, answers = cosigning.ask_witnesses(log, policy, timeout_s=QUICK_S)
            cosigning.hold_for_shown(log, answers)

    assert len(kept(home)) == 2
    found = {(home.path / CONTRADICTING / name).read_bytes() for name in kept(home)}
    assert found == set(notes)


def lies(home: Home) -> list[tuple[tuple[int, bytes], tuple[int, bytes], str]]:
    """What a witness may say, and show for it, without a head that holds the log."""
    honest = (home.path / "log" / "checkpoint").read_bytes()
    changed = honest.replace(b"\n", b"\n9", 1)
    return [
        (HUGE, (404, b""), f"{CLAIM} (answered 404, expected 200)"),
        (HUGE, (200, b"garbage"), CLAIM),
        (HUGE, (200, forged(home)), CLAIM),
        (HUGE, (200, changed), f"{CLAIM} (head: signature by"),
        (HUGE, (200, b"x" * 100_000), f"{CLAIM} (answer is torn, or has more than 65536 bytes)"),
        (HUGE, (200, honest), "that this log leads to: a claim, not a proof"),
        (NEVER, (200, b"\xff\n\n"), CLAIM),
        (NEVER, (302, b""), f"{CLAIM} (answered 302, expected 200)"),
        (NEVER, (200, honest), "that this log leads to: a claim, not a proof"),
    ]


@pytest.mark.parametrize("n", range(9))
def test_no_word_of_a_witness_stops_the_log(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock, n: int
) -> None:
    told, shown, problem = lies(home)[n]
    with witness(home, tmp_path / "w", "north", clock) as north, lying(told, shown) as liar:
        use_policy(home, policy_text([north, liar], needed=1))
        size = grow(home, inbox, clock)

        done = anchor(home, clock=clock, timeout_s=QUICK_S)

        assert len(lies(home)) == 9
        assert (done.reached, done.operators) == (True, ("north-lab",))
        said = done.witnesses[1]
        assert (said.outcome, said.line, said.shown) == (
            "behind" if told == HUGE else "forked", "", ""
        )  # fmt: skip
        assert problem in said.problem
        assert held(home.path) is None
        assert finding(home, "held", clock)[0] is True
        assert kept(home) == []
        assert grow(home, inbox, clock) == size + 1


def test_a_claim_does_not_count_towards_the_quorum(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    with (
        witness(home, tmp_path / "w", "north", clock) as north,
        lying(HUGE, (200, forged(home))) as liar,
    ):
        use_policy(home, policy_text([north, liar], needed=2))
        size = grow(home, inbox, clock)

        done = anchor(home, clock=clock, timeout_s=QUICK_S)

    assert (done.reached, done.operators, done.operators_known) == (False, ("north-lab",), 2)
    assert anchors_of(home, COSIGNATURE) == [(size, "north.example/w")]
    assert held(home.path) is None


def test_a_proof_holds_the_log_whatever_the_others_say(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    shutil.copytree(home.path, tmp_path / "other")
    other = Home(tmp_path / "other")
    with witness(home, tmp_path / "w", "north", clock) as north:
        use_policy(other, policy_text([north], needed=1))
        size = [grow(other, inbox, clock) for _ in range(3)][-1]
        note = (other.path / "log" / "checkpoint").read_bytes()
        with lying(NEVER, (200, note)) as liar:
            use_policy(home, policy_text([north, liar], needed=1))
            grow(home, inbox, clock)

            with pytest.raises(LogRefused, match=f"liar.*is a head of size {size}, this log has"):
                anchor(home, clock=clock, timeout_s=QUICK_S)

    assert kept(home) == [f"{size}-liar.checkpoint"]


@pytest.mark.parametrize("times", [1, 3])
def test_a_log_that_grows_and_is_anchored_meanwhile_is_not_held(
    words: list[str], home: Home, inbox: Path, clock: SimulatedClock, times: int
) -> None:
    grow(home, inbox, clock)
    ask, grown = cosigning.ask, list[int]()

    def late(url: str, **rest: object) -> Asked:
        if url == words[0].split()[2] and len(grown) < times:
            grown.append(grow(home, inbox, clock))
            with patch.object(cosigning, "ask", ask):
                anchor(home, clock=clock, timeout_s=QUICK_S)
        return ask(url, **rest)  # type: ignore[arg-type]

    with patch.object(cosigning, "ask", late):
        done = anchor(home, clock=clock, timeout_s=QUICK_S)

    outcome = "cosigned" if times == 1 else "behind"
    assert [said.outcome for said in done.witnesses] == [outcome] * 2
    assert held(home.path) is None
    assert ("that this log leads to" in done.witnesses[0].problem) == (outcome == "behind")


def test_doctor_says_how_old_the_newest_anchor_is(
    home: Home, inbox: Path, clock: SimulatedClock, words: list[str]
) -> None:
    size = grow(home, inbox, clock)
    anchor(home, clock=clock, timeout_s=QUICK_S)
    assert finding(home, "anchor", clock) == (
        True,
        f"head of {size} entries of {size}, 0.0 h ago, by north.example/w, south.example/w",
    )

    grow(home, inbox, clock, day=27, days=2)

    good, text = finding(home, "anchor", clock)
    assert (good, text.split(", ")[1]) == (False, "48.0 h ago")
    with Log.open(home.path) as log:
        newest = newest_anchor(log, policy_of(log, in_force(log, log.size)))
    assert newest is not None
    assert newest.size == size


def test_one_authority_or_one_address_twice_is_not_two(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    root = tmp_path / "root.pem"
    root.write_text("not looked at yet")
    use_authorities(home, {"east": ("http://127.0.0.1:9/", root)})
    grow(home, inbox, clock)
    assert finding(home, "authorities", clock)[0] is False

    use_authorities(home, {"west": ("http://127.0.0.1:9/", root)})
    grow(home, inbox, clock)

    assert finding(home, "authorities", clock)[0] is False


@needs_openssl
@pytest.mark.system
def test_an_outage_is_worked_through_and_openssl_accepts_what_was_kept(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    with authority(tmp_path / "e", "east") as east, authority(tmp_path / "w", "west") as west:
        use_authorities(home, {"east": (east.url, east.ca_pem), "west": (west.url, west.ca_pem)})
        east.behaviour = Behaviour.OFFLINE
        first = grow(home, inbox, clock)
        assert [d[0] for d in anchor(home, clock=clock, timeout_s=QUICK_S).due] == [first]
        grow(home, inbox, clock, days=1)
        last_of_day = grow(home, inbox, clock)
        newest = grow(home, inbox, clock, days=1)
        offline = anchor(home, clock=clock, timeout_s=QUICK_S)
        assert [size for size, who in offline.due if who == "east"] == [newest, last_of_day, first]
        assert {size for size, who in offline.due if who == "west"} == set()
        assert [s.outcome for s in offline.stamps if s.authority == "east"] == ["unreachable"]
        assert finding(home, "authorities", clock)[0] is True
        east.behaviour = Behaviour.HONEST

        online = anchor(home, clock=clock, timeout_s=QUICK_S)

    assert (online.due, {s.outcome for s in online.stamps}) == ((), {"stamped"})
    kept = anchors_of(home, TIMESTAMP)
    assert kept == [(s, who) for s in (first, last_of_day, newest) for who in ("east", "west")]
    with Log.open(home.path) as log:
        for each in log.anchors():
            (tmp_path / "cp").write_bytes(log.checkpoint_note(each.size))
            (tmp_path / "cp.tsr").write_bytes(each.content)
            root = tmp_path / each.name[0] / "ca.pem"
            arguments = ("-verify", "-data", "cp", "-in", "cp.tsr", "-CAfile", root)
            assert openssl("ts", *arguments, folder=tmp_path).returncode == 0


@needs_openssl
@pytest.mark.system
def test_a_rejected_answer_is_kept_with_the_reason_and_the_other_authority_asked(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    with authority(tmp_path / "e", "east") as east, authority(tmp_path / "w", "west") as west:
        use_authorities(home, {"east": (east.url, east.ca_pem), "west": (west.url, west.ca_pem)})
        east.behaviour = Behaviour.WRONG_DIGEST
        size = grow(home, inbox, clock)

        done = anchor(home, clock=clock, timeout_s=QUICK_S)

    assert {s.authority: s.outcome for s in done.stamps} == {"east": "rejected", "west": "stamped"}
    assert done.due == ((size, "east"),)
    kept = sorted((home.path / REJECTED).iterdir())
    assert [path.suffix for path in kept] == [".tsr", ".txt"]
    assert kept[0].name.startswith(f"{size}-east-")
    assert "digest" in kept[1].read_text()
    assert [s.skew_s is not None and abs(s.skew_s) > 60 for s in done.stamps] == [False, True]


def test_an_authority_that_fails_is_not_asked_again_in_the_same_cycle(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def stamp(url: str, *_: object, **__: object) -> asking.Stamped:
        asked.append(url)
        return asking.Stamped(outcome=asking.Outcome.REJECTED, problem="too long")

    monkeypatch.setattr(asking, "stamp", stamp)
    root = tmp_path / "root.pem"
    root.write_text("not looked at")
    use_authorities(home, {"east": ("http://e/", root), "west": ("http://w/", root)})
    for _ in range(3):
        grow(home, inbox, clock, days=1)

    done = anchor(home, clock=clock)

    assert asked == ["http://e/", "http://w/"]
    assert len(done.due) == 8
    assert [path.suffix for path in (home.path / REJECTED).iterdir()] == [".txt", ".txt"]
