"""The glossary: what words mean here, and where each meaning comes from."""

from __future__ import annotations

from litestar import Response, get

from trucewatch.serve.ask import Ask
from trucewatch.serve.terms import in_order, set_in


@get("/glossary", sync_to_thread=True, include_in_schema=False)
def glossary(ask: Ask) -> Response[str]:
    """Return the page; it tells nothing of the mission, so everybody may read it."""
    words = in_order(ask.tongue.words.gettext)
    return ask.page("glossary.html", words=words, set_in=set_in)


ROUTES = (glossary,)
