"""Ask every witness to cosign the log's head; what one says against the log, it must show.

A witness may be wrong, or want to stop the log. So its word holds nothing: it is asked for its
newest head of this log. A head with the log's own signature that this log does not lead to is
proof, whoever shows it: the log is held, and the head kept. All else is a claim.

    HOME/contradicting/SIZE-WITNESS.checkpoint      such a head, as the witness gave it
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, LogRefused
from trucewatch.evidence.anchor import COSIGNATURE
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.hold import hold
from trucewatch.evidence.objects import write_durably
from trucewatch.evidence.witness.client import Asked, Outcome, ask, newest_head

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.log import Log
    from trucewatch.evidence.witness.client import Shown
    from trucewatch.evidence.witness.policy import KnownWitness, Policy

CONTRADICTING = "contradicting"
"""Folder of a mission with heads that its log signed and does not lead to."""

SHOWN = "contradicted by a signed head at size"
"""How a reason begins for which a log is held: somebody has a head that it does not lead to."""

_CLAIM = "a claim, not a proof"
_TRIES = 3
_NAME_MAX = 80
_ODD = re.compile(r"[^0-9A-Za-z._-]")
_FILE_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a witness said of the head.

    Attributes:
        name: What the policy calls the witness.
        key: Name of its key, as signature lines have it.
        operator: Who runs it, as the policy says; or "".
        outcome: What came of asking; `not asked` without an address.
        time: When it says that it signed.
        witness_size: Size that it has cosigned, as far as it said.
        line: Its signature line, or "".
        problem: What was wrong, or "".
        shown: The head that proves what it says: signed by this log, which does not lead to it; as
            a note, or "".
    """

    name: str
    key: str
    operator: str
    outcome: str
    time: datetime | None = None
    witness_size: int | None = None
    line: str = ""
    problem: str = ""
    shown: str = ""

    @property
    def claims(self) -> bool:
        """Whether it says that it has seen more, or another history, and does not show it."""
        return self.outcome in {Outcome.BEHIND, Outcome.FORKED} and not self.shown


def ask_witnesses(log: Log, policy: Policy | None, *, timeout_s: float) -> tuple[int, list[Answer]]:
    """Ask every witness of a policy to cosign the newest head.

    Returns:
        Size of the head that they were asked about, and what each said.
    """
    size, answers = log.size, list[Answer]()
    for _ in range(_TRIES):
        size = log.size
        answers = [] if policy is None else list(_answers(log, size, policy, timeout_s))
        proven = any(said.shown for said in answers)
        seen = [said.witness_size or 0 for said in answers]
        if proven or not any(size < each <= log.size for each in seen):
            break  # else somebody appended and anchored meanwhile
    return size, answers


def hold_for_shown(log: Log, answers: Sequence[Answer]) -> list[str]:
    """Hold a log for each head that a witness showed, and keep these heads.

    Returns:
        One sentence for each, which names the file.
    """
    said_of = []
    for said in answers:
        if not said.shown:
            continue
        note = said.shown.encode()
        head = open_checkpoint(note, log.verifier, where=f"witness {said.key}")
        name = _file_name(log, said, head)
        sentence = f"{said.problem}; it is kept in {name}"
        hold(log.home, f"{SHOWN} {log.size}: {sentence}")  # before a disk can refuse the copy
        if not (log.home / name).exists():
            write_durably(log.home / name, note, mode=_FILE_MODE)
        said_of.append(sentence)
    return said_of


def kept_heads(home: Path) -> list[Path]:
    """Return the files of heads that witnesses showed of a mission's log."""
    return sorted((home / CONTRADICTING).glob("*.checkpoint"))


def contradiction(log: Log, head: Checkpoint) -> str:
    """Return how a head that this log signed contradicts it, or "" when it leads to it."""
    if head.size > log.size:
        return f"is a head of size {head.size}, this log has {log.size}"
    if head.root != log.root(head.size):
        return f"has another root at size {head.size}"
    return ""


def _answers(log: Log, size: int, policy: Policy, timeout_s: float) -> Iterator[Answer]:
    newest: dict[str, int] = {}
    for each in log.anchors():
        if each.kind == COSIGNATURE and each.size <= size:
            newest[each.name] = max(each.size, newest.get(each.name, 0))
    note = log.checkpoint_note(size)
    operator = {name: who for who, run in policy.operators.items() for name in run}
    for witness in policy.witnesses:
        asked = _ask(log, note, witness, newest.get(witness.verifier.name, 0), timeout_s)
        answer = Answer(
            name=witness.name,
            key=witness.verifier.name,
            operator=operator.get(witness.name, ""),
            outcome=str(asked.outcome) if asked else "not asked",
            time=asked.time if asked else None,
            witness_size=asked.witness_size if asked else None,
            line=asked.line if asked else "",
            problem=asked.problem if asked else f"witness {witness.name}: has no address",
        )
        if answer.claims:
            shown = newest_head(witness.url, log=log.verifier, timeout_s=timeout_s)
            answer = _settled(log, answer, shown)
        yield answer


def _ask(log: Log, note: bytes, witness: KnownWitness, old: int, timeout_s: float) -> Asked | None:
    if not witness.url:
        return None
    try:
        return ask(
            witness.url,
            note=note,
            consistency=log.consistency_proof,
            old=old,
            verifier=witness.verifier,
            timeout_s=timeout_s,
        )
    except BadInput as error:  # an address that is none; the other witnesses are asked all the same
        return Asked(outcome=Outcome.REFUSED, problem=str(error))


def _settled(log: Log, said: Answer, shown: Shown) -> Answer:
    """Return what a witness said against a log, as what it is: a proof or a claim."""
    if shown.head is None:
        told = f"shows no head that this log signed: {_CLAIM} ({shown.problem})"
        return replace(said, problem=f"{said.problem}, and {told}")
    how = contradiction(
        log, shown.head
    )  # as the log is now: it may have grown to that head meanwhile
    if not how:
        told = f"shows a head of size {shown.head.size} that this log leads to: {_CLAIM}"
        return replace(said, problem=f"{said.problem}, and {told}")
    told = f"shows a head that this log signed: it {how}"
    return replace(said, problem=f"{said.problem}, and {told}", shown=shown.note.decode())


def _file_name(log: Log, said: Answer, head: Checkpoint) -> str:
    """Return where a head is kept; another of the same size has its root in the name.

    Raises:
        LogRefused: What is there cannot be read.
    """
    stem = f"{CONTRADICTING}/{head.size}-{_ODD.sub('-', said.name)[:_NAME_MAX]}"
    path = log.home / f"{stem}.checkpoint"
    try:
        there = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise LogRefused(str(path), f"cannot be read ({error.strerror})") from error
    same = not there or there.partition(b"\n\n")[0] == said.shown.encode().partition(b"\n\n")[0]
    return f"{stem}{'' if same else '-' + head.root.hex()}.checkpoint"
