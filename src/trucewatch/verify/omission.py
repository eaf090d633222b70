"""Looking for what is not there: files that a device numbered, and files that a schedule promised.

Nothing here is a broken link: a log without a file is as whole as one with it. It is named all the
same, as leaving out what would have spoken for somebody is the cheapest fraud there is.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.evidence.chain import chain_flags, head_flags
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.expected import Slot, judge, unsigned_files
from trucewatch.evidence.outside import SETTINGS_TYPE
from trucewatch.evidence.schedule import SettingsInForce
from trucewatch.evidence.statement import ABSENT, BATCH
from trucewatch.records.absence import read_absence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trucewatch.evidence.chain import Flag
    from trucewatch.evidence.expected import Expectation
    from trucewatch.verify.sealed import Sealed

_LISTED_MAX = 50  # sentences about one kind of absence; the rest are counted


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
    """Return what a log should hold by its own schedules and its devices' own numbers."""
    statements = sealed.statements
    settings = list(_settings(sealed))
    absences = [
        read_absence(statement.predicate, entry=index)
        for index, statement in sorted(statements.by_index.items())
        if statement.type == ABSENT
    ]
    expectation = judge(sealed.entries, settings, absences, statements.sent)
    missing = list(_slots(expectation))
    flags: list[Flag] = []
    remarks = [
        f"{count} slots of {sensor} are older than those that were judged"
        for sensor, count in expectation.not_judged.items()
    ]
    batches = _withheld(sealed, BATCH)
    if batches:
        remarks.append(f"{batches} files that devices signed are withheld: no chain was judged")
    else:
        flags = chain_flags(statements.sent, statements.keyring.withdrawn)
        flags += head_flags(statements.sent, origin=sealed.head.origin, root_at=sealed.tree.root)
        signed = {sent.content for sent in statements.sent}
        missing += _capped(
            f"entry {index}: a file that no device signed, expected signed ones"
            for index in unsigned_files(sealed.entries, settings, signed)
        )
    missing += _capped(_said(flag) for flag in flags if flag.open)
    remarks += _capped(_said(flag) for flag in flags if not flag.open)
    explained = sum(slot.state is Slot.EXPLAINED for slot in expectation.slots)
    late = sum(slot.state is Slot.LATE for slot in expectation.slots)
    if explained or late:
        remarks.append(f"{explained} slots without a file are explained, {late} files came late")
    if absent := _withheld(sealed, ABSENT):
        remarks.append(f"{absent} explanations of missing files are withheld")
    return Omissions(
        slots=len(expectation.slots),
        files=len(statements.sent),
        missing=tuple(missing),
        remarks=tuple(remarks),
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


def _slots(expectation: Expectation) -> list[str]:
    by_sensor = Counter(slot.sensor for slot in expectation.missing)
    found = [
        f"{slot.sensor}: no file for {slot.start:%Y-%m-%dT%H:%MZ} to {slot.end:%Y-%m-%dT%H:%MZ},"
        f" which entry {slot.declared} promises, and nobody said why"
        for slot in expectation.missing
    ]
    totals = [f"{sensor}: {count} slots without a file" for sensor, count in by_sensor.items()]
    return found if len(found) <= _LISTED_MAX else [*totals, *_capped(found)]


def _said(flag: Flag) -> str:
    entries = ", ".join(str(entry) for entry in flag.entries)
    explained = "" if flag.explained_by is None else f"; key withdrawn by entry {flag.explained_by}"
    where = f"entr{'y' if len(flag.entries) == 1 else 'ies'} {entries}"
    return f"device {flag.device}: {flag.oddity}: {flag.said} ({where}){explained}"


def _capped(sentences: Iterable[str]) -> list[str]:
    found = list(sentences)
    more = len(found) - _LISTED_MAX
    return found if more <= 0 else [*found[:_LISTED_MAX], f"... and {more} more like these"]


def _withheld(sealed: Sealed, kind: str) -> int:
    wanted, there = STATEMENT_PREFIX + kind, sealed.statements.by_index
    return sum(entry.type == wanted and i not in there for i, entry in enumerate(sealed.entries))
