"""Byte strings by number, many to a row of a database: how entries and small objects are kept.

A row is `first`, the number of its first string, and `bundle`, the strings one after the other,
each after its length as in the static files. It is written once and never changes. An empty string
stands for none. A row for each of 256 entries would cost more than all else that the database does
with them, and a row for each object of 2 KiB would leave half of its page empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.tiles import pack_entries, unpack_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROW_BYTES = 64 * 1024
"""A row ends before the string that would take it beyond this size; one string never does."""

_ROWS_AT_ONCE = 64  # 4 MiB in memory


def rows_of(first: int, strings: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the rows that hold some strings: the number of each one's first string, and its bundle.

    Args:
        first: Number of the first string.
        strings: In order, each at most 65,535 bytes; a row of nothing but empty ones is left out.
    """
    start = size = 0
    for at, string in enumerate(strings):
        if size and size + len(string) > ROW_BYTES:
            yield first + start, pack_entries(strings[start:at])
            start, size = at, 0
        size += len(string)
    if size:
        yield first + start, pack_entries(strings[start:])


class Numbered:
    """The strings in one table.

    Args:
        table: Its name; it has the columns `first` and `bundle`.
        ask: Runs a query with values and returns all of its rows.
    """

    def __init__(self, table: str, ask: Callable[..., list[tuple[int, bytes]]]) -> None:
        self._table, self._ask = table, ask
        self._first = 0
        self._strings: list[bytes] = []  # of the row that was read last: rows never change

    def get(self, number: int) -> bytes:
        """Return one string; empty when there is none."""
        if not 0 <= number - self._first < len(self._strings):
            self._load(number)
        at = number - self._first
        return self._strings[at] if 0 <= at < len(self._strings) else b""

    def span(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Yield number and string for the numbers in [start, stop) that there are, in order."""
        sql = f"SELECT first, bundle FROM {self._table} WHERE first BETWEEN ? AND ? ORDER BY first"  # noqa: S608 - our own table names
        rows = self._before(start) or self._ask(f"{sql} LIMIT {_ROWS_AT_ONCE}", start, stop - 1)
        while rows:
            for first, bundle in rows:
                for number, string in enumerate(self._unpack(first, bundle), first):
                    if start <= number < stop:
                        yield number, string
            rows = self._ask(f"{sql} LIMIT {_ROWS_AT_ONCE}", rows[-1][0] + 1, stop - 1)

    def count(self) -> int:
        """Return one more than the highest number that is stored."""
        rows = self._before(2**63 - 1)
        return rows[0][0] + len(self._unpack(*rows[0])) if rows else 0

    def _load(self, number: int) -> None:
        rows = self._before(number)
        self._first, self._strings = (rows[0][0], self._unpack(*rows[0])) if rows else (number, [])

    def _before(self, number: int) -> list[tuple[int, bytes]]:
        sql = f"SELECT first, bundle FROM {self._table} WHERE first <= ?"  # noqa: S608
        return self._ask(f"{sql} ORDER BY first DESC LIMIT 1", number)

    def _unpack(self, first: int, bundle: bytes) -> list[bytes]:
        where = f"{self._table} row {first}"
        try:
            return unpack_entries(bundle, where=where)
        except BadInput as error:
            raise EvidenceBroken(where, error.problem) from error
