"""The vault of a mission: a wrapped key for each confidential object, beside the log, never in it.

HOME/vault/COMPARTMENT/ab/OBJECT.json   {"nonce", "object", "v": 1, "wrapped"}: the object's key,
                                        wrapped (AES-KW, RFC 3394) under the compartment's, in hex
HOME/vault/COMPARTMENT/ab/OBJECT.name   {"name", "object", "v": 1}: the file name it came under,
                                        wrapped (RFC 5649) under a key that the object's leads to
HOME/vault/known/HMAC.json              {"object", "v": 1}: by HMAC-SHA-256 of type NUL SHA-256 of
                                        the plaintext, what these bytes were sealed as

The log holds an object for ever; whoever destroys its file here, in every copy, has erased it. File
names are kept here and not in the log's database, as a name may name a witness. Folders are 0700
and files 0600, and a file is durable before the log speaks of its object.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap,
    aes_key_wrap_with_padding,
)

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, LogRefused
from trucewatch.evidence.objects import sync_folder, write_durably
from trucewatch.evidence.vault.cipher import Secret
from trucewatch.evidence.vault.compartment import (
    RESERVED,
    compartment_key,
    compartment_path,
    known_key,
)
from trucewatch.records.canonical import canonical, parse_canonical
from trucewatch.records.form import check_form, is_hex64

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from trucewatch.records.canonical import Json

    Known = Mapping[bytes, Sequence[Path]]  # files that say as what bytes were sealed, by content

FOLDER = "vault"
_NAME_KEY = b"trucewatch/name/v1\0"
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_WRAPPED_DIGITS = 80  # 32 bytes of key and 8 of check, in hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An object that can be opened here.

    Attributes:
        object: SHA-256 of its ciphertext, hex.
        compartment: Who holds the key of its key.
        secret: Its key and nonce.
    """

    object: str
    compartment: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """An object that cannot be opened here.

    Attributes:
        reason: Why, such as `no key of compartment hotline here`.
    """

    reason: str


class Vault:
    """The vault in a mission's folder, or in a backup of one.

    Args:
        home: The folder that holds `vault/`, and `keys/` where there are any.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._folder = home / FOLDER

    def keep(self, object_: str, secret: Secret, *, compartment: str, name: str = "") -> None:
        """Store how an object is opened; durable on return, before any entry speaks of it.

        Args:
            object_: SHA-256 of the ciphertext, hex.
            secret: Its key and nonce.
            compartment: Whose key wraps it; that key is here.
            name: What the file was called; a label, not evidence.

        Raises:
            BadMission: The compartment's key is not here.
        """
        wrapping = compartment_key(self.home, compartment)
        if wrapping is None:
            where = str(compartment_path(self.home, compartment))
            advice = f"Make one: tw confidential key HOME {compartment}; or bring it here."
            raise BadMission(where, "no such key, expected the compartment's", advice=advice)
        entry = {
            "v": 1,
            "object": object_,
            "wrapped": aes_key_wrap(wrapping, secret.key).hex(),
            "nonce": secret.nonce.hex(),
        }
        path = self._path(compartment, object_)
        if name:
            hidden = aes_key_wrap_with_padding(_name_key(secret), name.encode()).hex()
            label = {"v": 1, "object": object_, "name": hidden}
            self._write(path.with_suffix(".name"), canonical(label))
        self._write(path, canonical(entry))

    def open(self, object_: str) -> Held | Closed:
        """Return how an object is opened, or why it cannot be here.

        Raises:
            EvidenceBroken: Its file is not of the form, or the compartment's key does not open it.
        """
        compartment = self.compartment_of(object_)
        if compartment is None:
            return Closed(reason="no key of this object here")
        wrapping = compartment_key(self.home, compartment)
        if wrapping is None:
            return Closed(reason=f"no key of compartment {compartment} here")
        path = self._path(compartment, object_)
        where = self._shown(path)
        said = _read(path, {"object": "hex", "wrapped": "text", "nonce": "hex"}, where=where)
        wrapped = str(said["wrapped"])
        if said["object"] != object_ or len(wrapped) != _WRAPPED_DIGITS:
            problem = f"is of object {said['object']} with a key of {len(wrapped)} digits"
            raise EvidenceBroken(where, f"{problem}, expected {object_} and {_WRAPPED_DIGITS}")
        try:
            key = aes_key_unwrap(wrapping, _unhexed(wrapped, where))
        except InvalidUnwrap as error:
            problem = f"the key of compartment {compartment} does not open it"
            expected = "expected the key that wrapped it, and a file that nobody changed"
            raise EvidenceBroken(where, f"{problem}, {expected}") from error
        secret = Secret(key=key, nonce=bytes.fromhex(str(said["nonce"])))
        return Held(object=object_, compartment=compartment, secret=secret)

    def name_of(self, held: Held) -> str:
        """Return what a file was called that can be opened here, or "" when nobody said.

        Raises:
            EvidenceBroken: The file that says so was changed.
        """
        path = self._path(held.compartment, held.object).with_suffix(".name")
        if not path.is_file():
            return ""
        where = self._shown(path)
        said = _read(path, {"object": "hex", "name": "text"}, where=where)
        try:
            hidden = _unhexed(str(said["name"]), where)
            return aes_key_unwrap_with_padding(_name_key(held.secret), hidden).decode()
        except (InvalidUnwrap, UnicodeDecodeError) as error:
            problem = "the object's key does not open it, expected a file that nobody changed"
            raise EvidenceBroken(where, problem) from error

    def compartment_of(self, object_: str) -> str | None:
        """Return whose key wraps the key of an object; None when it is not here."""
        found = sorted(self._folder.glob(f"*/{object_[:2]}/{object_}.json"))
        return found[0].parent.parent.name if found else None

    def compartments(self) -> dict[str, int]:
        """Return how many objects lie in each compartment, by name."""
        names = sorted(path.name for path in self._folder.glob("*") if path.is_dir())
        return {
            name: sum(1 for _ in self._folder.glob(f"{name}/??/*.json"))
            for name in names
            if name != RESERVED
        }

    def objects(self) -> list[str]:
        """Return every object that has a key here, in order."""
        found = (path.stem for path in self._folder.glob("*/??/*.json"))
        return sorted(name for name in found if is_hex64(name))

    def unused(self, sealed: Collection[str]) -> list[str]:
        """Return objects that have a key here and no entry: a crash came between. Harmless."""
        return [name for name in self.objects() if name not in sealed]

    @property
    def used(self) -> bool:
        """Whether anything was ever enciphered here; without it no key is needed."""
        return (self._folder / RESERVED).is_dir()

    def recognise(self, kind: str, plaintext_sha256: bytes) -> str | None:
        """Return the object as which the same bytes were sealed before, as this type."""
        if not self.used:
            return None  # a mission without confidential objects needs no key for them
        path = self._known(kind, plaintext_sha256)
        if not path.is_file():
            return None
        return str(_read(path, {"object": "hex"}, where=self._shown(path))["object"])

    def remember(self, kind: str, plaintext_sha256: bytes, object_: str) -> None:
        """Store as what bytes were sealed; durable on return."""
        self._write(self._known(kind, plaintext_sha256), _remembered_as(object_))

    def known(self) -> Known:
        """Return the files that say as what bytes were sealed; whoever needs many asks once.

        Raises:
            LogRefused: The disk refused.
        """
        found: dict[bytes, list[Path]] = {}
        try:
            for path in self._remembered():
                found.setdefault(path.read_bytes(), []).append(path)
        except OSError as error:
            where = str(error.filename or self._folder)
            problem = f"cannot be read ({error.strerror}), expected a disk that can be"
            raise LogRefused(where, problem) from error
        return found

    def traces(self, object_: str, known: Known | None = None) -> list[Path]:
        """Return every file here that leads to an object's plaintext, its name or its hash.

        Args:
            object_: SHA-256 of the ciphertext, hex.
            known: What `known` returned, when there are more objects to ask for.
        """
        remembered = (self.known() if known is None else known).get(_remembered_as(object_), ())
        return [
            *sorted(self._folder.glob(f"*/{object_[:2]}/{object_}.*")),
            *sorted(self._folder.glob(f"*/{object_[:2]}/.{object_}.*")),  # cut short by a crash
            *(path for path in remembered if path.exists()),
        ]

    def destroy(self, object_: str, known: Known | None = None) -> list[str]:
        """Overwrite and remove every file that leads to an object's plaintext; durable on return.

        Args:
            object_: SHA-256 of the ciphertext, hex.
            known: What `known` returned, when there are more objects to destroy.

        Returns:
            What was destroyed, below the folder.

        Raises:
            LogRefused: The disk refused.
        """
        destroyed = []
        try:
            for path in self.traces(object_, known):
                destroy_file(path)
                destroyed.append(self._shown(path))
        except OSError as error:
            where = str(error.filename or self._folder)
            problem = f"cannot be destroyed ({error.strerror}), expected a disk that accepts it"
            raise LogRefused(where, problem, advice="Erase it again.") from error
        return destroyed

    def _known(self, kind: str, plaintext_sha256: bytes) -> Path:
        message = kind.encode() + b"\0" + plaintext_sha256
        found = hmac.new(known_key(self.home), message, hashlib.sha256).hexdigest()
        return self._folder / RESERVED / f"{found}.json"

    def _remembered(self) -> Iterator[Path]:
        yield from sorted((self._folder / RESERVED).glob("*.json"))
        yield from sorted((self._folder / RESERVED).glob(".*.tmp"))

    def _path(self, compartment: str, object_: str) -> Path:
        return self._folder / compartment / object_[:2] / f"{object_}.json"

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.home).as_posix()

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file, its folders first.

        Raises:
            LogRefused: The disk refused.
        """
        try:
            for folder in reversed([path.parent, *path.parent.parents]):
                if folder.is_relative_to(self._folder) and not folder.is_dir():
                    folder.mkdir(mode=_FOLDER_MODE)
                    sync_folder(folder.parent)
        except OSError as error:
            problem = f"cannot be made ({error.strerror}), expected a disk that accepts it"
            raise LogRefused(str(path.parent), problem) from error
        write_durably(path, content, mode=_FILE_MODE)


def destroy_file(path: Path) -> None:
    """Overwrite a file, then remove it; durable on return.

    On a disk that writes elsewhere (flash, snapshots) the old bytes may stay until they are reused:
    what is destroyed here is wrapped under a compartment's key for that reason.
    """
    path.chmod(_FILE_MODE)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(os.urandom(size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


def _remembered_as(object_: str) -> bytes:
    return canonical({"v": 1, "object": object_})


def _name_key(secret: Secret) -> bytes:
    return hashlib.sha256(_NAME_KEY + secret.key).digest()


def _read(path: Path, form: dict[str, str], *, where: str) -> Mapping[str, Json]:
    """Return the members of a file of the vault.

    Raises:
        EvidenceBroken: It cannot be read, or is not of that form.
    """
    try:
        said = parse_canonical(path.read_bytes(), where=where)
        check_form(said, {"v": "count", **form}, where=where)
    except OSError as error:
        raise EvidenceBroken(where, f"cannot be read ({error.strerror})") from error
    except (BadInput, UnicodeError) as error:
        problem = getattr(error, "problem", "is not text")
        raise EvidenceBroken(where, f"{problem}; expected a file that nobody changed") from error
    if said["v"] != 1:
        raise EvidenceBroken(where, f"v is {said['v']}, expected 1")
    return said


def _unhexed(text: str, where: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise EvidenceBroken(where, f"key is {text[:80]!r}, expected hex digits") from error
