"""`tw custody` on the command line: plain words, claims as claims, refusals that say why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.mission.samples import NOW
from typer.testing import CliRunner

from trucewatch.cli.custody import app
from trucewatch.cli.custody_lines import show_facts
from trucewatch.errors import BadInput
from trucewatch.evidence.intake.inspect import Facts
from trucewatch.evidence.vault.compartment import make_compartment
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.init import Plan, create

if TYPE_CHECKING:
    from pathlib import Path

WHO = ("--by", "P. Patrol", "--reason", "a complaint")
WHERE = ("--place", "Pelven", "--method", "handed over")


@pytest.fixture
def mission(tmp_path: Path) -> str:
    create(tmp_path / "M", clock=SimulatedClock(NOW), plan=Plan(seed=bytes(32)))
    (tmp_path / "letter.txt").write_text("a letter")
    return str(tmp_path / "M")


def called(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def letter(mission: str, tmp_path: Path) -> str:
    """The hash of a letter that was collected."""
    file = str(tmp_path / "letter.txt")
    out = called("collect", mission, file, *WHO, *WHERE, "--at", "2026-07-01T10:00Z", "--json")
    return str(json.loads(out)[0]["object"])


def test_collecting_at_clear_says_what_that_means(mission: str, tmp_path: Path) -> None:
    out = called("collect", mission, str(tmp_path / "letter.txt"), *WHO, *WHERE).splitlines()

    assert out[0].startswith("Sealed: entry 3, object ")
    assert out[0].endswith(", letter.txt")
    assert (
        out[1] == "At CLEAR anybody may see it, and the place and time that a camera wrote into it"
    )


def test_collecting_above_clear_says_what_stays_readable(mission: str, tmp_path: Path) -> None:
    make_compartment(tmp_path / "M", "hotline")
    secret = ("--level", "RED", "--compartment", "hotline")

    out = called("collect", mission, str(tmp_path / "letter.txt"), *WHO, *WHERE, *secret)

    assert out.splitlines()[1] == (
        "Who, where and why are not enciphered and stay after an erasure: use pseudonyms"
    )
    assert "sealed as  exhibit/v1, entry 3, 8 bytes, RED" in called("show", mission, "3")


def test_a_chain_tells_claimed_and_logged_times_apart(mission: str, letter: str) -> None:
    called("record", mission, "copied", letter, "--to", "the commission", *WHO)
    called("exculpatory", mission, letter, "--party", "ALPHA", *WHO)
    called("offer", mission, letter, "--to", "o.ivanova", *WHO)

    lines = called("show", mission, letter[:12]).splitlines()

    assert lines[:5] == [
        f"object     {letter}",
        "sealed as  exhibit/v1, entry 3, 8 bytes, CLEAR",
        "custodian  desk",
        "offered    to o.ivanova by entry 7, not accepted yet",
        "speaks for ALPHA: a complaint (entry 6, P. Patrol)",
    ]
    assert lines[5] == "entry 3  received, as this entry shows"
    at = lines.index("entry 4  collected by P. Patrol, method handed over, place Pelven")
    assert lines[at + 1 : at + 3] == [
        "  reason   a complaint", "  claimed  2026-07-01T10:00:00.000000Z",
    ]  # fmt: skip
    assert lines[at + 3].startswith("  logged   20")
    assert lines[at + 4] == "  with     desk, signed by desk"
    assert "entry 5  copied by P. Patrol, to the commission" in lines


def test_a_chain_is_json_for_programs(mission: str, letter: str) -> None:
    called("withhold", mission, letter, "--from", "the public", *WHO)

    found = json.loads(called("show", mission, "3", "--json"))

    assert (found["object"], found["custodian"], found["offered"]) == (letter, "desk", None)
    assert [step["act"] for step in found["steps"]] == [
        "received", "sealed", "collected", "withheld",
    ]  # fmt: skip
    assert found["steps"][-1]["detail"] == {"from": "the public"}
    assert found["sealed"][0]["type"] == "exhibit/v1"


def test_an_assertion_says_that_nobody_else_can_check_it(mission: str, tmp_path: Path) -> None:
    words = ("--provider", "Ministry", "--conclusion", "it came from the north")
    bounds = ("--held-by", "its archive", "--control", "no copies", "--by", "A")

    out = called("assertion", mission, str(tmp_path / "letter.txt"), *words, *bounds)
    shown = called("show", mission, "3").splitlines()

    assert "Stated: entry 4" in out.splitlines()
    assert "assertion  Ministry concludes: it came from the north (entry 4)" in shown
    assert "           rests on what its archive holds; allowed: no copies" in shown
    assert "           nobody else can check it: no finding may rest on this alone" in shown


def test_a_copy_and_a_working_copy_say_where_they_are(
    mission: str, letter: str, tmp_path: Path
) -> None:
    (tmp_path / "half.txt").write_text("a le")
    made = ("--tool", "cut", "--version", "1", "--parameters", "first half")

    opened = called("open", mission, letter, "--out", str(tmp_path), *WHO).splitlines()
    derived = called("derive", mission, letter, str(tmp_path / "half.txt"), *made, *WHO)

    assert opened == [
        f"Sealed: entry 5, opened object {letter}",
        f"Written: {tmp_path}/COPY-{letter[:12]}-letter.txt",
    ]
    assert derived.splitlines()[1] == "Stated: entry 7"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["derive", "M", "3", "--tool", "crop", *WHO], "--tool: is crop without a FILE, expected"),
        (["derive", "M", "3", "x", "--tool", "strip", *WHO], "--tool: is strip with a FILE, exp"),
        (["record", "M", "erased", "3", *WHO], "act: is erased, expected one of received, sealed"),
        (["accept", "M", "3", "--by", " ", "--reason", "x"], "by: is ' ', expected text"),
        (["collect", "M", "x", *WHO, *WHERE, "--at", "noon"], "--at: is 'noon', expected a time"),
    ],
)
def test_a_refusal_says_why(words: list[str], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        called(*words)


def test_credentials_show_both_that_they_are_valid_and_that_nobody_vouches(
    capsys: pytest.CaptureFixture[str],
) -> None:
    signed = {
        "present": True,
        "state": "valid",
        "trust": "untrusted",
        "signer": "Camera 7",
        "issuer": "Maker",
        "failures": [],
        "elsewhere": "https://elsewhere.invalid/m",
    }
    image = {"format": "JPEG", "claimed": {"make": "Maker", "lat_deg": None}}
    facts = {"image": image, "credentials": signed}

    show_facts(Facts(kind="jpeg", facts=facts, problems=("is also zip, expected one kind",)))

    assert capsys.readouterr().out.splitlines() == [
        "kind       jpeg, as its first bytes announce",
        "image      format JPEG",
        "image      claims make Maker",
        "signed     valid: the bytes are as Camera 7 signed them",
        "signer     untrusted by the anchors here: Maker",
        "elsewhere  a manifest at https://elsewhere.invalid/m, which nobody asked",
        "problem    is also zip, expected one kind",
        "All of it is what the file says of itself; nothing here says that it is true",
    ]


def test_broken_credentials_name_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    signed = {"present": True, "state": "invalid", "trust": "untrusted", "signer": "",
              "failures": ["assertion.dataHash.mismatch"], "elsewhere": ""}  # fmt: skip

    show_facts(Facts(kind="jpeg", facts={"credentials": signed}, problems=()))

    out = capsys.readouterr().out
    assert "signed     invalid: assertion.dataHash.mismatch\n" in out
    assert "signer     untrusted by the anchors here: no issuer\n" in out
