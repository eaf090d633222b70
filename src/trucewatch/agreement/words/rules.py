"""Rules and exemptions in words: what, where, who, until when, how sure, and what is exempt."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trucewatch.agreement.exemption import Asks
from trucewatch.agreement.kinds import KINDS
from trucewatch.agreement.rule import After, Modality, Severity
from trucewatch.agreement.words.plain import (
    days,
    distance,
    duration,
    instant,
    listed,
    minutes,
    seen,
    sentence,
    worded,
    wrapped,
)
from trucewatch.records.logbook.restriction import HINDRANCES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.exemption import Condition, Exemption
    from trucewatch.agreement.rule import Conduct, Deadline, Rule

MODALITY = {
    Modality.FORBIDDEN: "forbidden",
    Modality.OBLIGATORY: "obligatory",
    Modality.PERMITTED: "permitted",
}
_GRAVITY = {Severity.SERIOUS: "serious", Severity.GRAVE: "grave"}
_AFTER = {
    After.EFFECTIVE: "the date of effect",
    After.SIGNED: "the signature",
    After.ASKED: "the entry in the logbook that asks for it",
}
_CONDITIONS = {
    Asks.NOTIFIED: (
        "notice of it was given beforehand, for all of its time, and for that craft if the notice"
        " names any"
    ),
    Asks.LEAD: "the notice came at least {value} hours ahead",
    Asks.INSIDE_NOTIFIED_AREA: "it lies in the area of the notice",
    Asks.WITHIN_NOTIFIED_NUMBER: "there were no more of them than the notice says",
    Asks.DAYLIGHT: "the sun was up over the whole time",
    Asks.OPERATOR_IS_MONITOR: "the mission itself gave notice of it before, for all of its time",
    Asks.JOINTLY_AGREED: "every party bound acknowledged the notice",
    Asks.INCOMING_FIRE: "fire came in within the {value} minutes before",
    Asks.MECHANISM_TRIED_AND_FAILED: "a call to the mechanism in between had no success",
    Asks.ORDER_OF_LEADERSHIP: "the log of contacts names the order of the leadership",
    Asks.COORDINATOR_NOTIFIED: "the log of contacts says that the coordinator was told",
}
_OF_A_NOTICE = frozenset(
    {
        Asks.NOTIFIED,
        Asks.LEAD,
        Asks.INSIDE_NOTIFIED_AREA,
        Asks.WITHIN_NOTIFIED_NUMBER,
        Asks.OPERATOR_IS_MONITOR,
        Asks.JOINTLY_AGREED,
    }
)
_TIMED = frozenset({Asks.NOTIFIED, Asks.INCOMING_FIRE})
_PLACED = ("withdrawal_distance", "protected_object", "silence_window", "disengagement")


def rule_words(agreement: Agreement, rule: Rule) -> Iterator[str]:
    """Yield one rule."""
    yield wrapped(f"{rule.id}. {rule.clause}")
    for line in _lines(agreement, rule):
        yield wrapped(line, depth=2)


def exemption_words(agreement: Agreement, exemption: Exemption) -> Iterator[str]:
    """Yield one exemption with its conditions, and the rules that it is from."""
    yield wrapped(f"{exemption.id}. {exemption.text}")
    yield wrapped(f"Source: {exemption.source}", depth=2)
    if exemption.activity:
        yield wrapped(f"It speaks of: {worded(exemption.activity)}.", depth=2)
    yield wrapped("It holds when the logbook shows each of these:", depth=2)
    for number, condition in enumerate(exemption.conditions, 1):
        yield wrapped(f"{number}. {condition_words(condition)}", depth=3)
    left = not_asked(exemption)
    if left:
        yield wrapped(f"Not asked: {'; '.join(left)}.", depth=2)
    rules = [rule.id for rule in agreement.rules if exemption.id in rule.exemptions]
    yield wrapped(f"Exempt from: {listed(rules, none='no rule')}.", depth=2)


def condition_words(condition: Condition) -> str:
    """Return what a condition asks."""
    return _CONDITIONS[condition.asks].format(value=condition.value)


def not_asked(exemption: Exemption) -> tuple[str, ...]:
    """Return what no condition of an exemption looks at, though a reader might think that one does.

    Whoever meets the conditions is exempt whatever these are.
    """
    asks = {condition.asks for condition in exemption.conditions}
    left = ["who does it"]  # whose notice it was, at most: never whose act
    if not asks & {Asks.INSIDE_NOTIFIED_AREA, Asks.INCOMING_FIRE}:
        left.append("where")
    if not asks & _TIMED:
        notice = asks & _OF_A_NOTICE
        left.append("whether all of it falls in the notified time" if notice else "when")
    if Asks.WITHIN_NOTIFIED_NUMBER not in asks:
        left.append("how many")
    return tuple(left)


def _lines(agreement: Agreement, rule: Rule) -> Iterator[str]:
    yield f"Source: {rule.source}"
    yield f"It is {MODALITY[rule.modality]}. Checked as: {KINDS[rule.kind].text}."
    yield from _things(agreement, rule)
    yield f"Where: {_where(agreement, rule)}. Who is bound: {listed(rule.who)}."
    yield from _measures(agreement, rule)
    yield f"Rests on: {listed(rule.terms, none='no defined term')}."
    yield f"Exemptions: {listed(rule.exemptions, none='none')}."
    if rule.severity in _GRAVITY:
        yield f"The text calls a breach of it {_GRAVITY[rule.severity]}."
    yield f"Counted as: {rule.counting_rule or 'not named'}."
    if rule.kind == "text_only":
        yield "Software shows it and checks nothing. A breach is found by people only."
        return
    yield from _limits(rule)


def _things(agreement: Agreement, rule: Rule) -> Iterator[str]:
    """Yield what the rule speaks of."""
    if rule.acts:
        yield f"The acts are {MODALITY[rule.modality]}: {seen(rule.acts)}."
    if rule.matters:
        yield f"What may not be there: {seen(rule.matters)}."
    if rule.weapons:
        yield f"Weapons: {listed(rule.weapons)}."
    if rule.kind == "withdrawal_distance":
        yield from _distances(agreement, rule)
    if rule.object_list:
        yield f"Protected: what the list {rule.object_list} holds."
    if rule.hindrances:
        yield f"What hinders monitors: {'; '.join(HINDRANCES[h] for h in rule.hindrances)}."
    if rule.conduct is not None:
        yield sentence("; ".join(_conduct(rule.conduct)))


def _measures(agreement: Agreement, rule: Rule) -> Iterator[str]:
    """Yield how far, how long and until when."""
    if rule.radius_m is not None:
        yield f"Within: {distance(rule.radius_m)} of the place or object."
    if rule.kind == "silence_window":
        yield f"While open: {rule.window or 'every window of silence in the logbook'}."
    if rule.sequence:
        yield f"Steps: {rule.sequence}."
    if rule.notice:
        yield f"Notice to be given: {rule.notice}."
    if rule.visit_every_d is not None:
        yield f"Monitors visit each declared site every {days(rule.visit_every_d)}."
    if rule.delay_max_min is not None:
        yield f"Monitors bear a delay of up to {minutes(rule.delay_max_min)}."
    if rule.deadline is not None:
        yield _deadline(agreement, rule.deadline)


def _where(agreement: Agreement, rule: Rule) -> str:
    if rule.zone:
        return rule.zone
    zones = {each.id: each.zone for each in agreement.provisions.sequences}
    zones |= {each.id: each.zone for each in agreement.provisions.windows}
    return zones.get(rule.sequence or rule.window, "everywhere")


def _distances(agreement: Agreement, rule: Rule) -> Iterator[str]:
    """Yield how far each party keeps each category from its own line."""
    for party in rule.who:
        datum = agreement.datum(party)
        line = "its own line, which the text does not name" if datum is None else datum.id
        due = []
        for weapon in map(agreement.weapon, rule.weapons):
            distance_m = weapon.distance_m(party, rule.phase)
            far = "no distance named" if distance_m is None else distance(distance_m)
            due.append(f"{weapon.id} {far}")
        phase = "" if rule.phase is None else f" (phase {rule.phase})"
        yield f"{party} measures from {line}: {', '.join(due)}{phase}."


def _deadline(agreement: Agreement, deadline: Deadline) -> str:
    within = f"Due within {duration(deadline.within_h)} of {_AFTER[deadline.after]}"
    starts = {After.EFFECTIVE: agreement.effective, After.SIGNED: agreement.provisions.signed}
    if deadline.after is After.ASKED:
        return f"{within}."
    return f"{within}: {_due(starts[deadline.after], deadline)}."


def _due(start: datetime | None, deadline: Deadline) -> str:
    if start is None:
        return "the text does not date that"
    try:
        return f"until {instant(start + timedelta(hours=deadline.within_h))}"
    except OverflowError:
        return "beyond any calendar"


def _conduct(conduct: Conduct) -> Iterator[str]:
    if conduct.speed_min_m_s is not None:
        yield f"a vessel makes at least {conduct.speed_min_m_s:g} metres per second"
    if conduct.speed_max_m_s is not None:
        yield f"a vessel makes at most {conduct.speed_max_m_s:g} metres per second"
    if conduct.stay:
        yield "it stays in the corridor from its entry to its exit"
    if conduct.dark_max_min is not None:
        lost = minutes(conduct.dark_max_min)
        yield f"after {lost} without a position software cannot say where it was"


def _limits(rule: Rule) -> Iterator[str]:
    limits = rule.thresholds
    if rule.zone or rule.kind in _PLACED:
        yield (
            f"Counts as inside from P(inside) {limits.inside_p_min:g}, as outside up to"
            f" {limits.outside_p_max:g}; between them the software cannot say."
        )
    if rule.acts:
        yield (
            f"Potential breach from P(act) {limits.act_p_potential:g}; breach on its face from"
            f" {limits.act_p_on_its_face:g} with P(real) {limits.real_p_on_its_face:g} and at"
            f" least {limits.independent_min} independent sources."
        )
    yield "A breach is found by people only."
