"""Pages that were just made, kept as long as nothing moved: neither log, desk, nor the minute.

Whoever asks for the same page in the same role and language gets the same bytes, and two hundred
readers of one bulletin cost as much as one. While a page is made, others who ask for it wait; where
it was right a moment ago, they get that one instead, so that files which come in quick succession
do not keep everybody waiting.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

BYTES_MAX = 64 * 2**20
"""Of all pages together; the ones that nobody asked for longest go first."""
MAKERS = 4
"""Pages that are made at a time; more threads only pass the interpreter to and fro."""
_MOMENT_S = 5.0  # how long ago a page may have been right that is shown while others are made


class Kept:
    """Pages by what they hang on."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._pages: OrderedDict[Hashable, bytes] = OrderedDict()
        self._making: dict[Hashable, tuple[Future[None], Hashable]] = {}
        self._right: dict[Hashable, tuple[Hashable, float]] = {}
        self._bytes = 0
        self._max = bytes_max
        self._lock = threading.Lock()

    def get(self, key: Hashable, place: Hashable) -> bytes | None:
        """Return the page of a key; None where it is not kept.

        Args:
            key: Everything that the page hangs on.
            place: The part of it that stays when the mission moves.
        """
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
                self._right[place] = key, time.monotonic()
            return page

    def just_now(self, place: Hashable) -> bytes | None:
        """Return a page that was right a moment ago, where many are being made or this one is."""
        with self._lock:
            busy = len(self._making) >= MAKERS
            if not busy and all(place != other for _, other in self._making.values()):
                return None
            key, at_s = self._right.get(place, (None, 0.0))
            return self._pages.get(key) if time.monotonic() - at_s < _MOMENT_S else None

    def put(self, key: Hashable, place: Hashable, page: bytes) -> None:
        """Keep a page, and let go of others where there is no room."""
        with self._lock:
            self._right[place] = key, time.monotonic()
            self._bytes += len(page) - len(self._pages.pop(key, b""))
            self._pages[key] = page
            while self._bytes > self._max and self._pages:
                self._bytes -= len(self._pages.popitem(last=False)[1])
            if len(self._right) > 2 * len(self._pages) + MAKERS:
                self._right = {p: r for p, r in self._right.items() if r[0] in self._pages}

    def begin(self, key: Hashable, place: Hashable) -> Future[None] | None:
        """Say that a page will be made; where somebody is at it, return what ends with it."""
        with self._lock:
            other = self._making.get(key)
            if other is None:
                self._making[key] = Future(), place
            return None if other is None else other[0]

    def end(self, key: Hashable) -> None:
        """Say that a page was made, or could not be."""
        with self._lock:
            made = self._making.pop(key, None)
        if made is not None:
            made[0].set_result(None)
