"""`tw backup`: a copy of a mission from which it can be restored, made while it is being written.

1. The folder is listed in the mission's `backups.json` first, so that an erasure reaches it.
2. The database is copied as of one moment, beside the old one; its root is computed again, and the
   backup that is there already must be a beginning of it.
3. Large objects are copied, each once.
4. Keys of confidential objects are copied without those that were erased. The tombstones are then
   read once more: one that was sealed meanwhile destroys what has just been copied.
5. Database, settings and static log take their places, and the manifest is written last.

Between the first and the last change of 5 the folder is refused by `tw restore`; whoever needs a
backup at every moment keeps two and takes them in turn.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import apsw

from trucewatch.errors import BadMission, EvidenceBroken, LogRefused, NotFound
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.entry import parse_entry
from trucewatch.evidence.ledger import Ledger, mapped
from trucewatch.evidence.lock import WriterLock
from trucewatch.evidence.log import Log
from trucewatch.evidence.merkle import leaf_hashes
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.objects import (
    LARGE_BYTES,
    ObjectFiles,
    make_folders,
    object_path,
    sync_folder,
    write_durably,
)
from trucewatch.evidence.publish import write_static
from trucewatch.evidence.tiles import Tree, edge_root, grow
from trucewatch.evidence.vault.compartment import RESERVED
from trucewatch.evidence.vault.vault import Vault
from trucewatch.mission.confidential import erasures
from trucewatch.mission.configuration import on_disk
from trucewatch.mission.cosigning import CONTRADICTING
from trucewatch.mission.erase import BACKUPS, listed_backups
from trucewatch.mission.snapshot import (
    BEGUN,
    MANIFEST,
    Manifest,
    copy_durably,
    disk,
    files_below,
    hash_file,
    manifest_bytes,
    read_manifest,
)
from trucewatch.records.canonical import canonical
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.mission.home import Home

_DATABASE = "log.db"
_NEXT = ".log.db.next"
_FILE_MODE = 0o600
_CUT_SHORT = {"lock", f".{BEGUN}.tmp"}  # all that is there when a first backup ends at once
_BUSY_MS = 10_000
_ENTRIES_AT_ONCE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What a backup holds now.

    Attributes:
        folder: Where it is.
        origin: The log's name.
        size: Number of entries.
        root: Root over them, hex.
        logged_at: When the newest of them was logged.
        new_entries: Entries that the backup did not have before.
        new_objects: Large objects that were copied.
        files: Number of files in it.
        keys: Whether private keys are in it.
        erased: Files that were destroyed in it, because their object was erased.
    """

    folder: Path
    origin: str
    size: int
    root: str
    logged_at: str
    new_entries: int
    new_objects: int
    files: int
    keys: bool
    erased: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A backup as the mission lists it.

    Attributes:
        folder: Where it is.
        size: Entries that it holds; None when it cannot be read now.
        behind: Entries that the mission has more.
        logged_at: When its newest entry was logged, or "".
        keys: Whether private keys are in it.
        problem: Why it cannot be read, or "".
    """

    folder: Path
    size: int | None
    behind: int | None
    logged_at: str
    keys: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copied:
    head: Checkpoint
    logged_at: str
    objects: list[str]


def backup(home: Home, folder: Path, *, with_keys: bool = False) -> BackedUp:
    """Back a mission up into a folder: a new or empty one, or one that holds an earlier backup.

    Args:
        home: The mission. Another process may append to its log meanwhile.
        folder: Outside of it.
        with_keys: Whether to copy `keys/` too: whoever gets the folder can then sign as the
            mission and read what is confidential.
    """
    home.expect()
    _expect_place(home, folder)
    configured = on_disk(home)[1]
    with disk(str(folder)):
        make_folders(folder)
        with WriterLock(folder):
            before = _before(folder)
            write_durably(folder / BEGUN, b"a backup is being written here\n", mode=_FILE_MODE)
            register(home, folder)  # 1
            copied = _copy_database(home, folder, before)  # 2
            new = _copy_objects(home, folder, copied.objects)  # 3
            erased = _copy_vault(home, folder)  # 4
            for name in (CONTRADICTING, *(["keys"] if with_keys else [])):
                _copy_folder(home, folder, name)
            keys = with_keys or (before is not None and before.keys)
            (folder / _NEXT).rename(folder / _DATABASE)  # 5
            sync_folder(folder)
            for item in configured:
                write_durably(folder / item.name, item.data, mode=_FILE_MODE)
            copy_durably(home.path / BACKUPS, folder / BACKUPS, mode=_FILE_MODE)
            _write_static(folder, before)
            names = [item.name for item in configured]
            manifest = _manifest(folder, copied, names, keys=keys)
            _sync_names(folder, manifest)
            write_durably(folder / MANIFEST, manifest_bytes(manifest), mode=_FILE_MODE)
            (folder / BEGUN).unlink()
    return BackedUp(
        folder=folder,
        origin=manifest.origin,
        size=manifest.size,
        root=manifest.root,
        logged_at=manifest.logged_at,
        new_entries=manifest.size - (before.size if before else 0),
        new_objects=new,
        files=len(manifest.files),
        keys=keys,
        erased=tuple(erased),
    )


def _sync_names(folder: Path, manifest: Manifest) -> None:
    """Make the names of all files durable: one that was there may be of a backup cut short."""
    for path in {parent for name in manifest.files for parent in (folder / name).parents}:
        if path.is_relative_to(folder):
            sync_folder(path)
    sync_folder(folder.parent)


def backups(home: Home) -> list[Listed]:
    """Return the mission's backups, each with how far it is behind."""
    home.expect()
    with Log.open(home.path) as log:
        size = log.size
    return [_listed(folder, size) for folder in listed_backups(home)]


def register(home: Home, folder: Path) -> None:
    """List a folder in a mission's `backups.json`; durable on return.

    Args:
        home: The mission.
        folder: The backup.
    """
    with disk(str(home.path)), _alone(home.path):
        folders = [str(path) for path in listed_backups(home)]
        mine = str(folder.resolve())
        if mine not in folders:
            said = {"v": 1, "folders": [*folders, mine]}
            write_durably(home.path / BACKUPS, canonical(said), mode=_FILE_MODE)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other backup change the list at the same time; the log's writer is not held up."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _listed(folder: Path, size: int) -> Listed:
    try:
        manifest = read_manifest(folder)
    except (NotFound, EvidenceBroken) as error:
        return Listed(
            folder=folder, size=None, behind=None, logged_at="", keys=False, problem=str(error)
        )
    return Listed(
        folder=folder,
        size=manifest.size,
        behind=size - manifest.size,
        logged_at=manifest.logged_at,
        keys=manifest.keys,
        problem="",
    )


def _expect_place(home: Home, folder: Path) -> None:
    """Refuse a folder that is not for backups.

    Raises:
        BadMission: It is in the mission or the mission in it, or holds something else.
    """
    here, there = home.path.resolve(), folder.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        problem = f"is not apart from {home.path}, expected a folder on another disk"
        raise BadMission(str(folder), problem)
    if not folder.exists():
        return
    ours = (folder / MANIFEST).is_file() or (folder / BEGUN).is_file()
    if not folder.is_dir() or not (ours or {path.name for path in folder.iterdir()} <= _CUT_SHORT):
        problem = "holds something that is no backup, expected a new or empty folder"
        raise BadMission(str(folder), problem)


def _before(folder: Path) -> Manifest | None:
    return read_manifest(folder) if (folder / MANIFEST).is_file() else None


def _copy_database(home: Home, folder: Path, before: Manifest | None) -> _Copied:
    place = folder / _NEXT
    place.unlink(missing_ok=True)
    os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE))
    with mapped(_DATABASE):
        source = apsw.Connection(str(home.path / _DATABASE), flags=apsw.SQLITE_OPEN_READONLY)
        with closing(source), closing(apsw.Connection(str(place))) as target:
            source.set_busy_timeout(_BUSY_MS)
            with target.backup("main", source, "main") as copying:
                copying.step(-1)  # in one go: the state of one moment
            target.execute("PRAGMA journal_mode = delete").fetchall()  # one file, whole in itself
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    with closing(Ledger(place, mode="read")) as ledger:
        return _checked(ledger, before)


def _checked(ledger: Ledger, before: Manifest | None) -> _Copied:
    """Return what the copied database holds, its root computed again from the entries.

    Raises:
        EvidenceBroken: They lead to another root, or there are none.
    """
    verifier = parse_vkey(ledger.meta("vkey"), where=_DATABASE)
    head = open_checkpoint(ledger.checkpoint_note(), verifier, where=_DATABASE)
    edge: tuple[bytes, ...] = ()
    objects: dict[str, None] = {}
    logged_at = ""
    for start in range(0, head.size, _ENTRIES_AT_ONCE):
        contents = list(ledger.entries(start, min(start + _ENTRIES_AT_ONCE, head.size)))
        edge, _ = grow(edge, start, leaf_hashes(contents))
        for index, content in enumerate(contents, start):
            entry = parse_entry(content, where=f"entry {index}")
            logged_at = instant_text(entry.logged_at)
            if entry.size >= LARGE_BYTES:
                objects[entry.object] = None
    if edge_root(edge) != head.root:
        problem = f"entries lead to root {edge_root(edge).hex()}, expected {head.root.hex()}"
        raise EvidenceBroken(_DATABASE, problem)
    if before is not None:
        _expect_beginning(ledger, head, before)
    if not head.size:
        raise EvidenceBroken(_DATABASE, "has no entries, expected a mission's first at least")
    return _Copied(head=head, logged_at=logged_at, objects=list(objects))


def _expect_beginning(ledger: Ledger, head: Checkpoint, before: Manifest) -> None:
    """Refuse to replace a backup that is no beginning of the log.

    Raises:
        LogRefused: It is of another log, holds more, or another history.
    """
    where = f"backup of {before.size} entries"
    if before.origin != head.origin:
        raise LogRefused(where, f"is of {before.origin}, expected {head.origin}")
    advice = "Keep that backup as it is, and find out why the log here is another."
    if before.size > head.size:
        problem = f"the log here has {head.size}: it was rolled back; a backup never goes back"
        raise LogRefused(where, problem, advice=advice)
    root = Tree(ledger.tile, head.size).root(before.size).hex()
    if root != before.root:
        problem = f"has root {before.root}, the log here had {root} at that size"
        raise LogRefused(where, problem, advice=advice)


def _copy_objects(home: Home, folder: Path, objects: Collection[str]) -> int:
    """Copy the objects that are not there yet; return how many.

    Raises:
        EvidenceBroken: One is missing here, and in the backup too.
    """
    source, target, copied = ObjectFiles(home.path), ObjectFiles(folder), 0
    for digest in objects:
        if (folder / object_path(digest)).is_file():
            continue
        content = source.get(digest)
        if content is None:
            problem = "is gone from the store, expected it there or in the backup"
            raise EvidenceBroken(object_path(digest), problem)
        target.put(digest, content)
        copied += 1
    return copied


def _copy_vault(home: Home, folder: Path) -> list[str]:
    """Copy what is not there yet of the vault; return what was destroyed in the backup."""
    gone = _erased(home)
    vault, known = Vault(home.path), home.path / "vault" / RESERVED
    remembered = vault.known() if gone else {}
    skipped = {path for object_ in gone for path in vault.traces(object_, remembered)}
    for path in files_below(home.path / "vault"):
        target = folder / path.relative_to(home.path)
        if path not in skipped and (path.parent == known or not target.exists()):
            with suppress(FileNotFoundError):  # it was erased meanwhile
                copy_durably(path, target, mode=_FILE_MODE)
    there, gone = Vault(folder), _erased(home)
    remembered = there.known() if gone else {}
    return [name for object_ in gone for name in there.destroy(object_, remembered)]


def _erased(home: Home) -> list[str]:
    with Log.open(home.path) as log:
        return sorted(erasures(log))


def _copy_folder(home: Home, folder: Path, name: str) -> None:
    for path in files_below(home.path / name):
        copy_durably(path, folder / path.relative_to(home.path), mode=_FILE_MODE)


def _write_static(folder: Path, before: Manifest | None) -> None:
    with closing(Ledger(folder / _DATABASE, mode="read")) as ledger:
        write_static(ledger, folder / "log", published=before.size if before else 0)


def _manifest(folder: Path, copied: _Copied, configured: list[str], *, keys: bool) -> Manifest:
    files = {object_path(digest): digest for digest in copied.objects}
    named = [folder / name for name in (_DATABASE, BACKUPS, *configured)]
    folders = ["log", "vault", CONTRADICTING, *(["keys"] if keys else [])]
    below = [path for name in folders for path in files_below(folder / name)]
    for path in (*named, *below):
        files[path.relative_to(folder).as_posix()] = hash_file(path)
    return Manifest(
        origin=copied.head.origin,
        size=copied.head.size,
        root=copied.head.root.hex(),
        logged_at=copied.logged_at,
        keys=keys,
        files=files,
    )
