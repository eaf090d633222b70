"""Signed notes: a text, and lines that say who signed it.

    TEXT, ending in a newline

    — KEY NAME base64(4-byte key id + signature)

Here Ed25519 (type 0x01) is written and verified; `witness.cosignature` adds the type of witnesses.
Signatures by keys that the caller does not name are kept and ignored, as the format demands, so
that witnesses can be added without harm.

Source: C2SP signed-note (https://c2sp.org/signed-note).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from trucewatch.errors import BadInput, EvidenceBroken

ED25519 = 0x01
"""Type of a key that signs the text itself."""

_PUBLIC_BYTES = 32
_KEY_ID_BYTES = 4
_NOTE_BYTES_MAX = 1_000_000
_SIGNATURES_MAX = 100  # the format asks for at least 16
_DASH = "\u2014 "
_HEX8 = re.compile(r"[0-9a-f]{8}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")  # what a command line makes of bytes that are no UTF-8


def decode_base64(text: str, *, where: str) -> bytes:
    """Return the bytes of standard base64 in its one canonical form.

    Raises:
        BadInput: Not base64, or padding that other bytes could stand for.
    """
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise BadInput(where, f"{text[:60]!r} is not base64 ({error})") from error
    if base64.b64encode(value).decode() != text:
        raise BadInput(where, f"{text[:60]!r} is not canonical base64, expected zero padding bits")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A name and the public key that signs under it.

    Attributes:
        name: Key name without spaces and plus signs; for a log, its origin.
        public: Raw Ed25519 public key, 32 bytes.
    """

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that point to the key; a hint, not a fingerprint."""
        return key_id(self.name, self.public, kind=ED25519)

    @property
    def vkey(self) -> str:
        """The key as one line of text, `NAME+KEYID+BASE64`."""
        return format_vkey(self.name, self.public, kind=ED25519)

    def accepts(self, text: bytes, signature: bytes) -> bool:
        """Return whether the signature over the text is by this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


class Signer:
    """Signs notes under one name.

    Args:
        name: Key name without spaces and plus signs; for a log, its origin.
        private: The key. It is never written or shown by this class.

    Raises:
        BadInput: The name cannot stand in a signature line.
    """

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        public = private.public_key().public_bytes_raw()
        self.verifier = Verifier(name=check_key_name(name), public=public)

    def line(self, text: bytes) -> str:
        """Return the signature line over a note's text."""
        key = self.verifier
        signed = Signature(name=key.name, key_id=key.key_id, signature=self._private.sign(text))
        return signed.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature line.

    Attributes:
        name: Key name.
        key_id: Four bytes that point to the key.
        signature: The rest, as its algorithm defines it.
    """

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line itself, with its newline."""
        encoded = base64.b64encode(self.key_id + self.signature).decode()
        return f"{_DASH}{self.name} {encoded}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note as parsed; nothing of it is verified.

    Attributes:
        text: The signed text with its last newline.
        signatures: The lines under it, in order.
    """

    text: str
    signatures: tuple[Signature, ...]


def is_key_name(name: str) -> bool:
    """Return whether a name can stand in a signature line.

    Example:
        >>> is_key_name("mission.example/log"), is_key_name("two words")
        (True, False)
    """
    odd = _CONTROL.search(name) or _SURROGATE.search(name)
    return bool(name) and not odd and not any(c.isspace() or c == "+" for c in name)


def check_key_name(name: str) -> str:
    """Return the name, once it was found that it can stand in a signature line.

    Raises:
        BadInput: It cannot.
    """
    if not is_key_name(name):
        problem = f"name is {name!r}, must have no spaces, plus signs or control characters"
        raise BadInput("key", problem)
    return name


def key_id(name: str, public: bytes, *, kind: int) -> bytes:
    """Return the four bytes that point to a key of some type."""
    digest = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()
    return digest[:_KEY_ID_BYTES]


def format_vkey(name: str, public: bytes, *, kind: int) -> str:
    """Return a key of some type as one line of text, `NAME+KEYID+BASE64`."""
    encoded = base64.b64encode(bytes([kind]) + public).decode()
    return f"{name}+{key_id(name, public, kind=kind).hex()}+{encoded}"


def parse_vkey(text: str, *, where: str) -> Verifier:
    """Return the verifier that a line `NAME+KEYID+BASE64` stands for."""
    name, public = split_vkey(text, kind=ED25519, where=where)
    return Verifier(name=name, public=public)


def split_vkey(text: str, *, kind: int, where: str) -> tuple[str, bytes]:
    """Return name and public key of a line `NAME+KEYID+BASE64` for a type of 32-byte keys.

    Raises:
        BadInput: Not three parts, a key of another type, or the key id is of another key.
    """
    parts = text.split("+", 2)  # base64 may hold plus signs, a name may not
    if len(parts) != 3 or not is_key_name(parts[0]):  # noqa: PLR2004 - name, id, key
        raise BadInput(where, f"key is {text[:80]!r}, expected NAME+KEYID+BASE64")
    name, hint, encoded = parts
    key = decode_base64(encoded, where=where)
    if not key or key[0] != kind or len(key) != 1 + _PUBLIC_BYTES:
        problem = f"key is of another type, expected Ed25519 (type {kind}, {_PUBLIC_BYTES} bytes)"
        raise BadInput(where, problem)
    expected = key_id(name, key[1:], kind=kind).hex()
    if not _HEX8.fullmatch(hint) or hint != expected:
        raise BadInput(where, f"key id is {hint[:16]!r}, expected {expected!r}")
    return name, key[1:]


def sign_note(text: str, signer: Signer) -> bytes:
    """Return a note over the text with one signature.

    Raises:
        BadInput: The text does not end in a newline or holds control characters.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise BadInput("note", "text must end in a newline and hold no control characters")
    return f"{text}\n{signer.line(text.encode())}".encode()


def parse_note(note: bytes, *, where: str) -> Note:
    """Return the parts of a note without verifying it.

    Raises:
        BadInput: Not UTF-8, control characters, no blank line before the signatures, no signature,
            or too many.
    """
    if len(note) > _NOTE_BYTES_MAX:
        raise BadInput(where, f"note has {len(note)} bytes, must be at most {_NOTE_BYTES_MAX}")
    try:
        content = note.decode()
    except UnicodeDecodeError as error:
        raise BadInput(where, f"note is not UTF-8 ({error.reason} at {error.start})") from error
    if _CONTROL.search(content):
        raise BadInput(where, "note holds control characters, expected only newlines")
    text, blank, lines = content.rpartition("\n\n")
    if not blank or not text:
        raise BadInput(where, "note has no blank line, expected one before the signatures")
    if not lines.endswith("\n"):
        raise BadInput(where, "note does not end in a newline after its signatures")
    rows = lines[:-1].split("\n")
    if len(rows) > _SIGNATURES_MAX:
        raise BadInput(where, f"note has {len(rows)} signatures, must be <= {_SIGNATURES_MAX}")
    return Note(
        text=text + "\n", signatures=tuple(parse_signature(row, where=where) for row in rows)
    )


def open_note(note: bytes, verifier: Verifier, *, where: str) -> Note:
    """Return the note, once a signature by the verifier's key over its text was verified.

    Raises:
        EvidenceBroken: No signature by that key, or one that does not verify.
    """
    parsed = parse_note(note, where=where)
    text = parsed.text.encode()
    known = [s for s in parsed.signatures if (s.name, s.key_id) == (verifier.name, verifier.key_id)]
    if not known:
        signers = ", ".join(f"{s.name}+{s.key_id.hex()}" for s in parsed.signatures)
        expected = f"{verifier.name}+{verifier.key_id.hex()}"
        raise EvidenceBroken(where, f"signed by {signers}, expected {expected}")
    if not all(verifier.accepts(text, s.signature) for s in known):
        raise EvidenceBroken(where, f"signature by {verifier.name} does not verify over this text")
    return parsed


def parse_signature(line: str, *, where: str) -> Signature:
    """Return the parts of one signature line, given without its newline.

    Raises:
        BadInput: Not a dash, a name and base64 of more than four bytes.
    """
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not is_key_name(name):
        raise BadInput(where, f"signature line is {line[:60]!r}, expected '{_DASH}NAME BASE64'")
    value = decode_base64(encoded, where=where)
    if len(value) <= _KEY_ID_BYTES:
        raise BadInput(where, f"signature by {name} has {len(value)} bytes, expected more than 4")
    return Signature(name=name, key_id=value[:_KEY_ID_BYTES], signature=value[_KEY_ID_BYTES:])
