"""What an object was called by whoever sent it."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.log import Log


def shown(path: Path) -> str:
    """Return a file's name as text that can be stored and printed on one line.

    A name on a disk may be any bytes; what is no character, or steers a terminal, is escaped.
    """
    text = os.fsencode(path.name).decode(errors="backslashreplace")
    return "".join(c if unicodedata.category(c)[0] != "C" else ascii(c)[1:-1] for c in text)


def label(log: Log, object_: str) -> str:
    """Return the file name that an object was sent under, or the beginning of its hash.

    A label is what somebody called the file; it is not evidence.
    """
    return next(iter(log.labels(object_)), object_[:12])
