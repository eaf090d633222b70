"""Objects above CLEAR: how they are sealed, what they say to who holds the keys, what was erased.

At CLEAR the log holds the bytes themselves. Above it the log holds ciphertext and a commitment, and
the mission's vault a wrapped key. A machine without that key, or after an erasure, keeps the log
whole and reads nothing: the object is listed with the reason, and everything else goes on.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.statement import CUSTODY
from trucewatch.evidence.vault.cipher import (
    check_commitment,
    commitment,
    decipher,
    encipher,
    fresh_secret,
)
from trucewatch.evidence.vault.vault import Closed, Held, Vault
from trucewatch.mission.configuration import opened_statements
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.custody import Act, read_custody
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.log import Log
    from trucewatch.evidence.sequencer import NewObject

_CUSTODY_TYPE = STATEMENT_PREFIX + CUSTODY
_SHORT = 12  # digits of an object that stand for a file without a name


def erasures(log: Log) -> dict[str, int]:
    """Return the entry of the first tombstone of each object above CLEAR that was erased.

    A CLEAR object was public and is never erased, whatever a statement says of it.
    """
    found: dict[str, int] = {}
    for index, statement in opened_statements(log, log.size, {_CUSTODY_TYPE})[1]:
        if read_custody(statement.predicate, entry=index).act is Act.ERASED:
            for subject in statement.subjects:
                found.setdefault(subject.sha256, index)
    return {object_: index for object_, index in found.items() if not _clear(log, object_)}


def _clear(log: Log, object_: str) -> bool:
    return any(log.entry(i).level is Level.CLEAR for i in log.indices_of(object_))


class Plaintexts:
    """What sealed objects say, as far as it can be read on this machine.

    Args:
        log: The log of the mission; the vault lies beside it.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._vault = Vault(log.home)
        self.erased = erasures(log)

    def read(self, index: int, entry: Entry) -> bytes | Closed:
        """Return the bytes that were received, hashed and held against their commitment just now.

        `EvidenceBroken` when ciphertext, key or commitment do not belong together.
        """
        held = self.closed(entry)
        if held is None:
            return self._log.object(entry.object)
        if isinstance(held, Closed):
            return held
        plaintext = decipher(self._log.object(entry.object), held.secret.key)
        return check_commitment(plaintext, held.secret.nonce, entry.commit, where=f"entry {index}")

    def expect(self, index: int, entry: Entry) -> bytes:
        """Return the same, or refuse what cannot be read here.

        Raises:
            BadInput: The key is not here, or was destroyed.
        """
        found = self.read(index, entry)
        if isinstance(found, Closed):
            where = f"entry {index}"
            raise BadInput(where, f"{found.reason}, expected an object that can be read")
        return found

    def closed(self, entry: Entry) -> Held | Closed | None:
        """Return how an object is opened, or why it cannot be; None at CLEAR: no key is needed."""
        if entry.level is Level.CLEAR:
            return None
        if entry.object in self.erased:
            return Closed(reason=erased_by(self.erased[entry.object]))
        return self._vault.open(entry.object)

    def name(self, entry: Entry) -> str:
        """Return what a file was called, or the beginning of its hash: a label, not evidence."""
        held = self.closed(entry)
        if held is None:
            return next(iter(self._log.labels(entry.object)), entry.object[:_SHORT])
        name = self._vault.name_of(held) if isinstance(held, Held) else ""
        return name or entry.object[:_SHORT]


def erased_by(index: int) -> str:
    """Return why an erased object cannot be read.

    Example:
        >>> erased_by(7)
        'erased by entry 7'
    """
    return f"erased by entry {index}"


def protected(log: Log, item: NewObject, *, level: Level, compartment: str) -> NewObject:
    """Return what to append so that only `level` sees an object: itself at CLEAR, else enciphered.

    The same bytes as the same type give the same object again, so appending it adds nothing.

    Args:
        log: The log it goes to, opened for writing.
        item: What was received, in the clear.
        level: Who may see it.
        compartment: Who holds its key; empty at CLEAR.

    Bytes that are in the log at another level or in another compartment are `BadInput`.
    """
    vault = Vault(log.home)
    if level is Level.CLEAR and not vault.used:
        return item
    if level is Level.CLEAR:
        before = vault.recognise(item.type, sha256(item.data).digest())
        _expect_level(log, before, item, level)
        return item
    _expect_level(log, sha256_hex(item.data), item, level)
    sealed = enciphered(vault, item, level=level, compartment=compartment)
    _expect_level(log, sha256_hex(sealed.data), item, level)
    return sealed


def _expect_level(log: Log, object_: str | None, item: NewObject, level: Level) -> None:
    """Refuse bytes that are in the log at another level.

    Raises:
        BadInput: They are.
    """
    index = log.index_of(object_, item.type) if object_ else None
    if index is not None and log.entry(index).level is not level:
        problem = f"the same bytes are entry {index}, level {log.entry(index).level}"
        raise BadInput(item.name or item.type, f"{problem}; expected that level, not {level}")


def enciphered(vault: Vault, item: NewObject, *, level: Level, compartment: str) -> NewObject:
    """Return an object as the log may hold it above CLEAR; its key is durable on return.

    A crash before the object is appended leaves a key that opens nothing, which is harmless. The
    file name goes into the vault, as it may name a person; the log gets none.

    Args:
        vault: The mission's.
        item: What was received, in the clear.
        level: Who may see it, above CLEAR.
        compartment: Who holds the key of its key; that key is here.

    Raises:
        BadInput: The level is CLEAR, or the same bytes are in another compartment.
    """
    where = item.name or item.type
    if level is Level.CLEAR:
        raise BadInput(where, "level is CLEAR, expected one above it to encipher for")
    plain = sha256(item.data).digest()
    before = vault.recognise(item.type, plain)
    theirs = vault.compartment_of(before) if before else None
    if theirs not in {None, compartment}:
        problem = f"the same bytes are sealed in compartment {theirs}, asked for in {compartment}"
        raise BadInput(where, f"{problem}; expected the same")
    held = vault.open(before) if before and theirs else None
    again = isinstance(held, Held)
    secret = held.secret if isinstance(held, Held) else fresh_secret()
    data = encipher(item.data, secret.key)
    if not again:
        object_ = sha256_hex(data)
        vault.keep(object_, secret, compartment=compartment, name=item.name)
        vault.remember(item.type, plain, object_)
    commit = commitment(plain, secret.nonce)
    return replace(item, data=data, level=level, commit=commit, name="")


def unused_keys(log: Log) -> list[str]:
    """Return objects that have a key in the vault and no entry: a crash came between; harmless."""
    vault = Vault(log.home)
    return vault.unused({entry.object for _, entry in log.entries()}) if vault.used else []
