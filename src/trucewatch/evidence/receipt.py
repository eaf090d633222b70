"""Receipts: what a submitter keeps, so that what was acknowledged cannot be left out later.

    trucewatch receipt 1
    ENTRY
                                    (an empty line)
    c2sp.org/tlog-proof@v1
    index N
    base64(HASH)...

    CHECKPOINT NOTE

ENTRY is the entry's canonical JSON on one line: it names the file by its SHA-256. What follows the
empty line is a C2SP tlog-proof under the head that the log had when it acknowledged the file; cut
there, the lower part is a proof for stock tools, and the entry is what it proves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.entry import parse_entry
from trucewatch.evidence.proof import LogProof, check_proof, format_proof, parse_proof

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.note import Verifier

_HEADER = b"trucewatch receipt 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt whose proof and signature were verified.

    Attributes:
        index: Index that the entry was given.
        entry: The entry's bytes.
        checkpoint: Head of the log when it acknowledged the entry.
    """

    index: int
    entry: bytes
    checkpoint: Checkpoint

    @property
    def sealed(self) -> Entry:
        """What the entry says."""
        return parse_entry(self.entry, where=f"receipt for entry {self.index}")


def format_receipt(entry: bytes, proof: LogProof) -> bytes:
    """Return the text of a receipt.

    Args:
        entry: Bytes of the entry.
        proof: That it is under the head that the log has now.
    """
    return b"%b\n%b\n\n%b" % (_HEADER, entry, format_proof(proof))


def parse_receipt(data: bytes, *, where: str) -> tuple[bytes, LogProof]:
    """Return the entry's bytes and the proof in a receipt; nothing of it is verified.

    Raises:
        BadInput: Another header, an entry that is none, or no proof after an empty line.
    """
    lines = data.split(b"\n", 3)
    if lines[0] != _HEADER:
        problem = f"first line is {lines[0][:60]!r}, expected {_HEADER!r}"
        raise BadInput(where, problem)
    if len(lines) < 4 or lines[2]:  # noqa: PLR2004 - header, entry, empty line, the rest
        raise BadInput(where, "receipt has no empty line after its entry, expected one and a proof")
    _, entry, _, rest = lines
    parse_entry(entry, where=where)
    return entry, parse_proof(rest, where=where)


def check_receipt(data: bytes, verifier: Verifier, *, where: str) -> Receipt:
    """Return a receipt, once its head was found signed by the log and its entry under that head.

    Args:
        data: Text of the receipt.
        verifier: Key of the log, known from elsewhere.
        where: How to name the receipt in an error.
    """
    entry, proof = parse_receipt(data, where=where)
    checkpoint = check_proof(format_proof(proof), entry, verifier, where=where)
    return Receipt(index=proof.index, entry=entry, checkpoint=checkpoint)


def against_log(
    receipt: Receipt, entries: Sequence[bytes], root_at: Callable[[int], bytes]
) -> None:
    """Check that a log still is the one that gave a receipt.

    Args:
        receipt: From `check_receipt`.
        entries: Bytes of every entry of the log that is shown.
        root_at: The root that these entries lead to at a size up to their number.

    Raises:
        EvidenceBroken: The entry is not where it was acknowledged, or the entries up to the head
            of the receipt lead to another root: the log was cut, or written anew.
    """
    sealed, index = receipt.sealed, receipt.index
    size, root = receipt.checkpoint.size, receipt.checkpoint.root
    where = f"receipt for entry {index}"
    said = f"entry {index} was acknowledged to its submitter as {sealed.type}"
    said += f", object {sealed.object}"
    if index >= len(entries):
        problem = f"{said} and is not in this log, which ends before entry {len(entries)}"
        raise EvidenceBroken(where, problem)
    if entries[index] != receipt.entry:
        found = parse_entry(entries[index], where=f"entry {index}")
        problem = f"{said} and is not in this log: there it is {found.type}, object {found.object}"
        if (found.type, found.object) == (sealed.type, sealed.object):
            problem = f"{said} in other words: {receipt.entry.decode()}"
            problem += f", and this log says {entries[index].decode()}"
        raise EvidenceBroken(where, problem)
    if size > len(entries):
        problem = f"its head is of {size} entries, this log has {len(entries)}"
        raise EvidenceBroken(where, f"{problem}: it was cut, or is older than the receipt")
    found_root = root_at(size)
    if found_root != root:
        problem = f"at size {size} the log had root {root.hex()} when it gave the receipt"
        problem += f", these entries lead to {found_root.hex()}: it was rewritten"
        raise EvidenceBroken(where, problem)
