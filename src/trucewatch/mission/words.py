"""Whether an act of the logbook speaks of what its form and the agreement in force know.

A misspelt party would give a guarantee that no rule ever finds. It is looked at once, when an act
is entered: the agreement may change, and the log keeps what was entered under the old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.party import Role
from trucewatch.errors import BadInput
from trucewatch.records.instant import parse_instant
from trucewatch.records.logbook.kinds import MACHINES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record
    from trucewatch.records.logbook.reading import Entered

MISSION = "mission"
"""Stands for the mission itself where a participant is named and the agreement has no monitor.

Where it has one, that one's id is the mission's only name: two names would be two participants.
"""

_ADDRESSED = {("notification", act) for act in ("acknowledged", "approved", "objected")}
"""Acts that a body of the mechanism may do, too, where the notice is addressed to it."""

_OURS_WHEN_NULL = {
    ("duty", "cancelled"),
    ("duty", "paused"),
    ("visit", "cancelled"),
    ("window", "cancelled"),
}
"""Acts whose `party` is null where the mission did them."""

_HOUR_S = 3600.0


def check_words(
    entered: Entered, agreement: Agreement, records: Mapping[int, Record] | None = None
) -> None:
    """Check the words of an act.

    Args:
        entered: The act.
        agreement: The one in force.
        records: All so far, by the entry that opened each; without them it is not asked whether
            the notice on which a body acts is addressed to it.

    Raises:
        BadInput: A word is none of those that its form lists, or names no participant, body, rule,
            category of weapons, activity, duty of notice or window of the agreement; or a notice is
            of another activity than the duty that it names, or a window lacks a party whose
            guarantee the agreement asks for, or a body acts on a notice that is not addressed to
            it.
    """
    where = f"entry {entered.step.entry}"
    act = MACHINES[entered.kind].acts.get(entered.step.act)
    choices = {} if act is None else act.choices
    known = _known(entered.kind, agreement)
    among: dict[str, Collection[str]] = {**known, **_parties(entered, agreement), **choices}
    for member, value in entered.step.detail.items():
        if member not in among:
            continue
        for word in _words(value):
            if word not in among[member]:
                expected = ", ".join(among[member]) or "none: the agreement in force names none"
                problem = f"{member} is {word!r}, expected one of {expected}"
                raise BadInput(where, problem, advice=_advice(entered, member, word, agreement))
    _check_addressed(entered, agreement, records or {}, where)
    if entered.of is None and entered.kind in _PROVIDED:
        _PROVIDED[entered.kind](entered.step.detail, agreement, where)


def short_notice(entered: Entered, agreement: Agreement) -> str:
    """Return what to tell whoever enters a notice that comes later than its duty asks, or "".

    A notice that names no duty falls under every duty of its activity.
    """
    step, detail = entered.step, entered.step.detail
    if entered.kind != "notification" or entered.of is not None:
        return ""
    start = parse_instant(str(detail["start"]), where="start")
    ahead_h = (start - max(step.at, step.logged_at)).total_seconds() / _HOUR_S
    late = [
        f"{notice.id} asks for {notice.lead_h:g} h"
        for notice in agreement.provisions.notices
        if detail["notice"] in {None, notice.id}
        and notice.activity == detail["activity"]
        and ahead_h < notice.lead_h
    ]
    return f"logged {ahead_h:.1f} h ahead; {', '.join(late)}" if late else ""


def _known(kind: str, agreement: Agreement) -> dict[str, Collection[str]]:
    parties = [party.id for party in agreement.parties]
    named = [*dict.fromkeys([*parties, *_ours(agreement)])]
    notices = agreement.provisions.notices
    known: dict[str, Collection[str]] = {
        "guarantees_from": parties,
        "notice": [notice.id for notice in notices],
        "provision": [window.id for window in agreement.provisions.windows],
        "rule": [rule.id for rule in agreement.rules],
    }
    if kind == "notification":  # a window's activity is the mission's own word
        spoken = [notice.activity for notice in notices]
        spoken += [each.activity for each in agreement.exemptions if each.activity]
        known["activity"] = [*dict.fromkeys(spoken)]
        known["to"] = [*named, *_bodies(agreement)]
    if agreement.weapons or kind == "inventory":
        # without categories only what is declared has none; what is seen is the mission's own word
        categories = [weapon.id for weapon in agreement.weapons]
        known |= {"weapons": categories, "seen": categories}
    return known


def _parties(entered: Entered, agreement: Agreement) -> dict[str, Collection[str]]:
    """Return who may be the `party` of an act."""
    ours, parties = _ours(agreement), [party.id for party in agreement.parties]
    act = entered.kind, entered.step.act
    if act in _OURS_WHEN_NULL:
        return {"party": [each for each in parties if [each] != ours]}
    if (found := MACHINES[entered.kind].acts.get(entered.step.act)) and found.party_of:
        ours = [MISSION]  # the record says who, perhaps from before the agreement named a monitor
    bodies = _bodies(agreement) if act in _ADDRESSED else []
    return {"party": [*dict.fromkeys([*parties, *ours, *bodies])]}


def _ours(agreement: Agreement) -> list[str]:
    """Return how the mission is named: the monitor of the agreement, or `MISSION` without one.

    Of several monitors each is named by its own id, whichever keeps this log.
    """
    return [p.id for p in agreement.parties if p.role is Role.MONITOR] or [MISSION]


def _bodies(agreement: Agreement) -> list[str]:
    return [body.id for body in agreement.mechanism.bodies]


def _advice(entered: Entered, member: str, word: str, agreement: Agreement) -> str:
    """Return what to write instead where the mission itself is meant, or ""."""
    ours = _ours(agreement)
    if member not in {"party", "to"} or word not in {MISSION, *ours}:
        return ""
    if (entered.kind, entered.step.act) in _OURS_WHEN_NULL:
        return "What the mission decided is entered without a party"
    return f"The mission itself is entered as: {' or '.join(ours)}"


def _check_addressed(
    entered: Entered, agreement: Agreement, records: Mapping[int, Record], where: str
) -> None:
    record = None if entered.of is None else records.get(entered.of)
    if record is None or (entered.kind, entered.step.act) not in _ADDRESSED:
        return
    party = entered.step.detail["party"]
    if party in _bodies(agreement) and party not in _words(record.opening.detail.get("to")):
        to = ", ".join(_words(record.opening.detail.get("to")))
        problem = f"party is {party}, to which {record.id} is not addressed"
        raise BadInput(where, f"{problem}, expected a participant or one of {to}")


def _check_notice(detail: Mapping[str, Json], agreement: Agreement, where: str) -> None:
    for notice in agreement.provisions.notices:
        if notice.id == detail["notice"] and notice.activity != detail["activity"]:
            problem = f"activity is {detail['activity']}, expected {notice.activity}"
            raise BadInput(where, f"{problem}, of which notice {notice.id} is")


def _check_window(detail: Mapping[str, Json], agreement: Agreement, where: str) -> None:
    for window in agreement.provisions.windows:
        if window.id == detail["provision"]:
            missing = [
                p for p in window.guarantees_from if p not in _words(detail["guarantees_from"])
            ]
            if missing:
                problem = f"guarantees_from lacks {', '.join(missing)}"
                raise BadInput(where, f"{problem}, expected all that {window.id} asks for")


_PROVIDED: dict[str, Callable[[Mapping[str, Json], Agreement, str], None]] = {
    "notification": _check_notice,
    "window": _check_window,
}
"""What the agreement asks of the words of an opening act together, by kind of record."""


def _words(value: Json) -> list[str]:
    if isinstance(value, dict | list):
        return [str(each) for each in value]
    return [] if value is None else [str(value)]
