"""Frames: how a worker and its caller speak over pipes; a small header and raw bytes behind it.

A frame is the length of the header (4 bytes, big-endian), the length of the body (8), the header in
canonical JSON, and the body.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput
from trucewatch.records.canonical import canonical, parse_canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.records.canonical import Json

HEADER_MAX = 1 << 20  # bytes; the facts about one file
_LENGTHS = struct.Struct(">IQ")


class Frame(NamedTuple):
    """One message.

    Attributes:
        header: What is said.
        body: What it is said about.
    """

    header: dict[str, Json]
    body: bytes


def encode(header: object) -> bytes:
    """Return the canonical bytes of a header.

    Raises:
        BadInput: It has no canonical form, or over `HEADER_MAX` bytes.
    """
    encoded = canonical(header)
    if len(encoded) > HEADER_MAX:
        raise BadInput("frame", f"header has {len(encoded)} bytes, must be at most {HEADER_MAX}")
    return encoded


def parts(header: bytes, body: bytes) -> list[bytes]:
    """Return what to write, one after the other; the body is not copied."""
    return [_LENGTHS.pack(len(header), len(body)) + header, body]


def receive(read: Callable[[int], bytes], *, body_max: int) -> Frame:
    """Read one frame.

    Args:
        read: Returns exactly as many bytes as asked, or raises.
        body_max: Most bytes of the body.

    Raises:
        BadInput: A length passes its cap, or the header is not canonical JSON.
    """
    header_size, body_size = _LENGTHS.unpack(read(_LENGTHS.size))
    if header_size > HEADER_MAX or body_size > body_max:
        found = f"{header_size} and {body_size} bytes, must be at most {HEADER_MAX} and {body_max}"
        raise BadInput("frame", found)
    return Frame(parse_canonical(read(header_size), where="frame"), read(body_size))
