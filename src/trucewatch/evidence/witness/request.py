"""What a log sends to a witness, and what the witness sends back.

    old SIZE
    base64(HASH)...

    CHECKPOINT NOTE

The hashes are the consistency proof from the size that the witness cosigned last. A witness that
cosigned another size answers with that size alone; one that agrees, with its signature lines.

Source: C2SP tlog-witness (https://c2sp.org/tlog-witness).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.merkle import HASH_BYTES
from trucewatch.evidence.note import decode_base64, parse_note

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.evidence.witness.cosignature import CosignatureVerifier

SIZE_TYPE = "text/x.tlog.size"
"""Content type of the answer that holds only a size."""

BODY_BYTES_MAX = 64 * 1024
"""Room for 63 hashes and a checkpoint with a hundred signatures."""

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")  # as in a checkpoint
_HASHES_MAX = 63  # more would need more than 2^63 entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as parsed; nothing of it is verified.

    Attributes:
        old: Size that the log takes the witness to have cosigned last.
        proof: Hashes that lead from that size to the new head.
        note: The signed checkpoint, byte for byte.
    """

    old: int
    proof: tuple[bytes, ...]
    note: bytes


def format_request(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        BadInput: The size or the hashes cannot be written, or there are too many.
    """
    where = "request"
    if not _SIZE.fullmatch(str(request.old)):
        raise BadInput(where, f"old size is {request.old}, must be 0 or more")
    _check_proof(request.proof, where)
    hashes = "".join(f"{base64.b64encode(node).decode()}\n" for node in request.proof)
    return f"old {request.old}\n{hashes}\n".encode() + request.note


def parse_request(body: bytes, *, where: str) -> Request:
    """Return the parts of a request.

    Raises:
        BadInput: No old size, a malformed hash, too many, or no note after a blank line.
    """
    head, blank, note = body.partition(b"\n\n")
    if not blank or not note:
        raise BadInput(where, "no blank line, expected one before the checkpoint")
    try:
        first, *rest = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput(where, f"byte {error.start} is not ASCII, expected hashes") from error
    word, _, size = first.partition(" ")
    if word != "old" or not _SIZE.fullmatch(size):
        raise BadInput(where, f"first line is {first[:40]!r}, expected 'old SIZE'")
    if len(rest) > _HASHES_MAX:
        raise BadInput(where, f"{len(rest)} hashes, must be at most {_HASHES_MAX}")
    proof = tuple(decode_base64(line, where=where) for line in rest)
    _check_proof(proof, where)
    return Request(old=int(size), proof=proof, note=note)


def format_size(size: int) -> bytes:
    """Return the answer of a witness that cosigned another size."""
    return f"{size}\n".encode()


def parse_size(body: bytes, *, where: str) -> int:
    """Return the size in the answer of a witness that cosigned another one.

    Raises:
        BadInput: Not one decimal number on a line.
    """
    text = body.decode("ascii", errors="replace")
    if not text.endswith("\n") or not _SIZE.fullmatch(text[:-1]):
        raise BadInput(where, f"size is {text[:30]!r}, expected a decimal and a newline")
    return int(text)


def parse_lines(
    body: bytes, text: str, verifier: CosignatureVerifier, *, where: str
) -> tuple[str, datetime]:
    """Return the line by a witness in its answer and the time it states, once verified.

    Args:
        body: The answer: signature lines, of which those by other keys are ignored.
        text: Text of the checkpoint that was sent.
        verifier: The witness that was asked.
        where: How to name the answer in an error.

    Raises:
        BadInput: Not signature lines, or none by that witness.
    """
    parsed = parse_note(f"{text}\n".encode() + body, where=where)
    signed = [s for s in parsed.signatures if verifier.made(s)]
    if parsed.text != text or not signed:
        raise BadInput(where, f"no signature by {verifier.name}, expected one over the head")
    times = [verifier.time_of(text, s, where=where) for s in signed]
    return signed[0].line, times[0]


def _check_proof(proof: Sequence[bytes], where: str) -> None:
    if len(proof) > _HASHES_MAX:
        raise BadInput(where, f"{len(proof)} hashes, must be at most {_HASHES_MAX}")
    for row, node in enumerate(proof):
        if len(node) != HASH_BYTES:
            raise BadInput(where, f"hash {row} has {len(node)} bytes, expected {HASH_BYTES}")
