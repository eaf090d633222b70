"""What a reader may bring to `tw verify`, and what it prints."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import typer
from tests.mission.samples import firms

from trucewatch.cli import app as command_line
from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import Verifier
from trucewatch.evidence.proof import LogProof
from trucewatch.evidence.receipt import format_receipt
from trucewatch.mission.check import read_given, verify
from trucewatch.mission.export import export
from trucewatch.mission.ingest import ingest

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home


def take_in(home: Home, path: Path, clock: SimulatedClock) -> None:
    path.write_bytes(firms(day=26))
    list(ingest(home, "firms", [path], clock=clock))


def tw(command: str, *paths: Path) -> int:
    """Run a verb in this process and return its exit code."""
    words = [*command.split(), *map(str, paths)]
    group = typer.main.get_command(command_line.app)
    return int(group.main(words, prog_name="tw", standalone_mode=False) or 0)


def test_everything_that_was_kept_is_compared(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", clock)
    with Log.open(home.path) as log:
        hashes = tuple(log.inclusion_proof(3, log.size))
        note = log.checkpoint_note()
        proof = LogProof(index=3, hashes=hashes, checkpoint_note=note)
        (tmp_path / "r").write_bytes(format_receipt(log.entry_bytes(3), proof))
    (tmp_path / "head").write_bytes(note)
    export(home, tmp_path / "b.zip", level="mission", clock=clock)
    export(home, tmp_path / "b", level="mission", clock=clock)
    against = [tmp_path / name for name in ("head", "b.zip", "b")]

    given = read_given(against=against, receipts=[tmp_path / "r"])
    found = verify(home.path, vkey=None, given=given)

    [step] = [check for check in found.checks if check.name.startswith("What was shown")]
    assert step.found.count("is the beginning of this log") == 3
    assert "entry 3 is where it was acknowledged" in step.found


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"receipts": ["note"]}, "note: is no receipt, expected 'trucewatch receipt ' first"),
        ({"against": ["absent"]}, r"absent: cannot be read \(No such file"),
        ({"policy": "absent"}, r"absent: cannot be read \(No such file"),
        ({"roots": ["absent"]}, r"absent: cannot be read \(No such file"),
    ],
)
def test_what_cannot_be_brought_is_named(
    tmp_path: Path, given: dict[str, list[str] | str], problem: str
) -> None:
    (tmp_path / "note").write_text("trust me\n")
    paths = {
        key: tmp_path / value if isinstance(value, str) else [tmp_path / name for name in value]
        for key, value in given.items()
    }

    with pytest.raises(BadInput, match=problem):
        read_given(**paths)


def test_something_that_is_no_head_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("trust me\n")

    with pytest.raises(EvidenceBroken, match="note: note has no blank line"):
        verify(home.path, vkey=None, given=read_given(against=[tmp_path / "note"]))


def test_strict_makes_what_is_missing_a_failure(
    home: Home, tmp_path: Path, clock: SimulatedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = home.settings.read_text()
    schedule = '[intake.firms]\nevery_h = 24.0\nstart = "2026-06-20T00:00:00.000000Z"\n'
    home.settings.write_text(f"{settings}\n{schedule}")
    take_in(home, tmp_path / "a.csv", clock)
    clock.at += timedelta(days=9)
    (tmp_path / "b.csv").write_bytes(firms(day=26, n=8))
    list(ingest(home, "firms", [tmp_path / "b.csv"], clock=clock))

    assert tw("verify", home.path) == 0
    assert tw("verify --strict", home.path) == 1

    said = capsys.readouterr().out
    assert "What is missing:\n  firms: no file for 2026-0" in said
    assert "nobody said why" in said


def test_the_steps_are_told_until_one_is_broken(
    home: Home, tmp_path: Path, clock: SimulatedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    export(home, tmp_path / "b", level="mission", clock=clock)
    other = Verifier(name="log.example", public=bytes(32)).vkey

    assert tw("verify --json", tmp_path / "b") == 0
    told = json.loads(capsys.readouterr().out)
    with pytest.raises(EvidenceBroken, match=r"log\.vkey: key is"):
        tw(f"verify --key {other}", tmp_path / "b")

    lines = capsys.readouterr().out.splitlines()
    assert [check["number"] for check in told["checks"]] == list(range(1, 16))
    assert lines[0].startswith("EXERCISE: it says so itself")
    assert lines[1].startswith(" 1  PASS  Every file is as it was exported: ")
    assert lines[2].startswith(" 2  BROKEN  The log's key is known: data/log.vkey: key is")


def test_a_file_of_another_kind_is_a_slip_and_no_broken_bundle(tmp_path: Path) -> None:
    for content in (b"root:x:0:0:root:/root:/bin/bash\n", b""):
        (tmp_path / "passwd").write_bytes(content)

        with pytest.raises(BadInput, match="is no zip at all, expected a bundle, or a mission's"):
            verify(tmp_path / "passwd", vkey=None)
    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04torn")
    with pytest.raises(EvidenceBroken, match="not a readable zip"):
        verify(tmp_path / "torn.zip", vkey=None)
