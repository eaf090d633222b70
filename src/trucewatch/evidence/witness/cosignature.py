"""Cosignatures: a witness says when it saw a log's head, and that the log had only grown.

    — WITNESS base64(4-byte key id + 8-byte time + 64-byte Ed25519 signature)

The time is in seconds of POSIX time, big-endian. The signature is over two lines and the text of
the checkpoint:

    cosignature/v1
    time SECONDS
    ORIGIN
    SIZE
    base64(ROOT)

Source: C2SP tlog-cosignature (https://c2sp.org/tlog-cosignature), Ed25519, key type 0x04.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.checkpoint import parse_checkpoint_text
from trucewatch.evidence.note import (
    Signature,
    check_key_name,
    format_vkey,
    key_id,
    parse_note,
    split_vkey,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

COSIGNATURE = 0x04
"""Type of a key that signs a time and a checkpoint."""

_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
_TIME_S_MAX = 253_402_300_799  # end of the year 9999, the last that a datetime can say


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignatureVerifier:
    """A witness as others know it: its name and its public key.

    Attributes:
        name: Key name without spaces and plus signs.
        public: Raw Ed25519 public key, 32 bytes.
    """

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that point to the key; a hint, not a fingerprint."""
        return key_id(self.name, self.public, kind=COSIGNATURE)

    @property
    def vkey(self) -> str:
        """The key as one line of text, `NAME+KEYID+BASE64`."""
        return format_vkey(self.name, self.public, kind=COSIGNATURE)

    def made(self, signature: Signature) -> bool:
        """Return whether a signature line says that it is by this key."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def time_of(self, text: str, signature: Signature, *, where: str) -> datetime:
        """Return when this witness cosigned a checkpoint's text, once its signature was verified.

        Raises:
            EvidenceBroken: The signature does not verify, or its time is none.
        """
        stamp, value = signature.signature[:_TIME_BYTES], signature.signature[_TIME_BYTES:]
        if len(value) != _SIGNATURE_BYTES:
            found = len(signature.signature)
            problem = f"cosignature by {self.name} has {found} bytes, expected 72"
            raise EvidenceBroken(where, problem)
        seconds = int.from_bytes(stamp, "big")
        if not 0 < seconds <= _TIME_S_MAX:
            problem = f"cosignature by {self.name} has time {seconds}, must be 1 to {_TIME_S_MAX}"
            raise EvidenceBroken(where, problem)
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public)
            key.verify(value, _message(text, seconds))
        except InvalidSignature as error:
            problem = f"cosignature by {self.name} does not verify over this head and time"
            raise EvidenceBroken(where, problem) from error
        return datetime.fromtimestamp(seconds, UTC)


class Cosigner:
    """Cosigns checkpoints under one name.

    Args:
        name: Key name without spaces and plus signs.
        private: The key. It is never written or shown by this class.
    """

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        public = private.public_key().public_bytes_raw()
        self.verifier = CosignatureVerifier(name=check_key_name(name), public=public)

    def line(self, text: str, *, time: int) -> str:
        """Return the cosignature line over the text of a checkpoint.

        Args:
            text: Three lines; anything else is not signed, whoever asks.
            time: POSIX time in seconds.

        Raises:
            BadInput: Not a checkpoint, or no time that can be signed.
        """
        parse_checkpoint_text(text, where="checkpoint to cosign")
        if not 0 < time <= _TIME_S_MAX:
            raise BadInput("cosignature", f"time is {time}, must be 1 to {_TIME_S_MAX}")
        key = self.verifier
        signature = time.to_bytes(_TIME_BYTES, "big") + self._private.sign(_message(text, time))
        return Signature(name=key.name, key_id=key.key_id, signature=signature).line


def parse_witness_vkey(text: str, *, where: str) -> CosignatureVerifier:
    """Return the witness that a line `NAME+KEYID+BASE64` of type 0x04 stands for."""
    name, public = split_vkey(text, kind=COSIGNATURE, where=where)
    return CosignatureVerifier(name=name, public=public)


def open_cosignatures(
    note: bytes, verifiers: Iterable[CosignatureVerifier], *, where: str
) -> dict[str, datetime]:
    """Return which known witnesses cosigned a checkpoint, and when, every signature verified.

    Args:
        note: The checkpoint with all of its signature lines.
        verifiers: The witnesses whose word counts, each with a name of its own. Lines by anybody
            else are ignored, as the format demands.
        where: How to name the note in an error.

    Returns:
        The earliest time of each witness by its key name, in the order of the verifiers.

    Raises:
        BadInput: Two verifiers have one name, or the note holds no checkpoint.
    """
    parsed = parse_note(note, where=where)
    parse_checkpoint_text(parsed.text, where=where)
    seen: set[str] = set()
    times: dict[str, datetime] = {}
    for verifier in verifiers:
        if verifier.name in seen:
            raise BadInput(where, f"two witnesses are named {verifier.name}, expected one")
        seen.add(verifier.name)
        signed = [s for s in parsed.signatures if verifier.made(s)]
        if signed:
            opened = [verifier.time_of(parsed.text, s, where=where) for s in signed]
            times[verifier.name] = min(opened)
    return times


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
