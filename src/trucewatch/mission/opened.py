"""Open a mission to write: take the lock, seal a changed configuration, catch up with the log."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadMission, LogRefused
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.keys import Keys, load_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import parse_vkey
from trucewatch.mission.configuration import in_force, seal_if_changed
from trucewatch.mission.cosigning import CONTRADICTING, contradiction, kept_heads
from trucewatch.mission.projection import Projection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.mission.clock import Clock
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A mission that this process may write.

    Attributes:
        home: Its folder.
        log: Its log, locked.
        keys: The log's key and the desk's.
        projection: Its archive and desk.
        using: The configuration in force.
        clock: Says what time it is.
    """

    home: Home
    log: Log
    keys: Keys
    projection: Projection
    using: Configuration
    clock: Clock


def keys_of(home: Home) -> Keys:
    """Return the private keys of a mission.

    Raises:
        BadMission: The mission has no keys, or its verifier key is no text.
    """
    folder = home.path / "keys"
    where = str(folder / "log.vkey")
    try:
        text = (folder / "log.vkey").read_text()
    except UnicodeDecodeError as error:
        problem = f"not text at byte {error.start}, expected NAME+KEYID+BASE64"
        raise BadMission(where, problem) from error
    except OSError as error:
        raise BadMission(where, f"{error.strerror}, expected the log's verifier key") from error
    return load_keys(folder, origin=parse_vkey(text.strip(), where=where).name)


@contextmanager
def writing(home: Home, clock: Clock) -> Iterator[Writer]:
    """Yield the mission in `home`, locked for writing until the end of the block.

    At the end the static log is brought up to the newest checkpoint, whatever happened in between:
    it is what shows that `log.db` was put back to an older copy.
    """
    home.expect()
    keys = keys_of(home)
    with (
        Log.open(home.path, signer=keys.log) as log,
        Projection.at(home.archive, home.desk, write=True) as projection,
    ):
        try:
            _expect_no_contradiction(home, log)
            seal_if_changed(home, log, keys.desk, clock.now())
            using = in_force(log, log.size)
            projection.align(using)
            yield Writer(
                home=home, log=log, keys=keys, projection=projection, using=using, clock=clock
            )
        finally:
            log.write_static()


def _expect_no_contradiction(home: Home, log: Log) -> None:
    """Check that this log leads to every head that witnesses once showed of it.

    Raises:
        LogRefused: It does not: it was rolled back or forked, whatever became of its hold.
    """
    for path in kept_heads(home.path):
        head = open_checkpoint(path.read_bytes(), log.verifier, where=path.name)
        if problem := contradiction(log, head):
            advice = "compare the head: tw restore --check-head HOME"
            where = f"{CONTRADICTING}/{path.name}"
            raise LogRefused(where, f"{problem}: nothing may be appended", advice=advice)


@contextmanager
def reading(home: Home) -> Iterator[tuple[Log, Projection]]:
    """Yield a mission's log and projection, which this process only reads."""
    home.expect()
    with (
        Log.open(home.path, signer=None) as log,
        Projection.at(home.archive, home.desk, write=False) as projection,
    ):
        yield log, projection
