"""The tags of a BagIt bag: what says that a folder is one, and which bytes it holds.

bagit.txt, bag-info.txt     the format, and what the bag is of
manifest-sha256.txt         every file under data/
tagmanifest-sha256.txt      every other file but itself

Both manifests are in the format of `sha256sum -c`. Each tag is a function of the files and of the
log's head, so that a checker writes it again and compares; no clock and no machine has a part.

Source: RFC 8493, The BagIt File Packaging Format 1.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

DATA = "data/"
BAGIT = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
LAYOUT = 2
"""Number of this layout of a bundle; a bundle of another one is refused."""

LEVELS = ("public", "mission")
"""Whom a bundle may be made for."""

_BAGIT_TEXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_LEVEL = re.compile(
    rf"External-Description: trucewatch evidence bundle, layout {LAYOUT}, level (.+)"
)
_LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bagged:
    """What a bundle says of itself in bag-info.txt.

    Attributes:
        origin: Name of the log.
        level: Whom it is made for: `public` or `mission`.
        head_at: When the log's newest entry was logged; None for an empty log.
    """

    origin: str
    level: str
    head_at: datetime | None


def bag_tags(files: Mapping[str, bytes], bagged: Bagged) -> dict[str, bytes]:
    """Return bagit.txt, bag-info.txt and both manifests of a bag.

    Args:
        files: Everything under data/, and the tag files that are not made here.
        bagged: What the bag is of.
    """
    payload = {name: content for name, content in files.items() if name.startswith(DATA)}
    tags = {name: content for name, content in files.items() if not name.startswith(DATA)}
    tags[BAGIT] = _BAGIT_TEXT
    tags[BAG_INFO] = _bag_info(payload, bagged)
    tags[MANIFEST] = manifest_text(payload)
    made = (BAGIT, BAG_INFO, MANIFEST)
    return {name: tags[name] for name in made} | {TAG_MANIFEST: manifest_text(tags)}


def manifest_text(files: Mapping[str, bytes]) -> bytes:
    """Return the hash of every file but the tag manifest, in the format of `sha256sum -c`."""
    names = sorted(name for name in files if name != TAG_MANIFEST)
    return "".join(f"{sha256_hex(files[name])}  {name}\n" for name in names).encode()


def parse_manifest(data: bytes, *, where: str) -> dict[str, str]:
    """Return digest by file name from a manifest.

    Raises:
        BadInput: A line of another form, a name twice, or names out of order.
    """
    digests: dict[str, str] = {}
    for number, line in enumerate(text_lines(data, where=where), 1):
        match = _LINE.fullmatch(line)
        at = f"{where}:{number}"
        if match is None:
            raise BadInput(at, f"line is {line[:80]!r}, expected SHA-256, two spaces, name")
        if digests and match[2] <= next(reversed(digests)):
            raise BadInput(at, f"name is {match[2][:80]!r}, expected names once, in order")
        digests[match[2]] = match[1]
    return digests


def level_of(bag_info: bytes) -> str:
    """Return whom a bundle says that it is made for.

    Raises:
        BadInput: It does not say so, or names nobody that we know.
    """
    first = bag_info.partition(b"\n")[0].decode(errors="replace")
    match = _LEVEL.fullmatch(first)
    if match is None or match[1] not in LEVELS:
        where = f"{BAG_INFO}:1"
        problem = f"first line is {first[:100]!r}, expected layout {LAYOUT} and a level"
        raise BadInput(where, f"{problem}: {' or '.join(LEVELS)}")
    return match[1]


def text_lines(data: bytes, *, where: str) -> list[str]:
    """Return the lines of a text in which each ends in a newline; none of an empty one.

    Raises:
        BadInput: Not UTF-8, or the last line is cut short.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadInput(where, f"not UTF-8 at byte {error.start}") from error
    if text and not text.endswith("\n"):
        raise BadInput(where, "cut short, expected a newline at the end")
    return text[:-1].split("\n") if text else []


def _bag_info(payload: Mapping[str, bytes], bagged: Bagged) -> bytes:
    octets = sum(len(content) for content in payload.values())
    layout = f"trucewatch evidence bundle, layout {LAYOUT}, level {bagged.level}"
    lines = [
        ("External-Description", layout),
        ("External-Identifier", bagged.origin),
        ("Bagging-Date", "" if bagged.head_at is None else f"{bagged.head_at:%Y-%m-%d}"),
        ("Payload-Oxum", f"{octets}.{len(payload)}"),
    ]
    return "".join(f"{label}: {value}\n" for label, value in lines if value).encode()
