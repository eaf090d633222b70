"""What stands in a zone and may not, as an interval; never counted by days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.force import window
from trucewatch.assess._place import points_inside_p
from trucewatch.assess._row import Row, settled
from trucewatch.assess._sighted import (
    exempt_asked,
    face_asked,
    inside_asked,
    meant_asked,
    places,
    points,
    stood_asked,
)
from trucewatch.assess._tracks import terms_asked
from trucewatch.records.assessment import Outcome

if TYPE_CHECKING:
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._known import Known
    from trucewatch.assess._sighted import Sighted


def standing(known: Known, seen: Sighted, *, rule: Rule, version: Version) -> Row:
    """Return what is said of one thing that stands, or stood, in the rule's zone or out of it.

    Asked in order: it was seen standing while the rule was in force; P(inside the zone) of the
    place that lies deepest, out of where it was then seen; every term is defined; for a weapon, its
    category; at least one was there; no exemption; category and assets, for on its face.
    """
    facts, zone = known.facts, version.agreement.zone(rule.zone)
    held = window(version.agreement, zone)
    at = places(seen.looks(held))
    chances_p = points_inside_p(points(at), version, zone).to_list()
    deepest = at[chances_p.index(max(chances_p))]
    exemption, exempt = exempt_asked(seen, deepest, rule, version, facts)
    asked = [
        stood_asked(seen, held, facts.as_of),
        inside_asked(rule, zone, chances_p),
        terms_asked(rule, version),
        *meant_asked(seen, rule),
        *exempt,
        *face_asked(seen, rule),
    ]
    return Row(
        subject=seen.id,
        kind="sighting",
        start=seen.start,
        end=seen.end,
        verdict=settled(asked, met=Outcome.BREACH_ON_ITS_FACE, exemption=exemption),
        inside_p=None if zone.restricted else max(chances_p),
    )
