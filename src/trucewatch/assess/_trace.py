"""Why an assessment reads as it does: a numbered list of conditions, as canonical JSON.

Text is built column by column, for all incidents at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

DECIMALS = 6
"""Digits to which a probability is rounded before it decides, so that what is shown decided."""

_ONE = 10**DECIMALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One step of an assessment.

    Attributes:
        text: What is asked, with its bound, such as `P(inside Z_SEC) is at least 0.95`.
        value: Expression of JSON text: what was found.
        holds: Expression of a truth value; null when software cannot say.
        refuted: The outcome when it does not hold.
        unknown: What is missing when software cannot say, or None where it always can.
    """

    text: str
    value: pl.Expr
    holds: pl.Expr
    refuted: Outcome
    unknown: Missing | None = None


def settle(conditions: Sequence[Condition], *, met: Outcome) -> tuple[pl.Expr, pl.Expr]:
    """Return the expressions of outcome and of what is missing.

    The first condition that does not hold, or that is unknown, settles them; `met` is the outcome
    when all hold. So the outcome follows from the column `holds` of the trace alone.
    """
    outcome, why = pl.lit(str(met)), pl.lit("")
    for condition in reversed(conditions):
        unknown, missing = condition.holds.is_null(), condition.unknown or ""
        refuted = condition.holds.eq(other=False)
        outcome = (
            pl.when(unknown)
            .then(pl.lit(str(Outcome.INDETERMINATE)))
            .when(refuted)
            .then(pl.lit(str(condition.refuted)))
            .otherwise(outcome)
        )
        why = (
            pl.when(unknown)
            .then(pl.lit(str(missing)))
            .when(refuted)
            .then(pl.lit(""))
            .otherwise(why)
        )
    return outcome, why


def trace(conditions: Sequence[Condition]) -> pl.Expr:
    """Return the expression of the trace: canonical JSON `[{condition, holds, value}, ...]`.

    `holds` is true, false, or null for unknown. Conditions are numbered from 1. Those after the
    one that settled the outcome are listed too, since their values are known.
    """
    parts: list[pl.Expr] = []
    for number, condition in enumerate(conditions, start=1):
        text = canonical(f"{number}. {condition.text}").decode()
        opening = "[" if number == 1 else ","
        parts += [
            pl.lit(f'{opening}{{"condition":{text},"holds":'),
            _json_truth(condition.holds),
            pl.lit(',"value":'),
            condition.value,
            pl.lit("}"),
        ]
    return pl.concat_str([*parts, pl.lit("]")])


def json_p(probability: pl.Expr) -> pl.Expr:
    """Return a probability, already rounded to `DECIMALS`, as a canonical JSON number or null."""
    millionths = (probability * _ONE).round().cast(pl.Int64)
    digits = millionths.cast(pl.String).str.zfill(DECIMALS).str.strip_chars_end("0")
    return (
        pl.when(probability.is_null())
        .then(pl.lit("null"))
        .when(millionths <= 0)
        .then(pl.lit("0"))
        .when(millionths >= _ONE)
        .then(pl.lit("1"))
        .otherwise(pl.lit("0.") + digits)
    )


def json_count(count: pl.Expr) -> pl.Expr:
    """Return a whole number as a JSON number or null."""
    return count.cast(pl.String).fill_null("null")


def json_word(word: pl.Expr) -> pl.Expr:
    """Return a word of plain letters as a JSON text."""
    return pl.lit('"') + word + pl.lit('"')


def json_text(text: str) -> pl.Expr:
    """Return one and the same text as a JSON text."""
    return pl.lit(canonical(text).decode())


def _json_truth(truth: pl.Expr) -> pl.Expr:
    return (
        pl.when(truth.is_null())
        .then(pl.lit("null"))
        .when(truth)
        .then(pl.lit("true"))
        .otherwise(pl.lit("false"))
    )
