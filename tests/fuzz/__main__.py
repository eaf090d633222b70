"""Long runs: `python -m tests.fuzz NAME --runs 1000000 --seed 1`; without a name, every target.

Each kind of finding is printed once, with the shortest input that led to it. With `--atheris`, the
package of that name (not among our dependencies) chooses the inputs by what code they reach.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.mutate import SIZE_MAX, Dice, mutated
from tests.fuzz.target import BrokenPromiseError, try_one

if TYPE_CHECKING:
    from tests.fuzz.target import Target

STUCK_S = 60  # wall time after which the stack is printed and the run ends


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--atheris", action="store_true")
    asked = parser.parse_args()
    targets = _targets(guided=asked.atheris)
    if unknown := set(asked.names) - targets.keys():
        parser.error(f"no target {min(unknown)!r}, expected one of: {', '.join(targets)}")
    found = 0
    for name in asked.names or targets:
        if asked.atheris:
            guided(targets[name], runs=asked.runs, seed=asked.seed)
        else:
            found += long_run(name, targets[name], runs=asked.runs, seed=asked.seed)
    importlib.import_module("tests.fuzz.received").close()
    return min(found, 1)


def _targets(*, guided: bool) -> dict[str, Target]:
    if not guided:
        return dict(importlib.import_module("tests.fuzz.registry").TARGETS)
    import atheris

    with atheris.instrument_imports(include=["trucewatch"]):  # our code, while it is loaded
        return dict(importlib.import_module("tests.fuzz.registry").TARGETS)


def long_run(name: str, target: Target, *, runs: int, seed: int) -> int:
    """Try a target often; return the number of kinds of findings."""
    seeds, dice = target.seeds(), Dice(seed)
    findings: dict[str, bytes] = {}
    accepted, began_s = 0, time.process_time()
    for _ in range(runs):
        raw = mutated(seeds, dice)
        faulthandler.dump_traceback_later(STUCK_S, exit=True)
        try:
            accepted += try_one(target, raw)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a panic of a library is no Exception
            kind = _kind(error)
            if kind not in findings or len(raw) < len(findings[kind]):
                findings[kind] = raw
    faulthandler.cancel_dump_traceback_later()
    spent_s = time.process_time() - began_s
    _say(f"{name}: {runs} runs, seed {seed}, {accepted} accepted, {spent_s:.1f} s CPU")
    for kind, raw in findings.items():
        _say(f"  {kind}\n    {len(raw)} bytes: {raw[:300]!r}")
    return len(findings)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _kind(error: BaseException) -> str:
    if isinstance(error, BrokenPromiseError):
        return f"{type(error).__name__}: {str(error)[:60]}"
    frames = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if f"{Path('src')}/trucewatch" in f.filename
    ]
    at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {at}"


def guided(target: Target, *, runs: int, seed: int) -> None:
    """Let atheris choose the inputs; it ends the process itself."""
    import atheris

    seeds = target.seeds()
    folder = Path(tempfile.mkdtemp(prefix="corpus-"))
    for number, raw in enumerate(seeds):
        (folder / f"seed-{number}").write_bytes(raw[:SIZE_MAX])
    options = [f"-runs={runs}", f"-seed={seed}", f"-max_len={SIZE_MAX}", str(folder)]
    atheris.Setup([sys.argv[0], *options], lambda raw: (try_one(target, raw), None)[1])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
