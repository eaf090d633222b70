from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import apsw
import pytest
from tests.verify.mending import flipped

from trucewatch.errors import EvidenceBroken, LogRefused
from trucewatch.evidence import publish
from trucewatch.evidence.anchor import COSIGNATURE, Anchor
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.objects import write_durably
from trucewatch.evidence.sequencer import NewObject
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.keys import Keys
    from trucewatch.verify.findings import Check

STEPS = 8
"""Up to the one that reads the static files."""


@pytest.fixture
def home(mission: tuple[Path, Keys], tmp_path: Path) -> Path:
    """A copy of the mission's folder, for a test to damage."""
    return shutil.copytree(mission[0], tmp_path / "copy")


def test_a_whole_home_verifies(mission: tuple[Path, Keys], vkey: str) -> None:
    with Log.open(mission[0]) as log:
        found = verify_home(log, vkey=vkey)
        alone = verify_home(log)

    assert (found.trust, found.size, found.objects, found.statements) == ("verified", 12, 12, 3)
    assert alone.trust == "self-consistent; key taken from the bundle"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE entry SET bundle = flip(bundle, 40) WHERE first = 3", "hash 3 is .*lead to"),
        ("UPDATE entry SET bundle = flip(bundle, 1) WHERE first = 3", "entry row 3: .*whole"),
        ("DELETE FROM entry WHERE first = 3", "entry 3 is missing"),
        ("UPDATE tile SET hashes = zeroblob(384)", "hash 0 is 0000"),
        ("UPDATE tile SET hashes = zeroblob(10)", "10 bytes, expected 384"),
        ("UPDATE object SET bundle = flip(bundle, 4) WHERE first = 3", "bytes that hash to"),
        ("DELETE FROM object WHERE first = 3", "entry 3: object .* is gone"),
        ("DELETE FROM checkpoint WHERE size = 12", "was rolled back"),
        ("UPDATE checkpoint SET note = x'78' WHERE size = 12", "checkpoint: note has no blank"),
        ("UPDATE checkpoint SET note = x'78' WHERE size = 3", "checkpoint: note has no blank"),
        (
            "UPDATE checkpoint SET size = 4 WHERE size = 3",
            "log.db: checkpoint 4: says size 3, .*the entries lead to",
        ),
        ("INSERT INTO place VALUES (1, 77)", "the index by hash has entry 77"),
    ],
)
def test_a_changed_row_is_found_and_named(home: Path, change: str, problem: str) -> None:
    connection = apsw.Connection(str(home / "log.db"))
    connection.create_scalar_function("flip", flipped, 2, deterministic=True)
    connection.execute(change)
    connection.close()

    with Log.open(home) as log, pytest.raises(EvidenceBroken, match=problem):
        verify_home(log)


def test_a_changed_large_object_is_found_and_named(home: Path) -> None:
    [path] = [p for p in (home / "objects").rglob("*") if p.is_file()]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"y")

    with Log.open(home) as log, pytest.raises(EvidenceBroken, match=f"object {path.name} has by"):
        verify_home(log)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("checkpoint", "log/checkpoint|signed by"),
        ("tile/0/000.p/12", r"tile/0/000\.p/12: hash 0 is"),
        ("tile/entries/000.p/12", r"tile/entries/000\.p/12: differs from the log at row 0"),
    ],
)
def test_a_changed_static_file_is_found_and_named(home: Path, name: str, problem: str) -> None:
    path = home / "log" / name
    content = path.read_bytes()
    path.write_bytes(content[:9] + bytes([content[9] ^ 1]) + content[10:])

    with Log.open(home) as log, pytest.raises(EvidenceBroken, match=problem):
        verify_home(log)


def test_a_missing_or_foreign_static_file_is_found_and_named(home: Path) -> None:
    (home / "log/tile/0/000.p/12").unlink()
    with Log.open(home) as log, pytest.raises(EvidenceBroken, match=r"000\.p/12: is missing"):
        verify_home(log)
    (home / "log/checkpoint").unlink()
    with Log.open(home) as log:
        assert verify_home(log).size == 12


def test_static_files_may_be_older_than_the_log(home: Path, mission: tuple[Path, Keys]) -> None:
    with Log.open(home, signer=mission[1].log) as log:
        now = log.entry(11).logged_at
        log.append([NewObject(type="a/v1", data=b"%d" % i) for i in range(400)], now=now)

        assert verify_home(log).size == 412
        log.write_static()
        assert verify_home(log).size == 412


def test_refuses_another_key(mission: tuple[Path, Keys], tmp_path: Path) -> None:
    other = create_keys(tmp_path / "keys", origin="demo.invalid/evidence", seed=bytes(32))

    with Log.open(mission[0]) as log, pytest.raises(EvidenceBroken, match=r"key is .*, expected"):
        verify_home(log, vkey=other.log.verifier.vkey)


def grow(home: Path, keys: Keys, count: int, *, published: bool = True) -> None:
    """Append to a log, and publish it, as another process may do at any moment."""
    with Log.open(home, signer=keys.log) as log:
        start, now = log.size, log.entry(log.size - 1).logged_at
        new = [NewObject(type="a/v1", data=b"%d" % i) for i in range(start, start + count)]
        log.append(new, now=now)
        if published:
            log.write_static()


@pytest.mark.parametrize("count", [1, 400])
@pytest.mark.parametrize("step", range(STEPS))
def test_a_writer_that_publishes_at_any_step_is_not_accused(
    home: Path, mission: tuple[Path, Keys], step: int, count: int
) -> None:
    taken: list[Check] = []

    def told(check: Check) -> None:
        if len(taken) == step:
            grow(home, mission[1], count)
        taken.append(check)

    with Log.open(home) as log:
        found = verify_home(log, told=told)
        assert log.size == 12 + count

    assert found.size in ({12, 12 + count} if step == 0 else {12})
    assert len(taken) > STEPS
    with Log.open(home) as log:
        assert verify_home(log).size == 12 + count


@pytest.mark.parametrize("at", range(4))
def test_a_writer_that_publishes_while_the_files_are_read_is_not_accused(
    home: Path, mission: tuple[Path, Keys], at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, read = publish._content, list[str]()

    def meanwhile(folder: Path, name: str) -> bytes | None:
        if len(read) == at:
            grow(home, mission[1], 400)
        read.append(name)
        return content(folder, name)

    monkeypatch.setattr(publish, "_content", meanwhile)
    with Log.open(home) as log:
        found = verify_home(log)

    assert (found.size, read[0]) == (12, "checkpoint")
    assert read.count("checkpoint") == (2 if at == 0 else 4)


def test_files_that_change_whenever_they_are_read_are_refused_and_accuse_nobody(
    home: Path, mission: tuple[Path, Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = publish._content

    def meanwhile(folder: Path, name: str) -> bytes | None:
        if name == "checkpoint":
            grow(home, mission[1], 1)
        return content(folder, name)

    monkeypatch.setattr(publish, "_content", meanwhile)

    with Log.open(home) as log, pytest.raises(LogRefused, match="was replaced 3 times while"):
        verify_home(log)


@pytest.mark.parametrize("count", [1, 400])
def test_a_writer_that_was_killed_before_it_published_the_head_is_not_accused(
    home: Path, mission: tuple[Path, Keys], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, content: bytes, *, mode: int) -> None:
        if path.name == "checkpoint":
            raise LogRefused("log", "the program is gone")
        write_durably(path, content, mode=mode)

    with monkeypatch.context() as patch:
        patch.setattr(publish, "write_durably", killed)
        with pytest.raises(LogRefused, match="the program is gone"):
            grow(home, mission[1], count)

    with Log.open(home) as log:
        assert verify_home(log).size == 12 + count


def test_an_anchor_that_came_after_the_head_was_read_is_not_a_rewritten_log(
    home: Path, mission: tuple[Path, Keys]
) -> None:
    taken: list[Check] = []

    def told(check: Check) -> None:
        taken.append(check)
        if len(taken) == 2:
            grow(home, mission[1], 1)
            with Log.open(home, signer=mission[1].log) as log:
                signed = log.checkpoint_note().splitlines()[-1].split()[-1]
                line = "\u2014 w ".encode() + signed + b"\n"
                log.add_anchors([Anchor(size=13, kind=COSIGNATURE, name="w", content=line)])

    with Log.open(home) as log:
        assert verify_home(log, told=told).size == 12
    assert taken[1].name == "The log's key signed the head"


def test_a_log_that_was_rolled_back_is_named_though_its_database_is_whole(
    home: Path, mission: tuple[Path, Keys]
) -> None:
    grow(home, mission[1], 400)
    for name in ("log.db", "log.db-wal", "log.db-shm"):
        (home / name).unlink(missing_ok=True)
    shutil.copy(mission[0] / "log.db", home / "log.db")

    with (
        Log.open(home) as log,
        pytest.raises(EvidenceBroken, match=r"412 entries, .* was rolled back"),
    ):
        verify_home(log)


@pytest.mark.parametrize("name", ["tile/0/000.p/13", "tile/entries/000.p/13", "tile/0/001"])
@pytest.mark.parametrize("count", [0, 400])
def test_a_file_ahead_of_its_head_must_be_of_the_log(
    home: Path, mission: tuple[Path, Keys], name: str, count: int
) -> None:
    if count:
        grow(home, mission[1], count, published=False)
    (home / "log" / name).write_bytes(b"x" * 416)

    with Log.open(home) as log, pytest.raises(EvidenceBroken, match=name):
        verify_home(log)
