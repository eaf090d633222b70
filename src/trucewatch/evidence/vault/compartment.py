"""Compartments: who holds the keys that open the keys of confidential objects.

`HOME/keys/compartments/NAME.key` is 32 bytes in hex, 0600; `HOME/keys/known.key` is the same and
lets a mission notice that it was sent the same bytes before. A machine without a compartment's key
can keep its ciphertext and the whole log, and read none of it. Keys are never overwritten.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, BadMission
from trucewatch.evidence.keys import load_release
from trucewatch.evidence.objects import sync_folder

if TYPE_CHECKING:
    from pathlib import Path

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
RESERVED = "known"
"""Folder of `HOME/vault` that is no compartment."""

_KEY_BYTES = 32


def compartment_path(home: Path, name: str) -> Path:
    """Return where the key of a compartment lies.

    Raises:
        BadInput: That is no name of a compartment.
    """
    if not NAME.fullmatch(name) or name == RESERVED:
        problem = f"{name[:80]!r} is no compartment"
        expected = f"small letters, digits and dashes, at most 32, and not {RESERVED!r}"
        raise BadInput("compartment", f"{problem}, expected {expected}")
    return _folder(home) / f"{name}.key"


def make_compartment(home: Path, name: str) -> Path:
    """Make the key of a compartment; return where it lies, durable.

    Raises:
        BadMission: It is there already, or cannot be written.
    """
    path = compartment_path(home, name)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent.parent)
        _write_key(path)
    except OSError as error:
        problem = f"cannot be made ({error.strerror}); keys are never overwritten"
        raise BadMission(str(path), problem) from error
    return path


def compartment_key(home: Path, name: str) -> bytes | None:
    """Return the key of a compartment, or None when it is not on this machine."""
    path = compartment_path(home, name)
    return load_release(path) if path.exists() else None


def compartments_with_key(home: Path) -> list[str]:
    """Return the compartments whose keys are on this machine, by name."""
    found = sorted(path.stem for path in _folder(home).glob("*.key"))
    return [name for name in found if NAME.fullmatch(name) and name != RESERVED]


def known_key(home: Path) -> bytes:
    """Return the key under which a mission recognises what it was sent before; made once.

    Raises:
        BadMission: It cannot be made.
    """
    path = home / "keys" / "known.key"
    if not path.exists():
        try:
            _write_key(path)
        except OSError as error:
            raise BadMission(str(path), f"cannot be made ({error.strerror})") from error
    return load_release(path)


def _folder(home: Path) -> Path:
    return home / "keys" / "compartments"


def _write_key(path: Path) -> None:
    # Through another name: a crash leaves no half a key behind, and a link never overwrites.
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(f"{os.urandom(_KEY_BYTES).hex()}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(part)
    finally:
        part.unlink()
    sync_folder(path.parent)
