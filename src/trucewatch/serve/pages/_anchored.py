"""Who outside the mission signed the log's heads, and when: each signature checked just now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import TruceWatchError
from trucewatch.evidence.anchor import COSIGNATURE, TIMESTAMP
from trucewatch.evidence.timestamp.token import open_token
from trucewatch.evidence.witness.cosignature import open_cosignatures
from trucewatch.mission.anchor import policy_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.evidence.witness.policy import KnownWitness, Policy
    from trucewatch.mission.configuration import Configuration

_HEADS_MAX = 50
"""Cosigned heads that one page checks, the nearest first."""


class Signed(NamedTuple):
    """One who signs heads, and the newest that they signed.

    Attributes:
        name: Name of the key, or of the authority.
        operator: Who runs it, as the policy says; or "".
        party: The party whose witness it is, or "".
        size: Entries under the newest head that they signed; 0 where none was found.
        time: When, by their own clock; None where none was found.
        problem: What is wrong with a signature of theirs, or "".
    """

    name: str
    operator: str = ""
    party: str = ""
    size: int = 0
    time: datetime | None = None
    problem: str = ""


class Seen(NamedTuple):
    """A head that enough witnesses cosigned.

    Attributes:
        size: Entries under it.
        time: When the last of them that was needed had signed.
        names: Names of their keys.
    """

    size: int
    time: datetime
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """What stands outside the mission.

    Attributes:
        policy: Name of the file that says whose word counts; "" without one.
        witnesses: As the policy lists them.
        stamps: One for each authority for time that is named.
        newest: The newest head that enough witnesses cosigned, if there is one.
        after: Entries after that head, which rest on the log's word alone.
    """

    policy: str
    witnesses: tuple[Signed, ...]
    stamps: tuple[Signed, ...]
    newest: Seen | None
    after: int


def anchored(log: Log, using: Configuration) -> Anchored:
    """Return who outside signed what, under the configuration in force."""
    policy = policy_of(log, using)
    sizes = _sizes(log, COSIGNATURE)[::-1]
    newest = seen_by(log, policy, sizes) if policy else None
    return Anchored(
        policy=using.settings.witness.policy,
        witnesses=tuple(_witness(log, policy, each, sizes) for each in policy.witnesses)
        if policy
        else (),
        stamps=tuple(_stamp(log, using, name) for name in using.settings.timestamp),
        newest=newest,
        after=log.size - (newest.size if newest else 0),
    )


def first_seen(log: Log, using: Configuration, index: int) -> Seen | None:
    """Return a head over an entry that enough witnesses cosigned: the smallest, or a late one."""
    policy = policy_of(log, using)
    above = [size for size in _sizes(log, COSIGNATURE) if size > index]
    if policy is None:
        return None
    return seen_by(log, policy, above) or seen_by(log, policy, above[::-1])


def seen_by(log: Log, policy: Policy, sizes: Iterable[int]) -> Seen | None:
    """Return the first of some heads that enough witnesses cosigned, each signature checked."""
    for size in list(sizes)[:_HEADS_MAX]:
        told = ((each.verifier.name, _time(log, each, size)[0]) for each in policy.witnesses)
        times = [(time, name) for name, time in told if time is not None]
        names: tuple[str, ...] = ()
        for time, name in sorted(times):
            names += (name,)
            if policy.satisfied(names):
                return Seen(size=size, time=time, names=names)
    return None


def _sizes(log: Log, kind: str, name: str = "") -> list[int]:
    found = {a.size for a in log.anchors() if a.kind == kind and name in ("", a.name)}
    return sorted(found)


def _witness(log: Log, policy: Policy, witness: KnownWitness, sizes: list[int]) -> Signed:
    operator = next((who for who, run in policy.operators.items() if witness.name in run), "")
    party = next((who for who, given in policy.parties.items() if given == witness.name), "")
    known = Signed(name=witness.verifier.name, operator=operator, party=party)
    for size in sizes[:_HEADS_MAX]:
        time, problem = _time(log, witness, size)
        if time is not None or problem:
            return known._replace(size=size, time=time, problem=problem)
    return known


def _time(log: Log, witness: KnownWitness, size: int) -> tuple[datetime | None, str]:
    """Return when a witness cosigned a head, or what is wrong with the line that says so."""
    where = f"head of {size} entries"
    try:
        times = open_cosignatures(log.cosigned_note(size), [witness.verifier], where=where)
    except TruceWatchError as error:
        return None, error.problem
    return times.get(witness.verifier.name), ""


def _stamp(log: Log, using: Configuration, name: str) -> Signed:
    """Return the newest head that an authority stamped, its token checked by the sealed roots."""
    roots = [using.files[using.settings.timestamp[name].roots]]
    known = Signed(name=name)
    for size in _sizes(log, TIMESTAMP, name)[:-2:-1]:
        content = next(
            a.content for a in log.anchors(size) if a.kind == TIMESTAMP and a.name == name
        )
        where = f"stamp of {size} entries"
        try:
            stamp = open_token(content, log.checkpoint_note(size), roots=roots, where=where)
        except TruceWatchError as error:
            return known._replace(size=size, problem=error.problem)
        return known._replace(size=size, time=stamp.not_after)
    return known
