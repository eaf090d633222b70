"""Where in the log an object is: the one index by hash.

Table `place` leads from the first seven bytes of an object's SHA-256 to the entries that seal it;
the entries say the rest. Keys are random, so with a long log a row written at once would cost a
page of its own, more than the entry itself. Rows are therefore written for 16,384 entries together;
those after the last such number are found by reading the entries themselves, once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

PLACED_AT_ONCE = 16_384
"""Chosen on a log of a million entries: reading so many took 15 ms of CPU time, writing their rows
80 ms, which one batch in 64 bears."""

_KEY_BYTES = 7  # always positive in SQLite's 64 bits; two objects in 2^56 share one
_KEY_DIGITS = 2 * _KEY_BYTES
_OBJECT = b'"object":"'
_FIND = "SELECT idx FROM json_each(?) AS given CROSS JOIN place ON place.key = given.value"


def key_of(digest: bytes) -> int:
    """Return what stands for an object in the index: the beginning of its SHA-256.

    Example:
        >>> key_of(bytes(6) + bytes([1]) + bytes(25))
        1
    """
    return int.from_bytes(digest[:_KEY_BYTES], "big")


def placed_size(size: int) -> int:
    """Return how many entries of a log of some size have a row in `place`.

    Example:
        >>> placed_size(16_383), placed_size(40_000)
        (0, 32768)
    """
    return size - size % PLACED_AT_ONCE


class Places:
    """The index by hash of one open database.

    Args:
        entries: Yields the bytes of entries [start, stop).
        ask: Runs a query with a value and returns all of its rows.
    """

    def __init__(
        self,
        entries: Callable[[int, int], Iterator[bytes]],
        ask: Callable[[str, str], list[tuple[int]]],
    ) -> None:
        self._entries, self._ask = entries, ask
        self._start = 0
        self._keys: list[int] = []  # of the entries from `_start` on
        self._indices: dict[int, list[int]] = {}

    def find(self, digests: Collection[bytes], size: int) -> list[int]:
        """Return, in order, every entry below `size` that may seal one of these objects."""
        self._read_up_to(size)
        keys = [key_of(digest) for digest in digests]
        found = {index for key in keys for index in self._indices.get(key, ())}
        if self._start:
            found.update(index for (index,) in self._ask(_FIND, f"{keys}"))
        return sorted(index for index in found if index < size)  # more may have been read before

    def due(self, size: int, digests: Sequence[bytes]) -> list[tuple[int, int]]:
        """Return the rows to write when a log of some size gets entries for these objects."""
        placed = placed_size(size + len(digests))
        if placed == placed_size(size):
            return []
        self._read_up_to(size)
        keys = [*self._keys, *map(key_of, digests)][: placed - self._start]
        return sorted(zip(keys, range(self._start, placed), strict=True))

    def grown(self, size: int, digests: Sequence[bytes]) -> None:
        """Take note that a log of some size got entries for these objects: no need to read them."""
        if self._start + len(self._keys) == size:
            self._note(map(key_of, digests))

    def _read_up_to(self, size: int) -> None:
        if self._start != placed_size(size):
            self._start, self._keys, self._indices = placed_size(size), [], {}
        read = self._start + len(self._keys)
        if read < size:
            self._note(map(_key_in, self._entries(read, size)))

    def _note(self, keys: Iterable[int]) -> None:
        for index, key in enumerate(keys, self._start + len(self._keys)):
            self._keys.append(key)
            self._indices.setdefault(key, []).append(index)


def _key_in(entry: bytes) -> int:
    digits = entry.index(_OBJECT) + len(_OBJECT)
    return int(entry[digits : digits + _KEY_DIGITS], 16)
