"""Every page there is: what the first page leads to, and so on, a few of each kind."""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

_LINK = re.compile(r'<a\b[^>]*\shref="([^"]+)"')
_ID = re.compile(
    r"/(?:[ip]-[a-z2-7]{12,}|[0-9a-f]{16,}|\d+|[A-Z][A-Za-z0-9_.-]*\d[A-Za-z0-9_.-]*"
    r"|[A-Z][A-Z_]+|[a-z]+\d*-\d*[a-z]?|[a-z]+-\d{4}-\d\d-\d\d)(?=/|$)"
)
_EACH, _EACH_ADDRESS = 2, 5
"""Pages of a kind, with the same filters and with any."""
_NO_PAGE = re.compile(
    r"^/(?:prefer|enter|leave|static|api)\b"
    r"|\.(?:csv|json|jsonl|zip|txt|pem|geojson)$|/(?:download|raw)\b"
)


class BrokenLinkError(Exception):
    """A page links to what is not there."""


def pattern(path: str) -> str:
    """Return the path with its ids taken out, and the names of its values without these."""
    parts = urlsplit(path)
    names = sorted({pair.split("=")[0] for pair in parts.query.split("&") if pair})
    return _ID.sub("/ID", parts.path) + ("?" + "&".join(names) if names else "")


def crawl(fetch: Callable[[str], tuple[int, str, str]], most: int = 200) -> dict[str, str]:
    """Return the pages by address, and which page led to each; a broken link is an error.

    Args:
        fetch: Returns status, content type and text of an address.
        most: Pages at most.

    Raises:
        BrokenLinkError: A page links to what is not there.
    """
    found: dict[str, str] = {}
    kinds: Counter[str] = Counter()
    waiting = [("/", "the beginning")]
    while waiting and len(found) < most:
        path, led = waiting.pop(0)
        address = pattern(path.partition("?")[0])
        full = kinds[pattern(path)] >= _EACH or kinds[f"{address} with any filter"] >= _EACH_ADDRESS
        if path in found or full:
            continue
        status, kind, text = fetch(path)
        if status != HTTPStatus.OK:
            message = f"{path}, to which {led} leads, answers {status}"
            raise BrokenLinkError(message)
        if not kind.startswith("text/html"):
            continue
        kinds.update([pattern(path), f"{address} with any filter"])
        found[path] = led
        for link in _LINK.findall(text):
            target = urldefrag(link.replace("&amp;", "&"))[0]
            if target.startswith("/") and not _NO_PAGE.search(urlsplit(target).path):
                waiting.append((target, path))
    return found
