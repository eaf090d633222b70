"""Checking the tables of a bundle: what is withheld, what speaks for a party, what made what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.contents import (
    CHECKPOINT,
    EXCULPATORY_TABLE,
    INDEX,
    MARKED,
    POLICY,
    PROVENANCE,
    ROOTS,
    WITHHELD,
    anchor_name,
    exculpatory_text,
    expect_table,
    parse_index,
    withheld_text,
)
from trucewatch.evidence.note import parse_note
from trucewatch.evidence.provenance import provenance_text
from trucewatch.verify.disclosure import check_disclosures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.verify.sealed import Sealed


def check_tables(files: Mapping[str, bytes], sealed: Sealed, level: str) -> list[str]:
    """Return what the tables hold, once each was found to be what the log leads to.

    Args:
        files: Every file of the bundle.
        sealed: Its log.
        level: Whom the bundle is made for.

    Raises:
        EvidenceBroken: A table, the policy, a root or the head's cosignatures are others; or what
            speaks for a party is withheld in a bundle that is not for the public.
    """
    entries, statements = sealed.entries, sealed.statements.by_index
    rows = parse_index(files[INDEX], entries)
    expect_table(WITHHELD, files[WITHHELD], withheld_text(entries, rows))
    marks = [index for index, entry in enumerate(entries) if entry.type == MARKED]
    for index in marks:
        if level != "public" and not rows[index].included:
            where = f"entry {index}"
            problem = f"{MARKED} is withheld, expected what speaks for a party in every bundle"
            raise EvidenceBroken(where, f"{problem} of level {level}")
    marked = exculpatory_text(level, entries, rows, statements)
    expect_table(EXCULPATORY_TABLE, files[EXCULPATORY_TABLE], marked)
    if files[PROVENANCE] != provenance_text(sealed.head.origin, entries, statements):
        raise EvidenceBroken(PROVENANCE, "is not what the statements lead to")
    _check_outside(files, sealed)
    disclosed = check_disclosures(files, sealed)
    withheld = sum(not row.included for row in rows)
    found = [f"{withheld} withheld", f"{len(marks)} marks of what speaks for a party"]
    return [*found, f"{disclosed} disclosed"] if disclosed else found


def _check_outside(files: Mapping[str, bytes], sealed: Sealed) -> None:
    named = sealed.outside.files
    there = {name for name in files if name == POLICY or name.startswith(ROOTS)}
    for name in sorted(named.keys() | there):
        if files.get(name) != named.get(name):
            raise EvidenceBroken(name, "is not what the sealed settings name")
    anchor, head = anchor_name(sealed.head.size), files[CHECKPOINT]
    cosigned = len(parse_note(head, where=CHECKPOINT).signatures) > 1
    if files.get(anchor, head if not cosigned else b"") != head:
        raise EvidenceBroken(anchor, f"is not the head in {CHECKPOINT} with its cosignatures")
