from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import apsw
import pytest
from tests.verify.mending import flipped

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.keys import Keys


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
