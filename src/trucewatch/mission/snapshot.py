"""What a backup is on disk: a folder of files, and a manifest of them that is written last.

    BACKUP.json     canonical JSON: origin, size and root of the log, the hash of each file
    log.db          the database as of one moment
    log/            the static log, written from that database
    objects/        large objects, each under its hash, copied once
    vault/          wrapped keys of confidential objects, without those that were erased
    keys/           only when asked for: whoever has it can sign as the mission
    contradicting/  heads that witnesses showed and the log does not lead to, when there are any
    mission.toml    the settings, the files that they name, and the list of backups

A key in `vault` may be gone later, as an erasure destroys it here too; all else must be as listed.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken, LogRefused, NotFound
from trucewatch.evidence.objects import make_folders, sync_folder
from trucewatch.records.canonical import canonical, parse_canonical
from trucewatch.records.form import check_form, is_hex64

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MANIFEST = "BACKUP.json"
"""Name of the manifest; a folder without one is no backup."""

BEGUN = "BACKUP.begun"
"""There while a backup is written into the folder."""

_FORM = {
    "files": "words",
    "keys": "flag",
    "logged_at": "instant",
    "origin": "text",
    "root": "hex",
    "size": "count",
    "v": "count",
}
_FOLDERS = ("log", "objects", "vault", "keys", "contradicting")
_REFUSED = ("HELD", "RELEASED", "lock", MANIFEST, BEGUN, "desk.db", "archive", "reports")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds.

    Attributes:
        origin: The log's name.
        size: Number of entries.
        root: Root over them, hex.
        logged_at: When the newest of them was logged, as RFC 3339 text.
        keys: Whether private keys are in it.
        files: SHA-256 by relative path.
    """

    origin: str
    size: int
    root: str
    logged_at: str
    keys: bool
    files: Mapping[str, str]


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the one form of a manifest."""
    return canonical(
        {
            "files": dict(manifest.files),
            "keys": manifest.keys,
            "logged_at": manifest.logged_at,
            "origin": manifest.origin,
            "root": manifest.root,
            "size": manifest.size,
            "v": 1,
        }
    )


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup.

    Raises:
        NotFound: The folder holds no finished backup.
        EvidenceBroken: The manifest is not of the form, or names a file that no backup has.
    """
    path = folder / MANIFEST
    try:
        said = parse_canonical(path.read_bytes(), where=str(path))
        check_form(said, _FORM, where=str(path))
    except FileNotFoundError as error:
        raise NotFound(str(folder), f"no {MANIFEST}, expected a finished backup") from error
    except OSError as error:
        raise EvidenceBroken(str(path), f"cannot be read ({error.strerror})") from error
    except (BadInput, UnicodeError) as error:
        problem = getattr(error, "problem", "is not text")
        raise EvidenceBroken(str(path), f"{problem}; expected a manifest") from error
    given = said["files"]
    files = {str(k): str(v) for k, v in given.items()} if isinstance(given, dict) else {}
    if said["v"] != 1:
        raise EvidenceBroken(str(path), f"v is {said['v']}, expected 1")
    for name, digest in files.items():
        if not _fits(name) or not is_hex64(digest):
            problem = f"lists {name[:80]!r} with {digest[:80]!r}"
            raise EvidenceBroken(str(path), f"{problem}, expected a file of a backup and its hash")
    if "log.db" not in files or "mission.toml" not in files:
        raise EvidenceBroken(str(path), "lists no log.db or mission.toml, expected both")
    return Manifest(
        origin=str(said["origin"]),
        size=int(str(said["size"])),
        root=str(said["root"]),
        logged_at=str(said["logged_at"]),
        keys=said["keys"] is True,
        files=files,
    )


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, hex."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def copy_durably(source: Path, target: Path, *, mode: int) -> str:
    """Copy a file so that after a power cut it is there whole or not at all; return its SHA-256.

    Args:
        source: The file.
        target: Where to; replaced when it is there.
        mode: Of the copy; where only the owner may read it, only the owner may list its folder.
    """
    make_folders(target.parent, mode=0o755 if mode & 0o077 else 0o700)
    temporary = target.with_name(f".{target.name}.tmp")
    temporary.unlink(missing_ok=True)
    found = hashlib.sha256()
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as out, source.open("rb") as file:
        os.fchmod(out.fileno(), mode)
        while block := file.read(_BLOCK):
            found.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    temporary.rename(target)
    sync_folder(target.parent)
    return found.hexdigest()


def files_below(folder: Path) -> Iterator[Path]:
    """Yield every finished file below a folder, in order; none when it is not there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path


def mode_of(name: str) -> int:
    """Return the mode of a mission's file by its relative path.

    Example:
        >>> oct(mode_of("vault/hotline/ab/abcd.json"))
        '0o600'
    """
    return {"vault": 0o600, "keys": 0o600, "objects": 0o440}.get(name.partition("/")[0], 0o644)


@contextmanager
def disk(where: str) -> Iterator[None]:
    """Turn what a disk refuses into an error of ours.

    Raises:
        LogRefused: Full, read-only, failing, gone.
    """
    try:
        yield
    except OSError as error:
        name = str(error.filename or where)
        problem = f"cannot be used ({error.strerror or error}), expected a disk that accepts it"
        raise LogRefused(name, problem) from error


def _fits(name: str) -> bool:
    parts = name.split("/")
    plain = all(part and not part.startswith(".") and part.isprintable() for part in parts)
    if not plain or parts[0] in _REFUSED:
        return False
    return len(parts) == 1 or parts[0] in _FOLDERS
