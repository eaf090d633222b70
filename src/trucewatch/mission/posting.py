"""What is posted while the mission is open to write: sealed many at a time, durable by one fsync.

A post is a sensor's file as `tw ingest` takes it, with the same rules: what nobody can read is
kept as well, and said. One thing differs: an envelope that does not verify is given back to its
sender, who is there to hear it, and then nothing is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken, TruceWatchError
from trucewatch.evidence.sequencer import NewObject
from trucewatch.mission.batches import judged
from trucewatch.mission.confidential import protected
from trucewatch.mission.configuration import keyring_of
from trucewatch.mission.ingest import Intake, Refusal, Vouched
from trucewatch.mission.noted import Received
from trucewatch.mission.projection import opened, received_type
from trucewatch.observe import sensor as sensor_module
from trucewatch.records.level import Level
from trucewatch.records.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import polars as pl

    from trucewatch.evidence.sequencer import Appended
    from trucewatch.mission.batches import Envelope
    from trucewatch.mission.opened import Writer
    from trucewatch.records.batch import Batch

    Heard = Callable[[int, str, pl.DataFrame], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a sensor sent.

    Attributes:
        sensor: Which one.
        raw: The bytes.
        name: What its sender calls the file; a label, not evidence.
        envelope: What a device signed of it, if it did.
    """

    sensor: str
    raw: bytes
    name: str
    envelope: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A post that is to be sealed: the file, and the envelope that was found good."""

    post: Post
    items: tuple[NewObject, ...]
    envelope: Envelope | None


def take(
    writer: Writer, posts: Sequence[Post], *, note: bool, heard: Heard
) -> list[Intake | TruceWatchError]:
    """Seal posts, all in one transaction, and read them; on return they are durable.

    Args:
        writer: The mission, open to write and caught up with its log.
        posts: In order; no two of one sensor with the same bytes.
        note: Whether to put them on the desk. Where that waits, because a run is reading archive
            and desk, `Projection.catch_up` does it afterwards from the log.
        heard: Is told entry, sensor and observations of each file that is new.

    Returns:
        What became of each, in order; of one that is not sealed, why.
    """
    now = writer.clock.now()
    due = [_due_or_not(writer, post, now) for post in posts]
    items = [item for each in due if isinstance(each, _Due) for item in each.items]
    placed = iter(writer.log.append(items, now=now))
    found: list[Intake | TruceWatchError] = []
    for each in due:
        if isinstance(each, _Due):
            places = [next(placed) for _ in each.items]
            became, batch = _taken(writer, each, places, note=note)
            if became.new and batch is not None:
                heard(became.entry, each.post.sensor, batch.observations)
            found.append(became)
        else:
            found.append(each)
    return found


def _due_or_not(writer: Writer, post: Post, now: datetime) -> _Due | TruceWatchError:
    try:
        return _due(writer, post, now)
    except TruceWatchError as error:
        return error


def _due(writer: Writer, post: Post, now: datetime) -> _Due:
    kind = received_type(post.sensor, post.raw, name=post.name)
    plain = [NewObject(type=kind, data=post.raw, name=post.name)]
    found = None
    if post.envelope is not None:
        keyring = keyring_of(writer.log, writer.log.size)
        found = judged(writer.log, keyring, post.envelope, content=plain[0], now=now)
        if found.problem:
            advice = "Nothing was sealed. Sign the file as it is sent: tw device sign."
            raise EvidenceBroken("envelope", found.problem, advice=advice)
        plain.append(found.item)
    own = writer.using.settings.intake_of(post.sensor)
    items = tuple(
        protected(writer.log, item, level=Level(own.level), compartment=own.compartment)
        for item in plain
    )
    return _Due(post=post, items=items, envelope=found)


def _taken(
    writer: Writer, due: _Due, placed: Sequence[Appended], *, note: bool
) -> tuple[Intake, Batch | None]:
    post, place = due.post, placed[0]
    received = Received(place.index, writer.log.entry(place.index))
    inside = opened(received, post.raw, name=post.name)
    batch = None
    if place.new and note:
        reading = writer.projection.read_object(
            received, inside, name=post.name, using=writer.using
        )
        writer.projection.note(reading)
        batch = reading.batch
    elif not isinstance(inside, BadInput):
        batch = _read(writer, received, inside, post.name)
    whole = (
        (Refusal(row=None, line=None, problem=inside.problem),)
        if isinstance(inside, BadInput)
        else ()
    )
    expected = writer.using.settings.intake_of(post.sensor).signed
    intake = Intake(
        name=post.name,
        object=place.object,
        entry=place.index,
        new=place.new,
        accepted=0 if batch is None else len(batch.observations),
        refused=whole or (() if batch is None else _refusals(batch)),
        missing=() if batch is None else batch.missing,
        vouched=None if due.envelope is None else _vouched(due.envelope, placed[1]),
        unsigned=expected and due.envelope is None,
    )
    return intake, batch


def _read(writer: Writer, received: Received, inside: bytes, name: str) -> Batch:
    """Return what a file holds, as `read_object` does, without a trace in the archive."""
    source = Source(
        name=name,
        object=received.entry.object,
        logged_at=received.entry.logged_at,
        settings=writer.using.settings.sensors[received.sensor],
    )
    return sensor_module(received.sensor).read(inside, source=source)


def _refusals(batch: Batch) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(row=row["row"], line=row["line"], problem=row["problem"])
        for row in batch.refused.iter_rows(named=True)
    )


def _vouched(envelope: Envelope, place: Appended) -> Vouched:
    claim = None if envelope.sent is None else envelope.sent.claim
    return Vouched(
        entry=place.index,
        new=place.new,
        device="" if claim is None else claim.device,
        sequence=0 if claim is None else claim.sequence,
        problem=envelope.problem,
    )
