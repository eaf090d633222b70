"""The command line where folders are half there, names are odd and nobody reads the output."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.mission.samples import firms

from trucewatch.cli import main
from trucewatch.cli.printing import plain
from trucewatch.mission.home import Home
from trucewatch.mission.opened import reading

if TYPE_CHECKING:
    from pathlib import Path


def tw(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["tw", *words])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


@pytest.fixture
def mission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(firms(day=26))
    (tmp_path / "b.csv").write_bytes(firms(day=27, n=8, sat="N20"))
    for line in ("init M", "ingest M firms a.csv", "run M"):
        assert tw(monkeypatch, *line.split()) == 0
    capsys.readouterr()
    return tmp_path / "M"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["ingest", "M", "firms", "M"], "tw: M: is a folder, expected a file to ingest"),
        (["ingest", "M", "firms", "pipe"], "tw: pipe: is a pipe or device, expected a file"),
        (["ingest", "M", "firms", "n" * 300], "File name too long, expected a file to ingest"),
        (["incidents", "M" * 300], "File name too long, expected a path that can be used"),
        (["incidents", "M", "--since", "2026-06-27"], "expected one such as 2026-06-27T00:00Z"),
        (["incidents", "M", "--until", "0001-01-01T00:00+23:59"], "in the years 1 to 9999"),
        (["incidents", "M", "--limit", "-1"], "greater than or equal to 0"),
        (["quarantine", "M", "--limit", "-1"], "greater than or equal to 0"),
        (["report", "M", "daily", "--date", "0001-01-01"], "in the years 1900 to 2999"),
        (["report", "M", "daily", "--date", "9999-12-31"], "in the years 1900 to 2999"),
        (["report", "M", "daily", "--out", "M"], "tw: M: is no place for a file"),
        (["report", "M", "daily", "--out", "no/x.html"], "tw: no/x.html: is no place for a file"),
        (["init", "/proc/x"], "tw: /proc/x: No such file or directory, expected a path"),
    ],
)  # fmt: skip
def test_an_odd_argument_exits_with_2_and_is_named(
    mission: Path, words: list[str], text: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    os.mkfifo(mission.parent / "pipe")

    assert tw(monkeypatch, *words) == 2

    assert text in " ".join(capsys.readouterr().err.replace("│", "").split())


def test_a_mission_that_cannot_be_made_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert tw(monkeypatch, "init", "M", "--origin", "two words") == 2

    assert "tw: --origin: is 'two words', must have no spaces" in capsys.readouterr().err
    assert not (tmp_path / "M").exists()


@pytest.mark.parametrize("name", [b"new\nline", b"caf\xe9", b"\x1b[31mred"])
def test_a_name_that_is_no_text_is_escaped_and_kept(
    mission: Path, name: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = os.fsdecode(name + b".csv")
    (mission.parent / path).write_bytes(firms(day=28))

    assert tw(monkeypatch, "ingest", "M", "firms", path) == 0

    line = capsys.readouterr().out.splitlines()[-3]
    shown = name.decode(errors="backslashreplace").replace("\n", "\\n").replace("\x1b", "\\x1b")
    assert line.startswith(f"{shown}.csv: sealed as entry ")


def test_a_folder_that_no_database_can_open_is_refused_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert tw(monkeypatch, "init", os.fsdecode(b"caf\xe9")) == 2

    assert "is not UTF-8" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_nothing_printed_can_steer_a_terminal() -> None:
    assert plain("a\x1b[2J\r\x9b\u202eb\n\tж\u00a0") == "a\\x1b[2J\\r\\x9b\\u202eb\n\tж\u00a0"


DAMAGE = {
    "cut": lambda desk: os.truncate(desk, 5000),
    "no database": lambda desk: desk.write_bytes(b"hello\n"),
}


@pytest.mark.parametrize("damage", sorted(DAMAGE))
def test_a_damaged_desk_is_named_and_a_rebuild_mends_it(
    mission: Path, damage: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    DAMAGE[damage](mission / "desk.db")

    for line in ("incidents M", "run M", "ingest M firms b.csv", "digest M"):
        assert tw(monkeypatch, *line.split()) == 2
        error = capsys.readouterr().err
        assert "desk.db: " in error
        assert "Run tw rebuild HOME." in error
    assert tw(monkeypatch, "rebuild", "M") == 0
    assert tw(monkeypatch, "incidents", "M") == 0


def test_a_desk_of_another_version_is_named_and_a_rebuild_mends_it(
    mission: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sqlite3

    desk = sqlite3.connect(mission / "desk.db")
    desk.execute("ALTER TABLE incident DROP COLUMN tier")
    desk.commit()
    desk.close()
    (mission.parent / "b.csv").rename(mission.parent / "c.csv")

    assert tw(monkeypatch, "incidents", "M") == 2
    assert tw(monkeypatch, "ingest", "M", "firms", "c.csv") == 0
    assert tw(monkeypatch, "run", "M") == 2
    assert "desk.db: " in capsys.readouterr().err
    assert tw(monkeypatch, "rebuild", "M") == 0
    assert tw(monkeypatch, "incidents", "M") == 0


def test_a_lost_archive_file_is_read_again_before_anything_is_fused(
    mission: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(mission, mission.parent / "whole")
    shutil.rmtree(mission / "archive")

    for home in ("M", "whole"):
        assert tw(monkeypatch, "ingest", home, "firms", "b.csv") == 0
        assert tw(monkeypatch, "run", home) == 0
    capsys.readouterr()
    tables = []
    for home in ("M", "whole"):
        assert tw(monkeypatch, "digest", home, "--json") == 0
        tables.append(json.loads(capsys.readouterr().out))

    assert tables[0] == tables[1]


def test_an_archive_that_was_changed_is_not_fused(
    mission: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import polars as pl

    [path] = (mission / "archive").glob("*/*.parquet")
    pl.read_parquet(path).head(2).write_parquet(path)

    assert tw(monkeypatch, "ingest", "M", "firms", "b.csv") == 0
    assert tw(monkeypatch, "run", "M") == 2

    assert re.search(r"parquet: hashes to \w{64}, expected \w{64}", capsys.readouterr().err)


def test_a_file_of_no_received_object_is_not_fused(
    mission: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = (mission / "archive").glob("*/*.parquet")
    shutil.copy(path, path.with_name(f"{'a' * 64}.parquet"))

    assert tw(monkeypatch, "ingest", "M", "firms", "b.csv") == 0
    assert tw(monkeypatch, "run", "M") == 2

    assert "is of no received object, expected none such" in capsys.readouterr().err


def test_a_torn_archive_file_is_named_and_a_rebuild_mends_it(
    mission: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = (mission / "archive").glob("*/*.parquet")
    os.truncate(path, 30)

    assert tw(monkeypatch, "digest", "M") == 2
    assert "expected the observations of sealed objects" in capsys.readouterr().err
    assert tw(monkeypatch, "rebuild", "M") == 0
    assert tw(monkeypatch, "digest", "M") == 0


def shell(line: str, *, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S602 - a line of this file
        line.replace("tw ", f"{sys.executable} -m trucewatch "), shell=True, cwd=home.parent,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code", "error"),
    [
        ("tw incidents M > /dev/full", 2, "tw: output: No space left on device"),
        ("tw agreement show demo-truce >&-", 0, ""),
        ("set -o pipefail; tw agreement show demo-truce | true", 0, ""),
    ],
)
def test_output_that_nobody_takes_ends_without_a_traceback(
    mission: Path, line: str, code: int, error: str
) -> None:
    done = shell(f"bash -c '{line}'", home=mission)

    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert error in done.stderr


def test_json_is_whole_where_the_terminal_knows_ascii_only(
    mission: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mission.parent / "файл.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert tw(monkeypatch, "ingest", "M", "firms", "файл.csv") == 2

    done = shell("PYTHONIOENCODING=ascii tw quarantine M --json", home=mission)

    assert [row["file"] for row in json.loads(done.stdout)] == ["файл.csv"]


def test_who_only_reads_leaves_a_file_aside_that_is_being_received(mission: Path) -> None:
    [path] = (mission / "archive").glob("*/*.parquet")
    with reading(Home(mission)) as (_, there):
        before = there.observations()

    shutil.copy(path, path.with_name(f"{'a' * 64}.parquet"))

    with reading(Home(mission)) as (_, there):
        assert there.observations().equals(before)
