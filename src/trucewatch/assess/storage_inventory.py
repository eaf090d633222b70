"""Weapons kept at declared sites and counted there: one row per declaration, all categories.

A visit that was denied, or saw a part of a site alone, verifies nothing, and accuses nobody: it
leaves the count open and asks for another visit. The denial itself is a matter of access.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.agreement.force import window
from trucewatch.assess._count import (
    baseline,
    counted_at,
    counts,
    differences,
    texts,
)
from trucewatch.assess._row import Row, at, force_asked, overlap, settled, table
from trucewatch.assess._tracks import terms_asked
from trucewatch.assess._verdict import Asked
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._count import Difference
    from trucewatch.assess._known import Known
    from trucewatch.assess._row import Window
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record

NO_BASELINE = "verification impossible: no inventory"
"""What is said of a site for which nobody declared anything."""

_DONE = ("visited", "denied", "not_accessible", "abandoned")
_DAY_S = 86_400.0


class _Site(NamedTuple):
    """What is known of one site under one rule.

    Attributes:
        inventory: The declaration, or None when there is none.
        visits: Visits that were tried while the rule was in force, by time.
        open: Visits that are planned.
    """

    inventory: Record | None
    visits: tuple[Record, ...]
    open: tuple[Record, ...]

    @property
    def newest(self) -> Record | None:
        """The newest visit that was tried."""
        return self.visits[-1] if self.visits else None

    @property
    def counted(self) -> Record | None:
        """The newest visit that counted."""
        return next((each for each in reversed(self.visits) if each.state == "visited"), None)


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per declaration, and one per site that was visited without any.

    1. Some of its time fell under the rule. 2. There is an inventory that stands. 3. Every term is
    defined. 4. The newest count surely differs from it in some category; a count that is not whole,
    or that was followed by a visit that could not count, leaves it open.

    Args:
        known: What is known.
        rule: A rule of this kind.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`; `subject_kind` is `inventory`, or `visit` without one. Never on
        its face.
    """
    held = window(version.agreement)
    rows = []
    for subject, site in _sites(known.facts, held):
        start = subject.opening.at
        end = at(subject.last("withdrawn"))
        asked = [
            force_asked(held, start, end, known.facts.as_of),
            _baseline_asked(site),
            terms_asked(rule, version),
            _count_asked(site, rule, known.facts.as_of),
        ]
        found = settled(asked, met=Outcome.POTENTIAL_BREACH)
        rows.append(Row(subject.id, subject.kind, start, end, found))
    return table(rows, rule=rule, version=version)


def _sites(facts: Facts, held: Window) -> list[tuple[Record, _Site]]:
    """Return each declaration, and each first visit of a site without one, with its site."""
    inventories: dict[str, list[Record]] = {}
    for record in facts.records("inventory"):
        inventories.setdefault(str(record.opening.detail["site"]), []).append(record)
    visits: dict[str, list[Record]] = {}
    for record in facts.records("visit"):
        visits.setdefault(str(record.opening.detail["site"]), []).append(record)
    found = []
    for site in sorted({*inventories, *visits}):
        declared = inventories.get(site, [])
        tried = [v for v in visits.get(site, []) if v.state in _DONE]
        in_force = [v for v in tried if overlap(held, counted_at(v).at, counted_at(v).at)]
        done = tuple(sorted(in_force, key=lambda v: (counted_at(v).at, v.entry)))
        planned = tuple(v for v in visits.get(site, []) if v.state == "planned")
        standing = [record for record in declared if record.state != "withdrawn"]
        found += [(each, _Site(each, done, planned)) for each in standing or declared]
        if not declared and tried:
            found.append((tried[-1], _Site(None, done, planned)))
    return found


def _baseline_asked(site: _Site) -> Asked:
    inventory = site.inventory
    stands = inventory is not None and inventory.state != "withdrawn"
    value: Json = NO_BASELINE
    if inventory is not None:
        value = f"{NO_BASELINE}: {inventory.id} was withdrawn"
    if inventory is not None and stands:
        step = baseline(inventory, site.counted)
        value = {
            "amended_since": step.entry != inventory.steps[-1].entry,
            "entry": step.entry,
            "logged_at": instant_text(step.logged_at),
            "weapons": {**counts(step.detail["weapons"])},
        }
    return Asked(
        text="there is an inventory to compare with",
        value=value,
        holds=True if stands else None,
        refuted=Outcome.CONSISTENT,  # never: there is one, or nobody can verify
        unknown=Missing.BASELINE,
    )


def _count_asked(site: _Site, rule: Rule, as_of: datetime) -> Asked:
    """Return whether the newest count surely differs from the inventory in some category."""
    newest, counted = site.newest, site.counted
    found: dict[str, Difference] = {}
    value: dict[str, Json] = {"visits": _visits(site, rule, as_of)}
    if counted is not None and site.inventory is not None:
        declared = baseline(site.inventory, counted)
        found = differences(rule.weapons, declared, counted)
        value["counted_by"] = counted.id
        value["categories"] = {name: each.shown() for name, each in found.items()}
        value["closed_parts"] = [*texts(counted_at(counted).detail["closed_parts"])]
        value["serials"] = _serials(
            texts(declared.detail["serials"]), texts(counted_at(counted).detail["serials"])
        )
    answers = [each.differs for each in found.values()]
    differs: bool | None = None
    if True in answers:
        differs = True
    elif found and newest is counted and None not in answers:
        differs = False
    if differs is None:
        value["obligation"] = "not verified"
        value["follow_up"] = _follow_up(site)
    return Asked(
        text="a category was counted, and surely differs from the inventory",
        value=value,
        holds=differs,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.OBSERVATION,
    )


def _visits(site: _Site, rule: Rule, as_of: datetime) -> Json:
    """Return the newest visit, and whether the next one is overdue: a matter of the monitors."""
    newest = site.newest
    since = None
    if newest is not None:
        since = counted_at(newest).at
    elif site.inventory is not None:
        since = site.inventory.opening.at
    told: dict[str, Json] = {
        "newest": None if newest is None else newest.id,
        "state": "no visit" if newest is None else newest.state,
    }
    if newest is not None:
        told["at"] = instant_text(counted_at(newest).at)
    if rule.visit_every_d is not None and since is not None:
        days = round((as_of - since).total_seconds() / _DAY_S, 2)
        told["days_since"] = days
        told["due_every_days"] = rule.visit_every_d
        told["overdue"] = days > rule.visit_every_d
    return told


def _follow_up(site: _Site) -> str:
    """Return the visit that is to follow: one that is planned, or that one is needed."""
    newest = site.newest
    follows = newest and next(
        (each for each in site.open if each.opening.detail["follows"] == newest.entry), None
    )
    planned = follows or (site.open[0] if site.open else None)
    return f"visit planned: {planned.id}" if planned else "visit needed"


def _serials(declared: tuple[str, ...], read: tuple[str, ...]) -> Json:
    return {
        "declared_not_read": [*sorted(set(declared) - set(read))],
        "read_not_declared": [*sorted(set(read) - set(declared))],
    }
