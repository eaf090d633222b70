"""One request: who asks, in which language, and how a page answers."""

from __future__ import annotations

import asyncio
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from litestar import MediaType, Response
from litestar.di import NamedDependency

from trucewatch.access import policy
from trucewatch.access.policy import What
from trucewatch.serve.look import look
from trucewatch.serve.nav import menu
from trucewatch.serve.tongue import TONGUES, chosen

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from litestar import Request

    from trucewatch.access.policy import Row
    from trucewatch.mission.shown import Shown
    from trucewatch.serve.site import Site

PASS_COOKIE, TONGUE_COOKIE, THEME_COOKIE = "tw_pass", "tw_language", "tw_theme"
THEMES = ("light", "dark")
_WAITS_S = 10.0
"""For a page that another request makes, before it is made here as well."""
_OF_RUNS = (
    "/agreement", "/glossary", "/help", "/incidents", "/map", "/provisional", "/register",
    "/reports", "/response",
)  # fmt: skip
"""Pages that a sensor's file alone does not change."""
_NEVER_KEPT = ("/api/", "/static/", "/enter", "/leave", "/prefer")


class Asking:
    """Somebody asks for a page.

    Attributes:
        site: The mission that is served.
        viewer: Who asks.
        tongue: In which language.
        theme: One of `THEMES`, or "" for that of the system.
        path: Of the page.
        encrypted: Whether it came by TLS.
        query: Of the address, in order; a name may come more than once.
    """

    def __init__(self, site: Site, request: Request[Any, Any, Any]) -> None:
        self.site = site
        self.path = request.url.path
        self.encrypted = request.url.scheme == "https"
        self.query = tuple((key, str(value)) for key, value in request.query_params.multi_items())
        bearer = request.headers.get("authorization", "")
        key = bearer.removeprefix("Bearer ") if bearer.startswith("Bearer ") else None
        self.viewer = site.viewer(key or request.cookies.get(PASS_COOKIE))
        wished = self.value("language"), request.cookies.get(TONGUE_COOKIE)
        self.tongue = chosen(wished, request.headers.get("accept-language", ""))
        theme = self.value("theme") or request.cookies.get(THEME_COOKIE, "")
        self.theme = theme if theme in THEMES else ""
        self._state = site.state()

    @cached_property
    def shown(self) -> Shown:
        """What they see of the desk now."""
        return self.site.shown(self.viewer)

    def expect(self, what: What) -> Row:
        """Return the row of the policy that lets them see it, or refuse."""
        return policy.expect(self.viewer, what)

    def may(self, what: What) -> bool:
        """Return whether they may see it."""
        return policy.row_of(self.viewer, what) is not None

    def value(self, name: str) -> str:
        """Return a value of the address, "" where there is none."""
        return next((value for key, value in self.query if key == name), "")

    def link(self, **changed: object) -> str:
        """Return the address of this page with other values; None takes one away."""
        kept = [(key, value) for key, value in self.query if key not in changed]
        new = [(key, str(value)) for key, value in changed.items() if value is not None]
        query = urlencode([*kept, *new])
        return f"{self.path}?{query}" if query else self.path

    @property
    def place(self) -> Hashable:
        """Who asks for what, in which shape: what a page hangs on and the mission does not move."""
        return self.viewer, self.tongue.code, self.theme, self.encrypted, self.path, self.query

    @property
    def key(self) -> Hashable:
        """Everything that a page hangs on; the clock that it shows goes by minutes."""
        early = self.site.early.told if self.may(What.PROVISIONAL) else None
        minute = self.site.now().replace(second=0, microsecond=0)
        settled = self.path.startswith(_OF_RUNS)
        state = (self.site.settled(self._state), early) if settled else self._state
        return self.place, state, minute

    def page(self, template: str, *, status: int = 200, **words: Any) -> Response[str]:  # noqa: ANN401
        """Return a page from a template in the language of who asks."""
        using = self.shown.using.settings
        made = look(self.tongue.code).get_template(template)
        text = made.render(
            ask=self,
            tongue=self.tongue,
            tongues=TONGUES,
            menu=menu(self.path, self.may, self.tongue.words.gettext),
            mission=using.mission,
            now=self.site.now(),
            **words,
        )
        if status == HTTPStatus.OK:
            self.site.kept.put(self.key, self.place, text.encode())
            self.site.kept.end(self.key)
        return Response(text, media_type=MediaType.HTML, status_code=status)

    def minute(self, time: datetime) -> str:
        """Return a time to the minute, in the mission's time zone."""
        return self.tongue.minute(time, self.shown.using.settings.mission.time_zone)

    def second(self, time: datetime) -> str:
        """Return a time to the second, in the mission's time zone."""
        return self.tongue.second(time, self.shown.using.settings.mission.time_zone)


Ask = NamedDependency[Asking]
"""As a page takes it: `def page(ask: Ask)`."""


def ask_of(request: Request[Any, Any, Any]) -> Asking:
    """Return what a request asks."""
    return Asking(request.app.state.site, request)


async def held(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Return the page that a request asks for where it is kept as it would be made now."""
    if request.method != "GET" or request.url.path.startswith(_NEVER_KEPT):
        return None
    asking = ask_of(request)
    kept, key, place = asking.site.kept, asking.key, asking.place
    page = kept.get(key, place) or kept.just_now(place)
    if page is None and (other := kept.begin(key, place)) is not None:
        await asyncio.wait([asyncio.wrap_future(other)], timeout=_WAITS_S)
        page = kept.get(key, place)
    elif page is None:
        request.state.making = key
    return None if page is None else Response(page, media_type=MediaType.HTML)


def let_go(request: Request[Any, Any, Any]) -> None:
    """Let those go on who wait for the page of a request, whatever became of it."""
    if (key := request.state.get("making")) is not None:
        request.app.state.site.kept.end(key)
