"""`tw register load`: seal a file of claims, and say what it adds and what it contradicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, BadRegister
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import REGISTERED, Subject
from trucewatch.mission.custody import NOTHING, seal_words
from trucewatch.mission.opened import writing
from trucewatch.mission.register import CLAIMS_TYPE, register_files, register_of
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.registered import Registered, registered_predicate
from trucewatch.register.contradictions import contradictions
from trucewatch.register.parse import extend, parse
from trucewatch.register.reading.whole import LISTS
from trucewatch.register.shipped import shipped, shipped_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.mission.custody import Actor
    from trucewatch.mission.home import Home
    from trucewatch.records.claims.register import Register
    from trucewatch.register.contradictions import Contradiction


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a file adds to the register.

    Attributes:
        register: Id of the register.
        object: SHA-256 of the file, hex.
        entry: Entry of the statement, or None when nothing was sealed.
        new: How many things of each list the file has; lists without any are left out.
        claims: Its claims, by id in the order of the file.
        superseded: Which claim each of its corrections supersedes, by id.
        found: Contradictions that were not there before.
        settled: Contradictions that are no longer there, as a claim of theirs was superseded.
    """

    register: str
    object: str
    entry: int | None
    new: Mapping[str, int]
    claims: tuple[str, ...]
    superseded: Mapping[str, str]
    found: tuple[Contradiction, ...]
    settled: tuple[Contradiction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsFile:
    """A file of claims that is not in the log yet.

    Attributes:
        name: How errors name it.
        raw: Its bytes.
    """

    name: str
    raw: bytes = field(repr=False)


def claims_file(asked: str) -> ClaimsFile:
    """Return a file on the disk, or the shipped register of that name.

    Args:
        asked: A path, or one of `register.shipped.shipped()`.

    Raises:
        BadInput: Neither is there.
    """
    path = Path(asked)
    if asked in shipped() and not path.exists():
        return ClaimsFile(name=f"{asked}.yaml", raw=shipped_bytes(asked))
    try:
        return ClaimsFile(name=path.name, raw=path.read_bytes())
    except (OSError, ValueError) as error:
        problem = f"cannot be read ({getattr(error, 'strerror', error)})"
        known = ", ".join(shipped())
        raise BadInput(asked[:200], f"{problem}, expected a file or one of: {known}") from error


def load(home: Home, file: ClaimsFile, *, actor: Actor) -> Added:
    """Seal a file of claims and make it part of the register; nothing is sealed of a bad one.

    Args:
        home: The mission.
        file: The file. The first of a mission is a register, each later one extends it.
        actor: Who loads it.
    """
    with writing(home, actor.clock) as writer:
        log = writer.log
        earlier, register = _with(log, file)
        object_ = sha256_hex(file.raw)
        item = NewObject(type=CLAIMS_TYPE, data=file.raw, name=file.name)
        said = Registered(
            register=register.id, by=actor.said.by, reason=actor.said.reason, entry=log.size + 1
        )
        sealed = seal_words(
            writer,
            REGISTERED,
            [Subject(name=CLAIMS_TYPE, sha256=object_)],
            registered_predicate(said),
            actor=actor,
            new=[item],
        )[-1]
        return _added(earlier, register, object_, sealed.index)


def tried(home: Home, file: ClaimsFile) -> Added:
    """Return what a file would add to the register; seal nothing.

    Args:
        home: The mission.
        file: The file.
    """
    with Log.open(home.expect().path) as log:
        earlier, register = _with(log, file)
    return _added(earlier, register, sha256_hex(file.raw), None)


def _with(log: Log, file: ClaimsFile) -> tuple[Register | None, Register]:
    """Return the register before a file and with it.

    Raises:
        BadRegister: The file cannot be part of it.
    """
    if not register_files(log, log.size):
        return None, parse(file.raw, name=file.name)
    earlier = register_of(log, log.size)
    try:
        return earlier, extend(earlier, file.raw, name=file.name)
    except BadRegister as error:
        advice = NOTHING
        if b"extends:" not in file.raw:
            advice += f" Register {earlier.id} is loaded: a later file has extends: {earlier.id}"
        raise BadRegister(error.where, error.problem, advice=advice) from error


def _added(earlier: Register | None, register: Register, object_: str, entry: int | None) -> Added:
    sizes = {key: len(getattr(register, key)) for key in LISTS}
    if earlier is not None:
        sizes = {key: n - len(getattr(earlier, key)) for key, n in sizes.items()}
    claims = register.claims[len(register.claims) - sizes["claims"] :]
    now = {each.id: each for each in contradictions(register)}
    then = {} if earlier is None else {each.id: each for each in contradictions(earlier)}
    return Added(
        register=register.id,
        object=object_,
        entry=entry,
        new={key: n for key, n in sizes.items() if n},
        claims=tuple(each.id for each in claims),
        superseded={each.id: each.supersedes for each in claims if each.supersedes},
        found=tuple(each for name, each in now.items() if name not in then),
        settled=tuple(each for name, each in then.items() if name not in now),
    )
