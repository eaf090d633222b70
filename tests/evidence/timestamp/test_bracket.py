from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.evidence.timestamp.bracket import bracket

LOGGED = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
TIMES = st.integers(-200_000, 200_000).map(lambda s: LOGGED + timedelta(seconds=s))
ANCHORS = st.lists(st.tuples(st.integers(0, 20), TIMES, st.sampled_from(["north", "south"])))


def after(seconds: int) -> datetime:
    return LOGGED + timedelta(seconds=seconds)


def test_the_earliest_outside_time_over_a_checkpoint_that_holds_the_entry_counts() -> None:
    anchors = [(40, after(5), "north"), (41, after(900), "south"), (99, after(600), "north")]

    found = bracket(40, LOGGED, anchors)

    assert (found.claimed, found.not_after, found.by) == (LOGGED, after(600), "north")
    assert (found.not_before, found.contradictions, found.remarks) == (None, (), ())


def test_without_outside_times_the_log_stands_alone() -> None:
    found = bracket(40, LOGGED, [(40, after(5), "north")])

    assert (found.not_after, found.by) == (None, "")
    assert found.remarks == ("no outside time covers it: the log's own clock is all there is",)


def test_a_late_proof_says_how_late() -> None:
    found = bracket(0, LOGGED, [(1, after(30 * 3600), "north")])

    assert found.remarks == ("proven only 30 hours later, by north",)
    assert found.contradictions == ()


def test_a_claim_that_is_later_than_the_proof_is_flagged() -> None:
    found = bracket(0, LOGGED, [(1, after(-61), "north")])

    assert found.contradictions == (
        "claims to be logged at 2026-06-27T16:30:00+00:00, "
        "but north had seen it by 2026-06-27T16:28:59+00:00",
    )


def test_a_claim_that_is_earlier_than_what_it_cites_is_flagged() -> None:
    found = bracket(0, LOGGED, [(1, after(600), "north")], seen=(7, after(300)))

    assert found.not_before == after(300)
    assert found.contradictions == (
        "claims to be logged at 2026-06-27T16:30:00+00:00, "
        "but cites a head of 2026-06-27T16:35:00+00:00",
    )


def test_a_head_that_is_later_than_the_proof_is_flagged() -> None:
    found = bracket(0, LOGGED, [(1, after(0), "north")], seen=(7, after(61)))

    assert len(found.contradictions) == 2
    assert found.contradictions[1] == (
        "cites a head of 2026-06-27T16:31:01+00:00, "
        "but north had seen it by 2026-06-27T16:30:00+00:00"
    )


@pytest.mark.parametrize("seconds", [-60, 0, 86_400])
def test_clocks_that_differ_by_a_minute_and_proofs_of_the_same_day_are_normal(seconds: int) -> None:
    found = bracket(0, LOGGED, [(1, after(seconds), "north")], seen=(7, after(min(seconds, 60))))

    assert (found.contradictions, found.remarks) == ((), ())


@given(st.integers(0, 20), ANCHORS, st.none() | st.tuples(st.integers(0, 9), TIMES), st.randoms())
def test_the_bracket_is_what_the_slow_twin_finds_in_any_order(
    index: int,
    anchors: list[tuple[int, datetime, str]],
    seen: tuple[int, datetime] | None,
    order: object,
) -> None:
    shuffled = anchors.copy()
    order.shuffle(shuffled)

    found = bracket(index, LOGGED, anchors, seen)

    assert bracket(index, LOGGED, shuffled, seen) == found
    proofs = [time for size, time, _ in anchors if size >= index + 1]
    assert found.not_after == (min(proofs) if proofs else None)
    assert bool(found.by) == bool(proofs)
    ends = [t for t in (found.not_before, LOGGED, found.not_after) if t is not None]
    widest = max((a - b).total_seconds() for i, a in enumerate(ends) for b in ends[i:])
    assert bool(found.contradictions) == (widest > 60)


@given(st.integers(0, 20), ANCHORS, st.tuples(st.integers(0, 20), TIMES, st.just("east")))
def test_another_anchor_never_moves_the_proof_later(
    index: int, anchors: list[tuple[int, datetime, str]], more: tuple[int, datetime, str]
) -> None:
    before = bracket(index, LOGGED, anchors).not_after
    then = bracket(index, LOGGED, [*anchors, more]).not_after

    assert before is None or (then is not None and then <= before)
