"""What strangers on the network can do to a witness."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing
from typing import TYPE_CHECKING, Never

import pytest
from tests.evidence.witness.conftest import Served, body
from tests.evidence.witness.histories import ORIGIN

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.witness import server as server_module
from trucewatch.evidence.witness.client import Outcome
from trucewatch.evidence.witness.request import BODY_BYTES_MAX
from trucewatch.evidence.witness.server import WitnessServer
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from trucewatch.errors import TruceWatchError
    from trucewatch.evidence.log import Log
    from trucewatch.evidence.witness.keeper import Answer, Keeper

DEADLINE_S = 10.0


def raw(served: Served, content: bytes) -> bytes:
    """Return all that the server says to some bytes, until it closes the connection."""
    address = served.server.server_address[:2]
    with closing(socket.create_connection(address, timeout=DEADLINE_S)) as connection:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


def test_shows_its_key_and_its_heads(served: Served, honest: Log) -> None:
    line = served.ask(honest, 100).line
    note = honest.checkpoint_note(100) + line.encode()

    assert served.get("/vkey") == (200, f"{served.keeper.memory.verifier.vkey}\n".encode())
    assert served.get("/heads") == (200, note)
    assert served.get(f"/{sha256_hex(ORIGIN.encode())}/checkpoint") == (200, note)


@pytest.mark.parametrize(
    "path",
    ["/", "/logs", "/witness.pem", "/../witness.pem", "/add-checkpoint", "/heads/", "/vkey?"],
)
def test_shows_nothing_else(served: Served, path: str) -> None:
    assert served.get(path) == (404, b"Not Found\n")


def test_listens_below_its_prefix_only(keeper: Keeper, served: Served, honest: Log) -> None:
    served.server.prefix = "/w1"

    assert served.server.url.endswith("/w1")
    assert served.ask(honest, 10).line
    assert served.post(body(honest, 10, 100))[0] == 404
    assert (served.get("/vkey")[0], served.get("/w1/vkey")[0]) == (404, 200)
    assert keeper.memory.heads()[0].checkpoint.size == 10


def test_keeps_a_connection_for_more_requests(served: Served, honest: Log) -> None:
    with closing(
        http.client.HTTPConnection(*served.server.server_address[:2], timeout=DEADLINE_S)
    ) as connection:
        found = []
        for step in ((0, 10), (0, 10), (10, 100)):
            connection.request("POST", "/add-checkpoint", body=body(honest, *step))
            response = connection.getresponse()
            found.append((response.status, response.headers["Connection"], response.read()[:3]))

    assert found == [
        (200, None, b"\xe2\x80\x94"),
        (409, None, b"10\n"),
        (200, None, b"\xe2\x80\x94"),
    ]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /add-checkpoint HTTP/1.1\r\n\r\n", b"411 Length Required"),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: +1\r\n\r\n", b"411"),
        (b"POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"411"),
        (b"POST /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST /a HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (BODY_BYTES_MAX + 1), b"413"),
        (b"PUT /add-checkpoint HTTP/1.1\r\n\r\n", b"501 Not Implemented"),
        (b"GET /<script> HTTP/9.9\r\n\r\n", b"HTTP Version Not Supported"),
        (b"<script>\r\n\r\n", b"Bad Request"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", b"431"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
    ],
)
def test_closes_on_what_is_no_request(served: Served, head: bytes, status: bytes) -> None:
    said = raw(served, head)

    assert status in said.split(b"\r\n")[0]
    assert not said.startswith(b"HTTP/") or b"\r\nConnection: close\r\n" in said
    assert b"script" not in said
    assert b"Python" not in said


def test_drops_a_body_that_is_torn(served: Served, honest: Log) -> None:
    content = body(honest, 0, 10)
    head = b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (len(content) + 1)

    assert raw(served, head + content) == b""
    assert served.keeper.memory.heads() == []


def test_a_silent_connection_is_closed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module._Handler, "timeout", 0.05)
    address = served.server.server_address[:2]

    with closing(socket.create_connection(address, timeout=DEADLINE_S)) as connection:
        connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\n")

        assert connection.recv(1) == b""


def test_a_connection_that_drips_is_closed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "LIFE_S", 0.0)
    address = served.server.server_address[:2]

    with closing(socket.create_connection(address, timeout=DEADLINE_S)) as connection:
        assert connection.recv(1) == b""


def test_a_crowd_does_not_grow_without_end(
    served: Served, honest: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "CONNECTIONS_MAX", 2)
    address = served.server.server_address[:2]
    crowd = [socket.create_connection(address, timeout=DEADLINE_S) for _ in range(3)]

    assert crowd[2].recv(1) == b""

    for connection in crowd:
        connection.close()
    again = (served.ask(honest, 10) for _ in range(10_000))
    assert any(asked.outcome is Outcome.COSIGNED for asked in again)


def test_says_no_more_than_unavailable_when_it_cannot_sign(served: Served, honest: Log) -> None:
    heard: list[Answer | TruceWatchError] = []
    served.server.heard = heard.append
    served.ask(honest, 10)
    served.clock.move(-1)

    status, _, answer = served.post(body(honest, 10, 100))
    next((served.keeper.memory.folder / "heads").iterdir()).unlink()
    broken = served.post(body(honest, 10, 100))[0], served.get("/heads")[0]

    assert (status, answer) == (503, b"Service Unavailable\n")
    assert broken == (503, 503)
    assert "clock" in str(heard[1])
    assert isinstance(heard[-1], EvidenceBroken)


@pytest.mark.parametrize(("error", "shown"), [(ValueError("oops"), True), (OSError("gone"), False)])
def test_a_defect_is_shown_and_a_lost_connection_is_not(
    served: Served,
    honest: Log,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    *,
    shown: bool,
) -> None:
    def fail(_: object) -> Never:
        raise error

    served.server.heard = fail
    with pytest.raises(http.client.RemoteDisconnected, match="closed connection"):
        served.post(body(honest, 0, 10))

    assert ("oops" in capsys.readouterr().err) is shown


def test_says_where_it_cannot_listen(keeper: Keeper, served: Served) -> None:
    port = served.server.server_address[1]

    with pytest.raises(BadInput, match=rf"127\.0\.0\.1:{port}: cannot be listened on"):
        WitnessServer(keeper, clock=served.clock.now, address=("127.0.0.1", port))
