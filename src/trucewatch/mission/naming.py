"""What an object was called by whoever sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trucewatch.evidence.log import Log


def label(log: Log, object_: str) -> str:
    """Return the file name that an object was sent under, or the beginning of its hash.

    A label is what somebody called the file; it is not evidence.
    """
    return next(iter(log.labels(object_)), object_[:12])
