"""Verifying the log of a mission folder: the same checks as for a bundle, over everything.

A writer may be at work meanwhile. What it adds after the head was read is not part of what is
verified, and is no fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.anchor import TIMESTAMP
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.outside import outside
from trucewatch.evidence.tiles import TILE_WIDTH, parse_tile_path
from trucewatch.verify.conclude import check_citations, conclude
from trucewatch.verify.findings import NOTHING, Findings, Steps
from trucewatch.verify.published import says_exercise
from trucewatch.verify.sealed import AnchoredHead, Sealed, tree_of
from trucewatch.verify.statements import check_signatures, statement_indices
from trucewatch.verify.tree import check_entries, check_published, check_tree, read_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from trucewatch.evidence.anchor import Anchor
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.note import Verifier
    from trucewatch.verify.findings import Check, Given

_HEAD = "checkpoint"
_STATIC_HEAD = "log/checkpoint"


class OpenLog(Protocol):
    """As much of `evidence.log.Log` as a checker needs."""

    verifier: Verifier

    def checkpoint_note(self, size: int | None = None) -> bytes:
        """Return the newest signed checkpoint."""

    def cosigned_note(self, size: int | None = None) -> bytes:
        """Return a signed checkpoint with the lines of its witnesses."""

    def anchors(self) -> Sequence[Anchor]:
        """Return what others said of checkpoints."""

    def static_files(self, size: int) -> Iterator[tuple[str, bytes]]:
        """Yield path and bytes of every tile and entry bundle."""

    def object(self, digest: str) -> bytes:
        """Return a sealed object, re-hashed."""

    def check_database(self) -> None:
        """Check what the database keeps beside entries, tiles and objects."""

    def published(self) -> dict[str, bytes]:
        """Return the static files that lie beside the database."""


def verify_home(
    log: OpenLog,
    *,
    vkey: str | None = None,
    given: Given = NOTHING,
    told: Callable[[Check], None] | None = None,
) -> Findings:
    """Return what was checked in a log in which every link holds.

    Every object is read and hashed, every tile recomputed, in the database and among the static
    files beside it, and every statement verified. A link that does not hold is `EvidenceBroken`;
    the message names the file, entry or object.

    Args:
        log: The log, open for reading at least.
        vkey: The log's verifier key as known from elsewhere.
        given: What else is known from elsewhere.
        told: Is called with each step as it is taken.
    """
    trusted = None if vkey is None else parse_vkey(vkey, where="--key")
    steps = Steps(told)
    _check_key(log, trusted, steps)
    anchors = log.anchors()  # before the head: no later one is of a size that it lacks
    with steps.check("The log's key signed the head") as found:
        head = open_checkpoint(log.checkpoint_note(), log.verifier, where=_HEAD)
        found.append(f"{head.size:,} entries, root {head.root.hex()}")
    files = dict(log.static_files(head.size))
    with steps.check("The entries lead to the head"):
        contents = read_entries(files, head.size)
        check_tree(contents, files, head)
    with steps.check("Entries are in order, each there once"):
        entries = check_entries(contents)
    with steps.check("Every object is the one that its entry names") as found:
        _check_objects(log, entries)
        found.append(f"{len(entries):,} entries")
    with steps.check("Every statement is signed by a key that might sign it there") as found:
        envelopes = {i: log.object(entries[i].object) for i in statement_indices(entries)}
        statements = check_signatures(entries, envelopes)
        named = outside(entries, statements.by_index, log.object)
        found.append(f"{len(statements.by_index):,} signatures")
    sealed = Sealed(
        verifier=log.verifier,
        head=head,
        contents=contents,
        entries=entries,
        tree=tree_of(files, head.size),
        content_of=log.object,
        withheld=0,
        statements=statements,
        outside=named,
        anchors=tuple(_heads(log, anchors)),
    )
    with steps.check("The database and the static files agree with the entries"):
        log.check_database()
        _check_static(log, contents)
    return _findings(sealed, given, steps, known=trusted is not None)


def _findings(sealed: Sealed, given: Given, steps: Steps, *, known: bool) -> Findings:
    check_citations(sealed, steps)
    with steps.check("The settings say whether this is an exercise") as found:
        exercise = says_exercise(sealed) is True
        found.append("it is" if exercise else "it is none")
    concluded = conclude(sealed, given, steps, known=known)
    return Findings(
        origin=sealed.head.origin,
        size=sealed.head.size,
        root=sealed.head.root.hex(),
        objects=len({entry.object for entry in sealed.entries}),
        withheld=0,
        proofs=0,
        statements=len(sealed.statements.by_index),
        unknown=sealed.statements.unknown,
        reports=0,
        checks=tuple(steps.taken),
        exercise=exercise,
        **concluded._asdict(),
    )


def _check_key(log: OpenLog, trusted: Verifier | None, steps: Steps) -> None:
    with steps.check("The log's key is known") as found:
        if trusted is not None and trusted != log.verifier:
            raise EvidenceBroken("log.db", f"key is {log.verifier.vkey}, expected {trusted.vkey}")
        found.append(log.verifier.vkey)


def _check_objects(log: OpenLog, entries: Sequence[Entry]) -> None:
    for index, entry in enumerate(entries):
        size = len(log.object(entry.object))
        if size != entry.size:
            where = f"entry {index}"
            problem = f"object {entry.object} has {size} bytes, its entry says {entry.size}"
            raise EvidenceBroken(where, problem)


def _heads(log: OpenLog, anchors: Sequence[Anchor]) -> Iterator[AnchoredHead]:
    stamps: dict[int, dict[str, bytes]] = {}
    for anchor in anchors:
        mine = stamps.setdefault(anchor.size, {})
        if anchor.kind == TIMESTAMP:
            mine[anchor.name] = anchor.content
    for size, mine in sorted(stamps.items()):
        yield AnchoredHead(size=size, note=log.cosigned_note(size), stamps=mine)


def _check_static(log: OpenLog, contents: Sequence[bytes]) -> None:
    files = log.published()
    note = files.pop(_HEAD, None)
    if note is None:
        return  # never published, or the first time was cut short: tiles without a head say nothing
    head = open_checkpoint(note, log.verifier, where=_STATIC_HEAD)
    ahead = {name: found for name, found in files.items() if _end(name) > head.size}
    if ahead or head.size > len(contents):
        contents = _contents_now(log, contents, ahead)
    if head.size > len(contents):
        problem = f"is for {head.size} entries, the database holds {len(contents)}"
        raise EvidenceBroken(_STATIC_HEAD, f"{problem}: the log was rolled back")
    beside = {name: found for name, found in files.items() if name not in ahead}
    check_published(contents, beside, head)


def _contents_now(
    log: OpenLog, contents: Sequence[bytes], ahead: Mapping[str, bytes]
) -> list[bytes]:
    """Return the entries that the log has by now, and check the files that are ahead of their head.

    An entry is in the database before it is published, and its tiles before the head that speaks of
    them. So what a writer published meanwhile, or was about to when it was killed, is in the log
    that is read afterwards; what is not there then was there once, or never was of this log.

    Raises:
        EvidenceBroken: The log did not merely grow, or a file is not of it.
    """
    now = open_checkpoint(log.checkpoint_note(), log.verifier, where=_HEAD)
    files = dict(log.static_files(now.size))
    entries = read_entries(files, now.size)
    if entries[: len(contents)] != contents:
        problem = f"its first {len(contents)} entries are others than when they were read first"
        raise EvidenceBroken("log.db", f"{problem}, expected a log that only grows")
    check_published(entries, {**files, **ahead}, now)
    return entries


def _end(name: str) -> int:
    """Return how many entries a log has at least that has this tile or entry bundle."""
    place = parse_tile_path(name)
    if place is None:
        return 0
    level, index, width = place
    leaves = TILE_WIDTH**level if isinstance(level, int) else 1
    return (index * TILE_WIDTH + width) * leaves
