"""A disk that fails once: at the n-th call of one function of the system."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

FAULTS = {"fsync": (os, "fsync"), "rename": (Path, "rename"), "open": (os, "open")}


def fail_at(patch: pytest.MonkeyPatch, function: str, at: int) -> None:
    """Let the `at`-th call, counted from 1, find the disk full."""
    owner, name = FAULTS[function]
    real, calls = getattr(owner, name), [0]

    def failing(*given: object, **named: object) -> object:
        calls[0] += 1
        if calls[0] == at:
            raise OSError(errno.ENOSPC, "No space left on device", str(given[0]))
        return real(*given, **named)

    patch.setattr(owner, name, failing)
