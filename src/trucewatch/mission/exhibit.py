"""Exhibits: objects that no sensor module reads, opened and copied without touching the original.

What is sealed stays as it is. Whoever wants to look gets a read-only copy that says so in its name;
whoever wants to work on it makes a working copy, which is an object of its own with its parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.custody import DERIVED, EXHIBIT
from trucewatch.evidence.intake.inspect import inspect as inspect_bytes
from trucewatch.evidence.intake.worker import INSPECT, Worker
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import ASSERTED, EXCULPATORY, Subject
from trucewatch.evidence.vault.vault import Held
from trucewatch.mission.chain import resolved
from trucewatch.mission.confidential import Plaintexts, protected
from trucewatch.mission.copies import copy_path, write_copy
from trucewatch.mission.custody import NOTHING, Deed, seal, seal_words, type_of
from trucewatch.mission.naming import shown
from trucewatch.mission.opened import writing
from trucewatch.mission.provenance import code_version
from trucewatch.records.assertion import assertion_predicate, read_assertion
from trucewatch.records.canonical import canonical, parse_canonical, sha256_hex
from trucewatch.records.custody import Act
from trucewatch.records.exculpatory import exculpatory_predicate, read_exculpatory
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.intake.inspect import Facts
    from trucewatch.evidence.sequencer import Appended
    from trucewatch.mission.custody import Actor
    from trucewatch.mission.home import Home
    from trucewatch.mission.opened import Writer
    from trucewatch.records.assertion import Assertion
    from trucewatch.records.canonical import Json
    from trucewatch.records.exculpatory import Exculpatory

STRIP = "strip"
"""Job that takes off a photograph what the camera and others wrote into it."""

_STRIP_TOOL = "trucewatch strip"
_STRIP_PARAMETERS = "pixels of the first frame, upright"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How exhibits came to the desk.

    Attributes:
        place: Where they were collected.
        method: How.
        at: When, as claimed; now, when it is None.
        level: Who may see them.
        compartment: Whose key enciphers them, above CLEAR.
    """

    place: str
    method: str
    at: datetime | None = None
    level: Level = Level.CLEAR
    compartment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What made a working copy.

    Attributes:
        name: Its name.
        version: Its version.
        parameters: What it was told to do, in words.
    """

    name: str
    version: str
    parameters: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An object that was sealed, or opened, with the statement that says so.

    Attributes:
        object: SHA-256 of its bytes as stored.
        entry: Index of its entry.
        name: What it is called: a label, not evidence. Of a copy on the disk, its path.
        statement: Index of the statement's entry.
    """

    object: str
    entry: int
    name: str
    statement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A working copy that is to be sealed."""

    parent: str
    content: bytes
    name: str
    tool: Tool


def collect(home: Home, files: Sequence[Path], taken: Taken, *, actor: Actor) -> list[Placed]:
    """Seal files as exhibits, with who collected them where and how; all or none.

    Args:
        home: The mission.
        files: The files, each with other bytes.
        taken: How they came.
        actor: Who collected them; the statement is the desk's, which seals them.
    """
    named = [(shown(path), _content(path)) for path in files]
    with writing(home, actor.clock) as writer:
        new = [
            at_level(
                writer,
                NewObject(type=EXHIBIT, data=content, name=name),
                level=taken.level,
                compartment=taken.compartment,
            )
            for name, content in named
        ]
        deed = Deed(
            act=Act.COLLECTED,
            objects=tuple(sha256_hex(item.data) for item in new),
            by=actor.said.by,
            reason=actor.said.reason,
            detail={"method": taken.method, "place": taken.place},
            at=taken.at,
        )
        *sealed, statement = seal(writer, deed, key=actor.private(), new=new)
        return [
            _placed(each, name, statement) for each, (name, _) in zip(sealed, named, strict=True)
        ]


def open_copy(home: Home, asked: str, out: Path, *, actor: Actor) -> Placed:
    """Seal that an object is opened, then write a read-only copy of it.

    The copy's name says COPY and the beginning of the hash; nothing is ever overwritten.

    Args:
        home: The mission.
        asked: The object, as `chain.resolved` takes it.
        out: A folder, or a file in one: the copy's name ends in that file's. A name without a
            suffix is a folder, which is made.
        actor: Who opens it: its custodian.
    """
    with writing(home, actor.clock) as writer:
        object_ = resolved(writer.log, asked)
        content = content_of(writer.log, object_)
        path = copy_path(out, object_, _name(writer.log, object_))
        deed = Deed(act=Act.OPENED, objects=(object_,), by=actor.said.by, reason=actor.said.reason)
        sealed = seal(writer, deed, key=actor.private())[-1]
        write_copy(path, content)
        entry = writer.log.indices_of(object_)[0]
        return Placed(object=object_, entry=entry, name=str(path), statement=sealed.index)


def derive(home: Home, asked: str, file: Path, tool: Tool, *, actor: Actor) -> Placed:
    """Seal a file that somebody made of an object as its working copy.

    Args:
        home: The mission.
        asked: The original, as `chain.resolved` takes it.
        file: The working copy.
        tool: What made it.
        actor: Who made it: the original's custodian.
    """
    name, content = shown(file), _content(file)
    with writing(home, actor.clock) as writer:
        parent = resolved(writer.log, asked)
        made = _Made(parent=parent, content=content, name=name, tool=tool)
        return _seal_copy(writer, made, actor)


def strip(home: Home, asked: str, *, actor: Actor) -> Placed:
    """Seal a working copy of a photograph without what the camera and others wrote into it.

    Place, time, device, thumbnails and maker's notes are off; the original keeps them.

    Args:
        home: The mission.
        asked: The photograph, as `chain.resolved` takes it.
        actor: Who makes the copy: the original's custodian.
    """
    with writing(home, actor.clock) as writer, Worker(INSPECT) as worker:
        parent = resolved(writer.log, asked)
        name = _name(writer.log, parent)
        _, content = worker.ask(STRIP, content_of(writer.log, parent), name=name)
        tool = Tool(name=_STRIP_TOOL, version=code_version(), parameters=_STRIP_PARAMETERS)
        made = _Made(parent=parent, content=content, name=f"stripped {name}", tool=tool)
        return _seal_copy(writer, made, actor)


def assertion(
    home: Home,
    file: Path,
    what: Assertion,
    *,
    actor: Actor,
    level: Level = Level.CLEAR,
    compartment: str = "",
) -> Placed:
    """Seal a provider's conclusion without its data: their words as an exhibit, and what it is.

    Args:
        home: The mission.
        file: The provider's own words.
        what: The assertion; its entry is not looked at.
        actor: Who records it.
        level: Who may see the words.
        compartment: Whose key enciphers them, above CLEAR.
    """
    name, content = shown(file), _content(file)
    predicate = _readable(assertion_predicate(what), read_assertion)
    with writing(home, actor.clock) as writer:
        plain = NewObject(type=EXHIBIT, data=content, name=name)
        item = at_level(writer, plain, level=level, compartment=compartment)
        subjects = [Subject(name=EXHIBIT, sha256=sha256_hex(item.data))]
        sealed, statement = seal_words(
            writer, ASSERTED, subjects, predicate, actor=actor, new=[item]
        )
        return _placed(sealed, name, statement)


def exculpatory(home: Home, asked: Sequence[str], what: Exculpatory, *, actor: Actor) -> Appended:
    """Mark objects as speaking for a party; no bundle of the mission leaves the mark out.

    Args:
        home: The mission.
        asked: The objects, as `chain.resolved` takes them.
        what: The mark; its entry is not looked at.
        actor: Who marks them.

    Raises:
        BadInput: The agreement in force names who takes part, and the party is none of them;
            nothing was sealed.
    """
    predicate = _readable(exculpatory_predicate(what), read_exculpatory)
    with writing(home, actor.clock) as writer:
        known = [party.id for party in writer.using.agreement.parties]
        if known and what.party not in known:
            problem = f"is {what.party[:80]!r}, expected one of {', '.join(known)}"
            raise BadInput("party", problem, advice=NOTHING)
        objects = [resolved(writer.log, each) for each in asked]
        subjects = [Subject(name=type_of(writer.log, o), sha256=o) for o in objects]
        return seal_words(writer, EXCULPATORY, subjects, predicate, actor=actor)[-1]


def inspect(home: Home, asked: str) -> Facts:
    """Return what an object is and what it claims of itself, as a worker finds it.

    Args:
        home: The mission.
        asked: The object, as `chain.resolved` takes it.
    """
    with Log.open(home.expect().path) as log, Worker(INSPECT) as worker:
        return inspect_bytes(content_of(log, resolved(log, asked)), worker=worker)


def at_level(writer: Writer, item: NewObject, *, level: Level, compartment: str) -> NewObject:
    """Return an object as it is sealed at a level: as it is at CLEAR, enciphered above it.

    Args:
        writer: The mission, locked.
        item: The object, in the clear.
        level: Who may see it.
        compartment: Who holds its key; "" at CLEAR.

    Raises:
        BadInput: A compartment is named at CLEAR.
    """
    if level is Level.CLEAR and compartment:
        problem = f"is {level} in compartment {compartment}, expected a level above or none"
        raise BadInput("level", problem)
    return protected(writer.log, item, level=level, compartment=compartment)


def content_of(log: Log, object_: str) -> bytes:
    """Return the bytes of an object as they came in.

    One that was erased, or whose key is not here, is refused as `BadInput`.
    """
    index = log.indices_of(object_)[0]
    return Plaintexts(log).expect(index, log.entry(index))


def _seal_copy(writer: Writer, made: _Made, actor: Actor) -> Placed:
    """Seal a working copy with its parent, at the parent's level.

    Raises:
        BadInput: The copy has the parent's own bytes.
    """
    log = writer.log
    if made.content == content_of(log, made.parent):
        problem = "has the original's own bytes, expected other ones"
        raise BadInput(made.name, problem, advice=NOTHING)
    parent = log.entry(log.indices_of(made.parent)[0])
    held = Plaintexts(log).closed(parent)
    item = at_level(
        writer,
        NewObject(type=DERIVED, data=made.content, name=made.name),
        level=parent.level,
        compartment=held.compartment if isinstance(held, Held) else "",
    )
    deed = Deed(
        act=Act.DERIVED,
        objects=(sha256_hex(item.data),),
        by=actor.said.by,
        reason=actor.said.reason,
        detail={
            "parameters": made.tool.parameters,
            "parent": made.parent,
            "tool": made.tool.name,
            "version": made.tool.version,
        },
    )
    sealed, statement = seal(writer, deed, key=actor.private(), new=[item])
    return _placed(sealed, made.name, statement)


def _name(log: Log, object_: str) -> str:
    """Return what an object was called: a label, not evidence."""
    return Plaintexts(log).name(log.entry(log.indices_of(object_)[0]))


def _placed(sealed: Appended, name: str, statement: Appended) -> Placed:
    return Placed(object=sealed.object, entry=sealed.index, name=name, statement=statement.index)


def _readable(predicate: Mapping[str, object], read: Callable[..., object]) -> dict[str, Json]:
    """Return what a statement says, once its own reader has taken it.

    Raises:
        BadInput: It does not.
    """
    said = parse_canonical(canonical(dict(predicate)), where="statement")
    try:
        read(said, entry=0)
    except BadInput as error:
        raise BadInput("statement", error.problem) from error
    return said


def _content(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        BadInput: It is no file, or cannot be read, or is empty.
    """
    try:
        content = path.read_bytes() if path.is_file() else None
    except (OSError, ValueError) as error:
        problem = f"{getattr(error, 'strerror', error)}, expected a readable file"
        raise BadInput(str(path)[:200], problem) from error
    if not content:
        found = "is empty" if content == b"" else "is no file"
        raise BadInput(str(path)[:200], f"{found}, expected a file with content")
    return content
