"""A witness that says what it likes of a mission's log, over a real connection."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trucewatch.evidence.checkpoint import Checkpoint, checkpoint_text, sign_checkpoint
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import Signer
from trucewatch.evidence.witness.cosignature import Cosigner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.mission.home import Home

HUGE = 409, b"999999999999999999\n"
NEVER = 422, b""
LIAR = Cosigner("liar.example/w", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@contextmanager
def lying(told: tuple[int, bytes], shown: tuple[int, bytes]) -> Iterator[str]:
    """Serve one answer to every head and one to who asks for its newest; give its policy words."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._say(*told)

        def do_GET(self) -> None:
            self._say(*shown)

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"liar {LIAR.verifier.vkey} http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def forged(home: Home) -> bytes:
    """A larger head in the log's name, signed by a stranger and cosigned by the liar."""
    with Log.open(home.path) as log:
        origin = log.origin
    head = Checkpoint(origin=origin, size=999, root=bytes(32))
    stranger = Signer(origin, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    return sign_checkpoint(head, stranger) + LIAR.line(checkpoint_text(head), time=7).encode()
