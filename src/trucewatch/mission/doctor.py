"""`tw doctor`: is this machine fit to keep the log, and is the log as it was left."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import apsw

from trucewatch.errors import TruceWatchError
from trucewatch.evidence.hold import held
from trucewatch.evidence.ledger import SQLITE_MIN
from trucewatch.evidence.log import Log
from trucewatch.evidence.timestamp.bracket import LATE_S_MAX
from trucewatch.mission.anchor import authorities_enough, newest_anchor, policy_of
from trucewatch.mission.backup import backups
from trucewatch.mission.confidential import unused_keys
from trucewatch.mission.configuration import in_force, on_disk
from trucewatch.mission.opened import keys_of, reading
from trucewatch.mission.recorded import expect_as_recorded
from trucewatch.mission.seats import open_seats, seats
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trucewatch.mission.home import Home

_HOUR_S = 3600.0
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
        ("held", lambda: _held(home)),
        ("vault", lambda: _vault(home)),
        ("anchor", lambda: _anchor(home, now)),
        ("authorities", lambda: _authorities(home)),
        ("seats", lambda: _seats(home)),
        ("backup", lambda: _backup(home)),
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


def _held(home: Home) -> Finding:
    reason = held(home.path)
    text = "no: entries can be added" if reason is None else "; ".join(reason.splitlines())
    return Finding(name="held", good=reason is None, text=text)


def _vault(home: Home) -> Finding:
    """Count keys without an entry: they open nothing and harm nobody, so they are never bad."""
    with Log.open(home.path) as log:
        unused = len(unused_keys(log))
    text = "each key in it is of an entry"
    if unused:
        left = f"{unused} of its keys are of no entry: a crash came between, which is harmless"
        text = f"{left}; add the file again, and its key is used"
    return Finding(name="vault", good=True, text=text)


def _anchor(home: Home, now: datetime) -> Finding:
    """Look how old the newest head is that enough witnesses cosigned; old is bad once it grew."""
    with Log.open(home.path) as log:
        using = in_force(log, log.size)
        newest = newest_anchor(log, policy_of(log, using))
        size, needless = log.size, using.settings.mission.exercise
    if newest is None:
        text = f"no head of {size} entries was cosigned by enough witnesses: tw anchor HOME"
        return Finding(name="anchor", good=needless, text=_exercise(text, needless=needless))
    old_s = (now - newest.time).total_seconds()
    who = ", ".join(newest.names)
    text = f"head of {newest.size} entries of {size}, {old_s / _HOUR_S:.1f} h ago, by {who}"
    return Finding(name="anchor", good=newest.size == size or old_s <= LATE_S_MAX, text=text)


def _authorities(home: Home) -> Finding:
    with Log.open(home.path) as log:
        using = in_force(log, log.size)
    names = ", ".join(using.settings.timestamp) or "none"
    needless = using.settings.mission.exercise and not using.settings.timestamp
    text = f"for time: {names}; expected two that do not depend on each other"
    good = authorities_enough(using) or needless
    return Finding(name="authorities", good=good, text=_exercise(text, needless=needless))


def _seats(home: Home) -> Finding:
    with Log.open(home.path) as log:
        using = in_force(log, log.size)
        standing, policy = seats(log, using), policy_of(log, using)
    told = open_seats(standing, policy)
    begun = policy is not None or any(each.last for each in standing)
    needless = using.settings.mission.exercise and not begun
    text = "; ".join(told) or "each party was offered one, and the policy keeps its promises"
    good = not told or needless
    return Finding(name="seats", good=good, text=_exercise(text, needless=needless))


def _backup(home: Home) -> Finding:
    found = backups(home)
    if not found:
        with Log.open(home.path) as log:
            needless = in_force(log, log.size).settings.mission.exercise
        text = _exercise("none: tw backup HOME --to DIR", needless=needless)
        return Finding(name="backup", good=needless, text=text)
    reached = [each for each in found if each.behind is not None]
    lines = [each.problem or f"{each.folder}: {each.behind} entries behind" for each in found]
    return Finding(name="backup", good=bool(reached), text="; ".join(lines))


def _exercise(text: str, *, needless: bool) -> str:
    return f"{text} (an exercise needs none)" if needless else text


def _scrub(home: Home) -> Finding:
    with Log.open(home.path, signer=None) as log:
        found = verify_home(log, vkey=None)
    with reading(home) as (log, there):
        expect_as_recorded(log, there)
    return Finding(name="scrub", good=True, text=f"{found.objects} objects hash to their entries")
