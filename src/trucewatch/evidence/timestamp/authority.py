"""Asking an authority for a time stamp, over HTTP.

Source: RFC 3161, section 3.4. Whatever comes back is judged here and now, and kept even when it is
refused, so that the caller can go on to the next authority and still show what the first one sent.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.timestamp.bracket import CLOCK_S_MAX
from trucewatch.evidence.timestamp.request import timestamp_request
from trucewatch.evidence.timestamp.token import RESPONSE_BYTES_MAX, open_token

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.evidence.timestamp.token import Stamp

_OK = 200
_HEADERS = {
    "Content-Type": "application/timestamp-query",
    "Accept": "application/timestamp-reply",
    "Connection": "close",
}


class Outcome(StrEnum):
    """How asking ended.

    Attributes:
        STAMPED: A token that verifies.
        UNREACHABLE: No answer, or an answer of HTTP alone; ask again later.
        REJECTED: An answer that does not verify; ask another authority.
    """

    STAMPED = "stamped"
    UNREACHABLE = "unreachable"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """What came of asking an authority.

    Attributes:
        outcome: How it ended.
        response: The answer as received, good or rejected; none when unreachable or too long.
        stamp: What the token says, when it verifies.
        skew_s: Token's time less ours, in seconds, when there is a stamp.
        problem: What was wrong; also set for a good token whose clock differs too much from ours.
    """

    outcome: Outcome
    response: bytes | None = None
    stamp: Stamp | None = None
    skew_s: float | None = None
    problem: str = ""


class _Address(NamedTuple):
    secure: bool
    host: str
    port: int | None
    target: str


def stamp(
    url: str,
    data: bytes,
    *,
    nonce: int,
    roots: Sequence[bytes],
    now: datetime,
    timeout_s: float,
) -> Stamped:
    """Ask an authority for a time stamp over some bytes, and judge its answer.

    Redirects are not followed: the mission chose whom to ask.

    Args:
        url: Of the authority, `http` or `https`.
        data: The checkpoint note as the log signed it, without cosignatures.
        nonce: 64 random bits, new for each request.
        roots: PEM certificates that the authority's chain must end in.
        now: Our time; a token more than 60 s away from it is reported, and kept.
        timeout_s: For connecting, and again for the whole answer.

    A URL, a nonce or a root that cannot be used at all is refused (`BadInput`).
    """
    address = _address(url)
    request = timestamp_request(data, nonce=nonce)
    try:
        status, response = _post(address, request, timeout_s)
    except (OSError, HTTPException) as error:
        problem = str(error) or type(error).__name__
        return Stamped(outcome=Outcome.UNREACHABLE, problem=f"{url}: {problem}")
    if status != _OK:
        problem = f"{url}: HTTP status is {status}, expected {_OK}"
        return Stamped(outcome=Outcome.UNREACHABLE, problem=problem)
    if len(response) > RESPONSE_BYTES_MAX:
        problem = f"{url}: answer has more than {RESPONSE_BYTES_MAX} bytes"
        return Stamped(outcome=Outcome.REJECTED, problem=problem)
    try:
        given = open_token(response, data, roots=roots, nonce=nonce, where=url)
    except EvidenceBroken as error:
        return Stamped(outcome=Outcome.REJECTED, response=response, problem=str(error))
    skew_s = (given.time - now).total_seconds()
    problem = ""
    if abs(skew_s) > CLOCK_S_MAX:
        problem = f"{url}: clock is {skew_s:+.0f} s from ours, expected at most {CLOCK_S_MAX:.0f}"
    return Stamped(
        outcome=Outcome.STAMPED, response=response, stamp=given, skew_s=skew_s, problem=problem
    )


def _address(url: str) -> _Address:
    where = f"authority {url!r}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput(where, f"URL cannot be read ({error})") from error
    plain = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or not plain:
        raise BadInput(where, "URL must be http://HOST/PATH or https://HOST/PATH")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Address(parts.scheme == "https", parts.hostname, port, target)


def _post(address: _Address, body: bytes, timeout_s: float) -> tuple[int, bytes]:
    kind = HTTPSConnection if address.secure else HTTPConnection
    late = f"answer was not complete after {timeout_s} s"
    expired = threading.Event()
    with contextlib.closing(kind(address.host, address.port, timeout=timeout_s)) as connection:
        connection.connect()
        # A socket's timeout holds for each read; an answer that drips is cut off by this one.
        deadline = threading.Timer(timeout_s, _hang_up, (connection.sock, expired))
        deadline.daemon = True
        deadline.start()
        try:
            answer = _exchange(connection, address.target, body)
        except (OSError, HTTPException) as error:
            if expired.is_set():
                raise TimeoutError(late) from error
            raise
        finally:
            deadline.cancel()
    if expired.is_set():
        raise TimeoutError(late)
    return answer


def _exchange(connection: HTTPConnection, target: str, body: bytes) -> tuple[int, bytes]:
    connection.request("POST", target, body, _HEADERS)
    reply = connection.getresponse()
    content = reply.read(RESPONSE_BYTES_MAX + 1)
    if reply.length and len(content) <= RESPONSE_BYTES_MAX:
        msg = f"answer broke off after {len(content)} bytes"
        raise ConnectionError(msg)
    return reply.status, content


def _hang_up(connected: socket.socket, expired: threading.Event) -> None:
    expired.set()
    with contextlib.suppress(OSError):  # it may have been closed meanwhile
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # also under TLS, which has its own
