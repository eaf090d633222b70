"""Things that were seen and stay: what rules on presence, states and distances ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.assess._exempt import none_open, one, tried
from trucewatch.assess._force import in_words
from trucewatch.assess._place import PLACE
from trucewatch.assess._row import overlap, told
from trucewatch.assess._subject import Subject
from trucewatch.assess._trace import DECIMALS
from trucewatch.assess._tracks import sure
from trucewatch.assess._verdict import Asked
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.agreement.zone import Zone
    from trucewatch.assess._row import Window
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record, Step

WEAPON = "weapon"
"""The matter that has categories."""

LOOKS = ("seen", "seen_again")
"""Acts that say that it was there, and where."""


class Place(NamedTuple):
    """Where something was seen.

    Attributes:
        lon_deg: Longitude, WGS 84.
        lat_deg: Latitude, WGS 84.
        error_m: One standard deviation along each axis, metres.
    """

    lon_deg: float
    lat_deg: float
    error_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """One thing, from when it was first seen.

    Attributes:
        id: Id of the record that first tells of it.
        matter: What it is.
        steps: What was seen of it, by time.
        records: Ids of all records that tell of it.
        elsewhere: What has its matter and name and lies elsewhere: id, and how far apart they were
            when each was last seen, km; see `_things`.
    """

    id: str
    matter: str
    steps: tuple[Step, ...]
    records: tuple[str, ...]
    elsewhere: tuple[tuple[str, float], ...] = ()

    @property
    def start(self) -> datetime:
        """When it was first seen."""
        return self.steps[0].at

    @property
    def end(self) -> datetime | None:
        """When it was seen to be gone; None while it stands."""
        return self.steps[-1].at if self.steps[-1].act == "gone" else None

    @property
    def assets(self) -> int:
        """How many assets saw it."""
        return len({str(step.detail["asset"]) for step in self.looks()})

    def looks(self, held: Window = None, since: datetime | None = None) -> tuple[Step, ...]:
        """Return when it was seen there: all, or those in a window (none of them: all again)."""
        looks = tuple(step for step in self.steps if step.act in LOOKS)
        if since is not None:
            looks = tuple(step for step in looks if step.at >= since) or looks
        return tuple(step for step in looks if overlap(held, step.at, step.at)) or looks

    def stood(self, held: Window, as_of: datetime) -> bool | None:
        """Return whether it is known to have stood in a window; None when it may have."""
        if held is None:
            return False
        since = held[0]
        if any(overlap(held, step.at, step.at) for step in self.looks()):
            return True
        may_be = False
        for first, last, gone in self._spans():
            if first.at < since <= last.at:
                return True  # seen before it, and again after it
            end = max(first.at, as_of) if gone is None else gone.at
            may_be = may_be or overlap(held, first.at, end)
        return None if may_be else False

    def _spans(self) -> list[tuple[Step, Step, Step | None]]:
        """Return each time that it stood: first look, last look, and when it was seen gone."""
        spans: list[tuple[Step, Step, Step | None]] = []
        for step in self.steps:
            standing = bool(spans) and spans[-1][2] is None
            if step.act == "gone":
                spans[-1] = (*spans[-1][:2], step) if standing else spans[-1]
            elif standing:
                spans[-1] = (spans[-1][0], step, None)
            else:
                spans.append((step, step, None))
        return spans


def sightings(facts: Facts, matters: Iterable[str]) -> tuple[Sighted, ...]:
    """Return every sighting of some matters, each record for itself, in log order."""
    wanted = set(matters)
    found = (sighted([record]) for record in facts.records("sighting"))
    return tuple(each for each in found if each.matter in wanted)


def sighted(records: list[Record]) -> Sighted:
    """Return what some records tell of as one thing."""
    steps = sorted(
        (step for record in records for step in record.steps), key=lambda s: (s.at, s.entry)
    )
    first = min(records, key=lambda record: (record.opening.at, record.entry))
    return Sighted(
        id=first.id,
        matter=str(first.opening.detail["matter"]),
        steps=tuple(steps),
        records=tuple(record.id for record in records),
    )


def places(looks: Iterable[Step]) -> list[Place]:
    """Return where something was seen, each place once, in order of time."""
    found: dict[Place, None] = {}
    for step in looks:
        found[place_of(step.detail["place"])] = None
    return list(found)


def place_of(value: Json) -> Place:
    """Return the place that a detail of the logbook names."""
    named = value if isinstance(value, dict) else {}
    return Place(*(float(str(named[key])) for key in ("lon_deg", "lat_deg", "error_m")))


def points(at: Iterable[Place]) -> pl.DataFrame:
    """Return places as a table with the columns of `_place.PLACE`."""
    rows = [(p.lon_deg, p.lat_deg, p.error_m**2, 0.0, p.error_m**2) for p in at]
    return pl.DataFrame(rows, schema=dict.fromkeys(PLACE, pl.Float64), orient="row")


def stood_asked(seen: Sighted, held: Window, as_of: datetime) -> Asked:
    """Return whether it stood while the rule was in force; a part of its time is enough."""
    looks = seen.looks()
    value: dict[str, Json] = {
        "assets": seen.assets,
        "first_seen": instant_text(looks[0].at),
        "gone": told(seen.end),
        "last_seen": instant_text(looks[-1].at),
        "looks": len(looks),
        "records": [*seen.records],
    }
    if seen.elsewhere:
        value["same_name_elsewhere"] = [
            {"distance_km": apart_km, "record": record} for record, apart_km in seen.elsewhere
        ]
    return Asked(
        text=f"seen standing while the rule was in force ({in_words(held)}); that part counts",
        value=value,
        holds=seen.stood(held, as_of),
        refuted=Outcome.NO_RULE,
        unknown=Missing.TIME,
    )


def inside_asked(rule: Rule, zone: Zone, chances_p: list[float]) -> Asked:
    """Return whether it stood in the zone, by where it was seen; see `_tracks.sure`."""
    low_p, high_p = rule.thresholds.outside_p_max, rule.thresholds.inside_p_min
    shown: Json = {"inside_p": max(chances_p), "places": len(chances_p)}
    return Asked(
        text=f"P(inside {zone.id}) is at least {high_p:g} (at most {low_p:g} is outside)",
        value="restricted" if zone.restricted else shown,
        holds=sure(chances_p, rule),
        refuted=Outcome.CONSISTENT,
        unknown=Missing.LOCATION,
    )


def meant_asked(seen: Sighted, rule: Rule) -> list[Asked]:
    """Return whether what was seen is what the rule speaks of, and at least one of it."""
    return [*_category_asked(seen, rule), _number_asked(seen)]


def category_p(seen: Sighted, rule: Rule) -> tuple[float, float]:
    """Return P(a weapon of the rule's categories) and P(another one); the rest is unsaid.

    A rule without categories means every weapon.
    """
    if seen.matter != WEAPON or not rule.weapons:
        return 1.0, 0.0
    shares = shares_of(seen)
    meant_p = sum(share_p for name, share_p in shares.items() if name in rule.weapons)
    other_p = sum(share_p for name, share_p in shares.items() if name not in rule.weapons)
    return round(meant_p, DECIMALS), round(other_p, DECIMALS)


def shares_of(seen: Sighted) -> dict[str, float]:
    """Return the probabilities of categories of weapons, sorted by name."""
    given = seen.steps[0].detail["weapons"]
    shares = given if isinstance(given, dict) else {}
    return {name: float(str(shares[name])) for name in sorted(shares)}


def _category_asked(seen: Sighted, rule: Rule) -> list[Asked]:
    if seen.matter != WEAPON or not rule.weapons:
        return []
    sure_p, potential_p = rule.thresholds.act_p_on_its_face, rule.thresholds.act_p_potential
    meant_p, other_p = category_p(seen, rule)
    return [
        Asked(
            text=f"P(weapon of another category) is at most {sure_p:g}",
            value=other_p,
            holds=other_p <= sure_p,
            refuted=Outcome.CONSISTENT,
        ),
        Asked(
            text=f"P(weapon of the rule's categories) is at least {potential_p:g}",
            value=meant_p,
            holds=True if meant_p >= potential_p else None,
            refuted=Outcome.CONSISTENT,
            unknown=Missing.WEAPON,
        ),
    ]


def _number_asked(seen: Sighted) -> Asked:
    looks = seen.looks()
    least = max(int(str(step.detail["number_min"])) for step in looks)
    return Asked(
        text="at least one was there",
        value={"seen_at_least": least},
        holds=True if least > 0 else None,  # the logbook takes no look that saw none
        refuted=Outcome.CONSISTENT,
        unknown=Missing.OBSERVATION,
    )


def face_asked(seen: Sighted, rule: Rule) -> list[Asked]:
    """Return whether that is so clear that it reads as a breach before anyone has looked."""
    limits = rule.thresholds
    meant_p, _ = category_p(seen, rule)
    return [
        Asked(
            text=f"on its face: P(what the rule means) is at least {limits.act_p_on_its_face:g}",
            value=meant_p,
            holds=meant_p >= limits.act_p_on_its_face,
            refuted=Outcome.POTENTIAL_BREACH,
        ),
        Asked(
            text=f"on its face: independent assets are at least {limits.independent_min}",
            value=seen.assets,
            holds=seen.assets >= limits.independent_min,
            refuted=Outcome.POTENTIAL_BREACH,
        ),
    ]


def exempt_asked(
    seen: Sighted, at: Place, rule: Rule, version: Version, facts: Facts
) -> tuple[str, list[Asked]]:
    """Return the exemption that it falls under, or "", and the conditions; none without any."""
    if not rule.exemptions:
        return "", []
    end = max(seen.start, facts.as_of) if seen.end is None else seen.end
    place = points([at]).row(0, named=True)
    subject = Subject(kind="sighting", id=seen.id, start=seen.start, end=end, **place)
    held, asked = tried(subject, rule=rule, version=version, facts=facts)
    return held, [one(held, asked), none_open(asked)]
