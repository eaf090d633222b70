"""Computing a mission again from its bundle: in a temporary folder, in the order of its log.

The log is built anew from the bundle's entries and objects, and leads to the same root or to none.
Its head is signed with a key that anybody can make: it is for reading on this machine, and is
thrown away.
"""

from __future__ import annotations

from contextlib import ExitStack
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.keys import Keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import Signer
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.vault.vault import Closed
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.confidential import Plaintexts, erased_by
from trucewatch.mission.configuration import in_force
from trucewatch.mission.home import Home
from trucewatch.mission.opened import Writer
from trucewatch.mission.projection import Projection, expect_known
from trucewatch.mission.provenance import code_version, cpu_level, packages
from trucewatch.mission.recount import readable
from trucewatch.mission.trail import Outcome
from trucewatch.store.digest import digests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trucewatch.evidence.statement import Statement
    from trucewatch.mission.bundled import Bundled
from trucewatch.mission.trail import Trail

_SEED = sha256(b"trucewatch/recompute/v1").digest()


class Replay:
    """A mission that is computed again, statement by statement; use it in a `with`.

    Args:
        bundled: A verified bundle that includes every object.
        folder: An empty folder for it.
    """

    def __init__(self, bundled: Bundled, folder: Path) -> None:
        self.bundled = bundled
        self._folder = folder
        key = Ed25519PrivateKey.from_private_bytes(_SEED)
        self._keys = Keys(log=Signer(bundled.head.origin, key), desk=key, release=_SEED)
        self._upto = 0
        self._stack = ExitStack()
        with ExitStack() as stack:
            signer = self._keys.log
            log = Log.create(folder, origin=bundled.head.origin, signer=signer)
            self.log = stack.enter_context(log)
            self._fill()
            self._plaintexts = Plaintexts(self.log)
            self.projection = self._fresh(stack)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close log and projection."""
        self._stack.close()

    def closed(self, size: int) -> tuple[str, ...]:
        """Return why the input of a run, the first `size` entries, cannot be read as it was.

        A reason each: an object that was erased, or whose key is not here.
        """
        reasons = set()
        for index, entry in self.log.entries(0, size):
            held = self._plaintexts.closed(entry)
            if entry.object in self._plaintexts.erased:
                tombstone = self._plaintexts.erased[entry.object]
                reasons.add(f"not recomputable: {erased_by(tombstone)}")
            elif isinstance(held, Closed) and entry.type.startswith("received/"):
                reasons.add(f"entry {index} is enciphered: {held.reason}")
        return tuple(sorted(reasons))

    def bring(self, size: int, *, upto: int) -> Writer:
        """Return the mission with the tables of the first `size` entries.

        Args:
            size: Length of the log prefix that incidents are computed from.
            upto: Entry up to which files had been read by then; reports count those, too.
        """
        using = in_force(self.log, size)
        expect_known(self.log, upto)
        computed = self.projection.desk.state().get("input_size") == str(size)
        if not computed or upto < self._upto:
            if self._upto > size:  # files that came later must not be fused
                self.projection = self._fresh(self._stack)
            self.projection.align(using)
            self.projection.catch_up(self.log, size, using)
            self.projection.fuse_and_assess(self.log, size, using)
        self.projection.catch_up(self.log, upto, using)
        self._upto = upto
        return Writer(
            home=Home(self._folder),
            log=self.log,
            keys=self._keys,
            projection=self.projection,
            using=using,
            clock=SimulatedClock(self.bundled.entries[-1].logged_at),
        )

    def _fill(self) -> None:
        """Append every entry again, at its own time.

        Raises:
            EvidenceBroken: The entries lead to another root.
        """
        numbered = zip(self.bundled.entries, map(self._new, range(len(self.bundled.entries))),
                       strict=True)  # fmt: skip
        for logged_at, group in groupby(numbered, key=lambda pair: pair[0].logged_at):
            self.log.append([item for _, item in group], now=logged_at)
        head = self.bundled.head
        if self.log.size != head.size or self.log.root(head.size) != head.root:
            problem = f"entries made again lead to {self.log.root(self.log.size).hex()}"
            raise EvidenceBroken("log.db", f"{problem}, expected {head.root.hex()}")

    def _new(self, index: int) -> NewObject:
        entry = self.bundled.entries[index]
        content = self.bundled.object(entry.object)
        if content is None:
            where = f"entry {index}"
            problem = f"object is withheld ({self.bundled.rows[index].why_not})"
            raise EvidenceBroken(where, f"{problem}, expected every object")
        return NewObject(type=entry.type, data=content, level=entry.level, commit=entry.commit)

    def _fresh(self, stack: ExitStack) -> Projection:
        count = len(list(self._folder.glob("projection-*")))
        beside = self._folder / f"projection-{count}"
        beside.mkdir()
        opened = Projection.at(beside / "archive", beside / "desk.db", write=True)
        return stack.enter_context(opened)


def recompute_run(replay: Replay, index: int, statement: Statement, trail: Trail) -> None:
    """Compute what a `computed` statement recorded, and compare the digests of its tables.

    Rows must be the same when this very code made it, hashes when packages and processor are the
    same, too: others may give other last digits.
    """
    said: Any = statement.predicate
    with readable(f"entry {index}"):
        size, recorded_rows = int(said["input"]["size"]), dict(said["rows"])
    what, source = f"tables of computed/v1, entry {index}", f"the first {size} entries"
    closed = replay.closed(size)
    if closed:
        trail.add(what, source, Outcome.NOT_OPEN, "; ".join(closed))
        return
    writer = replay.bring(size, upto=index)
    found = digests(writer.projection.archive, writer.projection.desk)
    hashes = {subject.name: subject.sha256 for subject in statement.subjects}
    other_hash = _differing({n: d["sha256"] for n, d in found.items()}, hashes)
    other_rows = _differing({n: d["rows"] for n, d in found.items()}, recorded_rows)
    if not other_hash:
        trail.add(what, source, Outcome.SAME, f"{len(hashes)} tables, every digest")
        return
    outcome, words = _judged(said, other_rows)
    trail.add(what, source, outcome, f"{', '.join(other_hash)}: {words}")


def _differing(ours: Mapping[str, object], theirs: Mapping[str, object]) -> list[str]:
    return [n for n in sorted({*ours, *theirs}) if ours.get(n) != theirs.get(n)]


def _judged(said: Mapping[str, Any], other_rows: list[str]) -> tuple[Outcome, str]:
    if said.get("code") != code_version():
        made = f"recorded by trucewatch {said.get('code')}, and this is {code_version()}"
        return Outcome.NOT_OPEN, f"{made}; get that version to compare"
    alike = said.get("packages") == packages() and said.get("processor") == cpu_level()
    if alike or other_rows:
        return Outcome.DIFFERENT, "not what the same code recorded"
    return Outcome.WITHIN, "as many rows; other packages or processor give other last digits"
