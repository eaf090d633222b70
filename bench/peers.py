"""Peers run in environments of their own, so that what they need never meets what we need.

An environment lies in `.peers/NAME` beside the benches. It is made on first use, with exactly the
versions that are asked for, and made anew when they change. Arrays go to a peer and come back as
npz files; a peer measures its own CPU time, because only it knows when its imports are done.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import TruceWatchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray]

FOLDER = Path(__file__).parent / ".peers"
STAMP = "requirements.stamp"
_LINES = 12  # of what a failed program said, at its end
_TIMEOUT_S = 1800.0
_ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "POLARS_MAX_THREADS",
        "LOKY_MAX_CPU_COUNT",
    ),
    "1",
)


class PeerFailed(TruceWatchError):  # noqa: N818 - reads as a sentence at the raise
    """A peer's environment could not be made, or the peer ended with an error."""


def python_with(name: str, *requirements: str) -> Path:
    """Return the Python of the environment NAME that has these requirements.

    Args:
        name: Folder under `.peers`; letters, digits and hyphens.
        requirements: Each pins one version, `scikit-learn==1.9.1`. What they need in turn is
            chosen by pip, unless it is listed too.

    Raises:
        PeerFailed: A requirement pins no version, or pip could not install them, as it cannot
            when the package registry is not reached.
    """
    for requirement in requirements:
        if "==" not in requirement:
            raise PeerFailed(name, f"{requirement!r} pins no version, expected NAME==VERSION")
    folder = FOLDER / name
    python = folder / "bin" / "python"
    stamp = "\n".join((f"python {sys.version.split()[0]}", *sorted(requirements), ""))
    if python.exists() and _read(folder / STAMP) == stamp:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{name}: making an environment for the peer, first use", file=sys.stderr)
    _install(name, "a Python with venv", [sys.executable, "-m", "venv", str(folder)])
    if requirements:
        pip = [str(python), "-m", "pip", "install", "-q", *sorted(requirements)]
        _install(name, "the package registry to be reached and to have these versions", pip)
    (folder / STAMP).write_text(stamp)  # last, so that a torn environment is made anew
    return python


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def _install(name: str, expected: str, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        what = f"{' '.join(command[1:])!r} ended with {done.returncode}, expected {expected}"
        raise PeerFailed(name, f"{what}\n{_end(done)}")


def run_peer(
    python: Path, script: Path, inputs: Arrays, *, timeout_s: float = _TIMEOUT_S
) -> dict[str, NDArray]:
    """Return the arrays that a script makes of the inputs, run alone and in one thread.

    The script gets two paths: of the npz file to read and of the one to write. It sees none of
    our environment.

    Args:
        python: From `python_with`.
        script: File to run.
        inputs: Arrays by name.
        timeout_s: Wall time after which it is stopped.

    Raises:
        PeerFailed: It ended with an error, wrote nothing, or took too long.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(given, **inputs)
        command = [str(python), str(script), str(given), str(made)]
        try:
            done = subprocess.run(  # noqa: S603
                command, capture_output=True, text=True, check=False, env=_ONE_THREAD,
                timeout=timeout_s,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise PeerFailed(script.name, f"not done in {timeout_s:g} s") from error
        if done.returncode or not made.exists():
            what = f"ended with {done.returncode}, expected 0 and an output"
            raise PeerFailed(script.name, f"{what}\n{_end(done)}")
        with np.load(made) as arrays:
            return dict(arrays)


def _end(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last lines of what a program complained of."""
    return "\n".join((done.stderr or done.stdout).strip().splitlines()[-_LINES:])
