"""The response room: what was determined, until when, who was asked for what, and what came of it.

For the mission alone: parties speak in confidence here.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import NotFound
from trucewatch.mission.register import register_at
from trucewatch.mission.response_view import responses_at
from trucewatch.register.known import known
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages import _register_words as register_words
from trucewatch.serve.pages import _response_words as words
from trucewatch.serve.pages import _worded
from trucewatch.serve.sought import instant

if TYPE_CHECKING:
    from trucewatch.respond.view import Response as Responded
    from trucewatch.serve.ask import Asking


@get("/response", sync_to_thread=True, include_in_schema=False)
def response(ask: Ask) -> Response[str]:
    """Return the one that is open, else the last; where none is, what to do."""
    ask.expect(What.RESPONSE)
    asof = instant("asof", ask.value("asof").strip())
    try:
        every = responses_at(ask.site.home, asof)
    except NotFound:
        return ask.page("response_none.html", asof=asof, register=False)
    if not every:
        return ask.page("response_none.html", asof=asof, register=True)
    open_ = [each for each in every if each.state != "closed"]
    return _page(ask, (open_ or list(every))[-1], every, asof)


@get("/response/{name:str}", sync_to_thread=True, include_in_schema=False)
def one_response(ask: Ask, name: FromPath[str]) -> Response[str]:
    """Return one of them.

    Raises:
        NotFound: There is none of that name.
    """
    ask.expect(What.RESPONSE)
    asof = instant("asof", ask.value("asof").strip())
    every = responses_at(ask.site.home, asof)
    found = next((each for each in every if each.id == name), None)
    if found is None:
        raise NotFound("response", f"is {name[:80]!r}, which was not started")
    return _page(ask, found, every, asof)


def _page(
    ask: Asking, found: Responded, every: tuple[Responded, ...], asof: datetime | None
) -> Response[str]:
    asks = [one for stands in found.actors for one in stands.asks]
    return ask.page(
        "response.html",
        found=found,
        every=every,
        asof=asof,
        asks=sorted(asks, key=lambda each: (each.at, each.entry)),
        others=words.not_asked(found),
        bars=words.bars(found),
        known=known(register_at(ask.site.home, as_of=asof)),
        words=words,
        register_words=register_words,
        worded=_worded,
    )


ROUTES = (response, one_response)
