"""Proofs that stand alone: one entry, the hashes above it, and the checkpoint they lead to.

    c2sp.org/tlog-proof@v1
    index 73894
    base64(HASH)...

    CHECKPOINT NOTE

Source: C2SP tlog-proof (https://c2sp.org/tlog-proof). We write no `extra` line, as nothing signs
it, and refuse one.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.merkle import HASH_BYTES, check_inclusion, leaf_hash
from trucewatch.evidence.note import decode_base64

if TYPE_CHECKING:
    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.note import Verifier

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})")
_HASHES_MAX = 63  # more would need more than 2^63 entries


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """A proof as parsed; nothing of it is verified.

    Attributes:
        index: Index of the entry.
        hashes: Sibling hashes from the entry upwards.
        checkpoint_note: The signed checkpoint, byte for byte.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: bytes


def format_proof(proof: LogProof) -> bytes:
    """Return the text of a proof."""
    hashes = "".join(f"{base64.b64encode(node).decode()}\n" for node in proof.hashes)
    return f"{_HEADER}\nindex {proof.index}\n{hashes}\n".encode() + proof.checkpoint_note


def parse_proof(data: bytes, *, where: str) -> LogProof:
    """Return the parts of a proof.

    Raises:
        BadInput: Another header, a malformed index or hash, or no blank line before the checkpoint.
    """
    head, blank, note = data.partition(b"\n\n")
    if not blank or not note:
        raise BadInput(where, "no blank line, expected one before the checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput(where, f"byte {error.start} is not ASCII, expected hashes") from error
    if lines[0] != _HEADER:
        raise BadInput(where, f"first line is {lines[0][:60]!r}, expected {_HEADER!r}")
    index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if index is None:
        raise BadInput(where, f"second line is {lines[1:2]}, expected 'index N'")
    hashes = tuple(decode_base64(line, where=where) for line in lines[2:])
    if len(hashes) > _HASHES_MAX:
        raise BadInput(where, f"{len(hashes)} hashes, must be at most {_HASHES_MAX}")
    for row, node in enumerate(hashes):
        if len(node) != HASH_BYTES:
            raise BadInput(where, f"hash {row} has {len(node)} bytes, expected {HASH_BYTES}")
    return LogProof(index=int(index[1]), hashes=hashes, checkpoint_note=note)


def check_proof(data: bytes, entry: bytes, verifier: Verifier, *, where: str) -> Checkpoint:
    """Return the checkpoint under which a proof shows an entry to be logged.

    Args:
        data: Text of the proof.
        entry: Bytes of the entry.
        verifier: Key of the log.
        where: How to name the proof in an error.
    """
    proof = parse_proof(data, where=where)
    checkpoint = open_checkpoint(proof.checkpoint_note, verifier, where=where)
    check_inclusion(
        leaf_hash(entry),
        index=proof.index,
        size=checkpoint.size,
        proof=proof.hashes,
        root=checkpoint.root,
        where=where,
    )
    return checkpoint
