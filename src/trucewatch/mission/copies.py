"""Copies that people take away: where they go, and how they are written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

_COPY_MODE = 0o440
_SHOWN = 12  # hex digits of an object in the name of its copy


def copy_path(out: Path, object_: str, name: str) -> Path:
    """Return where a copy goes.

    Raises:
        BadInput: There is no such folder, or the copy is there already.
    """
    as_folder = out.is_dir() or not (out.suffix or out.exists())
    folder, last = (out, name) if as_folder else (out.parent, out.name)
    if as_folder and not folder.is_dir():
        make_folder(folder, "the copy")
    path = folder / f"COPY-{object_[:_SHOWN]}-{last.replace('/', '_')}"
    if not folder.is_dir() or os.path.lexists(path):
        found = "is there already" if folder.is_dir() else "has no folder"
        raise BadInput(str(path), f"{found}, expected a new file in a folder")
    return path


def make_folder(path: Path, what: str) -> None:
    """Make a folder that people named for what is written into it; what it lies in is there.

    Raises:
        BadInput: The disk refuses it.
    """
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise BadInput(str(path), f"{error.strerror}, expected a folder for {what}") from error


def write_copy(path: Path, content: bytes) -> None:
    """Write a new file that nobody may write to.

    Raises:
        BadInput: The disk refuses it; that the object was opened is sealed by then.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _COPY_MODE)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), _COPY_MODE)  # whatever the umask says
            file.write(content)
    except OSError as error:
        problem = f"{error.strerror}, expected a place for the copy"
        raise BadInput(str(path), problem, advice="The log says already: opened.") from error
