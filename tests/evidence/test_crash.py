"""Kill the writer at any moment: what it acknowledged is there, and nothing else is broken."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from trucewatch.evidence.log import Log
from trucewatch.evidence.merkle import leaf_hash, root_of

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.keys import Keys

KILLS = 20
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from trucewatch.evidence.keys import load_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject

home = Path(sys.argv[1])
keys = load_keys(home / "keys", origin="demo.invalid/evidence")
now = datetime(2026, 6, 27, tzinfo=UTC)
with Log.open(home, signer=keys.log) as log:
    print("ready", flush=True)
    while True:
        size = log.size
        items = [NewObject(type="a/v1", data=b"%d" % (size + i)) for i in range(size % 37 + 1)]
        if size % 5 == 0:
            items.append(NewObject(type="a/v1", data=b"%d" % (size + len(items)) + bytes(70_000)))
        log.append(items, now=now)
        print(log.checkpoint_note().hex(), flush=True)
"""


def test_twenty_kills_lose_nothing_that_was_acknowledged(log: Log, home: Path, keys: Keys) -> None:
    log.close()
    acknowledged: list[bytes] = []
    for kill in range(KILLS):
        writer = subprocess.Popen(  # noqa: S603 - our own interpreter and text
            [sys.executable, "-c", WRITER, str(home)], stdout=subprocess.PIPE, text=True
        )
        with writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            lines = [writer.stdout.readline() for _ in range(kill * 3 % 11)]
            writer.kill()
            lines += writer.stdout.read().splitlines(keepends=True)
        acknowledged += [bytes.fromhex(line) for line in lines if line.endswith("\n")]

    with Log.open(home, signer=keys.log) as again:
        leaves = [leaf_hash(again.entry_bytes(i)) for i in range(again.size)]
        kept = [again.checkpoint_note(s) for s in _sizes(acknowledged)]
        held = [again.object(entry.object) for _, entry in again.entries()]

        assert len(acknowledged) > KILLS
        assert kept == acknowledged
        assert again.checkpoint().root == root_of(leaves)
        assert len({bytes(content) for content in held}) == again.size


def _sizes(notes: list[bytes]) -> list[int]:
    return [int(note.split(b"\n")[1]) for note in notes]
