"""Sealed bytes of 64 KiB and more, one file each, named by their SHA-256.

`objects/sha256/ab/abcdef...` holds bytes whose `sha256sum` is the file's name, so the whole check
needs no software of ours. A file is complete and on the disk before anything speaks of it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from functools import lru_cache
from threading import get_native_id
from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken, LogRefused
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGE_BYTES = 64 * 1024
"""Objects from this size on are files; smaller ones are rows in the sequencer's database."""

_FILE_MODE = 0o440


def object_path(digest: str) -> str:
    """Return the path of an object below a mission folder or a bundle.

    Example:
        >>> object_path("ab" + "0" * 62)[:22]
        'objects/sha256/ab/ab00'
    """
    return f"objects/sha256/{digest[:2]}/{digest}"


def check_digest(digest: str, content: bytes, *, where: str) -> bytes:
    """Return the content, once its SHA-256 was found to be the one named.

    Raises:
        EvidenceBroken: It hashes to something else.
    """
    found = sha256_hex(content)
    if found != digest:
        raise EvidenceBroken(where, f"object {digest} has bytes that hash to {found}")
    return content


def write_durably(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file so that after a power cut it is there whole, or not at all.

    Two writers of one path need no lock: each writes to a hidden file of its own, and the last one
    to finish wins. What a crash leaves of such a file is in nobody's way.

    A disk that refuses (full, read-only, failing) is `LogRefused`.
    """
    with _disk(path):
        make_folders(path.parent)
        temporary, handle = _begin(path, mode)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), mode)  # whatever the umask says
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(path)
        except BaseException:
            with suppress(OSError):  # the first error is the one to tell
                temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def _begin(path: Path, mode: int) -> tuple[Path, int]:
    """Open a hidden file beside a path that no other process or thread writes to."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        return temporary, os.open(temporary, flags, mode)
    except FileExistsError:  # another writes there now, or did so when it was killed
        temporary = path.with_name(f".{path.name}.{get_native_id()}.tmp")
        temporary.unlink(missing_ok=True)  # of a dead one: no two that live have one number
        return temporary, os.open(temporary, flags, mode)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"cannot be written ({error.strerror}), expected a disk that accepts it"
        raise LogRefused(str(path), problem) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folders(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder and those above it that are missing; their names are durable on return.

    A folder that is there may have been made right before a crash or an error, and its name not yet
    be on the disk. One is made only below a durable one, so that this can be true of the last only.
    """
    missing = list(_missing(folder))
    _sync_name((missing[-1].parent if missing else folder).absolute())
    for parent in reversed(missing):
        parent.mkdir(mode=mode, exist_ok=True)
        sync_folder(parent.parent)


class ObjectFiles:
    """The large objects below a mission folder.

    Args:
        home: The mission folder.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def put(self, digest: str, content: bytes) -> None:
        """Store an object; on return it is durable.

        A file that is there already is read and hashed, never written over.
        """
        path = self._home / object_path(digest)
        if path.exists():
            self.get(digest)
            with _disk(path):
                make_folders(path.parent)
                sync_folder(path.parent)  # a crash may have come between rename and fsync
        else:
            write_durably(path, content, mode=_FILE_MODE)

    def get(self, digest: str) -> bytes | None:
        """Return an object, re-hashed on this very read, or None when there is no such file.

        Raises:
            EvidenceBroken: The file cannot be read.
        """
        name = object_path(digest)
        try:
            content = (self._home / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise EvidenceBroken(name, f"cannot be read ({error.strerror})") from error
        return check_digest(digest, content, where=name)


@lru_cache(maxsize=4096)
def _sync_name(folder: Path) -> None:
    """Make the name of a folder that is there durable, once in a process."""
    with suppress(PermissionError):  # whoever may not read a folder has just made none in it
        sync_folder(folder.parent)


def _missing(folder: Path) -> Iterator[Path]:
    while not folder.is_dir():
        yield folder
        folder = folder.parent
