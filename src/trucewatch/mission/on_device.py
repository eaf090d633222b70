"""What runs on a device: make its key, sign each file that it sends, and keep its chain.

The chain's state is the envelope that was signed last, byte for byte: its `sha256sum` is what the
next one names as `previous`. It is on the disk before the envelope is handed out, so a power cut
can neither fork the chain nor leave a gap: signing the same file again hands out the same envelope.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from trucewatch.errors import BadInput, BadMission
from trucewatch.evidence.checkpoint import parse_checkpoint_text
from trucewatch.evidence.keys import load_private, public_pem
from trucewatch.evidence.note import parse_note
from trucewatch.evidence.objects import write_durably
from trucewatch.evidence.statement import (
    BATCH,
    Subject,
    key_id,
    parse_envelope,
    sign_statement,
)
from trucewatch.mission.naming import shown
from trucewatch.records.batch_claim import BESIDE, read_batch_claim
from trucewatch.records.canonical import parse_canonical, sha256_hex
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trucewatch.mission.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKey:
    """A key pair that was made.

    Attributes:
        private: File that stays on the device, 0600.
        public: File that goes to the desk, to be enrolled.
        ed25519: The raw public key, hex: the same in one line.
        keyid: Its SHA-256.
    """

    private: Path
    public: Path
    ed25519: str
    keyid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Who signs, and where its chain is kept.

    Attributes:
        key: The device's private key, PEM.
        name: Name under which it is enrolled.
        sensor: Sensor whose format its files have.
        state: File with the newest envelope; made with the first.
        seen: Newest checkpoint of the log that the device was shown; None when it was shown none.
    """

    key: Path
    name: str
    sensor: str
    state: Path
    seen: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A file that was signed.

    Attributes:
        file: The file.
        beside: Its envelope.
        sequence: Number of the file in the device's chain.
        envelope: SHA-256 of the envelope, hex.
        again: Whether it was the newest of the chain already; nothing was signed now.
    """

    file: Path
    beside: Path
    sequence: int
    envelope: str
    again: bool


def make_key(path: Path) -> DeviceKey:
    """Make the key of a device: `NAME.pem` that only its owner can read, and `NAME.pub.pem`.

    Raises:
        BadMission: One of the files is there already; a key is never overwritten.
    """
    public_path = path.with_suffix(".pub.pem")
    for each in (path, public_path):
        if each.exists():
            raise BadMission(str(each), "is there already, expected a new file for a new key")
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_durably(path, pem, mode=0o600)
    write_durably(public_path, public_pem(public), mode=0o644)
    raw = public.public_bytes_raw()
    return DeviceKey(private=path, public=public_path, ed25519=raw.hex(), keyid=key_id(raw))


def sign_file(path: Path, signing: Signing, *, clock: Clock) -> Signed:
    """Sign a file as the next one of the device's chain, and write its envelope beside it.

    Raises:
        BadInput: The file cannot be read, or another envelope lies beside it.
    """
    key = load_private(signing.key)
    beside = path.with_name(path.name + BESIDE)
    subject = Subject(name=shown(path), sha256=_sha256(path))
    with _alone(signing.state):
        last = _read(signing.state)
        state = None if last is None else _state(last, signing)
        again = state is not None and state[1:] == (subject.sha256, _keyid(key))
        claim = _claim(None if state is None else (state[0], last), signing, clock)
        envelope = last if again and last else sign_statement(BATCH, [subject], claim, key=key)
        if _read(beside) not in {None, envelope}:
            problem = "is there already, expected none: a file is signed once"
            raise BadInput(str(beside), problem)
        if not again:
            write_durably(signing.state, envelope, mode=0o600)
        write_durably(beside, envelope, mode=0o644)
    return Signed(
        file=path,
        beside=beside,
        sequence=_state(envelope, signing)[0],
        envelope=sha256_hex(envelope),
        again=again,
    )


def _claim(
    last: tuple[int, bytes | None] | None, signing: Signing, clock: Clock
) -> dict[str, object]:
    number, envelope = last or (0, None)
    return {
        "device": signing.name,
        "sensor": signing.sensor,
        "sequence": number + 1,
        "previous": None if envelope is None else sha256_hex(envelope),
        "made_at": instant_text(clock.now()),
        "seen": _seen(signing.seen),
    }


def _state(envelope: bytes, signing: Signing) -> tuple[int, str, str]:
    """Return the number of the envelope that was signed last, its file's SHA-256 and its key's id.

    Raises:
        BadInput: It is no such envelope, or of another device or sensor.
    """
    where = str(signing.state)
    parsed = parse_envelope(envelope, where=where)
    match parse_canonical(parsed.payload, where=where):
        case {"predicate": dict(predicate), "subject": [{"digest": {"sha256": str(digest)}}]}:
            claim = read_batch_claim(predicate, entry=0)
        case _:
            raise BadInput(where, "is no envelope of a file, expected the one that was signed last")
    if (claim.device, claim.sensor) != (signing.name, signing.sensor):
        problem = f"is the chain of {claim.device}, sensor {claim.sensor}"
        raise BadInput(where, f"{problem}, expected {signing.name}, sensor {signing.sensor}")
    return claim.sequence, digest, parsed.keyid


def _seen(path: Path | None) -> dict[str, object] | None:
    """Return the head in a checkpoint as a claim says it; who signed that is for the log to say.

    Raises:
        BadInput: No such file.
    """
    if path is None:
        return None
    where = str(path)
    note = _read(path)
    if note is None:
        raise BadInput(where, "no such file, expected a checkpoint of the log")
    head = parse_checkpoint_text(parse_note(note, where=where).text, where=where)
    return {"origin": head.origin, "size": head.size, "root": head.root.hex()}


def _keyid(key: Ed25519PrivateKey) -> str:
    return key_id(key.public_key().public_bytes_raw())


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(str(path), f"{error.strerror}, expected a file to sign") from error


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadInput(str(path), f"{error.strerror}, expected a file that can be read") from error


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Hold a chain: two signers at a time would give one number twice.

    Yields:
        Once nobody else holds it.

    Raises:
        BadInput: The folder takes no file.
    """
    path = state.with_name(f".{state.name}.lock")
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BadInput(str(state), f"{error.strerror}, expected a place for the chain") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
