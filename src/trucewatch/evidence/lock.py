"""One writer per mission folder: an advisory lock on `HOME/lock`, with the holder's pid inside."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Self

from trucewatch.errors import LogRefused

if TYPE_CHECKING:
    from pathlib import Path

_PID_BYTES_MAX = 32


class WriterLock:
    """The right to write to a mission folder, until closed or until the process ends.

    Args:
        home: The mission folder.

    Raises:
        LogRefused: Another process, or another log object of this one, holds it.
    """

    def __init__(self, home: Path) -> None:
        path = home / "lock"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise LogRefused(str(path), f"cannot be opened ({error.strerror})") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = os.pread(handle, _PID_BYTES_MAX, 0).decode(errors="replace").strip()
            os.close(handle)
            problem = f"held by process {pid or 'unknown'}, expected no other writer"
            raise LogRefused(str(path), problem) from error
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            os.close(handle)
            problem = f"cannot be written ({error.strerror}), expected a disk that accepts it"
            raise LogRefused(str(path), problem) from error
        self._handle = handle

    def close(self) -> None:
        """Give the right back."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        """Return the lock itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the right back."""
        self.close()
