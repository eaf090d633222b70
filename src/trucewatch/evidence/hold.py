"""A log that takes no entry until somebody has looked: the file `HOME/HELD`, the reason in it.

A database that came back from a backup may be older than what the log has already shown to others.
One more entry under its key would then be a second history, and nobody could take it back. Whoever
restores holds the log first; a person compares its head with what others have seen, and releases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import LogRefused
from trucewatch.evidence.objects import sync_folder, write_durably

if TYPE_CHECKING:
    from pathlib import Path

HELD = "HELD"
"""Name of the file; while it is there, the log is held, whatever it contains."""

_FILE_MODE = 0o644
_NO_REASON = "no reason was given"


def hold(home: Path, reason: str) -> None:
    """Hold the log of a mission folder; durable on return.

    A log that is held already keeps its earlier reasons, one line each.

    Args:
        home: The mission folder.
        reason: Why, for the person who is to look.
    """
    earlier = held(home)
    lines = [] if earlier is None else earlier.splitlines()
    line = " ".join(reason.split()) or _NO_REASON
    lines += [] if line in lines else [line]
    content = "".join(f"{line}\n" for line in lines).encode()
    write_durably(home / HELD, content, mode=_FILE_MODE)


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
    return content.decode(errors="replace").strip() or _NO_REASON


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
