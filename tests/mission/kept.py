"""A mission with witnesses and authorities for time, for trying what keeps its log."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

from tests.mission.samples import firms

from trucewatch.evidence.log import Log
from trucewatch.evidence.witness.keeper import Keeper
from trucewatch.evidence.witness.memory import Memory, create_witness
from trucewatch.evidence.witness.server import WitnessServer
from trucewatch.mission.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home


@contextmanager
def witness(home: Home, folder: Path, name: str, clock: SimulatedClock) -> Iterator[str]:
    """Serve a witness of a mission's log on 127.0.0.1; give the words of its line in a policy."""
    if not folder.exists():
        create_witness(folder, f"{name}.example/w")
        with Log.open(home.path) as log:
            Memory(folder).trust(log.verifier)
    with Keeper(folder) as keeper, WitnessServer(keeper, clock=clock.now) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"{name} {keeper.memory.verifier.vkey} {server.url}"
        finally:
            server.shutdown()
            thread.join()


def policy_text(witnesses: Sequence[str], *, needed: int, parties: str = "") -> str:
    """A policy in which each witness has an operator of its own and `needed` make the quorum."""
    names = [words.split()[0] for words in witnesses]
    lines = [f"witness {words}" for words in witnesses]
    lines += [f"group enough {needed} {' '.join(names)}", "quorum enough"]
    lines += [f"# operator {name}-lab: {name}" for name in names]
    return "\n".join([*lines, parties, ""])


def use_policy(home: Home, text: str) -> None:
    """Have the settings name a policy; it is sealed with the next write."""
    (home.path / "witness.policy").write_text(text)
    if "[witness]" not in home.settings.read_text():
        home.settings.write_text(
            home.settings.read_text() + '\n[witness]\npolicy = "witness.policy"\n'
        )


def use_authorities(home: Home, places: dict[str, tuple[str, Path]]) -> None:
    """Have the settings name authorities for time, each with its address and root."""
    text = home.settings.read_text()
    for name, (url, root) in places.items():
        (home.path / f"{name}.pem").write_bytes(root.read_bytes())
        text += f'\n[timestamp.{name}]\nurl = "{url}"\nroots = "{name}.pem"\n'
    home.settings.write_text(text)


def grow(home: Home, inbox: Path, clock: SimulatedClock, *, day: int = 26, days: int = 0) -> int:
    """Ingest one more file some days later; return the size of the log."""
    clock.at += timedelta(days=days, minutes=1)
    path = inbox / f"grow-{day}-{clock.at:%d%H%M}.csv"
    path.write_bytes(firms(day=day, n=3 + clock.at.minute + clock.at.day))
    list(ingest(home, "firms", [path], clock=clock))
    return size_of(home)


def size_of(home: Home) -> int:
    """The number of entries."""
    with Log.open(home.path) as log:
        return log.size
