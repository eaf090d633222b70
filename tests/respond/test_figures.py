"""How long a response took: what was not done yet is not left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trucewatch.respond.figures import hours


def slow(took_h: list[float | None], share: float) -> float | None:
    """The least time after which at least this share of all had done it."""
    done = sorted(each for each in took_h if each is not None)
    for each in done:
        if sum(other <= each for other in done) >= share * len(took_h):
            return each
    return None


@given(st.lists(st.none() | st.integers(0, 90).map(float), max_size=30))
def test_percentiles_agree_with_a_count(took_h: list[float | None]) -> None:
    found = hours("reported", took_h)

    assert (found.of, found.done) == (len(took_h), len(took_h) - took_h.count(None))
    assert found.median_h == slow(took_h, 0.5)
    assert found.ninth_h == slow(took_h, 0.9)


def test_the_slow_ones_are_not_made_fast_by_leaving_them_out() -> None:
    found = hours("reported", [2.0, 3.0, None, None, None])

    assert (found.done, found.median_h, found.ninth_h) == (2, None, None)
