"""`tw doctor`: is this machine fit to keep the log, and is the log as it was left."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import apsw

from trucewatch.errors import TruceWatchError
from trucewatch.evidence.ledger import SQLITE_MIN
from trucewatch.evidence.log import Log
from trucewatch.mission.configuration import on_disk
from trucewatch.mission.opened import keys_of, reading
from trucewatch.mission.recorded import expect_as_recorded
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trucewatch.mission.home import Home

_FREE_BYTES_LEAST = 1 << 30  # room for a day of imagery is the desk's concern, this is for the log


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What.
        good: Whether it is as it must be.
        text: What was found and, if bad, what was expected.
    """

    name: str
    good: bool
    text: str


def doctor(home: Home, *, now: datetime, scrub: bool) -> list[Finding]:
    """Return what was looked at, good or not.

    Args:
        home: The mission.
        now: The present instant.
        scrub: Whether to hash every sealed object again, and the tables of the last run.
    """
    home.expect()
    looks: list[tuple[str, Callable[[], Finding]]] = [
        ("database", _sqlite),
        ("configuration", lambda: _settings(home)),
        ("clock", lambda: _clock(home, now)),
        ("disk", lambda: _disk(home)),
        ("keys", lambda: _keys(home)),
        ("desk", lambda: _desk(home)),
        *([("scrub", lambda: _scrub(home))] if scrub else []),
    ]
    return [_looked(name, look) for name, look in looks]


def _looked(name: str, look: Callable[[], Finding]) -> Finding:
    """Return what a look found; what it could not bear is a finding too, and the rest goes on."""
    try:
        return look()
    except TruceWatchError as error:
        return Finding(name=name, good=False, text=str(error))


def _sqlite() -> Finding:
    found = apsw.sqlite_lib_version()
    least = ".".join(str(part) for part in SQLITE_MIN)
    good = tuple(int(part) for part in found.split(".")) >= SQLITE_MIN
    return Finding(name="database", good=good, text=f"SQLite {found}, expected at least {least}")


def _settings(home: Home) -> Finding:
    settings, _ = on_disk(home)
    return Finding(name="configuration", good=True, text=f"mission {settings.mission.name!r}")


def _clock(home: Home, now: datetime) -> Finding:
    with Log.open(home.path, signer=None) as log:
        last = log.entry(log.size - 1).logged_at if log.size else now
    text = f"it is {now.isoformat()}, the last entry was logged at {last.isoformat()}"
    return Finding(name="clock", good=now >= last, text=text)


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    text = f"{free / 1e9:.1f} GB free, expected at least {_FREE_BYTES_LEAST / 1e9:.1f}"
    return Finding(name="disk", good=free >= _FREE_BYTES_LEAST, text=text)


def _keys(home: Home) -> Finding:
    keys_of(home)  # each is there, is a key, and is read by its owner alone
    folder = home.path / "keys"
    loose = bool(folder.stat().st_mode & 0o077)
    text = "keys/ can be listed by others, must be 0700" if loose else "readable by the owner alone"
    return Finding(name="keys", good=not loose, text=text)


def _desk(home: Home) -> Finding:
    with reading(home) as (_, there):
        files, seen = len(there.desk.read("file")), len(there.observations())
    return Finding(name="desk", good=True, text=f"{files} files read, {seen:,} observations")


def _scrub(home: Home) -> Finding:
    with Log.open(home.path, signer=None) as log:
        found = verify_home(log, vkey=None)
    with reading(home) as (log, there):
        expect_as_recorded(log, there)
    return Finding(name="scrub", good=True, text=f"{found.objects} objects hash to their entries")
