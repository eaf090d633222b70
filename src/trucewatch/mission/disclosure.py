"""`tw confidential`: who can see a confidential object here and why, and letting one expert see it.

A disclosure opens one object for whoever holds it, and no other. With the object's ciphertext from
an export, stock tools do the rest:

    openssl enc -d -aes-256-ctr -K KEY -iv 00000000000000000000000000000000 -in OBJECT -out PLAIN
    sha256sum PLAIN
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, LogRefused
from trucewatch.evidence.log import Log
from trucewatch.evidence.objects import write_durably
from trucewatch.evidence.vault.compartment import compartments_with_key
from trucewatch.evidence.vault.vault import Closed, Held, Vault
from trucewatch.mission.chain import resolved
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.configuration import in_force
from trucewatch.mission.custody import seal_act
from trucewatch.mission.opened import writing
from trucewatch.records.canonical import canonical

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Compartment:
    """One compartment of a mission.

    Attributes:
        name: Its name.
        key_here: Whether this machine has its key.
        objects: Objects in the vault whose keys it opens.
        sensors: Sensors whose files go into it, by the settings in force.
    """

    name: str
    key_here: bool
    objects: int
    sensors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Who can see an object, and why.

    Attributes:
        object: SHA-256 of the bytes as the log holds them, hex.
        entry: Its first entry.
        type: Type of that entry.
        level: Who may see it.
        compartment: Whose key opens its key; "" when there is none here, or at CLEAR.
        name: What it was called, as far as that can be read here.
        readable: Whether this machine can read it.
        why: Why, or why not.
        keys_here: Compartments whose keys are on this machine.
    """

    object: str
    entry: int
    type: str
    level: str
    compartment: str
    name: str
    readable: bool
    why: str
    keys_here: tuple[str, ...]


def compartments(home: Home) -> list[Compartment]:
    """Return the compartments that have a key, an object or a sensor here, by name."""
    home.expect()
    objects, here = Vault(home.path).compartments(), compartments_with_key(home.path)
    sensors: dict[str, list[str]] = {}
    with Log.open(home.path) as log:
        for sensor, own in in_force(log, log.size).settings.intake.items():
            if own.compartment:
                sensors.setdefault(own.compartment, []).append(sensor)
    return [
        Compartment(
            name=name,
            key_here=name in here,
            objects=objects.get(name, 0),
            sensors=tuple(sorted(sensors.get(name, []))),
        )
        for name in sorted({*objects, *here, *sensors})
    ]


def who(home: Home, asked: str) -> Sight:
    """Return who can see an object, and why.

    Args:
        home: The mission.
        asked: The object: an entry's number, or at least 12 digits of its hash.
    """
    home.expect()
    with Log.open(home.path) as log:
        object_ = resolved(log, asked)
        index = log.indices_of(object_)[0]
        entry, plaintexts = log.entry(index), Plaintexts(log)
        held = plaintexts.closed(entry)
        name = plaintexts.name(entry)
    if held is None:
        why = "level CLEAR: anybody who has the log's objects, an export for example"
    elif isinstance(held, Held):
        why = f"level {entry.level}: whoever holds the key of compartment {held.compartment}"
    else:
        why = held.reason
    return Sight(
        object=object_,
        entry=index,
        type=entry.type,
        level=str(entry.level),
        compartment=Vault(home.path).compartment_of(object_) or "",
        name=name,
        readable=not isinstance(held, Closed),
        why=why,
        keys_here=tuple(compartments_with_key(home.path)),
    )


def disclosure(log: Log, object_: str) -> bytes:
    """Return what opens one object, as canonical JSON: object, key, nonce and plaintext's SHA-256.

    The object is deciphered and held against its commitment first.

    Raises:
        BadInput: It is CLEAR, or cannot be read here.
    """
    index = log.indices_of(object_)[0]
    entry, plaintexts = log.entry(index), Plaintexts(log)
    held = plaintexts.closed(entry)
    where = f"entry {index}"
    if held is None:
        raise BadInput(where, "level is CLEAR, expected one above it: it needs no key")
    if isinstance(held, Closed):
        raise BadInput(where, f"{held.reason}, expected an object that can be read")
    plaintext = plaintexts.expect(index, entry)
    return canonical(
        {
            "v": 1,
            "object": object_,
            "key": held.secret.key.hex(),
            "nonce": held.secret.nonce.hex(),
            "plaintext_sha256": sha256(plaintext).hexdigest(),
        }
    )


def disclose(home: Home, asked: str, out: Path, *, said: Said, clock: Clock) -> int:
    """Write what opens one object to a file, once the log says that it was opened.

    Args:
        home: The mission.
        asked: The object: an entry's number, or at least 12 digits of its hash.
        out: The file, 0600; never overwritten.
        said: Who discloses it and why.
        clock: Says what time it is.

    Returns:
        Entry of the act of custody.

    Raises:
        BadInput: The file is there already, or its folder is not.
        LogRefused: The disk refused.
    """
    if os.path.lexists(out) or not out.parent.is_dir():
        raise BadInput(str(out), "is there already or has no folder, expected a new file")
    with writing(home, clock) as writer:
        object_ = resolved(writer.log, asked)
        content = disclosure(writer.log, object_)
        sealed = seal_act(writer, "opened", [object_], by=said.by, reason=said.reason, detail={})
    try:
        write_durably(out, content, mode=0o600)
    except LogRefused as error:
        advice = f"Entry {sealed.index} says that it was opened; disclose it again."
        raise LogRefused(error.where, error.problem, advice=advice) from error
    return sealed.index
