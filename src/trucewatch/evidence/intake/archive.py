"""Archives: what is in a zip, tar, gzip or xz, listed and refused where it would do harm.

Runs in a worker only. Nothing is written anywhere; names in an archive are only text. An archive in
an archive is opened too, down to `DEPTH_MAX`, all within one allowance.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput
from trucewatch.evidence.intake.claims import text
from trucewatch.evidence.unpack import BROKEN, RATIO_FREE, RATIO_MAX, blocks, is_packed

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH_MAX = 3  # a tar in a gzip in a zip
MEMBERS_MAX = 10_000
UNPACKED_MAX = 1 << 28  # bytes that are unpacked in all to look at them
LISTED_MAX = 500  # members that are named
_BLOCK = 1 << 20
_TAR_AT, _TAR_MAGIC = 257, b"ustar"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 0x1
_UNIX = 3  # system that made a zip member, whose mode then stands in the high half


class _Member(NamedTuple):
    """One file in an archive: its name as it stands, its declared size, and its content."""

    name: str
    size: int
    content: Iterator[bytes]


class _Allowance:
    """What is left of the caps, over all archives in one file."""

    def __init__(self, raw: bytes) -> None:
        self.bytes = min(UNPACKED_MAX, max(RATIO_FREE, RATIO_MAX * len(raw)))
        self.members = 0
        self.depth = 0
        self.unpacked = 0
        self.listed: list[dict[str, object]] = []

    def take(self, content: Iterator[bytes]) -> bytes:
        """Return a content that is within what is left.

        Raises:
            BadInput: It is not.
        """
        taken: list[bytes] = []
        for block in content:
            taken.append(block)
            self.unpacked += len(block)
            if self.unpacked > self.bytes:
                raise BadInput("archive", f"unpacks to over {self.bytes} bytes, must be less")
        return b"".join(taken)

    def list(self, member: _Member, depth: int) -> None:
        """Note one member.

        Raises:
            BadInput: There are too many.
        """
        self.members += 1
        self.depth = max(self.depth, depth)
        if self.members > MEMBERS_MAX:
            found = f"has over {MEMBERS_MAX} members, must be at most that many"
            raise BadInput("archive", found)
        if len(self.listed) < LISTED_MAX:
            self.listed.append({"name": text(member.name), "size": member.size, "depth": depth})


def form(raw: bytes) -> str | None:
    """Return zip, tar, packed (gzip or xz), or None."""
    if raw.startswith(_ZIP_MAGIC):
        return "zip"
    if is_packed(raw):
        return "packed"
    return "tar" if raw[_TAR_AT : _TAR_AT + len(_TAR_MAGIC)] == _TAR_MAGIC else None


def facts(raw: bytes) -> dict[str, object]:
    """Return what an archive holds.

    Returns:
        form, members (count), depth (of nesting), unpacked (bytes), listed (the first
        `LISTED_MAX` members: name, size, depth).

    Raises:
        BadInput: Broken, encrypted, too large, too deep; or a member has a path that leads out of
            its folder, is a link or a device, or is there twice.
    """
    left = _Allowance(raw)
    try:
        _walk(raw, 1, left)
    except (*BROKEN, tarfile.TarError) as error:
        found = f"cannot be read as an archive ({type(error).__name__}: {error})"
        raise BadInput("archive", f"{found}, expected zip, tar, gzip or xz") from error
    return {
        "form": form(raw),
        "members": left.members,
        "depth": left.depth,
        "unpacked": left.unpacked,
        "listed": left.listed,
    }


def _walk(raw: bytes, depth: int, left: _Allowance) -> None:
    if depth > DEPTH_MAX:
        raise BadInput("archive", f"is nested over {DEPTH_MAX} deep, must be at most that")
    names = set[str]()
    readers = {"zip": _zip, "tar": _tar, "packed": _packed}
    for member in readers[form(raw) or "zip"](raw):
        _check_name(member.name, names)
        left.list(member, depth)
        content = left.take(member.content)
        if form(content):
            _walk(content, depth + 1, left)


def _check_name(name: str, names: set[str]) -> None:
    """Refuse a name that would lead out of its folder, or that is there twice.

    Case is ignored, as some file systems do: the second would replace the first.

    Raises:
        BadInput: It is such a name.
    """
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\x00" in name:
        raise BadInput("archive", f"member {text(name)} leads out of its folder, must stay inside")
    if name.casefold() in names:
        raise BadInput("archive", f"member {text(name)} is there twice, expected once")
    names.add(name.casefold())


def _packed(raw: bytes) -> Iterator[_Member]:
    yield _Member("content", 0, blocks(raw, name="archive", size_max=UNPACKED_MAX))


def _zip(raw: bytes) -> Iterator[_Member]:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        members = packed.infolist()
        if sum(m.compress_size for m in members) > len(raw):
            raise BadInput("archive", "members overlap, expected each to have its own bytes")
        for member in members:
            name = text(member.filename)
            if not member.filename:  # which zipfile cannot say is a folder
                raise BadInput("archive", "a member has no name, expected one for each")
            mode = member.external_attr >> 16 if member.create_system == _UNIX else 0
            if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
                raise BadInput("archive", f"member {name} is a link or device, expected a file")
            if member.flag_bits & _ENCRYPTED:
                raise BadInput("archive", f"member {name} is encrypted, expected plain")
            if not member.is_dir():
                yield _Member(member.filename, member.file_size, _inside(packed, member))


def _inside(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        found = f"member is packed by method {member.compress_type}, expected deflate or none"
        raise BadInput("archive", found)
    with packed.open(member) as content:
        while block := content.read(_BLOCK):
            yield block


def _tar(raw: bytes) -> Iterator[_Member]:
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as packed:
        for member in packed:
            if not (member.isreg() or member.isdir()) or member.issparse():
                found = f"member {text(member.name)} is a link, device or sparse"
                raise BadInput("archive", f"{found}, expected a plain file")
            if member.isreg():
                yield _Member(member.name, member.size, _of_tar(packed, member))
            packed.members = []  # type: ignore[attr-defined] # or it would keep every header


def _of_tar(packed: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    content = packed.extractfile(member)
    size = 0
    while content is not None and (block := content.read(_BLOCK)):
        size += len(block)
        yield block
    if size != member.size:
        torn = f"member {text(member.name)} has {size} of {member.size} bytes"
        raise BadInput("archive", f"{torn}, expected all")
