"""Questions about distances, deadlines, notices, windows, sequences and lists."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trucewatch.agreement.overlap import lies_within
from trucewatch.agreement.questions.finding import Finding
from trucewatch.agreement.rule import After

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.provision import Window
    from trucewatch.agreement.rule import Rule


def about_duties(agreement: Agreement) -> Iterator[Finding]:
    """Yield duties that cannot fall due, cannot be measured or are owed to nobody."""
    for rule in agreement.rules:
        yield from _deadline(agreement, rule)
        if rule.kind == "withdrawal_distance":
            yield from _withdrawal(agreement, rule)
    yield from _weapons(agreement)
    yield from _windows(agreement)
    yield from _sequences(agreement)
    yield from _notices(agreement)
    yield from _lists(agreement)


def _deadline(agreement: Agreement, rule: Rule) -> Iterator[Finding]:
    deadline, where = rule.deadline, f"rule {rule.id}"
    if deadline is None or deadline.after is After.ASKED:
        return
    starts = {After.SIGNED: agreement.provisions.signed, After.EFFECTIVE: agreement.effective}
    start = starts[deadline.after]
    if start is None:
        text = f"its deadline runs from {deadline.after}, which the text does not date"
        yield Finding(code="deadline-without-start", where=where, text=text)
        return
    try:
        due = start + timedelta(hours=deadline.within_h)
    except OverflowError:
        due = None
    if agreement.expires is not None and (due is None or due >= agreement.expires):
        text = "it falls due after the agreement has ended: nobody will ever be late"
        yield Finding(code="deadline-after-end", where=where, text=text)


def _withdrawal(agreement: Agreement, rule: Rule) -> Iterator[Finding]:
    where = f"rule {rule.id}"
    lost = [party for party in rule.who if agreement.datum(party) is None]
    if lost:
        text = f"no line is the datum of {', '.join(lost)}: from where is the distance measured?"
        yield Finding(code="missing-datum", where=where, text=text)
    for name in rule.weapons:
        weapon = agreement.weapon(name)
        free = [party for party in rule.who if weapon.distance_m(party, rule.phase) is None]
        if free:
            text = f"{name} has no distance for {', '.join(free)}: withdrawn to where?"
            yield Finding(code="deadline-without-distance", where=where, text=text)


def _weapons(agreement: Agreement) -> Iterator[Finding]:
    used = {name for rule in agreement.rules for name in rule.weapons}
    for weapon in agreement.weapons:
        if weapon.id not in used:
            text = "no rule speaks of this category"
            yield Finding(code="unused-weapon", where=f"weapon {weapon.id}", text=text)


def _windows(agreement: Agreement) -> Iterator[Finding]:
    for window in agreement.provisions.windows:
        where = f"window {window.id}"
        if not window.guarantees_from:
            text = "nobody guarantees it: a crew would go out on nobody's word"
            yield Finding(code="window-without-guarantees", where=where, text=text)
        if window.daily_from and not window.time_zone:
            text = f"it begins at {window.daily_from}, in no time zone: each side has its own hour"
            yield Finding(code="deadline-without-time-zone", where=where, text=text)
        if not any(_silences(agreement, rule, window) for rule in agreement.rules):
            text = "no rule forbids anything in it: fire in it is no breach"
            yield Finding(code="window-without-rule", where=where, text=text)


def _silences(agreement: Agreement, rule: Rule, window: Window) -> bool:
    """Return whether a rule forbids acts in a window: of silence itself, or on all its ground."""
    if rule.kind == "silence_window":
        return rule.window in ("", window.id)
    if rule.kind != "prohibited_act":
        return False
    return lies_within(agreement, agreement.zone(window.zone), agreement.zone(rule.zone))


def _sequences(agreement: Agreement) -> Iterator[Finding]:
    used = {rule.sequence for rule in agreement.rules}
    for sequence in agreement.provisions.sequences:
        where = f"sequence {sequence.id}"
        if sequence.silence_days == 0:
            text = "it waits for no day of silence: nothing says when it may begin"
            yield Finding(code="sequence-without-silence", where=where, text=text)
        if sequence.id not in used:
            text = "no rule follows it"
            yield Finding(code="sequence-without-rule", where=where, text=text)


def _notices(agreement: Agreement) -> Iterator[Finding]:
    duties = {rule.notice for rule in agreement.rules}
    activities = {exemption.activity for exemption in agreement.exemptions}
    for notice in agreement.provisions.notices:
        where = f"notice {notice.id}"
        if not notice.to:
            text = "it is addressed to nobody: nobody can say whether it was given"
            yield Finding(code="notice-without-addressee", where=where, text=text)
        if notice.id not in duties and notice.activity not in activities:
            text = "no rule makes it a duty and no exemption asks for it"
            yield Finding(code="notice-without-rule", where=where, text=text)


def _lists(agreement: Agreement) -> Iterator[Finding]:
    used = {rule.object_list for rule in agreement.rules}
    for listed in agreement.provisions.object_lists:
        where = f"object list {listed.id}"
        if not listed.commitment:
            text = "no commitment: the list can be changed after a strike and nobody could tell"
            yield Finding(code="list-without-commitment", where=where, text=text)
        if not listed.held_by:
            text = "nobody holds it: nobody can answer whether an object is on it"
            yield Finding(code="list-without-holder", where=where, text=text)
        if listed.id not in used:
            text = "no rule protects it"
            yield Finding(code="list-without-rule", where=where, text=text)
