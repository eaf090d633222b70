"""A disk under SQLite that fails at a chosen call, and forgets what was not synced at a power cut.

What a program sees is the real file. Beside it stands what the disk has: every write since the last
sync is only a promise, and a power cut keeps none, all, or a drawn part of them, torn into sectors.
Of what a sync that failed was to write, a drawn part is on the disk, and no later sync brings the
rest: on Linux a page counts as written once its error was reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import apsw
from tests.faults.draws import Draws

if TYPE_CHECKING:
    from collections.abc import Callable

SECTOR_BYTES = 512
_DIRECTORY_SYNCED = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL  # with their first sync


class Cut(Enum):
    """What a power cut keeps of writes and names that were not synced."""

    NONE = "none"
    ALL = "all"
    SOME = "some"


class How(Enum):
    """What becomes of the call that is chosen."""

    REFUSED = "it does nothing and fails"
    UNSAID = "it does its work and fails all the same"
    FULL = "the disk is full"


@dataclass(slots=True)
class _Write:
    """A write, or a truncation where `content` is None."""

    offset: int
    content: bytes | None


@dataclass(slots=True)
class _File:
    """One file: what is on the disk, and what came since."""

    durable: bytearray
    since: list[_Write] = field(default_factory=list)

    def synced(self) -> None:
        self.durable = bytearray(self.after(Cut.ALL, None))
        self.since = []

    def not_synced(self, draws: Draws) -> None:
        self.durable = bytearray(self.after(Cut.SOME, draws))
        self.since = []

    def after(self, cut: Cut, draws: Draws | None) -> bytes:
        content = bytearray(self.durable)
        for write in self.since:
            if cut is Cut.ALL:
                _apply(content, write)
            elif cut is Cut.SOME and draws is not None:
                _apply_some(content, write, draws)
        return bytes(content)


class Disk(apsw.VFS):
    """The default file system of SQLite while it is entered.

    Args:
        database: A file that is on the disk.
        at: Which call fails, from 0; none when it is below 0.
        how: What becomes of it.
    """

    def __init__(self, database: Path, at: int = -1, how: How = How.REFUSED) -> None:
        self._at, self._how = at, how
        self.made: list[str] = []
        self.watch: Callable[[], None] = lambda: None  # called before each call is made
        self._names = {str(database): _File(bytearray(database.read_bytes()))}
        self._durable = dict(self._names)
        super().__init__("faulty", "unix", makedefault=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unregister()

    @property
    def reached(self) -> bool:
        """Whether the call that is to fail was made."""
        return len(self.made) > self._at

    def cut_power(self, folder: Path, cut: Cut, draws: Draws) -> None:
        """Write into a folder the files that the disk has after a power cut."""
        for name in {*self._names, *self._durable}:
            here, there = self._names.get(name), self._durable.get(name)
            kept = there if cut is Cut.NONE or (cut is Cut.SOME and draws.heads()) else here
            if kept is not None:
                (folder / Path(name).name).write_bytes(kept.after(cut, draws))

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802 - as SQLite calls it
        if name is None:
            return apsw.VFSFile("unix", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        opened = self.step("open", path, lambda: _OpenFile(self, name, path, flags))
        self._names.setdefault(path, _File(bytearray()))
        return opened

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802
        def act() -> None:
            apsw.VFS.xDelete(self, name, syncdir)
            self._names.pop(name, None)
            if syncdir:
                self._durable = dict(self._names)

        self.step("delete", name, act)

    def step(self, what: str, path: str, act: Callable[[], Any]) -> Any:
        """Make a call, or fail it."""
        number = len(self.made)
        self.watch()
        self.made.append(f"{what} {Path(path).name}")
        if number != self._at:
            return act()
        if self._how is How.FULL:
            raise apsw.FullError("database or disk is full")
        if self._how is How.UNSAID:
            done = act()
            if what == "open":
                done.xClose()
        elif what == "sync":
            self._names[path].not_synced(Draws(number))
        raise apsw.IOError("disk I/O error")

    def wrote(self, path: str, write: _Write) -> None:
        self._names[path].since.append(write)

    def synced(self, path: str, flags: int) -> None:
        self._names[path].synced()
        if flags & _DIRECTORY_SYNCED:
            self._durable = dict(self._names)


class _OpenFile(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, path: str, flags: list[int]) -> None:
        self._disk, self._path, self._flags = disk, path, flags[0]
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        def act() -> None:
            apsw.VFSFile.xWrite(self, data, offset)
            self._disk.wrote(self._path, _Write(offset, bytes(data)))

        self._disk.step("write", self._path, act)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        def act() -> None:
            apsw.VFSFile.xTruncate(self, size)
            self._disk.wrote(self._path, _Write(size, None))

        self._disk.step("truncate", self._path, act)

    def xSync(self, flags: int) -> None:  # noqa: N802
        def act() -> None:
            apsw.VFSFile.xSync(self, flags)
            self._disk.synced(self._path, self._flags)

        self._disk.step("sync", self._path, act)


def _apply(content: bytearray, write: _Write) -> None:
    if write.content is None:
        del content[write.offset :]
        return
    end = write.offset + len(write.content)
    content.extend(bytes(max(0, end - len(content))))
    content[write.offset : end] = write.content


def _apply_some(content: bytearray, write: _Write, draws: Draws) -> None:
    """Apply each sector of a write or not, or a truncation or not."""
    if write.content is None:
        if draws.heads():
            _apply(content, write)
        return
    at, end = write.offset, write.offset + len(write.content)
    while at < end:
        until = min(end, at - at % SECTOR_BYTES + SECTOR_BYTES)
        if draws.heads():
            torn = write.content[at - write.offset : until - write.offset]
            _apply(content, _Write(at, torn))
        at = until
