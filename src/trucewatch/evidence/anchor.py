"""Anchors: what others say about a checkpoint of a log, kept beside it.

A cosignature is a witness's line under the checkpoint's signed note; a timestamp is an authority's
answer (RFC 3161) over that note. Both come later than the checkpoint, say nothing about entries
after it, and are no part of the log: nothing that the log hashes changes when one is added.

Source: C2SP signed-note (https://c2sp.org/signed-note) for the form of a signature line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.note import is_key_name, parse_note

if TYPE_CHECKING:
    from collections.abc import Iterable

COSIGNATURE = "cosignature"
TIMESTAMP = "timestamp"
KINDS = (COSIGNATURE, TIMESTAMP)
_CONTENT_BYTES_MAX = 65_535  # a timestamp with its certificates has a few thousand bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One piece of outside evidence about the checkpoint of one size; as received, not verified.

    Attributes:
        size: Size of the log that the checkpoint speaks of.
        kind: "cosignature" or "timestamp".
        name: Key name of the witness, or short name of the timestamp authority.
        content: One signature line of a signed note with its newline, or a DER TimeStampResp.
    """

    size: int
    kind: str
    name: str
    content: bytes


def check_anchor(anchor: Anchor, *, where: str) -> None:
    """Check the form of an anchor; what it says is for `verify` to check.

    Raises:
        BadInput: Of no known kind, or its name or content cannot be of that kind.
    """
    if anchor.kind not in KINDS:
        raise BadInput(where, f"kind is {anchor.kind!r}, expected one of {', '.join(KINDS)}")
    if not is_key_name(anchor.name):
        problem = f"name is {anchor.name!r}, must have no spaces, plus signs or control characters"
        raise BadInput(where, problem)
    if not 0 < len(anchor.content) <= _CONTENT_BYTES_MAX:
        problem = f"content has {len(anchor.content)} bytes, must be 1 to {_CONTENT_BYTES_MAX}"
        raise BadInput(where, problem)
    if anchor.kind == COSIGNATURE:
        _check_line(anchor, where)


def _check_line(anchor: Anchor, where: str) -> None:
    lines = anchor.content.count(b"\n")
    if lines != 1 or not anchor.content.endswith(b"\n"):
        problem = f"content has {lines} newlines, expected one signature line with its newline"
        raise BadInput(where, problem)
    [signature] = parse_note(b"-\n\n" + anchor.content, where=where).signatures
    if signature.name != anchor.name:
        raise BadInput(where, f"signature line is by {signature.name}, expected {anchor.name}")


def cosigned(note: bytes, anchors: Iterable[Anchor]) -> bytes:
    """Return the signed note of a checkpoint with the cosignatures under it, ordered by name.

    Args:
        note: The checkpoint's note as the log signed it.
        anchors: Those of its size; timestamps among them are left out.
    """
    lines = {a.name: a.content for a in anchors if a.kind == COSIGNATURE}
    return note + b"".join(lines[name] for name in sorted(lines))
