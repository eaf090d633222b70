"""Whether a device's files form one chain: what is missing, there twice, or from a second device.

A device numbers its files from 1 and names in each the SHA-256 of the envelope before. Nothing
here refuses anything: the files are sealed as they came, and what is odd about them is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.statement import BATCH
from trucewatch.records.batch_claim import read_batch_claim
from trucewatch.records.enrolment import Holder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from trucewatch.evidence.statement import Statement
    from trucewatch.records.batch_claim import BatchClaim
    from trucewatch.records.enrolment import Enrolment

_OLD = timedelta(days=1)
"""How long before its entry a file may say that it was signed; chosen, as feeds come daily."""


class Oddity(StrEnum):
    """What can be odd about the files of a device.

    GAP: numbers that never came. FORK: one number, or one predecessor, of two different files: the
    key was copied, or two devices have it. REPLAY: a number again with the same file, signed again.
    OUT_OF_ORDER: it came after a higher number. BROKEN: it names another predecessor than the one
    that came. LATE_CLOCK: signed, as it says, after its entry or over a day before.
    AFTER_WITHDRAWAL: it came after the time from which its key is not trusted. OTHER_HEAD: the
    device was shown a head that this log never had.
    """

    GAP = "gap"
    FORK = "fork"
    REPLAY = "replay"
    OUT_OF_ORDER = "out_of_order"
    BROKEN = "broken"
    LATE_CLOCK = "late_clock"
    AFTER_WITHDRAWAL = "after_withdrawal"
    OTHER_HEAD = "other_head"


SERIOUS = frozenset({Oddity.GAP, Oddity.FORK, Oddity.BROKEN, Oddity.OTHER_HEAD})
"""Oddities that say that something is missing or that there is more than one truth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A file that a device signed, as it stands in the log.

    Attributes:
        claim: What the device said.
        envelope: SHA-256 of the envelope, hex.
        content: SHA-256 of the file, hex.
        keyid: Key that signed.
        logged_at: When the log acknowledged the envelope.
    """

    claim: BatchClaim
    envelope: str
    content: str
    keyid: str
    logged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One thing that is odd about the files of a device.

    Attributes:
        oddity: What it is.
        device: Whose files.
        first: The least number that it is about.
        last: The greatest; the same when it is one.
        entries: Entries that show it, in order; for a gap those on either side of it.
        said: It in words, without device and entries.
        explained_by: Entry that withdrew every key concerned, later on; None when nothing did.
    """

    oddity: Oddity
    device: str
    first: int
    last: int
    entries: tuple[int, ...]
    said: str
    explained_by: int | None = None

    @property
    def open(self) -> bool:
        """Whether it is serious and nobody has drawn a consequence."""
        return self.oddity in SERIOUS and self.explained_by is None


@dataclass(slots=True, kw_only=True)
class _Chain:
    """What is known of one device after its first files.

    Attributes:
        by_number: Every file by number, in order of coming.
        after: The first file after each predecessor.
        highest: The greatest number so far.
        flags: What was odd.
    """

    by_number: dict[int, list[Sent]] = field(default_factory=dict)
    after: dict[str, Sent] = field(default_factory=dict)
    highest: int = 0
    flags: list[Flag] = field(default_factory=list)


def sent_file(statement: Statement, *, index: int, envelope: str, logged_at: datetime) -> Sent:
    """Return what a verified `batch/v1` statement says, with its place in the log.

    Args:
        statement: From `Keyring.open`.
        index: Index of its entry.
        envelope: SHA-256 of the envelope, hex: the entry's object.
        logged_at: When the log acknowledged it.

    Raises:
        BadInput: Another type, more than one subject, or a predicate of another form.
    """
    where = f"entry {index}"
    if statement.type != BATCH or len(statement.subjects) != 1:
        problem = f"{statement.type} of {len(statement.subjects)} subjects"
        raise BadInput(where, f"{problem}, expected {BATCH} of one")
    return Sent(
        claim=read_batch_claim(statement.predicate, entry=index),
        envelope=envelope,
        content=statement.subjects[0].sha256,
        keyid=statement.keyid,
        logged_at=logged_at,
    )


def check_sender(sent: Sent, holder: Enrolment) -> None:
    """Check that the device that a file names is the one whose key signed it.

    Args:
        sent: The file.
        holder: Whose key it is: `Keyring.good` at its place, by `Sent.keyid`.

    Raises:
        EvidenceBroken: It names another device, or another sensor than the device has.
    """
    claim = sent.claim
    said = (Holder.DEVICE, claim.device, claim.sensor)
    if said != (holder.kind, holder.name, holder.sensor):
        problem = f"is of device {claim.device}, sensor {claim.sensor}"
        held = f"{holder.kind} {holder.name}, sensor {holder.sensor or 'none'}"
        where = f"entry {claim.entry}"
        raise EvidenceBroken(where, f"{problem}, signed by the key of {held}")


def chain_flags(files: Iterable[Sent], withdrawn: Mapping[str, Enrolment]) -> list[Flag]:
    """Return what is odd about the files of all devices, by device, then in the order of the log.

    Args:
        files: Every signed file of a log, in its order.
        withdrawn: `Keyring.withdrawn` at the end of that log.
    """
    chains: dict[str, _Chain] = {}
    for sent in files:
        chain = chains.setdefault(sent.claim.device, _Chain())
        _add(chain, sent)
        _check_times(chain, sent, withdrawn.get(sent.keyid))
    found: list[Flag] = []
    for device in sorted(chains):
        chain = chains[device]
        _find_broken(chain)
        _find_gaps(chain)
        keys = {each.claim.entry: each.keyid for row in chain.by_number.values() for each in row}
        flags = [_explained(flag, keys, withdrawn) for flag in chain.flags]
        found += sorted(flags, key=lambda flag: (flag.entries[-1], flag.first))
    return found


def head_flags(
    files: Iterable[Sent], *, origin: str, root_at: Callable[[int], bytes]
) -> list[Flag]:
    """Return the heads that devices were shown and that this log never had, in its order.

    A device's word for it is no signed head; it says whom to ask for one.

    Args:
        files: Every signed file of a log, in its order.
        origin: Name of the log; heads of other logs are not looked at.
        root_at: The root that the log had at a size.
    """
    found = []
    for sent in files:
        seen = sent.claim.seen
        if seen is None or seen.origin != origin:
            continue
        if seen.size > sent.claim.entry:
            had = f"this log had at most {sent.claim.entry}"
        elif (root := root_at(seen.size).hex()) != seen.root:
            had = f"this log had root {root} then"
        else:
            continue
        said = f"was shown a head of {seen.size} entries with root {seen.root}, {had}"
        found.append(_flag(Oddity.OTHER_HEAD, (sent,), said))
    return found


def _add(chain: _Chain, sent: Sent) -> None:
    claim = sent.claim
    same = chain.by_number.setdefault(claim.sequence, [])
    beside = chain.after.setdefault(claim.previous, sent) if claim.previous else sent
    if same:
        copies = [each for each in same if each.content == sent.content]
        if copies:
            said = f"number {claim.sequence} came again, signed again, with the same file"
            chain.flags.append(_flag(Oddity.REPLAY, (copies[0], sent), said))
        else:
            said = f"number {claim.sequence} came with two different files"
            chain.flags.append(_flag(Oddity.FORK, (same[0], sent), said))
    elif beside is not sent:
        said = f"numbers {beside.claim.sequence} and {claim.sequence} name the same file before"
        chain.flags.append(_flag(Oddity.FORK, (beside, sent), f"{said} them"))
    elif claim.sequence < chain.highest:
        said = f"number {claim.sequence} came after number {chain.highest}"
        chain.flags.append(_flag(Oddity.OUT_OF_ORDER, (sent,), said))
    same.append(sent)
    chain.highest = max(chain.highest, claim.sequence)


def _check_times(chain: _Chain, sent: Sent, withdrawal: Enrolment | None) -> None:
    made_at, logged_at = sent.claim.made_at, sent.logged_at
    if made_at > logged_at or logged_at - made_at > _OLD:
        said = f"says that it was signed at {made_at:%Y-%m-%d %H:%M:%S}Z"
        said += f", and came at {logged_at:%Y-%m-%d %H:%M:%S}Z"
        chain.flags.append(_flag(Oddity.LATE_CLOCK, (sent,), said))
    since = None if withdrawal is None else withdrawal.since
    if withdrawal is not None and since is not None and logged_at >= since:
        said = f"came at {logged_at:%Y-%m-%d %H:%M:%S}Z, its key is not trusted since"
        said += f" {since:%Y-%m-%d %H:%M:%S}Z (entry {withdrawal.entry})"
        chain.flags.append(_flag(Oddity.AFTER_WITHDRAWAL, (sent,), said))


def _find_broken(chain: _Chain) -> None:
    for number, files in chain.by_number.items():
        before = chain.by_number.get(number - 1, [])
        hashes = {each.envelope for each in before}
        for sent in files:
            if before and sent.claim.previous not in hashes:
                said = f"number {number} names another file before it than number {number - 1}"
                chain.flags.append(_flag(Oddity.BROKEN, (before[0], sent), said))


def _find_gaps(chain: _Chain) -> None:
    numbers = [0, *sorted(chain.by_number)]
    for low, high in pairwise(numbers):
        if high - low > 1:
            first, last = low + 1, high - 1
            below = chain.by_number[low][0].claim.entry if low else None
            above = chain.by_number[high][0].claim.entry
            entries = sorted({above} if below is None else {below, above})
            which = f"number {first}" if first == last else f"numbers {first} to {last}"
            flag = Flag(
                oddity=Oddity.GAP,
                device=chain.by_number[high][0].claim.device,
                first=first,
                last=last,
                entries=tuple(entries),
                said=f"{which} never came",
            )
            chain.flags.append(flag)


def _flag(oddity: Oddity, files: tuple[Sent, ...], said: str) -> Flag:
    numbers = [each.claim.sequence for each in files]
    return Flag(
        oddity=oddity,
        device=files[0].claim.device,
        first=min(numbers),
        last=max(numbers),
        entries=tuple(sorted(each.claim.entry for each in files)),
        said=said,
    )


def _explained(flag: Flag, keys: Mapping[int, str], withdrawn: Mapping[str, Enrolment]) -> Flag:
    # Whoever withdrew every key that is concerned has drawn the consequence, and said why.
    ends = [withdrawn.get(keys[entry]) for entry in flag.entries]
    entries = [end.entry for end in ends if end is not None]
    if flag.oddity not in SERIOUS or len(entries) < len(ends):
        return flag
    return replace(flag, explained_by=max(entries))
