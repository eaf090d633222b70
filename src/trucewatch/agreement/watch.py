"""Which declared means could see a rule broken, and over how much of its ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.agreement.kinds import KINDS
from trucewatch.agreement.overlap import lies_within, overlap
from trucewatch.agreement.sign import may_be

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.mechanism import Means
    from trucewatch.agreement.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeing:
    """One means that could see a rule broken.

    Attributes:
        means: The means.
        wholly: Whether it covers all the ground of the rule, or only a part of it.
    """

    means: Means
    wholly: bool


def needed(rule: Rule) -> tuple[str, ...]:
    """Return what somebody must observe to see a rule broken; one of them is enough.

    Happenings (`records.happening.HAPPENINGS`) and matters (`agreement.kinds.MATTERS`); empty for
    a rule that software does not check.
    """
    form = KINDS.get(rule.kind)
    if form is None:
        return ()
    own = {"acts": rule.acts, "matters": rule.matters}
    return tuple(dict.fromkeys(name for need in form.needs for name in own.get(need, (need,))))


def shows(means: Means, matter: str) -> bool:
    """Return whether a means can show a matter, or a sign of it, at any time at all."""
    return means.cover_share > 0 and any(may_be(seen, matter) for seen in means.observes)


def ground(agreement: Agreement, rule: Rule) -> str:
    """Return the id of the zone in which a rule holds, or "" when it holds everywhere.

    A rule of a window or a sequence holds in the zone of that.
    """
    provisions = agreement.provisions
    windows = {window.id: window.zone for window in provisions.windows}
    sequences = {sequence.id: sequence.zone for sequence in provisions.sequences}
    return rule.zone or windows.get(rule.window, "") or sequences.get(rule.sequence, "")


def seen_by(agreement: Agreement, rule: Rule) -> tuple[Seeing, ...]:
    """Return the means that could see a rule broken, in the order of the file."""
    wanted, place = needed(rule), ground(agreement, rule)
    found = []
    for means in agreement.mechanism.means:
        if any(shows(means, matter) for matter in wanted) and _reaches(agreement, means, place):
            wholly = not means.zones or _covers(agreement, means, place)
            found.append(Seeing(means=means, wholly=wholly))
    return tuple(found)


def bound(agreement: Agreement, rule: Rule) -> tuple[str, ...]:
    """Return the parties that a rule binds, in the order in which the agreement names them."""
    return tuple(party.id for party in agreement.parties if party.id in rule.who)


def _reaches(agreement: Agreement, means: Means, place: str) -> bool:
    if not means.zones or not place or place in means.zones:
        return True
    zone = agreement.zone(place)
    return any(overlap(agreement, agreement.zone(each), zone) for each in means.zones)


def _covers(agreement: Agreement, means: Means, place: str) -> bool:
    if not place:
        return False
    zone = agreement.zone(place)
    return any(lies_within(agreement, zone, agreement.zone(each)) for each in means.zones)
