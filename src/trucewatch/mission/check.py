"""`tw verify` and `tw digest`: is the chain whole, and what are the numbers' fingerprints."""

from __future__ import annotations

import json
from contextlib import suppress
from errno import ENAMETOOLONG
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken, TruceWatchError
from trucewatch.evidence.bundle import read_bundle, read_zip
from trucewatch.evidence.log import Log
from trucewatch.evidence.readme import README, is_demo
from trucewatch.mission.configuration import in_force
from trucewatch.mission.opened import reading
from trucewatch.store.digest import differences, digests
from trucewatch.verify.against import RECEIPT_START
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.findings import NOTHING, Given
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trucewatch.mission.home import Home
    from trucewatch.verify.findings import Check, Findings

_ZIP = b"PK\x03\x04"
_MARK = b"EXERCISE"  # how the README of an exercise begins
_PLUSES_MIN = 2  # NAME+KEYID+BASE64, and base64 may have more


def verify(
    path: Path,
    *,
    vkey: str | None,
    given: Given = NOTHING,
    told: Callable[[Check], None] | None = None,
    marked: Callable[[], None] | None = None,
) -> Findings:
    """Check a bundle, or a mission's folder in place.

    Args:
        path: A bundle (zip or folder) or a mission's folder.
        vkey: The log's verifier key as it was handed over by another way, or None.
        given: What else was, from `read_given`.
        told: Is called with each step as it is taken.
        marked: Is called before the first step when what is checked says of itself that it is an
            exercise; one of the steps checks whether that was sealed.

    Raises:
        BadInput: Nothing is there, or neither a file nor a folder.
        EvidenceBroken: A mission's folder has no log.
    """
    if _there(path / "log.db"):
        with Log.open(path, signer=None) as log:
            if marked is not None and _says_exercise(log):
                marked()
            return verify_home(log, vkey=vkey, given=given, told=told)
    if not _there(path):
        raise BadInput(str(path), "is not there, expected a bundle or a mission's folder")
    if not (path.is_file() or path.is_dir()):
        raise BadInput(str(path), "is a pipe or device, expected a bundle or a mission's folder")
    if (path / "mission.toml").is_file():
        raise EvidenceBroken(str(path), "has a mission.toml and no log.db, expected both")
    files = read_bundle(path)
    if marked is not None and files.get(README, b"").startswith(_MARK):
        marked()
    return verify_bundle(files, vkey=vkey, given=given, told=told)


def _says_exercise(log: Log) -> bool:
    """Return whether a log says of itself that it is an exercise; no, when it cannot be read.

    What is broken in it is named by the steps of the check, and only there.
    """
    with suppress(TruceWatchError):
        return is_demo(log.origin) or in_force(log, log.size).settings.mission.exercise
    return False


def read_given(
    *,
    policy: Path | None = None,
    roots: Sequence[Path] = (),
    against: Sequence[Path] = (),
    receipts: Sequence[Path] = (),
) -> Given:
    """Return what a reader brings along, read from files.

    Args:
        policy: A policy of witnesses.
        roots: Certificates of time authorities, PEM.
        against: Heads, proofs, receipts and bundles of the same log that were shown before.
        receipts: Receipts of files that were submitted.

    Raises:
        BadInput: A file cannot be read, or is no receipt.
    """
    shown: dict[str, bytes | Mapping[str, bytes]] = {}
    for path in against:
        shown[str(path)] = _read_shown(path)
    for path in receipts:
        content = shown[str(path)] = _read(path)
        if not content.startswith(RECEIPT_START):
            raise BadInput(str(path), f"is no receipt, expected {RECEIPT_START.decode()!r} first")
    return Given(
        policy=None if policy is None else _read(policy),
        roots=tuple(_read(path) for path in roots),
        against=shown,
    )


def _read_shown(path: Path) -> bytes | Mapping[str, bytes]:
    if path.is_dir():
        return read_bundle(path)
    content = _read(path)
    return read_zip(content, where=path.name) if content.startswith(_ZIP) else content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror}), expected a file that can"
        raise BadInput(str(path)[:200], problem) from error


def read_key(text_or_file: str) -> str:
    """Return a verifier key given as text, or as the path of a file that holds it.

    Raises:
        BadInput: The file cannot be read, or is not text; or it is neither a file nor a key.
    """
    path = Path(text_or_file)
    try:
        return path.read_text().strip() if path.is_file() else _key_text(text_or_file)
    except UnicodeDecodeError as error:
        problem = f"not text at byte {error.start}, expected NAME+KEYID+BASE64"
        raise BadInput(str(path), problem) from error
    except OSError as error:
        if error.errno == ENAMETOOLONG:
            return _key_text(text_or_file)
        problem = f"cannot be read ({error.strerror}), expected the log's verifier key"
        raise BadInput(str(path), problem) from error


def _key_text(text: str) -> str:
    if text.count("+") < _PLUSES_MIN:
        raise BadInput(text[:80], "is neither a file nor NAME+KEYID+BASE64, expected a log's key")
    return text.strip()  # whether it is a good one is said by who parses it


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        problem = f"cannot be looked at ({error.strerror}), expected a bundle or a mission's folder"
        raise BadInput(str(path)[:200], problem) from error


def digest_tables(home: Home) -> dict[str, dict[str, object]]:
    """Return the digest, rows and sums of every projection table; see `store.digest`."""
    with reading(home) as (_, there):
        return digests(there.archive, there.desk)


def compare_digests(mine: dict[str, dict[str, object]], path: Path) -> dict[str, str]:
    """Return, for each table, `same`, `within tolerance` or `different` from those in a file.

    Raises:
        BadInput: The file is not what `tw digest --json` prints.
    """
    try:
        theirs = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(str(path), f"{error}, expected what tw digest --json prints") from error
    if not isinstance(theirs, dict) or not all(isinstance(v, dict) for v in theirs.values()):
        raise BadInput(str(path), "no digests in it, expected what tw digest --json prints")
    return differences(mine, theirs)
