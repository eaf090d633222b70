"""Duties that the text itself lays, with a date, on everybody who is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.force import window
from trucewatch.agreement.party import Role
from trucewatch.assess._due import due_of, runs_from
from trucewatch.assess._owed import (
    any_holds,
    by_text,
    in_default,
    late,
    newest,
    owed,
    struck_by,
    struck_late,
)
from trucewatch.assess._row import Row, force_asked, settled, told
from trucewatch.assess._tracks import terms_asked
from trucewatch.assess._verdict import Asked
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.instant import instant_text
from trucewatch.records.logbook.machine import VOIDED

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._owed import Owed
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record

RULE = "rule"
"""Kind of subject of a duty that the text itself lays on everybody who is bound."""


def dated(duties: list[Record], facts: Facts, rule: Rule, version: Version) -> Row | None:
    """Return what is said of a rule whose date is in the text; None when there is no date.

    Args:
        duties: All that were asked for under the rule, those struck as a whole too.
        facts: What is known.
        rule: The rule.
        version: The version that it is in.
    """
    agreement, as_of = version.agreement, facts.as_of
    start, by = runs_from(rule, agreement), due_of(rule, agreement)
    if start is None or by is None:
        return None
    bound = set(rule.who) or {p.id for p in agreement.parties if p.role is Role.PARTY}
    mine = [r for r in duties if r.opening.detail["party"] in bound and not struck_by(r, by)]
    found = {party: _of_party(party, mine, as_of, rule, agreement) for party in bound}
    answers = [in_default(each) for each in found.values()]
    owes, over, silent = (any_holds([each[n] for each in answers]) for n in range(3))
    value = _counts(bound, mine, rule, agreement)
    held = window(agreement)
    asked = [
        force_asked(held, start, None, as_of),
        terms_asked(rule, version),
        Asked(
            text="not everybody who is bound was seen to have done it in time, or released from it",
            value=value,
            holds=owes,
            refuted=Outcome.CONSISTENT,
            unknown=Missing.TIME,
        ),
        Asked(
            text=f"the time of somebody who owes it is over as of {instant_text(as_of)}",
            value=_when([each for duties in found.values() for each in duties], over=over),
            holds=over,
            refuted=Outcome.CONSISTENT,
            unknown=Missing.TIME,
        ),
        Asked(
            text="somebody of those neither was seen to have done it in time nor reported it",
            value=value,
            holds=silent,
            refuted=Outcome.CONSISTENT,  # never: a report alone settles nothing
            unknown=Missing.OBSERVATION,
        ),
    ]
    end = held[1] if held is not None and held[1] is not None and held[1] <= as_of else None
    settled_as = settled(asked, met=Outcome.POTENTIAL_BREACH)
    return Row(f"{RULE}-{rule.id}", RULE, start, end, settled_as)


def _of_party(
    party: str, duties: list[Record], as_of: datetime, rule: Rule, agreement: Agreement
) -> list[Owed]:
    """Return how the duties of a party stand; by the text alone when it was asked for none."""
    found: dict[bool, list[Owed]] = {False: [], True: []}  # by whether it was struck
    for record in duties:
        if record.opening.detail["party"] == party:
            found[record.state == VOIDED].append(owed(record, as_of, rule, agreement))
    standing = found[False] or [by_text(as_of, rule, agreement)]
    return standing + [struck_late(each) for each in found[True]]


def _counts(bound: set[str], duties: list[Record], rule: Rule, agreement: Agreement) -> Json:
    """Return of how many it was said that they did it; nobody is named."""
    said: dict[str, set[str]] = {"cancelled": set(), "reported": set(), "verified": set()}
    in_time: set[str] = set()
    for record in duties:
        word = newest(record, "verified", "reported", "not_done", "cancelled")
        if record.state != VOIDED and word is not None and word.act in said:
            party = str(record.opening.detail["party"])
            said[word.act].add(party)
            if word.act == "verified" and late(record, word, rule, agreement) is False:
                in_time.add(party)
    return {
        "bound": len(bound),
        "cancelled": len(said["cancelled"] - said["verified"] - said["reported"]),
        "reported": len(said["reported"] - said["verified"]),
        "verified": len(said["verified"]),
        "verified_in_time": len(in_time),
    }


def _when(duties: list[Owed], *, over: bool | None) -> Json:
    """Return from when to when the duties are due, clocks that stood still left out."""
    least = [each.due.least for each in duties if each.due.least is not None]
    most = [each.due.most for each in duties if each.due.most is not None]
    says = "hangs on when a clock stood still, or on what was struck"
    if over is not None:
        says = "overdue" if over else "not yet due"
    value: dict[str, Json] = {"due": told(min(least)), "says": says}
    if max(most) > min(least):
        value["due_may_be"] = told(max(most))
    return value
