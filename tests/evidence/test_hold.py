from __future__ import annotations

import os
import subprocess
import sys
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import LogRefused
from trucewatch.evidence.anchor import COSIGNATURE, Anchor
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


def test_a_hold_stops_a_writer_that_is_open_already(
    log: Log, home: Path, keys: Keys, now: datetime
) -> None:
    said = Anchor(size=0, kind=COSIGNATURE, name="w", content=b"any")
    log.append([NewObject(type="a/v1", data=b"x")], now=now)
    hold(home, "a witness showed a fork")

    with pytest.raises(LogRefused, match="HELD: a witness showed a fork; expected"):
        log.append([NewObject(type="a/v1", data=b"y")], now=now)
    with pytest.raises(LogRefused, match="HELD: a witness showed a fork; expected"):
        log.add_anchors([said])
    assert (log.size, log.anchors()) == (1, [])

    release(home)
    log.append([NewObject(type="a/v1", data=b"y")], now=now)
    assert log.size == 2


def test_two_threads_that_hold_lose_no_reason(home: Path) -> None:
    def work(mine: int) -> None:
        for i in range(40):
            hold(home, f"thread {mine} reason {i}")
            hold(home, f"both, reason {i}")

    threads = [Thread(target=work, args=(mine,)) for mine in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    wanted = {f"thread {mine} reason {i}" for mine in range(2) for i in range(40)}
    reasons = (held(home) or "").splitlines()
    assert sorted(reasons) == sorted(wanted | {f"both, reason {i}" for i in range(40)})


def test_two_processes_that_hold_lose_no_reason(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from trucewatch.evidence.hold import hold\n"
        "for i in range(40): hold(Path(sys.argv[1]), f'process {sys.argv[2]} reason {i}')"
    )
    command = [sys.executable, "-c", code, str(home)]

    running = [subprocess.Popen([*command, f"{mine}"]) for mine in range(2)]  # noqa: S603

    assert [each.wait(60) for each in running] == [0, 0]
    wanted = {f"process {mine} reason {i}" for mine in range(2) for i in range(40)}
    reasons = (held(home) or "").splitlines()
    assert sorted(reasons) == sorted(wanted)


def test_a_reason_that_is_released_while_it_is_written_is_written_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, times = os.fsync, list[int]()

    def released_once(handle: int) -> None:
        sync(handle)
        times.append(handle)
        if len(times) == 1:
            (home / "HELD").unlink()

    hold(home, "an earlier reason")
    monkeypatch.setattr(os, "fsync", released_once)
    hold(home, "a witness showed a fork")

    assert held(home) == "a witness showed a fork"


def test_a_reason_that_was_cut_short_keeps_its_own_line(home: Path) -> None:
    (home / "HELD").write_bytes(b"restored from a ba")

    hold(home, "a witness showed a fork")

    assert (home / "HELD").read_bytes() == b"restored from a ba\na witness showed a fork\n"


def test_a_disk_that_refuses_the_reason_holds_all_the_same(
    log: Log, home: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "no space is left")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(LogRefused, match=r"HELD: cannot be written \(no space"):
            hold(home, "a witness showed a fork")

    with pytest.raises(LogRefused, match="HELD"):
        log.append([NewObject(type="a/v1", data=b"y")], now=now)
