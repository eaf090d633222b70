"""Every call by which our Python code changes the disk, counted, and made to fail at one of them.

SQLite makes its own calls (see `disk`), and so do libraries in C (see `test_system_calls`).
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import shutil
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from trucewatch.errors import TruceWatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BY_PATH = ("mkdir", "rmdir", "unlink", "remove", "chmod", "truncate")
_TWO_PATHS = ("rename", "replace", "link")
_BY_HANDLE = ("fsync", "fchmod", "ftruncate", "write", "pwrite")
_WRITES = set("wax+")


class How(Enum):
    """What becomes of the call that is chosen."""

    REFUSED = "it does nothing and fails"
    UNSAID = "it does its work and fails all the same"
    LAST = "it does its work, and no call after it does: the program or the disk is gone"


class Calls:
    """Calls on paths below some folder, of which one fails.

    Args:
        below: The folder.
        at: Which call fails, from 0; none when it is below 0.
        how: What becomes of it.
        code: The error that is given.
    """

    def __init__(self, below: Path, at: int, how: How, code: int = errno.EIO) -> None:
        self._below, self._at, self._how, self._code = str(below), at, how, code
        self.made: list[str] = []
        self.reached = False  # whether the call that is to fail was made
        self._unsynced: dict[str, list[str]] = {}  # names by folder that a power cut would take
        self._unwritten: set[str] = set()  # files that a power cut would leave empty

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Count and fail calls in the block."""
        with pytest.MonkeyPatch.context() as patch:
            for name in (*_BY_PATH, *_TWO_PATHS, *_BY_HANDLE):
                patch.setattr(os, name, self._wrapped(name, getattr(os, name)))
            patch.setattr(os, "open", self._wrapped("open", os.open))
            opened = self._opening(io.open)
            patch.setattr(io, "open", opened)
            patch.setattr(builtins, "open", opened)
            yield

    def heal(self) -> None:
        """Let every call from here on do its work."""
        self._at = -1

    def lose_power(self) -> None:
        """Take away every name whose folder was not synced after it, and what no sync wrote."""
        for name in self._unwritten & {*map(str, Path(self._below).rglob("*"))}:
            Path(name).chmod(0o600)
            Path(name).write_bytes(b"")
        for names in self._unsynced.values():
            for name in names:
                if Path(name).is_dir():
                    shutil.rmtree(name)
                elif Path(name).exists():
                    Path(name).unlink()

    def _wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(first: Any, *args: Any, **named: Any) -> Any:
            path = _path(first, named.get("dir_fd"))
            if not path.startswith(self._below):
                return call(first, *args, **named)
            return self._step(name, path, lambda: self._noted(name, path, call, first, args, named))

        return wrapped

    def _step(self, name: str, path: str, act: Callable[[], Any]) -> Any:
        number = len(self.made)
        self.made.append(f"{name} {path}")
        self.reached |= number == self._at
        gone = number > self._at >= 0 and self._how is How.LAST
        if gone or (number == self._at and self._how is How.REFUSED):
            raise OSError(self._code, os.strerror(self._code), path)
        done = act()
        if number == self._at:
            if name == "open":
                os.close(done)
            elif name == "read":
                done.close()
            raise OSError(self._code, os.strerror(self._code), path)
        return done

    def _noted(self, name: str, path: str, call: Callable[..., Any], *given: Any) -> Any:
        first, args, named = given
        creates = name == "open" and args[0] & os.O_CREAT and not Path(path).exists()
        done = call(first, *args, **named)
        if creates or name == "mkdir":
            self._unsynced.setdefault(str(Path(path).parent), []).append(path)
        elif name in _TWO_PATHS:
            target = os.fspath(args[0])
            self._unsynced.setdefault(str(Path(target).parent), []).append(target)
            self._unwritten.discard(target)
            if path in self._unwritten:
                self._unwritten.add(target)
        elif name == "fsync":
            self._unsynced.pop(path, None)
            self._unwritten.discard(path)
        return done

    def _opening(self, opening: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *args: Any, **named: Any) -> Any:
            path = _path(file, None)
            if not path.startswith(self._below):
                return opening(file, mode, *args, **named)
            if isinstance(file, int):
                found = opening(file, mode, *args, **named)
            else:
                found = self._step("read", path, lambda: opening(file, mode, *args, **named))
            return _File(found, self, path) if _WRITES & set(mode) else found

        return opened


class _File:
    """A file of which every write reaches the disk at once, or fails."""

    def __init__(self, file: IO[Any], calls: Calls, path: str) -> None:
        self._file, self._calls, self._path = file, calls, path

    def write(self, content: Any) -> int:
        def act() -> int:
            written = self._file.write(content)
            self._file.flush()
            self._calls._unwritten.add(self._path)
            return written

        return int(self._calls._step("write", self._path, act))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _path(given: Any, folder: int | None) -> str:
    if isinstance(given, int):
        return str(Path(f"/proc/self/fd/{given}").readlink())
    path = os.fspath(given)
    within = Path.cwd() if folder is None else Path(f"/proc/self/fd/{folder}").readlink()
    return str(within / path)


def each_call(
    folder: Path,
    begin: Callable[[Path], Callable[[], None]],
    check: Callable[[Path, Calls, bool], None],
    how: How,
    *,
    code: int = errno.EIO,
) -> int:
    """Fail each call of a deed in turn, in a folder of its own; return how many there are.

    Args:
        folder: Where to.
        begin: Prepares a folder that is there, empty, and returns the deed.
        check: Is given the folder, the calls, and whether the deed was reported as done.
        how: What becomes of the call.
        code: The error that it gives.
    """
    at = 0
    while True:
        place = folder / f"{at}"
        place.mkdir()
        deed = begin(place)
        calls, done = Calls(place, at, how, code), False
        with calls.installed():
            try:
                deed()
                done = True
            except TruceWatchError as error:
                problem = str(error)
                assert os.strerror(code) in problem, (problem, calls.made[at:])
            if not calls.reached:
                assert done
                return at
            calls.heal()
            check(place, calls, done)
        shutil.rmtree(place)
        at += 1
