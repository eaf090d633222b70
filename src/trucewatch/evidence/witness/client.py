"""How a log asks a witness for its cosignature.

A witness is somebody else's machine. Whatever it answers, or does not, becomes one of six outcomes,
never an exception, and costs no more than the time allowed. No redirect is followed.

Source: C2SP tlog-witness (https://c2sp.org/tlog-witness).
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Timer
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.checkpoint import parse_checkpoint_text
from trucewatch.evidence.note import parse_note
from trucewatch.evidence.witness.request import Request, format_request, parse_lines, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trucewatch.evidence.witness.cosignature import CosignatureVerifier

    Consistency = Callable[[int, int], list[bytes]]

_ANSWER_BYTES_MAX = 16 * 1024  # some signature lines
_URL = re.compile("[!-~]+")


class Outcome(StrEnum):
    """What came of asking a witness."""

    COSIGNED = "cosigned"
    """It signed, and the signature holds."""
    BEHIND = "behind"
    """It has cosigned a larger head: this log was rolled back, or another copy of it went on."""
    FORKED = "forked"
    """It has cosigned another history of this log."""
    REFUSED = "refused"
    """It will not sign: it does not watch this log or its key, or cannot now."""
    BROKEN = "broken"
    """Its answer is not one that a witness with this key gives."""
    UNREACHABLE = "unreachable"
    """No answer, or not in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The answer of a witness.

    Attributes:
        outcome: What came of it.
        line: The signature line with its newline, or "".
        time: When the witness says that it signed, or None.
        witness_size: Size that the witness has cosigned, as far as it is known from its answer.
        problem: What was wrong, or "".
    """

    outcome: Outcome
    line: str = ""
    time: datetime | None = None
    witness_size: int | None = None
    problem: str = ""


def ask(
    url: str,
    *,
    note: bytes,
    consistency: Consistency,
    old: int,
    verifier: CosignatureVerifier,
    timeout_s: float,
) -> Asked:
    """Ask a witness to cosign a head; when it is at another size, once more from there.

    Args:
        url: Submission prefix of the witness, http or https.
        note: The checkpoint as the log signed it.
        consistency: Gives the proof between two sizes of the log, such as `Log.consistency_proof`.
        old: Size that this witness is thought to have cosigned; 0 when nobody knows.
        verifier: The witness's key.
        timeout_s: Seconds for each of the two requests, from their connection on.
    """
    text = parse_note(note, where="checkpoint").text
    size = parse_checkpoint_text(text, where="checkpoint").size
    question = _Question(
        target=_target(url), note=note, text=text, size=size, verifier=verifier, timeout_s=timeout_s
    )

    def once(start: int) -> Asked:
        proof = tuple(consistency(start, size)) if 0 < start < size else ()
        return _once(question, start, proof)

    asked = once(min(old, size))
    if asked.outcome is Outcome.REFUSED and asked.witness_size is not None:
        return once(asked.witness_size)
    return asked


class _Target(NamedTuple):
    scheme: str
    host: str
    port: int | None
    path: str


class _Question(NamedTuple):
    target: _Target
    note: bytes
    text: str
    size: int
    verifier: CosignatureVerifier
    timeout_s: float


def _once(question: _Question, old: int, proof: tuple[bytes, ...]) -> Asked:
    body = format_request(Request(old=old, proof=proof, note=question.note))
    where = f"witness {question.verifier.name}"
    try:
        status, answer = _post(question.target, body, question.timeout_s)
    except (OSError, HTTPException) as error:
        reason = str(error) or type(error).__name__
        return Asked(outcome=Outcome.UNREACHABLE, problem=f"{where}: {reason}")
    try:
        return _understood(question, old, status, answer)
    except (BadInput, EvidenceBroken) as error:
        return Asked(outcome=Outcome.BROKEN, problem=str(error))


def _understood(question: _Question, old: int, status: int, answer: bytes) -> Asked:
    where, size = f"witness {question.verifier.name}", question.size
    if status == HTTPStatus.OK:
        line, time = parse_lines(answer, question.text, question.verifier, where=where)
        return Asked(outcome=Outcome.COSIGNED, line=line, time=time, witness_size=size)
    if status == HTTPStatus.CONFLICT:
        return _conflict(parse_size(answer, where=where), old, size, where)
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        problem = f"{where}: size {size} does not grow from what it cosigned at {old}"
        return Asked(outcome=Outcome.FORKED, witness_size=old, problem=problem)
    problem = f"{where}: answered {status}, expected 200, 409 or 422"
    return Asked(outcome=Outcome.REFUSED, problem=problem)


def _conflict(held: int, old: int, size: int, where: str) -> Asked:
    if held > size:
        outcome, problem = Outcome.BEHIND, f"has cosigned size {held}, this log has {size}"
    elif held != old:
        outcome, problem = Outcome.REFUSED, f"is at size {held}, was asked from {old}"
    elif held == size:  # version 1.0 of the protocol says it in this way
        outcome, problem = Outcome.FORKED, f"has cosigned another root at size {size}"
    else:
        outcome, problem = Outcome.BROKEN, f"was asked from size {old} and says it is there"
    return Asked(outcome=outcome, witness_size=held, problem=f"{where}: {problem}")


def _target(url: str) -> _Target:
    expected = "expected http(s)://HOST[:PORT][/PREFIX]"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as error:
        raise BadInput("witness url", f"{url[:80]!r} ({error}), {expected}") from error
    bare = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in {"http", "https"} or not host or not bare or not _URL.fullmatch(url):
        raise BadInput("witness url", f"{url[:80]!r}, {expected}")
    path = f"{parts.path.rstrip('/')}/add-checkpoint"
    return _Target(scheme=parts.scheme, host=host, port=port, path=path)


def _post(target: _Target, body: bytes, timeout_s: float) -> tuple[int, bytes]:
    kind = HTTPSConnection if target.scheme == "https" else HTTPConnection
    connection = kind(target.host, target.port, timeout=timeout_s)
    late = Event()

    def cut() -> None:  # an answer that drips in meets no timeout of the socket
        late.set()
        with suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)

    timer = Timer(timeout_s, cut)
    timer.daemon = True
    try:
        connection.connect()
        wire = connection.sock
        timer.start()
        connection.request("POST", target.path, body=body, headers={"Connection": "close"})
        response = connection.getresponse()
        answer = response.read(_ANSWER_BYTES_MAX + 1)
    finally:
        timer.cancel()
        connection.close()
        if late.is_set():  # whatever else the cut looked like
            msg = f"no whole answer in {timeout_s:g} s"
            raise TimeoutError(msg)
    if len(answer) > _ANSWER_BYTES_MAX or response.length:
        msg = f"answer is torn, or has more than {_ANSWER_BYTES_MAX} bytes"
        raise HTTPException(msg)
    return response.status, answer
