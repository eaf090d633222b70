"""Verifying the log of a mission folder: the same checks as for a bundle, over everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.contents import CHECKPOINT
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.objects import object_path
from trucewatch.verify.findings import (
    NOT_ANCHORED,
    SELF_CONSISTENT,
    VERIFIED,
    Findings,
    broken_if_malformed,
)
from trucewatch.verify.published import says_exercise
from trucewatch.verify.statements import check_signatures, check_subjects, statement_indices
from trucewatch.verify.tree import check_entries, check_published, check_tree, read_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.note import Verifier
    from trucewatch.verify.statements import Statements


class OpenLog(Protocol):
    """As much of `evidence.log.Log` as a checker needs."""

    verifier: Verifier

    def checkpoint_note(self, size: int | None = None) -> bytes:
        """Return the newest signed checkpoint."""

    def static_files(self, size: int) -> Iterator[tuple[str, bytes]]:
        """Yield path and bytes of every tile and entry bundle."""

    def object(self, digest: str) -> bytes:
        """Return a sealed object, re-hashed."""

    def check_database(self) -> None:
        """Check what the database keeps beside entries, tiles and objects."""

    def published(self) -> dict[str, bytes]:
        """Return the static files that lie beside the database."""


def verify_home(log: OpenLog, *, vkey: str | None = None) -> Findings:
    """Return what was checked in a log in which every link holds.

    Every object is read and hashed, every tile recomputed, in the database and among the static
    files beside it, and every statement verified.

    Args:
        log: The log, open for reading at least.
        vkey: The log's verifier key as known from elsewhere.

    Raises:
        EvidenceBroken: From any check; the message names the file, entry or object.
    """
    trusted = None if vkey is None else parse_vkey(vkey, where="--key")
    if trusted is not None and trusted != log.verifier:
        raise EvidenceBroken("log.db", f"key is {log.verifier.vkey}, expected {trusted.vkey}")
    with broken_if_malformed():
        head = open_checkpoint(log.checkpoint_note(), log.verifier, where=CHECKPOINT)
        files = dict(log.static_files(head.size))
        contents = read_entries(files, head.size)
        check_tree(contents, files, head)
        entries = check_entries(contents)
        for index, entry in enumerate(entries):
            size = len(log.object(entry.object))
            if size != entry.size:
                problem = f"object {entry.object} has {size} bytes, its entry says {entry.size}"
                where = f"entry {index}"
                raise EvidenceBroken(where, problem)
        envelopes = {i: log.object(entries[i].object) for i in statement_indices(entries)}
        statements = check_signatures(entries, envelopes)
        check_subjects(entries, statements)
        log.check_database()
        _check_static(log, contents)
        exercise = _exercise(log, head.origin, entries, statements)
    return Findings(
        origin=head.origin,
        size=head.size,
        root=head.root.hex(),
        objects=len({entry.object for entry in entries}),
        withheld=0,
        proofs=0,
        statements=len(statements.by_index),
        unknown=statements.unknown,
        reports=0,
        trust=SELF_CONSISTENT if trusted is None else VERIFIED,
        anchoring=NOT_ANCHORED,
        exercise=exercise,
    )


def _exercise(log: OpenLog, origin: str, entries: Sequence[Entry], statements: Statements) -> bool:
    settings = {e.object for e in entries if e.type.startswith("configuration/")}
    files = {object_path(digest): log.object(digest) for digest in settings}
    return says_exercise(origin, entries, statements, files) is True


def _check_static(log: OpenLog, contents: list[bytes]) -> None:
    files = log.published()
    note = files.pop(CHECKPOINT, None)
    if note is None:
        return  # never published, or the first time was cut short: tiles without a head say nothing
    head = open_checkpoint(note, log.verifier, where="log/checkpoint")
    if head.size > len(contents):
        problem = f"is for {head.size} entries, the database holds {len(contents)}"
        raise EvidenceBroken("log/checkpoint", f"{problem}: the log was rolled back")
    check_published(contents, files, head)
