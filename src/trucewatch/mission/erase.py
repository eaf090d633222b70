"""`tw erase`: make a confidential object unreadable for good, and say that it was done.

1. A tombstone is sealed: an act of custody, signed. From here on the object counts as erased.
2. Its keys are destroyed, in the mission and in every backup that can be reached.
3. Its file names are taken out of the log's database.
4. What was computed from it is removed, reports at level mission with it, and the projections are
   computed again without it.

The ciphertext stays where it is, so the log still verifies. Each step may be done again, so an
erasure that was interrupted is finished by asking for it once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput, BadMission, LogRefused
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.keys import load_private
from trucewatch.evidence.log import Log
from trucewatch.evidence.objects import sync_folder
from trucewatch.evidence.statement import CUSTODY
from trucewatch.evidence.vault.vault import Vault
from trucewatch.mission.chain import resolved
from trucewatch.mission.confidential import Plaintexts, erasures
from trucewatch.mission.configuration import opened_statements
from trucewatch.mission.custody import seal_act
from trucewatch.mission.linked import linked
from trucewatch.mission.opened import keys_of, reading, writing
from trucewatch.mission.rebuild import rebuild
from trucewatch.records.canonical import parse_canonical
from trucewatch.records.custody import Act, read_custody
from trucewatch.records.form import is_text
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said
    from trucewatch.records.custody import Custody

BACKUPS = "backups.json"
"""File of a mission that lists its backups: `{"folders": [absolute paths], "v": 1}`."""

_CUSTODY_TYPE = STATEMENT_PREFIX + CUSTODY
_GIVEN = {Act.OPENED, Act.COPIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """One object that goes.

    Attributes:
        object: SHA-256 of its ciphertext, hex.
        entries: Its entries, which stay.
        level: Who could see it.
        name: What it was called, as far as that can be read here.
        parent: The object that it was derived from, or "" for the one that was asked for.
    """

    object: str
    entries: tuple[int, ...]
    level: str
    name: str
    parent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an erasure takes away.

    Attributes:
        objects: The object, then the copies that were derived from it.
        tombstone: Entry that erased it already, or None.
        kept: Copies at CLEAR, which the public has seen and nobody can take back.
        incidents: Incidents that rest on it now; None when there are no tables to ask.
        cited: Entries of what analysts sealed about its reports; places and times in them stay.
        opened: Entries of acts that gave it out; what left the mission cannot be taken back.
        reports: Files of reports at level mission that are removed.
        backups: Backups that can be reached.
        unreachable: Backups in which its keys stay until they can be.
    """

    objects: tuple[Doomed, ...]
    tombstone: int | None
    kept: tuple[str, ...]
    incidents: tuple[str, ...] | None
    cited: tuple[int, ...]
    opened: tuple[int, ...]
    reports: tuple[str, ...]
    backups: tuple[str, ...]
    unreachable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure did.

    Attributes:
        entry: Entry of the tombstone.
        objects: What was erased.
        destroyed: Files that were destroyed, as paths.
        labels: File names that were taken out of the log's database.
        reports: Files of reports that were removed.
        pending: Backups that could not be reached: their keys are still there.
    """

    entry: int
    objects: tuple[str, ...]
    destroyed: tuple[str, ...]
    labels: int
    reports: tuple[str, ...]
    pending: tuple[str, ...]


def plan(home: Home, asked: str) -> Plan:
    """Return what erasing an object would take away, and change nothing.

    Args:
        home: The mission.
        asked: The object: an entry's number, or at least 12 digits of its hash.
    """
    home.expect()
    with Log.open(home.path) as log:
        object_ = resolved(log, asked)
        _expect_confidential(log, object_)
        doomed, kept = _family(log, object_)
        going = {each.object for each in doomed}
        cited = [
            each.link.entry
            for each in linked(log, log.size)
            if going & {o for o, _ in (*each.link.observations, *each.link.against)}
        ]
        opened = [act.entry for act, of in _acts(log) if act.act in _GIVEN and going & set(of)]
        tombstone = erasures(log).get(object_)
    reachable, unreachable = _backups(home)
    return Plan(
        objects=tuple(doomed),
        tombstone=tombstone,
        kept=tuple(kept),
        incidents=_incidents(home, going),
        cited=tuple(cited),
        opened=tuple(opened),
        reports=tuple(str(path) for path in _reports(home)),
        backups=tuple(map(str, reachable)),
        unreachable=tuple(map(str, unreachable)),
    )


def erase(home: Home, asked: str, *, said: Said, clock: Clock, key: Path | None = None) -> Erased:
    """Erase an object and the copies that were derived from it, or finish doing so.

    Args:
        home: The mission.
        asked: The object: an entry's number, or at least 12 digits of its hash.
        said: Who has it erased and why.
        clock: Says what time it is.
        key: PEM file of the person who has custody of it; the desk by default.
    """
    _backups(home)  # a list that cannot be read is found before anything is sealed
    with writing(home, clock) as writer:
        object_ = resolved(writer.log, asked)
        _expect_confidential(writer.log, object_)
        objects = [each.object for each in _family(writer.log, object_)[0]]
        before = erasures(writer.log)
        new = [each for each in objects if each not in before]
        if new:
            seal_act(
                writer,
                "erased",
                new,
                by=said.by,
                reason=said.reason,
                detail={},
                key=load_private(key) if key else None,
            )
        tombstone = erasures(writer.log)[object_]
        destroyed, pending = _destroy(home, objects)
        labels = sum(writer.log.forget_labels(each) for each in objects)
    removed = _remove(_reports(home))
    with Log.open(home.path, signer=keys_of(home).log):  # for its lock alone
        _remove(_computed(home, objects))
    rebuild(home)
    return Erased(
        entry=tombstone,
        objects=tuple(objects),
        destroyed=tuple(destroyed),
        labels=labels,
        reports=tuple(removed),
        pending=tuple(pending),
    )


def finish(home: Home, *, clock: Clock) -> tuple[list[str], list[str]]:
    """Destroy what is left of every erased object in every backup that can be reached now.

    Returns:
        Files that were destroyed, and backups that still cannot be reached.
    """
    with writing(home, clock) as writer:
        return _destroy(home, sorted(erasures(writer.log)))


def listed_backups(home: Home) -> list[Path]:
    """Return the folders of the mission's backups, as `HOME/backups.json` lists them.

    Raises:
        BadMission: The file cannot be read, or is of another form.
    """
    path = home.path / BACKUPS
    if not path.exists():
        return []
    try:
        said = parse_canonical(path.read_bytes(), where=BACKUPS)
    except (OSError, BadInput, UnicodeError) as error:
        problem = getattr(error, "problem", str(error))
        raise BadMission(str(path), f"{problem}; expected a list of folders") from error
    folders = said.get("folders")
    if said != {"v": 1, "folders": folders} or not isinstance(folders, list):
        raise BadMission(str(path), f"has {', '.join(sorted(said))}, expected folders and v 1")
    for folder in folders:
        if not is_text(folder) or not Path(str(folder)).is_absolute():
            raise BadMission(str(path), f"folder is {str(folder)[:80]!r}, expected a whole path")
    return [Path(str(folder)) for folder in folders]


def _expect_confidential(log: Log, object_: str) -> None:
    """Refuse an object that was public.

    Raises:
        BadInput: It is CLEAR.
    """
    for index in log.indices_of(object_):
        level = log.entry(index).level
        if level is Level.CLEAR:
            problem = "level is CLEAR: it was public, and nobody can take that back"
            where = f"entry {index}"
            raise BadInput(where, f"{problem}; expected an object above CLEAR")


def _family(log: Log, object_: str) -> tuple[list[Doomed], list[str]]:
    """Return an object with every copy that was derived from it above CLEAR, and those at CLEAR."""
    children: dict[str, list[str]] = {}
    for act, objects in _acts(log):
        if act.act is Act.DERIVED:
            children.setdefault(act.detail["parent"], []).extend(objects)
    plaintexts = Plaintexts(log)
    parents, doomed, kept = {object_: ""}, [], []
    waiting = [object_]
    while waiting:
        at = waiting.pop(0)
        indices = log.indices_of(at)
        entry = log.entry(indices[0])
        if entry.level is Level.CLEAR:
            kept.append(at)
        else:
            doomed.append(
                Doomed(
                    object=at,
                    entries=tuple(indices),
                    level=str(entry.level),
                    name=plaintexts.name(entry),
                    parent=parents[at],
                )
            )
        for child in children.get(at, []):
            if child not in parents:
                parents[child] = at
                waiting.append(child)
    return doomed, kept


def _acts(log: Log) -> list[tuple[Custody, list[str]]]:
    """Return every act of custody with the objects that it was done with, in order."""
    return [
        (
            read_custody(statement.predicate, entry=index),
            [subject.sha256 for subject in statement.subjects],
        )
        for index, statement in opened_statements(log, log.size, {_CUSTODY_TYPE})[1]
    ]


def _incidents(home: Home, objects: set[str]) -> tuple[str, ...] | None:
    try:
        with reading(home) as (_, there):
            members = there.desk.read("members")
    except BadMission:  # damaged or half swapped, which the rebuild mends
        return None
    here = pl.col("object").cast(pl.String).is_in(sorted(objects))
    return tuple(members.filter(here)["incident"].unique().sort())


def _backups(home: Home) -> tuple[list[Path], list[Path]]:
    """Return the backups that can be reached, and those that cannot: not mounted, for example."""
    folders = listed_backups(home)
    here = [folder for folder in folders if (folder / "log.db").is_file()]
    return here, [folder for folder in folders if folder not in here]


def _destroy(home: Home, objects: Sequence[str]) -> tuple[list[str], list[str]]:
    """Destroy the keys of objects everywhere; return what was, and where they may still be."""
    reachable, unreachable = _backups(home)
    destroyed, pending = [], [str(folder) for folder in unreachable]
    vault = Vault(home.path)
    known = vault.known()
    for object_ in objects:
        destroyed += [str(home.path / path) for path in vault.destroy(object_, known)]
    for folder in reachable:
        there = Vault(folder)
        try:
            known = there.known()
            for object_ in objects:
                destroyed += [str(folder / path) for path in there.destroy(object_, known)]
        except LogRefused:  # read-only, failing: named, and tried again with --pending
            pending.append(str(folder))
    return destroyed, pending


def _reports(home: Home) -> list[Path]:
    folder = home.reports / "mission"
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _remove(paths: Iterable[Path]) -> list[str]:
    """Remove files; return which.

    Raises:
        LogRefused: The disk refused.
    """
    removed = []
    for path in paths:
        try:
            path.unlink()
            sync_folder(path.parent)
        except OSError as error:
            problem = f"cannot be removed ({error.strerror}), expected a disk that accepts it"
            raise LogRefused(str(path), problem, advice="Erase it again.") from error
        removed.append(str(path))
    return removed


def _computed(home: Home, objects: Sequence[str]) -> list[Path]:
    """Return the tables, whole or left by a crash, and the archive's files of some objects."""
    tables = sorted(home.path.glob(f"{home.desk.name}*"))
    files = [
        path
        for folder in sorted(home.path.iterdir())
        if folder.name.startswith(home.archive.name) or folder.name == "rebuilding"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (folder.name != home.archive.name or path.stem in objects)
    ]
    return [*tables, *files]
