"""The log as static files (C2SP tlog-tiles), written from the sequencer's database.

They hold nothing that the database does not; losing them loses nothing. The checkpoint is moved
into place last, so that whoever reads it finds every file that it speaks of.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken, LogRefused
from trucewatch.evidence.merkle import HASH_BYTES
from trucewatch.evidence.objects import write_durably
from trucewatch.evidence.tiles import ENTRIES, TILE_WIDTH, pack_entries, tile_path, tiles_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trucewatch.evidence.ledger import Ledger

_FILE_MODE = 0o644


def static_files(ledger: Ledger, size: int, since: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every tile and entry bundle of the log at some size.

    Args:
        ledger: The database.
        size: Number of entries.
        since: An earlier size whose full tiles and bundles are left out.
    """
    for level, index, width in tiles_of(size, since):
        hashes = ledger.tile(level, index, width)[: width * HASH_BYTES]
        yield tile_path(level, index, width), hashes
        if level == 0:
            start = index * TILE_WIDTH
            bundle = pack_entries(ledger.entries(start, start + width))
            yield tile_path(ENTRIES, index, width), bundle


def read_static(folder: Path) -> dict[str, bytes]:
    """Return the static files in a folder by name; hidden ones were cut short and never published.

    Raises:
        EvidenceBroken: A file cannot be read.
    """
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.name.startswith(".") and path.is_file():
            try:
                files[name] = path.read_bytes()
            except OSError as error:
                where = f"{folder.name}/{name}"
                raise EvidenceBroken(where, f"cannot be read ({error.strerror})") from error
    return files


def write_static(ledger: Ledger, folder: Path, *, published: int) -> None:
    """Bring the static files in a folder up to the newest checkpoint, with its cosignatures.

    Args:
        ledger: The database.
        folder: `HOME/log`.
        published: Size of the checkpoint in the folder now; full tiles below it are there already.

    Raises:
        LogRefused: The disk refused.
    """
    size = ledger.checkpoint_size()
    for name, content in static_files(ledger, size, published):
        path = folder / name
        write_durably(path, content, mode=_FILE_MODE)
        partial = path.with_name(f"{path.name}.p")
        if partial.is_dir():  # the full tile replaces its beginnings
            try:
                shutil.rmtree(partial)
            except OSError as error:
                raise LogRefused(str(partial), f"cannot be removed ({error.strerror})") from error
    write_durably(folder / "checkpoint", ledger.cosigned_note(size), mode=_FILE_MODE)
