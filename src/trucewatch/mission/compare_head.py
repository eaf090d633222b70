"""`tw restore --check-head`: may a log that is held be appended to again?

Only when nobody was shown more of it, as far as can be known. Its witnesses are asked; those that
did not cosign must be too few to have made a quorum without the others. Without witnesses a person
brings the newest head that anybody has.

A head with the log's own signature that this log does not lead to settles the matter: the log stays
held until it leads there. Heads that witnesses showed are kept, and compared each time. What a
witness says without such a head may be wrong, or hostile, and counts like silence: the others can
overrule it. So can a person, by name and with a reason. Each is written down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, LogRefused
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.hold import held, hold, release
from trucewatch.evidence.log import Log
from trucewatch.evidence.objects import write_durably
from trucewatch.evidence.witness.client import Outcome
from trucewatch.evidence.witness.policy import NO_QUORUM
from trucewatch.mission.anchor import TIMEOUT_S, policy_of
from trucewatch.mission.configuration import in_force
from trucewatch.mission.cosigning import (
    SHOWN,
    ask_witnesses,
    contradiction,
    hold_for_shown,
    kept_heads,
)
from trucewatch.records.form import is_text
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trucewatch.evidence.witness.policy import Policy
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.cosigning import Answer
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said

RELEASED = "RELEASED"
"""File of a mission that says why its log is no longer held, a paragraph for each time."""

NEVER_BACK = (
    "A log is never rolled back: found a new log with tw init and cite this one; "
    "or bring back what is missing: tw restore --extend BUNDLE HOME"
)
"""Advice when others have seen more."""

_UNFINISHED = "was not finished"
_FILE_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadChecked:
    """What comparing the head showed.

    Attributes:
        size: Entries of this log.
        root: Root over them, hex.
        released: Whether the log can be appended to now.
        held: Why it is held; "" when it is not.
        witnesses: What each witness said.
        compared: Heads from files that are beginnings of this log.
        ahead: Who has a head that this log does not lead to, now or when it was held; with both
            sizes.
        overruled: Whose claim, not shown, did not keep the log held, and who overruled it.
        problem: Why it stays held, or "".
    """

    size: int
    root: str
    released: bool
    held: str
    witnesses: tuple[Answer, ...]
    compared: tuple[str, ...]
    ahead: tuple[str, ...]
    overruled: tuple[str, ...]
    problem: str


def check_head(
    home: Home,
    *,
    clock: Clock,
    against: Sequence[Path] = (),
    nobody: Said | None = None,
    timeout_s: float = TIMEOUT_S,
) -> HeadChecked:
    """Compare the head of a log that is held with what others have seen; release it when it may be.

    Args:
        home: The mission.
        clock: Says what time it is.
        against: Heads as the log signed them, the newest that anybody has.
        nobody: Who says that nobody else has seen more, and why; the last resort.
        timeout_s: Seconds that each witness may take.

    Raises:
        LogRefused: The restore was not finished, or the disk refused.
    """
    home.expect()
    reason = held(home.path)
    if reason is not None and _UNFINISHED in reason:
        raise LogRefused(str(home.path), reason, advice="Restore it again into a new folder.")
    with Log.open(home.path) as log:
        policy = policy_of(log, in_force(log, log.size))
        size, answers = ask_witnesses(log, policy, timeout_s=timeout_s)
        root = log.root(size).hex()
        hold_for_shown(log, answers)
        compared, shown = _compare(log, against)
        for sentence in shown:
            hold(home.path, f"{SHOWN} {size}: {sentence}")
        reason = held(home.path)
        ahead = _contradicted(reason, size)
        kept = [path for path in kept_heads(home.path) if path.name not in " ".join(ahead)]
        led_to, shown = _compare(log, kept)
    ahead += shown
    problem = _words_of(ahead)
    if nobody is not None:
        _expect_words(nobody)
    else:
        problem = problem or _unknown(policy, answers, compared)
    released = reason is not None and not problem
    if released:
        words = _words(size, root, answers, [*compared, *led_to], nobody)
        _write(home, f"{instant_text(clock.now())}\n{words}was held: {reason}\n\n")
        release(home.path)
    return HeadChecked(
        size=size,
        root=root,
        released=released,
        held=held(home.path) or "",
        witnesses=tuple(answers),
        compared=(*compared, *led_to),
        ahead=tuple(ahead),
        overruled=() if problem else tuple(_overruled(answers, nobody)),
        problem=problem,
    )


def _compare(log: Log, against: Sequence[Path]) -> tuple[list[str], list[str]]:
    """Return which heads are beginnings of this log, and which are not.

    Raises:
        BadInput: A file cannot be read.
    """
    compared, ahead = [], []
    for path in against:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BadInput(str(path), f"cannot be read ({error.strerror})") from error
        head = open_checkpoint(content, log.verifier, where=str(path))
        how = contradiction(log, head)
        if how:
            ahead.append(f"{path} {how}")
        else:
            compared.append(f"{path}: size {head.size}")
    return compared, ahead


def _contradicted(reason: str | None, size: int) -> list[str]:
    """Return what contradicts a log that has not grown since."""
    lines = re.findall(rf"^{SHOWN} ([0-9]+): (.*)$", reason or "", re.MULTILINE)
    return [sentence for at, sentence in lines if int(at) >= size]


def _words_of(ahead: Sequence[str]) -> str:
    return f"others have seen more of this log: {'; '.join(ahead)}" if ahead else ""


def _expect_words(nobody: Said) -> None:
    """Check that whoever releases a log says who they are and why.

    Raises:
        BadInput: One of it is blank.
    """
    for name, text in (("--by", nobody.by), ("--reason", nobody.reason)):
        if not is_text(text):
            raise BadInput(name, f"is {text[:80]!r}, expected text on one line")


def _unknown(policy: Policy | None, answers: Sequence[Answer], compared: Sequence[str]) -> str:
    """Return why it is not known whether others have seen more, or ""."""
    if policy is None or not policy.witnesses:
        expected = "expected the newest head that anybody has: --against CHECKPOINT"
        return "" if compared else f"there are no witnesses to ask, {expected}"
    silent = {said.key for said in answers if said.outcome != Outcome.COSIGNED}
    some = silent if policy.quorum == NO_QUORUM else silent and policy.satisfied(silent)
    if some:
        said = "; ".join(a.problem for a in answers if a.key in silent)
        silence = "are silent or show nothing" if any(a.claims for a in answers) else "are silent"
        return f"too many witnesses {silence}, they may have seen more: {said}"
    return ""


def _overruled(answers: Sequence[Answer], nobody: Said | None) -> list[str]:
    """Return what claims of witnesses do not keep a log held, and who overruled them."""
    others = sum(said.outcome == Outcome.COSIGNED for said in answers)
    who = f"{others} {'other' if others == 1 else 'others'} that cosigned"
    who = who if nobody is None else nobody.by
    return [f"the claim of witness {a.name} is overruled by {who}" for a in answers if a.claims]


def _words(
    size: int,
    root: str,
    answers: Sequence[Answer],
    compared: Sequence[str],
    nobody: Said | None,
) -> str:
    lines = [f"released at size {size}, root {root}"]
    lines += [f"witness {said.name}: {said.outcome} {said.problem}".rstrip() for said in answers]
    lines += _overruled(answers, nobody)
    lines += [f"compared with {each}" for each in compared]
    if nobody is not None:
        lines.append(f"by {nobody.by}, who says that nobody else has seen more: {nobody.reason}")
    return "".join(f"{line}\n" for line in lines)


def _write(home: Home, words: str) -> None:
    path = home.path / RELEASED
    try:
        earlier = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise LogRefused(str(path), f"cannot be read ({error.strerror})") from error
    write_durably(path, earlier + words.encode(), mode=_FILE_MODE)
