"""Checking signed statements against the log that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.chain import check_sender, sent_file
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.keyring import Keyring
from trucewatch.evidence.statement import (
    BATCH,
    CITES_OBJECTS,
    CONFIGURED,
    KNOWN,
    LINKED,
)
from trucewatch.records.form import is_hex64
from trucewatch.records.level import Level
from trucewatch.records.link import read_link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.evidence.chain import Sent
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.statement import Statement
    from trucewatch.evidence.tiles import Tree
    from trucewatch.records.canonical import Json

_HEADS = {"computed/v1": "input", "published/v1": "input", LINKED: "seen"}
"""Which member of a predicate cites a head of the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Statements that verify.

    Attributes:
        by_index: The statement in each entry.
        keyring: Who could sign, at the end of the log.
        sent: What devices signed, in the order of the log.
        unknown: Entry index and type of those that this version cannot read.
    """

    by_index: Mapping[int, Statement]
    keyring: Keyring
    sent: tuple[Sent, ...]
    unknown: tuple[tuple[int, str], ...]


def statement_indices(entries: Sequence[Entry]) -> list[int]:
    """Return the indices of the entries that seal statements which anybody may read.

    Above CLEAR lies what a device signed of confidential files; only who holds a key can open it.
    """
    return [
        i
        for i, entry in enumerate(entries)
        if entry.type.startswith(STATEMENT_PREFIX) and entry.level is Level.CLEAR
    ]


def check_signatures(entries: Sequence[Entry], envelopes: Mapping[int, bytes]) -> Statements:
    """Return the statements at hand, each signed by a key that may sign it at its place.

    Args:
        entries: All entries of the log.
        envelopes: Bytes of the statements that are at hand, by entry index.

    Raises:
        EvidenceBroken: The first `configured` statement is missing.
    """
    if not envelopes:
        return Statements(by_index={}, keyring=Keyring(), sent=(), unknown=())
    first = next((i for i, entry in enumerate(entries) if entry.type == CONFIGURED), None)
    if first is None or first not in envelopes:
        where = f"entry {min(envelopes)}"
        problem = f"first {CONFIGURED} is not at hand, expected it: it lists who may sign"
        raise EvidenceBroken(where, problem)
    keyring = Keyring()
    verified = keyring.open
    statements: dict[int, Statement] = {}
    unknown: list[tuple[int, str]] = []
    sent: list[Sent] = []
    for index, content in sorted(envelopes.items()):
        entry = entries[index]
        statement = verified(index, entry.type, content)
        if statement.type == BATCH:
            file = sent_file(
                statement, index=index, envelope=entry.object, logged_at=entry.logged_at
            )
            check_sender(file, keyring.good[statement.keyid])
            sent.append(file)
        if statement.type not in KNOWN:
            unknown.append((index, statement.type))
        statements[index] = statement
    return Statements(
        by_index=statements, keyring=keyring, sent=tuple(sent), unknown=tuple(unknown)
    )


def check_subjects(entries: Sequence[Entry], statements: Statements) -> None:
    """Check that what a statement cites was sealed before it, and that a link cites its reports.

    A link that breaks its form is refused as `BadInput`.

    Raises:
        EvidenceBroken: No earlier entry holds a cited object, or a link does not cite one that it
            speaks of.
    """
    sealed: dict[str, int] = {}
    for index, entry in enumerate(entries):
        sealed.setdefault(entry.object, index)
    for index, statement in statements.by_index.items():
        if statement.type not in CITES_OBJECTS:
            continue
        for subject in statement.subjects:
            if sealed.get(subject.sha256, index) >= index:
                problem = f"statement cites {subject.name!r}, object {subject.sha256}"
                where = f"entry {index}"
                raise EvidenceBroken(where, f"{problem}, expected an entry for it before this one")
        if statement.type == LINKED:
            _check_link(index, statement)


def check_heads(origin: str, statements: Statements, tree: Tree) -> int:
    """Return how many heads of this log statements cite, each of which it had before them.

    One that the log never had is refused as `EvidenceBroken`. What a device says that it was shown
    is not judged here: see `evidence.chain.head_flags`.

    Args:
        origin: Name of the log.
        statements: Statements that verify.
        tree: Roots of the log at every size.
    """
    count = 0
    for index, statement in statements.by_index.items():
        head = statement.predicate.get(_HEADS.get(statement.type, ""))
        if isinstance(head, dict) and head.get("origin", origin) == origin:
            _check_head(f"entry {index}", head, index, tree)
            count += 1
    return count


def _check_head(where: str, head: Mapping[str, Json], index: int, tree: Tree) -> None:
    size, root = head.get("size"), head.get("root")
    if type(size) is not int or not is_hex64(root) or not 0 <= size <= index:
        problem = f"statement cites a head of size {size!r} with root {root!r}"
        raise EvidenceBroken(where, f"{problem}, expected one of this log before the statement")
    ours = tree.root(size).hex()
    if root != ours:
        problem = f"statement cites the head of {size} entries with root {root}"
        raise EvidenceBroken(where, f"{problem}, these entries lead to {ours}")


def _check_link(index: int, statement: Statement) -> None:
    link, where = read_link(statement.predicate, entry=index), f"entry {index}"
    cited = {subject.sha256 for subject in statement.subjects}
    for object_, row in (*link.observations, *link.against):
        if object_ not in cited:
            problem = f"link speaks of {object_}:{row}, expected the object among its subjects"
            raise EvidenceBroken(where, problem)
