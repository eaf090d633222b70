"""What was published: the statements that say so, and the sealed files that they name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from trucewatch.errors import NotFound
from trucewatch.mission.configuration import statements
from trucewatch.serve.nav import N_

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.evidence.statement import Statement

PUBLISHED = "published/v1"
DAILY = "daily"
TABLE = ".release.jsonl"
ENDS = {
    ".html": N_("the page"),
    ".txt": N_("the same as plain text"),
    ".json": N_("its numbers, for machines"),
    TABLE: N_("the release table that it counts"),
    ".csv": N_("the release table, for a spreadsheet"),
    ".geojson": N_("the release table, for a map"),
    ".cited.jsonl": N_("what it rests on: sealed objects and their rows"),
    ".xlsx": N_("its tables, as a workbook"),
}
"""How a file's name may end, and what it then is."""
PRODUCTS = {
    DAILY: N_("Incident bulletin"),
    "register": N_("Register of commitments"),
}
"""Names of products for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheaf:
    """One sealed file of a product.

    Attributes:
        name: Its name.
        end: How the name ends, as in `ENDS`.
        sha256: Its hash.
        entry: Entry that seals it.
        size_bytes: Its size.
    """

    name: str
    end: str
    sha256: str
    entry: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One product as it was published.

    Attributes:
        entry: Entry of the statement that publishes it.
        product: Its name.
        day: The report day.
        level: For whom it was made.
        issued_at: When the log acknowledged it.
        code: Version that made it.
        input_size: Length of the log prefix that its numbers are a function of.
        name: Beginning of its files' names, such as `daily-2030-09-29`.
        files: As the statement names them.
    """

    entry: int
    product: str
    day: date
    level: str
    issued_at: datetime
    code: str
    input_size: int
    name: str
    files: tuple[Sheaf, ...]

    @property
    def title(self) -> str:
        """What it is, a message of the catalogues."""
        return PRODUCTS.get(self.product, self.product)

    def file(self, end: str) -> Sheaf | None:
        """Return its file with such an end, if it has one."""
        return next((each for each in self.files if each.end == end), None)


def issues(log: Log) -> list[Issue]:
    """Return everything that was published, the newest first."""
    return [_issue(log, index, said) for index, said in reversed(statements(log, PUBLISHED))]


def chosen(found: Sequence[Issue], name: str, entry: str) -> Issue:
    """Return a product by its name: the newest, or that of an entry.

    Raises:
        NotFound: Nothing of that name was published, or not by that entry.
    """
    named = [each for each in found if each.name == name]
    for each in named:
        if not entry or str(each.entry) == entry:
            return each
    raise NotFound("report", f"nothing was published under the name {name[:60]!r}")


def latest(found: Sequence[Issue], product: str, day: date) -> Issue | None:
    """Return the newest issue of a product for the last day that is not after one."""
    until = [each for each in found if each.product == product and each.day <= day]
    return max(until, key=lambda each: (each.day, each.entry), default=None)


def _issue(log: Log, index: int, statement: Statement) -> Issue:
    said: Any = statement.predicate
    name = f"{said['product']}-{said['day']}"
    return Issue(
        entry=index,
        product=str(said["product"]),
        day=date.fromisoformat(said["day"]),
        level=str(said["level"]),
        issued_at=log.entry(index).logged_at,
        code=str(said["code"]),
        input_size=int(said["input"]["size"]),
        name=name,
        files=tuple(_sheaf(log, each.name, each.sha256, name) for each in statement.subjects),
    )


def _sheaf(log: Log, name: str, sha256: str, stem: str) -> Sheaf:
    entry = log.indices_of(sha256)[0]
    rest = name.removeprefix(stem)
    end = rest if rest in ENDS else name[name.rfind(".") :]
    return Sheaf(name=name, end=end, sha256=sha256, entry=entry, size_bytes=log.entry(entry).size)
