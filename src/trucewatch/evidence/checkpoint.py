"""Checkpoints: what a log says of itself at one size, signed.

    ORIGIN
    SIZE
    base64(ROOT)

Source: C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint). Extension lines are neither written
nor read: no monitor could audit them.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.merkle import HASH_BYTES
from trucewatch.evidence.note import decode_base64, is_key_name, open_note, sign_note

if TYPE_CHECKING:
    from trucewatch.evidence.note import Signer, Verifier

_LINES = 3
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")  # below 2^63 in every verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log.

    Attributes:
        origin: Name of the log, equal to the name of its key.
        size: Number of entries.
        root: Merkle root over them, 32 bytes.
    """

    origin: str
    size: int
    root: bytes


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """Return the text that is signed.

    Raises:
        BadInput: The origin, size or root cannot be written.
    """
    if not is_key_name(checkpoint.origin):
        problem = f"origin is {checkpoint.origin!r}, must have no spaces or plus signs"
        raise BadInput("checkpoint", problem)
    if not _SIZE.fullmatch(str(checkpoint.size)) or len(checkpoint.root) != HASH_BYTES:
        problem = f"size is {checkpoint.size} with a root of {len(checkpoint.root)} bytes"
        raise BadInput("checkpoint", f"{problem}, expected 0 or more and {HASH_BYTES}")
    root = base64.b64encode(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"


def parse_checkpoint_text(text: str, *, where: str) -> Checkpoint:
    """Return the checkpoint in the text of a note.

    Raises:
        BadInput: Not exactly origin, size and root, each on a line.
    """
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[-1]:
        raise BadInput(where, f"checkpoint has {len(lines) - 1} lines, expected {_LINES}")
    origin, size, encoded = lines[:_LINES]
    if not is_key_name(origin):
        raise BadInput(where, f"origin is {origin[:60]!r}, must have no spaces or plus signs")
    if not _SIZE.fullmatch(size):
        raise BadInput(where, f"size is {size[:30]!r}, expected a decimal without leading zeros")
    root = decode_base64(encoded, where=where)
    if len(root) != HASH_BYTES:
        raise BadInput(where, f"root has {len(root)} bytes, expected {HASH_BYTES}")
    return Checkpoint(origin=origin, size=int(size), root=root)


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Return the signed note of a checkpoint.

    Raises:
        BadInput: The signer's name is not the log's origin.
    """
    if signer.verifier.name != checkpoint.origin:
        problem = f"key is named {signer.verifier.name}, expected {checkpoint.origin}"
        raise BadInput("checkpoint", problem)
    return sign_note(checkpoint_text(checkpoint), signer)


def open_checkpoint(note: bytes, verifier: Verifier, *, where: str) -> Checkpoint:
    """Return the checkpoint in a note, once the log's own signature was verified.

    Raises:
        EvidenceBroken: The origin is not the name of the key.
    """
    opened = open_note(note, verifier, where=where)
    checkpoint = parse_checkpoint_text(opened.text, where=where)
    if checkpoint.origin != verifier.name:
        problem = f"origin is {checkpoint.origin}, expected {verifier.name}"
        raise EvidenceBroken(where, problem)
    return checkpoint
