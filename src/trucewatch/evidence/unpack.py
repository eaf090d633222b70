"""Unpacking received files: plain, gzip, xz, or a zip of one file; in memory and capped.

The first bytes alone decide what a file is, so that a rebuild, which has no names, unpacks alike;
`misnamed` says, when the file is received, that its name claims something else. Nothing is written
to disk and nothing is run. Sealing comes first: what is unpacked here is a sealed object, and the
unpacked bytes are only what a sensor module reads.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

from zlib_ng import zlib_ng

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZE_MAX = 1 << 30  # some 2e7 FIRMS rows, a decade of one country; fits a small machine's memory
RATIO_MAX = 200  # sensor text packs 5 to 15 times, a run of equal rows about 100, deflate can 1,032
RATIO_FREE = 1 << 20  # the ratio of a small file says nothing, and 1 MiB harms nobody
MEMBERS_MAX = 1 << 16  # gzip members or xz streams; block-wise gzip of 1 GiB has 16,384
XZ_MEMORY_MAX = 1 << 28  # bytes of working memory; `xz -9` asks for 65 MiB
_IN = 1 << 16  # bytes fed at a time
_OUT = 1 << 20  # bytes taken at a time, so that a bomb is noticed within 1 MiB

_FORMS = {
    "gzip": ((b"\x1f\x8b",), ".gz"),
    "xz": ((b"\xfd7zXZ\x00",), ".xz"),
    "zip": ((b"PK\x03\x04", b"PK\x05\x06"), ".zip"),
}
BROKEN = (
    ArithmeticError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,  # from within zipfile
    cast("type[Exception]", zlib_ng.error),  # its stub calls it an instance
)
"""What the libraries raise on damaged input; RuntimeError and NotImplementedError are zipfile's
words for encryption and for packing methods that it does not know."""


def unpack(raw: bytes, *, name: str, size_max: int = SIZE_MAX, ratio_max: int = RATIO_MAX) -> bytes:
    """Return the bytes inside a received file; the file itself when it is not packed.

    Packed twice is unpacked once: what is left is for the sensor module to refuse by its signature.

    Args:
        raw: The bytes as received.
        name: How to name the file in an error; it decides nothing.
        size_max: Most bytes that may come out.
        ratio_max: Most bytes that may come out for each byte of `raw`, beyond the first MiB.

    Raises BadInput as `blocks` does.

    Example:
        >>> import gzip
        >>> unpack(gzip.compress(b"latitude,longitude"), name="a.csv.gz")
        b'latitude,longitude'
    """
    return b"".join(blocks(raw, name=name, size_max=size_max, ratio_max=ratio_max))


def blocks(
    raw: bytes, *, name: str, size_max: int = SIZE_MAX, ratio_max: int = RATIO_MAX
) -> Iterator[bytes]:
    """Yield what `unpack` returns, piece by piece, so that a small process can unpack a large file.

    Nothing of it may be used before the last piece came: an error takes all of it back.

    Args:
        raw: The bytes as received.
        name: How to name the file in an error; it decides nothing.
        size_max: Most bytes that may come out.
        ratio_max: Most bytes that may come out for each byte of `raw`, beyond the first MiB.

    Raises:
        BadInput: The packing is damaged or torn, a zip does not hold exactly one file that can be
            read, or a cap is passed.
    """
    form = _form(raw)
    if len(raw) > size_max:
        raise BadInput(name, f"has {len(raw)} bytes, must be at most {size_max}")
    if form is None:
        yield raw
        return
    ratio_cap = max(RATIO_FREE, ratio_max * len(raw))
    size = 0
    try:
        for block in _READERS[form](raw):
            size += len(block)
            if size > min(size_max, ratio_cap):
                break
            yield block
    except BROKEN as error:
        raise BadInput(name, f"{form} cannot be unpacked: {error}") from error
    if size > size_max:
        raise BadInput(name, f"unpacks to over {size_max} bytes, must be at most that many")
    if size > ratio_cap:
        grown = f"{form} of {len(raw)} bytes unpacks to over {ratio_cap} bytes"
        raise BadInput(name, f"{grown}, must be at most {ratio_max} for each byte")


def is_packed(raw: bytes) -> bool:
    """Say whether the first bytes announce a form that `unpack` would unpack.

    Example:
        >>> is_packed(b"latitude,longitude")
        False
    """
    return _form(raw) is not None


def _form(raw: bytes) -> str | None:
    return next((form for form, (magic, _) in _FORMS.items() if raw.startswith(magic)), None)


def misnamed(raw: bytes, *, name: str) -> str:
    """Return how the ending of a name contradicts the bytes, or "".

    Example:
        >>> misnamed(b"latitude,longitude", name="a.csv.gz")
        'named .gz but does not start with a gzip header'
    """
    form, ending = _form(raw), PurePath(name).suffix.lower()
    for packing, (_, suffix) in _FORMS.items():
        article = "an" if packing == "xz" else "a"
        if ending == suffix and form != packing:
            return f"named {suffix} but does not start with {article} {packing} header"
        if form == packing and ending != suffix:
            return f"starts with {article} {packing} header but is not named {suffix}"
    return ""


def _gzip(raw: bytes) -> Iterator[bytes]:
    """Yield the contents of all members, checked by their CRC and length.

    Raises:
        EOFError: The last member is torn, what follows it is no member, or there are too many.
    """
    at = 0
    for _ in range(MEMBERS_MAX):
        member = zlib_ng.decompressobj(wbits=31)  # 31: gzip framing, which checks the trailer
        while not member.eof:
            fed = member.unconsumed_tail or raw[at : at + _IN]
            if not fed:
                torn = f"torn after {len(raw)} bytes, expected the end of a gzip member"
                raise EOFError(torn)
            at += 0 if member.unconsumed_tail else len(fed)
            yield member.decompress(fed, _OUT)
        at -= len(member.unused_data)
        if at == len(raw):
            return
    too_many = f"more than {MEMBERS_MAX} members, must be at most that many"
    raise EOFError(too_many)


def _xz(raw: bytes) -> Iterator[bytes]:
    """Yield the contents of all streams, checked as each stream declares.

    Raises:
        EOFError: The last stream is torn, or there are too many.
    """
    at = 0
    for _ in range(MEMBERS_MAX):
        stream = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY_MAX)
        while not stream.eof:
            fed = raw[at : at + _IN] if stream.needs_input else b""
            if stream.needs_input and not fed:
                torn = f"torn after {len(raw)} bytes, expected the end of an xz stream"
                raise EOFError(torn)
            at += len(fed)
            yield stream.decompress(fed, _OUT)
        at -= len(stream.unused_data)
        if at == len(raw):
            return
    too_many = f"more than {MEMBERS_MAX} streams, must be at most that many"
    raise EOFError(too_many)


def _zip(raw: bytes) -> Iterator[bytes]:
    """Yield the content of the only file in a zip, checked by its CRC.

    Raises:
        EOFError: There is not exactly one file, or it is packed in an unusual way.
    """
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        members = packed.infolist()
        if len(members) == 1 and not members[0].filename:  # which zipfile cannot say is a folder
            nameless = "holds a member without a name, expected one that has a name"
            raise EOFError(nameless)
        if len(members) != 1 or members[0].is_dir():
            found = f"holds {len(members)} members, expected exactly one file"
            raise EOFError(found)
        if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            found = f"packed by method {members[0].compress_type}, expected deflate or none"
            raise EOFError(found)
        with packed.open(members[0]) as member:
            while block := member.read(_OUT):
                yield block


_READERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {"gzip": _gzip, "xz": _xz, "zip": _zip}
