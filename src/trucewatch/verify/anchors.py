"""What others signed: whether it is about this log, whose word it is, and what time it gives.

A head that a witness cosigned or an authority stamped was there then. If the entries lead to
another root at its size, the log was rewritten since, whoever signed the new one.

One witness alone is not believed about time either: a head was there when the quorum of the policy
had signed it, and not when the earliest clock says so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.checkpoint import parse_checkpoint_text
from trucewatch.evidence.contents import anchor_name
from trucewatch.evidence.note import open_note, parse_note
from trucewatch.evidence.timestamp.bracket import CLOCK_S_MAX, LATE_S_MAX, bracket
from trucewatch.evidence.witness.cosignature import open_cosignatures
from trucewatch.evidence.witness.policy import parse_policy
from trucewatch.verify.findings import NOT_ANCHORED, Proven
from trucewatch.verify.sealed import OutsideTime

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from trucewatch.evidence.note import Verifier
    from trucewatch.evidence.witness.policy import Policy
    from trucewatch.verify.findings import Given
    from trucewatch.verify.sealed import AnchoredHead, Sealed

_LISTED_MAX = 20  # entries of one head whose times contradict each other; more are counted
_HOUR_S = 3600.0
_APART_S_MAX = 86_400.0
"""Witnesses whose times for one head differ by more are named; they are asked seconds apart, so a
day is no lateness of theirs. As `LATE_S_MAX`."""


@dataclass(slots=True, kw_only=True)
class Anchored:
    """What the outside says of a log.

    Attributes:
        anchoring: In words, beginning with `NOT_ANCHORED` when no witness vouches for it.
        size: Of the newest head that enough witnesses cosigned; 0 when there is none.
        witnesses: Cosignatures that verify and count.
        stamps: Time stamps that verify and count.
        times: Everything that gives a time.
        remarks: What does not count, and why; one sentence each.
        lists_log: Whether a policy that the reader brought lists the log's key: as good as giving
            the key.
        own_witnesses: Whether the policy is the sealed one: the log's maker chose the witnesses.
        own_roots: Whether a time stamp counts whose roots are the sealed ones.
    """

    anchoring: str = f"{NOT_ANCHORED}: no witness has cosigned this log"
    size: int = 0
    witnesses: int = 0
    stamps: int = 0
    times: list[OutsideTime] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    lists_log: bool = False
    own_witnesses: bool = False
    own_roots: bool = False


class _Trusted(NamedTuple):
    policy: Policy | None
    policy_given: bool
    roots: tuple[bytes, ...]


def check_anchors(sealed: Sealed, given: Given) -> Anchored:
    """Return what others say of a log, once each was found to speak of this one.

    Args:
        sealed: The log.
        given: Policy and roots that the reader brings; else the sealed ones are used.

    A policy that cannot be read is refused (`BadInput`), one that lists other logs alone, a
    signature that does not verify and a head that is not of this log as `EvidenceBroken`.
    """
    trusted = _trusted(sealed, given)
    found = Anchored(own_witnesses=trusted.policy is not None and not trusted.policy_given)
    logs = trusted.policy.logs if trusted.policy_given and trusted.policy else ()
    found.lists_log = sealed.verifier in [log.verifier for log in logs]
    for anchor in sealed.anchors:
        where = anchor_name(anchor.size)
        check_note(anchor, sealed.verifier, where=where)
        seen = _cosigned(anchor, trusted.policy, where)
        stamped = _stamped(sealed, anchor, trusted, found)
        _check_history(sealed, anchor, [*seen, *stamped], where)
        found.times += stamped
        found.witnesses += len(seen)
        found.stamps += len(stamped)
        found.own_roots |= any(not stamp.brought for stamp in stamped)
        if trusted.policy is not None:
            _count(trusted.policy, seen, trusted, found)
        elif len(parse_note(anchor.note, where=where).signatures) > 1:
            found.remarks.append(f"{where} has cosignatures, and no policy says by whom")
    return found


def check_note(anchor: AnchoredHead, verifier: Verifier, *, where: str) -> None:
    """Check that a head is of the size that it stands under, signed by the log first of all.

    Raises:
        EvidenceBroken: Another size or log, the log's line is not the first, two lines are by one
            name or out of order, or nobody else has signed or stamped it.
    """
    note = open_note(anchor.note, verifier, where=where)
    head = parse_checkpoint_text(note.text, where=where)
    if (head.origin, head.size) != (verifier.name, anchor.size):
        problem = f"is of {head.origin}, {head.size} entries"
        raise EvidenceBroken(where, f"{problem}, expected {verifier.name}, {anchor.size}")
    first, *others = note.signatures
    names = [signature.name for signature in others]
    if not names and not anchor.stamps:
        raise EvidenceBroken(where, "is one too many: nobody but the log signed it")
    if (first.name, first.key_id) != (verifier.name, verifier.key_id):
        raise EvidenceBroken(where, f"first signature is by {first.name}, expected the log's")
    if names != sorted(set(names)):
        raise EvidenceBroken(where, f"cosignatures are by {names}, expected each once, in order")


def bare_note(note: bytes, *, where: str) -> bytes:
    """Return a head's note as the log signed it, without the lines of others: what is stamped."""
    parsed = parse_note(note, where=where)
    return f"{parsed.text}\n{parsed.signatures[0].line}".encode()


def proven_times(sealed: Sealed, times: Sequence[OutsideTime]) -> tuple[Proven, ...]:
    """Return by when each entry was there, entries that share an outside time together."""
    entries = sealed.entries
    found: list[Proven] = []
    start = 0
    for size in sorted({time.size for time in times} | {len(entries)}):
        if size <= start:
            continue
        best = _best(times, start)
        found.append(
            Proven(
                first=start,
                last=size - 1,
                claimed_first=entries[start].logged_at,
                claimed_last=entries[size - 1].logged_at,
                not_after=None if best is None else best.time,
                by="" if best is None else best.who,
            )
        )
        start = size
    return tuple(found)


def contradictions(sealed: Sealed, times: Sequence[OutsideTime]) -> tuple[list[str], list[str]]:
    """Return entries whose claimed time cannot be true, and how many are proven only much later.

    Args:
        sealed: The log.
        times: What others say.

    Returns:
        Sentences about contradictions, and remarks.
    """
    wrong: list[str] = []
    late, late_max, more = 0, timedelta(), 0
    for part in proven_times(sealed, times):
        if part.not_after is None:
            continue
        claimed = [entry.logged_at for entry in sealed.entries[part.first : part.last + 1]]
        early = bisect_left(claimed, part.not_after - timedelta(seconds=LATE_S_MAX))
        if early:
            late += early
            late_max = max(late_max, part.not_after - claimed[0])
        ahead = bisect_right(claimed, part.not_after + timedelta(seconds=CLOCK_S_MAX))
        more += max(0, len(claimed) - ahead - _LISTED_MAX)
        for index in range(part.first + ahead, part.last + 1)[:_LISTED_MAX]:
            anchor = [(part.last + 1, part.not_after, part.by)]
            judged = bracket(index, sealed.entries[index].logged_at, anchor)
            wrong += [f"entry {index} {problem}" for problem in judged.contradictions]
    if more:
        wrong.append(f"{more} more entries claim a later time than others saw them")
    remark = f"{late} entries are proven only over a day after the time that they claim, up to"
    return wrong, [f"{remark} {late_max.total_seconds() / _HOUR_S:.0f} hours"] * (late > 0)


def _best(times: Sequence[OutsideTime], index: int) -> OutsideTime | None:
    # An earlier time by keys of the log's maker does not hide one by keys that the reader brought.
    covering = [time for time in times if time.size > index]
    return min(covering, key=lambda t: (not t.brought, t.time, t.size, t.who), default=None)


def _count(policy: Policy, seen: Sequence[OutsideTime], trusted: _Trusted, found: Anchored) -> None:
    # What the cosignatures of one head are worth together: a time, or a remark why there is none.
    if not seen:
        return
    order = sorted(seen, key=lambda time: (time.time, time.who))
    size, where = order[0].size, anchor_name(order[0].size)
    first, last = order[0], order[-1]
    if (last.time - first.time).total_seconds() > _APART_S_MAX:
        problem = f"{first.who} claims {_text(first.time)} and {last.who} {_text(last.time)}"
        found.remarks.append(f"{where}: {problem}, over a day apart for one head")
    reached = _quorum_time(policy, order)
    if reached is None:
        claims = ", ".join(f"({time.who}) claims {_text(time.time)}" for time in order)
        few = "one witness" if len(order) == 1 else f"{len(order)} witnesses"
        lacking = "; ".join(policy.missing({time.who for time in order}))
        found.remarks.append(f"{where}: {few} {claims}; too few to count: {lacking}")
        if not found.size:
            found.anchoring = f"{NOT_ANCHORED}: too few witnesses cosigned"
        return
    who = ", ".join(time.who for time in order if time.time <= reached)
    whose = "" if trusted.policy_given else "; keys taken from the bundle"
    found.times.append(OutsideTime(size, reached, f"{who}{whose}", trusted.policy_given))
    found.size = size
    found.anchoring = _words(trusted, {time.who for time in order}, size)


def _quorum_time(policy: Policy, order: Sequence[OutsideTime]) -> datetime | None:
    # The earliest time by which enough had signed; a policy that asks for none takes the first.
    names: set[str] = set()
    for time in order:
        names.add(time.who)
        if policy.satisfied(names):
            return time.time
    return None


def _trusted(sealed: Sealed, given: Given) -> _Trusted:
    text, where = given.policy, "--witnesses"
    if text is None:
        text, where = sealed.outside.policy, "data/witness.policy"
    policy = None if text is None else parse_policy(text, where=where)
    logs = [] if policy is None else [log.verifier for log in policy.logs]
    if logs and sealed.verifier not in logs:
        problem = f"lists {', '.join(log.name for log in logs)}"
        raise EvidenceBroken(where, f"{problem}, expected {sealed.verifier.vkey}")
    return _Trusted(policy, given.policy is not None, given.roots)


def _cosigned(anchor: AnchoredHead, policy: Policy | None, where: str) -> list[OutsideTime]:
    if policy is None:
        return []
    try:
        opened = open_cosignatures(anchor.note, policy.verifiers, where=where)
    except EvidenceBroken as error:
        raise _of_another_head(anchor, error) from error
    return [OutsideTime(anchor.size, time, name) for name, time in opened.items()]


def _stamped(
    sealed: Sealed, anchor: AnchoredHead, trusted: _Trusted, found: Anchored
) -> list[OutsideTime]:
    # Loaded only where there is a token: its libraries are the heaviest that a checker has.
    from trucewatch.evidence.timestamp.token import open_token

    times = []
    content = bare_note(anchor.note, where=anchor_name(anchor.size))
    for name, response in anchor.stamps.items():
        where = anchor_name(anchor.size, name)
        own = sealed.outside.roots.get(name)
        choices = [(trusted.roots, "roots given")] if trusted.roots else []
        choices += [((own,), "roots taken from the bundle")] if own is not None else []
        broken: EvidenceBroken | None = None
        for roots, whose in choices:
            try:
                stamp = open_token(response, content, roots=roots, where=where)
            except EvidenceBroken as error:
                broken = error
                continue
            if trusted.roots and whose != "roots given":
                found.remarks.append(f"{where} leads to none of the roots given and is not counted")
            else:
                who = f"{name}, {stamp.authority}; {whose}"
                brought = bool(trusted.roots)
                times.append(OutsideTime(anchor.size, stamp.not_after, who, brought))
            break
        else:
            if broken is not None:
                raise _of_another_head(anchor, broken)
            found.remarks.append(f"{where} is not counted: no roots of {name} are at hand")
    return times


def _of_another_head(anchor: AnchoredHead, error: EvidenceBroken) -> EvidenceBroken:
    # Beside a rewritten log the words of others stay what they were: they are of the head before.
    words = f"it was damaged, or the first {anchor.size} entries were REWRITTEN since"
    return EvidenceBroken(error.where, f"{error.problem}: {words}")


def _check_history(
    sealed: Sealed, anchor: AnchoredHead, times: Sequence[OutsideTime], where: str
) -> None:
    head = parse_checkpoint_text(parse_note(anchor.note, where=where).text, where=where)
    seen = [f"{time.who} signed it at {_text(time.time)}" for time in times]
    when = f"when {' and '.join(seen)}" if seen else "when the log's key signed it"
    if head.size > sealed.head.size:
        problem = f"REWRITTEN: the log had {head.size} entries {when}, it has {sealed.head.size}"
        raise EvidenceBroken(where, f"{problem}: it was rolled back")
    ours = sealed.tree.root(head.size)
    if head.root != ours:
        problem = f"REWRITTEN: at size {head.size} the log had root {head.root.hex()} {when}"
        raise EvidenceBroken(where, f"{problem}, these entries lead to {ours.hex()}")


def _words(trusted: _Trusted, names: Collection[str], size: int) -> str:
    policy = trusted.policy
    mine = {w.name for w in policy.witnesses if w.verifier.name in names} if policy else set()
    operators = policy.operators.items() if policy else ()
    of = {operator for operator, members in operators if mine & set(members)}
    known = {member for _, members in operators for member in members}
    behind = len(of) + len(mine - known)
    whose = "" if trusted.policy_given else "; witness keys taken from the bundle"
    witnesses = f"{len(names)} witness{'es' * (len(names) != 1)}"
    return (
        f"anchored by {witnesses} of {behind} operator{'s' * (behind != 1)} at size {size}{whose}"
    )


def _text(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
