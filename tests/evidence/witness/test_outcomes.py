"""A real log, a real witness, and a real connection: every way in which they can disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.evidence.witness.conftest import Served, body
from tests.evidence.witness.histories import NOON, ORIGIN

from trucewatch.evidence.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from trucewatch.evidence.note import Signer
from trucewatch.evidence.witness.client import Outcome
from trucewatch.evidence.witness.cosignature import open_cosignatures
from trucewatch.evidence.witness.memory import Why
from trucewatch.evidence.witness.request import SIZE_TYPE

if TYPE_CHECKING:
    from trucewatch.evidence.log import Log


def bad_signature(log: Log, size: int) -> bytes:
    """Return a head in which one character of the log's signature is another."""
    content, space, encoded = log.checkpoint_note(size).rpartition(b" ")
    turned = b"B" if encoded[40:41] != b"B" else b"C"
    return content + space + encoded[:40] + turned + encoded[41:]


def test_cosigns_a_log_that_grows(served: Served, honest: Log) -> None:
    for old, size in ((0, 100), (100, 120)):
        served.clock.move(60)

        asked = served.ask(honest, size, old=old)

        note = honest.checkpoint_note(size) + asked.line.encode()
        times = open_cosignatures(note, [served.keeper.memory.verifier], where="t")
        assert (asked.outcome, asked.problem, asked.witness_size) == (Outcome.COSIGNED, "", size)
        assert times == {"witness.example/w1": served.clock.time}
        assert asked.time == served.clock.time


def test_finds_the_witness_when_nobody_knows_where_it_is(served: Served, honest: Log) -> None:
    served.ask(honest, 10)
    served.ask(honest, 100, old=10)

    asked = served.ask(honest, 120, old=10)

    assert (asked.outcome, asked.witness_size) == (Outcome.COSIGNED, 120)


def test_a_witness_cosigns_the_same_head_again_at_a_later_time(served: Served, honest: Log) -> None:
    first = served.ask(honest, 100)
    served.clock.move(3600)

    again = served.ask(honest, 100, old=100)

    assert (first.time, again.time) == (NOON, served.clock.time)


def test_refuses_a_fork_from_a_stale_size(served: Served, honest: Log, forked: Log) -> None:
    served.ask(honest, 120)

    status, kind, answer = served.post(body(forked, 100, 125))
    asked = served.ask(forked, 125, old=100)

    assert (status, kind, answer) == (409, SIZE_TYPE, b"120\n")
    assert asked.outcome is Outcome.FORKED
    assert "size 125 does not grow from what it cosigned at 120" in asked.problem


def test_refuses_another_root_at_the_same_size(served: Served, honest: Log, forked: Log) -> None:
    served.ask(honest, 120)

    status, _, _ = served.post(body(forked, 120, 120))
    asked = served.ask(forked, 120, old=120)

    assert (status, asked.outcome) == (422, Outcome.FORKED)


def test_refuses_a_fork_that_goes_on(served: Served, honest: Log, forked: Log) -> None:
    served.ask(honest, 120)

    status, _, _ = served.post(body(forked, 120, 125))
    asked = served.ask(forked, 125, old=120)

    assert (status, asked.outcome) == (422, Outcome.FORKED)


def test_refuses_a_rollback_and_the_log_learns_of_it(served: Served, honest: Log) -> None:
    served.ask(honest, 120)

    status, _, answer = served.post(body(honest, 100, 100))
    asked = served.ask(honest, 100, old=100)

    assert (status, answer) == (409, b"120\n")
    assert (asked.outcome, asked.witness_size) == (Outcome.BEHIND, 120)
    assert "has cosigned size 120, this log has 100" in asked.problem


def test_refuses_a_bad_signature_an_unknown_key_and_an_unknown_log(
    served: Served, honest: Log
) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    head = honest.checkpoint(120)
    elsewhere = Checkpoint(origin="else.invalid", size=head.size, root=head.root)

    spoilt = served.ask(honest, 120, note=bad_signature(honest, 120))
    unknown = served.ask(honest, 120, note=sign_checkpoint(head, Signer(ORIGIN, other)))
    unwatched = sign_checkpoint(elsewhere, Signer("else.invalid", other))
    stranger = served.ask(honest, 120, note=unwatched)

    answered = "witness witness.example/w1: answered {}, expected 200, 409 or 422"
    assert {a.outcome for a in (spoilt, unknown, stranger)} == {Outcome.REFUSED}
    assert spoilt.problem == unknown.problem == answered.format(403)
    assert stranger.problem == answered.format(404)
    assert served.keeper.memory.refused() == []  # anybody could have made them up
    assert served.keeper.memory.heads() == []


def test_keeps_each_refused_head_as_evidence(
    served: Served, honest: Log, forked: Log, signer: Signer
) -> None:
    served.ask(honest, 120)
    for content in (
        body(forked, 100, 125),
        body(forked, 120, 120),
        body(honest, 100, 100),
        body(forked, 10, 100),
    ):
        served.post(content)

    refused = served.keeper.memory.refused()

    heads = [open_checkpoint(r.note.encode(), signer.verifier, where="t") for r in refused]
    assert [(r.why, h.size) for r, h in zip(refused, heads, strict=True)] == [
        (Why.FORK, 120),
        (Why.ROLLBACK, 100),
        (Why.ROLLBACK, 100),
        (Why.STALE, 125),
    ]
    assert {r.held for r in refused} == {served.keeper.memory.heads()[0].note.decode()}
    fork, held = heads[0], open_checkpoint(refused[0].held.encode(), signer.verifier, where="t")
    assert (fork.size, fork.origin) == (held.size, held.origin)
    assert fork.root != held.root  # signed by one key: the proof is complete
