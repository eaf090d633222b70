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
from trucewatch.evidence.entry import Entry, entry_bytes, parse_entry
from trucewatch.evidence.ledger import FORMAT, mapped
from trucewatch.evidence.merkle import HASH_BYTES, leaf_hash
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
class _Rows:
    """The rows that one batch adds."""

    entry: list[tuple[int, bytes]] = field(default_factory=list)
    entry_of: list[tuple[bytes, str, int]] = field(default_factory=list)
    object: list[tuple[int, bytes]] = field(default_factory=list)
    label: list[tuple[bytes, str]] = field(default_factory=list)


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
        rows = _Rows()
        logged_at = now if head.logged_at is None else max(now, head.logged_at)
        placed = self._place(items, rows, head.size, logged_at)
        if rows.entry:
            head = self._add(rows, head, logged_at)
        elif rows.label:
            self._write(rows, {}, None)
        self._head = head
        return placed

    def _place(
        self, items: Sequence[NewObject], rows: _Rows, size: int, logged_at: datetime
    ) -> list[Appended]:
        placed: list[Appended] = []
        digests = [sha256(item.data).digest() for item in items]
        known = self._ledger.indices_of(set(digests))
        for item, raw in zip(items, digests, strict=True):
            sealed = known.setdefault(raw, {})
            index = sealed.get(item.type)
            new = index is None
            if index is None:
                index = size + len(rows.entry)
                entry = Entry(
                    type=item.type,
                    object=raw.hex(),
                    size=len(item.data),
                    level=item.level,
                    logged_at=logged_at,
                    commit=item.commit,
                )
                rows.entry.append((index, entry_bytes(entry)))
                rows.entry_of.append((raw, item.type, index))
                if not sealed:
                    self._keep(item.data, raw, rows)
                sealed[item.type] = index
            if item.name:
                rows.label.append((raw, item.name))
            placed.append(Appended(index=index, object=raw.hex(), new=new))
        return placed

    def _keep(self, data: bytes, digest: bytes, rows: _Rows) -> None:
        if len(data) >= LARGE_BYTES:
            self._files.put(digest.hex(), data)
        else:
            rows.object.append((rows.entry[-1][0], data))

    def _add(self, rows: _Rows, head: _Head, logged_at: datetime) -> _Head:
        edge, tiles = grow(head.edge, head.size, [leaf_hash(data) for _, data in rows.entry])
        size = head.size + len(rows.entry)
        origin = self._signer.verifier.name
        checkpoint = Checkpoint(origin=origin, size=size, root=edge_root(edge))
        self._write(rows, tiles, (size, sign_checkpoint(checkpoint, self._signer)))
        return _Head(size=size, edge=edge, logged_at=logged_at)

    def _write(
        self,
        rows: _Rows,
        tiles: dict[tuple[int, int], bytes],
        checkpoint: tuple[int, bytes] | None,
    ) -> None:
        ledger = self._ledger
        tile_rows = [(*place, hashes) for place, hashes in tiles.items()]
        with ledger.transaction():
            ledger.write("INSERT INTO entry VALUES (?, ?)", rows.entry)
            ledger.write("INSERT INTO entry_of VALUES (?, ?, ?)", rows.entry_of)
            ledger.write("INSERT INTO object VALUES (?, ?)", rows.object)
            ledger.write("INSERT OR IGNORE INTO label VALUES (?, ?)", rows.label)
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
        last = next(ledger.entries(size - 1, size), None) if size else None
        where = f"entry {size - 1}"
        logged_at = None if last is None else parse_entry(last, where=where).logged_at
        return _Head(size=size, edge=tuple(edge), logged_at=logged_at)
