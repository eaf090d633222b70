"""What was published, as somebody may see it: editions, days without a bulletin, sealed words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.access.policy import What
from trucewatch.access.role import Role
from trucewatch.errors import BadInput, NotFound
from trucewatch.mission.report_day import last_day
from trucewatch.serve.pages import _issues
from trucewatch.serve.pages._issues import DAILY
from trucewatch.serve.pages._seen import hashed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.evidence.log import Log
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._issues import Issue, Sheaf

_PUBLIC = "public"
_DAY = timedelta(days=1)
_LONGEST_SHOWN = 60
_SUMMARY = re.compile(r"^SUMMARY\n-+\n(.*?)(?=\n\n[A-Z]|\Z)", re.DOTALL | re.MULTILINE)
_POINT = re.compile(r"^ {0,2}\d+\. ", re.MULTILINE)


def published(ask: Asking, log: Log) -> list[Issue]:
    """Return everything published that who asks may see, the newest first."""
    row = ask.expect(What.REPORT)
    ours = ask.viewer.role is Role.MISSION
    return [
        each
        for each in _issues.issues(log)
        if (ours or each.level == _PUBLIC)
        and all(
            log.entry(index).level in row.levels
            for index in (each.entry, *(file.entry for file in each.files))
        )
    ]


def issue_of(found: Sequence[Issue], name: str) -> Issue:
    """Return what a name means: an entry is that edition; a day or a name is the newest of it.

    Raises:
        NotFound: Nothing was published by that entry, of that day or under that name.
    """
    if re.fullmatch(r"#?\d{1,18}", name, re.ASCII):
        named = [each for each in found if each.entry == int(name.removeprefix("#"))]
    elif (day := _day(name)) is not None:
        of_day = [each for each in found if each.day == day]
        named = [each for each in of_day if each.product == DAILY] or of_day
    else:
        named = [each for each in found if each.name == name]
    if not named:
        problem = "is no entry, day or name under which something was published"
        raise NotFound(name[:_LONGEST_SHOWN], problem, advice="See the list of reports.")
    return max(named, key=lambda each: each.entry)


def file_of(issue: Issue, name: str) -> Sheaf:
    """Return a file of it by name.

    Raises:
        NotFound: It has none of that name.
    """
    for each in issue.files:
        if each.name == name:
            return each
    where = f"{issue.name} of entry {issue.entry}"
    raise NotFound(where, f"has no file {name[:_LONGEST_SHOWN]!r}")


class Edition(NamedTuple):
    """One edition of a product of one day.

    Attributes:
        issue: As published.
        others: Files whose bytes are not those of the edition before it; 0 for the first one.
    """

    issue: Issue
    others: int


def editions(found: Sequence[Issue], name: str) -> list[Edition]:
    """Return every edition under a name, the newest first."""
    named = sorted((each for each in found if each.name == name), key=lambda each: each.entry)
    told: list[Edition] = []
    before: frozenset[str] | None = None
    for each in named:
        hashes = frozenset(file.sha256 for file in each.files)
        told.append(Edition(each, 0 if before is None else len(hashes - before)))
        before = hashes
    return told[::-1]


def newest_of(found: Sequence[Issue]) -> dict[str, int]:
    """Return the entry of the newest edition under each name."""
    newest: dict[str, int] = {}
    for each in found:
        newest[each.name] = max(each.entry, newest.get(each.name, -1))
    return newest


def without(ask: Asking, found: Sequence[Issue]) -> list[date]:
    """Return the report days since the first bulletin that could be out and have none."""
    out = {each.day for each in found if each.product == DAILY}
    if not out:
        return []
    first, last = min(out), releasable(ask)
    days = (first + n * _DAY for n in range(max(0, (last - first).days + 1)))
    return [day for day in days if day not in out]


def releasable(ask: Asking) -> date:
    """Return the last report day that the public may have a bulletin of."""
    settings = ask.shown.using.settings
    return last_day(settings, ask.site.now() - timedelta(hours=settings.release.delay_h))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sealed words of a bulletin.

    Attributes:
        text: Its text version, as sealed; "" where it has none, or where that cannot be read.
        summary: The points of its summary, line breaks aside.
        corrections: What it corrects in earlier bulletins.
        problems: What is wrong with its files, by name: their bytes are not those sealed.
    """

    text: str
    summary: tuple[str, ...]
    corrections: tuple[str, ...]
    problems: dict[str, str]


def words_of(log: Log, issue: Issue) -> Words:
    """Return them, each file's hash worked out again."""
    told = {each.name: hashed(log, each.sha256)[0] for each in issue.files}
    problems = {name: problem for name, problem in told.items() if problem}
    text, numbers = (_read(log, issue.file(end), problems) for end in (".txt", ".json"))
    corrections = json.loads(numbers).get("corrections", []) if numbers else []
    return Words(
        text=text,
        summary=tuple(points(text)),
        corrections=tuple(str(each) for each in corrections),
        problems=problems,
    )


def _read(log: Log, file: Sheaf | None, problems: dict[str, str]) -> str:
    if file is None or file.name in problems:
        return ""
    return log.object(file.sha256).decode()


def points(text: str) -> list[str]:
    r"""Return the points of the summary of a bulletin's text version, line breaks aside.

    Example:
        >>> points("SUMMARY\n-------\n 1. It is\n    quiet.\n 2. None.\n\nNEXT\n----\n")
        ['It is quiet.', 'None.']
    """
    found = _SUMMARY.search(text)
    parts = _POINT.split(found.group(1)) if found else []
    return [" ".join(part.split()) for part in parts if part.strip()]


def chosen(ask: Asking, found: Sequence[Issue]) -> list[Issue]:
    """Return what the address asks for: a product, and days from and to.

    Raises:
        BadInput: One of them cannot be read; the message names the field.
    """
    product, known = ask.value("product"), sorted({each.product for each in found})
    if product and product not in known:
        expected = f"expected one of {', '.join(known)}" if known else "nothing is published"
        raise BadInput("product", f"is {product[:_LONGEST_SHOWN]!r}, {expected}")
    start, end = (_asked(ask, name) for name in ("from", "to"))
    return [
        each
        for each in found
        if (not product or each.product == product)
        and (start is None or each.day >= start)
        and (end is None or each.day <= end)
    ]


def noon(day: date) -> datetime:
    """Return an instant that is on that day nearly everywhere, to write the day in words."""
    return datetime.combine(day, time(12), UTC)


def _asked(ask: Asking, name: str) -> date | None:
    text = ask.value(name)
    if not text:
        return None
    day = _day(text)
    if day is None:
        problem = f"is {text[:_LONGEST_SHOWN]!r}, expected a day such as 2030-09-29"
        raise BadInput(name, problem)
    return day


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None
