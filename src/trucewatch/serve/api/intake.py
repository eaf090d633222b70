"""What sensors send, over HTTP: sealed and durable before the answer."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from trucewatch.access import policy
from trucewatch.access.policy import Deed, What
from trucewatch.errors import BadInput, EvidenceBroken, LogRefused, NotAllowed, NotFound
from trucewatch.mission.posting import Post
from trucewatch.observe import sensor as sensor_module
from trucewatch.serve.ask import Ask
from trucewatch.serve.taking import Full, taking_of

if TYPE_CHECKING:
    from trucewatch.mission.ingest import Intake

BYTES_MAX = 64 * 2**20
"""Of one file."""
PROBLEMS_MAX = 100
"""Refused rows that an answer names; the page of intake has all."""
_ENVELOPE_LETTERS_MAX = 24 * 1024  # base64 of more than any envelope has
_NAME_LETTERS_MAX = 200
_NAME = re.compile(r"[^/\\\x00-\x1f\x7f-\x9f]+")
_AGAIN_S = 2
"""Mostly a command that writes is done by then."""
_OWN_SITES = ("same-origin",)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was refused, or the file where `row` is null.

    Attributes:
        row: Data record, counted from 0.
        line: Line of the unpacked file, counted from 1.
        problem: What was wrong, what was expected.
    """

    row: int | None
    line: int | None
    problem: str


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file.

    Attributes:
        entry: Index of its entry in the log.
        object: SHA-256 of what was sealed: the bytes, or their ciphertext above CLEAR.
        new: Whether it was sealed now; false where the log held these bytes already.
        accepted: Observations that were read.
        refused: Rows that were not; 1 where it is the whole file.
        problems: Of what was refused, the first 100.
        missing: Columns that the format knows and the file lacks.
        device: Who signed it, null where nobody did.
        sequence: Number of the file in the device's chain.
        unsigned: Whether files of this sensor must be signed and this one is not.
        run: Whether a run begins with it, after which its incidents can be seen.
    """

    entry: int
    object: str
    new: bool
    accepted: int
    refused: int
    problems: list[Problem]
    missing: list[str]
    device: str | None
    sequence: int | None
    unsigned: bool
    run: bool


@post(
    "/api/v1/intake/{sensor:str}",
    request_max_body_size=BYTES_MAX,
    responses={
        200: ResponseSpec(
            Taken, description="These bytes were sealed before.", generate_examples=False
        )
    },
    response_headers=[
        ResponseHeader(name="Location", description="Page of the object.", documentation_only=True)
    ],
)
async def intake(
    ask: Ask, request: Request[Any, Any, Any], sensor: FromPath[str]
) -> Response[Taken]:
    """Seal what a sensor sent, and read it; the answer comes when it is durable.

    The body is a file in the sensor's format, or a batch of its rows under the same header line,
    64 MiB at most; it may be packed. `X-File-Name` is its name, percent-encoded where it is not
    ASCII: a label, not evidence. `X-Batch-Envelope` is what a device signed of it, as
    `tw device sign` writes it, in base64; one that does not verify is refused with 422 and nothing
    is sealed. The same bytes again give the same entry. Rows that cannot be read are refused one
    by one with line and reason, and the file is sealed with them. With `run=true` incidents are
    computed next; `/api/v1/changes` tells when. 503 says to come again: another process writes.

    Raises:
        BadInput: There is no body, or a header or `run` is not as it must be.
        NotFound: No such sensor.
    """
    policy.expect(ask.viewer, What.INTAKE, Deed.SEND)
    _expect_own(request)
    try:
        sensor_module(sensor)
    except BadInput as error:
        raise NotFound("sensor", error.problem) from error
    run = _flag(ask.value("run"))
    name, envelope = _name(request), _envelope(request)
    raw = await request.body()
    if not raw:
        raise BadInput("body", "is empty, expected a file in the format of the sensor")
    posted = Post(sensor=sensor, raw=raw, name=name or f"{sensor}.txt", envelope=envelope)
    taking = taking_of(ask.site, request.app.state)
    try:
        became = await asyncio.wrap_future(taking.put(posted, run=run))
    except EvidenceBroken as error:
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"X-Batch-Envelope: {error.problem}")
    except LogRefused as error:
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, f"log: {error.problem}")
    except Full:
        problem = "more waits to be sealed than can be held, expected less at a time"
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, f"intake: {problem}")
    status = HTTPStatus.CREATED if became.new else HTTPStatus.OK
    return Response(
        _told(became, run=run),
        status_code=status.value,
        headers={"Location": f"/objects/{became.object}", "Cache-Control": "no-store"},
    )


def _expect_own(request: Request[Any, Any, Any]) -> None:
    """Check that no page of another site had a browser send this with the cookie it keeps.

    Raises:
        NotAllowed: Neither a bearer pass nor a page of this site sent it.
    """
    if request.headers.get("authorization", "").removeprefix("Bearer "):
        return
    origin = request.headers.get("origin")
    same = request.headers.get("sec-fetch-site") in _OWN_SITES
    if origin is not None:
        same = urlsplit(origin)[:2] == (request.url.scheme, request.headers.get("host"))
    if not same:
        problem = "a cookie came without a page of this site, expected `Authorization: Bearer PASS`"
        raise NotAllowed(What.INTAKE, problem)


def _flag(said: str) -> bool:
    if said not in {"", "true", "false"}:
        raise BadInput("run", f"is {said[:40]!r}, expected true or false")
    return said == "true"


def _name(request: Request[Any, Any, Any]) -> str:
    said = request.headers.get("x-file-name", "")
    name = unquote(said, errors="replace")
    if said and (len(name) > _NAME_LETTERS_MAX or not _NAME.fullmatch(name)):
        problem = (
            f"is {said[:40]!r}, expected the name of a file, at most {_NAME_LETTERS_MAX} letters"
        )
        raise BadInput("X-File-Name", problem)
    return name


def _envelope(request: Request[Any, Any, Any]) -> bytes | None:
    said = request.headers.get("x-batch-envelope")
    if said is None:
        return None
    try:
        if len(said) > _ENVELOPE_LETTERS_MAX:
            raise BadInput("X-Batch-Envelope", "is too long, expected an envelope of about 1.2 KiB")
        return base64.b64decode(said, validate=True)
    except binascii.Error as error:
        problem = "is no base64, expected what tw device sign wrote, in base64 without line breaks"
        raise BadInput("X-Batch-Envelope", problem) from error


def _problem(status: HTTPStatus, detail: str) -> Response[Any]:
    """Return an error as `troubles.troubled` would, with when to come again."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    again = {"Retry-After": str(_AGAIN_S)} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Response(
        msgspec.json.encode(body),
        media_type="application/problem+json",
        status_code=status.value,
        headers=again,
    )


def _told(became: Intake, *, run: bool) -> Taken:
    by = became.vouched
    return Taken(
        entry=became.entry,
        object=became.object,
        new=became.new,
        accepted=became.accepted,
        refused=len(became.refused),
        problems=[
            Problem(row=each.row, line=each.line, problem=each.problem)
            for each in became.refused[:PROBLEMS_MAX]
        ],
        missing=list(became.missing),
        device=by.device if by else None,
        sequence=by.sequence if by else None,
        unsigned=became.unsigned,
        run=run,
    )


ROUTES = (intake,)
