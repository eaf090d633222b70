"""What must hold of a log after any fault: the one list of promises that every test here checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.keys import Keys, create_keys, load_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.merkle import leaf_hash, root_of
from trucewatch.evidence.objects import LARGE_BYTES
from trucewatch.evidence.sequencer import Appended, NewObject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ORIGIN = "demo.invalid/evidence"
NOW = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)


@dataclass(slots=True)
class Shown:
    """What the log has let others see: none of it may ever be taken back.

    Attributes:
        places: Object by index, as it was acknowledged.
        heads: Signed checkpoints that a reader got.
    """

    places: dict[int, str] = field(default_factory=dict)
    heads: set[bytes] = field(default_factory=set)

    def take(self, placed: Iterable[Appended]) -> None:
        for each in placed:
            assert self.places.setdefault(each.index, each.object) == each.object


def found(home: Path) -> Keys:
    """Make the keys and the empty log of a fictional mission."""
    home.mkdir()
    keys = create_keys(home / "keys", origin=ORIGIN, seed=bytes(range(32)))
    Log.create(home, origin=ORIGIN, signer=keys.log).close()
    return keys


def keys_in(home: Path) -> Keys:
    return load_keys(home / "keys", origin=ORIGIN)


def some(number: int, *, small: int = 3, large: int = 1) -> list[NewObject]:
    """Return objects that no other number gives: small ones and files of their own."""
    contents = [b"%d small %d" % (number, i) for i in range(small)]
    contents += [b"%d large %d" % (number, i) + bytes(LARGE_BYTES) for i in range(large)]
    return [NewObject(type="a/v1", data=data, name=f"{number}") for data in contents]


def expect_whole(home: Path, shown: Shown) -> int:
    """Check every promise on a log that nobody has open, as its next writer; return its size."""
    with Log.open(home, signer=keys_in(home).log) as log:
        expect_published(log)
        leaves = [leaf_hash(log.entry_bytes(i)) for i in range(log.size)]
        times = [entry.logged_at for _, entry in log.entries()]

        assert times == sorted(times)
        assert log.checkpoint().root == root_of(leaves)
        log.check_database()  # the file itself, the index by hash, every head that was ever signed
        for index, digest in shown.places.items():
            assert log.entry(index).object == digest
        for digest in {entry.object for _, entry in log.entries()}:
            log.object(digest)  # re-hashed on this very read
        for note in shown.heads:
            assert log.checkpoint_note(int(note.split(b"\n")[1])) == note
        log.write_static()
        expect_published(log)
        assert log.published()["checkpoint"] == log.checkpoint_note()
        return log.size


def expect_published(log: Log) -> None:
    """Check that a reader of the static files finds all that their checkpoint speaks of."""
    files = log.published()
    if "checkpoint" not in files:
        return
    head = open_checkpoint(files["checkpoint"], log.verifier, where="checkpoint")
    assert head.root == log.root(head.size)
    for name, content in log.static_files(head.size):
        full, _, partial = name.partition(".p/")
        if name not in files and partial:  # by its specification, the full tile replaces it
            assert files[full].startswith(content), name
        else:
            assert files[name] == content, name
