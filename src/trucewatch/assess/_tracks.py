"""Passages of craft: what rules on flights and vessels are asked of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.force import Force, in_force, window
from trucewatch.assess._force import in_words
from trucewatch.assess._place import points_inside_p
from trucewatch.assess._verdict import Asked
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.table import ASSESSMENT, conform, empty

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.agreement.zone import Zone
    from trucewatch.assess._known import Known
    from trucewatch.assess._verdict import Verdict

    Floats = NDArray[np.float64]

PASSAGE_GAP_H = 1.0
"""Fixes of one craft further apart in time belong to two passages: it may have landed.

Longer than the silences of trackers on the move, shorter than a turn-round; chosen, not measured.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One uninterrupted way of one craft.

    Attributes:
        id: `track-NAME-TIME`, the time of its first fix.
        craft: What it is, as the sensor says.
        fixes: Rows of `records.table.TRACK`, by time; of two at one time one is kept.
        sensors: How many sensors saw it.
    """

    id: str
    craft: str
    fixes: pl.DataFrame
    sensors: int

    @property
    def time_s(self) -> Floats:
        """Times of the fixes, seconds since 1970 UTC."""
        return self.fixes["time"].dt.epoch("us").to_numpy() / 1e6

    def points(self) -> pl.DataFrame:
        """Return the fixes with the covariance that `_place.points_inside_p` asks for."""
        variance_m2 = pl.col("sigma_m") ** 2
        return self.fixes.with_columns(
            variance_m2.alias("cov_ee_m2"),
            pl.lit(0.0).alias("cov_en_m2"),
            variance_m2.alias("cov_nn_m2"),
        )


def passages(known: Known) -> tuple[Passage, ...]:
    """Return every passage, by craft and time.

    Two sensors that give the same name mean the same craft: a name is that which the craft itself
    sends, such as a hull number or the address of its transponder.
    """
    return known.once("passages", partial(_passages, known))


def _passages(known: Known) -> tuple[Passage, ...]:
    tracks = known.facts.tracks.sort("track", "time", "sensor", "object", "row")
    late = pl.col("time").diff() > timedelta(hours=PASSAGE_GAP_H)
    numbered = tracks.with_columns(
        late.fill_null(value=False).cum_sum().over("track").alias("passage")
    )
    found = []
    for each in numbered.partition_by("track", "passage", maintain_order=True):
        track, start = each.select("track", "time").row(0)
        id_ = f"track-{track}-{start:%Y%m%dT%H%M%SZ}"
        fixes = each.drop("passage").unique("time", keep="first", maintain_order=True)
        sensors = each["sensor"].n_unique()
        found.append(Passage(id=id_, craft=each["craft"][0], fixes=fixes, sensors=sensors))
    return tuple(found)


def inside_p(passage: Passage, version: Version, zone: Zone) -> Floats:
    """Return P(inside the zone on the ground) of each fix."""
    return points_inside_p(passage.points(), version, zone).to_numpy()


def span(passage: Passage, near: NDArray[np.bool_]) -> tuple[datetime, datetime]:
    """Return the times of the first and the last fix of those that are meant, or of all."""
    times = passage.fixes["time"].filter(pl.Series(near)) if near.any() else passage.fixes["time"]
    start, end = times.min(), times.max()
    assert isinstance(start, datetime)  # noqa: S101 - a passage has a fix
    assert isinstance(end, datetime)  # noqa: S101
    return start.astimezone(UTC), end.astimezone(UTC)


def force_asked(version: Version, zone: Zone, during: tuple[datetime, datetime]) -> Asked:
    """Return whether the rule held over all of a time."""
    held = window(version.agreement, zone)
    force = Force.NO if held is None else _force(version, held, during)
    return Asked(
        text=f"in force over the whole time in the zone ({in_words(held)})",
        value=str(force),
        holds=None if force is Force.PARTLY else force is Force.YES,
        refuted=Outcome.NO_RULE,
        unknown=Missing.TIME,
    )


def _force(
    version: Version, held: tuple[datetime, datetime | None], during: tuple[datetime, datetime]
) -> Force:
    bounded = replace(version.agreement, effective=held[0], expires=held[1])
    return in_force(bounded, *during)


def terms_asked(rule: Rule, version: Version) -> Asked:
    """Return whether every term that the rule rests on is defined."""
    terms = version.agreement.definitions
    unclear = [term for term in rule.terms if terms[term].state is not Clarity.DEFINED]
    return Asked(
        text="every term that the rule rests on is defined",
        value=f"unclear: {', '.join(unclear)}" if unclear else "all defined",
        holds=None if unclear else True,
        refuted=Outcome.CONSISTENT,  # never: a term is defined, or its meaning is unknown
        unknown=Missing.DEFINITION,
    )


def sensors_asked(rule: Rule, passage: Passage) -> Asked:
    """Return whether enough sensors saw it for a breach on its face."""
    least = rule.thresholds.independent_min
    return Asked(
        text=f"on its face: independent sensors are at least {least}",
        value=passage.sensors,
        holds=passage.sensors >= least,
        refuted=Outcome.POTENTIAL_BREACH,
    )


def rows(
    known: Known,
    rule: Rule,
    version: Version,
    judge: Callable[[Passage], tuple[Verdict, float, tuple[datetime, datetime]] | None],
) -> pl.DataFrame:
    """Return the assessments of all passages that `judge` has something to say of."""
    found: list[dict[str, object]] = []
    for passage in passages(known):
        judged = judge(passage)
        if judged is None:
            continue
        verdict, chance_p, (start, end) = judged
        found.append({
            "subject": passage.id,
            "subject_kind": "track",
            "rule": rule.id,
            "agreement": version.object,
            "agreement_version": version.agreement.version,
            "measured_from": "",
            "time_start": start,
            "time_end": end,
            "outcome": str(verdict.outcome),
            "why": verdict.why,
            "inside_p": chance_p,
            "trace": verdict.trace,
        })  # fmt: skip
    if not found:
        return empty(ASSESSMENT)
    return conform(pl.DataFrame(found, schema_overrides=_typed(ASSESSMENT)), ASSESSMENT)


def _typed(schema: dict[str, pl.DataType]) -> dict[str, pl.DataType]:
    return {name: kind for name, kind in schema.items() if name != "agreement"}


def sure(chances_p: Sequence[float], rule: Rule) -> bool | None:
    """Return whether the greatest of several chances counts as inside, outside, or neither.

    One of many looks is likelier to be far off than one look, so each must be surer: the share of
    doubt that the rule allows is divided by their number.
    """
    limits, many = rule.thresholds, max(len(chances_p), 1)
    greatest_p = max(chances_p, default=0.0)
    if greatest_p >= 1 - (1 - limits.inside_p_min) / many:
        return True
    return False if greatest_p <= limits.outside_p_max else None
