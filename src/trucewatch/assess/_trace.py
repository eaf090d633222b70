"""Why an assessment reads as it does: a numbered list of conditions, as canonical JSON.

Text is built column by column, for all incidents at once. `_verdict` does the same for one subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DECIMALS = 6
"""Digits to which a probability is rounded before it decides, so that what is shown decided."""

_ONE = 10**DECIMALS
_PLACE = "place in the table"
_UNLIKE_SHARE = 0.25  # traces are built once per different text while fewer rows than this differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One step of an assessment.

    Attributes:
        text: What is asked, with its bound, such as `P(inside Z_SEC) is at least 0.95`.
        value: Expression of JSON text: what was found.
        holds: Expression of a truth value; null when software cannot say.
        refuted: The outcome when it does not hold.
        unknown: What is missing when software cannot say, or None where it always can.
        why: Expression of the column `why` when it does not hold, or None for "".
        look: What adds columns that the expressions speak of to the rows that are still in
            question, or None; for what takes long to look up.
    """

    text: str
    value: pl.Expr
    holds: pl.Expr
    refuted: Outcome
    unknown: Missing | None = None
    why: pl.Expr | None = None
    look: Callable[[pl.DataFrame], pl.DataFrame] | None = None


def answer(asked: pl.DataFrame, conditions: Sequence[Condition], *, met: Outcome) -> pl.DataFrame:
    """Return a table with what the conditions make of each row.

    The first condition that does not hold, or that is unknown, settles the outcome; `met` is the
    outcome when all hold. So the outcome follows from the column `holds` of the trace alone. What
    comes after a condition that was refuted is not asked and not listed; what comes after one that
    is unknown is listed up to the next that is refuted. Rows with the same trace share its text.

    Args:
        asked: One row per subject, with the columns that the conditions speak of.
        conditions: In order.
        met: The outcome when all hold.

    Returns:
        The table with columns `outcome`, `why` and `trace`, in the same order.
    """
    left, told = asked.with_row_index(_PLACE), []
    for number, condition in enumerate(conditions):
        holds = _holds(number)
        left = left if condition.look is None else condition.look(left)
        left = left.with_columns(
            condition.holds.alias(_name("holds", number)),
            condition.value.alias(_name("value", number)),
        )
        refuted = holds.is_not_null() & ~holds
        told.append(_told(left.filter(refuted), conditions[: number + 1], met))
        left = left.filter(~refuted)
    told.append(_told(left, conditions, met))
    columns = [_PLACE, *asked.columns, "outcome", "why", "trace"]
    # in one piece, so that rows still share the text of their trace once they are sorted
    whole = pl.concat([each.select(columns) for each in told], rechunk=True)
    return whole.sort(_PLACE).drop(_PLACE)


def _told(rows: pl.DataFrame, conditions: Sequence[Condition], met: Outcome) -> pl.DataFrame:
    """Return rows, of which no more was asked than these conditions, with what follows for them."""
    outcome, why = _settled(conditions, met)
    names = [_name("value", number) for number in range(len(conditions))]
    names += [_name("holds", number) for number in range(len(conditions))]
    different = rows.select(names).unique()
    if len(different) > _UNLIKE_SHARE * len(rows):
        traced = rows.with_columns(_trace(conditions).alias("trace"))
    else:
        texts = different.with_columns(_trace(conditions).alias("trace"))
        traced = rows.join(texts, on=names, how="left", nulls_equal=True)
    return traced.with_columns(outcome.alias("outcome"), why.alias("why"))


def _settled(conditions: Sequence[Condition], met: Outcome) -> tuple[pl.Expr, pl.Expr]:
    """Return the expressions of outcome and of `why`."""
    outcome, why = pl.lit(str(met)), pl.lit("")
    for number, condition in reversed(list(enumerate(conditions))):
        unknown, refuted = _holds(number).is_null(), ~_holds(number)
        outcome = (
            pl.when(unknown)
            .then(pl.lit(str(Outcome.INDETERMINATE)))
            .when(refuted)
            .then(pl.lit(str(condition.refuted)))
            .otherwise(outcome)
        )
        why = (
            pl.when(unknown)
            .then(pl.lit(str(condition.unknown or "")))
            .when(refuted)
            .then(pl.lit("") if condition.why is None else condition.why)
            .otherwise(why)
        )
    return outcome, why


def _trace(conditions: Sequence[Condition]) -> pl.Expr:
    """Return the expression of the trace: canonical JSON `[{condition, holds, value}, ...]`.

    `holds` is true, false, or null for unknown. Conditions are numbered from 1.
    """
    parts: list[pl.Expr] = []
    for number, condition in enumerate(conditions):
        text = canonical(f"{number + 1}. {condition.text}").decode()
        parts += [
            pl.lit(f'{"," if number else "["}{{"condition":{text},"holds":'),
            _json_truth(_holds(number)),
            pl.lit(',"value":'),
            pl.col(_name("value", number)),
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


def _name(what: str, number: int) -> str:
    return f"{what} of condition {number}"


def _holds(number: int) -> pl.Expr:
    return pl.col(_name("holds", number))
