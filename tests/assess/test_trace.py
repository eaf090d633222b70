"""Whole columns and single subjects are settled and told alike, in canonical JSON."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.assess._trace import Condition, answer
from trucewatch.assess._verdict import Asked, verdict
from trucewatch.records.assessment import Missing, Outcome

REFUTED = (Outcome.NO_RULE, Outcome.CONSISTENT, Outcome.POTENTIAL_BREACH)
UNKNOWN = (Missing.TIME, Missing.LOCATION, Missing.WEAPON)
truths = st.sampled_from([True, False, None])
rows = st.lists(st.tuples(*[st.tuples(truths, st.integers(0, 3))] * 3), max_size=40)


@settings(deadline=None)
@given(rows)
def test_columns_are_settled_as_single_subjects_are(given_rows: list) -> None:
    columns = {
        f"{name}{k}": [row[k][place] for row in given_rows]
        for place, name in enumerate(("holds", "value"))
        for k in range(3)
    }
    kinds = {name: pl.Boolean if name.startswith("holds") else pl.Int64 for name in columns}
    conditions = [
        Condition(
            text=f'asked "{k}"',
            value=pl.col(f"value{k}").cast(pl.String),
            holds=pl.col(f"holds{k}"),
            refuted=REFUTED[k],
            unknown=UNKNOWN[k],
        )
        for k in range(3)
    ]
    expected = [
        verdict(
            [
                Asked(
                    text=f'asked "{k}"',
                    value=value,
                    holds=holds,
                    refuted=REFUTED[k],
                    unknown=UNKNOWN[k],
                )
                for k, (holds, value) in enumerate(row)
            ],
            met=Outcome.BREACH_ON_ITS_FACE,
        )
        for row in given_rows
    ]

    found = answer(pl.DataFrame(columns, schema=kinds), conditions, met=Outcome.BREACH_ON_ITS_FACE)

    assert found.select("outcome", "why", "trace").rows() == [
        (str(each.outcome), each.why, each.trace) for each in expected
    ]


def test_looks_only_at_rows_that_are_still_in_question() -> None:
    looked: list[int] = []

    def look(left: pl.DataFrame) -> pl.DataFrame:
        looked.extend(left["n"])
        return left.with_columns(seen=pl.col("n") > 2)

    conditions = [
        Condition(
            text="n is even",
            value=pl.lit("null"),
            holds=pl.col("n") % 2 == 0,
            refuted=Outcome.CONSISTENT,
        ),
        Condition(
            text="n was seen",
            value=pl.lit("null"),
            holds=pl.col("seen"),
            refuted=Outcome.EXEMPT,
            why=pl.format("E_{}", "n"),
            look=look,
        ),
    ]

    found = answer(pl.DataFrame({"n": [1, 2, 3, 4]}), conditions, met=Outcome.POTENTIAL_BREACH)

    assert looked == [2, 4]
    assert found["outcome"].to_list() == ["consistent", "exempt", "consistent", "potential_breach"]
    assert found["why"].to_list() == ["", "E_2", "", ""]
