"""Language, theme and keys, and the pass that a link brings: kept in cookies of this site alone."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import Cookie

from trucewatch.access.role import Role
from trucewatch.errors import NotAllowed
from trucewatch.serve.ask import PASS_COOKIE, THEME_COOKIE, THEMES, TONGUE_COOKIE, Ask, Asking
from trucewatch.serve.nav import N_
from trucewatch.serve.tongue import TONGUES

KEYS_COOKIE = "tw_keys"
"""Whether single keys work, `on` or `off`; `static/live.js` reads it, so it is no secret."""
_SWITCH = ("on", "off")
_YEAR_S = 365 * 86_400
_FOUND = 303
_LOOKS = (("light", N_("light")), ("dark", N_("dark")))


@get("/prefer", sync_to_thread=False, include_in_schema=False)
def prefer(ask: Ask) -> Response[None]:
    """Keep a wish and go back to the page that it was made on."""
    kept = []
    if (code := ask.value("language")) in TONGUES:
        kept.append(_cookie(ask, TONGUE_COOKIE, code))
    if (theme := ask.value("theme")) in THEMES:
        kept.append(_cookie(ask, THEME_COOKIE, theme))
    if (keys := ask.value("keys")) in _SWITCH:
        kept.append(_cookie(ask, KEYS_COOKIE, keys, httponly=False))
    return _to(_own(ask.value("back")), kept)


@get("/preferences", sync_to_thread=True, include_in_schema=False)
def preferences(ask: Ask, request: Request[Any, Any, Any]) -> Response[str]:
    """Return the page on which language, look and keys are chosen."""
    return ask.page(
        "preferences.html", themes=_LOOKS, keys=request.cookies.get(KEYS_COOKIE, "") != "off"
    )


@get("/enter", sync_to_thread=False, include_in_schema=False)
def enter(ask: Ask) -> Response[None]:
    """Take the pass of a link into the browser, so that no address has to hold it.

    Raises:
        NotAllowed: Nobody made that pass.
    """
    key = ask.value("pass")
    if ask.site.viewer(key).role is not Role.MISSION:
        raise NotAllowed("pass", "is not known, expected the one that tw serve prints")
    return _to("/map", [_cookie(ask, PASS_COOKIE, key)])


@get("/leave", sync_to_thread=False, include_in_schema=False)
def leave(ask: Ask) -> Response[None]:
    """Forget the pass."""
    return _to("/", [_cookie(ask, PASS_COOKIE, "")])


def _cookie(ask: Asking, name: str, value: str, *, httponly: bool = True) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        path="/",
        httponly=httponly,
        secure=ask.encrypted,
        samesite="strict",
        max_age=_YEAR_S,
    )


def _to(path: str, cookies: list[Cookie]) -> Response[Any]:
    return Response(None, status_code=_FOUND, headers={"Location": path}, cookies=cookies)


def _own(path: str) -> str:
    """Return the path when it is one of this site, else the first page."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


ROUTES = (prefer, preferences, enter, leave)
