"""A witness is somebody else's machine: whatever it says, the log goes on."""

from __future__ import annotations

import hashlib
import socket
from contextlib import closing, contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trucewatch.errors import BadInput
from trucewatch.evidence.note import Signer, sign_note
from trucewatch.evidence.witness.client import Asked, Outcome, Shown, ask, newest_head
from trucewatch.evidence.witness.cosignature import Cosigner, open_cosignatures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.evidence.witness.conftest import Served

    from trucewatch.evidence.log import Log

WITNESS = Cosigner("witness.example/w1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
OTHER = Cosigner("witness.example/w2", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@contextmanager
def saying(*answers: bytes, drip: bool = False) -> Iterator[tuple[str, list[bytes]]]:
    """Answer each connection in turn with fixed bytes; give the address and what was asked."""
    asked: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.settimeout(10.0)

        def serve() -> None:
            for answer in answers:
                connection, _ = listener.accept()
                with closing(connection):
                    asked.append(_request(connection))
                    connection.sendall(answer)
                    if drip:
                        _drip(connection)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/w1/", asked
        thread.join()


def _drip(connection: socket.socket) -> None:
    """Send one byte after another until the other side has gone."""
    connection.settimeout(0.01)
    with suppress(ConnectionError):
        while True:
            with suppress(TimeoutError):
                if not connection.recv(1):
                    return
            connection.sendall(b"a")


def _request(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as file:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += file.readline()
        _, counted, rest = head.lower().partition(b"content-length: ")
        return head + file.read(int(rest.split(b"\r\n")[0]) if counted else 0)


def response(status: int, body: bytes, *, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, size) + body


def asked_of(url: str, log: Log, *, old: int = 0, timeout_s: float = 10.0) -> Asked:
    return ask(
        url,
        note=log.checkpoint_note(100),
        consistency=log.consistency_proof,
        old=old,
        verifier=WITNESS.verifier,
        timeout_s=timeout_s,
    )


def text_of(log: Log) -> str:
    return log.checkpoint_note(100).decode().rpartition("\n\n")[0] + "\n"


def test_sends_what_the_protocol_says(honest: Log) -> None:
    line = WITNESS.line(text_of(honest), time=7)

    with saying(response(409, b"10\n"), response(200, line.encode())) as (url, sent):
        asked = asked_of(url, honest)

    assert [s.split(b"\r\n")[0] for s in sent] == [b"POST /w1/add-checkpoint HTTP/1.1"] * 2
    first, second = (s.partition(b"\r\n\r\n")[2] for s in sent)
    assert first == b"old 0\n\n" + honest.checkpoint_note(100)
    assert second.startswith(b"old 10\n")
    assert second.split(b"\n\n")[0].count(b"\n") == len(honest.consistency_proof(10, 100))
    assert (asked.outcome, asked.line) == (Outcome.COSIGNED, line)


def test_asks_no_more_than_twice(honest: Log) -> None:
    with saying(response(409, b"10\n"), response(409, b"20\n")) as (url, sent):
        asked = asked_of(url, honest)

    assert len(sent) == 2
    assert (asked.outcome, asked.witness_size) == (Outcome.REFUSED, 20)
    assert asked.problem == "witness witness.example/w1: is at size 20, was asked from 10"


def test_understands_the_first_version_of_the_protocol(honest: Log) -> None:
    with saying(response(409, b"100\n"), response(409, b"100\n")) as (url, _):
        asked = asked_of(url, honest)

    assert (asked.outcome, asked.witness_size) == (Outcome.FORKED, 100)


def answers(log: Log) -> list[tuple[bytes, Outcome, str]]:
    text = text_of(log)
    line, moved = WITNESS.line(text, time=7), WITNESS.line(text.replace("\n100", "\n10"), time=7)
    return [
        (response(200, b""), Outcome.BROKEN, "does not end in a newline"),
        (response(200, b"thanks\n"), Outcome.BROKEN, "signature line is 'thanks'"),
        (response(200, OTHER.line(text, time=7).encode()), Outcome.BROKEN, "no signature by wit"),
        (response(200, moved.encode()), Outcome.BROKEN, "does not verify over this head and time"),
        (response(200, b"\n" + line.encode()), Outcome.BROKEN, "no signature by witness"),
        (response(409, b""), Outcome.BROKEN, "size is '', expected a decimal"),
        (response(409, b"0100\n"), Outcome.BROKEN, "size is '0100"),
        (response(409, b"0\n"), Outcome.BROKEN, "was asked from size 0 and says it is there"),
        (response(409, b"101\n"), Outcome.BEHIND, "has cosigned size 101, this log has 100"),
        (response(422, b"no"), Outcome.FORKED, "size 100 does not grow from what it cosigned at 0"),
        (response(404, b"?"), Outcome.REFUSED, "answered 404, expected 200, 409 or 422"),
        (response(503, b"?"), Outcome.REFUSED, "answered 503"),
        (response(204, b""), Outcome.REFUSED, "answered 204"),
        (
            b"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            Outcome.REFUSED,
            "answered 302",
        ),
        (b"", Outcome.UNREACHABLE, "closed connection"),
        (b"SSH-2.0-hello\r\n", Outcome.UNREACHABLE, "SSH-2.0-hello"),
        (b"HTTP/1.1 200 X\r\n" + b"a: b\r\n" * 101 + b"\r\n", Outcome.UNREACHABLE, "100 headers"),
        (response(200, line.encode(), length=999), Outcome.UNREACHABLE, "answer is torn"),
        (response(200, line.encode() * 400), Outcome.UNREACHABLE, "more than 16384 bytes"),
        (b"HTTP/1.1 200 X\r\n\r\n" + b"x" * 20_000, Outcome.UNREACHABLE, "more than 16384 bytes"),
    ]


@pytest.mark.parametrize("n", range(20))
def test_every_answer_has_one_outcome(honest: Log, n: int) -> None:
    said, outcome, problem = answers(honest)[n]

    with saying(said) as (url, _):
        asked = asked_of(url, honest)

    assert len(answers(honest)) == 20
    assert (asked.outcome, asked.line, asked.time) == (outcome, "", None)
    assert problem in asked.problem


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 X\r\na: ", b"HTTP/1.1 200 X\r\n\r\n"])
def test_an_answer_that_drips_in_costs_the_time_allowed(honest: Log, said: bytes) -> None:
    with saying(said, drip=True) as (url, _):
        asked = asked_of(url, honest, timeout_s=0.2)

    assert asked.outcome is Outcome.UNREACHABLE
    assert asked.problem == "witness witness.example/w1: no whole answer in 0.2 s"


def test_a_silent_witness_costs_the_time_allowed(honest: Log) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        asked = asked_of(f"http://127.0.0.1:{listener.getsockname()[1]}", honest, timeout_s=0.05)

    assert asked.outcome is Outcome.UNREACHABLE
    assert asked.problem.endswith(("timed out", "no whole answer in 0.05 s"))


def test_nobody_there_is_an_outcome(honest: Log) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]

    plain = asked_of(f"http://127.0.0.1:{port}", honest)

    assert plain.outcome is Outcome.UNREACHABLE
    assert "witness witness.example/w1: [Errno 111] Connection refused" in plain.problem


def test_a_plain_answer_to_a_tls_question_is_an_outcome(honest: Log) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"

        def serve() -> None:
            connection, _ = listener.accept()
            with closing(connection):
                connection.sendall(b"HTTP/1.1 200 X\r\n\r\n")
                connection.recv(1000)

        thread = Thread(target=serve)
        thread.start()
        asked = asked_of(url, honest)
        thread.join()

    assert asked.outcome is Outcome.UNREACHABLE
    assert "SSL" in asked.problem


@pytest.mark.parametrize(
    "url",
    [
        "ftp://w.example", "file:///etc/passwd", "w.example", "http://", "http://u:p@w.example",
        "http://w.example?a", "http://w.example/#a", "http://w.example:99999", "http://[::1",
        "http://w.example/a b", "http://w.example/\r\nX: y", "http://w..example", "http://é.example/ü",
    ],
)  # fmt: skip
def test_refuses_an_address_that_is_none(honest: Log, url: str) -> None:
    with pytest.raises(BadInput, match=r"witness url: .* expected http\(s\)://HOST"):
        asked_of(url, honest)


def test_starts_from_no_size_beyond_its_own(served: Served, honest: Log) -> None:
    asked = served.ask(honest, 100, old=120)

    assert (asked.outcome, asked.witness_size) == (Outcome.COSIGNED, 100)


def shown_by(url: str, log: Log, *, timeout_s: float = 10.0) -> Shown:
    return newest_head(url, log=log.verifier, timeout_s=timeout_s)


def test_a_real_witness_shows_its_newest_head(served: Served, honest: Log) -> None:
    served.ask(honest, 100)

    shown = shown_by(served.server.url, honest)

    assert (shown.head, shown.problem) == (honest.checkpoint(100), "")
    assert open_cosignatures(shown.note, [served.keeper.memory.verifier], where="t") != {}


def test_asks_for_the_newest_head_where_the_protocol_has_it(honest: Log) -> None:
    with saying(response(200, honest.checkpoint_note(120))) as (url, sent):
        shown = shown_by(url, honest)

    name = hashlib.sha256(honest.origin.encode()).hexdigest()
    assert sent[0].split(b"\r\n")[0] == f"GET /w1/{name}/checkpoint HTTP/1.1".encode()
    assert shown == Shown(note=honest.checkpoint_note(120), head=honest.checkpoint(120))


def heads_that_are_none(log: Log) -> list[tuple[bytes, str]]:
    note = log.checkpoint_note(100)
    stranger = Signer(log.origin, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    other = Signer("other.invalid", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    text = text_of(log)
    return [
        (response(404, b""), "answered 404, expected 200"),
        (response(204, b""), "answered 204, expected 200"),
        (b"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "answered 302"),
        (response(200, b""), "head: note has no blank line"),
        (response(200, b"\xff" * 99), "head: note is not UTF-8"),
        (response(200, sign_note(text, stranger)), f"head: signed by {log.origin}+"),
        (response(200, sign_note(text, other)), "head: signed by other.invalid+"),
        (response(200, f"{text}\n{WITNESS.line(text, time=7)}".encode()), "head: signed by witne"),
        (response(200, note.replace(b"\n100\n", b"\n999\n")), "does not verify over this text"),
        (response(200, note[:-9], length=len(note)), "answer is torn"),
        (response(200, note + b"x" * 65_536), "more than 65536 bytes"),
        (b"", "closed connection"),
        (b"SSH-2.0-hello\r\n", "SSH-2.0-hello"),
    ]


@pytest.mark.parametrize("n", range(13))
def test_what_is_no_head_of_this_log_is_none(honest: Log, n: int) -> None:
    said, problem = heads_that_are_none(honest)[n]

    with saying(said) as (url, _):
        shown = shown_by(url, honest)

    assert len(heads_that_are_none(honest)) == 13
    assert (shown.note, shown.head) == (b"", None)
    assert problem in shown.problem


def test_a_head_that_drips_in_costs_the_time_allowed(honest: Log) -> None:
    with saying(b"HTTP/1.1 200 X\r\n\r\n", drip=True) as (url, _):
        shown = shown_by(url, honest, timeout_s=0.2)

    assert shown == Shown(problem="no whole answer in 0.2 s")
