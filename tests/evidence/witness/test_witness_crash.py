"""Kill a witness at any moment: it never signs two histories, and never a smaller head."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from tests.evidence.witness.histories import grow

from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.witness.client import Outcome, ask
from trucewatch.evidence.witness.cosignature import open_cosignatures
from trucewatch.evidence.witness.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from trucewatch.evidence.log import Log
    from trucewatch.evidence.note import Signer
    from trucewatch.evidence.witness.client import Asked

KILLS = 6
SIZES = range(1, 61)
WITNESS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from trucewatch.evidence.witness.keeper import Keeper
from trucewatch.evidence.witness.server import WitnessServer

noon = datetime(2026, 6, 27, 12, tzinfo=UTC)
with Keeper(Path(sys.argv[1])) as keeper:
    with WitnessServer(keeper, clock=lambda: noon) as server:
        print(server.url, flush=True)
        server.serve_forever()
"""


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-c", WITNESS, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def climb(log: Log, url: str, memory: Memory, found: list[tuple[int, Asked]]) -> None:
    """Ask for one size after another, from the last that was cosigned, until nobody answers."""
    for size in SIZES:
        asked = ask(
            url,
            note=log.checkpoint_note(size),
            consistency=log.consistency_proof,
            old=size - 1,
            verifier=memory.verifier,
            timeout_s=10.0,
        )
        found.append((size, asked))
        if asked.outcome is Outcome.UNREACHABLE:
            return


def test_kills_between_answers_never_lead_to_two_histories(
    folder: Path, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    homes = tmp_path_factory.mktemp("histories")
    memory = Memory(folder)
    with (
        grow(homes / "a", signer, sizes=SIZES, apart=0, told="a") as a,
        grow(homes / "b", signer, sizes=SIZES, apart=0, told="b") as b,
    ):
        answers: list[list[tuple[int, Asked]]] = [[], []]
        for kill in range(KILLS):
            with running(folder) as (process, url):
                climbers = [
                    Thread(target=climb, args=(log, url, memory, found))
                    for log, found in zip((a, b), answers, strict=True)
                ]
                for thread in climbers:
                    thread.start()
                enough = 11 * (kill + 1) + kill**2
                while sum(map(len, answers)) < enough and climbers[0].is_alive():
                    climbers[0].join(0.001)
                process.kill()
                for thread in climbers:
                    thread.join()
            heads = memory.heads()
            signed = [s for found in answers for s, x in found if x.outcome is Outcome.COSIGNED]
            assert max(signed, default=0) <= (heads[0].checkpoint.size if heads else 0)

        of_a, of_b = ([x for _, x in found if x.outcome is Outcome.COSIGNED] for found in answers)
        assert not of_a or not of_b
        assert len(of_a) + len(of_b) > KILLS

        winner = a if of_a else b
        for size, asked in answers[0 if of_a else 1]:
            if asked.outcome is Outcome.COSIGNED:
                note = winner.checkpoint_note(size) + asked.line.encode()
                assert open_cosignatures(note, [memory.verifier], where="t")
        head = open_checkpoint(memory.heads()[0].note, signer.verifier, where="t")
        assert head == winner.checkpoint(head.size)
