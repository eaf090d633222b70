"""Checking signed statements against the log that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.keyring import Keyring
from trucewatch.evidence.statement import (
    CITES_OBJECTS,
    CONFIGURED,
    KNOWN,
    LINKED,
)
from trucewatch.records.link import read_link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Statements that verify.

    Attributes:
        by_index: The statement in each entry.
        keys: Raw Ed25519 public keys that could sign at some entry, by key id.
        unknown: Entry index and type of those that this version cannot read.
    """

    by_index: Mapping[int, Statement]
    keys: Mapping[str, bytes]
    unknown: tuple[tuple[int, str], ...]


def statement_indices(entries: Sequence[Entry]) -> list[int]:
    """Return the indices of the entries that seal statements."""
    return [i for i, entry in enumerate(entries) if entry.type.startswith(STATEMENT_PREFIX)]


def check_signatures(entries: Sequence[Entry], envelopes: Mapping[int, bytes]) -> Statements:
    """Return the statements at hand, each signed by a key that may sign it at its place.

    Args:
        entries: All entries of the log.
        envelopes: Bytes of the statements that are at hand, by entry index.

    Raises:
        EvidenceBroken: The first `configured` statement is missing.
    """
    if not envelopes:
        return Statements(by_index={}, keys={}, unknown=())
    first = next((i for i, entry in enumerate(entries) if entry.type == CONFIGURED), None)
    if first is None or first not in envelopes:
        where = f"entry {min(envelopes)}"
        problem = f"first {CONFIGURED} is not at hand, expected it: it lists who may sign"
        raise EvidenceBroken(where, problem)
    keyring = Keyring()
    statements: dict[int, Statement] = {}
    unknown: list[tuple[int, str]] = []
    for index, content in sorted(envelopes.items()):
        statement = keyring.open(index, entries[index].type, content)
        if statement.type not in KNOWN:
            unknown.append((index, statement.type))
        statements[index] = statement
    return Statements(by_index=statements, keys=keyring.ever, unknown=tuple(unknown))


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


def _check_link(index: int, statement: Statement) -> None:
    link, where = read_link(statement.predicate, entry=index), f"entry {index}"
    cited = {subject.sha256 for subject in statement.subjects}
    for object_, row in (*link.observations, *link.against):
        if object_ not in cited:
            problem = f"link speaks of {object_}:{row}, expected the object among its subjects"
            raise EvidenceBroken(where, problem)
