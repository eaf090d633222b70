"""A bundle in hand, once it was verified: its log, its statements and the objects it includes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.evidence.bag import BAG_INFO, DATA, level_of
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.contents import CHECKPOINT, INDEX, VKEY, parse_index
from trucewatch.evidence.entry import parse_entry
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.objects import object_path
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.sealed import tree_of
from trucewatch.verify.statements import check_signatures, statement_indices
from trucewatch.verify.tree import read_entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.contents import IndexRow
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.statement import Statement
    from trucewatch.evidence.tiles import Tree
    from trucewatch.verify.findings import Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundled:
    """A verified bundle.

    Attributes:
        files: Content by relative name.
        findings: What the check found.
        level: Whom it is made for: `public` or `mission`.
        head: The log's signed head.
        note: The same as the signed note.
        contents: Bytes of every entry.
        entries: The same, parsed.
        rows: Whether the object of each is included, and why not.
        statements: Statements that are included, by entry.
        tree: Roots and proofs of the log.
    """

    files: Mapping[str, bytes]
    findings: Findings
    level: str
    head: Checkpoint
    note: bytes
    contents: Sequence[bytes]
    entries: Sequence[Entry]
    rows: Sequence[IndexRow]
    statements: Mapping[int, Statement]
    tree: Tree

    @property
    def vkey(self) -> str:
        """The log's verifier key as the bundle has it."""
        return self.files[VKEY].decode().strip()

    def object(self, digest: str) -> bytes | None:
        """Return an object by its SHA-256 in hex; None when the bundle does not include it."""
        return self.files.get(DATA + object_path(digest))

    def entry_of(self, digest: str) -> int | None:
        """Return the first entry that seals an object, if any does."""
        found = (index for index, entry in enumerate(self.entries) if entry.object == digest)
        return next(found, None)

    def told(self, kind: str) -> list[tuple[int, Statement]]:
        """Return the statements of one type, such as `published/v1`, in the order of the log."""
        return [(i, s) for i, s in sorted(self.statements.items()) if s.type == kind]


def open_bundle(files: Mapping[str, bytes], *, vkey: str | None) -> Bundled:
    """Return a bundle in which every link holds; a broken one is raised as `tw verify` does.

    Args:
        files: Content by relative name.
        vkey: The log's verifier key as it is known from elsewhere, or None.
    """
    findings = verify_bundle(files, vkey=vkey)
    verifier = parse_vkey(files[VKEY].decode().strip(), where=VKEY)
    head = open_checkpoint(files[CHECKPOINT], verifier, where=CHECKPOINT)
    static = {name.removeprefix(DATA): content for name, content in files.items()}
    contents = read_entries(static, head.size)
    entries = [parse_entry(content, where=f"entry {i}") for i, content in enumerate(contents)]
    rows = parse_index(files[INDEX], entries)
    envelopes = {
        index: files[DATA + object_path(entries[index].object)]
        for index in statement_indices(entries)
        if rows[index].included
    }
    return Bundled(
        files=files,
        findings=findings,
        level=level_of(files[BAG_INFO]),
        head=head,
        note=files[CHECKPOINT],
        contents=contents,
        entries=entries,
        rows=rows,
        statements=check_signatures(entries, envelopes).by_index,
        tree=tree_of(static, head.size),
    )
