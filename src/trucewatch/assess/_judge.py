"""Incidents set against a rule that forbids an act: what is asked alike by all kinds of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.force import window
from trucewatch.agreement.rule import Modality
from trucewatch.assess._act import act_share_p
from trucewatch.assess._exempt import (
    ASKED_TEXT,
    OPEN_TEXT,
    Ledger,
    Subject,
    none_open,
    one,
    tried_in,
)
from trucewatch.assess._force import force, force_condition, unless
from trucewatch.assess._place import PLACE
from trucewatch.assess._trace import (
    DECIMALS,
    Condition,
    answer,
    json_count,
    json_p,
    json_text,
)
from trucewatch.errors import BadAgreement
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.canonical import canonical
from trucewatch.records.table import ASSESSMENT, conform

if TYPE_CHECKING:
    from trucewatch.agreement.rule import Rule, Thresholds
    from trucewatch.agreement.version import Version
    from trucewatch.assess._known import Known


class Where(NamedTuple):
    """Where and when a rule holds, as far as one kind of rule asks for it.

    Attributes:
        columns: One value per incident of `known.facts`, named as the conditions name them;
            `inside_p` is among them.
        applies: What is asked of them first.
        after: What is asked of them once it is known what was done.
        hide: Columns that are null in the end, since their values may not be told.
    """

    columns: pl.DataFrame
    applies: tuple[Condition, ...]
    after: tuple[Condition, ...] = ()
    hide: tuple[str, ...] = ()


def judged(known: Known, *, rule: Rule, version: Version, where: Where) -> pl.DataFrame:
    """Return one assessment per incident that the version is set against.

    Raises:
        BadAgreement: The rule does not forbid.
    """
    if rule.modality is not Modality.FORBIDDEN:
        place = f"{version.agreement.id}: rule {rule.id}"
        raise BadAgreement(place, f"modality is {rule.modality}, must be F for {rule.kind}")
    asked = known.facts.incidents.select(
        pl.col("id").alias("subject"),
        *("time_start", "time_end", "independent", *PLACE),
        pl.col("real_p").round(DECIMALS),
        *where.columns,
        *act_share_p(known.shares, rule.acts),
    ).filter(known.judged(version))
    conditions = (
        *where.applies,
        *meant(rule, version),
        *where.after,
        *exempt(known, rule, version),
        *on_its_face(rule.thresholds),
    )
    answered = answer(asked, conditions, met=Outcome.BREACH_ON_ITS_FACE)
    return conform(
        answered.with_columns(
            pl.lit("incident").alias("subject_kind"),
            pl.lit(rule.id).alias("rule"),
            pl.lit(version.object).alias("agreement"),
            pl.lit(version.agreement.version).alias("agreement_version"),
            pl.lit("").alias("measured_from"),
            *(pl.lit(None).alias(name) for name in where.hide),
        ),
        ASSESSMENT,
    )


def in_zone(known: Known, rule: Rule, version: Version) -> Where:
    """Return that a rule holds in its zone, while that is valid."""
    zone = version.agreement.zone(rule.zone)
    in_force_over = window(version.agreement, zone)
    columns = force(known.facts.incidents, in_force_over).with_columns(
        known.incident_inside_p(version, zone).alias("inside_p")
    )
    asked = inside(rule, rule.zone, restricted=zone.restricted)
    hide = ("inside_p",) if zone.restricted else ()
    return Where(columns, (force_condition(in_force_over), asked), hide=hide)


def meant(rule: Rule, version: Version) -> tuple[Condition, ...]:
    """Return whether what was done is what the rule speaks of."""
    sure_p, potential_p = rule.thresholds.act_p_on_its_face, rule.thresholds.act_p_potential
    act_p, other_p = pl.col("act_p"), pl.col("other_p")
    unsaid = (act_p < potential_p) & (other_p <= sure_p)
    definitions = version.agreement.definitions
    unclear = [term for term in rule.terms if definitions[term].state is not Clarity.DEFINED]
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
            holds=unless(unsaid, act_p >= potential_p),
            refuted=Outcome.CONSISTENT,
            unknown=Missing.WEAPON,
        ),
    )


def inside(rule: Rule, of: str, *, restricted: bool = False) -> Condition:
    """Return whether it lies inside; see column `inside_p`.

    Args:
        rule: The rule, for its bounds.
        of: What it is to lie inside, in words.
        restricted: Whether the place of that may not be told; then no number is given, since
            chances of many incidents would draw it.
    """
    low_p, high_p = rule.thresholds.outside_p_max, rule.thresholds.inside_p_min
    inside_p = pl.col("inside_p")
    between = inside_p.is_between(low_p, high_p, closed="none")
    return Condition(
        text=f"P(inside {of}) is at least {high_p:g} (at most {low_p:g} is outside)",
        value=json_text("restricted") if restricted else json_p(inside_p),
        holds=unless(between, inside_p >= high_p),
        refuted=Outcome.CONSISTENT,
        unknown=Missing.LOCATION,
    )


def exempt(known: Known, rule: Rule, version: Version) -> tuple[Condition, ...]:
    """Return whether no exemption applies, and whether none may; see `_exempt`."""
    if not rule.exemptions:
        return ()
    ledger = Ledger(known.facts, rule, version, shares=lambda: known.shares)
    return (
        Condition(
            text=ASKED_TEXT,
            value=pl.col("exemptions"),
            holds=pl.col("exempt_by") == "",
            refuted=Outcome.EXEMPT,
            why=pl.col("exempt_by"),
            look=lambda rows: _with_exemptions(rows, ledger),
        ),
        Condition(
            text=OPEN_TEXT,
            value=pl.col("exemptions_open"),
            holds=pl.col("exemptions_open") == "[]",
            refuted=Outcome.POTENTIAL_BREACH,
        ),
    )


def _with_exemptions(rows: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Return rows with the exemption that each falls under, and what was asked, as JSON."""
    held, values, opened = [], [], []
    for row in rows.select("subject", "time_start", "time_end", *PLACE).iter_rows(named=True):
        subject = Subject(
            kind="incident",
            id=row.pop("subject"),
            start=row.pop("time_start"),
            end=row.pop("time_end"),
            **row,
        )
        by, told = tried_in(ledger, subject)
        held.append(by)
        values.append(canonical(one(by, told).value).decode())
        opened.append(canonical(none_open(told).value).decode())
    return rows.with_columns(
        pl.Series("exempt_by", held, dtype=pl.String),
        pl.Series("exemptions", values, dtype=pl.String),
        pl.Series("exemptions_open", opened, dtype=pl.String),
    )


def on_its_face(limits: Thresholds) -> tuple[Condition, ...]:
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
