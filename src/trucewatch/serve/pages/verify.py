"""Verify: how to check a bundle or one file with real commands, and what that does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response, get

from trucewatch.access.policy import What
from trucewatch.evidence.script import SCRIPT_TEXT
from trucewatch.mission.configuration import in_force
from trucewatch.records.canonical import sha256_hex
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages._anchored import anchored
from trucewatch.serve.pages._published import published

if TYPE_CHECKING:
    from trucewatch.evidence.log import Log
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._issues import Issue


@get("/verify", sync_to_thread=True, include_in_schema=False)
def verify(ask: Ask) -> Response[str]:
    """Return the page."""
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        using = in_force(log, log.size)
        return ask.page(
            "verify.html",
            size=log.size,
            note=log.cosigned_note().decode(),
            vkey=log.verifier.vkey,
            outside=anchored(log, using),
            script=sha256_hex(SCRIPT_TEXT),
            issue=_newest(ask, log),
        )


def _newest(ask: Asking, log: Log) -> Issue | None:
    """Return what was published last, which anybody can take and check."""
    if not ask.may(What.REPORT):
        return None
    return max(published(ask, log), key=lambda each: each.entry, default=None)


ROUTES = (verify,)
