"""`tw restore --extend`: bring back entries that only a bundle of the same log still has.

Nothing is signed anew: the entries, their objects and the head are those that the log itself had
signed, byte for byte. What the bundle withholds stays missing, and is named.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken, LogRefused
from trucewatch.evidence.bag import DATA
from trucewatch.evidence.bundle import read_bundle
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.contents import CHECKPOINT
from trucewatch.evidence.entry import parse_entry
from trucewatch.evidence.ledger import Ledger
from trucewatch.evidence.lock import WriterLock
from trucewatch.evidence.log import Log
from trucewatch.evidence.merkle import leaf_hashes, root_of
from trucewatch.evidence.numbered import rows_of
from trucewatch.evidence.objects import LARGE_BYTES, ObjectFiles, object_path
from trucewatch.evidence.publish import write_static
from trucewatch.evidence.tiles import grow
from trucewatch.verify.anchors import bare_note
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.tree import read_entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trucewatch.mission.home import Home

_DATABASE = "log.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """What a bundle brought back.

    Attributes:
        before: Entries that the log had.
        size: Entries that it has now.
        objects: Objects that came with them.
        missing: Objects of those entries that the bundle withholds, by entry.
    """

    before: int
    size: int
    objects: int
    missing: dict[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Brought:
    contents: Sequence[bytes]
    files: Mapping[str, bytes]
    note: bytes
    size: int


def extend(home: Home, bundle: Path) -> Extended:
    """Add to a log the entries that a larger bundle of it holds, and the objects among them.

    The log may be held; it stays so. Its tables are to be computed again afterwards.

    Args:
        home: The mission.
        bundle: A bundle of the same log, which verifies with its key.

    Raises:
        LogRefused: The bundle holds no more than the log, or less than its static files.
        EvidenceBroken: It does not verify, or the log is no beginning of it.
    """
    home.expect()
    with WriterLock(home.path), Log.open(home.path) as log:
        files = read_bundle(bundle)
        verify_bundle(files, vkey=log.verifier.vkey)
        note = bare_note(files[CHECKPOINT], where=CHECKPOINT)
        head = open_checkpoint(note, log.verifier, where=CHECKPOINT)
        before = log.size
        published = _published(home, log)
        if head.size <= before or head.size < published:
            problem = f"holds {head.size} entries, the log has {before}, of {published} published"
            raise LogRefused(str(bundle), f"{problem}; expected a larger one")
        static = {name.removeprefix(DATA): content for name, content in files.items()}
        contents = read_entries(static, head.size)
        if root_of(leaf_hashes(contents[:before])) != log.root(before):
            problem = f"has another history before entry {before}, expected the beginning of it"
            raise EvidenceBroken(str(bundle), problem)
        brought = _Brought(contents=contents, files=files, note=note, size=head.size)
        objects, missing = _add(home, brought, before)
    return Extended(before=before, size=head.size, objects=objects, missing=missing)


def _published(home: Home, log: Log) -> int:
    path = home.path / "log" / "checkpoint"
    if not path.is_file():
        return 0
    return open_checkpoint(path.read_bytes(), log.verifier, where="log/checkpoint").size


def _add(home: Home, brought: _Brought, before: int) -> tuple[int, dict[int, str]]:
    new = brought.contents[before:]
    entries = [parse_entry(content, where=f"entry {before + i}") for i, content in enumerate(new)]
    store, small, missing, count = ObjectFiles(home.path), [], {}, 0
    with closing(Ledger(home.path / _DATABASE, mode="write")) as ledger:
        raws = [bytes.fromhex(entry.object) for entry in entries]
        kept = ledger.indices_of(set(raws))
        for index, (entry, raw) in enumerate(zip(entries, raws, strict=True), before):
            content = brought.files.get(DATA + object_path(entry.object))
            known = raw in kept
            kept.setdefault(raw, {})[entry.type] = index
            if content is None and not known and entry.object != sha256().hexdigest():
                missing[index] = entry.object
            count += content is not None and not known
            large = content is not None and len(content) >= LARGE_BYTES
            if content is not None and large:
                store.put(entry.object, content)
            small.append(content if content is not None and not large and not known else b"")
        tiles = grow((), 0, leaf_hashes(brought.contents))[1]
        places = ledger.places_due(before, raws)
        with ledger.transaction():
            ledger.write("INSERT INTO entry VALUES (?, ?)", rows_of(before, new))
            ledger.write("INSERT INTO object VALUES (?, ?)", rows_of(before, small))
            ledger.write("INSERT INTO place VALUES (?, ?)", places)
            rows = [(*place, hashes) for place, hashes in tiles.items()]
            ledger.write("INSERT OR REPLACE INTO tile VALUES (?, ?, ?)", rows)
            ledger.write("INSERT INTO checkpoint VALUES (?, ?)", [(brought.size, brought.note)])
        write_static(ledger, home.path / "log", published=0)
    return count, missing
