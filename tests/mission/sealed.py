"""A small mission with confidential files, for trying verbs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.mission.samples import firms, news

from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.vault.compartment import make_compartment
from trucewatch.mission.confidential import protected
from trucewatch.mission.ingest import ingest
from trucewatch.mission.opened import writing
from trucewatch.mission.projection import received_type
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.sequencer import Appended
    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home

BEGIN, MIDDLE, END = (sha256_hex(word)[:32] for word in (b"begin", b"middle", b"end"))
NAME = "witness-of-the-night-of-the-27th.csv"
"""Words of 32 bytes that nothing else contains and no packing shortens: three in a file, and its
name.
"""


def hotline() -> bytes:
    """A file of news: of its rows two can be read and one cannot, so that it is quoted."""
    rows = [
        f"20260627,31.21,48.52,{BEGIN},A,3",
        f"{MIDDLE},31.40,48.70,Dunmarsh,O,1",
        f"20260627,31.40,48.70,{END},O,1",
    ]
    return "\n".join(["date,lon,lat,place,type,n_reports", *rows, ""]).encode()


def long_hotline() -> bytes:
    """The same with so many rows that the log keeps it as a file."""
    return hotline() + news(day=27).partition(b"\n")[2] * 800


def seal(  # noqa: PLR0913 - a test says what it varies
    home: Home,
    raw: bytes,
    *,
    clock: SimulatedClock,
    name: str = NAME,
    sensor: str = "news",
    level: Level = Level.AMBER,
    compartment: str = "hotline",
) -> Appended:
    """Seal a file above CLEAR as ingest does."""
    with writing(home, clock) as writer:
        item = protected(
            writer.log,
            NewObject(type=received_type(sensor, raw, name=name), data=raw, name=name),
            level=level,
            compartment=compartment,
        )
        return writer.log.append([item], now=clock.now())[0]


def open_file(home: Home, folder: Path, *, clock: SimulatedClock) -> None:
    """Ingest one file at CLEAR."""
    path = folder / "firms-26.csv"
    path.write_bytes(firms(day=26))
    list(ingest(home, "firms", [path], clock=clock))


def compartment(home: Home, name: str = "hotline") -> Path:
    """Make the key of a compartment."""
    return make_compartment(home.path, name)


def files_with(folder: Path, text: str) -> list[str]:
    """Return every file below a folder that holds a text, in its bytes or in its path."""
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if text in str(path) or (path.is_file() and text.encode() in path.read_bytes())
    ]
