"""The settings as the log holds them: section by section, with what each key means."""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from trucewatch.errors import BadMission
from trucewatch.mission.configuration import CONFIGURED_TYPE, on_disk, opened_statements
from trucewatch.mission.settings import named_sections, sections
from trucewatch.observe import sensor, sensors
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.evidence.statement import Subject
    from trucewatch.mission.home import Home
    from trucewatch.mission.settings import Settings

_NAME = "mission.toml"


class Key(NamedTuple):
    """One key.

    Attributes:
        name: As in the file.
        written: What is in force, as one would write it; "" for nothing.
        given: Whether the file says so; if not, it is the default.
        meaning: What it means, in English.
    """

    name: str
    written: str
    given: bool
    meaning: str


class Section(NamedTuple):
    """One section of the file.

    Attributes:
        name: As in its heading.
        anchor: Its place on the page.
        meaning: What it is about, in English; "" where its kind says it.
        keys: All of its keys.
    """

    name: str
    anchor: str
    meaning: str
    keys: list[Key]


class Kind(NamedTuple):
    """The sections that come once per name.

    Attributes:
        name: Such as `coverage`.
        meaning: What they are about, in English.
        members: Those that the file has, by name.
    """

    name: str
    meaning: str
    members: list[Section]


class Sealed(NamedTuple):
    """One time at which the configuration was sealed.

    Attributes:
        entry: Of the statement.
        time: When it was logged.
        files: What it put in force: name and SHA-256 of each file.
        changes: Keys and files that differ from what was in force before, in order.
    """

    entry: int
    time: datetime
    files: tuple[Subject, ...]
    changes: list[str]


class OnDisk(NamedTuple):
    """The folder against the log.

    Attributes:
        changes: Keys and files that differ; they are sealed with the next write.
        problem: Why what lies there could not be sealed, in English; "" where it could.
    """

    changes: list[str]
    problem: str


def plain_sections(settings: Settings, raw: bytes) -> list[Section]:
    """Return the sections that every mission has.

    Args:
        settings: In force.
        raw: The bytes that they were read from.
    """
    table = parse_toml(raw, where=_NAME)
    return [
        Section(name, name, _about(kind), _keys(kind, getattr(settings, name), table.get(name)))
        for name, kind in sections().items()
    ]


def kinds_of_section(settings: Settings, raw: bytes) -> list[Kind]:
    """Return the sections that come once per name, and those of sensors.

    Args:
        settings: In force.
        raw: The bytes that they were read from.
    """
    table = parse_toml(raw, where=_NAME)
    found = []
    for pattern, kind in named_sections().items():
        name = pattern.partition(".")[0]
        own = getattr(settings, name)
        members = [
            Section(f"{name}.{one}", f"{name}-{one}", "", _keys(kind, own[one], table[name][one]))  # type: ignore[index]
            for one in sorted(own)
        ]
        found.append(Kind(name, _about(kind), members))
    return [*found, Kind("sensors", "", list(_sensors(settings, table.get("sensors"))))]


def _sensors(settings: Settings, table: object) -> Iterator[Section]:
    """Yield the settings of each sensor that has any."""
    given: Mapping[str, Any] = table if isinstance(table, dict) else {}
    for name in sensors():
        said = sensor(name).SETTINGS_HELP
        keys = [
            Key(key, _written(held), key in given.get(name, {}), said[key])
            for key, held in settings.sensors[name].items()
        ]
        if keys:
            yield Section(f"sensors.{name}", f"sensors-{name}", "", keys)


def _keys(kind: type[Any], own: object, table: object) -> list[Key]:
    said, given = meanings(kind), table if isinstance(table, dict) else {}
    return [
        Key(each.name, _written(getattr(own, each.name)), each.name in given, said[each.name])
        for each in fields(kind)
        if each.init or each.default is not MISSING
    ]


def _written(held: object) -> str:
    """Return a setting as one would write it, without quotes; "" for nothing."""
    if isinstance(held, bool):
        return "true" if held else "false"
    if isinstance(held, float):
        return f"{held:g}" if float(f"{held:g}") == held else repr(held)
    if isinstance(held, list | tuple):
        return ", ".join(map(_written, held))
    if isinstance(held, dict):
        return ", ".join(f"{key} = {_written(each)}" for key, each in held.items())
    return "" if held is None else str(held)


def meanings(kind: type[Any]) -> dict[str, str]:
    """Return what the `Attributes:` section of a docstring says of each name."""
    body = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")[2]
    body = re.split(r"\n(?=\S)", body)[0]
    parts = re.split(r"^ {4}(\w+): ", body, flags=re.MULTILINE)[1:]
    return {
        name: " ".join(said.replace("`", "").split())
        for name, said in zip(parts[::2], parts[1::2], strict=True)
    }


def _about(kind: type[Any]) -> str:
    """Return the first paragraph of a docstring, without the name of the section."""
    first = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0]
    said = re.sub(r"^`\[[^]]*\]`: ", "", " ".join(first.split()))
    return said[:1].upper() + said[1:]


def history(log: Log) -> list[Sealed]:
    """Return every time at which the configuration was sealed, the newest first."""
    found: list[Sealed] = []
    before: tuple[Subject, ...] = ()
    for index, statement in opened_statements(log, log.size, {CONFIGURED_TYPE})[1]:
        files = tuple(statement.subjects)
        changes = _changes(_held(log, before), _held(log, files)) if before else []
        found.append(Sealed(index, log.entry(index).logged_at, files, changes))
        before = files
    return found[::-1]


def _held(log: Log, files: tuple[Subject, ...]) -> dict[str, bytes]:
    return {file.name: log.object(file.sha256) for file in files}


def beside(home: Home, sealed: Sealed) -> OnDisk:
    """Return how the files in the folder differ from what is in force.

    Args:
        home: The mission.
        sealed: What is in force.
    """
    try:
        _, files = on_disk(home)
    except BadMission as error:
        return OnDisk([], f"{error.where.rpartition('/')[2]}: {error.problem}")
    known = {file.name: file.sha256 for file in sealed.files}
    there = {file.name: sha256_hex(file.data) for file in files}
    return OnDisk([name for name in {**known, **there} if known.get(name) != there.get(name)], "")


def _changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """Return the keys and files that two configurations do not share."""
    old, new = (_flat(parse_toml(each[_NAME], where=_NAME)) for each in (before, after))
    keys = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    names = [name for name in {**before, **after} if name != _NAME]
    return keys + [name for name in names if before.get(name) != after.get(name)]


def _flat(table: Mapping[str, object], under: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for key, held in table.items():
        name = f"{under}.{key}" if under else key
        found.update(_flat(held, name) if isinstance(held, dict) else {name: held})
    return found
