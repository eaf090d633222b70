"""The response room, for the mission alone: parties speak in confidence there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import NotFound
from trucewatch.mission.register_json import as_json
from trucewatch.mission.response_view import NON_ADOPTION, responses_at
from trucewatch.serve.api._asked import ASOF, resource
from trucewatch.serve.ask import Ask
from trucewatch.serve.sought import instant

if TYPE_CHECKING:
    from trucewatch.serve.ask import Asking


class OneResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One response.

    Attributes:
        id: Its name.
        state: Where it stands.
        view: Everything that its page shows, by name.
        notice: Nobody named here has adopted this software.
    """

    id: str
    state: str
    view: dict[str, Any]
    notice: str = NON_ADOPTION


class Responses(msgspec.Struct, frozen=True, kw_only=True):
    """Every response that stands.

    Attributes:
        total: How many.
        items: In log order.
    """

    total: int
    items: list[OneResponse]


@resource("/response", ASOF)
def responses_json(ask: Ask) -> Responses:
    """Return every response, as the log has it or had it at a time."""
    found = _every(ask)
    return Responses(total=len(found), items=found)


@resource("/response/{name:str}", ASOF)
def response_json(ask: Ask, name: FromPath[str]) -> OneResponse:
    """Return one of them.

    Raises:
        NotFound: There is none of that name.
    """
    for each in _every(ask):
        if each.id == name:
            return each
    raise NotFound("response", f"is {name[:80]!r}, which was not started")


def _every(ask: Asking) -> list[OneResponse]:
    ask.expect(What.RESPONSE)
    as_of = instant("asof", ask.value("asof").strip())
    return [
        OneResponse(
            id=each.id,
            state=str(each.state),
            view=msgspec.convert(as_json(each), dict[str, Any]),
        )
        for each in responses_at(ask.site.home, as_of)
    ]


ROUTES = (responses_json, response_json)
