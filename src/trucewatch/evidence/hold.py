"""A log that takes no entry until somebody has looked: the file `HOME/HELD`, the reason in it.

A database that came back from a backup may be older than what the log has already shown to others.
One more entry under its key would then be a second history, and nobody could take it back. Whoever
restores holds the log first; a person compares its head with what others have seen, and releases.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trucewatch.errors import LogRefused
from trucewatch.evidence.objects import sync_folder

if TYPE_CHECKING:
    from pathlib import Path

HELD = "HELD"
"""Name of the file; while it is there, the log is held, whatever it contains."""

_FILE_MODE = 0o644
_NO_REASON = "no reason was given"


def hold(home: Path, reason: str) -> None:
    """Hold the log of a mission folder; durable on return.

    Needs no lock, whoever else holds, releases or writes. A log that is held already keeps its
    earlier reasons, one line each. From the first moment that anything of the file is there, the
    log is held, so that a disk that refuses the reason holds it as well.

    Args:
        home: The mission folder.
        reason: Why, for the person who is to look.

    Raises:
        LogRefused: The disk refused, or there is something of that name that cannot be read.
    """
    line = " ".join(reason.split()) or _NO_REASON
    try:
        while not _hold_with(home, line):
            pass  # released in the meantime, by one who did not see this reason
    except OSError as error:
        problem = f"cannot be written ({error.strerror}), expected a disk that accepts it"
        raise LogRefused(HELD, problem) from error


def _hold_with(home: Path, line: str) -> bool:
    """Append a reason; return whether the file that has it is still the one of that name."""
    path = home / HELD
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _FILE_MODE)
    with os.fdopen(handle, "ab") as file:
        earlier = os.pread(handle, os.fstat(handle).st_size, 0)
        if not earlier:
            os.fchmod(handle, _FILE_MODE)  # whatever the umask says
        if line not in _lines(earlier):
            cut_short = not earlier.endswith(b"\n") and earlier != b""
            file.write(b"\n" * cut_short + f"{line}\n".encode())
            file.flush()  # one write to the end of the file: nobody else's comes in between
        os.fsync(handle)
        sync_folder(home)
        try:
            return os.path.samestat(os.fstat(handle), path.stat())
        except FileNotFoundError:
            return False


def held(home: Path) -> str | None:
    """Return why the log of a mission folder is held, one reason a line; None when it is not.

    Raises:
        LogRefused: There is something of that name that cannot be read.
    """
    try:
        content = (home / HELD).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = f"cannot be read ({error.strerror}), expected a file or nothing"
        raise LogRefused(HELD, problem) from error
    return "\n".join(_lines(content)).strip() or _NO_REASON


def _lines(content: bytes) -> list[str]:
    # Two who hold for one reason at one time write it twice.
    return list(dict.fromkeys(content.decode(errors="replace").splitlines()))


def release(home: Path) -> None:
    """Let the log of a mission folder be appended to again; durable on return.

    Raises:
        LogRefused: The file cannot be removed.
    """
    try:
        (home / HELD).unlink(missing_ok=True)
        sync_folder(home)
    except OSError as error:
        raise LogRefused(HELD, f"cannot be removed ({error.strerror})") from error


def check_not_held(home: Path) -> None:
    """Refuse a log that is held.

    Raises:
        LogRefused: It is held.
    """
    reason = held(home)
    if reason is not None:
        problem = f"{'; '.join(reason.splitlines())}; expected that somebody looked and released it"
        raise LogRefused(HELD, problem, advice="compare the head: tw restore --check-head")
