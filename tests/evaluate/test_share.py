"""Exact intervals of a share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from trucewatch.evaluate.share import Share, exact_share


def test_equals_a_published_interval() -> None:
    share = exact_share(4, 20)

    # Clopper and Pearson's own method, as tabulated for 4 of 20.
    assert (round(share.low_p, 4), round(share.high_p, 4)) == (0.0573, 0.4366)


@given(st.integers(1, 300).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_ends_are_where_the_count_would_be_surprising(case: tuple[int, int]) -> None:
    count, of = case

    share = exact_share(count, of)

    assert 0.0 <= share.low_p <= count / of <= share.high_p <= 1.0
    assert share.value_p == count / of
    if count:
        assert binom.sf(count - 1, of, share.low_p) == pytest.approx(0.025)
    if count < of:
        assert binom.cdf(count, of, share.high_p) == pytest.approx(0.025)


@given(st.integers(0, 200))
def test_a_share_and_its_opposite_mirror_each_other(count: int) -> None:
    share, opposite = exact_share(count, 200), exact_share(200 - count, 200)

    assert share.low_p == pytest.approx(1 - opposite.high_p)


def test_nothing_tried_says_nothing() -> None:
    assert exact_share(0, 0) == Share(value_p=None, low_p=0.0, high_p=1.0)
