"""Fifth stop: the parties change places in every text, and every outcome follows them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trucewatch.agreement.parse import parse
from trucewatch.agreement.party import Role
from trucewatch.agreement.version import successive
from trucewatch.assess import assess
from trucewatch.errors import BadMission
from trucewatch.mission.configuration import versions
from trucewatch.mission.covered import size_of
from trucewatch.mission.known import facts
from trucewatch.mission.opened import reading
from trucewatch.mission.tour_stop import Line, Stop, prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from trucewatch.agreement.version import Version
    from trucewatch.mission.home import Home
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record, Step

_PARTIES = 2
_ROW = ("subject", "rule", "agreement_version", "measured_from", "outcome", "why", "trace")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Two names that change places.

    Attributes:
        one: A party, by id.
        other: The other.
    """

    one: str
    other: str

    def text(self, text: str) -> str:
        """Return a text with each name in the place of the other."""
        names = {self.one: self.other, self.other: self.one}
        pattern = rf"\b({re.escape(self.one)}|{re.escape(self.other)})\b"
        return re.sub(pattern, lambda found: names[found[0]], text)

    def json(self, told: Json) -> Json:
        """Return a plain value with each name in the place of the other."""
        if isinstance(told, str):
            return self.text(told)
        if isinstance(told, dict):
            return {self.text(key): self.json(each) for key, each in told.items()}
        if isinstance(told, list | tuple):
            return [self.json(each) for each in told]
        return told

    def record(self, record: Record) -> Record:
        """Return a record of the logbook with the parties exchanged."""
        return replace(record, steps=tuple(self._step(each) for each in record.steps))

    def _step(self, step: Step) -> Step:
        detail = {key: self.json(each) for key, each in step.detail.items()}
        return replace(step, detail=detail, note=self.text(step.note))


def stop_swap(number: int, home: Home) -> Stop:
    """Return what becomes of all outcomes when the two parties change places.

    Args:
        number: Of the stop.
        home: A mission that has run.
    """
    with reading(home) as (log, there):
        size = size_of(log, there)
        texts = versions(log, size)
        raws = [log.object(each.object) for each in texts]
        incidents = there.desk.read("incident")
        known = facts((there.archive, there.desk), log, size, incidents=incidents)
        sealed = there.desk.read("assessment")
    exchange = _exchange(texts[-1])
    swapped = successive(
        [
            (parse(exchange.text(raw.decode()).encode(), name="exchanged"), each.object)
            for raw, each in zip(raws, texts, strict=True)
        ]
    )
    turned = replace(known, logbook=tuple(exchange.record(each) for each in known.logbook))
    found = _found(exchange, sealed, _compared(exchange, (known, turned), (texts, swapped)))
    return Stop(
        number=number,
        title="The parties change places",
        lines=tuple(_said(found)),
        found=found,
        commands=(f"assessments {home.path}",),
    )


def _exchange(version: Version) -> Exchange:
    """Return the parties of a text.

    Raises:
        BadMission: They are not two.
    """
    parties = [each.id for each in version.agreement.parties if each.role is Role.PARTY]
    if len(parties) != _PARTIES:
        problem = f"has {len(parties)} parties, expected two that can change places"
        raise BadMission(version.agreement.id, problem)
    return Exchange(*parties)


def _lean(texts: Sequence[Version], party: str) -> tuple[Version, ...]:
    """Return the texts with the duty to give notice put on one party alone."""
    return tuple(
        replace(
            each,
            agreement=replace(
                each.agreement,
                rules=tuple(
                    replace(rule, who=(party,)) if rule.notice else rule
                    for rule in each.agreement.rules
                ),
            ),
        )
        for each in texts
    )


def _compared(
    exchange: Exchange,
    facts_: tuple[Facts, Facts],
    texts: tuple[Sequence[Version], Sequence[Version]],
) -> dict[str, Json]:
    """Return how many rows there are and how many differ, in three comparisons.

    Args:
        exchange: The parties.
        facts_: As they are, and exchanged.
        texts: As they are, and exchanged.
    """
    known, turned = facts_
    plain, swapped = texts
    giver = exchange.one
    for record in known.records("notification"):
        giver = str(record.opening.detail["party"])
    lean, lean_swapped = _lean(plain, giver), _lean(swapped, exchange.text(giver))
    pairs = {
        "mirrored": (assess(known, versions=plain), assess(turned, versions=swapped)),
        "lean_mirrored": (assess(known, versions=lean), assess(turned, versions=lean_swapped)),
        "lean_kept": (assess(known, versions=lean), assess(turned, versions=lean)),
    }
    found: dict[str, Json] = {"bound_alone": giver}
    for name, (one, other) in pairs.items():
        found[name] = {"rows": len(one), "differ": _differ(exchange, one, other)}
    return found


def _differ(exchange: Exchange, one: pl.DataFrame, other: pl.DataFrame) -> int:
    """Return how many rows one table has and the other, its names exchanged back, has not."""
    rows = [*one.select(_ROW).iter_rows()]
    back = [(*row[:-1], exchange.text(str(row[-1]))) for row in other.select(_ROW).iter_rows()]
    return len({*rows} ^ {*back})


def _found(exchange: Exchange, sealed: pl.DataFrame, compared: dict[str, Json]) -> dict[str, Json]:
    outcomes = sealed.group_by("outcome").len().sort("outcome").rows()
    named = sealed["trace"].str.contains(rf"\b({exchange.one}|{exchange.other})\b").sum()
    return {
        "parties": [exchange.one, exchange.other],
        "outcomes": {str(outcome): int(rows) for outcome, rows in outcomes},
        "traces_that_name_a_party": int(named),
        **compared,
    }


def _said(found: Mapping[str, Json]) -> Iterator[Line]:
    parties, outcomes = found["parties"], found["outcomes"]
    if not (isinstance(parties, list) and isinstance(outcomes, dict)):
        return
    one, other = parties
    yield from prose(
        f"{one} becomes {other} and {other} becomes {one}: in every version of the agreement, and"
        " in every act of the logbook. Then everything is assessed again."
    )
    yield Line()
    for name, rows in outcomes.items():
        yield Line(f"  {name.replace('_', ' '):20}{rows:>6}")
    yield Line()
    alone = found["bound_alone"]
    for key, words in (
        ("mirrored", "text and logbook exchanged"),
        ("lean_mirrored", f"the same with a text that asks notice of {alone} alone"),
        ("lean_kept", "that leaning text kept, the logbook alone exchanged"),
    ):
        told = found[key]
        if isinstance(told, dict):
            yield Line(f"  {words:58}{told['rows']:>5} rows, {told['differ']} differ")
    yield Line()
    yield from prose(
        "The last line is the control: where a text does lean, the comparison shows it. Of all"
        f" these outcomes {found['traces_that_name_a_party']} name a party: software sorts what"
        " happened, and who did it is for people to find."
    )
