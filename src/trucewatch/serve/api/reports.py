"""What was published, with the hash of every file."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec
import polars as pl
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.serve.api._asked import PAGE, cut, delimited, resource, word
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages._published import chosen, issue_of, published, words_of

if TYPE_CHECKING:
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._issues import Issue

_WORDS = (
    word("from", "Report day, first.", format="date"),
    word("to", "Report day, last.", format="date"),
    word("product", "Which product, such as `daily`; one that was published."),
)


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed file of a report.

    Attributes:
        name: Its name.
        sha256: Its hash.
        entry: Entry that seals it.
        size_bytes: Its size.
        link: Its bytes.
    """

    name: str
    sha256: str
    entry: int
    size_bytes: int
    link: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One edition, as published; it never changes.

    Attributes:
        entry: Entry of the statement that publishes it.
        name: Of all editions of this day.
        product: What it is.
        day: The report day.
        level: For whom it was made.
        issued_at: When the log acknowledged it.
        code: Version that made it.
        input_size: Entries of the log that its numbers are a function of.
        files: Its files.
        link: Its page.
    """

    entry: int
    name: str
    product: str
    day: date
    level: str
    issued_at: datetime
    code: str
    input_size: int
    files: list[File]
    link: str


class Reports(msgspec.Struct, frozen=True, kw_only=True):
    """A page of reports, the latest day first.

    Attributes:
        total: Editions that the filter leaves.
        page: Which page.
        size: Editions of a page.
        next: Address of the next page, null on the last.
        items: The editions.
    """

    total: int
    page: int
    size: int
    next: str | None
    items: list[Report]


class OneReport(msgspec.Struct, frozen=True, kw_only=True):
    """One edition with what it says.

    Attributes:
        report: The edition.
        editions: Entries of all editions under this name, the newest first.
        summary: The points of its summary, as sealed.
        text: Its text version, as sealed; "" where it has none.
        problems: What is wrong with its files, by name: their bytes are not those sealed.
    """

    report: Report
    editions: list[int]
    summary: list[str]
    text: str
    problems: dict[str, str]


@resource("/reports", *PAGE, *_WORDS)
def reports_json(ask: Ask) -> Reports:
    """Return what was published, a page at a time."""
    found = _wanted(ask)
    at = cut(ask, len(found))
    items = [_report(each) for each in found[at.start : at.start + at.size]]
    return Reports(total=at.total, page=at.page, size=at.size, next=at.next, items=items)


@resource("/reports.csv", *_WORDS, csv=True)
def reports_csv(ask: Ask) -> str:
    """Return what was published, one line per file."""
    rows = [
        {
            "entry": each.entry,
            "product": each.product,
            "day": each.day,
            "level": each.level,
            "issued_at": each.issued_at,
            "file": file.name,
            "sha256": file.sha256,
            "size_bytes": file.size_bytes,
        }
        for each in _wanted(ask)
        for file in each.files
    ]
    return delimited(pl.DataFrame(rows, infer_schema_length=None))


@resource("/reports/{name:str}")
def report_json(ask: Ask, name: FromPath[str]) -> OneReport:
    """Return one: by entry that very edition, by day or name the newest."""
    ask.expect(What.REPORT)
    with ask.site.reading() as (log, _):
        found = published(ask, log)
        issue = issue_of(found, name)
        words = words_of(log, issue)
    named = sorted((each.entry for each in found if each.name == issue.name), reverse=True)
    return OneReport(
        report=_report(issue),
        editions=named,
        summary=list(words.summary),
        text=words.text,
        problems=words.problems,
    )


def _wanted(ask: Asking) -> list[Issue]:
    ask.expect(What.REPORT)
    with ask.site.reading() as (log, _):
        found = chosen(ask, published(ask, log))
    return sorted(found, key=lambda each: (each.day, each.entry), reverse=True)


def _report(issue: Issue) -> Report:
    return Report(
        entry=issue.entry,
        name=issue.name,
        product=issue.product,
        day=issue.day,
        level=issue.level,
        issued_at=issue.issued_at,
        code=issue.code,
        input_size=issue.input_size,
        files=[
            File(
                name=each.name,
                sha256=each.sha256,
                entry=each.entry,
                size_bytes=each.size_bytes,
                link=f"/reports/{issue.entry}/{each.name}",
            )
            for each in issue.files
        ],
        link=f"/reports/{issue.entry}",
    )


ROUTES = (reports_json, reports_csv, report_json)
