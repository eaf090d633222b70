from __future__ import annotations

import os
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import LogRefused
from trucewatch.evidence.objects import write_durably

if TYPE_CHECKING:
    from pathlib import Path


def test_two_threads_that_write_one_file_leave_it_whole(tmp_path: Path) -> None:
    path, failed = tmp_path / "shown.checkpoint", list[LogRefused]()
    contents = [bytes([65 + mine]) * 5000 for mine in range(3)]

    def work(content: bytes) -> None:
        try:
            for _ in range(40):
                write_durably(path, content, mode=0o644)
                assert path.read_bytes() in contents
        except LogRefused as error:
            failed.append(error)

    threads = [Thread(target=work, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_crash_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".note.tmp").write_bytes(b"half")

    write_durably(tmp_path / "note", b"first", mode=0o644)
    write_durably(tmp_path / "note", b"second", mode=0o644)

    assert (tmp_path / "note").read_bytes() == b"second"
    assert {path.name for path in tmp_path.iterdir()} == {".note.tmp", "note"}


def test_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "no space is left")

    write_durably(tmp_path / "note", b"first", mode=0o644)
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(LogRefused, match=r"note: cannot be written \(no space is left\)"):
        write_durably(tmp_path / "note", b"second", mode=0o644)

    assert (tmp_path / "note").read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [tmp_path / "note"]
