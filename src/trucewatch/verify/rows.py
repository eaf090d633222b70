"""Finding the row of a table that differs, once its hash says that something does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.canonical import parse_canonical, sha256_hex

if TYPE_CHECKING:
    from collections.abc import Mapping


def broken_row(files: Mapping[str, bytes], name: str, digest: str) -> str:
    """Return words that name the row where a file differs from what was sealed, or "".

    The row is found when another file of the bundle still holds the sealed bytes, or when a line of
    a table in JSON lines is no canonical JSON any more.

    Args:
        files: Every file of the bundle.
        name: The file whose hash is wrong.
        digest: SHA-256 that it should have, lowercase hex.
    """
    found = files[name].split(b"\n")
    for other, content in files.items():
        if other != name and sha256_hex(content) == digest:
            sealed = content.split(b"\n")
            pairs = enumerate(zip(found, sealed, strict=False))
            row = next((i for i, (a, b) in pairs if a != b), min(len(found), len(sealed)))
            return f"; it differs at row {row} (line {row + 1}) from {other}"
    if sum(line.startswith(b"{") for line in found) * 2 < len(found):
        return ""  # no table in JSON lines
    for row, line in enumerate(found[:-1]):
        try:
            parse_canonical(line, where=name)
        except (BadInput, UnicodeError, RecursionError):
            return f"; row {row} (line {row + 1}) is not canonical JSON any more"
    return ""
