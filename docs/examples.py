"""Worked examples for `reference/formats.md`, made by the code that writes the formats.

The key comes from a fixed text, so the bytes never change and anybody can make them again. It is
worthless as proof.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trucewatch.evidence.checkpoint import Checkpoint, sign_checkpoint
from trucewatch.evidence.entry import Entry, entry_bytes
from trucewatch.evidence.merkle import leaf_hash, root_of
from trucewatch.evidence.note import Signer
from trucewatch.evidence.proof import LogProof, format_proof
from trucewatch.evidence.statement import Subject, parse_envelope, sign_statement
from trucewatch.evidence.tiles import pack_entries
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.level import Level

ORIGIN = "example.invalid/evidence"
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"trucewatch documentation").digest())
FILE = b"latitude,longitude,acq_date\n45.01,-29.90,2030-09-01\n"
LOGGED_AT = datetime(2030, 9, 2, 8, tzinfo=UTC)


def formats() -> str:
    """Return an entry, its leaf hash, an entry bundle, a checkpoint, a proof and a statement."""
    statement = sign_statement(
        "published/v1",
        [Subject(name="daily-2030-09-01.txt", sha256=sha256_hex(FILE))],
        {"product": "daily", "day": "2030-09-01"},
        key=KEY,
    )
    entries = [_entry("received/firms/v1", FILE), _entry("statement/published/v1", statement)]
    leaves = [leaf_hash(entry) for entry in entries]
    signer = Signer(ORIGIN, KEY)
    head = Checkpoint(origin=ORIGIN, size=len(entries), root=root_of(leaves))
    note = sign_checkpoint(head, signer)
    proof = format_proof(LogProof(index=0, hashes=(leaves[1],), checkpoint_note=note))
    payload = parse_envelope(statement, where="example").payload
    shown = (
        ("Entry 0, one line without a line break at its end", entries[0].decode()),
        ("Its leaf hash, `SHA-256(0x00 || entry)`", leaves[0].hex()),
        ("Verifier key of the log, `log.vkey`", signer.verifier.vkey),
        ("Checkpoint of both entries", note.decode()),
        ("`proofs/0.tlog-proof`", proof.decode()),
        ("Payload of the statement in entry 1", payload.decode()),
        ("The envelope around it, which is what is sealed", statement.decode()),
    )
    parts = [f"{title}:\n\n```text\n{text.rstrip()}\n```\n" for title, text in shown]
    bundle = pack_entries(entries)
    length = f"the first two are `{bundle[:2].hex()}`, the length of entry 0"
    parts.append(f"Entry bundle `tile/entries/000.p/2`: {len(bundle)} bytes; {length}.\n")
    return "\n".join(parts)


def _entry(kind: str, content: bytes) -> bytes:
    return entry_bytes(
        Entry(
            type=kind,
            object=sha256_hex(content),
            size=len(content),
            level=Level.CLEAR,
            logged_at=LOGGED_AT,
        )
    )
