"""What somebody can do who also mends the manifests, or holds the log's own key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trucewatch.evidence.bag import manifest_text
from trucewatch.evidence.checkpoint import Checkpoint, sign_checkpoint
from trucewatch.evidence.merkle import leaf_hash
from trucewatch.evidence.tiles import edge_root, grow, pack_entries, unpack_entries

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.evidence.keys import Keys

Bundle = dict[str, bytes]


def resummed(files: Bundle, **changes: bytes | None) -> Bundle:
    """Return the files with changes by somebody who also mends the manifests."""
    changed = {**files, **{name: c for name, c in changes.items() if c is not None}}
    for name, content in changes.items():
        if content is None:
            del changed[name]
    payload = {n: c for n, c in changed.items() if n.startswith("data/")}
    oxum = b"Payload-Oxum: %d.%d" % (sum(map(len, payload.values())), len(payload))
    if "bag-info.txt" not in changes:
        changed["bag-info.txt"] = re.sub(rb"Payload-Oxum: .*", oxum, changed["bag-info.txt"])
    changed["manifest-sha256.txt"] = manifest_text(payload)
    tags = {n: c for n, c in changed.items() if not n.startswith("data/")}
    return {**changed, "tagmanifest-sha256.txt": manifest_text(tags)}


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def rewritten(bundle: Bundle, keys: Keys, change: Callable[[list[bytes]], list[bytes]]) -> Bundle:
    """Return a bundle whose log was rewritten by somebody who holds the log's key."""
    [name] = [n for n in bundle if n.startswith("data/tile/entries/")]
    entries = change(unpack_entries(bundle[name], where="t"))
    edge, tiles = grow((), 0, [leaf_hash(entry) for entry in entries])
    origin = keys.log.verifier.name
    head = Checkpoint(origin=origin, size=len(entries), root=edge_root(edge))
    files = {n: c for n, c in bundle.items() if not n.startswith("data/tile/")}
    files[f"data/tile/0/000.p/{len(entries)}"] = tiles[0, 0]
    files[f"data/tile/entries/000.p/{len(entries)}"] = pack_entries(entries)
    files["data/checkpoint"] = sign_checkpoint(head, keys.log)
    return resummed(files)
