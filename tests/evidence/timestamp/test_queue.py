from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from trucewatch.evidence.timestamp.queue import due, sizes_to_stamp

MONDAY = datetime(2026, 6, 22, tzinfo=UTC)


class Anchor(NamedTuple):
    size: int
    kind: str
    name: str


def test_the_newest_checkpoint_is_asked_for_first_and_what_is_held_is_left_out() -> None:
    anchors = [
        Anchor(40, "timestamp", "north"),
        Anchor(90, "cosignature", "south"),
        Anchor(90, "timestamp", "elsewhere"),
    ]

    wanted = due([40, 90], anchors, ["north", "south"])

    assert wanted == [(90, "north"), (90, "south"), (40, "south")]


def test_an_outage_of_a_week_costs_one_token_per_authority_and_day() -> None:
    published = [(n, MONDAY + timedelta(minutes=10 * n)) for n in range(1, 7 * 144)]

    sizes = sizes_to_stamp(published)
    wanted = due(sizes, [], ["north", "south"])

    assert sizes == [1007, 863, 719, 575, 431, 287, 143]
    assert len(wanted) == 14


def test_a_day_is_a_day_of_utc() -> None:
    east = timezone(timedelta(hours=10))  # where Monday of UTC lies in two days
    published = [(1, MONDAY.astimezone(east)), (2, (MONDAY + timedelta(hours=23)).astimezone(east))]

    assert sizes_to_stamp(published) == [2]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 72))),
    st.sets(st.tuples(st.integers(0, 50), st.sampled_from(["north", "south"]))),
    st.randoms(),
)
def test_the_queue_is_what_was_published_less_what_is_held(
    published: list[tuple[int, int]], held: set[tuple[int, str]], order: object
) -> None:
    times = [(size, MONDAY + timedelta(hours=hours)) for size, hours in published]
    shuffled = times.copy()
    order.shuffle(shuffled)
    anchors = [Anchor(size, "timestamp", name) for size, name in held]

    sizes = sizes_to_stamp(times)
    wanted = due(sizes, anchors, ["north", "south", "north"])

    assert sizes_to_stamp(shuffled) == sizes
    assert sizes == sorted(sizes, reverse=True)
    assert {
        max(s for s, t in times if t.date() == day) for day in {t.date() for _, t in times}
    } == set(sizes)
    assert set(wanted) == {(s, n) for s in sizes for n in ("north", "south")} - held
    assert len(set(wanted)) == len(wanted)
