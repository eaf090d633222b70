"""A witness, alone or served on the loopback address, and a log with two histories."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.evidence.witness.histories import NOON, ORIGIN, grow

from trucewatch.evidence.note import Signer
from trucewatch.evidence.witness.client import Asked, ask
from trucewatch.evidence.witness.keeper import Keeper
from trucewatch.evidence.witness.memory import Memory, create_witness
from trucewatch.evidence.witness.request import Request, format_request
from trucewatch.evidence.witness.server import WitnessServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trucewatch.evidence.log import Log


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the rule of all tests by: nothing but this machine."""
    connect = socket.socket.connect

    def loopback(self: socket.socket, address: tuple[str, int]) -> None:
        assert address[0] == "127.0.0.1", "a test tried to reach another machine"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", loopback)


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory, signer: Signer) -> Iterator[Log]:
    home = tmp_path_factory.mktemp("honest") / "home"
    with grow(home, signer, sizes=(10, 100, 120), apart=60, told="true") as log:
        yield log


@pytest.fixture(scope="session")
def forked(tmp_path_factory: pytest.TempPathFactory, signer: Signer) -> Iterator[Log]:
    """Differs from entry 60 on, under the same key."""
    home = tmp_path_factory.mktemp("forked") / "home"
    with grow(home, signer, sizes=(10, 100, 120, 125), apart=60, told="false") as log:
        yield log


@pytest.fixture
def folder(tmp_path: Path, signer: Signer) -> Path:
    create_witness(tmp_path / "witness", "witness.example/w1")
    Memory(tmp_path / "witness").trust(signer.verifier)
    return tmp_path / "witness"


@pytest.fixture
def keeper(folder: Path) -> Iterator[Keeper]:
    with Keeper(folder) as opened:
        yield opened


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def move(self, seconds: int) -> None:
        self.time += timedelta(seconds=seconds)


def body(log: Log, old: int, size: int, *, proof_from: Log | None = None) -> bytes:
    """Return a request of a log that grows from `old` to `size`."""
    proof = (proof_from or log).consistency_proof(old, size) if old <= size else []
    note = log.checkpoint_note(size)
    return format_request(Request(old=old, proof=tuple(proof), note=note))


@dataclass(frozen=True)
class Served:
    """A witness behind its real server."""

    server: WitnessServer
    keeper: Keeper
    clock: Clock

    def post(self, content: bytes, path: str = "/add-checkpoint") -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(*self.server.server_address[:2], timeout=10)
        connection.request("POST", path, body=content)
        response = connection.getresponse()
        found = response.status, response.headers["Content-Type"], response.read()
        connection.close()
        return found

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self.server.server_address[:2], timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        found = response.status, response.read()
        connection.close()
        return found

    def ask(self, log: Log, size: int, *, old: int = 0, note: bytes = b"") -> Asked:
        return ask(
            self.server.url,
            note=note or log.checkpoint_note(size),
            consistency=log.consistency_proof,
            old=old,
            verifier=self.keeper.memory.verifier,
            timeout_s=10.0,
        )


@pytest.fixture
def served(keeper: Keeper) -> Iterator[Served]:
    clock = Clock()
    with WitnessServer(keeper, clock=clock.now) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Served(server, keeper, clock)
        server.shutdown()
        thread.join()
