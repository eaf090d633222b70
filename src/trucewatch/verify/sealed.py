"""A log as its checker has it in hand, once its entries were found to lead to its head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.evidence.tiles import Tree, tile_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.note import Verifier
    from trucewatch.evidence.outside import Outside
    from trucewatch.verify.statements import Statements


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredHead:
    """A head of the log that others may have signed.

    Attributes:
        size: Of how many entries it speaks.
        note: The note with every signature line under it.
        stamps: Answers of time authorities (DER), by short name.
    """

    size: int
    note: bytes
    stamps: Mapping[str, bytes]


class OutsideTime(NamedTuple):
    """That somebody outside saw a head.

    Attributes:
        size: Of how many entries it speaks.
        time: By when at the latest, UTC.
        who: Who says so.
        brought: Whether the reader brought the key that shows it, and not the log's maker.
    """

    size: int
    time: datetime
    who: str
    brought: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A log whose entries, tiles and head agree, and what is at hand of its objects.

    Attributes:
        verifier: The log's key.
        head: Its signed head.
        contents: Bytes of every entry.
        entries: The same, parsed.
        tree: Roots of the log at every size.
        content_of: Returns an object by its SHA-256 in hex, or None when it is not at hand.
        withheld: How many entries have an object that is not at hand.
        statements: Statements at hand, verified.
        outside: Whom the sealed settings name outside of the mission.
        anchors: Heads that others may have signed, by size.
    """

    verifier: Verifier
    head: Checkpoint
    contents: Sequence[bytes]
    entries: Sequence[Entry]
    tree: Tree
    content_of: Callable[[str], bytes | None]
    withheld: int
    statements: Statements
    outside: Outside
    anchors: Sequence[AnchoredHead]


def tree_of(files: Mapping[str, bytes], size: int) -> Tree:
    """Return roots and proofs of a log from its static files, which must have been checked."""

    def read(level: int, index: int, width: int) -> bytes:
        return files[tile_path(level, index, width)]

    return Tree(read, size)
