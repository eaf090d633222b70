"""The vault: what opens an object is kept durably, named when it is broken, and destroyed whole."""

from __future__ import annotations

import hashlib
import hmac
import json
import stat
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import BadMission, EvidenceBroken, LogRefused
from trucewatch.evidence.vault import vault as module
from trucewatch.evidence.vault.cipher import Secret
from trucewatch.evidence.vault.compartment import make_compartment
from trucewatch.evidence.vault.vault import Closed, Held, Vault, destroy_file

if TYPE_CHECKING:
    from pathlib import Path

OBJECT = "ab" * 32
OTHER = "cd" * 32
SECRET = Secret(key=bytes(range(32)), nonce=bytes(range(32, 64)))
PLAIN = hashlib.sha256(b"plain").digest()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "keys").mkdir(mode=0o700)
    make_compartment(tmp_path, "hotline")
    return Vault(tmp_path)


def entry_of(vault: Vault, end: str = "json") -> Path:
    return vault.home / "vault" / "hotline" / "ab" / f"{OBJECT}.{end}"


def test_what_was_kept_is_opened(vault: Vault) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline", name="witness W.csv")

    held = vault.open(OBJECT)

    assert held == Held(object=OBJECT, compartment="hotline", secret=SECRET)
    assert vault.name_of(held) == "witness W.csv"
    assert (vault.compartments(), vault.objects()) == ({"hotline": 1}, [OBJECT])


def test_a_file_of_the_vault_keeps_its_form_for_ever(vault: Vault) -> None:
    path = vault.home / "keys" / "compartments" / "hotline.key"
    path.write_text(f"{bytes(range(100, 132)).hex()}\n")
    vault.keep(OBJECT, SECRET, compartment="hotline", name="a.csv")

    assert entry_of(vault).read_text() == (
        f'{{"nonce":"{SECRET.nonce.hex()}","object":"{OBJECT}","v":1,"wrapped":"{GOLDEN_WRAPPED}"}}'
    )
    assert entry_of(vault, "name").read_text() == (
        f'{{"name":"{GOLDEN_NAME}","object":"{OBJECT}","v":1}}'
    )


GOLDEN_WRAPPED = "beeeaf25643f8ae918087e9a3ac163b21c0c0739e1633641f5cbce41f5346a860e95ff85adf2de31"
GOLDEN_NAME = "1f79c64d4a351f4009ab09c28a40ce03"


def test_folders_and_files_are_for_their_owner_alone(vault: Vault) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline", name="a.csv")
    vault.remember("received/news/v1", PLAIN, OBJECT)

    modes = {
        stat.S_IMODE(path.stat().st_mode) for path in [vault.home / "vault", *vault.home.rglob("*")]
    }

    assert modes == {0o600, 0o700}


def test_without_the_key_of_the_compartment_nothing_is_kept(tmp_path: Path) -> None:
    with pytest.raises(BadMission, match=r"hotline\.key: no such key, expected the compartment's"):
        Vault(tmp_path).keep(OBJECT, SECRET, compartment="hotline")

    assert not (tmp_path / "vault").exists()


def test_a_missing_key_is_a_reason_and_no_error(vault: Vault) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline")
    (vault.home / "keys" / "compartments" / "hotline.key").unlink()

    assert vault.open(OBJECT) == Closed(reason="no key of compartment hotline here")
    assert vault.open(OTHER) == Closed(reason="no key of this object here")


def test_another_key_of_the_compartment_is_named(vault: Vault) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline")
    (vault.home / "keys" / "compartments" / "hotline.key").write_text("11" * 32)

    with pytest.raises(EvidenceBroken, match=r"vault/hotline/ab/abab.*hotline does not open it"):
        vault.open(OBJECT)


@pytest.mark.parametrize("byte", [*range(0, 250, 11), 200])
def test_a_flipped_byte_never_opens_as_the_same_and_names_the_file(vault: Vault, byte: int) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline")
    content = bytearray(entry_of(vault).read_bytes())
    content[byte % len(content)] ^= 1
    entry_of(vault).write_bytes(content)

    try:
        found = vault.open(OBJECT)
    except EvidenceBroken as error:
        assert str(error).startswith("vault/hotline/ab/abab")  # noqa: PT017 - either is right
    else:  # another digit of the nonce: the commitment in the log notices that
        assert isinstance(found, Held)
        assert found.secret.nonce != SECRET.nonce


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"object": OTHER}, "is of object cdcd"),
        ({"wrapped": "ab" * 39}, "with a key of 78 digits"),
        ({"wrapped": "zz" * 40}, "expected hex digits"),
        ({"nonce": "ab"}, "nonce is 'ab'"),
        ({"v": 2}, "v is 2, expected 1"),
        ({"plaintext": "ab"}, "says nonce, object, plaintext"),
    ],
)
def test_refuses_a_file_of_another_form(
    vault: Vault, change: dict[str, object], problem: str
) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline")
    said = json.loads(entry_of(vault).read_text()) | change
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    entry_of(vault).write_text(text)

    with pytest.raises(EvidenceBroken, match=rf"vault/hotline/ab/ab.*{problem}"):
        vault.open(OBJECT)


def test_a_file_that_cannot_be_read_is_named(vault: Vault) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline")
    entry_of(vault).unlink()
    entry_of(vault).mkdir()

    with pytest.raises(EvidenceBroken, match=r"vault/hotline/ab/ab.*cannot be read \(Is a dir"):
        vault.open(OBJECT)


def test_a_file_that_came_without_a_name_has_none(vault: Vault) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline")
    held = vault.open(OBJECT)

    assert isinstance(held, Held)
    assert vault.name_of(held) == ""


def test_a_name_that_was_changed_is_refused(vault: Vault) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline", name="a.csv")
    held = vault.open(OBJECT)
    assert isinstance(held, Held)
    entry_of(vault, "name").write_text(f'{{"name":"{"ab" * 24}","object":"{OBJECT}","v":1}}')

    with pytest.raises(EvidenceBroken, match=r"\.name: the object's key does not open it"):
        vault.name_of(held)


def test_the_same_bytes_are_recognised_by_type(vault: Vault) -> None:
    assert vault.recognise("received/news/v1", PLAIN) is None
    assert not (vault.home / "keys" / "known.key").exists()

    vault.remember("received/news/v1", PLAIN, OBJECT)

    assert vault.recognise("received/news/v1", PLAIN) == OBJECT
    assert vault.recognise("received/firms/v1", PLAIN) is None
    assert vault.recognise("received/news/v1", hashlib.sha256(b"other").digest()) is None


def test_what_is_known_is_named_by_the_documented_hmac(vault: Vault) -> None:
    vault.remember("received/news/v1", PLAIN, OBJECT)
    key = bytes.fromhex((vault.home / "keys" / "known.key").read_text().strip())
    name = hmac.new(key, b"received/news/v1\x00" + PLAIN, "sha256").hexdigest()

    assert (vault.home / "vault" / "known" / f"{name}.json").read_text() == (
        f'{{"object":"{OBJECT}","v":1}}'
    )


def test_destroying_overwrites_and_removes_every_trace(vault: Vault) -> None:
    for object_ in (OBJECT, OTHER):
        vault.keep(object_, SECRET, compartment="hotline", name="a.csv")
    vault.remember("received/news/v1", PLAIN, OBJECT)
    vault.remember("exhibit/v1", PLAIN, OBJECT)
    half = entry_of(vault).with_name(f".{OBJECT}.json.tmp")
    half.write_bytes(entry_of(vault).read_bytes())
    wrapped = json.loads(entry_of(vault).read_text())["wrapped"].encode()
    aside = vault.home / "aside"
    aside.hardlink_to(entry_of(vault))

    destroyed = vault.destroy(OBJECT)

    assert len(destroyed) == 5
    assert vault.objects() == [OTHER]
    assert wrapped not in aside.read_bytes()
    assert OBJECT.encode() not in aside.read_bytes()
    assert vault.recognise("received/news/v1", PLAIN) is None
    assert (vault.destroy(OBJECT), isinstance(vault.open(OTHER), Held)) == ([], True)


def test_what_was_read_once_serves_for_many_objects_and_for_what_is_gone_since(
    vault: Vault,
) -> None:
    for number, object_ in enumerate((OBJECT, OTHER)):
        vault.keep(object_, SECRET, compartment="hotline")
        vault.remember(f"exhibit/v{number}", PLAIN, object_)
    known = vault.known()

    apart = [vault.traces(object_) for object_ in (OBJECT, OTHER)]
    together = [vault.traces(object_, known) for object_ in (OBJECT, OTHER)]
    first = vault.destroy(OBJECT, known)
    again = vault.destroy(OBJECT, known)

    assert together == apart
    assert (len(first), again) == (2, [])
    assert vault.traces(OTHER, known) == apart[1]


def test_a_folder_that_cannot_be_read_is_said(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline")
    vault.remember("exhibit/v1", PLAIN, OBJECT)

    def refuse(self: Path) -> bytes:
        raise OSError(5, "Input/output error", str(self))

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.read_bytes", refuse)
        with pytest.raises(LogRefused, match=r"cannot be read \(Input/output error\)"):
            vault.destroy(OBJECT)

    assert len(vault.destroy(OBJECT)) == 2


def test_a_disk_that_refuses_is_said_and_can_be_tried_again(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline")

    def refuse(path: Path) -> None:
        raise OSError(30, "Read-only file system", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(module, "destroy_file", refuse)
        with pytest.raises(LogRefused, match=r"cannot be destroyed \(Read-only file system\)"):
            vault.destroy(OBJECT)

    assert len(vault.destroy(OBJECT)) == 1


def test_a_disk_that_takes_no_folder_is_said(vault: Vault) -> None:
    (vault.home / "vault").write_text("in the way")

    with pytest.raises(LogRefused, match="cannot be made"):
        vault.keep(OBJECT, SECRET, compartment="hotline")


def test_a_key_without_an_entry_is_listed_as_unused(vault: Vault) -> None:
    vault.keep(OBJECT, SECRET, compartment="hotline")
    vault.keep(OTHER, SECRET, compartment="hotline")

    assert vault.unused({OTHER}) == [OBJECT]


def test_an_empty_file_is_destroyed_too(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")

    destroy_file(tmp_path / "empty")

    assert list(tmp_path.iterdir()) == []
