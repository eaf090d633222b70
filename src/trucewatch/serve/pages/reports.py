"""What was published: the list, each bulletin with its permanent links, and its sealed bytes."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import BadInput
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages import _worded
from trucewatch.serve.pages._issues import DAILY, ENDS, PRODUCTS
from trucewatch.serve.pages._proofs import ARCHIVE, STATEMENT, with_proofs
from trucewatch.serve.pages._published import (
    chosen,
    editions,
    file_of,
    issue_of,
    newest_of,
    noon,
    published,
    releasable,
    without,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.serve.pages._issues import Issue

_ROWS = 50
_WITHOUT_SHOWN = 14
_IN_ROW = (".html", ".csv", ".json", ".xlsx")
_MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".geojson": "application/geo+json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_READ_HERE = (".html", ".txt")
_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
_QUIET = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


@get("/reports", sync_to_thread=True, include_in_schema=False)
def reports(ask: Ask) -> Response[str]:
    """Return the list of everything that was published."""
    ask.expect(What.REPORT)
    with ask.site.reading() as (log, _):
        found = published(ask, log)
        wanted = chosen(ask, found)
        newest = next((each for each in found if each.product == DAILY), None)
        words = words_of(log, newest) if newest else None
    last = max(1, -(-len(wanted) // _ROWS))
    at = min(_page(ask.value("page")), last)
    ordered = sorted(wanted, key=lambda each: (each.day, each.entry), reverse=True)
    missing = without(ask, found)
    return ask.page(
        "reports.html",
        total=len(wanted),
        every=len(found),
        rows=ordered[(at - 1) * _ROWS : at * _ROWS],
        products={each.product: each.title for each in found},
        newest=newest,
        newest_of=newest_of(found),
        words=words,
        missing=missing[-_WITHOUT_SHOWN:][::-1],
        missing_n=len(missing),
        releasable=releasable(ask),
        ran=bool(ask.shown.size),
        settings=ask.shown.using.settings,
        at=at,
        last=last,
        ends=ENDS,
        in_row=_IN_ROW,
        titles=PRODUCTS,
        noon=noon,
        worded=_worded,
    )


@get("/reports/{name:str}", sync_to_thread=True, include_in_schema=False)
def report(ask: Ask, name: FromPath[str]) -> Response[str]:
    """Return the page of one: by entry that very edition, by day or name the newest."""
    ask.expect(What.REPORT)
    with ask.site.reading() as (log, _):
        found = published(ask, log)
        issue = issue_of(found, name)
        told = editions(found, issue.name)
        earlier, later = _beside(found, issue)
        return ask.page(
            "report.html",
            issue=issue,
            editions=told,
            newest=told[0].issue,
            words=words_of(log, issue),
            statement=log.entry(issue.entry).object,
            earlier=earlier,
            later=later,
            daily=issue.product == DAILY,
            ends=ENDS,
            noon=noon,
            worded=_worded,
        )


@get("/reports/{name:str}/{file:str}", sync_to_thread=True, include_in_schema=False)
def report_file(ask: Ask, name: FromPath[str], file: FromPath[str]) -> Response[bytes]:
    """Return the sealed bytes of one of its files, checked against their hash on this read."""
    ask.expect(What.REPORT)
    with ask.site.reading() as (log, _):
        issue = issue_of(published(ask, log), name)
        if file == ARCHIVE:
            content = with_proofs(ask.site.home, log, issue)
            return _saved(content, "application/zip", f"{issue.name}-{ARCHIVE}")
        if file == STATEMENT:
            content = log.object(log.entry(issue.entry).object)
            return _saved(content, _MEDIA[".json"], f"{issue.name}-{STATEMENT}")
        one = file_of(issue, file)
        content = log.object(one.sha256)
    media = _MEDIA.get(one.end, "application/octet-stream")
    if one.end not in _READ_HERE:
        return _saved(content, media, one.name)
    policy = {"Content-Security-Policy": _styled(content)}
    return Response(content, media_type=media, headers=policy)


def _saved(content: bytes, media: str, name: str) -> Response[bytes]:
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"'}
    return Response(content, media_type=media, headers=headers)


def _styled(content: bytes) -> str:
    """Return a policy under which a sealed page has its own look, and can do nothing else."""
    hashes = (hashlib.sha256(style).digest() for style in _STYLE.findall(content))
    allowed = " ".join(f"'sha256-{base64.b64encode(each).decode()}'" for each in hashes)
    return f"{_QUIET}; style-src {allowed or chr(39) + 'none' + chr(39)}"


def _beside(found: Sequence[Issue], issue: Issue) -> tuple[Issue | None, Issue | None]:
    """Return the newest editions of the days before and after it that were published."""
    same = [each for each in found if each.product == issue.product]
    earlier = [each for each in same if each.day < issue.day]
    later = [each for each in same if each.day > issue.day]
    before = max(earlier, key=lambda each: (each.day, each.entry), default=None)
    after = min(later, key=lambda each: (each.day, -each.entry), default=None)
    return before, after


def _page(text: str) -> int:
    """Return the page of the list that an address asks for.

    Raises:
        BadInput: It is no number.
    """
    if text and not re.fullmatch(r"[1-9]\d{0,5}", text, re.ASCII):
        raise BadInput("page", f"is {text[:20]!r}, expected a number from 1")
    return int(text or 1)


ROUTES = (reports, report, report_file)
