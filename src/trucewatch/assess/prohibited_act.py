"""An act that is forbidden in a zone, such as fire in a security zone.

Conditions are asked in order; the first that does not hold settles the outcome, and all are listed
in the trace with what was found. Nobody's side is looked at, so the answer cannot hang on it.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.force import Force, window
from trucewatch.agreement.rule import Modality
from trucewatch.assess._act import act_share_p
from trucewatch.assess._place import zone_inside_p
from trucewatch.assess._trace import (
    DECIMALS,
    Condition,
    json_count,
    json_p,
    json_text,
    json_word,
    settle,
    trace,
)
from trucewatch.errors import BadAgreement
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.instant import instant_text
from trucewatch.records.table import ASSESSMENT, TIME, conform

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.rule import Rule, Thresholds

    Window = tuple[datetime, datetime | None] | None


def check(
    incidents: pl.DataFrame, *, rule: Rule, agreement: Agreement, agreement_object: str
) -> pl.DataFrame:
    """Return one assessment per incident.

    1. The agreement is in force, and the zone valid, over the whole 95 % time interval of the
       incident: not at all gives `no_rule`, in part `indeterminate(time)`.
    2. P(inside the zone): at most `outside_p_max` gives `consistent`, less than `inside_p_min`
       or no position `indeterminate(location)`.
    3. Every term that the rule rests on is defined: else `indeterminate(definition)`.
    4. P(another act) is at most `act_p_on_its_face`: else `consistent`.
    5. P(act of the rule) is at least `act_p_potential`: else `indeterminate(weapon)`.
    6. to 8. P(act of the rule), independent sources and P(real) suffice for a
       `breach_on_its_face`: else `potential_breach`.

    Args:
        incidents: `records.table.INCIDENT`, any order.
        rule: A rule of this kind.
        agreement: The agreement that it is in.
        agreement_object: SHA-256 of the sealed agreement, lowercase hex.

    Returns:
        `records.table.ASSESSMENT`, in the order of the incidents. `inside_p` is given whether or
        not the agreement is in force, and null without a position.

    Raises:
        BadAgreement: The rule does not forbid.
    """
    if rule.modality is not Modality.FORBIDDEN:
        where = f"{agreement.id}: rule {rule.id}"
        raise BadAgreement(where, f"modality is {rule.modality}, must be F for {rule.kind}")
    zone = agreement.zone(rule.zone)
    in_force_over = window(agreement, zone)
    unclear = [
        term for term in rule.terms if agreement.definitions[term].state is not Clarity.DEFINED
    ]
    asked = incidents.select(
        pl.col("id").alias("incident"),
        _force(in_force_over).alias("force"),
        pl.col("independent"),
        pl.col("real_p").round(DECIMALS),
        zone_inside_p(incidents, zone),
        *act_share_p(incidents, rule.acts),
    )
    conditions = _conditions(rule, in_force_over, unclear)
    outcome, why = settle(conditions, met=Outcome.BREACH_ON_ITS_FACE)
    answered = asked.with_columns(
        pl.lit(rule.id).alias("rule"),
        pl.lit(agreement_object).alias("agreement"),
        pl.lit(agreement.version).alias("agreement_version"),
        outcome.alias("outcome"),
        why.alias("why"),
        trace(conditions).alias("trace"),
    )
    return conform(answered, ASSESSMENT)


def _force(in_force_over: Window) -> pl.Expr:
    """Return over how much of its time interval each incident fell under the rule: a `Force`."""
    if in_force_over is None:
        return pl.lit(str(Force.NO))
    start, end = pl.col("time_start"), pl.col("time_end")
    since = pl.lit(in_force_over[0].astimezone(UTC), dtype=TIME)
    ended, ends_within = pl.lit(value=False), pl.lit(value=True)
    if in_force_over[1] is not None:
        until = pl.lit(in_force_over[1].astimezone(UTC), dtype=TIME)
        ended, ends_within = start >= until, end < until
    return (
        pl.when((end < since) | ended)
        .then(pl.lit(str(Force.NO)))
        .when((start >= since) & ends_within)
        .then(pl.lit(str(Force.YES)))
        .otherwise(pl.lit(str(Force.PARTLY)))
    )


def _conditions(rule: Rule, in_force_over: Window, unclear: list[str]) -> tuple[Condition, ...]:
    """Return what is asked, in order; numbers are those of `check`."""
    return (
        *_applies(rule, in_force_over),  # 1, 2
        *_meant(rule, unclear),  # 3, 4, 5
        *_on_its_face(rule.thresholds),  # 6, 7, 8
    )


def _applies(rule: Rule, in_force_over: Window) -> tuple[Condition, ...]:
    """Return whether the rule holds then and there."""
    low_p, high_p = rule.thresholds.outside_p_max, rule.thresholds.inside_p_min
    force, inside_p = pl.col("force"), pl.col("inside_p")
    between = inside_p.is_between(low_p, high_p, closed="none")
    return (
        Condition(
            text=f"in force over the whole time of the incident ({_in_words(in_force_over)})",
            value=json_word(force),
            holds=_unless(force == str(Force.PARTLY), force == str(Force.YES)),
            refuted=Outcome.NO_RULE,
            unknown=Missing.TIME,
        ),
        Condition(
            text=f"P(inside {rule.zone}) is at least {high_p:g} (at most {low_p:g} is outside)",
            value=json_p(inside_p),
            holds=_unless(between, inside_p >= high_p),
            refuted=Outcome.CONSISTENT,
            unknown=Missing.LOCATION,
        ),
    )


def _meant(rule: Rule, unclear: list[str]) -> tuple[Condition, ...]:
    """Return whether what was done is what the rule speaks of."""
    sure_p, potential_p = rule.thresholds.act_p_on_its_face, rule.thresholds.act_p_potential
    act_p, other_p = pl.col("act_p"), pl.col("other_p")
    unsaid = (act_p < potential_p) & (other_p <= sure_p)
    return (
        Condition(
            text="every term that the rule rests on is defined",
            value=json_text(f"unclear: {', '.join(unclear)}" if unclear else "all defined"),
            holds=pl.lit(None if unclear else True, dtype=pl.Boolean),
            refuted=Outcome.CONSISTENT,  # never: a term is defined, or its meaning is unknown
            unknown=Missing.DEFINITION,
        ),
        Condition(
            text=f"P(another act) is at most {sure_p:g}",
            value=json_p(other_p),
            holds=other_p <= sure_p,
            refuted=Outcome.CONSISTENT,
        ),
        Condition(
            text=f"P(act of the rule) is at least {potential_p:g}",
            value=json_p(act_p),
            holds=_unless(unsaid, act_p >= potential_p),
            refuted=Outcome.CONSISTENT,
            unknown=Missing.WEAPON,
        ),
    )


def _on_its_face(limits: Thresholds) -> tuple[Condition, ...]:
    """Return whether that is so clear that it reads as a breach before anyone has looked."""
    act_p, real_p, independent = pl.col("act_p"), pl.col("real_p"), pl.col("independent")
    return (
        Condition(
            text=f"on its face: P(act of the rule) is at least {limits.act_p_on_its_face:g}",
            value=json_p(act_p),
            holds=act_p >= limits.act_p_on_its_face,
            refuted=Outcome.POTENTIAL_BREACH,
        ),
        Condition(
            text=f"on its face: independent sources are at least {limits.independent_min}",
            value=json_count(independent),
            holds=independent >= limits.independent_min,
            refuted=Outcome.POTENTIAL_BREACH,
        ),
        Condition(
            text=f"on its face: P(something happened) is at least {limits.real_p_on_its_face:g}",
            value=json_p(real_p),
            holds=real_p >= limits.real_p_on_its_face,
            refuted=Outcome.POTENTIAL_BREACH,
        ),
    )


def _unless(unknown: pl.Expr, truth: pl.Expr) -> pl.Expr:
    """Return the truth value, or null where it is unknown."""
    return pl.when(unknown).then(pl.lit(None, dtype=pl.Boolean)).otherwise(truth)


def _in_words(in_force_over: Window) -> str:
    if in_force_over is None:
        return "never"
    since, until = in_force_over
    end = "" if until is None else f", before {instant_text(until)}"
    return f"from {instant_text(since)}{end}"
