"""Who is to be reminded of what is overdue: at most once in an interval, by what the log holds.

A reminder is a request of the coordination cell to the donor whose words name the line of the gap
list by its id. No clock decides: the newest time of the log does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.evidence.log import Log
from trucewatch.mission.known import as_of
from trucewatch.mission.logbook import logbook
from trucewatch.mission.register_import import deliveries
from trucewatch.register.gaps import Reminder, gaps, reminders

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from trucewatch.mission.home import Home
    from trucewatch.mission.register_ask import View
    from trucewatch.records.logbook.machine import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class DueReminder:
    """A reminder that is to be sent.

    Attributes:
        gap: The line of the gap list, by id.
        donor: Whom to remind, by id.
        overdue_d: Days since it was due.
    """

    gap: str
    donor: str
    overdue_d: int


def due_reminders(home: Home, seen: View, *, every_days: int) -> tuple[DueReminder, ...]:
    """Return the reminders that are to be sent now: one for each overdue line, none lately sent.

    Args:
        home: The mission.
        seen: The register.
        every_days: Least number of days between two reminders of one line.
    """
    with Log.open(home.path) as log:
        day = as_of(log, seen.size).date()
        found = gaps(seen.register, deliveries(log, seen.size).rows, day=day)
        sent = _sent(logbook(log, seen.size), found)
    due = reminders(found, sent, day=day, every_days=every_days)
    return tuple(
        DueReminder(gap=gap, donor=donor, overdue_d=late)
        for gap, donor, late in due.select("id", "donor", "overdue_d").iter_rows()
    )


def _sent(records: Sequence[Record], found: pl.DataFrame) -> list[Reminder]:
    asked = [each for each in records if each.kind == "cell_request"]
    sent = []
    for gap, donor in found.select("id", "donor").iter_rows():
        named = re.compile(rf"(?<![\w-]){re.escape(gap)}(?![\w-])")
        sent += [
            Reminder(gap=gap, day=each.opening.logged_at.date())
            for each in asked
            if each.opening.detail["actor"] == donor
            and named.search(str(each.opening.detail["what"]))
        ]
    return sent
