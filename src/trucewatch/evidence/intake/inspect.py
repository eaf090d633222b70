"""What a received file is, and what a worker found in it; the caller's side of the intake.

The first bytes decide the kind. A file that is two things at once, such as a picture with an
archive behind it, is named as that: what one reader shows of it is not what another does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.evidence.intake.worker import Worker
    from trucewatch.records.canonical import Json

UNKNOWN = "unknown"
_TAR_AT = 257
_HEAD = 64  # bytes within which text shows that it is markup
_HOLDERS = {"tar", "gzip", "xz"}
_ZIP_ENTRY = b"PK\x01\x02"
_ZIP_END, _ZIP_END_SIZE = b"PK\x05\x06", 22
_ZIP_COMMENT_MAX = 1 << 16
_PDF_WITHIN = 1_024  # readers of PDF look for its mark in so many first bytes
_SEED_SEQUENCE, _SEED_QUALITY = 6, b"DRQM"
_BLANK = b" \t\r\n\x0b\x0c\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one received file.

    Attributes:
        kind: A key of `KINDS`, or "unknown".
        facts: By job, what it found. All of it is text and numbers from a stranger.
        problems: What is wrong or dangerous about the file; refusals begin with the job's name.
    """

    kind: str
    facts: Mapping[str, dict[str, Json]]
    problems: tuple[str, ...]


class _Job(NamedTuple):
    name: str
    options: Mapping[str, str] = {}


def _signed(mime: str) -> _Job:
    return _Job("credentials", {"mime": mime})


KINDS: Mapping[str, tuple[_Job, ...]] = {
    "jpeg": (_Job("image"), _signed("image/jpeg")),
    "png": (_Job("image"), _signed("image/png")),
    "webp": (_Job("image"), _signed("image/webp")),
    "gif": (_Job("image"), _signed("image/gif")),
    "tiff": (_Job("raster"), _Job("image"), _signed("image/tiff")),
    "bigtiff": (_Job("raster"),),
    "jp2": (_Job("raster"),),
    "wav": (_Job("wav"), _signed("audio/wav")),
    "miniseed": (_Job("miniseed"),),
    "zip": (_Job("archive"),),
    "gzip": (_Job("archive"),),
    "xz": (_Job("archive"),),
    "tar": (_Job("archive"),),
    "xml": (_Job("markup"),),
    "pdf": (),
}
"""Kinds, and the jobs that look into each; a PDF is recognised and not opened."""
_MAGIC = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
    b"II+\x00": "bigtiff",
    b"MM\x00+": "bigtiff",
    b"\x00\x00\x00\x0cjP  ": "jp2",
    b"\xff\x4f\xff\x51": "jp2",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\x00": "xz",
    b"%PDF-": "pdf",
    b"MS\x03": "miniseed",
}
_RIFF = {b"WEBP": "webp", b"WAVE": "wav"}


def kind(data: bytes) -> str:
    """Return what the first bytes announce.

    Example:
        >>> kind(b"GIF89a..."), kind(b"latitude,longitude")
        ('gif', 'unknown')
    """
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            return name
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12], UNKNOWN)
    if data[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return "tar"
    if _is_miniseed(data):
        return "miniseed"
    return "xml" if _is_markup(data) else UNKNOWN


def _is_miniseed(data: bytes) -> bool:
    """Recognise version 2: a sequence number, a letter of quality, a blank."""
    number, quality = data[:_SEED_SEQUENCE], data[_SEED_SEQUENCE : _SEED_SEQUENCE + 1]
    blank = data[_SEED_SEQUENCE + 1 : _SEED_SEQUENCE + 2]
    digits = all(c in b"0123456789 \x00" for c in number)
    return len(number) == _SEED_SEQUENCE and digits and quality in _SEED_QUALITY and blank == b" "


def _is_markup(data: bytes) -> bool:
    """Recognise markup after marks of byte order and blanks, in UTF-8 or UTF-16."""
    head = data[:_HEAD].replace(b"\x00", b"")
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(mark)
    first = head.lstrip(_BLANK)[:2]
    return first[:1] == b"<" and (first[1:].isalpha() or first[1:] in {b"?", b"!"})


def also(data: bytes) -> tuple[str, ...]:
    r"""Return what a file is besides its kind: other readers would accept it as that.

    Example:
        >>> also(b"GIF89a" + b"PK\x05\x06" + bytes(18))
        ('zip',)
    """
    first = kind(data)
    found: list[str] = []
    if first != "zip" and _ends_as_zip(data, exactly=first in _HOLDERS):
        found.append("zip")
    if first != "pdf" and b"%PDF-" in data[:_PDF_WITHIN]:
        found.append("pdf")
    if first not in _HOLDERS and data[_TAR_AT : _TAR_AT + 5] == b"ustar":
        found.append("tar")
    if first not in {"xml", UNKNOWN} and b"<script" in data[:_PDF_WITHIN].lower():
        found.append("html")
    return tuple(found)


def _ends_as_zip(data: bytes, *, exactly: bool) -> bool:
    """Say whether a reader of zip, which begins at the end, finds a directory there.

    Many forgive bytes behind it. In an archive those may be an honest member, so there the zip must
    end where the file ends.
    """
    at = data.rfind(_ZIP_END, max(0, len(data) - _ZIP_COMMENT_MAX - _ZIP_END_SIZE))
    end = data[at : at + _ZIP_END_SIZE]
    if at < 0 or len(end) < _ZIP_END_SIZE:
        return False
    size, comment = int.from_bytes(end[12:16], "little"), int.from_bytes(end[20:], "little")
    if exactly and at + _ZIP_END_SIZE + comment != len(data):
        return False
    return size == 0 or data[max(0, at - size) :].startswith(_ZIP_ENTRY)


def inspect(data: bytes, *, worker: Worker, name: str = "upload") -> Facts:
    """Return what a file is and what a worker found in it.

    Args:
        data: The bytes as received.
        worker: A worker of the family `INSPECT`.
        name: How to name the file to the worker; it decides nothing.

    Where this machine has no worker that could be locked in, `Worker.ask` raises LogRefused.
    """
    what = kind(data)
    found: dict[str, dict[str, Json]] = {}
    problems = [f"is also {other}, expected one kind of file" for other in also(data)]
    for job in KINDS.get(what, ()):
        try:
            found[job.name], _ = worker.ask(job.name, data, name=name, **job.options)
        except BadInput as error:
            problems.append(f"{job.name}: {error.problem}")
    if active := found.get("markup", {}).get("active"):
        named = ", ".join(str(a) for a in active) if isinstance(active, list) else ""
        problems.append(f"markup: runs or loads when it is opened ({named}), expected plain markup")
    if found.get("image", {}).get("whole") is False:
        problems.append("image: torn or damaged, expected it to decode to its end")
    return Facts(kind=what, facts=found, problems=tuple(problems))
