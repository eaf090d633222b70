"""Search: everything that who asks may see, by kind."""

from __future__ import annotations

from litestar import Response, get

from trucewatch.errors import BadInput
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages._finders import Words, found

_LETTERS_MAX = 200


@get("/search", sync_to_thread=True, include_in_schema=False)
def search(ask: Ask) -> Response[str]:
    """Return what answers to the words that were typed.

    Raises:
        BadInput: They are too many.
    """
    text = ask.value("q")
    if len(text) > _LETTERS_MAX:
        raise BadInput("q", f"has {len(text)} letters, expected {_LETTERS_MAX} at most")
    words = Words(text)
    return ask.page("search.html", words=words, groups=found(ask, words) if words.text else [])


ROUTES = (search,)
