"""A real time-stamping authority on this machine: HTTP in front of `openssl ts -reply`.

`make_authority` makes its root, key and configuration; `authority` serves them on 127.0.0.1 and can
be told to misbehave. Other tests may import both; they must let 127.0.0.1 through with
`allow_loopback`.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client import _rust

from trucewatch.evidence.timestamp.request import timestamp_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
ENDS = datetime(2120, 1, 1, tzinfo=UTC)
STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)
needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the Debian package openssl is not installed"
)
CONFIGURATION = """\
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1, millisecs:500
clock_precision_digits = 3
ess_cert_id_alg = sha256
"""


class Behaviour(Enum):
    """What the authority does with a request."""

    HONEST = auto()
    OFFLINE = auto()
    WRONG_NONCE = auto()
    WRONG_DIGEST = auto()
    REDIRECTING = auto()
    BUSY = auto()
    ENDLESS = auto()
    DRIPPING = auto()
    DRIPPING_WITHOUT_LENGTH = auto()
    SILENT = auto()
    BREAKING_OFF = auto()
    NOT_ONE = auto()


@dataclass(frozen=True)
class Issuer:
    certificate: x509.Certificate | None
    key: EllipticCurvePrivateKey


@dataclass(frozen=True)
class Terms:
    """What a certificate says beside its names."""

    purposes: Sequence[x509.ObjectIdentifier] = ()
    authority: bool = False
    valid: tuple[datetime, datetime] = (BEGAN, ENDS)
    serial: int | None = None
    critical: bool = True


@dataclass
class Authority:
    name: str
    folder: Path
    url: str
    behaviour: Behaviour = Behaviour.HONEST
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def ca_pem(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def roots(self) -> list[bytes]:
        return [self.ca_pem.read_bytes()]

    def stop(self) -> None:
        self.stopped.set()


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make_issuer(name: str, by: Issuer | None = None) -> Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    return Issuer(make_certificate(name, key, by or Issuer(None, key), Terms(authority=True)), key)


def make_certificate(
    name: str,
    key: EllipticCurvePrivateKey,
    by: Issuer,
    terms: Terms = Terms(),
) -> x509.Certificate:
    """Return a certificate by an issuer; by itself where the issuer has none yet."""
    issuer = by.certificate.subject if by.certificate else name_of(name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(terms.serial or x509.random_serial_number())
        .not_valid_before(terms.valid[0])
        .not_valid_after(terms.valid[1])
        .add_extension(x509.BasicConstraints(ca=terms.authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False
        )
    )
    if terms.purposes:
        usage = x509.ExtendedKeyUsage(list(terms.purposes))
        builder = builder.add_extension(usage, critical=terms.critical)
    return builder.sign(by.key, hashes.SHA256())


def pem_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def key_pem(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def openssl(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run openssl in a folder and return what it printed, whatever its exit code."""
    return subprocess.run(  # noqa: S603
        ["openssl", *map(str, words)],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def make_authority(
    folder: Path,
    name: str,
    *,
    issuer: Issuer | None = None,
    valid: tuple[datetime, datetime] = (BEGAN, ENDS),
    settings: str = "",
) -> Issuer:
    """Write root, certificate, key and configuration of an authority; return its issuer."""
    folder.mkdir(parents=True, exist_ok=True)
    issuer = issuer or make_issuer(f"{name} root")
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = make_certificate(name, key, issuer, Terms(purposes=STAMPING, valid=valid))
    (folder / "ca.pem").write_bytes(pem_of(issuer.certificate))
    (folder / "tsa.pem").write_bytes(pem_of(leaf))
    (folder / "tsa.key").write_bytes(key_pem(key))
    (folder / "serial").write_text("0001\n")
    (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder) + settings)
    return issuer


def reply_to(folder: Path, request: bytes) -> bytes:
    """Return what `openssl ts -reply` answers with the folder's key and configuration."""
    (folder / "query.tsq").write_bytes(request)
    arguments = ("-config", "tsa.cnf", "-section", "here", "-queryfile", "query.tsq")
    done = openssl("ts", "-reply", *arguments, "-out", "reply.tsr", folder=folder)
    assert done.returncode == 0, done.stderr
    return (folder / "reply.tsr").read_bytes()


@contextlib.contextmanager
def authority(folder: Path, name: str, *, settings: str = "") -> Iterator[Authority]:
    """Serve an authority on 127.0.0.1 until the block ends or `stop` is called."""
    make_authority(folder, name, settings=settings)
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    server.timeout = 30
    served = Authority(name, folder, f"http://127.0.0.1:{server.server_port}/tsa")
    server.served = served  # type: ignore[attr-defined]
    loop = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    loop.start()
    try:
        yield served
    finally:
        served.stop()
        server.shutdown()
        server.server_close()
        loop.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        served: Authority = self.server.served  # type: ignore[attr-defined]
        request = self.rfile.read(int(self.headers["Content-Length"]))
        if served.stopped.is_set() or served.behaviour is Behaviour.OFFLINE:
            return  # closes the connection without a word
        answers = {
            Behaviour.REDIRECTING: lambda: self._answer(b"", 302),
            Behaviour.BUSY: lambda: self._answer(b"come back later", 503),
            Behaviour.ENDLESS: lambda: self._answer(bytes(200_000)),
            Behaviour.DRIPPING: lambda: self._drip(served, "Content-Length: 1000"),
            Behaviour.DRIPPING_WITHOUT_LENGTH: lambda: self._drip(served, "Connection: close"),
            Behaviour.SILENT: lambda: served.stopped.wait(0.5),
            Behaviour.BREAKING_OFF: lambda: self._answer(b"0", promised=100),
            Behaviour.NOT_ONE: lambda: self._answer(b"<html>log in to this network</html>"),
        }
        answer = answers.get(served.behaviour, lambda: self._stamp(served, request))
        with contextlib.suppress(ConnectionError):  # the client may hang up
            answer()

    def _stamp(self, served: Authority, request: bytes) -> None:
        if self.headers["Content-Type"] != "application/timestamp-query":
            self._answer(b"", 415)
            return
        nonce = _rust.parse_timestamp_request(request).nonce
        if served.behaviour is Behaviour.WRONG_DIGEST:
            request = timestamp_request(b"something else", nonce=nonce)
        if served.behaviour is Behaviour.WRONG_NONCE:
            request = timestamp_request(b"checkpoint\n", nonce=nonce ^ 1)
        self._answer(reply_to(served.folder, request))

    def _answer(self, content: bytes, status: int = 200, promised: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(promised or len(content)))
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()
        self.wfile.write(content)

    def _drip(self, served: Authority, header: str) -> None:
        self.send_response(200)
        self.send_header(*header.split(": "))
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b"0")
            if served.stopped.wait(0.02):
                return

    def log_message(self, *_: object) -> None:
        pass


def allow_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let connections to 127.0.0.1 through, and only those."""

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        assert address[0] == "127.0.0.1", f"a test tried to reach {address}"
        super(socket.socket, self).connect(address)

    monkeypatch.setattr(socket.socket, "connect", connect)
