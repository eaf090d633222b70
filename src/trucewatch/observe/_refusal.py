"""Judging rows: each fault has a test and a sentence, and every row is accepted or refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.batch import Batch
from trucewatch.records.instant import instant_text
from trucewatch.records.table import OBSERVATION, REFUSED, TIME, conform, empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.records.source import Source

SHOWN_CHARACTERS = 40  # a value longer than this is cut in a message: it must fit a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a whole file was refused.

    Attributes:
        line: Line of the unpacked file, from 1.
        problem: What was wrong, what was expected.
    """

    line: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that may be wrong with a row.

    Attributes:
        bad: True where it is wrong; null counts as right.
        problem: The sentence for such a row.
    """

    bad: pl.Expr
    problem: pl.Expr


def shown(column: str) -> pl.Expr:
    """Return the text of a column for a message: as written, cut, without control characters."""
    text = pl.col(column).str.replace_all(r"\p{C}", "?")
    cut = pl.concat_str(text.str.head(SHOWN_CHARACTERS), pl.lit("..."))
    return (
        pl.when(text.is_null())
        .then(pl.lit("empty"))
        .when(text.str.len_chars() > SHOWN_CHARACTERS)
        .then(cut)
        .otherwise(text)
    )


def must_be(column: str, expected: str, *, bad: pl.Expr) -> Check:
    """Return a check whose sentence reads `COLUMN is VALUE, must be EXPECTED`."""
    return Check(bad=bad, problem=pl.format(f"{column} is {{}}, must be {expected}", shown(column)))


def unlike(rows: pl.DataFrame, column: str, form: str) -> pl.Expr:
    """Return where a text does not match a regular expression; null where there is no text.

    Each distinct text is matched once first: dates and clock times repeat, and when all match, as
    they do in a sound file, no row has to be looked at.
    """
    if rows.get_column(column).unique().str.contains(form).all():
        return pl.lit(value=False)
    return ~pl.col(column).str.contains(form)


def judge(rows: pl.DataFrame, checks: Sequence[Check]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split rows into the accepted ones and the refused ones.

    Args:
        rows: Has the columns `row` and `line`.
        checks: In order of precedence: a refused row carries the sentence of the first that holds.

    Returns:
        The accepted rows with all their columns, and a `REFUSED` table; both in file order.
    """
    faults = rows.select(check.bad.any().alias(f"{at}") for at, check in enumerate(checks)).row(0)
    held = [check for check, fault in zip(checks, faults, strict=True) if fault]
    if not held:
        return rows, empty(REFUSED)
    problem = pl.coalesce(pl.when(check.bad).then(check.problem) for check in held)
    judged = rows.with_columns(problem=problem)
    accepted = judged.filter(pl.col("problem").is_null()).drop("problem")
    return accepted, conform(judged.filter(pl.col("problem").is_not_null()), REFUSED)


def join_refused(*tables: pl.DataFrame) -> pl.DataFrame:
    """Return refused rows of several steps as one `REFUSED` table in file order."""
    return pl.concat(tables).sort("line", maintain_order=True)


def refuse_file(refusal: Refusal, features: Mapping[str, pl.DataType]) -> Batch:
    """Return the batch of a file that was refused whole.

    Args:
        refusal: The line and the reason.
        features: Fields of the sensor's `features` struct, so that the empty table has them too.
    """
    observations = empty({**OBSERVATION, "features": pl.Struct(dict(features))})
    found = {"row": [None], "line": [refusal.line], "problem": [refusal.problem]}
    return Batch(observations=observations, refused=pl.DataFrame(found, schema=REFUSED))


def number_repeats(rows: pl.DataFrame, form: str, columns: Sequence[str]) -> pl.Series:
    """Return a key for each row that ends in `|K`, its ordinal among equal keys in this file.

    Args:
        rows: In file order.
        form: What `polars.format` fills from `columns`, without the ordinal.
        columns: Text or integer columns without nulls.
    """
    keys = rows.select(pl.format(form + "|0", *columns).alias("dedup_key")).to_series()
    if keys.hash().n_unique() == len(keys):  # equal keys have equal hashes: none is repeated
        return keys
    ordinal = pl.int_range(pl.len()).over(columns)
    return rows.select(pl.format(form + "|{}", *columns, ordinal).alias("dedup_key")).to_series()


def not_in_future(source: Source) -> Check:
    """Return the check that `time_start` is not after the moment when the file was logged."""
    text = pl.col("time_start").dt.to_string("%Y-%m-%dT%H:%M:%SZ")
    logged = instant_text(source.logged_at)
    return Check(
        bad=pl.col("time_start") > pl.lit(source.logged_at, TIME),
        problem=pl.format(f"time is {{}}, in the future of the log, must be up to {logged}", text),
    )
