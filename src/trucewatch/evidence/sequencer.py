"""The one writer of a log: gives entries their index, and signs the head they lead to.

A batch is one transaction: entries, small objects, tiles and the signed checkpoint, made durable by
one fsync. Nothing of it, the signed head least of all, leaves this module before that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken, LogRefused
from trucewatch.evidence.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from trucewatch.evidence.entry import Entry, EntryForm, entry_bytes, parse_entry
from trucewatch.evidence.ledger import FORMAT, mapped
from trucewatch.evidence.merkle import HASH_BYTES, leaf_hashes
from trucewatch.evidence.numbered import rows_of
from trucewatch.evidence.objects import LARGE_BYTES
from trucewatch.evidence.tiles import TILE_WIDTH, edge_root, grow
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.evidence.ledger import Ledger
    from trucewatch.evidence.note import Signer
    from trucewatch.evidence.objects import ObjectFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class NewObject:
    """Something to seal.

    Attributes:
        type: Entry type, such as `received/firms/v1`.
        data: The bytes, above CLEAR already encrypted.
        level: Who may see them.
        commit: Salted commitment to the plaintext, above CLEAR only.
        name: File name as the submitter gave it: a label beside the log, not evidence.
    """

    type: str
    data: bytes
    level: Level = Level.CLEAR
    commit: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """Where a sealed object is in the log.

    Attributes:
        index: Index of its entry.
        object: SHA-256 of its bytes, lowercase hex.
        new: False when the same bytes were sealed before as the same type; nothing was added then.
    """

    index: int
    object: str
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What the writer must know to go on: nothing that the database does not say, too."""

    size: int
    edge: tuple[bytes, ...]
    logged_at: datetime | None


@dataclass(slots=True, kw_only=True)
class _Batch:
    """What one batch adds: as many digests, entries and objects as it has new entries."""

    first: int
    logged_at: datetime
    digests: list[bytes] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    objects: list[bytes] = field(default_factory=list)  # empty where none is kept in the database
    labels: list[tuple[int, str]] = field(default_factory=list)


def found_log(ledger: Ledger, signer: Signer) -> None:
    """Write the tables and the signed checkpoint of an empty log, in one transaction."""
    origin = signer.verifier.name
    empty = Checkpoint(origin=origin, size=0, root=edge_root(()))
    note = sign_checkpoint(empty, signer)
    meta = [("format", FORMAT), ("origin", origin), ("vkey", signer.verifier.vkey)]
    with ledger.transaction():
        ledger.create_tables()
        ledger.write("INSERT INTO meta VALUES (?, ?)", meta)
        ledger.write("INSERT INTO checkpoint VALUES (?, ?)", [(0, note)])


class Sequencer:
    """Appends to one log; the caller holds the lock of the mission folder.

    Args:
        ledger: The database, opened for writing.
        files: Where large objects go.
        signer: The log's key.

    Raises:
        LogRefused: The key is not the one that signed this log.
        EvidenceBroken: The database does not agree with its own checkpoint.
    """

    def __init__(self, ledger: Ledger, files: ObjectFiles, signer: Signer) -> None:
        expected, found = ledger.meta("vkey"), signer.verifier.vkey
        if found != expected:
            raise LogRefused(ledger.where, f"key is {found}, expected {expected}")
        self._ledger, self._files, self._signer = ledger, files, signer
        self._head: _Head | None = self._resume()

    def append(self, items: Sequence[NewObject], *, now: datetime) -> list[Appended]:
        """Seal a batch; on return it is durable and under a signed checkpoint.

        An object that was sealed before as the same type keeps its old index. When an error is
        raised, the batch is either wholly in the log or not at all; appending it again is safe.

        Args:
            items: What to seal, in order.
            now: The time; an entry never gets a time before that of the entry before it.

        Returns:
            One place per item, in order.

        Raises:
            BadInput: The time has no time zone.
        """
        if now.tzinfo is None:
            raise BadInput("append", f"now is {now.isoformat()}, expected an aware time")
        head = self._head or self._resume()
        self._head = None  # until the commit is known to have happened
        logged_at = now if head.logged_at is None else max(now, head.logged_at)
        batch = _Batch(first=head.size, logged_at=logged_at)
        placed = self._place(items, batch)
        if batch.entries:
            head = self._add(batch, head)
        elif batch.labels:
            self._write(batch, {}, None)
        self._head = head
        return placed

    def _place(self, items: Sequence[NewObject], batch: _Batch) -> list[Appended]:
        digests = [sha256(item.data).digest() for item in items]
        known = self._ledger.indices_of(set(digests))
        forms = _Forms(batch.logged_at)
        placed: list[Appended] = []
        for item, raw in zip(items, digests, strict=True):
            digest = raw.hex()
            sealed = known.get(raw)
            index = None if sealed is None else sealed.get(item.type)
            new = index is None
            if index is None:
                index = batch.first + len(batch.entries)
                batch.entries.append(forms.entry(item, digest))
                batch.digests.append(raw)
                batch.objects.append(b"" if sealed else self._keep(item.data, digest))
                known[raw] = {item.type: index} if sealed is None else {**sealed, item.type: index}
            if item.name:
                batch.labels.append((index, item.name))
            placed.append(Appended(index=index, object=digest, new=new))
        return placed

    def _keep(self, data: bytes, digest: str) -> bytes:
        """Return the bytes that go into the database; a large object is on the disk by then."""
        if len(data) < LARGE_BYTES:
            return data
        self._files.put(digest, data)
        return b""

    def _add(self, batch: _Batch, head: _Head) -> _Head:
        edge, tiles = grow(head.edge, head.size, leaf_hashes(batch.entries))
        size = head.size + len(batch.entries)
        origin = self._signer.verifier.name
        checkpoint = Checkpoint(origin=origin, size=size, root=edge_root(edge))
        self._write(batch, tiles, (size, sign_checkpoint(checkpoint, self._signer)))
        self._ledger.grown(batch.first, batch.digests)
        return _Head(size=size, edge=edge, logged_at=batch.logged_at)

    def _write(
        self,
        batch: _Batch,
        tiles: dict[tuple[int, int], bytes],
        checkpoint: tuple[int, bytes] | None,
    ) -> None:
        ledger = self._ledger
        places = ledger.places_due(batch.first, batch.digests)
        tile_rows = [(*place, hashes) for place, hashes in tiles.items()]
        with ledger.transaction():
            ledger.write("INSERT INTO entry VALUES (?, ?)", rows_of(batch.first, batch.entries))
            ledger.write("INSERT INTO object VALUES (?, ?)", rows_of(batch.first, batch.objects))
            ledger.write("INSERT INTO place VALUES (?, ?)", places)
            ledger.write("INSERT OR IGNORE INTO label VALUES (?, ?)", batch.labels)
            ledger.write("INSERT OR REPLACE INTO tile VALUES (?, ?, ?)", tile_rows)
            if checkpoint is not None:
                ledger.write("INSERT INTO checkpoint VALUES (?, ?)", [checkpoint])

    def _resume(self) -> _Head:
        # What the database holds after a failure may be the old state or the new one: ask it.
        ledger = self._ledger
        with mapped(ledger.where):
            ledger.abandon()
        note = ledger.checkpoint_note()
        checkpoint = open_checkpoint(note, self._signer.verifier, where=ledger.where)
        size = ledger.entry_count()
        if size != checkpoint.size:
            problem = f"{size} entries under a checkpoint of size {checkpoint.size}"
            raise EvidenceBroken(ledger.where, problem)
        edge: list[bytes] = []
        level, nodes = 0, size
        while nodes:
            width = nodes % TILE_WIDTH
            tile = ledger.tile(level, nodes // TILE_WIDTH, width) if width else b""
            edge.append(tile[: width * HASH_BYTES])
            level, nodes = level + 1, nodes // TILE_WIDTH
        if edge_root(edge) != checkpoint.root:
            problem = f"tiles lead to root {edge_root(edge).hex()}"
            raise EvidenceBroken(ledger.where, f"{problem}, expected {checkpoint.root.hex()}")
        last = ledger.entry(size - 1) if size else None
        where = f"entry {size - 1}"
        logged_at = None if last is None else parse_entry(last, where=where).logged_at
        return _Head(size=size, edge=tuple(edge), logged_at=logged_at)


class _Forms:
    """Entries of one time; items that follow one another are mostly of one type and level."""

    def __init__(self, logged_at: datetime) -> None:
        self._logged_at = logged_at
        self._of: tuple[str, Level] | None = None
        self._form: EntryForm | None = None

    def entry(self, item: NewObject, digest: str) -> bytes:
        """Return the canonical bytes of the entry that seals this item."""
        if item.commit is not None:
            return entry_bytes(self._entry(item, digest))
        if self._form is None or self._of != (item.type, item.level):
            self._form = EntryForm(self._entry(item, digest))
            self._of = (item.type, item.level)
        return self._form.fill(digest, len(item.data))

    def _entry(self, item: NewObject, digest: str) -> Entry:
        return Entry(
            type=item.type,
            object=digest,
            size=len(item.data),
            level=item.level,
            logged_at=self._logged_at,
            commit=item.commit,
        )
