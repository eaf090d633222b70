"""Digests: equal when, and only when, tables are equal; tolerance is for floats alone."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.store.digest import differences, digest

TABLE = pl.DataFrame({"id": ["a", "b"], "x_m": [1.0, 2.0], "note": ["", None]})


@given(st.permutations(range(4)))
def test_the_order_of_rows_changes_no_digest(order: list[int]) -> None:
    table = pl.DataFrame({"id": list("abcd"), "x_m": [0.1, 0.2, 0.3, 0.4]})

    assert digest(table[order], ["id"]) == digest(table, ["id"])


@pytest.mark.parametrize(
    "other",
    [
        TABLE.with_columns(pl.Series("x_m", [1.0, 2.0000000000000004])),
        TABLE.with_columns(pl.Series("note", [None, ""])),
        TABLE.with_columns(pl.Series("id", ["a", "c"])),
        TABLE.head(1),
        TABLE.rename({"note": "remark"}),
    ],
    ids=["last bit of a float", "null and empty swapped", "text", "a row less", "a name"],
)
def test_any_change_changes_the_digest(other: pl.DataFrame) -> None:
    assert digest(other, ["id"]) != digest(TABLE, ["id"])


def described(**change: object) -> dict[str, dict[str, object]]:
    return {"incident": {"sha256": "a", "rows": 2, "words": "w", "sums": {"x_m": 3.0}} | change}


@pytest.mark.parametrize(
    ("theirs", "verdict"),
    [
        (described(), "same"),
        (described(sha256="b", sums={"x_m": 3.0 + 1e-12}), "within tolerance"),
        (described(sha256="b", sums={"x_m": 3.1}), "different"),
        (described(sha256="b", words="v"), "different"),
        (described(sha256="b", sums={}), "different"),
        ({}, "different"),
    ],
)
def test_only_floats_have_a_tolerance(theirs: dict[str, dict[str, object]], verdict: str) -> None:
    assert differences(described(), theirs) == {"incident": verdict}
