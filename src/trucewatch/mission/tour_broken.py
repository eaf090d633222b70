"""Fourth stop: one byte is changed and one report is gone; the check names both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.bag import (
    BAG_INFO,
    DATA,
    MANIFEST,
    TAG_MANIFEST,
    Bagged,
    bag_tags,
    level_of,
)
from trucewatch.evidence.bundle import read_bundle, write_bundle
from trucewatch.evidence.objects import object_path
from trucewatch.mission.check import read_key, verify
from trucewatch.mission.tour_stop import Line, Stop, prose
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trucewatch.mission.explain import Link
    from trucewatch.mission.home import Home
    from trucewatch.records.canonical import Json

Files = dict[str, bytes]
_REPORT = DATA + "report/"
_TAGS = ("bagit.txt", BAG_INFO, MANIFEST, TAG_MANIFEST)


class _Try(NamedTuple):
    """One thing that was done to a copy of the bundle, and what the check says."""

    name: str
    done: str
    touched: str
    problem: str


def stop_broken(number: int, home: Home, folder: Path, link: Link) -> Stop:
    """Return what a check says of copies of a bundle that were tampered with.

    Args:
        number: Of the stop.
        home: A mission whose bundle lies in `bundle.zip`.
        folder: Where the copies are written; nothing may be there yet.
        link: A report that the bundle holds.
    """
    vkey = read_key(str(home.path / "keys" / "log.vkey"))
    files = read_bundle(home.path / "bundle.zip")
    whole = verify(home.path / "bundle.zip", vkey=vkey)
    tried = []
    for name, done, touched, changed in _tampered(files, link):
        path = folder / name
        write_bundle(path, changed)
        tried.append(_Try(name, done, touched, _problem(path, vkey)))
    found: dict[str, Json] = {
        "untouched": whole.verdict,
        "checks": len(whole.checks),
        "tried": [dict(zip(_Try._fields, each, strict=True)) for each in tried],
    }
    return Stop(
        number=number,
        title="One byte is changed, one report is gone",
        lines=tuple(_said(whole.verdict, len(whole.checks), tried)),
        found=found,
        commands=tuple(
            f"verify {folder / each.name} --key {home.path / 'keys' / 'log.vkey'}" for each in tried
        ),
    )


def _problem(path: Path, vkey: str) -> str:
    """Return the broken link that a check names; "" where it finds none."""
    try:
        verify(path, vkey=vkey)
    except EvidenceBroken as error:
        return str(error)
    return ""


def _tampered(files: Files, link: Link) -> Iterator[tuple[str, str, str, Files]]:
    """Yield a name, what was done in words, the file that it was done to, and all files then."""
    touched = DATA + object_path(link.object)
    edited, done = _edited(files[touched], link)
    changed = {**files, touched: edited}
    yield "edited", done, touched, changed
    yield (
        "edited-and-fitted",
        "the same, and every list in the bundle made to fit",
        touched,
        (_fitted(changed)),
    )
    report = min(name for name in files if name.startswith(_REPORT) and name.endswith(".html"))
    sealed = DATA + object_path(sha256_hex(files[report]))
    left = {name: content for name, content in files.items() if name != report}
    yield "deleted", "a published report is deleted", report, left
    gone = {name: content for name, content in left.items() if name != sealed}
    yield (
        "deleted-and-fitted",
        "the same with its sealed copy, and every list made to fit",
        (sealed),
        _fitted(gone),
    )


def _edited(raw: bytes, link: Link) -> tuple[bytes, str]:
    """Return the file with the hour of one report changed by one byte, and that in words."""
    row = link.text.encode()
    at = raw.index(row) + row.index(b"T") + 1
    new = b"1" if raw[at : at + 1] != b"1" else b"0"
    edited = raw[:at] + new + raw[at + 1 :]
    shown = slice(at - 11, at + 8)
    words = f"byte {at} of {link.file}: {raw[shown].decode()} becomes {edited[shown].decode()}"
    return edited, words


def _fitted(files: Files) -> Files:
    """Return a bundle whose lists of files fit what is in it, as a careful forger would."""
    told = dict(line.split(": ", 1) for line in files[BAG_INFO].decode().splitlines())
    left = {name: content for name, content in files.items() if name not in _TAGS}
    bagged = Bagged(
        origin=told["External-Identifier"],
        level=level_of(files[BAG_INFO]),
        head_at=datetime.fromisoformat(told["Bagging-Date"]).replace(tzinfo=UTC),
    )
    return left | bag_tags(left, bagged)


def _said(verdict: str, checks: int, tried: list[_Try]) -> Iterator[Line]:
    yield from prose(f"The exported bundle as it is, {checks} steps: {verdict}.")
    for each in tried:
        yield Line()
        yield from prose(f"{each.name}: {each.done}", hang=2)
        yield from prose(f"BROKEN  {each.problem}" if each.problem else "not noticed", indent=2)
