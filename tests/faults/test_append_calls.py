"""A fault at each call that our code makes to append large objects and to publish."""

from __future__ import annotations

import errno
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.faults.calls import Calls, How, each_call
from tests.faults.whole import NOW, Shown, expect_published, expect_whole, found, keys_in, some

from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CALLS_OF_AN_APPEND = 15
CALLS_OF_PUBLISHING = 60


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A log that was published at 3 entries and has outgrown a tile since."""
    home = tmp_path / "template"
    signer = found(home).log
    with Log.open(home, signer=signer) as log:
        log.append(some(0, large=0), now=NOW)
        log.write_static()
        log.append([NewObject(type="a/v1", data=b"%d" % i) for i in range(260)], now=NOW)
    return home


class OneLog:
    """A log that stays open through a fault, as that of a service does."""

    def __init__(self, template: Path, deed: Callable[[OneLog], None]) -> None:
        self._template, self._deed = template, deed
        self.log: Log
        self.shown = Shown()

    def begin(self, place: Path) -> Callable[[], None]:
        home = place / "home"
        shutil.copytree(self._template, home)
        self.log = Log.open(home, signer=keys_in(home).log)
        self.shown = Shown(heads={self.log.checkpoint_note()})
        return lambda: self._deed(self)

    def check(self, place: Path, calls: Calls, _: bool) -> None:
        with Log.open(place / "home") as reader:
            expect_published(reader)
        self._deed(self)  # once the disk is well again, without a restart
        self.log.close()
        calls.lose_power()
        expect_whole(place / "home", self.shown)


def append(one: OneLog) -> None:
    one.shown.take(one.log.append(some(1, large=2), now=NOW))
    one.shown.heads.add(one.log.checkpoint_note())


def publish(one: OneLog) -> None:
    one.log.write_static()


def start_append_publish(one: OneLog) -> None:
    home, signer = one.log.home, keys_in(one.log.home).log
    one.log.close()
    one.log = Log.open(home, signer=signer)
    append(one)
    publish(one)


@pytest.fixture(params=list(How), ids=lambda how: how.name)
def how(request: pytest.FixtureRequest) -> How:
    found: How = request.param
    return found


def test_a_fault_at_each_call_of_an_append_loses_nothing(
    tmp_path: Path, template: Path, how: How
) -> None:
    one = OneLog(template, append)

    assert each_call(tmp_path, one.begin, one.check, how) >= CALLS_OF_AN_APPEND


def test_a_fault_at_each_call_of_publishing_leaves_a_log_that_reads_whole(
    tmp_path: Path, template: Path, how: How
) -> None:
    one = OneLog(template, publish)

    assert each_call(tmp_path, one.begin, one.check, how) >= CALLS_OF_PUBLISHING


def test_a_full_disk_at_each_call_of_a_writers_life_is_said_and_survived(
    tmp_path: Path, template: Path
) -> None:
    one = OneLog(template, start_append_publish)

    made = each_call(tmp_path, one.begin, one.check, How.REFUSED, code=errno.ENOSPC)

    assert made > CALLS_OF_AN_APPEND + CALLS_OF_PUBLISHING
