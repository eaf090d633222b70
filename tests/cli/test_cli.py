"""The command line: exit codes, errors as people read them, and what help must not load."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.mission.samples import firms

from trucewatch.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def mission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A mission with two fires, made by the verbs themselves; the current folder is above it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(firms(day=26))
    for line in ("init M", "ingest M firms a.csv", "run M"):
        assert called(line, monkeypatch) == 0
    capsys.readouterr()
    return tmp_path / "M"


def called(line: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["tw", *line.split()])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


@pytest.mark.parametrize(
    ("line", "code", "text"),
    [
        (
            "ingest M fires a.csv",
            2,
            "tw: sensor: 'fires' is not known, expected one of firms, news",
        ),
        ("ingest M firms none.csv", 2, "tw: none.csv: no such file, expected a file to ingest"),
        ("ingest none firms a.csv", 2, "tw: none: no mission.toml, expected a mission folder"),
        ("explain M i-nobody", 2, "tw: i-nobody: no incident has this id"),
        ("incidents M --since yesterday", 2, "tw: --since: is 'yesterday', expected a time"),
        ("incidents M --since 2026-06-01T00:00", 2, "without a zone"),
        ("report M daily --date 27.6.2026", 2, "tw: --date: is '27.6.2026', expected a day"),
        ("report M weekly", 2, "'weekly' is not known, expected one of daily"),
        (
            "incidents M --kind fire",
            2,
            "tw: kind: 'fire' is not known, expected one of undetermined",
        ),
        ("assessments M --outcome guilty", 2, "'guilty' is not known, expected one of no_rule"),
        ("verify /dev/zero", 2, "tw: /dev/zero: is a pipe or device, expected a bundle"),
        ("verify none.zip", 2, "tw: none.zip: is not there"),
        ("init M", 2, "tw: M: is not empty, expected a new or empty folder"),
        ("agreement show none.yaml", 2, "none.yaml: no such file"),
        ("simulate mars --out x", 2, "'mars' is not known, expected one of demo"),
    ],
)
def test_an_error_names_where_what_and_what_was_expected(
    mission: Path, line: str, code: int, text: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert mission.is_dir()

    assert called(line, monkeypatch) == code

    assert text in capsys.readouterr().err


def test_ingest_exits_with_2_when_nothing_was_accepted(
    mission: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (mission.parent / "bad.csv").write_bytes(b"\x89PNG\r\n\x1a\n")

    assert called("ingest M firms bad.csv", monkeypatch) == 2
    assert called("ingest M firms bad.csv a.csv", monkeypatch) == 0

    out = capsys.readouterr().out
    assert "quarantined  the whole file" in out
    assert "bad.csv:1: starts with a PNG signature, expected comma-separated text" in out
    assert "a.csv: sealed before as entry 3, nothing added" in out


@pytest.mark.parametrize(
    "line",
    [
        "incidents M --json", "assessments M --json", "quarantine M --json", "digest M --json",
        "run M --json", "verify M --json", "doctor M --scrub --json", "rebuild M --json",
        "agreement lint exercise-box --json", "export M --out b.zip --json",
        "report M daily --date 2026-06-26 --json", "ingest M firms a.csv --json",
    ],
)  # fmt: skip
def test_json_is_json_and_nothing_else(
    mission: Path, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mission.is_dir()

    called(line, monkeypatch)

    json.loads(capsys.readouterr().out)


def test_help_loads_no_numerical_library_and_no_database() -> None:
    code = (
        "import sys; sys.argv = ['tw', '--help']\n"
        "from trucewatch.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'polars', 'sqlalchemy', 'numba', 'scipy'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert done.stdout.splitlines()[-1] == "[]"


def test_every_verb_has_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from trucewatch.cli.app import app

    for command in app.registered_commands:
        assert command.callback is not None
        assert called(f"{command.callback.__name__} --help", monkeypatch) == 0
        assert "Usage: tw" in capsys.readouterr().out


def test_doctor_says_no_when_a_key_is_open_to_others(
    mission: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (mission / "keys" / "desk.pem").chmod(0o644)

    assert called("doctor M", monkeypatch) == 1

    assert "desk.pem: mode is 0644, must be 0600" in capsys.readouterr().out


def test_doctor_lists_everything_even_when_much_is_wrong(
    mission: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (mission / "mission.toml").write_text("[mission]\n")
    (mission / "keys" / "log.vkey").unlink()
    (mission / "desk.db").write_bytes(b"no database")

    assert called("doctor M --scrub", monkeypatch) == 1

    told = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert told == [
        ["ok", "database"], ["BAD", "configuration"], ["ok", "clock"], ["ok", "disk"],
        ["BAD", "keys"], ["BAD", "desk"], ["ok", "held"], ["ok", "vault"], ["ok", "anchor"],
        ["ok", "authorities"], ["ok", "seats"], ["ok", "backup"], ["BAD", "scrub"],
    ]  # fmt: skip


def test_a_folder_without_its_log_is_named(
    mission: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (mission / "log.db").unlink()

    assert called("verify M", monkeypatch) == 1

    assert "M: has a mission.toml and no log.db, expected both" in capsys.readouterr().err
