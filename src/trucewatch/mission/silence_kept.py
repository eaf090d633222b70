"""What a watch floor must act upon at once: an incident in a guaranteed window of silence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.mission.configuration import versions
from trucewatch.records.assessment import Outcome
from trucewatch.records.logbook.machine import VOIDED

if TYPE_CHECKING:
    from trucewatch.evidence.log import Log
    from trucewatch.records.logbook.machine import Record
    from trucewatch.store.desk import Desk

WINDOW = "window"
RULE_KIND = "silence_window"
_FLAGGED = (Outcome.POTENTIAL_BREACH, Outcome.BREACH_ON_ITS_FACE, Outcome.INDETERMINATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An incident that a rule flags in a window of silence; nobody has found anything yet.

    Attributes:
        incident: Its id.
        rule: The rule's.
        outcome: What the rule makes of it.
        why: What is missing, for `indeterminate`.
        guarantors: Who guaranteed silence, by function, with the party's id.
        calls: Calls in the logbook about the incident, the window or its site, with their state;
            empty when none was logged yet.
    """

    incident: str
    rule: str
    outcome: str
    why: str
    guarantors: tuple[str, ...]
    calls: tuple[str, ...]


def broken(log: Log, desk: Desk, window: Record, records: tuple[Record, ...]) -> tuple[Broken, ...]:
    """Return the incidents that rules flag in a window, as of the last run, by id and rule.

    Args:
        log: The log.
        desk: Where the assessments are.
        window: A record; of a kind other than `window` nothing is returned.
        records: The whole logbook.
    """
    size = desk.state().get("input_size")
    if window.kind != WINDOW or size is None:
        return ()
    rules = {
        rule.id
        for version in versions(log, int(size))
        for rule in version.agreement.rules
        if rule.kind == RULE_KIND
    }
    table = desk.read("assessment").filter(
        pl.col("rule").is_in(sorted(rules))
        & pl.col("outcome").is_in([str(each) for each in _FLAGGED])
        & pl.col("trace").str.contains(f'"window":"{window.id}"', literal=True)
    )
    return tuple(
        Broken(
            incident=row["subject"],
            rule=row["rule"],
            outcome=row["outcome"],
            why=row["why"],
            guarantors=guarantors(window),
            calls=calls_about(window, row["subject"], records),
        )
        for row in table.sort("subject", "rule").iter_rows(named=True)
    )


def guarantors(window: Record) -> tuple[str, ...]:
    """Return who guaranteed silence, such as `duty officer, 3rd sector (ALPHA)`."""
    return tuple(
        f"{step.detail['guarantor']} ({step.detail['party']})" for step in window.all("guaranteed")
    )


def calls_about(window: Record, incident: str, records: tuple[Record, ...]) -> tuple[str, ...]:
    """Return the calls that name the incident, the window or its site, each with its state."""
    named = [_named(each) for each in (incident, window.id, str(window.opening.detail["site"]))]
    return tuple(
        f"{record.id} {record.state}"
        for record in records
        if record.kind == "contact"
        and record.state != VOIDED
        and any(each.search(str(record.opening.detail["about"]).casefold()) for each in named)
    )


def _named(name: str) -> re.Pattern[str]:
    """Return what finds a name in a casefolded text, as whole words.

    A hyphen belongs to a word, so that neither window-12 nor a second window-1-b is window-1.
    """
    words = r"\s+".join(map(re.escape, name.casefold().split()))
    return re.compile(rf"(?<![\w-]){words}(?![\w-])" if words else r"(?!)")
