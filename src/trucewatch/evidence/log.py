"""The log of a mission: everything that was received, said and published, in order, unalterable.

HOME/log.db                 the sequencer's database: entries, small objects, tiles, checkpoints
HOME/log/...                the same log as static files, for anybody to copy
HOME/objects/sha256/...     objects of 64 KiB and more
HOME/lock                   held by the one writer
HOME/HELD                   there when no writer may append until somebody has looked
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from trucewatch.errors import EvidenceBroken, LogRefused, NotFound
from trucewatch.evidence.anchor import check_anchor, cosigned
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.entry import parse_entry
from trucewatch.evidence.hold import check_not_held
from trucewatch.evidence.ledger import Ledger
from trucewatch.evidence.lock import WriterLock
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.objects import ObjectFiles, check_digest, sync_folder
from trucewatch.evidence.publish import read_static, static_files, write_static
from trucewatch.evidence.sequencer import Sequencer, found_log
from trucewatch.evidence.tiles import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.anchor import Anchor
    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.note import Signer, Verifier
    from trucewatch.evidence.sequencer import Appended, NewObject

_DATABASE = "log.db"
_STATIC = "log"
_EMPTY = hashlib.sha256().hexdigest()
_ROLLED_BACK = "do not append: a second history under the same key would be a lie; restore log.db"


class Log:
    """An open log; use `Log.create` or `Log.open`, and close it or use it in a `with`.

    A log that was opened without a signer is read-only and sees what the writer commits meanwhile.
    """

    def __init__(
        self, home: Path, *, signer: Signer | None, mode: str, despite_hold: bool = False
    ) -> None:
        with ExitStack() as stack:
            self._home, self._despite_hold = home, despite_hold
            if signer is not None:
                stack.enter_context(WriterLock(home))
                self._check_not_held()
            self._ledger = Ledger(home / _DATABASE, mode=mode)
            stack.callback(self._ledger.close)
            if mode == "create" and signer is not None:
                found_log(self._ledger, signer)
                sync_folder(home)
            self._files = ObjectFiles(home)
            self.verifier: Verifier = parse_vkey(self._ledger.meta("vkey"), where=_DATABASE)
            self._sequencer = (
                None if signer is None else Sequencer(self._ledger, self._files, signer)
            )
            if signer is not None:
                self._published_size()
            self._stack = stack.pop_all()

    @classmethod
    def create(cls, home: Path, *, origin: str, signer: Signer) -> Self:
        """Found a new log in a mission folder, and open it for writing.

        Args:
            home: The mission folder, which exists.
            origin: Name of the log.
            signer: Its key, which has the same name.

        Raises:
            LogRefused: The folder does not exist, holds a log already, or another writer is there;
                or the key has another name.
        """
        if signer.verifier.name != origin:
            raise LogRefused(_DATABASE, f"key is named {signer.verifier.name}, expected {origin}")
        if not home.is_dir():
            raise LogRefused(str(home), "no such folder, expected the folder of a mission")
        return cls(home, signer=signer, mode="create")

    @classmethod
    def open(cls, home: Path, *, signer: Signer | None = None, despite_hold: bool = False) -> Self:
        """Open the log of a mission folder: for writing with its signer, else read-only.

        Args:
            home: The mission folder.
            signer: The log's key; a log that is held (`evidence.hold`) refuses it.
            despite_hold: Open it and write nevertheless, to compare its head or to add anchors.

        Raises:
            NotFound: There is no log in that folder.
        """
        if not (home / _DATABASE).is_file():
            raise NotFound(str(home), f"no {_DATABASE}, expected the folder of a mission")
        mode = "read" if signer is None else "write"
        return cls(home, signer=signer, mode=mode, despite_hold=despite_hold)

    def __enter__(self) -> Self:
        """Return the log itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the log."""
        self.close()

    def close(self) -> None:
        """Close the database and give the writer's lock back."""
        self._stack.close()

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.verifier.name

    @property
    def size(self) -> int:
        """Number of entries under the newest checkpoint."""
        return self._ledger.checkpoint_size()

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """Return a signed checkpoint, verified: the newest, or that of a size that was signed."""
        note = self.checkpoint_note(size)
        return open_checkpoint(note, self.verifier, where=f"{_DATABASE}: checkpoint")

    def checkpoint_note(self, size: int | None = None) -> bytes:
        """Return a checkpoint as its signed note: the newest, or that of a size that was signed."""
        return self._ledger.checkpoint_note(size)

    def cosigned_note(self, size: int | None = None) -> bytes:
        """Return a checkpoint's signed note with the witnesses' lines under it, ordered by name."""
        return self._ledger.cosigned_note(size)

    def anchors(self, size: int | None = None) -> list[Anchor]:
        """Return what others said of the checkpoint of one size, or of any, ordered."""
        return self._ledger.anchors(size)

    def add_anchors(self, anchors: Sequence[Anchor]) -> int:
        """Keep what others said of checkpoints; durable on return.

        One that is there by size, kind and name is kept as it is, whatever is given now.

        Args:
            anchors: In their proper form; whether they are true is for `verify`.

        Returns:
            How many were new.

        Raises:
            LogRefused: The log was opened read-only, or it was held since.
        """
        if self._sequencer is None:
            raise LogRefused(_DATABASE, "opened read-only, expected a signer")
        self._check_not_held()
        for anchor in anchors:
            where = f"{anchor.kind} by {anchor.name!r} of size {anchor.size}"
            check_anchor(anchor, where=where)
            beside = [a for a in anchors if a.size == anchor.size] + self.anchors(anchor.size)
            note = cosigned(self.checkpoint_note(anchor.size), beside)
            open_checkpoint(note, self.verifier, where=where)  # the note can still be read
        return self._ledger.add_anchors(anchors)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, Entry]]:
        """Yield index and entry from `start` up to, not including, `stop` (default: the end)."""
        stop = self.size if stop is None else min(stop, self.size)
        for index, content in enumerate(self._ledger.entries(start, stop), start):
            yield index, parse_entry(content, where=f"entry {index}")

    def entry(self, index: int) -> Entry:
        """Return one entry."""
        return parse_entry(self.entry_bytes(index), where=f"entry {index}")

    def entry_bytes(self, index: int) -> bytes:
        """Return the bytes of one entry: what the log hashes.

        Raises:
            NotFound: The log does not reach that far.
        """
        if not 0 <= index < self.size:
            raise NotFound("log", f"entry {index} does not exist, must be 0 to {self.size - 1}")
        return self._ledger.entry(index)

    def index_of(self, digest: str, kind: str) -> int | None:
        """Return the index of the entry that seals this object (hex) as this type, if any."""
        return self._indices(digest).get(kind)

    def indices_of(self, digest: str) -> list[int]:
        """Return the indices of every entry that seals this object (hex), in order."""
        return sorted(self._indices(digest).values())

    def object(self, digest: str) -> bytes:
        """Return a sealed object (SHA-256 in hex), re-hashed on this very read.

        Raises:
            NotFound: No entry names it.
            EvidenceBroken: An entry names it, and its bytes are gone.
        """
        indices = self.indices_of(digest)
        if not indices:
            raise NotFound("log", f"no entry seals an object {digest}")
        for index in indices:
            content = self._ledger.small_object(index)
            if content:
                return check_digest(digest, content, where=_DATABASE)
        if digest == _EMPTY:
            return b""
        found = self._files.get(digest)
        if found is None:
            where = f"entry {indices[0]}"
            raise EvidenceBroken(where, f"object {digest} is gone from the store")
        return found

    def labels(self, digest: str) -> tuple[str, ...]:
        """Return the file names under which an object was submitted: labels, not evidence."""
        return self._ledger.labels(self.indices_of(digest))

    def append(self, items: Sequence[NewObject], *, now: datetime) -> list[Appended]:
        """Seal a batch; see `Sequencer.append`.

        Raises:
            LogRefused: The log was opened read-only, or it was held since.
        """
        if self._sequencer is None:
            raise LogRefused(_DATABASE, "opened read-only, expected a signer")
        self._check_not_held()
        return self._sequencer.append(items, now=now)

    def root(self, size: int) -> bytes:
        """Return the Merkle root that the log had at some size."""
        return self._tree().root(size)

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the hashes that lead from an entry to the root at some size."""
        return self._tree().inclusion_proof(index, size)

    def consistency_proof(self, old_size: int, new_size: int) -> list[bytes]:
        """Return the hashes that show one size of the log to be the start of a later one."""
        return self._tree().consistency_proof(old_size, new_size)

    def static_files(self, size: int) -> Iterator[tuple[str, bytes]]:
        """Yield path and bytes of every tile and entry bundle of the log at some size."""
        return static_files(self._ledger, size)

    def check_database(self) -> None:
        """Check what the database keeps beside entries, tiles and objects.

        Raises:
            EvidenceBroken: The file is damaged, the index by hash is not what the entries lead to,
                or an earlier signed checkpoint is not of this log.
        """
        self._ledger.check()
        tree = self._tree()
        for size in self._ledger.checkpoint_sizes():
            head, where = self.checkpoint(size), f"{_DATABASE}: checkpoint {size}"
            if head.size != size or head.root != tree.root(size):
                problem = f"says size {head.size}, root {head.root.hex()}"
                ours = f"the entries lead to {tree.root(size).hex()}"
                raise EvidenceBroken(where, f"{problem}; {ours}")

    def published(self) -> dict[str, bytes]:
        """Return the static files that lie in `HOME/log` now, by name; see `read_static`."""
        return read_static(self._home / _STATIC)

    def write_static(self) -> None:
        """Bring the static files in `HOME/log` up to the newest checkpoint.

        Raises:
            LogRefused: The log was opened read-only.
        """
        if self._sequencer is None:
            raise LogRefused(_DATABASE, "opened read-only, expected a signer")
        write_static(self._ledger, self._home / _STATIC, published=self._published_size())

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Return at least the first `width` hashes of a tile; see `tiles.ReadTile`."""
        return self._ledger.tile(level, index, width)

    @property
    def home(self) -> Path:
        """The mission folder that it lies in."""
        return self._home

    def forget_labels(self, digest: str) -> int:
        """Remove the file names of an object from the database; see `Ledger.forget_labels`.

        Raises:
            LogRefused: The log was opened read-only, or somebody reads it.
        """
        if self._sequencer is None:
            raise LogRefused(_DATABASE, "opened read-only, expected a signer")
        return self._ledger.forget_labels(self.indices_of(digest))

    def _check_not_held(self) -> None:
        # Whoever holds the log needs no lock: a writer that is open already is to stop, too.
        if not self._despite_hold:
            check_not_held(self._home)

    def _published_size(self) -> int:
        # A log never goes back: what was published once must be a beginning of what is here.
        path = self._home / _STATIC / "checkpoint"
        where = f"{_STATIC}/checkpoint"
        try:
            note = path.read_bytes()
        except FileNotFoundError:
            return 0
        except OSError as error:
            problem = f"cannot be read ({error.strerror}), expected a file or nothing"
            raise LogRefused(where, problem) from error
        head = open_checkpoint(note, self.verifier, where=where)
        if head.size > self.size:
            problem = f"is for {head.size} entries, the database holds {self.size}"
            raise LogRefused(where, f"{problem}: the log was rolled back", advice=_ROLLED_BACK)
        if head.root != self.root(head.size):
            problem = f"root at size {head.size} is {head.root.hex()}"
            ours = self.root(head.size).hex()
            raise LogRefused(where, f"{problem}, the database has {ours}", advice=_ROLLED_BACK)
        return head.size

    def _indices(self, digest: str) -> dict[str, int]:
        raw = _raw(digest)
        return self._ledger.indices_of([raw]).get(raw, {})

    def _tree(self) -> Tree:
        return Tree(self.read_tile, self.size)


def _raw(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError as error:
        raise NotFound("log", f"{digest[:80]!r} is no SHA-256 in hex") from error
