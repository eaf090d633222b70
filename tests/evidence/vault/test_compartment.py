"""Keys of compartments: made once, for their owner's eyes, never overwritten."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import BadInput, BadMission
from trucewatch.evidence.vault.compartment import (
    compartment_key,
    compartments_with_key,
    known_key,
    make_compartment,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir(mode=0o700)
    return tmp_path


def test_a_key_is_32_bytes_in_hex_for_its_owner_alone(place: Path) -> None:
    path = make_compartment(place, "hotline")

    assert path == place / "keys" / "compartments" / "hotline.key"
    assert len(bytes.fromhex(path.read_text().strip())) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [found.name for found in path.parent.iterdir()] == ["hotline.key"]


def test_a_key_is_never_overwritten(place: Path) -> None:
    before = make_compartment(place, "hotline").read_bytes()

    with pytest.raises(BadMission, match=r"hotline\.key: cannot be made \(File exists\); keys"):
        make_compartment(place, "hotline")

    assert compartment_key(place, "hotline") == bytes.fromhex(before.decode())


def test_a_part_that_a_crash_left_is_no_key(place: Path) -> None:
    make_compartment(place, "hotline")
    (place / "keys" / "compartments" / ".patrols.key.part").write_text("ab")

    assert compartments_with_key(place) == ["hotline"]
    assert compartment_key(place, "patrols") is None
    make_compartment(place, "patrols")
    assert compartments_with_key(place) == ["hotline", "patrols"]


@pytest.mark.parametrize("name", ["", "known", "Hotline", "../desk", "a/b", "-a", "a" * 33, "é"])
def test_refuses_what_is_no_name(place: Path, name: str) -> None:
    with pytest.raises(BadInput, match=r"compartment: .* is no compartment, expected small"):
        make_compartment(place, name)


def test_a_key_that_others_can_read_is_refused(place: Path) -> None:
    make_compartment(place, "hotline").chmod(0o640)

    with pytest.raises(BadMission, match="mode is 0640, must be 0600"):
        compartment_key(place, "hotline")


def test_no_folder_for_keys_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadMission, match="cannot be made"):
        make_compartment(tmp_path, "hotline")
    with pytest.raises(BadMission, match=r"known\.key: cannot be made"):
        known_key(tmp_path)


def test_the_key_of_what_is_known_is_made_once(place: Path) -> None:
    assert known_key(place) == known_key(place)
    assert stat.S_IMODE((place / "keys" / "known.key").stat().st_mode) == 0o600
