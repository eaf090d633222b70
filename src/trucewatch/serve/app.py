"""The web application: every page and resource there is, behind one set of headers."""

from __future__ import annotations

import importlib
import pkgutil
import secrets
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from litestar import Litestar, Request
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router

from trucewatch.mission.demo_clock import clock_of
from trucewatch.mission.home import Home
from trucewatch.mission.passes import passes_of
from trucewatch.serve import api, pages
from trucewatch.serve.ask import ask_of, held, let_go
from trucewatch.serve.headers import secured
from trucewatch.serve.kept import MAKERS
from trucewatch.serve.site import Site
from trucewatch.serve.troubles import troubled

if TYPE_CHECKING:
    from types import ModuleType

    from trucewatch.mission.clock import Clock

_VERSION = "1"


def routes(package: ModuleType) -> list[Any]:
    """Return the routes of every module of a package, by file name."""
    found: list[Any] = []
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        if not module.name.startswith("_"):
            found += importlib.import_module(f"{package.__name__}.{module.name}").ROUTES
    return found


async def few_makers() -> None:
    """Let few threads make pages at a time."""
    to_thread.current_default_thread_limiter().total_tokens = MAKERS


async def finished(request: Request[Any, Any, Any]) -> None:
    """Let those go on who wait for what this request asked for."""
    let_go(request)


def make_app(path: str, *, clock: Clock | None = None) -> Litestar:
    """Return the application of the mission in a folder.

    Args:
        path: The mission's folder.
        clock: Says what time it is; by default `clock_of` the mission.
    """
    home = Home(Path(path)).expect()
    site = Site(home, clock=clock or clock_of(home), passes=passes_of(home))
    static = resources.files("trucewatch.serve") / "static"
    return Litestar(
        route_handlers=[
            *routes(pages),
            *routes(api),
            create_static_files_router(path="/static", directories=[str(static)]),
        ],
        state=State({"site": site}),
        dependencies={"ask": Provide(ask_of, sync_to_thread=False)},
        exception_handlers={Exception: troubled},
        before_request=held,
        after_request=secured,
        after_response=finished,
        on_startup=[few_makers],
        csrf_config=CSRFConfig(secret=secrets.token_urlsafe(), exclude="^/api/"),
        openapi_config=OpenAPIConfig(
            title="trucewatch",
            version=_VERSION,
            path="/api/schema",
            use_handler_docstrings=True,
            render_plugins=[JsonRenderPlugin()],  # others load scripts from elsewhere
        ),
    )
