"""`tw export`: a bundle with which an outsider can check what was published, without our code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import polars as pl

from trucewatch.errors import BadMission, LogRefused
from trucewatch.evidence.assemble import Choices, assemble
from trucewatch.evidence.bag import MANIFEST
from trucewatch.evidence.bundle import write_bundle
from trucewatch.evidence.custody import DERIVED, EXHIBIT
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.statement import ABSENT, ATTRIBUTED, LINKED, SEATED
from trucewatch.mission.attributed import ATTRIBUTED_TYPE
from trucewatch.mission.configuration import (
    ENROLLED_TYPE,
    in_force,
    opened_statements,
    restricted_texts,
    statements,
)
from trucewatch.mission.custody import seal_act
from trucewatch.mission.linked import CITED_TYPE, LINKED_TYPE
from trucewatch.mission.logbook import LOGBOOK_TYPES
from trucewatch.mission.opened import reading, writing
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.enrolment import Holder, read_enrolment
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.log import Log
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection

ExportLevel = Literal["public", "mission"]

_PUBLIC = ("received/", "configuration/", "report/", "release/", "cited/")
"""Beginnings of the types of objects that the public may see, when they are CLEAR."""

_PUBLIC_STATEMENTS = frozenset(
    STATEMENT_PREFIX + kind
    for kind in ("configured/v1", "computed/v1", "published/v1", ABSENT, SEATED)
)
"""Entry types of statements that the public may see; of enrolments only those of desks besides."""

_RECEIVED = "received/"
_WHEREABOUTS = ("received/positions/", "received/watch/")
_COMPUTED = STATEMENT_PREFIX + "computed/v1"
_KEPT = (EXHIBIT, DERIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """To whom a bundle goes, as the act of custody says it.

    Attributes:
        to: Who gets it.
        by: Who made it.
        reason: Why.
    """

    to: str = "not said"
    by: str = "the desk"
    reason: str = "export of a bundle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What a bundle holds.

    Attributes:
        path: The bundle.
        entries: Entries of the log, all of them.
        objects: Objects that are included.
        withheld: Objects that are not, with the reason of each, by entry.
        bytes: Size of the bundle.
        manifest: SHA-256 of its manifest: whoever has it can tell this bundle from any other.
        recorded: Entry of the act of custody that says that it was made; None when it was not.
        not_recorded: Why not; "" when it was.
    """

    path: Path
    entries: int
    objects: int
    withheld: dict[int, str]
    bytes: int
    manifest: str
    recorded: int | None
    not_recorded: str


def export(
    home: Home,
    out: Path,
    *,
    level: ExportLevel,
    clock: Clock,
    handover: Handover | None = None,
) -> Exported:
    """Write a bundle: the whole log, and the objects that `level` may see.

    At `public` an object is included when it is CLEAR, of a type that the public may see, and every
    observation in it is older than the release delay, counted from its receipt when something in it
    could not be read; at `mission` every object is. What analysts said, and what they cited, names
    people and exact places: it stays in the mission, and so does what persons and devices signed,
    what was entered in the logbook, and an agreement that shows restricted places.

    That it was made is an act of custody and the first entry after the log that the bundle holds.
    """
    with reading(home) as (log, there):
        settings = in_force(log, log.size).settings
        include: Callable[[int, Entry], str | None] = _everything
        if level == "public":
            limit = clock.now() - timedelta(hours=settings.release.delay_h)
            include = _public(log, there, limit)
        entries = list(log.entries(0, log.size))
        reasons = {index: include(index, entry) for index, entry in entries}
        _withhold_computed(entries, reasons)
        choices = Choices(
            level=level,
            include=lambda index, _: reasons[index],
            reports=_reports(log),
            exercise=settings.mission.exercise,
        )
        files = assemble(log, choices)
    write_bundle(out, files)
    withheld = {index: reason for index, reason in reasons.items() if reason is not None}
    manifest = sha256_hex(files[MANIFEST])
    kept = [entry.object for index, entry in entries if index not in withheld and _kept(entry)]
    recorded = _record(home, clock, kept, handover or Handover(), (level, manifest))
    return Exported(
        path=out,
        entries=len(entries),
        objects=len(entries) - len(withheld),
        withheld=withheld,
        bytes=out.stat().st_size,
        manifest=manifest,
        recorded=recorded if isinstance(recorded, int) else None,
        not_recorded=recorded if isinstance(recorded, str) else "",
    )


def _record(
    home: Home, clock: Clock, kept: list[str], handover: Handover, what: tuple[str, str]
) -> int | str:
    """Return the entry of the act of custody, or why there is none."""
    level, manifest = what
    try:
        with writing(home, clock) as writer:
            # Of what the mission keeps apart; the manifest names all the rest. A statement needs a
            # subject, so a bundle without any of it cites the settings that it was made under.
            objects = list(dict.fromkeys(kept)) or [writer.using.settings_object]
            sealed = seal_act(
                writer,
                "exported",
                objects,
                by=handover.by,
                reason=handover.reason,
                detail={"level": level, "manifest": manifest, "to": handover.to},
            )
    except (BadMission, LogRefused) as error:
        return str(error)
    return sealed.index


def _kept(entry: Entry) -> bool:
    return entry.level is not Level.CLEAR or entry.type in _KEPT


def _reports(log: Log) -> dict[str, str]:
    """Return published files by readable name; an earlier edition carries its hash in front.

    The names are those that the statements published, never what somebody called the same bytes.
    """
    editions: dict[str, list[str]] = {}
    for _, statement in statements(log, "published/v1"):
        for subject in statement.subjects:
            seen = editions.setdefault(subject.name, [])
            seen[:] = [*(digest for digest in seen if digest != subject.sha256), subject.sha256]
    earlier = {f"{d[:12]}-{name}": d for name, seen in editions.items() for d in seen[:-1]}
    return earlier | {name: seen[-1] for name, seen in editions.items()}


def _withhold_computed(entries: list[tuple[int, Entry]], reasons: dict[int, str | None]) -> None:
    """Withhold what was computed from what is withheld: a digest of few rows can be guessed.

    The reason names the first such file or act of the logbook.
    """
    first = None
    for index, entry in entries:
        counts = entry.type.startswith(_RECEIVED) or entry.type in LOGBOOK_TYPES
        if first is None and counts and reasons[index] is not None:
            first = index
        if first is not None and entry.type == _COMPUTED and reasons[index] is None:
            reasons[index] = f"rests on entry {first}, which is withheld"


def _everything(_: int, __: Entry) -> str | None:
    return None


def _public(log: Log, there: Projection, limit: datetime) -> Callable[[int, Entry], str | None]:
    """Return why an entry's object is not for the public; None when it is: a list of what is."""
    (told, desks), guarded = _told(log), restricted_texts(log)
    files = there.desk.read("file").group_by(pl.col("object").cast(pl.String))
    totals = files.agg(pl.col("time_max").max(), pl.col("refused").sum())
    read = {digest: (newest, refused) for digest, newest, refused in totals.iter_rows()}

    def reason(index: int, entry: Entry) -> str | None:
        if entry.level is not Level.CLEAR:
            return f"level {entry.level}"
        if entry.type in _PUBLIC_STATEMENTS or index in desks:
            return None
        if entry.object in guarded:
            return "shows restricted places"
        placed = entry.type.startswith(_WHEREABOUTS)  # of craft and patrols: never, however old
        if placed or not entry.type.startswith(_PUBLIC) or entry.object in told:
            return "mission only"
        if not entry.type.startswith(_RECEIVED):
            return None
        latest, refused = read.get(entry.object, (None, 0))
        if latest is None or refused:  # rows whose time nobody could read are as new as the file
            latest = max(latest or entry.logged_at, entry.logged_at)
        return "release delay" if latest > limit else None

    return reason


def _told(log: Log) -> tuple[set[str], set[int]]:
    """Return what analysts cited, and the entries of enrolments of desks."""
    told, desks = set(), set()
    asked = {LINKED_TYPE, ENROLLED_TYPE, ATTRIBUTED_TYPE}
    for index, statement in opened_statements(log, log.size, asked)[1]:
        if statement.type in {LINKED, ATTRIBUTED}:
            told |= {s.sha256 for s in statement.subjects if s.name == CITED_TYPE}
        elif read_enrolment(statement.predicate, entry=index).kind is Holder.DESK:
            desks.add(index)
    return told, desks
