"""Verifying the log of a mission folder: the same checks as for a bundle, over everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.anchor import TIMESTAMP
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.outside import outside
from trucewatch.verify.conclude import check_citations, conclude
from trucewatch.verify.findings import NOTHING, Findings, Steps
from trucewatch.verify.published import says_exercise
from trucewatch.verify.sealed import AnchoredHead, Sealed, tree_of
from trucewatch.verify.statements import check_signatures, statement_indices
from trucewatch.verify.tree import check_entries, check_published, check_tree, read_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trucewatch.evidence.anchor import Anchor
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.note import Verifier
    from trucewatch.verify.findings import Check, Given

_HEAD = "checkpoint"


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
    files beside it, and every statement verified.

    Args:
        log: The log, open for reading at least.
        vkey: The log's verifier key as known from elsewhere.
        given: What else is known from elsewhere.
        told: Is called with each step as it is taken.

    Raises:
        EvidenceBroken: From any check; the message names the file, entry or object.
    """
    trusted = None if vkey is None else parse_vkey(vkey, where="--key")
    steps = Steps(told)
    with steps.check("The log's key is known") as found:
        if trusted is not None and trusted != log.verifier:
            raise EvidenceBroken("log.db", f"key is {log.verifier.vkey}, expected {trusted.vkey}")
        found.append(log.verifier.vkey)
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
        anchors=tuple(_anchors(log)),
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


def _check_objects(log: OpenLog, entries: Sequence[Entry]) -> None:
    for index, entry in enumerate(entries):
        size = len(log.object(entry.object))
        if size != entry.size:
            where = f"entry {index}"
            problem = f"object {entry.object} has {size} bytes, its entry says {entry.size}"
            raise EvidenceBroken(where, problem)


def _anchors(log: OpenLog) -> Iterator[AnchoredHead]:
    stamps: dict[int, dict[str, bytes]] = {}
    for anchor in log.anchors():
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
    head = open_checkpoint(note, log.verifier, where="log/checkpoint")
    if head.size > len(contents):
        problem = f"is for {head.size} entries, the database holds {len(contents)}"
        raise EvidenceBroken("log/checkpoint", f"{problem}: the log was rolled back")
    check_published(contents, files, head)
