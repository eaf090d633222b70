"""What came since the last run, before anything was assessed of it."""

from __future__ import annotations

from litestar import Response, get

from trucewatch.access.policy import What
from trucewatch.serve.ask import Ask
from trucewatch.serve.marks import certainty

ROWS_MAX = 200
"""The newest; the API has all."""


@get("/provisional", sync_to_thread=True, include_in_schema=False)
def provisional(ask: Ask) -> Response[str]:
    """Return the page."""
    ask.expect(What.PROVISIONAL)
    seen = ask.shown
    found = ask.site.early.since(seen.size).reverse()
    rows = found.head(ROWS_MAX)
    known = set(seen.incidents["id"].filter(seen.incidents["id"].is_in(rows["id"].implode())))
    return ask.page(
        "provisional.html",
        rows=rows.rows(named=True),
        total=len(found),
        known=known,
        size=seen.size,
        certainty=certainty,
    )


ROUTES = (provisional,)
