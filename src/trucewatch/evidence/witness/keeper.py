"""What a witness decides: it signs a log's head only if the log grew from what it signed last.

The new head is on the disk before the answer leaves, and one lock lies around check and record, so
that two requests at once cannot roll a head back. Nothing here knows of HTTP but the numbers.

Source: C2SP tlog-witness, version 1.1 (https://c2sp.org/tlog-witness), where another root at the
same size is 422; in version 1.0 it was 409. Stricter: checkpoints with extension lines are
malformed, as nobody could audit those, and no time is signed that is before the last.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from enum import IntEnum
from threading import Lock
from typing import TYPE_CHECKING, Self

from trucewatch.errors import BadInput, EvidenceBroken, LogRefused
from trucewatch.evidence.checkpoint import checkpoint_text, parse_checkpoint_text
from trucewatch.evidence.keys import load_private
from trucewatch.evidence.lock import WriterLock
from trucewatch.evidence.merkle import EMPTY_ROOT, check_consistency
from trucewatch.evidence.note import parse_note
from trucewatch.evidence.witness.cosignature import Cosigner
from trucewatch.evidence.witness.memory import Memory, Refusal, Why
from trucewatch.evidence.witness.request import format_size, parse_request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.note import Note, Verifier
    from trucewatch.evidence.witness.memory import Head
    from trucewatch.evidence.witness.request import Request

_CLOCK = "set the clock; if it ran ahead before, wait, or retire this witness for a new one"


class Verdict(IntEnum):
    """What a witness says to a request; the numbers are those of the protocol."""

    COSIGNED = 200
    MALFORMED = 400
    UNTRUSTED = 403
    """No signature by a key that is trusted for this log, or one that does not verify."""
    UNKNOWN = 404
    """A log that this witness does not watch."""
    CONFLICT = 409
    """Sent as growing from another size than the one that was cosigned last."""
    UNPROVEN = 422
    """The head does not grow from the one that was cosigned last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A decision.

    Attributes:
        verdict: What was decided.
        body: What the protocol sends with it: a signature line, a size, or nothing.
        problem: What was wrong, for the witness's operator.
        head: The head in question, or None when there was none to read.
        why: What is held against the head, when it was signed and refused.
    """

    verdict: Verdict
    body: bytes = b""
    problem: str = ""
    head: Checkpoint | None = None
    why: Why | None = None


class Keeper:
    """An open witness; close it or use it in a `with`. Any number of threads may ask it.

    Args:
        folder: Made by `memory.create_witness`.

    Raises:
        BadInput: The private key is not the one of the folder's verifier key.
    """

    def __init__(self, folder: Path) -> None:
        with ExitStack() as stack:
            self.memory = Memory(folder)
            stack.enter_context(WriterLock(folder))
            name = self.memory.verifier.name
            self._cosigner = Cosigner(name, load_private(self.memory.private))
            if self._cosigner.verifier != self.memory.verifier:
                expected = self.memory.verifier.vkey
                problem = f"is the key {self._cosigner.verifier.vkey}, expected {expected}"
                raise BadInput(str(self.memory.private), problem)
            self.memory.heads()  # a witness that lost its memory must not begin
            self._lock = Lock()
            self._open = True
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        """Return the keeper itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Give the lock back, once no request is being decided."""
        with self._lock:
            self._open = False
            self._stack.close()

    def answer(self, body: bytes, *, now: datetime) -> Answer:
        """Decide on a request; what must be remembered is on the disk on return.

        Args:
            body: Body of an add-checkpoint request.
            now: The time that a cosignature would state.

        Nothing is signed when the disk refuses, the newest cosigned head is damaged, or the clock
        has stepped back; each of these raises.
        """
        try:
            request = parse_request(body, where="request")
            note = parse_note(request.note, where="request")
            head = parse_checkpoint_text(note.text, where="request")
        except BadInput as error:
            return Answer(verdict=Verdict.MALFORMED, problem=error.problem)
        logs = self.memory.logs(head.origin)
        if not logs:
            problem = f"log {head.origin} is not watched"
            return Answer(verdict=Verdict.UNKNOWN, problem=problem, head=head)
        lines = _trusted_lines(note, logs)
        if not lines:
            problem = f"not signed by a trusted key of {head.origin}"
            return Answer(verdict=Verdict.UNTRUSTED, problem=problem, head=head)
        with self._lock:
            return self._decide(request, head, lines, now)

    def _decide(self, request: Request, head: Checkpoint, lines: str, now: datetime) -> Answer:
        text = checkpoint_text(head)
        signed = f"{text}\n{lines}"
        if not self._open:
            raise LogRefused(str(self.memory.folder), "is closed, expected an open witness")
        held = self.memory.head(head.origin)
        answer = _judge(request, head, held)
        if answer.verdict is Verdict.COSIGNED:
            time = int(now.timestamp())
            if held is not None and time < held.time.timestamp():
                problem = f"says {now}, this witness signed {held.time} for {head.origin}"
                raise LogRefused("clock", problem, advice=_CLOCK)
            line = self._cosigner.line(text, time=time)
            self.memory.keep_head(head.origin, f"{signed}{line}".encode())
            return Answer(verdict=Verdict.COSIGNED, body=line.encode(), head=head)
        if answer.why is not None:
            refusal = Refusal(
                why=answer.why,
                note=signed,
                old=request.old,
                proof=request.proof,
                held="" if held is None else held.note.decode(),
                seen_at=now.isoformat(),
            )
            self.memory.keep_refused(refusal)
        return answer


def _trusted_lines(note: Note, logs: Sequence[Verifier]) -> str:
    # A known key whose signature fails spoils the note, whoever else signed it.
    lines = []
    for log in logs:
        for signature in note.signatures:
            if (signature.name, signature.key_id) == (log.name, log.key_id):
                if not log.accepts(note.text.encode(), signature.signature):
                    return ""
                lines.append(signature.line)
    return "".join(dict.fromkeys(lines))


def _judge(request: Request, head: Checkpoint, held: Head | None) -> Answer:
    size = 0 if held is None else held.checkpoint.size
    root = EMPTY_ROOT if held is None else held.checkpoint.root
    if request.old > head.size:
        problem = f"old size is {request.old}, must be at most {head.size}"
        verdict, body = Verdict.MALFORMED, b""
    elif request.old != size:
        problem = f"old size is {request.old}, cosigned last was {size}"
        verdict, body = Verdict.CONFLICT, format_size(size)
    else:
        problem, body = _grows((size, root), head, request), b""
        verdict = Verdict.UNPROVEN if problem else Verdict.COSIGNED
    if verdict is Verdict.COSIGNED:
        return Answer(verdict=verdict)
    why = _why(head, held, verdict)
    return Answer(verdict=verdict, body=body, problem=problem, head=head, why=why)


def _grows(old: tuple[int, bytes], head: Checkpoint, request: Request) -> str:
    new = (head.size, head.root)
    if head.size == 0 and head.root != EMPTY_ROOT:
        return f"root of no entries is {head.root.hex()}, expected {EMPTY_ROOT.hex()}"
    try:
        check_consistency(old=old, new=new, proof=request.proof, where="proof")
    except EvidenceBroken as error:
        return error.problem
    return ""


def _why(head: Checkpoint, held: Head | None, verdict: Verdict) -> Why | None:
    cosigned = None if held is None else held.checkpoint
    if cosigned == head:
        return None  # the very head that was cosigned, asked for in a wrong way
    if cosigned is not None and head.size <= cosigned.size:
        return Why.FORK if head.size == cosigned.size else Why.ROLLBACK
    return Why.UNPROVEN if verdict is Verdict.UNPROVEN else Why.STALE
