"""Statements: what a person or a device decided, signed; and what a run computed.

An in-toto Statement v1 in canonical JSON, in a DSSE envelope whose own bytes are canonical JSON
too, with exactly one Ed25519 signature:

    {"payload": base64(STATEMENT), "payloadType": "application/vnd.in-toto+json",
     "signatures": [{"keyid": sha256 hex of the raw public key, "sig": base64}]}

What is signed is the envelope's pre-authentication encoding (`Envelope.pae`), which stock openssl
verifies. Statement types live forever; a type that this version does not know is preserved.

Source: https://in-toto.io/Statement/v1; DSSE protocol 1.0 (https://github.com/secure-systems-lab/dsse).
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from trucewatch.errors import BadInput, EvidenceBroken, UnknownStatement
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.note import decode_base64
from trucewatch.records.canonical import Json, canonical, parse_canonical, sha256_hex
from trucewatch.records.logbook.kinds import MACHINES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LINKED = "linked/v1"
"""Statement type of what analysts say of reports; see `records.link`."""

BATCH = "batch/v1"
"""Statement type of what a device signs of each file that it sends; see `records.batch_claim`."""

ENROLLED = "enrolled/v1"
"""Statement type that admits or withdraws a key; see `records.enrolment`."""

ABSENT = "absent/v1"
"""Statement type that says why an expected file did not come; see `records.absence`."""

CUSTODY = "custody/v1"
"""Statement type of what was done with an object; see `records.custody`."""

ASSERTED = "asserted/v1"
"""Statement type of a provider's conclusion without its data; see `records.assertion`."""

EXCULPATORY = "exculpatory/v1"
"""Statement type that marks what speaks for a party; see `records.exculpatory`."""

SEATED = "seated/v1"
"""Statement type of a witness's seat that a party was offered; see `records.seat`."""

ATTRIBUTED = "attributed/v1"
"""Statement type of who may have done it; see `records.attribution`."""

REGISTERED = "registered/v1"
"""Statement type that makes a file of claims part of a register; see `records.registered`."""

IMPORTED = "imported/v1"
"""Statement type that makes a table of deliveries part of one; see `records.registered`."""

LOGBOOK = tuple(f"{kind}/v1" for kind in MACHINES)
"""Statement types of the logbook, one per kind of record; see `records.logbook`."""

KNOWN = (
    "configured/v1",
    "computed/v1",
    "published/v1",
    LINKED,
    ENROLLED,
    BATCH,
    ABSENT,
    CUSTODY,
    ASSERTED,
    EXCULPATORY,
    SEATED,
    ATTRIBUTED,
    REGISTERED,
    IMPORTED,
    *LOGBOOK,
)
"""Statement types that this version reads."""

PAYLOAD_TYPE = "application/vnd.in-toto+json"
CONFIGURED = "statement/configured/v1"
"""Entry type of the statements that put a configuration in force; the first lists who may sign."""

CITES_OBJECTS = frozenset(
    {
        "configured/v1",
        "published/v1",
        LINKED,
        BATCH,
        ABSENT,
        CUSTODY,
        ASSERTED,
        EXCULPATORY,
        SEATED,
        ATTRIBUTED,
        REGISTERED,
        IMPORTED,
        *LOGBOOK,
    }
)
"""Statement types whose every subject is an object that was sealed before them."""

_STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
_PREDICATE_PREFIX = "urn:trucewatch:"
_TYPE = re.compile(r"[a-z][a-z0-9_]*/v[1-9][0-9]*")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a statement is about.

    Attributes:
        name: How to call it; free text.
        sha256: SHA-256 of its bytes, lowercase hex.
    """

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement whose signature was verified.

    Attributes:
        type: Name and version, such as `published/v1`.
        subjects: What it is about, in the order written.
        predicate: What it says.
        keyid: SHA-256 of the raw public key that signed it.
    """

    type: str
    subjects: tuple[Subject, ...]
    predicate: Mapping[str, Json]
    keyid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A DSSE envelope as parsed; nothing of it is verified.

    Attributes:
        payload: Bytes of the statement.
        keyid: SHA-256 of the raw public key that is said to have signed.
        signature: Ed25519 signature over `pae`.
    """

    payload: bytes
    keyid: str
    signature: bytes

    @property
    def pae(self) -> bytes:
        """The bytes that are signed: DSSE's pre-authentication encoding."""
        return pre_authentication(self.payload)


def pre_authentication(payload: bytes) -> bytes:
    """Return what is signed for a payload of our type.

    Example:
        >>> pre_authentication(b"{}")
        b'DSSEv1 28 application/vnd.in-toto+json 2 {}'
    """
    return b"DSSEv1 %d %b %d %b" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def key_id(public: bytes) -> str:
    """Return the id of a raw Ed25519 public key (32 bytes): its SHA-256 in hex."""
    return sha256_hex(public)


def sign_statement(
    kind: str,
    subjects: Sequence[Subject],
    predicate: Mapping[str, object],
    *,
    key: Ed25519PrivateKey,
) -> bytes:
    """Return the bytes of a signed statement, ready to be sealed as `statement/NAME/vN`.

    Args:
        kind: Name and version, such as `published/v1`.
        subjects: What it is about; order is kept.
        predicate: What it says; JSON without NaN.
        key: Who says it.

    Raises:
        BadInput: The type or a subject is malformed, or the predicate is not JSON.
    """
    if not _TYPE.fullmatch(kind):
        raise BadInput("statement", f"type is {kind!r}, expected NAME/vN")
    named = [{"name": s.name, "digest": {"sha256": s.sha256}} for s in subjects]
    payload = canonical(
        {
            "_type": _STATEMENT_TYPE,
            "subject": named,
            "predicateType": _PREDICATE_PREFIX + kind,
            "predicate": dict(predicate),
        }
    )
    _read_payload(payload, "", "statement")  # what cannot be read back is not signed
    public = key.public_key().public_bytes_raw()
    signature = key.sign(pre_authentication(payload))
    return _envelope_bytes(Envelope(payload=payload, keyid=key_id(public), signature=signature))


def parse_envelope(data: bytes, *, where: str) -> Envelope:
    """Return the parts of an envelope without verifying it.

    Raises:
        BadInput: Not the canonical form of an envelope with one signature.
    """
    value = _parse_outer(data, where)
    signatures = value.get("signatures")
    first = signatures[0] if isinstance(signatures, list) and len(signatures) == 1 else None
    if not isinstance(first, dict):
        raise BadInput(where, "envelope has other than one signature, expected exactly one")
    payload, sig, keyid = value.get("payload"), first.get("sig"), first.get("keyid")
    if not (isinstance(payload, str) and isinstance(sig, str) and isinstance(keyid, str)):
        raise BadInput(where, "envelope lacks payload, sig or keyid, expected three texts")
    envelope = Envelope(
        payload=decode_base64(payload, where=where),
        keyid=keyid,
        signature=decode_base64(sig, where=where),
    )
    if not _HEX64.fullmatch(keyid) or len(envelope.signature) != _SIGNATURE_BYTES:
        problem = f"keyid is {keyid[:80]!r} with a signature of {len(envelope.signature)} bytes"
        raise BadInput(where, f"{problem}, expected SHA-256 in hex and {_SIGNATURE_BYTES}")
    if _envelope_bytes(envelope) != data:
        _parse_json(data, where)  # says so when it is only the form
        raise BadInput(where, f"envelope has other members or type, expected {PAYLOAD_TYPE}")
    return envelope


def open_envelope(data: bytes, keys: Mapping[str, bytes], *, where: str) -> Statement:
    """Return a statement of any type, once its signature was verified.

    Args:
        data: Bytes of the envelope.
        keys: Raw Ed25519 public keys that may sign, by key id.
        where: How to name the statement in an error.

    Raises:
        EvidenceBroken: Signed by a key that is not among them, or the signature does not verify.
    """
    envelope = parse_envelope(data, where=where)
    public = keys.get(envelope.keyid)
    if public is None:
        known = ", ".join(sorted(keys)) or "none"
        raise EvidenceBroken(where, f"signed by key {envelope.keyid}, expected one of {known}")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(envelope.signature, envelope.pae)
    except (InvalidSignature, ValueError) as error:
        problem = f"signature by key {envelope.keyid} does not verify over this payload"
        raise EvidenceBroken(where, problem) from error
    return _read_payload(envelope.payload, envelope.keyid, where)


def open_statement(data: bytes, keys: Mapping[str, bytes], *, where: str) -> Statement:
    """Return a statement of a type that this version knows, once its signature was verified.

    Args:
        data: Bytes of the envelope.
        keys: Raw Ed25519 public keys that may sign, by key id.
        where: How to name the statement in an error.

    Raises:
        UnknownStatement: The signature verifies, and the type is a later one.
    """
    statement = open_envelope(data, keys, where=where)
    if statement.type not in KNOWN:
        raise UnknownStatement(where, f"type is {statement.type}, expected one of {list(KNOWN)}")
    return statement


def list_keys(publics: Sequence[bytes]) -> list[dict[str, str]]:
    """Return the `keys` member of a `configured` predicate: who may sign statements.

    Args:
        publics: Raw Ed25519 public keys, 32 bytes each.
    """
    return [{"ed25519": public.hex(), "keyid": key_id(public)} for public in publics]


def open_configured(data: bytes, *, where: str) -> tuple[Statement, dict[str, bytes]]:
    """Return the first `configured` statement of a log and the keys that it lists.

    It is signed by one of the keys that it lists itself: what ties it to the mission is its place
    in the log, not the signature alone.

    Raises:
        EvidenceBroken: It is another statement, or lists no keys, or the same one twice.
    """
    payload = parse_envelope(data, where=where).payload
    listed = _read_payload(payload, "", where).predicate.get("keys")
    keys: dict[str, bytes] = {}
    for row in listed if isinstance(listed, list) else []:
        text = row.get("ed25519") if isinstance(row, dict) else None
        if not isinstance(text, str) or not _HEX64.fullmatch(text):
            raise EvidenceBroken(where, f"key is {row!r}, expected 32 bytes in hex and its keyid")
        public = bytes.fromhex(text)
        if row != {"ed25519": text, "keyid": key_id(public)} or key_id(public) in keys:
            raise EvidenceBroken(where, f"key is {row!r}, expected keyid {key_id(public)} once")
        keys[key_id(public)] = public
    statement = open_envelope(data, keys, where=where)
    if STATEMENT_PREFIX + statement.type != CONFIGURED:
        raise EvidenceBroken(where, f"type is {statement.type}, expected configured/v1")
    return statement, keys


def _envelope_bytes(envelope: Envelope) -> bytes:
    # Every value is of letters that JSON writes as they are, so this is its RFC 8785 form.
    payload = base64.b64encode(envelope.payload).decode()
    signature = base64.b64encode(envelope.signature).decode()
    signatures = f'[{{"keyid":"{envelope.keyid}","sig":"{signature}"}}]'
    return (
        f'{{"payload":"{payload}","payloadType":"{PAYLOAD_TYPE}","signatures":{signatures}}}'
    ).encode()


def _parse_outer(data: bytes, where: str) -> dict[str, Json]:
    # Not yet known to be canonical: the caller writes it again and compares every byte.
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else _parse_json(data, where)


def _parse_json(data: bytes, where: str) -> dict[str, Json]:
    try:
        return parse_canonical(data, where=where)
    except (UnicodeError, RecursionError) as error:  # a lone surrogate in a key; deep nesting
        problem = f"JSON cannot be written canonically ({type(error).__name__})"
        raise BadInput(where, problem) from error


def _read_payload(payload: bytes, keyid: str, where: str) -> Statement:
    value = _parse_json(payload, where)
    kind, predicate = value.get("predicateType"), value.get("predicate")
    if value.keys() != {"_type", "subject", "predicateType", "predicate"}:
        raise BadInput(where, f"statement has {sorted(value)}, expected an in-toto Statement v1")
    if value["_type"] != _STATEMENT_TYPE or not isinstance(predicate, dict):
        problem = f"statement is of type {value['_type']!r}, expected {_STATEMENT_TYPE!r}"
        raise BadInput(where, f"{problem} with a predicate that is an object")
    name = kind.removeprefix(_PREDICATE_PREFIX) if isinstance(kind, str) else ""
    if kind != _PREDICATE_PREFIX + name or not _TYPE.fullmatch(name):
        raise BadInput(where, f"predicateType is {kind!r}, expected {_PREDICATE_PREFIX}NAME/vN")
    return Statement(
        type=name,
        subjects=_read_subjects(value["subject"], where),
        predicate=predicate,
        keyid=keyid,
    )


def _read_subjects(value: Json, where: str) -> tuple[Subject, ...]:
    if not isinstance(value, list) or not value:
        raise BadInput(where, "statement has no subject, expected at least one")
    subjects = []
    for row, item in enumerate(value):
        name = item.get("name") if isinstance(item, dict) else None
        digest = item.get("digest") if isinstance(item, dict) else None
        sha = digest.get("sha256") if isinstance(digest, dict) else None
        if not (isinstance(name, str) and name and isinstance(sha, str)):
            raise BadInput(where, f"subject {row} lacks name or sha256, expected both")
        if not _HEX64.fullmatch(sha) or item != {"name": name, "digest": {"sha256": sha}}:
            raise BadInput(where, f"subject {row} is {item!r}, expected a name and one sha256")
        subjects.append(Subject(name=name, sha256=sha))
    return tuple(subjects)
