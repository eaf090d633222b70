"""`tw restore`: a mission from its backup, into a new folder, held until its head was compared.

What comes back is a beginning of the log as it was, and perhaps not all of it. One more entry under
the same key would then contradict what others have seen. So a restored log takes none before
somebody has compared its head (`compare_head`).
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, NotFound, TruceWatchError
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.hold import HELD
from trucewatch.evidence.keys import load_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.objects import make_folders, write_durably
from trucewatch.mission.backup import register
from trucewatch.mission.check import read_key
from trucewatch.mission.home import Home
from trucewatch.mission.opened import keys_of
from trucewatch.mission.projection import Projection, project
from trucewatch.mission.recorded import expect_as_recorded
from trucewatch.mission.snapshot import (
    copy_durably,
    disk,
    files_below,
    hash_file,
    mode_of,
    read_manifest,
)
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trucewatch.evidence.note import Verifier
    from trucewatch.mission.snapshot import Manifest

_DATABASE = "log.db"
_VAULT = "vault/"
_KEYS = "keys/"
_HEAD = "log/checkpoint"
_FILE_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored.

    Attributes:
        home: The mission's folder.
        origin: The log's name.
        size: Number of entries.
        root: Root over them, hex.
        logged_at: When the newest of them was logged.
        files: Files that were copied, each with the hash that the backup lists.
        lost: Keys of confidential objects that the backup lists and no longer has: erased since.
        keys: Whether the mission's private keys are there.
        held: Why nothing can be appended yet.
        not_compared: Why tables that a run recorded could not be compared; none is normal.
    """

    home: Path
    origin: str
    size: int
    root: str
    logged_at: str
    files: int
    lost: tuple[str, ...]
    keys: bool
    held: str
    not_compared: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a drill.

    Attributes:
        name: What was done.
        took_s: Seconds that it took.
    """

    name: str
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """What a drill showed.

    Attributes:
        folder: The backup.
        size: Entries that it holds; 0 when that could not be read.
        logged_at: When the newest of them was logged.
        lag_entries: Entries that the mission has more: what its loss would cost; None when the
            mission was not given.
        steps: What was done, in order.
        lost: Keys of confidential objects that were erased since.
        not_compared: Why tables that a run recorded could not be compared.
        problem: What failed, or "".
    """

    folder: Path
    size: int
    logged_at: str
    lag_entries: int | None
    steps: tuple[Step, ...]
    lost: tuple[str, ...]
    not_compared: tuple[str, ...]
    problem: str


def restore(
    folder: Path,
    path: Path,
    *,
    keys: Path | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Restored:
    """Restore a mission, check all of it, compute its tables again, and leave it held.

    Args:
        folder: The backup.
        path: A new or empty folder.
        keys: The mission's `keys` as they were kept elsewhere.
        told: Is called with the name of each step before it is taken.

    A file that is missing or not as listed, and a broken link of the log, is `EvidenceBroken`, and
    the key of another mission `BadMission`; the folder is then left held, as far as it came.

    Raises:
        BadMission: There is something in that folder.
    """
    told("reading the manifest")
    manifest = read_manifest(folder)
    home = Home(path).expect_path()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        problem = "is not empty, expected a new or empty folder"
        raise BadMission(str(path), problem, advice="A mission is never overwritten.")
    if keys is not None:
        _expect_keys(keys, folder, manifest)
    with disk(str(path)):
        make_folders(path)
        begun = f"restoring a backup of size {manifest.size} was not finished: restore it again"
        write_durably(path / HELD, f"{begun}\n".encode(), mode=_FILE_MODE)
        told("copying and hashing every file")
        lost = _copy(folder, path, manifest, with_keys=keys is None)
        if keys is not None:
            _copy_keys(keys, path)
    signs, not_compared = _checked(home, manifest, keys or folder, told)
    register(home, folder)
    reason = f"restored from a backup of size {manifest.size}: compare the head"
    write_durably(path / HELD, f"{reason}\n".encode(), mode=_FILE_MODE)
    return Restored(
        home=path,
        origin=manifest.origin,
        size=manifest.size,
        root=manifest.root,
        logged_at=manifest.logged_at,
        files=len(manifest.files) - len(lost),
        lost=tuple(lost),
        keys=signs,
        held=reason,
        not_compared=not_compared,
    )


def _checked(
    home: Home, manifest: Manifest, keys: Path, told: Callable[[str], None]
) -> tuple[bool, tuple[str, ...]]:
    """Verify a log that was copied, and compute its tables.

    Returns:
        Whether its keys are there, and why recorded tables could not be compared.

    Raises:
        BadMission: The keys are of another mission.
    """
    told("verifying the whole log")
    signs = (home.path / "keys" / "log.vkey").is_file()
    with Log.open(home.path) as log:
        _expect_whole(log, manifest)
        if signs and keys_of(home).log.verifier != log.verifier:
            problem = f"key is {keys_of(home).log.verifier.vkey}, expected {log.verifier.vkey}"
            raise BadMission(str(keys), problem)
        told("computing the tables again")
        with Projection.at(home.archive, home.desk, write=True) as fresh:
            project(log, log.size, fresh)
            return signs, expect_as_recorded(log, fresh)


def drill(
    folder: Path,
    *,
    seconds: Callable[[], float],
    home: Home | None = None,
    within: Path | None = None,
) -> Drilled:
    """Restore a backup into a temporary folder, check everything, and remove it again.

    What a drill computes can be read, and a backup may hold private keys: the folder is its owner's
    alone, and is removed after an error too.

    Args:
        folder: The backup.
        seconds: A clock that only goes forward, such as `time.perf_counter`.
        home: The mission itself, to count what the backup lacks.
        within: Where to make that folder; beside the backup by default, on the same disk.

    Raises:
        NotFound: There is no such folder.
    """
    if not folder.is_dir():
        raise NotFound(str(folder), "no such folder, expected a backup")
    steps: list[Step] = []
    names: list[str] = []
    marks = [seconds()]

    def told(name: str) -> None:
        if names:
            marks.append(seconds())
            steps.append(Step(name=names[-1], took_s=marks[-1] - marks[-2]))
        names.append(name)

    restored, problem = None, ""
    with _temporary(within or folder.resolve().parent) as place:
        try:
            restored = restore(folder, place / "mission", told=told)
        except TruceWatchError as error:
            problem = str(error)
        told("removing it again")
    told("")
    lag = None
    if restored is not None and home is not None:
        with Log.open(home.path) as log:
            lag = log.size - restored.size
            problem = _other_log(log, restored)
    return Drilled(
        folder=folder,
        size=restored.size if restored else 0,
        logged_at=restored.logged_at if restored else "",
        lag_entries=lag,
        steps=tuple(steps),
        lost=restored.lost if restored else (),
        not_compared=restored.not_compared if restored else (),
        problem=problem,
    )


def _other_log(log: Log, restored: Restored) -> str:
    if (log.origin, log.size >= restored.size) != (restored.origin, True):
        found = f"the mission's log is {log.origin} of {log.size} entries"
        return f"{found}, the backup is of {restored.origin} with {restored.size}"
    if log.root(restored.size).hex() != restored.root:
        return f"the mission's log had another root at size {restored.size}: one was rewritten"
    return ""


def _copy(folder: Path, path: Path, manifest: Manifest, *, with_keys: bool) -> list[str]:
    """Copy what the manifest lists, the database last; return the keys that are gone.

    Raises:
        EvidenceBroken: A file is missing, or not the one that is listed.
    """
    lost = []
    for name in sorted(manifest.files, key=lambda name: (name == _DATABASE, name)):
        if name.startswith(_KEYS) and not with_keys:
            continue
        source, expected = folder / name, manifest.files[name]
        if not source.is_file():
            if not name.startswith(_VAULT):
                raise EvidenceBroken(name, "is missing in the backup, expected it as listed")
            lost.append(name)
            continue
        found = copy_durably(source, path / name, mode=mode_of(name))
        if found != expected:
            (path / name).unlink()
            raise EvidenceBroken(name, f"hashes to {found}, the backup lists {expected}")
    return lost


def _copy_keys(keys: Path, path: Path) -> None:
    """Copy a mission's keys, as they were kept apart from its backup."""
    for source in files_below(keys):
        copy_durably(source, path / "keys" / source.relative_to(keys), mode=mode_of("keys/"))


def _expect_keys(keys: Path, folder: Path, manifest: Manifest) -> None:
    """Check that keys are a mission's, and of the log in a backup, before anything is copied.

    Raises:
        BadMission: They are not there, or those of a log of another name.
    """
    file = keys / "log.vkey"
    if not file.is_file():
        raise BadMission(str(keys), "no log.vkey, expected a mission's folder of keys")
    try:
        verifier = parse_vkey(read_key(str(file)), where=str(file))
    except BadInput as error:
        raise BadMission(error.where, error.problem) from error
    if verifier.name != manifest.origin or not _signed(verifier, folder, manifest):
        problem = f"key is {verifier.vkey}, expected the one of {manifest.origin} in the backup"
        raise BadMission(str(keys), f"{problem}; nothing was copied")
    load_keys(keys, origin=verifier.name)


def _signed(verifier: Verifier, folder: Path, manifest: Manifest) -> bool:
    """Return whether a key signed the head in a backup, or nothing sound there says otherwise."""
    head = folder / _HEAD
    if not head.is_file() or hash_file(head) != manifest.files.get(_HEAD):
        return True  # the copying says what is wrong with it
    try:
        open_checkpoint(head.read_bytes(), verifier, where=_HEAD)
    except (BadInput, EvidenceBroken):
        return False
    return True


def _expect_whole(log: Log, manifest: Manifest) -> None:
    """Check everything in a restored log.

    Raises:
        EvidenceBroken: A link is broken, or it is not the log of the manifest.
    """
    found = verify_home(log, vkey=None)
    said = (manifest.origin, manifest.size, manifest.root)
    if (found.origin, found.size, found.root) != said:
        problem = f"holds {found.origin}, {found.size} entries, root {found.root}"
        expected = f"expected {manifest.origin}, {manifest.size}, {manifest.root}"
        raise EvidenceBroken(_DATABASE, f"{problem}, {expected}")


@contextmanager
def _temporary(within: Path) -> Iterator[Path]:
    prefix = "trucewatch-drill-"
    with disk(str(within)), tempfile.TemporaryDirectory(prefix=prefix, dir=within) as name:
        yield Path(name)  # its mode is 0700
