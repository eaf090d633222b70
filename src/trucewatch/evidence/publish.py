"""The log as static files (C2SP tlog-tiles), written from the sequencer's database.

They hold nothing that the database does not; losing them loses nothing. The checkpoint is moved
into place last, so that whoever reads it finds every file that it speaks of.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken, LogRefused
from trucewatch.evidence.merkle import HASH_BYTES
from trucewatch.evidence.objects import write_durably
from trucewatch.evidence.tiles import ENTRIES, TILE_WIDTH, pack_entries, tile_path, tiles_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.evidence.ledger import Ledger

CHECKPOINT = "checkpoint"
"""Name of the signed head that the other files lead to."""

_FILE_MODE = 0o644
_TRIES = 3  # a log is published after a batch or an anchoring, seconds apart; reading takes less


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

    All that the checkpoint among them speaks of was there while it was. A writer that is at work
    may have left tiles and bundles of a later size beside them. A file that cannot be read is
    `EvidenceBroken`.

    Raises:
        LogRefused: A writer published again and again in the meantime.
    """
    for _ in range(_TRIES):
        files = dict(_read_files(folder))
        if _content(folder, CHECKPOINT) == files.get(CHECKPOINT):
            return files
    problem = f"was replaced {_TRIES} times while the files were read"
    where = f"{folder.name}/{CHECKPOINT}"
    advice = "verify again, or a copy of the folder"
    raise LogRefused(where, f"{problem}, expected a pause of the writer", advice=advice)


def _read_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what is in a folder, the checkpoint before all that it speaks of."""
    for above, _, names in os.walk(folder, onerror=_unless_gone):
        for name in sorted(names):
            path = Path(above, name)
            if not name.startswith(".") and path.is_file():
                within = path.relative_to(folder).as_posix()
                content = _content(folder, within)
                if content is not None:
                    yield within, content


def _content(folder: Path, name: str) -> bytes | None:
    """Return a file, or None when there is none: a writer removes what a full tile replaces.

    Raises:
        EvidenceBroken: It cannot be read.
    """
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        where = f"{folder.name}/{name}"
        raise EvidenceBroken(where, f"cannot be read ({error.strerror})") from error


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise EvidenceBroken(str(error.filename), f"cannot be read ({error.strerror})") from error


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
    replaced = []
    for name, content in static_files(ledger, size, published):
        path = folder / name
        write_durably(path, content, mode=_FILE_MODE)
        replaced.append(path.with_name(f"{path.name}.p"))
    write_durably(folder / CHECKPOINT, ledger.cosigned_note(size), mode=_FILE_MODE)
    for partial in replaced:  # no sooner: the checkpoint before spoke of these
        if partial.is_dir():
            try:
                shutil.rmtree(partial)
            except OSError as error:
                raise LogRefused(str(partial), f"cannot be removed ({error.strerror})") from error
