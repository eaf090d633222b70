"""What changed, as server-sent events (WHATWG HTML, section 9.2): the log grew, the desk moved."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

from litestar import Request, get
from litestar.exceptions import ServiceUnavailableException
from litestar.response import Stream

from trucewatch.access.policy import What
from trucewatch.access.role import Role
from trucewatch.errors import BadInput
from trucewatch.serve.ask import Ask
from trucewatch.serve.early import Told
from trucewatch.serve.watching import watch_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from trucewatch.serve.watching import State, Watch

_ALIVE_S = 15.0
"""After which a silent stream says that it is there; proxies often give up after 30 or 60."""
_AGAIN_MS = 2_000
"""After which a browser comes again when the stream broke."""
_TOKEN = re.compile(r"(\d{1,18})(?:\.([0-9a-f]{0,18}))?")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@get("/api/v1/changes", media_type="text/event-stream")
async def changes(ask: Ask, request: Request[Any, Any, Any]) -> Stream:
    """Return a stream of what changes, each message with an `id` by which to go on later.

    `here` comes first, without anything that was missed. `log` (`size`, `root`) says that the log
    grew. `desk` (`input_size`, `incidents`) tells the mission that a run changed the desk;
    `provisional` (`entry`, `incidents`) tells it that reports up to an entry were joined before a
    run, as `/api/v1/provisional` has them; `released` (`incidents`) tells the public that what it
    may see changed. The header `Last-Event-ID`, or `since=`, brings at once what was missed since
    that id; a size of the log alone does, too, for the log. With `once=true` the stream ends there.

    Raises:
        ServiceUnavailableException: Too many listen already.
    """
    ask.expect(What.LOG)
    since = request.headers.get("last-event-id") or ask.value("since")
    before = known(since) if since else None
    watch = watch_of(ask.site, request.app.state)
    if watch.full:
        problem = "too many listen already, expected fewer; come again in a minute"
        raise ServiceUnavailableException(detail=problem, headers={"Retry-After": "60"})
    told = streamed(watch, ask.viewer.role, before, once=ask.value("once") == "true")
    return Stream(told, media_type="text/event-stream", headers=_HEADERS)


def known(token: str) -> tuple[int, str | None]:
    """Return the size of the log and the state of the desk that an id stands for.

    Raises:
        BadInput: It is none that this stream ever gave.
    """
    found = _TOKEN.fullmatch(token.strip())
    if found is None:
        raise BadInput("since", f"is {token[:40]!r}, expected an id of this stream, such as 56.55")
    return int(found[1]), found[2]


async def streamed(
    watch: Watch, role: Role, before: tuple[int, str | None] | None, *, once: bool = False
) -> AsyncIterator[str]:
    """Yield what somebody is told, from what they knew before on.

    Args:
        watch: Looks for all.
        role: Who listens.
        before: Size of the log and state of the desk that they know, None where they know none.
        once: Whether to end when all is told that was missed.
    """
    queue = watch.join(role)
    try:
        now = await asyncio.to_thread(watch.look, role)
        yield f"retry: {_AGAIN_MS}\n\n"
        for message in _missed(role, before, now):
            yield message
        if (early := watch.early(role)) is not None:
            yield _provisional(now, early)
        while not once:
            try:
                state = await asyncio.wait_for(queue.get(), _ALIVE_S)
            except TimeoutError:
                yield ": here\n\n"
                continue
            if isinstance(state, Told):
                yield _provisional(now, state)
                continue
            if state.size < now.size:  # looked at before this stream looked itself
                continue
            for message in _moved(role, (now.size, now.seen), state):
                yield message
            now = state
    finally:
        watch.leave(queue)


def _missed(role: Role, before: tuple[int, str | None] | None, now: State) -> Iterator[str]:
    if before is None:
        yield _message("here", now, size=now.size, root=now.root, incidents=now.incidents)
    else:
        yield from _moved(role, before, now)


def _moved(role: Role, before: tuple[int, str | None], now: State) -> Iterator[str]:
    size, seen = before
    if size != now.size:
        yield _message("log", now, size=now.size, root=now.root)
    if seen == now.seen:
        return
    if role is not Role.MISSION:
        if seen is not None:
            yield _message("released", now, incidents=now.incidents)
    elif seen is not None or int(now.seen) >= size:
        yield _message("desk", now, input_size=int(now.seen), incidents=now.incidents)


def _provisional(now: State, early: Told) -> str:
    return _message("provisional", now, entry=early.entry, incidents=early.incidents)


def _message(name: str, now: State, **told: int | str) -> str:
    return f"event: {name}\nid: {now.token}\ndata: {json.dumps(told)}\n\n"


ROUTES = (changes,)
