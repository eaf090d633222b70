"""Questions about lines and zones."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from trucewatch.agreement.force import window
from trucewatch.agreement.line import LineStatus
from trucewatch.agreement.overlap import overlap
from trucewatch.agreement.questions.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.line import Line
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.zone import Zone


def about_places(agreement: Agreement) -> Iterator[Finding]:
    """Yield what is missing from lines, and zones that no rule needs or that contradict."""
    yield from _lines(agreement)
    yield from _datums(agreement)
    yield from _zones(agreement)
    yield from _overlaps(agreement)


def _lines(agreement: Agreement) -> Iterator[Finding]:
    belts = {belt.line for zone in agreement.zones for belt in zone.belts}
    for line in agreement.lines:
        where = f"line {line.id}"
        if not line.datum_for and line.id not in belts:
            text = "nobody measures from it and no zone lies along it"
            yield Finding(code="unused-line", where=where, text=text)
            continue
        if line.epoch is None:
            text = "no epoch: nobody can say the situation of which day it describes"
            yield Finding(code="line-without-epoch", where=where, text=text)
        if line.accuracy_m is None:
            text = "no accuracy: a distance from it has no error, and nothing can be measured"
            yield Finding(code="line-without-accuracy", where=where, text=text)
        if line.status is LineStatus.DISPUTED:
            text = "it is disputed: so will be whatever is measured from it"
            yield Finding(code="disputed-line", where=where, text=text)


def _datums(agreement: Agreement) -> Iterator[Finding]:
    for one, other in combinations(agreement.lines, 2):
        if _apart(one, other) or _apart(other, one):
            continue
        for party in one.datum_for:
            if party in other.datum_for:
                text = f"its datum is {one.id} and {other.id} at once: a distance has two values"
                yield Finding(code="two-datums", where=f"party {party}", text=text)


def _apart(first: Line, later: Line) -> bool:
    return first.until is not None and later.since is not None and first.until <= later.since


def _zones(agreement: Agreement) -> Iterator[Finding]:
    provisions = agreement.provisions
    used = {rule.zone for rule in agreement.rules}
    used |= {window.zone for window in provisions.windows}
    used |= {sequence.zone for sequence in provisions.sequences}
    for zone in agreement.zones:
        if zone.id not in used:
            text = "no rule holds in it"
            yield Finding(code="zone-without-rule", where=f"zone {zone.id}", text=text)
        if window(agreement) is not None and window(agreement, zone) is None:
            text = "it is never valid while the agreement is in force"
            yield Finding(code="zone-never-valid", where=f"zone {zone.id}", text=text)


def _overlaps(agreement: Agreement) -> Iterator[Finding]:
    """Yield zones of one class that share ground, and where not the same is forbidden."""
    for one, other in combinations(agreement.zones, 2):
        rules, others = _content(agreement, one), _content(agreement, other)
        if one.kind != other.kind or not rules or not others or rules == others:
            continue
        if overlap(agreement, one, other):
            text = (
                f"it overlaps {other.id}, which is a {one.kind} too and has other rules: on their"
                " common ground two readings are possible"
            )
            yield Finding(code="overlapping-zones", where=f"zone {one.id}", text=text)


def _content(agreement: Agreement, zone: Zone) -> frozenset[Rule]:
    """Return what the rules of a zone say, without its name, their numbers and their words."""
    return frozenset(
        replace(rule, id="", zone="", clause="", source="")
        for rule in agreement.rules
        if rule.zone == zone.id
    )
