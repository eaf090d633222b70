"""A disk that can be filled up: a file system of its own, or else a limit on the size of files."""

from __future__ import annotations

import resource
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BYTES = 3 * 1024 * 1024


class SmallDisk:
    """A folder with little room.

    Args:
        folder: The folder.
        mounted: Whether it is a file system of its own.
    """

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder, self.mounted = folder, mounted
        self._ballast = folder / "ballast"

    def fill(self, room: int = 0) -> None:
        """Leave so many bytes; a limit leaves none."""
        if not self.mounted:
            _limit(0)
            return
        with self._ballast.open("wb", buffering=0) as file:
            for size in (65536, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue
            file.truncate(file.tell() - room)

    def free(self) -> None:
        """Give the room back."""
        if self.mounted:
            self._ballast.unlink()
        else:
            _limit(BYTES)


@contextmanager
def small_disk(folder: Path, *, mount: bool) -> Iterator[SmallDisk]:
    """Make a small disk at a folder, mounted where that is wanted and this process may."""
    folder.mkdir()
    mounted = mount and _ran("mount", "-t", "tmpfs", "-o", f"size={BYTES}", "tmpfs", str(folder))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        if not mounted:
            _limit(BYTES)
        yield SmallDisk(folder, mounted=mounted)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        if mounted:
            assert _ran("umount", str(folder))


def _limit(size: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


def _ran(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
    except OSError:
        return False
