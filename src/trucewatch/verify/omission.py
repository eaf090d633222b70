"""Looking for what is not there: what a device numbered, a schedule promised, or a mark names.

Nothing here is a broken link: a log without a file is as whole as one with it. It is named all the
same, as leaving out what would have spoken for somebody is the cheapest fraud there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.evidence.chain import Oddity, chain_flags, head_flags
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.expected import judge, unsigned_files
from trucewatch.evidence.outside import SETTINGS_TYPE
from trucewatch.evidence.schedule import SettingsInForce
from trucewatch.evidence.statement import ABSENT, BATCH, EXCULPATORY
from trucewatch.records.absence import read_absence
from trucewatch.records.exculpatory import read_exculpatory
from trucewatch.verify.custody import check_chains
from trucewatch.verify.slots import capped, missing_slots, slot_remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.evidence.chain import Flag
    from trucewatch.verify.sealed import Sealed

_NOT_UNDONE = frozenset({Oddity.GAP, Oddity.BROKEN})  # a file is gone, whatever became of the key


class Omissions(NamedTuple):
    """What was looked for, and what was not found.

    Attributes:
        slots: Slots of schedules that have ended.
        files: Files that devices signed and numbered.
        missing: What should be there and is not; one sentence each.
        remarks: What is odd, explained, or could not be judged; one sentence each.
    """

    slots: int
    files: int
    missing: tuple[str, ...]
    remarks: tuple[str, ...]


def look_for_omissions(sealed: Sealed) -> Omissions:
    """Return what a log should hold by its own schedules, its devices' numbers and its marks."""
    statements = sealed.statements
    settings = list(_settings(sealed))
    absences = [
        read_absence(statement.predicate, entry=index)
        for index, statement in sorted(statements.by_index.items())
        if statement.type == ABSENT
    ]
    expectation = judge(sealed.entries, settings, absences, statements.sent)
    missing, remarks = missing_slots(expectation), slot_remarks(expectation, settings)
    if absent := _withheld(sealed, ABSENT):
        remarks.append(f"{absent} explanations of missing files are withheld")
    if batches := _withheld(sealed, BATCH):
        remarks.append(f"{batches} files that devices signed are withheld: no chain was judged")
    else:
        flags = chain_flags(statements.sent, statements.keyring.withdrawn)
        flags += head_flags(statements.sent, origin=sealed.head.origin, root_at=sealed.tree.root)
        signed = {sent.content for sent in statements.sent}
        missing += capped(
            f"entry {index}: a file that no device signed, expected signed ones"
            for index in unsigned_files(sealed.entries, settings, signed)
        )
        missing += capped(_said(flag) for flag in flags if _open(flag))
        remarks += capped(_said(flag) for flag in flags if not _open(flag))
    gone, erased = _marked(sealed)
    return Omissions(
        slots=len(expectation.slots),
        files=len(statements.sent),
        missing=(*missing, *gone),
        remarks=(*remarks, *erased),
    )


def _settings(sealed: Sealed) -> Iterator[SettingsInForce]:
    kinds = {entry.object for entry in sealed.entries if entry.type == SETTINGS_TYPE}
    for index, statement in sorted(sealed.statements.by_index.items()):
        if statement.type != "configured/v1":
            continue
        for subject in statement.subjects:
            raw = sealed.content_of(subject.sha256) if subject.sha256 in kinds else None
            if raw is not None:
                yield SettingsInForce(
                    entry=index,
                    since=sealed.entries[index].logged_at,
                    object=subject.sha256,
                    raw=raw,
                )
                break


def _marked(sealed: Sealed) -> tuple[list[str], list[str]]:
    """Return what is marked as speaking for a party and is not here; apart, what was erased.

    No cap: each is one that somebody found worth a statement of its own. Where marks are withheld,
    as from the public, nothing is named; a bundle of the mission may withhold none.
    """
    gone: list[tuple[str, str]] = []
    for index, statement in sorted(sealed.statements.by_index.items()):
        if statement.type != EXCULPATORY:
            continue
        mark = read_exculpatory(statement.predicate, entry=index)
        for subject in statement.subjects:
            if sealed.content_of(subject.sha256) is None:
                said = f"entry {index}: object {subject.sha256} speaks for {mark.party}"
                gone.append((subject.sha256, f"{said} ({mark.reason}) and is not here"))
    erased = dict(check_chains(sealed).erased) if gone else {}
    missing = [said for object_, said in gone if object_ not in erased]
    explained = [
        f"{said}: erased by entry {erased[object_]}" for object_, said in gone if object_ in erased
    ]
    return missing, explained


def _open(flag: Flag) -> bool:
    # A withdrawn key says what became of a copy of it. It brings back no file: whoever wants one
    # to be forgotten could leave it out and withdraw the key.
    return flag.open or flag.oddity in _NOT_UNDONE


def _said(flag: Flag) -> str:
    entries = ", ".join(str(entry) for entry in flag.entries)
    explained = ""
    if flag.explained_by is not None:
        explained = f"; the desk withdrew the key afterwards (entry {flag.explained_by})"
    where = f"entr{'y' if len(flag.entries) == 1 else 'ies'} {entries}"
    return f"device {flag.device}: {flag.oddity}: {flag.said} ({where}){explained}"


def _withheld(sealed: Sealed, kind: str) -> int:
    wanted, there = STATEMENT_PREFIX + kind, sealed.statements.by_index
    return sum(entry.type == wanted and i not in there for i, entry in enumerate(sealed.entries))
