"""What happened since, of one incident: entries of the log that concern it, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.statement import CUSTODY
from trucewatch.mission.attributed import attributions
from trucewatch.mission.configuration import opened_statements
from trucewatch.mission.explain import shown as printable
from trucewatch.mission.linked import linked
from trucewatch.records.custody import read_custody
from trucewatch.serve.nav import N_
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.evidence.statement import Statement
    from trucewatch.mission.projection import Projection
    from trucewatch.serve.pages._seen import Beneath

_COMPUTED_TYPE = STATEMENT_PREFIX + "computed/v1"
_CUSTODY_TYPE = STATEMENT_PREFIX + CUSTODY
_FIRST_ITEMS = 5


class Happened(NamedTuple):
    """One entry that concerns an incident.

    Attributes:
        entry: Its index.
        time: When it was logged.
        text: What it is, a message.
        words: What the message names.
        sealed: What a person wrote, "" where nobody did.
        by: Who wrote it, as typed.
        href: Where more stands, or "".
    """

    entry: int
    time: datetime
    text: str
    words: dict[str, str | int]
    sealed: str = ""
    by: str = ""
    href: str = ""


_ACTS = {
    "merge": N_("An analyst merged it with other reports."),
    "split": N_("An analyst split reports from it."),
    "lock": N_("An analyst locked it."),
    "unlock": N_("An analyst unlocked it."),
}
_CUSTODY = N_("Custody of an object it rests on: %(act)s.")


def since(
    log: Log, there: Projection, incident: str, under: Beneath, members: pl.DataFrame
) -> list[Happened]:
    """Return what happened since, the earliest entry first.

    Args:
        log: The log.
        there: Its projection.
        incident: Its own id.
        under: What it rests on.
        members: Its rows of `records.table.MEMBER`.
    """
    found = [
        *_arrived(under),
        *_computed(log, there, under),
        *_linked(log, members),
        *_custody(log, {item.object for item in under.items}),
        *_weighed(log, incident),
        *_entered(there, log, incident),
    ]
    return sorted(found, key=lambda each: each.entry)


def _arrived(under: Beneath) -> Iterator[Happened]:
    for n, item in enumerate(under.items[:_FIRST_ITEMS]):
        text = N_("%(rows)s rows of it sealed in %(name)s.")
        if n == 0:
            text = N_("First report sealed, in %(name)s.")
        words: dict[str, str | int] = {"name": item.name, "rows": item.rows}
        yield Happened(item.entry, item.logged_at, text, words, href=f"/objects/{item.object}")
    rest = under.items[_FIRST_ITEMS:]
    if rest:
        text = N_("The last of %(more)s more objects with reports sealed.")
        yield Happened(rest[-1].entry, rest[-1].logged_at, text, {"more": len(rest)})


def _computed(log: Log, there: Projection, under: Beneath) -> Iterator[Happened]:
    """Yield the first run that knew a report of it, and that which the page shows."""
    if not under.items:
        return
    first, shown = under.items[0].entry, int(there.desk.state().get("input_size", "0"))
    runs = [
        (index, size)
        for index, said in _said(log, _COMPUTED_TYPE)
        if (size := _size_of(said)) > first
    ]
    if runs:
        index, size = runs[0]
        text = N_("First computed, from the log's first %(size)s entries.")
        yield Happened(index, log.entry(index).logged_at, text, {"size": size})
    last = [run for run in runs[1:] if run[1] == shown]
    if last:
        index, size = last[-1]
        text = N_("Computed as shown here, from the log's first %(size)s entries.")
        yield Happened(index, log.entry(index).logged_at, text, {"size": size})


def _said(log: Log, kind: str) -> Sequence[tuple[int, Statement]]:
    return opened_statements(log, log.size, {kind})[1]


def _size_of(statement: Statement) -> int:
    given = statement.predicate.get("input")
    size = given.get("size") if isinstance(given, dict) else None
    return size if isinstance(size, int) else 0


def _linked(log: Log, members: pl.DataFrame) -> Iterator[Happened]:
    counted = members.filter(role="member")
    here = set(counted.select(pl.col("object").cast(pl.String), "row").iter_rows())
    for each in linked(log, log.size):
        if here.isdisjoint((*each.link.observations, *each.link.against)):
            continue
        yield Happened(
            each.link.entry,
            each.logged_at,
            _ACTS.get(str(each.link.act), N_("An analyst linked reports of it.")),
            {},
            sealed=printable(each.said.reason),
            by=printable(each.said.by),
        )


def _custody(log: Log, objects: set[str]) -> Iterator[Happened]:
    for index, statement in _said(log, _CUSTODY_TYPE):
        if objects.isdisjoint(subject.sha256 for subject in statement.subjects):
            continue
        act = read_custody(statement.predicate, entry=index)
        yield Happened(
            index,
            log.entry(index).logged_at,
            _CUSTODY,
            {"act": str(act.act)},
            sealed=printable(act.reason),
            by=printable(act.by),
        )


def _weighed(log: Log, incident: str) -> Iterator[Happened]:
    for each in attributions(log, log.size):
        said = each.attribution
        if said.subject == incident:
            text = N_("An analyst weighed who may have done it; nobody has been found.")
            at = log.entry(said.entry).logged_at
            yield Happened(said.entry, at, text, {}, sealed=printable(said.note), by=said.by)


def _entered(there: Projection, log: Log, incident: str) -> Iterator[Happened]:
    book, name = TABLES["logbook"], f'"{incident}"'
    named = book.c.detail.contains(name) | book.c.steps.contains(name)
    for row in there.desk.read("logbook", named).iter_rows(named=True):
        yield Happened(
            int(row["entry"]),
            log.entry(int(row["entry"])).logged_at,
            N_("Entered in the logbook: %(record)s, %(state)s."),
            {"record": row["id"], "state": row["state"]},
            sealed=printable(row["summary"]),
            href=f"/logbook/{row['id']}",
        )
