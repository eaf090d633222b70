"""The application on a port."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar

    from trucewatch.mission.authority import Certified

_ENDS_S = 2
"""Streams never end by themselves: after this they are cut when the server is told to stop."""


def serve_at(home: Path, *, host: str, port: int, certified: Certified | None = None) -> None:
    """Serve the mission until it is told to stop; encrypted with a certificate."""
    server = Server(
        "trucewatch.serve.app:make_app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        log_level=LogLevels.warning,
        workers_kill_timeout=_ENDS_S,
        ssl_cert=certified.cert if certified else None,
        ssl_key=certified.key if certified else None,
    )
    server.serve(target_loader=partial(_load, str(home)), wrap_loader=False)


def _load(home: str) -> Litestar:
    return make_app(home)
