"""`tw report` of the register, of its gaps and of responses: a page, CSV and a workbook.

The same entries of the register and the same day give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, NotReleasable
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, sign_statement
from trucewatch.mission.configuration import in_force
from trucewatch.mission.known import as_of
from trucewatch.mission.logbook import size_at
from trucewatch.mission.opened import writing
from trucewatch.mission.provenance import code_version
from trucewatch.mission.register import register_files, register_of
from trucewatch.mission.register_gap_sheets import gap_sheets, public_sheet
from trucewatch.mission.register_import import deliveries, sealed_tables
from trucewatch.mission.register_marked import marked
from trucewatch.mission.register_response_sheets import response_sheets
from trucewatch.mission.register_sheets import register_sheets
from trucewatch.mission.response_view import responses_at
from trucewatch.records.canonical import sha256_hex
from trucewatch.report.register.document import PUBLIC, TITLES, Document
from trucewatch.report.register.render import rendered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from trucewatch.evidence.log import Log
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.opened import Writer
    from trucewatch.report.material import ReleaseLevel
    from trucewatch.report.register.document import Sheet

_HANDLING = {
    "gaps": ("AMBER+STRICT: this tells where an arrangement is weak, and is never public.",),
    "response": ("AMBER: this holds what parties said in confidence, and is never public.",),
}
_PUBLISHED_TYPE = "statement/published/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A product of the register.

    Attributes:
        product: Its name.
        title: What it is.
        exercise: Whether the mission is an exercise.
        day: The day of which it speaks.
        level: `public` or `mission`.
        paths: Where each file was written, by name.
        rows: How many rows each table has, by its name.
        closed: Why a table of deliveries could not be read here, by entry.
        entry: Entry of the statement that publishes it, or None at mission level.
    """

    product: str
    title: str
    exercise: bool
    day: date
    level: str
    paths: Mapping[str, Path]
    rows: Mapping[str, int]
    closed: Mapping[int, str]
    entry: int | None


def report_register(
    home: Home, product: str, *, day: date | None, level: ReleaseLevel, clock: Clock
) -> Reported:
    """Render a product of the register, write it, and seal it when it is public.

    Args:
        home: The mission.
        product: One of `TITLES`.
        day: As the log knew it at the end of this day (UTC); the newest day of the log by default.
        level: `public` or `mission`.
        clock: Says what time it is.

    Raises:
        NotReleasable: The public never sees that product.
    """
    if level == "public" and product not in PUBLIC:
        problem = "is AMBER+STRICT or confidential, and never public"
        raise NotReleasable(product, problem, advice="The mission may see it: --level mission")
    with writing(home, clock) as writer:
        size = _size(writer.log, day)
        shown_day = day or as_of(writer.log, size).date()
        document, closed = _document(writer, product, size, shown_day, level)
        files = rendered(document)
        folder = home.reports / level
        folder.mkdir(parents=True, exist_ok=True)
        paths = {name: folder / name for name in files}
        for name, content in files.items():
            paths[name].write_bytes(content)
        entry = _seal(writer, document, files, size) if level == "public" else None
    return Reported(
        product=product,
        title=document.title,
        exercise=document.exercise,
        day=shown_day,
        level=level,
        paths=paths,
        rows={sheet.id: len(sheet.rows) for sheet in document.sheets},
        closed=closed,
        entry=entry,
    )


def _size(log: Log, day: date | None) -> int:
    """Return how many entries count.

    Raises:
        BadInput: The day is later than the newest entry.
    """
    if day is None:
        return log.size
    newest = as_of(log, log.size).date()
    if day > newest:
        problem = f"is {day}, expected no later day than the newest of the log, {newest}"
        raise BadInput("--date", problem)
    return size_at(log, datetime.combine(day, time(), UTC) + timedelta(days=1, microseconds=-1))


def _document(
    writer: Writer, product: str, size: int, day: date, level: ReleaseLevel
) -> tuple[Document, Mapping[int, str]]:
    log = writer.log
    register, came = register_of(log, size), deliveries(log, size)
    sheets: tuple[Sheet, ...]
    if product == "register":
        kept = register_sheets(register, public=level == "public")
        sheets = (*kept, public_sheet(came.rows, day))
    elif product == "gaps":
        sheets = gap_sheets(register, came.rows, day=day)
    else:
        sheets = response_sheets(responses_at(writer.home, as_of(log, size)))
    used = _used(log, size) if product == "register" else size
    lacks = tuple(f"The table of entry {e} is left out: {why}." for e, why in came.closed.items())
    document = Document(
        product=product,
        title=TITLES[product],
        day=day,
        level=level,
        exercise=in_force(log, size).settings.mission.exercise,
        marked=(*_HANDLING.get(product, ()), *marked(register)),
        basis=(
            f"Log {log.origin}, first {used} entries, root {log.root(used).hex()}.",
            f"Made by trucewatch {code_version()}.",
            *lacks,
        ),
        sheets=sheets,
    )
    return document, came.closed


def _used(log: Log, size: int) -> int:
    """Return the length of the prefix that ends with the last entry that the register rests on."""
    files = [each.said.entry for each in register_files(log, size)]
    tables = [each.said.entry for each in sealed_tables(log, size)]
    return max((*files, *tables)) + 1


def _seal(writer: Writer, document: Document, files: Mapping[str, bytes], size: int) -> int:
    log, name = writer.log, document.product
    used = _used(log, size)
    statement = sign_statement(
        "published/v1",
        [Subject(name=file, sha256=sha256_hex(content)) for file, content in files.items()],
        {
            "product": name,
            "day": document.day.isoformat(),
            "level": document.level,
            "code": code_version(),
            "configured": in_force(log, used).entry,
            "input": {"origin": log.origin, "size": used, "root": log.root(used).hex()},
        },
        key=writer.keys.desk,
    )
    items = [
        NewObject(type=f"report/{name}/v1", data=content, name=file)
        for file, content in files.items()
    ]
    items.append(NewObject(type=_PUBLISHED_TYPE, data=statement, name=f"{name} {document.day}"))
    return log.append(items, now=writer.clock.now())[-1].index
