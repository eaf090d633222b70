from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import LogRefused
from trucewatch.evidence.hold import held, hold, release
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.keys import Keys

ORIGIN = "demo.invalid/evidence"


def test_a_folder_is_not_held_until_somebody_holds_it(home: Path) -> None:
    assert held(home) is None

    hold(home, "restored from a backup of size 12")

    assert held(home) == "restored from a backup of size 12"
    assert (home / "HELD").read_bytes() == b"restored from a backup of size 12\n"


def test_a_held_log_takes_no_writer_and_says_why(log: Log, home: Path, keys: Keys) -> None:
    log.close()
    hold(home, "restored from a backup")

    with pytest.raises(LogRefused, match="HELD: restored from a backup; expected") as caught:
        Log.open(home, signer=keys.log)

    assert caught.value.advice == "compare the head: tw restore --check-head"
    with pytest.raises(LogRefused, match="HELD"):
        Log.create(home, origin=ORIGIN, signer=keys.log)


def test_a_held_log_can_be_read(log: Log, home: Path) -> None:
    log.close()
    hold(home, "restored from a backup")

    with Log.open(home) as reader:
        assert reader.size == 0


def test_a_held_log_can_be_written_to_by_who_knows(
    log: Log, home: Path, keys: Keys, now: datetime
) -> None:
    log.close()
    hold(home, "restored from a backup")

    with Log.open(home, signer=keys.log, despite_hold=True) as opened:
        placed = opened.append([NewObject(type="a/v1", data=b"x")], now=now)

    assert placed[0].index == 0
    assert held(home) is not None


def test_a_refusal_gives_the_lock_back(log: Log, home: Path, keys: Keys) -> None:
    log.close()
    hold(home, "restored from a backup")
    with pytest.raises(LogRefused, match="HELD"):
        Log.open(home, signer=keys.log)

    release(home)

    assert held(home) is None
    Log.open(home, signer=keys.log).close()


def test_releasing_what_is_not_held_does_nothing(home: Path) -> None:
    release(home)

    assert held(home) is None


def test_a_second_hold_keeps_the_first_reason(home: Path) -> None:
    hold(home, "restored from a backup")
    hold(home, "the witness knows\na longer log")
    hold(home, "restored from a backup")

    assert held(home) == "restored from a backup\nthe witness knows a longer log"


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
def test_an_empty_or_garbled_file_holds_too(
    log: Log, home: Path, keys: Keys, content: bytes
) -> None:
    log.close()
    (home / "HELD").write_bytes(content)

    with pytest.raises(LogRefused, match=r"HELD: .+; expected that somebody looked"):
        Log.open(home, signer=keys.log)


def test_what_cannot_be_read_holds_too(log: Log, home: Path, keys: Keys) -> None:
    log.close()
    (home / "HELD").mkdir()

    with pytest.raises(LogRefused, match="HELD: cannot be read"):
        Log.open(home, signer=keys.log)
    with pytest.raises(LogRefused, match="HELD: cannot be removed"):
        release(home)
