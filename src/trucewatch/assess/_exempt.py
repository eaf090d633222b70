"""Whether an act that a rule forbids was exempt from it, and which condition of which text says so.

Everything is looked up in the logbook and among the incidents, never taken on trust. A condition
that software cannot decide exempts nobody. Exempt or not, an incident stays one and is counted.

Whose notice, call or fire it was is not looked at: sides are no matter of an assessment. Whether
the one who called is the one who fired is for people to see from the records that the trace names.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from trucewatch.agreement.exemption import Asks
from trucewatch.assess import _notice, _return_fire
from trucewatch.assess._act import class_shares
from trucewatch.assess._subject import Subject
from trucewatch.assess._sun import daylight
from trucewatch.assess._verdict import Asked
from trucewatch.records.assessment import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from trucewatch.agreement.exemption import Condition, Exemption
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._subject import Found
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record

__all__ = [
    "ASKED_TEXT",
    "OPEN_TEXT",
    "Ledger",
    "Subject",
    "left_open",
    "none_open",
    "one",
    "tried",
    "tried_in",
]


class Ledger:
    """What exemptions from one rule are looked up in; make it once for many subjects.

    Attributes:
        facts: What is known.
        rule: The rule.
        version: The version that it is in.
    """

    def __init__(
        self,
        facts: Facts,
        rule: Rule,
        version: Version,
        shares: Callable[[], pl.DataFrame] | None = None,
    ) -> None:
        self.facts, self.rule, self.version = facts, rule, version
        self._shares = shares or (lambda: class_shares(facts.incidents))

    @cached_property
    def notices(self) -> _notice.Notices:
        """Notices that stand."""
        return _notice.Notices(self.facts, self.rule, self.version, self._shares)

    @cached_property
    def fires(self) -> _return_fire.Fires:
        """Incidents that were one of the rule's acts."""
        return _return_fire.Fires(self.facts.incidents, self._shares(), self.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One subject, seen with one notice and one call, or without."""

    subject: Subject
    ledger: Ledger
    exemption: Exemption
    notice: _notice.Notice | None
    incoming: _return_fire.Incoming | None
    call: Record | None


def tried(
    subject: Subject, *, rule: Rule, version: Version, facts: Facts
) -> tuple[str, list[Asked]]:
    """Return the exemption that a subject falls under, and what was asked.

    Exemptions are tried in the order of the rule; the first whose conditions all hold exempts. Of
    several notices or calls that which goes furthest is told of: one that holds, else one that may.
    After a condition that does not hold, no more is asked of its exemption.

    Args:
        subject: What may be exempt.
        rule: The rule.
        version: The version that the rule is in.
        facts: What is known.

    Returns:
        Id of the exemption, or "" when there is none, and the conditions of every exemption that
        was tried, each with the id in front. `one` makes a single condition of it.
    """
    return tried_in(Ledger(facts, rule, version), subject)


def tried_in(ledger: Ledger, subject: Subject) -> tuple[str, list[Asked]]:
    """Return what `tried` returns."""
    told: list[Asked] = []
    for name in ledger.rule.exemptions:
        exemption = ledger.version.agreement.exemption(name)
        holds, asked = _best(exemption, subject, ledger)
        told += asked
        if holds:
            return name, told
    return "", told


def one(held: str, asked: Sequence[Asked]) -> Asked:
    """Return what `tried` returned as one condition: that no exemption applies.

    When it is refuted, the outcome is `exempt` and `why` is `held`.
    """
    value: list[Json] = [
        {"condition": each.text, "holds": each.holds, "value": each.value} for each in asked
    ]
    return Asked(text=ASKED_TEXT, value=value, holds=not held, refuted=Outcome.EXEMPT)


ASKED_TEXT = "no exemption applies"
"""The condition that `one` makes."""

OPEN_TEXT = "on its face: no exemption is left open"
"""The condition that `none_open` makes."""


def left_open(asked: Sequence[Asked]) -> list[str]:
    """Return the exemptions that may apply, by id: nothing speaks against them, not all is known.

    Args:
        asked: What `tried` returned, no exemption of which holds.
    """
    told: dict[str, list[bool | None]] = {}
    for each in asked:
        told.setdefault(each.text.partition(":")[0], []).append(each.holds)
    return [name for name, holds in told.items() if False not in holds and None in holds]


def none_open(asked: Sequence[Asked]) -> Asked:
    """Return what `tried` returned as one more condition: that no exemption may apply either.

    Where one may, nothing is a breach on its face: whoever looks further may find it exempt.
    """
    names: list[Json] = [*left_open(asked)]
    return Asked(text=OPEN_TEXT, value=names, holds=not names, refuted=Outcome.POTENTIAL_BREACH)


def _best(exemption: Exemption, subject: Subject, ledger: Ledger) -> tuple[bool, list[Asked]]:
    """Return whether an exemption holds, and the conditions of the case that goes furthest."""
    asks = {condition.asks: condition.value for condition in exemption.conditions}
    notices: Sequence[_notice.Notice | None] = (
        ledger.notices.around(subject, exemption.activity) if asks.keys() & _notice.ASKS else ()
    )
    incoming: _return_fire.Incoming | None = None
    calls: Sequence[Record] = ()
    if asks.keys() & _return_fire.ASKS:
        within_min = asks.get(Asks.INCOMING_FIRE)
        incoming = None if within_min is None else ledger.fires.incoming(subject, within_min)
        calls = _return_fire.calls(ledger.facts, subject, incoming)
    found: list[list[Asked]] = []
    for notice, call in product(notices or (None,), calls or (None,)):
        case = _Case(
            subject=subject,
            ledger=ledger,
            exemption=exemption,
            notice=notice,
            incoming=incoming,
            call=call,
        )
        found.append(_told(case))
    best = max(found, key=_merit)
    return all(each.holds for each in best), best


def _merit(told: Sequence[Asked]) -> tuple[bool, bool, int]:
    """Return how far a case goes: all holds; nothing speaks against it; how much holds."""
    holds = [each.holds for each in told]
    return all(holds), False not in holds, holds.count(True)


def _told(case: _Case) -> list[Asked]:
    told: list[Asked] = []
    for condition in case.exemption.conditions:
        text, holds, value = _ask(case, condition)
        told.append(
            Asked(
                text=f"{case.exemption.id}: {text}",
                value=value,
                holds=holds,
                refuted=Outcome.POTENTIAL_BREACH,
            )
        )
        if holds is False:
            break
    return told


def _ask(case: _Case, condition: Condition) -> Found:
    """Return what a condition asks, whether it holds and what was found."""
    if condition.asks is Asks.DAYLIGHT:
        return daylight(case.subject)
    if condition.asks in _return_fire.ASKS:
        return _return_fire.ask(condition, case.incoming, case.call, case.subject)
    return case.ledger.notices.ask(condition, case.notice, case.subject)
