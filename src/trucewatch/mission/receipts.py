"""Receipts for what was sealed just now, as files that the submitter takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.evidence.objects import write_durably
from trucewatch.evidence.proof import LogProof
from trucewatch.evidence.receipt import format_receipt

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.log import Log


def receipt_of(log: Log, index: int) -> bytes:
    """Return the receipt for an entry under the head that the log has now."""
    size = log.size
    proof = LogProof(
        index=index,
        hashes=tuple(log.inclusion_proof(index, size)),
        checkpoint_note=log.checkpoint_note(size),
    )
    return format_receipt(log.entry_bytes(index), proof)


def write_receipt(log: Log, index: int, folder: Path, *, name: str) -> Path:
    """Write the receipt for an entry as `NAME.receipt`, and return its path.

    One that is there is never overwritten, as an earlier head says more than a later one: then the
    new one is `NAME.INDEX-SIZE.receipt`.
    """
    content = receipt_of(log, index)
    path = folder / f"{name}.receipt"
    if path.exists() and path.read_bytes() != content:
        path = folder / f"{name}.{index}-{log.size}.receipt"
    write_durably(path, content, mode=0o644)
    return path
