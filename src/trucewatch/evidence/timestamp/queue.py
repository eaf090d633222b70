"""Which checkpoints still need a time stamp.

The queue is derived, never stored: it is what was published less what was stamped. A stop, a
restart or a long outage loses nothing of it.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Protocol

from trucewatch.evidence.anchor import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


class Anchored(Protocol):
    """Outside evidence about a checkpoint, as the log keeps it."""

    @property
    def size(self) -> int:
        """Size of the checkpoint."""

    @property
    def kind(self) -> str:
        """What it is; `timestamp` for a token."""

    @property
    def name(self) -> str:
        """Short name of the authority."""


def sizes_to_stamp(published: Iterable[tuple[int, datetime]]) -> list[int]:
    """Return the sizes of each day's last checkpoint, newest first.

    After an outage of a week that is seven sizes, however many checkpoints were published. The
    newest is the last of its own day.

    Args:
        published: Size and aware time of each published checkpoint, any order; days are UTC.
    """
    last: dict[tuple[int, int, int], int] = {}
    for size, time in published:
        moment = time.astimezone(UTC)
        day = (moment.year, moment.month, moment.day)
        last[day] = max(size, last.get(day, size))
    return sorted(set(last.values()), reverse=True)


def due(
    sizes_published: Sequence[int], anchors: Iterable[Anchored], authorities: Sequence[str]
) -> list[tuple[int, str]]:
    """Return what to ask for, as (size, authority), newest checkpoint first.

    The newest goes first because its token covers every entry under it: the tokens of older
    checkpoints that are fetched afterwards carry today's time too, and only spare a reader the
    consistency proof from the older to the newer one.

    Args:
        sizes_published: Sizes to stamp, see `sizes_to_stamp`: the newest, and each day's last, so
            that a long outage costs at most one token per authority and day.
        anchors: What the log holds; those of another kind are ignored.
        authorities: Short names, in the order of asking.
    """
    held = {(anchor.size, anchor.name) for anchor in anchors if anchor.kind == TIMESTAMP}
    return [
        (size, name)
        for size in sorted(set(sizes_published), reverse=True)
        for name in dict.fromkeys(authorities)
        if (size, name) not in held
    ]
