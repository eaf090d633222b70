"""Export bundles as they lie on disk: a folder, or a zip file with exactly one possible form.

The zip is stored, not compressed, sorted by name, with one fixed time and mode, so that the same
files always give the same bytes, and a reader can demand them. All of it lies below one folder, as
RFC 8493 asks of a bag that travels as one file.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence.objects import sync_folder, write_durably

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BYTES_MAX = 4 * 1024**3
FILES_MAX = 1_000_000
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_MODE = (stat.S_IFREG | 0o644) << 16
_UNIX = 3
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_NAME_CHARACTERS_MAX = 200
_FOLDER = "bundle/"
_ZIP = b"PK\x03\x04"  # how it begins
_EARLIER = "SHA256SUMS"  # only layout 1 had this file
_ADVICE = "unpack the zip and verify the folder: what is inside may still be whole"


def write_bundle(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a bundle, as a zip file when the path ends in `.zip`, else as a folder.

    Nothing is there under its name before all of it is.

    Args:
        path: Where to; nothing may be there yet.
        files: Content by relative name.

    Raises:
        BadInput: Something is there already, or a name is unfit, or the disk refuses.
    """
    check_names(files, where=str(path))
    if path.exists():
        raise BadInput(str(path), "exists already, expected a new name")
    if path.suffix == ".zip":
        write_durably(path, zip_bytes(files), mode=0o644)
        return
    begun = path.with_name(f".{path.name}.part")
    try:
        if begun.exists():  # of an export that was cut short
            shutil.rmtree(begun)
        for name in sorted(files):
            write_durably(begun / name, files[name], mode=0o644)
        begun.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        problem = f"cannot be written ({error.strerror}), expected a place that can be"
        raise BadInput(str(path), problem) from error


def read_bundle(path: Path) -> dict[str, bytes]:
    """Return the files of a bundle by relative name, from a zip file or a folder.

    Raises:
        NotFound: There is nothing at that path.
        BadInput: It is a file of another kind.
        EvidenceBroken: Too large, or cannot be read.
    """
    if path.is_dir():
        return _read_folder(path)
    try:
        size = path.stat().st_size
        if size > BYTES_MAX:
            problem = f"has {size} bytes, must be at most {BYTES_MAX}"
            raise EvidenceBroken(path.name, problem, advice=_ADVICE)
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(str(path), "no such file or folder") from error
    except OSError as error:
        raise EvidenceBroken(path.name, f"cannot be read ({error.strerror})") from error
    if not content.startswith(_ZIP) and not zipfile.is_zipfile(io.BytesIO(content)):
        raise BadInput(str(path), "is no zip at all, expected a bundle, or a mission's folder")
    return read_zip(content, where=path.name)


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return the one zip file that holds these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(_FOLDER + name, date_time=_TIME)
            info.create_system, info.external_attr = _UNIX, _MODE
            archive.writestr(info, files[name])
    return buffer.getvalue()


def read_zip(content: bytes, *, where: str) -> dict[str, bytes]:
    """Return the files of a zip, which must be byte for byte what `zip_bytes` would write.

    Raises:
        EvidenceBroken: Not a zip, compressed, too many files, or any byte that differs. A bundle of
            an earlier layout is `BadInput`.
    """
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members, len(content), where)
            for member in members:
                files[member.filename.removeprefix(_FOLDER)] = archive.read(member)
    except _ZIP_ERRORS as error:
        problem = f"not a readable zip ({error})"
        raise EvidenceBroken(where, problem, advice=_ADVICE) from error
    _check_found(files, where)
    if zip_bytes(files) != content:
        problem = "the zip differs from the one that its own files lead to"
        raise EvidenceBroken(where, problem, advice=_ADVICE)
    return files


def check_layout(names: Iterable[str], *, where: str) -> None:
    """Check that files are not those of a bundle of an earlier layout.

    Raises:
        BadInput: They are.
    """
    if _EARLIER in names:
        raise BadInput(where, "layout 1, expected 2: export it again")


def check_names(names: Iterable[str], *, where: str) -> None:
    """Check that every name is a plain relative path, and that none stands in another's way.

    Raises:
        BadInput: A name is absolute, climbs, is hidden, has odd characters, or comes twice.
    """
    seen: set[str] = set()
    for name in names:
        if not _NAME.fullmatch(name) or len(name) > _NAME_CHARACTERS_MAX:
            problem = f"file name is {name[:80]!r}, must be a plain relative path"
            raise BadInput(where, f"{problem} of letters, digits, dot, dash and underscore")
        if name.casefold() in seen:
            raise BadInput(where, f"file name is {name!r}, which another differs from in case only")
        seen.add(name.casefold())
    for name in seen:
        parts = name.split("/")
        for end in range(1, len(parts)):
            if "/".join(parts[:end]) in seen:
                problem = f"{name!r} lies in a file, expected it to lie in a folder"
                raise BadInput(where, problem)


_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,  # a compression or version that zipfile does not read
    RuntimeError,  # encrypted
    EOFError,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    struct.error,
    OverflowError,
)


def _check_members(members: list[zipfile.ZipInfo], size: int, where: str) -> None:
    if len(members) > FILES_MAX or sum(m.file_size for m in members) > size:
        problem = f"{len(members)} files are larger than the zip that holds them"
        raise EvidenceBroken(where, problem, advice=_ADVICE)
    check_layout([m.filename for m in members], where=where)
    for member in members:
        if not member.filename.startswith(_FOLDER):
            problem = f"{member.filename[:80]!r} lies outside, expected it in {_FOLDER}"
            raise EvidenceBroken(where, problem, advice=_ADVICE)
    if len({m.filename for m in members}) != len(members):
        raise EvidenceBroken(where, "a file name comes twice, expected once", advice=_ADVICE)
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED:
            problem = f"{member.filename} is compressed, expected stored"
            raise EvidenceBroken(where, problem, advice=_ADVICE)


def _check_found(files: Iterable[str], where: str) -> None:
    try:
        check_names(files, where=where)
    except BadInput as error:
        raise EvidenceBroken(where, error.problem, advice=_ADVICE) from error


def _read_folder(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        for name in [*folders, *names]:
            path = Path(parent) / name
            relative = path.relative_to(folder).as_posix()
            _check_found((relative,), folder.name)  # before a message repeats it
            found = _stat(path, relative)
            if stat.S_ISDIR(found.st_mode):
                continue
            if not stat.S_ISREG(found.st_mode):
                raise EvidenceBroken(relative, "is a link or device, expected a plain file")
            total += found.st_size
            if total > BYTES_MAX or len(files) >= FILES_MAX:
                problem = f"more than {BYTES_MAX} bytes or {FILES_MAX} files"
                raise EvidenceBroken(folder.name, problem)
            files[relative] = _read_file(path, relative)
    _check_found(files, folder.name)
    check_layout(files, where=folder.name)
    return files


def _stat(path: Path, relative: str) -> os.stat_result:
    try:
        return path.lstat()
    except OSError as error:
        raise EvidenceBroken(relative, f"cannot be read ({error.strerror})") from error


def _read_file(path: Path, relative: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EvidenceBroken(relative, f"cannot be read ({error.strerror})") from error


def _refuse(error: OSError) -> None:
    raise EvidenceBroken(str(error.filename), f"cannot be read ({error.strerror})") from error
