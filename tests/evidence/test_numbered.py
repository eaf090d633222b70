from __future__ import annotations

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.numbered import ROW_BYTES, Numbered, rows_of

STRINGS = st.lists(st.integers(0, 40_000).map(bytes) | st.binary(max_size=3), max_size=12)


class Table:
    """Answers the two queries of `Numbered` from a list of rows."""

    def __init__(self, rows: list[tuple[int, bytes]]) -> None:
        self.rows, self.asked = sorted(rows), 0

    def __call__(self, sql: str, first: int, last: int = 0) -> list[tuple[int, bytes]]:
        self.asked += 1
        if "BETWEEN" in sql:
            return [row for row in self.rows if first <= row[0] <= last][:64]
        at = bisect_right(self.rows, first, key=lambda row: row[0])
        return self.rows[max(at - 1, 0) : at]


@given(batches=st.lists(STRINGS, max_size=4))
def test_what_was_written_is_read_by_number_and_in_order(batches: list[list[bytes]]) -> None:
    rows, strings = [], list[bytes]()
    for batch in batches:
        rows += list(rows_of(len(strings), batch))
        strings += batch

    kept = Numbered("object", Table(rows))

    assert [kept.get(i) for i in range(len(strings))] == strings
    assert [kept.get(i) for i in reversed(range(len(strings)))] == strings[::-1]
    assert {i: s for i, s in kept.span(0, len(strings)) if s} == {
        i: s for i, s in enumerate(strings) if s
    }
    assert kept.get(len(strings)) == kept.get(len(strings) + 9) == b""


@given(strings=STRINGS)
def test_a_row_holds_one_string_or_at_most_its_size(strings: list[bytes]) -> None:
    rows = list(rows_of(7, strings))

    assert all(len(bundle) <= ROW_BYTES + 2 * 12 or first for first, bundle in rows)
    assert [first for first, _ in rows] == sorted({first for first, _ in rows})
    assert bool(rows) == any(strings)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 300), (0, 1), (5, 5), (9, 3), (90, 210), (299, 999)]
)
def test_a_span_begins_and_ends_where_it_is_told(start: int, stop: int) -> None:
    strings = [b"%d" % i for i in range(300)]
    rows = [row for i in range(0, 300, 3) for row in rows_of(i, strings[i : i + 3])]

    found = list(Numbered("entry", Table(rows)).span(start, stop))

    assert found == [(i, strings[i]) for i in range(start, min(stop, 300))]


def test_neighbours_are_read_once() -> None:
    table = Table(list(rows_of(0, [b"%d" % i for i in range(100)])))
    kept = Numbered("entry", table)

    found = [kept.get(i) for i in range(100)]

    assert found[99] == b"99"
    assert table.asked == 1


def test_counts_to_the_end_of_the_last_row() -> None:
    rows = [*rows_of(0, [b"a", b"b"]), *rows_of(2, [b"c"])]

    assert Numbered("entry", Table(rows)).count() == 3
    assert Numbered("entry", Table([])).count() == 0


def test_a_torn_row_is_named() -> None:
    kept = Numbered("object", Table([(4, b"\x00\x05abc")]))

    with pytest.raises(EvidenceBroken, match="object row 4: entry 0 of the bundle ends at byte 7"):
        kept.get(4)


def test_refuses_a_string_that_two_length_bytes_cannot_say() -> None:
    with pytest.raises(BadInput, match="65536 bytes, must be at most 65535"):
        list(rows_of(0, [bytes(65_536)]))
