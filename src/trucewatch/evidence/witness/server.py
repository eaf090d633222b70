"""A witness over HTTP: one thing to ask of it, three to read.

    POST PREFIX/add-checkpoint      a cosignature, or why not
    GET  PREFIX/ID/checkpoint       newest cosigned head of a log; ID is the SHA-256 of its origin
    GET  PREFIX/vkey                the witness's key
    GET  PREFIX/heads               all newest cosigned heads, for people

Answers say what the protocol says and nothing else. A request is at most 64 KiB; a connection is
closed when it says nothing for `IDLE_S`, and in any case after `LIFE_S`.

Source: C2SP tlog-witness (https://c2sp.org/tlog-witness).
"""

from __future__ import annotations

import re
import socket
import sys
import time
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Lock
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, TruceWatchError
from trucewatch.evidence.witness.keeper import Verdict
from trucewatch.evidence.witness.request import BODY_BYTES_MAX, SIZE_TYPE
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from typing_extensions import override

    from trucewatch.evidence.witness.keeper import Answer, Keeper
    from trucewatch.evidence.witness.memory import Head

    _Reply = tuple[HTTPStatus, bytes, str]
else:

    def override(method):
        """Return the method; Python 3.11 has no such mark at run time."""
        return method


IDLE_S = 10.0
"""A log answers at once or not at all."""

LIFE_S = 60.0
"""Ends requests that drip in; a log that asks more often opens a new connection."""

CONNECTIONS_MAX = 64
"""More are closed unheard: a mission has a handful of logs, each with one writer."""

_TEXT = "text/plain; charset=utf-8"
_NOTHING: _Reply = (HTTPStatus.NOT_FOUND, b"", _TEXT)
_LENGTH = re.compile("[0-9]{1,9}")


class WitnessServer(ThreadingHTTPServer):
    """Serves a witness until it is shut down; `serve_forever` and `shutdown` as in `http.server`.

    Args:
        keeper: Decides, from any number of threads.
        clock: Says what time it is.
        address: Host and port to listen on; port 0 takes a free one.
        prefix: What stands before every path, such as "/w1", or "".
        heard: Called with each decision, or with what prevented it, from the thread that serves.

    Raises:
        BadInput: Nothing can listen on that address.
    """

    daemon_threads = True

    def __init__(
        self,
        keeper: Keeper,
        *,
        clock: Callable[[], datetime],
        address: tuple[str, int] = ("127.0.0.1", 0),
        prefix: str = "",
        heard: Callable[[Answer | TruceWatchError], None] = lambda _: None,
    ) -> None:
        self.keeper = keeper
        self.clock = clock
        self.prefix = prefix.rstrip("/")
        self.heard = heard
        self._ends: dict[socket.socket, float] = {}
        self._guard = Lock()
        try:
            super().__init__(address, _Handler)
        except (OSError, OverflowError) as error:
            where = f"{address[0]}:{address[1]}"
            raise BadInput(where, f"cannot be listened on ({error}), expected another") from error

    @property
    def url(self) -> str:
        """Where a log asks: the submission prefix."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes | bytearray) else host
        return f"http://{name}:{port}{self.prefix}"

    @override
    def server_bind(self) -> None:
        """Bind the socket."""
        TCPServer.server_bind(self)  # without the look-up of names that HTTPServer adds
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    @override
    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        """Serve a connection in a thread of its own, unless there are too many."""
        with self._guard:
            welcome = len(self._ends) < CONNECTIONS_MAX
            if welcome:
                self._ends[request] = time.monotonic() + LIFE_S
        if welcome:
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    @override
    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        """End a connection."""
        with self._guard:
            self._ends.pop(request, None)
        super().shutdown_request(request)

    @override
    def service_actions(self) -> None:
        """Cut the connections whose time is over; called twice a second."""
        with self._guard:
            over = [r for r, end_s in self._ends.items() if end_s < time.monotonic()]
        for request in over:
            with suppress(OSError):  # it may just have ended by itself
                request.shutdown(socket.SHUT_RDWR)

    @override
    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Show what went wrong in a thread, unless whoever asked has gone away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    server: WitnessServer

    def do_POST(self) -> None:
        body = self._body()
        if body is not None:
            path = f"{self.server.prefix}/add-checkpoint"
            self._reply(lambda: self._decided(body) if self.path == path else _NOTHING)

    def do_GET(self) -> None:
        self._reply(self._read)

    def _decided(self, body: bytes) -> _Reply:
        answer = self.server.keeper.answer(body, now=self.server.clock())
        self.server.heard(answer)
        kind = SIZE_TYPE if answer.verdict is Verdict.CONFLICT else _TEXT
        return HTTPStatus(answer.verdict), answer.body, kind

    def _read(self) -> _Reply:
        memory, prefix = self.server.keeper.memory, self.server.prefix
        if self.path == f"{prefix}/vkey":
            return HTTPStatus.OK, f"{memory.verifier.vkey}\n".encode(), _TEXT
        heads = {_path_of(head): head.note for head in memory.heads()}
        if self.path == f"{prefix}/heads":
            return HTTPStatus.OK, b"\n".join(heads.values()), _TEXT
        note = heads.get(self.path.removeprefix(prefix)) if self.path.startswith(prefix) else None
        return _NOTHING if note is None else (HTTPStatus.OK, note, _TEXT)

    def _reply(self, decide: Callable[[], _Reply]) -> None:
        try:
            status, body, kind = decide()
        except TruceWatchError as error:
            self.server.heard(error)
            status, body, kind = HTTPStatus.SERVICE_UNAVAILABLE, b"", _TEXT
        body = body or f"{status.phrase}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> bytes | None:
        lengths = self.headers.get_all("Content-Length", [])
        plain = len(lengths) == 1 and _LENGTH.fullmatch(lengths[0])
        if not plain or "Transfer-Encoding" in self.headers:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif int(lengths[0]) > BODY_BYTES_MAX:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            body = self.rfile.read(int(lengths[0]))
            if len(body) == int(lengths[0]):
                return body
            self.close_connection = True
        return None

    @override
    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        self.close_connection = True  # what follows of a request that was not read is no request
        self._reply(lambda: (HTTPStatus(code), b"", _TEXT))

    @override
    def version_string(self) -> str:
        return "witness"

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: who asked is nobody's business, what was decided goes to `heard`."""


def _path_of(head: Head) -> str:
    return f"/{sha256_hex(head.checkpoint.origin.encode())}/checkpoint"
