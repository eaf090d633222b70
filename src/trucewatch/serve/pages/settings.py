"""Settings: the configuration in force as the log holds it, to be read; a person edits the file."""

from __future__ import annotations

from litestar import Response, get

from trucewatch.access.policy import What
from trucewatch.mission.configuration import in_force
from trucewatch.mission.explain import prove
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages._configured import beside, history, kinds_of_section, plain_sections

_HISTORY = 30


@get("/settings", sync_to_thread=True, include_in_schema=False)
def settings(ask: Ask) -> Response[str]:
    """Return the page."""
    ask.expect(What.SETTINGS)
    with ask.site.reading() as (log, there):
        using = in_force(log, log.size)
        raw = log.object(using.settings_object)
        sealed = history(log)
        proven = prove(log, using.entry)
        ran = there.desk.state().get("configured", "")
    return ask.page(
        "settings.html",
        using=using,
        raw=raw.decode(),
        sections=plain_sections(using.settings, raw),
        kinds=kinds_of_section(using.settings, raw),
        now_sealed=sealed[0],
        sealed=sealed[:_HISTORY],
        sealed_n=len(sealed),
        disk=beside(ask.site.home, sealed[0]),
        proven=proven,
        stale=ran not in ("", str(using.entry)),
    )


ROUTES = (settings,)
