"""A cosigned head, checked by a program that shares nothing with us."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.evidence.witness.test_cosignature import LINE, NOTE, VKEY

if TYPE_CHECKING:
    from tests.evidence.witness.conftest import Served

    from trucewatch.evidence.log import Log

GO_SOURCE = Path(__file__).parent / "cosig" / "main.go"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    go = shutil.which("go")
    if go is None:
        pytest.skip("package golang-go is not installed")
    folder = tmp_path_factory.mktemp("go")
    built = subprocess.run(  # noqa: S603 - the installed compiler on our own source
        [go, "build", "-o", str(folder / "cosig"), str(GO_SOURCE)],
        env={
            "PATH": os.defpath, "GO111MODULE": "off", "HOME": str(folder),
            "GOCACHE": str(folder / "cache"), "GOFLAGS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return folder / "cosig"


def checked(program: Path, note: bytes, *vkeys: str) -> tuple[int, str]:
    folder = program.parent
    (folder / "note").write_bytes(note)
    paths = [folder / f"{n}.vkey" for n in range(len(vkeys))]
    for path, vkey in zip(paths, vkeys, strict=True):
        path.write_text(f"{vkey}\n")
    done = subprocess.run(  # noqa: S603 - the program just built, on our own files
        [program, folder / "note", *paths], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.system
def test_go_verifies_what_a_witness_signed(program: Path, served: Served, honest: Log) -> None:
    keys = honest.verifier.vkey, served.keeper.memory.verifier.vkey
    note = honest.checkpoint_note(100) + served.ask(honest, 100).line.encode()

    said = "OK demo.invalid/evidence \nOK witness.example/w1 2026-06-27T12:00:00Z\n"
    assert checked(program, note, *keys) == (0, said)
    assert checked(program, note.replace(b"\n100\n", b"\n101\n"), keys[1]) == (
        1,
        "FAIL signature by witness.example/w1 does not verify\n",
    )


@pytest.mark.system
def test_go_verifies_the_golden_cosignature(program: Path) -> None:
    assert checked(program, NOTE + LINE.encode(), VKEY) == (
        0,
        "OK witness.example/w1 2023-03-20T12:25:47Z\n",
    )
