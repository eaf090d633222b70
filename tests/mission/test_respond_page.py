"""The page on responding is run as it stands, with a clock that moves on by half an hour."""

from __future__ import annotations

import json
import re
import shlex
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.mission.response_samples import DETERMINED
from tests.test_docs import as_pattern

from trucewatch.cli import main
from trucewatch.mission.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    Called = Callable[[str], tuple[int, str, str]]

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "respond-to-a-determination.md"
BLOCK = re.compile(r"^```console\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
STEPS = {"ask": 3, "answer": 3.25, "step": 3.5, "report": 4, "verify": 4.5, "raise": 5,
         "suspend": 5.5, "resume": 6}  # fmt: skip
"""Hours after the determination at which a verb of `tw respond` is run."""
PROBLEMS = [
    (
        "./tw respond ask drill ARV letter --by S. --no-promise --under t2-a",
        "--no-promise: is given with --under, expected one of them",
    ),
    ("./tw respond who drill --met senate", "--met: is 'senate', expected ATOM=yes or ATOM=no"),
    ("./tw respond who drill --domain moon", "domain: is 'moon', must be one of: "),
    (
        "./tw respond consult drill --by S. --concluded c-1 --with ARV",
        "--concluded: is given with --with, --subject or --of, expected alone",
    ),
    ("./tw respond show drill response-99", "response: is 'response-99', expected one of response"),
    (
        "./tw respond start drill --determination x --determined '' --found f --found-by c --by S.",
        "--determined: is empty, expected a time such as",
    ),
]


@pytest.fixture
def called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Called:
    """Call a line of the page: exit code, output, errors; its clock never goes back."""
    monkeypatch.chdir(tmp_path)
    times = [DETERMINED]

    def now(_: SystemClock) -> datetime:
        return times[-1]

    monkeypatch.setattr(SystemClock, "now", now)

    def call(line: str) -> tuple[int, str, str]:
        words = shlex.split(line.removeprefix("./"))
        if words[1] == "respond":
            at = DETERMINED + timedelta(hours=STEPS.get(words[2], 0))
            times.append(max(times[-1], at))
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return call


def steps() -> list[tuple[str, str]]:
    """Return each command of the page and what it prints there."""
    text = "".join(BLOCK.findall(PAGE.read_text()))
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [(line, said) for line, _, said in (part.partition("\n") for part in parts)]


def test_the_page_prints_what_it_says(called: Called, tmp_path: Path) -> None:
    differing, object_ = [], ""
    for line, said in steps():
        if line.startswith("printf"):
            (tmp_path / "determination.txt").write_text("breach established by 5 of 7 votes")
            continue
        code, out, err = called(line.replace("OBJECT", object_))
        found = re.search(r"object ([0-9a-f]{64})", out)
        object_ = found[1] if found and not object_ else object_
        if code or not re.fullmatch(as_pattern(said), out):
            differing.append(f"$ {line}\n{out}{err}")

    assert len(steps()) >= 15
    assert "\n".join(differing) == ""


def test_every_output_of_the_verbs_says_exercise(called: Called) -> None:
    lines = [line for line, _ in steps() if not line.startswith("printf")]
    for line in lines[:2]:
        assert called(line)[0] == 0
    Path("determination.txt").write_text("x")
    object_ = json.loads(called(f"{lines[2]} --json")[1])[0]["object"]

    told = []
    for line in lines[3:]:
        if line.startswith("./tw respond"):
            code, out, err = called(f"{line.replace('OBJECT', object_)} --json")
            assert (code, err) == (0, "")
            told.append(json.loads(out))

    assert len(told) >= 12
    assert {next(iter(each)) for each in told} == {"notice"}
    assert {each["notice"] for each in told} == {"EXERCISE"}
    assert all("nobody named here has adopted it" in each["adoption"] for each in told)


def test_what_cannot_be_done_is_told_in_one_line(called: Called) -> None:
    lines = [line for line, _ in steps()]
    Path("determination.txt").write_text("x")
    assert [called(line)[0] for line in lines[:2]] == [0, 0]
    object_ = json.loads(called(f"{lines[3]} --json")[1])[0]["object"]
    assert called(lines[4].replace("OBJECT", object_))[0] == 0

    for line, problem in PROBLEMS:
        code, _, err = called(line)

        assert code == 2
        assert err.startswith(f"tw: {problem}")
