"""The page on keeping a register is run as it stands, with the files that it shows."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.test_docs import FENCE, as_pattern

from trucewatch.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "keep-a-register.md"
COMMANDS_MIN = 18


def blocks(kind: str) -> list[str]:
    return [body for _, found, body in FENCE.findall(PAGE.read_text()) if found == kind]


def steps() -> list[tuple[str, str]]:
    """Return each command of the page and what it prints there."""
    parts = re.split(r"^\$ ", "".join(blocks("console")), flags=re.MULTILINE)[1:]
    return [(line, said) for line, _, said in (part.partition("\n") for part in parts)]


@pytest.fixture
def called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[int, str, str]]:
    monkeypatch.chdir(tmp_path)

    def call(line: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", shlex.split(line.removeprefix("./")))
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return call


def test_the_page_prints_what_it_says(
    called: Callable[[str], tuple[int, str, str]], tmp_path: Path
) -> None:
    correction, mapping = blocks("yaml")
    (table,) = blocks("csv")
    for name, text in (("correction.yaml", correction), ("map.yaml", mapping)):
        (tmp_path / name).write_text(text)
    (tmp_path / "table.csv").write_text(table)
    differing = []

    for line, said in steps():
        code, out, err = called(line)
        if code or not re.fullmatch(as_pattern(said), out):
            differing.append(f"$ {line}\n{out}{err}")

    assert len(steps()) >= COMMANDS_MIN
    assert "\n".join(differing) == ""
