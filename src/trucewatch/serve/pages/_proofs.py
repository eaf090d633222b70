"""A zip of what was published with the proof of each file: the same log head, the same bytes."""

from __future__ import annotations

import io
import stat
import zipfile
from typing import TYPE_CHECKING

from trucewatch.mission.prove import prove

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.evidence.log import Log
    from trucewatch.mission.home import Home
    from trucewatch.serve.pages._issues import Issue

ARCHIVE = "with-proofs.zip"
STATEMENT = "published.json"
"""Name of the statement that publishes the files, where it lies beside them."""
_README = """\
What was published: {name}, by entry {entry} of the log {origin}.

The files lie in this folder as they were sealed; published.json is the signed statement that
names them. For each there is a folder proofs/FILE. To check one, with sh and openssl alone:

    sh proofs/{first}/check.sh {first} VKEY

VKEY is the log's key as you got it by another way. log.vkey in the folder is the one that this
server has; if the two differ, trust neither.

A proof shows that the file was sealed before that head of the log was signed, and is unchanged.
That does not mean that it is true.
"""
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_MODE = (stat.S_IFREG | 0o644) << 16
_UNIX = 3


def with_proofs(home: Home, log: Log, issue: Issue) -> bytes:
    """Return the zip.

    Args:
        home: The mission.
        log: Its log.
        issue: As published.
    """
    statement = log.entry(issue.entry).object
    hashes = {**{each.name: each.sha256 for each in issue.files}, STATEMENT: statement}
    files = {name: log.object(digest) for name, digest in hashes.items()}
    for name, digest in hashes.items():
        for part, content in prove(home.path, digest).files().items():
            files[f"proofs/{name}/{part}"] = content
    first = next(iter(hashes))
    readme = _README.format(name=issue.name, entry=issue.entry, origin=log.origin, first=first)
    return _zipped(issue.name, {**files, "README.txt": readme.encode()})


def _zipped(folder: str, files: Mapping[str, bytes]) -> bytes:
    """Return the files as a zip, below one folder, by name, with one fixed time and mode."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name in sorted(files):
            member = zipfile.ZipInfo(f"{folder}/{name}", date_time=_TIME)
            member.create_system, member.external_attr = _UNIX, _MODE
            package.writestr(member, files[name])
    return out.getvalue()
