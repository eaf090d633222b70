"""Two histories of one log under one key: what a witness is there to notice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trucewatch.evidence.note import Signer

ORIGIN = "demo.invalid/evidence"
NOON = datetime(2026, 6, 27, 12, tzinfo=UTC)


def grow(home: Path, signer: Signer, *, sizes: Sequence[int], apart: int, told: str) -> Log:
    """Return a log, read-only, with a signed head at each size; from `apart` on it tells its own.

    Two logs with the same `apart` begin with the same entries.
    """
    home.mkdir()
    with Log.create(home, origin=ORIGIN, signer=signer) as log:
        for size in sizes:
            words = [str(i) if i < apart else f"{told} {i}" for i in range(log.size, size)]
            log.append([NewObject(type="a/v1", data=w.encode()) for w in words], now=NOON)
    return Log.open(home)
