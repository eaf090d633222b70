"""`tw anchor`: show the log's head to witnesses and to authorities for time; keep the answers.

1. Every witness of the policy in force is asked first. One that shows a head of this log which it
   does not lead to stops everything: the log is held. The word of a witness alone stops nothing.
2. Cosignatures are kept beside the log, and the static checkpoint is written with them.
3. Each authority is asked for a time stamp of the newest head, and of each day's last without one.

Nothing is appended to the log, so asking again does no harm. What is still due is derived from
what is there: an outage loses nothing.
"""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadMission, LogRefused
from trucewatch.evidence.anchor import COSIGNATURE, TIMESTAMP, Anchor
from trucewatch.evidence.hold import check_not_held
from trucewatch.evidence.ledger import Ledger
from trucewatch.evidence.log import Log
from trucewatch.evidence.objects import write_durably
from trucewatch.evidence.timestamp import authority
from trucewatch.evidence.timestamp.queue import due, sizes_to_stamp
from trucewatch.evidence.witness.cosignature import open_cosignatures
from trucewatch.evidence.witness.policy import parse_policy
from trucewatch.mission.configuration import in_force
from trucewatch.mission.cosigning import ask_witnesses, hold_for_shown
from trucewatch.mission.opened import keys_of
from trucewatch.mission.seats import open_seats, seats
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from trucewatch.evidence.timestamp.authority import Stamped
    from trucewatch.evidence.witness.policy import Policy
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.cosigning import Answer
    from trucewatch.mission.home import Home

REJECTED = "anchors-rejected"
"""Folder of a mission with what authorities answered and no checker would accept."""

TIMEOUT_S = 20.0
"""Seconds for each question; authorities for time answer within one or two."""

_REJECTED_MAX = 1_000  # files; an authority that is broken for weeks fills no disk
_STAMPS_AT_ONCE = 40  # questions to one authority in a cycle; a public one refuses many more
_FILE_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class StampAnswer:
    """What an authority said of one head.

    Attributes:
        size: Size of the head.
        authority: Its short name.
        outcome: `stamped`, `unreachable` or `rejected`.
        time: The time that it gave.
        skew_s: Its time less ours, in seconds.
        problem: What was wrong, or "".
    """

    size: int
    authority: str
    outcome: str
    time: datetime | None
    skew_s: float | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """What a cycle did.

    Attributes:
        size: Size of the head that witnesses were asked about.
        root: Its root, hex.
        witnesses: What each witness said.
        operators: Operators one of whose witnesses has cosigned this head.
        operators_known: All operators in the policy.
        reached: Whether the policy's quorum is reached at this head.
        missing: What is lacking to reach it.
        stamps: What each authority said.
        due: Heads and authorities that still are to be asked.
        findings: What is to be settled about seats, policy and authorities.
    """

    size: int
    root: str
    witnesses: tuple[Answer, ...]
    operators: tuple[str, ...]
    operators_known: int
    reached: bool
    missing: tuple[str, ...]
    stamps: tuple[StampAnswer, ...]
    due: tuple[tuple[int, str], ...]
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest head that enough witnesses cosigned.

    Attributes:
        size: Its size.
        time: When the last of them did.
        names: Key names of the witnesses.
    """

    size: int
    time: datetime
    names: tuple[str, ...]


def anchor(home: Home, *, clock: Clock, timeout_s: float = TIMEOUT_S) -> Anchored:
    """Anchor the newest head of a mission's log.

    Args:
        home: The mission.
        clock: Says what time it is.
        timeout_s: Seconds that each question may take.

    Raises:
        LogRefused: The log is held; or a witness shows a head that it signed and does not lead to:
            then it is held from now on.
    """
    home.expect()
    check_not_held(home.path)
    keys_of(home)  # found missing before anybody is asked
    with Log.open(home.path) as log:
        using = in_force(log, log.size)
        policy = policy_of(log, using)
        size, answers = ask_witnesses(log, policy, timeout_s=timeout_s)
        ahead = hold_for_shown(log, answers)
        if ahead:
            advice = "compare the head: tw restore --check-head HOME"
            problem = f"the log was rolled back or forked: {'; '.join(ahead)}"
            raise LogRefused(log.origin, f"{problem}; it is held now", advice=advice)
        root = log.root(size).hex()
    _keep(home, [_cosignature(size, said) for said in answers if said.line])
    stamps, found = _ask_authorities(home, using, clock, timeout_s)
    _keep(home, found)
    with Log.open(home.path) as log:
        names = {a.name for a in log.anchors(size) if a.kind == COSIGNATURE}
        left = _due(home, log, using)
        findings = [*open_seats(seats(log, using), policy), *_authorities(using)]
    return Anchored(
        size=size,
        root=root,
        witnesses=tuple(answers),
        operators=operators_behind(policy, names),
        operators_known=0 if policy is None else len(policy.operators),
        reached=policy is not None and policy.satisfied(names),
        missing=(_no_policy(home, using),) if policy is None else tuple(policy.missing(names)),
        stamps=tuple(stamps),
        due=tuple(left),
        findings=tuple(findings),
    )


def policy_of(log: Log, using: Configuration) -> Policy | None:
    """Return the policy of witnesses in force, or None when there is none.

    Raises:
        BadMission: It lists other logs than this one.
    """
    name = using.settings.witness.policy
    if not name:
        return None
    policy = parse_policy(using.files[name], where=name)
    logs = [known.verifier for known in policy.logs]
    if logs and log.verifier not in logs:
        listed = ", ".join(verifier.name for verifier in logs)
        raise BadMission(name, f"lists {listed}, expected {log.verifier.vkey}")
    return policy


def newest_anchor(log: Log, policy: Policy | None) -> Newest | None:
    """Return the newest head that enough witnesses cosigned, each cosignature verified."""
    if policy is None:
        return None
    sizes = {each.size for each in log.anchors() if each.kind == COSIGNATURE}
    for size in sorted(sizes, reverse=True):
        where = f"head of {size} entries"
        times = open_cosignatures(log.cosigned_note(size), policy.verifiers, where=where)
        if times and policy.satisfied(list(times)):
            return Newest(size=size, time=max(times.values()), names=tuple(times))
    return None


def operators_behind(policy: Policy | None, keys: Collection[str]) -> tuple[str, ...]:
    """Return the operators one of whose witnesses is among some key names."""
    if policy is None:
        return ()
    mine = {w.name for w in policy.witnesses if w.verifier.name in keys}
    return tuple(name for name, run in policy.operators.items() if mine & set(run))


def authorities_enough(using: Configuration) -> bool:
    """Return whether two independent authorities for time are configured."""
    return len({each.url for each in using.settings.timestamp.values()}) > 1


def sizes_signed(home: Home) -> list[int]:
    """Return the size of every head that the log signed, the empty one left out."""
    with closing(Ledger(home.path / "log.db", mode="read")) as ledger:
        return [size for size in ledger.checkpoint_sizes() if size]


def _no_policy(home: Home, using: Configuration) -> str:
    """Say why there is no policy in force: nobody named one, or it was not sealed yet."""
    if sha256_hex(home.settings.read_bytes()) == using.settings_object:
        return "no witness policy is configured"
    return f"mission.toml changed and is not sealed yet: tw run {home.path}"


def _cosignature(size: int, said: Answer) -> Anchor:
    return Anchor(size=size, kind=COSIGNATURE, name=said.key, content=said.line.encode())


def _keep(home: Home, anchors: Sequence[Anchor]) -> None:
    if anchors:
        with Log.open(home.path, signer=keys_of(home).log) as log:
            log.add_anchors(anchors)
            log.write_static()


def _due(home: Home, log: Log, using: Configuration) -> list[tuple[int, str]]:
    published = [(size, log.entry(size - 1).logged_at) for size in sizes_signed(home)]
    return due(sizes_to_stamp(published), log.anchors(), list(using.settings.timestamp))


def _ask_authorities(
    home: Home, using: Configuration, clock: Clock, timeout_s: float
) -> tuple[list[StampAnswer], list[Anchor]]:
    answers: list[StampAnswer] = []
    found: list[Anchor] = []
    with Log.open(home.path) as log:
        waiting = _due(home, log, using)
        for name, section in using.settings.timestamp.items():
            mine = [size for size, who in waiting if who == name][:_STAMPS_AT_ONCE]
            for size in mine:
                said = authority.stamp(
                    section.url,
                    log.checkpoint_note(size),
                    nonce=secrets.randbits(64),
                    roots=[using.files[section.roots]],
                    now=clock.now(),
                    timeout_s=timeout_s,
                )
                answers.append(_stamp_answer(size, name, said))
                if said.outcome is not authority.Outcome.STAMPED or said.response is None:
                    _keep_rejected(home, size, name, said)
                    break  # the next head would fare no better with it now
                found.append(Anchor(size=size, kind=TIMESTAMP, name=name, content=said.response))
    return answers, found


def _stamp_answer(size: int, name: str, said: Stamped) -> StampAnswer:
    return StampAnswer(
        size=size,
        authority=name,
        outcome=str(said.outcome),
        time=None if said.stamp is None else said.stamp.time,
        skew_s=said.skew_s,
        problem=said.problem,
    )


def _keep_rejected(home: Home, size: int, name: str, said: Stamped) -> None:
    """Keep an answer that does not verify, with the reason; the first ones, when there are many."""
    folder = home.path / REJECTED
    content = said.response or b""
    called = f"{size}-{name}-{sha256_hex(content + said.problem.encode())[:12]}"
    if said.outcome is not authority.Outcome.REJECTED:
        return
    if len(list(folder.glob("*.txt"))) >= _REJECTED_MAX:
        return
    if content:
        write_durably(folder / f"{called}.tsr", content, mode=_FILE_MODE)
    write_durably(folder / f"{called}.txt", f"{said.problem}\n".encode(), mode=_FILE_MODE)


def _authorities(using: Configuration) -> list[str]:
    if authorities_enough(using):
        return []
    names = ", ".join(using.settings.timestamp) or "none"
    return [f"authorities for time: {names}; expected two that do not depend on each other"]
