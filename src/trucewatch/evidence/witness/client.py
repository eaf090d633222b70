"""How a log asks a witness for its cosignature, and for the newest head that it cosigned.

    POST PREFIX/add-checkpoint      a cosignature, or why not
    GET  PREFIX/ID/checkpoint       newest cosigned head of a log; ID is the SHA-256 of its origin

A witness is somebody else's machine. Whatever it answers, or does not, becomes one of six outcomes,
never an exception, and costs no more than the time allowed. No redirect is followed. What it says
against a log is a claim; a head with the log's own signature is what proves it.

Source: C2SP tlog-witness, version 1.1 (https://c2sp.org/tlog-witness).
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
from trucewatch.evidence.checkpoint import open_checkpoint, parse_checkpoint_text
from trucewatch.evidence.note import parse_note
from trucewatch.evidence.witness.request import (
    BODY_BYTES_MAX,
    Request,
    format_request,
    parse_lines,
    parse_size,
)
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.note import Verifier
    from trucewatch.evidence.witness.cosignature import CosignatureVerifier

    Consistency = Callable[[int, int], list[bytes]]

_ANSWER_BYTES_MAX = 16 * 1024  # some signature lines
_URL = re.compile("[!-~]+")


class Outcome(StrEnum):
    """What came of asking a witness."""

    COSIGNED = "cosigned"
    """It signed, and the signature holds."""
    BEHIND = "behind"
    """It says that it has cosigned a larger head: if so, this log was rolled back or copied."""
    FORKED = "forked"
    """It says that it has cosigned another history of this log."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a witness showed as its newest head of a log.

    Attributes:
        note: The head with all of its signature lines, byte for byte; or empty.
        head: The same, once the log's own signature was verified; None when there is no such.
        problem: Why there is none, or "".
    """

    note: bytes = b""
    head: Checkpoint | None = None
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


def newest_head(url: str, *, log: Verifier, timeout_s: float) -> Shown:
    """Ask a witness for the newest head of a log that it has cosigned.

    Only the log's own signature is asked for: with it the head speaks for itself, whoever shows it.

    Args:
        url: Prefix of the witness, http or https.
        log: The log's key.
        timeout_s: Seconds for the whole answer, from the connection on.
    """
    target = _target(url)
    path = f"/{sha256_hex(log.name.encode())}/checkpoint"
    asked = _Asking(method="GET", path=path, answer_bytes_max=BODY_BYTES_MAX)
    try:
        status, note = _exchange(target, asked, timeout_s)
    except (OSError, HTTPException) as error:
        return Shown(problem=_reason(error))
    if status != HTTPStatus.OK:
        return Shown(problem=f"answered {status}, expected 200")
    try:
        return Shown(note=note, head=open_checkpoint(note, log, where="head"))
    except (BadInput, EvidenceBroken) as error:
        return Shown(problem=str(error))


class _Target(NamedTuple):
    scheme: str
    host: str
    port: int | None
    prefix: str


class _Asking(NamedTuple):
    method: str
    path: str
    body: bytes | None = None
    answer_bytes_max: int = _ANSWER_BYTES_MAX


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
        asking = _Asking(method="POST", path="/add-checkpoint", body=body)
        status, answer = _exchange(question.target, asking, question.timeout_s)
    except (OSError, HTTPException) as error:
        return Asked(outcome=Outcome.UNREACHABLE, problem=f"{where}: {_reason(error)}")
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
        problem = f"{where}: says that size {size} does not grow from what it cosigned at {old}"
        return Asked(outcome=Outcome.FORKED, witness_size=old, problem=problem)
    problem = f"{where}: answered {status}, expected 200, 409 or 422"
    return Asked(outcome=Outcome.REFUSED, problem=problem)


def _conflict(held: int, old: int, size: int, where: str) -> Asked:
    if held > size:
        problem = f"says that it has cosigned size {held}, this log has {size}"
        outcome = Outcome.BEHIND
    elif held != old:
        outcome, problem = Outcome.REFUSED, f"is at size {held}, was asked from {old}"
    elif held == size:  # version 1.0 of the protocol says it in this way
        problem = f"says that it has cosigned another root at size {size}"
        outcome = Outcome.FORKED
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
    return _Target(scheme=parts.scheme, host=host, port=port, prefix=parts.path.rstrip("/"))


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _exchange(target: _Target, asking: _Asking, timeout_s: float) -> tuple[int, bytes]:
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
        path, headers = target.prefix + asking.path, {"Connection": "close"}
        connection.request(asking.method, path, body=asking.body, headers=headers)
        response = connection.getresponse()
        answer = response.read(asking.answer_bytes_max + 1)
    finally:
        timer.cancel()
        connection.close()
        if late.is_set():  # whatever else the cut looked like
            msg = f"no whole answer in {timeout_s:g} s"
            raise TimeoutError(msg)
    if len(answer) > asking.answer_bytes_max or response.length:
        msg = f"answer is torn, or has more than {asking.answer_bytes_max} bytes"
        raise HTTPException(msg)
    return response.status, answer
